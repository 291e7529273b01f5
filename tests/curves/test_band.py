from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from rlhp.curves import _band as making
from rlhp.curves import resampled, simultaneous_band, student_interval
from rlhp.curves._statistic import IQM, MEAN, MEDIAN


def band(curves, statistic=IQM, n_boot=2000, seed=0, confidence=0.95):
    rng = np.random.default_rng(seed)
    draws = resampled(curves, statistic, n_boot=n_boot, rng=rng)
    return simultaneous_band(curves, draws, statistic, confidence=confidence, rng=rng)


def smooth_curves(rng, n, steps, sets=1):
    at = np.linspace(0, 1, steps)
    covariance = np.exp(-0.5 * ((at[:, None] - at) / 0.2) ** 2) + 0.15 * np.eye(steps)
    return rng.multivariate_normal(np.zeros(steps), covariance, size=(sets, n))


@pytest.mark.parametrize("n", [3, 5, 9])
def test_at_a_single_step_it_is_students_interval_of_the_mean(n) -> None:
    curves = np.random.default_rng(n).normal(size=(n, 1))
    low, high = band(curves, MEAN, n_boot=20_000)
    t_low, t_high = student_interval(curves, MEAN)
    assert (high - low)[0] == pytest.approx((t_high - t_low)[0], rel=0.08)
    assert (high + low)[0] == pytest.approx(2 * curves.mean())


def test_steps_that_move_together_cost_nothing() -> None:
    curves = np.random.default_rng(0).normal(size=(6, 1)) + np.linspace(0, 9, 30)
    low, high = band(curves, MEAN, n_boot=20_000)
    t_low, t_high = student_interval(curves, MEAN)
    np.testing.assert_allclose(high - low, t_high - t_low, rtol=0.05)


def test_steps_that_move_apart_widen_it() -> None:
    rng = np.random.default_rng(0)
    together, apart = rng.normal(size=(12, 1)) + np.zeros(20), rng.normal(size=(12, 20))
    widths = [np.mean(np.subtract(*band(curves)[::-1]) / curves.std(axis=0)) for curves in (together, apart)]
    assert widths[1] > 1.2 * widths[0]


@pytest.mark.parametrize("n", [5, 12])
def test_it_holds_whole_curves_as_often_as_it_says(n) -> None:
    """A few hundred studies at fixed seed; the wide tolerance is theirs. Pointwise intervals fail the same test."""
    rng = np.random.default_rng(n)
    studies = smooth_curves(rng, n, 12, sets=300)
    held = [((low <= 0) & (0 <= high)).all() for low, high in (band(one, n_boot=300, seed=1) for one in studies)]
    pointwise = [((low <= 0) & (0 <= high)).all() for low, high in map(student_interval, studies)]
    assert 0.92 <= np.mean(held) <= 1.0
    assert np.mean(pointwise) < 0.87


@pytest.mark.parametrize("n", [10, 20])
def test_it_holds_skewed_curves_as_often_as_it_says(n) -> None:
    rng = np.random.default_rng(n)
    truth = stats.trim_mean(np.exp(smooth_curves(rng, 100_000, 12)[0]), 0.25)
    studies = np.exp(smooth_curves(rng, n, 12, sets=300))
    held = [((low <= truth) & (truth <= high)).all() for low, high in (band(one, n_boot=300) for one in studies)]
    assert 0.92 <= np.mean(held) <= 0.985


@pytest.mark.parametrize(("n", "statistic", "moves"), [(12, IQM, True), (8, IQM, False), (12, MEDIAN, True)])
def test_on_the_short_side_of_skewed_returns_it_follows_the_draws(n, statistic, moves, monkeypatch) -> None:
    curves = np.exp(1.5 * smooth_curves(np.random.default_rng(0), n, 8)[0])
    low, high = band(curves, statistic)
    monkeypatch.setattr(making, "_INWARDS", 0.0)
    outer_low, outer_high = band(curves, statistic)
    assert (low > outer_low).any() == moves
    assert (low >= outer_low).all()
    assert (high <= outer_high).all()
    # Long side: as far as the draws, whatever the Gaussian band.
    assert (high - statistic(curves, axis=0)).mean() > (statistic(curves, axis=0) - low).mean()


def test_it_moves_and_stretches_with_the_curves() -> None:
    curves = smooth_curves(np.random.default_rng(3), 10, 8)[0]
    low, high = band(curves)
    moved_low, moved_high = band(100 + 5 * curves)
    np.testing.assert_allclose(moved_low, 100 + 5 * low, rtol=1e-9)
    np.testing.assert_allclose(moved_high, 100 + 5 * high, rtol=1e-9)


@pytest.mark.parametrize("n", [4, 11])
def test_runs_that_agree_leave_no_width(n) -> None:
    curves = np.full((n, 5), 0.1)
    low, high = band(curves)
    np.testing.assert_allclose([low, high], 0.1, rtol=1e-12)


def test_a_higher_confidence_is_wider() -> None:
    curves = smooth_curves(np.random.default_rng(3), 10, 8)[0]
    narrow, wide = (np.subtract(*band(curves, confidence=level)[::-1]) for level in (0.8, 0.99))
    assert (wide > narrow).all()


def test_two_runs_have_no_band() -> None:
    assert np.isnan(band(np.arange(6.0).reshape(2, 3))).all()
