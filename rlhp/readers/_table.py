"""A table with one row per evaluation (a file of separated values, a data frame) becomes runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from rlhp import arguments
from rlhp.arguments import shown
from rlhp.errors import unknown_name
from rlhp.frames import EVALS, EVALS_OPTIONAL, HP, STATUSES, TABLE, content_hashes
from rlhp.readers import _cells as cells
from rlhp.readers._assembling import Frames, assembled
from rlhp.readers._columns import Columns, of_file, of_frame
from rlhp.readers._curve import REPEATS
from rlhp.readers._sources import listed, per_run, reading

_MEASURED = [name for name in (*EVALS, *EVALS_OPTIONAL) if name not in ("run_id", "step", "return_mean")]
_OF_RUN = ("algorithm", "env_id", "engine", "seed", "steps", "status", "wall_time_s", "cpu_time_s", "error")


@dataclass(frozen=True)
class Reading:
    """How a table is read; the options of `Runs.from_frame`, checked."""

    names: dict[str, str]
    ignored: list[str]
    on_repeat: str


def _how(*, columns: Any, on_repeat: Any) -> Reading:
    """Check the options of `Runs.from_frame`."""
    names = {} if columns is None else arguments.mapping("columns", columns)
    return Reading(
        names={name: ours for name, ours in names.items() if ours is not None},
        ignored=[name for name, ours in names.items() if ours is None],
        on_repeat=arguments.choice("on_repeat", on_repeat, REPEATS),
    )


def from_frame(
    frame: pd.DataFrame,
    *,
    columns: Mapping[str, str | None] | None = None,
    algorithm: str | None = None,
    env_id: str | None = None,
    seed: int | None = None,
    steps: int | None = None,
    status: str | None = None,
    on_repeat: str = "raise",
) -> Frames:
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
    >>> import pandas as pd
    >>> from rlhp import Runs
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
    asked = _how(columns=columns, on_repeat=on_repeat)
    arguments.instance("frame", frame, pd.DataFrame, hint="`Runs.from_csv` takes a file.")
    known = _known(1, algorithm=algorithm, env_id=env_id, seed=seed, steps=steps, status=status)
    return _runs([_typed(of_frame(frame), asked, known[0])], asked)


def from_csv(
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
) -> Frames:
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
    >>> from pathlib import Path
    >>> from rlhp import Runs
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
    asked = _how(columns=columns, on_repeat=on_repeat)
    separator = arguments.text("separator", separator)
    if len(separator) != 1 or separator in '\r\n"':
        raise ValueError(f"`separator` is {separator!r}; give one sign, such as ',' or ';'.")
    found = listed(path, "path")
    known = _known(len(found), algorithm=algorithm, env_id=env_id, seed=seed, steps=steps, status=status)
    parts = []
    for (file, read), given in zip(reading(found, progress), known, strict=True):
        for name in read.keys() & given.keys():
            raise ValueError(f"`{name}` is given, and `path` has the field {{{name}}}; say it once.")
        parts.append(_typed(of_file(file, separator), asked, {**given, **read}))
    return _runs(parts, asked)


def _known(n: int, *, algorithm: Any, env_id: Any, seed: Any, steps: Any, status: Any) -> list[dict[str, Any]]:
    """Return what the arguments say of each of n tables."""
    known: dict[str, Any] = {}
    if algorithm is not None:
        known["algorithm"] = arguments.text("algorithm", algorithm)
    if env_id is not None:
        known["env_id"] = arguments.text("env_id", env_id)
    if steps is not None:
        known["steps"] = arguments.whole("steps", steps, at_least=1)
    if status is not None:
        known["status"] = arguments.choice("status", status, STATUSES)
    many = [{}] * n if seed is None else [{"seed": one} for one in per_run("seed", seed, n)]
    return [{**known, **one} for one in many]


def _typed(table: Columns, asked: Reading, given: dict[str, Any]) -> pd.DataFrame:
    """Return the rows with a value of its kind in each cell, under our names; `place` says where each stands."""
    ours = ["step", "return_mean", *_MEASURED, *_OF_RUN, "run"]
    hps = [name for name in table.cells if name.startswith(HP)]
    table = table.without(asked.ignored, [*ours, *asked.names, *hps]).renamed(asked.names)
    strange = [name for name in table.cells if name not in ours and not name.startswith(HP)]
    if strange:
        first = strange[0]
        hint = (
            f"Say in `columns=` what it is: {{{first!r}: 'return_mean'}} or another of these names, "
            f"{{{first!r}: 'hp.{first}'}} for a hyperparameter, {{{first!r}: None}} to leave it out, {{'*': None}} to "
            f"leave out all that are not used."
        )
        more = f" Not known either: {', '.join(strange[1:])}." if len(strange) > 1 else ""
        raise ValueError(unknown_name("column", first, ours, where=table.source, hint=hint + more))
    for name in table.cells:
        if name in given:
            raise ValueError(
                f"`{name}` is given, and {table.source} has a column `{name}`; leave one of them out "
                f"(`columns={{...: None}}`)."
            )
    for name in ("step", "return_mean", "seed", "algorithm", "env_id"):
        if name not in given and name not in table.cells:
            how_to = f"say in `columns=` which it is ({{...: {name!r}}})"
            how_to += f", or pass {name}=" if name in ("seed", "algorithm", "env_id") else ""
            raise ValueError(
                f"{table.source}: column `{name}` is missing; {how_to}. There are: {', '.join(table.cells) or 'none'}."
            )
    typed: dict[str, Any] = {}
    for name, column in table.cells.items():
        place = table.place(name)
        hyperparameter = name.startswith(HP)
        typed[name] = cells.hyperparameters_of(column, place) if hyperparameter else _column(name, column, place)
    for name, value in given.items():
        if name in _OF_RUN:
            typed[name] = [str(value) if name in ("algorithm", "env_id") else value] * len(table)
        elif HP + name in typed:
            raise ValueError(f"`path` has the field {{{name}}}, and {table.source} a column of that name.")
        else:
            typed[HP + name] = [value] * len(table)
    if not len(table):
        raise ValueError(f"{table.source} has no rows below its header.")
    return pd.DataFrame(
        {**{name: pd.Series(column, dtype=_kind(name, column)) for name, column in typed.items()}}
    ).assign(place=[f"{table.source}, {row}" for row in table.rows])


def _column(name: str, column: Sequence[Any], place: cells.Place) -> Any:
    if name in ("step", "n_episodes", "steps"):
        default = 1 if name == "n_episodes" else None
        return cells.wholes_of(column, place, at_least=1 if name != "step" else 0, default=default)
    if name == "seed":
        return cells.wholes_of(column, place)
    if name == "status":
        return cells.statuses_of(column, place)
    if name == "error":
        return ["" if cells.is_blank(cell) or cell != cell else str(cell) for cell in column]
    if name == "run" or TABLE.get(name) == "text":
        return cells.texts_of(column, place)
    return cells.numbers_of(column, place)


def _kind(name: str, column: Any) -> Any:
    return column.dtype if isinstance(column, np.ndarray) else "object"


def _runs(parts: list[pd.DataFrame], asked: Reading) -> Frames:
    """Tell the runs apart, and give each its row and its curve."""
    whole = pd.concat(parts, ignore_index=True) if len(parts) > 1 else parts[0]
    hps = [name for name in whole.columns if name.startswith(HP)]
    whole[hps] = whole[hps].astype(object).where(whole[hps].notna(), None)
    named = ["algorithm", "env_id", "seed", *(name for name in ("engine", "run") if name in whole.columns), *hps]
    number, _ = pd.factorize(np.array(content_hashes({name: whole[name].tolist() for name in named}), dtype=object))
    whole = whole.assign(number=number)
    whole = whole.copy()
    _constant(whole, [name for name in ("steps", "status", "error") if name in whole.columns])
    whole = _each_step_once(whole, asked)
    groups = whole.groupby("number", sort=True)
    rows = groups.first(skipna=False)[[*(name for name in named if name != "run"), "place"]]
    rows = rows.rename(columns={"place": "source"}).assign(reached=groups["step"].max())
    for name in ("wall_time_s", "cpu_time_s"):
        if name in whole.columns:
            rows[name] = groups[name].max()
    for name, missing in (("steps", None), ("status", ""), ("error", "")):
        rows[name] = groups[name].first(skipna=False) if name in whole.columns else missing
    finite = np.isfinite(whole["return_mean"].to_numpy())
    rows["_bad"] = whole[~finite].groupby("number")["step"].min()
    keep = finite & ~(whole["step"] >= whole["number"].map(rows["_bad"]).fillna(np.inf)).to_numpy()
    for at in rows.index[rows["_bad"].notna()]:
        first = whole[(whole["number"] == at) & ~finite].sort_values("step").iloc[0]
        rows.loc[at, "reached"] = first["step"]
        if rows.loc[at, "status"] not in ("failed", "stopped"):
            rows.loc[at, "status"] = "diverged"
        said = "blank or not a number" if np.isnan(first["return_mean"]) else f"{first['return_mean']}"
        rows.loc[at, "error"] = rows.loc[at, "error"] or f"{first['place']}: the return is {said}"
    evals = whole.loc[keep, ["step", "return_mean", *(n for n in _MEASURED if n in whole.columns)]]
    records: list[dict[str, Any]] = [dict(one) for _, one in rows.drop(columns="_bad").astype(object).iterrows()]
    return assembled(records, evals.assign(run=whole.loc[keep, "number"]))


def _constant(whole: pd.DataFrame, names: list[str]) -> None:
    """Refuse a run of which two rows say different things."""
    for name in names:
        if name != "steps":  # a blank cell says nothing
            said = whole[name].where(whole[name] != "").groupby(whole["number"]).transform("first")
            whole[name] = whole[name].where(whole[name] != "", said).fillna("")
        first = whole.groupby("number")[name].transform("first")
        other = whole[whole[name].ne(first)]
        if len(other):
            row = other.iloc[0]
            raise ValueError(
                f"{row['place']}, column `{name}`: {shown(row[name])}, but an earlier row of this run says "
                f"{shown(first[other.index[0]])}; a run has one."
            )


def _each_step_once(whole: pd.DataFrame, asked: Reading) -> pd.DataFrame:
    key = ["number", "step"]
    twice = whole.duplicated(key)
    if not twice.any():
        return whole
    if asked.on_repeat == "raise":
        row = whole[twice].iloc[0]
        before = whole[(whole["number"] == row["number"]) & (whole["step"] == row["step"])].iloc[0]
        raise ValueError(
            f"{row['place']}: this run has two evaluations at step {row['step']} (the other: {before['place']}). If it "
            f"went on from a checkpoint, pass on_repeat='last' (or 'first'); if these are different runs, say in "
            f"`columns=` which column tells them apart ({{...: 'run'}}, or 'seed', or 'hp.<name>')."
        )
    return whole[~whole.duplicated(key, keep="first" if asked.on_repeat == "first" else "last")]
