"""Running normalisation against stable-baselines3's `VecNormalize`, on a stream both are shown."""

from __future__ import annotations

import gymnasium
import jax
import numpy as np
from gymnasium import spaces
from stable_baselines3.common.running_mean_std import RunningMeanStd
from stable_baselines3.common.vec_env import DummyVecEnv, VecNormalize

from rlhp.agents import normalizing

STEPS, ENVS, GAMMA = 60, 3, 0.9


class Tape(gymnasium.Env):
    """Plays a recorded stream: observations of resets and steps in their order, rewards, ends."""

    observation_space = spaces.Box(-np.inf, np.inf, (2,))
    action_space = spaces.Discrete(1)

    def __init__(self, observations, rewards, ended):
        self.observations, self.steps = iter(observations), iter(zip(rewards, ended, strict=True))

    def reset(self, **options):
        return next(self.observations), {}

    def step(self, action):
        reward, ended = next(self.steps)
        return next(self.observations), float(reward), bool(ended), False, {}


def test_observations_rewards_and_statistics_are_those_of_vec_normalize():
    rng = np.random.default_rng(0)
    seen = (rng.normal([[3.0, -50.0]], [[0.1, 200.0]], size=(ENVS, 2 * STEPS, 2))).astype(np.float32)
    seen[0, STEPS] = 1e5  # far out, to be cut off
    rewards, ended = rng.normal(2.0, 5.0, size=(ENVS, STEPS)), rng.random((ENVS, STEPS)) < 0.15
    tapes = [lambda i=i: Tape(seen[i], rewards[i], ended[i]) for i in range(ENVS)]
    theirs = VecNormalize(DummyVecEnv(tapes), gamma=GAMMA)
    features, expected_first = iter_of(theirs), theirs.reset()
    statistics = normalizing.first(theirs.get_original_obs())
    np.testing.assert_allclose(normalizing.scaled(statistics, theirs.get_original_obs()), expected_first, rtol=1e-4)
    observe = jax.jit(normalizing.observe)
    cut = 0
    for t in range(STEPS):
        expected, reward, done, infos = next(features)
        statistics, found = observe(statistics, theirs.get_original_obs(), rewards[:, t], done, GAMMA)
        scaled = normalizing.scaled(statistics, theirs.get_original_obs())
        np.testing.assert_allclose(scaled, expected, rtol=2e-4, atol=1e-4)
        np.testing.assert_allclose(found, reward, rtol=1e-4)
        cut += int((np.abs(expected) == 10.0).sum())
        for i in np.flatnonzero(done):  # the last observation is scaled by the same statistics, and adds to none
            raw = theirs.unnormalize_obs(infos[i]["terminal_observation"])
            again = normalizing.scaled(statistics, raw.astype(np.float32))
            np.testing.assert_allclose(again, infos[i]["terminal_observation"], rtol=1e-3, atol=1e-3)
    for mine, other in ((statistics.observation, theirs.obs_rms), (statistics.discounted, theirs.ret_rms)):
        np.testing.assert_allclose(mine.mean, other.mean, rtol=1e-4)
        np.testing.assert_allclose(mine.variance, other.var, rtol=1e-4)
        np.testing.assert_allclose(mine.weight, other.count, rtol=1e-6)
    np.testing.assert_allclose(statistics.running, theirs.returns, rtol=1e-5)
    np.testing.assert_allclose(normalizing.reward_scale(statistics) * 3.0, theirs.unnormalize_reward(3.0), rtol=1e-4)
    assert cut > 0


def iter_of(env):
    while True:
        yield env.step(np.zeros(ENVS, int))


def test_many_small_batches_lose_no_precision():
    rng = np.random.default_rng(1)
    mine, theirs = normalizing.first(np.zeros((4, 3), np.float32)).observation, RunningMeanStd(shape=(3,))
    theirs.update(np.zeros((4, 3)))
    batches = rng.normal([1.0, 1e3, -5.0], [1.0, 0.5, 20.0], size=(5_000, 4, 3)).astype(np.float32)
    mine, _ = jax.lax.scan(lambda moments, batch: (normalizing.update(moments, batch), None), mine, batches)
    for batch in batches:
        theirs.update(batch)
    np.testing.assert_allclose(mine.mean, theirs.mean, rtol=1e-4)
    np.testing.assert_allclose(mine.variance, theirs.var, rtol=1e-3)
