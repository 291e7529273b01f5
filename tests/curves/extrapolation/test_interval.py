from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from rlhp.curves.extrapolation._interval import at_level, calibrated_level, levels, nested

QUANTILES = (np.arange(200) + 0.5) / 200


def test_of_a_symmetric_distribution_it_is_the_central_interval() -> None:
    draws = stats.norm.ppf(QUANTILES)[None]
    low, high = at_level(draws, 0.8)
    assert low[0] == pytest.approx(-1.28, abs=0.03)
    assert high[0] == pytest.approx(1.28, abs=0.03)


def test_of_a_skewed_distribution_it_is_the_shortest_one() -> None:
    draws = stats.expon.ppf(QUANTILES)[None]
    low, high = at_level(draws, 0.8)
    assert low[0] == pytest.approx(0.0, abs=0.01)
    assert high[0] == pytest.approx(stats.expon.ppf(0.8), abs=0.02)


def test_where_most_draws_are_one_value_the_tail_is_not_wasted_below_it() -> None:
    draws = np.sort(np.concatenate([np.full(120, -200.0), np.linspace(-199, -100, 80)]))[None]
    low, high = at_level(draws, 0.8)
    assert low[0] == -200
    assert high[0] == pytest.approx(draws[0, 159])


def test_intervals_are_nested_and_end_with_the_range() -> None:
    rng = np.random.default_rng(0)
    draws = np.sort(np.concatenate([rng.normal(0, 0.1, (5, 90)), rng.normal(3, 1, (5, 110))], axis=1), axis=1)
    low, high = nested(draws)
    assert low.shape == (5, len(levels(200)))
    assert (np.diff(low, axis=1) <= 0).all()
    assert (np.diff(high, axis=1) >= 0).all()
    np.testing.assert_array_equal(low[:, -1], draws[:, 0])
    np.testing.assert_array_equal(high[:, -1], draws[:, -1])
    inside = ((draws[:, :, None] >= low[:, None]) & (draws[:, :, None] <= high[:, None])).mean(axis=1)
    assert (inside >= levels(200) - 1e-9).all()


@pytest.mark.parametrize("wrong_by", [0.5, 1.0, 2.0])
def test_forecasts_that_are_too_wide_or_too_narrow_are_put_right(wrong_by) -> None:
    """Forecasts say a spread of 1, the truth has `wrong_by`: held-out runs tell, and new ones are covered."""
    rng = np.random.default_rng(7)
    centre = rng.normal(size=(2, 1500))
    draws = centre[..., None] + stats.norm.ppf(QUANTILES)
    actual = centre + wrong_by * rng.normal(size=centre.shape)
    level = calibrated_level(draws[0], actual[0], 0.8)
    low, high = at_level(draws[1], level)
    assert ((low <= actual[1]) & (actual[1] <= high)).mean() == pytest.approx(0.8, abs=0.03)
    assert level == pytest.approx(2 * stats.norm.cdf(1.2816 * wrong_by) - 1, abs=0.04)


def test_a_few_held_out_runs_leave_the_widest_interval() -> None:
    draws = np.tile(stats.norm.ppf(QUANTILES), (3, 1))
    assert calibrated_level(draws, np.zeros(3), 0.8) == 1.0


def test_ties_count_as_covered_whatever_the_rounding() -> None:
    draws = np.full((20, 200), 0.1 + 0.2)
    assert calibrated_level(draws, np.full(20, 0.3), 0.8) == pytest.approx(levels(200)[0])
