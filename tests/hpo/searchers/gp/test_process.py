"""The Gaussian process: its evidence and predictions against GPy's own and against finite differences."""

from __future__ import annotations

import logging

import numpy as np
import pytest
from scipy.optimize import approx_fprime
from scipy.stats import lognorm, norm

from rlhp.hpo.searchers.gp._evidence import (
    Hyperparameters,
    Priors,
    log_evidence,
    most_plausible,
)
from rlhp.hpo.searchers.gp._process import Process, fit
from rlhp.hpo.searchers.gp._walk import walk


def data(n: int = 25, width: int = 3, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = rng.random((n, width))
    y = np.sin(5 * x[:, 0]) + x[:, 1] ** 2 + 0.1 * rng.standard_normal(n)
    return x, (y - y.mean()) / y.std(), rng.uniform(0, 0.1, n)


AT = Hyperparameters(np.array([0.4, 0.9, 2.0]), 1.3, 0.02)


def test_the_evidence_is_gpys() -> None:
    x, y, known = data()
    ours, gradient = log_evidence(AT.logarithms, x, y, known)
    model = Process(x, y, known, AT, Priors()).gpy
    assert ours == pytest.approx(float(model.log_likelihood()), rel=1e-9)
    # GPy's gradients are by the parameters, ours by their logarithms.
    theirs = [*model.kern.lengthscale.gradient, *model.kern.variance.gradient, *model.likelihood.variance.gradient]
    np.testing.assert_allclose(gradient, np.array(theirs) * np.exp(AT.logarithms), rtol=1e-6)


def test_the_gradient_of_the_evidence_is_that_of_differences() -> None:
    x, y, known = data()
    _, gradient = log_evidence(AT.logarithms, x, y, known)
    expected = approx_fprime(AT.logarithms, lambda at: log_evidence(at, x, y, known)[0], 1e-6)
    np.testing.assert_allclose(gradient, expected, rtol=1e-3, atol=1e-3)


def test_predictions_and_slopes_are_gpys() -> None:
    x, y, known = data()
    process = Process(x, y, known, AT, Priors())
    new = np.random.default_rng(1).random((7, 3))
    mean, std = process.predict(new)
    their_mean, their_variance = process.gpy.predict(new, include_likelihood=False)
    np.testing.assert_allclose(mean, their_mean[:, 0], rtol=1e-9)
    np.testing.assert_allclose(std**2, their_variance[:, 0], rtol=1e-7)
    of_mean, of_std = process.slopes(new)
    their_of_mean, their_of_variance = process.gpy.predictive_gradients(new)
    np.testing.assert_allclose(of_mean, their_of_mean[:, :, 0], rtol=1e-7, atol=1e-10)
    np.testing.assert_allclose(2 * std[:, None] * of_std, their_of_variance, rtol=1e-6, atol=1e-10)


def test_predictions_are_averaged_over_plausible_hyperparameters() -> None:
    """The law of total variance over GPy's models, and slopes by differences."""
    x, y, known = data()
    among = (AT, Hyperparameters(np.array([2.0, 0.3, 0.5]), 0.7, 0.1))
    process = Process(x, y, known, AT, Priors(), among)
    new = np.random.default_rng(1).random((4, 3))
    each = [Process(x, y, known, at, Priors()).gpy.predict(new, include_likelihood=False) for at in among]
    means, variances = (np.array(part)[:, :, 0] for part in zip(*each, strict=True))
    mean, std = process.predict(new)
    np.testing.assert_allclose(mean, means.mean(axis=0), rtol=1e-8)
    np.testing.assert_allclose(std**2, variances.mean(axis=0) + means.var(axis=0), rtol=1e-6)
    assert means.var(axis=0).max() > 0.1 * variances.max()
    of_mean, of_std = process.slopes(new)
    for at, row in enumerate(new):
        for gradient, part in ((of_mean[at], 0), (of_std[at], 1)):
            expected = approx_fprime(row, lambda one, part=part: process.predict(one[None])[part][0], 1e-7)
            np.testing.assert_allclose(gradient, expected, rtol=1e-3, atol=1e-4)


def test_the_walk_has_the_moments_of_the_posterior() -> None:
    """Of height and noise, the length scales held, against sums over a grid."""
    x, y, known = data(12)
    priors, drawn = Priors(), walk(*data(12), Priors(), np.random.default_rng(0), start=AT, n=1_500, held=3)
    np.testing.assert_allclose([one.scales for one in drawn], np.tile(AT.scales, (1_500, 1)))
    found = np.array([one.logarithms[3:] for one in drawn])
    height, noise = np.meshgrid(np.linspace(-3, 3, 41), np.linspace(-9, 2, 61), indexing="ij")
    grid = np.column_stack([height.ravel(), noise.ravel()])
    weight = np.array([log_evidence(np.append(np.log(AT.scales), at), x, y, known)[0] for at in grid])
    for column, (middle, spread) in enumerate((priors.height, priors.noise)):
        weight += norm.logpdf(grid[:, column], middle, spread)
    weight = np.exp(weight - weight.max())
    mean = (weight @ grid) / weight.sum()
    deviation = np.sqrt(weight @ (grid - mean) ** 2 / weight.sum())
    np.testing.assert_allclose(found.mean(axis=0), mean, atol=0.15 * deviation.max())
    np.testing.assert_allclose(found.std(axis=0), deviation, rtol=0.15)


def test_noise_that_is_known_counts_observation_by_observation() -> None:
    x, y, _ = data()
    sure, unsure = np.zeros(len(y)), np.zeros(len(y))
    unsure[0] = 25.0
    new = x[:1]
    for known, near in ((sure, True), (unsure, False)):
        process = Process(x, y, known, AT, Priors())
        assert (abs(process.predict(new)[0][0] - y[0]) < 0.1) == near or near is False
    closer = Process(x, y, sure, AT, Priors()).predict(new)[1][0]
    further = Process(x, y, unsure, AT, Priors()).predict(new)[1][0]
    assert further > 1.5 * closer


def test_noise_of_a_few_seeds_is_drawn_to_its_mean_and_stands_in_where_missing() -> None:
    x, y, _ = data()
    rng = np.random.default_rng(0)
    noise = np.full(len(y), np.nan)
    noise[:2] = [0.1, 0.3]
    known = fit(x, y, noise, rng).known
    mean = (0.01 + 0.09) / 2
    np.testing.assert_allclose(known[:3], [0.5 * 0.01 + 0.5 * mean, 0.5 * 0.09 + 0.5 * mean, mean])
    np.testing.assert_array_equal(fit(x, y, np.full(len(y), np.nan), rng).known, 0.0)


def test_the_maximum_is_one_of_the_posterior_density() -> None:
    x, y, known = data()
    priors = Priors()
    means, deviations = priors.moments(3)
    found = most_plausible(x, y, known, priors, np.random.default_rng(0), restarts=2).logarithms

    def density(at: np.ndarray) -> float:
        return log_evidence(at, x, y, known)[0] - 0.5 * float((((at - means) / deviations) ** 2).sum())

    top = density(found)
    for direction in np.random.default_rng(1).standard_normal((20, 5)):
        assert density(found + 0.2 * direction) < top
    # The ladder to the prior as SciPy writes it: a density of the scale itself, times the scale for its logarithm.
    one = lognorm(s=priors.scale[1], scale=np.exp(priors.scale[0]))
    a, b = 0.3, 2.0
    ours = -0.5 * ((np.log([a, b]) - priors.scale[0]) / priors.scale[1]) ** 2
    assert ours[0] - ours[1] == pytest.approx(float(one.logpdf(a) + np.log(a) - one.logpdf(b) - np.log(b)))


def test_given_more_is_fitted_to_more() -> None:
    x, y, known = data()
    process = Process(x, y, known, AT, Priors())
    new = np.array([[0.5, 0.5, 0.5]])
    lied = process.given(new, np.array([-3.0]))
    assert lied.predict(new)[0][0] < -1.5 < process.predict(new)[0][0]
    assert lied.predict(new)[1][0] < process.predict(new)[1][0]
    assert process.predict(new)[0][0] == Process(x, y, known, AT, Priors()).predict(new)[0][0]


def test_gpy_says_nothing(capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> None:
    x, y, known = data()
    with caplog.at_level(logging.INFO):
        model = fit(x, y, np.sqrt(known), np.random.default_rng(0)).gpy
    captured = capsys.readouterr()
    assert captured.out == captured.err == ""
    assert not caplog.records
    # The priors stand in the model, for whoever goes on with it.
    assert model.log_prior() != 0


def test_of_many_observations_some_decide_the_hyperparameters_and_all_the_posterior() -> None:
    x, y, _ = data(400)
    process = fit(x, y, np.full(400, np.nan), np.random.default_rng(0), restarts=0)
    assert len(process.x) == 400
    assert np.sqrt(np.mean((process.predict(x)[0] - y) ** 2)) < 0.3
