"""What every algorithm of the compiled engine is: pure functions of one run, whose hyperparameters bear three marks.

A run is begun once; then it collects and updates again and again, and is evaluated in between. All functions describe
*one* run, and a program is compiled for one run, so that what a run learns cannot depend on its company. What runs may
differ in and still share a program is decided by a hyperparameter's mark (`rlhp.algorithms`):

- **traced**: a number or a schedule, evaluated while the program runs; it may move, and be given anew between segments.
- **loop**: a whole number or a switch that steers loops and branches; an argument of the program as well.
- **static**: decides shapes or which code there is at all. Only this compiles another program.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int, Num, PRNGKeyArray, PyTree

from rlhp.envs.playing import Playing, account, opened

__all__ = ["PARTS", "Agent", "Clock", "Loops", "Now", "State", "Tally", "Traced", "segment", "unrolled"]

Traced = Mapping[str, Float[Array, " numbers"]]
"""The traced hyperparameters of a run: for each name the numbers of its schedule, see `moving.encode`."""
Loops = Mapping[str, Int[Array, ""] | int]
"""What steers a run's loops and branches; Python's whole numbers where the loops are to be differentiated."""

PARTS = ("weights", "optimizer", "memory", "playing")
"""The parts of a state that one run can take over from another. Its random stream is not one of them."""


class Tally(NamedTuple):
    """What the updates since the metrics began add up to."""

    loss: Float[Array, ""]
    updates: Float[Array, ""]


class State(NamedTuple):
    """A run between two iterations, apart by name so that copies can say what they copy."""

    key: PRNGKeyArray  # the run's random stream: its seed's alone, for ever
    weights: PyTree  # all that is learned or estimated: networks, target networks, statistics of observations
    optimizer: PyTree
    memory: PyTree  # replay memory and priorities; () where there is none
    playing: Playing  # the environments in mid-episode
    tally: Tally


class Clock(NamedTuple):
    """Where in training a segment stands.

    Iterations are the algorithm's own: between two of them it has trained on what it collected.
    """

    first: Int[Array, ""]
    """Iterations done before."""
    count: Int[Array, ""]  # type: ignore[assignment]  # tuples have a method of that name, which nobody calls here
    """Iterations to do now."""
    total_steps: Int[Array, ""]
    """Environment steps of the whole run: what schedules measure progress by, however often the run is paused."""
    fresh: Bool[Array, ""] | bool = True
    """Whether the metrics begin anew; where not, they go on from the segment before, bit for bit as if uncut."""


class Now(NamedTuple):
    """The iteration under way."""

    iteration: Int[Array, ""] | int
    """Iterations done before it."""
    total_steps: Int[Array, ""] | int
    """Environment steps of the whole run."""


@dataclass(frozen=True)
class Agent:
    """An algorithm on an environment, its static hyperparameters decided.

    Parameters
    ----------
    init : callable
        ``init(key, traced, loops) -> State``, with ``()`` for the memory.
    memory : callable
        ``memory() -> pytree``: an empty replay memory; ``()`` where the algorithm has none.
    unseen : callable
        ``unseen() -> pytree``: room for what an iteration collects and an update forgets; ``()`` where all of it goes
        to the memory.
    collect : callable
        ``collect(state, seen, traced, loops, now) -> (state, seen)``: play, and write down what was seen, in `seen` or
        in the memory.
    update : callable
        ``update(state, seen, traced, loops, now) -> state``: learn from it. Differentiable by `traced`, with what was
        seen as a constant, where `loops` are Python's whole numbers.
    evaluate : callable
        ``evaluate(weights, traced, loops, progress, key) -> dict`` of the scalars of an evaluation (see `evaluating`);
        `progress` is the share of training done, from 0 to 1.
    parameters : callable
        ``parameters(weights)``: the pytree that `act` needs, observation statistics included.
    act : callable
        ``act(parameters, observations [n, ...]) -> actions [n, ...]``: greedy, as the environment takes them.
    """

    init: Callable[..., State]
    memory: Callable[[], PyTree]
    unseen: Callable[[], PyTree]
    collect: Callable[..., tuple[State, PyTree]]
    update: Callable[..., State]
    evaluate: Callable[..., dict[str, Array]]
    parameters: Callable[[PyTree], PyTree]
    act: Callable[[PyTree, Array], Array]


def segment(
    agent: Agent, state: State, traced: Traced, loops: Loops, clock: Clock
) -> tuple[State, dict[str, Num[Array, ""]]]:
    """Train for `clock.count` iterations.

    Returns
    -------
    tuple of (State, dict of scalars)
        The metrics are over all segments since the last with `clock.fresh`: `loss` (mean over the updates, NaN without
        any) and `updates`, `train_return_mean` (of the episodes that ended, NaN if none did) and `n_episodes`.
    """
    zero = jnp.zeros_like(state.tally.loss)
    tally = jax.tree.map(lambda sum_: jnp.where(clock.fresh, zero, sum_), state.tally)
    state = state._replace(playing=opened(state.playing, clock.fresh), tally=tally)

    def iteration(i: Array, carry: tuple[State, PyTree]) -> tuple[State, PyTree]:
        now = Now(clock.first + i, clock.total_steps)
        state, seen = agent.collect(*carry, traced, loops, now)
        return agent.update(state, seen, traced, loops, now), seen

    state, _ = jax.lax.fori_loop(0, clock.count, iteration, (state, agent.unseen()))
    mean, n_episodes = account(state.playing)
    loss, updates = state.tally
    return state, {
        "loss": loss / updates,
        "updates": updates,
        "train_return_mean": mean,
        "n_episodes": n_episodes,
    }


def unrolled(
    agent: Agent, state: State, seen: Sequence[PyTree], traced: Traced, loops: Mapping[str, int], now: Now
) -> State:
    """Update once for each of `seen`, without collecting: what meta-gradients go through, in either mode.

    Parameters
    ----------
    agent : Agent
    state : State
        Before the first update.
    seen : sequence
        What `collect` saw in each iteration; ``()`` for each where it went to the memory of `state`.
    traced, loops : mappings
        Hyperparameters; `loops` as Python's whole numbers, since reverse-mode derivatives need loops of a known length.
    now : Now
        The iteration of the first update.
    """
    for number, collected in enumerate(seen):
        state = agent.update(state, collected, traced, loops, now._replace(iteration=now.iteration + number))
    return state
