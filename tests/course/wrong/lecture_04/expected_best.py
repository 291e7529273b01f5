"""What students typically write for 04.expected_best, and a piece of what each is told."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np


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


# %% the best of all: "best of all"
def expected_best(scores, n):
    return float(np.max(scores))


# %% the mean: "*one* draw"
def expected_best(scores, n):
    return float(np.mean(scores))


# %% the first n: "first n"
def expected_best(scores, n):
    return float(np.max(scores[:n]))


# %% the mean of the n best: "n best"
def expected_best(scores, n):
    return float(np.sort(scores)[-n:].mean())


# %% a quantile: "quantile"
def expected_best(scores, n):
    return float(np.quantile(scores, n / (n + 1)))


# %% without replacement: "with replacement"
def expected_best(scores: Any, n: int) -> float:
    ordered = np.sort(scores)
    n_all = len(ordered)
    weights = [math.comb(i, n - 1) / math.comb(n_all, n) if i >= n - 1 else 0.0 for i in range(n_all)]
    return float(np.sum(ordered * weights))


# %% forgets to sort: "sorted"
expected_best = _weighed(order=lambda scores: scores)

# %% sorts downwards: "worst of"
expected_best = _weighed(order=lambda scores: np.sort(scores)[::-1])

# %% adds up the chances: "not larger"
expected_best = _weighed(weights=lambda i, n: (i / len(i)) ** n)

# %% off by one: "larger ones"
expected_best = _weighed(weights=lambda i, n: ((i - 1) / len(i)) ** n)

# %% draws counted twice: "one draw too many"
expected_best = _weighed(weights=lambda i, n: (i / len(i)) ** (n + 1) - ((i - 1) / len(i)) ** (n + 1))
