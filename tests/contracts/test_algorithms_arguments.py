"""Every argument of `rlhp.algorithms`, refused by name where it cannot be."""

from __future__ import annotations

import dataclasses

import pytest

from rlhp import spaces
from rlhp.algorithms import _registry as registry
from rlhp.algorithms import declared, defaults, number, powers, register, switch, whole, widths
from rlhp.algorithms.loading import code, sb3_class
from rlhp.algorithms.values import checked, is_missing
from tests.contracts.bad_arguments import JUNK, Call, fault, faults

MINE = dataclasses.replace(declared("ppo"), name="mine", agent=None)

CALLS = [
    Call(register, {"algorithm": MINE, "replace": True}),
    Call(declared, {"algorithm": "ppo"}),
    Call(defaults, {"algorithm": "ppo"}),
    Call(code, {"algorithm": "ppo"}),
    Call(sb3_class, {"algorithm": "ppo"}),
    Call(spaces.default, {"algorithm": "ppo"}),
    Call(powers, {"low": 8, "high": 64}),
    # What is only written down is checked when it is registered.
    Call(number, {"default": 0.1, "low": 0, "high": 1}),
    Call(whole, {"default": 1, "low": 0, "mark": "loop"}),
    Call(switch, {"default": True, "mark": "loop"}),
    Call(widths, {"searched_from": "[64, 64]", "source": "mine"}),
    Call(is_missing, {"value": 1}),
]


@pytest.fixture(autouse=True)
def as_before(monkeypatch):
    monkeypatch.setattr(registry, "_DECLARED", dict(registry._DECLARED))


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.name)
def test_a_bad_argument_is_refused_by_name(call) -> None:
    assert faults(call) == []


@pytest.mark.parametrize("field", [field.name for field in dataclasses.fields(MINE)])
def test_a_bad_field_of_a_declaration_is_refused_by_its_name(field) -> None:
    said = []
    for what, make in JUNK.items():
        try:
            register(dataclasses.replace(MINE, **{field: make()}), replace=True)
        except Exception as error:
            if reason := fault(error, f"algorithm.{field}", make):
                said.append(f"{field}={what}: {reason}")
    assert said == []


@pytest.mark.parametrize("field", [field.name for field in dataclasses.fields(MINE.hyperparameters["gamma"])])
def test_a_bad_field_of_a_hyperparameter_is_refused_by_its_name(field) -> None:
    said = []
    for what, make in JUNK.items():
        gamma = dataclasses.replace(MINE.hyperparameters["gamma"], **{field: make()})
        try:
            register(dataclasses.replace(MINE, hyperparameters={**MINE.hyperparameters, "gamma": gamma}), replace=True)
        except Exception as error:
            parameters = [
                f"algorithm.hyperparameters['gamma'].{one}" for one in (field, "default", "search", "mark", "high")
            ]
            reasons = [fault(error, parameter, make) for parameter in parameters]
            if all(reasons):
                said.append(f"{field}={what}: {reasons[0]}")
    assert said == []


def test_checked_is_asked_by_the_trainers_contract() -> None:
    """Its values are tried there, hyperparameter by hyperparameter."""
    assert checked("ppo", "gamma", declared("ppo").hyperparameters["gamma"], 1) == 1.0
