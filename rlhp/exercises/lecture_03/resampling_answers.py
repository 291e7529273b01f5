"""What students typically write for the interval and for wrong studies, and a piece of what each is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Wrong = dict[str, tuple[Any, str]]


def _interval(
    *,
    resample: Callable[..., Any] = lambda curves, n_boot, rng: curves[
        rng.integers(len(curves), size=(n_boot, len(curves)))
    ],
    average: Callable[[Any], Any] = lambda drawn: drawn.mean(axis=(1, 2)),
    ends: Callable[[Any], Any] = lambda means: np.quantile(means, [0.025, 0.975]),
) -> Callable[..., Any]:
    """Build a wrong `fixed_interval`: the right one with one part replaced."""

    def answer(curves: Any, n_boot: int, *, rng: Any) -> Any:
        return ends(average(resample(curves, n_boot, rng)))

    return answer


def _every_evaluation(curves: Any, n_boot: int, rng: Any) -> Any:
    drawn = rng.integers(len(curves), size=(n_boot, *curves.shape))
    return np.take_along_axis(curves[None], drawn, axis=1)


def _evaluations_only(curves: Any, n_boot: int, rng: Any) -> Any:
    steps = curves.shape[1]
    return curves[:, rng.integers(steps, size=(n_boot, steps))].transpose(1, 0, 2)


def _permuted(curves: Any, n_boot: int, rng: Any) -> Any:
    return np.stack([rng.permutation(curves) for _ in range(n_boot)])


def _global(curves: Any, n_boot: int, rng: Any) -> Any:
    return curves[np.random.randint(len(curves), size=(n_boot, len(curves)))]  # noqa: NPY002


def _single(curves: Any, n_boot: int, rng: Any) -> Any:
    return curves[rng.integers(len(curves), size=(n_boot, 1))]


SILENT_BUG: Wrong = {
    "the bug itself": (_interval(resample=_every_evaluation), "every evaluation of a resampled run"),
    "evaluations in place of runs": (_interval(resample=_evaluations_only), "resampled the evaluations"),
    "without replacement": (_interval(resample=_permuted), "without replacement"),
    "global numpy.random": (_interval(resample=_global), "numpy.random"),
    "one run a resample": (_interval(resample=_single), "as many runs as there are"),
    "90 per cent": (_interval(ends=lambda means: np.quantile(means, [0.05, 0.95])), "90 %"),
    "the whole range": (_interval(ends=lambda means: np.array([means.min(), means.max()])), "whole range"),
    "quartiles": (_interval(ends=lambda means: np.quantile(means, [0.25, 0.75])), "middle half"),
    "upper end first": (_interval(ends=lambda means: np.quantile(means, [0.975, 0.025])), "lower end comes first"),
    "one end": (_interval(ends=lambda means: np.quantile(means, 0.025)), "two numbers"),
    "final evaluation": (_interval(average=lambda drawn: drawn[:, :, -1].mean(axis=1)), "last evaluation"),
}


def _share(
    *,
    draw: Callable[..., Any] = lambda values, n, studies, rng: rng.choice(values, size=(studies, n)),
    middle: Callable[[Any], Any] = lambda drawn: drawn.mean(axis=1),
    wrong: Callable[..., Any] = lambda better, worse: (worse > better).mean(),
) -> Callable[..., Any]:
    """Build a wrong `wrong_share`: the right one with one part replaced."""

    def answer(better: Any, worse: Any, n: int, n_studies: int, *, rng: Any) -> Any:
        return wrong(middle(draw(better, n, n_studies, rng)), middle(draw(worse, n, n_studies, rng)))

    return answer


def _paired(better: Any, worse: Any, n: int, n_studies: int, *, rng: Any) -> Any:
    drawn = rng.integers(min(len(better), len(worse)), size=(n_studies, n))
    return (worse[drawn].mean(axis=1) > better[drawn].mean(axis=1)).mean()


def _fixed(values: Any, n: int, studies: int, rng: Any) -> Any:
    return np.random.default_rng(0).choice(values, size=(studies, n))


WRONG_SHARE: Wrong = {
    "share of right ones": (_share(wrong=lambda better, worse: (better > worse).mean()), "*right*"),
    "one seed": (_share(draw=lambda values, n, studies, rng: rng.choice(values, size=(studies, 1))), "single seed"),
    "the best seed": (_share(middle=lambda drawn: drawn.max(axis=1)), "best seed"),
    "the median": (_share(middle=lambda drawn: np.median(drawn, axis=1)), "median"),
    "mean over studies": (_share(middle=lambda drawn: drawn.mean(axis=0)), "over the studies"),
    "a single study": (
        _share(draw=lambda values, n, studies, rng: rng.choice(values, size=(1, n))),
        "a single study",
    ),
    "a count": (_share(wrong=lambda better, worse: (worse > better).sum()), "a count"),
    "ties are wrong": (_share(wrong=lambda better, worse: (worse >= better).mean()), "ties"),
    "pairs seeds": (_paired, "same seeds"),
    "a fixed seed": (_share(draw=_fixed), "whatever `rng`"),
    "without replacement": (
        _share(
            draw=lambda values, n, studies, rng: np.stack(
                [rng.choice(values, size=n, replace=False) for _ in range(studies)]
            )
        ),
        "replace is False",
    ),
}
