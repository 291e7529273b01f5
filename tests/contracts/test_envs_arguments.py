"""A bad argument of `rlhp.envs` and `rlhp.worlds` is refused by name, and nothing is registered."""

from __future__ import annotations

import warnings

import pytest

from rlhp import returns, worlds
from rlhp.envs import _registry as registry
from rlhp.envs import catalogue, from_gymnax, has_jax, make_gymnasium, make_jax, register
from rlhp.spaces import world
from rlhp.trainers._env_parameters import check_world
from rlhp.worlds import Parameter, check_values, chosen, declare_parameters, named, parameters
from tests.contracts.bad_arguments import Call, faults

ODD_IDS = ["CartPole", ":", ":a", "a:", "CartPole-v1\n", " x", "../x", "x" * 300]
WALK = {"gymnasium": "CartPole-v1", "replace": True}
PATHS = ["rlhp.envs._classic:cart_pole_v1", "rlhp.envs._classic:nothing", "rlhp.envs._classic:State"]


@pytest.fixture(autouse=True)
def nothing_registered(monkeypatch):
    for module, name in ((registry, "_REGISTERED"), (worlds, "_KNOWN"), (returns, "_BOUNDS")):
        monkeypatch.setattr(module, name, dict(getattr(module, name)))


CALLS = [
    Call(has_jax, {"env_id": "CartPole-v1"}, also={"env_id": ODD_IDS}),
    Call(make_jax, {"env_id": "CartPole-v1"}, also={"env_id": ODD_IDS}),
    Call(
        make_gymnasium,
        {"env_id": "CartPole-v1", "parameters": {"gravity": 12.0}},
        also={"env_id": ODD_IDS, "parameters": [{"gravity": None}, {"gravity": 1e9}, {"gravty": 1.0}]},
    ),
    Call(
        register,
        {"env_id": "Mine-v0", **WALK},
        also={
            "env_id": [*ODD_IDS, "CartPole-v1"],
            "jax": PATHS,
            "gymnasium": PATHS,
            "parameters": [{"gravity": 1.0}, {"": Parameter(0, 0, 1)}, {"rain": Parameter(0, 0, 1)}],
            "return_bounds": [(1, 0), (0, 0), (0, "1"), (0, float("nan"))],
        },
    ),
    Call(Parameter, {"default": 0.5, "low": 0.1, "high": 1.0, "unit": "m", "measure": "log", "attribute": "a"}),
    Call(parameters, {"env_id": "CartPole-v1"}),
    Call(declare_parameters, {"env_id": "Mine-v0", "declared": {"wind": Parameter(0, 0, 1)}}),
    Call(worlds.world, {"env_id": "CartPole-v1", "config": {"env.gravity": 12.0}}),
    Call(named, {"env_id": "CartPole-v1", "name": "gravity"}),
    Call(check_values, {"env_id": "CartPole-v1", "parameters": {"gravity": 12.0}}),
    Call(check_world, {"env_id": "CartPole-v1", "config": {"env.gravity": 12.0}}),
    Call(chosen, {"env_id": "CartPole-v1", "names": ["gravity"]}),
    Call(
        world,
        {"env_id": "CartPole-v1", "names": {"gravity": (5, 20)}},
        also={"names": [{"gravity": (20, 5)}, {"gravity": 5}, {"gravity": ("a", "b")}, [1], [None]]},
    ),
]


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.name)
def test_a_bad_argument_is_refused_by_name(call) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert faults(call) == []


def test_a_bad_argument_of_the_adapter_is_refused_by_name() -> None:
    pytest.importorskip("gymnax")
    call = Call(
        from_gymnax,
        {"env": "CartPole-v1", "parameters": {"gravity": (1, 100)}},
        also={"parameters": [{"gravity": (100, 1)}, {"gravity": ("a", 1)}, {"gravity": (20, 30)}]},
    )
    assert faults(call) == []


def test_what_was_refused_is_not_known_afterwards() -> None:
    before = list(catalogue().index)
    with pytest.raises(ValueError, match="no attribute `rain`"):
        register("Mine-v0", gymnasium="CartPole-v1", parameters={"rain": Parameter(0, 0, 1)})
    assert list(catalogue().index) == before
