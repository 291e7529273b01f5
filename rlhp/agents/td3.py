"""TD3, the deterministic policy gradient with twin critics and a delayed actor, as stable-baselines3 has it.

Equations have the numbers of `docs/algorithms/td3.md`.

References
----------
Fujimoto, van Hoof and Meger (2018), Addressing function approximation error in actor-critic methods.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, PRNGKeyArray

from rlhp.agents import continuous, moving, networks, off_policy, optimizers, replay
from rlhp.agents.agent import Agent, Loops, Now, State, Tally, Traced
from rlhp.agents.evaluating import evaluate
from rlhp.agents.networks import Layers, Twins
from rlhp.agents.off_policy import INIT, STEPS
from rlhp.envs import Environment
from rlhp.envs.playing import Playing

__all__ = [
    "EXPLORE",
    "LEARNING",
    "Optimizer",
    "Penalty",
    "Weights",
    "act",
    "actor_gradient",
    "agent",
    "begin",
    "evaluated",
    "improve",
    "learn_critics",
    "policy",
    "shapes",
]

LEARNING = off_policy.LEARNING
Penalty = Callable[[Float[Array, "n features"], Float[Array, "n actions"]], Float[Array, " n"]]
"""What may be added to an actor's loss: ``penalty(observations, actions)`` of each state."""
EXPLORE = 0
"""Name of the random stream of a step that is the algorithm's own."""


class Weights(NamedTuple):
    """What is learned."""

    actor: Layers
    actor_target: Layers
    critics: Twins
    critics_target: Twins


class Optimizer(NamedTuple):
    """Adam's moments."""

    actor: optimizers.Moments
    critics: optimizers.Moments


def shapes(config: Mapping[str, Any], env: Environment, steps: int) -> dict[str, Hashable]:
    """Return the static settings that decide the program of a run."""
    return off_policy.shapes(config, env, steps, (400, 300))


def policy(actor: Layers, observations: Float[Array, "n features"]) -> Float[Array, "n actions"]:
    """Return the greedy actions, in [-1, 1]."""
    return jnp.tanh(networks.mlp(actor, observations))


def learn_critics(
    critics: Twins,
    critics_target: Twins,
    actor_target: Layers,
    moments: optimizers.Moments,
    total: off_policy.Total,
    hp: Mapping[str, Array],
) -> tuple[Twins, optimizers.Moments, Float[Array, ""]]:
    """Take a gradient step of the critics towards what the target networks promise; give their loss besides."""
    clip = hp["target_noise_clip"]

    def gradient(part: off_policy.Part) -> tuple[Array, Twins]:
        batch = part.batch
        smoothing = jnp.clip(hp["target_policy_noise"] * part.noise[0], -clip, clip)
        actions = jnp.clip(policy(actor_target, batch.next_observation) + smoothing, -1.0, 1.0)  # eq. (1)
        next_value = continuous.q_values(critics_target, batch.next_observation, actions).min(0)
        # Rewards are summed over n steps while gathering; the discount is zero where the episode terminated.
        target = batch.reward + batch.discount * next_value  # eq. (2)

        def loss(layers: Twins) -> Array:
            errors = continuous.q_values(layers, batch.observation, batch.action) - target[None]
            return (part.share[None] * errors**2).sum()  # eq. (3)

        return jax.value_and_grad(loss)(critics)

    loss, gradients = total(gradient)
    critics, moments = optimizers.step(critics, gradients, moments, off_policy.ADAM, hp["learning_rate"])
    return critics, moments, loss


def actor_gradient(actor: Layers, critics: Twins, total: off_policy.Total, penalty: Penalty | None = None) -> Layers:
    """Return the gradient of the actor's loss: what the first critic says against it, and a penalty on top."""
    first = jax.tree.map(lambda leaf: leaf[0], critics)

    def gradient(part: off_policy.Part) -> Layers:
        seen = part.batch.observation

        def loss(actor: Layers) -> Array:
            actions = policy(actor, seen)
            values = networks.mlp(first, jnp.concatenate([seen, actions], -1))[:, 0]
            lost = -values @ part.share  # eq. (4)
            return lost if penalty is None else lost + penalty(seen, actions) @ part.share

        gradients: Layers = jax.grad(loss)(actor)
        return gradients

    summed: Layers = total(gradient)
    return summed


def improve(
    weights: Weights,
    optimizer: Optimizer,
    total: off_policy.Total,
    hp: Mapping[str, Array],
    loops: Loops,
    penalty: Penalty | None = None,
) -> tuple[Weights, Optimizer, Float[Array, ""]]:
    """Take one gradient step on a batch.

    Parameters
    ----------
    weights, optimizer : Weights, Optimizer
        Before the step.
    total : callable
        The sum over the parts of the batch; actions in [-1, 1], noise [1, tile, actions] for the smoothing of the
        target policy.
    hp : mapping
        The values of the traced hyperparameters.
    loops : mapping
        With every `policy_delay`-th step that was ever taken, the actor and the targets move.
    penalty : callable, optional
        ``penalty(observations, actions) -> [n]``: added to the actor's loss in each state.

    Returns
    -------
    tuple of (Weights, Optimizer, float)
        After the step, and the critics' loss.
    """
    critics, critics_moments, loss = learn_critics(
        weights.critics, weights.critics_target, weights.actor_target, optimizer.critics, total, hp
    )

    def delayed(
        actor: Layers, moments: optimizers.Moments, actor_target: Layers, critics_target: Twins
    ) -> tuple[Any, ...]:
        gradients = actor_gradient(actor, critics, total, penalty)
        actor, moments = optimizers.step(actor, gradients, moments, off_policy.ADAM, hp["learning_rate"])
        actor_target = networks.follow(actor_target, actor, hp["tau"])  # eq. (5)
        return actor, moments, actor_target, networks.follow(critics_target, critics, hp["tau"])  # eq. (5)

    # The critics' optimiser has counted every gradient step that was ever taken, this one too.
    actor, actor_moments, actor_target, critics_target = jax.lax.cond(
        critics_moments.count % loops["policy_delay"] == 0,
        delayed,
        lambda *kept: kept,
        *(weights.actor, optimizer.actor, weights.actor_target, weights.critics_target),
    )
    return Weights(actor, actor_target, critics, critics_target), Optimizer(actor_moments, critics_moments), loss


def begin(key: PRNGKeyArray, env: Environment, net_arch: Sequence[int]) -> tuple[Weights, Optimizer]:
    """Draw the first weights."""
    of_actor, of_critics = jax.random.split(key)
    n_actions, features = len(env.action_low or ()), math.prod(env.observation_shape)
    actor = networks.uniform(of_actor, [features, *net_arch, n_actions])
    critics = continuous.twins(of_critics, [features + n_actions, *net_arch, 1])
    # The state is donated: no array may stand in it twice.
    actor_target, critics_target = jax.tree.map(jnp.copy, (actor, critics))
    weights = Weights(actor, actor_target, critics, critics_target)
    return weights, Optimizer(optimizers.begin(actor), optimizers.begin(critics))


def act(env: Environment, actor: Layers, observations: Array) -> Array:
    """Return the greedy actions, as the environment takes them."""
    return continuous.unscaled(env, policy(actor, networks.flat(observations, len(env.observation_shape))))


def evaluated(
    env: Environment,
    actor: Layers,
    critics: Twins,
    hp: Mapping[str, Array],
    key: PRNGKeyArray,
    n_episodes: int,
) -> dict[str, Array]:
    """Play greedily with an actor; its values are what the smaller of the critics says."""
    n_actions, n_dims, noise = len(env.action_low or ()), len(env.observation_shape), hp["action_noise_std"]
    entropy = n_actions * jnp.log(jnp.where(noise > 0, noise, jnp.nan) * math.sqrt(2.0 * math.pi * math.e))

    def act_and_entropy(observations: Array, key: PRNGKeyArray) -> tuple[Array, Array]:
        return act(env, actor, observations), jnp.full(n_episodes, entropy)

    def value(observations: Array) -> Array:
        seen = networks.flat(observations, n_dims)
        return continuous.q_values(critics, seen, policy(actor, seen)).min(0)

    return evaluate(env, key, n_episodes, act_and_entropy, value, hp["gamma"], env.context(hp))


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
        weights, optimizer = begin(jax.random.fold_in(key, INIT), env, shapes["net_arch"])
        playing = off_policy.begin(env, key, traced, n_envs)
        return State(key, weights, optimizer, (), playing, Tally(jnp.zeros(()), jnp.zeros(())))

    def collect(state: State, seen: Any, traced: Traced, loops: Loops, now: Now) -> tuple[State, Any]:
        """Play `train_freq` steps in every environment into the replay memory."""
        first = now.iteration * loops["train_freq"]

        def step(j: Int[Array, ""], carry: tuple[Playing, replay.Replay]) -> tuple[Playing, replay.Replay]:
            n = first + j  # steps of each environment that were taken before
            key = jax.random.fold_in(jax.random.fold_in(state.key, STEPS), n)
            hp = moving.values(traced, off_policy.progress(n * n_envs, now))
            observations = networks.flat(carry[0].observation, n_dims)
            noise = jax.random.normal(jax.random.fold_in(key, EXPLORE), (n_envs, n_actions))
            greedy = policy(state.weights.actor, observations)
            chosen = jnp.clip(greedy + hp["action_noise_std"] * noise, -1.0, 1.0)  # eq. (6)
            return continuous.played(env, key, n, *carry, chosen, hp, loops)

        playing, memory = jax.lax.fori_loop(0, loops["train_freq"], step, (state.playing, state.memory))
        return state._replace(playing=playing, memory=memory), seen

    def update(state: State, seen: Any, traced: Traced, loops: Loops, now: Now) -> State:
        """Take the gradient steps that are due."""
        n = (now.iteration + 1) * loops["train_freq"]
        hp = moving.values(traced, off_policy.progress(n * n_envs, now))
        begun = jnp.asarray(n * n_envs > loops["learning_starts"])
        held = replay.held(n, loops["buffer_size"], shapes["slots"], n_envs)

        def draw(j: Int[Array, ""], *learned: Any) -> off_policy.Total:
            key = off_policy.step_key(state.key, n, j)
            return continuous.drawn(env, state.memory, key, n, held, hp["gamma"], loops, shapes, noises=1)

        def learn(
            j: Int[Array, ""], total: off_policy.Total, weights: Weights, optimizer: Optimizer, tally: Tally
        ) -> tuple[Weights, Optimizer, Tally]:
            weights, optimizer, loss = improve(weights, optimizer, total, hp, loops)
            return weights, optimizer, off_policy.counted(tally, loss)

        learned = state.weights, state.optimizer, state.tally
        weights, optimizer, tally = off_policy.gradient_steps(begun, loops, n_envs, draw, learn, learned)
        return state._replace(weights=weights, optimizer=optimizer, tally=tally)

    def evaluation(
        weights: Weights, traced: Traced, loops: Loops, progress: Array, key: PRNGKeyArray
    ) -> dict[str, Array]:
        return evaluated(env, weights.actor, weights.critics, moving.values(traced, progress), key, n_episodes)

    return Agent(
        init=init,
        memory=lambda: replay.empty(env, shapes["slots"], n_envs),
        unseen=lambda: (),
        collect=collect,
        update=update,
        evaluate=evaluation,
        parameters=lambda weights: weights.actor,
        act=lambda actor, observations: act(env, actor, observations),
    )
