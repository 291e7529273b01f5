from __future__ import annotations

import numpy as np
import pytest

from rlhp.curves.extrapolation._families import END, FAMILIES, START, progress
from rlhp.curves.extrapolation._shapes import PARAMETRIC, RL_CASES, shapes

E = np.e

# Family, parameters in the published order, x, and the value by hand.
BY_HAND = [
    ("pow3", (0.9, 0.5, 1.0), 10.0, 0.85),
    ("pow3", (0.9, 0.5, 0.5), 25.0, 0.8),
    ("pow4", (0.9, 2.0, 5.0, 1.0), 10.0, 0.86),
    ("pow4", (1.0, 1.0, 0.0, 2.0), 4.0, 0.9375),
    ("log_power", (0.8, np.log(20.0), -1.0), 20.0, 0.4),
    ("log_power", (1.0, np.log(10.0), -2.0), 20.0, 0.8),
    ("weibull", (0.9, 0.1, 0.1, 2.0), 10.0, 0.9 - 0.8 / E),
    ("weibull", (1.0, 0.0, 0.5, 1.0), 4.0, 1 - E**-2),
    ("mmf", (0.9, 0.1, 0.1, 3.0), 10.0, 0.5),
    ("mmf", (1.0, 0.0, 0.1, 1.0), 30.0, 0.75),
    ("janoschek", (0.9, 0.1, 0.01, 2.0), 10.0, 0.9 - 0.8 / E),
    ("janoschek", (1.0, 0.0, 0.5, 1.0), 4.0, 1 - E**-2),
    ("ilog2", (0.9, 0.3), E**3, 0.8),
    ("ilog2", (1.0, 1.0), E, 0.0),
    ("hill3", (0.8, 2.0, 30.0), 30.0, 0.4),
    ("hill3", (1.0, 2.0, 1.0), 3.0, 0.9),
    ("vapour_pressure", (0.0, -2.0, 0.0), 2.0, 1 / E),
    ("vapour_pressure", (np.log(3.0), 0.0, 0.5), 16.0, 12.0),
    ("loglog_linear", (1.0, 0.0), E**E, 1.0),
    ("loglog_linear", (2.0, 1.0), E, np.log(3.0)),
    ("exp4", (0.9, 0.1, 0.0, 1.0), 10.0, 0.9 - 1 / E),
    ("exp4", (1.0, 1.0, 1.0, 0.5), 4.0, 1 - 1 / E),
]

# Family, rising parameters, and the value it approaches, None where it grows without end.
LIMITS = [
    ("pow3", (0.9, 0.5, 1.0), 0.9),
    ("pow4", (0.9, 2.0, 5.0, 1.0), 0.9),
    ("log_power", (0.8, 3.0, -1.5), 0.8),
    ("weibull", (0.9, 0.1, 0.02, 1.5), 0.9),
    ("mmf", (0.9, 0.1, 0.02, 1.5), 0.9),
    ("janoschek", (0.9, 0.1, 0.02, 0.8), 0.9),
    ("ilog2", (0.9, 0.5), 0.9),
    ("hill3", (0.8, 1.5, 20.0), 0.8),
    ("vapour_pressure", (np.log(0.7), -3.0, 0.0), 0.7),
    ("loglog_linear", (0.5, 1.0), None),
    ("exp4", (0.9, 0.1, -0.2, 0.8), 0.9),
]


def test_there_are_the_eleven() -> None:
    assert {name for name, *_ in BY_HAND} == {name for name, *_ in LIMITS} == set(FAMILIES)
    assert len(FAMILIES) == 11


@pytest.mark.parametrize(("name", "parameters", "x", "value"), BY_HAND)
def test_values_by_hand(name, parameters, x, value) -> None:
    assert FAMILIES[name](x, *parameters) == pytest.approx(value, rel=1e-12)
    assert len(parameters) == len(FAMILIES[name].parameters)


@pytest.mark.parametrize(("name", "parameters", "limit"), LIMITS)
def test_they_rise_to_their_limit(name, parameters, limit) -> None:
    family = FAMILIES[name]
    along = family(np.linspace(START, END, 200), *parameters)
    assert (np.diff(along) > 0).all()
    far = family(1e30, *parameters)
    if limit is None:
        assert far > family(1e20, *parameters) > along[-1]
    else:
        # The inverse logarithm is the slow one: half of 1 / log(1e30) is still 0.007.
        assert far == pytest.approx(limit, abs=0.01)
        assert along[-1] < limit


def test_exchanged_letters_would_show() -> None:
    """Weibull and Janoschek are one family in two notations, and differ where the rate is raised to the power."""
    same = FAMILIES["janoschek"](7.0, 0.9, 0.1, 0.05**1.5, 1.5)
    assert FAMILIES["weibull"](7.0, 0.9, 0.1, 0.05, 1.5) == pytest.approx(same, rel=1e-12)


def test_progress_counts_hundredths_and_starts_at_two() -> None:
    np.testing.assert_allclose(progress([0, 100, 1_000, 25_000, 50_000], 50_000), [2, 2, 2, 50, 100])


X = np.array([2.0, 7.0, 20.0, 33.0, 60.0, 100.0])
# The published parameters of a curve from the shape's own and a height `a` above a level `c`.
PUBLISHED = {
    "pow3": lambda p, c, a: (c, a, *p),
    "pow4": lambda p, c, a: (c, a, a * p[0], p[1]),
    "log_power": lambda p, c, a: (a, *p),
    "weibull": lambda p, c, a: (c, c - a, *p),
    "mmf": lambda p, c, a: (c, c - a, *p),
    "janoschek": lambda p, c, a: (c, c - a, *p),
    "ilog2": lambda p, c, a: (c, a),
    "hill3": lambda p, c, a: (a, *p),
    "vapour_pressure": lambda p, c, a: (np.log(a), *p),
    "loglog_linear": lambda p, c, a: (a, a * p[0]),
    "exp4": lambda p, c, a: (c, p[0], np.log(a), p[1]),
}


@pytest.mark.parametrize("name", FAMILIES)
def test_every_shape_is_the_published_curve_between_its_values(name) -> None:
    """What is linear given the shape is really linear: start and end value reproduce the formula everywhere."""
    for shape in shapes((name,)):
        curve = FAMILIES[name](X, *PUBLISHED[name](shape.parameters, 0.9, 0.7))
        values = np.array([curve[0], curve[-1], 123.0])
        np.testing.assert_allclose(shape.offset(X) + shape.basis(X) @ values, curve, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("shape", shapes(("jump",)), ids=lambda shape: str(shape.parameters))
def test_a_jump_stays_and_then_stays(shape) -> None:
    time, width = shape.parameters
    curve = shape.basis(np.array([time - 9 * width, time, time + 9 * width])) @ np.array([0.1, 0.8, 0.0])
    np.testing.assert_allclose(curve, [0.1, 0.45, 0.8], atol=1e-3)


@pytest.mark.parametrize("shape", shapes(("collapse",)), ids=lambda shape: str(shape.parameters))
def test_a_collapse_rises_to_its_peak_and_falls_to_its_end(shape) -> None:
    time, half, width = shape.parameters
    x = np.linspace(0, 400, 4001)
    curve = shape.basis(x) @ np.array([0.1, 0.2, 0.9])
    assert curve[0] == pytest.approx(0.1, abs=0.1)
    assert curve[-1] == pytest.approx(0.2, abs=1e-3)
    assert abs(x[np.argmax(curve)] - time) < max(time, 5 * width)
    reached = 0.1 + 0.8 * (1 - 2 ** (-max(time - 3 * width, 0) / half)) * 0.9
    assert curve.max() > min(reached, 0.85) - 0.1


@pytest.mark.parametrize("shape", shapes(("hump",)), ids=lambda shape: str(shape.parameters))
def test_a_hump_is_a_rise_and_what_is_on_it(shape) -> None:
    x = np.array([shape.parameters[0]])
    with_it, without = (shape.basis(x) @ np.array([0.1, 0.7, height]) for height in (0.3, 0.0))
    assert (with_it - without).item() == pytest.approx(0.3)


def test_the_grid_covers_all_families_and_is_finite() -> None:
    assert {shape.family for shape in shapes()} == set(PARAMETRIC) == set(FAMILIES) | set(RL_CASES)
    x = np.linspace(START, END, 300)
    for shape in shapes():
        basis = shape.basis(x)
        assert basis.shape == (300, 3)
        assert np.isfinite(basis).all()
        assert np.abs(basis).max() < 4  # no shape blows up what it is multiplied with
        assert np.isfinite(shape.offset(x)).all()
