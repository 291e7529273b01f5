"""Several fidelities in one process."""

from __future__ import annotations

import numpy as np
import pytest
from ConfigSpace import Categorical, ConfigurationSpace, Float

from rlhp.hpo.search._searcher import Observations
from rlhp.hpo.searchers.gp._emukit import Emukit
from rlhp.hpo.searchers.gp._levels import fit_levels


def space() -> ConfigurationSpace:
    return ConfigurationSpace(
        space=[Float("x", (0.0, 1.0)), Categorical("share", [0.25, 1.0], ordered=True, default=1.0)]
    )


def score(x: float, share: float) -> float:
    low = float(np.sin(6 * x))
    return low if share < 1 else 20 + 2 * low + 0.3 * x


def told() -> Observations:
    low = [{"x": float(x), "share": 0.25} for x in np.linspace(0, 1, 15)]
    high = [{"x": x, "share": 1.0} for x in (0.05, 0.6, 0.95)]
    return Observations([*low, *high], [score(**one) for one in (*low, *high)])


def test_cheap_observations_say_where_the_dear_ones_are_high() -> None:
    for seed in range(2):
        proposed = Emukit(fidelity="share", first=3).propose(space(), told(), 1, np.random.default_rng(seed))[0]
        assert proposed["share"] == 1.0
        assert proposed["x"] == pytest.approx(0.27, abs=0.08)
    alone = Observations(told().configurations[15:], told().scores[15:])
    np.random.seed(0)  # noqa: NPY002 - what is scrambled here
    once = Emukit(fidelity="share", first=3).propose(space(), alone, 1, np.random.default_rng(0))
    np.random.seed(1)  # noqa: NPY002
    assert once == Emukit(fidelity="share", first=3).propose(space(), alone, 1, np.random.default_rng(0))


def test_scores_of_each_level_are_standardised_and_lies_keep_the_parameters() -> None:
    seen = told()
    x = np.array([[one["x"], float(one["share"] == 1.0)] for one in seen.configurations])
    model = fit_levels(x, seen.scores, np.full(18, np.nan), np.random.default_rng(0), column=1, n_levels=2)
    for level in (0, 1):
        own = model.gpy.Y[x[:, 1] == level]
        assert own.mean() == pytest.approx(0, abs=1e-12)
        assert own.std() == pytest.approx(1)
    mean, std = model.predict(x)
    np.testing.assert_allclose(mean, seen.scores, atol=0.3)
    new = np.array([[0.8, 1.0]])
    lied = model.given(new, np.array([0.0]))
    np.testing.assert_array_equal(lied.gpy.param_array, model.gpy.param_array)
    assert lied.predict(new)[0] < model.predict(new)[0] - 5
    assert model.predict(new)[1] < std.max() * 20


def test_a_fidelity_has_ordered_levels() -> None:
    with pytest.raises(ValueError, match=r"unknown hyperparameter `shar`.*did you mean `share`"):
        Emukit(fidelity="shar").propose(space(), told(), 1, np.random.default_rng(0))
    with pytest.raises(ValueError, match="two or more ordered levels"):
        Emukit(fidelity="x").propose(space(), told(), 1, np.random.default_rng(0))
