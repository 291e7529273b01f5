from __future__ import annotations

import subprocess
import sys

import pytest

import rlhp.envs
from rlhp.envs import Environment, MissingPackageError, catalogue, has_jax, make_gymnasium, make_jax


def test_finds_an_environment_once():
    env = make_jax("CartPole-v1")
    assert isinstance(env, Environment)
    assert env is make_jax("CartPole-v1")


def test_says_which_ids_the_compiled_engine_has():
    assert has_jax("Acrobot-v1")
    assert not has_jax("LunarLander-v3")
    with pytest.raises(ValueError, match=r'`CartPol-v1` for engine="jax"; did you mean `CartPole-v1`'):
        make_jax("CartPol-v1")
    with pytest.raises(ValueError, match=r"stable-baselines3 .* trains on every environment"):
        make_jax("LunarLander-v3")


@pytest.mark.parametrize("env_id", list(catalogue().index))
def test_every_id_of_the_catalogue_is_what_it_says(env_id):
    env, row = make_jax(env_id), catalogue().loc[env_id]
    assert env.env_id == env_id
    assert env.differs == row["differs"]
    assert row["engines"] == "jax, sb3"
    assert row["parameters"] == ", ".join(env.parameters)
    with make_gymnasium(env_id) as other:
        assert env.time_limit == (other.spec.max_episode_steps or other.unwrapped.max_steps)
        assert other.observation_space.shape == env.observation_shape
        assert other.observation_space.dtype == env.observation_dtype


def test_other_ids_go_to_gymnasium_with_their_options():
    with make_gymnasium("FrozenLake-v1", is_slippery=False, render_mode="rgb_array") as env:
        assert env.render_mode == "rgb_array"


def test_says_what_is_wrong_with_an_id():
    with pytest.raises(ValueError, match=r"did you mean `CartPole-v1`\? \d+ are registered.*`module:EnvId`"):
        make_gymnasium("CartPole-v11")
    with (
        pytest.warns(DeprecationWarning, match="out of date"),
        pytest.raises(ValueError, match=r"`Acrobot-v0` cannot be made: .*deprecated"),
    ):
        make_gymnasium("Acrobot-v0")


@pytest.mark.parametrize(("make", "package"), [(make_gymnasium, "minatar"), (make_jax, "jax")])
def test_names_the_package_that_is_missing(make, package, monkeypatch):
    monkeypatch.delitem(sys.modules, "rlhp.envs._minatar", raising=False)
    for module in [package, *(name for name in sys.modules if name.startswith(f"{package}."))]:
        monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.setattr("rlhp.envs._registry._made", {})
    with pytest.raises(MissingPackageError, match=rf"Asterix-v1 needs the package {package}.*`pip install {package}`"):
        make("MinAtar/Asterix-v1")


def test_making_environments_leaves_jax_to_be_set_up():
    """The number of devices can be set only before JAX starts its backend."""
    code = (
        "import jax; from rlhp.envs import catalogue, make_jax; [make_jax(env_id) for env_id in catalogue().index];"
        "jax.config.update('jax_num_cpu_devices', 3); assert len(jax.devices('cpu')) == 3"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_says_which_name_the_room_does_not_have():
    with pytest.raises(AttributeError, match=r"unknown name `makejax` for rlhp.envs; did you mean `make_jax`"):
        rlhp.envs.makejax  # noqa: B018


def test_the_catalogue_needs_no_engine():
    code = (
        "import sys, rlhp.envs; rlhp.envs.has_jax('CartPole-v1'); rlhp.envs.catalogue();"
        "assert not {'jax', 'gymnasium', 'torch', 'gymnax'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
