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

from rlhp.agents import optimizers, streams, td3
from tests.agents.asked import QUICK
from tests.agents.replaying import clock, compiled, inputs, made, whole
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
    weights = td3.Weights(*jax.tree.map(jnp.asarray, networks))
    optimizer = td3.Optimizer(optimizers.begin(weights.actor), optimizers.begin(weights.critics))
    batch = batch_of("Pendulum-v1")
    noise = np.random.default_rng(2).normal(size=(STEPS, BATCH, 1)).astype(np.float32)
    assert (np.abs(noise * 0.6) > 0.4).any()
    queue = iter(torch.as_tensor(noise))
    monkeypatch.setattr(torch.Tensor, "normal_", lambda self, mean, std: self.copy_(mean + std * next(queue)))
    feed(theirs, batch)
    theirs.train(STEPS, BATCH)

    hp = {name: jnp.float32(value) for name, value in options.items()}

    @functools.partial(jax.jit, compiler_options=QUICK)
    def step(weights, optimizer, noise):
        return td3.improve(weights, optimizer, whole(batch, noise[None]), hp, {"policy_delay": jnp.int32(DELAY)})

    losses = []
    for i in range(STEPS):
        weights, optimizer, loss = step(weights, optimizer, noise[i])
        losses.append(float(loss))
    assert_equal(weights.actor, layers_of(theirs.actor))
    assert_equal(weights.actor_target, layers_of(theirs.actor_target))
    assert_equal(weights.critics, critics_of(theirs.critic))
    assert_equal(weights.critics_target, critics_of(theirs.critic_target))
    assert np.mean(losses) == pytest.approx(theirs.logger.name_to_value["train/critic_loss"], rel=1e-4)


def test_the_actor_moves_with_every_policy_delay_th_step_only():
    begin, train = compiled("td3")
    more = inputs("td3", policy_delay=3, learning_starts=10)
    state, moved = begin(0, *more), []
    for first in range(20):
        before = np.asarray(state.weights.actor[0][0])
        state, metrics = train(state, *more, clock(first, 1))
        assert float(metrics["updates"]) == (first >= 10)
        moved.append(not np.array_equal(before, state.weights.actor[0][0]))
    assert np.flatnonzero(moved).tolist() == [12, 15, 18], "counted from the first step of learning"


@pytest.mark.parametrize("noise", [0.0, 0.1, 30.0])
def test_exploration_is_the_policy_and_noise_within_the_bounds(noise):
    agent, (begin, train) = made("td3"), compiled("td3")
    more = inputs("td3", action_noise_std=noise, learning_rate=0.0)
    state, _ = train(begin(0, *more), *more, clock(0, 50))
    rows = np.asarray(state.memory.rows[:50, 0])
    greedy = np.asarray(agent.act(state.weights.actor, jnp.asarray(rows[:, :3])))[:, 0] / 2.0
    away = rows[:, 6] - greedy
    assert np.abs(rows[:, 6]).max() <= 1
    if noise == 0.0:
        np.testing.assert_allclose(away, 0.0, atol=1e-6)
    elif noise == 0.1:
        assert 0.07 < away.std() < 0.13
    else:
        assert (np.abs(rows[:, 6]) == 1).mean() > 0.9
    found = jax.jit(agent.evaluate)(state.weights, *more, jnp.float32(0.5), streams.key(1))
    expected = math.log(noise * math.sqrt(2 * math.pi * math.e)) if noise else math.nan
    assert float(found["entropy"]) == pytest.approx(expected, rel=1e-5, nan_ok=True)
    assert float(found["length_mean"]) == 200
