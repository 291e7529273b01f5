"""Rollouts, networks and the first weights of PPO and A2C."""

from __future__ import annotations

import functools

import gymnasium
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch
from gymnasium import spaces
from stable_baselines3.common.buffers import RolloutBuffer
from stable_baselines3.common.vec_env import DummyVecEnv, VecNormalize

from rlhp.agents import a2c, actor_critic, distributions, moving, streams
from rlhp.agents.actor_critic import Batch
from rlhp.agents.agent import Clock
from rlhp.envs import Environment, make_jax

STEPS, ENVS, GAMMA, LAMBDA = 9, 2, 0.9, 0.8


def counting() -> Environment:
    """Whatever is done: episodes that count up from a number drawn at the start, and end of themselves or are cut."""

    def reset(key):
        drawn = jax.random.uniform(key, minval=-1.0, maxval=1.0)
        return (jnp.int32(0), drawn), jnp.stack([0.0, drawn])

    def step(key, state, action):
        count, drawn = state[0] + 1, state[1]
        seen = jnp.stack([count.astype(jnp.float32), drawn])
        return (count, drawn), seen, count * (1.0 + drawn), (drawn > 0) & (count == 2), count >= 3

    return Environment("Counting-v0", (2,), "float32", reset, step, 3, n_actions=2)


@functools.cache
def rollouts(normalize: bool, n: int = 2):
    """Give the state before and after `n` iterations of an algorithm that learns nothing, and the last batch."""
    env = counting()
    family = distributions.of(env)
    settings = {"n_envs": ENVS, "n_steps": STEPS, "net_arch": [8], "normalize": normalize}
    size = STEPS * ENVS
    nothing = Batch(jnp.zeros((size, 2)), jnp.zeros(size, jnp.int32), *jnp.zeros((3, size)))

    def keep(state, batch, key, hp, uniform):
        return state._replace(optimizer=batch)

    agent = actor_critic.agent(env, family, settings, lambda weights: nothing, keep, n_episodes=1)
    traced = {"gamma": jnp.asarray(moving.encode(GAMMA)), "gae_lambda": jnp.asarray(moving.encode(LAMBDA))}
    first = agent.init(streams.key(4), traced, {})
    segment = jax.jit(agent.segment)
    last, _ = segment(first, traced, {}, Clock(jnp.int32(0), jnp.int32(n), jnp.int32(1_000)))
    return family, first, last, last.optimizer


def stream(batch):
    """Give observations, rewards and ends [steps, envs] of a batch of the environment that counts."""
    seen = np.asarray(batch.observation).reshape(STEPS, ENVS, 2)
    count, drawn = seen[..., 0] + 1.0, seen[..., 1]
    return seen, count * (1.0 + drawn), (drawn > 0) & (count == 2), count >= 3


def test_a_rollout_holds_what_was_seen_and_stable_baselines3s_advantages():
    family, _, state, batch = rollouts(False)
    seen, reward, terminated, truncated = stream(batch)
    assert terminated.any()
    assert truncated.any()
    outputs, value = actor_critic.forward(state.model, batch.observation)
    np.testing.assert_allclose(batch.value, value, rtol=1e-5)
    np.testing.assert_allclose(batch.log_prob, family.log_prob(outputs, None, batch.action), rtol=1e-5)
    # In the last step of each episode the network is asked about the state it ended in, not the one that follows.
    terminal = np.stack([seen[..., 0] + 1.0, seen[..., 1]], -1).reshape(-1, 2)
    at_end = np.asarray(actor_critic.forward(state.model, terminal)[1]).reshape(STEPS, ENVS)
    box, ended = spaces.Box(-1, 1, (1,)), terminated | truncated
    buffer = RolloutBuffer(STEPS, box, box, device="cpu", gae_lambda=LAMBDA, gamma=GAMMA, n_envs=ENVS)
    value = np.asarray(value).reshape(STEPS, ENVS)
    for t in range(STEPS):
        bootstrapped = reward[t] + GAMMA * np.where(truncated[t] & ~terminated[t], at_end[t], 0.0)
        starts = ended[t - 1] if t else np.ones(ENVS, bool)
        nothing = np.zeros((ENVS, 1))
        buffer.add(nothing, nothing, bootstrapped, starts, torch.tensor(value[t]), torch.zeros(ENVS))
    following = actor_critic.forward(state.model, state.playing.observation)[1]
    buffer.compute_returns_and_advantage(torch.tensor(np.asarray(following)), ended[-1])
    np.testing.assert_allclose(batch.advantage, buffer.advantages.ravel(), rtol=1e-4, atol=1e-5)


class Tape(gymnasium.Env):
    """Plays the counting environment's stream to `VecNormalize`."""

    observation_space, action_space = spaces.Box(-np.inf, np.inf, (2,)), spaces.Discrete(1)

    def __init__(self, starts):
        self.starts = iter(starts)

    def reset(self, **options):
        self.count, self.drawn = 0, next(self.starts)
        return np.array([0.0, self.drawn], np.float32), {}

    def step(self, action):
        self.count += 1
        seen = np.array([self.count, self.drawn], np.float32)
        reward, cut = self.count * (1.0 + self.drawn), self.count >= 3
        return seen, float(reward), bool(self.drawn > 0 and self.count == 2), cut, {}


def test_a_normalised_rollout_is_what_vec_normalize_would_have_shown():
    _, _, raw_state, raw = rollouts(False, 1)
    _, _, state, batch = rollouts(True, 1)
    seen, *_ = stream(raw)
    last = np.asarray(raw_state.playing.observation)
    whole = np.concatenate([seen, last[None]])
    starts = [[*whole[whole[:, i, 0] == 0, i, 1], 0.0] for i in range(ENVS)]
    wrapper = VecNormalize(DummyVecEnv([lambda i=i: Tape(starts[i]) for i in range(ENVS)]), gamma=GAMMA)
    expected, rewards = [wrapper.reset()], []
    for _ in range(STEPS):
        following, reward, _, _ = wrapper.step(np.zeros(ENVS, int))
        expected.append(following)
        rewards.append(reward)
    shown = np.asarray(batch.observation).reshape(STEPS, ENVS, 2)
    np.testing.assert_allclose(shown, expected[:-1], rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(state.statistics.observation.variance, wrapper.obs_rms.var, rtol=1e-3)
    np.testing.assert_allclose(state.statistics.discounted.variance, wrapper.ret_rms.var, rtol=1e-3)
    np.testing.assert_allclose(state.statistics.running, wrapper.returns, rtol=1e-4)
    # A step after which an episode is terminated has its normalised reward, less the value, for an advantage.
    _, _, terminated, truncated = stream(raw)
    advantage, value = (np.asarray(x).reshape(STEPS, ENVS) for x in (batch.advantage, batch.value))
    ends = terminated & ~truncated
    np.testing.assert_allclose((advantage + value)[ends], np.stack(rewards)[ends], rtol=1e-3, atol=1e-4)
    assert ends.any()


def test_values_of_a_normalised_run_are_given_in_units_of_reward():
    env = make_jax("Pendulum-v1")
    settings = {"n_envs": 2, "n_steps": 4, "net_arch": (4,), "normalize": True, "normalize_advantage": False}
    agent = a2c.agent(env, settings | {"use_rms_prop": True}, n_episodes=2)
    traced = {"gamma": jnp.asarray(moving.encode(0.0))}
    state = agent.init(streams.key(0), traced, {})
    zero = jax.tree.map(jnp.zeros_like, state.model)
    model = zero._replace(value=(zero.value[0], jnp.float32(-3.0)))  # predicts -3 standard deviations anywhere
    statistics = state.statistics._replace(discounted=state.statistics.discounted._replace(variance=jnp.float32(4.0)))
    progress = jnp.float32(0.0)
    found = jax.jit(agent.evaluate)(
        state._replace(model=model, statistics=statistics), traced, progress, streams.key(1)
    )
    # With a discount of zero the realised return is the first reward, which lies between -pi^2 - 0.1 and 0.
    raw = jax.jit(agent.evaluate)(state._replace(model=zero, statistics=statistics), traced, progress, streams.key(1))
    first = float(raw["value_error"])
    assert 0.0 < first < 10.0
    signs = {abs(abs(-6.0 + a) + abs(-6.0 + 2 * first - a)) / 2 for a in np.linspace(0, 2 * first, 9)}
    assert min(signs) - 1e-3 <= float(found["value_error"]) <= max(signs) + 1e-3
    assert float(found["entropy"]) == pytest.approx(0.5 * np.log(2 * np.pi * np.e))


def test_first_weights_are_stable_baselines3s():
    family = distributions.of(make_jax("Acrobot-v1"))
    model = actor_critic.initial(jax.random.key(0), 6, (32, 16), family)
    shapes = jax.tree.map(jnp.shape, model)
    assert shapes.hidden == [((2, 6, 32), (2, 32)), ((2, 32, 16), (2, 16))]
    assert shapes.policy == ((16, 3), (3,))
    assert shapes.value == ((16,), ())
    for weights, biases in model.hidden:
        for network in (0, 1):
            w = weights[network]
            gram = w @ w.T if w.shape[0] <= w.shape[1] else w.T @ w
            np.testing.assert_allclose(gram, 2.0 * np.eye(len(gram)), atol=1e-4)
        assert np.abs(weights[0] - weights[1]).max() > 0.1, "the networks begin differently"
        assert not np.asarray(biases).any()
    np.testing.assert_allclose(model.policy[0].T @ model.policy[0], 1e-4 * np.eye(3), atol=1e-7)
    np.testing.assert_allclose(np.linalg.norm(model.value[0]), 1.0, rtol=1e-5)
