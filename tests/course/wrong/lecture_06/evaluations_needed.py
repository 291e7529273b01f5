"""What students typically write for 06.evaluations_needed, and a piece of what each is told."""

from collections.abc import Callable
from typing import Any

import numpy as np


def _needed(
    *,
    over: Callable[[Any], Any] = lambda ours: ours.mean(axis=0),
    target: Callable[[Any], Any] = lambda theirs: theirs.mean(axis=0)[-1],
    there: Callable[[Any, Any], Any] = lambda mean, end: mean >= end,
    number: Callable[[Any], Any] = lambda places: int(places[0]) + 1 if len(places) else np.nan,
) -> Callable[[Any, Any], Any]:
    """Build a wrong `evaluations_needed`: the right one with one part replaced."""

    def answer(ours: Any, theirs: Any) -> Any:
        return number(np.flatnonzero(there(over(ours), target(theirs))))

    return answer


# %% places, not evaluations: "Evaluations count from 1"
evaluations_needed = _needed(number=lambda places: int(places[0]) if len(places) else np.nan)

# %% strictly more: "To be equal is enough"
evaluations_needed = _needed(there=lambda mean, end: mean > end)

# %% one repetition: "of the first repetition alone"
evaluations_needed = _needed(over=lambda ours: ours[0], target=lambda theirs: theirs[0][-1])

# %% at the same evaluation: "at the *end*"
evaluations_needed = _needed(target=lambda theirs: theirs.mean(axis=0)[: theirs.shape[1]])

# %% the highest of all: "highest of single repetitions"
evaluations_needed = _needed(target=lambda theirs: theirs.max() + 4)

# %% 0 for never: "give `np.nan`"
evaluations_needed = _needed(number=lambda places: int(places[0]) + 1 if len(places) else 0)

# %% a target that is never reached: "It is reached"
evaluations_needed = _needed(target=lambda theirs: np.inf)
