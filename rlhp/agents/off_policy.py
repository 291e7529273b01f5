"""What agents with a replay memory share: how long a batch is, how it is summed up, and how often they learn.

A batch is computed in tiles of one static length, whose last may be part empty: so that programs do not differ by
`batch_size`. What a place of the batch draws depends on the place alone, and everything taken from a batch is a sum
over its places, so that it does not matter how many tiles there are.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Any, NamedTuple, Protocol, TypeVar, runtime_checkable

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int, PRNGKeyArray, PyTree

from rlhp.agents import moving, optimizers, replay
from rlhp.agents.agent import Loops, Now, Tally, Traced
from rlhp.envs import Environment
from rlhp.envs.playing import Playing, start

__all__ = [
    "ADAM",
    "INIT",
    "LEARNING",
    "STEPS",
    "Part",
    "Total",
    "begin",
    "counted",
    "due",
    "gradient_steps",
    "lanes",
    "progress",
    "shapes",
    "step_key",
    "total_of",
]

ADAM = optimizers.adam(1e-8)  # as Torch has it
INIT, _ENVIRONMENT, STEPS, _UPDATES = range(4)
"""Names of the random streams of a run: its first weights, its first episodes, its steps, its gradient steps."""
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


@runtime_checkable
class Total(Protocol):
    """A sum over the parts of a batch."""

    def __call__(self, of: Callable[[Part], Sum]) -> Sum:
        """Add up, leaf by leaf, what `of` makes of the parts."""


def shapes(
    config: Mapping[str, Any], env: Environment, steps: int, widths: tuple[int, ...], *, tiled: bool = True
) -> dict[str, Hashable]:
    """Return the static settings of a run (see `rlhp.agents.agent`).

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
    """Return the gradient steps of an iteration: -1 stands for as many as environment steps."""
    every, asked = loops["train_freq"] * n_envs, loops["gradient_steps"]
    if isinstance(asked, int):
        return every if asked < 0 else asked
    return jnp.where(asked < 0, every, asked)


def lanes(number: Int[Array, ""] | int, tile: int, batch_size: Array | int) -> tuple[Array, Array]:
    """Return the places of a batch that its tile `number` holds, and the share of each in the batch's mean."""
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


def gradient_steps(
    begun: Bool[Array, ""],
    loops: Loops,
    n_envs: int,
    draw: Callable[..., Any],
    learn: Callable[..., tuple[Any, ...]],
    learned: tuple[Any, ...],
) -> tuple[Any, ...]:
    """Take the gradient steps of an iteration one after the other; none before learning has `begun`.

    Parameters
    ----------
    begun : bool
    loops, n_envs : mapping, int
        They say how many are `due`.
    draw : callable
        ``draw(j, *learned) -> batch``, for the gradient step number `j` of the iteration.
    learn : callable
        ``learn(j, batch, *learned) -> learned``.
    learned : tuple of pytrees
        What the steps change, before the first.
    """

    def step(j: Int[Array, ""], learned: tuple[Any, ...]) -> tuple[Any, ...]:
        batch = draw(j, *learned)
        # The branch is always taken here. Without it the compiler would draw and gather again wherever it is used.
        learned = jax.lax.cond(begun, lambda *before: learn(j, batch, *before), lambda *kept: kept, *learned)
        return learned

    def all_due(*learned: Any) -> tuple[Any, ...]:
        learned = jax.lax.fori_loop(0, due(loops, n_envs), step, learned)
        return learned

    learned = jax.lax.cond(begun, all_due, lambda *kept: kept, *learned)
    return learned


def step_key(key: PRNGKeyArray, n: Array | int, j: Array | int) -> PRNGKeyArray:
    """Return the random stream of gradient step `j` of the iteration that ends after `n` steps of each environment."""
    return jax.random.fold_in(jax.random.fold_in(jax.random.fold_in(key, _UPDATES), n), j)


def counted(tally: Tally, loss: Float[Array, ""]) -> Tally:
    """Count a gradient step and its loss."""
    return Tally(tally.loss + loss.astype(tally.loss.dtype), tally.updates + 1.0)


def begin(env: Environment, key: PRNGKeyArray, traced: Traced, n_envs: int) -> Playing:
    """Start the environments of a run."""
    context = env.context(moving.values(traced, 0.0))
    return start(env, jax.random.fold_in(key, _ENVIRONMENT), n_envs, context)


def progress(steps: Array | int, now: Now) -> Float[Array, ""]:
    """Return the share of training that is done after `steps` environment steps."""
    return jnp.asarray(steps, float) / jnp.asarray(now.total_steps, float)
