"""The loop of a search: the plan orders, the searcher proposes, the evaluator trains, and both are told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from rlhp.hpo.evaluating._evaluating import Evaluator, Goal, Reached, score_of
from rlhp.hpo.plans._brackets import spread_of_seeds
from rlhp.hpo.plans._trials import Measured, Order, Plan, Terms, Trial, added
from rlhp.hpo.search._search import Search

__all__ = ["Replayed", "search_trials"]


class Replayed:
    """A search from its beginning: what its journal knows is given and taken again, then it goes on.

    Parameters
    ----------
    search : Search
    """

    def __init__(self, search: Search) -> None:
        self.search = search
        self._asks = iter(list(search.asked))
        self._told = len(search.observations)

    def ask(self, n: int) -> list[dict[str, Any]]:
        """Return the next configurations, those of the journal first.

        Raises
        ------
        ValueError
            If the journal has another number of them: it is of a search with another plan or budget.
        """
        known = next(self._asks, None)
        if known is None:
            return self.search.ask(n)
        if len(known) != n:
            raise ValueError(
                f"the journal has an ask for {len(known)} configurations where this search asks for {n}: it is of "
                f"another plan or budget; give the same again, or another `out=`."
            )
        return known

    def tell(
        self,
        configurations: Sequence[Mapping[str, Any]],
        scores: Sequence[float],
        noise: Sequence[float],
        steps: Sequence[float],
    ) -> None:
        """Say what configurations were worth, unless the journal has it."""
        known = min(self._told, len(configurations))
        self._told -= known
        if known < len(configurations):
            self.search.tell(configurations[known:], scores[known:], noise[known:], steps[known:])


def search_trials(
    search: Search,
    plan: Plan,
    terms: Terms,
    evaluator: Evaluator,
    *,
    on_measured: Callable[[Sequence[Trial]], None] = lambda trials: None,
) -> list[Trial]:
    """Search until the plan orders nothing more.

    Parameters
    ----------
    search : Search
    plan : Plan
    terms : Terms
    evaluator : Evaluator
    on_measured : callable
        Called with the trials after each rung of any of them.

    Raises
    ------
    RuntimeError
        If the plan orders more than the budget allows, or what cannot be.
    """
    replayed = Replayed(search)
    trials: list[Trial] = []
    while orders := _possible(plan.next(tuple(trials), terms), len(trials), evaluator.capacity):
        _check(orders, trials, terms)
        new = [one for one in orders if one.trial >= len(trials)]
        for order, configuration in zip(new, replayed.ask(len(new)) if new else [], strict=True):
            trials.append(Trial(order.trial, order.bracket, configuration))
        measured = measure(orders, trials, evaluator)
        for order, one in zip(orders, measured, strict=True):
            trial = trials[order.trial]
            trials[order.trial] = replace(trial, bracket=order.bracket, rungs=(*trial.rungs, one))
        told = [trials[one.trial].configuration for one in orders]
        replayed.tell(told, [one.score for one in measured], _noise(measured, trials), [one.steps for one in measured])
        on_measured(trials)
    return trials


def _noise(measured: Sequence[Measured], trials: Sequence[Trial]) -> list[float]:
    """Return standard errors: of a single seed, the spread between seeds of all that have several."""
    spread = spread_of_seeds(trials)
    return [one.noise if one.seeds > 1 else spread for one in measured]


def measure(orders: Sequence[Order], trials: Sequence[Trial], evaluator: Evaluator) -> list[Measured]:
    """Train what is ordered, all runs together, and return what each trial shows."""
    seeds, objective = evaluator.judging.tuning, evaluator.judging.objective
    goals = [Goal(trials[one.trial].configuration, seed, one.steps) for one in orders for seed in seeds[: one.seeds]]
    reached: Iterator[Reached] = iter(evaluator.train(goals))
    found = []
    for one in orders:
        runs = [next(reached) for _ in range(one.seeds)]
        scores = tuple(score_of(run, objective) for run in runs)
        found.append(Measured(one.steps, one.seeds, scores, tuple((run.steps, run.values) for run in runs)))
    return found


def _possible(orders: Sequence[Order], n_trials: int, capacity: int | None) -> list[Order]:
    """Leave out configurations that there are not."""
    return [one for one in orders if capacity is None or one.trial < max(capacity, n_trials)]


def _check(orders: Sequence[Order], trials: Sequence[Trial], terms: Terms) -> None:
    """Refuse orders that a plan must not give; it may be somebody's own."""
    total, new = 0, len(trials)
    for one in orders:
        trial = trials[one.trial] if one.trial < len(trials) else None
        if trial is None:
            if one.trial != new:
                raise RuntimeError(f"the plan ordered trial {one.trial} where the next new one is {new}.")
            new += 1
        elif one.steps < trial.last.steps or one.seeds < trial.last.seeds:
            raise RuntimeError(
                f"the plan ordered trial {one.trial} back to {one.steps} steps and {one.seeds} seeds, from "
                f"{trial.last.steps} and {trial.last.seeds}."
            )
        if not (0 < one.steps <= terms.steps and 0 < one.seeds <= terms.seeds):
            raise RuntimeError(
                f"the plan ordered {one.steps} steps and {one.seeds} seeds; there are {terms.steps} and {terms.seeds}."
            )
        total += added(trial, one.steps, one.seeds)
    if len({one.trial for one in orders}) < len(orders):
        raise RuntimeError("the plan ordered a trial twice at a time.")
    if total > terms.left(trials):
        raise RuntimeError(f"the plan ordered {total:,} environment steps; {terms.left(trials):,.0f} are left.")
    if total == 0:
        raise RuntimeError("the plan ordered nothing that was not trained before.")
