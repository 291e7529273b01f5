"""Evidence of any Gaussian process against SciPy's density and against differences, and its maximum."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import multivariate_normal
from threadpoolctl import threadpool_info

from rlhp.evidence import log_evidence, most_plausible
from rlhp.threads import one_thread


def covariance(n: int = 6) -> np.ndarray:
    a = np.random.default_rng(0).standard_normal((n, n))
    return a @ a.T + np.eye(n)


def test_it_is_the_log_density_of_a_normal() -> None:
    k, y = covariance(), np.random.default_rng(1).standard_normal(6)
    assert log_evidence(k, y)[0] == pytest.approx(multivariate_normal(np.zeros(6), k).logpdf(y), rel=1e-12)


def test_its_gradient_is_that_of_differences() -> None:
    k, y = covariance(), np.random.default_rng(1).standard_normal(6)
    _, gradient = log_evidence(k, y)
    way = covariance(6)[::-1, ::-1] / 10
    step = 1e-5
    slope = (log_evidence(k + step * way, y)[0] - log_evidence(k - step * way, y)[0]) / (2 * step)
    assert float((gradient * way).sum()) == pytest.approx(slope, rel=1e-6)


def test_what_is_no_covariance_has_none() -> None:
    value, gradient = log_evidence(-np.eye(2), np.zeros(2))
    assert value == -np.inf
    np.testing.assert_array_equal(gradient, np.zeros((2, 2)))


def test_the_best_of_several_starts_is_taken_and_the_box_is_kept_to() -> None:
    def two_tops(at: np.ndarray) -> tuple[float, np.ndarray]:
        # Two normal bumps: a low one at the middle of the prior, a high one beside it.
        low, high = np.exp(-20 * at[0] ** 2), 3 * np.exp(-20 * (at[0] - 2) ** 2)
        return float(low + high), np.array([-40 * at[0] * low - 40 * (at[0] - 2) * high])

    wide = np.zeros(1), np.full(1, 20.0)
    low, high = np.array([-3.0]), np.array([3.0])
    alone = most_plausible(two_tops, *wide, low, high, np.random.default_rng(0), restarts=0)
    several = most_plausible(two_tops, *wide, low, high, np.random.default_rng(0), restarts=40)
    assert alone[0] == pytest.approx(0.0, abs=1e-3)
    assert several[0] == pytest.approx(2.0, abs=1e-2)
    boxed = most_plausible(two_tops, *wide, low, np.array([1.5]), np.random.default_rng(0), restarts=40)
    assert boxed[0] <= 1.5


def test_inside_the_block_every_blas_has_one_thread() -> None:
    before = [one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"]
    with one_thread():
        assert {one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"} == {1}
    assert [one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"] == before
