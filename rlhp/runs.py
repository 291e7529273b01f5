"""`Runs`: the one table that everything training returns and everything analysing takes."""

from __future__ import annotations

import html
import importlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from rlhp import __version__
from rlhp.arguments import instance
from rlhp.errors import unknown_name
from rlhp.frames import (
    HP,
    TABLE,
    TABLE_OPTIONAL,
    check_evals,
    check_history,
    check_table,
    content_hashes,
    empty_evals,
    empty_history,
    encode_value,
    read_frames,
    run_id,
    write_frames,
)
from rlhp.readers import read_csv, read_monitors, read_study

__all__ = ["Runs", "concat", "empty_evals", "empty_history", "need_runs", "run_id"]


@dataclass(frozen=True, eq=False)
class Runs:
    """Training runs: three data frames and nothing hidden.

    Parameters
    ----------
    table : DataFrame
        One row per run, index `run_id`: `algorithm`, `env_id`, `engine`, `seed`, `steps` (environment steps asked
        for), `status` (finished, diverged, failed, stopped), `wall_time_s`, `cpu_time_s` (seconds), `error`,
        `n_updates` (gradient steps taken; 0: the run learned nothing; NaN: not known) and one column `hp.<name>`
        per hyperparameter (a schedule or list as its JSON; missing where inactive).
    evals : DataFrame
        One row per evaluation: `run_id`, `step` (environment steps trained), `return_mean`, `return_std`
        (undiscounted return over `n_episodes` episodes), `length_mean` (steps), and where an engine measures them
        `train_return_mean`, `entropy` (nats), `value_error`, `loss`.
    history : DataFrame
        One row per change of a hyperparameter while training: `run_id`, `step`, `name`, `value`, `parent`.
    policies : path, optional
        Folder of the trained policies, where they were kept; see `policy`.

    Raises
    ------
    ValueError
        If a frame lacks a column, has an unknown one, or holds a value that cannot be; the message names it.

    Examples
    --------
    >>> runs = Runs.from_table([{"learning_rate": 1e-3}, {"learning_rate": 1e-2}], [100.0, 20.0], algorithm="dqn")
    >>> len(runs), runs.hyperparameters
    (2, ['learning_rate'])
    """

    table: pd.DataFrame
    evals: pd.DataFrame
    history: pd.DataFrame
    policies: Path | None = None

    def __post_init__(self) -> None:
        table = check_table(self.table)
        object.__setattr__(self, "table", table)
        object.__setattr__(self, "evals", check_evals(self.evals, table.index))
        object.__setattr__(self, "history", check_history(self.history, table.index))

    # --- reading -----------------------------------------------------------------------------------------------

    @classmethod
    def load(cls, path: str | Path) -> Runs:
        """Read the runs that `save` or a sweep's `out=` wrote; the checksums of the files are verified.

        Raises
        ------
        FileNotFoundError
            If there are no runs at `path`.
        ValueError
            If a file is corrupt or was written by a newer version.
        """
        frames, _ = read_frames(Path(path))
        policies = Path(path) / "policies"
        return cls(**frames, policies=policies if policies.is_dir() else None)

    @classmethod
    def from_table(
        cls,
        configs: pd.DataFrame | Sequence[Mapping[str, Any]],
        scores: Sequence[float] | np.ndarray | pd.Series,
        *,
        algorithm: str = "unknown",
        env_id: str = "unknown",
        seeds: Sequence[int] | int = 0,
        steps: int = 1,
    ) -> Runs:
        """Turn anyone's study (hyperparameters and one score a row) into runs.

        Parameters
        ----------
        configs : DataFrame or sequence of mappings, n rows
            Hyperparameters by bare name.
        scores : sequence of float, length n
            Final score of each row, higher is better; it becomes `return_mean` of one evaluation at `steps`. A
            non-finite score makes the run `diverged`, with no evaluation.
        algorithm, env_id : str
            What was trained, where the study says so.
        seeds : int or sequence of int, length n
            The seed of each row. Rows that share configuration and seed are told apart by counting upwards.
        steps : int
            Environment steps each run was trained for; 1 where a study has no notion of steps.

        Raises
        ------
        ValueError
            If the lengths differ or there are no rows.
        """
        return cls(*read_study(configs, scores, algorithm, env_id, seeds, steps), empty_history())

    @classmethod
    def from_csv(
        cls,
        path: str | Path,
        *,
        columns: Mapping[str, str] | None = None,
        hyperparameters: Iterable[str] = (),
        algorithm: str | None = None,
        env_id: str | None = None,
    ) -> Runs:
        """Read a CSV file with one row per evaluation.

        Parameters
        ----------
        path : path
            The file. Needed are `step`, `return_mean` and `seed`, and `algorithm` and `env_id` unless given here.
        columns : mapping, optional
            The file's column names to ours, e.g. ``{"Timesteps": "step", "Reward": "return_mean"}``.
        hyperparameters : iterable of str
            Columns that are hyperparameters; columns named `hp.<name>` are so anyway.
        algorithm, env_id : str, optional
            For files that do not say.

        Raises
        ------
        ValueError
            If a column is missing or unknown, or two rows of one run share a step.
        """
        return cls(*read_csv(path, dict(columns or {}), list(hyperparameters), algorithm, env_id), empty_history())

    @classmethod
    def from_monitor(
        cls,
        paths: str | Path | Iterable[str | Path],
        *,
        algorithm: str = "unknown",
        configs: Sequence[Mapping[str, Any]] | None = None,
        every: int | None = None,
    ) -> Runs:
        """Read stable-baselines3 monitor files; their lengths may differ.

        Monitor files hold *training* episodes, so `return_mean` here is what the exploring agent earned.

        Parameters
        ----------
        paths : path or iterable of paths
            One run each: a `monitor.csv`, or a folder whose `*monitor.csv` (one per parallel environment) are one run.
        algorithm : str
            What was trained; the files do not say.
        configs : sequence of mappings, one per path, optional
            Hyperparameters of each run.
        every : int, optional
            Group the episodes into bins of so many environment steps, so that runs share a grid of steps; a bin in
            which no episode ended has no row. By default one row per episode.

        Raises
        ------
        ValueError
            If a file is not a monitor file, or a folder has none.
        """
        listed = [Path(p) for p in ([paths] if isinstance(paths, str | Path) else paths)]
        return cls(*read_monitors(listed, algorithm, configs, every), empty_history())

    # --- asking ------------------------------------------------------------------------------------------------

    def __len__(self) -> int:
        """Count the runs."""
        return len(self.table)

    @property
    def hyperparameters(self) -> list[str]:
        """Names of the hyperparameters, without the `hp.` prefix."""
        return [c.removeprefix(HP) for c in self.table.columns if c.startswith(HP)]

    @property
    def config_id(self) -> pd.Series:
        """Configuration of each run (index `run_id`): the same text for all seeds of one configuration.

        Runs trained for different `steps` are different configurations, except imported ones, whose length is what
        happened rather than what was asked for.
        """
        hps = [HP + name for name in self.hyperparameters]
        frame = self.table[["algorithm", "env_id", "engine", "steps", *hps]].astype({"steps": "object"})
        frame.loc[frame["engine"] == "imported", "steps"] = None
        hashes = content_hashes({str(name): column.tolist() for name, column in frame.items()}, length=12)
        return pd.Series(hashes, index=self.table.index, name="config_id", dtype="str")

    @property
    def configs(self) -> pd.DataFrame:
        """One row per configuration, index `config_id`.

        Columns: `algorithm`, `env_id`, `engine`, `steps`, the hyperparameters by bare name, and `n_seeds`.
        """
        ids = self.config_id
        first = self.table.assign(config_id=ids).drop_duplicates("config_id").set_index("config_id")
        keep = ["algorithm", "env_id", "engine", "steps", *(HP + name for name in self.hyperparameters)]
        frame = first[keep].rename(columns=lambda c: c.removeprefix(HP))
        return frame.assign(n_seeds=ids.value_counts().reindex(frame.index))

    def column(self, name: str) -> pd.Series:
        """Give a column of the table by its name, or a hyperparameter by its bare name.

        Raises
        ------
        ValueError
            If there is no such column.
        """
        for candidate in (name, f"{HP}{name}"):
            if candidate in self.table.columns:
                return self.table[candidate]
        valid = [*self.hyperparameters, *TABLE, *TABLE_OPTIONAL]
        raise ValueError(unknown_name("column or hyperparameter", name, valid))

    def select(self, ids: Iterable[str] | pd.Series | None = None, **where: Any) -> Runs:
        """Keep some of the runs.

        Parameters
        ----------
        ids : iterable of str or boolean Series, optional
            Run ids to keep, or a mask aligned with `table`.
        **where
            Column or bare hyperparameter name to the value to keep, or a list of values.

        Raises
        ------
        ValueError
            If a name or run id is unknown.

        Examples
        --------
        >>> runs = Runs.from_table([{"batch_size": 32}, {"batch_size": 64}], [1.0, 2.0])
        >>> len(runs.select(batch_size=64, status=["finished", "diverged"]))
        1
        """
        keep = pd.Series(True, index=self.table.index)
        if isinstance(ids, pd.Series) and ids.dtype == bool:
            keep &= ids.reindex(self.table.index, fill_value=False)
        elif ids is not None:
            wanted = list(ids)
            for one in wanted:
                if one not in self.table.index:
                    raise ValueError(f"unknown run `{one}`; see the index of `runs.table`.")
            keep &= self.table.index.isin(wanted)
        for name, value in where.items():
            values = list(value) if isinstance(value, list | tuple | set | np.ndarray | pd.Index) else [value]
            keep &= self.column(name).isin([encode_value(v) for v in values])
        kept = self.table.index[keep]
        return Runs(
            self.table.loc[kept],
            self.evals[self.evals["run_id"].isin(kept)],
            self.history[self.history["run_id"].isin(kept)],
            self.policies,
        )

    def policy(self, run_id: str, *, trust: bool = False) -> Any:
        """Give the trained policy of a run: act with it, record an episode of it.

        Parameters
        ----------
        run_id : str
            Index of the run in `table`.
        trust : bool
            Whether code that the policy's file names may run; see `rlhp.load_policy`. Nothing else does.

        Returns
        -------
        rlhp.trainers.policy.Policy
            It acts on the Gymnasium environment, whichever engine trained it.

        Raises
        ------
        ValueError
            If the run is unknown, its policy was not kept, or its file needs `trust=True`.

        Examples
        --------
        >>> runs.policy(runs.table.index[0]).record().to_gif()  # doctest: +SKIP
        """
        if run_id not in self.table.index:
            raise ValueError(f"unknown run `{run_id}`; see the index of `runs.table`.")
        file = self.policies / f"{run_id}.zip" if self.policies is not None else None
        if file is None or not file.is_file():
            raise ValueError(
                f"the policy of run `{run_id}` was not kept; train with `keep_policies=True` and `out=` "
                f"(a run that did not finish has none)."
            )
        # Named and not imported: the table stands below the room that trains, and works without it.
        return importlib.import_module("rlhp.trainers.policy").load_policy(file, trust=trust)

    def save(self, path: str | Path) -> Path:
        """Write the runs to a folder of Parquet files and a `spec.json`; an older version there stays whole until then.

        Raises
        ------
        OSError
            If the disk refuses; what was there before is unchanged.
        """
        folder = Path(path)
        frames = {"table": self.table, "evals": self.evals, "history": self.history}
        write_frames(folder, frames, {"rlhp_version": __version__})
        return folder

    def __repr__(self) -> str:
        return f"Runs({self._summary()})"

    def _repr_html_(self) -> str:
        shown = self.table.head(8)
        more = f"<p>and {len(self) - len(shown)} more rows in <code>.table</code></p>" if len(self) > len(shown) else ""
        return f"<p><b>Runs</b>: {html.escape(self._summary())}</p>{shown.to_html(max_cols=16)}{more}"

    def _summary(self) -> str:
        if not len(self):
            return "no runs"
        counts = self.table["status"].value_counts()
        what = ", ".join(sorted(set(self.table["algorithm"] + " on " + self.table["env_id"])))
        return (
            f"{len(self)} runs of {what}; {self.config_id.nunique()} configurations, "
            f"{self.table['seed'].nunique()} seeds, up to {self.table['steps'].max():,} steps; "
            + ", ".join(f"{n} {status}" for status, n in counts.items())
            + (f"; {idle} never updated" if (idle := int((self.table["n_updates"] == 0).sum())) else "")
        )


def concat(many: Iterable[Runs]) -> Runs:
    """Join runs into one table, in the given order; a run that stands in several is kept once if it is the same.

    Raises
    ------
    ValueError
        If two tables hold different runs under one id, or there is nothing to join.
    """
    parts = list(many)
    if not parts:
        raise ValueError("nothing to join: give at least one `Runs`.")
    kept: list[Runs] = []
    seen: dict[str, Runs] = {}
    for part in parts:
        fresh = [one for one in part.table.index if one not in seen]
        for one in part.table.index.difference(pd.Index(fresh)):
            mine, other = (r.evals[r.evals["run_id"] == one].reset_index(drop=True) for r in (part, seen[one]))
            if not mine.equals(other):
                raise ValueError(f"run `{one}` stands in two tables with different evaluations; give one a new id.")
        kept.append(part.select(fresh) if len(fresh) < len(part) else part)
        seen.update(dict.fromkeys(fresh, part))
    whole = [part for part in kept if len(part)] or kept[:1]
    return Runs(
        pd.concat([part.table for part in whole]),
        pd.concat([part.evals for part in whole], ignore_index=True),
        pd.concat([part.history for part in whole], ignore_index=True),
        next((part.policies for part in whole if part.policies is not None), None),
    )


def need_runs(value: Any, name: str = "runs") -> Runs:
    """Give the runs that a function was passed, or say what makes some.

    Raises
    ------
    TypeError
        If it is anything else.
    """
    hint = (
        "`rlhp.sweep` trains some; `Runs.load`, `Runs.from_csv`, `Runs.from_monitor` and `Runs.from_table` read them."
    )
    if type(value).__name__ == "Scores":  # the likeliest slip; the room that has them lies above this one
        hint = "These are scores: pass the runs they are of, and the scores as `objective=`."
    return instance(name, value, Runs, hint=hint)
