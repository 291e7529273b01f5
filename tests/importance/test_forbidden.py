"""What the space forbids is nowhere sought; what is discrete is asked about where its values stand."""

from __future__ import annotations

import re

import numpy as np
import pytest
from ConfigSpace import (
    Categorical,
    ConfigurationSpace,
    EqualsCondition,
    Float,
    ForbiddenAndConjunction,
    ForbiddenEqualsClause,
    ForbiddenGreaterThanRelation,
    Integer,
)

from rlhp import Runs, importance, spaces
from rlhp.importance._dimensionality import _chosen, _points
from rlhp.importance.surrogates._boxes import Domain, allowed_at, snapped
from rlhp.importance.surrogates._forest import grow
from rlhp.importance.surrogates._measures import measures_used


def domain_of(space: ConfigurationSpace) -> Domain:
    return Domain.of(space, measures_used(space, "declared"))


@pytest.fixture(scope="module")
def under() -> ConfigurationSpace:
    """Two whole numbers of which the first must not be above the second."""
    space = ConfigurationSpace(
        space=[Integer("g", (1, 20), default=2), Integer("f", (1, 20), default=10), Float("z", (0, 1))]
    )
    space.add(ForbiddenGreaterThanRelation(space["g"], space["f"]))
    return space


@pytest.fixture(scope="module")
def switched() -> ConfigurationSpace:
    """A child of a switch, and one that may not be large while the switch is on."""
    space = ConfigurationSpace(
        space=[
            Categorical("p", ["off", "on"], default="off"),
            Float("k", (0, 1)),
            Integer("n", (1, 4)),
            Float("x", (0, 1)),
        ]
    )
    space.add(EqualsCondition(space["k"], space["p"], "on"))
    space.add(ForbiddenAndConjunction(ForbiddenEqualsClause(space["p"], "on"), ForbiddenEqualsClause(space["n"], 4)))
    return space


def test_points_are_allowed_where_their_configurations_are(under, switched) -> None:
    for space in (under, switched, spaces.default("dqn")):
        domain = domain_of(space)
        points = domain.inactive_marked(np.random.default_rng(0).random((400, len(space))))
        kept = allowed_at(space, domain, points)
        np.testing.assert_array_equal(
            kept, spaces.allowed(space, spaces.from_unit(space, np.nan_to_num(points, nan=0.5)))
        )
        assert 0 < kept.sum() < 400


def test_discrete_coordinates_move_to_the_middle_of_their_values_part() -> None:
    space = ConfigurationSpace(
        space=[Categorical("k", ["a", "b"], weights=[0.9, 0.1], default="a"), Integer("n", (1, 4)), Float("x", (0, 1))]
    )
    order = [list(space).index(name) for name in ("k", "n", "x")]
    points = np.empty((3, 3))
    points[:, order] = [[0.89, 0.26, 0.3], [0.91, 1.0, np.nan], [np.nan, 0.0, 1.0]]
    moved = snapped(domain_of(space), points)[:, order]
    np.testing.assert_allclose(moved, [[0.45, 0.375, 0.3], [0.95, 0.875, np.nan], [np.nan, 0.125, 1.0]])


def test_the_best_of_a_landscape_is_allowed(under) -> None:
    configs = spaces.sample(under, 256, method="sobol", rng=0)
    runs = Runs.from_table(configs, configs["g"] - configs["f"] + 0.0)
    for rest in ("best", "averaged"):
        land = importance.landscape(runs, under, "g", "f", rng=0, rest=rest, n_trees=16)
        above = np.greater.outer(land.x.values, land.y.values)
        np.testing.assert_array_equal(np.isnan(land.mean), above)
        np.testing.assert_array_equal(np.isnan(land.spread), above)
        assert land.best[0] <= land.best[1]
    # One of the clause's two is held: half of the axis is left. Averaged, no pair is forbidden for good.
    held = importance.landscape(runs, under, "g", "z", rng=0, rest={"g": 1, "f": 7}, n_trees=8)
    np.testing.assert_array_equal(np.isnan(held.mean).all(axis=1), np.array(held.x.values) > 7)
    assert not np.isnan(importance.landscape(runs, under, "g", "z", rng=0, rest="averaged", n_trees=8).mean).any()


def test_a_landscape_without_a_point_says_why(switched) -> None:
    configs = spaces.sample(switched, 64, method="sobol", rng=0)
    runs = Runs.from_table(configs, configs["x"] - 3.0 * (configs["p"] == "on"))
    model = importance.surrogate(runs, switched, rng=0, n_trees=8)
    land = importance.landscape(model, switched, "k", "x", rng=0, points=5)
    said = "`k` is active only where p == 'on'); hold the others elsewhere by `rest=`, or take rest='averaged'"
    assert said in repr(land)
    assert "the others as in the best configuration" in repr(land)
    with pytest.raises(ValueError, match=re.escape(said)):
        _ = land.best
    on = importance.landscape(model, switched, "k", "x", rng=0, points=5, rest={"p": "on", "k": 0.5, "n": 1})
    averaged = importance.landscape(model, switched, "k", "x", rng=0, points=5, rest="averaged")
    assert on.nothing == averaged.nothing == ""
    assert on.best[2] < 0
    never = importance.landscape(model, switched, "k", "x", rng=0, points=5, rest={"p": "on", "k": 0.5, "n": 4})
    assert "the space forbids all pairs of `k` and `x` with the others as in a given configuration" in repr(never)


def test_a_path_goes_round_what_is_forbidden(under) -> None:
    """Both go up and the first gains more, but it may not be above the second."""
    configs = spaces.sample(under, 256, method="sobol", rng=0)
    runs = Runs.from_table(configs, configs["g"] + 0.3 * configs["f"])
    start, end = {"g": 1, "f": 2, "z": 0.5}, {"g": 18, "f": 19, "z": 0.5}
    found = importance.ablation(runs, under, rng=0, fit=importance.Fit(n_trees=16, n_boot=0), start=start, end=end)
    assert found.path["name"].tolist() == ["f", "g"]
    assert found.estimate.sum() == pytest.approx(1.0)
    # Where every way leads through it, the path goes through: from (1, 2) to (19, 18) the end itself is forbidden.
    end = {"g": 19, "f": 18, "z": 0.5}
    assert (
        len(
            importance.ablation(runs, under, rng=0, fit=importance.Fit(n_trees=16, n_boot=0), start=start, end=end).path
        )
        == 2
    )


def test_no_coalition_wins_by_what_is_forbidden(under) -> None:
    """Only g counts and plays, over the default of 2: it may go up to f's 10 and gain 8, not up to 20."""
    configs = spaces.sample(under, 512, method="sobol", rng=0)
    runs = Runs.from_table(configs, configs["g"] + 0.0)
    for options in ({"players": ["g"]}, {"players": ["g", "z"], "n_orders": 8}):
        found = importance.shapley(runs, under, rng=0, fit=importance.Fit(n_trees=16), **options)
        gain = float(re.search(r"bring, ([\d.]+) over", found.about)[1])
        assert gain == pytest.approx(8, abs=1)


def test_the_variance_of_a_game_is_that_of_what_is_allowed(under) -> None:
    """The variance of g + f over the pairs with g <= f, by counting them."""
    configs = spaces.sample(under, 1024, method="sobol", rng=0)
    runs = Runs.from_table(configs, configs["g"] + configs["f"] + 0.0)
    found = importance.shapley(runs, under, rng=0, game="sensitivity", fit=importance.Fit(n_trees=16))
    whole = float(re.search(r"baseline, ([\d.]+) over", found.about)[1])
    sums = [g + f for f in range(1, 21) for g in range(1, f + 1)]
    assert whole == pytest.approx(np.var(sums), rel=0.15)
    free = np.var(range(1, 21)) * 2
    assert abs(whole - np.var(sums)) < abs(whole - free)


def test_an_environment_is_not_tuned_to_what_is_forbidden(under) -> None:
    """On g - f the best of what is drawn is forbidden; tuning gives the surrogate's best of the rest."""
    domain = domain_of(under)
    unit = snapped(domain, np.random.default_rng(2).random((400, 3)))  # it knows what is forbidden, too
    names = list(under)
    forest = grow(unit, unit[:, names.index("g")] - unit[:, names.index("f")], n_trees=8, rng=np.random.default_rng(0))
    drawn = snapped(domain, np.random.default_rng(1).random((200, 3)))
    start = spaces.to_unit(under, [dict(under.get_default_configuration())])[0]
    kept = drawn[:, names.index("g")] <= drawn[:, names.index("f")]
    found = _chosen([forest], [forest], _points(under, domain, start, drawn, [0, 1, 2]))
    assert found == pytest.approx(forest.predict(drawn[kept]).max())
    assert found < forest.predict(drawn).max() - 0.5


@pytest.mark.parametrize("weights", [[0.9, 0.1], [0.5, 0.5]])
def test_weighted_levels_have_their_own_share_of_the_variance(weights) -> None:
    """Two independent effects: w (1 - w) of the level, .36 / 4 of the other; z is held away from its step."""
    space = ConfigurationSpace(
        space=[Categorical("k", ["x", "y"], weights=weights, default="x"), Float("z", (0, 1), default=0.2)]
    )
    configs = spaces.sample(space, 512, method="sobol", rng=0)
    runs = Runs.from_table(configs, (configs["k"] == "y") + 0.6 * (configs["z"] > 0.5))
    of_level = weights[0] * weights[1]
    found = importance.shapley(runs, space, rng=0, game="sensitivity", fit=importance.Fit(n_trees=16)).shares()
    assert found["k"] == pytest.approx(of_level / (of_level + 0.09), abs=0.03)


def test_permuting_draws_an_inactive_level_by_its_weight() -> None:
    """1 where the switch is on and its child is the level of weight .1: the switch's total share is 10/19.

    With the child drawn anew, E (y - y')^2 = 2 (1/4) (1/10), over twice the variance, (1/20) (19/20).
    """
    space = ConfigurationSpace(
        space=[
            Categorical("p", ["off", "on"], default="off"),
            Categorical("k", ["x", "y"], weights=[0.9, 0.1], default="x"),
            Float("z", (0, 1)),  # so that there are enough configurations
        ]
    )
    space.add(EqualsCondition(space["k"], space["p"], "on"))
    configs = spaces.sample(space, 1024, method="sobol", rng=0)
    runs = Runs.from_table(configs, (configs["k"] == "y").astype(float))
    found = importance.permutation(runs, space, rng=0, fit=importance.Fit(n_trees=16, n_boot=0)).shares("total")
    assert found["p"] == pytest.approx(10 / 19, abs=0.06)
