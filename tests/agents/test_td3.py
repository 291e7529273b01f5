"""TD3: gradient steps are stable-baselines3's, the delayed ones included."""

from __future__ import annotations

import functools
import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch
from stable_baselines3 import TD3

from rlhp.agents import moving, streams, td3
from rlhp.agents.agent import Clock
from rlhp.envs import make_jax
from tests.agents.torch_side import BATCH, assert_equal, batch_of, feed, layers_of, model, stacked

STEPS, DELAY = 5, 2


def critics_of(both) -> list:
    return stacked(*(layers_of(one) for one in both.q_networks))


def test_gradient_steps_are_those_of_stable_baselines3(monkeypatch):
    options = {"learning_rate": 3e-3, "tau": 0.05, "target_policy_noise": 0.6, "target_noise_clip": 0.4}
    theirs = model(TD3, "Pendulum-v1", policy_delay=DELAY, **options)
    networks = (
        layers_of(theirs.actor),
        layers_of(theirs.actor_target),
        critics_of(theirs.critic),
        critics_of(theirs.critic_target),
    )
    actor, actor_target, online, targets = jax.tree.map(jnp.asarray, networks)
    optimizers = td3._ADAM.init(actor), td3._ADAM.init(online)
    learner = td3.Learner(actor, actor_target, online, targets, *optimizers, jnp.zeros(()), jnp.zeros(()))
    batch = batch_of("Pendulum-v1")
    noise = np.random.default_rng(2).normal(size=(STEPS, BATCH, 1)).astype(np.float32)
    assert (np.abs(noise * 0.6) > 0.4).any()
    queue = iter(torch.as_tensor(noise))
    monkeypatch.setattr(torch.Tensor, "normal_", lambda self, mean, std: self.copy_(mean + std * next(queue)))
    feed(theirs, batch)
    theirs.train(STEPS, BATCH)

    hp = {name: jnp.float32(value) for name, value in options.items()}
    step = jax.jit(td3.improve)
    for i in range(STEPS):
        learner = step(learner, batch, noise[i], hp, (i + 1) % DELAY == 0)
    assert_equal(learner.actor, layers_of(theirs.actor))
    assert_equal(learner.actor_target, layers_of(theirs.actor_target))
    assert_equal(learner.critics, critics_of(theirs.critic))
    assert_equal(learner.critics_target, critics_of(theirs.critic_target))
    loss = theirs.logger.name_to_value["train/critic_loss"]
    assert float(learner.loss / learner.updates) == pytest.approx(loss, rel=1e-4)


SETTINGS = {"batch_size": 8, "n_envs": 1, "net_arch": [8]}
CONFIG = {name: field.default for name, field in td3.Hyperparameters.__dataclass_fields__.items()}
UNIFORM = {"train_freq": 1, "gradient_steps": 1, "policy_delay": 3, "first_learning": 10, "most_steps": 1}


@functools.cache
def small():
    agent = td3.agent(make_jax("Pendulum-v1"), SETTINGS, slots=64, multistep=False, n_episodes=3)
    init = jax.jit(lambda seed, traced, uniform: agent.init(streams.key(seed), traced, uniform))
    return agent, init, jax.jit(agent.segment), jax.jit(agent.evaluate)


def inputs(**changes):
    traced = {name: moving.encode(CONFIG[name]) for name in CONFIG if name not in {*SETTINGS, *UNIFORM}}
    traced |= {name: moving.encode(value) for name, value in {"learning_starts": 10, **changes}.items()}
    return traced, {name: jnp.int32(value) for name, value in UNIFORM.items()}


def clock(first: int, count: int) -> Clock:
    return Clock(*(jnp.int32(number) for number in (first, count, 100)))


def test_the_actor_moves_with_every_policy_delay_th_step_only():
    _, init, segment, _ = small()
    traced, uniform = inputs()
    state, moved = init(0, traced, uniform), []
    for first in range(20):
        before = np.asarray(state.learner.actor[0][0])
        state, metrics = segment(state, traced, uniform, clock(first, 1))
        assert float(metrics["updates"]) == (first >= 10)
        moved.append(not np.array_equal(before, state.learner.actor[0][0]))
    assert np.flatnonzero(moved).tolist() == [11, 14, 17]


@pytest.mark.parametrize("noise", [0.0, 0.1, 30.0])
def test_exploration_is_the_policy_and_noise_within_the_bounds(noise):
    agent, init, segment, evaluate = small()
    traced, uniform = inputs(learning_starts=0, action_noise_std=noise, learning_rate=0.0)
    state, _ = segment(init(0, traced, uniform), traced, uniform, clock(0, 50))
    rows = np.asarray(state.memory.rows[:50, 0])
    greedy = np.asarray(agent.act(state.learner.actor, rows[:, :3]))[:, 0] / 2.0
    away = rows[:, 6] - greedy
    assert np.abs(rows[:, 6]).max() <= 1
    if noise == 0.0:
        np.testing.assert_allclose(away, 0.0, atol=1e-6)
    elif noise == 0.1:
        assert 0.07 < away.std() < 0.13
    else:
        assert (np.abs(rows[:, 6]) == 1).mean() > 0.9
    found = evaluate(state, traced, jnp.float32(0.5), streams.key(1))
    expected = math.log(noise * math.sqrt(2 * math.pi * math.e)) if noise else math.nan
    assert float(found["entropy"]) == pytest.approx(expected, rel=1e-5, nan_ok=True)
    assert float(found["length_mean"]) == 200


def test_no_noise_is_what_none_stands_for():
    assert td3.described({"action_noise_std": None, "gamma": 0.9}) == {"action_noise_std": 0.0, "gamma": 0.9}
    assert td3.described({"action_noise_std": 0.3})["action_noise_std"] == 0.3
    assert td3.iteration_steps({"train_freq": 3, "n_envs": 2}) == 6
