"""P3S-TD3: the weight of the guidance follows the distances, and the best is whose episodes earned most."""

from __future__ import annotations

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from rlhp.agents import p3s, streams, td3, teams
from rlhp.agents.agent import Clock, segment
from rlhp.envs import make_jax
from tests.agents.asked import QUICK, asked

HP = {"search_ratio": jnp.float32(2.0), "search_radius": jnp.float32(0.1)}


@pytest.mark.parametrize(
    ("beta", "to_best", "changed", "after"),
    [
        # What is wanted is twice what changed: .4. Beyond .6 and below .267 the weight moves.
        (1.0, 0.61, 0.2, 2.0),
        (1.0, 0.59, 0.2, 1.0),
        (1.0, 0.27, 0.2, 1.0),
        (1.0, 0.26, 0.2, 0.5),
        # Where hardly anything changed it is the radius, .1.
        (4.0, 0.151, 0.0, 8.0),
        (4.0, 0.149, 0.0, 4.0),
        (4.0, 0.066, 0.0, 2.0),
        # And there is an end to it.
        (1024.0, 9.0, 0.2, 1024.0),
        (0.0009, 0.0, 0.2, 0.0009),
    ],
)
def test_the_weight_doubles_where_the_team_is_too_far_from_its_best_and_halves_where_too_near(
    beta, to_best, changed, after
):
    assert float(p3s.adapted(*(jnp.float32(one) for one in (beta, to_best, changed)), HP)) == pytest.approx(after)


def test_the_distance_is_half_the_square():
    one, other = jnp.array([[0.5, 1.0], [0.0, 0.0]]), jnp.array([[-0.5, 1.0], [1.0, -1.0]])
    assert p3s.distance(one, other).tolist() == [0.5, 1.0]


CONFIG = {"n_actors": 3, "batch_size": 16, "net_arch": [8], "learning_starts": 0, "best_interval": 20}
CONFIG |= {"learning_rate": 1e-2, "policy_delay": 1, "action_noise_std": 0.1}


@functools.cache
def programs():
    """Give the agent, its start and its training: all tests share them."""
    agent = asked("p3s", make_jax("Pendulum-v1"), CONFIG, 9_000, n_episodes=2).agent

    @functools.partial(jax.jit, compiler_options=QUICK)
    def begin(traced, loops):
        return agent.init(streams.key(0), traced, loops)._replace(memory=agent.memory())

    return agent, begin, jax.jit(lambda *given: segment(agent, *given)[0], compiler_options=QUICK)


def run(config, count, before=lambda weights: weights):
    _, _, traced, loops, _ = asked("p3s", make_jax("Pendulum-v1"), CONFIG | config, 9_000, n_episodes=2)
    agent, begin, train = programs()
    state = begin(traced, loops)
    state = state._replace(weights=before(state.weights))
    return agent, train(state, traced, loops, Clock(jnp.int32(0), jnp.int32(count), jnp.int32(9_000)))


def test_the_best_is_whose_last_episodes_earned_most_and_is_whose_policy_the_run_is():
    known = jnp.array([[-900.0], [-100.0], [-500.0]]) * jnp.ones((1, teams.WINDOW))
    agent, state = run({}, 45, lambda w: w._replace(recent=teams.Recent(known, jnp.full(3, teams.WINDOW))))
    assert int(state.weights.best) == 1
    leader = jax.tree.leaves(agent.parameters(state.weights))
    for mine, stack in zip(leader, jax.tree.leaves(state.weights.learners.actor), strict=True):
        np.testing.assert_array_equal(mine, stack[1])
    # Chosen at 20 and 40 steps of each: since then learners have moved on, guide and reference have not.
    for guide, before in zip(jax.tree.leaves(state.weights.guide), jax.tree.leaves(state.weights.before), strict=True):
        np.testing.assert_array_equal(guide, before[1])
    assert np.abs(leader[0] - jax.tree.leaves(state.weights.guide)[0]).max() > 1e-4


def test_guidance_draws_the_others_to_the_best_and_leaves_the_best_alone():
    seen = jax.random.normal(jax.random.key(3), (64, 3))

    def apart(beta):
        _, state = run({"beta": beta, "best_interval": 1_000}, 100)
        weights = state.weights
        actors = [teams.member(weights.learners.actor, i) for i in range(3)]
        to_guide = [
            float(p3s.distance(td3.policy(one, seen), td3.policy(weights.guide, seen)).mean()) for one in actors
        ]
        return to_guide, np.asarray(actors[0][0][0])

    (_, *free), best_free = apart(0.0)
    (_, *held), best_held = apart(1_000.0)
    assert max(held) < 0.05 * max(free)
    assert np.isfinite(best_held).all()
    assert np.isfinite(best_free).all()


def test_learners_have_a_step_each_on_batches_of_their_own():
    _, state = run({}, 10)
    assert state.weights.learners.critics[0][0].shape[:2] == (3, 2)
    assert state.optimizer.critics.count.tolist() == [10, 10, 10]
    assert float(state.tally.updates) == 30
    assert int(state.memory.rows.shape[1]) == 3
