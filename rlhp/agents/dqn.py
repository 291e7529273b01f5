"""Deep Q-learning as stable-baselines3 has it, one run as pure functions; double Q, dueling and priorities on request.

References
----------
Mnih et al. (2015), Human-level control through deep reinforcement learning.
van Hasselt, Guez and Silver (2016), Deep reinforcement learning with double Q-learning.
Wang et al. (2016), Dueling network architectures for deep reinforcement learning.
Schaul et al. (2016), Prioritized experience replay.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray

from rlhp.agents import adam, moving, networks, prioritized, replay
from rlhp.agents.agent import Agent, Clock, Traced, Uniform, static, traced, uniform
from rlhp.agents.evaluating import evaluate
from rlhp.agents.networks import Layers
from rlhp.envs.environment import Environment
from rlhp.envs.playing import Playing, account, opened, play, start
from rlhp.schedules import Linear, Schedule

__all__ = ["Hyperparameters", "agent", "described", "iteration_steps"]

_SB3 = "stable-baselines3 DQN"
_INIT, _ENVIRONMENT, _STEPS, _UPDATES = range(4)  # names of the random streams of a run


@dataclass(frozen=True)
class Hyperparameters:
    """Deep Q-learning's hyperparameters, with stable-baselines3's names and defaults where it has them."""

    learning_rate: float | Schedule = traced(1e-4, source=_SB3)
    gamma: float | Schedule = traced(0.99, unit="per step", source=_SB3)
    exploration: float | Schedule = traced(Linear(1.0, 0.05, 0.1), unit="chance of a random action", source=_SB3)
    tau: float | Schedule = traced(1.0, unit="weight of the online network", source=_SB3)
    target_update_interval: float | Schedule = traced(10_000, unit="environment steps", source=_SB3)
    max_grad_norm: float | Schedule = traced(10.0, unit="global L2 norm", source=_SB3)
    learning_starts: int = traced(100, unit="environment steps", source=_SB3)
    buffer_size: int = traced(1_000_000, unit="transitions", source=_SB3)
    n_steps: int = traced(1, unit="environment steps", source=_SB3)
    prioritized_replay_alpha: float | Schedule = traced(0.6, unit="exponent", source="Schaul et al. (2016)")
    prioritized_replay_beta: float | Schedule = traced(Linear(0.4, 1.0), unit="exponent", source="Schaul et al. (2016)")
    train_freq: int = uniform(4, unit="environment steps", source=_SB3)
    gradient_steps: int = uniform(1, unit="updates; -1: one for each environment step", source=_SB3)
    batch_size: int = static(32, unit="transitions", source=_SB3)
    n_envs: int = static(1, unit="parallel environments", source=_SB3)
    net_arch: tuple[int, ...] = static((64, 64), unit="units per hidden layer", source=_SB3)
    double_q: bool = static(False, source="van Hasselt et al. (2016)")
    dueling: bool = static(False, source="Wang et al. (2016)")
    prioritized_replay: bool = static(False, source="Schaul et al. (2016)")


class Learner(NamedTuple):
    """What an update changes."""

    online: Layers
    target: Layers
    optimizer: Any
    priorities: Any  # a prioritized.Tree where there are priorities, else None
    loss: Float[Array, ""]  # summed since the metrics began
    updates: Float[Array, ""]  # since the metrics began


class State(NamedTuple):
    """A run between two iterations."""

    key: PRNGKeyArray
    learner: Learner
    playing: Playing
    memory: replay.Replay


def described(config: Mapping[str, Any]) -> dict[str, Any]:
    """Bring a configuration in stable-baselines3's names to the fields of `Hyperparameters`."""
    config = dict(config)
    initial = config.pop("exploration_initial_eps", 1.0)
    final = config.pop("exploration_final_eps", 0.05)
    fraction = config.pop("exploration_fraction", 0.1)
    config.setdefault("exploration", Linear(initial, final, fraction))
    return config


def iteration_steps(config: Mapping[str, Any]) -> int:
    """Environment steps between two rounds of updates."""
    return int(config["train_freq"] * config["n_envs"])


def agent(env: Environment, settings: Mapping[str, Any], *, slots: int, multistep: bool, n_episodes: int = 10) -> Agent:
    """Make the agent of an environment with discrete actions.

    Parameters
    ----------
    env : Environment
        Where it acts.
    settings : mapping
        The static fields of `Hyperparameters`.
    slots : int
        Steps the replay memory has room for; a run's `buffer_size` may be smaller.
    multistep : bool
        Whether any run of the program has `n_steps` above 1.
    n_episodes : int
        Episodes of an evaluation.
    """
    batch_size, n_envs = int(settings["batch_size"]), int(settings["n_envs"])
    double_q, dueling, priorities = settings["double_q"], settings["dueling"], settings["prioritized_replay"]
    n_actions, n_dims = int(env.n_actions or 0), len(env.observation_shape)
    widths = [math.prod(env.observation_shape), *settings["net_arch"], n_actions + int(dueling)]

    def q_values(layers: Layers, observations: Array) -> Float[Array, "*n actions"]:
        outputs = networks.mlp(layers, observations, jax.nn.relu)
        if not dueling:
            return outputs
        advantages = outputs[..., 1:]
        return outputs[..., :1] + advantages - advantages.mean(-1, keepdims=True)

    def init(key: PRNGKeyArray, traced: Traced, uniform: Uniform) -> State:
        layers = networks.uniform(jax.random.fold_in(key, _INIT), widths)
        tree = prioritized.empty(slots * n_envs) if priorities else None
        copied = jax.tree.map(jnp.copy, layers)  # the state is donated: no array may stand in it twice
        learner = Learner(layers, copied, adam.begin(layers), tree, jnp.zeros(()), jnp.zeros(()))
        playing = start(env, jax.random.fold_in(key, _ENVIRONMENT), n_envs)
        return State(key, learner, playing, replay.empty(env, slots, n_envs))

    def step(state: State, traced: Traced, n: Array, total: Array) -> State:
        """Take environment step number `n` (of each environment)."""
        key = jax.random.fold_in(jax.random.fold_in(state.key, _STEPS), n)
        done = (n * n_envs).astype(jnp.float32)
        epsilon = moving.value(traced["exploration"], done / total)
        epsilon = jnp.where(done < moving.value(traced["learning_starts"], 0.0), 1.0, epsilon)
        chance, which = jax.random.split(jax.random.fold_in(key, 0))
        greedy = q_values(state.learner.online, networks.flat(state.playing.observation, n_dims)).argmax(-1)
        random = jax.random.randint(which, (n_envs,), 0, n_actions)
        # One coin for all environments, as stable-baselines3 throws it.
        action = jnp.where(jax.random.uniform(chance) < epsilon, random, greedy).astype(jnp.int32)
        playing, transition = play(env, jax.random.fold_in(key, 1), state.playing, action)
        memory = replay.add(state.memory, n % slots, transition, action[:, None].astype(jnp.float32))
        learner = state.learner
        if priorities:
            tree = prioritized.renew(
                learner.priorities, n, n_envs, slots, moving.value(traced["buffer_size"], 0.0) / n_envs
            )
            learner = learner._replace(priorities=tree)
        return State(state.key, learner, playing, memory)

    def update(
        learner: Learner, memory: replay.Replay, key: PRNGKeyArray, now: Array, hp: dict[str, Array], uniform: Uniform
    ) -> Learner:
        """Take one gradient step on a batch; none while the run is not to learn yet."""
        if priorities:
            leaf, age, which, weight = prioritized.draw(
                key, learner.priorities, batch_size, now, n_envs, slots, hp["prioritized_replay_beta"]
            )
        else:
            age, which = replay.draw(key, memory, batch_size, now, hp["buffer_size"])
        batch = replay.gather(
            env,
            memory,
            age,
            which,
            now=now,
            gamma=hp["gamma"],
            n_steps=hp["n_steps"] if multistep else None,
            most_steps=uniform["most_steps"] if multistep else None,
        )
        following = q_values(learner.target, batch.next_observation)
        if double_q:
            chosen = q_values(learner.online, batch.next_observation).argmax(-1)
            best = jnp.take_along_axis(following, chosen[:, None], -1)[:, 0]
        else:
            best = following.max(-1)
        target = batch.reward + batch.discount * best
        taken = batch.action == jnp.arange(n_actions)  # a product is faster to differentiate than a gather

        def loss_of(layers: Layers) -> tuple[Array, Array]:
            error = (q_values(layers, batch.observation) * taken).sum(-1) - target
            huber = jnp.where(jnp.abs(error) < 1.0, 0.5 * error**2, jnp.abs(error) - 0.5)
            return (huber * weight if priorities else huber).mean(), error

        (loss, error), gradients = jax.value_and_grad(loss_of, has_aux=True)(learner.online)
        gradients = networks.clip_by_global_norm(gradients, hp["max_grad_norm"])
        mine = now * n_envs > hp["learning_starts"]
        online, optimizer = adam.step(learner.online, gradients, learner.optimizer, hp["learning_rate"], mine)
        tree = learner.priorities
        if priorities:
            renewed = prioritized.prioritize(tree, leaf, jnp.abs(error) ** hp["prioritized_replay_alpha"])
            tree = jax.tree.map(lambda new, old: jnp.where(mine, new, old), renewed, tree)
        total = learner.loss + jnp.where(mine, loss, 0.0)
        return Learner(online, learner.target, optimizer, tree, total, learner.updates + mine)

    def segment(state: State, traced: Traced, uniform: Uniform, clock: Clock) -> tuple[State, dict[str, Array]]:
        total = clock.total_steps.astype(jnp.float32)
        train_freq = uniform["train_freq"]
        gradient_steps = jnp.where(uniform["gradient_steps"] < 0, train_freq * n_envs, uniform["gradient_steps"])

        def iteration(i: Array, state: State) -> State:
            n = (clock.first + i) * train_freq
            state = jax.lax.fori_loop(0, train_freq, lambda j, s: step(s, traced, n + j, total), state)
            now = n + train_freq
            hp = moving.values(traced, (now * n_envs).astype(jnp.float32) / total)
            learner = state.learner
            # As many moves of the target network as fell due during these steps, in closed form.
            every = jnp.maximum(jnp.floor(jnp.round(hp["target_update_interval"]) / n_envs), 1.0)
            due = jnp.floor(now / every) - jnp.floor(n / every)
            moved = jnp.where(due > 0, 1.0 - (1.0 - hp["tau"]) ** due, 0.0)
            target = jax.tree.map(
                lambda old, new: jnp.where(moved > 0, moved * new + (1.0 - moved) * old, old),
                learner.target,
                learner.online,
            )
            learner = learner._replace(target=target)

            def learn(learner: Learner) -> Learner:
                def one(j: Array, learner: Learner) -> Learner:
                    key = jax.random.fold_in(jax.random.fold_in(state.key, _UPDATES), now)
                    return update(learner, state.memory, jax.random.fold_in(key, j), now, hp, uniform)

                learned: Learner = jax.lax.fori_loop(0, gradient_steps, one, learner)
                return learned

            # The condition is the same for all runs of a call, so that it saves the work and is no mask.
            learner = jax.lax.cond(now * n_envs > uniform["first_learning"], learn, lambda kept: kept, learner)
            return state._replace(learner=learner)

        learner = state.learner._replace(
            loss=jnp.where(clock.fresh, 0.0, state.learner.loss),
            updates=jnp.where(clock.fresh, 0.0, state.learner.updates),
        )
        state = state._replace(learner=learner, playing=opened(state.playing, clock.fresh))
        state = jax.lax.fori_loop(0, clock.count, iteration, state)
        mean, n_episodes = account(state.playing)
        updates = state.learner.updates
        metrics = {
            "loss": state.learner.loss / updates,
            "updates": updates,
            "train_return_mean": mean,
            "n_episodes": n_episodes,
        }
        return state, metrics

    def evaluation(state: State, traced: Traced, progress: Array, key: PRNGKeyArray) -> dict[str, Array]:
        hp = moving.values(traced, progress)
        others = hp["exploration"] / n_actions
        best = 1.0 - hp["exploration"] + others
        entropy = -jax.scipy.special.xlogy(best, best) - (n_actions - 1) * jax.scipy.special.xlogy(others, others)

        def values(observations: Array) -> Array:
            return q_values(state.learner.online, networks.flat(observations, n_dims))

        def greedy(observations: Array, key: PRNGKeyArray) -> tuple[Array, Array]:
            found = values(observations)
            return found.argmax(-1).astype(jnp.int32), jnp.full(found.shape[0], entropy)

        return evaluate(env, key, n_episodes, greedy, lambda seen: values(seen).max(-1), hp["gamma"])

    def act(layers: Layers, observations: Array) -> Array:
        return q_values(layers, networks.flat(observations, n_dims)).argmax(-1).astype(jnp.int32)

    return Agent(init, segment, evaluation, lambda state: state.learner.online, act)
