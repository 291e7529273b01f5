"""Values of hyperparameters on an axis: round where they can be, and written plainly."""

from __future__ import annotations

import numpy as np
import pytest

from rlhp import plots
from rlhp.plots._values import ticks


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        (10 ** np.linspace(-5, -2, 41), ["0.00001", "0.0001", "0.001", "0.01"]),
        (1 - 10 ** np.linspace(np.log10(0.2), -4, 41), ["0.9", "0.99", "0.999", "0.9999"]),
        (np.linspace(0.01, 1.0, 41), ["0.2", "0.4", "0.6", "0.8", "1"]),
        (20 ** np.linspace(0, 1, 41), ["1", "2", "5", "10", "20"]),
    ],
    ids=["log", "flipped-log", "linear", "log of a few"],
)
def test_an_axis_is_labelled_with_round_numbers_where_they_are(values: np.ndarray, labels: list[str]) -> None:
    ax, unit = plots.new_axes(), np.linspace(0.0, 1.0, 41)
    ticks(ax, unit, [float(value) for value in values], "x")
    assert [label.get_text() for label in ax.get_xticklabels()] == labels
    np.testing.assert_allclose(np.interp(ax.get_xticks(), unit, values), [float(label) for label in labels])


def test_an_axis_of_names_is_labelled_with_them() -> None:
    ax = plots.new_axes()
    ticks(ax, np.linspace(0.0, 1.0, 3), ["a", "b", "c"], "y")
    assert [label.get_text() for label in ax.get_yticklabels()] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1e-5, "0.00001"),
        (100_000, "100,000"),
        (64.0, "64"),
        (True, "True"),
        (np.True_, "True"),
        (None, "None"),
        (float("nan"), "inactive"),
        ("relu", "relu"),
        ((64, 64), "(64, 64)"),
        (0.123456, "0.1235"),
    ],
)
def test_values_in_words(value, text) -> None:
    assert plots.value_text(value) == text
