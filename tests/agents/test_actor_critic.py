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

from rlhp.agents import a2c, actor_critic, distributions, moving, ppo, rollouts, streams
from rlhp.agents.agent import Now
from rlhp.algorithms import declared
from rlhp.envs import Environment, make_jax
from tests.agents.asked import QUICK

STEPS, GAMMA, LAMBDA = 9, 0.9, 0.8


def counting() -> Environment:
    """Whatever is done: episodes that count up from a number drawn at the start, and end of themselves or are cut."""

    def reset(key, context):
        drawn = jax.random.uniform(key, minval=-1.0, maxval=1.0)
        return (jnp.int32(0), drawn), jnp.stack([0.0, drawn])

    def step(key, state, action):
        count, drawn = state[0] + 1, state[1]
        seen = jnp.stack([count.astype(jnp.float32), drawn])
        return (count, drawn), seen, count * (1.0 + drawn), (drawn > 0) & (count == 2), count >= 3

    return Environment("Counting-v0", (2,), "float32", reset, step, 3, n_actions=2)


TRACED = {"gamma": jnp.asarray(moving.encode(GAMMA)), "gae_lambda": jnp.asarray(moving.encode(LAMBDA))}
SHAPES = {"net_arch": (8,), "tile": 8, "envs": 32, "rows": 512}


# One program each, and not one for every operation in them.
forward = jax.jit(actor_critic.forward, compiler_options=QUICK)
taken = jax.jit(rollouts.taken, static_argnums=2, compiler_options=QUICK)


@functools.cache
def player():
    """Give an agent that is never updated: its `init` and `collect`."""
    agent = a2c.agent(counting(), SHAPES, n_episodes=1)
    return agent, jax.jit(agent.init, compiler_options=QUICK), jax.jit(agent.collect, compiler_options=QUICK)


def played(normalize: bool, n_envs: int, n: int = 2, change=lambda state: state):
    """Give the state before and after `n` iterations, the last rollout, and its transitions."""
    agent, init, collect = player()
    loops = {
        name: jnp.int32(value) for name, value in (("n_steps", STEPS), ("n_envs", n_envs), ("normalize", normalize))
    }
    first = last = change(init(streams.key(4), TRACED, loops))
    rollout = agent.unseen()
    for i in range(n):
        last, rollout = collect(last, rollout, TRACED, loops, Now(jnp.int32(i), jnp.int32(1_000)))
    return first, last, rollout, taken(rollout, jnp.arange(STEPS * n_envs), 1)


def stream(seen, n_envs):
    """Give observations, rewards and ends [steps, envs] of transitions of the environment that counts."""
    features = np.asarray(seen.features).reshape(STEPS, n_envs, 2)
    count, drawn = features[..., 0] + 1.0, features[..., 1]
    return features, count * (1.0 + drawn), (drawn > 0) & (count == 2), count >= 3


@pytest.mark.parametrize("n_envs", [1, 2, 8, 11, 32])
def test_a_rollout_holds_what_was_seen_and_stable_baselines3s_advantages(n_envs):
    _, state, _, (columns, advantage) = played(False, n_envs)
    seen, reward, terminated, truncated = stream(columns, n_envs)
    assert terminated.any() | (n_envs == 1)
    assert truncated.any()
    model, family = state.weights.model, distributions.of(counting())
    outputs, value = forward(model, columns.features)
    np.testing.assert_allclose(columns.value, value, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(columns.log_prob, family.log_prob(outputs, None, columns.action), rtol=1e-5)
    np.testing.assert_allclose(columns.reward, reward.ravel(), rtol=1e-6)
    assert 0 < np.asarray(columns.action).mean() < 1
    # In the last step of each episode the network is asked about the state it ended in, not the one that follows.
    terminal = np.stack([seen[..., 0] + 1.0, seen[..., 1]], -1).reshape(-1, 2)
    at_end = np.asarray(forward(model, jnp.asarray(terminal))[1]).reshape(STEPS, n_envs)
    box, ended = spaces.Box(-1, 1, (1,)), terminated | truncated
    buffer = RolloutBuffer(STEPS, box, box, device="cpu", gae_lambda=LAMBDA, gamma=GAMMA, n_envs=n_envs)
    value = np.asarray(value).reshape(STEPS, n_envs)
    for t in range(STEPS):
        bootstrapped = reward[t] + GAMMA * np.where(truncated[t] & ~terminated[t], at_end[t], 0.0)
        starts = ended[t - 1] if t else np.ones(n_envs, bool)
        nothing = np.zeros((n_envs, 1))
        buffer.add(nothing, nothing, bootstrapped, starts, torch.tensor(value[t]), torch.zeros(n_envs))
    following = forward(model, np.asarray(state.playing.observation)[:n_envs])[1]
    buffer.compute_returns_and_advantage(torch.tensor(np.asarray(following)), ended[-1])
    np.testing.assert_allclose(advantage, buffer.advantages.ravel(), rtol=1e-4, atol=1e-5)
    assert int(state.playing.n_episodes) > 0


@pytest.mark.parametrize("normalize", [False, True])
def test_whatever_stands_where_there_is_no_environment_does_not_matter(normalize):
    def spoiled(state):
        playing = state.playing
        states = (playing.states[0].at[3:].set(2), playing.states[1].at[3:].set(jnp.nan))
        broken = {
            "observation": playing.observation.at[3:].set(jnp.nan),
            "running": playing.running.at[3:].set(jnp.inf),
        }
        return state._replace(playing=playing._replace(states=states, **broken))

    _, one, _, seen = played(normalize, 3)
    _, other, _, again = played(normalize, 3, change=spoiled)
    jax.tree.map(np.testing.assert_array_equal, seen, again)
    statistics = (state.weights.statistics for state in (one, other))
    jax.tree.map(np.testing.assert_array_equal, *(one._replace(running=one.running[:3]) for one in statistics))
    for mine, theirs in zip(one.playing, other.playing, strict=True):
        jax.tree.map(
            lambda a, b: np.testing.assert_array_equal(a[:3] if a.ndim else a, b[:3] if b.ndim else b), mine, theirs
        )


@pytest.mark.parametrize("normalize", [False, True])
def test_what_is_predicted_anew_by_the_same_weights_is_what_was_predicted(normalize):
    n_envs = 3
    _, state, rollout, (columns, advantage) = played(normalize, n_envs)
    model, family = state.weights.model, distributions.of(counting())

    def predicted(features, actions):
        outputs, value = actor_critic.forward(model, features)
        return value, family.log_prob(outputs, None, actions)

    on = state.weights.statistics.view.on

    @functools.partial(jax.jit, compiler_options=QUICK)
    def estimated_anew(rollout):
        return rollouts.estimated_anew(rollout, predicted, 1, STEPS, n_envs, on, GAMMA, LAMBDA)

    again, found = taken(estimated_anew(rollout), jnp.arange(STEPS * n_envs), 1)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5), again, columns)
    np.testing.assert_allclose(found, advantage, rtol=1e-4, atol=1e-5)


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


@pytest.mark.parametrize("n_envs", [3, 11])
def test_a_normalised_rollout_is_what_vec_normalize_would_have_shown(n_envs):
    _, raw_state, _, (raw, _) = played(False, n_envs, 1)
    _, state, _, (columns, advantage) = played(True, n_envs, 1)
    seen, *_ = stream(raw, n_envs)
    last = np.asarray(raw_state.playing.observation)[:n_envs]
    whole = np.concatenate([seen, last[None]])
    starts = [[*whole[whole[:, i, 0] == 0, i, 1], 0.0] for i in range(n_envs)]
    wrapper = VecNormalize(DummyVecEnv([lambda i=i: Tape(starts[i]) for i in range(n_envs)]), gamma=GAMMA)
    expected, rewards = [wrapper.reset()], []
    for _ in range(STEPS):
        following, reward, _, _ = wrapper.step(np.zeros(n_envs, int))
        expected.append(following)
        rewards.append(reward)
    statistics = state.weights.statistics
    shown = np.asarray(columns.features).reshape(STEPS, n_envs, 2)
    np.testing.assert_allclose(shown, expected[:-1], rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(statistics.view.observation.variance, wrapper.obs_rms.var, rtol=1e-3)
    np.testing.assert_allclose(statistics.discounted.variance, wrapper.ret_rms.var, rtol=1e-3)
    np.testing.assert_allclose(statistics.running[:n_envs], wrapper.returns, rtol=1e-4)
    # A step after which an episode is terminated has its normalised reward, less the value, for an advantage.
    _, _, terminated, truncated = stream(raw, n_envs)
    advantage, value = (np.asarray(x).reshape(STEPS, n_envs) for x in (advantage, columns.value))
    ends = terminated & ~truncated
    np.testing.assert_allclose((advantage + value)[ends], np.stack(rewards)[ends], rtol=1e-3, atol=1e-4)
    assert ends.any()


def test_values_of_a_normalised_run_are_given_in_units_of_reward():
    env = make_jax("Pendulum-v1")
    agent = a2c.agent(env, SHAPES, n_episodes=2)
    loops = {"n_envs": jnp.int32(2), "normalize": jnp.int32(1)}
    worlds = {f"env.{name}": jnp.asarray(moving.encode(one.default)) for name, one in env.parameters.items()}
    traced = {"gamma": jnp.asarray(moving.encode(0.0)), **worlds}
    model, statistics = jax.jit(agent.init, compiler_options=QUICK)(streams.key(0), traced, loops).weights
    zero = jax.tree.map(jnp.zeros_like, model)
    model = zero._replace(value=(zero.value[0], jnp.float32(-3.0)))  # predicts -3 standard deviations anywhere
    statistics = statistics._replace(discounted=statistics.discounted._replace(variance=jnp.float32(4.0)))
    evaluate, more = jax.jit(agent.evaluate, compiler_options=QUICK), (traced, loops, jnp.float32(0.0), streams.key(1))
    found, raw = (evaluate(actor_critic.Weights(one, statistics), *more) for one in (model, zero))
    # With a discount of zero the realised return is the first reward, which lies between -pi^2 - 0.1 and 0.
    first = float(raw["value_error"])
    assert 0.0 < first < 10.0
    signs = {abs(abs(-6.0 + a) + abs(-6.0 + 2 * first - a)) / 2 for a in np.linspace(0, 2 * first, 9)}
    assert min(signs) - 1e-3 <= float(found["value_error"]) <= max(signs) + 1e-3
    assert float(found["entropy"]) == pytest.approx(0.5 * np.log(2 * np.pi * np.e))


def test_first_weights_are_stable_baselines3s():
    family = distributions.of(make_jax("Acrobot-v1"))
    model = jax.jit(lambda key: actor_critic.initial(key, 6, (32, 16), family))(jax.random.key(0))
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


def test_the_default_space_is_twenty_shapes_an_environment():
    env = make_jax("CartPole-v1")
    for algorithm, module in (("ppo", ppo), ("a2c", a2c)):
        space = declared(algorithm).hyperparameters
        full = {name: one.default for name, one in space.items()}
        found = {
            tuple(
                module.shapes(
                    full | {"net_arch": widths, "n_steps": n, "n_envs": envs, "batch_size": size}, env, 20_000
                ).items()
            )
            for widths in ([32, 32], [64, 64], [128, 128], [256, 256], [400, 300])
            for n in (1, 5, 8, 31, 512, 4_096)
            for envs in (1, 2, 8, 32)
            for size in (8, 16, 32, 64, 256, 4_096)
        }
        assert len(found) == 20
    # None is stable-baselines3's own; more environments and longer rollouts than the space has get the room they need.
    large = ppo.shapes(full | {"net_arch": None, "n_envs": 40, "n_steps": 10_000, "batch_size": 64}, env, 10**6)
    assert large == {"net_arch": (64, 64), "tile": 32, "envs": 64, "rows": 2**19}
    # A rollout that is longer than the whole run is never finished.
    assert ppo.shapes(full | {"n_steps": 10**6, "batch_size": 64}, env, 1_000)["rows"] == 1_024
