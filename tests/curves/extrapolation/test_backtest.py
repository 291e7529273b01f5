from __future__ import annotations

import numpy as np
import pytest

from rlhp import curves


@pytest.fixture(scope="module")
def result(sweep):
    return curves.backtest(sweep(60, 3), folds=5, rng=0)


def test_forecasts_beat_the_last_value_and_every_single_family(result) -> None:
    row = result.table.iloc[0]
    assert row["mae"] < row["mae_last"]
    assert row["mae"] < row["mae_family"]
    assert row["vs_last_low"] > 0
    assert row["mae_family"] == min(
        np.abs(result.families.to_numpy() - result.runs[["actual"]].to_numpy()).mean(axis=0)
    )


def test_intervals_cover_what_they_say(result) -> None:
    row = result.table.iloc[0]
    assert 0.72 <= row["coverage"] <= 0.88
    assert row["coverage_low"] < 0.8 < row["coverage_high"]
    inside = (result.runs["low"] <= result.runs["actual"]) & (result.runs["actual"] <= result.runs["high"])
    assert row["coverage"] == pytest.approx(inside.mean(), abs=0.02)


def test_every_run_is_forecast_once_and_without_its_configuration(result, sweep) -> None:
    runs = sweep(60, 3)
    assert sorted(result.runs["run_id"]) == sorted(runs.table.index)
    assert result.runs.groupby("config_id")["fold"].nunique().eq(1).all()
    assert sorted(result.runs["fold"].unique()) == [0, 1, 2, 3, 4]
    np.testing.assert_array_equal(
        result.runs.set_index("run_id")["actual"].sort_index(),
        runs.evals.groupby("run_id")["return_mean"].last().sort_index(),
    )


def test_what_only_one_configuration_does_cannot_be_known(runs_of) -> None:
    """All runs begin alike; those of one configuration alone end at 500. Nothing that leaks would know."""
    rng = np.random.default_rng(0)
    configs = np.repeat(np.arange(10), 4)
    curve = [np.r_[20 + rng.normal(size=3), [(500 if config == 3 else 20) + rng.normal()] * 7] for config in configs]
    result = curves.backtest(runs_of(curve, configs=configs), rng=0)
    odd = result.runs["actual"] > 400
    assert odd.sum() == 4
    assert (result.runs.loc[odd, "estimate"] < 60).all()
    assert not result.runs.loc[odd, "covered"].any()


def test_the_same_seed_gives_the_same_table(sweep) -> None:
    runs = sweep(8, 3)
    one, two = (curves.backtest(runs, folds=2, rng=5, n_boot=50) for _ in range(2))
    assert one.table.equals(two.table)
    assert one.runs.equals(two.runs)


def test_runs_that_cannot_be_forecast_are_counted(sweep, runs_of) -> None:
    rng = np.random.default_rng(0)
    names = ["CartPole-v1"] * 24 + ["Acrobot-v1"] * 4
    status = ["finished"] * 22 + ["diverged", "stopped"] + ["finished"] * 4
    own = [rng.normal(100, 20, 10) for _ in names]
    runs = runs_of(own, configs=np.arange(28) // 2, status=status, env_id=names)
    result = curves.backtest(runs, folds=2, rng=0, n_boot=50)
    assert result.left_out == {"diverged": 1, "stopped": 1, "too few runs of dqn on Acrobot-v1 to 50,000 steps": 4}
    assert len(result.runs) == 22
    assert "left out: 1 (diverged); 1 (stopped); 4 (too few runs of dqn on Acrobot-v1 to 50,000 steps)" in repr(result)


def test_it_says_what_it_did(result) -> None:
    assert "final return_mean forecast from the first 33.3 % of training, 180 runs" in repr(result)
    assert "the configurations of a fold are forecast from all others" in repr(result)
    assert "<table" in result._repr_html_()
    assert len(result.draws["CartPole-v1", "dqn", 50_000]) == 1000


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"first": 0.0}, r"`first` is 0.0; give the fraction of training to look at between 0 and 1."),
        ({"folds": 1}, r"`folds` is 1; give a whole number of at least 2."),
        ({"rng": "zero"}, r"`rng` is 'zero'; give a seed such as rng=0"),
    ],
)
def test_options_that_cannot_be(sweep, options, message) -> None:
    with pytest.raises(ValueError, match=message):
        curves.backtest(sweep(4, 2), **{"rng": 0, **options})


def test_one_configuration_has_no_others_to_learn_from(runs_of) -> None:
    rng = np.random.default_rng(0)
    runs = runs_of([rng.normal(size=10) for _ in range(20)], configs=[0] * 20)
    with pytest.raises(ValueError, match=r"nothing to backtest: no environment has 10 finished runs beside those of"):
        curves.backtest(runs, rng=0)


def test_folds_that_leave_too_few_to_learn_from_are_said(sweep, runs_of) -> None:
    """Sixteen runs of eight configurations in two folds: each leaves eight; in eight folds each leaves fourteen."""
    runs = sweep(8, 2)
    with pytest.raises(ValueError, match=r"or of a fold, to learn from; give more folds or more runs \(folds=2; left"):
        curves.backtest(runs, folds=2, rng=0)
    assert len(curves.backtest(runs, rng=0, n_boot=20).runs) == 16
    rng = np.random.default_rng(0)
    own = [rng.normal(100, 20, 10) for _ in range(40)]
    both = runs_of(own, configs=np.arange(40) // 2, env_id=["CartPole-v1"] * 24 + ["Acrobot-v1"] * 16)
    found = curves.backtest(both, folds=2, rng=0, n_boot=20)
    assert found.left_out == {
        "too few runs of dqn on Acrobot-v1 to 50,000 steps for 2 folds: one leaves 8 others to learn from, 10 are "
        "needed": 16
    }
    flat = runs_of([[0.0] * 10] * 22 + [[1.0] * 10] * 2, configs=np.arange(24) // 2)
    with pytest.raises(ValueError, match="one leaves 22 others to learn from, all alike"):
        curves.backtest(flat, folds=12, rng=0)
