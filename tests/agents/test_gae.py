"""Advantages: by hand, by stable-baselines3's buffer, and in the limits that have a closed form."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest
import torch
from gymnasium import spaces
from stable_baselines3.common.buffers import RolloutBuffer

from rlhp.agents import gae

STEPS, ENVS = 12, 3


@pytest.fixture
def rollout():
    """A rollout with ends of both kinds, in its last step as well; `next_value` differs from `value` where they are."""
    rng = np.random.default_rng(0)
    drawn = {name: rng.normal(size=(STEPS, ENVS)).astype(np.float32) for name in ("reward", "value", "terminal")}
    kind = rng.choice(["goes on", "terminated", "truncated", "both"], p=[0.6, 0.15, 0.15, 0.1], size=(STEPS, ENVS))
    kind[-1] = "goes on", "terminated", "truncated"
    terminated, truncated = np.isin(kind, ["terminated", "both"]), np.isin(kind, ["truncated", "both"])
    following = np.concatenate([drawn["value"][1:], rng.normal(size=(1, ENVS)).astype(np.float32)])
    next_value = np.where(terminated | truncated, drawn["terminal"], following)
    return drawn["reward"], drawn["value"], next_value, terminated, truncated


def ours(rollout, gamma: float, gae_lambda: float) -> np.ndarray:
    *numbers, terminated, truncated = map(jnp.asarray, rollout)
    return np.asarray(gae.advantages(*numbers, terminated, terminated | truncated, gamma, gae_lambda))


def test_the_recursion_by_hand(rollout):
    reward, value, next_value, terminated, truncated = rollout
    gamma, weight = 0.9, 0.7
    expected, later = np.zeros((STEPS, ENVS)), np.zeros(ENVS)
    for t in reversed(range(STEPS)):
        error = reward[t] + gamma * np.where(terminated[t], 0.0, next_value[t]) - value[t]
        later = error + gamma * weight * np.where(terminated[t] | truncated[t], 0.0, later)
        expected[t] = later
    np.testing.assert_allclose(ours(rollout, gamma, weight), expected, rtol=1e-5, atol=1e-6)


def test_stable_baselines3s_buffer_with_its_bootstrap_at_time_limits(rollout):
    reward, value, next_value, terminated, truncated = rollout
    gamma, weight = 0.97, 0.95
    box, ended = spaces.Box(-1, 1, (1,)), terminated | truncated
    buffer = RolloutBuffer(STEPS, box, box, device="cpu", gae_lambda=weight, gamma=gamma, n_envs=ENVS)
    bootstrapped = reward + gamma * np.where(truncated & ~terminated, next_value, 0.0)
    starts = np.concatenate([np.ones((1, ENVS), bool), ended[:-1]])
    nothing = np.zeros((ENVS, 1))
    for t in range(STEPS):
        buffer.add(nothing, nothing, bootstrapped[t], starts[t], torch.tensor(value[t]), torch.zeros(ENVS))
    buffer.compute_returns_and_advantage(torch.tensor(next_value[-1]), ended[-1])
    found = ours(rollout, gamma, weight)
    np.testing.assert_allclose(found, buffer.advantages, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(found + value, buffer.returns, rtol=1e-5, atol=1e-5)


def test_the_two_ends_of_lambda(rollout):
    reward, value, next_value, terminated, _ = rollout
    one_step = reward + 0.9 * next_value * ~terminated - value
    np.testing.assert_allclose(ours(rollout, 0.9, 0.0), one_step, rtol=1e-5, atol=1e-6)
    no = np.zeros((STEPS, ENVS), bool)
    chained = np.concatenate([value[1:], next_value[-1:]])
    discounts = 0.9 ** np.arange(STEPS)
    monte_carlo = (discounts[:, None] * reward).sum(0) + 0.9**STEPS * next_value[-1] - value[0]
    found = ours((reward, value, chained, no, no), 0.9, 1.0)
    np.testing.assert_allclose(found[0], monte_carlo, rtol=1e-4, atol=1e-5)
