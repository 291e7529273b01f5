"""Seeds put together, all runs at once as each by itself, and options that do not fit."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from rlhp import Runs, objectives
from rlhp.objectives import score
from tests.objectives.made import CURVES, make, with_crash

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
