"""The process that forgets: closed forms, gradients against differences, and scikit-learn's process beside it."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel

from rlhp import evidence
from rlhp.population.pb2._fitting import Priors, fit
from rlhp.population.pb2._highest import bound, highest
from rlhp.population.pb2._process import Covariance, Process, log_evidence

AT = Covariance(np.array([0.3, 0.5, 2.0]), height=1.3, drift=0.2, noise=0.1)


def told(n: int = 24, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x, t = rng.random((n, 3)), np.arange(n) // 4 * 1.0
    y = np.sin(5 * x[:, 0] + 0.3 * t) + x[:, 1] ** 2 + 0.2 * rng.standard_normal(n)
    return x, t, (y - y.mean()) / y.std()


def written_out(at: Covariance, x: np.ndarray, t: np.ndarray, other: np.ndarray, other_t: np.ndarray) -> np.ndarray:
    """The covariance as its formula reads, entry by entry."""
    found = np.empty((len(x), len(other)))
    for i in range(len(x)):
        for j in range(len(other)):
            squared = sum((x[i, q] - other[j, q]) ** 2 / at.scales[q] for q in range(x.shape[1]))
            found[i, j] = at.height * np.exp(-squared) * (1 - at.drift) ** (abs(t[i] - other_t[j]) / 2)
    return found


def test_the_posterior_is_the_dense_formula() -> None:
    x, t, y = told()
    new, when = np.random.default_rng(1).random((5, 3)), np.full(5, 7.0)
    inverse = np.linalg.inv(written_out(AT, x, t, x, t) + AT.noise * np.eye(len(y)))
    towards = written_out(AT, new, when, x, t)
    mean, std = Process(x, t, y, AT).predict(new, 7.0)
    np.testing.assert_allclose(mean, towards @ inverse @ y, rtol=1e-6)
    np.testing.assert_allclose(std**2, AT.height - np.einsum("ij,jk,ik->i", towards, inverse, towards), rtol=1e-6)


def test_without_drift_it_is_an_ordinary_process() -> None:
    x, t, y = told()
    still = Covariance(AT.scales, AT.height, 0.0, AT.noise)
    # RBF writes exp(-d^2 / (2 l^2)).
    kernel = ConstantKernel(AT.height, "fixed") * RBF(np.sqrt(AT.scales / 2), "fixed")
    ordinary = GaussianProcessRegressor(kernel, alpha=AT.noise, optimizer=None).fit(x, y)
    new = np.random.default_rng(1).random((9, 3))
    their_mean, their_std = ordinary.predict(new, return_std=True)
    for when in (0.0, 50.0):
        mean, std = Process(x, t, y, still).predict(new, when)
        np.testing.assert_allclose(mean, their_mean, rtol=1e-6)
        np.testing.assert_allclose(std, their_std, rtol=1e-6)
    noisy = still.between(x, t, x, t) + AT.noise * np.eye(len(y))
    assert evidence.log_evidence(noisy, y)[0] == pytest.approx(ordinary.log_marginal_likelihood_value_, rel=1e-9)


def test_what_is_old_is_forgotten() -> None:
    x, t, y = told()
    process = Process(x, t, y, AT)
    spread = [process.predict(x[:1], when)[1][0] for when in (5.0, 10.0, 200.0)]
    assert spread[0] < spread[1] < spread[2] == pytest.approx(np.sqrt(AT.height), rel=1e-6)
    assert process.predict(x[:1], 500.0)[0][0] == pytest.approx(0.0, abs=1e-6)
    # Two generations cost the drift.
    near, far = (AT.between(x[:1], np.zeros(1), x[:1], np.full(1, age))[0, 0] for age in (0.0, 2.0))
    assert far / near == pytest.approx(1 - AT.drift)


def differences(f, at: np.ndarray, h: float = 1e-2) -> np.ndarray:
    """Central differences of three steps, combined so that errors up to the fourth power of the step cancel."""
    found = np.empty(len(at))
    for i in range(len(at)):
        one = np.eye(len(at))[i]
        wide, half, quarter = ((f(at + s * one) - f(at - s * one)) / (2 * s) for s in (h, h / 2, h / 4))
        found[i] = (64 * quarter - 20 * half + wide) / 45
    return found


@pytest.mark.parametrize("seed", range(5))
def test_the_gradient_of_the_evidence_is_that_of_differences_to_a_millionth(seed: int) -> None:
    x, t, y = told(seed=seed)
    at = AT.logarithms + 0.7 * np.random.default_rng(seed).standard_normal(6)
    _, gradient = log_evidence(at, x, t, y)
    np.testing.assert_allclose(gradient, differences(lambda one: log_evidence(one, x, t, y)[0], at), rtol=1e-6)


def test_the_slopes_of_mean_and_deviation_are_those_of_differences() -> None:
    x, t, y = told()
    process, point = Process(x, t, y, AT), np.array([0.3, 0.6, 0.2])
    mean, std, of_mean, of_std = process.slopes(point[None], 6.0)
    np.testing.assert_array_equal([mean, std], process.predict(point[None], 6.0))
    for which, slope in enumerate((of_mean, of_std)):
        expected = differences(lambda one, which=which: process.predict(one[None], 6.0)[which][0], point)
        np.testing.assert_allclose(slope[0], expected, rtol=1e-6)


def test_a_covariance_is_its_logarithms() -> None:
    back = Covariance.of(AT.logarithms)
    np.testing.assert_allclose([*back.scales, back.height, back.drift, back.noise], [0.3, 0.5, 2.0, 1.3, 0.2, 0.1])


def test_a_fantasy_leaves_the_mean_and_takes_away_doubt() -> None:
    x, t, y = told()
    process = Process(x, t, y, AT)
    new = np.random.default_rng(1).random((3, 3))
    dreamed = process.fantasised(new[:1], 6.0)
    np.testing.assert_allclose(dreamed.predict(new, 6.0)[0], process.predict(new, 6.0)[0], atol=1e-9)
    assert (dreamed.predict(new, 6.0)[1] < process.predict(new, 6.0)[1]).all()
    assert process.fantasised(new[:0], 6.0) is process


def test_a_fit_is_the_maximum_of_the_posterior_density() -> None:
    x, t, y = told(60)
    means, deviations = Priors().moments(3)
    found = fit(x, t, y, np.random.default_rng(0), restarts=2).at.logarithms

    def density(at: np.ndarray) -> float:
        return log_evidence(at, x, t, y)[0] - 0.5 * float((((at - means) / deviations) ** 2).sum())

    for direction in np.random.default_rng(1).standard_normal((20, 6)):
        assert density(found + 0.2 * direction) < density(found)


def test_a_fit_tells_drift_from_none_and_noise_from_little() -> None:
    rng = np.random.default_rng(3)
    t = np.repeat(np.arange(40.0), 4)
    x = rng.random((160, 1))
    found = {}
    for name, at in {
        "still": Covariance(np.array([0.1]), 1.0, 0.001, 0.05),
        "drifting": Covariance(np.array([0.1]), 1.0, 0.4, 0.05),
        "noisy": Covariance(np.array([0.1]), 1.0, 0.001, 1.0),
    }.items():
        covariance = at.between(x, t, x, t) + at.noise * np.eye(160)
        y = np.linalg.cholesky(covariance) @ np.random.default_rng(4).standard_normal(160)
        found[name] = fit(x, t, y, np.random.default_rng(0)).at
    assert found["drifting"].drift > 0.15 > 0.05 > found["still"].drift
    assert found["noisy"].noise > 0.5 > 0.1 > found["still"].noise


def test_columns_of_a_group_share_a_scale_and_a_drift_can_be_held() -> None:
    x, t, y = told()
    at = fit(x, t, y, np.random.default_rng(0), groups=np.array([0, 1, 1]), drift=0.3).at
    assert at.scales[1] == at.scales[2] != at.scales[0]
    assert at.drift == pytest.approx(0.3)
    assert fit(x, t, y, np.random.default_rng(0), drift=0.0).at.drift == pytest.approx(0.0, abs=1e-8)


@pytest.mark.parametrize("kappa", [0.0, 2.0])
def test_the_highest_bound_is_that_of_a_fine_grid(kappa: float) -> None:
    x, t, y = told()
    process = Process(x, t, y, AT)
    held = np.array([0.4])
    points = highest(process, 6.0, held, x[:4, :2], np.random.default_rng(0), kappa=kappa)
    axis = np.linspace(0, 1, 101)
    grid = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    whole = np.column_stack([grid, np.full(len(grid), 0.4)])
    values = bound(process, np.column_stack([points, np.full(len(points), 0.4)]), 6.0, kappa)
    assert values[0] >= bound(process, whole, 6.0, kappa).max() - 1e-6
    assert (np.diff(values) <= 1e-12).all()
    assert ((points >= 0) & (points <= 1)).all()
    # The deviation itself, in the unit of the mean, and not its square.
    mean, std = process.predict(whole, 6.0)
    np.testing.assert_array_equal(bound(process, whole, 6.0, kappa), mean + kappa * std)
