"""Values of hyperparameters on an axis: round numbers where they are, names where there are names."""

from __future__ import annotations

from numbers import Real
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from rlhp.arguments import shown
from rlhp.curves import number_label

_TICKS = 5


def value_text(value: object) -> str:
    """Write a value of a hyperparameter shortly: NaN is inactive, and None a level.

    Examples
    --------
    >>> value_text(0.00025), value_text(100_000), value_text(None), value_text(float("nan"))
    ('0.00025', '100,000', 'None', 'inactive')
    """
    if isinstance(value, bool | np.bool_):
        return str(bool(value))
    if isinstance(value, int | np.integer):
        return f"{int(value):,}"
    if isinstance(value, float | np.floating):
        number = float(value)
        whole = number.is_integer() and abs(number) < 1e9
        return "inactive" if np.isnan(number) else f"{int(number):,}" if whole else number_label(number, 4)
    return str(value) if isinstance(value, str) else shown(value)


def ticks(
    ax: Axes, unit: NDArray[np.float64], values: list[object], side: Literal["x", "y"], count: int = _TICKS
) -> None:
    """Label an axis of coordinates with the values there: round ones, if they are numbers and more than labels."""
    place = ax.set_xticks if side == "x" else ax.set_yticks
    if len(unit) > count and all(isinstance(value, Real) for value in values):
        numbers = np.asarray(values, dtype=float)
        if (np.diff(numbers) > 0).all():
            chosen = _round_numbers(unit, numbers, count)
            place(np.interp(chosen, numbers, unit), [number_label(float(value), 10) for value in chosen])
            return
    at = np.unique(np.linspace(0, len(unit) - 1, min(count, len(unit))).round().astype(int))
    place(unit[at], [value_text(values[k]) for k in at])


def _round_numbers(unit: NDArray[np.float64], numbers: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """Choose the kind of round numbers that leaves the least of an axis without any.

    Powers of ten suit a logarithmic measure, what they leave to 1 a flipped one (a discount), equal steps a linear one.
    """
    powers = 10.0 ** np.arange(-9, 10)
    kinds = (
        powers,
        np.sort(np.outer(powers, (1.0, 2.0, 5.0)).ravel()),
        1.0 - powers[powers < 1][::-1],
        MaxNLocator(count, steps=[1, 2, 2.5, 5, 10]).tick_values(numbers[0], numbers[-1]),
    )
    chosen, least = numbers[[0, -1]], np.inf
    for kind in kinds:
        inside = kind[(kind >= numbers[0] * (1 - 1e-9)) & (kind <= numbers[-1] * (1 + 1e-9))]
        empty = np.diff(np.interp(inside, numbers, unit), prepend=unit[0], append=unit[-1]).max(initial=0.0)
        if 2 <= len(inside) <= count + 2 and empty < least:
            chosen, least = inside, empty
    return chosen
