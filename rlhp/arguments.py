"""What a public function asks of its arguments: each check names the argument, what it is, and what to give.

A check returns the value in the type the caller works with, so that ``n = whole("n", n, at_least=1)`` is all a function
needs. What is of another kind altogether (a list where `Runs` are needed) is a `TypeError`; everything else that cannot
be is a `ValueError`.
"""

from __future__ import annotations

import math
import numbers
import os
import reprlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from rlhp.errors import unknown_name

__all__ = [
    "choice",
    "flag",
    "instance",
    "mapping",
    "name_list",
    "number_array",
    "path",
    "random_generator",
    "real",
    "sequence",
    "several",
    "shown",
    "text",
    "whole",
]

_T = TypeVar("_T")
_REPR = reprlib.Repr()
_REPR.maxstring = _REPR.maxother = 80

# What NumPy and the rest of the house can hold as a whole number.
LARGEST = 2**63 - 1


def shown(value: object) -> str:
    """Write a value for a message: short, on one line, whatever its own `repr` does.

    Examples
    --------
    >>> shown([1, 2, 3]), shown("a" * 200)[:12]
    ('[1, 2, 3]', "'aaaaaaaaaaa")
    """
    try:
        line = " ".join(_REPR.repr(value).split())
    except Exception:  # a foreign __repr__ may do anything
        line = "<no repr>"
    kind = type(value)
    plain = value is None or kind.__module__ == "builtins"
    return line if plain and len(line) <= 100 else f"{line[:100]} ({kind.__name__})"


def real(
    name: str,
    value: Any,
    *,
    above: float | None = None,
    at_least: float | None = None,
    below: float | None = None,
    at_most: float | None = None,
    finite: bool = True,
    what: str = "",
    hint: str = "",
) -> float:
    """Return a real number as a float, within its bounds.

    Parameters
    ----------
    name : str
        The argument's name, for the message.
    value : object
    above, at_least, below, at_most : float, optional
        Bounds; `above` and `below` are not allowed themselves.
    finite : bool
        Whether infinity is refused. NaN always is.
    what : str
        What to give, in words of the caller's; by default it is made of the bounds.
    hint : str
        A sentence put last.

    Raises
    ------
    ValueError
        If it is no number (True and "1" are none) or out of bounds.

    Examples
    --------
    >>> real("confidence", 0.95, above=0, below=1)
    0.95
    """
    wanted = "a finite number" if finite else "a number"
    wanted += _bounds(above=above, at_least=at_least, below=below, at_most=at_most)
    number = math.nan
    if isinstance(value, numbers.Real) and not isinstance(value, bool | np.bool_):
        try:
            number = float(value)
        except (OverflowError, ValueError, TypeError):
            pass
    ok = not math.isnan(number) and (math.isfinite(number) or not finite)
    ok = ok and (above is None or number > above) and (at_least is None or number >= at_least)
    ok = ok and (below is None or number < below) and (at_most is None or number <= at_most)
    if not ok:
        raise ValueError(_message(name, value, what or wanted, hint))
    return number


def whole(
    name: str,
    value: Any,
    *,
    at_least: int | None = None,
    at_most: int | None = LARGEST,
    what: str = "",
    hint: str = "",
) -> int:
    """Return a whole number as an int; 3.0, True and "3" are none.

    Raises
    ------
    ValueError
        If it is no whole number or out of bounds; by default what does not fit 64 bits is.

    Examples
    --------
    >>> whole("n", np.int64(3), at_least=1)
    3
    """
    ok = isinstance(value, int | np.integer) and not isinstance(value, bool)
    ok = ok and (at_least is None or value >= at_least) and (at_most is None or value <= at_most)
    if not ok:
        top = None if at_most == LARGEST and not (isinstance(value, int) and value > LARGEST) else at_most
        wanted = what or "a whole number" + _bounds(at_least=at_least, at_most=top)
        raise ValueError(_message(name, value, wanted, hint))
    return int(value)


def flag(name: str, value: Any, *, hint: str = "") -> bool:
    """Return True or False.

    Raises
    ------
    ValueError
        If it is anything else.
    """
    if not isinstance(value, bool | np.bool_):
        raise ValueError(_message(name, value, "True or False", hint))
    return bool(value)


def text(name: str, value: Any, *, empty: bool = False, hint: str = "") -> str:
    """Return a str.

    Raises
    ------
    ValueError
        If it is none, or empty where that is not allowed.
    """
    if not isinstance(value, str) or not (value or empty):
        raise ValueError(_message(name, value, "a text", hint))
    return str(value)


def choice(name: str, value: Any, valid: Iterable[str], *, kind: str = "", where: str = "", hint: str = "") -> str:
    """Return one of some names; `kind` is what they are names of, by default the argument's own name.

    `where` says of what, as in `rlhp.errors.unknown_name`.

    Raises
    ------
    ValueError
        If it is none of them; the message gives the nearest.

    Examples
    --------
    >>> choice("method", "sobol", ["random", "sobol"])
    'sobol'
    """
    names = list(valid)
    if not isinstance(value, str) or not value:
        raise ValueError(_message(name, value, f"one of {', '.join(map(repr, names))}", hint))
    if value not in names:
        raise ValueError(unknown_name(kind or name, value, names, where=where, hint=hint))
    return str(value)


def sequence(name: str, value: Any, *, hint: str = "") -> list[Any]:
    """Return the items of a sequence, or of anything that can be gone through, as a list.

    Raises
    ------
    TypeError
        If it is none; a text and a mapping are none either.

    Examples
    --------
    >>> sequence("seeds", range(3))
    [0, 1, 2]
    """
    if not several(value):
        raise TypeError(_message(name, value, "a sequence such as a list", hint))
    return list(value)


def several(value: Any) -> bool:
    """Whether a value is a sequence of items: not one number, one text or a mapping."""
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable):
        return False
    return not isinstance(value, np.ndarray) or value.ndim > 0


def name_list(name: str, value: Any, *, empty: bool = True, hint: str = "") -> list[str]:
    """Return a list of names, each once, of one name or several; None is an empty list.

    Raises
    ------
    ValueError
        If it is anything else, or empty where that is not allowed.

    Examples
    --------
    >>> name_list("by", "gamma"), name_list("by", ("gamma", "tau")), name_list("by", None)
    (['gamma'], ['gamma', 'tau'], [])
    """
    given: list[Any] | None = [] if value is None else None
    if isinstance(value, str):
        given = [value]
    elif isinstance(value, Iterable) and not isinstance(value, Mapping | bytes) and not hasattr(value, "columns"):
        try:
            given = list(value)
        except TypeError:  # an array without an axis calls itself iterable
            given = None
    if given is None or not all(isinstance(one, str) and one for one in given) or not (given or empty):
        raise ValueError(_message(name, value, "a name, or a list of names", hint))
    return list(dict.fromkeys(given))


def mapping(name: str, value: Any, *, hint: str = "") -> dict[str, Any]:
    """Return a mapping of names to anything as a dict.

    Raises
    ------
    TypeError
        If it is no mapping.
    ValueError
        If a key is no name.
    """
    if not isinstance(value, Mapping):
        raise TypeError(_message(name, value, "a mapping such as a dict", hint))
    for key in value:
        if not isinstance(key, str):
            raise ValueError(f"`{name}` has the key {shown(key)}; keys are names (str).{_last(hint)}")
    return dict(value)


def instance(name: str, value: Any, kind: type[_T] | tuple[type[_T], ...], *, hint: str = "") -> _T:
    """Return a value that is of a class.

    Raises
    ------
    TypeError
        If it is of another; `hint` should say which call makes one.
    """
    if not isinstance(value, kind):
        kinds = kind if isinstance(kind, tuple) else (kind,)
        wanted = " or ".join(f"`{one.__name__}`" for one in kinds)
        raise TypeError(_message(name, value, wanted, hint))
    return value


def path(name: str, value: Any, *, hint: str = "") -> Path:
    """Return a path, of a str or anything like a path.

    Raises
    ------
    TypeError
        If it is none.
    ValueError
        If it is empty, or no system can hold it (a NUL inside).
    """
    if not isinstance(value, str | os.PathLike) or isinstance(os.fspath(value), bytes):
        raise TypeError(_message(name, value, "a path", hint))
    whole_path = os.fspath(value)
    if not whole_path or "\0" in whole_path:
        raise ValueError(_message(name, value, "a path", hint))
    return Path(whole_path)


def random_generator(value: Any, *, name: str = "rng") -> np.random.Generator:
    """Return the generator that a seed stands for, or the generator that was given.

    Raises
    ------
    ValueError
        If it is neither a seed (a whole number from 0) nor a generator.
    """
    if isinstance(value, np.random.Generator):
        return value
    if not isinstance(value, int | np.integer) or isinstance(value, bool) or value < 0:
        raise ValueError(_message(name, value, f"a seed such as {name}=0, or a numpy.random.Generator", ""))
    return np.random.default_rng(int(value))


def number_array(
    name: str,
    value: Any,
    *,
    ndim: int | Sequence[int] = 1,
    finite: bool = True,
    empty: bool = False,
    what: str = "",
    hint: str = "",
) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return an array of real numbers as float64.

    Parameters
    ----------
    name : str
    value : object
        A (nested) sequence, array, Series or DataFrame of numbers.
    ndim : int or sequence of int
        How many axes it may have.
    finite : bool
        Whether NaN and infinity are refused.
    empty : bool
        Whether it may hold nothing.
    what, hint : str
        As in `real`.

    Raises
    ------
    ValueError
        If it holds anything else (text, None, ragged rows), or has another number of axes.

    Examples
    --------
    >>> number_array("scores", [1, 2, 3])
    array([1., 2., 3.])
    """
    axes = [ndim] if isinstance(ndim, int) else list(ndim)
    wanted = f"{'finite ' if finite else ''}numbers in {' or '.join(map(str, axes))} dimension{'s' * (axes != [1])}"
    array = None
    if not isinstance(value, str | bytes | Mapping | set | frozenset):
        given = list(value) if isinstance(value, Iterable) and not hasattr(value, "__array__") else value
        try:
            array = np.asarray(given)
            if array.dtype == object and all(isinstance(one, numbers.Real) or one is None for one in array.flat):
                array = array.astype(np.float64)
        except (ValueError, TypeError, OverflowError):
            array = None
    if array is None or array.dtype.kind not in "iuf" or array.ndim not in axes or not (array.size or empty):
        raise ValueError(_message(name, value, what or wanted, hint))
    array = array.astype(np.float64)
    if finite and not np.isfinite(array).all():
        at = tuple(int(one[0]) for one in np.nonzero(~np.isfinite(array)))
        place = at[0] if len(at) == 1 else at
        raise ValueError(f"`{name}` holds {array[at]} at {place}; give {what or 'finite numbers only'}.{_last(hint)}")
    return array


def _bounds(**bounds: float | None) -> str:
    words = {"above": "above", "at_least": "of at least", "below": "below", "at_most": "of at most"}
    said = [
        f"{words[name]} {f'{bound:,}' if isinstance(bound, int) else f'{bound:g}'}"
        for name, bound in bounds.items()
        if bound is not None
    ]
    return f" {' and '.join(said)}" if said else ""


def _message(name: str, value: object, wanted: str, hint: str) -> str:
    return f"`{name}` is {shown(value)}; give {wanted}.{_last(hint)}"


def _last(hint: str) -> str:
    return f" {hint}" if hint else ""
