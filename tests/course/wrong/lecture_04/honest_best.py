"""What students typically write for 04.honest_best, and a piece of what each is told."""

from collections.abc import Callable
from typing import Any

import numpy as np


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


# %% chooses with all seeds: "with all seeds"
honest_best = _honest(choose=lambda scores, n: scores.mean(axis=1))

# %% chooses with the judges: "that should judge"
honest_best = _honest(choose=lambda scores, n: scores[:, n:].mean(axis=1))

# %% chooses with one seed: "first seed alone"
honest_best = _honest(choose=lambda scores, n: scores[:, 0])

# %% chooses by the luckiest run: "luckiest"
honest_best = _honest(choose=lambda scores, n: scores[:, :n].max(axis=1))

# %% the worst: "lowest"
honest_best = _honest(pick=np.argmin)

# %% the wrong axis: "axis 1"
honest_best = _honest(choose=_over_configurations)

# %% judges with the tuning seeds: "same seeds"
honest_best = _honest(judged=lambda scores, row, n: scores[row, :n].mean())

# %% judges with all seeds: "tuning seeds are among"
honest_best = _honest(judged=lambda scores, row, n: scores[row].mean())

# %% tuned over all seeds: "belongs to the tuning seeds"
honest_best = _honest(tuned=lambda scores, row, n: scores[row].mean())

# %% every row judged: "best of the judges"
honest_best = _honest(judged=lambda scores, row, n: scores[:, n:].mean(axis=1).max())

# %% numbers swapped: "swapped"
honest_best = _honest(shape=lambda row, first, second: (row, second, first))

# %% only the scores: "three things"
honest_best = _honest(shape=lambda row, first, second: (first, second))
