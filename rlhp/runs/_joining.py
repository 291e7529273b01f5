"""Several tables of runs become one, in which each run stands once."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from rlhp import arguments
from rlhp.arguments import shown
from rlhp.chunks import parting
from rlhp.frames import HP, encode_value
from rlhp.runs._runs import READERS, Runs

# What may differ between two records of one run.
_TIMES = ("wall_time_s", "cpu_time_s")


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
        arguments.instance(f"many[{at}]", part, Runs, hint=f"`many` is a list of `Runs`. {READERS}")
        for at, part in enumerate(listed)
    ]
    if not parts:
        raise ValueError("`many` is empty, so there is nothing to join; give at least one `Runs`.")
    best: dict[str, int] = {}  # each run, in the order of its first table, and the table that has its best version
    for number, part in enumerate(parts):
        again: dict[int, list[str]] = {}
        for run in part.table.index:
            if run in best:
                again.setdefault(best[run], []).append(run)
        better = [run for other, shared in again.items() for run in _further(part, parts[other], shared)]
        best.update(dict.fromkeys([run for run in part.table.index if run not in best] + better, number))
    names: dict[int, list[str]] = {}
    for run, number in best.items():
        names.setdefault(number, []).append(run)
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


def _further(part: Runs, other: Runs, shared: list[str]) -> list[str]:
    """Return those runs of two tables whose version in `part` was trained further; refuse runs that are not one run."""
    status = [runs.table["status"].loc[shared] for runs in (part, other)]
    paused = [run for run in shared if "stopped" in (status[0][run], status[1][run])]
    if len(paused) < len(shared):
        _same(part, other, [run for run in shared if run not in set(paused)])
    if not paused:
        return []
    _same_cells(part, other, paused, but=(*_TIMES, "status", "error", "n_updates"))
    longer = []
    for what, frame in (("evaluations", "evals"), ("history", "history")):
        here, there = (_apart(getattr(runs, frame), paused) for runs in (part, other))
        for run in paused:
            if (step := parting(here[run], there[run])) is not None:
                raise ValueError(
                    f"run `{run}` stands in two tables with different {what} from step {step} on; give one a new id."
                )
        longer.append({run: len(here[run]) - len(there[run]) for run in paused})
    # A run that has come to its end needs no more evaluations than one that was stopped just before it.
    return [run for run in paused if (status[0][run] != "stopped", longer[0][run]) > (status[1][run] != "stopped", 0)]


def _apart(frame: pd.DataFrame, names: list[str]) -> dict[str, pd.DataFrame]:
    """Return the rows of each run."""
    of_run = {str(name): rows for name, rows in frame[frame["run_id"].isin(names)].groupby("run_id")}
    return {name: of_run.get(name, frame.iloc[:0]) for name in names}


def _same(part: Runs, other: Runs, shared: list[str]) -> None:
    """Refuse runs of one id that are not one run; only how long each took may differ."""
    here, there = (runs.select(shared) for runs in (part, other))
    for what, name in (("evaluations", "evals"), ("history", "history")):
        frames = [getattr(runs, name).reset_index(drop=True) for runs in (here, there)]
        # Two tables need not have the same order of runs, nor measure the same.
        frames = [frame.sort_values(["run_id", "step"], kind="stable", ignore_index=True) for frame in frames]
        columns = [*dict.fromkeys([*frames[0].columns, *frames[1].columns])]
        left, right = (frame.reindex(columns=columns) for frame in frames)
        if not left.equals(right):
            differs = next(run for run in shared if not _of(left, run).equals(_of(right, run)))
            raise ValueError(f"run `{differs}` stands in two tables with different {what}; give one a new id.")
    _same_cells(here, there, shared, but=_TIMES)


def _same_cells(here: Runs, there: Runs, shared: list[str], *, but: tuple[str, ...]) -> None:
    """Refuse runs of one id whose rows differ in another column than those named."""
    names = [name for name in dict.fromkeys([*here.table.columns, *there.table.columns]) if name not in but]
    # An older table may lack what was not recorded then.
    names = [name for name in names if name.startswith(HP) or (name in here.table and name in there.table)]
    for name in names:
        columns = [
            [encode_value(cell) for cell in table[name].loc[shared]] if name in table else [None] * len(shared)
            for table in (here.table, there.table)
        ]
        for run, cell, other in zip(shared, *columns, strict=True):
            if cell != other:
                raise ValueError(
                    f"run `{run}` stands in two tables with different `{name}` ({shown(cell)} and {shown(other)}); "
                    f"give one a new id."
                )


def _of(frame: pd.DataFrame, run: str) -> pd.DataFrame:
    return frame[frame["run_id"] == run].reset_index(drop=True)
