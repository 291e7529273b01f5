from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from rlhp import Runs, curves, objectives


def sweep(scores, *, first_seed=0):
    """Runs of configurations told apart by `gamma`; one row of scores each."""
    configs = [{"gamma": float(k)} for k, row in enumerate(scores) for _ in row]
    seeds = [first_seed + seed for row in scores for seed in range(len(row))]
    return Runs.from_table(configs, np.concatenate([np.asarray(row, float) for row in scores]), seeds=seeds)


def alike(count=20, n=5, seed=0):
    return np.random.default_rng(seed).normal(size=(count, n))


def test_the_table_is_in_order_and_counts_choices() -> None:
    scores = alike(6)
    found = curves.selection(sweep(scores), rng=0)
    assert found.table["estimate"].tolist() == pytest.approx(sorted(scores.mean(axis=1), reverse=True))
    assert found.table["chosen"].sum() == pytest.approx(1)
    assert found.draws.shape == (2000, 6)
    winners = found.draws.argmax(axis=1)
    best = int(found.table["gamma"].iloc[0])
    assert found.table["chosen"].iloc[0] == pytest.approx((winners == best).mean(), abs=1e-9)


def test_ties_share_a_choice() -> None:
    found = curves.selection(sweep([[1, 1, 1], [1, 1, 1], [0, 0, 0]]), rng=0)
    assert sorted(found.table["chosen"]) == pytest.approx([0, 0.5, 0.5])
    assert found.table["may_be_best"].tolist() == [True, True, False]


def test_a_clear_winner_stands_alone() -> None:
    scores = alike(8)
    scores[3] += 20
    found = curves.selection(sweep(scores), rng=0)
    assert found.may_be_best["gamma"].tolist() == [3]
    assert found.optimism == pytest.approx(0, abs=0.1)


def test_the_set_holds_the_best_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    centres = np.linspace(0, 0.5, 6)
    held = []
    for study in range(50):
        found = curves.selection(sweep(rng.normal(centres[:, None], 1, (6, 5))), rng=study, n_boot=40)
        held.append(5.0 in set(found.may_be_best["gamma"]))
    assert np.mean(held) > 0.85


def test_a_median_of_many_runs_rules_out_what_is_far_behind() -> None:
    """Ten runs know their spread by nine degrees of freedom, also of the median, of which two are kept."""
    rng, kept, held = np.random.default_rng(1), [], []
    centres = np.r_[np.zeros(9), 3.0]
    for number in range(10):
        scores = sweep(rng.normal(centres[:, None], 1, (10, 10)))
        found = curves.selection(scores, rng=number, statistic="median", n_boot=40)
        kept.append(len(found.may_be_best))
        held.append(9.0 in set(found.may_be_best["gamma"]))
    assert np.mean(kept) < 1.5
    assert all(held)


def test_the_winner_of_equals_looks_too_good() -> None:
    """Twenty equal configurations: the winner's estimate is the maximum of twenty means, its truth is zero."""
    found = curves.selection(sweep(alike(20, 6)), rng=0)
    assert found.table["estimate"].iloc[0] > 0.5
    assert found.optimism > 0.1
    assert found.corrected == pytest.approx(found.table["estimate"].iloc[0] - found.optimism)
    one = found.by_seeds.set_index("n_tuning")
    assert one.loc[1, "curse"] == pytest.approx(1.87, abs=0.5)  # the expected maximum of twenty Gaussians
    assert one.loc[1, "curse"] > one.loc[3, "curse"] > 0
    np.testing.assert_allclose(one["curse"], one["tuned"] - one["test"])


def test_where_less_is_better_the_signs_turn() -> None:
    runs = sweep(alike(5))
    times = np.exp(alike(5, seed=1)).ravel()
    slow = Runs(runs.table.assign(wall_time_s=times), runs.evals, runs.history)
    found = curves.selection(slow, "wall_time", rng=0)
    assert found.table["estimate"].is_monotonic_increasing
    assert found.optimism > 0
    assert found.corrected > found.table["estimate"].iloc[0]
    assert (found.by_seeds["curse"] > 0).all()


def test_test_seeds_have_the_last_word() -> None:
    scores = alike(10, 5)
    best = int(scores.mean(axis=1).argmax())
    test = sweep(alike(10, 6, seed=1), first_seed=100)
    found = curves.selection(sweep(scores), rng=0, test_runs=test)
    value, low, high = found.test
    assert value == pytest.approx(alike(10, 6, seed=1)[best].mean())
    assert low < value < high
    assert found.table["test"].notna().all()
    some = curves.selection(sweep(scores), rng=0, test_runs=test.select(gamma=float(best)))
    assert some.table["n_test"].tolist() == [6] + [0] * 9
    for text in (repr(some), some._repr_html_()):
        assert "on test seeds" in text
        assert "10 configurations may be best in final_return" in text


def test_test_seeds_are_scored_with_the_same_options(study) -> None:
    """The winner's test evaluations by hand: the last five average 801, and 1,000 is reached at step 20."""

    def runs(rows, first_seed):
        made = study({0.1: [[0.0, *row] for row in rows], 0.2: [[0.0] * 6] * len(rows)})
        return Runs(made.table.assign(seed=made.table["seed"] + first_seed), made.evals, made.history)

    tuning, test = runs([[1000.0] * 5] * 3, 0), runs([[1000.0] * 4 + [5.0]] * 3, 100)
    last = objectives.score(tuning, "final_return", failures="raise", last=5)
    assert (last.last, last.threshold) == (5, None)
    assert curves.selection(tuning, last, rng=0, test_runs=test).test == pytest.approx((801, 801, 801))
    fast = objectives.score(tuning, "steps_to_threshold", failures="raise", threshold=1000)
    assert curves.selection(tuning, fast, rng=0, test_runs=test).test == (20, 20, 20)


def test_configurations_are_told_apart_by_what_differs() -> None:
    configs = [{"gamma": g, "tau": t, "same": 1} for g in (0, 1) for t in (0, 1) for _ in range(3)]
    found = curves.selection(Runs.from_table(configs, np.arange(12), seeds=[0, 1, 2] * 4), rng=0)
    assert list(found.table.columns[:2]) == ["gamma", "tau"]
    assert len(found.table) == 4


@pytest.mark.parametrize("statistic", ["mean", "iqm", "median"])
def test_same_seed_same_numbers(statistic) -> None:
    one, same = (curves.selection(sweep(alike(4)), rng=2, statistic=statistic, n_boot=100) for _ in range(2))
    pd.testing.assert_frame_equal(one.table, same.table)
    pd.testing.assert_frame_equal(one.by_seeds, same.by_seeds)


def test_what_cannot_be() -> None:
    runs = sweep(alike(3))
    with pytest.raises(ValueError, match="there is 1 configuration, so nothing to choose from"):
        curves.selection(runs.select(gamma=0.0), rng=0)
    with pytest.raises(ValueError, match="`gamma = 1` has one run, of which nothing can be resampled"):
        curves.selection(sweep([[1, 2], [3]]), rng=0)
    with pytest.raises(ValueError, match="`test_runs` and `runs` share 5 seeds, first 0"):
        curves.selection(runs, rng=0, test_runs=runs)
    worst = float(alike(3).mean(axis=1).argmin())
    with pytest.raises(ValueError, match="has no run of the configuration chosen"):
        curves.selection(runs, rng=0, test_runs=sweep(alike(3), first_seed=9).select(gamma=worst))
    with pytest.raises(ValueError, match="unknown statistic `max`"):
        curves.selection(runs, rng=0, statistic="max")
    other = Runs.from_table([{"tau": 1}] * 2, [1, 2], seeds=[8, 9])
    with pytest.raises(ValueError, match="`test_runs` does not say `gamma`"):
        curves.selection(runs, rng=0, test_runs=other)
