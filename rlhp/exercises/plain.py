"""What an answer gave back, as plain values: an object with an `==` of its own agrees with everything."""

from __future__ import annotations

import inspect
import os
import sys
import types
from typing import Any, NoReturn

import numpy as np

from rlhp.exercises.failures import CheckFailed

_HEAP_TYPE = 1 << 9  # Py_TPFLAGS_HEAPTYPE: made while Python runs, as every class written in Python is
_DEPTH = 20
_LIBRARIES = tuple(path for path in sys.path if os.path.isabs(path))
"""Where libraries are: on the search path when this module is loaded, without the notebook's own folder."""

_EXACT = frozenset({bool, bytes, complex, float, int, str, type(None), range, slice})


def plain(value: Any, what: str) -> Any:
    """Give a value of which no part is an object of the student's own.

    Numbers, texts, lists, dicts, arrays, tables and objects of libraries stay as they are, the same object where
    nothing had to change. A subclass of a number, text or container that the notebook defines becomes what it is a
    subclass of, whatever it says of itself. An object of another class of the notebook is refused, and so are
    generators and coroutines, which only begin to run when somebody asks them.

    Parameters
    ----------
    value : object
        What the answer gave.
    what : str
        Its name, such as ``"`linear_epsilon(0.25)`"``.

    Returns
    -------
    object

    Raises
    ------
    CheckFailed
        When there is no plain value; the message says what there is instead.

    Examples
    --------
    >>> class Sly(float):
    ...     def __eq__(self, other):
    ...         return True
    >>> plain([Sly(0.5), 1], "`two()`")
    [0.5, 1]
    """
    return _plain(value, what, 0)


def is_own(cls: type) -> bool:
    """Say whether a class is defined in a notebook or made up on the way, rather than found in a library."""
    if not cls.__flags__ & _HEAP_TYPE:
        return False
    module = sys.modules.get(str(type.__getattribute__(cls, "__module__")))
    if module is None or module.__name__ == "__main__" or not _is_installed(module):
        return True
    found: Any = module
    for part in type.__getattribute__(cls, "__qualname__").split("."):
        found = getattr(found, part, None)
    return found is not cls


def _is_installed(module: types.ModuleType) -> bool:
    """Whether a module's file is a library's; one that lies beside the notebook is as much the student's own."""
    spec = getattr(module, "__spec__", None)
    name, origin = getattr(spec, "name", None), getattr(spec, "origin", None)
    if not isinstance(name, str) or not isinstance(origin, str):
        return False
    if origin in ("built-in", "frozen"):
        return True
    return any(origin.startswith(os.path.join(path, *name.split("."))) for path in _LIBRARIES)


def _plain(value: Any, what: str, depth: int) -> Any:
    kind = type(value)  # `isinstance` believes what an object says of its class; its type does not lie
    if kind in _EXACT:
        return value
    if depth > _DEPTH:
        raise CheckFailed(f"{what} is nested more than {_DEPTH} deep; lists in a list or two were expected.")
    if issubclass(kind, np.ndarray):
        return _plain_array(value, what, depth)
    if issubclass(kind, (list, tuple, set, frozenset, dict)):
        return _plain_container(value, what, depth)
    if any(is_own(base) for base in type.__getattribute__(kind, "__mro__")):
        if issubclass(kind, type):
            return value
        if issubclass(kind, (float, int, complex, str, bytes)):
            return _plain_scalar(value)
        raise CheckFailed(
            f"{what} is an object of your own class `{type.__getattribute__(kind, '__name__')}`; give back plain "
            "numbers, texts, lists, arrays or tables."
        )
    if inspect.isgenerator(value) or inspect.iscoroutine(value) or inspect.isasyncgen(value):
        _refuse_unfinished(value, what)
    return _plain_table(value, what, depth) if kind.__module__.partition(".")[0] == "pandas" else value


def _refuse_unfinished(value: Any, what: str) -> NoReturn:
    if inspect.isgenerator(value):
        raise CheckFailed(f"{what} gives a generator: it holds `yield`, where `return` was expected.")
    if inspect.iscoroutine(value):
        value.close()  # or Python warns that nobody awaited it
        raise CheckFailed(f"{what} gives a coroutine: write `def` in place of `async def`.")
    raise CheckFailed(f"{what} gives an asynchronous generator: write `def` and `return`.")


def _plain_scalar(value: Any) -> Any:
    # The methods of the builtin type, not those that the object brings along.
    for base in (float, int, complex):
        if issubclass(type(value), base):
            return base.__pos__(value)
    return str.__str__(value) if issubclass(type(value), str) else bytes.__getitem__(value, slice(None))


def _plain_container(value: Any, what: str, depth: int) -> Any:
    kind = type(value)
    base = next(base for base in (dict, list, tuple, set, frozenset) if issubclass(kind, base))
    parts = dict.items(value) if base is dict else base.__iter__(value)
    items = list(parts)
    flat = (
        [_plain(item, what, depth + 1) for item in items]
        if base is not dict
        else [(_plain(key, what, depth + 1), _plain(item, what, depth + 1)) for key, item in items]
    )
    same = all(
        (new[0] is old[0] and new[1] is old[1]) if base is dict else new is old
        for old, new in zip(items, flat, strict=True)
    )
    return value if same and not is_own(kind) else base(flat)


def _plain_array(value: Any, what: str, depth: int) -> Any:
    if is_own(type(value)):
        value = np.ndarray.view(value, np.ndarray)
    if value.dtype != object:
        return value
    made = np.empty(value.shape, dtype=object)
    changed = False
    for index in np.ndindex(value.shape):
        item = value[index]
        made[index] = _plain(item, what, depth + 1)
        changed = changed or made[index] is not item
    return made if changed else value


def _plain_table(value: Any, what: str, depth: int) -> Any:
    """Look into the columns that can hold objects; anything else of pandas is one of its own."""
    import pandas as pd

    if isinstance(value, pd.Series):
        cells = value.to_numpy() if value.dtype == object else None
        made = cells if cells is None else _plain_array(cells, what, depth)
        return value if made is cells else pd.Series(made, index=value.index, name=value.name, dtype=object)
    if isinstance(value, pd.DataFrame):
        columns = [value.iloc[:, place] for place in range(value.shape[1])]
        made = [_plain_table(column, what, depth) for column in columns]
        if any(new is not old for new, old in zip(made, columns, strict=True)):
            value = value.copy()
            for place, column in enumerate(made):
                value.isetitem(place, column)
    return value
