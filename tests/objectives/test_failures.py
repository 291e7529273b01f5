"""Failures never win."""

from __future__ import annotations

import math

import pytest

from rlhp import Runs, objectives
from rlhp.objectives import score
from tests.objectives.made import MAXIMISED, make, with_crash


@pytest.mark.parametrize("status", ["failed", "diverged"])
@pytest.mark.parametrize("level", [-1500.0, 0.0, 400.0])
@pytest.mark.parametrize(
    ("objective", "per"),
    [(name, per) for name in objectives.names() for per in ("run", "config") if (name, per) != ("seed_std", "run")],
)
def test_a_crash_never_wins(objective: str, level: float, status: str, per: str) -> None:
    runs = with_crash(level, status=status)
    options = {"threshold": level + 3} if objective == "steps_to_threshold" else {}
    for failures in ("worst", "drop"):
        scores = score(runs, objective, failures=failures, per=per, **options)
        crashed = [runs.config_id["c0"]] if per == "config" else ["c0", "c1", "c2"]
        fine = [runs.config_id["f0"]] if per == "config" else ["f0", "f1", "f2"]
        assert scores.best in fine
        assert scores.n_failed == 3
        if failures == "drop":
            assert set(scores.values.index) == set(fine)
            assert scores.table["value"].isna().sum() == len(crashed)
        elif objective in MAXIMISED:
            assert scores.values[crashed].max() < scores.values[fine].min()
        else:
            assert scores.values[crashed].min() > scores.values[fine].max()


def test_a_crash_does_not_even_tie_where_all_else_is_equal() -> None:
    for level in (-200.0, 0.0, 500.0, 1e6):
        runs = make(
            *({"gamma": 0.9, "seed": s, "status": "failed"} for s in range(3)),
            *({"gamma": 0.99, "seed": s, "curve": {100: level}} for s in range(3)),
        )
        for objective in ("final_return", "best_return", "auc"):
            for per in ("run", "config"):
                scores = score(runs, objective, failures="worst", per=per)
                assert scores.values.iloc[0] < scores.values.iloc[-1]
                assert scores.values.iloc[0] == pytest.approx(level, rel=1e-6, abs=1e-6)


def test_worst_is_the_worst_return_ever_seen() -> None:
    runs = make({"status": "diverged"}, {"curve": {0: -7.0, 100: 50.0}}, {"curve": {0: 10.0, 100: 60.0}})
    assert score(runs, "final_return", failures="worst").values.tolist() == [-7.0, 50.0, 60.0]
    with_own = make({"status": "diverged", "curve": {0: -90.0}}, {"curve": {0: -7.0, 100: 50.0}})
    assert score(with_own, "best_return", failures="worst").values.tolist() == [-90.0, 50.0]


def test_worst_is_per_environment() -> None:
    runs = make(
        {"env_id": "CartPole-v1", "status": "failed"},
        {"env_id": "CartPole-v1", "curve": {0: 9.0, 100: 500.0}},
        {"env_id": "Pendulum-v1", "curve": {0: -1600.0, 100: -150.0}},
    )
    scores = score(runs, "final_return", failures="worst")
    assert scores.values.tolist() == [9.0, 500.0, -150.0]
    with pytest.raises(ValueError, match=r"the best of 2 environments .*runs.select\(env_id='CartPole-v1'\)"):
        _ = scores.best


def test_a_number_stands_for_itself() -> None:
    runs = with_crash(-1500.0)
    assert score(runs, "final_return", failures=-2000).values["c0"] == -2000.0
    assert score(runs, "wall_time", failures=3600.0).values["c1"] == 3600.0
    by_config = score(runs, "final_return", failures=-2000.0, per="config")
    assert by_config.values[runs.config_id["c0"]] == -2000.0


@pytest.mark.parametrize(("objective", "number"), [("final_return", 0.0), ("wall_time", 0.0), ("auc", 1e9)])
def test_a_number_that_would_win_is_refused(objective: str, number: float) -> None:
    with pytest.raises(ValueError, match=r"is better than the best of Env-v0 \(.*so that a crash would win"):
        score(with_crash(-1500.0), objective, failures=number)


@pytest.mark.parametrize("number", [-math.inf, math.inf])
def test_a_number_that_is_not_finite_is_refused(number: float) -> None:
    with pytest.raises(ValueError, match=rf"`failures` is {number}; give one of .* infinity has no mean"):
        score(with_crash(-1500.0), "final_return", failures=number)


def test_raise_names_the_run_and_the_reason() -> None:
    with pytest.raises(
        ValueError,
        match=r"3 of 6 runs have no final_return \(3 x failed: ZeroDivisionError\), first `c0`; say what they count as",
    ):
        score(with_crash(0.0), "final_return", failures="raise")


def test_when_everything_failed_only_a_number_helps() -> None:
    runs = make({"status": "failed", "error": "boom"}, {"status": "diverged"})
    for failures in ("worst", "drop"):
        with pytest.raises(ValueError, match=r"all 2 of Env-v0 failed \(1 x failed: boom; 1 x diverged\)"):
            score(runs, "final_return", failures=failures)
    assert score(runs, "final_return", failures=-1.0).values.tolist() == [-1.0, -1.0]


def test_drop_judges_a_configuration_by_the_seeds_that_survived() -> None:
    runs = make(
        {"gamma": 0.9, "seed": 0, "curve": {100: 8.0}},
        {"gamma": 0.9, "seed": 1, "status": "failed"},
        {"gamma": 0.99, "seed": 0, "curve": {100: 4.0}},
        {"gamma": 0.999, "seed": 0, "status": "failed"},
    )
    scores = score(runs, "final_return", failures="drop", per="config")
    assert scores.values.tolist() == [8.0, 4.0]
    assert scores.table["n"].tolist() == [1, 1, 0]
    assert scores.table["n_failed"].tolist() == [1, 0, 1]
    assert scores.n == 2
    worst = score(runs, "final_return", failures="worst", per="config")
    assert worst.values.tolist() == pytest.approx([6.0, 4.0, 4.0])
    assert worst.n == 4


def test_one_crashed_seed_spoils_the_agreement_of_the_others() -> None:
    runs = make(
        *({"gamma": 0.9, "seed": s, "status": "failed"} for s in range(2)),
        *({"gamma": 0.9, "seed": s, "curve": {100: 1.0}} for s in (2, 3)),
        *({"gamma": 0.99, "seed": s, "curve": {100: 10.0 * s}} for s in range(2)),
    )
    for failures in ("worst", 99.0):
        scores = score(runs, "seed_std", failures=failures)
        assert scores.best == runs.config_id["r4"]
    assert score(runs, "seed_std", failures="drop").values.tolist() == pytest.approx([0.0, 10 / math.sqrt(2)])


def test_what_was_not_recorded_or_not_finite_is_a_failure() -> None:
    runs = make(
        {"curve": {100: 1.0}, "wall": math.nan, "entropy": {100: math.nan}},
        {"curve": {100: 2.0}, "entropy": {100: math.inf}},
        {"curve": {}},
        {"curve": {100: 3.0}},
    )
    assert score(runs, "wall_time", failures="drop").table["failure"].tolist() == [
        "`wall_time_s` was not recorded",
        *[""] * 3,
    ]
    exploration = score(runs, "exploration", failures="drop")
    assert exploration.table["failure"].tolist() == [
        "`entropy` was not recorded",
        "`entropy` is not finite",
        "no evaluations",
        "",
    ]
    assert exploration.values.tolist() == [0.5]
    assert score(runs, "final_return", failures="worst").n_failed == 1


@pytest.mark.parametrize("objective", ["exploration", "value_error", "train_auc"])
def test_an_objective_that_nobody_recorded_is_refused(objective: str) -> None:
    runs = make({"curve": {100: 1.0}}, optional=False)
    with pytest.raises(ValueError, match=rf"{objective} needs `\w+`, which none of these runs records \(engine: sb3\)"):
        score(runs, objective, failures="worst")


def test_imported_studies_have_no_times() -> None:
    runs = Runs.from_table([{"a": 1}, {"a": 2}], [1.0, math.nan])
    with pytest.raises(ValueError, match="wall_time needs `wall_time_s`"):
        score(runs, "wall_time", failures="drop")
    assert score(runs, "final_return", failures="drop").values.tolist() == [1.0]
