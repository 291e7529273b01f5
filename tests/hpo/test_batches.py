"""What a surrogate learns of scores, and how a batch is put together."""

from __future__ import annotations

import numpy as np
import pytest
from ConfigSpace import ConfigurationSpace, Float
from threadpoolctl import threadpool_info, threadpool_limits

from rlhp.hpo.search._searcher import Observations, key_of
from rlhp.hpo.surrogates._batches import Choosing, Proposing, Targets, by_model
from rlhp.hpo.surrogates._candidates import Candidates


def test_what_is_pending_is_passed_over_and_what_was_told_is_second_best() -> None:
    ground = Candidates.of(ConfigurationSpace(space=[Float("x", (0.0, 1.0))]))
    told, pending, new = ({"x": x} for x in (0.25, 0.5, 0.75))
    points = np.array([[0.5], [0.25], [0.75]])
    choosing = Choosing(ground, Observations([told], [1.0]), [key_of(pending)])
    for _ in range(3):
        choosing.take(points)
    # There is another as long as there is one; then the batch is filled all the same.
    assert choosing.taken == [new, told, pending]


def test_scores_are_standardised_and_a_failure_is_the_worst_of_the_others() -> None:
    seen = Observations([{"x": x} for x in range(5)], [10.0, np.nan, 30.0, 20.0, 40.0], [2.0, 5.0, np.nan, 2.0, 2.0])
    targets = Targets.of(seen)
    assert targets.y.mean() == pytest.approx(0)
    assert targets.y.std() == pytest.approx(1)
    assert targets.y[1] == targets.y[0] == targets.y.min()
    np.testing.assert_allclose(targets.centre + targets.spread * targets.y, [10, 10, 30, 20, 40])
    # Of a failure nobody knows how noisy it was.
    np.testing.assert_allclose(targets.noise * targets.spread, [2, np.nan, np.nan, 2, 2])


def test_scores_of_each_length_are_standardised_by_themselves() -> None:
    """Half as long, half the score: who is how good for its length is learned, and the answer is of the longest."""
    scores, steps = [10.0, 20.0, 30.0, 200.0, 400.0, np.nan], [500, 500, 500, 1000, 1000, 500]
    noise = [1.0, 1.0, np.nan, 20.0, 20.0, 1.0]
    targets = Targets.of(Observations([{"x": x} for x in range(6)], scores, noise, steps=steps))
    short, long = np.sqrt(1.5), 1.0  # standard deviations from the mean
    known = np.array([-short, 0.0, short, -long, long])
    expected = np.append(known, -short)  # the failure is the worst there is
    np.testing.assert_allclose(targets.y, (expected - expected.mean()) / expected.std())
    np.testing.assert_allclose(targets.noise[:5] * expected.std(), [short / 10, short / 10, np.nan, 0.2, 0.2])
    np.testing.assert_allclose((targets.centre + targets.spread * targets.y)[3:5], [200, 400])
    same = Targets.of(Observations([{"x": x} for x in range(6)], scores, noise, steps=[1000] * 6))
    plain = Targets.of(Observations([{"x": x} for x in range(6)], scores, noise))
    assert same.y.tolist() == plain.y.tolist()


def test_one_score_far_below_does_not_squeeze_the_others() -> None:
    scores = [-1e12, 0.0, 1.0, 2.0, 3.0, 4.0]
    targets = Targets.of(Observations([{"x": x} for x in range(6)], scores))
    assert targets.y.argmin() == 0
    assert np.diff(np.sort(targets.y[1:])).min() > 0.1
    assert Targets.of(Observations([{"x": 0}, {"x": 1}], [7.0, 7.0])).y.tolist() == [0.0, 0.0]


def test_a_search_that_has_settled_still_knows_the_other_scores_apart() -> None:
    """Twenty near one place: their median and quartile are there, and all others are far below."""
    others = [-80.0, -40.0, -20.0, -10.0, -5.0]
    scores = [-300.0, *others, *(-1.55 - 1e-3 * np.arange(20))]
    targets = Targets.of(Observations([{"x": x} for x in range(len(scores))], scores))
    assert (np.diff(targets.y[3:6]) > 0.1).all()  # the worst tenth is cut


@pytest.mark.parametrize("scores", [[1e300, -1e300, 1e299, 3.0], [1.7e308, -1.7e308, 0.0, np.nan]])
def test_scores_near_the_ends_of_a_float_are_standardised_without_overflow(scores) -> None:
    with np.errstate(over="raise", invalid="raise"):
        targets = Targets.of(Observations([{"x": float(at)} for at in range(4)], scores))
    assert np.isfinite(targets.y).all()
    assert np.argmax(targets.y) == np.nanargmax(scores)
    assert np.isfinite([targets.centre, targets.spread]).all()


def test_a_surrogate_works_on_one_thread_of_blas() -> None:
    """Threads of small factors wait for each other: a batch took ten times as long beside other work."""
    threads = []

    class Flat:
        def predict(self, x):
            threads.extend(one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas")
            return np.zeros(len(x)), np.ones(len(x))

    space = ConfigurationSpace(space=[Float("x", (0.0, 1.0))])
    seen = Observations([{"x": x} for x in np.linspace(0.0, 1.0, 9)], np.arange(9.0))
    rng = np.random.default_rng(0)
    with threadpool_limits(2, user_api="blas"):
        by_model(space, seen, 2, rng, fit=lambda x, y, noise, rng: Flat(), how=Proposing())
    assert set(threads) == {1}
