"""The ring of transitions, against stable-baselines3's buffers on one stream of episodes."""

from __future__ import annotations

import functools

import gymnasium
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import chisquare
from stable_baselines3.common.buffers import NStepReplayBuffer, ReplayBuffer

from rlhp.agents import replay
from rlhp.envs import Environment
from rlhp.envs.playing import Transition

N_ENVS, CAPACITY = 2, 6  # steps that stable-baselines3's buffer holds of each environment

add = jax.jit(replay.add)


def environment(dtype: str = "float32", **kwargs) -> Environment:
    return Environment("Numbers-v0", (3,), dtype, lambda key: None, lambda *args: None, 10, **kwargs)


BOX = environment(action_low=(-2.0, -2.0), action_high=(2.0, 2.0))
gather = jax.jit(functools.partial(replay.gather, BOX))


def stream(n: int, n_actions: int = 2) -> list[Transition]:
    """Give steps of two environments in which episodes end, some by their time limit, some by both at once."""
    rng = np.random.default_rng(0)
    steps = []
    for i in range(n):
        terminated = np.array([i % 5 == 4, i in (3, 12)])
        truncated = np.array([i % 5 == 4 and i > 8, i in (7, 9)])
        steps.append(
            Transition(
                observation=rng.integers(0, 200, (N_ENVS, 3)).astype(np.float32),
                next_observation=rng.integers(0, 200, (N_ENVS, 3)).astype(np.float32),
                action=rng.uniform(-1, 1, (N_ENVS, n_actions)).astype(np.float32),
                reward=rng.normal(size=N_ENVS).astype(np.float32),
                terminated=terminated,
                truncated=truncated,
            )
        )
    return steps


def theirs(steps, n_steps: int, gamma: float) -> ReplayBuffer:
    space, actions = gymnasium.spaces.Box(0, 255, (3,)), gymnasium.spaces.Box(-1, 1, (2,))
    kind = NStepReplayBuffer if n_steps > 1 else ReplayBuffer
    options = {"n_steps": n_steps, "gamma": gamma} if n_steps > 1 else {}
    buffer = kind(CAPACITY * N_ENVS, space, actions, n_envs=N_ENVS, **options)
    for one in steps:
        infos = [{"TimeLimit.truncated": bool(c and not t)} for t, c in zip(one.terminated, one.truncated, strict=True)]
        done = one.terminated | one.truncated
        buffer.add(one.observation, one.next_observation, one.action, one.reward, done, infos)
    return buffer


def ours(steps, slots: int, env: Environment = BOX) -> replay.Replay:
    memory = replay.empty(env, slots, N_ENVS)
    for i, one in enumerate(steps):
        memory = add(memory, jnp.int32(i % slots), one, one.action)
    return memory


@pytest.mark.parametrize("slots", [CAPACITY, 11])  # the ring may be longer than the run's memory
@pytest.mark.parametrize("n_steps", [1, 2, 4])
@pytest.mark.parametrize("n", [4, 6, 17])  # partly full, full, wrapped
def test_batches_are_those_of_stable_baselines3(n, n_steps, slots, monkeypatch):
    gamma, steps = 0.9, stream(n)
    held = min(n, CAPACITY)
    age, which = (grid.ravel() for grid in np.meshgrid(np.arange(held), np.arange(N_ENVS)))
    buffer = theirs(steps, n_steps, gamma)
    monkeypatch.setattr(np.random, "randint", lambda *args, **kwargs: which)
    expected = buffer._get_samples((n - 1 - age) % CAPACITY)
    more = {"n_steps": jnp.float32(n_steps), "most_steps": jnp.int32(5)} if n_steps > 1 else {}
    found = gather(ours(steps, slots), age, which, now=jnp.int32(n), gamma=jnp.float32(gamma), **more)
    np.testing.assert_array_equal(found.observation, expected.observations)
    np.testing.assert_array_equal(found.action, expected.actions)
    np.testing.assert_array_equal(found.next_observation, expected.next_observations)
    np.testing.assert_allclose(found.reward, expected.rewards[:, 0], rtol=1e-5, atol=1e-6)
    discounts = np.full(len(age), gamma) if n_steps == 1 else expected.discounts[:, 0].numpy()
    np.testing.assert_allclose(found.discount, discounts * (1 - expected.dones[:, 0].numpy()), rtol=1e-5)


def test_runs_may_look_different_numbers_of_steps_ahead():
    steps = stream(17)
    memory, age = ours(steps, 11), jnp.arange(6)

    @jax.jit
    def rewards(n_steps, most):
        batch = replay.gather(
            BOX, memory, age, age * 0, now=jnp.int32(17), gamma=jnp.float32(0.9), n_steps=n_steps, most_steps=most
        )
        return batch.reward

    together = jax.vmap(rewards, in_axes=(0, None))(jnp.array([1.0, 3.0]), jnp.int32(3))
    np.testing.assert_allclose(together[0], rewards(jnp.float32(1), jnp.int32(1)))
    np.testing.assert_allclose(together[1], rewards(jnp.float32(3), jnp.int32(3)))
    assert not np.allclose(together[0], together[1])


@pytest.mark.parametrize("n_steps", [None, jnp.float32(3)])
def test_no_batch_copies_the_memory(n_steps):
    memory, age = replay.empty(BOX, 10_000, N_ENVS), jnp.arange(6)
    more = {} if n_steps is None else {"n_steps": n_steps, "most_steps": jnp.int32(5)}
    compiled = gather.lower(memory, age, age * 0, now=jnp.int32(17), gamma=jnp.float32(0.9), **more).compile()
    assert compiled.memory_analysis().temp_size_in_bytes < memory.rows.nbytes / 10


def test_pixels_stand_in_bytes_and_come_back_as_they_were():
    env, steps = environment("uint8", n_actions=4), stream(9, n_actions=1)
    memory = ours(steps, 5, env)
    assert memory.pixels.dtype == np.uint8
    assert memory.rows.shape[-1] == 4  # action, reward, terminated, truncated
    batch = replay.gather(env, memory, jnp.array([0, 4]), jnp.array([1, 0]), now=jnp.int32(9), gamma=jnp.float32(0.9))
    np.testing.assert_array_equal(batch.observation, [steps[8].observation[1], steps[4].observation[0]])
    np.testing.assert_array_equal(batch.next_observation, [steps[8].next_observation[1], steps[4].next_observation[0]])
    np.testing.assert_array_equal(batch.action[:, 0], [steps[8].action[1, 0], steps[4].action[0, 0]])


@pytest.mark.parametrize(("now", "capacity", "held"), [(3, 40, 3), (30, 10, 5), (30, 1, 1)])
def test_draws_are_uniform_over_what_is_held(now, capacity, held):
    memory = replay.empty(BOX, 32, N_ENVS)
    age, which = replay.draw(jax.random.key(0), memory, 6_000, jnp.int32(now), jnp.float32(capacity))
    cells = np.bincount(np.asarray(age) * N_ENVS + np.asarray(which))
    assert len(cells) == held * N_ENVS
    assert chisquare(cells).pvalue > 1e-3


def test_the_same_key_draws_the_same():
    memory = replay.empty(BOX, 32, N_ENVS)
    once, again = (replay.draw(jax.random.key(3), memory, 50, jnp.int32(20), jnp.float32(64)) for _ in range(2))
    np.testing.assert_array_equal(once, again)


def test_there_is_room_for_every_run_of_a_call():
    common = {"n_envs": 2, "train_freq": 4}
    configs = [
        {**common, "buffer_size": 10_000, "n_steps": 1, "learning_starts": 500},
        {**common, "buffer_size": 50, "n_steps": 5, "learning_starts": 200},
    ]
    room, loops = replay.room(BOX, configs, 1_000)
    assert room["slots"] >= 504
    assert room["multistep"]
    assert loops == {"most_steps": 5, "first_learning": 200}
    assert not replay.room(BOX, configs[:1], 1_000)[0]["multistep"]
    assert replay.room(BOX, configs, 1_001)[0] == room, "programs hardly differ by the length of a run"
    # A ring that would be large is no longer than the largest memory asked for.
    assert replay.room(BOX, configs, 10**8)[0]["slots"] < 10_000
