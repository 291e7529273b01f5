"""What students typically write for 06.silent_bug, and a piece of what each is told."""

from typing import Any

import numpy as np


def _filled(value: Any) -> Any:
    """Build a wrong `fixed_told`: crashes get `value(scores that finished)`."""

    def answer(scores: Any) -> Any:
        return np.where(np.isfinite(scores), scores, value(scores[np.isfinite(scores)]))

    return answer


# %% the bug itself: "still count as 0"
fixed_told = _filled(lambda finished: 0.0)

# %% the mean: "as the average"
fixed_told = _filled(np.mean)

# %% the best: "count as the best"
fixed_told = _filled(np.max)

# %% very low: "squeezes their differences"
fixed_told = _filled(lambda finished: -1e9)

# %% infinite: "no finite mean"
fixed_told = _filled(lambda finished: -np.inf)

# %% a minimum of NaN: "still NaN in it"
fixed_told = _filled(lambda finished: np.nan)

# %% dropped: "(6,)"
fixed_told = lambda scores: scores[np.isfinite(scores)]  # noqa: E731

# %% the largest distance from 0: "The sign is turned round"
fixed_told = _filled(lambda finished: -np.abs(finished).max() if finished.min() < 0 else -finished.min())


# %% in place: "changes its argument in place"
def fixed_told(scores: Any) -> Any:
    scores[~np.isfinite(scores)] = scores[np.isfinite(scores)].min()
    return scores
