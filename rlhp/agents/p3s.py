"""P3S-TD3, population-guided parallel policy search: TD3 learners on one memory, drawn towards the best of them.

Whose policy a run is: the best learner's, by the mean return of its last episodes.

Equations have the numbers of `docs/algorithms/p3s.md`.

References
----------
Jung, Park and Sung (2020), Population-guided parallel policy search for reinforcement learning.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, PRNGKeyArray

from rlhp.agents import continuous, moving, networks, off_policy, replay, td3, teams
from rlhp.agents.agent import Agent, Loops, Now, State, Tally, Traced
from rlhp.agents.networks import Layers, Stack
from rlhp.agents.off_policy import INIT, STEPS
from rlhp.agents.teams import Recent
from rlhp.envs import Environment
from rlhp.envs.playing import Playing

__all__ = ["LEARNING", "Weights", "adapted", "agent", "distance", "shapes"]

LEARNING = off_policy.LEARNING
_WIDE = 1.5  # how far the distance may be from the one that is wanted
_LEAST, _MOST = 1e-3, 1e3  # beyond which the weight of the guidance is not halved, or doubled, any more
_MEASURE = 5  # name of a random stream of a run


class Weights(NamedTuple):
    """What is learned and estimated."""

    learners: td3.Weights  # a stack
    before: Stack  # their actors when the best was chosen last
    guide: Layers  # the actor that was the best then
    best: Int[Array, ""]
    beta: Float[Array, ""]  # weight of the guidance
    recent: Recent


def shapes(config: Mapping[str, Any], env: Environment, steps: int) -> dict[str, Hashable]:
    """Return the static settings that decide the program of a run."""
    return td3.shapes({**config, "n_envs": config["n_actors"]}, env, steps)


def distance(one: Float[Array, "n actions"], other: Float[Array, "n actions"]) -> Float[Array, " n"]:
    """Return how far actions are apart in each state."""
    return 0.5 * ((one - other) ** 2).sum(-1)  # eq. (1)


def adapted(
    beta: Float[Array, ""],
    to_best: Float[Array, ""],
    changed: Float[Array, ""],
    hp: Mapping[str, Array],
) -> Float[Array, ""]:
    """Return the weight of the guidance: doubled where the team is too far from its best, halved where too near.

    Parameters
    ----------
    beta : float
        Before.
    to_best, changed : float
        Mean distances of the others from the best, and of each from itself one interval before.
    hp : mapping
        `search_ratio` and `search_radius`.
    """
    wanted = jnp.maximum(hp["search_ratio"] * changed, hp["search_radius"])  # eq. (3)
    doubled = jnp.where(beta < _MOST, 2.0 * beta, beta)
    halved = jnp.where(beta > _LEAST, 0.5 * beta, beta)
    return jnp.where(to_best > wanted * _WIDE, doubled, jnp.where(to_best < wanted / _WIDE, halved, beta))  # eq. (4)


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
    n_envs = shapes["n_envs"]
    n_actions, n_dims = len(env.action_low or ()), len(env.observation_shape)

    def init(key: PRNGKeyArray, traced: Traced, loops: Loops) -> State:
        of_weights = jax.random.fold_in(key, INIT)
        keys = [of_weights, *(jax.random.fold_in(of_weights, i) for i in range(1, n_envs))]
        learners, optimizer = teams.stacked([td3.begin(one, env, shapes["net_arch"]) for one in keys])
        # The state is donated: no array may stand in it twice.
        before, guide = jax.tree.map(jnp.copy, (learners.actor, teams.member(learners.actor, 0)))
        beta = moving.values(traced, 0.0)["beta"]
        weights = Weights(learners, before, guide, jnp.int32(0), beta, teams.nothing(n_envs))
        playing = off_policy.begin(env, key, traced, n_envs)
        return State(key, weights, optimizer, (), playing, Tally(jnp.zeros(()), jnp.zeros(())))

    def collect(state: State, seen: Any, traced: Traced, loops: Loops, now: Now) -> tuple[State, Any]:
        """Let every learner play `train_freq` steps into the replay memory."""
        first, slots = now.iteration * loops["train_freq"], state.memory.rows.shape[0]
        actors = state.weights.learners.actor

        def step(
            j: Int[Array, ""], carry: tuple[Playing, replay.Replay, Recent]
        ) -> tuple[Playing, replay.Replay, Recent]:
            playing, memory, recent = carry
            n = first + j  # steps of each environment that were taken before
            key = jax.random.fold_in(jax.random.fold_in(state.key, STEPS), n)
            hp = moving.values(traced, off_policy.progress(n * n_envs, now))
            noise = jax.random.normal(jax.random.fold_in(key, td3.EXPLORE), (n_envs, n_actions))
            greedy = teams.each(actors, networks.flat(playing.observation, n_dims))
            chosen = jnp.clip(greedy + hp["action_noise_std"] * noise, -1.0, 1.0)
            before = playing.running
            playing, memory = continuous.played(env, key, n, playing, memory, chosen, hp, loops)
            reward, ended = replay.outcome(env, memory, n % slots)
            return playing, memory, teams.noted(recent, ended, before + reward)

        begin = state.playing, state.memory, state.weights.recent
        playing, memory, recent = jax.lax.fori_loop(0, loops["train_freq"], step, begin)
        weights = state.weights._replace(recent=recent)
        return state._replace(playing=playing, memory=memory, weights=weights), seen

    def update(state: State, seen: Any, traced: Traced, loops: Loops, now: Now) -> State:
        """Take the gradient steps that are due, of one learner after the other; choose the best when that is due."""
        n = (now.iteration + 1) * loops["train_freq"]
        hp = moving.values(traced, off_policy.progress(n * n_envs, now))
        begun = jnp.asarray(n * n_envs > loops["learning_starts"])
        held = replay.held(n, loops["buffer_size"], shapes["slots"], n_envs)
        guide, best, beta = state.weights.guide, state.weights.best, state.weights.beta
        each_due = off_policy.due(loops, 1)

        def learner(i: Int[Array, ""], carry: tuple[td3.Weights, td3.Optimizer, Tally]) -> tuple[Any, ...]:
            learners, optimizers, tally = carry
            guided = jnp.where(i == best, 0.0, beta)

            def draw(j: Int[Array, ""], *learned: Any) -> off_policy.Total:
                key = off_policy.step_key(state.key, n, i * each_due + j)
                return continuous.drawn(env, state.memory, key, n, held, hp["gamma"], loops, shapes, noises=1)

            def penalty(seen: Array, actions: Array) -> Array:
                return guided * distance(actions, td3.policy(guide, seen))  # eq. (2)

            def learn(
                j: Int[Array, ""], total: off_policy.Total, weights: td3.Weights, optimizer: td3.Optimizer, tally: Tally
            ) -> tuple[td3.Weights, td3.Optimizer, Tally]:
                weights, optimizer, loss = td3.improve(
                    weights, optimizer, total, hp, loops, penalty if n_envs > 1 else None
                )
                return weights, optimizer, off_policy.counted(tally, loss)

            mine = teams.member(learners, i), teams.member(optimizers, i), tally
            weights, optimizer, tally = off_policy.gradient_steps(begun, loops, 1, draw, learn, mine)
            return teams.placed(learners, i, weights), teams.placed(optimizers, i, optimizer), tally

        learned = state.weights.learners, state.optimizer, state.tally
        learners, optimizer, tally = jax.lax.fori_loop(0, n_envs, learner, learned)
        weights = state.weights._replace(learners=learners)
        interval = loops["best_interval"]
        due = n // interval > (n - loops["train_freq"]) // interval

        def choose(weights: Weights) -> Weights:
            key = _of_measure(state.key, n)
            batch = continuous.drawn(env, state.memory, key, n, held, hp["gamma"], loops, shapes, noises=1)
            return chosen(weights, batch, hp)

        weights = jax.lax.cond(due, choose, lambda weights: weights, weights)
        return state._replace(weights=weights, optimizer=optimizer, tally=tally)

    def chosen(weights: Weights, batch: off_policy.Total, hp: Mapping[str, Array]) -> Weights:
        """Adapt the weight of the guidance to what the last interval has led to, and choose the best anew."""
        actors, n_others = weights.learners.actor, max(n_envs - 1, 1)
        other = jnp.where(jnp.arange(n_envs) == weights.best, 0.0, 1.0 / n_others)

        def apart(part: off_policy.Part) -> tuple[Array, Array]:
            seen = part.batch.observation
            best = td3.policy(weights.guide, seen)

            def of_one(actor: Layers, before: Layers) -> tuple[Array, Array]:
                actions = td3.policy(actor, seen)
                return distance(actions, best) @ part.share, distance(actions, td3.policy(before, seen)) @ part.share

            to_best, changed = jax.vmap(of_one)(actors, weights.before)
            return other @ to_best, other @ changed

        beta = adapted(weights.beta, *batch(apart), hp)
        best = jnp.argmax(teams.recent_mean(weights.recent)).astype(jnp.int32)
        return weights._replace(before=actors, guide=teams.member(actors, best), best=best, beta=beta)

    def leader(weights: Weights) -> Layers:
        return teams.member(weights.learners.actor, weights.best)

    def evaluation(
        weights: Weights, traced: Traced, loops: Loops, progress: Array, key: PRNGKeyArray
    ) -> dict[str, Array]:
        critics = teams.member(weights.learners.critics, weights.best)
        return td3.evaluated(env, leader(weights), critics, moving.values(traced, progress), key, n_episodes)

    return Agent(
        init=init,
        memory=lambda: replay.empty(env, shapes["slots"], n_envs),
        unseen=lambda: (),
        collect=collect,
        update=update,
        evaluate=evaluation,
        parameters=leader,
        act=lambda actor, observations: td3.act(env, actor, observations),
    )


def _of_measure(key: PRNGKeyArray, n: Int[Array, ""] | int) -> PRNGKeyArray:
    """Return the random stream of the states in which distances are measured."""
    return jax.random.fold_in(jax.random.fold_in(key, _MEASURE), n)
