"""Objectives: values by hand, failures that never win, runs that stopped, options that do not fit."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rlhp import Runs, objectives
from rlhp.objectives import score
from rlhp.runs import empty_history

MAXIMISED = ("final_return", "best_return", "auc", "train_auc", "exploration")
MINIMISED = ("steps_to_threshold", "seed_std", "wall_time", "cpu_time", "env_steps", "value_error")


def make(*runs: dict[str, Any], optional: bool = True) -> Runs:
    """Make runs from short descriptions: `curve` is step -> return, the rest columns of the table or of `evals`."""
    table, evals = [], []
    for number, run in enumerate(runs):
        row = {
            "run_id": run.get("id", f"r{number}"),
            "algorithm": "dqn",
            "env_id": run.get("env_id", "Env-v0"),
            "engine": "sb3",
            "seed": run.get("seed", number),
            "steps": run.get("steps", 100),
            "status": run.get("status", "finished"),
            "wall_time_s": run.get("wall", 1.0 + number),
            "cpu_time_s": run.get("cpu", 2.0 + number),
            "error": run.get("error", ""),
            "hp.gamma": run.get("gamma", 0.99),
        }
        table.append(row)
        for step, value in run.get("curve", {}).items():
            extra = {"train_return_mean": value - 1.0, "entropy": 0.5, "value_error": -2.0} if optional else {}
            extra |= {name: run[name][step] for name in extra if name in run}
            evals.append({"run_id": row["run_id"], "step": step, "return_mean": value, **extra})
    frame = pd.DataFrame(evals, columns=None if evals else ["run_id", "step", "return_mean"])
    frame = frame.assign(return_std=0.0, n_episodes=10, length_mean=1.0)
    return Runs(pd.DataFrame(table).set_index("run_id"), frame, empty_history())


CURVES = make(
    {"curve": {0: 0.0, 50: 10.0, 100: 4.0}},
    {"curve": {0: 2.0, 10: 2.0, 100: 20.0}},
)


def extra(objective: str) -> dict[str, Any]:
    return {"threshold": 5.0} if objective == "steps_to_threshold" else {}


# --- values by hand ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("objective", "expected"),
    [
        ("final_return", [4.0, 20.0]),
        ("best_return", [10.0, 20.0]),
        # trapezoids by hand: (0+10)/2*50 + (10+4)/2*50 = 600; 2*10 + (2+20)/2*90 = 1010; over 100 steps
        ("auc", [6.0, 10.1]),
        ("train_auc", [5.0, 9.1]),
        ("steps_to_threshold", [50.0, 100.0]),
        ("wall_time", [1.0, 2.0]),
        ("cpu_time", [2.0, 3.0]),
        ("env_steps", [100.0, 100.0]),
        ("exploration", [0.5, 0.5]),
        ("value_error", [2.0, 2.0]),
    ],
)
def test_values_by_hand(objective: str, expected: list[float]) -> None:
    scores = score(CURVES, objective, failures="raise", **extra(objective))
    np.testing.assert_allclose(scores.values, expected, rtol=1e-15)
    assert scores.values.index.tolist() == ["r0", "r1"]
    assert scores.values.name == objective
    assert scores.n == 2
    assert scores.n_failed == 0


def test_final_return_averages_the_last_evaluations() -> None:
    assert score(CURVES, "final_return", failures="raise", last=2).values.tolist() == [7.0, 11.0]
    assert score(CURVES, "final_return", failures="raise", last=9).values.tolist() == pytest.approx([14 / 3, 8.0])


def test_auc_counts_from_the_first_evaluation() -> None:
    late = make({"curve": {40: 1.0, 60: 3.0}}, {"curve": {60: 7.0}})
    assert score(late, "auc", failures="raise").values.tolist() == [2.0, 7.0]


@settings(max_examples=20, deadline=None)
@given(st.lists(st.floats(-500, 500), min_size=2, max_size=12), st.floats(-100, 100), st.floats(0.1, 10))
def test_auc_lies_between_worst_and_best_and_follows_shifts_and_scales(
    values: list[float], shift: float, scale: float
) -> None:
    def auc(values: list[float]) -> float:
        runs = make({"curve": {step**2: value for step, value in enumerate(values)}})
        return float(score(runs, "auc", failures="raise").values.iloc[0])

    assert min(values) - 1e-9 <= auc(values) <= max(values) + 1e-9
    assert auc([scale * value + shift for value in values]) == pytest.approx(scale * auc(values) + shift, abs=1e-7)


def test_training_returns_may_be_missing_where_no_episode_ended() -> None:
    runs = make({"curve": {0: 0.0, 50: 0.0, 100: 0.0}, "train_return_mean": {0: math.nan, 50: 4.0, 100: 8.0}})
    assert score(runs, "train_auc", failures="raise").values.tolist() == [6.0]


def test_names_and_directions() -> None:
    assert set(objectives.names()) == {*MAXIMISED, *MINIMISED}
    assert {objectives.direction(name) for name in MAXIMISED} == {"maximize"}
    assert {objectives.direction(name) for name in MINIMISED} == {"minimize"}


# --- configurations over seeds -----------------------------------------------------------------------------------

SEEDS = make(
    *({"gamma": 0.9, "seed": s, "curve": {100: value}} for s, value in enumerate([1.0, 2.0, 3.0, 4.0, 100.0])),
    *({"gamma": 0.99, "seed": s, "curve": {100: value}} for s, value in enumerate([5.0, 5.0, 5.0, 9.0])),
)


@pytest.mark.parametrize(
    ("aggregate", "expected"),
    [
        (None, [22.0, 6.0]),
        ("mean", [22.0, 6.0]),
        ("median", [3.0, 5.0]),
        ("iqm", [3.0, 5.0]),
        ("min", [1.0, 5.0]),
        ("max", [100.0, 9.0]),
    ],
)
def test_seeds_are_put_together(aggregate: str | None, expected: list[float]) -> None:
    scores = score(SEEDS, "final_return", failures="raise", per="config", aggregate=aggregate)
    assert scores.values.tolist() == expected
    assert scores.values.index.tolist() == SEEDS.config_id.unique().tolist()
    assert scores.table["n"].tolist() == [5, 4]
    assert scores.n == 9


def test_seed_std_is_the_sample_standard_deviation() -> None:
    scores = score(SEEDS, "seed_std", failures="raise")
    np.testing.assert_allclose(scores.values, [np.std([1, 2, 3, 4, 100], ddof=1), 2.0])
    assert scores.per == "config"
    assert scores.best == scores.values.index[1]


def test_seed_std_with_single_seeds() -> None:
    one_each = make({"gamma": 0.9, "curve": {100: 1.0}}, {"gamma": 0.99, "curve": {100: 2.0}})
    with pytest.raises(ValueError, match="seed_std needs at least two seeds of a configuration"):
        score(one_each, "seed_std", failures="worst")
    mixed = make(*({"gamma": g, "seed": s, "curve": {100: s}} for g, s in ((0.9, 0), (0.99, 0), (0.99, 3))))
    with pytest.raises(ValueError, match=r"1 of 2 configurations have no seed_std \(1 x fewer than two seeds\)"):
        score(mixed, "seed_std", failures="raise")
    assert score(mixed, "seed_std", failures="drop").values.tolist() == pytest.approx([3 / math.sqrt(2)])
    assert score(mixed, "seed_std", failures="worst").values.iloc[0] > 3 / math.sqrt(2)


# --- failures ----------------------------------------------------------------------------------------------------


@functools.cache
def with_crash(level: float, *, crash_first: bool = True, status: str = "failed") -> Runs:
    """Two configurations of three runs each; of one, all crashed. `level` moves all returns."""
    fine = [
        {"id": f"f{s}", "gamma": 0.9, "seed": s, "curve": {0: level, 50: level + 1 + s, 100: level + 2 + s}}
        for s in range(3)
    ]
    # The crashed runs had begun better, faster and cheaper than the ones that finished.
    crash = [
        {
            "id": f"c{s}",
            "gamma": 0.99,
            "seed": s,
            "status": status,
            "error": "ZeroDivisionError" if status == "failed" else "",
            "curve": {0: level + 50.0},
            "wall": 0.01,
            "cpu": 0.01,
            "value_error": {0: 0.0},
            "entropy": {0: 9.0},
        }
        for s in range(3)
    ]
    return make(*(crash + fine if crash_first else fine + crash))


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


# --- stopped and censored runs -----------------------------------------------------------------------------------

STOPPED = make(
    {"curve": {0: 0.0, 50: 6.0, 100: 8.0}},
    {"curve": {0: 0.0, 50: 4.0}, "status": "stopped", "wall": 0.5},
    {"status": "stopped"},
)


def test_stopped_runs_are_scored_on_what_they_did() -> None:
    final = score(STOPPED, "final_return", failures="drop")
    assert final.values.tolist() == [8.0, 4.0]
    assert final.n_stopped == 1
    assert final.n_failed == 1  # stopped before its first evaluation: nothing to go by
    assert final.table["step"].tolist()[:2] == [100.0, 50.0]
    assert score(STOPPED, "auc", failures="drop").values.tolist() == [5.0, 2.0]
    assert score(STOPPED, "env_steps", failures="drop").values.tolist() == [100.0, 50.0]
    assert score(STOPPED, "wall_time", failures="drop").values.tolist() == [1.0, 0.5, 3.0]
    assert "1 stopped early, scored on what they did" in repr(final)
    by_config = score(STOPPED, "final_return", failures="drop", per="config")
    assert by_config.table[["n", "n_failed", "n_stopped"]].to_numpy().tolist() == [[2, 1, 1]]


def test_runs_that_never_reach_the_threshold_are_censored_and_not_fast() -> None:
    runs = make(
        {"curve": {0: 0.0, 50: 5.0, 100: 1.0}},
        {"curve": {0: 0.0, 50: 1.0, 100: 1.0}},
        {"curve": {0: 0.0, 20: 1.0}, "status": "stopped"},
        {"curve": {0: 0.0, 10: 1.0}, "steps": 10},
        {"status": "failed", "error": "boom"},
    )
    scores = score(runs, "steps_to_threshold", failures="worst", threshold=5.0)
    assert scores.table["censored"].tolist() == [False, True, True, True, False]
    assert scores.table["observed_until"].tolist()[:4] == [100.0, 100.0, 20.0, 10.0]
    assert scores.values.tolist()[:4] == [50.0, 100.0, 100.0, 100.0]
    assert scores.values.iloc[4] > 100.0
    assert scores.values.iloc[4] == pytest.approx(100.0)
    assert scores.best == "r0"
    by_config = score(runs, "steps_to_threshold", failures="worst", threshold=5.0, per="config", aggregate="median")
    assert by_config.table["n_censored"].tolist() == [2, 1]


def test_a_threshold_met_exactly_is_met() -> None:
    runs = make({"curve": {0: 0.0, 30: 475.0}})
    assert score(runs, "steps_to_threshold", failures="raise", threshold=475.0).values.tolist() == [30.0]


def test_a_crash_counts_the_longest_budget_when_all_others_were_fast() -> None:
    runs = make({"curve": {0: 0.0, 10: 9.0, 100: 9.0}}, {"status": "diverged"})
    assert score(runs, "steps_to_threshold", failures="worst", threshold=5.0).values.tolist() == [10.0, 100.0]


# --- all runs at once, and one after the other -------------------------------------------------------------------


def many(rng: np.random.Generator, n: int) -> Runs:
    """Give runs of any status whose curves differ in length and hold what is missing and what is not finite."""
    rows: list[dict[str, Any]] = []
    for _ in range(n):
        steps = np.sort(rng.choice(200, size=rng.integers(0, 14), replace=False))
        curve = dict(zip(steps.tolist(), rng.normal(0, 50, len(steps)).tolist(), strict=True))

        def spoilt(rate: float, curve: dict[int, float] = curve) -> dict[int, float]:
            odd = {step: rng.choice([math.nan, math.nan, math.inf]) for step in curve if rng.random() < rate}
            return {step: odd.get(step, value * 2) for step, value in curve.items()}

        rows.append(
            {
                "env_id": rng.choice(["Env-v0", "Env-v1"]),
                "gamma": float(rng.choice([0.9, 0.95, 0.99])),
                "status": rng.choice(["finished", "finished", "finished", "stopped", "diverged", "failed"]),
                "error": rng.choice(["", "boom"]),
                "steps": int(rng.integers(150, 250)),
                "wall": rng.choice([math.nan, 1.5, 2.5]),
                "curve": curve,
                "train_return_mean": spoilt(0.2),
                "entropy": spoilt(rng.choice([0.0, 1.0])),
                "value_error": spoilt(0.05),
            }
        )
    return make(*rows)


def one_by_one(runs: Runs, objective: str, threshold: float | None, last: int) -> pd.DataFrame:
    """Give value and failure of each run as their definitions read, a run at a time."""
    column = {
        "train_auc": "train_return_mean",
        "exploration": "entropy",
        "value_error": "value_error",
        "wall_time": "wall_time_s",
        "env_steps": "steps",
    }.get(objective, "return_mean")
    found = {}
    for run_id, run in runs.table.iterrows():
        curve = runs.evals[runs.evals["run_id"] == run_id]
        steps, values = curve["step"].to_numpy(float), curve.get(column, curve["step"]).to_numpy(float)
        kept = ~np.isnan(values)
        steps, values = steps[kept], values[kept]
        value, failure = math.nan, ""
        if run["status"] in ("diverged", "failed"):
            failure = run["status"] + (": " if run["error"] else "") + run["error"]
        elif objective == "wall_time":
            value, failure = run[column], "" if math.isfinite(run[column]) else f"`{column}` was not recorded"
        elif objective == "env_steps":
            value = run["steps"] if run["status"] == "finished" else max(curve["step"], default=math.nan)
            failure = "" if math.isfinite(value) else "no evaluations"
        elif not len(curve):
            failure = "no evaluations"
        elif not len(values):
            failure = f"`{column}` was not recorded"
        elif not np.isfinite(values).all():
            failure = f"`{column}` is not finite"
        elif objective == "steps_to_threshold":
            assert threshold is not None
            value = next((step for step, seen in zip(steps, values, strict=True) if seen >= threshold), math.nan)
        elif objective == "final_return":
            value = values[-last:].mean()
        elif objective == "best_return":
            value = values.max()
        else:
            values = np.abs(values) if objective == "value_error" else values
            value = np.trapezoid(values, steps) / (steps[-1] - steps[0]) if len(values) > 1 else values[0]
        found[run_id] = {"value": float(value), "failure": failure, "n_evals": len(curve)}
    return pd.DataFrame.from_dict(found, orient="index")


@pytest.mark.parametrize("objective", [name for name in objectives.names() if name not in ("seed_std", "cpu_time")])
@pytest.mark.parametrize("seed", range(3))
def test_all_runs_at_once_are_each_run_by_itself(objective: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    runs = many(rng, 80)
    last = int(rng.integers(1, 12)) if objective == "final_return" else 1
    threshold = 30.0 if objective == "steps_to_threshold" else None
    table = score(runs, objective, failures="drop", threshold=threshold, last=last).table
    expected = one_by_one(runs, objective, threshold, last)
    assert table["failure"].tolist() == expected["failure"].tolist()
    assert table["n_evals"].tolist() == expected["n_evals"].tolist()
    ran = ~table["censored"] if "censored" in table else table["failure"] == ""
    assert ran.sum() > 20
    np.testing.assert_array_equal(table.loc[ran, "value"], expected.loc[ran, "value"])  # to the last bit
    assert expected.loc[~ran, "value"].isna().all()


def test_runs_without_any_evaluation_all_fail() -> None:
    runs = make({}, {"status": "stopped"}, {"status": "failed", "error": "boom"})
    scores = score(runs, "auc", failures=-1.0)
    assert scores.table["failure"].tolist() == ["no evaluations", "no evaluations", "failed: boom"]
    assert scores.table["n_evals"].tolist() == [0, 0, 0]
    assert scores.table["step"].isna().all()


# --- options and presentation ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("objective", "options", "message"),
    [
        (
            "final_retrun",
            {},
            r"unknown objective `final_retrun`; did you mean `final_return`\? Valid: final_return, best",
        ),
        ("auc", {"failures": "wrost"}, r"unknown failures policy `wrost`; did you mean `worst`\?"),
        ("auc", {"failures": None}, "`failures` is None; give one of worst, drop, raise, or a number"),
        ("auc", {"failures": True}, "`failures` is True"),
        ("auc", {"failures": math.nan}, "`failures` is nan; .*NaN hides failures"),
        ("auc", {"per": "seed"}, r"unknown per `seed`.* Valid: run, config"),
        ("auc", {"per": "config", "aggregate": "meen"}, r"unknown aggregate `meen`; did you mean `mean`\?"),
        ("auc", {"aggregate": "mean"}, "aggregate='mean' puts seeds together; give per='config' as well"),
        ("seed_std", {"per": "run"}, "seed_std compares the seeds of a configuration; leave `per` and `aggregate` out"),
        ("seed_std", {"aggregate": "mean"}, "leave `per` and `aggregate` out"),
        ("steps_to_threshold", {}, r"`threshold` is None; give the undiscounted return .* steps_to_threshold needs it"),
        ("auc", {"threshold": 5.0}, "`threshold` is for steps_to_threshold, not for auc"),
        ("auc", {"last": 2}, "`last` is for final_return and seed_std, not for auc"),
        ("final_return", {"last": 0}, "`last` is 0; give the number of evaluations to average"),
    ],
)
def test_options_that_do_not_fit(objective: str, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        score(CURVES, objective, **({"failures": "worst"} | options))


def test_failures_has_no_default() -> None:
    with pytest.raises(TypeError, match="failures"):
        score(CURVES, "auc")  # type: ignore[call-arg]


def test_no_runs() -> None:
    with pytest.raises(ValueError, match=r"no runs to score; `len\(runs\)` is 0"):
        score(CURVES.select(seed=99), "auc", failures="worst")


def test_the_result_says_how_it_was_made() -> None:
    scores = score(with_crash(0.0), "auc", failures="worst", per="config", aggregate="iqm")
    assert repr(scores) == (
        "Scores(auc in undiscounted return per configuration (iqm over seeds), higher is better; 2 values from 6 runs; "
        "3 failed, counted as worst)"
    )
    html = scores._repr_html_()
    assert "counted as worst" in html
    assert "<table" in html
    assert "none failed (failures='raise')" in repr(score(CURVES, "wall_time", failures="raise"))
    assert "lower is better" in repr(score(CURVES, "wall_time", failures="raise"))
    assert "counted as -5.0" in repr(score(with_crash(0.0), "auc", failures=-5.0))
    with pytest.raises(AttributeError):
        scores.objective = "other"  # type: ignore[misc]


def test_the_runs_are_left_as_they_were() -> None:
    runs = with_crash(3.0)
    before = runs.table.copy(), runs.evals.copy()
    score(runs, "final_return", failures="worst", per="config")
    pd.testing.assert_frame_equal(runs.table, before[0])
    pd.testing.assert_frame_equal(runs.evals, before[1])


def test_scores_follow_the_order_of_the_runs() -> None:
    forth, back = with_crash(0.0), with_crash(0.0, crash_first=False)
    assert score(forth, "auc", failures="worst").values.index.tolist() == forth.table.index.tolist()
    a, b = (score(runs, "auc", failures="worst").values for runs in (forth, back))
    pd.testing.assert_series_equal(a.sort_index(), b.sort_index())
