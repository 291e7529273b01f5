"""Classic control in JAX against Gymnasium, step by step from the same states."""

from __future__ import annotations

import gymnasium
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from rlhp.envs import make_gymnasium, make_jax
from rlhp.envs.classic import State

IDS = ["CartPole-v1", "Acrobot-v1", "MountainCar-v0", "MountainCarContinuous-v0", "Pendulum-v1"]
# States from all over the space, beyond the start states, short of the goal: low and high of each number.
EVERYWHERE = {
    "CartPole-v1": [(-2.5, 2.5), (-3, 3), (-0.22, 0.22), (-3, 3)],
    "Acrobot-v1": [(-np.pi, np.pi), (-np.pi, np.pi), (-12.5, 12.5), (-28, 28)],
    "MountainCar-v0": [(-1.2, 0.5), (-0.07, 0.07)],
    "MountainCarContinuous-v0": [(-1.2, 0.45), (-0.07, 0.07)],
    "Pendulum-v1": [(-12, 12), (-8, 8)],
}
STARTS = {
    "CartPole-v1": [(-0.05, 0.05)] * 4,
    "Acrobot-v1": [(-0.1, 0.1)] * 4,
    "MountainCar-v0": [(-0.6, -0.4), (0, 0)],
    "MountainCarContinuous-v0": [(-0.6, -0.4), (0, 0)],
    "Pendulum-v1": [(-np.pi, np.pi), (-1, 1)],
}
# Float32 against float64 after one step; Acrobot turns by up to 5 radians within one.
TOLERANCE = {"Acrobot-v1": 2e-4}


def random_actions(env, n, rng) -> np.ndarray:
    """Actions at the bounds too, where clipping would show."""
    if env.n_actions is not None:
        return rng.integers(env.n_actions, size=n, dtype=np.int32)
    low, high = np.array(env.action_low), np.array(env.action_high)
    drawn = rng.uniform(1.2 * low, 1.2 * high, size=(n, len(low)))
    return np.clip(drawn, low, high).astype(np.float32)


@pytest.mark.parametrize("env_id", IDS)
def test_one_step_from_anywhere_is_gymnasiums(env_id):
    env, rng, n = make_jax(env_id), np.random.default_rng(1), 400
    low, high = np.array(EVERYWHERE[env_id]).T
    values = rng.uniform(low, high, size=(n, len(low))).astype(np.float32)
    if env_id.startswith("MountainCar"):
        values[:20] = np.linspace([-1.2, -0.07], [-1.19, 0.0], 20)  # into the wall, which takes the speed
        values[20:40] = np.linspace([0.4, 0.02], [0.45, 0.07], 20)
    actions = random_actions(env, n, rng)
    step = jax.jit(jax.vmap(env.step, in_axes=(None, 0, 0)))
    _, seen, rewards, terminated, truncated = step(jax.random.key(0), State(values, jnp.zeros(n, jnp.int32)), actions)
    other = gymnasium.make(env_id).unwrapped
    other.reset(seed=0)
    ends = 0
    for i in range(n):
        other.state = values[i].astype(np.float64)
        if env_id == "CartPole-v1":
            other.steps_beyond_terminated = None
        start_is_over = env_id == "CartPole-v1" and (abs(values[i, 0]) > 2.4 or abs(values[i, 2]) > 0.2094395)
        action = actions[i] if env.n_actions is None else int(actions[i])
        observation, reward, over, _, _ = other.step(action)
        tolerance = TOLERANCE.get(env_id, 1e-5)
        np.testing.assert_allclose(seen[i], observation, atol=tolerance, rtol=tolerance)
        assert bool(terminated[i]) == over
        ends += over
        if not start_is_over:  # no episode goes on from there
            assert rewards[i] == pytest.approx(reward, abs=1e-4, rel=1e-5)
    assert not truncated.any()
    assert (ends > 5) == (env_id != "Pendulum-v1"), "the states must reach the end of an episode, where there is one"
    assert rewards.dtype == jnp.float32
    assert terminated.dtype == bool


@pytest.mark.parametrize("env_id", IDS)
def test_whole_episodes_end_when_gymnasiums_do(env_id):
    env, other, rng = make_jax(env_id), make_gymnasium(env_id), np.random.default_rng(2)
    reset, step = jax.jit(env.reset), jax.jit(env.step)
    lengths = []
    for episode in range(3 if env.time_limit > 300 else 6):
        state, observation = reset(jax.random.key(episode))
        other.reset(seed=episode)
        other.unwrapped.state = np.asarray(state.numbers, np.float64)
        actions = random_actions(env, env.time_limit, rng)
        if episode == 0 and env_id == "MountainCarContinuous-v0":
            actions[:] = 0  # stays in the valley until the time is up
        for n, action in enumerate(actions, start=1):
            now = np.asarray(state.numbers, np.float64)
            if env_id == "CartPole-v1" and episode == 0:  # held up until the time is up
                action = np.int32(
                    3 * np.asarray(state.numbers, np.float64)[2] + np.asarray(state.numbers, np.float64)[3] > 0
                )
            if env_id == "MountainCar-v0" and episode == 1:  # pushes with its speed, up the hill
                action = np.int32(1 + np.sign(now[1]))
            state, observation, reward, terminated, truncated = step(jax.random.key(0), state, action)
            theirs = other.step(action if env.n_actions is None else int(action))
            np.testing.assert_allclose(observation, theirs[0], atol=TOLERANCE.get(env_id, 1e-5), rtol=1e-4)
            assert float(reward) == pytest.approx(theirs[1], abs=1e-4, rel=1e-5)
            assert (bool(terminated), bool(truncated)) == theirs[2:4], n
            if terminated or truncated:
                break
            other.unwrapped.state = np.asarray(state.numbers, np.float64)  # single steps are compared, not their drift
        lengths.append((n, bool(terminated)))
    assert other.spec.max_episode_steps == env.time_limit
    assert (env.time_limit, False) in lengths, "an episode must reach the time limit"
    if env_id in ("CartPole-v1", "MountainCar-v0"):
        assert any(over for _, over in lengths), "and one must end before it"


@pytest.mark.parametrize("env_id", IDS)
def test_start_states_are_drawn_as_gymnasium_draws_them(env_id):
    env, other = make_jax(env_id), make_gymnasium(env_id)
    states, _ = jax.jit(jax.vmap(env.reset))(jax.random.split(jax.random.key(3), 2000))
    ours = np.asarray(states.numbers)
    theirs = np.empty((2000, ours.shape[1]))
    for i in range(len(theirs)):
        other.reset(seed=i)
        theirs[i] = other.unwrapped.state
    for column, (low, high) in enumerate(STARTS[env_id]):
        assert ours[:, column].min() >= low - 1e-6
        assert ours[:, column].max() <= high + 1e-6
        if low < high:  # fixed seeds: a chance of one in a thousand, taken once
            assert stats.ks_2samp(ours[:, column], theirs[:, column]).pvalue > 1e-3
            assert stats.kstest(ours[:, column], "uniform", (low, high - low)).pvalue > 1e-3
    if len(STARTS[env_id]) > 1 and STARTS[env_id][1] != (0, 0):
        assert abs(np.corrcoef(ours.T)[0, 1]) < 0.08


@pytest.mark.parametrize("env_id", IDS)
def test_spaces_are_gymnasiums(env_id):
    env, other = make_jax(env_id), make_gymnasium(env_id)
    state, observation = env.reset(jax.random.key(0))
    assert observation.shape == env.observation_shape == other.observation_space.shape
    assert observation.dtype == env.observation_dtype == other.observation_space.dtype
    if env.n_actions is not None:
        assert (env.n_actions, env.action_low, env.action_high) == (other.action_space.n, None, None)
    else:
        np.testing.assert_array_equal(env.action_low, other.action_space.low)
        np.testing.assert_array_equal(env.action_high, other.action_space.high)
    action = jnp.zeros((), jnp.int32) if env.n_actions else jnp.zeros(len(env.action_low))
    after = jax.eval_shape(env.step, jax.random.key(0), state, action)[0]
    kept = jax.tree.map(lambda a, b: (a.shape, a.dtype) == (b.shape, b.dtype), state, after)
    assert jax.tree.all(kept), "a loop carries the state: it may not change its types"
