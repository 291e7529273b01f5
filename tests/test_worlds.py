"""What an environment's world may be: names, ranges, and what is refused."""

from __future__ import annotations

import subprocess
import sys

import pytest

from rlhp.envs import make_gymnasium
from rlhp.worlds import Parameter, check_values, chosen, declare_parameters, parameters, split, world

WITH_PARAMETERS = ["CartPole-v1", "MountainCar-v0", "MountainCarContinuous-v0", "Pendulum-v1"]


@pytest.mark.parametrize("env_id", WITH_PARAMETERS)
def test_ranges_are_finite_hold_the_default_and_name_a_unit(env_id):
    for one in parameters(env_id).values():
        assert one.low <= one.default <= one.high
        assert one.unit
        assert one.high / max(one.low, 1e-9) >= 10


def test_a_world_is_whole_whatever_a_configuration_says():
    found = world("Pendulum-v1", {"env.length": 2.0, "gamma": 0.9})
    assert found == {"env.gravity": 10.0, "env.mass": 1.0, "env.length": 2.0, "env.dt": 0.05}
    assert world("LunarLander-v3", {"gamma": 0.9}) == {}
    assert world("some.module:Pendulum-v1") == {}, "a module's own may be another"
    assert split({"env.length": 2.0, "gamma": 0.9}) == ({"gamma": 0.9}, {"env.length": 2.0})


@pytest.mark.parametrize(
    ("env_id", "values", "message"),
    [
        ("CartPole-v1", {"gravty": 1.0}, r"unknown parameter `gravty` for CartPole-v1; did you mean `gravity`\?"),
        (
            "CartPole-v1",
            {"gravity": 0.0},
            r"`parameters\['gravity'\]` is 0.0; give a number from 1 to 100 \(m / s\^2\)",
        ),
        ("CartPole-v1", {"gravity": "12"}, r"`parameters\['gravity'\]` is '12'"),
        ("Acrobot-v1", {"gravity": 9.8}, "`Acrobot-v1` has no parameters that runs could differ in"),
    ],
)
def test_says_which_values_there_are(env_id, values, message):
    with pytest.raises(ValueError, match=message):
        check_values(env_id, values)
    with pytest.raises(ValueError, match=message):
        make_gymnasium(env_id, parameters=values)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"default": 5.0, "low": 0.0, "high": 1.0},
            "`default` is 5.0; give a finite number of at least 0 and of at mo",
        ),
        ({"default": 0.5, "low": 1.0, "high": 0.0}, "`low` is 1 and `high` 0; give the lower"),
        ({"default": 0.5, "low": 0.0, "high": float("inf")}, "`high` is inf"),
        ({"default": 0.5, "low": 0.0, "high": 1.0, "measure": "log"}, "`low` is 0; on a log scale"),
        ({"default": 0.5, "low": 0.0, "high": 1.0, "measure": "cubic"}, "unknown measure `cubic`. Valid: linear, log"),
        ({"default": 0.5, "low": 0.0, "high": 1.0, "unit": 5}, "`unit` is 5; give a text"),
    ],
)
def test_a_parameter_that_cannot_be_is_refused(given, message):
    with pytest.raises(ValueError, match=message):
        Parameter(**given)


def test_those_of_an_environment_of_ones_own(monkeypatch):
    monkeypatch.setattr("rlhp.worlds._KNOWN", {})
    declare_parameters("Mine-v0", {"wind": Parameter(0.0, -1.0, 1.0)})
    assert world("Mine-v0", {"env.wind": 0.5}) == {"env.wind": 0.5}
    assert world("my.module:Mine-v0") == {"env.wind": 0.0}
    with pytest.raises(ValueError, match="`declared` has the name 'a b'"):
        declare_parameters("Mine-v0", {"a b": Parameter(0.0, -1.0, 1.0)})
    with pytest.raises(TypeError, match=r"`declared\['wind'\]` is 5; give `Parameter`"):
        declare_parameters("Mine-v0", {"wind": 5})


def test_parameters_are_chosen_by_name_and_range():
    assert list(chosen("Pendulum-v1", None)) == ["gravity", "mass", "length", "dt"]
    assert list(chosen("Pendulum-v1", ["env.mass", "dt"])) == ["mass", "dt"]
    assert chosen("Pendulum-v1", {"gravity": (5, 20)})["gravity"][1:] == (5.0, 20.0)
    with pytest.raises(ValueError, match=r"`names\['gravity'\]` is .*; give a pair of numbers from 1 to 100"):
        chosen("Pendulum-v1", {"gravity": (0, 20)})
    with pytest.raises(ValueError, match="`Acrobot-v1` has no parameters"):
        chosen("Acrobot-v1", None)


def test_the_facts_need_no_engine():
    code = (
        "import sys, rlhp.worlds; rlhp.worlds.world('CartPole-v1');"
        "assert not {'jax', 'gymnasium', 'torch'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
