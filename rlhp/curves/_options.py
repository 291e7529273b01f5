"""The options that statistics over runs share, checked once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from rlhp.arguments import choice, name_list, number_array, random_generator, real, shown, whole
from rlhp.options import options

Align = Literal["previous", "linear"]
ALIGN = ("previous", "linear")


@options
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


TestName = Literal["permutation", "welch", "bootstrap"]
_METHODS = ("permutation", "welch", "bootstrap")
CORRECTIONS = ("holm", "bonferroni", "none")


@options
@dataclass(frozen=True)
class Test:
    """How groups of runs are tested for a difference; a method's name alone, ``test="welch"``, leaves the rest as is.

    Attributes
    ----------
    method : {"permutation", "welch", "bootstrap"}
        All three take the difference in units of its standard error. "permutation" compares it with its distribution
        when runs change groups (all permutations where there are no more than `n_boot`), "welch" with Student's t
        (with statistic="iqm" this is Yuen's test), "bootstrap" with its distribution over whole-run resamples.
    statistic : {"mean", "iqm"}
        What is compared.
    correction : {"holm", "bonferroni", "none"}
        How p-values account for the number of pairs. Intervals are of each pair alone.
    confidence : float
        Of the intervals; one minus this is the level of the test.
    n_boot : int
        Number of random permutations or resamples.

    Raises
    ------
    TypeError, ValueError
        If one is not what it must be; the message names it.

    Examples
    --------
    >>> Test("welch", statistic="iqm", confidence=0.9).level
    0.1
    """

    __test__ = False  # what collects tests by their names must not take it for one

    method: TestName = "permutation"
    statistic: Literal["mean", "iqm"] = "mean"
    correction: Literal["holm", "bonferroni", "none"] = "holm"
    confidence: float = 0.95
    n_boot: int = 10_000

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        choice("test.method", self.method, _METHODS, kind="method")
        choice("test.statistic", self.statistic, ("mean", "iqm"), kind="statistic")
        choice("test.correction", self.correction, CORRECTIONS, kind="correction")
        share("test.confidence", self.confidence)
        check_draws("test.n_boot", self.n_boot, self.confidence)

    @property
    def level(self) -> float:
        """How likely a difference is found where there is none."""
        return round(1 - self.confidence, 12)

    @classmethod
    def of(cls, test: Any) -> Test:
        """Return what a comparison was passed as `test`: a test, or the name of its method.

        Raises
        ------
        TypeError, ValueError
            If it is neither.
        """
        if isinstance(test, cls):
            return test
        if not isinstance(test, str):
            names = ", ".join(map(repr, _METHODS))
            raise TypeError(f"`test` is {shown(test)}; give one of {names}, or `curves.Test(...)`.")
        return cls(choice("test", test, _METHODS))  # type: ignore[arg-type]


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
    check_draws("n_boot", n_boot, confidence)


def check_draws(name: str, n_boot: Any, confidence: float) -> None:
    """Refuse a number of draws that cannot be, or is too small for the confidence."""
    why = f"With fewer draws none lies outside an interval of {100 * confidence:g} %."
    whole(name, n_boot, at_least=fewest_draws(confidence), at_most=10**8, hint=why)


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
