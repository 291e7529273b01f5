"""Brackets: so many configurations on the lowest rung, the best of them on the next, and so on up."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from rlhp.arguments import choice, whole
from rlhp.hpo.plans._trials import Order, Terms, Trial, added

__all__ = [
    "Bracket",
    "best_first",
    "bracket_orders",
    "fitting",
    "ladder",
    "shown_brackets",
    "spread_of_seeds",
    "survivors",
]

OVER = ("steps", "seeds", "both")

Rung = tuple[int, int]
"""Steps of each run, and seeds."""
Bracket = list[tuple[int, int, int]]
"""Of each rung: configurations, steps of each run, and seeds."""


def check_halving(eta: Any, ratio: Any, over: Any, batch: Any) -> None:
    """Refuse options of a ladder that cannot be."""
    whole("eta", eta, at_least=2, hint="One of so many goes on to the next rung.")
    whole("ratio", ratio, at_least=1, hint="How many times as much the highest rung trains as the lowest.")
    choice("over", over, OVER)
    whole("batch", batch, at_least=1)


def shares(ratio: int, eta: int) -> list[float]:
    """Return what part each rung is of the highest: from 1 / eta^s up to 1, s the largest with eta^s <= ratio."""
    s = 0
    while eta ** (s + 1) <= ratio:
        s += 1
    return [float(eta) ** -k for k in range(s, -1, -1)]


def ladder(terms: Terms, parts: Sequence[float], over: str) -> list[Rung]:
    """Return the rungs, each once: parts of the steps, of the seeds, or first of the steps and then of the seeds.

    Over both, a part is split evenly between the two, in the logarithm, so that steps times seeds is that part.

    Examples
    --------
    >>> terms = Terms(steps=900, seeds=3)
    >>> ladder(terms, [1 / 9, 1 / 3, 1], "steps"), ladder(terms, [1 / 9, 1 / 3, 1], "seeds")
    ([(100, 3), (300, 3), (900, 3)], [(900, 1), (900, 3)])
    >>> ladder(terms, [1 / 9, 1 / 3, 1], "both")
    [(300, 1), (520, 2), (900, 3)]
    """
    rungs: list[Rung] = []
    for part in parts:
        root = math.sqrt(part)
        steps = terms.at({"steps": part, "seeds": 1.0, "both": root}[over])
        seeds = terms.of_seeds({"steps": 1.0, "seeds": part, "both": root}[over])
        if (steps, seeds) not in rungs:
            rungs.append((steps, seeds))
    return rungs


def survivors(n: int, eta: int, rung: int) -> int:
    """Return how many of n configurations reach a rung: one of eta^rung, one at least."""
    return max(1, n // int(eta**rung))


def bracket_of(n: int, rungs: Sequence[Rung], eta: int) -> Bracket:
    """Return the bracket that n configurations begin."""
    return [(survivors(n, eta, at), *rung) for at, rung in enumerate(rungs)]


def cost(bracket: Bracket) -> int:
    """Return the environment steps of a bracket: a rung trains only what the one before did not."""
    return sum(env_steps(bracket))


def env_steps(bracket: Bracket) -> list[int]:
    """Return the environment steps of each rung."""
    before = [0, *(steps * seeds for _, steps, seeds in bracket)]
    return [n * (steps * seeds - done) for (n, steps, seeds), done in zip(bracket, before, strict=False)]


def fitting(n: float, rungs: Sequence[Rung], eta: int, left: float) -> Bracket:
    """Return the largest bracket, of at most n configurations, whose environment steps are left; empty if none is.

    Raises
    ------
    ValueError
        If nothing limits it.
    """
    if math.isinf(n) and math.isinf(left):
        raise ValueError("without a budget, a bracket needs to be told how many configurations begin; give `n=`.")
    least = rungs[0][0] * rungs[0][1]
    low, high = 0, math.floor(min(n, left / least))
    while low < high:  # the cost grows with n
        middle = (low + high + 1) // 2
        low, high = (middle, high) if cost(bracket_of(middle, rungs, eta)) <= left else (low, middle - 1)
    return bracket_of(low, rungs, eta) if low else []


def best_first(trials: Sequence[Trial], rung: int) -> list[Trial]:
    """Return those that have a score at a rung, the best first; of equals, the one that began earlier."""
    scored = [one for one in trials if len(one.rungs) > rung and not math.isnan(one.rungs[rung].score)]
    return sorted(scored, key=lambda one: -one.rungs[rung].score)


def bracket_orders(
    trials: Sequence[Trial], terms: Terms, planned: Callable[[int, float, float], Bracket | None], *, batch: int
) -> list[Order]:
    """Go on with the bracket that is under way, or begin the next.

    Parameters
    ----------
    trials, terms
        As `Plan.next` has them.
    planned : callable
        ``planned(number, left, room) -> bracket``: what that bracket is if so many environment steps and
        configurations are left when it begins; empty or None where there is none.
    batch : int
        Configurations that begin at a time, at most.
    """
    number = trials[-1].bracket if trials else 0
    members = [one for one in trials if one.bracket == number]
    before = [one for one in trials if one.bracket < number]
    bracket = planned(number, terms.left(before), terms.room(len(before)))
    if not bracket:
        return []
    if len(members) < bracket[0][0]:
        _, steps, seeds = bracket[0]
        wanted = min(batch, bracket[0][0] - len(members))
        return [Order(len(trials) + i, number, steps, seeds) for i in range(wanted)]
    for rung, (n, steps, seeds) in enumerate(bracket[1:], start=1):
        chosen = best_first(members, rung - 1)[:n]
        waiting = [Order(one.number, number, steps, seeds) for one in chosen if len(one.rungs) == rung]
        if waiting:
            return waiting
    following = planned(number + 1, terms.left(trials), terms.room(len(trials)))
    if not following:
        return []
    n, steps, seeds = following[0]
    return [Order(len(trials) + i, number + 1, steps, seeds) for i in range(min(batch, n))]


def shown_brackets(brackets: Sequence[Bracket]) -> pd.DataFrame:
    """Return brackets as the table of a plan."""
    rows = [
        {"bracket": number, "rung": rung, "n": n, "steps": steps, "seeds": seeds, "env_steps": spent}
        for number, bracket in enumerate(brackets)
        for rung, ((n, steps, seeds), spent) in enumerate(zip(bracket, env_steps(bracket), strict=True))
    ]
    columns = ["bracket", "rung", "n", "steps", "seeds", "env_steps"]
    return pd.DataFrame(rows, columns=columns).astype("Int64")


def shown_ladder(rungs: Sequence[Rung]) -> pd.DataFrame:
    """Return the rungs of a plan that has one bracket, in which what is measured decides how many climb."""
    frame = shown_brackets([[(1, steps, seeds) for steps, seeds in rungs]])
    frame["n"] = pd.array([pd.NA] * len(frame), dtype="Int64")
    frame["env_steps"] = pd.array([pd.NA] * len(frame), dtype="Int64")
    return frame


def affordable(orders: Sequence[Order], trials: Sequence[Trial], terms: Terms) -> list[Order]:
    """Return the orders, in their order, that the budget allows together."""
    left, kept = terms.left(trials), []
    for one in orders:
        trial = trials[one.trial] if one.trial < len(trials) else None
        spent = added(trial, one.steps, one.seeds)
        if spent <= left:
            kept.append(one)
            left -= spent
    return kept


def may_be_best(ended: Sequence[Trial], terms: Terms, patience: float) -> list[Trial]:
    """Return those at their end that may be the best and have seeds to come, the highest mean first.

    That is whose mean, and `patience` standard errors of it, is not below the best mean of those with all seeds.
    """
    best = max((one.last.score for one in ended if one.last.seeds == terms.seeds), default=-math.inf)
    spread = spread_of_seeds(ended) if patience else 0.0
    spread = 0.0 if math.isnan(spread) else spread
    return sorted(
        (
            one
            for one in ended
            if one.last.seeds < terms.seeds and one.last.score + patience * spread / math.sqrt(one.last.seeds) >= best
        ),
        key=lambda one: -one.last.score,
    )


def spread_of_seeds(trials: Sequence[Trial]) -> float:
    """Return the standard deviation between seeds, pooled over the trials that have several; NaN where none has."""
    several = [one.last.scores for one in trials if one.rungs and one.last.seeds > 1 and math.isfinite(one.last.score)]
    freedom = sum(len(one) - 1 for one in several)
    return math.sqrt(sum(float(np.var(one)) * len(one) for one in several) / freedom) if freedom else math.nan
