"""What a surrogate believes, against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from rlhp import hpo, spaces
from rlhp.hpo.searchers.gp._evidence import matern
from rlhp.hpo.surrogates._acquisition import log_improvement

X = {"x": (0.0, 1.0)}


class Known:
    """A searcher whose surrogate is known: the mean is the feature, the deviation half."""

    def fitted(self, x, y, noise, rng):
        return self

    def predict(self, x):
        return x[:, 0], np.full(len(x), 0.5)


def test_two_observations_in_closed_form() -> None:
    """Rasmussen and Williams (2006), equations 2.25 and 2.26, written out for a Matern covariance."""
    told = [{"x": 0.2}, {"x": 0.7}]
    belief = hpo.surrogate(X, hpo.Observations(told, [10.0, 30.0], [2.0, 2.0]), hpo.Emukit(length_scale=0.3, samples=0))
    height, extra = belief.model.at.height, belief.model.at.noise
    assert belief.model.at.scales == pytest.approx([0.3])
    # Scores are standardised: 10 and 30 are -1 and 1, a standard error of 2 is .2.
    covariance = height * np.array([[1.0, matern(0.5 / 0.3)], [matern(0.5 / 0.3), 1.0]])
    covariance[np.diag_indices(2)] += extra + 0.04 + 1e-8
    towards = height * matern(np.array([0.2, 0.3]) / 0.3)
    weights = np.linalg.solve(covariance, towards)
    mean, std = belief.predict([{"x": 0.4}])
    assert mean[0] == pytest.approx(20 + 10 * (weights @ np.array([-1.0, 1.0])), rel=1e-6)
    assert std[0] == pytest.approx(10 * np.sqrt(height - towards @ weights), rel=1e-5)


def test_acquisitions_in_the_unit_of_the_scores() -> None:
    told = hpo.Observations([{"x": 0.0}, {"x": 0.5}], [100.0, 120.0])  # centre 110, spread 10
    belief = hpo.surrogate(X, told, Known())
    x = [{"x": 0.25}, {"x": 0.9}]
    mean, std = belief.predict(x)
    np.testing.assert_allclose(mean, [112.5, 119.0])
    np.testing.assert_allclose(std, [5.0, 5.0])
    np.testing.assert_allclose(belief.acquisition(x, "lcb", kappa=3.0), mean + 15.0)
    u = (mean - 120.0) / 5.0  # the textbook's: on the best observation
    np.testing.assert_allclose(belief.acquisition(x, "ei"), 5.0 * (u * norm.cdf(u) + norm.pdf(u)))
    u = (mean - 115.0) / 5.0  # on the best mean among what was told: 110 + 10 * 0.5
    np.testing.assert_allclose(belief.acquisition(x), np.log(5.0) + log_improvement(u))
    assert belief.best == ({"x": 0.5}, 115.0)


def test_a_pool_is_believed_in_and_a_crash_is_no_good_place() -> None:
    space = spaces.subspace(spaces.default("dqn"), ["learning_rate", "batch_size", "n_steps"])
    drawn = spaces.sample(space, 12, method="sobol", rng=0).to_dict("records")
    seen = hpo.Observations(drawn, [np.nan, *np.linspace(-300.0, -100.0, 11)])
    belief = hpo.surrogate(space, seen)
    assert belief.best[1] < -90
    assert belief.predict(drawn[:1])[0][0] < -200, "it counts as the worst that is known, not as 0"


def test_the_same_seed_is_the_same_belief_and_a_network_has_the_same_face() -> None:
    told = hpo.Observations([{"x": 0.1}, {"x": 0.5}, {"x": 0.8}], [1.0, 3.0, 2.0])
    x = [{"x": 0.3}, {"x": 0.95}]
    one, other = (hpo.surrogate(X, told, hpo.Bnn(fit="laplace"), rng=3) for _ in range(2))
    np.testing.assert_array_equal(one.predict(x), other.predict(x))
    assert np.isfinite(one.acquisition(x)).all()


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"searcher": "random"}, "fits no surrogate"),
        ({"searcher": hpo.Emukit(fidelity="steps")}, "of one fidelity"),
        ({"searcher": "emukt"}, "did you mean `emukit`"),
        ({"seen": hpo.Observations([{"x": 0.1}], [np.nan])}, "holds no score"),
        ({"seen": [1.0]}, "`seen`"),
    ],
)
def test_what_cannot_be_is_refused(asked, told) -> None:
    options = {"space": X, "seen": hpo.Observations([{"x": 0.1}], [1.0]), **asked}
    with pytest.raises((ValueError, TypeError), match=told):
        hpo.surrogate(**options)


def test_an_acquisition_that_is_none_is_refused() -> None:
    belief = hpo.surrogate(X, hpo.Observations([{"x": 0.1}, {"x": 0.2}], [1.0, 2.0]), Known())
    with pytest.raises(ValueError, match="did you mean `lcb`"):
        belief.acquisition([{"x": 0.5}], "lcbb")
    with pytest.raises(ValueError, match="length_scale"):
        hpo.Emukit(length_scale=0.0)
