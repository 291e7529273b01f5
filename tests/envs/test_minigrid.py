"""MiniGrid's rooms in JAX against Farama's package, from every start and in every state that play reaches."""

from __future__ import annotations

from collections import Counter

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from rlhp.envs import _minigrid as rooms
from rlhp.envs import make_gymnasium, make_jax

pytest.importorskip("minigrid")
IDS = ["MiniGrid-Empty-5x5-v0", "MiniGrid-DoorKey-5x5-v0"]


def start_of(other) -> tuple:
    """What a start of Farama's DoorKey is: where the agent stands and looks, where key and door are."""
    env = other.unwrapped
    found = {cell.type: (n % env.width, n // env.width) for n, cell in enumerate(env.grid.grid) if cell is not None}
    return tuple(map(int, env.agent_pos)), int(env.agent_dir), found.get("key"), found.get("door")


@pytest.fixture(scope="module")
def starts():
    """Every start of DoorKey as Farama draws it: a seed for each."""
    seeds: dict[tuple, int] = {}
    with make_gymnasium(IDS[1]) as other:
        for seed in range(1000):
            other.reset(seed=seed)
            seeds.setdefault(start_of(other), seed)
            if len(seeds) == 48:
                return sorted(seeds.values())
    raise AssertionError(f"only {len(seeds)} starts found")


def states_by_number(env, n: int = 3000) -> dict:
    """Every start state of the JAX room by its number."""
    states, _ = jax.jit(jax.vmap(env.reset, (0, None)))(jax.random.split(jax.random.key(0), n), {})
    numbers, first = np.unique(states.number, return_index=True)
    return {int(k): jax.tree.map(lambda leaf, i=int(i): leaf[i], states) for k, i in zip(numbers, first, strict=True)}


def put(other, world) -> None:
    """Bring Farama's room into the state of ours."""
    from minigrid.core.world_object import Key

    env = other.unwrapped
    other.reset(seed=0)
    env.agent_pos, env.agent_dir, env.step_count = (world.x, world.y), world.facing, 0
    if world.door is not None:
        cells = {cell.type: cell for cell in env.grid.grid if cell is not None}
        for n, cell in enumerate(env.grid.grid):
            if cell is not None and cell.type in ("key", "door"):
                env.grid.set(n % 5, n // 5, cells["wall"] if cell.type == "door" else None)
        door = cells["door"]
        door.is_open, door.is_locked = world.door[1] == 0, world.door[1] == 2
        env.grid.set(2, world.door[0], door)
        env.carrying = Key("yellow") if world.key == (-1, -1) else None
        if env.carrying is None:
            env.grid.set(*world.key, Key("yellow"))


def look_around(step, state) -> bytes:
    seen = []
    for _ in range(4):
        state, observation, *_ = step(None, state, jnp.int32(0))
        seen.append(np.asarray(observation).tobytes())
    return b"".join(seen)


@pytest.mark.parametrize("env_id", IDS)
def test_every_step_is_the_packages(env_id, starts):
    env, rng = make_jax(env_id), np.random.default_rng(0)
    step = jax.jit(env.step)
    ours = {look_around(step, state): state for state in states_by_number(env).values()}
    rewards, limits = [], 0
    with make_gymnasium(env_id) as other:
        for seed in starts[::4] if "DoorKey" in env_id else range(6):
            observation, _ = other.reset(seed=seed)
            around = b"".join(other.step(0)[0].tobytes() for _ in range(4))
            observation, _ = other.reset(seed=seed)
            state = ours[around]
            for _ in range(env.time_limit):
                action = int(rng.choice(7, p=[0.14, 0.14, 0.37, 0.1, 0.05, 0.15, 0.05]))
                state, seen, reward, terminated, truncated = step(None, state, jnp.int32(action))
                observation, *theirs = other.step(action)
                np.testing.assert_array_equal(seen, observation)
                assert (bool(terminated), bool(truncated)) == tuple(theirs[1:3])
                assert float(reward) == pytest.approx(theirs[0], abs=1e-6)
                if terminated or truncated:
                    rewards.append(float(reward))
                    limits += bool(truncated)
                    break
    assert max(rewards) > 0.5, "the goal must be reached"
    assert limits > 0 or "Empty" in env_id, "and the time limit"


def test_every_action_in_every_state_is_the_packages():
    """The 616 states of DoorKey: keys dropped behind the door, doors shut again, and what no random walk comes to."""
    env, worlds = make_jax(IDS[1]), rooms._explored(rooms._locked_in())[0]
    assert len(worlds) == 616
    states = jax.jit(jax.vmap(env.reset, (0, None)))(jax.random.split(jax.random.key(0), len(worlds)), {})[0]
    states = states._replace(number=jnp.arange(len(worlds)), time=states.time * 0 + 9)
    step = jax.jit(jax.vmap(env.step, in_axes=(None, 0, None)))
    with make_gymnasium(IDS[1]) as other:
        for action in range(7):
            _, seen, rewards, terminated, _ = step(None, states, jnp.int32(action))
            for n, world in enumerate(worlds):
                if (world.x, world.y) == (3, 3):  # over
                    continue
                put(other, world)
                other.unwrapped.step_count = 9
                observation, reward, over, _, _ = other.step(action)
                np.testing.assert_array_equal(seen[n], observation, err_msg=f"{world} {action}")
                assert (float(rewards[n]), bool(terminated[n])) == (pytest.approx(reward, abs=1e-6), over)


@pytest.mark.parametrize("env_id", IDS)
def test_starts_are_drawn_as_the_packages(env_id, starts):
    env = make_jax(env_id)
    states, _ = jax.jit(jax.vmap(env.reset, (0, None)))(jax.random.split(jax.random.key(1), 4800), {})
    counts = np.array(list(Counter(np.asarray(states.number).tolist()).values()))
    assert len(counts) == (len(starts) if "DoorKey" in env_id else 1)
    # 100 expected of each: five standard deviations either way.
    assert len(counts) == 1 or (counts > 50).all()
    assert len(counts) == 1 or (counts < 150).all()


def test_the_key_opens_the_door_and_the_way_to_the_goal():
    env = make_jax(IDS[1])
    found = states_by_number(env)
    step = jax.jit(env.step)
    # A search through all worlds: the goal can be reached from every start, in ten moves and more.
    frontier, reached = {int(s.number): s for s in found.values()}, {}
    for depth in range(1, 30):
        following = {}
        for state in frontier.values():
            for action in range(6):
                after, _, reward, terminated, _ = step(None, state, jnp.int32(action))
                if terminated:
                    reached.setdefault("shortest", depth)
                    assert float(reward) == pytest.approx(1 - 0.9 * depth / 250)
                elif int(after.number) not in reached:
                    reached[int(after.number)] = depth
                    following[int(after.number)] = after
        if "shortest" in reached:
            break
        frontier = following
    assert reached["shortest"] >= 7


def test_the_counterpart_renders_and_its_bytes_are_no_pixels():
    from stable_baselines3.common.preprocessing import is_image_space

    with make_gymnasium(IDS[0], render_mode="rgb_array") as env:
        observation, _ = env.reset(seed=0)
        assert env.observation_space.contains(observation)
        assert not is_image_space(env.observation_space)
        assert env.render().shape == (160, 160, 3)
        assert env.action_space.n == 7
