"""The unit cube there and back."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from ConfigSpace import (
    Categorical,
    Configuration,
    ConfigurationSpace,
    Float,
    Integer,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from rlhp import Runs, spaces
from tests.spaces.of_all_kinds import ALGORITHMS, equal, mixed_space, plane


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.floats(0, 1), min_size=13, max_size=13), min_size=1, max_size=5))
def test_there_and_back_is_exact_for_every_kind(points: list[list[float]]) -> None:
    space = mixed_space()
    configs = spaces.from_unit(space, points)
    unit = spaces.to_unit(space, configs)
    equal(spaces.from_unit(space, unit), configs)
    np.testing.assert_array_equal(spaces.to_unit(space, spaces.from_unit(space, unit)), unit)
    floats = [list(space).index(name) for name in ("linear", "log", "flipped")]
    np.testing.assert_allclose(unit[:, floats], np.array(points)[:, floats], atol=1e-7)


@settings(max_examples=100, deadline=None)
@given(
    st.floats(-1e4, 1e4),
    st.floats(1e-3, 1e4),
    st.sampled_from(["linear", "log", "flipped-log"]),
    st.floats(0, 1),
)
def test_there_and_back_is_exact_on_any_range(low: float, width: float, kind: str, u: float) -> None:
    if kind == "log":
        low = abs(low) + 1e-8
    high = low + width
    if kind == "flipped-log":
        low, high = -abs(low), 1 - 1 / (width + 1.001)
    hp = Float("x", (low, high), log=kind == "log", meta={"measure": kind})
    space = ConfigurationSpace(space=[hp])
    value = spaces.from_unit(space, [[u]])
    assert hp.lower <= value["x"][0] <= hp.upper
    equal(spaces.from_unit(space, spaces.to_unit(space, value)), value)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_there_and_back_is_exact_on_samples_and_bounds(algorithm: str) -> None:
    space = spaces.default(algorithm)
    configs = spaces.sample(space, 64, method="lhs", rng=5)
    equal(spaces.from_unit(space, spaces.to_unit(space, configs)), configs)
    for corner in (np.zeros((1, len(space))), np.ones((1, len(space)))):
        ends = spaces.from_unit(space, corner)
        equal(spaces.from_unit(space, spaces.to_unit(space, ends)), ends)
        for name, hp in space.items():
            if hasattr(hp, "lower") and pd.notna(ends.loc[0, name]):
                assert ends.loc[0, name] == (hp.lower if corner[0, 0] == 0 else hp.upper)


def test_every_whole_number_and_level_comes_back() -> None:
    space = ConfigurationSpace(space=[Integer("i", (1, 3000), log=True), Integer("j", (-1500, 1499))])
    configs = pd.DataFrame({"i": range(1, 3001), "j": range(-1500, 1500)})
    equal(spaces.from_unit(space, spaces.to_unit(space, configs)), configs)


def test_configurations_survive_configspace_and_runs() -> None:
    space = spaces.default("sac")
    configs = spaces.sample(space, 40, rng=8)
    for row in configs.to_dict("records"):
        active = {name: value for name, value in row.items() if value is not None and value == value}
        assert dict(Configuration(space, values=active)) == active
    runs = Runs.from_table(configs, np.arange(40.0), algorithm="sac")
    equal(spaces.from_unit(space, spaces.to_unit(space, runs.configs)), configs)
    assert {type(value) for value in configs["ent_coef"]} == {str, float}


def test_lists_are_recognised_as_list_tuple_or_json() -> None:
    space = spaces.subspace(mixed_space(), ["net"])
    unit = spaces.to_unit(space, [{"net": (64, 64)}, {"net": [64, 64]}, {"net": "[64, 64]"}, {"net": [256]}])
    np.testing.assert_array_equal(unit, [[0.25], [0.25], [0.25], [0.75]])
    assert spaces.from_unit(space, unit)["net"].tolist() == [(64, 64), (64, 64), (64, 64), (256,)]


def test_inactive_values_have_no_place_in_the_cube() -> None:
    space = spaces.default("a2c")
    given_anyway = dict(space.get_default_configuration()) | {"use_rms_prop": False, "rms_prop_eps": 1e-3}
    column = list(space).index("rms_prop_eps")
    unit = spaces.to_unit(space, [given_anyway])
    assert np.isnan(unit[0, column])
    assert np.isnan(spaces.from_unit(space, unit)["rms_prop_eps"][0])


def test_conditions_chain() -> None:
    space = mixed_space()
    base = dict.fromkeys(space, 0.5)
    names = list(space)

    def active(**coordinates: float) -> set[str]:
        row = spaces.from_unit(space, [[(base | coordinates)[name] for name in names]]).iloc[0]
        return {name for name in ("child", "grandchild", "both") if row[name] is not None and row[name] == row[name]}

    assert active(choice=0.1, flag=0.9) == set()
    assert active(choice=0.6, child=0.1, flag=0.9) == {"child"}
    assert active(choice=0.6, child=0.9, flag=0.9) == {"child", "grandchild"}
    assert active(choice=0.1, flag=0.1, level=0.1) == set()
    assert active(choice=0.1, flag=0.1, level=0.5) == {"both"}


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"gamma": 1.2, "learning_rate": 1e-3}, r"row 0: `gamma` is 1.2, outside its range \[0.8, 0.9999\]"),
        ({"gamma": 0.9}, r"row 0: `learning_rate` is active but has no value"),
        ({"gamma": 0.9, "learning_rate": np.nan}, r"`learning_rate` is active but has no value"),
        ({"gamma": "high", "learning_rate": 1e-3}, r"row 0: `gamma` is 'high'; give a number"),
        ({"gamma": True, "learning_rate": 1e-3}, r"row 0: `gamma` is True; give a number"),
    ],
)
def test_to_unit_says_which_value_is_wrong(row: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        spaces.to_unit(plane(), [row])


def test_to_unit_wants_whole_numbers_and_known_levels() -> None:
    space = spaces.subspace(spaces.default("dqn"), ["buffer_size", "batch_size"])
    assert spaces.to_unit(space, [{"buffer_size": 2000.0, "batch_size": 64.0}]).shape == (1, 2)
    with pytest.raises(ValueError, match=r"row 1: `buffer_size` is 2000.5; give a whole number"):
        spaces.to_unit(space, [{"buffer_size": 2000, "batch_size": 64}, {"buffer_size": 2000.5, "batch_size": 64}])
    with pytest.raises(ValueError, match=r"row 0: unknown value `65` for `batch_size`.*Valid: 8, 16, 32"):
        spaces.to_unit(space, [{"buffer_size": 2000, "batch_size": 65}])


def test_true_is_not_one() -> None:
    space = ConfigurationSpace(space=[Categorical("c", [0, 1])])
    with pytest.raises(ValueError, match="unknown value `True`"):
        spaces.to_unit(space, [{"c": True}])


@pytest.mark.parametrize(
    ("u", "message"),
    [
        ([[0.1]], r"`u` has shape \(1, 1\); give \(n, 2\): a column for each of \['gamma', 'learning_rate'\]"),
        ([0.1, 0.2], r"`u` is \[0.1, 0.2\]; give numbers in 2 dimensions"),
        ([[0.1, 1.2]], r"row 0: the coordinate of `learning_rate` is 1.2; give a number in \[0, 1\]"),
        ([[0.1, 0.2], [np.nan, 0.1]], r"row 1: the coordinate of `gamma` is nan"),
    ],
)
def test_from_unit_refuses_what_is_not_in_the_cube(u: list[object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        spaces.from_unit(plane(), u)
