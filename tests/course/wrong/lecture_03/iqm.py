"""What students typically write for 03.iqm, and a piece of what each is told."""

from collections.abc import Callable
from typing import Any

import numpy as np


def _iqm(
    cut: Callable[[int], int] = lambda n: n // 4,
    order: Callable[[Any], Any] = np.sort,
    low: bool = True,
    high: bool = True,
    of: Callable[[Any], Any] = np.mean,
) -> Callable[..., Any]:
    """Build a wrong `iqm`: the right one with one part replaced."""

    def answer(scores: Any) -> Any:
        n = len(scores)
        return of(order(scores)[cut(n) * low : n - cut(n) * high])

    return answer


# %% mean: "plain mean"
def iqm(scores):
    return np.mean(scores)


# %% median: "median"
def iqm(scores):
    return np.median(scores)


# %% not sorted: "not sorted"
iqm = _iqm(order=lambda scores: scores)

# %% only the best left out: "lowest quarter is still in"
iqm = _iqm(low=False)

# %% only the worst left out: "highest quarter is still in"
iqm = _iqm(high=False)

# %% an eighth: "Too few are left out"
iqm = _iqm(cut=lambda n: n // 8)


# %% interquartile range: "interquartile *range*"
def iqm(scores):
    return np.quantile(scores, 0.75) - np.quantile(scores, 0.25)


# %% mean of the quartiles: "two quartiles"
def iqm(scores):
    return np.quantile(scores, [0.25, 0.75]).mean()


# %% sum: "sum"
iqm = _iqm(of=np.sum)

# %% rounded up: "rounded down"
iqm = _iqm(cut=lambda n: -(-n // 4))


# %% sorts in place: "changes its argument"
def iqm(scores: Any) -> Any:
    scores.sort()
    cut = len(scores) // 4
    return scores[cut : len(scores) - cut].mean()


# %% the middle half itself: "one number was expected"
iqm = _iqm(of=lambda middle: middle)
