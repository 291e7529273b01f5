"""Widgets take what somebody registered: an environment that is written in JAX alone, and one that is not."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import pytest

from rlhp import envs, widgets
from rlhp.envs import _registry as registry
from rlhp.widgets.live import _catalogue as catalogue
from rlhp.widgets.live._picker import EnvironmentPicker


def reset(key, context):
    del key, context
    return jnp.int32(0), jnp.zeros(2)


def step(key, state, action):
    del key
    seen = jax.nn.one_hot(state % 2, 2)
    return state + 1, seen, action.astype(float), jnp.bool_(False), state + 1 >= 5


@pytest.fixture
def bare():
    """An environment that Gymnasium does not know."""
    env_id = "Bare-v0"
    envs.register(env_id, jax=envs.Environment(env_id, (2,), "float32", reset, step, 5, n_actions=2))
    yield env_id
    registry.keep(env_id, None)


def test_it_is_listed_and_fits_what_can_train_in_it(bare) -> None:
    assert [entry.env_id for entry in catalogue.search("bare")] == [bare]
    fit = catalogue.suited(bare)
    assert {"a2c", "dqn", "ppo"} <= set(fit.algorithms)
    assert fit.why_not.keys() >= {"sac", "td3"}
    assert fit.spaces == "observations Box(2,), actions Discrete(2)"
    picker = EnvironmentPicker(bare, lambda callback: callback)
    assert (picker.env_id, picker.problem) == (bare, "")


def test_another_under_the_same_id_is_looked_at_again(bare) -> None:
    assert catalogue.suited(bare).spaces.endswith("Discrete(2)")
    three = envs.Environment(bare, (2,), "float32", reset, step, 5, n_actions=3)
    envs.register(bare, jax=three, replace=True)
    assert catalogue.suited(bare).spaces.endswith("Discrete(3)")


def test_the_live_trainer_trains_in_it(bare) -> None:
    trainer = widgets.LiveTrainer(bare, "ppo", steps=2_048, n_seeds=2, config={"n_steps": 64, "learning_rate": 0.01})
    trainer.start()
    runs = trainer.wait()
    trainer.close()
    assert runs.table["engine"].tolist() == ["jax", "jax"]
    assert runs.table["status"].tolist() == ["finished", "finished"]
    last = runs.evals.groupby("run_id")["return_mean"].last()
    assert last.tolist() == [5.0, 5.0], "it learned to take the action that pays"
