"""Ranks at each step against the final ones: against SciPy, and against curves whose ranks are known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from rlhp import Runs, importance
from rlhp.runs import concat, empty_history

STEPS = (100, 200, 300)


def runs(values, *, seeds=1, env_id="A-v0", failed=0) -> Runs:
    """Make runs of values [configurations, steps]; seeds differ around them by nothing in the mean."""
    values = np.asarray(values, dtype=float)
    n = len(values)
    made = Runs.from_table(
        [{"gamma": 1 - 1 / (i + 2)} for i in range(n) for _ in range(seeds)],
        np.repeat(values[:, -1], seeds),
        seeds=[*range(seeds)] * n,
        steps=STEPS[-1],
        env_id=env_id,
    )
    apart = np.tile(np.arange(seeds) - (seeds - 1) / 2, n)
    evals = pd.concat(
        [
            made.evals.assign(step=step, return_mean=np.repeat(values[:, k], seeds) + apart)
            for k, step in enumerate(STEPS)
        ],
        ignore_index=True,
    )
    table = made.table.copy()
    if failed:
        table.loc[table.index[:failed], ["status", "error"]] = "failed", "made up"
        evals = evals[~(evals["run_id"].isin(table.index[:failed]) & (evals["step"] > STEPS[0]))]
    return Runs(table, evals, empty_history())


def test_correlations_are_scipys() -> None:
    values = np.random.default_rng(0).normal(size=(12, 3)).round(1)
    found = importance.budget_correlation(runs(values), rng=0, n_boot=50)
    expected = [stats.spearmanr(values[:, k], values[:, -1]).statistic for k in range(3)]
    np.testing.assert_allclose(found.table["correlation"], expected)
    assert found.table["step"].tolist() == list(STEPS)
    assert found.draws.shape == (50, 3)


def test_a_reversed_order_and_the_same_order() -> None:
    final = np.arange(8.0)
    table = importance.budget_correlation(runs(np.column_stack([-final, final**3, final])), rng=0, n_boot=50).table
    assert table["correlation"].tolist() == [-1, 1, 1]
    assert table["low"].tolist() == [-1, 1, 1]


def test_seeds_count_by_their_mean() -> None:
    values = np.random.default_rng(1).normal(size=(6, 3)) * 10
    one, three = (importance.budget_correlation(runs(values, seeds=n), rng=0, n_boot=20) for n in (1, 3))
    np.testing.assert_allclose(one.table["correlation"], three.table["correlation"])
    assert (three.n_configs, three.n_runs) == (6, 18)


def test_where_all_score_the_same_there_is_no_order() -> None:
    table = importance.budget_correlation(runs([[-200, k, k] for k in range(6)]), rng=0, n_boot=20).table
    assert table.iloc[0][["correlation", "low", "high"]].isna().all()
    assert table["correlation"].tolist()[1:] == [1, 1]


def test_the_interval_covers_what_it_should() -> None:
    """Normal scores with correlation 0.6 have a Spearman correlation of 6 / pi asin(0.3) = 0.582."""
    rng, held = np.random.default_rng(0), 0
    for _ in range(60):
        final = rng.normal(size=40)
        early = 0.6 * final + 0.8 * rng.normal(size=40)
        row = importance.budget_correlation(runs(np.column_stack([early, final, final])), rng=0, n_boot=200).table.iloc[
            0
        ]
        held += row["low"] <= 6 / np.pi * np.arcsin(0.3) <= row["high"]
    assert held >= 51


def test_failed_runs_count_as_told() -> None:
    broken = runs([[k, k, k] for k in range(6)], failed=2)
    with pytest.raises(ValueError, match="failed"):
        importance.budget_correlation(broken, rng=0)
    assert importance.budget_correlation(broken, rng=0, failures="drop", n_boot=20).n_configs == 4
    worst = importance.budget_correlation(broken, rng=0, failures="worst", n_boot=20)
    assert (worst.n_configs, worst.n_failed) == (6, 2)
    assert "2 runs failed (failures='worst')" in repr(worst)


def test_from_which_step_on_ranks_agree() -> None:
    final = np.arange(8.0)
    found = importance.budget_correlation(runs(np.column_stack([final[::-1], final, final])), rng=0, n_boot=20)
    assert found.first_above(0.9) == 200
    assert found.first_above(-1) == 100


def test_the_same_seed_gives_the_same_interval() -> None:
    made = runs(np.random.default_rng(2).normal(size=(9, 3)))
    first, second = (importance.budget_correlation(made, rng=5, n_boot=30) for _ in range(2))
    np.testing.assert_array_equal(first.draws, second.draws)


def test_what_cannot_be_compared_is_refused() -> None:
    made = runs(np.arange(18.0).reshape(6, 3))
    with pytest.raises(ValueError, match="unknown objective `wall_time` for a comparison of budgets"):
        importance.budget_correlation(made, "wall_time", rng=0)
    with pytest.raises(ValueError, match="there are 1 common steps, and a budget needs two or more"):
        importance.budget_correlation(made, rng=0, steps=[100])
    with pytest.raises(ValueError, match="`runs` has 3 configurations with a score at each step; ranks need 4"):
        importance.budget_correlation(runs(np.arange(9.0).reshape(3, 3)), rng=0)
    with pytest.raises(ValueError, match="`runs` is of 2 environments"):
        importance.budget_correlation(concat([made, runs(np.arange(18.0).reshape(6, 3), env_id="B-v0")]), rng=0)
