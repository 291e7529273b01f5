"""What agents with a replay memory share: how long their batches are, and the loop of exploring and learning.

A batch is computed in tiles of one static length, whose last may be part empty: so that programs do not differ by
`batch_size`. What a place of the batch draws depends on the place alone, and everything taken from a batch is a sum
over its places, so that it does not matter how many tiles there are.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Any, NamedTuple, Protocol, TypeVar

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, PRNGKeyArray, PyTree

from rlhp.agents import descending, moving, networks, replay
from rlhp.agents.agent import Loops, Now, State, Tally, Traced
from rlhp.agents.critics import unscaled
from rlhp.envs import Environment
from rlhp.envs.playing import Playing, play, start

__all__ = [
    "ADAM",
    "LEARNING",
    "Explore",
    "Improve",
    "Part",
    "Total",
    "begin",
    "collect",
    "counted",
    "due",
    "lanes",
    "progress",
    "shapes",
    "total_of",
    "update",
]

ADAM = descending.adam(1e-8)  # as Torch has it
_ENVIRONMENT, _STEPS, _UPDATES = range(1, 4)  # names of the random streams of a run; 0 is the algorithm's own
LEARNING = frozenset({"slots", "tile", "tiled"})
"""The static settings that neither the start nor the evaluation of an agent depends on."""
# Tiles are powers of two, and a batch up to the longest is one: a loop over tiles costs DQN 4 % of its time and SAC,
# which then draws a batch twice, 13 %, even where there is one; two tiles instead of one cost DQN a quarter.
_SHORTEST, _LONGEST = 8, 512
Sum = TypeVar("Sum", bound=PyTree)


class Part(NamedTuple):
    """A tile of a batch."""

    batch: replay.Batch
    noise: Any  # standard normal, [noises, tile, actions]; () where there is none
    share: Float[Array, " tile"]  # of the batch's mean: one over its size, or zero where the tile is empty


class Total(Protocol):
    """A sum over the parts of a batch."""

    def __call__(self, of: Callable[[Part], Sum]) -> Sum:
        """Add up, leaf by leaf, what `of` makes of the parts."""


class Explore(Protocol):
    """How the agent acts while it collects."""

    def __call__(
        self, weights: Any, observations: Float[Array, "n_envs features"], key: PRNGKeyArray, hp: dict[str, Array]
    ) -> Float[Array, "n_envs actions"]:
        """Give actions in [-1, 1]."""


class Improve(Protocol):
    """A gradient step."""

    def __call__(
        self, weights: Any, optimizer: Any, total: Total, hp: dict[str, Array], loops: Loops, within: Array
    ) -> tuple[Any, Any, Array]:
        """Give weights and optimizer after it, and the loss; `within` steps were taken before it in the iteration."""


def shapes(
    config: Mapping[str, Any], env: Environment, steps: int, widths: tuple[int, ...], *, tiled: bool = True
) -> dict[str, Hashable]:
    """Give the static settings of a run (see `rlhp.agents.agent`).

    Parameters
    ----------
    config : mapping
        All its hyperparameters.
    env : Environment
        Where it acts.
    steps : int
        Environment steps of the whole run.
    widths : tuple of int
        Those of the hidden layers where `net_arch` is None.
    tiled : bool
        Whether a batch may be several tiles.
    """
    n_envs, batch_size = int(config["n_envs"]), int(config["batch_size"])
    tile = max(1 << (batch_size - 1).bit_length(), _SHORTEST)
    if tiled:
        tile = min(tile, _LONGEST)
    return {
        "net_arch": tuple(config["net_arch"] or widths),
        "n_envs": n_envs,
        "slots": replay.slots(env, steps=steps, buffer_size=int(config["buffer_size"]), n_envs=n_envs),
        "tile": tile,
        "tiled": batch_size > tile,
    }


def due(loops: Loops, n_envs: int) -> Int[Array, ""] | int:
    """Give the gradient steps of an iteration: -1 stands for as many as environment steps."""
    every, asked = loops["train_freq"] * n_envs, loops["gradient_steps"]
    if isinstance(asked, int):
        return every if asked < 0 else asked
    return jnp.where(asked < 0, every, asked)


def lanes(number: Int[Array, ""] | int, tile: int, batch_size: Array | int) -> tuple[Array, Array]:
    """Give the places of a batch that its tile `number` holds, and the share of each in the batch's mean."""
    lane = number * tile + jnp.arange(tile)
    return lane, jnp.where(lane < batch_size, 1.0 / jnp.asarray(batch_size, float), 0.0)


def total_of(part: Callable[[Any], Part], n_tiles: Array | int, tiled: bool) -> Total:
    """Make the sum over tiles; where a batch is one tile, its part is made now, and once."""
    if not tiled:
        whole = part(0)
        return lambda of: of(whole)

    def total(of: Callable[[Part], Sum]) -> Sum:
        zero = jax.tree.map(lambda leaf: jnp.zeros(leaf.shape, leaf.dtype), jax.eval_shape(lambda: of(part(0))))
        summed: Sum = jax.lax.fori_loop(0, n_tiles, lambda i, sum_: jax.tree.map(jnp.add, sum_, of(part(i))), zero)
        return summed

    return total


def counted(tally: Tally, loss: Float[Array, ""]) -> Tally:
    """Count a gradient step and its loss."""
    return Tally(tally.loss + loss.astype(tally.loss.dtype), tally.updates + 1.0)


def begin(env: Environment, key: PRNGKeyArray, traced: Traced, n_envs: int) -> Playing:
    """Start the environments of a run."""
    context = env.context(moving.values(traced, 0.0))
    return start(env, jax.random.fold_in(key, _ENVIRONMENT), n_envs, context)


def collect(
    env: Environment, explore: Explore, state: State, seen: Any, traced: Traced, loops: Loops, now: Now
) -> tuple[State, Any]:
    """Play `train_freq` steps into the replay memory (see `rlhp.agents.agent.Agent`)."""
    slots, n_envs, _ = state.memory.rows.shape
    n_dims, n_actions = len(env.observation_shape), len(env.action_low or ())
    begun = now.iteration * loops["train_freq"]

    def step(j: Array, carry: tuple[Playing, replay.Replay]) -> tuple[Playing, replay.Replay]:
        playing, memory = carry
        n = begun + j
        key = jax.random.fold_in(jax.random.fold_in(state.key, _STEPS), n)
        hp = moving.values(traced, progress(n * n_envs, now))
        chosen = explore(state.weights, networks.flat(playing.observation, n_dims), jax.random.fold_in(key, 0), hp)
        random = jax.random.uniform(jax.random.fold_in(key, 2), (n_envs, n_actions), minval=-1.0)
        actions = jnp.where(n * n_envs < loops["learning_starts"], random, chosen)
        playing, transition = play(env, jax.random.fold_in(key, 1), playing, unscaled(env, actions), env.context(hp))
        return playing, replay.add(memory, n % slots, transition, actions)

    playing, memory = jax.lax.fori_loop(0, loops["train_freq"], step, (state.playing, state.memory))
    return state._replace(playing=playing, memory=memory), seen


def progress(steps: Array | int, now: Now) -> Float[Array, ""]:
    """Give the share of training that is done after `steps` environment steps."""
    return jnp.asarray(steps, float) / jnp.asarray(now.total_steps, float)


def update(
    env: Environment,
    improve: Improve,
    state: State,
    traced: Traced,
    loops: Loops,
    now: Now,
    *,
    noises: int,
    tile: int,
    tiled: bool,
) -> State:
    """Take the gradient steps that are due (see `rlhp.agents.agent.Agent`), with `noises` draws for each action."""
    slots, n_envs, _ = state.memory.rows.shape
    n_actions, batch_size = len(env.action_low or ()), loops["batch_size"]
    n = (now.iteration + 1) * loops["train_freq"]
    hp = moving.values(traced, progress(n * n_envs, now))
    begun = jnp.asarray(n * n_envs > loops["learning_starts"])
    held = replay.held(n, loops["buffer_size"], slots, n_envs)

    def one(j: Array, learned: tuple[Any, Any, Any]) -> tuple[Any, Any, Any]:
        key = jax.random.fold_in(jax.random.fold_in(jax.random.fold_in(state.key, _UPDATES), n), j)

        def part(number: Array) -> Part:
            lane, share = lanes(number, tile, batch_size)
            age, which = replay.draw(jax.random.fold_in(key, 0), lane, held, n_envs)
            batch = replay.gather(env, state.memory, age, which, now=n, gamma=hp["gamma"], n_steps=loops["n_steps"])
            of_noise = jax.random.fold_in(key, 1)
            noise = jax.vmap(lambda i: jax.random.normal(jax.random.fold_in(of_noise, i), (noises, n_actions)), 0, 1)
            return Part(batch, noise(lane), share)

        total = total_of(part, -(-batch_size // tile), tiled)

        def learn(learned: tuple[Any, Any, Any]) -> tuple[Any, Any, Any]:
            weights, optimizer, tally = learned
            weights, optimizer, loss = improve(weights, optimizer, total, hp, loops, j)
            return weights, optimizer, counted(tally, loss)

        # The branch is always taken here. Without it the compiler would draw and gather again wherever it is used.
        learned = jax.lax.cond(begun, learn, lambda kept: kept, learned)
        return learned

    def all_due(learned: tuple[Any, Any, Any]) -> tuple[Any, Any, Any]:
        learned = jax.lax.fori_loop(0, due(loops, n_envs), one, learned)
        return learned

    learned = jax.lax.cond(begun, all_due, lambda kept: kept, (state.weights, state.optimizer, state.tally))
    weights, optimizer, tally = learned
    return state._replace(weights=weights, optimizer=optimizer, tally=tally)
