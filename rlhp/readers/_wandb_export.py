"""The CSV files that Weights & Biases exports: a chart (one column a run) and the table of runs (one row a run)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from rlhp import arguments
from rlhp.errors import unknown_name
from rlhp.frames import HP
from rlhp.readers import _cells as cells
from rlhp.readers._assembling import Frames, assembled, joined
from rlhp.readers._columns import Columns, of_file
from rlhp.readers._notices import notice
from rlhp.readers._patterns import fields_of, values_in

_STATUS = {"finished": "finished", "crashed": "failed", "failed": "failed", "killed": "stopped", "running": "stopped"}
_BETWEEN = " - "
_SPREAD = ("__MIN", "__MAX")
_OF_RUN = ("algorithm", "env_id", "seed", "steps")


def from_wandb(
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
) -> Frames:
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
    >>> from pathlib import Path
    >>> from rlhp import Runs
    >>> chart = Path(tempfile.mkdtemp()) / "chart.csv"
    >>> _ = chart.write_text("global_step,0.1_s0 - eval/return,0.1_s1 - eval/return\n10,1.0,\n20,2.0,5.0\n")
    >>> runs = Runs.from_wandb(chart, names="{learning_rate}_s{seed}")
    >>> runs.evals["return_mean"].tolist()
    [1.0, 2.0, 5.0]
    """
    metric = None if metric is None else arguments.text("metric", metric)
    names = None if names is None else arguments.text("names", names)
    if names is not None:
        fields_of(names, "names")
    columns = {} if columns is None else arguments.mapping("columns", columns)
    given: dict[str, Any] = {}
    for name, text in (("algorithm", algorithm), ("env_id", env_id)):
        if text is not None:
            given[name] = arguments.text(name, text)
    for name, number in (("seed", seed), ("steps", steps)):
        if number is not None:
            given[name] = arguments.whole(name, number, at_least=1 if name == "steps" else None)
    table = of_file(arguments.path("path", path))
    if {"Name", "State"} <= table.cells.keys():
        if runs is not None:
            raise ValueError(f"{table.source} is the table of runs already; give it as `path` or as `runs`, not both.")
        if metric is None or metric not in table.cells:
            raise ValueError(unknown_name("`metric`", metric, table.cells, where=table.source))
        rows: dict[str, dict[str, Any]] = _rows(table, columns)
        step = next((name for name, new in columns.items() if new == "step"), None)
        curves = _last_values(table, metric, step, list(rows), given.get("steps", 1))
    else:
        curves = _chart(table, metric)
        rows = {name: {} for name in curves}
        if runs is not None:
            rows = _rows(of_file(arguments.path("runs", runs)), columns)
            strange = next((name for name in curves if name not in rows), None)
            if strange is not None:
                raise ValueError(unknown_name("run", strange, rows, where=f"`runs`, though {table.source} has it"))
        elif columns:
            raise ValueError("`columns` names columns of the table of runs; export it too and pass it as `runs=`.")
    hidden = [name for name, row in rows.items() if name not in curves and row.get("status") == "finished"]
    if hidden:
        notice(
            f"{table.source} has no curve of {len(hidden)} of {len(rows)} finished runs (the first: {hidden[0]}), "
            f"which are left out; a chart shows ten runs unless more are selected."
        )
    found: list[dict[str, Any]] = []
    parts = []
    for name, row in rows.items():
        if name not in hidden:
            curve = curves.get(name, _NOTHING)
            said = {} if names is None else _said_by(name, names)
            for one in said.keys() & {*given, *row}:
                raise ValueError(f"`names` has the field {{{one}}}, which is given elsewhere too; say it once.")
            row, curve = _run(f"{table.source}, run `{name}`", {**row, **given, **said}, curve)
            found.append({"seed": len(found), **row})
            parts.append(curve)
    if not found:
        raise ValueError(f"{table.source} holds no run with a value of the metric; export it with the runs selected.")
    return assembled(found, joined(parts))


_NOTHING = pd.DataFrame({"step": [], "return_mean": [], "place": []})


def _said_by(name: str, names: str) -> dict[str, Any]:
    said = values_in(name, names, "names")
    if said is None:
        raise ValueError(f"`names` is {names!r}, which does not fit the run `{name}`.")
    return {key if key in _OF_RUN else HP + key: value for key, value in said.items()}


def _run(source: str, row: dict[str, Any], curve: pd.DataFrame) -> tuple[dict[str, Any], pd.DataFrame]:
    """Return a run's row, and its curve up to the first return that is not finite."""
    row = {"algorithm": "unknown", "env_id": "unknown", "steps": None, "status": "", "error": "", **row}
    if row["status"] == "finished" and row["steps"] is None:
        # It ended by itself: how far is told by its curve, not by how far others went.
        row["steps"] = int(curve["step"].max()) if len(curve) else None
    bad = np.flatnonzero(~np.isfinite(curve["return_mean"].to_numpy(dtype=np.float64)))
    reached = int(curve["step"].max()) if len(curve) else 0
    if len(bad):
        first = curve.iloc[bad[0]]
        reached = int(first["step"])
        row["error"] = f"{first['place']}: the return is {first['return_mean']}"
        row["status"] = row["status"] if row["status"] in ("failed", "stopped") else "diverged"
        curve = curve.iloc[: bad[0]]
    for name in ("algorithm", "env_id"):
        row[name] = str(row[name])
    return {"source": source, **row, "reached": reached}, curve[["step", "return_mean"]]


def _chart(table: Columns, metric: str | None) -> dict[str, pd.DataFrame]:
    """Return the curve of each run of a chart; a blank cell is a step at which that run logged nothing."""
    x, *others = table.cells
    named = [name.rpartition(_BETWEEN) for name in others if not name.endswith(_SPREAD)]
    metrics = dict.fromkeys(one for run, _, one in named if run and one not in ("_step", x))
    wanted = [name for name in others if not name.endswith(_SPREAD)]
    if metric is None:
        if len(metrics) != 1:
            raise ValueError(
                f"{table.source} is no export of a chart with one metric (columns named 'run - metric'; the metrics: "
                f"{', '.join(metrics) or 'none'}); "
                + ("choose one with `metric=`." if metrics else "export the chart as CSV, or use `Runs.from_csv`.")
            )
        (metric,) = metrics
    wanted = [name for name in wanted if name.endswith(_BETWEEN + metric)]
    if not wanted:
        raise ValueError(unknown_name("`metric`", metric, metrics, where=table.source))
    steps = cells.wholes_of(table.cells[x], table.place(x), at_least=0)
    curves = {}
    for column in wanted:
        place = table.place(column)
        values = cells.numbers_of(table.cells[column], place)
        logged = [at for at, cell in enumerate(table.cells[column]) if not cells.is_blank(cell)]
        curve = pd.DataFrame(
            {"step": steps[logged], "return_mean": values[logged], "place": [place(at) for at in logged]}
        ).sort_values("step", kind="stable", ignore_index=True)
        twice = curve["step"].duplicated()
        if twice.any():
            row = curve[twice].iloc[0]
            raise ValueError(f"{row['place']}: this run has two values at step {row['step']}; export with one each.")
        curves[column.removesuffix(_BETWEEN + metric)] = curve
    return curves


def _rows(table: Columns, columns: dict[str, str]) -> dict[str, dict[str, Any]]:
    """Return what the table of runs says of each run."""
    for name in ("Name", "State"):
        if name not in table.cells:
            raise ValueError(
                f"{table.source}: column `{name}` is missing; export the table of runs, with all its columns, as CSV."
            )
    for new in columns.values():
        if not (isinstance(new, str) and new.startswith(HP) and new != HP):
            hint = f"A hyperparameter is '{HP}<name>'."
            arguments.choice("columns", new, ["algorithm", "env_id", "seed", "steps", "step"], hint=hint)
    called = cells.texts_of(table.cells["Name"], table.place("Name"))
    twice = next((name for at, name in enumerate(called) if name in called[:at]), None)
    if twice is not None:
        raise ValueError(f"{table.source}: two runs are named `{twice}`; rename one in Weights & Biases.")
    read: dict[str, list[Any]] = {"status": _states(table)}
    if "Runtime" in table.cells:
        read["wall_time_s"] = cells.numbers_of(table.cells["Runtime"], table.place("Runtime")).tolist()
    for name, new in columns.items():
        if name not in table.cells:
            raise ValueError(unknown_name("column", name, table.cells, where=f"`columns` of {table.source}"))
        place = table.place(name)
        if new.startswith(HP):
            read[new] = cells.hyperparameters_of(table.cells[name], place)
        elif new in ("algorithm", "env_id"):
            read[new] = list(cells.texts_of(table.cells[name], place))
        elif new != "step":
            at_least = 1 if new == "steps" else None
            read[new] = cells.wholes_of(table.cells[name], place, at_least=at_least).tolist()
    return {name: {key: column[at] for key, column in read.items()} for at, name in enumerate(called)}


def _states(table: Columns) -> list[str]:
    place, found = table.place("State"), []
    for at, cell in enumerate(table.cells["State"]):
        state = str(cell).strip().lower()
        if state not in _STATUS:
            raise ValueError(f"{place(at)}: {unknown_name('state', state, _STATUS)}")
        found.append(_STATUS[state])
    return found


def _last_values(
    table: Columns, metric: str, steps: str | None, names: list[str], otherwise: int
) -> dict[str, pd.DataFrame]:
    """Return each run of the table of runs the one value that stands there."""
    place = table.place(metric)
    values = cells.numbers_of(table.cells[metric], place)
    at_step = (
        np.full(len(values), otherwise)
        if steps is None
        else cells.wholes_of(table.cells[steps], table.place(steps), at_least=0, default=0)
    )
    return {
        name: pd.DataFrame({"step": [at_step[at]], "return_mean": [values[at]], "place": [place(at)]})
        for at, name in enumerate(names)
        if not cells.is_blank(table.cells[metric][at])
    }
