"""CEM-RL: the Gaussian moves as worked out by hand, and part of what is drawn follows the gradient."""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from rlhp.agents import cem_rl, streams, teams
from rlhp.agents.agent import Clock, segment
from rlhp.envs import make_jax
from tests.agents.asked import QUICK, asked

HP = {"damping_decay": jnp.float32(0.5), "damping_final": jnp.float32(0.2)}
TWO = {"n_parents": jnp.int32(2)}
FIRST, SECOND = math.log(3) / math.log(4.5), math.log(1.5) / math.log(4.5)  # log(3/1) and log(3/2) over their sum


def gaussian(mean=1.0, variance=0.3, damping=0.6):
    layers = [(jnp.full((2, 3), mean), jnp.full(3, mean))]
    return cem_rl.Gaussian(
        layers, jax.tree.map(lambda leaf: jnp.full_like(leaf, variance), layers), jnp.float32(damping)
    )


def actors(values):
    return teams.stacked([[(jnp.full((2, 3), value), jnp.full(3, value))] for value in values])


def test_weights_fall_with_the_rank_and_sum_to_one():
    np.testing.assert_allclose(cem_rl.rank_weights(4, 2), [FIRST, SECOND, 0, 0], rtol=1e-6)
    five = np.log(6 / np.arange(1, 6))
    np.testing.assert_allclose(cem_rl.rank_weights(10, 5), [*five / five.sum(), *[0] * 5], rtol=1e-6)
    assert cem_rl.rank_weights(3, 1).tolist() == [1, 0, 0]


def test_the_gaussian_moves_to_its_best_and_is_as_wide_as_they_were_apart_from_its_mean():
    after = cem_rl.told(gaussian(), actors([5.0, 2.0, 4.0]), jnp.array([-7.0, -1.0, -3.0]), HP, TWO)
    np.testing.assert_allclose(after.mean[0][0], FIRST * 2 + SECOND * 4, rtol=1e-6)
    np.testing.assert_allclose(after.mean[0][1], FIRST * 2 + SECOND * 4, rtol=1e-6)
    # About the old mean, which is 1; the damping has gone half of the way from .6 to .2.
    np.testing.assert_allclose(after.variance[0][0], FIRST * 1 + SECOND * 9 + 0.4, rtol=1e-6)
    assert float(after.damping) == pytest.approx(0.4)


def test_an_actor_that_broke_is_no_parent():
    values, fitness = [2.0, jnp.inf, 4.0], jnp.array([-1.0, jnp.nan, -3.0])
    after = cem_rl.told(gaussian(), actors(values), fitness, HP, TWO)
    np.testing.assert_allclose(after.mean[0][0], FIRST * 2 + SECOND * 4, rtol=1e-6)
    assert np.isfinite(after.variance[0][0]).all()


def test_actors_are_drawn_from_the_gaussian():
    drawn = cem_rl.drawn(jax.random.key(0), gaussian(), 4_000)[0][0]
    assert drawn.shape == (4_000, 2, 3)
    np.testing.assert_allclose(drawn.mean(0), 1.0, atol=0.05)
    np.testing.assert_allclose(drawn.var(0), 0.3, atol=0.03)
    apart = np.corrcoef(np.asarray(drawn).reshape(4_000, -1).T) - np.eye(6)
    assert np.abs(apart).max() < 0.07


@pytest.mark.parametrize(("n_actors", "asked_for", "n"), [(10, None, 5), (1, None, 1), (3, None, 1), (4, 9, 4)])
def test_half_of_the_actors_follow_the_gradient_or_as_many_as_asked_for(n_actors, asked_for, n):
    config = {"n_actors": n_actors, "n_gradient_actors": asked_for, "n_envs": 1, "batch_size": 8, "buffer_size": 64}
    found = cem_rl.shapes(config | {"net_arch": [8]}, make_jax("Pendulum-v1"), 100)
    assert (found["n_gradient"], found["n_envs"]) == (n, n_actors)


def test_a_generation_is_drawn_and_its_followers_go_on_by_gradient():
    config = {"n_actors": 4, "train_freq": 5, "batch_size": 8, "net_arch": [8], "learning_starts": 20}
    config |= {"gradient_steps": 4, "policy_delay": 1, "n_parents": 2}
    _, agent, traced, loops, _ = asked("cem_rl", make_jax("Pendulum-v1"), config, 200, n_episodes=2)
    step = jax.jit(lambda *given: segment(agent, *given)[0], compiler_options=QUICK)
    state = agent.init(streams.key(0), traced, loops)._replace(memory=agent.memory())
    before = jax.tree.map(np.asarray, state.weights)
    # The first generation acts at random: nobody is known by what it earned, and nothing is learned.
    state = step(state, traced, loops, Clock(*(jnp.int32(one) for one in (0, 1, 200))))
    for old, new in zip(jax.tree.leaves(before.actors), jax.tree.leaves(state.weights.actors), strict=True):
        np.testing.assert_array_equal(old, new)
    played = jax.tree.map(np.asarray, state.weights)
    state = step(state, traced, loops, Clock(*(jnp.int32(one) for one in (1, 1, 200))))
    weights = jax.tree.map(np.asarray, state.weights)
    assert (state.optimizer.actor.count == 4).all(), "begun afresh, and four steps since"
    assert int(state.optimizer.critics.count) == 4
    drawn = cem_rl.drawn(cem_rl._of_draws(state.key, 2), weights.gaussian, 4)
    for stack, fresh in zip(jax.tree.leaves(weights.actors), jax.tree.leaves(drawn), strict=True):
        np.testing.assert_allclose(stack[2:], fresh[2:], rtol=1e-5, atol=1e-6)  # the others are as they were drawn
        assert np.abs(stack[:2] - fresh[:2]).max() > 1e-4
    # The policy of the run is the mean: of two of the four that played.
    mean = np.asarray(jax.tree.leaves(agent.parameters(state.weights))[0])
    parents = [FIRST * a + SECOND * b for a in played.actors[0][0] for b in played.actors[0][0]]
    assert min(np.abs(mean - pair).max() for pair in parents) < 1e-6
