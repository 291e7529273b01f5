"""What an exploration schedule spends, counted in random steps."""

from __future__ import annotations

import dataclasses
import itertools
from dataclasses import dataclass

from rlhp.schedules import Constant, Piecewise, Schedule, Step

__all__ = ["Budget", "budget"]


@dataclass(frozen=True)
class Budget:
    """What an exploration schedule spends: the expected number of random steps.

    Parameters
    ----------
    total, first_half, second_half : float
        Environment steps, in all of training and in each half of it.
    steps : int
        Environment steps of training.
    """

    total: float
    first_half: float
    second_half: float
    steps: int


def budget(schedule: Schedule, steps: int) -> Budget:
    """Count the random steps that a schedule of epsilon buys, exactly: the integral of epsilon over training.

    Parameters
    ----------
    schedule : Schedule
        Of epsilon.
    steps : int
        Environment steps of training.

    Examples
    --------
    >>> from rlhp.schedules import Linear
    >>> budget(Linear(1.0, 0.0, 0.5), 10_000)
    Budget(total=2500.0, first_half=2500.0, second_half=0.0, steps=10000)
    """
    total = schedule.mean()
    first = _mean_until_half(schedule) / 2
    return Budget(total * steps, first * steps, (total - first) * steps, steps)


def _mean_until_half(schedule: Schedule) -> float:
    """Average over the first half of training, in closed form where that is one, else by adaptive quadrature."""
    fraction = getattr(schedule, "fraction", None)
    if fraction is not None and fraction <= 0.5:
        # Seen over the first half alone it is the same schedule, moving over twice the fraction.
        return float(dataclasses.replace(schedule, fraction=2 * fraction).mean())  # type: ignore[call-arg]
    if isinstance(schedule, Constant):
        return schedule.value
    from scipy.integrate import quad

    corners = [at for at, _ in schedule.points] if isinstance(schedule, Piecewise) else []
    if isinstance(schedule, Step):
        corners = [k * schedule.fraction / schedule.n_steps for k in range(1, schedule.n_steps + 1)]
    inside = [at for at in corners if 0 < at < 0.5]
    edges = [0.0, *inside, 0.5]
    parts = [quad(schedule, left, right, epsabs=1e-12)[0] for left, right in itertools.pairwise(edges)]
    return 2 * float(sum(parts))
