"""What students typically write for 05.seed_noise, and a piece of what each is told."""

from collections.abc import Callable
from typing import Any

import numpy as np


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


# %% noise left in the means: "holds noise of its own"
seed_noise_share = _share(off=lambda within, n: 0.0)

# %% all noise taken off: "S-th part of the noise"
seed_noise_share = _share(off=lambda within, n: within)

# %% all of it, and negative: "and below 0"
seed_noise_share = _share(off=lambda within, n: within, least=-np.inf)

# %% ddof 0 within: "`ddof=1` within"
seed_noise_share = _share(ddof=(0, 1))

# %% ddof 0 throughout: "both variances too small"
seed_noise_share = _share(ddof=(0, 0))

# %% wrong axis: "wrong axis"
seed_noise_share = _share(axis=0)

# %% the other share: "asked is the rest"
seed_noise_share = _share(give=lambda within, between: between / (within + between))


# %% of all runs: "not the sum of the two"
def seed_noise_share(scores):
    return scores.var(axis=1, ddof=1).mean() / scores.var(ddof=1)


# %% standard deviations: "standard deviations"
seed_noise_share = _share(give=lambda within, between: np.sqrt(within) / (np.sqrt(within) + np.sqrt(between)))

# %% negative between: "Nothing can be below 0"
seed_noise_share = _share(least=-np.inf)

# %% percent: "not percent"
seed_noise_share = _share(give=lambda within, between: 100 * within / (within + between))
