from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from rlhp.curves import TrimmedMean, student_interval
from rlhp.curves._bootstrap import drawn_counts, of_counts
from rlhp.curves._statistic import IQM, MEAN, MEDIAN


@pytest.mark.parametrize("n", range(1, 18))
def test_iqm_is_scipys_trimmed_mean(n) -> None:
    values = np.random.default_rng(n).lognormal(size=(n, 5))
    np.testing.assert_allclose(IQM(values, axis=0), stats.trim_mean(values, 0.25, axis=0), rtol=1e-12)
    np.testing.assert_allclose(IQM(values.T, axis=1), IQM(values, axis=0), rtol=1e-12)


def test_iqm_does_not_follow_an_outlier_and_leaves_its_input_alone() -> None:
    values = np.array([9.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 1e9])
    before = values.copy()
    assert IQM(values) == 4.5
    np.testing.assert_array_equal(values, before)


@settings(max_examples=200, deadline=None)
@given(st.floats(-1e12, 1e12), st.integers(1, 12), st.sampled_from([IQM, MEAN, MEDIAN]))
def test_equal_runs_have_their_value_and_no_spread(value, n, statistic) -> None:
    """Rounding is no spread: nothing that rests on equal runs may differ from them, not by 1e-17."""
    curves = np.full((n, 2), value)
    counts = drawn_counts(n, 40, np.random.default_rng(0))
    draws, errors = of_counts(curves, statistic, counts, errors=True)
    assert (statistic(curves, axis=0) == value).all()
    assert (draws == value).all()
    assert not np.nan_to_num(errors).any()
    assert not np.nan_to_num(statistic.standard_error(curves, axis=0)).any()


def test_mean_is_the_mean() -> None:
    assert MEAN([1.0, 2.0, 6.0]) == 3.0


def test_standard_error_by_hand() -> None:
    # Of four runs one is cut at either end: winsorised to 1 1 3 3, squares add up to 4, two kept: sqrt(4 / (2 * 1)).
    assert IQM.standard_error([0.0, 1.0, 3.0, 10.0]) == pytest.approx(np.sqrt(2))


@pytest.mark.parametrize("n", [4, 5, 7, 8, 9, 13])
def test_standard_error_is_yuens(n) -> None:
    """SciPy's trimmed t-test of a sample against itself shifted by one has the denominator sqrt(2) se."""
    values = np.random.default_rng(n).normal(size=n)
    t = stats.ttest_ind(values, values + 1, equal_var=False, trim=0.25).statistic
    assert IQM.standard_error(values) == pytest.approx(-1 / t / np.sqrt(2), rel=1e-10)


@pytest.mark.parametrize("n", [3, 5, 9, 30])
def test_interval_of_the_mean_is_students(n) -> None:
    values = np.random.default_rng(n).normal(size=(n, 3))
    low, high = student_interval(values, MEAN, confidence=0.9)
    wanted = stats.t.interval(0.9, n - 1, loc=values.mean(0), scale=stats.sem(values))
    np.testing.assert_allclose((low, high), wanted, rtol=1e-12)


def test_interval_of_the_iqm_has_the_degrees_of_freedom_of_those_kept() -> None:
    values = np.random.default_rng(0).normal(size=(8, 1))
    low, high = student_interval(values, IQM)
    reach = stats.t.ppf(0.975, 3) * IQM.standard_error(values[:, 0])  # eight runs, two cut at either end
    assert (high - low)[0] == pytest.approx(2 * reach)
    assert [IQM.dof(n) for n in (3, 4, 5, 8)] == [2, 1, 2, 3]


@pytest.mark.parametrize("n", [1, 2])
def test_below_three_runs_there_is_no_interval(n) -> None:
    low, high = student_interval(np.arange(2.0 * n).reshape(n, 2))
    assert np.isnan(low).all()
    assert np.isnan(high).all()


def test_students_interval_covers_the_iqm_of_gaussians() -> None:
    curves = np.random.default_rng(1).normal(size=(5, 4000))  # 4,000 studies of five runs
    low, high = student_interval(curves)
    assert 0.92 < ((low < 0) & (high > 0)).mean() < 0.97


def test_a_trim_of_more_than_half_is_refused() -> None:
    with pytest.raises(ValueError, match=r"`trim` is 0\.6; give the share cut from each end, in \[0, 0\.5\]"):
        TrimmedMean("nothing", 0.6)
