from __future__ import annotations

import pytest

from rlhp.curves import number_label, schedule_label, value_label
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
        (1e-5, "0.00001"),
        ("relu", "relu"),
        ("[64, 64]", "[64, 64]"),
        (Linear(1.0, 0.05, 0.5).to_json(), "linear 1 → 0.05 over 50 %"),
    ],
)
def test_values(value, label) -> None:
    assert value_label(value) == label


@pytest.mark.parametrize(
    ("value", "digits", "label"),
    [
        (0.0, 3, "0"),
        (-0.0, 3, "0"),
        (1000.0, 3, "1,000"),
        (3162.28, 3, "3,162"),
        (999.7, 3, "1,000"),
        (99.97, 3, "100"),
        (123.4, 3, "123"),
        (123.4, 4, "123.4"),
        (0.99995, 4, "0.99995"),
        (0.9995, 3, "0.9995"),
        (-0.9995, 3, "-0.9995"),
        (0.99612, 3, "0.996"),
        (0.99612, 4, "0.9961"),
        (0.9999999, 3, "1"),
        (20_000.0, 10, "20,000"),
        (1234.5, 5, "1,234.5"),
        (0.99995, 6, "0.99995"),
        (0.000316228, 3, "0.000316"),
        (1e-6, 3, "0.000001"),
        (9.99999e-7, 3, "0.000001"),
        (2.5e-9, 3, "2.5e-9"),
        (2.5e-12, 3, "2.5e-12"),
        (-0.4567, 3, "-0.457"),
        (-12_345.6, 3, "-12,346"),
        (3e20, 3, "3e20"),
        (float("inf"), 3, "inf"),
        (float("nan"), 3, "nan"),
        (7, 3, "7"),
    ],
)
def test_numbers_are_plain(value, digits, label) -> None:
    assert number_label(value, digits) == label


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
