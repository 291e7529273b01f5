"""What students typically write for 05.variance_shares, and a piece of what each is told."""

from collections.abc import Callable
from typing import Any

import numpy as np


def _shares(
    part: Callable[[Any, int], Any] = lambda scores, axis: scores.mean(axis=axis).var(),
    whole: Callable[[Any], Any] = lambda scores: scores.var(),
    axes: tuple[int, int] = (1, 0),
) -> Callable[[Any], Any]:
    """Build a wrong `variance_shares`: the right one with one part replaced."""

    def answer(scores: Any) -> Any:
        a, b = (part(scores, axis) / whole(scores) for axis in axes)
        return a, b, 1 - a - b

    return answer


# %% axes swapped: "A and B are swapped"
variance_shares = _shares(axes=(0, 1))


# %% variances: "divide by the variance of all"
def variance_shares(scores: Any) -> Any:
    a, b = scores.mean(axis=1).var(), scores.mean(axis=0).var()
    return a, b, scores.var() - a - b


# %% within rows: "*within* rows"
variance_shares = _shares(part=lambda scores, axis: scores.var(axis=axis).mean())

# %% standard deviations: "standard deviations"
variance_shares = _shares(part=lambda scores, axis: scores.mean(axis=axis).std(), whole=lambda scores: scores.std())

# %% sample variance: "`ddof=1` is for samples"
variance_shares = _shares(
    part=lambda scores, axis: scores.mean(axis=axis).var(ddof=1), whole=lambda scores: scores.var(ddof=1)
)


# %% normalised: "divided by their sum"
def variance_shares(scores: Any) -> Any:
    a, b = scores.mean(axis=1).var(), scores.mean(axis=0).var()
    return a / (a + b), b / (a + b), 0.0


# %% two shares: "off by one"
def variance_shares(scores):
    return _shares()(scores)[:2]


# %% percent: "not percent"
def variance_shares(scores):
    return 100 * np.array(_shares()(scores))
