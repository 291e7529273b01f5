"""A table with one row per evaluation (a file of separated values, a data frame) becomes runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from rlhp import arguments
from rlhp.arguments import shown
from rlhp.errors import unknown_name
from rlhp.frames import EVALS, EVALS_OPTIONAL, HP, STATUSES, TABLE, content_hashes
from rlhp.readers import cells
from rlhp.readers.assembling import Frames, assembled
from rlhp.readers.columns import Columns, of_file, of_frame
from rlhp.readers.curve import REPEATS
from rlhp.readers.sources import listed, per_run, reading

_MEASURED = [name for name in (*EVALS, *EVALS_OPTIONAL) if name not in ("run_id", "step", "return_mean")]
_OF_RUN = ("algorithm", "env_id", "engine", "seed", "steps", "status", "wall_time_s", "cpu_time_s", "error")


@dataclass(frozen=True)
class Reading:
    """How a table is read; the options of `Runs.from_frame`, checked."""

    names: dict[str, str]
    ignored: list[str]
    on_repeat: str


def how(*, columns: Any, on_repeat: Any) -> Reading:
    """Check the options of `Runs.from_frame`."""
    names = {} if columns is None else arguments.mapping("columns", columns)
    return Reading(
        names={name: ours for name, ours in names.items() if ours is not None},
        ignored=[name for name, ours in names.items() if ours is None],
        on_repeat=arguments.choice("on_repeat", on_repeat, REPEATS),
    )


def read_frame(
    frame: Any, asked: Reading, *, algorithm: Any, env_id: Any, seed: Any, steps: Any, status: Any
) -> Frames:
    """Frames of a data frame; documented at `Runs.from_frame`."""
    arguments.instance("frame", frame, pd.DataFrame, hint="`Runs.from_csv` takes a file.")
    known = _known(1, algorithm=algorithm, env_id=env_id, seed=seed, steps=steps, status=status)
    return _runs([_typed(of_frame(frame), asked, known[0])], asked)


def read_csv(
    path: Any,
    asked: Reading,
    *,
    separator: Any,
    algorithm: Any,
    env_id: Any,
    seed: Any,
    steps: Any,
    status: Any,
    progress: Any,
) -> Frames:
    """Frames of one or more files; documented at `Runs.from_csv`."""
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
