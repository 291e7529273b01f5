"""ERL: selection, crossover and mutation on cases done by hand, and the learner joins its population."""

from __future__ import annotations

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from rlhp.agents import erl, networks, streams, teams
from rlhp.agents.agent import Clock, segment
from rlhp.envs import make_jax
from tests.agents.asked import QUICK, asked

STILL = {"elite_fraction": 0.2, "crossover_probability": 0.0, "mutation_probability": 0.0}
STILL = {name: jnp.float32(value) for name, value in (STILL | {"mutation_fraction": 0, "mutation_strength": 0}).items()}
N, MOST = 10, 300


def marked(n=N):
    """Give a population whose actor i has i in all its weights, and -i in its biases."""
    return teams.stacked([[(jnp.full((3, 4), float(i)), jnp.full(4, -float(i)))] for i in range(n)])


@functools.partial(jax.jit, compiler_options=QUICK)
def _evolved(keys, population, fitness, hp, loops):
    return jax.vmap(lambda key: erl.evolved(key, population, fitness, hp, loops))(keys)


def evolved(n_draws, hp=STILL, size=3, fitness=None):
    """Let the marked population evolve, by many draws; give weights [draws, n, 3, 4] and biases."""
    fitness = jnp.arange(float(N)) if fitness is None else fitness
    keys = jax.random.split(jax.random.key(0), MOST)
    (both,) = _evolved(keys, marked(), fitness, hp, {"tournament_size": jnp.int32(size)})
    return tuple(np.asarray(one)[:n_draws] for one in both)


def test_the_elite_stays_as_it_is_and_the_best_stands_first():
    fitness = jnp.array([3.0, jnp.nan, 9.0, 1.0, 8.0, 0.0, -1.0, 2.0, -3.0, -9.0])
    weights, biases = evolved(100, fitness=fitness)
    assert (weights[:, :2] == np.array([2, 4])[None, :, None, None]).all(), "the two best of ten"
    np.testing.assert_array_equal(weights[:, :, 0], -biases)
    # What is not a number is the worst: it wins no tournament but against itself, one in a thousand.
    assert (weights[:, 2:, 0, 0] == 1).sum() <= 6


def test_the_share_of_tournaments_won_is_the_chance_to_be_the_best_of_three():
    won = evolved(300)[0][:, 2:, 0, 0].ravel()
    rank = N - 1 - won  # fitness rises with the number
    for r in range(N):
        chance = ((N - r) ** 3 - (N - r - 1) ** 3) / N**3
        assert (rank == r).mean() == pytest.approx(chance, abs=4 * np.sqrt(chance * (1 - chance) / len(won)) + 1e-3)
    alone = evolved(100, size=1)[0][:, 2:, 0, 0].ravel()
    assert np.bincount(alone.astype(int), minlength=N).min() > 40, "without a contest everybody has the same chance"


def test_crossover_takes_whole_units():
    one, other = (teams.member(marked(), i) for i in (3, 5))
    (weights, biases), *_ = erl.crossed(jax.random.key(1), one, other)
    assert set(np.unique(weights)) == {3, 5}
    np.testing.assert_array_equal(weights, np.broadcast_to(-np.asarray(biases), (3, 4)))
    drawn = jax.vmap(lambda key: erl.crossed(key, one, other)[0][1])(jax.random.split(jax.random.key(0), 200))
    assert (drawn == -5).mean() == pytest.approx(0.5, abs=0.08)


def test_crossover_is_with_the_elite():
    weights, _ = evolved(10, STILL | {"crossover_probability": jnp.float32(1.0)})
    children = weights[:, 2:].reshape(-1, 3, 4)
    assert (children == children[:, :1]).all(), "a unit has all its weights from one parent"
    mixed = [set(np.unique(child)) for child in children if len(np.unique(child)) == 2]
    assert mixed
    assert all(parents & {8, 9} for parents in mixed)


def test_mutation_changes_a_share_of_the_weights_by_a_share_of_themselves():
    actor = [(jnp.full((200, 100), 2.0), jnp.full(100, 3.0))]
    (weights, biases), *_ = erl.mutated(jax.random.key(0), actor, 1.0, 0.1)
    np.testing.assert_array_equal(biases, 3.0)
    change = np.asarray(weights).ravel() - 2.0
    share = (change != 0).mean()
    assert 0 < share < 1
    small = change[(change != 0) & (np.abs(change) < 0.8)]
    assert small.std() == pytest.approx(0.2, rel=0.1)
    large = (np.abs(change) > 3.5) & (change != 0)  # of a deviation of 20, all but one in seven
    assert large.sum() / (change != 0).sum() == pytest.approx(0.05 * 0.86, abs=0.012)
    keys = jax.random.split(jax.random.key(0), 60)
    shares = jax.vmap(lambda key: (erl.mutated(key, actor, 0.4, 0.1)[0][0] != 2.0).mean())(keys)
    assert np.max(shares) < 0.42
    assert np.mean(shares) == pytest.approx(0.2, abs=0.05)
    kept = erl.mutated(jax.random.key(0), actor, 0.0, 0.1)
    np.testing.assert_array_equal(kept[0][0], actor[0][0])


def test_what_is_never_to_happen_never_happens():
    hp = STILL | {name: jnp.float32(1.0) for name in ("mutation_fraction", "mutation_strength")}
    assert set(np.unique(evolved(1, hp)[0])) <= set(range(N))
    changed = evolved(1, hp | {"mutation_probability": jnp.float32(1.0)})[0][0]
    assert set(np.unique(changed[:2])) == {8, 9}, "and the elite never changes"
    assert not set(np.unique(changed[2:])) <= set(range(N))


def test_the_learner_joins_in_the_last_place_when_that_is_due():
    config = {"n_actors": 4, "train_freq": 5, "batch_size": 8, "net_arch": [8], "learning_starts": 0}
    config |= {"injection_interval": 2, "gradient_steps": 2, "action_noise_std": 0.1}
    _, agent, traced, loops, _ = asked("erl", make_jax("Pendulum-v1"), config, 200, n_episodes=2)
    step = jax.jit(lambda *given: segment(agent, *given)[0], compiler_options=QUICK)
    state = agent.init(streams.key(0), traced, loops)._replace(memory=agent.memory())
    joined = []
    for first in range(4):
        state = step(state, traced, loops, Clock(*(jnp.int32(one) for one in (first, 1, 200))))
        learner, last = state.weights.learner.actor, teams.member(state.weights.population, -1)
        joined.append(all(np.array_equal(a, b) for a, b in zip(*map(jax.tree.leaves, (learner, last)), strict=True)))
    assert joined == [False, True, False, True]
    champion = agent.parameters(state.weights)
    first = teams.member(state.weights.population, 0)
    for a, b in zip(jax.tree.leaves(champion), jax.tree.leaves(first), strict=True):
        np.testing.assert_array_equal(a, b)
    assert networks.mlp(champion, jnp.zeros((1, 3))).shape == (1, 1)
