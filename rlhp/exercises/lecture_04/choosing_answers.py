"""What students typically write about the best of many, and a piece of what each is told."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

Wrong = dict[str, tuple[Any, str]]


def _without_replacement(scores: Any, n: int) -> float:
    ordered = np.sort(scores)
    n_all = len(ordered)
    weights = [math.comb(i, n - 1) / math.comb(n_all, n) if i >= n - 1 else 0.0 for i in range(n_all)]
    return float(np.sum(ordered * weights))


def _weighed(
    *,
    order: Callable[[Any], Any] = np.sort,
    weights: Callable[[Any, int], Any] = lambda i, n: (i / len(i)) ** n - ((i - 1) / len(i)) ** n,
) -> Callable[..., Any]:
    """Build a wrong `expected_best`: the right one with one part replaced."""

    def answer(scores: Any, n: int) -> float:
        ordered = order(np.asarray(scores, dtype=float))
        return float(np.sum(ordered * weights(np.arange(1, len(ordered) + 1), n)))

    return answer


EXPECTED_BEST: Wrong = {
    "the best of all": (lambda scores, n: float(np.max(scores)), "best of all"),
    "the mean": (lambda scores, n: float(np.mean(scores)), "*one* draw"),
    "the first n": (lambda scores, n: float(np.max(scores[:n])), "first n"),
    "the mean of the n best": (lambda scores, n: float(np.sort(scores)[-n:].mean()), "n best"),
    "a quantile": (lambda scores, n: float(np.quantile(scores, n / (n + 1))), "quantile"),
    "without replacement": (_without_replacement, "with replacement"),
    "forgets to sort": (_weighed(order=lambda scores: scores), "sorted"),
    "sorts downwards": (_weighed(order=lambda scores: np.sort(scores)[::-1]), "worst of"),
    "adds up the chances": (_weighed(weights=lambda i, n: (i / len(i)) ** n), "not larger"),
    "off by one": (_weighed(weights=lambda i, n: ((i - 1) / len(i)) ** n), "larger ones"),
    "draws counted twice": (
        _weighed(weights=lambda i, n: (i / len(i)) ** (n + 1) - ((i - 1) / len(i)) ** (n + 1)),
        "one draw too many",
    ),
}


def _honest(
    *,
    choose: Callable[[Any, int], Any] = lambda scores, n: scores[:, :n].mean(axis=1),
    pick: Callable[[Any], Any] = np.argmax,
    tuned: Callable[[Any, int, int], float] = lambda scores, row, n: scores[row, :n].mean(),
    judged: Callable[[Any, int, int], float] = lambda scores, row, n: scores[row, n:].mean(),
    shape: Callable[[int, float, float], Any] = lambda row, first, second: (row, first, second),
) -> Callable[..., Any]:
    """Build a wrong `honest_best`: the right one with one part replaced."""

    def answer(scores: Any, n_tuning: int) -> Any:
        scores = np.asarray(scores, dtype=float)
        row = int(pick(choose(scores, n_tuning)))
        return shape(row, float(tuned(scores, row, n_tuning)), float(judged(scores, row, n_tuning)))

    return answer


def _over_configurations(scores: Any, n: int) -> Any:
    return scores.mean(axis=0)


HONEST_BEST: Wrong = {
    "chooses with all seeds": (_honest(choose=lambda scores, n: scores.mean(axis=1)), "with all seeds"),
    "chooses with the judges": (_honest(choose=lambda scores, n: scores[:, n:].mean(axis=1)), "that should judge"),
    "chooses with one seed": (_honest(choose=lambda scores, n: scores[:, 0]), "first seed alone"),
    "chooses by the luckiest run": (_honest(choose=lambda scores, n: scores[:, :n].max(axis=1)), "luckiest"),
    "the worst": (_honest(pick=np.argmin), "lowest"),
    "the wrong axis": (_honest(choose=_over_configurations), "axis 1"),
    "judges with the tuning seeds": (
        _honest(judged=lambda scores, row, n: scores[row, :n].mean()),
        "same seeds",
    ),
    "judges with all seeds": (_honest(judged=lambda scores, row, n: scores[row].mean()), "tuning seeds are among"),
    "tuned over all seeds": (_honest(tuned=lambda scores, row, n: scores[row].mean()), "belongs to the tuning seeds"),
    "every row judged": (_honest(judged=lambda scores, row, n: scores[:, n:].mean(axis=1).max()), "best of the judges"),
    "numbers swapped": (_honest(shape=lambda row, first, second: (row, second, first)), "swapped"),
    "only the scores": (_honest(shape=lambda row, first, second: (first, second)), "three things"),
}
