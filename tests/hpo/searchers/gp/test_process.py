"""The Gaussian process: its evidence and predictions against GPy's own and against finite differences."""

from __future__ import annotations

import logging

import numpy as np
import pytest
from scipy.optimize import approx_fprime
from scipy.stats import lognorm

from rlhp.hpo.searchers.gp._evidence import Hyperparameters, Priors, log_evidence, most_plausible
from rlhp.hpo.searchers.gp._process import Process, fit


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
