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

from rlhp.agents import replay, streams
from rlhp.envs import Environment
from rlhp.envs.playing import Transition

N_ENVS, CAPACITY = 2, 6  # steps that stable-baselines3's buffer holds of each environment

add = jax.jit(replay.add)


def environment(dtype: str = "float32", **kwargs) -> Environment:
    return Environment("Numbers-v0", (3,), dtype, lambda *args: None, lambda *args: None, 10, **kwargs)


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
    found = gather(
        ours(steps, slots), age, which, now=jnp.int32(n), gamma=jnp.float32(gamma), n_steps=jnp.int32(n_steps)
    )
    np.testing.assert_array_equal(found.observation, expected.observations)
    np.testing.assert_array_equal(found.action, expected.actions)
    np.testing.assert_array_equal(found.next_observation, expected.next_observations)
    np.testing.assert_allclose(found.reward, expected.rewards[:, 0], rtol=1e-5, atol=1e-6)
    discounts = np.full(len(age), gamma) if n_steps == 1 else expected.discounts[:, 0].numpy()
    np.testing.assert_allclose(found.discount, discounts * (1 - expected.dones[:, 0].numpy()), rtol=1e-5)


@pytest.mark.parametrize("n_steps", [1, 3])
def test_a_loop_of_known_length_gathers_the_same(n_steps):
    steps, age = stream(17), jnp.arange(6)
    arguments = {"now": jnp.int32(17), "gamma": jnp.float32(0.9)}
    known = replay.gather(BOX, ours(steps, 11), age, age * 0, n_steps=n_steps, **arguments)
    found = gather(ours(steps, 11), age, age * 0, n_steps=jnp.int32(n_steps), **arguments)
    jax.tree.map(functools.partial(np.testing.assert_allclose, rtol=1e-6), known, found)


def test_no_batch_copies_the_memory():
    memory, age = replay.empty(BOX, 10_000, N_ENVS), jnp.arange(6)
    more = {"now": jnp.int32(17), "gamma": jnp.float32(0.9), "n_steps": jnp.int32(3)}
    compiled = gather.lower(memory, age, age * 0, **more).compile()
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


def drawn(key: int, n: int, held: int, n_envs: int = N_ENVS):
    return replay.draw(streams.key(key), jnp.arange(n), jnp.int32(held), n_envs)


@pytest.mark.parametrize(
    ("now", "buffer_size", "held"), [(3, 40, 3), (30, 10, 5), (30, 1, 1), (9, 40, 9), (90, 80, 32), (90, 10**9, 32)]
)
def test_draws_are_uniform_over_what_is_held(now, buffer_size, held):
    # A run's memory may be smaller than the ring of 32 steps, and is never larger.
    assert int(replay.held(jnp.int32(now), jnp.int32(buffer_size), 32, N_ENVS)) == held
    age, which = drawn(0, 6_000, held)
    cells = np.bincount(np.asarray(age) * N_ENVS + np.asarray(which))
    assert len(cells) == held * N_ENVS
    assert chisquare(cells).pvalue > 1e-3


def test_a_place_draws_the_same_whatever_the_length_of_the_batch():
    short, long = drawn(3, 50, 20), drawn(3, 80, 20)
    np.testing.assert_array_equal(short, np.asarray(long)[:, :50])
    assert not np.array_equal(short, drawn(4, 50, 20))
    assert not np.asarray(drawn(3, 50, 20, n_envs=1)[1]).any()


def test_the_ring_has_room_for_the_run_or_for_what_it_may_remember():
    slots = functools.partial(replay.slots, BOX, n_envs=2)
    assert 500 <= slots(steps=1_000, buffer_size=50) == slots(steps=1_001, buffer_size=10_000) <= 750
    # A ring that would be large is no longer than the memory asked for.
    assert 5_000 <= slots(steps=10**8, buffer_size=10_000) <= 7_500
    assert slots(steps=10**8, buffer_size=1) >= 1
