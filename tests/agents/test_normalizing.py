"""Running normalisation against stable-baselines3's `VecNormalize`, on a stream both are shown."""

from __future__ import annotations

import gymnasium
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from gymnasium import spaces
from stable_baselines3.common.running_mean_std import RunningMeanStd
from stable_baselines3.common.vec_env import DummyVecEnv, VecNormalize

from rlhp.agents import normalizing

STEPS, GAMMA, ROOM = 60, 0.9, 16


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


@pytest.mark.parametrize("n_envs", [3, 11])
def test_observations_rewards_and_statistics_are_those_of_vec_normalize(n_envs):
    rng = np.random.default_rng(0)
    seen = (rng.normal([[3.0, -50.0]], [[0.1, 200.0]], size=(n_envs, 2 * STEPS, 2))).astype(np.float32)
    seen[0, STEPS] = 1e5  # far out, to be cut off
    rewards, ended = rng.normal(2.0, 5.0, size=(n_envs, STEPS)), rng.random((n_envs, STEPS)) < 0.15
    tapes = [lambda i=i: Tape(seen[i], rewards[i], ended[i]) for i in range(n_envs)]
    theirs = VecNormalize(DummyVecEnv(tapes), gamma=GAMMA)
    features, expected_first = iter_of(theirs, n_envs), theirs.reset()
    counted, spare = jnp.arange(ROOM) < n_envs, np.full((ROOM - n_envs, 2), np.nan)  # whatever stands in spare lanes

    def lanes(seen):
        return jnp.asarray(np.concatenate([seen, spare[:, : seen.shape[1]] if seen.ndim > 1 else spare[:, 0]]))

    statistics = normalizing.first(lanes(theirs.get_original_obs()), 1, counted)
    shown = normalizing.scaled(statistics.view, jnp.asarray(theirs.get_original_obs()))
    np.testing.assert_allclose(shown, expected_first, rtol=1e-4, atol=1e-6)
    observed = jax.jit(in_groups)
    cut = 0
    for t in range(STEPS):
        expected, reward, done, infos = next(features)
        ends = np.concatenate([done, np.ones(ROOM - n_envs, bool)])
        everything = lanes(theirs.get_original_obs()), lanes(rewards[:, t]), ends
        statistics = observed(statistics, *everything, counted)
        raw = jnp.asarray(rewards[:, t], jnp.float32)
        found = normalizing.rewards(raw, normalizing.reward_scale(statistics), statistics.view.on)
        scaled = normalizing.scaled(statistics.view, jnp.asarray(theirs.get_original_obs()))
        np.testing.assert_allclose(scaled, expected, rtol=2e-4, atol=1e-4)
        np.testing.assert_allclose(found, reward, rtol=1e-4)
        cut += int((np.abs(expected) == 10.0).sum())
        for i in np.flatnonzero(done):  # the last observation is scaled by the same statistics, and adds to none
            raw = theirs.unnormalize_obs(infos[i]["terminal_observation"])
            again = normalizing.scaled(statistics.view, jnp.asarray(raw, jnp.float32))
            np.testing.assert_allclose(again, infos[i]["terminal_observation"], rtol=1e-3, atol=1e-3)
    for mine, other in ((statistics.view.observation, theirs.obs_rms), (statistics.discounted, theirs.ret_rms)):
        np.testing.assert_allclose(mine.mean, other.mean, rtol=1e-4)
        np.testing.assert_allclose(mine.variance, other.var, rtol=1e-4)
        np.testing.assert_allclose(mine.weight, other.count, rtol=1e-6)
    np.testing.assert_allclose(statistics.running[:n_envs], theirs.returns, rtol=1e-5)
    np.testing.assert_allclose(normalizing.reward_scale(statistics) * 3.0, theirs.unnormalize_reward(3.0), rtol=1e-4)
    assert cut > 0


def in_groups(statistics, following, reward, ended, counted):
    """Take a step into account, eight environments after the other; a group without any is not played."""
    before, running, step = statistics.running, [], normalizing.waiting(statistics)
    for first in (0, 8):
        group = slice(first, first + 8)
        here = statistics._replace(running=before[group])
        seen = following[group], reward[group], ended[group], GAMMA, counted[group], ~counted[first + 8 :].any()
        after = normalizing.observe(here, step, *seen)
        some = counted[group].any()
        here, step = jax.tree.map(lambda a, b, some=some: jnp.where(some, a, b), after, (here, step))
        running.append(here.running)
        statistics = here
    return statistics._replace(running=jnp.concatenate(running))


def iter_of(env, n_envs):
    while True:
        yield env.step(np.zeros(n_envs, int))


def test_switched_off_nothing_is_normalised_and_nothing_counted():
    seen = jnp.arange(6.0).reshape(3, 2)
    counted = jnp.ones(3, bool)
    statistics = normalizing.first(seen, 0, counted)
    np.testing.assert_array_equal(normalizing.scaled(statistics.view, 100.0 * seen), 100.0 * seen)
    assert normalizing.reward_scale(statistics) == 1.0
    np.testing.assert_array_equal(
        normalizing.rewards(50.0 * seen[:, 0], jnp.float32(2.0), statistics.view.on), 50.0 * seen[:, 0]
    )
    step = normalizing.waiting(statistics)
    after = normalizing.observe(statistics, step, 9.0 * seen, seen[:, 0], counted, GAMMA, counted)
    jax.tree.map(np.testing.assert_array_equal, after, (statistics, step))


def test_many_small_batches_lose_no_precision():
    rng = np.random.default_rng(1)
    counted = jnp.ones(4, bool)
    mine, theirs = (
        normalizing.first(jnp.zeros((4, 3)), 1, counted).view.observation,
        RunningMeanStd(shape=(3,)),
    )
    theirs.update(np.zeros((4, 3)))
    batches = rng.normal([1.0, 1e3, -5.0], [1.0, 0.5, 20.0], size=(5_000, 4, 3)).astype(np.float32)
    mine, _ = jax.lax.scan(lambda moments, batch: (normalizing.update(moments, batch, counted), None), mine, batches)
    for batch in batches:
        theirs.update(batch)
    np.testing.assert_allclose(mine.mean, theirs.mean, rtol=1e-4)
    np.testing.assert_allclose(mine.variance, theirs.var, rtol=1e-3)
