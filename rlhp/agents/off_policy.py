"""The loop that SAC and TD3 share: explore into a replay memory, then take gradient steps on batches drawn from it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, PRNGKeyArray

from rlhp.agents import moving, networks, replay
from rlhp.agents.agent import Clock, Traced, Uniform
from rlhp.agents.critics import unscaled
from rlhp.envs.environment import Environment
from rlhp.envs.playing import Playing, account, opened, play, start

__all__ = ["Count", "Explore", "Improve", "State", "begin", "segment"]

_ENVIRONMENT, _STEPS, _UPDATES = range(1, 4)  # names of the random streams of a run; 0 is the algorithm's own


class State(NamedTuple):
    """A run between two iterations."""

    key: PRNGKeyArray
    learner: Any
    playing: Playing
    memory: replay.Replay


class Count(NamedTuple):
    """Gradient steps that were due before one; the same for all runs of a call."""

    ever: Int[Array, ""]
    """Since the run began, whether or not the agent learned yet."""
    within: Int[Array, ""]
    """In the same iteration."""


class Explore(Protocol):
    """How the agent acts while it collects."""

    def __call__(
        self, learner: Any, observations: Float[Array, "n_envs features"], key: PRNGKeyArray, hp: dict[str, Array]
    ) -> Float[Array, "n_envs actions"]:
        """Give actions in [-1, 1]."""


class Improve(Protocol):
    """A gradient step."""

    def __call__(
        self,
        learner: Any,
        batch: replay.Batch,
        noise: Float[Array, "noises batch actions"],
        hp: dict[str, Array],
        uniform: Uniform,
        count: Count,
    ) -> Any:
        """Give the learner after it; `noise` is standard normal."""


def begin(env: Environment, key: PRNGKeyArray, learner: Any, slots: int, n_envs: int) -> State:
    """Give the state of a run before its first step."""
    playing = start(env, jax.random.fold_in(key, _ENVIRONMENT), n_envs)
    return State(key, learner, playing, replay.empty(env, slots, n_envs))


def segment(
    env: Environment,
    explore: Explore,
    improve: Improve,
    *,
    noises: int,
    batch_size: int,
    slots: int,
    multistep: bool,
) -> Callable[[State, Traced, Uniform, Clock], tuple[State, dict[str, Array]]]:
    """Make the `segment` of an agent (see `rlhp.agents.agent.Agent`).

    The learner is a named tuple with the fields `loss` and `updates`, sums since the segment began. A gradient step
    gets `noises` draws for each action of the batch.
    """
    n_dims, n_actions = len(env.observation_shape), len(env.action_low or ())
    # On a CPU one run after the other, so that what a gradient step touches stays in a core's cache.
    improve_in_turn = jax.custom_batching.sequential_vmap(improve) if jax.default_backend() == "cpu" else improve

    def step(state: State, traced: Traced, n: Array, total: Array) -> State:
        """Take environment step number `n` (of each environment)."""
        key = jax.random.fold_in(jax.random.fold_in(state.key, _STEPS), n)
        n_envs = state.memory.rows.shape[1]
        done = (n * n_envs).astype(jnp.float32)
        hp = moving.values(traced, done / total)
        chosen = explore(
            state.learner, networks.flat(state.playing.observation, n_dims), jax.random.fold_in(key, 0), hp
        )
        random = jax.random.uniform(jax.random.fold_in(key, 2), (n_envs, n_actions), minval=-1.0)
        actions = jnp.where(done < hp["learning_starts"], random, chosen)
        playing, transition = play(env, jax.random.fold_in(key, 1), state.playing, unscaled(env, actions))
        return state._replace(playing=playing, memory=replay.add(state.memory, n % slots, transition, actions))

    def train(state: State, traced: Traced, uniform: Uniform, n: Array, gradient_steps: Array, total: Array) -> State:
        """Take the gradient steps that are due after `n` steps of each environment."""
        done = n * state.memory.rows.shape[1]
        hp = moving.values(traced, done.astype(jnp.float32) / total)
        before = n // uniform["train_freq"] - 1
        mine = done > hp["learning_starts"]

        def one(j: Array, learner: Any) -> Any:
            count = Count(before * gradient_steps + j, j)
            key = jax.random.fold_in(jax.random.fold_in(state.key, _UPDATES), count.ever)
            age, which = replay.draw(jax.random.fold_in(key, 0), state.memory, batch_size, n, hp["buffer_size"])
            batch = replay.gather(
                env,
                state.memory,
                age,
                which,
                now=n,
                gamma=hp["gamma"],
                n_steps=hp["n_steps"] if multistep else None,
                most_steps=uniform["most_steps"] if multistep else None,
            )
            # Drawn here, since within the gradient step the compiler would draw it again wherever it is used.
            noise = jax.random.normal(jax.random.fold_in(key, 1), (noises, batch_size, n_actions))
            new = improve_in_turn(learner, batch, noise, hp, uniform, count)
            return jax.tree.map(lambda a, b: jnp.where(mine, a, b), new, learner)

        def learn(learner: Any) -> Any:
            return jax.lax.fori_loop(0, gradient_steps, one, learner)

        # The condition is the same for all runs of a call, so that it saves the work and is no mask.
        learner = jax.lax.cond(done > uniform["first_learning"], learn, lambda kept: kept, state.learner)
        return state._replace(learner=learner)

    def run(state: State, traced: Traced, uniform: Uniform, clock: Clock) -> tuple[State, dict[str, Array]]:
        total, train_freq = clock.total_steps.astype(jnp.float32), uniform["train_freq"]
        n_envs = state.memory.rows.shape[1]
        gradient_steps = jnp.where(uniform["gradient_steps"] < 0, train_freq * n_envs, uniform["gradient_steps"])

        def iteration(i: Array, state: State) -> State:
            n = (clock.first + i) * train_freq
            state = jax.lax.fori_loop(0, train_freq, lambda j, s: step(s, traced, n + j, total), state)
            return train(state, traced, uniform, n + train_freq, gradient_steps, total)

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

    return run
