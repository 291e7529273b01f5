"""Train what a member of a population has become again: by itself, bit for bit, or with other seeds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from rlhp import arguments
from rlhp.frames import HP, content_hash, encode_value
from rlhp.population._lineage import ancestry, schedule
from rlhp.runs import Runs
from rlhp.sweeps import seeds_of
from rlhp.trainers import RunRequest
from rlhp.trainers.segments import PARTS, advance, assign, begin, renew, reseed, runs_of, take

__all__ = ["replay"]

_VALUES = ("schedule", "final", "shuffled")


def replay(runs: Runs, run_id: str, *, seeds: int | Iterable[int] | None = None, values: str = "schedule") -> Runs:
    """Train with the hyperparameters that led to what a member of a population has learned.

    Parameters
    ----------
    runs : Runs
        The whole population, from `evolve`.
    run_id : str
        One of its members; see `winners`.
    seeds : int or iterable of int, optional
        Seeds of runs that follow its schedule. By default it is trained once more as it was: its life is one run, whose
        random stream changes whenever it took over from a parent, and the evaluations are those of `life`, bit for bit.
    values : {"schedule", "final", "shuffled"}
        What the runs follow: the schedule; its last values, held fixed; or its pieces, one from each evaluation to the
        next, in an order that the seed decides. The latter two need `seeds`.

    Returns
    -------
    Runs
        A run a seed; `history` says what changed. Runs with final values are what `rlhp.sweep` would train.

    Raises
    ------
    ValueError
        If the run is unknown, or cannot be repeated bit for bit: where weights were taken over without the memory or
        the optimizer, its life is not one run.

    Examples
    --------
    >>> again = replay(runs, winners(runs).iloc[0], seeds=[100, 101])  # doctest: +SKIP
    """
    arguments.choice("values", values, _VALUES)
    carried, pieces = ancestry(runs, run_id), schedule(runs, run_id)
    first = _request(runs, str(carried["run_id"].iloc[0]))
    if seeds is None:
        if values != "schedule":
            raise ValueError(f"values={values!r} is no repetition of what was; give `seeds`.")
        return _as_it_was(runs, carried, pieces, _renamed(first, first.seed, run_id, "as it was"))
    chosen = seeds_of(seeds)
    if not chosen:
        raise ValueError("`seeds` names no run; give at least one seed.")
    if values == "final":
        config = {**first.config, **_values(pieces, pieces.index[-1])}
        training = begin([_renamed(first, seed, "", "", config) for seed in chosen])
        advance(training, first.steps)
        return runs_of(training)
    orders = {seed: pieces for seed in chosen}
    if values == "shuffled":
        orders = {seed: _shuffled(pieces, first.eval_steps(), seed) for seed in chosen}
    requests = [_renamed(first, seed, run_id, values, {**first.config, **_values(orders[seed], 0)}) for seed in chosen]
    training = begin(requests)
    for step in sorted({int(step) for order in orders.values() for step in order.index if step > 0}):
        advance(training, step)
        for place, seed in enumerate(chosen):
            if step in orders[seed].index and training.runs[place].status == "stopped":
                _move(take(training, [place]), _values(orders[seed], step))
    advance(training, first.steps)
    return runs_of(training)


def _as_it_was(runs: Runs, carried: pd.DataFrame, pieces: pd.DataFrame, request: RunRequest) -> Runs:
    """Repeat a life: one run that follows its schedule, with the random stream of whoever carried it."""
    training = begin([request])
    carriers = zip(*(carried[name].tolist() for name in ("start", "run_id", "seed")), strict=True)
    stops = {start: (carrier, seed) for start, carrier, seed in carriers}
    for step in sorted({*stops, *map(int, pieces.index)} - {0}):
        advance(training, step)
        if step in stops:
            carrier, seed = stops[step]
            reseed(training, seed)
            if new := _new_parts(runs, carrier, step):
                renew(training, new)
        if step in pieces.index:
            _move(training, _values(pieces, step))
    advance(training, int(carried["end"].iloc[-1]))
    return runs_of(training)


def _new_parts(runs: Runs, carrier: str, step: int) -> list[str]:
    """Return what began anew when weights were taken over; refuse a life that is not one run."""
    rows = runs.history[(runs.history["run_id"] == carrier) & (runs.history["step"] == step)]
    taken = set(rows.loc[rows["parent"] != "", "name"])
    new = rows.loc[(rows["parent"] == "") & rows["name"].isin(PARTS), "name"].tolist()
    kept = [part for part in PARTS if part not in taken and part not in new]
    if kept:
        raise ValueError(
            f"run `{carrier}` took over weights at step {step} and kept its own {', '.join(kept)}, so that its life is "
            f"not one run; give `seeds` to train with its schedule."
        )
    return new


def _move(training: Any, values: dict[str, Any]) -> None:
    """Assign what differs from what holds."""
    (run,) = training.runs
    now = {**run.request.config, **run.assigned}
    changed = {name: value for name, value in values.items() if encode_value(value) != encode_value(now.get(name))}
    if changed:
        assign(training, changed)


def _values(pieces: pd.DataFrame, step: int) -> dict[str, Any]:
    """Return what holds from a step on, as Python's own values."""
    row = {name: pieces[name].loc[step] for name in pieces}
    return {str(name): value.item() if isinstance(value, np.generic) else value for name, value in row.items()}


def _shuffled(pieces: pd.DataFrame, steps: list[int], seed: int) -> pd.DataFrame:
    """Give what held in each interval between evaluations to another one."""
    starts = [0, *steps[:-1]]
    held = pieces.reindex(starts, method="ffill")
    order = np.random.default_rng([seed, 2]).permutation(len(starts))
    return held.iloc[order].set_axis(held.index)


def _request(runs: Runs, run_id: str) -> RunRequest:
    """Rebuild what a member was asked to be, and make sure that it is that."""
    row, population = dict(runs.table.loc[run_id].items()), runs.table["population"]
    peers = runs.evals[runs.evals["run_id"].isin(runs.table.index[population == row["population"]])]
    config = {name.removeprefix(HP): encode_value(row[name]) for name in runs.table.columns if name.startswith(HP)}
    request = RunRequest(
        row["algorithm"],
        row["env_id"],
        int(row["seed"]),
        int(row["steps"]),
        {name: value for name, value in config.items() if value is not None},
        int(peers["step"].min()),
        int(peers["n_episodes"].iloc[0]),
        row["engine"],
        population=row["population"],
        member=int(row["member"]),
    )
    if request.run_id != run_id:
        raise ValueError(f"the row of run `{run_id}` does not say how it was trained; give the runs as `evolve` did.")
    return request


def _renamed(
    request: RunRequest, seed: int, run_id: str, values: str, config: dict[str, Any] | None = None
) -> RunRequest:
    """Return a request by which no replay is taken for a plain run, or a plain one where nothing is replayed."""
    return RunRequest(
        request.algorithm,
        request.env_id,
        seed,
        request.steps,
        request.config if config is None else config,
        request.eval_every,
        request.eval_episodes,
        request.engine,
        population=content_hash(replay=run_id, values=values) if run_id else "",
    )
