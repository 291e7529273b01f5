"""Leaves as boxes: they fill the space, say what the tree says, and give weight only to what the space can have."""

from __future__ import annotations

import numpy as np
import pytest
from ConfigSpace import (
    AndConjunction,
    Categorical,
    ConfigurationSpace,
    EqualsCondition,
    Float,
    GreaterThanCondition,
    InCondition,
    Integer,
)

from rlhp import spaces
from rlhp.importance.surrogates._boxes import Domain, contexts
from rlhp.importance.surrogates._forest import codes, grow
from rlhp.importance.surrogates._measures import measures_used


@pytest.fixture(scope="module")
def nested() -> ConfigurationSpace:
    """A space in which conditions depend on levels, numbers, several parents, and conditional parents."""
    space = ConfigurationSpace(
        space=[
            Categorical("kind", ["a", "b", "c"], weights=[1, 2, 1]),
            Integer("width", (1, 8)),
            Float("rate", (1e-4, 1e-1), log=True),
            Float("child", (0.0, 1.0)),
            Float("grandchild", (0.0, 1.0)),
            Float("picky", (1.0, 2.0)),
        ]
    )
    space.add(InCondition(space["child"], space["kind"], ["a", "c"]))
    space.add(GreaterThanCondition(space["grandchild"], space["child"], 0.25))
    space.add(
        AndConjunction(
            EqualsCondition(space["picky"], space["kind"], "b"), GreaterThanCondition(space["picky"], space["width"], 5)
        )
    )
    return space


def grown(space: ConfigurationSpace, n: int = 400):
    """Grow one tree that uses everything, and give the points and what it predicts for them."""
    points = np.random.default_rng(0).random((n, len(space)))
    unit = spaces.to_unit(space, spaces.from_unit(space, points))
    y = np.nan_to_num(unit, nan=-1.0) @ np.arange(1.0, len(space) + 1) + np.random.default_rng(1).random(n)
    return grow(unit, y, n_trees=1, min_leaf=1, rng=np.random.default_rng(0)).trees[0]


def test_contexts_fill_the_cube_and_agree_with_the_space(nested) -> None:
    found = contexts(nested)
    points = np.random.default_rng(3).random((500, len(nested)))
    active = ~np.isnan(spaces.to_unit(nested, spaces.from_unit(nested, points)))
    inside = np.array([((points >= one.low) & (points < one.high)).all(axis=1) for one in found])
    np.testing.assert_array_equal(inside.sum(axis=0), 1)
    for where, one in zip(inside, found, strict=True):
        assert (active[where] == one.active).all()


def test_a_space_without_conditions_is_one_context(cube) -> None:
    (only,) = contexts(cube(2))
    assert only.active.all()


def test_neighbouring_levels_that_do_the_same_are_one_context() -> None:
    assert len(contexts(spaces.subspace(spaces.default("sac"), ["ent_coef", "target_entropy"]))) == 2


@pytest.mark.parametrize("option", ["declared", "linear", {"rate": "linear"}])
def test_boxes_fill_the_space_once_and_say_what_the_tree_says(nested, option) -> None:
    tree = grown(nested)
    domain = Domain.of(nested, measures_used(nested, option))
    boxes = domain.boxes(tree)
    assert boxes.volume.sum() == pytest.approx(1.0, abs=1e-12)
    points = np.random.default_rng(5).random((300, len(nested)))
    at = np.stack([domain.weigh(j, points[:, j]) for j in range(len(nested))], axis=1)
    inside = ((at[:, None] >= boxes.low) & (at[:, None] < boxes.high)).all(axis=2)
    np.testing.assert_array_equal(inside.sum(axis=1), 1)
    unit = spaces.to_unit(nested, spaces.from_unit(nested, points))
    np.testing.assert_allclose(inside @ boxes.value, tree.predict(codes(unit)))


def test_weights_are_those_of_the_measure(nested) -> None:
    """The mean of a tree by its boxes is its mean over draws from the measure."""
    tree = grown(nested)
    boxes = Domain.of(nested, measures_used(nested, {"rate": "linear"})).boxes(tree)
    draws = np.random.default_rng(7).random((40_000, len(nested)))
    rate = list(nested).index("rate")
    value = 1e-4 + draws[:, rate] * (1e-1 - 1e-4)
    draws[:, rate] = np.log(value / 1e-4) / np.log(1e-1 / 1e-4)
    predicted = tree.predict(codes(spaces.to_unit(nested, spaces.from_unit(nested, draws))))
    error = predicted.std() / np.sqrt(len(draws))
    assert abs(boxes.volume @ boxes.value - predicted.mean()) < 4 * error


def test_active_weight(nested) -> None:
    domain = Domain.of(nested, measures_used(nested, "declared"))
    names = list(nested)
    expected = {"kind": 1.0, "child": 0.5, "grandchild": 0.5 * 0.75, "picky": 0.5 * 3 / 8}
    for name, weight in expected.items():
        assert domain.active_weight(names.index(name)) == pytest.approx(weight)


def test_too_many_conditions_are_refused() -> None:
    space = ConfigurationSpace(space=[Categorical(f"p{k}", list(range(12))) for k in range(3)])
    for k in range(3):
        space.add(Float(f"c{k}", (0.0, 1.0)))
        space.add(EqualsCondition(space[f"c{k}"], space[f"p{k}"], 3))
    with pytest.raises(ValueError, match="cut it into 1728 parts, more than 1024; analyse part of it"):
        contexts(space)
