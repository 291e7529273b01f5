"""ERL, evolutionary reinforcement learning: a population that evolves, and a TD3 learner beside it, on one memory.

Whose policy a run is: the champion's, the actor of the population that earned most in the last generation.

Equations have the numbers of `docs/algorithms/erl.md`.

References
----------
Khadka and Tumer (2018), Evolution-guided policy gradient in reinforcement learning.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from typing import Any, NamedTuple, TypeVar

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int, PRNGKeyArray

from rlhp.agents import continuous, moving, networks, off_policy, replay, td3, teams
from rlhp.agents.agent import Agent, Loops, Now, State, Tally, Traced
from rlhp.agents.networks import Layers, Stack
from rlhp.agents.off_policy import INIT
from rlhp.agents.teams import Score
from rlhp.envs import Environment

__all__ = ["LEARNING", "MOST_ENTRANTS", "Weights", "agent", "crossed", "evolved", "mutated", "shapes"]

LEARNING = off_policy.LEARNING
MOST_ENTRANTS = 8
"""Actors that a tournament has room for."""
_EVOLUTION = 5  # name of a random stream of a run
_PARTNER, _TOURNAMENT, _CROSSOVER, _MUTATION, _HAPPENS = range(5)  # and of a generation
Actors = TypeVar("Actors", Layers, Stack)
_RARE = 0.05  # chance that a mutation is a large one, and as much that the weight is drawn anew
_LARGE = 100.0  # how much larger it is


class Weights(NamedTuple):
    """What is learned."""

    learner: td3.Weights
    population: Stack  # the champion first; no layers where the learner is alone


def shapes(config: Mapping[str, Any], env: Environment, steps: int) -> dict[str, Hashable]:
    """Return the static settings that decide the program of a run."""
    return td3.shapes({**config, "n_envs": config["n_actors"]}, env, steps)


def crossed(key: PRNGKeyArray, one: Layers, other: Layers) -> Layers:
    """Return an actor each of whose units, with all that comes into it, is from the one or the other by even chance."""

    def layer(number: int, mine: tuple[Array, Array], yours: tuple[Array, Array]) -> tuple[Array, Array]:
        from_other = jax.random.bernoulli(jax.random.fold_in(key, number), 0.5, mine[1].shape)
        return jnp.where(from_other[None], yours[0], mine[0]), jnp.where(from_other, yours[1], mine[1])

    return [layer(i, *pair) for i, pair in enumerate(zip(one, other, strict=True))]


def mutated(
    key: PRNGKeyArray, actor: Layers, fraction: Float[Array, ""] | float, strength: Float[Array, ""] | float
) -> Layers:
    """Return an actor some of whose weights have changed: mostly by a little, a few by much, a few altogether.

    Parameters
    ----------
    key : PRNGKeyArray
    actor : Layers
        Its biases stay.
    fraction : float
        The largest share of a layer's weights that changes; the share is uniform from 0 to it.
    strength : float
        Deviation of a change, in units of the weight itself.
    """

    def layer(number: int, weights: Array, biases: Array) -> tuple[Array, Array]:
        of_share, of_chosen, of_size = jax.random.split(jax.random.fold_in(key, number), 3)
        share = fraction * jax.random.uniform(of_share)
        place, noise = jax.random.uniform(of_chosen, weights.shape), jax.random.normal(of_size, weights.shape)
        kind = place / share  # of those below one, which are chosen, as even as before
        change = jnp.where(kind < _RARE, _LARGE, 1.0) * strength * jnp.abs(weights) * noise  # eq. (2)
        new = jnp.where((kind >= _RARE) & (kind < 2 * _RARE), noise, weights + change)
        return jnp.where(place < share, new, weights), biases

    return [layer(i, *both) for i, both in enumerate(actor)]


def evolved(
    key: PRNGKeyArray, population: Stack, fitness: Float[Array, " n"], hp: Mapping[str, Array], loops: Loops
) -> Stack:
    """Return the next generation: the elite as it is, the best first, and children of tournaments' winners.

    Parameters
    ----------
    key : PRNGKeyArray
        Of the generation.
    population : Stack
    fitness : float array, shape [n]
        What each has earned; an actor whose fitness is not a number counts as the worst.
    hp, loops : mappings
        The values of the hyperparameters.
    """
    n = len(fitness)
    ranked = jnp.argsort(-jnp.where(jnp.isnan(fitness), -jnp.inf, fitness))
    n_elite = jnp.clip(jnp.round(hp["elite_fraction"] * n), 1, n).astype(jnp.int32)

    def drawn(stream: int, shape: tuple[int, ...], below: Array | int) -> Array:
        return jax.random.randint(jax.random.fold_in(key, stream), shape, 0, below)

    entrants = drawn(_TOURNAMENT, (n, MOST_ENTRANTS), n)  # ranks: the lowest wins
    winner = jnp.where(jnp.arange(MOST_ENTRANTS)[None] < loops["tournament_size"], entrants, n).min(1)  # eq. (1)
    partner = drawn(_PARTNER, (n,), n_elite)
    happens = jax.random.uniform(jax.random.fold_in(key, _HAPPENS), (2, n))

    def child(i: Int[Array, ""]) -> Layers:
        parent, elite = teams.member(population, ranked[winner[i]]), teams.member(population, ranked[partner[i]])
        of_crossover, of_mutation = (
            jax.random.fold_in(jax.random.fold_in(key, stream), i) for stream in (_CROSSOVER, _MUTATION)
        )
        made = _where(happens[0, i] < hp["crossover_probability"], crossed(of_crossover, parent, elite), parent)
        changed = mutated(of_mutation, made, hp["mutation_fraction"], hp["mutation_strength"])
        made = _where(happens[1, i] < hp["mutation_probability"], changed, made)
        return _where(i < n_elite, teams.member(population, ranked[i]), made)

    following: Stack = jax.vmap(child)(jnp.arange(n))
    return following


def _where(condition: Bool[Array, ""], one: Actors, other: Actors) -> Actors:
    chosen: Actors = jax.tree.map(lambda a, b: jnp.where(condition, a, b), one, other)
    return chosen


def agent(env: Environment, shapes: Mapping[str, Any], *, n_episodes: int = 10) -> Agent:
    """Make the agent of an environment with continuous actions.

    Parameters
    ----------
    env : Environment
        Where it acts.
    shapes : mapping
        The static settings, from `shapes`; environment 0 is the learner's.
    n_episodes : int
        Episodes of an evaluation.
    """
    n_envs = shapes["n_envs"]
    features, n_actions = math.prod(env.observation_shape), len(env.action_low or ())

    def init(key: PRNGKeyArray, traced: Traced, loops: Loops) -> State:
        of_weights = jax.random.fold_in(key, INIT)
        learner, optimizer = td3.begin(of_weights, env, shapes["net_arch"])
        widths = [features, *shapes["net_arch"], n_actions]
        others = [networks.uniform(jax.random.fold_in(of_weights, i), widths) for i in range(1, n_envs)]
        population = teams.stacked(others) if others else []
        playing = off_policy.begin(env, key, traced, n_envs)
        zero = jnp.zeros(())
        return State(key, Weights(learner, population), optimizer, (), playing, Tally(zero, jnp.zeros(())))

    def collect(state: State, seen: Score, traced: Traced, loops: Loops, now: Now) -> tuple[State, Score]:
        """Let every actor play a generation; only the learner explores."""
        learner, population = state.weights.learner.actor, state.weights.population
        alone = jax.tree.map(lambda leaf: leaf[None], learner)
        actors = jax.tree.map(lambda a, b: jnp.concatenate([a, b]), alone, population) if population else alone
        return teams.played_generation(env, state, actors, jnp.arange(n_envs) == 0, traced, loops, now)

    def update(state: State, seen: Score, traced: Traced, loops: Loops, now: Now) -> State:
        """Let the population evolve, take the learner's gradient steps, and let it join the population."""
        n = (now.iteration + 1) * loops["train_freq"]
        hp = moving.values(traced, off_policy.progress(n * n_envs, now))
        begun = jnp.asarray(n * n_envs > loops["learning_starts"])
        held = replay.held(n, loops["buffer_size"], shapes["slots"], n_envs)

        def draw(j: Int[Array, ""], *learned: Any) -> off_policy.Total:
            key = off_policy.step_key(state.key, n, j)
            return continuous.drawn(env, state.memory, key, n, held, hp["gamma"], loops, shapes, noises=1)

        def learn(
            j: Int[Array, ""], total: off_policy.Total, weights: td3.Weights, optimizer: td3.Optimizer, tally: Tally
        ) -> tuple[td3.Weights, td3.Optimizer, Tally]:
            weights, optimizer, loss = td3.improve(weights, optimizer, total, hp, loops)
            return weights, optimizer, off_policy.counted(tally, loss)

        learned = state.weights.learner, state.optimizer, state.tally
        learner, optimizer, tally = off_policy.gradient_steps(begun, loops, n_envs, draw, learn, learned)
        population = state.weights.population
        if population:
            population = following(state.key, population, learner.actor, teams.fitness(seen)[1:], hp, loops, now)
        return state._replace(weights=Weights(learner, population), optimizer=optimizer, tally=tally)

    def following(
        key: PRNGKeyArray,
        population: Stack,
        learner: Layers,
        fitness: Float[Array, " n"],
        hp: Mapping[str, Array],
        loops: Loops,
        now: Now,
    ) -> Stack:
        """Return the next generation, the learner in the place of its last child where it is due."""
        # Before learning starts everybody acts at random: nobody is known by what was earned.
        known = now.iteration * loops["train_freq"] * n_envs >= loops["learning_starts"]
        of_generation = jax.random.fold_in(jax.random.fold_in(key, _EVOLUTION), now.iteration)
        population = jax.lax.cond(
            known, lambda: evolved(of_generation, population, fitness, hp, loops), lambda: population
        )
        due = known & ((now.iteration + 1) % loops["injection_interval"] == 0)
        joined = teams.placed(population, -1, learner)  # eq. (3)
        return _where(due, joined, population)

    def champion(weights: Weights) -> Layers:
        return teams.member(weights.population, 0) if weights.population else weights.learner.actor

    def evaluation(
        weights: Weights, traced: Traced, loops: Loops, progress: Array, key: PRNGKeyArray
    ) -> dict[str, Array]:
        hp = moving.values(traced, progress)
        return td3.evaluated(env, champion(weights), weights.learner.critics, hp, key, n_episodes)

    return Agent(
        init=init,
        memory=lambda: replay.empty(env, shapes["slots"], n_envs),
        unseen=lambda: teams.unscored(n_envs),
        collect=collect,
        update=update,
        evaluate=evaluation,
        parameters=champion,
        act=lambda actor, observations: td3.act(env, actor, observations),
    )
