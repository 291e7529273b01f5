"""A bad argument of `rlhp.trainers` is refused by name, before anything is trained."""

from __future__ import annotations

import warnings

import pandas as pd
import pytest

from rlhp.algorithms import defaults, names
from rlhp.sweeps._requests import requests_of
from rlhp.trainers import RunRequest, action_kind, check_environment
from rlhp.trainers._configurations import check_config, config_rows
from rlhp.trainers._engines import choose_engine
from tests.contracts.bad_arguments import JUNK, Call, fault, faults

ASKED = {"algorithm": "dqn", "env_id": "CartPole-v1"}
CONFIGS = pd.DataFrame({"gamma": [0.9, 0.99], "learning_rate": [1e-3, 1e-4]})
ODD_IDS = ["CartPole", "CartPole-v", ":", ":a", "CartPole-v1\n", "../x", "x" * 300, "ALE/Pong-v5"]

CALLS = [
    Call(action_kind, {"env_id": "CartPole-v1"}, also={"env_id": ODD_IDS}),
    Call(check_environment, ASKED | {"config": {"gamma": 0.9}}, also={"env_id": ODD_IDS}),
    Call(choose_engine, ASKED | {"config": {}, "engine": "sb3"}),
    Call(check_config, {"algorithm": "dqn", "config": {"gamma": 0.9}}),
    Call(config_rows, {"algorithm": "dqn", "configs": CONFIGS}),
    Call(RunRequest, ASKED | {"seed": 0, "steps": 100, "config": {}, "eval_every": 50}, also={"env_id": ODD_IDS}),
    Call(RunRequest.from_json, {"text": RunRequest("dqn", "CartPole-v1", 0, 9, {}, 9).to_json()}),
    Call(requests_of, ASKED | {"configs": CONFIGS, "steps": 100, "seeds": 2, "engine": "sb3"}),
]


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.name)
def test_a_bad_argument_is_refused_by_name(call) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert faults(call) == []


@pytest.mark.parametrize("algorithm", names())
def test_a_bad_value_of_any_hyperparameter_is_refused_by_name(algorithm) -> None:
    said = []
    for name in defaults(algorithm):
        for what, make in JUNK.items():
            try:
                check_config(algorithm, {name: make()})
            except Exception as error:
                if reason := fault(error, name, make):
                    said.append(f"{name}={what}: {reason}")
    assert said == []
