"""What students typically write for 06.posterior, and a piece of what each is told."""

from collections.abc import Callable
from typing import Any

import numpy as np


def _believed(
    *,
    noise_of: Callable[[Any], Any] = lambda noise: noise**2,
    solve: Callable[[Any, Any], Any] = np.linalg.solve,
    give: Callable[[Any, Any, Any], Any] = lambda mean, variance, noise: (mean, np.sqrt(variance)),
) -> Callable[..., Any]:
    """Build a wrong `posterior`: the right one with one part replaced."""

    def answer(to_told: Any, told: Any, y: Any, noise: Any) -> Any:
        matrix = told + noise_of(noise) * np.eye(len(y))
        mean = to_told @ solve(matrix, y)
        variance = max(0.0, 1 - to_told @ solve(matrix, to_told))
        return give(mean, variance, noise)

    return answer


# %% no noise: "The noise is missing"
posterior = _believed(noise_of=lambda noise: 0.0)

# %% noise as a deviation: "its *variance* belongs there"
posterior = _believed(noise_of=lambda noise: noise)

# %% the diagonal alone: "Nothing is inverted but the diagonal"
posterior = _believed(solve=lambda matrix, of: of / np.diag(matrix))

# %% sign: "sign is the wrong way round"
posterior = _believed(give=lambda mean, variance, noise: (-mean, np.sqrt(variance)))

# %% variance: "give its square root"
posterior = _believed(give=lambda mean, variance, noise: (mean, variance))

# %% of a new observation: "how well the score is known"
posterior = _believed(give=lambda mean, variance, noise: (mean, np.sqrt(variance + noise**2)))

# %% what is explained: "take it off the prior variance"
posterior = _believed(give=lambda mean, variance, noise: (mean, np.sqrt(1 - variance)))

# %% the prior's: "smaller than the prior's"
posterior = _believed(give=lambda mean, variance, noise: (mean, 1.0))

# %% the mean alone: "Give back two numbers"
posterior = _believed(give=lambda mean, variance, noise: mean)
