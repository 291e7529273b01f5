from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from rlhp.curves import _intervals as intervals
from rlhp.curves._bootstrap import drawn_counts, of_counts, percentile_interval
from rlhp.curves._intervals import check_interval, expanded_tail, with_interval
from rlhp.curves._statistic import IQM, MEAN, MEDIAN


def found(values, statistic, method, *, n_boot=2000, seed=5, confidence=0.95, strata=None):
    values = np.asarray(values, dtype=float)
    return with_interval(
        values[:, None] if values.ndim == 1 else values,
        statistic,
        method=method,
        confidence=confidence,
        n_boot=n_boot,
        rng=np.random.default_rng(seed),
        strata=strata,
    )


@pytest.mark.parametrize("statistic", [IQM, MEAN])
def test_bca_is_scipys(statistic) -> None:
    values = np.random.default_rng(0).gamma(2.0, size=14)
    ours = found(values, statistic, "bca", n_boot=4999)
    theirs = stats.bootstrap(
        (values,),
        lambda sample, axis: stats.trim_mean(sample, statistic.trim, axis=axis),
        n_resamples=4999,
        method="BCa",
        rng=np.random.default_rng(5),
    ).confidence_interval
    np.testing.assert_allclose((ours.low[0], ours.high[0]), theirs, rtol=2e-3)


@pytest.mark.parametrize(("statistic", "n"), [(MEAN, 6), (IQM, 6), (IQM, 9), (IQM, 17)])
def test_standard_errors_of_draws_are_those_of_the_resamples(statistic, n) -> None:
    values = np.random.default_rng(n).normal(50, 3, size=(n, 4))
    counts = drawn_counts(n, 30, np.random.default_rng(0))
    draws, errors = of_counts(values, statistic, counts, errors=True)
    for row, (draw, error) in enumerate(zip(draws, errors, strict=True)):
        resample = np.repeat(values, counts[row], axis=0)
        np.testing.assert_allclose(draw, statistic(resample, axis=0), rtol=1e-12)
        np.testing.assert_allclose(error, statistic.standard_error(resample, axis=0), rtol=1e-7, atol=1e-6)


def test_strata_keep_their_sizes() -> None:
    strata = np.array([0, 0, 1, 1, 1, 0])
    counts = drawn_counts(6, 500, np.random.default_rng(0), strata)
    assert (counts[:, strata == 0].sum(axis=1) == 3).all()
    assert (counts[:, strata == 1].sum(axis=1) == 3).all()
    assert counts.std(axis=0).min() > 0.5


def test_studentised_by_hand() -> None:
    values = np.random.default_rng(3).lognormal(size=12)
    ours = found(values, MEAN, "studentised", n_boot=3000)
    chosen = values[np.random.default_rng(5).integers(0, 12, (3000, 12))]
    errors = np.maximum(chosen.std(axis=1, ddof=1) / np.sqrt(12), 0.2 * stats.sem(values))
    lower, upper = np.quantile((chosen.mean(axis=1) - values.mean()) / errors, [0.025, 0.975])
    wanted = values.mean() - np.array([upper, lower]) * stats.sem(values)
    np.testing.assert_allclose((ours.low[0], ours.high[0]), wanted, rtol=1e-9)


def test_expanded_reaches_as_far_as_student() -> None:
    assert expanded_tail(MEAN, 8, 0.95) == pytest.approx(stats.norm.cdf(-np.sqrt(8 / 7) * stats.t.ppf(0.975, 7)))
    assert expanded_tail(IQM, 8, 0.95) == pytest.approx(stats.norm.cdf(-stats.t.ppf(0.975, 7)))
    assert expanded_tail(IQM, 5000, 0.95) == pytest.approx(0.025, abs=1e-4)
    strata = np.repeat([0, 1], 4)
    reach = np.sqrt(4 / 3) * stats.t.ppf(0.975, 6)
    assert expanded_tail(IQM, 8, 0.95, strata) == pytest.approx(stats.norm.cdf(-reach))


def test_gaussian_runs_reach_as_far_as_student() -> None:
    assert intervals._gaussian_reach(MEAN, 5, 0.95) == pytest.approx(stats.t.ppf(0.975, 4) / np.sqrt(5), rel=0.01)
    of_iqm = intervals._gaussian_reach(IQM, 5, 0.95)
    assert of_iqm > intervals._gaussian_reach(MEAN, 5, 0.95)
    values = np.random.default_rng(1).standard_normal((5, 20_000))
    held = np.abs(IQM(values, axis=0)) <= of_iqm * values.std(axis=0, ddof=1)
    assert held.mean() == pytest.approx(0.95, abs=0.006)


def test_up_to_seven_runs_the_ends_move_half_way_out() -> None:
    values = np.array([10.0, 11.0, 12.0, 13.0, 60.0])
    ours = found(values, IQM, "auto")
    low, high = percentile_interval(ours.draws, 5, confidence=1 - 2 * expanded_tail(IQM, 5, 0.95))
    reach = intervals._gaussian_reach(IQM, 5, 0.95) * values.std(ddof=1)
    assert (low[0], high[0]) == pytest.approx((10, 60))
    assert ours.low[0] == pytest.approx((10 + 12 - reach) / 2)
    assert ours.high[0] == pytest.approx(60)  # the draws reach further than Gaussian runs would
    assert ours.method.endswith("whole-run bootstrap, moved out")


@pytest.mark.parametrize("strata", [None, np.arange(8) % 2])
def test_from_eight_runs_on_and_in_strata_they_do_not(strata) -> None:
    n = 8 if strata is None else 6
    values = np.random.default_rng(2).normal(size=n)
    ours = found(values, IQM, "auto", strata=None if strata is None else strata[:n])
    tail = expanded_tail(IQM, n, 0.95, None if strata is None else strata[:n])
    assert (ours.low, ours.high) == percentile_interval(ours.draws, n, confidence=1 - 2 * tail)
    assert "moved out" not in ours.method


def test_order_statistics_by_hand() -> None:
    # d = 1 covers 96.875 % and d = 2 covers 78.125 %: a share of 5 * 0.1 / (1 + 4 * 0.1) of the way inwards.
    ours = found([1.0, 2.0, 3.0, 4.0, 50.0, 60.0], MEDIAN, "auto")
    share = 0.5 / 1.4
    assert (ours.low[0], ours.high[0]) == pytest.approx((1 + share, 60 - 10 * share))
    assert ours.method.startswith("order statistics")


@pytest.mark.parametrize("n", [6, 9, 20, 51])
def test_order_statistics_cover_medians_of_skewed_returns(n) -> None:
    values = np.random.default_rng(n).lognormal(size=(n, 20_000))
    ours = found(values, MEDIAN, "order", n_boot=40)
    assert ((ours.low < 1) & (ours.high > 1)).mean() == pytest.approx(0.95, abs=0.01)


@pytest.mark.parametrize(("statistic", "method"), [(IQM, "auto"), (MEAN, "auto"), (IQM, "bca"), (MEDIAN, "auto")])
def test_intervals_move_and_stretch_with_the_returns(statistic, method) -> None:
    values = np.random.default_rng(1).gamma(2.0, size=11)
    ours, moved = (found(v, statistic, method) for v in (values, 100 + 7 * values))
    np.testing.assert_allclose((moved.low, moved.high), (100 + 7 * ours.low, 100 + 7 * ours.high), rtol=1e-8)


@pytest.mark.parametrize("method", ["auto", "student_t", "percentile", "expanded", "bca", "studentised"])
def test_runs_that_agree_leave_no_width(method) -> None:
    ours = found(np.full(9, 500.0), IQM, method)
    np.testing.assert_allclose((ours.low, ours.high), 500)


@pytest.mark.parametrize(
    ("interval", "statistic", "strata", "message"),
    [
        ("bootstrap", IQM, None, "unknown interval `bootstrap`"),
        ("order", IQM, None, "interval='order' is between order statistics and for the median, not for the IQM"),
        ("student_t", MEDIAN, None, "needs a standard error, which the median of few runs has not"),
        ("studentised", IQM, np.array([0, 1]), "is for runs of one environment; give 'student_t'"),
    ],
)
def test_intervals_that_cannot_be(interval, statistic, strata, message) -> None:
    with pytest.raises(ValueError, match=message):
        check_interval(interval, statistic, strata)


@pytest.mark.parametrize(("statistic", "n"), [(IQM, 5), (IQM, 7), (IQM, 10), (MEAN, 10), (MEAN, 20)])
def test_intervals_cover_skewed_returns(statistic, n) -> None:
    """Gamma returns, 400 studies; the table with small Monte Carlo error is benchmarks/coverage.md."""
    rng = np.random.default_rng(n)
    truth = stats.trim_mean(rng.gamma(3.0, size=400_000), statistic.trim)
    studies = rng.gamma(3.0, size=(n, 400))
    ours = found(studies, statistic, "auto", n_boot=600)
    plain = found(studies, statistic, "percentile", n_boot=600)
    held, plainly = (((one.low <= truth) & (truth <= one.high)).mean() for one in (ours, plain))
    assert 0.915 < held < 0.985
    assert plainly < held
