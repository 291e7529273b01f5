from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from rlhp.curves import _bootstrap as bootstrap
from rlhp.curves import percentile_interval, resampled
from rlhp.curves._statistic import IQM, MEAN


@pytest.mark.parametrize(("statistic", "trim"), [(IQM, 0.25), (MEAN, 0.0)])
def test_draws_and_interval_are_scipys(statistic, trim) -> None:
    values = np.random.default_rng(0).gamma(2.0, size=12)
    draws = resampled(values[:, None], statistic, n_boot=999, rng=np.random.default_rng(5))
    scipys = stats.bootstrap(
        (values,),
        lambda sample, axis: stats.trim_mean(sample, trim, axis=axis),
        n_resamples=999,
        method="percentile",
        rng=np.random.default_rng(5),
    )
    np.testing.assert_allclose(np.sort(draws[:, 0]), np.sort(scipys.bootstrap_distribution), rtol=1e-12)
    low, high = percentile_interval(draws, 12)
    np.testing.assert_allclose((low[0], high[0]), scipys.confidence_interval, rtol=1e-9)


def test_a_run_is_drawn_with_its_whole_curve() -> None:
    """Runs that differ by an offset only: a resample of whole runs keeps the shape, one frame by frame would not."""
    shape = np.linspace(0, 3, 7) ** 2
    curves = np.random.default_rng(0).normal(size=(6, 1)) + shape
    draws = resampled(curves, n_boot=50, rng=np.random.default_rng(1)) - shape
    assert np.ptp(draws, axis=1).max() < 1e-12
    assert np.ptp(draws, axis=0).min() > 0.1


def test_spread_of_the_mean_is_the_closed_form() -> None:
    curves = np.random.default_rng(2).normal(size=(16, 3))
    draws = resampled(curves, MEAN, n_boot=20_000, rng=np.random.default_rng(3))
    np.testing.assert_allclose(draws.std(axis=0), curves.std(axis=0) / 4, rtol=0.03)


def test_the_memory_set_aside_does_not_change_the_draws(monkeypatch) -> None:
    curves = np.random.default_rng(2).normal(size=(5, 4))
    whole = resampled(curves, n_boot=100, rng=np.random.default_rng(3))
    monkeypatch.setattr(bootstrap, "_CHUNK", 45)
    np.testing.assert_allclose(resampled(curves, n_boot=100, rng=np.random.default_rng(3)), whole, rtol=1e-12)


def test_chunks_cover_everything_once(monkeypatch) -> None:
    monkeypatch.setattr(bootstrap, "_CHUNK", 10)
    assert list(bootstrap.chunks(7, 3)) == [slice(0, 3), slice(3, 6), slice(6, 7)]
    assert list(bootstrap.chunks(2, 99)) == [slice(0, 1), slice(1, 2)]


def test_two_runs_have_no_percentile_interval() -> None:
    low, high = percentile_interval(np.zeros((100, 3)), 2)
    assert np.isnan([low, high]).all()
