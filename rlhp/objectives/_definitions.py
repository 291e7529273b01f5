"""Which objectives there are: their direction, their unit, and what they are read off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from rlhp.arguments import choice

Direction = Literal["maximize", "minimize"]
Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Objective:
    """What one objective is: `curve` makes (steps, values) of each run a number, where that is all there is to it."""

    direction: Direction
    unit: str
    column: str  # of `evals`, or of `table` for what is not read off a curve
    curve: Callable[[Array, Array], Array] | None = None  # (steps, values), each [n runs, evaluations], to [n runs]
    is_return: bool = False  # on the scale of `column`, so that the worst value seen there is a lower bound


def area(steps: Array, values: Array) -> Array:
    """Average curves [n runs, evaluations] over the steps they cover, by the trapezoid."""
    if steps.shape[-1] == 1:
        return values[..., 0]
    covered: Array = np.trapezoid(values, steps, axis=-1) / (steps[..., -1] - steps[..., 0])
    return covered


OBJECTIVES = {
    "final_return": Objective("maximize", "undiscounted return", "return_mean", None, True),
    "best_return": Objective("maximize", "undiscounted return", "return_mean", lambda s, v: v.max(axis=-1), True),
    "auc": Objective("maximize", "undiscounted return", "return_mean", area, True),
    "train_auc": Objective("maximize", "undiscounted return", "train_return_mean", area, True),
    "steps_to_threshold": Objective("minimize", "environment steps", "return_mean"),
    "seed_std": Objective("minimize", "undiscounted return", "return_mean"),
    "wall_time": Objective("minimize", "seconds", "wall_time_s"),
    "cpu_time": Objective("minimize", "seconds", "cpu_time_s"),
    "env_steps": Objective("minimize", "environment steps", "steps"),
    "exploration": Objective("maximize", "nats", "entropy", area),
    "value_error": Objective("minimize", "discounted return", "value_error", lambda s, v: area(s, np.abs(v))),
}
"""The objectives by their names."""

# One number for all seeds of a configuration.
PER_CONFIG = ("seed_std",)


def names() -> list[str]:
    """Name the objectives.

    Examples
    --------
    >>> names()[:3]
    ['final_return', 'best_return', 'auc']
    """
    return list(OBJECTIVES)


def direction(objective: str) -> Direction:
    """Return whether more of an objective is better ("maximize") or less ("minimize").

    Raises
    ------
    ValueError
        If there is no such objective.

    Examples
    --------
    >>> direction("seed_std")
    'minimize'
    """
    return find(objective).direction


def find(name: str) -> Objective:
    """Return an objective by its name."""
    return OBJECTIVES[choice("objective", name, OBJECTIVES)]
