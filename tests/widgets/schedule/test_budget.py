"""The random steps that a schedule buys."""

from __future__ import annotations

import numpy as np
import pytest

from rlhp.schedules import Constant, Cosine, Exponential, Linear, Piecewise, Step
from rlhp.widgets.schedule._budget import budget

SCHEDULES = [
    Constant(0.1),
    Linear(1.0, 0.05, 0.5),
    Linear(1.0, 0.0, 1.0),
    Exponential(1.0, 0.01, 0.3),
    Exponential(1.0, 0.01, 0.9),
    Cosine(1.0, 0.1, 0.2),
    Cosine(1.0, 0.1, 0.8),
    Step(1.0, 0.0, 4, 1.0),
    Step(0.9, 0.1, 3, 0.7),
    Step(0.9, 0.1, 20, 0.4),
    Piecewise(((0.1, 1.0), (0.3, 0.2), (0.7, 0.05))),
    Piecewise(((0.6, 1.0),)),
]


@pytest.mark.parametrize("schedule", SCHEDULES, ids=repr)
def test_it_is_the_integral_of_epsilon(schedule) -> None:
    steps = 1_000_000
    midpoints = (np.arange(steps) + 0.5) / steps
    epsilon = schedule(midpoints)
    spent = budget(schedule, steps)
    assert spent.first_half == pytest.approx(epsilon[: steps // 2].sum(), rel=1e-5)
    assert spent.second_half == pytest.approx(epsilon[steps // 2 :].sum(), rel=1e-5, abs=1e-3)
    assert spent.total == pytest.approx(spent.first_half + spent.second_half, rel=1e-12)


def test_by_hand() -> None:
    spent = budget(Linear(1.0, 0.05, 0.5), 20_000)
    assert (spent.total, spent.first_half, spent.second_half) == pytest.approx((5_750, 5_250, 500))
    stairs = budget(Step(1.0, 0.0, 4, 1.0), 1_000)
    assert (stairs.first_half, stairs.second_half) == pytest.approx((437.5, 187.5))
