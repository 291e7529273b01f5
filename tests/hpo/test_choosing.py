"""The choice at the end of a search: what chooses does not report, so that what is reported does not flatter."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rlhp import Runs, hpo
from rlhp.runs import concat

N, SEEDS = 12, 11


def noise_pool(algorithms: tuple[str, ...] = ("dqn",), **judging) -> hpo.Pool:
    """Configurations without scores, so that a test can fill them in."""
    parts = [
        Runs.from_table(
            [{"gamma": 0.9 + 0.001 * at} for at in range(N) for _ in range(SEEDS)],
            [0.0] * (N * SEEDS),
            seeds=[*range(SEEDS)] * N,
            algorithm=name,
            env_id="E",
        )
        for name in algorithms
    ]
    runs = parts[0] if len(parts) == 1 else concat(parts)
    return hpo.pool(runs, judging=hpo.Judging(**{"seeds": 3, "choice_seeds": 3, "test_seeds": 5, **judging}))


def taken(pool: hpo.Pool, curves: np.ndarray, seed: int) -> hpo.Tuning:
    pool = replace(pool, curves=curves)
    return hpo.replay(pool, budget=10**6, searcher="random", plan=hpo.Full(batch=pool.capacity), rng=seed)


@pytest.mark.parametrize("choice_seeds", [3, 0])
def test_where_all_configurations_are_equal_the_confirmed_score_is_the_truth(choice_seeds) -> None:
    """Pure noise of mean 0: what tuned and what chose is too good, what confirms is 0, and its interval holds 0."""
    pool, rng, found = noise_pool(choice_seeds=choice_seeds), np.random.default_rng(0), []
    for seed in range(300):
        one = taken(pool, rng.normal(size=pool.curves.shape), seed)
        value, low, high = one.confirmed
        first = one.finalists.iloc[0]
        found.append((value, low <= 0 <= high, first["tuned"], first["chosen"], one.optimism - first["tuned"]))
    values, held, tuned, chosen, _ = np.array(found).T
    error = 1 / np.sqrt(5 * len(found))  # of the mean of so many means of five seeds
    assert abs(values.mean()) < 3 * error
    assert tuned.mean() > 0.5, "the score that made it a finalist flatters: it is the highest, or nearly so"
    assert choice_seeds == 0 or chosen.mean() > 10 * error, "so does the score that chose it"
    assert abs(held.mean() - 0.95) < 3 * np.sqrt(0.95 * 0.05 / len(found))
    np.testing.assert_allclose([one[4] for one in found], -values, err_msg="optimism is tuned less confirmed")


def test_the_test_seeds_decide_nothing() -> None:
    """Other test scores, even ones that put a finalist far ahead: the same finalists in the same order."""
    pool, rng = noise_pool(), np.random.default_rng(1)
    scores = rng.normal(size=pool.curves.shape)
    one = taken(pool, scores, 0)
    other = scores.copy()
    testing = [pool.seeds.index(seed) for seed in pool.judging.testing]
    other[:, testing] = 100 * rng.normal(size=other[:, testing].shape)
    two = taken(pool, other, 0)
    assert one.best_config == two.best_config
    assert one.finalists["trial"].tolist() == two.finalists["trial"].tolist()
    assert one.finalists["confirmed"].notna().tolist() == [True, False, False]
    assert one.tested.keys() == {int(one.finalists["trial"].iloc[0])}
    assert one.chosen.keys() == set(one.finalists["trial"])
    assert one.confirmed[0] == pytest.approx(one.tested[int(one.finalists["trial"].iloc[0])].mean())


def test_the_choice_is_by_all_seeds_that_tuned_or_choose() -> None:
    pool, rng = noise_pool(), np.random.default_rng(2)
    scores = rng.normal(size=pool.curves.shape)
    found = taken(pool, scores, 0)
    at = [pool.place(found.trials[number].configuration) for number in found.finalists["trial"]]
    means = scores[at, :6, 0].mean(axis=1)
    assert found.finalists["chosen"].tolist() == pytest.approx(means.tolist())
    assert (np.diff(means) <= 0).all()
    assert set(found.finalists["n_chosen"]) == {6}
    tuned = scores[:, :3, 0].mean(axis=1)
    assert set(at) == set(np.argsort(-tuned)[:3])
    assert "chosen among 3 finalists by 6 seeds" in repr(found)
    assert "3 fresh ones" in repr(found)
    untold = taken(noise_pool(choice_seeds=0), scores, 0)
    assert pool.place(untold.best_config) == np.argmax(tuned)
    assert "chosen by the tuning seeds: there are no choice seeds" in repr(untold)


def test_a_run_that_fails_in_the_choice_or_the_test_counts_as_the_least() -> None:
    pool = noise_pool()
    scores = np.random.default_rng(3).normal(size=pool.curves.shape)
    first = taken(pool, scores, 0)
    at = pool.place(first.best_config)
    lost = scores.copy()
    lost[at, 4] = np.nan  # a choice seed
    found = taken(pool, lost, 0)
    row = found.finalists.set_index("trial").loc[first.finalists["trial"].iloc[0]]
    finalists = [pool.place(found.trials[number].configuration) for number in found.finalists["trial"]]
    least = np.nanmin(lost[finalists, :6])
    assert row["chosen"] == pytest.approx((np.nansum(lost[at, :6]) + least) / 6)
    assert row["n_failed"] == 1
    lost = scores.copy()
    lost[at, 7] = np.nan  # a test seed
    again = taken(pool, lost, 0)
    assert again.best_config == first.best_config
    assert again.confirmed[0] < first.confirmed[0] + (scores[at, 7, 0] < 0) * 10
    assert again.finalists["n_failed"].iloc[0] == 1


def test_the_best_of_each_algorithm_is_tested_and_the_order_is_that_of_the_choice() -> None:
    """Two equal algorithms: over repetitions the second is as often ahead on the test seeds as behind."""
    pool, rng, behind = noise_pool(("dqn", "ppo")), np.random.default_rng(4), []
    for seed in range(150):
        found = taken(pool, rng.normal(size=pool.curves.shape), seed)
        table = found.algorithms
        assert set(found.tested) == set(table["trial"])
        assert table["chosen"].is_monotonic_decreasing
        behind.append((table["behind"].iloc[1], table["behind.low"].iloc[1] <= 0 <= table["behind.high"].iloc[1]))
    apart, held = np.array(behind).T
    assert abs(apart.mean()) < 3 * np.sqrt(2 / 5 / len(apart))
    assert abs(held.mean() - 0.95) < 3 * np.sqrt(0.95 * 0.05 / len(held))
    words = repr(found)
    side = "ahead" if apart[-1] < 0 else "behind"
    assert f"{abs(apart[-1]):.4g} {side} on the test seeds (" in words


def test_counted_seeds_are_disjoint_and_leave_those_that_are_named() -> None:
    one = hpo.Judging(seeds=[2, 0])
    assert (one.tuning, one.choosing, one.testing) == ((2, 0), (3, 4, 5, 6, 7), tuple(range(8, 18)))
    named = hpo.Judging(seeds=2, choice_seeds=2, test_seeds=[3, 5])
    assert (named.choosing, named.testing, named.held_out) == ((2, 4), (3, 5), (2, 4, 3, 5))
    with pytest.raises(ValueError, match="seed 1 is among `seeds` and `choice_seeds`"):
        hpo.Judging(seeds=2, choice_seeds=[1])
    with pytest.raises(ValueError, match="seed 7 is among `choice_seeds` and `test_seeds`"):
        hpo.Judging(seeds=2, choice_seeds=[7], test_seeds=[7])


@pytest.mark.parametrize(
    ("seeds", "split"), [(10, (3, 3, 4)), (9, (3, 3, 3)), (5, (3, 0, 2)), (2, (1, 0, 1)), (1, (1, 0, 0))]
)
def test_a_pool_splits_its_seeds(seeds, split) -> None:
    configs = [{"gamma": gamma} for gamma in (0.8, 0.9) for _ in range(seeds)]
    runs = Runs.from_table(configs, [0.0] * 2 * seeds, seeds=[*range(seeds)] * 2, algorithm="dqn", env_id="E")
    judging = hpo.pool(runs).judging
    assert tuple(map(len, (judging.tuning, judging.choosing, judging.testing))) == split
