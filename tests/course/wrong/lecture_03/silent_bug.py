"""What students typically write for 03.silent_bug, and a piece of what each is told."""

from collections.abc import Callable
from typing import Any

import numpy as np


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
    return curves[np.random.randint(len(curves), size=(n_boot, len(curves)))]


def _single(curves: Any, n_boot: int, rng: Any) -> Any:
    return curves[rng.integers(len(curves), size=(n_boot, 1))]


# %% the bug itself: "every evaluation of a resampled run"
fixed_interval = _interval(resample=_every_evaluation)

# %% evaluations in place of runs: "resampled the evaluations"
fixed_interval = _interval(resample=_evaluations_only)

# %% without replacement: "without replacement"
fixed_interval = _interval(resample=_permuted)

# %% global numpy.random: "numpy.random"
fixed_interval = _interval(resample=_global)

# %% one run a resample: "as many runs as there are"
fixed_interval = _interval(resample=_single)

# %% 90 per cent: "90 %"
fixed_interval = _interval(ends=lambda means: np.quantile(means, [0.05, 0.95]))

# %% the whole range: "whole range"
fixed_interval = _interval(ends=lambda means: np.array([means.min(), means.max()]))

# %% quartiles: "middle half"
fixed_interval = _interval(ends=lambda means: np.quantile(means, [0.25, 0.75]))

# %% upper end first: "lower end comes first"
fixed_interval = _interval(ends=lambda means: np.quantile(means, [0.975, 0.025]))

# %% one end: "two numbers"
fixed_interval = _interval(ends=lambda means: np.quantile(means, 0.025))

# %% final evaluation: "last evaluation"
fixed_interval = _interval(average=lambda drawn: drawn[:, :, -1].mean(axis=1))
