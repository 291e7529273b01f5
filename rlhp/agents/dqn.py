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
from collections.abc import Hashable, Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray

from rlhp.agents import critics, descending, moving, networks, off_policy, prioritized, replay
from rlhp.agents.agent import Agent, Loops, Now, State, Tally, Traced
from rlhp.agents.evaluating import evaluate
from rlhp.agents.networks import Layers
from rlhp.envs import Environment
from rlhp.envs.playing import Playing, play
from rlhp.worlds import known_as

__all__ = ["LEARNING", "Memory", "Weights", "agent", "shapes"]

LEARNING = off_policy.LEARNING | {"double_q", "prioritized_replay"}
_INIT, _STEPS, _UPDATES = 0, 2, 3  # names of the random streams of a run, beside the environments'


class Weights(NamedTuple):
    """What is learned."""

    online: Layers
    target: Layers


class Memory(NamedTuple):
    """What was seen, and how much of it is to be learned."""

    replay: replay.Replay
    priorities: Any  # a prioritized.Tree, or () where all transitions are drawn alike


def shapes(config: Mapping[str, Any], env: Environment, steps: int) -> dict[str, Hashable]:
    """Give the static settings that decide the program of a run."""
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
    double_q, dueling, priorities = (shapes[name] for name in ("double_q", "dueling", "prioritized_replay"))
    n_actions, n_dims = int(env.n_actions or 0), len(env.observation_shape)
    widths = [math.prod(env.observation_shape), *shapes["net_arch"], n_actions + int(dueling)]
    acting = ["exploration", *map(known_as, env.parameters)]  # what a step of the environment needs

    def q_values(layers: Layers, observations: Array) -> Float[Array, "*n actions"]:
        outputs = networks.mlp(layers, observations)
        if not dueling:
            return outputs
        advantages = outputs[..., 1:]
        return outputs[..., :1] + advantages - advantages.mean(-1, keepdims=True)

    def init(key: PRNGKeyArray, traced: Traced, loops: Loops) -> State:
        layers = networks.uniform(jax.random.fold_in(key, _INIT), widths)
        weights = Weights(layers, jax.tree.map(jnp.copy, layers))  # it is donated: no array may stand in it twice
        playing = off_policy.begin(env, key, traced, n_envs)
        return State(key, weights, descending.begin(layers), (), playing, Tally(jnp.zeros(()), jnp.zeros(())))

    def memory() -> Memory:
        return Memory(replay.empty(env, slots, n_envs), prioritized.empty(slots * n_envs) if priorities else ())

    def collect(state: State, seen: Any, traced: Traced, loops: Loops, now: Now) -> tuple[State, Any]:
        begun, online = now.iteration * loops["train_freq"], state.weights.online

        def step(j: Array, carry: tuple[Playing, Memory]) -> tuple[Playing, Memory]:
            playing, memory = carry
            n = begun + j
            key = jax.random.fold_in(jax.random.fold_in(state.key, _STEPS), n)
            hp = moving.values({name: traced[name] for name in acting}, off_policy.progress(n * n_envs, now))
            epsilon = jnp.where(n * n_envs < loops["learning_starts"], 1.0, hp["exploration"])
            chance, which = replay.words(jax.random.fold_in(key, 0), jnp.arange(n_envs))
            greedy = q_values(online, networks.flat(playing.observation, n_dims)).argmax(-1)
            # One coin for all environments, as stable-baselines3 throws it.
            explores = replay.share(chance[0]) < epsilon
            action = jnp.where(explores, replay.below(which, n_actions), greedy).astype(jnp.int32)
            playing, transition = play(env, jax.random.fold_in(key, 1), playing, action, env.context(hp))
            written, tree = replay.add(memory.replay, n % slots, transition, action[:, None]), memory.priorities
            if priorities:
                tree = prioritized.renew(tree, n, n_envs, slots, loops["buffer_size"])
            return playing, Memory(written, tree)

        playing, memory = jax.lax.fori_loop(0, loops["train_freq"], step, (state.playing, state.memory))
        return state._replace(playing=playing, memory=memory), seen

    def moved(weights: Weights, before: Array | int, n: Array | int, hp: Mapping[str, Array]) -> Weights:
        """Move the target as often as fell due between two numbers of steps, in closed form."""
        every = jnp.maximum(jnp.floor(jnp.round(hp["target_update_interval"]) / n_envs), 1.0)
        times = jax.lax.stop_gradient(jnp.floor(n / every) - jnp.floor(before / every))

        def move(target: Layers) -> Layers:
            return critics.follow(target, weights.online, 1.0 - (1.0 - hp["tau"]) ** times)

        return weights._replace(target=jax.lax.cond(times > 0, move, lambda kept: kept, weights.target))

    def improve(
        weights: Weights, optimizer: Any, total: off_policy.Total, hp: Mapping[str, Array]
    ) -> tuple[Weights, Any, Array, Array]:
        def of_part(part: off_policy.Part) -> tuple[tuple[Array, Any], Layers]:
            batch = part.batch
            following = q_values(weights.target, batch.next_observation)
            if double_q:
                chosen = q_values(weights.online, batch.next_observation).argmax(-1)
                best = jnp.take_along_axis(following, chosen[:, None], -1)[:, 0]
            else:
                best = following.max(-1)
            target = batch.reward + batch.discount * best
            taken = batch.action == jnp.arange(n_actions)  # a product is faster to differentiate than a gather

            def loss_of(layers: Layers) -> tuple[Array, Array]:
                error = (q_values(layers, batch.observation) * taken).sum(-1) - target
                huber = jnp.where(jnp.abs(error) < 1.0, 0.5 * error**2, jnp.abs(error) - 0.5)
                return huber @ part.share, error

            return jax.value_and_grad(loss_of, has_aux=True)(weights.online)

        (loss, error), gradients = total(of_part)
        online, optimizer = descending.step(
            weights.online, gradients, optimizer, off_policy.ADAM, hp["learning_rate"], hp["max_grad_norm"]
        )
        return weights._replace(online=online), optimizer, loss, error

    def update(state: State, seen: Any, traced: Traced, loops: Loops, now: Now) -> State:
        before, n = (number * loops["train_freq"] for number in (now.iteration, now.iteration + 1))
        hp = moving.values(traced, off_policy.progress(n * n_envs, now))
        begun = jnp.asarray(n * n_envs > loops["learning_starts"])
        held = replay.held(n, loops["buffer_size"], slots, n_envs)
        memory, batch_size = state.memory.replay, loops["batch_size"]

        def found(age: Array, which: Array, share: Array) -> off_policy.Part:
            batch = replay.gather(env, memory, age, which, now=n, gamma=hp["gamma"], n_steps=loops["n_steps"])
            return off_policy.Part(batch, (), share)

        def one(j: Array, learned: tuple[Any, ...]) -> tuple[Any, ...]:
            key = jax.random.fold_in(jax.random.fold_in(jax.random.fold_in(state.key, _UPDATES), n), j)
            if priorities:  # a batch is one tile
                lane, share = off_policy.lanes(0, tile, batch_size)
                leaf, weight = prioritized.draw(key, learned[2], lane, batch_size, hp["prioritized_replay_beta"])

            def part(number: Array) -> off_policy.Part:
                if priorities:
                    return found((n - 1 - leaf // n_envs) % slots, leaf % n_envs, share * weight)
                lane, equal = off_policy.lanes(number, tile, batch_size)
                return found(*replay.draw(key, lane, held, n_envs), equal)

            total = off_policy.total_of(part, -(-batch_size // tile), tiled)

            def learn(weights: Weights, optimizer: Any, tree: Any, tally: Tally) -> tuple[Any, ...]:
                weights, optimizer, loss, error = improve(weights, optimizer, total, hp)
                if priorities:
                    priority = jnp.abs(error) ** hp["prioritized_replay_alpha"]
                    tree = prioritized.prioritize(tree, leaf, priority, share > 0)
                return weights, optimizer, tree, off_policy.counted(tally, loss)

            # The branch is always taken here. Without it the compiler would draw and gather again wherever it is used.
            learned = jax.lax.cond(begun, learn, lambda *kept: kept, *learned)
            return learned

        def all_due(*learned: Any) -> tuple[Any, ...]:
            learned = jax.lax.fori_loop(0, off_policy.due(loops, n_envs), one, learned)
            return learned

        weights = moved(state.weights, before, n, hp)
        learned = weights, state.optimizer, state.memory.priorities, state.tally
        weights, optimizer, tree, tally = jax.lax.cond(begun, all_due, lambda *kept: kept, *learned)
        return state._replace(weights=weights, optimizer=optimizer, memory=Memory(memory, tree), tally=tally)

    def evaluation(
        weights: Weights, traced: Traced, loops: Loops, progress: Array, key: PRNGKeyArray
    ) -> dict[str, Array]:
        hp = moving.values(traced, progress)
        others = hp["exploration"] / n_actions
        best = 1.0 - hp["exploration"] + others
        entropy = -jax.scipy.special.xlogy(best, best) - (n_actions - 1) * jax.scipy.special.xlogy(others, others)

        def values(observations: Array) -> Array:
            return q_values(weights.online, networks.flat(observations, n_dims))

        def greedy(observations: Array, key: PRNGKeyArray) -> tuple[Array, Array]:
            found = values(observations)
            return found.argmax(-1).astype(jnp.int32), jnp.full(found.shape[0], entropy)

        def value(observations: Array) -> Array:
            return values(observations).max(-1)

        return evaluate(env, key, n_episodes, greedy, value, hp["gamma"], env.context(hp))

    def act(layers: Layers, observations: Array) -> Array:
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
