"""What students typically write for 06.expected_improvement, and a piece of what each is told."""

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.stats import norm


def _improved(
    *,
    u_of: Callable[[Any, Any, Any], Any] = lambda mean, std, best: (mean - best) / std,
    combine: Callable[[Any, Any, Any], Any] = lambda u, gain, std: gain * norm.cdf(u) + std * norm.pdf(u),
    sign: float = 1.0,
) -> Callable[..., Any]:
    """Build a wrong `expected_improvement`: the right one with one part replaced."""

    def answer(mean: Any, std: Any, best: Any) -> Any:
        safe = np.where(std > 0, std, 1.0)
        gain = sign * (mean - best)
        value = combine(sign * u_of(mean, safe, best), gain, safe)
        return np.where(std > 0, value, np.maximum(gain, 0.0))

    return answer


# %% written for minimisation: "made *small*"
expected_improvement = _improved(sign=-1.0)

# %% probability of improvement: "probability of an improvement"
expected_improvement = _improved(combine=lambda u, gain, std: norm.cdf(u))

# %% improvement of the mean: "what the deviation may bring"
expected_improvement = _improved(combine=lambda u, gain, std: np.maximum(gain, 0.0))

# %% density without std: "multiplied by `std`"
expected_improvement = _improved(combine=lambda u, gain, std: gain * norm.cdf(u) + norm.pdf(u))

# %% second term alone: "Only the second term"
expected_improvement = _improved(combine=lambda u, gain, std: std * norm.pdf(u))

# %% first term alone: "Only the first term"
expected_improvement = _improved(combine=lambda u, gain, std: gain * norm.cdf(u))

# %% its logarithm: "That is its logarithm"
expected_improvement = _improved(combine=lambda u, gain, std: np.log(gain * norm.cdf(u) + std * norm.pdf(u)))


# %% no care for 0: "0 divided by 0"
def expected_improvement(mean: Any, std: Any, best: Any) -> Any:
    with np.errstate(all="ignore"):
        u = (mean - best) / std
        return (mean - best) * norm.cdf(u) + std * norm.pdf(u)


# %% in place: "changes its argument in place"
def expected_improvement(mean: Any, std: Any, best: Any) -> Any:
    std[std == 0] = 1e-12
    u = (mean - best) / std
    return (mean - best) * norm.cdf(u) + std * norm.pdf(u)
