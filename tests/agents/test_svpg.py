"""SVPG: Stein's direction against its formula, term by term, the bandwidth by hand, and policies that part."""

from __future__ import annotations

import functools
import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.flatten_util import ravel_pytree

from rlhp.agents import distributions, streams, svpg, teams
from rlhp.agents.actor_critic import initial
from rlhp.agents.agent import Clock, segment
from rlhp.envs import make_jax
from tests.agents.asked import QUICK, asked


def direct(particles, scores):
    """Stein's direction by its formula, with derivatives of the kernel taken by JAX."""
    n = len(particles)
    pairs = [np.sum((particles[i] - particles[j]) ** 2) for i in range(n) for j in range(i)]
    width = np.median(pairs) / math.log(n + 1)

    def kernel(one, other):
        return jnp.exp(-jnp.sum((one - other) ** 2) / width)

    return [
        np.mean(
            [
                kernel(particles[j], particles[i]) * scores[j] + jax.grad(kernel)(particles[j], particles[i])
                for j in range(n)
            ],
            axis=0,
        )
        for i in range(n)
    ]


def test_the_direction_is_the_formula():
    particles = jax.random.normal(jax.random.key(0), (5, 7))
    scores = jax.random.normal(jax.random.key(1), (5, 7))
    np.testing.assert_allclose(svpg.stein(particles, scores), direct(particles, scores), rtol=1e-4, atol=1e-6)


def test_two_particles_by_hand():
    # The squared distance is 4, so the bandwidth is 4 / log 3 and the kernel 1 / 3.
    particles, scores = jnp.array([[0.0], [2.0]]), jnp.array([[1.0], [5.0]])
    pull, push = 1 / 3, 2 * math.log(3) / 4 * (1 / 3) * 2  # grad k is 2 (2 - 0) k / h, away from the other
    expected = [[(1 + 5 * pull - push) / 2], [(5 + 1 * pull + push) / 2]]
    np.testing.assert_allclose(svpg.stein(particles, scores), expected, rtol=1e-6)


def test_a_particle_alone_follows_its_own_gradient_over_the_temperature():
    gradient = jnp.array([[3.0, -2.0, 0.5]])
    np.testing.assert_array_equal(svpg.stein(jnp.array([[1.0, 5.0, -4.0]]), gradient / 10.0), gradient / 10.0)


def test_particles_in_one_place_share_their_gradients_and_are_not_pushed():
    scores = jnp.array([[1.0, 0.0], [3.0, 2.0]])
    np.testing.assert_allclose(svpg.stein(jnp.ones((2, 2)), scores), [[2.0, 1.0]] * 2, rtol=1e-6)


def test_the_bandwidth_is_the_median_of_pairs_and_not_of_particles_with_themselves():
    squared = jnp.array([[0.0, 1.0, 9.0], [1.0, 0.0, 4.0], [9.0, 4.0, 0.0]])
    assert float(svpg.bandwidth(squared)) == pytest.approx(4 / math.log(4))
    assert float(svpg.bandwidth(jnp.zeros((1, 1)))) == 1
    assert float(svpg.bandwidth(jnp.zeros((3, 3)))) == 1


def test_squared_distances():
    points = jnp.array([[0.0, 0.0], [3.0, 4.0], [3.0, 0.0]])
    assert svpg.squared_distances(points).tolist() == [[0, 25, 9], [25, 0, 16], [9, 16, 0]]


def test_the_policys_weights_are_all_but_the_values():
    model = initial(jax.random.key(0), 3, [4], distributions.of(make_jax("Pendulum-v1")))
    row = svpg.policy_weights(model)
    of_policy = ravel_pytree(model)[1](row)
    assert [leaf[0].min() for leaf in of_policy.hidden[0]] == [1, 1]
    assert [leaf[1].max() for leaf in of_policy.hidden[0]] == [0, 0]
    assert float(row.sum()) == 3 * 4 + 4 + 4 + 1 + 1  # hidden layer, output, and log of the deviation
    assert (float(of_policy.value[0].sum()), float(of_policy.log_std[0])) == (0, 1)


CONFIG = {"n_actors": 3, "n_envs": 2, "n_steps": 6, "net_arch": [8], "learning_rate": 1e-2}


@functools.cache
def programs():
    """Give the agent, and a run of it: all tests share them."""
    agent = asked("svpg", make_jax("CartPole-v1"), CONFIG, 10_000, n_episodes=2).agent

    @functools.partial(jax.jit, compiler_options=QUICK)
    def run(traced, loops, count):
        begun = agent.init(streams.key(0), traced, loops)
        return begun, segment(agent, begun, traced, loops, Clock(jnp.int32(0), count, jnp.int32(10_000)))[0]

    return agent, run


def trained(count, **config):
    _, _, traced, loops, _ = asked("svpg", make_jax("CartPole-v1"), CONFIG | config, 10_000, n_episodes=2)
    agent, run = programs()
    return agent, *run(traced, loops, jnp.int32(count))


def test_the_run_is_the_agent_that_earned_most():
    agent, begun, state = trained(60)
    assert (state.weights.recent.count > 0).all()
    best = int(np.argmax(teams.recent_mean(state.weights.recent)))
    model, _ = agent.parameters(state.weights)
    np.testing.assert_array_equal(model.policy[0], state.weights.models.policy[0][best])
    assert float(state.tally.updates) == 180
    first = begun.weights.models.policy[0]
    assert len({float(one.sum()) for one in first}) == 3, "each begins with weights of its own"


def test_the_hotter_the_further_apart():
    def apart(temperature):
        _, _, state = trained(100, temperature=temperature)
        rows = jax.vmap(lambda model: ravel_pytree(model)[0])(state.weights.models)
        row = svpg.policy_weights(teams.member(state.weights.models, 0))
        return float(svpg.squared_distances(rows * row[None])[jnp.triu_indices(3, 1)].mean())

    assert apart(1e4) > 1.2 * apart(1e-2)
