"""Measures in closed form."""

from __future__ import annotations

import math

import numpy as np
import pytest
from ConfigSpace import (
    Categorical,
    ConfigurationSpace,
    Float,
    Integer,
    Normal,
)
from scipy import stats

from rlhp import spaces
from tests.spaces.of_all_kinds import mixed_space


def test_flipped_log_is_log_uniform_in_one_minus_the_value() -> None:
    space = spaces.subspace(spaces.default("ppo"), ["gamma"])
    half = spaces.from_unit(space, [[0.0], [0.5], [1.0]])["gamma"].to_numpy()
    np.testing.assert_allclose(half, [0.8, 1 - math.sqrt(0.2 * 1e-4), 0.9999], atol=1e-12)
    gamma = spaces.sample(space, 4000, rng=3)["gamma"].to_numpy()
    position = np.log((1 - gamma) / 0.2) / np.log(1e-4 / 0.2)
    assert stats.kstest(position, "uniform").pvalue > 0.01
    # the linear measure would put one in twenty above .99; this one puts log(.01/1e-4)/log(.2/1e-4) there
    assert np.mean(gamma > 0.99) == pytest.approx(np.log(100) / np.log(2000), abs=0.03)


def test_log_and_linear_in_closed_form() -> None:
    space = ConfigurationSpace(space=[Float("lin", (-1.0, 3.0)), Float("log", (1e-4, 1.0), log=True)])
    got = spaces.from_unit(space, [[0.25, 0.25], [0.5, 0.5], [0.75, 0.75]])
    np.testing.assert_allclose(got["lin"], [0.0, 1.0, 2.0], atol=1e-15)
    np.testing.assert_allclose(got["log"], [1e-3, 1e-2, 1e-1], rtol=1e-15)


def test_whole_numbers_own_equal_shares_or_the_logarithmic_ones() -> None:
    space = ConfigurationSpace(space=[Integer("lin", (2, 6)), Integer("log", (1, 4), log=True)])
    fine = np.linspace(0, 1, 200_001)[:-1]
    got = spaces.from_unit(space, np.column_stack([fine, fine]))
    shares = got["lin"].value_counts(normalize=True)
    np.testing.assert_allclose(shares.loc[[2, 3, 4, 5, 6]], 0.2, atol=1e-4)
    shares = got["log"].value_counts(normalize=True).loc[[1, 2, 3, 4]]
    edges = np.log([0.5, 1.5, 2.5, 3.5, 4.5])
    np.testing.assert_allclose(shares, np.diff(edges) / (edges[-1] - edges[0]), atol=1e-4)


def test_categoricals_own_the_shares_of_their_weights() -> None:
    space = ConfigurationSpace(space=[Categorical("c", ["a", "b", "c"], weights=[3, 0, 1])])
    assert spaces.sample(space, 2, method="grid")["c"].tolist() == ["a", "c"]
    got = spaces.from_unit(space, np.linspace(0, 0.9999, 10_000)[:, None])["c"]
    assert got.value_counts(normalize=True).to_dict() == pytest.approx({"a": 0.75, "c": 0.25}, abs=1e-3)


def test_measures_of_every_kind() -> None:
    expected = {
        "linear": "linear",
        "log": "log",
        "flipped": "flipped-log",
        "count": "linear",
        "log_count": "log",
        "child": "linear",
        "grandchild": "linear",
    }
    measures = spaces.measure(mixed_space())
    assert {name: kind for name, kind in measures.items() if kind != "categorical"} == expected


@pytest.mark.parametrize(
    ("hp", "message"),
    [
        (Float("x", (0.1, 1.0), log=True, meta={"measure": "linear"}), r"unknown measure `linear` for `x` \(float\)"),
        (Float("x", (0.1, 0.9), meta={"measure": "fliped-log"}), "did you mean `flipped-log`"),
        (Float("x", (0.1, 1.0), meta={"measure": "flipped-log"}), "upper end must lie below 1"),
        (Float("x", (0.1, 1.0), distribution=Normal(0.5, 0.1)), r"NormalFloatHyperparameter.*to_uniform"),
        (Categorical("x", [1, 2], meta={"measure": "log"}), "Valid: categorical"),
    ],
)
def test_measures_that_do_not_fit_are_refused(hp: object, message: str) -> None:
    space = ConfigurationSpace(space=[hp])
    with pytest.raises(ValueError, match=message):
        spaces.measure(space)
