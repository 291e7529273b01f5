"""What students typically write for the share of the seed, and a piece of what each is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Wrong = dict[str, tuple[Any, str]]


def _share(
    *,
    axis: int = 1,
    ddof: tuple[int, int] = (1, 1),
    off: Callable[[Any, int], Any] = lambda within, n: within / n,
    least: float = 0.0,
    give: Callable[[Any, Any], Any] = lambda within, between: within / (within + between),
) -> Callable[[Any], Any]:
    """Build a wrong `seed_noise_share`: the right one with one part replaced."""

    def answer(scores: Any) -> Any:
        within = scores.var(axis=axis, ddof=ddof[0]).mean()
        between = scores.mean(axis=axis).var(ddof=ddof[1]) - off(within, scores.shape[axis])
        return give(within, max(least, between))

    return answer


SEED_NOISE: Wrong = {
    "noise left in the means": (_share(off=lambda within, n: 0.0), "holds noise of its own"),
    "all noise taken off": (_share(off=lambda within, n: within), "S-th part of the noise"),
    "all of it, and negative": (_share(off=lambda within, n: within, least=-np.inf), "and below 0"),
    "ddof 0 within": (_share(ddof=(0, 1)), "`ddof=1` within"),
    "ddof 0 throughout": (_share(ddof=(0, 0)), "both variances too small"),
    "wrong axis": (_share(axis=0), "wrong axis"),
    "the other share": (_share(give=lambda within, between: between / (within + between)), "asked is the rest"),
    "of all runs": (lambda scores: scores.var(axis=1, ddof=1).mean() / scores.var(ddof=1), "not the sum of the two"),
    "standard deviations": (
        _share(give=lambda within, between: np.sqrt(within) / (np.sqrt(within) + np.sqrt(between))),
        "standard deviations",
    ),
    "negative between": (_share(least=-np.inf), "Nothing can be below 0"),
    "percent": (_share(give=lambda within, between: 100 * within / (within + between)), "not percent"),
}
