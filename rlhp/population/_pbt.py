"""`evolve`: a population trains, meets, and trains on: one loop over the verbs of `rlhp.trainers.segments`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from ConfigSpace import ConfigurationSpace
from tqdm.auto import tqdm

from rlhp import arguments
from rlhp.algorithms import names
from rlhp.frames import encode_value
from rlhp.population._exchange import Exchange, meet
from rlhp.population._explore import moving_names
from rlhp.population._members import (
    check_space,
    configs_now,
    fitness_now,
    lived,
    requests_of_population,
    ticks_done,
)
from rlhp.runs import Runs, concat
from rlhp.spaces import need_space
from rlhp.sweeps import Evaluation, Store, seeds_of
from rlhp.trainers import RunRequest, counted
from rlhp.trainers.segments import (
    Training,
    advance,
    assign,
    begin,
    inherit,
    join,
    renew,
    restore,
    runs_of,
    snapshot,
    take,
)

__all__ = ["evolve"]

_MOST = 100_000  # members of a population
_SIDE_BY_SIDE = 200  # members that are in memory together at most, where several populations are


def evolve(
    algorithm: str,
    env_id: str,
    space: ConfigurationSpace,
    *,
    size: int,
    steps: int,
    exchange: Exchange,
    seeds: int | Iterable[int] = 1,
    evaluation: Evaluation | int = Evaluation(),
    out: str | Path | None = None,
) -> Runs:
    """Train populations whose members go on from each other, with hyperparameters that change on the way.

    A progress bar counts the environment steps (`TQDM_DISABLE=1` in the environment takes it away).

    Parameters
    ----------
    algorithm : str
        What the compiled engine has.
    env_id : str
        An environment of the compiled engine.
    space : ConfigurationSpace
        What moves, and where; what has one level, or is a Constant, is held. Hyperparameters that are not named keep
        their default. It has neither conditions nor forbidden clauses.
    size : int
        Members of a population.
    steps : int
        Environment steps of each member.
    exchange : Exchange
        When the members meet, and what happens then.
    seeds : int or iterable of int
        How many populations (0, 1, ...), or which. They never meet each other, and share their programs.
    evaluation : Evaluation or int
        When a member is evaluated, and over how many episodes. By default as often as somebody meets; otherwise its
        `every` has to divide that.
    out : path, optional
        Folder of the runs. Each population is written at each of its meetings, and the same call again goes on from
        there, to the same table. `Runs.load(out)` reads the populations that are at their end, and no half of one.

    Returns
    -------
    Runs
        Seed by seed, member by member; `population` and `member` of `table` say which is which. `history` has a row for
        each value that changed, and for each part that was taken over from another run.

    Raises
    ------
    ValueError, TypeError
        If an argument cannot be. Members that differ in what cannot move while they train are refused.
    RuntimeError
        If another sweep writes to `out`.

    Examples
    --------
    >>> from ConfigSpace import ConfigurationSpace, Float
    >>> space = ConfigurationSpace(space=[Float("learning_rate", (1e-4, 1e-2), log=True)])
    >>> runs = evolve("a2c", "Pendulum-v1", space, size=20, steps=300_000, exchange=Exchange(every=10_000),
    ...               seeds=10)  # doctest: +SKIP
    """
    algorithm = arguments.choice("algorithm", algorithm, names())
    env_id = arguments.text("env_id", env_id, hint="An id such as 'CartPole-v1', or 'module:EnvId'.")
    need_space(space)
    arguments.instance("exchange", exchange, Exchange, hint="`rlhp.population.Exchange(every=10_000)` makes one.")
    size = arguments.whole("size", size, at_least=1, at_most=_MOST)
    steps = counted("steps", steps)
    evaluated = _evaluation(evaluation, exchange)
    wanted = [
        requests_of_population(algorithm, env_id, space, exchange, evaluated, size=size, steps=steps, seed=seed)
        for seed in seeds_of(seeds)
    ]
    if not wanted:
        raise ValueError("`seeds` names no population; give at least one seed.")
    check_space(space, wanted[0][0])
    store = None if out is None else Store(out)
    if store is None:
        return concat(_trained(wanted, space, exchange, None))
    store.acquire()
    try:
        held = store.held([one.run_id for many in wanted for one in many], retry_failed=False, need_policies=False)
        there = set() if held is None else set(held.table.index)
        missing = [many for many in wanted if not there.issuperset(one.run_id for one in many)]
        for many in wanted:
            if many not in missing:  # killed after its end, and before this was removed
                _place(store, many).unlink(missing_ok=True)
        found = concat([*([] if held is None else [held]), *_trained(missing, space, exchange, store)])
        store.compact()
        return Runs(found.table.loc[[one.run_id for many in wanted for one in many]], found.evals, found.history)
    finally:
        store.release()


@dataclass(frozen=True, eq=False)
class _Population:
    """One repetition, in training."""

    seed: int
    training: Training
    kept: Path | None

    @property
    def total_steps(self) -> int:
        return self.training.runs[0].request.steps

    def goal(self, exchange: Exchange) -> int:
        """Return the step at which somebody meets next."""
        return min((ticks_done(self.training.runs, exchange) + 1) * exchange.tick, self.total_steps)

    @property
    def going(self) -> bool:
        return any(run.status in ("going", "stopped") for run in self.training.runs)


def _trained(
    wanted: Sequence[Sequence[RunRequest]], space: ConfigurationSpace, exchange: Exchange, store: Store | None
) -> list[Runs]:
    """Train populations to their end, several side by side."""
    if not wanted:
        return []
    found = []
    together = max(1, _SIDE_BY_SIDE // len(wanted[0]))
    steps = sum(one.steps for many in wanted for one in many)
    with tqdm(total=steps, unit="step", unit_scale=True, desc="evolving") as bar:
        for first in range(0, len(wanted), together):
            populations = [_taken_up(many, store) for many in wanted[first : first + together]]
            found += _to_their_end(populations, space, exchange, store, bar)
    return found


def _to_their_end(
    populations: list[_Population], space: ConfigurationSpace, exchange: Exchange, store: Store | None, bar: Any
) -> list[Runs]:
    done: dict[int, Runs] = {}
    bar.update(sum(run.step for one in populations for run in one.training.runs))
    while left := [one for one in populations if one.seed not in done]:
        everybody = join([one.training for one in left])
        goals = [one.goal(exchange) for one in left for _ in one.training.runs]
        before = sum(run.step for run in everybody.runs)
        advance(everybody, goals)
        bar.update(sum(run.step for run in everybody.runs) - before)
        for one, step in zip(left, goals[:: len(left[0].training)], strict=True):
            if step < one.total_steps and one.going:
                _meet(one, space, exchange, step)
                if one.kept is not None:
                    snapshot(one.training, one.kept)
                continue
            done[one.seed] = runs_of(one.training)
            if store is not None and one.kept is not None:
                store.write(done[one.seed])
                one.kept.unlink(missing_ok=True)
    return [done[one.seed] for one in populations]


def _meet(population: _Population, space: ConfigurationSpace, exchange: Exchange, step: int) -> None:
    """Let a population meet, and let each member go on with what came of it."""
    runs, number = population.training.runs, step // exchange.tick
    if len(runs) == 1:
        return  # there is nobody to meet
    lost = np.array([run.status == "failed" for run in runs])  # of them nothing is left that could go on
    fitness = fitness_now(runs, step)
    now = configs_now(runs, space)
    broken = np.array([run.status == "diverged" for run in runs])
    met = meet(
        exchange,
        space,
        step=step,
        total_steps=population.total_steps,
        configs=now,
        fitness=fitness,
        past=lived(runs, space, exchange),
        ready=(exchange.ready(number, len(runs)) | broken) & ~lost,
        rng=np.random.default_rng([population.seed, 1, number]),
    )
    children, places = met.children, np.arange(len(runs))
    whole = np.where(broken, met.parents, places)  # of what diverged nothing is kept
    inherit(population.training, whole.tolist())
    if exchange.parts:
        inherit(population.training, np.where(broken, places, met.parents).tolist(), parts=exchange.parts)
    if exchange.copied == "fresh optimizer" and len(children):
        renew(take(population.training, children.tolist()), ["optimizer"])
    for child in children.tolist():
        new = {name: met.configs[child][name] for name in moving_names(space)}
        changed = {name: value for name, value in new.items() if encode_value(value) != encode_value(now[child][name])}
        if changed:
            assign(take(population.training, [child]), changed)


def _taken_up(requests: Sequence[RunRequest], store: Store | None) -> _Population:
    """Begin a population, or go on from where it was written last."""
    size = len(requests)
    seed = requests[0].seed // size
    if store is None:
        return _Population(seed, begin(requests), None)
    path = _place(store, requests)
    training = restore(path) if path.exists() else begin(requests)
    if training.run_ids != [one.run_id for one in requests]:
        raise ValueError(f"{path} holds other runs than it was named for; remove it, and the population begins anew.")
    return _Population(seed, training, path)


def _place(store: Store, requests: Sequence[RunRequest]) -> Path:
    """Return where a population is kept while it trains."""
    return store.folder / "populations" / f"{requests[0].population}.zip"


def _evaluation(evaluation: Any, exchange: Exchange) -> Evaluation:
    given = Evaluation.of(evaluation)
    if given.every is None:
        return Evaluation(exchange.tick, given.episodes)
    if exchange.tick % given.every:
        raise ValueError(
            f"`evaluation.every` is {given.every}, which does not divide the {exchange.tick} steps from one meeting to "
            f"the next; give one that does, or leave it out."
        )
    return given
