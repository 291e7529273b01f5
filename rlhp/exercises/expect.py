"""What checks are written with: comparisons whose messages say what to look at.

Every function raises `CheckFailed` when the answer is not as expected. ``what`` names the thing compared, in
the student's own words and usually in backticks: ``"`linear_epsilon(0.25)`"``.
"""

from __future__ import annotations

import copy
import random
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from rlhp.errors import unknown_name
from rlhp.exercises.failures import CheckFailed

Mistakes = Iterable[tuple[Any, str]]
"""Pairs of the value that a typical mistake gives and what to tell whoever made it."""


def fail(message: str) -> NoReturn:
    """Fail with a message.

    Raises
    ------
    CheckFailed
        Always.

    Examples
    --------
    >>> try:
    ...     fail("Look at the axis.")
    ... except CheckFailed as failure:
    ...     print(failure)
    Look at the axis.
    """
    raise CheckFailed(message)


def true(condition: object, message: str) -> None:
    """Fail with `message` unless `condition` holds (for an array: everywhere).

    Raises
    ------
    CheckFailed
        When it does not hold.

    Examples
    --------
    >>> true(2 > 1, "Two is more than one.")
    """
    if not np.all(np.asarray(condition, dtype=bool)):
        fail(message)


def number(got: Any, what: str, *, low: float | None = None, high: float | None = None) -> float:
    """Require one finite number, and return it.

    Parameters
    ----------
    got : object
        What the answer gave.
    what : str
        Its name.
    low, high : float, optional
        Bounds, both included.

    Returns
    -------
    float

    Raises
    ------
    CheckFailed
        When it is no number, several numbers, not finite, or outside its bounds.

    Examples
    --------
    >>> number(np.float64(0.5), "`share()`", low=0, high=1)
    0.5
    """
    values = _numeric(got, what, wanted="a number")
    if values.size != 1:
        fail(f"{what} has shape {values.shape}; one number was expected.")
    value = float(values.reshape(()))
    if not np.isfinite(value):
        fail(f"{what} is {value}; a finite number was expected.")
    if (low is not None and value < low) or (high is not None and value > high):
        bounds = _bounds(low, high)
        fail(f"{what} is {_show(value)}; a number {bounds} was expected.")
    return value


def array(
    got: Any,
    shape: tuple[int, ...],
    what: str,
    *,
    axes: Sequence[str] = (),
    reduced_from: tuple[int, ...] | None = None,
) -> NDArray[np.float64]:
    """Require numbers of a given shape, and return them as an array.

    Parameters
    ----------
    got : object
        What the answer gave: an array, a list, a Series, ...
    shape : tuple of int
        The shape wanted.
    what : str
        Its name.
    axes : sequence of str, optional
        What the axes of `shape` stand for, such as ``("seed", "step")``; an axis called "seed" of length 1 is
        told that one seed is not enough.
    reduced_from : tuple of int, optional
        Shape of the data that the answer was to average (or sum, ...) along one axis: tells the wrong axis.

    Returns
    -------
    ndarray of float

    Raises
    ------
    CheckFailed
        When the shape differs; the message says how.

    Examples
    --------
    >>> array([1, 2, 3], (3,), "`curve`")
    array([1., 2., 3.])
    """
    if axes and len(axes) != len(shape):
        raise ValueError(f"axes names {len(axes)} axes, shape has {len(shape)}")
    values = _numeric(got, what, wanted="an array of numbers")
    if values.shape != tuple(shape):
        fail(_shape_message(values.shape, tuple(shape), what, axes, reduced_from))
    return values


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
    >>> try:
    ...     close(0.7625, 0.525, "`epsilon(0.25)`", mistakes=[(0.7625, "Divide `progress` by `fraction`.")])
    ... except CheckFailed as failure:
    ...     print(failure)
    `epsilon(0.25)` is 0.7625; 0.525 was expected. Divide `progress` by `fraction`.
    """
    target = np.asarray(wanted, dtype=np.float64)
    values = _numeric(got, what, wanted="a number" if target.ndim == 0 else "an array of numbers")

    def near(left: NDArray[np.float64], right: NDArray[np.float64]) -> bool:
        return left.shape == right.shape and bool(
            np.allclose(left, right, rtol=rtol, atol=atol, equal_nan=True)
        )

    if near(values, target):
        return
    lead = _difference(values, target, what, rtol, atol, reveal)
    for value, message in mistakes:
        if near(values, np.asarray(value, dtype=np.float64)):
            fail(f"{lead} {message}")
    if values.shape != target.shape:
        fail(_shape_message(values.shape, target.shape, what, (), None))
    if np.isnan(values).any() and not np.isnan(target).any():
        fail(f"{what} contains NaN. A division by zero, an empty mean, a missing value not left out?")
    fail(f"{lead} {_likeness(values, target, near)}".rstrip())


def equal(got: Any, wanted: Any, what: str, *, mistakes: Mistakes = (), reveal: bool = True) -> None:
    """Require exactly the wanted value: a text, an int, a list, a dict, ...

    Parameters
    ----------
    got, wanted : object
        Compared with ``==`` (arrays and frames element by element).
    what : str
        Name of `got`.
    mistakes : iterable of (value, message)
        What typical mistakes give, looked at first.
    reveal : bool
        Whether the message may show the wanted value.

    Raises
    ------
    CheckFailed
        When they differ.

    Examples
    --------
    >>> equal(["a", "b"], ["a", "b"], "`names`")
    """
    if _same(got, wanted):
        return
    expected = f"; {_show(wanted)} was expected." if reveal else ", which is not right."
    lead = f"{what} is {_show(got)}{expected}"
    for value, message in mistakes:
        if _same(got, value):
            fail(f"{lead} {message}")
    if isinstance(got, list | tuple) and isinstance(wanted, list | tuple):
        if len(got) != len(wanted):
            fail(f"{lead} It has {len(got)} entries, {len(wanted)} were expected.")
        if _same(list(got), list(wanted)[::-1]):
            fail(f"{lead} It is in reverse order.")
    fail(lead)


def one_of(got: Any, valid: Iterable[str], what: str) -> str:
    """Require one of the valid names, and return it.

    Raises
    ------
    CheckFailed
        When it is none of them; the message gives the nearest.

    Examples
    --------
    >>> one_of("iqm", ["mean", "iqm"], "`best_statistic()`")
    'iqm'
    """
    names = list(valid)
    if not isinstance(got, str):
        fail(f"{what} is {_show(got)}; one of these texts was expected: {', '.join(names)}.")
    if got not in names:
        fail(f"{what}: {unknown_name('name', got, names)}")
    return got


def columns(frame: Any, names: Iterable[str], what: str) -> None:
    """Require a data frame that has the named columns (more are welcome).

    Raises
    ------
    CheckFailed
        When it is no data frame or a column is missing; the message gives the nearest that is there.

    Examples
    --------
    >>> import pandas as pd
    >>> columns(pd.DataFrame({"seed": [0], "score": [1.0]}), ["seed"], "`table`")
    """
    present = getattr(frame, "columns", None)
    if present is None:
        fail(f"{what} is {_kind(frame)}; a pandas DataFrame was expected.")
    have = [str(column) for column in present]
    for name in names:
        if name not in have:
            fail(f"{what} has no column `{name}`: {unknown_name('column', name, have)}")


def monotone(got: Any, direction: str, what: str, *, strict: bool = False) -> None:
    """Require numbers that never rise ("falling") or never fall ("rising").

    Parameters
    ----------
    got : array_like [n]
        The numbers.
    direction : {"falling", "rising"}
        The direction.
    what : str
        Their name.
    strict : bool
        Whether equal neighbours are wrong too.

    Raises
    ------
    CheckFailed
        At the first pair of neighbours that goes the wrong way.

    Examples
    --------
    >>> monotone([1.0, 0.5, 0.5], "falling", "`epsilon`")
    """
    if direction not in ("falling", "rising"):
        raise ValueError(unknown_name("direction", direction, ["falling", "rising"]))
    values = np.ravel(_numeric(got, what, wanted="an array of numbers"))
    steps = np.diff(values) * (1.0 if direction == "rising" else -1.0)
    wrong = np.flatnonzero(~(steps > 0.0 if strict else steps >= 0.0))
    if wrong.size:
        place = int(wrong[0])
        fail(
            f"{what} should be {direction} all along, but goes from {_show(values[place])} to "
            f"{_show(values[place + 1])} (entries {place} and {place + 1})."
        )


def several_seeds(got: Any, at_least: int, what: str) -> None:
    """Require results of several different seeds.

    Parameters
    ----------
    got : Runs, DataFrame or iterable of int
        Something with a ``table``, a ``seed`` column, or the seeds themselves.
    at_least : int
        How many different seeds are wanted.
    what : str
        Its name.

    Raises
    ------
    CheckFailed
        When there are fewer.

    Examples
    --------
    >>> several_seeds(range(10), 5, "`seeds`")
    """
    table = getattr(got, "table", got)
    if hasattr(table, "columns"):
        columns(table, ["seed"], what)
        table = table["seed"]
    try:
        seeds = np.unique(np.ravel(np.asarray(list(table))))
    except TypeError:
        fail(f"{what} is {_show(got)}; several seeds were expected: a list, or runs.")
    if seeds.size < at_least:
        only = "one seed" if seeds.size == 1 else f"{seeds.size} different seeds"
        fail(f"{what} has {only}; at least {at_least} were expected. One seed lies: train with several.")


def no_global_random(answer: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call the answer on copies of the arguments, and fail when it draws from a global random generator.

    Returns
    -------
    object
        What the answer returned.

    Raises
    ------
    CheckFailed
        When the state of ``numpy.random``, ``random`` or Torch's global generator moved. It is put back.

    Examples
    --------
    >>> no_global_random(lambda n: list(range(n)), 3)
    [0, 1, 2]
    """
    torch = sys.modules.get("torch")
    # The legacy calls are the point here: a global generator is looked at, never drawn from.
    numpy_state = np.random.get_state()  # noqa: NPY002
    python_state = random.getstate()
    torch_state = torch.get_rng_state() if torch is not None else None
    try:
        result = answer(*copy.deepcopy(args), **copy.deepcopy(kwargs))
        culprits = []
        if not _same(np.random.get_state(), numpy_state):  # noqa: NPY002
            culprits.append("`numpy.random`")
        if random.getstate() != python_state:
            culprits.append("`random`")
        if torch is not None and not bool((torch.get_rng_state() == torch_state).all()):
            culprits.append("`torch`")
    finally:
        np.random.set_state(numpy_state)  # noqa: NPY002
        random.setstate(python_state)
        if torch is not None:
            torch.set_rng_state(torch_state)
    if culprits:
        fail(
            f"`{_name(answer)}` draws from the global generator of {' and '.join(culprits)}, so its result "
            "depends on whatever ran before. Use a `numpy.random.Generator` instead (`rng.random()`, "
            "`rng.integers(...)`)."
        )
    return result


def seeded(answer: Callable[..., Any], *args: Any, seed: int = 0, varies: bool = True, **kwargs: Any) -> Any:
    """Call the answer with an ``rng`` and require that all its randomness comes from there.

    Parameters
    ----------
    answer : callable
        Must take a keyword ``rng``.
    *args, **kwargs
        Its other arguments; each call gets copies.
    seed : int
        Seed of the generator.
    varies : bool
        Whether another seed must give another result.

    Returns
    -------
    object
        What the answer returned for `seed`.

    Raises
    ------
    CheckFailed
        When the answer uses a global generator, gives two results for one seed, or one result for all seeds.

    Examples
    --------
    >>> seeded(lambda n, rng: rng.random(n), 2, seed=1).shape
    (2,)
    """

    def call(call_seed: int) -> Any:
        return no_global_random(answer, *args, rng=np.random.default_rng(call_seed), **kwargs)

    first = call(seed)
    if not _same(first, call(seed)):
        fail(
            f"`{_name(answer)}` gives different results for the same `rng`. Draw every random number from "
            "the `rng` it is given: a new `default_rng()` inside has a seed that nobody knows."
        )
    if varies and all(_same(first, call(seed + offset)) for offset in (1, 2, 3)):
        fail(
            f"`{_name(answer)}` gives the same result whatever `rng` it is given. Draw from `rng`, and do "
            "not fix a seed inside."
        )
    return first


def unchanged(answer: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call the answer and require that it leaves its arguments as they were.

    Returns
    -------
    object
        What the answer returned.

    Raises
    ------
    CheckFailed
        When an argument was changed in place.

    Examples
    --------
    >>> unchanged(sorted, [2, 1])
    [1, 2]
    """
    given_args, given_kwargs = copy.deepcopy(args), copy.deepcopy(kwargs)
    result = answer(*given_args, **given_kwargs)
    if not (_same(given_args, args) and _same(given_kwargs, kwargs)):
        fail(
            f"`{_name(answer)}` changes its argument in place, so whoever calls it loses their data. "
            "Make a copy first (`x = x.copy()`) or build a new object."
        )
    return result


def _name(answer: Callable[..., Any]) -> str:
    return str(getattr(answer, "__name__", "your function"))


def _numeric(got: Any, what: str, *, wanted: str) -> NDArray[np.float64]:
    """Turn what the answer gave into an array of floats, or say why it is none."""
    if isinstance(got, str | bytes | None) or callable(got) or isinstance(got, Mapping | set):
        fail(f"{what} is {_kind(got)}; {wanted} was expected.")
    try:
        values = np.asarray(got)
    except ValueError:
        fail(f"{what} has rows of unequal length; {wanted} was expected.")
    if values.dtype == bool and values.ndim == 0:
        fail(f"{what} is {bool(values)}; {wanted} was expected.")
    if np.iscomplexobj(values):
        fail(f"{what} is complex; {wanted} was expected.")
    try:
        return values.astype(np.float64)
    except (TypeError, ValueError):
        fail(f"{what} is {_kind(got)} and not made of numbers; {wanted} was expected.")


def _kind(value: Any) -> str:
    """Say in words what kind of thing this is."""
    if value is None:
        return "None"
    if isinstance(value, str):
        return f"text ({value[:40]!r})"
    if callable(value):
        return f"a function (`{_name(value)}`); call it, with parentheses"
    return f"a {type(value).__name__}"


def _show(value: Any) -> str:
    if isinstance(value, bool | np.bool_):
        return str(bool(value))
    if isinstance(value, float | np.floating):
        return f"{float(value):.6g}"
    if isinstance(value, np.ndarray):
        if value.ndim == 0:
            return _show(value.item())
        return " ".join(np.array2string(value, precision=4, threshold=8, edgeitems=3).split())
    text = " ".join(repr(value).split())
    return text if len(text) <= 80 else text[:77] + "..."


def _bounds(low: float | None, high: float | None) -> str:
    if low is not None and high is not None:
        return f"between {_show(float(low))} and {_show(float(high))}"
    return f"of at least {_show(float(low))}" if low is not None else f"of at most {_show(float(high or 0))}"


def _difference(
    values: NDArray[np.float64],
    target: NDArray[np.float64],
    what: str,
    rtol: float,
    atol: float,
    reveal: bool,
) -> str:
    """Say where the two differ first."""
    if not reveal:
        return f"{what} is {_show(values)}, which is not right."
    if values.shape != target.shape or values.size == 1:
        return f"{what} is {_show(values)}; {_show(target)} was expected."
    wrong = np.argwhere(~np.isclose(values, target, rtol=rtol, atol=atol, equal_nan=True))
    first = tuple(int(index) for index in wrong[0])
    shown = ", ".join(map(str, first))
    return (
        f"{what} differs in {len(wrong)} of {values.size} entries; entry [{shown}] is "
        f"{_show(values[first])}, {_show(target[first])} was expected."
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


def _shape_message(
    got: tuple[int, ...],
    wanted: tuple[int, ...],
    what: str,
    axes: Sequence[str],
    reduced_from: tuple[int, ...] | None,
) -> str:
    named = f" ({', '.join(axes)})" if axes else ""
    lead = f"{what} has shape {got}; {wanted}{named} was expected."
    if wanted == ():
        return f"{what} has shape {got}; one number was expected."
    if reduced_from is not None:
        wrong_axes = [axis for axis in range(len(reduced_from)) if _without(reduced_from, axis) == got]
        right_axes = [axis for axis in range(len(reduced_from)) if _without(reduced_from, axis) == wanted]
        if wrong_axes and right_axes and wrong_axes != right_axes:
            wrong, right = wrong_axes[0], right_axes[0]
            return f"{lead} That is axis={wrong} of shape {reduced_from}, the wrong axis: use axis={right}."
    if "seed" in axes:
        seeds = list(axes).index("seed")
        same_rank = len(got) == len(wanted)
        if (same_rank and got[seeds] == 1 and wanted[seeds] > 1) or got == _without(wanted, seeds):
            return f"{lead} It holds one seed; {wanted[seeds]} were expected."
    if got == ():
        return f"{what} is one number; shape {wanted}{named} was expected. Does it work on whole arrays?"
    if len(got) >= 2 and got == wanted[::-1]:
        return f"{lead} Its axes are swapped: transpose it."
    if [length for length in got if length != 1] == [length for length in wanted if length != 1]:
        place = "too many" if len(got) > len(wanted) else "too few or elsewhere"
        return f"{lead} It has an axis of length 1 {place}."
    if len(got) == len(wanted):
        gaps = [left - right for left, right in zip(got, wanted, strict=True)]
        if sorted(map(abs, gaps))[-1] == 1 and sum(map(abs, gaps)) == 1:
            side = "one entry too many" if sum(gaps) == 1 else "one entry too few"
            return f"{lead} It has {side}: off by one."
    return lead


def _without(shape: tuple[int, ...], axis: int) -> tuple[int, ...]:
    return shape[:axis] + shape[axis + 1 :]


def _same(left: Any, right: Any) -> bool:
    """Equality that also understands arrays, frames and containers of them."""
    if isinstance(left, np.random.Generator) and isinstance(right, np.random.Generator):
        return True  # a generator is there to be drawn from
    if isinstance(left, np.ndarray) or isinstance(right, np.ndarray):
        left, right = np.asarray(left), np.asarray(right)
        if left.shape != right.shape:
            return False
        if left.dtype == object or right.dtype == object:
            return _same(left.ravel().tolist(), right.ravel().tolist())
        numeric = np.issubdtype(left.dtype, np.number) and np.issubdtype(right.dtype, np.number)
        return bool(np.array_equal(left, right, equal_nan=numeric))
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return left.keys() == right.keys() and all(_same(left[key], right[key]) for key in left)
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        if isinstance(left, list) != isinstance(right, list) or len(left) != len(right):
            return False
        return all(_same(a, b) for a, b in zip(left, right, strict=True))
    equals = getattr(left, "equals", None)
    if callable(equals) and type(left) is type(right):
        return bool(equals(right))
    if isinstance(left, float) and isinstance(right, float) and left != left and right != right:
        return True
    try:
        return bool(left == right)
    except (TypeError, ValueError):
        return False
