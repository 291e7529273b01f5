"""`Runs`: the one table that everything training returns and everything analysing takes."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ParamSpec

import numpy as np
import pandas as pd

from rlhp import arguments, readers
from rlhp.frames import check_evals, check_history, check_table, empty_history
from rlhp.readers import Frames
from rlhp.runs._configurations import config_ids, configs_of
from rlhp.runs._names import column_of, factors_of, hyperparameters_of
from rlhp.runs._on_disk import read, write
from rlhp.runs._policies import opened
from rlhp.runs._selecting import chosen, holds
from rlhp.runs._summary import as_html, summary

READERS = "`Runs.from_table`, `Runs.from_frame` and the other readers make runs of what you have."

Options = ParamSpec("Options")


def _made_by(read: Callable[Options, Frames]) -> classmethod[Runs, Options, Runs]:
    """Return the classmethod that makes runs of what a reader read, with the reader's name, options and text."""

    @functools.wraps(read)
    def made(cls: type[Runs], /, *args: Options.args, **options: Options.kwargs) -> Runs:
        return cls(*read(*args, **options), empty_history())

    asked = inspect.signature(read)
    first = inspect.Parameter("cls", inspect.Parameter.POSITIONAL_ONLY)
    made.__qualname__, made.__module__ = f"Runs.{read.__name__}", __name__
    made.__signature__ = asked.replace(  # type: ignore[attr-defined]
        parameters=[first, *asked.parameters.values()], return_annotation="Runs"
    )
    made.__annotations__["return"] = "Runs"
    return classmethod(made)


@dataclass(frozen=True, eq=False)
class Runs:
    """Training runs: three data frames and nothing hidden.

    Parameters
    ----------
    table : DataFrame
        One row per run, index `run_id`: `algorithm`, `env_id`, `engine`, `seed`, `steps` (environment steps asked
        for), `status` (finished, diverged, failed, stopped), `wall_time_s`, `cpu_time_s` (seconds), `error`,
        `n_updates` (gradient steps taken; 0: the run learned nothing; NaN: not known), where runs trained as a
        population the name of that `population` and the number of the `member`, and one column `hp.<name>`
        per hyperparameter (a schedule or list as its JSON; missing where inactive).
    evals : DataFrame
        One row per evaluation: `run_id`, `step` (environment steps trained), `return_mean`, `return_std`
        (undiscounted return over `n_episodes` episodes), `length_mean` (steps), and where an engine measures them
        `train_return_mean`, `entropy` (nats), `value_error`, `loss`.
    history : DataFrame
        One row per change while training: `run_id`, `step`, and either the `name` and new `value` of a hyperparameter,
        with a `label` where no number says what it is; or what was taken over (`"weights"`, `"optimizer"`,
        `"memory"`, `"playing"`) from which run, the `parent`.
    policies : path, optional
        Folder of the trained policies, where they were kept; see `policy`.

    Raises
    ------
    TypeError
        If one of them is no data frame.
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
        for name in ("table", "evals", "history"):
            arguments.instance(name, getattr(self, name), pd.DataFrame, hint=READERS)
        if self.policies is not None:
            object.__setattr__(self, "policies", arguments.path("policies", self.policies))
        table = check_table(self.table)
        object.__setattr__(self, "table", table)
        object.__setattr__(self, "evals", check_evals(self.evals, table.index))
        object.__setattr__(self, "history", check_history(self.history, table.index, self.evals))

    # --- reading -----------------------------------------------------------------------------------------------

    @classmethod
    def load(cls, path: str | Path) -> Runs:
        """Read the runs that `save` or a sweep's `out=` wrote; the checksums of the files are verified.

        A sweep that was interrupted, or is still going on, has stored what it has finished.

        Raises
        ------
        FileNotFoundError
            If there are no runs at `path`.
        ValueError
            If a file is corrupt (the message names it) or was written by a newer version.
        """
        folder = arguments.path("path", path)
        frames, policies = read(folder)
        try:
            return cls(**frames, policies=policies)
        except ValueError as error:
            raise ValueError(f"{folder} holds files that are no runs: {error}") from error

    # What others logged. Each reader's text and options stand where it reads, in `rlhp.readers`.
    from_table = _made_by(readers.from_table)
    from_frame = _made_by(readers.from_frame)
    from_csv = _made_by(readers.from_csv)
    from_monitor = _made_by(readers.from_monitor)
    from_evaluations = _made_by(readers.from_evaluations)
    from_tensorboard = _made_by(readers.from_tensorboard)
    from_optuna = _made_by(readers.from_optuna)
    from_wandb = _made_by(readers.from_wandb)

    # --- asking ------------------------------------------------------------------------------------------------

    def __len__(self) -> int:
        """Count the runs."""
        return len(self.table)

    @property
    def hyperparameters(self) -> list[str]:
        """Names of the hyperparameters, without the `hp.` prefix."""
        return hyperparameters_of(self.table)

    @property
    def factors(self) -> list[str]:
        """Names by which `column`, `select` and `by=` ask for what may differ: the hyperparameters and `algorithm`.

        The bare names, but ``hp.<name>`` and ``table.algorithm`` where one name stands for two columns.
        """
        return factors_of(self.table)

    @property
    def config_id(self) -> pd.Series:
        """Configuration of each run (index `run_id`): the same text for all seeds of one configuration.

        Runs trained for different `steps` are different configurations, except imported ones, whose length is what
        happened rather than what was asked for.
        """
        return config_ids(self.table)

    @property
    def configs(self) -> pd.DataFrame:
        """One row per configuration, index `config_id`.

        Columns: `algorithm`, `env_id`, `engine`, `steps`, the hyperparameters by bare name, and `n_seeds`. Where a
        hyperparameter has the name of one of these, that one is `table.<name>`.
        """
        return configs_of(self.table)

    def column(self, name: str) -> pd.Series:
        """Return a column of the table by its name, or a hyperparameter by its bare name.

        Parameters
        ----------
        name : str
            ``"hp.<name>"`` is a hyperparameter and ``"table.<name>"`` a column of `table` for certain.

        Raises
        ------
        ValueError
            If there is no such column, or both a column and a hyperparameter of that name.

        Examples
        --------
        >>> runs = Runs.from_table([{"steps": 8}, {"steps": 16}], [1.0, 2.0])
        >>> runs.column("hp.steps").tolist(), runs.column("table.steps").tolist()
        ([8, 16], [1, 1])
        """
        return column_of(self.table, name)

    def select(self, ids: Iterable[str] | pd.Series | None = None, **where: Any) -> Runs:
        """Keep some of the runs.

        Parameters
        ----------
        ids : str, iterable of str or of bool, optional
            Run ids to keep, or a mask: a Series with an entry for each run, or one bool per row of `table`.
        **where
            Column or bare hyperparameter name to the value to keep, or a list of values; None is "inactive". A list
            that is itself the value of a run (``net_arch=[64, 64]``) is that value. For a hyperparameter that is named
            like a column give ``**{"hp.<name>": value}``.

        Raises
        ------
        TypeError
            If `ids` is nothing of the kind.
        ValueError
            If a name or run id is unknown, a name is both a column's and a hyperparameter's, or a mask fits not.

        Examples
        --------
        >>> runs = Runs.from_table([{"batch_size": 32}, {"batch_size": 64}], [1.0, 2.0])
        >>> len(runs.select(batch_size=64, status=["finished", "diverged"]))
        1
        """
        keep = np.ones(len(self), dtype=bool) if ids is None else chosen(self.table.index, ids)
        for name, value in where.items():
            keep = keep & holds(self.column(name), value, name)  # what a mask of pandas holds cannot be written to
        kept = self.table.index[keep]
        return Runs(
            self.table.loc[kept],
            self.evals[self.evals["run_id"].isin(kept)],
            self.history[self.history["run_id"].isin(kept)],
            self.policies,
        )

    def policy(self, run_id: str, *, trust: bool = False) -> Any:
        """Return the trained policy of a run: act with it, record an episode of it.

        Parameters
        ----------
        run_id : str
            Index of the run in `table`.
        trust : bool
            Whether code that the policy's file names may run; see `rlhp.load_policy`. Nothing else does.

        Returns
        -------
        rlhp.trainers.Policy
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
        return opened(self.policies, run_id, trust=trust)

    def save(self, path: str | Path) -> Path:
        """Write the runs to a folder of Parquet files and a `spec.json`; an older version there stays whole until then.

        Raises
        ------
        ValueError
            If `path` is a file or the folder of a sweep, whose runs would be lost, or holds files that cannot be read.
        OSError
            If the disk refuses; what was there before is unchanged.
        """
        folder = arguments.path("path", path)
        write(folder, {"table": self.table, "evals": self.evals, "history": self.history})
        return folder

    def __repr__(self) -> str:
        return f"Runs({summary(self.table)})"

    def _repr_html_(self) -> str:
        return as_html(self.table)
