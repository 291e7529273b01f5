"""Configurations as rows of numbers."""

from __future__ import annotations

import numpy as np
import pytest
from ConfigSpace import Categorical, ConfigurationSpace, Constant, EqualsCondition, Float, Integer

from rlhp import spaces
from rlhp.hpo.surrogates._features import Features
from tests.spaces.of_all_kinds import ALGORITHMS


def small() -> ConfigurationSpace:
    space = ConfigurationSpace(
        space=[
            Float("rate", (1e-4, 1.0), log=True),
            Categorical("kind", ["a", "b", "c"]),
            Categorical("size", [1, 10, 100], ordered=True),
            Categorical("flag", [True, False]),
            Constant("fixed", 3),
            Integer("child", (1, 4)),
            Categorical("shape", ["x", "y", "z"]),
        ]
    )
    space.add(
        EqualsCondition(space["child"], space["flag"], True), EqualsCondition(space["shape"], space["flag"], True)
    )
    return space


def row(features: Features, **values: object) -> dict[str, np.ndarray]:
    encoded = features.encode([values])[0]
    names = list(features.space)
    return {names[part.at]: encoded[part.first : part.first + part.width] for part in features.parts}


def test_each_kind_has_its_columns() -> None:
    features = Features.of(small())
    got = row(features, rate=0.01, kind="b", size=10, flag=True, fixed=3, child=4, shape="z")
    assert "fixed" not in got
    np.testing.assert_allclose(got["rate"], 0.5)
    np.testing.assert_allclose(got["kind"], [0, np.sqrt(0.5), 0])
    np.testing.assert_allclose(got["size"], 0.5)
    np.testing.assert_allclose(got["child"], 7 / 8)
    assert got["flag"] in ([0.0], [1.0])
    assert features.width == 1 + 3 + 1 + 1 + 1 + 3


def test_ordered_levels_keep_their_order_and_unordered_ones_are_at_distance_one() -> None:
    features = Features.of(small())
    base = {"rate": 0.01, "kind": "a", "size": 1, "flag": False, "fixed": 3}
    sizes = [row(features, **base | {"size": size})["size"][0] for size in (1, 10, 100)]
    assert sizes == [0.0, 0.5, 1.0]
    kinds = np.array([row(features, **base | {"kind": kind})["kind"] for kind in "abc"])
    apart = np.linalg.norm(kinds[:, None] - kinds[None], axis=-1)
    np.testing.assert_allclose(apart, 1 - np.eye(3), atol=1e-15)


def test_what_is_inactive_stands_in_the_middle() -> None:
    got = row(Features.of(small()), rate=0.01, kind="a", size=1, flag=False, fixed=3)
    np.testing.assert_allclose(got["child"], 0.5)
    assert len(set(got["shape"])) == 1
    assert not np.isnan(np.concatenate(list(got.values()))).any()


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_features_of_default_spaces_are_numbers_in_the_cube(algorithm: str) -> None:
    space = spaces.default(algorithm)
    configurations = spaces.sample(space, 200, rng=0)
    features = Features.of(space)
    encoded = features.of_unit(spaces.to_unit(space, configurations))
    assert encoded.shape == (200, features.width)
    assert (encoded >= 0).all()
    assert (encoded <= 1).all()
    assert (encoded.std(axis=0) > 0).all()


def test_nothing_has_no_rows() -> None:
    features = Features.of(small())
    assert features.encode([]).shape == (0, features.width)
