"""Acquisitions of emukit over any surrogate, and what was repaired in them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import approx_fprime
from scipy.stats import norm

from rlhp.hpo.surrogates import _acquisition as acquisitions
from rlhp.hpo.surrogates._acquisition import log_improvement


class Waves:
    """A surrogate whose predictions are known."""

    def predict(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return np.sin(3 * x).sum(axis=1), 0.3 + 0.2 * np.cos(x).sum(axis=1) ** 2

    def slopes(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return 3 * np.cos(3 * x), -0.4 * np.cos(x).sum(axis=1, keepdims=True) * np.sin(x)


class WithoutSlopes:
    def predict(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return Waves().predict(x)


RNG = np.random.default_rng(0)
X = RNG.random((8, 2))
MODEL = acquisitions.minimised(Waves(), X, np.sin(3 * X).sum(axis=1))
LOOKED_AT = RNG.random((300, 2))


@pytest.mark.parametrize("u", [-30.0, -6.0, -1.0001, -0.9999, 0.0, 2.0, 9.0])
def test_log_improvement_is_the_integral(u: float) -> None:
    # E max(u - z, 0) of a standard normal z; scaled by its peak where that underflows.
    peak = -0.5 * min(u, 0.0) ** 2
    integral = quad(
        lambda t: t * np.exp(-0.5 * (u - t) ** 2 - peak), 0, max(u, 0) + 40, points=[1 / (abs(u) + 1)], limit=400
    )[0]
    assert log_improvement(np.array(u)) == pytest.approx(np.log(integral / np.sqrt(2 * np.pi)) + peak, rel=1e-8)


def test_log_improvement_never_ends() -> None:
    u = np.array([-1e3, -9.9e4, -1.1e5, -1e12, -1e150])
    value = log_improvement(u)
    assert np.isfinite(value).all()
    assert (np.diff(value) < 0).all()
    np.testing.assert_allclose(value[:3] + 0.5 * u[:3] ** 2 + 0.5 * np.log(2 * np.pi), -2 * np.log(-u[:3]), rtol=1e-4)


def test_expected_improvement_is_that_of_draws() -> None:
    x = np.array([[0.9, 0.2]])
    mean, std = Waves().predict(x)
    best = Waves().predict(X)[0].max()
    drawn = mean + std * np.random.default_rng(1).standard_normal(400_000)
    improvement = np.maximum(drawn - best, 0)
    error = improvement.std() / np.sqrt(len(drawn))
    value = float(np.exp(acquisitions.LogExpectedImprovement(MODEL).evaluate(x))[0, 0])
    assert abs(value - improvement.mean()) < 4 * error


def test_what_is_improved_on_is_the_best_mean_and_not_the_luckiest_observation() -> None:
    lucky = acquisitions.minimised(Waves(), X, np.full(len(X), 100.0))
    x = np.array([[0.5, 0.5]])
    np.testing.assert_array_equal(
        acquisitions.LogExpectedImprovement(lucky).evaluate(x), acquisitions.LogExpectedImprovement(MODEL).evaluate(x)
    )


@pytest.mark.parametrize("name", ["log_ei", "ei", "lcb"])
@pytest.mark.parametrize("batch", [0, 3])
def test_gradients_are_those_of_differences(name: str, batch: int) -> None:
    base = acquisitions.acquisition(name, MODEL, kappa=2.0, looked_at=LOOKED_AT, rng=np.random.default_rng(0))
    found = acquisitions.penalised(base, name, MODEL, LOOKED_AT[:batch], 4.0) if batch else base
    for x in np.random.default_rng(2).random((5, 2)):
        _, gradient = found.evaluate_with_gradients(x[None])
        expected = approx_fprime(x, lambda at: float(found.evaluate(at[None])[0, 0]), 1e-7)
        np.testing.assert_allclose(gradient[0], expected, rtol=2e-4, atol=2e-5)


def test_a_surrogate_without_slopes_gives_acquisitions_without_gradients() -> None:
    model = acquisitions.minimised(WithoutSlopes(), X, MODEL._y)
    found = acquisitions.acquisition("log_ei", model, kappa=2.0, looked_at=LOOKED_AT, rng=np.random.default_rng(0))
    assert not found.has_gradients
    assert acquisitions.steepest(model, X) == pytest.approx(acquisitions.steepest(MODEL, X), rel=1e-2)


def test_the_gumbel_fit_has_the_quartiles_of_the_least_value() -> None:
    rng = np.random.default_rng(3)
    mean, std = rng.normal(size=50), rng.uniform(0.2, 1, 50)
    location, scale = acquisitions.gumbel_of_minimum(mean, std)
    least = (mean + std * rng.standard_normal((100_000, 50))).min(axis=1)
    for share in (0.25, 0.75):
        fitted = location + scale * np.log(-np.log1p(-share))
        assert (least < fitted).mean() == pytest.approx(share, abs=0.01)


def test_entropy_search_draws_from_its_generator_alone() -> None:
    values = []
    for state in (1, 2):
        np.random.seed(state)  # noqa: NPY002 - what is scrambled here
        found = acquisitions.acquisition("mes", MODEL, kappa=2.0, looked_at=LOOKED_AT, rng=np.random.default_rng(5))
        found.update_parameters()
        values.append(found.evaluate(LOOKED_AT))
    np.testing.assert_array_equal(*values)
    assert (values[0] >= 0).all()
    assert values[0].std() > 0


def test_entropy_search_is_the_information_that_it_says() -> None:
    # Against the entropy of the truncated normal, by integration, for the first of the drawn best values.
    found = acquisitions.acquisition("mes", MODEL, kappa=2.0, looked_at=LOOKED_AT, rng=np.random.default_rng(5))
    found.mins = found.mins[:1]
    x = LOOKED_AT[:1]
    mean, variance = MODEL.predict(x)
    gamma = float(((found.mins[0] - mean) / np.sqrt(variance))[0, 0])
    left = norm.sf(gamma)
    entropy = quad(lambda z: -norm.pdf(z) / left * np.log(norm.pdf(z) / left), gamma, gamma + 20)[0]
    assert found.evaluate(x)[0, 0] == pytest.approx(0.5 * np.log(2 * np.pi * np.e) - entropy, rel=1e-4)


def test_penalties_are_lowest_at_the_batch_and_vanish_far_from_it() -> None:
    base = acquisitions.acquisition("log_ei", MODEL, kappa=2.0, looked_at=LOOKED_AT, rng=np.random.default_rng(0))
    found = acquisitions.penalised(base, "log_ei", MODEL, np.array([[0.2, 0.2]]), 10.0)
    there, far = np.array([[0.2, 0.2]]), np.array([[1.0, 1.0]])
    assert (base.evaluate(there) - found.evaluate(there)) > 0.5
    assert (base.evaluate(far) - found.evaluate(far)) < 0.1
    assert np.isfinite(found.evaluate_with_gradients(there)[1]).all()
