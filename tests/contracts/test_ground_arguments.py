"""A bad argument of `rlhp.spaces`, `rlhp.schedules`, `rlhp.objectives` and `rlhp.datasets` is refused by name."""

from __future__ import annotations

import pytest

from rlhp import datasets, objectives, schedules, spaces
from rlhp.returns import declare_return_bounds
from tests.contracts.bad_arguments import Call, faults
from tests.contracts.test_curves_arguments import RUNS

SPACE = spaces.subspace(spaces.default("dqn"), ["learning_rate", "gamma", "batch_size"])
CONFIGS = spaces.sample(SPACE, 4, method="sobol", rng=0)

CALLS = [
    Call(spaces.default, {"algorithm": "dqn"}),
    Call(spaces.traced, {"algorithm": "ppo"}),
    Call(spaces.algorithms, {"chosen": ["dqn", "ppo"]}, also={"chosen": [{"dqn": 3, "ppo": 3}]}),
    Call(spaces.algorithm_of, {"configuration": {"gamma": 0.9}}),
    Call(spaces.subspace, {"space": SPACE, "names": ["gamma"]}),
    Call(spaces.describe, {"space": SPACE}),
    Call(spaces.measure, {"space": SPACE}),
    Call(spaces.sample, {"space": SPACE, "n": 3, "method": "sobol", "rng": 0}),
    Call(spaces.to_unit, {"space": SPACE, "configs": CONFIGS}),
    Call(spaces.from_unit, {"space": SPACE, "u": [[0.1, 0.2, 0.3]]}),
    Call(spaces.allowed, {"space": SPACE, "configs": CONFIGS}),
    Call(spaces.forbidding, {"space": SPACE}),
    Call(schedules.Constant, {"value": 1.0}),
    Call(schedules.Linear, {"start": 1.0, "end": 0.1}),
    Call(schedules.Exponential, {"start": 1.0, "end": 0.1}),
    Call(schedules.Cosine, {"start": 1.0, "end": 0.1}),
    Call(schedules.Step, {"start": 1.0, "end": 0.1}),
    Call(schedules.Piecewise, {"points": ((0.0, 1.0), (1.0, 0.0))}),
    Call(schedules.from_json, {"text": '{"schedule": "constant", "value": 1}'}),
    Call(schedules.parse, {"value": 1.0}),
    Call(objectives.score, {"runs": RUNS, "objective": "final_return", "failures": "raise"}),
    Call(objectives.direction, {"objective": "auc"}),
    Call(datasets.card, {"name": "learning_rate_cartpole"}),
    Call(datasets.command, {"name": "learning_rate_cartpole"}),
    Call(datasets.load, {"name": "learning_rate_cartpole"}),
    Call(declare_return_bounds, {"env_id": "Mine-v0", "low": 0.0, "high": 1.0}),
]


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.name)
def test_a_bad_argument_is_refused_by_name(call) -> None:
    call()
    assert faults(call) == []
