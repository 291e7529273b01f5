"""What an answer gave back, as plain values: an object with an `==` of its own agrees with everything."""

from __future__ import annotations

import collections
import functools
import inspect
import os
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

import numpy as np

from rlhp.exercises._failures import CheckFailed

_HEAP_TYPE = 1 << 9  # Py_TPFLAGS_HEAPTYPE: made while Python runs, as every class written in Python is
_DEPTH = 20
_LIBRARIES = tuple(path for path in sys.path if os.path.isabs(path))
"""Where libraries are: on the search path when this module is loaded, without the notebook's own folder."""

_EXACT = frozenset({bool, bytes, bytearray, complex, float, int, str, type(None), type(...), range, slice})

_PACKAGES = frozenset("numpy pandas scipy gymnasium rlhp torch jax jaxlib fractions decimal datetime pathlib".split())
"""Whose objects stay as they are. Others could stand for an object of the notebook (`weakref.proxy`) or equal
everything by themselves (`unittest.mock.ANY`)."""

_LISTS: tuple[type, ...] = (collections.deque, type({}.keys()), type({}.values()), type({}.items()))
_BASES = (dict, list, tuple, set, frozenset)
_KEPT = frozenset({*_BASES, collections.OrderedDict, collections.Counter})
_FUNCTIONS = (types.FunctionType, types.MethodType, types.BuiltinFunctionType, functools.partial)


def plain(value: Any, what: str) -> Any:
    """Return a value of which no part is an object of the student's own.

    Numbers, texts, lists, dicts, arrays, tables and objects of scientific libraries stay as they are, the same object
    where nothing had to change. A subclass of a number, text or container that the notebook defines becomes what it is
    a subclass of, whatever it says of itself; a dict that makes up what is missing becomes one that does not, and a
    function of the notebook one that gives plain values. An object of another class is refused, and so are generators,
    coroutines and iterators, which only begin to run when somebody asks them.

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
    """Return whether a class is defined in a notebook or made up on the way, rather than found in a library."""
    if not cls.__flags__ & _HEAP_TYPE:
        return False
    module = sys.modules.get(str(type.__getattribute__(cls, "__module__")))
    if module is None or module.__name__ == "__main__" or not _is_installed(module):
        return True
    found: Any = module
    for part in type.__getattribute__(cls, "__qualname__").split("."):
        found = getattr(found, part, None)
    # Whoever puts a class into a library's module has still written it in a notebook.
    return found is not cls or any(map(_is_own_function, type.__getattribute__(cls, "__dict__").values()))


def _is_own_function(value: object) -> bool:
    """Whether this is a function whose source is in no library."""
    if type(value) is not types.FunctionType:
        return False
    file = value.__code__.co_filename
    if file.startswith("<"):
        return file.startswith("<ipython-input")
    return not any(file.startswith(path) for path in _LIBRARIES)


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
    if issubclass(kind, _BASES):
        return _plain_container(value, what, depth)
    if kind in _LISTS:
        return [_plain(item, what, depth + 1) for item in value]
    if any(is_own(base) for base in type.__getattribute__(kind, "__mro__")):
        if issubclass(kind, (float, int, complex, str, bytes)):
            return _plain_scalar(value)
        raise CheckFailed(
            f"{what} is an object of your own class `{type.__getattribute__(kind, '__name__')}`; give back plain "
            "numbers, texts, lists, arrays or tables."
        )
    if issubclass(kind, type):
        return value
    if kind in _FUNCTIONS:
        return _plain_function(value, what, depth)
    package = kind.__module__.partition(".")[0]
    if package in _PACKAGES:
        _refuse_hidden_methods(value, what)
        return _plain_table(value, what, depth) if package == "pandas" else value
    if issubclass(kind, Iterator) or inspect.iscoroutine(value) or inspect.isasyncgen(value):
        _refuse_unfinished(value, what)
    raise CheckFailed(
        f"{what} is an object of the class `{kind.__module__}.{kind.__qualname__}`; give back plain numbers, texts, "
        "lists, arrays or tables."
    )


def _plain_function(function: Callable[..., Any], what: str, depth: int) -> Callable[..., Any]:
    """Let a function of the notebook give plain values; one of a library gives them as it is."""
    if type(function) is types.BuiltinFunctionType or (
        type(function) is types.FunctionType and not _is_own_function(function)
    ):
        return function

    def called(*args: Any, **kwargs: Any) -> Any:
        return _plain(function(*args, **kwargs), f"what {what} gives, called,", depth + 1)

    return functools.update_wrapper(called, function)


def _refuse_hidden_methods(value: Any, what: str) -> None:
    """Refuse an object one of whose methods is hidden by an attribute of its own: `frame.equals = ...`."""
    kind = type(value)
    try:
        own = object.__getattribute__(value, "__dict__")
    except AttributeError:
        return
    for name in own:
        if inspect.isroutine(inspect.getattr_static(kind, name, None)):
            raise CheckFailed(f"{what} is a {kind.__name__} whose `{name}` was replaced; give back one as it was made.")


def _refuse_unfinished(value: Any, what: str) -> NoReturn:
    if inspect.isgenerator(value):
        raise CheckFailed(f"{what} gives a generator: it holds `yield`, where `return` was expected.")
    if inspect.iscoroutine(value):
        value.close()  # or Python warns that nobody awaited it
        raise CheckFailed(f"{what} gives a coroutine: write `def` in place of `async def`.")
    if inspect.isasyncgen(value):
        raise CheckFailed(f"{what} gives an asynchronous generator: write `def` and `return`.")
    raise CheckFailed(
        f"{what} gives a `{type(value).__name__}`, which only begins to run when it is asked: "
        "put `list(...)` around it."
    )


def _plain_scalar(value: Any) -> Any:
    # The methods of the builtin type, not those that the object brings along.
    for base in (float, int, complex):
        if issubclass(type(value), base):
            return base.__pos__(value)
    return str.__str__(value) if issubclass(type(value), str) else bytes.__getitem__(value, slice(None))


def _plain_container(value: Any, what: str, depth: int) -> Any:
    kind = type(value)
    base = next(base for base in _BASES if issubclass(kind, base))
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
    # Rows with names, as pandas gives them, are left alone; another dict may make up what is missing.
    named = base is tuple and kind.__module__.partition(".")[0] in _PACKAGES and not is_own(kind)
    return value if same and (kind in _KEPT or named) else base(flat)


def _plain_array(value: Any, what: str, depth: int) -> Any:
    if is_own(type(value)):
        value = np.ndarray.view(value, np.ndarray)
    if isinstance(value, np.ma.MaskedArray):
        if np.ma.getmaskarray(value).any():
            raise CheckFailed(f"{what} is an array of which some is masked; give back one with all its values.")
        value = np.asarray(value)
    if value.dtype.names and value.dtype.hasobject:
        _plain(value.tolist(), what, depth + 1)
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

    if isinstance(value, (pd.Series, pd.Index)) and is_own(type(value.array)):
        raise CheckFailed(f"{what} holds an array of your own class `{type(value.array).__name__}`; use one of pandas.")
    if isinstance(value, pd.Index):
        if value.dtype == object:
            _plain_array(value.to_numpy(), what, depth)
        return value
    if isinstance(value, (pd.Series, pd.DataFrame)):
        for axis in value.axes:
            _plain(axis, what, depth + 1)
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
