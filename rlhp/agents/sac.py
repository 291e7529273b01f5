"""Soft actor-critic as stable-baselines3 has it, one run as pure functions.

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
from jaxtyping import Array, Float, PRNGKeyArray

from rlhp.agents import critics, descending, moving, networks, off_policy, replay
from rlhp.agents.agent import Agent, Loops, Now, State, Tally, Traced
from rlhp.agents.evaluating import evaluate
from rlhp.agents.networks import Layers
from rlhp.envs import Environment

__all__ = ["LEARNING", "Optimizer", "Weights", "agent", "improve", "sample", "shapes"]

LEARNING = off_policy.LEARNING
_INIT = 0  # name of a random stream, beside those of `off_policy`


class Weights(NamedTuple):
    """What is learned."""

    actor: Layers
    critics: Layers
    targets: Layers
    log_ent_coef: Float[Array, ""]


class Optimizer(NamedTuple):
    """Adam's moments."""

    actor: descending.Moments  # of the actor and the entropy coefficient
    critics: descending.Moments


def shapes(config: Mapping[str, Any], env: Environment, steps: int) -> dict[str, Hashable]:
    """Give the static settings that decide the program of a run."""
    return off_policy.shapes(config, env, steps, (256, 256))


def sample(
    actor: Layers, observations: Float[Array, "n features"], noise: Float[Array, "n actions"]
) -> tuple[Float[Array, "n actions"], Float[Array, " n"]]:
    """Give the actions in [-1, 1] that standard normal `noise` leads to, and the log density of each.

    Haarnoja et al. (2018), appendix C: a Gaussian squashed by tanh.
    """
    mean, log_std = jnp.split(networks.mlp(actor, observations), 2, -1)
    log_std = jnp.clip(log_std, -20.0, 2.0)
    actions = jnp.tanh(mean + jnp.exp(log_std) * noise)
    gaussian = -0.5 * noise**2 - log_std - 0.5 * math.log(2.0 * math.pi)
    return actions, (gaussian - jnp.log(1.0 - actions**2 + 1e-6)).sum(-1)


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
        observations and in those that followed.
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

    def of_critics(part: off_policy.Part) -> tuple[Array, Layers]:
        batch = part.batch
        actions, log_prob = sample(weights.actor, batch.next_observation, part.noise[1])
        following = critics.q_values(weights.targets, batch.next_observation, actions).min(0)
        target = batch.reward + batch.discount * (following - ent_coef * log_prob)

        def loss(layers: Layers) -> Array:
            errors = critics.q_values(layers, batch.observation, batch.action) - target
            return 0.5 * (part.share * errors**2).sum()

        return jax.value_and_grad(loss)(weights.critics)

    loss, gradients = total(of_critics)
    online, of_the_critics = descending.step(
        weights.critics, gradients, optimizer.critics, off_policy.ADAM, hp["learning_rate"]
    )

    def of_actor(part: off_policy.Part) -> tuple[Layers, Array]:
        # The gradient is taken in two parts, so that the critics' own, which is not needed, is not computed.
        seen = part.batch.observation
        (actions, log_prob), back = jax.vjp(lambda actor: sample(actor, seen, part.noise[0]), weights.actor)
        by_action = jax.grad(lambda actions: critics.q_values(online, seen, actions).min(0) @ part.share)(actions)
        (gradients,) = back((-by_action, part.share * ent_coef))
        return gradients, log_prob @ part.share

    gradients, log_prob = total(of_actor)
    n_actions = weights.actor[-1][1].shape[-1] // 2
    target_entropy = jnp.where(jnp.isinf(hp["target_entropy"]), -float(n_actions), hp["target_entropy"])
    surplus = jnp.where(learned, -(log_prob + target_entropy), 0.0)
    both = weights.actor, weights.log_ent_coef
    both, of_the_actor = descending.step(
        both, (gradients, surplus), optimizer.actor, off_policy.ADAM, hp["learning_rate"]
    )

    tau = jnp.where(within % jnp.round(hp["target_update_interval"]) == 0, hp["tau"], 0.0)
    targets = critics.follow(weights.targets, online, tau)
    return Weights(both[0], online, targets, both[1]), Optimizer(of_the_actor, of_the_critics), loss


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
        of_actor, of_critics = jax.random.split(jax.random.fold_in(key, _INIT))
        actor = networks.uniform(of_actor, [features, *hidden, 2 * n_actions])
        online = critics.twins(of_critics, [features + n_actions, *hidden, 1])
        copied = jax.tree.map(jnp.copy, online)  # the state is donated: no array may stand in it twice
        weights = Weights(actor, online, copied, jnp.zeros(()))
        optimizer = Optimizer(descending.begin((actor, weights.log_ent_coef)), descending.begin(online))
        playing = off_policy.begin(env, key, traced, n_envs)
        return State(key, weights, optimizer, (), playing, Tally(jnp.zeros(()), jnp.zeros(())))

    def explore(weights: Weights, observations: Array, key: PRNGKeyArray, hp: Mapping[str, Array]) -> Array:
        noise = jax.random.normal(key, (2, n_envs, n_actions))
        actions, _ = sample(weights.actor, observations, noise[0])
        return jnp.clip(actions + hp["action_noise_std"] * noise[1], -1.0, 1.0)

    def collect(state: State, seen: Any, traced: Traced, loops: Loops, now: Now) -> tuple[State, Any]:
        return off_policy.collect(env, explore, state, seen, traced, loops, now)

    def update(state: State, seen: Any, traced: Traced, loops: Loops, now: Now) -> State:
        of_batch = {name: shapes[name] for name in ("tile", "tiled")}
        return off_policy.update(env, improve, state, traced, loops, now, noises=2, **of_batch)

    def greedy(actor: Layers, observations: Array) -> Array:
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
            return critics.q_values(weights.critics, seen, greedy(weights.actor, observations)).min(0)

        return evaluate(env, key, n_episodes, act_and_entropy, value, hp["gamma"], env.context(hp))

    def act(actor: Layers, observations: Array) -> Array:
        return critics.unscaled(env, greedy(actor, observations))

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
