"""MinAtar in JAX against the package, move by move: both are given the same random numbers."""

from __future__ import annotations

from collections import deque

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from rlhp.envs import make_gymnasium, make_jax

pytest.importorskip("minatar")
IDS = ["MinAtar/Breakout-v1", "MinAtar/Asterix-v1"]


class Drawn:
    """Hands the package's game the numbers that the JAX game draws."""

    def __init__(self) -> None:
        self.numbers: deque[float] = deque()

    def give(self, numbers) -> None:
        self.numbers = deque(np.asarray(numbers, np.float64).tolist())

    def rand(self) -> float:
        return self.numbers.popleft()

    def randint(self, n: int) -> int:
        return int(self.rand() * n)


@pytest.fixture
def pair():
    """Both games, step for step: `play(env_id, seed, act, steps)` yields what they said, ours first."""
    opened = []

    def play(env_id, seed, act, steps):
        env, other = make_jax(env_id), make_gymnasium(env_id)
        opened.append(other)
        game, drawn = other.unwrapped.game, Drawn()
        game.random = game.env.random = drawn
        step, key = jax.jit(env.step), jax.random.key(seed)
        numbers = jax.jit(lambda key: jnp.atleast_1d(jax.random.uniform(key, () if "Breakout" in env_id else (4,))))
        state, observation = jax.jit(env.reset)(key, {})
        drawn.give([0.9 if "Breakout" in env_id and state.x == 9 else 0.1])
        theirs, _ = other.reset()
        np.testing.assert_array_equal(observation, theirs)
        for n in range(steps):
            at = jax.random.fold_in(key, n)
            action = act(env, n, np.asarray(observation))
            drawn.give(numbers(at))
            state, observation, reward, terminated, truncated = step(at, state, jnp.int32(action))
            theirs = other.step(action)
            np.testing.assert_array_equal(observation, theirs[0], err_msg=f"step {n}")
            yield (float(reward), bool(terminated), bool(truncated)), theirs[1:4], game.env
            if terminated or truncated:
                return

    yield play
    for other in opened:
        other.close()


def follow(env, n, observation) -> int:
    """Breakout: keep the paddle below the ball."""
    paddle, ball = observation[9, :, 0].argmax(), observation[:, :, 1].any(axis=0).argmax()
    trail = observation[:, :, 2].any(axis=0).argmax()
    ahead = np.clip(ball + (ball - trail), 0, 9)
    return 1 if ahead < paddle else 2 if ahead > paddle else 0


def dodge(env, n, observation) -> int:
    """Asterix: leave a row in which an enemy is near, else stay."""
    y, x = np.argwhere(observation[:, :, 0])[0]
    enemies = observation[:, :, 1]
    near = lambda row: enemies[row, max(x - 2, 0) : x + 3].any()  # noqa: E731
    if not near(y):
        return 0
    return 2 if y > 1 and not near(y - 1) else 4


@pytest.mark.parametrize("env_id", IDS)
def test_every_step_is_the_packages(env_id, pair):
    rng = np.random.default_rng(0)
    ends, rewards, caught = 0, 0.0, 0
    scripted = follow if "Breakout" in env_id else dodge
    for episode in range(8):
        act = scripted if episode % 2 else lambda env, n, _: int(rng.integers(env.n_actions))
        for ours, theirs, _ in pair(env_id, episode, act, 400):
            assert ours == theirs
            rewards += ours[0]
            caught += ours[1]
        ends += 1
    assert ends == 8
    assert caught >= 4, "episodes must end by themselves too"
    assert rewards >= 10


def test_breakout_gives_new_bricks_when_all_are_gone():
    env, other, drawn = make_jax("MinAtar/Breakout-v1"), make_gymnasium("MinAtar/Breakout-v1"), Drawn()
    state, _ = jax.jit(env.reset)(jax.random.key(0), {})
    state = state._replace(bricks=state.bricks & False)
    other.reset()
    game = other.unwrapped.game
    game.random, game.env.brick_map[:] = drawn, 0
    game.env.ball_x = game.env.last_x = int(state.x)
    game.env.ball_dir = 2 if state.dx == 1 else 3
    step, counts = jax.jit(env.step), []
    for n in range(7):
        at = jax.random.fold_in(jax.random.key(0), n)
        drawn.give([jax.random.uniform(at)])
        state, observation, *said = step(at, state, jnp.int32(2))
        theirs = other.step(2)
        np.testing.assert_array_equal(observation, theirs[0])
        assert tuple(said) == theirs[1:4]
        counts.append(int(observation[:, :, 3].sum()))
        if said[1]:
            break
    assert counts[0] == 0
    assert counts[-1] == 30
    other.close()


def test_asterix_grows_harder_as_the_packages_does():
    """A whole episode that no enemy ends: as fast as it gets, and with every row taken at times."""
    env, other = make_jax("MinAtar/Asterix-v1"), make_gymnasium("MinAtar/Asterix-v1")
    game, drawn, full = other.unwrapped.game, Drawn(), 0
    game.random = game.env.random = drawn
    step, state = jax.jit(env.step), jax.jit(env.reset)(jax.random.key(0), {})[0]
    other.reset()
    for n in range(999):
        at = jax.random.fold_in(jax.random.key(5), n)
        drawn.give(jax.random.uniform(at, (4,)))
        state, observation, reward, terminated, truncated = step(at, state, jnp.int32(n % 5))
        theirs = other.step(n % 5)
        game.env.terminal = False
        np.testing.assert_array_equal(observation, theirs[0])
        assert (float(reward), bool(terminated), bool(truncated)) == theirs[1:4]
        speeds = game.env.spawn_speed, game.env.move_speed, game.env.ramp_index
        assert (int(state.spawn_speed), int(state.move_speed), int(state.ramp_index)) == speeds
        full += all(entity is not None for entity in game.env.entities)
    assert speeds == (1, 1, 9)
    assert full > 0, "a full field, where nothing can appear, must occur"
    drawn.give(jax.random.uniform(at, (4,)))
    assert (bool(step(at, state, jnp.int32(0))[4]), other.step(0)[3]) == (True, True)
    other.close()


@pytest.mark.parametrize("env_id", IDS)
def test_returns_of_a_random_policy_are_distributed_as_the_packages(env_id):
    env, n = make_jax(env_id), 300

    def episode(key):
        state, _ = env.reset(jax.random.fold_in(key, 2), {})

        def body(carry):
            state, total, steps, _ = carry
            acts, moves = jax.random.split(jax.random.fold_in(key, 10 + steps))
            state, _, reward, over, late = env.step(moves, state, jax.random.randint(acts, (), 0, env.n_actions))
            return state, total + reward, steps + 1, over | late

        start = (state, jnp.zeros(()), jnp.zeros((), jnp.int32), jnp.zeros((), bool))
        return jax.lax.while_loop(lambda carry: ~carry[3], body, start)[1:3]

    ours, lengths = jax.jit(jax.vmap(episode))(jax.random.split(jax.random.key(1), n))
    other, rng, theirs = make_gymnasium(env_id), np.random.default_rng(1), []
    for seed in range(n):
        other.reset(seed=seed)
        total, steps, over = 0.0, 0, False
        while not over:
            _, reward, terminated, truncated, _ = other.step(int(rng.integers(env.n_actions)))
            total, steps, over = total + reward, steps + 1, terminated or truncated
        theirs.append((total, steps))
    other.close()
    totals, steps = np.array(theirs).T
    assert stats.ks_2samp(np.asarray(lengths), steps).pvalue > 1e-3
    assert stats.ks_2samp(np.asarray(ours), totals).pvalue > 1e-3


def test_actions_stick():
    env = make_jax("MinAtar/Breakout-v1")
    state, _ = jax.jit(env.reset)(jax.random.key(0), {})
    state = state._replace(last_action=jnp.int32(2))
    after = jax.jit(jax.vmap(env.step, in_axes=(0, None, None)))(
        jax.random.split(jax.random.key(1), 4000), state, jnp.int32(1)
    )
    # 4,000 draws of probability 0.1: four standard errors are 0.019.
    assert float((after[0].paddle == 5).mean()) == pytest.approx(0.1, abs=0.019)


@pytest.mark.parametrize("env_id", IDS)
def test_the_counterpart_trains_renders_and_repeats(env_id):
    with make_gymnasium(env_id, render_mode="rgb_array") as env:
        # The 30 steps are known to meet no end.
        first = [env.reset(seed=3)[0]] + [env.step(n % 3)[0] for n in range(30)]
        again = [env.reset(seed=3)[0]] + [env.step(n % 3)[0] for n in range(30)]
        np.testing.assert_array_equal(first, again)
        assert env.observation_space.contains(first[-1])
        picture = env.render()
        assert picture.shape == (320, 320, 3)
        assert picture.dtype == np.uint8
        assert len(np.unique(picture.reshape(-1, 3), axis=0)) > 2
        assert env.spec.max_episode_steps == 1000
