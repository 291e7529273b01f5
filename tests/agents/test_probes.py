"""Every agent finds the values of small problems for which they are known (see `probes.py`)."""

from __future__ import annotations

import functools
from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from rlhp.agents import actor_critic, continuous, moving, networks, streams
from rlhp.agents.agent import Clock, segment
from rlhp.schedules import Linear
from tests.agents.asked import QUICK, asked
from tests.agents.probes import ACTION, BEST, CONSTANT, CREDIT, ENDLESS, SIGN, probe

GAMMA = 0.7
REPLAY = {"net_arch": [16], "batch_size": 32, "buffer_size": 2_000, "learning_starts": 64}
CONTINUOUS = REPLAY | {"learning_rate": Linear(5e-3, 0.0), "tau": 0.05}
ROLLOUT = {"net_arch": [16], "learning_rate": Linear(1e-2, 0.0), "n_envs": 8, "n_steps": 16}
DQN = {"learning_rate": Linear(1e-2, 0.0), "train_freq": 2, "target_update_interval": 20, "exploration": 0.5}
# Configuration, iterations, environment steps of one, and whether actions are continuous. Learning rates end at zero,
# so that what is predicted comes to rest.
CASES = {
    "dqn": (REPLAY | DQN, 1_000, 2, False),
    "ppo": (ROLLOUT | {"batch_size": 64, "n_epochs": 4}, 100, 128, False),
    "a2c": (ROLLOUT, 500, 128, False),
    "sac": (CONTINUOUS | {"ent_coef": 0.01}, 1_500, 1, True),
    "td3": (CONTINUOUS | {"action_noise_std": 0.3}, 4_000, 1, True),
}
START = {CONSTANT: [[0, 0, 0]], SIGN: [[1, 0, 0], [-1, 0, 0]], ACTION: [[1, 0, 0], [-1, 0, 0]], CREDIT: [[1, 0, 0]]}
START |= {ENDLESS: [[0, 0, 0]]}


@functools.cache
def compiled(algorithm: str) -> SimpleNamespace:
    """Give an agent's programs, which all problems share, and what they are called with."""
    config, n_iterations, iteration_steps, is_continuous = CASES[algorithm]
    env, steps = probe(continuous=is_continuous), n_iterations * iteration_steps
    _, agent, traced, loops, _ = asked(algorithm, env, config | {"gamma": GAMMA}, steps, n_episodes=8)

    def begin(traced):
        return agent.init(streams.key(0), traced, loops)._replace(memory=agent.memory())

    return SimpleNamespace(
        agent=agent,
        traced=traced,
        loops=loops,
        clock=Clock(jnp.int32(0), jnp.int32(n_iterations), jnp.int32(steps)),
        begin=jax.jit(begin, compiler_options=QUICK),
        train=jax.jit(functools.partial(segment, agent)),
        evaluate=jax.jit(agent.evaluate, compiler_options=QUICK),
    )


@functools.cache
def learned(algorithm: str, kind: int) -> tuple[SimpleNamespace, dict, object]:
    """Train on a problem; give the programs, the hyperparameters and the weights."""
    programs = compiled(algorithm)
    traced = programs.traced | {"env.kind": jnp.asarray(moving.encode(float(kind)))}
    state, metrics = programs.train(programs.begin(traced), traced, programs.loops, programs.clock)
    assert metrics["updates"] > 0
    return programs, traced, state.weights


def predicted(algorithm: str, kind: int) -> np.ndarray:
    """Give the value that the agent predicts for the starts of a problem."""
    programs, _, weights = learned(algorithm, kind)
    seen = jnp.asarray(START[kind], jnp.float32)
    if algorithm == "dqn":
        return np.asarray(networks.mlp(weights.online, seen).max(-1))
    if algorithm in ("ppo", "a2c"):
        return np.asarray(actor_critic.forward(weights.model, seen)[1])
    return np.asarray(continuous.q_values(weights.critics, seen, programs.agent.act(weights.actor, seen)).min(0))


def acted(algorithm: str, kind: int) -> np.ndarray:
    """Give what it does at the starts of a problem: 1 and 0, or a number."""
    programs, _, weights = learned(algorithm, kind)
    return np.asarray(programs.agent.act(programs.agent.parameters(weights), jnp.asarray(START[kind], jnp.float32)))


def evaluated(algorithm: str, kind: int) -> dict[str, float]:
    programs, traced, weights = learned(algorithm, kind)
    found = programs.evaluate(weights, traced, programs.loops, jnp.float32(1.0), streams.key(1))
    return {name: float(value) for name, value in found.items()}


@pytest.fixture(params=CASES)
def algorithm(request):
    return request.param


def test_a_constant_reward_is_worth_its_discounted_sum(algorithm):
    assert predicted(algorithm, CONSTANT) == pytest.approx([1 + GAMMA + GAMMA**2], abs=0.1)
    found = evaluated(algorithm, CONSTANT)
    assert (found["return_mean"], found["length_mean"]) == (3, 3)
    assert found["value_error"] < 0.1


def test_a_reward_that_was_shown_is_worth_what_was_shown(algorithm):
    assert predicted(algorithm, SIGN) == pytest.approx([1, -1], abs=0.1)
    assert evaluated(algorithm, SIGN)["value_error"] < 0.1


def test_the_action_that_suits_is_found_and_worth_its_reward(algorithm):
    assert predicted(algorithm, ACTION) == pytest.approx([1, 1], abs=0.1)
    best = [[BEST], [-BEST]] if CASES[algorithm][3] else [1, 0]
    np.testing.assert_allclose(acted(algorithm, ACTION), best, atol=0.15)
    assert evaluated(algorithm, ACTION)["return_mean"] == pytest.approx(1, abs=0.03)


def test_a_reward_that_comes_later_is_credited_to_what_earned_it(algorithm):
    assert predicted(algorithm, CREDIT) == pytest.approx([GAMMA], abs=0.1)
    best = [[BEST]] if CASES[algorithm][3] else [1]
    np.testing.assert_allclose(acted(algorithm, CREDIT), best, atol=0.15)
    found = evaluated(algorithm, CREDIT)
    assert found["return_mean"] == pytest.approx(1, abs=0.03)
    assert found["length_mean"] == 2


def test_a_cut_is_no_end(algorithm):
    assert predicted(algorithm, ENDLESS) == pytest.approx([1 / (1 - GAMMA)], rel=0.05)
    found = evaluated(algorithm, ENDLESS)
    assert (found["return_mean"], found["length_mean"]) == (3, 3)
    assert found["value_error"] < 0.1
