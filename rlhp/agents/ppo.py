"""Proximal policy optimisation as stable-baselines3 has it, one run as pure functions.

References
----------
Schulman, Wolski, Dhariwal, Radford and Klimov (2017), Proximal policy optimization algorithms.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax
from jax.flatten_util import ravel_pytree
from jaxtyping import Array, Bool, Float, PRNGKeyArray

from rlhp.agents import actor_critic, distributions, moving, networks
from rlhp.agents.actor_critic import Batch, Model, State
from rlhp.agents.agent import Agent, Clock, Traced, Uniform, static, traced, uniform
from rlhp.envs.environment import Environment
from rlhp.envs.playing import collect
from rlhp.schedules import Schedule

__all__ = ["Hyperparameters", "agent", "described", "iteration_steps"]

_SB3 = "stable-baselines3 PPO"
_SHUFFLING = 3  # name of a random stream, beside those of `actor_critic`


@dataclass(frozen=True)
class Hyperparameters:
    """Proximal policy optimisation's hyperparameters, with stable-baselines3's names and defaults."""

    learning_rate: float | Schedule = traced(3e-4, source=_SB3)
    gamma: float | Schedule = traced(0.99, unit="per step", source=_SB3)
    gae_lambda: float | Schedule = traced(0.95, unit="per step", source=_SB3)
    clip_range: float | Schedule = traced(0.2, unit="change of an action's chance, as a ratio", source=_SB3)
    clip_range_vf: float | Schedule = traced(math.inf, unit="normalised reward; infinity: no limit", source=_SB3)
    ent_coef: float | Schedule = traced(0.0, unit="loss per nat", source=_SB3)
    vf_coef: float | Schedule = traced(0.5, unit="loss per squared error", source=_SB3)
    max_grad_norm: float | Schedule = traced(0.5, unit="global L2 norm", source=_SB3)
    target_kl: float = traced(math.inf, unit="nats; infinity: no limit", source=_SB3)
    n_epochs: int = uniform(10, unit="passes over a rollout", source=_SB3)
    n_steps: int = static(2048, unit="environment steps per environment", source=_SB3)
    batch_size: int = static(64, unit="transitions", source=_SB3)
    n_envs: int = static(1, unit="parallel environments", source=_SB3)
    net_arch: tuple[int, ...] = static((64, 64), unit="units per hidden layer", source=_SB3)
    normalize: bool = static(False, source="stable-baselines3 VecNormalize")
    normalize_advantage: bool = static(True, source=_SB3)


class Learner(NamedTuple):
    """What an update changes."""

    weights: Float[Array, " weights"]  # the model's, in a row: one pass of the optimizer instead of one a layer
    optimizer: Any
    going: Bool[Array, ""]  # False once the policy has moved by more than `target_kl` since the rollout
    loss: Float[Array, ""]
    updates: Float[Array, ""]


def described(config: Mapping[str, Any]) -> dict[str, Any]:
    """Bring a configuration in stable-baselines3's names to the fields of `Hyperparameters`."""
    config = dict(config)
    for limit in ("clip_range_vf", "target_kl"):
        if config.get(limit) is None:
            config[limit] = math.inf
    return config


def iteration_steps(config: Mapping[str, Any]) -> int:
    """Environment steps of a rollout."""
    return int(config["n_steps"] * config["n_envs"])


def agent(env: Environment, settings: Mapping[str, Any], *, n_episodes: int = 10) -> Agent:
    """Make the agent of an environment.

    Parameters
    ----------
    env : Environment
        Where it acts.
    settings : mapping
        The static fields of `Hyperparameters`.
    n_episodes : int
        Episodes of an evaluation.
    """
    n_steps, n_envs, net_arch = int(settings["n_steps"]), int(settings["n_envs"]), settings["net_arch"]
    n = n_steps * n_envs
    batch_size = min(int(settings["batch_size"]), n)
    n_batches, rest = divmod(n, batch_size)
    family = distributions.of(env)
    adam = optax.scale_by_adam(eps=1e-5)

    def init(key: PRNGKeyArray, traced: Traced, uniform: Uniform) -> State:
        model, playing, statistics = actor_critic.initial(env, family, key, net_arch, n_envs, settings["normalize"])
        return State(key, model, adam.init(ravel_pytree(model)[0]), playing, statistics, jnp.zeros(()), jnp.zeros(()))

    def loss_of(model: Model, batch: Batch, hp: dict[str, Array]) -> tuple[Array, Array]:
        outputs, value = actor_critic.forward(model, batch.observation)
        log_ratio = family.log_prob(outputs, model.log_std, batch.action) - batch.log_prob
        ratio = jnp.exp(log_ratio)
        advantage = batch.advantage
        if settings["normalize_advantage"] and len(advantage) > 1:
            advantage = (advantage - advantage.mean()) / (advantage.std(ddof=1) + 1e-8)
        clipped = jnp.clip(ratio, 1.0 - hp["clip_range"], 1.0 + hp["clip_range"])
        policy_loss = -jnp.minimum(advantage * ratio, advantage * clipped).mean()
        error = jnp.clip(value - batch.value, -hp["clip_range_vf"], hp["clip_range_vf"]) - batch.advantage
        entropy = family.entropy(outputs, model.log_std).mean()
        loss = policy_loss + hp["vf_coef"] * (error**2).mean() - hp["ent_coef"] * entropy
        return loss, ((ratio - 1.0) - log_ratio).mean()

    def learn(state: State, batch: Batch, key: PRNGKeyArray, hp: dict[str, Array], n_epochs: Array) -> State:
        """Pass over the rollout `n_epochs` times."""
        weights, model_of = ravel_pytree(state.model)

        def update(learner: Learner, batch: Batch) -> Learner:
            """Take one gradient step on a minibatch, unless the policy has already moved too far."""
            (loss, kl), gradients = jax.value_and_grad(
                lambda weights: loss_of(model_of(weights), batch, hp), has_aux=True
            )(learner.weights)
            gradients = networks.clip_by_global_norm(gradients, hp["max_grad_norm"])
            direction, optimizer = adam.update(gradients, learner.optimizer)
            going = learner.going & ~(kl > 1.5 * hp["target_kl"])
            new = Learner(
                learner.weights - hp["learning_rate"] * direction,
                optimizer,
                going,
                learner.loss + loss,
                learner.updates + 1.0,
            )
            kept: Learner = jax.tree.map(lambda a, b: jnp.where(going, a, b), new, learner._replace(going=going))
            return kept

        def epoch(i: Array, learner: Learner) -> Learner:
            """Pass once, in shuffled minibatches; the last one is smaller where they do not come out even."""
            if n_batches == 1 and not rest:
                return update(learner, batch)
            order = jax.random.permutation(jax.random.fold_in(key, i), n)
            shuffled = jax.tree.map(lambda field: field[order], batch)
            whole, last = (
                jax.tree.map(lambda field: field[part], shuffled) for part in (slice(n - rest), slice(n - rest, n))
            )
            whole = jax.tree.map(lambda field: field.reshape(n_batches, batch_size, *field.shape[1:]), whole)
            learner, _ = jax.lax.scan(lambda learner, part: (update(learner, part), None), learner, whole)
            return update(learner, last) if rest else learner

        learner = Learner(weights, state.optimizer, jnp.array(True), state.loss, state.updates)
        learner = jax.lax.fori_loop(0, n_epochs, epoch, learner)
        return state._replace(
            model=model_of(learner.weights), optimizer=learner.optimizer, loss=learner.loss, updates=learner.updates
        )

    # One run after the other, so that what an update touches stays in a core's cache.
    learn_in_turn = jax.custom_batching.sequential_vmap(learn)

    def segment(state: State, traced: Traced, uniform: Uniform, clock: Clock) -> tuple[State, dict[str, Array]]:
        total = clock.total_steps.astype(jnp.float32)
        reward_gamma = moving.value(traced["gamma"], jnp.zeros(()))

        def iteration(i: Array, state: State) -> State:
            first = (clock.first + i) * n_steps
            hp = moving.values(traced, ((first + n_steps) * n_envs).astype(jnp.float32) / total)
            state, batch = actor_critic.collect_batch(
                env, family, state, first, n_steps, hp["gamma"], hp["gae_lambda"], reward_gamma
            )
            shuffling = jax.random.fold_in(jax.random.fold_in(state.key, _SHUFFLING), first)
            return learn_in_turn(state, batch, shuffling, hp, uniform["n_epochs"])

        state = state._replace(loss=jnp.zeros(()), updates=jnp.zeros(()))
        state = jax.lax.fori_loop(0, clock.count, iteration, state)
        mean, _, playing = collect(state.playing)
        return state._replace(playing=playing), {"loss": state.loss / state.updates, "train_return_mean": mean}

    def evaluation(state: State, traced: Traced, uniform: Uniform, clock: Clock, key: PRNGKeyArray) -> dict[str, Array]:
        steps = (clock.first * n).astype(jnp.float32)
        gamma = moving.value(traced["gamma"], steps / clock.total_steps)
        return actor_critic.evaluation(env, family, state, n_episodes, gamma, key)

    act = functools.partial(actor_critic.act, env, family)
    return Agent(init, segment, evaluation, actor_critic.parameters, act)
