"""What every algorithm of the compiled engine is: three pure functions, and hyperparameters of three marks.

A run is `init` once and `segment` again and again, with `evaluate` in between. All three describe *one* run; the
engine vmaps them over many. What may differ between the runs of one compiled program, and what may not, is decided
by a hyperparameter's mark:

- **traced**: a number or a schedule of its own in every run, evaluated while the program runs. Changing it never
  recompiles anything.
- **uniform**: a whole number that steers loops. All runs of one call share it, because under vmap a loop runs as long
  as its longest member, but it is an argument of the program: changing it recompiles nothing either.
- **static**: decides shapes or which code there is at all. A sweep groups its configurations by it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from jaxtyping import Array, Bool, Float, Int, PyTree

__all__ = ["Agent", "Clock", "Traced", "Uniform", "marks", "static", "traced", "uniform"]

Traced = Mapping[str, Float[Array, " numbers"]]
"""The traced hyperparameters of a run: for each name the numbers of its schedule, see `moving.encode`."""
Uniform = Mapping[str, Int[Array, ""]]
"""The uniform hyperparameters that all runs of a call share."""


class Clock(NamedTuple):
    """Where in training a segment stands; the same for all runs of a call.

    Iterations are the algorithm's own: between two of them it has trained on what it collected.
    """

    first: Int[Array, ""]
    """Iterations done before."""
    count: Int[Array, ""]  # type: ignore[assignment]  # tuples have a method of that name, which nobody calls here
    """Iterations to do now."""
    total_steps: Int[Array, ""]
    """Environment steps of the whole run: what schedules measure progress by."""
    fresh: Bool[Array, ""] | bool = True
    """Whether the metrics begin anew; where not, they go on from the segment before, bit for bit as if uncut."""


@dataclass(frozen=True)
class Agent:
    """An algorithm on an environment, its static hyperparameters decided.

    Parameters
    ----------
    init : callable
        ``init(key, traced, uniform) -> state``; a state is a pytree of arrays.
    segment : callable
        ``segment(state, traced, uniform, clock) -> (state, metrics)``: train for `clock.count` iterations. Metrics are
        scalars over all segments since the last with `clock.fresh`: `loss` (mean over the updates, NaN without any)
        and `updates`, `train_return_mean` (of the episodes that ended, NaN if none did) and `n_episodes`.
    evaluate : callable
        ``evaluate(state, traced, progress, key) -> dict`` of the scalars of an evaluation (see `evaluating`);
        `progress` is the share of training done, from 0 to 1. It is told neither the clock nor the uniform
        hyperparameters, so that agents that differ in how they collect share one compiled evaluation.
    parameters : callable
        ``parameters(state)``: the pytree that `act` needs, observation statistics included.
    act : callable
        ``act(parameters, observations [n, ...]) -> actions [n, ...]``: greedy, as the environment takes them.
    """

    init: Callable[..., PyTree]
    segment: Callable[..., tuple[PyTree, dict[str, Array]]]
    evaluate: Callable[..., dict[str, Array]]
    parameters: Callable[[PyTree], PyTree]
    act: Callable[[PyTree, Array], Array]


def traced(default: Any, *, unit: str = "", source: str = "") -> Any:
    """Declare a hyperparameter that may differ between runs of one program and move while they train."""
    return _field("traced", default, unit, source)


def uniform(default: Any, *, unit: str = "", source: str = "") -> Any:
    """Declare a hyperparameter that all runs of a call share, and that recompiles nothing."""
    return _field("uniform", default, unit, source)


def static(default: Any, *, unit: str = "", source: str = "") -> Any:
    """Declare a hyperparameter that decides shapes or code."""
    return _field("static", default, unit, source)


def _field(mark: str, default: Any, unit: str, source: str) -> Any:
    return dataclasses.field(default=default, metadata={"mark": mark, "unit": unit, "source": source})


def marks(hyperparameters: type[Any]) -> dict[str, str]:
    """Give the mark of each field of an algorithm's `Hyperparameters`.

    Examples
    --------
    >>> from rlhp.agents import dqn
    >>> marks(dqn.Hyperparameters)["learning_rate"]
    'traced'
    """
    return {field.name: field.metadata["mark"] for field in dataclasses.fields(hyperparameters)}
