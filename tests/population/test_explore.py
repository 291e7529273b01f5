"""What children's hyperparameters become: cases by hand, and what holds of every operator in every space."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from ConfigSpace import Categorical, ConfigurationSpace, Constant, Float, Integer
from hypothesis import given, settings
from hypothesis import strategies as st

from rlhp import spaces
from rlhp.algorithms import names
from rlhp.population import Fitness, Meeting, Past, Perturb, Resample, Unchanged, moving_names

OPERATORS = (Perturb(), Perturb((0.5, 1.0, 3.0), resample=0.3), Resample(), Resample(1.0), Unchanged())


def space_of(*hyperparameters) -> ConfigurationSpace:
    return ConfigurationSpace(space=list(hyperparameters))


def flat(algorithm: str) -> ConfigurationSpace:
    """Return what an algorithm is searched in, without conditions."""
    return space_of(*spaces.traced(algorithm).values())


EVERYTHING = space_of(
    Float("rate", (1e-6, 1e-2), log=True),
    Float("gamma", (0.8, 0.9999), meta={"measure": "flipped-log"}),
    Float("coefficient", (0.0, 0.1)),
    Float("target", (-4.0, -0.5)),
    Integer("epochs", (1, 20)),
    Integer("interval", (1, 1000), log=True),
    Categorical("batch", [16, 32, 64], ordered=True),
    Categorical("clip", ["none", "0.2"]),
    Categorical("held", ["[8]"]),
    Constant("fixed", 3),
)


def meeting(configs, parents=None) -> Meeting:
    """A population in which all but the first are children of the first."""
    parents = [0] * len(configs) if parents is None else parents
    fitness = Fitness(np.arange(len(configs), 0, -1))
    return Meeting(10, 100, tuple(configs), parents, fitness, Past.empty(list(configs[0])))


def explored(operator, space, config, n=1, rng=0) -> list[dict]:
    proposed = operator.propose(space, meeting([config] * (n + 1)), np.random.default_rng(rng))
    assert list(proposed) == list(range(1, n + 1))
    return list(proposed.values())


@pytest.mark.parametrize(
    ("hyperparameter", "value", "up", "down"),
    [
        (Float("x", (1e-5, 1e-2), log=True), 1e-3, 1.2e-3, 8e-4),
        (Float("x", (1e-5, 1e-2), log=True), 1e-2, 1e-2, 8e-3),  # the end of the range is the end
        (Float("x", (1e-5, 1e-2), log=True), 1e-5, 1.2e-5, 1e-5),
        (Float("x", (0.8, 0.9999), meta={"measure": "flipped-log"}), 0.99, 0.988, 0.992),  # 1 - x is multiplied
        (Float("x", (0.8, 0.9999), meta={"measure": "flipped-log"}), 0.8, 0.8, 0.84),
        (Float("x", (0.0, 1.0)), 0.5, 0.6, 0.4),
        (Float("x", (-4.0, -0.5)), -1.0, -1.2, -0.8),
        (Integer("x", (1, 20)), 10, 12, 8),
        (Integer("x", (1, 20)), 1, 2, 1),  # 1 * 1.2 would be 1 for ever
        (Integer("x", (1, 20)), 2, 3, 1),
        (Integer("x", (1, 20)), 20, 20, 16),
        (Integer("x", (1, 1000), log=True), 100, 120, 80),
        (Categorical("x", [16, 32, 64], ordered=True), 32, 64, 16),
        (Categorical("x", [16, 32, 64], ordered=True), 64, 64, 32),
        (Categorical("x", ["a", "b"]), "a", "a", "a"),  # a factor means nothing to it
        (Constant("x", 3), 3, 3, 3),
    ],
    ids=str,
)
def test_a_factor_by_hand(hyperparameter, value, up, down):
    space = space_of(hyperparameter)
    for factor, expected in ((1.2, up), (0.8, down), (1.0, value)):
        ((found),) = explored(Perturb((factor,), switch=0.0), space, {"x": value})
        assert found["x"] == expected
        assert type(found["x"]) is type(value)


def test_what_is_not_perturbed_stays():
    config = spaces.sample(EVERYTHING, 1, rng=0).to_dict("records")[0]
    assert explored(Unchanged(), EVERYTHING, config) == [config]
    assert explored(Resample(0.0), EVERYTHING, config) == [config]
    assert moving_names(EVERYTHING) == [name for name in EVERYTHING if name not in ("held", "fixed")]


def test_resampled_is_each_by_itself_with_its_probability():
    config = {"rate": 1e-4, "gamma": 0.9}
    space = spaces.subspace(EVERYTHING, list(config))
    found = explored(Resample(0.25), space, config, n=4_000)
    moved = np.array([[one[name] != config[name] for name in config] for one in found])
    # Standard errors: sqrt(.25 * .75 / 4000) = .007 and, for both, sqrt(.0625 * .9375 / 4000) = .004.
    np.testing.assert_allclose(moved.mean(axis=0), 0.25, atol=0.028)
    assert moved.all(axis=1).mean() == pytest.approx(0.0625, abs=0.016)


def test_a_category_is_drawn_anew_now_and_then_and_with_its_weights():
    space = space_of(Categorical("x", ["a", "b", "c"], weights=[1, 1, 2]))
    found = [one["x"] for one in explored(Perturb(switch=0.4), space, {"x": "a"}, n=4_000)]
    shares = [found.count(level) / 4_000 for level in "abc"]
    np.testing.assert_allclose(shares, [0.7, 0.1, 0.2], atol=0.03)


@pytest.mark.parametrize("operator", [Perturb(), Perturb(resample=0.25), Resample(0.5)], ids=repr)
def test_perturbations_of_different_hyperparameters_and_children_are_uncorrelated(operator):
    """One number drawn for all hyperparameters of a child would give correlations of 1, and twins."""
    config = {"rate": 1e-4, "gamma": 0.95, "coefficient": 0.05, "interval": 100}
    space = spaces.subspace(EVERYTHING, list(config))
    n = 3_000
    found = spaces.to_unit(space, explored(operator, space, config, n=n))
    correlation = np.corrcoef(found.T) - np.eye(len(config))
    assert np.abs(correlation).max() < 4.5 / np.sqrt(n)  # six pairs
    columns = found - found.mean(axis=0)
    children = (columns[:-1] * columns[1:]).sum() / (columns**2).sum()
    assert abs(children) < 4.5 / np.sqrt(n * len(config))


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**32), st.sampled_from(OPERATORS), st.sampled_from([EVERYTHING, *map(flat, names())]))
def test_no_value_ever_leaves_the_space(seed, operator, space):
    rng = np.random.default_rng(seed)
    configs = spaces.from_unit(space, np.round(rng.random((3, len(space))), 1))  # the ends of the ranges too
    now = configs.to_dict("records")
    for _ in range(12):
        proposed = operator.propose(space, meeting(now), rng)
        assert sorted(proposed) == [1, 2]
        now = [now[0], proposed[1], proposed[2]]
        inside = spaces.to_unit(space, now)  # raises outside
        for name, hp in space.items():
            if hasattr(hp, "lower"):
                assert all(hp.lower <= one[name] <= hp.upper for one in now)
                assert all(isinstance(one[name], int) == isinstance(hp.lower, int) for one in now)
        np.testing.assert_allclose(spaces.to_unit(space, spaces.from_unit(space, inside)), inside, atol=1e-9)


@pytest.mark.parametrize("operator", OPERATORS, ids=repr)
def test_the_same_rng_gives_the_same_and_another_something_else(operator):
    config = spaces.sample(EVERYTHING, 1, rng=1).to_dict("records")[0]
    first, again, other = (explored(operator, EVERYTHING, config, n=5, rng=rng) for rng in (0, 0, 1))
    assert first == again
    if operator != Unchanged():
        assert first != other
        assert all(one != two for one, two in itertools.combinations(first, 2))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Perturb((0.8, -1.0)), "`factors` is"),
        (lambda: Perturb(()), "`factors` is"),
        (lambda: Perturb(resample=2), "`resample` is 2"),
        (lambda: Perturb(switch=-1), "`switch` is -1"),
        (lambda: Resample(probabilty=0.5), "unknown option `probabilty` for Resample; did you mean `probability`"),
        (lambda: Resample(1.5), "`probability` is 1.5"),
    ],
)
def test_what_cannot_be_is_refused(make, message):
    with pytest.raises((ValueError, TypeError), match=message):
        make()
