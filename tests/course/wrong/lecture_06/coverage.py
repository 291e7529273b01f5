"""What students typically write for 06.coverage, and a piece of what each is told."""

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.stats import norm


def _covered(
    *,
    reach: Callable[[float], Any] = lambda level: norm.ppf((1 + level) / 2),
    inside: Callable[[Any, Any], Any] = lambda away, wide: np.abs(away) <= wide,
    give: Callable[[Any], Any] = lambda those: those.mean(),
    std_of: Callable[[Any], Any] = lambda std: std,
) -> Callable[..., Any]:
    """Build a wrong `coverage`: the right one with one part replaced."""

    def answer(mean: Any, std: Any, truth: Any, level: float = 0.9) -> Any:
        return give(inside(truth - mean, reach(level) * std_of(std)))

    return answer


# %% one-sided: "5 % lie on *each* side"
coverage = _covered(reach=norm.ppf)

# %% one deviation: "about 68 %"
coverage = _covered(reach=lambda level: 1.0)

# %% two deviations: "an interval of 95 %"
coverage = _covered(reach=lambda level: 1.96)

# %% variance for deviation: "is `std` squared"
coverage = _covered(std_of=lambda std: std**2)

# %% upper end only: "below the lower end"
coverage = _covered(inside=lambda away, wide: away <= wide)

# %% a count: "asked is the share"
coverage = _covered(give=lambda those: those.sum())

# %% level not used: "`level` changes nothing"
coverage = _covered(reach=lambda level: 1.645)

# %% one deviation for all: "a narrow and a wide"
coverage = _covered(std_of=lambda std: std.mean())
