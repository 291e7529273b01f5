"""Two dimensions keep what two dimensions can: distances where there are two, and what they lose they say."""

from __future__ import annotations

import numpy as np
import pytest
from ConfigSpace import CategoricalHyperparameter, ConfigurationSpace, EqualsCondition, UniformFloatHyperparameter
from scipy.spatial.distance import pdist

from rlhp import Runs, importance, spaces
from rlhp.importance._footprint import _features

PLANE = spaces.subspace(spaces.default("dqn"), ["learning_rate", "gamma"])
MANY = spaces.default("dqn")


def study(space, n=24):
    configs = spaces.sample(space, n, method="sobol", rng=0)
    runs = Runs.from_table(configs, np.arange(float(n)), algorithm="dqn", env_id="A-v0")
    return importance.scored(runs, space, "final_return", failures="raise")


@pytest.mark.parametrize("method", ["mds", "pca"])
def test_of_two_dimensions_all_distances_are_kept(method) -> None:
    data = study(PLANE)
    found = importance.footprint(data, method=method, rng=0)
    np.testing.assert_allclose(pdist(found.points[["x", "y"]]), pdist(data.unit), atol=0.02)
    assert found.fit == pytest.approx(0.0 if method == "mds" else 1.0, abs=0.01)
    np.testing.assert_array_equal(found.points["score"], data.y)
    assert tuple(found.points.index) == data.config_ids


def test_of_many_dimensions_scaling_keeps_distances_better_than_looking_along_two() -> None:
    data = study(MANY, 40)
    scaled, along = (importance.footprint(data, method=method, rng=0, background=0) for method in ("mds", "pca"))
    assert 0.05 < scaled.fit < 0.5
    assert 0.1 < along.fit < 0.9
    true = pdist(_features(MANY, data.unit, range(len(MANY))))
    off = [np.abs(pdist(one.points[["x", "y"]]) - true).mean() for one in (scaled, along)]
    assert off[0] < 0.8 * off[1]


def test_two_clumps_stay_two_and_the_background_shows_what_is_empty() -> None:
    configs = spaces.from_unit(
        PLANE, np.vstack([np.full((6, 2), 0.1), np.full((6, 2), 0.9)]) + np.linspace(0, 0.01, 12)[:, None]
    )
    runs = Runs.from_table(configs, np.arange(12.0), algorithm="dqn")
    found = importance.footprint(importance.scored(runs, PLANE, "final_return", failures="raise"), rng=0, background=64)
    x = found.points["x"].to_numpy()
    assert abs(x[:6].mean() - x[6:].mean()) > 20 * max(x[:6].std(), x[6:].std())
    assert len(found.background) == 64
    between = (found.background["x"] > min(x) + 0.3) & (found.background["x"] < max(x) - 0.3)
    assert between.sum() > 10


def test_levels_are_one_apart_and_inactive_is_in_the_middle() -> None:
    space = ConfigurationSpace()
    kind = CategoricalHyperparameter("kind", ["a", "b", "c"])
    rate = UniformFloatHyperparameter("rate", 0.0, 1.0)
    space.add([kind, rate])
    space.add(EqualsCondition(rate, kind, "a"))
    unit = spaces.to_unit(space, [{"kind": "a", "rate": 1.0}, {"kind": "b"}, {"kind": "c"}])
    apart = pdist(_features(space, unit, range(2)))
    np.testing.assert_allclose(apart, [np.sqrt(1.25), np.sqrt(1.25), 1.0])


def test_what_was_never_varied_moves_nothing() -> None:
    """Else the draws from the space would lie around the configurations, as if these had left out its edge."""
    configs = spaces.sample(MANY, 64, method="sobol", rng=0)
    held = configs.assign(net_arch=[configs["net_arch"].iloc[0]] * 64)
    runs = Runs.from_table(held, np.arange(64.0), algorithm="dqn")
    found = importance.footprint(importance.scored(runs, MANY, "final_return", failures="raise"), rng=1, background=64)
    own, drawn = (np.hypot(*one[["x", "y"]].to_numpy().T).mean() for one in (found.points, found.background))
    assert own == pytest.approx(drawn, rel=0.15)


def test_the_same_seed_gives_the_same_sheet() -> None:
    data = study(MANY, 16)
    first, second = (importance.footprint(data, rng=3, background=16) for _ in range(2))
    assert first.points.equals(second.points)
    assert first.background.equals(second.background)


def test_an_axis_says_what_it_follows() -> None:
    axes = importance.footprint(study(PLANE), method="pca", rng=0).axes
    np.testing.assert_allclose((axes**2).sum(axis=1), 1.0, atol=0.01)  # of two dimensions both axes tell all
    assert "in two dimensions; principal components" in repr(importance.footprint(study(PLANE), method="pca", rng=0))


def test_one_configuration_again_and_again_is_no_map() -> None:
    configs = [{"learning_rate": 1e-3, "gamma": 0.99}] * 12
    runs = Runs.from_table(configs, np.arange(12.0), seeds=range(12), algorithm="dqn")
    data = importance.scored(runs, PLANE, "final_return", failures="raise", fewest=1)
    with pytest.raises(ValueError, match="the configurations of `study` do not differ"):
        importance.footprint(data, rng=0)
