"""What students typically write for the shares of variance, and a piece of what each is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Wrong = dict[str, tuple[Any, str]]


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


def _variances(scores: Any) -> Any:
    a, b = scores.mean(axis=1).var(), scores.mean(axis=0).var()
    return a, b, scores.var() - a - b


def _of_their_sum(scores: Any) -> Any:
    a, b = scores.mean(axis=1).var(), scores.mean(axis=0).var()
    return a / (a + b), b / (a + b), 0.0


VARIANCE_SHARES: Wrong = {
    "axes swapped": (_shares(axes=(0, 1)), "A and B are swapped"),
    "variances": (_variances, "divide by the variance of all"),
    "within rows": (_shares(part=lambda scores, axis: scores.var(axis=axis).mean()), "*within* rows"),
    "standard deviations": (
        _shares(part=lambda scores, axis: scores.mean(axis=axis).std(), whole=lambda scores: scores.std()),
        "standard deviations",
    ),
    "sample variance": (
        _shares(part=lambda scores, axis: scores.mean(axis=axis).var(ddof=1), whole=lambda scores: scores.var(ddof=1)),
        "`ddof=1` is for samples",
    ),
    "normalised": (_of_their_sum, "divided by their sum"),
    "two shares": (lambda scores: _shares()(scores)[:2], "off by one"),
    "percent": (lambda scores: 100 * np.array(_shares()(scores)), "not percent"),
}
