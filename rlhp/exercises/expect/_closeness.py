"""Numbers close to the wanted ones, and what was done to them where they are not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rlhp.exercises.expect._failing import Mistakes, fail
from rlhp.exercises.expect._numbers import as_numbers
from rlhp.exercises.expect._shapes import shape_message
from rlhp.exercises.expect._wording import show


def close(
    got: Any,
    wanted: Any,
    what: str,
    *,
    rtol: float = 1e-6,
    atol: float = 1e-9,
    mistakes: Mistakes = (),
    reveal: bool = True,
) -> None:
    """Require numbers close to the wanted ones.

    Parameters
    ----------
    got, wanted : object
        Numbers, arrays, lists, Series, ...
    what : str
        Name of `got`.
    rtol, atol : float
        Tolerances, as in `numpy.isclose`.
    mistakes : iterable of (value, message)
        What typical mistakes give, looked at first.
    reveal : bool
        Whether the message may show the wanted values. Switch it off where they are the whole answer.

    Raises
    ------
    CheckFailed
        When they differ. The message recognises a wrong shape, a transposed, reversed or shifted array, a
        wrong sign, percent in place of a share, and NaN.

    Examples
    --------
    >>> from rlhp.exercises import CheckFailed
    >>> try:
    ...     close(0.7625, 0.525, "`epsilon(0.25)`", mistakes=[(0.7625, "Divide `progress` by `fraction`.")])
    ... except CheckFailed as failure:
    ...     print(failure)
    `epsilon(0.25)` is 0.7625; 0.525 was expected. Divide `progress` by `fraction`.
    """
    target = np.asarray(wanted, dtype=np.float64)
    values = as_numbers(got, what, wanted="a number" if target.ndim == 0 else "an array of numbers")

    def near(left: NDArray[np.float64], right: NDArray[np.float64]) -> bool:
        return left.shape == right.shape and bool(np.allclose(left, right, rtol=rtol, atol=atol, equal_nan=True))

    if near(values, target):
        return
    lead = _difference(values, target, what, rtol, atol, reveal)
    for value, message in mistakes:
        if near(values, np.asarray(value, dtype=np.float64)):
            fail(f"{lead} {message}")
    if values.shape != target.shape:
        fail(shape_message(values.shape, target.shape, what, (), None))
    if np.isnan(values).any() and not np.isnan(target).any():
        fail(f"{what} contains NaN. A division by zero, an empty mean, a missing value not left out?")
    fail(f"{lead} {_likeness(values, target, near)}".rstrip())


def _difference(
    values: NDArray[np.float64],
    target: NDArray[np.float64],
    what: str,
    rtol: float,
    atol: float,
    reveal: bool,
) -> str:
    """Return where the two differ first."""
    if not reveal:
        return f"{what} is {show(values)}, which is not right."
    if values.shape != target.shape or values.size == 1:
        return f"{what} is {show(values)}; {show(target)} was expected."
    wrong = np.argwhere(~np.isclose(values, target, rtol=rtol, atol=atol, equal_nan=True))
    first = tuple(int(index) for index in wrong[0])
    shown = ", ".join(map(str, first))
    return (
        f"{what} differs in {len(wrong)} of {values.size} entries; entry [{shown}] is "
        f"{show(values[first])}, {show(target[first])} was expected."
    )


def _likeness(
    values: NDArray[np.float64],
    target: NDArray[np.float64],
    near: Callable[[NDArray[np.float64], NDArray[np.float64]], bool],
) -> str:
    """Recognise what was done to the right answer to get this one."""
    if near(-values, target):
        return "The sign is the wrong way round."
    if near(values / 100.0, target):
        return "It is 100 times too large: a share between 0 and 1, not percent."
    if near(values * 100.0, target):
        return "It is 100 times too small: percent, not a share."
    if target.ndim == 2 and near(values.T, target):
        return "Rows and columns are swapped: transpose it."
    if target.ndim >= 1 and target.shape[0] >= 2:
        if near(values[::-1], target):
            return "It is in reverse order."
        if target.shape[0] >= 3 and (near(values[1:], target[:-1]) or near(values[:-1], target[1:])):
            return "It is right but shifted by one entry: look at where your range starts and ends."
    return ""
