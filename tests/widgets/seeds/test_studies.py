"""Studies drawn from measured runs: what is known of two dice holds."""

from __future__ import annotations

import numpy as np
import pytest

from rlhp.widgets.seeds._studies import Pair, draw, odds

LOW, HIGH = np.array([0.0, 0.0, 0.0, 10.0]), np.array([5.0, 5.0, 5.0, 5.0])


def pair(statistic: str = "mean", first: np.ndarray = LOW, second: np.ndarray = HIGH) -> Pair:
    return Pair(("low", "high"), (first, second), statistic)


def test_one_seed_is_wrong_as_often_as_the_worse_one_draws_more() -> None:
    found = odds(pair(), 3, rng=0)
    # One run in four of the worse configuration beats every run of the better one.
    assert found.wrong[0] == pytest.approx(1 / 4, abs=0.02)
    # The mean of two is above 5 only if both are 10; it is 5 if one of them is.
    assert found.wrong[1] == pytest.approx(1 / 16, abs=0.015)
    assert found.tie[1] == pytest.approx(2 * 3 / 16, abs=0.025)
    # Of three, two must be 10.
    assert found.wrong[2] == pytest.approx(3 * 3 / 64 + 1 / 64, abs=0.02)


def test_the_median_needs_most_of_the_seeds_to_be_wrong() -> None:
    mean, median = (odds(pair(one, LOW, np.full(4, 3.0)), 3, rng=0).wrong[2] for one in ("mean", "median"))
    assert mean == pytest.approx(1 - (3 / 4) ** 3, abs=0.02)
    assert median == pytest.approx(3 * 3 / 64 + 1 / 64, abs=0.02)


def test_who_is_better_does_not_depend_on_the_order() -> None:
    one, other = pair(), Pair(("high", "low"), (HIGH, LOW), "mean")
    assert (one.better, other.better) == (1, 0)
    assert odds(one, 2, rng=0).wrong == pytest.approx(odds(other, 2, rng=0).wrong, abs=0.02)


def test_the_interval_is_of_what_few_runs_leave_open() -> None:
    rng = np.random.default_rng(0)
    few, many = (
        odds(Pair(("a", "b"), (rng.normal(0, 1, n), rng.normal(0.8, 1, n)), "mean"), 3, rng=0) for n in (6, 200)
    )
    assert ((few.low <= few.wrong) & (few.wrong <= few.high)).all()
    assert (few.high - few.low)[2] > 2 * (many.high - many.low)[2]


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    rng, truth = np.random.default_rng(1), 0.110  # P(a normal with mean 1 below one with mean 0), three seeds each
    held = []
    for rep in range(60):
        made = Pair(("a", "b"), (rng.normal(1, 1, 16), rng.normal(0, 1, 16)), "mean")
        here = odds(made, 3, rng=rep).at(3)
        held.append(here["low"] <= truth <= here["high"])
    assert np.mean(held) > 0.85


def test_equal_configurations_have_no_wrong_one() -> None:
    assert pair(first=HIGH).better is None
    with pytest.raises(ValueError, match="low and high do equally well over all measured runs"):
        odds(pair(first=HIGH), 3, rng=0)


def test_the_same_seed_draws_the_same() -> None:
    first, second, other = (odds(pair(), 4, rng=seed) for seed in (3, 3, 4))
    assert np.array_equal(first.wrong, second.wrong)
    assert np.array_equal(first.low, second.low)
    assert not np.array_equal(first.wrong, other.wrong)


def test_a_study_says_who_wins() -> None:
    study = draw(pair("median"), 3, np.random.default_rng(0))
    assert [len(values) for values in study.values] == [3, 3]
    assert study.estimates == (float(np.median(study.values[0])), 5.0)
    assert study.winner == (0 if study.estimates[0] > 5 else 1)
    assert draw(pair(first=HIGH), 2, np.random.default_rng(0)).winner is None
