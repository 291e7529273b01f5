"""Soft actor-critic as stable-baselines3 has it, one run as pure functions.

Equations have the numbers of `docs/algorithms/sac.md`.

References
----------
Haarnoja et al. (2018), Soft actor-critic algorithms and applications.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
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

__all__ = ["LEARNING", "Optimizer", "Weights", "agent", "improve", "sample", "shapes"]

LEARNING = off_policy.LEARNING
_EXPLORE = 0  # name of the random stream of a step that is the algorithm's own


class Weights(NamedTuple):
    """What is learned."""

    actor: Layers
    critics: Twins
    targets: Twins
    log_ent_coef: Float[Array, ""]


class Optimizer(NamedTuple):
    """Adam's moments."""

    actor: optimizers.Moments  # of the actor and the entropy coefficient
    critics: optimizers.Moments


def shapes(config: Mapping[str, Any], env: Environment, steps: int) -> dict[str, Hashable]:
    """Return the static settings that decide the program of a run."""
    return off_policy.shapes(config, env, steps, (256, 256))


def sample(
    actor: Layers, observations: Float[Array, "n features"], noise: Float[Array, "n actions"]
) -> tuple[Float[Array, "n actions"], Float[Array, " n"]]:
    """Return the actions in [-1, 1] that standard normal `noise` leads to, and the log density of each.

    Haarnoja et al. (2018), appendix C: a Gaussian squashed by tanh.
    """
    mean, log_std = jnp.split(networks.mlp(actor, observations), 2, -1)
    log_std = jnp.clip(log_std, -20.0, 2.0)
    actions = jnp.tanh(mean + jnp.exp(log_std) * noise)  # eq. (1)
    gaussian = -0.5 * noise**2 - log_std - 0.5 * math.log(2.0 * math.pi)
    return actions, (gaussian - jnp.log(1.0 - actions**2 + 1e-6)).sum(-1)  # eq. (2)


def improve(
    weights: Weights,
    optimizer: Optimizer,
    total: off_policy.Total,
    hp: Mapping[str, Array],
    loops: Loops,
    within: Array | int,
) -> tuple[Weights, Optimizer, Float[Array, ""]]:
    """Take one gradient step on a batch, in stable-baselines3's order.

    Parameters
    ----------
    weights, optimizer : Weights, Optimizer
        Before the step.
    total : callable
        The sum over the parts of the batch; actions in [-1, 1], noise [2, tile, actions] for the actions in the
        observations and in those that came next.
    hp : mapping
        The values of the traced hyperparameters.
    loops : mapping
        `learn_ent_coef` says whether the entropy coefficient is learned.
    within : int
        Gradient steps taken before it in the same iteration; `target_update_interval` counts these.

    Returns
    -------
    tuple of (Weights, Optimizer, float)
        After the step, and the critics' loss.
    """
    learned = jnp.asarray(loops["learn_ent_coef"]) != 0
    ent_coef = jnp.where(learned, jnp.exp(weights.log_ent_coef), hp["ent_coef"])

    def critics_gradient(part: off_policy.Part) -> tuple[Array, Twins]:
        batch = part.batch
        actions, log_prob = sample(weights.actor, batch.next_observation, part.noise[1])
        next_value = continuous.q_values(weights.targets, batch.next_observation, actions).min(0)
        # Rewards are summed over n steps while gathering; the discount is zero where the episode terminated.
        target = batch.reward + batch.discount * (next_value - ent_coef * log_prob)  # eq. (3)

        def loss(layers: Twins) -> Array:
            errors = continuous.q_values(layers, batch.observation, batch.action) - target[None]
            return 0.5 * (part.share[None] * errors**2).sum()  # eq. (4)

        return jax.value_and_grad(loss)(weights.critics)

    loss, gradients = total(critics_gradient)
    critics, critics_moments = optimizers.step(
        weights.critics, gradients, optimizer.critics, off_policy.ADAM, hp["learning_rate"]
    )

    def actor_gradient(part: off_policy.Part) -> tuple[Layers, Array]:
        # The gradient is taken in two parts, so that the critics' own, which is not needed, is not computed.
        seen = part.batch.observation
        (actions, log_prob), back = jax.vjp(lambda actor: sample(actor, seen, part.noise[0]), weights.actor)
        by_action = jax.grad(lambda actions: continuous.q_values(critics, seen, actions).min(0) @ part.share)(actions)
        (gradients,) = back((-by_action, part.share * ent_coef))  # eq. (5)
        return gradients, log_prob @ part.share

    gradients, log_prob = total(actor_gradient)
    n_actions = weights.actor[-1][1].shape[-1] // 2
    target_entropy = jnp.where(jnp.isinf(hp["target_entropy"]), -float(n_actions), hp["target_entropy"])
    coefficient_gradient = jnp.where(learned, -(log_prob + target_entropy), 0.0)  # eq. (6)
    (actor, log_ent_coef), actor_moments = optimizers.step(
        (weights.actor, weights.log_ent_coef),
        (gradients, coefficient_gradient),
        optimizer.actor,
        off_policy.ADAM,
        hp["learning_rate"],
    )

    tau = jnp.where(within % jnp.round(hp["target_update_interval"]) == 0, hp["tau"], 0.0)
    targets = networks.follow(weights.targets, critics, tau)  # eq. (7)
    return Weights(actor, critics, targets, log_ent_coef), Optimizer(actor_moments, critics_moments), loss


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
    features, hidden = math.prod(env.observation_shape), shapes["net_arch"]

    def init(key: PRNGKeyArray, traced: Traced, loops: Loops) -> State:
        of_actor, of_critics = jax.random.split(jax.random.fold_in(key, INIT))
        actor = networks.uniform(of_actor, [features, *hidden, 2 * n_actions])
        critics = continuous.twins(of_critics, [features + n_actions, *hidden, 1])
        copied = jax.tree.map(jnp.copy, critics)  # the state is donated: no array may stand in it twice
        weights = Weights(actor, critics, copied, jnp.zeros(()))
        optimizer = Optimizer(optimizers.begin((actor, weights.log_ent_coef)), optimizers.begin(critics))
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
            noise = jax.random.normal(jax.random.fold_in(key, _EXPLORE), (2, n_envs, n_actions))
            actions, _ = sample(state.weights.actor, observations, noise[0])
            chosen = jnp.clip(actions + hp["action_noise_std"] * noise[1], -1.0, 1.0)
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
            return continuous.drawn(env, state.memory, key, n, held, hp["gamma"], loops, shapes, noises=2)

        def learn(
            j: Int[Array, ""], total: off_policy.Total, weights: Weights, optimizer: Optimizer, tally: Tally
        ) -> tuple[Weights, Optimizer, Tally]:
            weights, optimizer, loss = improve(weights, optimizer, total, hp, loops, j)
            return weights, optimizer, off_policy.counted(tally, loss)

        learned = state.weights, state.optimizer, state.tally
        weights, optimizer, tally = off_policy.gradient_steps(begun, loops, n_envs, draw, learn, learned)
        return state._replace(weights=weights, optimizer=optimizer, tally=tally)

    def greedy(actor: Layers, observations: Array) -> Float[Array, "n actions"]:
        """Return the actions that the means lead to."""
        mean = networks.mlp(actor, networks.flat(observations, n_dims))[..., :n_actions]
        return jnp.tanh(mean)

    def evaluation(
        weights: Weights, traced: Traced, loops: Loops, progress: Array, key: PRNGKeyArray
    ) -> dict[str, Array]:
        hp = moving.values(traced, progress)

        def act_and_entropy(observations: Array, key: PRNGKeyArray) -> tuple[Array, Array]:
            noise = jax.random.normal(key, (n_episodes, n_actions))
            _, log_prob = sample(weights.actor, networks.flat(observations, n_dims), noise)
            return act(weights.actor, observations), -log_prob

        def value(observations: Array) -> Array:
            seen = networks.flat(observations, n_dims)
            return continuous.q_values(weights.critics, seen, greedy(weights.actor, observations)).min(0)

        return evaluate(env, key, n_episodes, act_and_entropy, value, hp["gamma"], env.context(hp))

    def act(actor: Layers, observations: Array) -> Array:
        return continuous.unscaled(env, greedy(actor, observations))

    return Agent(
        init=init,
        memory=lambda: replay.empty(env, shapes["slots"], n_envs),
        unseen=lambda: (),
        collect=collect,
        update=update,
        evaluate=evaluation,
        parameters=lambda weights: weights.actor,
        act=act,
    )
