"""Compiled programs: an algorithm's functions, of one run, compiled ahead of time and found again.

A program is found by its recipe. Everything else is an argument, so a second sweep, a released slider or a longer run
compiles nothing. Programs may be called from many threads at once.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import jax
import jax.numpy as jnp
import numpy as np

from rlhp.agents import agent as agents
from rlhp.agents import streams
from rlhp.agents.agent import Agent, Clock, State
from rlhp.trainers.compiled._accounting import Share
from rlhp.trainers.compiled._backend import cores, devices
from rlhp.trainers.compiled._memory import give_back, machine_memory
from rlhp.trainers.compiled._recipes import Prepared, Recipe

__all__ = ["Program", "held", "moment", "program", "state_like"]

_EVALUATION = 1_000  # the random stream of evaluations; the algorithms count theirs from 0
_PROGRAM_BYTES = 70e6  # of memory that a program takes
_MEMORY_SHARE = 0.25  # of the machine's that all of them may take
_KEPT = 24  # programs to keep for each device, where there is that much
_T = TypeVar("_T")


@dataclass(frozen=True)
class Program:
    """An algorithm of one run, compiled.

    Parameters
    ----------
    agent : Agent
        What was compiled.
    init : callable
        ``init(words [2], traced, loops) -> State``, its memory included.
    segment : callable
        ``segment(state, traced, loops, clock) -> (state, metrics)``; the state handed in is used up. The metrics have
        `healthy` besides: whether everything the policy needs is finite.
    evaluate : callable
        ``evaluate(weights, key, traced, loops, progress, number) -> dict`` of scalars.
    like : State
        Shapes and types of a state.
    compiled_s : dict of float
        CPU seconds that tracing and compiling took, by function; what another program had compiled is not there.
    """

    agent: Agent
    init: Callable[..., State]
    segment: Callable[..., tuple[State, dict[str, jax.Array]]]
    evaluate: Callable[..., dict[str, jax.Array]]
    like: State
    compiled_s: dict[str, float] = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class _Shared:
    """What recipes that differ in how they learn have in common; `begin` is `init` without a memory."""

    begin: Callable[..., State]
    evaluate: Callable[..., dict[str, jax.Array]]
    like: State
    compiled_s: dict[str, float]


class _Shelf(Generic[_T]):
    """The things used last, by key; several threads that ask for the same wait for one of them to make it."""

    def __init__(self, kept: int) -> None:
        self._kept, self._lock = kept, threading.Lock()
        self._places: OrderedDict[Hashable, list[Any]] = OrderedDict()  # key -> [its lock, the thing or None]

    def get(self, key: Hashable, make: Callable[[], _T]) -> _T:
        with self._lock:
            place = self._places.setdefault(key, [threading.Lock(), None])
            self._places.move_to_end(key)
            full = len(self._places) > self._kept
            if full:
                self._places.popitem(last=False)
        if full:
            give_back()  # what the one that had to go has left
        with place[0]:
            if place[1] is None:
                place[1] = make()
            found: _T = place[1]
        return found

    def __contains__(self, key: Hashable) -> bool:
        place = self._places.get(key)
        return place is not None and place[1] is not None


def moment(first: int, count: int, total_steps: int, fresh: bool) -> Clock:
    """Return a clock as programs take it."""
    numbers: Any = (np.int32(first), np.int32(count), np.int32(total_steps), np.bool_(fresh))
    return Clock(*numbers)


_most = max(_KEPT, min(_KEPT * cores(), int(machine_memory() * _MEMORY_SHARE / _PROGRAM_BYTES)))
_programs: _Shelf[Program] = _Shelf(_most)
_shared: _Shelf[_Shared] = _Shelf(_most)
_likes: _Shelf[State] = _Shelf(_most)


def program(wanted: Prepared, device: jax.Device | None = None) -> Program:
    """Return the program of a run on a device, by default the first.

    It is compiled here if no run had it before, which may take seconds; for a second device it is read from the cache
    on disk. The programs used last stay in memory.
    """
    place = devices()[0] if device is None else device
    return _programs.get((wanted.recipe, place), lambda: _program(wanted, place))


def state_like(wanted: Prepared) -> State:
    """Return the shapes and types of a run's state; nothing is compiled."""
    return _likes.get(wanted.recipe, lambda: _like(wanted.recipe.agent(), wanted))


def held(recipe: Recipe) -> bool:
    """Return whether a program is there already, on the first device."""
    return (recipe, devices()[0]) in _programs


def _program(wanted: Prepared, device: jax.Device) -> Program:
    agent = wanted.recipe.agent()
    spent: dict[str, float] = {}
    shared = _shared.get((wanted.recipe.evaluated(), device), lambda: _compile_shared(agent, wanted, device, spent))

    def segment(state: State, traced: Any, loops: Any, clock: Clock) -> tuple[State, dict[str, jax.Array]]:
        state, metrics = agents.segment(agent, state, traced, loops, clock)
        finite = [jnp.isfinite(leaf).all() for leaf in jax.tree.leaves(agent.parameters(state.weights))]
        return state, {**metrics, "healthy": jnp.stack(finite).all()}

    like = _likes.get(wanted.recipe, lambda: shared.like._replace(memory=jax.eval_shape(agent.memory)))
    memory = agent.memory
    if jax.tree.leaves(like.memory):
        memory = _compiled("memory", agent.memory, (), device, spent)
    clock = moment(0, 0, 0, True)
    train = _compiled("segment", segment, (like, wanted.traced, wanted.loops, clock), device, spent, donate_argnums=0)

    def init(words: Any, traced: Any, loops: Any) -> State:
        return shared.begin(words, traced, loops)._replace(memory=memory())

    return Program(agent, init, train, shared.evaluate, like, spent)


def _like(agent: Agent, wanted: Prepared) -> State:
    like: State = jax.eval_shape(_begin(agent), *_first(wanted))
    return like._replace(memory=jax.eval_shape(agent.memory))


def _first(wanted: Prepared) -> tuple[Any, ...]:
    """Return what `init` is called with."""
    return np.zeros(2, np.uint32), wanted.traced, wanted.loops


def _begin(agent: Agent) -> Callable[..., State]:
    def begin(words: Any, traced: Any, loops: Any) -> State:
        return agent.init(streams.from_words(words), traced, loops)

    return begin


def _compile_shared(agent: Agent, wanted: Prepared, device: jax.Device, spent: dict[str, float]) -> _Shared:
    def evaluate(weights: Any, key: Any, traced: Any, loops: Any, progress: Any, number: Any) -> dict[str, jax.Array]:
        key = jax.random.fold_in(jax.random.fold_in(key, _EVALUATION), number)
        return agent.evaluate(weights, traced, loops, progress, key)

    begin, first = _begin(agent), _first(wanted)
    like = jax.eval_shape(begin, *first)
    then = (like.weights, like.key, wanted.traced, wanted.loops, np.float32(0), np.int32(0))
    return _Shared(
        _compiled("init", begin, first, device, spent),
        _compiled("evaluate", evaluate, then, device, spent),
        like,
        spent,
    )


def _compiled(
    name: str,
    function: Callable[..., Any],
    arguments: tuple[Any, ...],
    device: jax.Device,
    spent: dict[str, float],
    **options: Any,
) -> Callable[..., Any]:
    """Compile a function for arguments like these, and note the seconds of the processor that it took."""
    with Share() as share, jax.default_device(device):
        made: Callable[..., Any] = jax.jit(function, **options).lower(*arguments).compile()
    spent[name] = share.cpu_s
    return made
