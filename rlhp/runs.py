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

from rlhp import __version__, arguments
from rlhp.arguments import shown
from rlhp.chunks import CHUNKS, parting, read_folder
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
    run_id,
)
from rlhp.parquet import write_frames
from rlhp.readers import (
    how,
    read_csv,
    read_evaluations,
    read_frame,
    read_monitors,
    read_optuna,
    read_study,
    read_tensorboard,
    read_wandb,
)

__all__ = ["Runs", "concat", "empty_evals", "empty_history", "need_runs", "run_id"]

_READERS = "`Runs.from_table`, `Runs.from_frame` and the other readers make runs of what you have."

# How a column is asked for where a hyperparameter has the same name.
_COLUMN = "table."

# What may differ between two records of one run.
_TIMES = ("wall_time_s", "cpu_time_s")


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
            arguments.instance(name, getattr(self, name), pd.DataFrame, hint=_READERS)
        if self.policies is not None:
            object.__setattr__(self, "policies", arguments.path("policies", self.policies))
        table = check_table(self.table)
        object.__setattr__(self, "table", table)
        object.__setattr__(self, "evals", check_evals(self.evals, table.index))
        object.__setattr__(self, "history", check_history(self.history, table.index))

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
        if folder.is_file():
            raise ValueError(f"`path` is {folder}, a file; give the folder that `Runs.save` or a sweep wrote.")
        policies = folder / "policies"
        frames = read_folder(folder)
        try:
            return cls(**frames, policies=policies if policies.is_dir() else None)
        except ValueError as error:
            raise ValueError(f"{folder} holds files that are no runs: {error}") from error

    @classmethod
    def from_table(
        cls,
        configs: pd.DataFrame | Sequence[Mapping[str, Any]],
        scores: Sequence[float] | np.ndarray | pd.Series,
        *,
        algorithm: str = "unknown",
        env_id: str = "unknown",
        seeds: Sequence[int] | np.ndarray | pd.Series | int = 0,
        steps: Sequence[int] | int = 1,
    ) -> Runs:
        """Turn anyone's study (hyperparameters and one score a row) into runs.

        Parameters
        ----------
        configs : DataFrame or sequence of mappings, n rows
            Hyperparameters by bare name.
        scores : sequence of float, length n
            Final score of each row, higher is better; it becomes `return_mean` of one evaluation at `steps`. A
            non-finite score makes the run `diverged`, with no evaluation. A Series beside a DataFrame is matched by
            label (the index); anything else by position.
        algorithm, env_id : str
            What was trained, where the study says so.
        seeds : int or sequence of int, length n
            The seed of each row. Rows that share configuration and seed are told apart by counting upwards.
        steps : int or sequence of int, length n
            Environment steps each run was trained for; 1 where a study has no notion of steps.

        Raises
        ------
        ValueError
            If the lengths or labels differ, there are no rows, two columns have one name, or a cell cannot be; the
            message names it.

        Examples
        --------
        >>> Runs.from_table([{"gamma": 0.9}, {"gamma": 0.99}], [10.0, float("nan")]).table["status"].tolist()
        ['finished', 'diverged']
        """
        frames = read_study(configs, scores, algorithm=algorithm, env_id=env_id, seeds=seeds, steps=steps)
        return cls(*frames, empty_history())

    @classmethod
    def from_frame(
        cls,
        frame: pd.DataFrame,
        *,
        columns: Mapping[str, str | None] | None = None,
        algorithm: str | None = None,
        env_id: str | None = None,
        seed: int | None = None,
        steps: int | None = None,
        status: str | None = None,
        on_repeat: str = "raise",
    ) -> Runs:
        """Read a data frame with one row per evaluation.

        Parameters
        ----------
        frame : DataFrame
            Needed are `step`, `return_mean` and `seed`, `algorithm` and `env_id`, unless given here. The other columns
            of `evals`, and `steps`, `status`, `wall_time_s`, `cpu_time_s`, `error` and `engine` may be there; so may
            `hp.<name>`, a hyperparameter, and `run`, which tells apart the runs that share everything else.
        columns : mapping, optional
            The frame's column names to ours, e.g. ``{"Timesteps": "step", "Reward": "return_mean", "lr": "hp.lr"}``.
            What is None is left out, also by a pattern: ``{"time/*": None}``, or ``{"*": None}`` for all that are not
            used.
        algorithm, env_id : str, optional
            For tables that do not say.
        seed : int, optional
            Likewise.
        steps : int, optional
            Environment steps that every run was asked for. A run that ended before is `stopped`. By default a run is
            `stopped` that ended before the longest of its algorithm and environment (and a warning says so).
        status : {"finished", "diverged", "failed", "stopped"}, optional
            What became of every run, where it is known better. A return that is not finite makes a run `diverged`
            from there.
        on_repeat : {"raise", "first", "last"}
            What becomes of two evaluations of a run at one step: "last" for a run that went on from a checkpoint.

        Raises
        ------
        ValueError
            If a column is missing, unknown or doubled, a cell cannot be, or a run has two evaluations at a step; the
            message names row and column.

        Notes
        -----
        Where nobody says how long runs were meant to be, they are held against the longest of their algorithm and
        environment. A run that was evaluated at steps of the longest one ended early if the longest has a later one. A
        run with steps of its own did if it ended before by more than its widest gap between evaluations, and by more
        than 5 % of the longest: rollouts of different lengths end at different steps.

        Examples
        --------
        >>> log = pd.DataFrame({"step": [10, 20], "reward": [1.0, 3.0], "lr": 0.1, "time": [0.5, 1.0]})
        >>> runs = Runs.from_frame(
        ...     log,
        ...     columns={"reward": "return_mean", "lr": "hp.lr", "time": None},
        ...     algorithm="ppo",
        ...     env_id="CartPole-v1",
        ...     seed=0,
        ... )
        >>> runs.evals["return_mean"].tolist()
        [1.0, 3.0]
        """
        asked = how(columns=columns, on_repeat=on_repeat)
        frames = read_frame(frame, asked, algorithm=algorithm, env_id=env_id, seed=seed, steps=steps, status=status)
        return cls(*frames, empty_history())

    @classmethod
    def from_csv(
        cls,
        path: str | Path | Iterable[str | Path],
        *,
        columns: Mapping[str, str | None] | None = None,
        algorithm: str | None = None,
        env_id: str | None = None,
        seed: Sequence[int] | int | None = None,
        steps: int | None = None,
        status: str | None = None,
        on_repeat: str = "raise",
        separator: str = ",",
        progress: bool = True,
    ) -> Runs:
        r"""Read CSV files with one row per evaluation.

        Parameters
        ----------
        path : path or iterable of paths
            A file, several, or a pattern: ``"logs/{learning_rate}_s{seed}.csv"`` reads every file of such a name, and
            the hyperparameters, `seed`, `algorithm` and `env_id` in it. Needed columns: see `from_frame`.
        columns, algorithm, env_id, steps, status, on_repeat
            See `from_frame`.
        seed : int or sequence of int, one per file, optional
            For files that do not say.
        separator : str
            The sign between fields.
        progress : bool
            Whether a bar shows while many files are read.

        Raises
        ------
        FileNotFoundError
            If there is no such file.
        ValueError
            If a row is wider or narrower than the header, a column is missing, unknown or doubled, a cell cannot be,
            or a run has two evaluations at a step; the message names file, row and column.

        Notes
        -----
        Read in one call each:

        - a chart that TensorBoard exports (columns Wall time, Step, Value), one file a run:
          ``Runs.from_csv("run-{algorithm}_{seed}-tag-*.csv", columns={"Step": "step", "Value": "return_mean",
          "Wall time": None}, env_id="CartPole-v1")``;
        - a frame that pandas wrote with its index: as it is, the index column has no name and is left out;
        - a trial that went on from a checkpoint and logged some steps twice: ``on_repeat="last"``;
        - a file with many columns of no interest: ``columns={"*": None}``;
        - the exports of Weights & Biases: `from_wandb`.

        Examples
        --------
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "progress.csv"
        >>> _ = path.write_text("Wall time,Step,Value\n0.1,10,1.0\n0.2,20,3.0\n")
        >>> runs = Runs.from_csv(
        ...     path,
        ...     columns={"Step": "step", "Value": "return_mean", "Wall time": None},
        ...     algorithm="ppo",
        ...     env_id="CartPole-v1",
        ...     seed=0,
        ... )
        >>> runs.evals["step"].tolist()
        [10, 20]
        """
        asked = how(columns=columns, on_repeat=on_repeat)
        frames = read_csv(
            path,
            asked,
            separator=separator,
            algorithm=algorithm,
            env_id=env_id,
            seed=seed,
            steps=steps,
            status=status,
            progress=progress,
        )
        return cls(*frames, empty_history())

    @classmethod
    def from_monitor(
        cls,
        paths: str | Path | Iterable[str | Path],
        *,
        algorithm: str | None = None,
        env_id: str | None = None,
        configs: Sequence[Mapping[str, Any]] | None = None,
        seeds: Sequence[int] | int | None = None,
        every: int | None = None,
        steps: Sequence[int] | int | None = None,
        status: Sequence[str] | str | None = None,
        progress: bool = True,
    ) -> Runs:
        r"""Read stable-baselines3 monitor files; their lengths may differ.

        Monitor files hold *training* episodes, so `return_mean` here is what the exploring agent earned.

        Parameters
        ----------
        paths : path or iterable of paths
            One run each: a `monitor.csv`, or a folder whose `*monitor.csv` (one per parallel environment) are one run.
            Or a pattern: ``"logs/{learning_rate}_s{seed}"`` reads every run of such a name, and the hyperparameters,
            `seed`, `algorithm` and `env_id` in it.
        algorithm : str, optional
            What was trained; the files do not say. By default "unknown".
        env_id : str, optional
            By default what the files say.
        configs : sequence of mappings, one per path, optional
            Hyperparameters of each run.
        seeds : int or sequence of int, one per path, optional
            By default the position among the paths, so that no two runs share a seed by accident.
        every : int, optional
            Group the episodes into bins of so many environment steps, so that runs share a grid of steps; a bin in
            which no episode ended has no row. By default one row per episode.
        steps : int or sequence of int, one per path, optional
            Environment steps each run was asked for. A run whose episodes end before, by more than an episode, is
            `stopped`. By default a run is `stopped` that ended well before the longest one (and a warning says so).
        status : str or sequence of str, one per path, optional
            What became of each run, where it is known better.
        progress : bool
            Whether a bar shows while many files are read.

        Raises
        ------
        FileNotFoundError
            If there is nothing at a path.
        ValueError
            If a file is not a monitor file, a folder has none, or a cell cannot be; the message names file, row and
            column.

        Notes
        -----
        Within a file the order of rows is the order of time; between the files of a run an episode's time is
        ``t_start + t``. A last line that was cut off in writing is left out, with a warning. A return that is blank or
        not finite makes the run `diverged` from there.

        Examples
        --------
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> head = '#{"t_start": 0.0, "env_id": "CartPole-v1"}\nr,l,t\n'
        >>> _ = (folder / "0.01_s3.monitor.csv").write_text(head + "9.0,9,0.1\n20.0,20,0.2\n")
        >>> runs = Runs.from_monitor(folder / "{learning_rate}_s{seed}.monitor.csv", algorithm="ppo")
        >>> runs.table[["seed", "hp.learning_rate", "steps"]].values.tolist()
        [[3.0, 0.01, 29.0]]
        """
        frames = read_monitors(
            paths,
            algorithm=algorithm,
            env_id=env_id,
            configs=configs,
            seeds=seeds,
            every=every,
            steps=steps,
            status=status,
            progress=progress,
        )
        return cls(*frames, empty_history())

    @classmethod
    def from_evaluations(
        cls,
        paths: str | Path | Iterable[str | Path],
        *,
        algorithm: str | None = None,
        env_id: str | None = None,
        configs: Sequence[Mapping[str, Any]] | None = None,
        seeds: Sequence[int] | int | None = None,
        steps: Sequence[int] | int | None = None,
        status: Sequence[str] | str | None = None,
        on_repeat: str = "raise",
        progress: bool = True,
    ) -> Runs:
        """Read the `evaluations.npz` that stable-baselines3's EvalCallback writes; nothing is unpickled.

        Parameters
        ----------
        paths : path or iterable of paths
            One run each: a file, the folder that holds it, or a pattern such as ``"logs/{learning_rate}_s{seed}"``.
        algorithm, env_id : str, optional
            What was trained; the files do not say. By default "unknown".
        configs, seeds, status, progress
            See `from_monitor`.
        steps : int or sequence of int, one per path, optional
            Environment steps each run was asked for. A run whose evaluations end before is `stopped`. By default a run
            is `stopped` that ended before the longest one (and a warning says so).
        on_repeat : {"raise", "first", "last"}
            What becomes of two evaluations of a run at one step: "last" for a run that went on from a checkpoint.

        Raises
        ------
        FileNotFoundError
            If there is nothing at a path.
        ValueError
            If a file is damaged or of another kind, or an argument cannot be; the message names it.

        Examples
        --------
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> np.savez(folder / "evaluations", timesteps=[100, 200], results=[[1.0, 3.0], [5.0, 5.0]])
        >>> Runs.from_evaluations(folder, algorithm="ppo").evals["return_mean"].tolist()
        [2.0, 5.0]
        """
        frames = read_evaluations(
            paths,
            algorithm=algorithm,
            env_id=env_id,
            configs=configs,
            seeds=seeds,
            steps=steps,
            status=status,
            on_repeat=on_repeat,
            progress=progress,
        )
        return cls(*frames, empty_history())

    @classmethod
    def from_tensorboard(
        cls,
        paths: str | Path | Iterable[str | Path],
        *,
        tags: Mapping[str, str] | None = None,
        algorithm: str | None = None,
        env_id: str | None = None,
        configs: Sequence[Mapping[str, Any]] | None = None,
        seeds: Sequence[int] | int | None = None,
        steps: Sequence[int] | int | None = None,
        status: Sequence[str] | str | None = None,
        on_repeat: str = "raise",
        progress: bool = True,
    ) -> Runs:
        """Read TensorBoard's event files: those of a sweep with `tensorboard=`, and those of stable-baselines3.

        A sweep's logs say what was trained. What stable-baselines3 logs as `HParam` is taken as hyperparameters.
        Event files hold numbers in single precision.

        Parameters
        ----------
        paths : path or iterable of paths
            A folder: every folder at or below it that holds event files is a run. Or a pattern such as
            ``"logs/{learning_rate}_s{seed}"``.
        tags : mapping, optional
            Tag to column of `evals`, one of them to ``"return_mean"``. By default the first of these that is there:
            `eval/return_mean` (a sweep's), `eval/mean_reward` (EvalCallback's), `rollout/ep_rew_mean` (training).
        algorithm, env_id, configs, seeds, steps, status, on_repeat, progress
            See `from_evaluations`.

        Raises
        ------
        FileNotFoundError
            If there is nothing at a path.
        ImportError
            If the package tensorboard is not there.
        ValueError
            If there are no event files, none of the tags is there, or an argument cannot be; the message names it.

        Examples
        --------
        >>> Runs.from_tensorboard("logs/{algorithm}_{seed}", env_id="CartPole-v1")  # doctest: +SKIP
        """
        frames = read_tensorboard(
            paths,
            tags=tags,
            algorithm=algorithm,
            env_id=env_id,
            configs=configs,
            seeds=seeds,
            steps=steps,
            status=status,
            on_repeat=on_repeat,
            progress=progress,
        )
        return cls(*frames, empty_history())

    @classmethod
    def from_optuna(
        cls,
        study: Any,
        *,
        objective: int | None = None,
        algorithm: str = "unknown",
        env_id: str = "unknown",
        seeds: Sequence[int] | int | str = 0,
        steps: int | None = None,
    ) -> Runs:
        """Turn an Optuna study into runs: one per trial that has ended, pruned and failed ones too.

        A parameter that a trial did not have is inactive there; `spaces.from_optuna` gives the space. What a trial
        reported on its way is its curve, and what the study judged it by stands at its end. A pruned trial is
        `stopped`, a failed one `failed`. The choice None of a categorical parameter is the text "None".

        Parameters
        ----------
        study : optuna.Study
            As `optuna.load_study` opens it.
        objective : int, optional
            Which objective is the return, where the study has several; such a study has no curves.
        algorithm, env_id : str
            What was trained; a study does not say.
        seeds : int, sequence of int (one per trial that has ended), or str
            The seed of each trial; a text names the parameter or user attribute that holds it.
        steps : int, optional
            Environment steps of a whole trial; by default the last step that any trial reported, or 1.

        Raises
        ------
        TypeError
            If it is no study.
        ValueError
            If no trial has ended, or an argument cannot be; the message names it.

        Notes
        -----
        Where a study minimises, the returns are minus its values, and a warning says so.

        Examples
        --------
        >>> study = optuna.load_study(study_name="ppo", storage="sqlite:///ppo.db")  # doctest: +SKIP
        >>> Runs.from_optuna(study, algorithm="ppo", env_id="CartPole-v1", steps=50_000)  # doctest: +SKIP
        """
        frames = read_optuna(study, objective=objective, algorithm=algorithm, env_id=env_id, seeds=seeds, steps=steps)
        return cls(*frames, empty_history())

    @classmethod
    def from_wandb(
        cls,
        path: str | Path,
        *,
        metric: str | None = None,
        runs: str | Path | None = None,
        names: str | None = None,
        columns: Mapping[str, str] | None = None,
        algorithm: str | None = None,
        env_id: str | None = None,
        seed: int | None = None,
        steps: int | None = None,
    ) -> Runs:
        r"""Read what Weights & Biases exports as CSV: a chart, the table of runs, or both.

        Parameters
        ----------
        path : path
            A chart (one column `<run> - <metric>` a run; take the environment steps, `global_step`, as its x axis:
            W&B's own `Step` counts calls of `log`), or the table of runs (one row a run, its last value).
        metric : str, optional
            What is the return; needed for the table of runs, and for a chart with several.
        runs : path, optional
            The table of runs beside a chart: states, run times, hyperparameters. Runs that crashed or failed are
            `failed`, killed ones `stopped`.
        names : str, optional
            What the runs' names say, e.g. ``"{learning_rate}_s{seed}"``.
        columns : mapping, optional
            Columns of the table of runs to `algorithm`, `env_id`, `seed`, `steps`, `step` or `hp.<name>`, which is a
            hyperparameter, e.g. ``{"algo": "algorithm", "lr": "hp.lr"}``; the others are left out.
        algorithm, env_id : str, optional
            What was trained; by default "unknown".
        seed : int, optional
            By default the position among the runs.
        steps : int, optional
            Environment steps each run was asked for.

        Raises
        ------
        FileNotFoundError
            If there is no such file.
        ValueError
            If a file is of another kind, or a cell or argument cannot be; the message names it.

        Examples
        --------
        >>> import tempfile
        >>> chart = Path(tempfile.mkdtemp()) / "chart.csv"
        >>> _ = chart.write_text("global_step,0.1_s0 - eval/return,0.1_s1 - eval/return\n10,1.0,\n20,2.0,5.0\n")
        >>> runs = Runs.from_wandb(chart, names="{learning_rate}_s{seed}")
        >>> runs.evals["return_mean"].tolist()
        [1.0, 2.0, 5.0]
        """
        frames = read_wandb(
            path,
            metric=metric,
            runs=runs,
            names=names,
            columns=columns,
            algorithm=algorithm,
            env_id=env_id,
            seed=seed,
            steps=steps,
        )
        return cls(*frames, empty_history())

    # --- asking ------------------------------------------------------------------------------------------------

    def __len__(self) -> int:
        """Count the runs."""
        return len(self.table)

    @property
    def hyperparameters(self) -> list[str]:
        """Names of the hyperparameters, without the `hp.` prefix."""
        return [c.removeprefix(HP) for c in self.table.columns if c.startswith(HP)]

    @property
    def factors(self) -> list[str]:
        """Names by which `column`, `select` and `by=` ask for what may differ: the hyperparameters and `algorithm`.

        The bare names, but ``hp.<name>`` and ``table.algorithm`` where one name stands for two columns.
        """
        names = [HP + name if name in self.table.columns else name for name in self.hyperparameters]
        return [*names, _COLUMN + "algorithm" if "algorithm" in self.hyperparameters else "algorithm"]

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

        Columns: `algorithm`, `env_id`, `engine`, `steps`, the hyperparameters by bare name, and `n_seeds`. Where a
        hyperparameter has the name of one of these, that one is `table.<name>`.
        """
        ids = self.config_id
        first = self.table.assign(config_id=ids).drop_duplicates("config_id").set_index("config_id")
        n_seeds = ids.value_counts().reindex(first.index)
        hps = self.hyperparameters
        said = {name: first[name] for name in ("algorithm", "env_id", "engine", "steps")}
        columns = {**said, **{HP + name: first[HP + name] for name in hps}, "n_seeds": n_seeds}
        bare = {name: _COLUMN + name for name in (*said, "n_seeds") if name in hps}
        return pd.DataFrame(columns).rename(columns={**bare, **{HP + name: name for name in hps}})

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
        name = arguments.text("name", name)
        if name in self.table.columns and HP + name in self.table.columns:
            raise ValueError(
                f"`{name}` is ambiguous: it is both a column of the table and a hyperparameter; ask for "
                f"'{_COLUMN}{name}' or '{HP}{name}'."
            )
        bare = name.removeprefix(_COLUMN)
        for candidate in [bare] if name != bare and bare in (*TABLE, *TABLE_OPTIONAL) else [name, HP + name]:
            if candidate in self.table.columns:
                return self.table[candidate]
        valid = [*self.hyperparameters, *TABLE, *TABLE_OPTIONAL]
        raise ValueError(unknown_name("column or hyperparameter", name, valid))

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
        keep = np.ones(len(self), dtype=bool) if ids is None else self._chosen(ids)
        for name, value in where.items():
            keep = keep & _holds(self.column(name), value, name)  # what a mask of pandas holds cannot be written to
        kept = self.table.index[keep]
        return Runs(
            self.table.loc[kept],
            self.evals[self.evals["run_id"].isin(kept)],
            self.history[self.history["run_id"].isin(kept)],
            self.policies,
        )

    def _chosen(self, ids: Any) -> np.ndarray[Any, np.dtype[np.bool_]]:
        if isinstance(ids, str):
            ids = [ids]
        if (
            isinstance(ids, bytes | Mapping)
            or not isinstance(ids, Iterable)
            or (isinstance(ids, np.ndarray) and ids.ndim != 1)
        ):
            raise TypeError(f"`ids` is {shown(ids)}; give run ids, or a mask with one bool per run.")
        wanted = list(ids)
        if isinstance(ids, pd.Series) and all(isinstance(one, bool | np.bool_) for one in wanted):
            if not ids.index.is_unique or not self.table.index.isin(ids.index).all():
                raise ValueError("`ids` is a mask without an entry for each run; index it as `runs.table` is.")
            return ids.reindex(self.table.index).to_numpy(dtype=bool)
        if wanted and all(isinstance(one, bool | np.bool_) for one in wanted):
            if len(wanted) != len(self):
                raise ValueError(f"`ids` is a mask of {len(wanted)} for {len(self)} runs; give one bool per run.")
            return np.array(wanted, dtype=bool)
        known = set(self.table.index)
        for one in wanted:
            if not isinstance(one, str) or one not in known:
                what = one if isinstance(one, str) else shown(one)
                raise ValueError(f"`ids` names the unknown run `{what}`; see the index of `runs.table`.")
        return np.asarray(self.table.index.isin(wanted))

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
        file = self.policies / f"{run_id}.zip" if self.policies is not None else None
        if file is None or not file.is_file():
            raise ValueError(
                f"the policy of run `{run_id}` was not kept; train with `out=` and "
                f"`execution=rlhp.Execution(keep_policies=True)` (a run that did not finish has none)."
            )
        # Named and not imported: the table stands below the room that trains, and works without it.
        return importlib.import_module("rlhp.trainers").load_policy(file, trust=trust)

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
        if folder.exists() and not folder.is_dir():
            raise ValueError(f"`path` is {folder}, a file; give a folder.")
        if (folder / CHUNKS).is_dir():
            raise ValueError(f"`path` is {folder}, where a sweep keeps its runs; give another folder.")
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

    Of a run that was stopped in one table and trained further in another, the longer version is kept: the shorter must
    be its beginning.

    Raises
    ------
    TypeError
        If what is given is not several `Runs`.
    ValueError
        If two tables hold different runs under one id, or there is nothing to join.

    Examples
    --------
    >>> a = Runs.from_table([{"gamma": 0.9}], [1.0])
    >>> b = Runs.from_table([{"gamma": 0.9}, {"gamma": 0.99}], [1.0, 2.0])
    >>> len(concat([a, b]))
    2
    """
    listed = arguments.sequence("many", many, hint="A list of `Runs`.")
    parts = [
        arguments.instance(f"many[{at}]", one, Runs, hint=f"`many` is a list of `Runs`. {_READERS}")
        for at, one in enumerate(listed)
    ]
    if not parts:
        raise ValueError("`many` is empty, so there is nothing to join; give at least one `Runs`.")
    best: dict[str, int] = {}  # each run, in the order of its first table, and the table that has its best version
    for number, part in enumerate(parts):
        again: dict[int, list[str]] = {}
        for one in part.table.index:
            if one in best:
                again.setdefault(best[one], []).append(one)
        better = [one for other, shared in again.items() for one in _further(part, parts[other], shared)]
        best.update(dict.fromkeys([one for one in part.table.index if one not in best] + better, number))
    names: dict[int, list[str]] = {}
    for one, number in best.items():
        names.setdefault(number, []).append(one)
    kept = [
        part.select(names[number]) if len(names[number]) < len(part) else part
        for number, part in enumerate(parts)
        if number in names
    ] or parts[:1]
    return Runs(
        pd.concat([part.table for part in kept]).loc[list(best)],
        pd.concat([part.evals for part in kept], ignore_index=True),
        pd.concat([part.history for part in kept], ignore_index=True),
        next((part.policies for part in kept if part.policies is not None), None),
    )


def need_runs(value: Any, name: str = "runs") -> Runs:
    """Return the runs that a function was passed, or say what makes some.

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
    return arguments.instance(name, value, Runs, hint=hint)


def _further(part: Runs, other: Runs, shared: list[str]) -> list[str]:
    """Return those runs of two tables whose version in `part` was trained further; refuse runs that are not one run."""
    status = [one.table["status"].loc[shared] for one in (part, other)]
    paused = [one for one in shared if "stopped" in (status[0][one], status[1][one])]
    if len(paused) < len(shared):
        _same(part, other, [one for one in shared if one not in set(paused)])
    if not paused:
        return []
    _same_cells(part, other, paused, but=(*_TIMES, "status", "error", "n_updates"))
    lengths = []
    for what, of in (("evaluations", "evals"), ("history", "history")):
        mine, theirs = (_apart(getattr(one, of), paused) for one in (part, other))
        for one in paused:
            if (step := parting(mine[one], theirs[one])) is not None:
                raise ValueError(
                    f"run `{one}` stands in two tables with different {what} from step {step} on; give one a new id."
                )
        lengths.append({one: len(mine[one]) - len(theirs[one]) for one in paused})
    # A run that has come to its end needs no more evaluations than one that was stopped just before it.
    return [one for one in paused if (status[0][one] != "stopped", lengths[0][one]) > (status[1][one] != "stopped", 0)]


def _apart(frame: pd.DataFrame, names: list[str]) -> dict[str, pd.DataFrame]:
    found = {str(one): rows for one, rows in frame[frame["run_id"].isin(names)].groupby("run_id")}
    return {one: found.get(one, frame.iloc[:0]) for one in names}


def _same(part: Runs, other: Runs, shared: list[str]) -> None:
    """Refuse runs of one id that are not one run; only how long each took may differ."""
    mine, theirs = (one.select(shared) for one in (part, other))
    for what, of in (("evaluations", "evals"), ("history", "history")):
        frames = [getattr(one, of).reset_index(drop=True) for one in (mine, theirs)]
        # Two tables need not have the same order of runs, nor measure the same.
        frames = [one.sort_values(["run_id", "step"], kind="stable", ignore_index=True) for one in frames]
        columns = [*dict.fromkeys([*frames[0].columns, *frames[1].columns])]
        left, right = (one.reindex(columns=columns) for one in frames)
        if not left.equals(right):
            differs = next(one for one in shared if not _of(left, one).equals(_of(right, one)))
            raise ValueError(f"run `{differs}` stands in two tables with different {what}; give one a new id.")
    _same_cells(mine, theirs, shared, but=_TIMES)


def _same_cells(mine: Runs, theirs: Runs, shared: list[str], *, but: tuple[str, ...]) -> None:
    names = [name for name in dict.fromkeys([*mine.table.columns, *theirs.table.columns]) if name not in but]
    # An older table may lack what was not recorded then.
    names = [name for name in names if name.startswith(HP) or (name in mine.table and name in theirs.table)]
    for name in names:
        columns_of = [
            [encode_value(cell) for cell in one.table[name].loc[shared]] if name in one.table else [None] * len(shared)
            for one in (mine, theirs)
        ]
        for one, left_cell, right_cell in zip(shared, *columns_of, strict=True):
            if left_cell != right_cell:
                raise ValueError(
                    f"run `{one}` stands in two tables with different `{name}` ({shown(left_cell)} and "
                    f"{shown(right_cell)}); give one a new id."
                )


def _of(frame: pd.DataFrame, run: str) -> pd.DataFrame:
    return frame[frame["run_id"] == run].reset_index(drop=True)


def _holds(column: pd.Series, value: Any, name: str) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Tell where a column holds a value, or one of several."""
    cells = column.astype(object).where(column.notna(), None)
    several = isinstance(value, list | tuple | set | frozenset | range | np.ndarray | pd.Index | pd.Series)
    if several and not isinstance(value, set | frozenset):
        try:
            whole = encode_value(list(value) if not isinstance(value, np.ndarray) else value)
        except ValueError:
            whole = None
        if whole is not None and (found := cells.map(lambda cell: isinstance(cell, str) and cell == whole)).any():
            return found.to_numpy(dtype=bool)
    try:
        wanted = [encode_value(one) for one in (value if several else [value])]
    except ValueError as error:
        raise ValueError(f"`{name}`: {error}") from error
    keep = cells.isin([one for one in wanted if one is not None]).to_numpy(dtype=bool)
    return keep | cells.isna().to_numpy() if None in wanted else keep
