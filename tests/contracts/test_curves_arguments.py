"""A bad argument of `rlhp.curves` is refused by name."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from rlhp import Runs, curves, objectives
from rlhp.runs import empty_history
from rlhp.schedules import Linear
from tests.contracts.bad_arguments import Call, faults


def _curves() -> Runs:
    """make twelve runs of ten evaluations each."""
    rng = np.random.default_rng(0)
    steps = np.arange(10, 101, 10)
    rows = [
        {"step": step, "seed": seed, "return_mean": 100 - 1000 / step + rng.normal()}
        for seed in range(12)
        for step in steps
    ]
    table = Runs.from_table([{}] * 12, np.zeros(12), seeds=range(12), steps=100).table
    evals = pd.DataFrame(rows)
    evals = evals.assign(run_id=table.index[evals["seed"]], return_std=0.0, n_episodes=1, length_mean=1.0)
    return Runs(table, evals.drop(columns="seed"), empty_history())


_CONFIGS = [{"gamma": gamma} for gamma in (0.9, 0.99) for _ in range(6)]
CURVES = _curves()
RUNS = Runs.from_table(_CONFIGS, np.arange(12.0) ** 1.5, seeds=[*range(6), *range(6)], env_id="E")
MANY = {"rng": 0, "n_boot": 40}
GROUPED = {"runs": RUNS, "by": "gamma", "rng": 0}
SCORES, USED = (objectives.score(RUNS, name, failures="raise", per="config") for name in ("final_return", "env_steps"))
FRONT = curves.pareto_front(SCORES, USED)
OTHERS = objectives.score(CURVES, "env_steps", failures="raise", per="config")
DRAWS = np.random.default_rng(0).normal(size=(50, 3))
TABLE = np.arange(15.0).reshape(5, 3)

CALLS = [
    Call(curves.iqm, {"runs": RUNS, **MANY}),
    Call(curves.mean, {"runs": RUNS, **MANY}),
    Call(curves.median, {"runs": RUNS, **MANY}),
    Call(curves.summarise, {"runs": RUNS, **MANY}),
    Call(curves.optimality_gap, {"runs": RUNS, "normalise": {"E": (0, 40)}, **MANY}),
    Call(curves.performance_profile, {"runs": RUNS, **MANY}),
    Call(curves.probability_of_improvement, {**GROUPED, "n_boot": 40}),
    Call(curves.compare, {**GROUPED, "test": curves.Test(n_boot=40)}),
    Call(curves.Test, {"n_boot": 40}),
    Call(curves.compare_within, {"runs": RUNS, "by": "gamma", "within": "env_id", "reference": 0.9}),
    Call(curves.side_by_side, {"tables": {"now": CURVES, "before": CURVES}}),
    Call(curves.compare_sequentially, {**GROUPED, "batch": 2, "most": 3, "n_permutations": 200}),
    Call(curves.reliability, {"runs": CURVES, **MANY}),
    Call(curves.selection, {**GROUPED, "n_boot": 40}),
    Call(curves.tolerance_band, {"runs": RUNS, "share": 0.3, "confidence": 0.5}),
    Call(curves.how_many_seeds, {**GROUPED, "n_studies": 100, "seeds": (2, 5)}),
    Call(curves.adjusted, {"p": [0.01, 0.5]}),
    Call(curves.extrapolate, {"runs": CURVES, "rng": 0, "first": 0.5, "horizon": 100, "families": ["pow3"]}),
    Call(curves.reference, {"runs": CURVES, "rng": 0}),
    Call(curves.resampled, {"curves": TABLE, "n_boot": 10, "rng": np.random.default_rng(0)}),
    Call(curves.percentile_interval, {"draws": DRAWS, "n": 5}),
    Call(curves.simultaneous_band, {"curves": TABLE, "draws": DRAWS, "rng": np.random.default_rng(0)}),
    Call(curves.student_interval, {"curves": TABLE}),
    Call(curves.search_history, {"scores": SCORES}),
    Call(curves.edf, {"scores": SCORES}, also={"scores": [{}, {"a": 1}, {"a": SCORES, "b": USED}]}),
    Call(curves.pareto_front, {"first": SCORES, "second": USED}, also={"second": [SCORES, OTHERS]}),
    Call(curves.hypervolume, {"front": FRONT, "reference": {"final_return": 0, "env_steps": 99}}),
    Call(curves.dominated_volume, {"gains": TABLE, "reference": [0.0, 0.0, 0.0]}),
    Call(curves.choose, {"front": FRONT}),
    Call(
        curves.front_stability,
        {"runs": RUNS, "objectives": ["final_return", "env_steps"], "failures": "raise", **MANY},
    ),
    Call(curves.number_label, {"value": 0.1}),
    Call(curves.schedule_label, {"schedule": Linear(1.0, 0.0)}),
]


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.name)
def test_the_call_works(call):
    call()


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.name)
def test_a_bad_argument_is_refused_by_name(call):
    assert faults(call) == []
