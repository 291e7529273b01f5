"""What students typically write for 06.shrunken, and a piece of what each is told."""

from collections.abc import Callable
from typing import Any

import numpy as np


def _drawn(
    *,
    ddof: int = 1,
    off: Callable[[Any], Any] = lambda noise: (noise**2).mean(),
    least: float = 0.0,
    share: Callable[[Any, Any], Any] = lambda between, noise: between / (between + noise**2),
    centre: Callable[[Any], Any] = np.mean,
) -> Callable[[Any, Any], Any]:
    """Build a wrong `shrunken`: the right one with one part replaced."""

    def answer(scores: Any, noise: Any) -> Any:
        between = max(least, scores.var(ddof=ddof) - off(noise))
        return centre(scores) + share(between, noise) * (scores - centre(scores))

    return answer


# %% nothing is shrunken: "the luckiest observation still leads"
shrunken = _drawn(share=lambda between, noise: 1.0)

# %% noise left in: "take the mean of it off first"
shrunken = _drawn(off=lambda noise: 0.0)

# %% ddof 0: "take `ddof=1`"
shrunken = _drawn(ddof=0)

# %% deviations: "shares are of *variances*"
shrunken = _drawn(share=lambda between, noise: between / (between + noise))

# %% all alike: "All are drawn in alike"
shrunken = _drawn(share=lambda between, noise: between / (between + (noise**2).mean()))

# %% the other share: "stays"
shrunken = _drawn(share=lambda between, noise: noise**2 / (between + noise**2))

# %% to 0: "They are drawn to 0"
shrunken = _drawn(centre=lambda scores: 0.0)

# %% a negative variance: "never below 0"
shrunken = _drawn(least=-np.inf)

# %% the best alone: "one number"
shrunken = lambda scores, noise: float(scores.max())  # noqa: E731
