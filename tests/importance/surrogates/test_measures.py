"""Measures: how much weight lies below a coordinate, against counting and against closed forms."""

from __future__ import annotations

import re

import numpy as np
import pytest
from ConfigSpace import Categorical, ConfigurationSpace, Float, Integer

from rlhp import spaces
from rlhp.importance.surrogates._measures import cells, measures_used, weight_below

U = np.array([0.0, 0.1, 0.35, 0.5, 0.9, 1.0])


def below(hp, used: str) -> np.ndarray:
    space = ConfigurationSpace(space=[hp])
    onto = weight_below(space[hp.name], spaces.measure(space)[hp.name], used)
    return U if onto is None else onto(U)


def test_the_declared_measure_is_the_coordinate() -> None:
    assert weight_below(Float("a", (1e-4, 1.0), log=True), "log", "log") is None


@pytest.mark.parametrize(
    ("hp", "used", "expected"),
    [
        (Float("a", (1e-4, 1.0), log=True), "linear", (1e-4 ** (1 - U) - 1e-4) / (1 - 1e-4)),
        (Float("a", (1.0, 10.0)), "log", np.log10(1 + 9 * U)),
        (Float("g", (0.9, 0.999), meta={"measure": "flipped-log"}), "linear", (0.1 - 0.1 * 0.01**U) / 0.099),
        (Float("g", (0.9, 0.999)), "flipped-log", -np.log10((0.1 - 0.099 * U) / 0.1) / 2),
    ],
)
def test_floats_have_closed_forms(hp, used, expected) -> None:
    np.testing.assert_allclose(below(hp, used), expected, atol=1e-12)


@pytest.mark.parametrize("ends", [(3e-4, 7e-2), (1e-6, 3e-3), (1e-5, 1e-2)])
def test_all_weight_lies_between_the_ends(ends) -> None:
    """Exactly: exp(log(upper)) may fall short of the upper end by a rounding."""
    assert below(Float("a", ends, log=True), "linear")[[0, -1]].tolist() == [0.0, 1.0]


@pytest.mark.parametrize(("log", "used"), [(True, "linear"), (False, "log")])
def test_whole_numbers_own_what_the_other_measure_says(log, used) -> None:
    """Under either measure the edges between values carry the weights that a space declared so would have."""
    ours, other = (Integer("n", (1, 6), log=one) for one in (log, not log))
    _, edges = cells(ours, "log" if log else "linear")
    _, wanted = cells(other, used)
    onto = weight_below(ours, "log" if log else "linear", used)
    np.testing.assert_allclose(onto(edges), wanted, atol=1e-12)


def test_values_own_cells_around_their_coordinates() -> None:
    centres, edges = cells(Categorical("c", ["a", "b"], weights=[1, 3]), "categorical")
    assert (centres.tolist(), edges.tolist()) == ([0.125, 0.625], [0.0, 0.25, 1.0])
    centres, edges = cells(Integer("n", (1, 100), log=True), "log")
    assert ((edges[:-1] < centres) & (centres < edges[1:])).all()
    assert cells(Float("a", (0.0, 1.0)), "linear") is None
    assert cells(Integer("n", (0, 1_000_000)), "linear") is None


@pytest.fixture
def space() -> ConfigurationSpace:
    whole = spaces.default("dqn")
    return spaces.subspace(whole, ["learning_rate", "gamma", "learning_starts", "batch_size"])


def test_which_measure_is_used_is_said(space) -> None:
    declared = {
        "batch_size": "categorical",
        "gamma": "flipped-log",
        "learning_rate": "log",
        "learning_starts": "linear",
    }
    assert measures_used(space, "declared") == declared
    linear = measures_used(space, "linear")
    assert linear == {**dict.fromkeys(declared, "linear"), "batch_size": "categorical"}
    assert measures_used(space, {"gamma": "linear"}) == declared | {"gamma": "linear"}


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("loog", "unknown measure `loog`; did you mean `log`? Valid: declared, linear, log. Or give a mapping"),
        ({"gama": "log"}, "unknown hyperparameter `gama` for `measure`; did you mean `gamma`?"),
        ({"gamma": "lin"}, "unknown measure `lin` for `gamma`; did you mean `linear`?"),
        ({"batch_size": "log"}, "`batch_size` has levels, not a range; its measure stays as declared: leave it out."),
        ("log", "`learning_starts` starts at 0, so it has no logarithmic measure; give a mapping that leaves it out"),
        ({"learning_starts": "flipped-log"}, "flipped-log is for a float whose range ends below 1"),
    ],
)
def test_what_cannot_be_is_refused(space, option, message) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        measures_used(space, option)
