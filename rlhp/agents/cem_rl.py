"""CEM-RL: actors drawn from a Gaussian over weights, some of which follow a critic's gradient before they are scored.

Whose policy a run is: the mean's of the Gaussian.

Equations have the numbers of `docs/algorithms/cem_rl.md`.

References
----------
Pourchot and Sigaud (2019), CEM-RL: combining evolutionary and gradient-based methods for policy search.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, PRNGKeyArray

from rlhp.agents import continuous, moving, networks, off_policy, optimizers, replay, td3, teams
from rlhp.agents.agent import Agent, Loops, Now, State, Tally, Traced
from rlhp.agents.networks import Layers, Stack, Twins
from rlhp.agents.off_policy import INIT
from rlhp.agents.teams import Score
from rlhp.envs import Environment

__all__ = ["LEARNING", "Gaussian", "Weights", "agent", "drawn", "rank_weights", "shapes", "told"]

LEARNING = off_policy.LEARNING
_DRAWS = 5  # name of a random stream of a run


class Gaussian(NamedTuple):
    """Where actors are drawn from: independent weights."""

    mean: Layers
    variance: Layers
    damping: Float[Array, ""]  # added to every variance


class Weights(NamedTuple):
    """What is learned."""

    actors: Stack  # the first of them follow the gradient
    actor_targets: Stack  # of those
    critics: Twins
    critics_target: Twins
    gaussian: Gaussian


def shapes(config: Mapping[str, Any], env: Environment, steps: int) -> dict[str, Hashable]:
    """Return the static settings that decide the program of a run; `n_gradient` actors follow the gradient."""
    n_actors, asked = int(config["n_actors"]), config["n_gradient_actors"]
    n_gradient = max(1, n_actors // 2) if asked is None else min(int(asked), n_actors)
    return {**td3.shapes({**config, "n_envs": n_actors}, env, steps), "n_gradient": n_gradient}


def rank_weights(n: int, parents: Int[Array, ""] | int) -> Float[Array, " n"]:
    """Return what each of n actors weighs, the best first: with p parents log((1 + p) / rank), and they sum to one.

    Examples
    --------
    >>> [round(float(weight), 3) for weight in rank_weights(4, 2)]
    [0.73, 0.27, 0.0, 0.0]
    """
    rank = jnp.arange(1, n + 1)
    raw = jnp.where(rank <= parents, jnp.log((1.0 + parents) / rank), 0.0)  # eq. (1)
    return raw / raw.sum()


def told(
    gaussian: Gaussian, actors: Stack, fitness: Float[Array, " n"], hp: Mapping[str, Array], loops: Loops
) -> Gaussian:
    """Return the Gaussian after its actors were scored.

    Parameters
    ----------
    gaussian : Gaussian
        From which they were drawn.
    actors : Stack
        As they were scored: after their gradient steps.
    fitness : float array, shape [n]
        An actor whose fitness is not a number counts as the worst.
    hp, loops : mappings
        The values of the hyperparameters.
    """
    n = len(fitness)
    ranked = jnp.argsort(-jnp.where(jnp.isnan(fitness), -jnp.inf, fitness))
    share = jnp.zeros(n).at[ranked].set(rank_weights(n, loops["n_parents"]))
    damping = hp["damping_decay"] * gaussian.damping + (1.0 - hp["damping_decay"]) * hp["damping_final"]  # eq. (4)

    def averaged(leaf: Array) -> Array:
        # Where the share is zero the weights may be anything, infinite too.
        counted = jnp.where(share.reshape(-1, *(1,) * (leaf.ndim - 1)) > 0, leaf, 0.0)
        return jnp.tensordot(share, counted, 1)

    mean = jax.tree.map(averaged, actors)  # eq. (2)
    variance = jax.tree.map(
        lambda leaf, old: averaged((leaf - old[None]) ** 2) + damping, actors, gaussian.mean
    )  # eq. (3)
    return Gaussian(mean, variance, damping)


def drawn(key: PRNGKeyArray, gaussian: Gaussian, n: int) -> Stack:
    """Draw n actors."""
    means, structure = jax.tree.flatten(gaussian.mean)
    spreads = [jnp.sqrt(leaf) for leaf in jax.tree.leaves(gaussian.variance)]
    noise = [jax.random.normal(jax.random.fold_in(key, i), (n, *leaf.shape)) for i, leaf in enumerate(means)]
    made = [mean[None] + spread[None] * one for mean, spread, one in zip(means, spreads, noise, strict=True)]
    actors: Stack = jax.tree.unflatten(structure, made)
    return actors


def _followers(actors: Stack, n: int) -> Stack:
    """Return the first n actors of a stack: those that follow the gradient."""
    first: Stack = jax.tree.map(lambda leaf: leaf[:n], actors)
    return first


def _moments(actors: Stack) -> optimizers.Moments:
    """Return Adam's moments of a stack of actors before the first step."""
    moments: optimizers.Moments = jax.vmap(optimizers.begin)(actors)
    return moments


def agent(env: Environment, shapes: Mapping[str, Any], *, n_episodes: int = 10) -> Agent:
    """Make the agent of an environment with continuous actions.

    Parameters
    ----------
    env : Environment
        Where it acts.
    shapes : mapping
        The static settings, from `shapes`.
    n_episodes : int
        Episodes of an evaluation.
    """
    n_envs, n_gradient = shapes["n_envs"], shapes["n_gradient"]

    def init(key: PRNGKeyArray, traced: Traced, loops: Loops) -> State:
        hp = moving.values(traced, 0.0)
        (mean, _, critics, critics_target), optimizer = td3.begin(
            jax.random.fold_in(key, INIT), env, shapes["net_arch"]
        )
        variance = jax.tree.map(lambda leaf: jnp.zeros_like(leaf) + hp["sigma_init"], mean)
        gaussian = Gaussian(mean, variance, hp["damping"])
        # An actor that is alone is compared with nobody: it is not drawn, and goes on.
        alone = jax.tree.map(lambda leaf: jnp.copy(leaf)[None], mean)
        actors = drawn(_of_draws(key, 0), gaussian, n_envs) if n_envs > 1 else alone
        targets = jax.tree.map(jnp.copy, _followers(actors, n_gradient))
        weights = Weights(actors, targets, critics, critics_target, gaussian)
        moments = td3.Optimizer(_moments(targets), optimizer.critics)
        playing = off_policy.begin(env, key, traced, n_envs)
        return State(key, weights, moments, (), playing, Tally(jnp.zeros(()), jnp.zeros(())))

    def collect(state: State, seen: Score, traced: Traced, loops: Loops, now: Now) -> tuple[State, Score]:
        """Let every actor play a generation."""
        noisy = jnp.full(n_envs, True)
        return teams.played_generation(env, state, state.weights.actors, noisy, traced, loops, now)

    def update(state: State, seen: Score, traced: Traced, loops: Loops, now: Now) -> State:
        """Move the Gaussian, draw the next generation, and let some of it follow the gradient."""
        n = (now.iteration + 1) * loops["train_freq"]
        hp = moving.values(traced, off_policy.progress(n * n_envs, now))
        begun = jnp.asarray(n * n_envs > loops["learning_starts"])
        held = replay.held(n, loops["buffer_size"], shapes["slots"], n_envs)
        weights, optimizer = state.weights, state.optimizer
        if n_envs > 1:
            # Before learning starts everybody acts at random: nobody is known by what was earned.
            known = now.iteration * loops["train_freq"] * n_envs >= loops["learning_starts"]
            weights, optimizer = jax.lax.cond(
                known,
                lambda weights, optimizer: following(state.key, weights, optimizer, seen, hp, loops, now),
                lambda *kept: kept,
                *(weights, optimizer),
            )

        def draw(j: Int[Array, ""], *learned: Any) -> off_policy.Total:
            key = off_policy.step_key(state.key, n, j)
            return continuous.drawn(env, state.memory, key, n, held, hp["gamma"], loops, shapes, noises=1)

        def learn(
            j: Int[Array, ""], total: off_policy.Total, weights: Weights, optimizer: td3.Optimizer, tally: Tally
        ) -> tuple[Weights, td3.Optimizer, Tally]:
            weights, optimizer, loss = improve(weights, optimizer, total, hp, loops)
            return weights, optimizer, off_policy.counted(tally, loss)

        learned = off_policy.gradient_steps(begun, loops, n_envs, draw, learn, (weights, optimizer, state.tally))
        return state._replace(weights=learned[0], optimizer=learned[1], tally=learned[2])

    def following(
        key: PRNGKeyArray,
        weights: Weights,
        optimizer: td3.Optimizer,
        score: Score,
        hp: Mapping[str, Array],
        loops: Loops,
        now: Now,
    ) -> tuple[Weights, td3.Optimizer]:
        """Return the next generation; those that follow the gradient begin with themselves as targets, and afresh."""
        gaussian = told(weights.gaussian, weights.actors, teams.fitness(score), hp, loops)
        actors = drawn(_of_draws(key, now.iteration + 1), gaussian, n_envs)
        targets = _followers(actors, n_gradient)
        weights = weights._replace(actors=actors, actor_targets=targets, gaussian=gaussian)
        return weights, optimizer._replace(actor=_moments(targets))

    def improve(
        weights: Weights, optimizer: td3.Optimizer, total: off_policy.Total, hp: Mapping[str, Array], loops: Loops
    ) -> tuple[Weights, td3.Optimizer, Float[Array, ""]]:
        """Take a step of the critics towards the policy of one actor, in turn, and, when due, of all that follow."""
        actors, targets, critics, critics_target, gaussian = weights
        turn = optimizer.critics.count % n_gradient
        critics, critics_moments, loss = td3.learn_critics(  # eq. (5)
            critics, critics_target, teams.member(targets, turn), optimizer.critics, total, hp
        )

        def delayed(
            actors: Stack, moments: optimizers.Moments, targets: Stack, critics_target: Twins
        ) -> tuple[Any, ...]:
            def moved(actor: Layers, moments: optimizers.Moments) -> tuple[Layers, optimizers.Moments]:
                gradients = td3.actor_gradient(actor, critics, total)
                return optimizers.step(actor, gradients, moments, off_policy.ADAM, hp["learning_rate"])

            followers, moments = jax.vmap(moved)(_followers(actors, n_gradient), moments)  # eq. (6)
            actors = jax.tree.map(lambda leaf, new: leaf.at[:n_gradient].set(new), actors, followers)
            targets = networks.follow(targets, followers, hp["tau"])
            return actors, moments, targets, networks.follow(critics_target, critics, hp["tau"])

        actors, moments, targets, critics_target = jax.lax.cond(
            critics_moments.count % loops["policy_delay"] == 0,
            delayed,
            lambda *kept: kept,
            *(actors, optimizer.actor, targets, critics_target),
        )
        weights = Weights(actors, targets, critics, critics_target, gaussian)
        return weights, td3.Optimizer(moments, critics_moments), loss

    def center(weights: Weights) -> Layers:
        return weights.gaussian.mean if n_envs > 1 else teams.member(weights.actors, 0)

    def evaluation(
        weights: Weights, traced: Traced, loops: Loops, progress: Array, key: PRNGKeyArray
    ) -> dict[str, Array]:
        hp = moving.values(traced, progress)
        return td3.evaluated(env, center(weights), weights.critics, hp, key, n_episodes)

    return Agent(
        init=init,
        memory=lambda: replay.empty(env, shapes["slots"], n_envs),
        unseen=lambda: teams.unscored(n_envs),
        collect=collect,
        update=update,
        evaluate=evaluation,
        parameters=center,
        act=lambda actor, observations: td3.act(env, actor, observations),
    )


def _of_draws(key: PRNGKeyArray, generation: Int[Array, ""] | int) -> PRNGKeyArray:
    """Return the random stream that a generation is drawn by."""
    return jax.random.fold_in(jax.random.fold_in(key, _DRAWS), generation)
