"""Who comes from whom, and with which hyperparameters: read from the table and the history of a population's runs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from rlhp import arguments
from rlhp.frames import HP, encode_value, value_changed
from rlhp.runs import Runs

__all__ = ["ancestry", "life", "schedule", "winners"]


def winners(runs: Runs) -> pd.Series:
    """Name the best member of each population: that with the highest return in its last evaluation.

    The evaluation that chooses it flatters it; `replay` with fresh seeds says what its schedule is worth.

    Parameters
    ----------
    runs : Runs
        From `evolve`.

    Returns
    -------
    Series
        Run ids, by the name of the population. A population of which nobody finished is left out.

    Raises
    ------
    ValueError
        If there is no population among the runs.
    """
    table = _populations(runs)
    last = runs.evals.groupby("run_id").tail(1).set_index("run_id")["return_mean"]
    there = table[(table["status"] == "finished") & table.index.isin(last.index)]
    best = {str(name): of.index[int(np.argmax(last[of.index]))] for name, of in there.groupby("population", sort=False)}
    return pd.Series(best, name="run_id", dtype="str").rename_axis("population")


def ancestry(runs: Runs, run_id: str) -> pd.DataFrame:
    """Return which runs carried what a run has learned, from the beginning to its end.

    Parameters
    ----------
    runs : Runs
        The whole population, from `evolve`.
    run_id : str
        One of them.

    Returns
    -------
    DataFrame
        A row a carrier, the first ancestor first: `run_id`, `start` and `end` in environment steps, and its `seed`. The
        last row is the run itself.

    Raises
    ------
    ValueError
        If the run is unknown, or one of its ancestors is not in the table.
    """
    _known(runs, run_id)
    copies = runs.history[(runs.history["name"] == "weights") & (runs.history["parent"] != "")]
    carrier, rows, seeds = run_id, [], runs.table["seed"].to_dict()
    end = int(runs.evals.loc[runs.evals["run_id"] == run_id, "step"].max()) if len(_evals(runs, run_id)) else 0
    while True:
        mine = copies[(copies["run_id"] == carrier) & (copies["step"] < end)]
        start = 0 if mine.empty else int(mine["step"].iloc[-1])
        rows.append({"run_id": carrier, "start": start, "end": end, "seed": int(seeds[carrier])})
        if mine.empty:
            return pd.DataFrame(rows[::-1])
        carrier, end = str(mine["parent"].iloc[-1]), start
        if carrier not in runs.table.index:
            raise ValueError(f"run `{run_id}` comes from `{carrier}`, which is not in the table; give all of its runs.")


def life(runs: Runs, run_id: str) -> pd.DataFrame:
    """Return the evaluations of what a run has learned, those of its ancestors before it took over from them.

    Parameters
    ----------
    runs, run_id
        As in `ancestry`.

    Returns
    -------
    DataFrame
        Rows of `Runs.evals`, by step; `run_id` says who carried it.
    """
    carried = ancestry(runs, run_id)
    parts = []
    for carrier, start, end in zip(carried["run_id"], carried["start"], carried["end"], strict=True):
        mine = _evals(runs, carrier)
        parts.append(mine[(mine["step"] > start) & (mine["step"] <= end)])
    whole: pd.DataFrame = pd.concat(parts, ignore_index=True)
    return whole


def schedule(runs: Runs, run_id: str) -> pd.DataFrame:
    """Return the hyperparameters with which came about what a run has learned, its ancestors' included.

    Parameters
    ----------
    runs, run_id
        As in `ancestry`.

    Returns
    -------
    DataFrame
        A row for the beginning and for each step at which the run or an ancestor met with a consequence, indexed by
        `step`: what holds from there on. A column for each hyperparameter that moved in the population, by bare name.

    Examples
    --------
    >>> schedule(runs, winners(runs).iloc[0])["learning_rate"]  # doctest: +SKIP
    """
    carried = ancestry(runs, run_id)
    moved = _moved(runs, run_id)
    rows: dict[int, dict[str, Any]] = {}
    for carrier, start, end in zip(carried["run_id"], carried["start"], carried["end"], strict=True):
        values = {name: encode_value(runs.table.at[carrier, f"{HP}{name}"]) for name in moved}
        mine = runs.history[(runs.history["run_id"] == carrier) & runs.history["name"].isin(moved)]
        for step, changes in mine[mine["step"] < max(end, 1)].groupby("step"):
            told = zip(changes["name"], changes["value"], changes["label"], strict=True)
            values = values | {name: value_changed(value, label) for name, value, label in told}
            if step > start:
                rows[int(step)] = values
            else:
                rows[start] = values
        rows.setdefault(start, values)
    frame = pd.DataFrame({name: pd.Series({step: row[name] for step, row in rows.items()}) for name in moved})
    return (frame if moved else pd.DataFrame(index=list(rows))).rename_axis("step").sort_index()


def _moved(runs: Runs, run_id: str) -> list[str]:
    """Name the hyperparameters that changed in a run's population."""
    population = runs.table.at[run_id, "population"]
    members = runs.table.index[runs.table["population"] == population]
    named = runs.history.loc[runs.history["run_id"].isin(members), "name"].unique()
    return sorted(name for name in named if f"{HP}{name}" in runs.table)


def _populations(runs: Runs) -> pd.DataFrame:
    arguments.instance("runs", runs, Runs, hint="`rlhp.population.evolve` returns them.")
    if "population" not in runs.table or not (runs.table["population"] != "").any():
        raise ValueError("there is no population among the runs; `rlhp.population.evolve` trains one.")
    return runs.table[runs.table["population"] != ""]


def _known(runs: Runs, run_id: str) -> None:
    if arguments.text("run_id", run_id) not in _populations(runs).index:
        raise ValueError(
            f"`run_id` is `{run_id}`, which is no member of a population; see the index of `runs.table`, where "
            f"`population` is not empty."
        )


def _evals(runs: Runs, run_id: str) -> pd.DataFrame:
    return runs.evals[runs.evals["run_id"] == run_id]
