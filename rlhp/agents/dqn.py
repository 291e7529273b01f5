"""Deep Q-learning as stable-baselines3 has it, one run as pure functions; double Q, dueling and priorities on request.

Equations have the numbers of `docs/algorithms/dqn.md`.

References
----------
Mnih et al. (2015), Human-level control through deep reinforcement learning.
van Hasselt, Guez and Silver (2016), Deep reinforcement learning with double Q-learning.
Wang et al. (2016), Dueling network architectures for deep reinforcement learning.
Schaul et al. (2016), Prioritized experience replay.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, PRNGKeyArray

from rlhp.agents import moving, networks, off_policy, optimizers, prioritized, replay
from rlhp.agents.agent import Agent, Loops, Now, State, Tally, Traced
from rlhp.agents.evaluating import evaluate
from rlhp.agents.networks import Layers
from rlhp.agents.off_policy import INIT, STEPS
from rlhp.envs import Environment
from rlhp.envs.playing import Playing, play
from rlhp.worlds import known_as

__all__ = ["LEARNING", "Memory", "Weights", "agent", "shapes"]

LEARNING = off_policy.LEARNING | {"double_q", "prioritized_replay"}
_EXPLORE, _PLAY = range(2)  # names of the random streams of a step


class Weights(NamedTuple):
    """What is learned."""

    online: Layers
    target: Layers


class Memory(NamedTuple):
    """What was seen, and how much of it is to be learned."""

    replay: replay.Replay
    priorities: Any  # a prioritized.Tree, or () where all transitions are drawn alike


class Drawn(NamedTuple):
    """A batch to learn from."""

    total: off_policy.Total
    leaf: Any  # where the priorities of its transitions stand, [tile]; () without priorities
    share: Any  # of each transition in the batch's mean, [tile], zero where the tile is empty; () likewise


def shapes(config: Mapping[str, Any], env: Environment, steps: int) -> dict[str, Hashable]:
    """Return the static settings that decide the program of a run."""
    switches = {name: bool(config[name]) for name in ("double_q", "dueling", "prioritized_replay")}
    return switches | off_policy.shapes(config, env, steps, (64, 64), tiled=not switches["prioritized_replay"])


def agent(env: Environment, shapes: Mapping[str, Any], *, n_episodes: int = 10) -> Agent:
    """Make the agent of an environment with discrete actions.

    Parameters
    ----------
    env : Environment
        Where it acts.
    shapes : mapping
        The static settings, from `shapes`.
    n_episodes : int
        Episodes of an evaluation.
    """
    n_envs, slots, tile, tiled = (shapes[name] for name in ("n_envs", "slots", "tile", "tiled"))
    double_q, dueling, with_priorities = (shapes[name] for name in ("double_q", "dueling", "prioritized_replay"))
    n_actions, n_dims = int(env.n_actions or 0), len(env.observation_shape)
    widths = [math.prod(env.observation_shape), *shapes["net_arch"], n_actions + int(dueling)]
    acting = ["exploration", *map(known_as, env.parameters)]  # what a step of the environment needs

    def q_values(layers: Layers, observations: Float[Array, "*n features"]) -> Float[Array, "*n actions"]:
        outputs = networks.mlp(layers, observations)
        if not dueling:
            return outputs
        advantages = outputs[..., 1:]
        return outputs[..., :1] + advantages - advantages.mean(-1, keepdims=True)  # eq. (6)

    def init(key: PRNGKeyArray, traced: Traced, loops: Loops) -> State:
        layers = networks.uniform(jax.random.fold_in(key, INIT), widths)
        weights = Weights(layers, jax.tree.map(jnp.copy, layers))  # it is donated: no array may stand in it twice
        playing = off_policy.begin(env, key, traced, n_envs)
        return State(key, weights, optimizers.begin(layers), (), playing, Tally(jnp.zeros(()), jnp.zeros(())))

    def memory() -> Memory:
        return Memory(replay.empty(env, slots, n_envs), prioritized.empty(slots * n_envs) if with_priorities else ())

    def collect(state: State, seen: Any, traced: Traced, loops: Loops, now: Now) -> tuple[State, Any]:
        """Play `train_freq` steps in every environment into the replay memory."""
        first, online = now.iteration * loops["train_freq"], state.weights.online

        def step(j: Int[Array, ""], carry: tuple[Playing, Memory]) -> tuple[Playing, Memory]:
            playing, memory = carry
            n = first + j  # steps of each environment that were taken before
            key = jax.random.fold_in(jax.random.fold_in(state.key, STEPS), n)
            hp = moving.values({name: traced[name] for name in acting}, off_policy.progress(n * n_envs, now))
            epsilon = jnp.where(n * n_envs < loops["learning_starts"], 1.0, hp["exploration"])
            coin, any_action = replay.words(jax.random.fold_in(key, _EXPLORE), jnp.arange(n_envs))
            greedy = q_values(online, networks.flat(playing.observation, n_dims)).argmax(-1)
            # One coin for all environments, as stable-baselines3 throws it.
            explores = replay.fraction(coin[0]) < epsilon
            action = jnp.where(explores, replay.below(any_action, n_actions), greedy).astype(jnp.int32)  # eq. (4)
            playing, transition = play(env, jax.random.fold_in(key, _PLAY), playing, action, env.context(hp))
            written, priorities = replay.add(memory.replay, n % slots, transition, action[:, None]), memory.priorities
            if with_priorities:
                priorities = prioritized.renew(priorities, n, n_envs, slots, loops["buffer_size"])
            return playing, Memory(written, priorities)

        playing, memory = jax.lax.fori_loop(0, loops["train_freq"], step, (state.playing, state.memory))
        return state._replace(playing=playing, memory=memory), seen

    def move_target(weights: Weights, before: Array | int, n: Array | int, hp: Mapping[str, Array]) -> Weights:
        """Move the target as often as fell due between two numbers of steps, in closed form."""
        every = jnp.maximum(jnp.floor(jnp.round(hp["target_update_interval"]) / n_envs), 1.0)
        # How often is a whole number: it has no derivative.
        times = jax.lax.stop_gradient(jnp.floor(n / every) - jnp.floor(before / every))

        def move(target: Layers) -> Layers:
            return networks.follow(target, weights.online, 1.0 - (1.0 - hp["tau"]) ** times)  # eq. (3), `times` times

        return weights._replace(target=jax.lax.cond(times > 0, move, lambda kept: kept, weights.target))

    def improve(
        weights: Weights, optimizer: optimizers.Moments, total: off_policy.Total, hp: Mapping[str, Array]
    ) -> tuple[Weights, optimizers.Moments, Float[Array, ""], Float[Array, " batch"]]:
        """Take one gradient step on a batch; told are its loss and the error of each transition."""

        def part_gradient(part: off_policy.Part) -> tuple[tuple[Array, Array], Layers]:
            batch = part.batch
            next_values = q_values(weights.target, batch.next_observation)
            if double_q:
                chosen = q_values(weights.online, batch.next_observation).argmax(-1)
                next_value = jnp.take_along_axis(next_values, chosen[:, None], -1)[:, 0]  # eq. (5)
            else:
                next_value = next_values.max(-1)
            # Rewards are summed over n steps while gathering; the discount is zero where the episode terminated.
            target = batch.reward + batch.discount * next_value  # eq. (1)
            taken = batch.action == jnp.arange(n_actions)[None]  # a product is faster to differentiate than a gather

            def loss(layers: Layers) -> tuple[Array, Array]:
                error = (q_values(layers, batch.observation) * taken).sum(-1) - target
                huber = jnp.where(jnp.abs(error) < 1.0, 0.5 * error**2, jnp.abs(error) - 0.5)
                return huber @ part.share, error  # eq. (2)

            return jax.value_and_grad(loss, has_aux=True)(weights.online)

        (loss, error), gradients = total(part_gradient)
        online, optimizer = optimizers.step(
            weights.online, gradients, optimizer, off_policy.ADAM, hp["learning_rate"], hp["max_grad_norm"]
        )
        return weights._replace(online=online), optimizer, loss, error

    def update(state: State, seen: Any, traced: Traced, loops: Loops, now: Now) -> State:
        """Move the target where it is due, and take the gradient steps that are due."""
        before, n = (number * loops["train_freq"] for number in (now.iteration, now.iteration + 1))
        hp = moving.values(traced, off_policy.progress(n * n_envs, now))
        begun = jnp.asarray(n * n_envs > loops["learning_starts"])
        held = replay.held(n, loops["buffer_size"], slots, n_envs)
        memory, batch_size = state.memory.replay, loops["batch_size"]

        def part_of(age: Array, which: Array, share: Array) -> off_policy.Part:
            batch = replay.gather(env, memory, age, which, now=n, gamma=hp["gamma"], n_steps=loops["n_steps"])
            return off_policy.Part(batch, (), share)

        def draw(j: Int[Array, ""], weights: Weights, optimizer: Any, priorities: Any, tally: Tally) -> Drawn:
            key = off_policy.step_key(state.key, n, j)
            if not with_priorities:

                def part(number: Int[Array, ""] | int) -> off_policy.Part:
                    lane, share = off_policy.lanes(number, tile, batch_size)
                    return part_of(*replay.draw(key, lane, held, n_envs), share)

                return Drawn(off_policy.total_of(part, -(-batch_size // tile), tiled), (), ())
            lane, share = off_policy.lanes(0, tile, batch_size)  # all of the batch is one tile
            beta = hp["prioritized_replay_beta"]
            leaf, importance = prioritized.draw(key, priorities, lane, batch_size, beta)  # eq. (7), (8)
            whole = part_of((n - 1 - leaf // n_envs) % slots, leaf % n_envs, share * importance)
            return Drawn(lambda of: of(whole), leaf, share)

        def learn(
            j: Int[Array, ""], drawn: Drawn, weights: Weights, optimizer: Any, priorities: Any, tally: Tally
        ) -> tuple[Any, ...]:
            weights, optimizer, loss, error = improve(weights, optimizer, drawn.total, hp)
            if with_priorities:
                priority = jnp.abs(error) ** hp["prioritized_replay_alpha"]  # eq. (7)
                priorities = prioritized.prioritize(priorities, drawn.leaf, priority, drawn.share > 0)
            return weights, optimizer, priorities, off_policy.counted(tally, loss)

        weights = move_target(state.weights, before, n, hp)
        learned = weights, state.optimizer, state.memory.priorities, state.tally
        weights, optimizer, priorities, tally = off_policy.gradient_steps(begun, loops, n_envs, draw, learn, learned)
        return state._replace(weights=weights, optimizer=optimizer, memory=Memory(memory, priorities), tally=tally)

    def evaluation(
        weights: Weights, traced: Traced, loops: Loops, progress: Array, key: PRNGKeyArray
    ) -> dict[str, Array]:
        hp = moving.values(traced, progress)
        other = hp["exploration"] / n_actions  # the chance of an action that is not the best
        best = 1.0 - hp["exploration"] + other
        entropy = -jax.scipy.special.xlogy(best, best) - (n_actions - 1) * jax.scipy.special.xlogy(other, other)

        def values(observations: Array) -> Float[Array, "n actions"]:
            return q_values(weights.online, networks.flat(observations, n_dims))

        def greedy(observations: Array, key: PRNGKeyArray) -> tuple[Array, Array]:
            of_actions = values(observations)
            return of_actions.argmax(-1).astype(jnp.int32), jnp.full(of_actions.shape[0], entropy)

        def value(observations: Array) -> Float[Array, " n"]:
            return values(observations).max(-1)

        return evaluate(env, key, n_episodes, greedy, value, hp["gamma"], env.context(hp))

    def act(layers: Layers, observations: Array) -> Int[Array, " n"]:
        return q_values(layers, networks.flat(observations, n_dims)).argmax(-1).astype(jnp.int32)

    return Agent(
        init=init,
        memory=memory,
        unseen=lambda: (),
        collect=collect,
        update=update,
        evaluate=evaluation,
        parameters=lambda weights: weights.online,
        act=act,
    )
