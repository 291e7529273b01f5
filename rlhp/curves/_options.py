"""The options that statistics over runs share, checked once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from rlhp.arguments import choice, name_list, number_array, random_generator, real, shown, whole

Align = Literal["previous", "linear"]
ALIGN = ("previous", "linear")


@dataclass(frozen=True, eq=False)
class Grid:
    """The steps at which curves are compared, and what each gives between two of its evaluations.

    Attributes
    ----------
    steps : sequence of int, optional
        Environment steps, which must lie where all runs of a group were evaluated. By default those of all runs, or
        where these differ, those of the run with the fewest evaluations, at most 200, within the range that all cover.
    align : {"previous", "linear"}
        Where runs of a group were evaluated at different steps: each gives its latest evaluation so far, or a straight
        line between evaluations. Nothing is extrapolated.

    Examples
    --------
    >>> Grid(align="linear").align
    'linear'
    """

    steps: ArrayLike | None = None
    align: Align = "previous"

    def __post_init__(self) -> None:
        """Refuse another way to align; steps are checked where the runs are known."""
        choice("align", self.align, ALIGN)


def as_grid(grid: Grid | ArrayLike | None) -> Grid:
    """Return the option `grid` of a statistic as a `Grid`."""
    return grid if isinstance(grid, Grid) else Grid(grid)


def grouping(by: str | Sequence[str] | None) -> tuple[str, ...]:
    """Return the names to group by, each once."""
    return tuple(name_list("by", by, hint="They are hyperparameters, or columns of `runs.table`."))


def share(name: str, value: Any, *, usual: str = "0.95", what: str = "a number") -> float:
    """Return a share strictly between 0 and 1; `what` it is and a `usual` one are said where it is not."""
    number = real(name, value, what=f"{what} between 0 and 1, such as {usual}")
    if not 0 < number < 1:
        percent = ", not per cent" if number >= 1 else ""
        raise ValueError(f"`{name}` is {shown(value)}; give {what} between 0 and 1{percent}, such as {usual}.")
    return number


def check_options(rng: Any, confidence: Any, n_boot: Any) -> None:
    """Refuse options of the bootstrap that cannot be."""
    random_generator(rng)
    share("confidence", confidence)
    least = fewest_draws(confidence)
    why = f"With fewer draws none lies outside an interval of {100 * confidence:g} %."
    whole("n_boot", n_boot, at_least=least, at_most=10**8, hint=why)


def fewest_draws(confidence: float) -> int:
    """Return the fewest draws of which one lies outside an interval at either end.

    >>> fewest_draws(0.95)
    40
    """
    return math.ceil(round(2 / (1 - confidence), 6))


def failures_option(value: Any, policies: Sequence[str], *, hint: str) -> str | float:
    """Return the policy for failed runs: one of some names, or a finite number."""
    if isinstance(value, str):
        return choice("failures", value, policies, kind="failures policy", hint=hint)
    return real("failures", value, what=f"one of {', '.join(policies)}, or a number; it must be finite")


def ascending(name: str, value: Any, *, what: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return numbers that ascend; `what` they are is said where they do not."""
    numbers = number_array(name, value, what=what)
    if (np.diff(numbers) <= 0).any():
        raise ValueError(f"`{name}` is {shown(value)}; give {what}.")
    return numbers


def horizon_option(value: Any) -> None:
    """Refuse a horizon that is no number of environment steps."""
    if value is not None:
        whole("horizon", value, at_least=1, what="environment steps, a whole number above 0")
