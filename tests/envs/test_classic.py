"""Classic control in JAX against Gymnasium, step by step from the same states and in the same worlds."""

from __future__ import annotations

from functools import cache

import gymnasium
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from rlhp.envs import make_gymnasium, make_jax
from rlhp.envs._classic import State
from rlhp.envs.playing import play, start
from rlhp.worlds import parameters

IDS = ["CartPole-v1", "Acrobot-v1", "MountainCar-v0", "MountainCarContinuous-v0", "Pendulum-v1"]
# States from all over the space, beyond the start states: low and high of each number.
EVERYWHERE = {
    "CartPole-v1": [(-2.5, 2.5), (-3, 3), (-0.22, 0.22), (-3, 3)],
    "Acrobot-v1": [(-np.pi, np.pi), (-np.pi, np.pi), (-12.5, 12.5), (-28, 28)],
    "MountainCar-v0": [(-1.2, 0.6), (-0.07, 0.07)],
    "MountainCarContinuous-v0": [(-1.2, 0.6), (-0.07, 0.07)],
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
# The default world; for every parameter three values across its range; and all parameters changed at once.
WORLDS = [(env_id, {}) for env_id in IDS] + [
    (env_id, {name: float(one.low + share * (one.high - one.low))})
    for env_id in IDS
    for name, one in parameters(env_id).items()
    for share in (0.02, 0.5, 0.98)
]
WORLDS += [
    ("CartPole-v1", {"gravity": 3.7, "masscart": 2.0, "masspole": 0.3, "length": 1.1, "force_mag": 17.0, "tau": 0.01}),
    ("Pendulum-v1", {"gravity": 1.6, "mass": 0.6, "length": 1.4, "dt": 0.03}),
    ("MountainCarContinuous-v0", {"power": 0.003, "goal_position": 0.2, "goal_velocity": 0.02}),
    ("MountainCar-v0", {"force": 0.002, "gravity": 0.001, "goal_position": 0.3, "goal_velocity": 0.03}),
]


@cache
def steps_of(env_id: str):
    """Give an environment's step from many states: one program for all worlds."""
    return jax.jit(jax.vmap(make_jax(env_id).step, in_axes=(None, 0, 0)))


def world_of(env, values) -> jnp.ndarray:
    return jnp.array(list({**env.default_context(), **values}.values()), jnp.float32)


def set_by_hand(other, values) -> None:
    """Set Gymnasium's own attributes, as its source names them and works them out."""
    names = {"gravity": "g", "mass": "m", "length": "l"} if type(other).__name__ == "PendulumEnv" else {}
    for name, value in values.items():
        assert hasattr(other, names.get(name, name))
        setattr(other, names.get(name, name), value)
    if type(other).__name__ == "CartPoleEnv":
        other.total_mass = other.masspole + other.masscart
        other.polemass_length = other.masspole * other.length


def random_actions(env, n, rng) -> np.ndarray:
    """Actions at the bounds too, where clipping would show."""
    if env.n_actions is not None:
        return rng.integers(env.n_actions, size=n, dtype=np.int32)
    low, high = np.array(env.action_low), np.array(env.action_high)
    drawn = rng.uniform(1.2 * low, 1.2 * high, size=(n, len(low)))
    return np.clip(drawn, low, high).astype(np.float32)


@pytest.mark.parametrize(("env_id", "values"), WORLDS, ids=str)
def test_one_step_from_anywhere_is_gymnasiums_in_every_world(env_id, values):
    env, rng, n = make_jax(env_id), np.random.default_rng(1), 400
    low, high = np.array(EVERYWHERE[env_id]).T
    starts = rng.uniform(low, high, size=(n, len(low))).astype(np.float32)
    if env_id.startswith("MountainCar"):
        starts[:20] = np.linspace([-1.2, -0.07], [-1.19, 0.0], 20)  # into the wall, which takes the speed
        starts[20:40] = np.linspace([0.4, 0.02], [0.45, 0.07], 20)
        starts[40:60] = np.linspace([0.5, 0.069], [0.59, 0.07], 20)  # over the hardest goal
    actions = random_actions(env, n, rng)
    step = steps_of(env_id)
    state = State(starts, jnp.zeros(n, jnp.int32), jnp.tile(world_of(env, values), (n, 1)))
    _, seen, rewards, terminated, truncated = step(jax.random.key(0), state, actions)
    other = gymnasium.make(env_id).unwrapped
    other.reset(seed=0)
    set_by_hand(other, values)
    theirs = []
    for i in range(n):
        other.state = starts[i].astype(np.float64)
        if env_id == "CartPole-v1":
            other.steps_beyond_terminated = None
        start_is_over = env_id == "CartPole-v1" and (abs(starts[i, 0]) > 2.4 or abs(starts[i, 2]) > 0.2094395)
        action = actions[i] if env.n_actions is None else int(actions[i])
        theirs.append((*other.step(action)[:3], start_is_over))
    observations, earned, over, nowhere = map(np.array, zip(*theirs, strict=True))
    tolerance = TOLERANCE.get(env_id, 1e-5)
    np.testing.assert_allclose(seen, observations, atol=tolerance, rtol=tolerance)
    np.testing.assert_array_equal(terminated, over)
    np.testing.assert_allclose(rewards[~nowhere], earned[~nowhere], atol=1e-4, rtol=1e-5)  # none goes on from there
    assert not truncated.any()
    assert (over.sum() > 5) == (env_id != "Pendulum-v1"), (
        "the states must reach the end of an episode, where there is one"
    )
    assert rewards.dtype == jnp.float32
    assert terminated.dtype == bool


@pytest.mark.parametrize("env_id", [env_id for env_id in IDS if parameters(env_id)])
def test_the_defaults_are_gymnasiums_and_make_gymnasium_sets_every_parameter(env_id):
    known, plain = parameters(env_id), gymnasium.make(env_id).unwrapped
    assert make_jax(env_id).parameters == known
    values = {name: one.high for name, one in known.items()}
    made, by_hand = make_gymnasium(env_id, parameters=values).unwrapped, gymnasium.make(env_id).unwrapped
    set_by_hand(by_hand, values)
    changed = {name for name, value in vars(by_hand).items() if isinstance(value, float) and value != vars(plain)[name]}
    assert len(changed) >= len(known)
    assert {name: vars(made)[name] for name in changed} == {name: vars(by_hand)[name] for name in changed}
    for name, one in known.items():
        assert getattr(plain, one.attribute or name) == one.default


def test_an_episode_keeps_the_world_that_it_began_in():
    env = make_jax("Pendulum-v1")
    light, heavy = ({**env.default_context(), "gravity": gravity} for gravity in (1.0, 50.0))
    reset, step = jax.jit(env.reset), jax.jit(env.step)
    states = [reset(jax.random.key(0), world)[0] for world in (light, heavy)]
    assert np.array_equal(states[0].numbers, states[1].numbers), "the world does not change the draw of a start"
    action = jnp.zeros(1)
    after = [step(jax.random.key(1), state, action)[0] for state in states]
    assert [np.array_equal(a.world, b.world) for a, b in zip(states, after, strict=True)] == [True, True]
    assert after[0].numbers[1] != after[1].numbers[1]


def test_a_schedule_of_gravity_is_a_curriculum_an_episode_at_a_time():
    """Another gravity is asked for at every step; an episode under way keeps its own, a new one takes the newest."""
    env, n_envs = make_jax("CartPole-v1"), 3

    @jax.jit
    def step(playing, n):
        world = {**env.default_context(), "gravity": 10.0 + n}
        push = jnp.ones(n_envs, jnp.int32)
        return play(env, jax.random.fold_in(jax.random.key(1), n), playing, push, world)

    playing = start(env, jax.random.key(0), n_envs, {**env.default_context(), "gravity": 5.0})
    gravity, began = np.full(n_envs, 5.0), 0
    for n in range(40):
        playing, transition = step(playing, float(n))
        ended = np.asarray(transition.terminated)
        gravity, began = np.where(ended, 10.0 + n, gravity), began + ended.sum()
        np.testing.assert_allclose(playing.states.world[:, 0], gravity)
    assert began >= 2 * n_envs, "episodes of one push last about ten steps"


def test_a_world_given_as_an_argument_is_the_one_written_into_the_program():
    """To the last digits only: which products and sums the compiler makes one of differs."""
    for env_id in IDS:
        env, rng = make_jax(env_id), np.random.default_rng(0)
        context = env.default_context()
        actions = random_actions(env, 1, rng)[0]
        reset = jax.jit(jax.vmap(env.reset, (0, None)))
        states, _ = reset(jax.random.split(jax.random.key(1), 500), context)
        constant = world_of(env, {})
        given = jax.jit(lambda s, a, env=env: jax.vmap(env.step, (None, 0, None))(jax.random.key(0), s, a)[0])
        written = jax.jit(
            lambda s, a, env=env, world=constant: jax.vmap(
                lambda one: env.step(jax.random.key(0), one._replace(world=np.asarray(world)), a)[0]
            )(s)
        )
        np.testing.assert_allclose(
            given(states, actions).numbers, written(states, actions).numbers, rtol=1e-5, atol=1e-6
        )


@pytest.mark.parametrize("env_id", IDS)
def test_whole_episodes_end_when_gymnasiums_do(env_id):
    env, other, rng = make_jax(env_id), make_gymnasium(env_id), np.random.default_rng(2)
    reset, step, context = jax.jit(env.reset), jax.jit(env.step), env.default_context()
    lengths = []
    for episode in range(3 if env.time_limit > 300 else 6):
        state, observation = reset(jax.random.key(episode), context)
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
    states, _ = jax.jit(jax.vmap(env.reset, (0, None)))(
        jax.random.split(jax.random.key(3), 2000), env.default_context()
    )
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
    state, observation = jax.jit(env.reset)(jax.random.key(0), env.default_context())
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
