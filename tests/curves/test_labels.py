from __future__ import annotations

import pytest

from rlhp.curves import schedule_label, value_label
from rlhp.schedules import Constant, Cosine, Exponential, Linear, Piecewise, Step


@pytest.mark.parametrize(
    ("value", "label"),
    [
        (None, "inactive"),
        (float("nan"), "inactive"),
        (True, "True"),
        (64, "64"),
        (64.0, "64"),
        (1_000_000, "1,000,000"),
        (0.00025, "0.00025"),
        (1e-5, "1e-05"),
        ("relu", "relu"),
        ("[64, 64]", "[64, 64]"),
        (Linear(1.0, 0.05, 0.5).to_json(), "linear 1 → 0.05 over 50 %"),
    ],
)
def test_values(value, label) -> None:
    assert value_label(value) == label


@pytest.mark.parametrize(
    ("schedule", "label"),
    [
        (Constant(0.1), "constant 0.1"),
        (Linear(1.0, 0.05), "linear 1 → 0.05"),
        (Exponential(1.0, 0.01, 0.25), "exponential 1 → 0.01 over 25 %"),
        (Cosine(1.0, 0.0), "cosine 1 → 0"),
        (Step(1.0, 0.05, 4, 0.8), "4 steps 1 → 0.05 over 80 %"),
        (Piecewise(((0, 1.0), (0.2, 0.1), (1, 0.01))), "piecewise 1 → 0.01 through 3 points"),
    ],
)
def test_schedules(schedule, label) -> None:
    assert schedule_label(schedule) == label
