"""Points that stand for configurations, and the search among them."""

from __future__ import annotations

import numpy as np
import pytest
from ConfigSpace import Categorical, ConfigurationSpace, EqualsCondition, Float, ForbiddenGreaterThanRelation, Integer

from rlhp import spaces
from rlhp.hpo.surrogates._candidates import Candidates
from tests.spaces.of_all_kinds import mixed_space


@pytest.mark.parametrize(
    "space", [mixed_space(), spaces.default("dqn"), spaces.default("ppo")], ids=lambda one: one.name
)
def test_drawn_and_moved_points_are_what_the_space_says_of_their_configurations(space: ConfigurationSpace) -> None:
    ground = Candidates.of(space)
    rng = np.random.default_rng(0)
    points = ground.drawn(60, rng)
    moved = ground.moved(points, 0.1, rng)
    for some in (points, moved):
        configurations = ground.configurations(some)
        # The space's own encoder agrees on coordinates and on what is inactive.
        np.testing.assert_allclose(spaces.to_unit(space, configurations), some, atol=1e-7)
        np.testing.assert_array_equal(ground.allowed(some), spaces.allowed(space, configurations))
    assert ground.allowed(points).all()
    assert (np.nan_to_num(moved, nan=-1) != np.nan_to_num(points, nan=-1)).any(axis=1).mean() > 0.5


def test_small_spaces_are_listed_whole() -> None:
    space = ConfigurationSpace(space=[Integer("n", (1, 3)), Integer("m", (1, 3)), Categorical("kind", ["a", "b"])])
    space.add(ForbiddenGreaterThanRelation(space["n"], space["m"]))
    everything = Candidates.of(space).everything()
    assert everything is not None
    found = {tuple(one.values()) for one in Candidates.of(space).configurations(everything)}
    assert len(everything) == len(found) == 12
    assert Candidates.of(ConfigurationSpace(space=[Float("x", (0.0, 1.0))])).everything() is None


def test_conditions_leave_one_point_for_all_that_differ_in_what_is_inactive() -> None:
    a2c = spaces.default("a2c")
    space = spaces.subspace(a2c, ["use_rms_prop", "normalize_advantage"])
    assert len(Candidates.of(space).everything()) == 4  # type: ignore[arg-type]


def test_climbing_finds_the_best_level_and_number() -> None:
    space = ConfigurationSpace(space=[Float("x", (0.0, 1.0)), Categorical("kind", list("abcd")), Integer("n", (0, 50))])
    ground = Candidates.of(space)

    first = {list(space)[part.at]: part.first for part in ground.features.parts}

    def value(rows: np.ndarray) -> np.ndarray:
        x, c, n = rows[:, first["x"]], rows[:, first["kind"] + 2], rows[:, first["n"]]
        return -((x - 0.3) ** 2) + c - (n - 0.8) ** 2

    rng = np.random.default_rng(1)
    points, values = ground.climbed(value, ground.drawn(4, rng), rng, rounds=30, fan=12)
    best = ground.configurations(points[[values.argmax()]])[0]
    assert best["kind"] == "c"
    assert best["x"] == pytest.approx(0.3, abs=0.02)
    assert best["n"] == pytest.approx(40, abs=1)


def test_polishing_follows_the_gradient_of_every_point_and_holds_levels() -> None:
    space = ConfigurationSpace(space=[Float("x", (0.0, 1.0)), Float("y", (0.0, 1.0)), Categorical("kind", ["a", "b"])])
    ground = Candidates.of(space)
    names = list(space)
    goal = {"x": 0.25, "y": 1.5}  # the second outside of the cube
    columns = [names.index("x"), names.index("y")]

    def slope(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        away = rows[:, columns] - np.array([goal["x"], goal["y"]])
        gradients = np.zeros(rows.shape)
        gradients[:, columns] = -2 * away
        return -(away**2).sum(axis=1), gradients

    points = ground.drawn(5, np.random.default_rng(0))
    polished, values = ground.polished(slope, points, slope(ground.features.of_unit(points))[0])
    np.testing.assert_allclose(polished[:, columns], [[0.25, 1.0]] * 5, atol=1e-4)
    np.testing.assert_array_equal(polished[:, names.index("kind")], points[:, names.index("kind")])
    np.testing.assert_allclose(values, -0.25, atol=1e-6)


def test_a_space_that_forbids_nearly_all_is_refused() -> None:
    space = ConfigurationSpace(
        space=[Float("x", (0.999999, 2.0), default=0.999999), Float("y", (0.0, 1.0), default=1.0)]
    )
    space.add(ForbiddenGreaterThanRelation(space["x"], space["y"]))
    with pytest.raises(ValueError, match="forbidden clauses leave too little"):
        Candidates.of(space).drawn(3, np.random.default_rng(0))


def test_where_every_real_number_is_switched_off_there_is_nothing_to_polish() -> None:
    space = ConfigurationSpace(space=[Categorical("k", ["a", "b"]), Float("y", (0.0, 1.0))])
    space.add(EqualsCondition(space["y"], space["k"], "a"))
    ground = Candidates.of(space)
    off = spaces.to_unit(space, [{"k": "b"}, {"k": "b"}])
    points, values = ground.polished(lambda rows: (rows.sum(axis=1), np.ones_like(rows)), off, np.zeros(2))
    np.testing.assert_array_equal(points, off)
    np.testing.assert_array_equal(values, np.zeros(2))
