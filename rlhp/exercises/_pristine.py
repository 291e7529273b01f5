"""What libraries were before a notebook ran, to be put back before and while a check looks at an answer.

A notebook may replace `numpy.allclose`, `abs` or a method of `pandas.DataFrame`, in earnest or to please a check. A
snapshot is taken before the first cell; `put_back` undoes what was replaced since: names in modules, methods of
classes, and the code of functions. What a notebook *adds* stays, unless it hides an inherited method, and so does what
it changes inside a dict, a list or an array.
"""

from __future__ import annotations

import gc
import sys
import types
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

OFTEN = ("builtins", "numpy", "pandas", "math", "operator", "copy", "inspect", "random")
"""Modules that are looked at after every call of an answer; all the others once a check."""

ROOTS = frozenset(
    "builtins _hashlib _hmac _json _frozen_importlib _frozen_importlib_external importlib types typing abc ast "
    "contextlib copy dataclasses functools hashlib hmac inspect io itertools json linecache math numbers operator "
    "pkgutil random re reprlib statistics collections html os pathlib numpy pandas scipy gymnasium rlhp".split()
)
"""Packages whose names are put back, beside those that lectures come from."""


@dataclass(frozen=True)
class Snapshot:
    """What `take` found; `put_back` compares with it.

    Parameters
    ----------
    modules : tuple of (dict, dict)
        The namespace of a module, and the callables and modules in it; first the list of modules itself.
    often : tuple of (dict, dict)
        The same for the few modules that are looked at after every call.
    classes : tuple of (type, set of str, dict)
        A class, the names in it, and its methods.
    functions : tuple of (function, code, defaults, keyword defaults)
        What a function does, which can be replaced without replacing the function.
    """

    modules: tuple[tuple[dict[str, Any], dict[str, Any]], ...]
    often: tuple[tuple[dict[str, Any], dict[str, Any]], ...]
    classes: tuple[tuple[type, frozenset[str], dict[str, Any]], ...]
    functions: tuple[tuple[types.FunctionType, types.CodeType, Any, Any], ...]


def take(lectures: Collection[str] = ()) -> Snapshot:
    """Note what the modules that are loaded now hold.

    Parameters
    ----------
    lectures : collection of str
        Top names of packages that lectures come from: theirs are put back as well.

    Returns
    -------
    Snapshot

    Examples
    --------
    >>> import math
    >>> before = take()
    >>> root, math.sqrt = math.sqrt, lambda x: 7
    >>> put_back(before)
    >>> math.sqrt is root
    True
    """
    roots = ROOTS.union(lectures)
    names = [name for name in list(sys.modules) if name.partition(".")[0] in roots]
    spaces = {name: vars(sys.modules[name]) for name in names if isinstance(sys.modules[name], types.ModuleType)}
    functions: list[Any] = []
    classes: list[Any] = []
    # Copies all along: other threads may import, and so add names, meanwhile. `dict.copy` is one step, a list of
    # a dict's items is not: the pairs can set off the garbage collector, whose finalizers may let another thread in.
    for found in gc.get_objects():
        if type(found) is types.FunctionType and _is_of(found.__module__, roots):
            functions.append((found, found.__code__, found.__defaults__, found.__kwdefaults__))
        elif issubclass(type(found), type) and _is_of(type.__getattribute__(found, "__module__"), roots):
            methods = {name: value for name, value in vars(found).copy().items() if _is_method(value)}
            classes.append((found, frozenset(vars(found)), methods))
    loaded = {name: sys.modules[name] for name in names}
    return Snapshot(
        ((sys.modules, loaded), *((space, _callables(space)) for space in spaces.values())),
        tuple((spaces[name], _callables(spaces[name])) for name in OFTEN if name in spaces),
        tuple(classes),
        tuple(functions),
    )


def put_back(snapshot: Snapshot) -> None:
    """Undo what was replaced since the snapshot was taken: code first, then names, then methods."""
    for function, code, defaults, keywords in snapshot.functions:
        if function.__code__ is not code:
            function.__code__ = code
        if function.__defaults__ is not defaults:
            function.__defaults__ = defaults
        if function.__kwdefaults__ is not keywords:
            function.__kwdefaults__ = keywords
    _put_back_names(snapshot.modules)
    for cls, names, methods in snapshot.classes:
        now = type.__dict__["__dict__"].__get__(cls)
        for name, method in methods.items():
            if now.get(name) is not method:
                _set(cls, name, method)
        for name in set(list(now)) - names:
            if any(name in vars(base) for base in type.__getattribute__(cls, "__mro__")[1:]):
                type.__delattr__(cls, name)  # it hides the one that the class inherits


def put_back_often(snapshot: Snapshot) -> None:
    """Undo what was replaced in the modules that a check leans on most; cheap enough for after every call."""
    _put_back_names(snapshot.often)


def _put_back_names(spaces: Iterable[tuple[dict[str, Any], dict[str, Any]]]) -> None:
    for space, saved in spaces:
        for name, value in saved.items():
            if space.get(name) is not value:
                space[name] = value


def _set(cls: type, name: str, method: Any) -> None:
    try:
        type.__setattr__(cls, name, method)
    except (AttributeError, TypeError):  # a class written in C cannot be changed, so it was not
        pass


def _callables(space: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value for name, value in space.copy().items() if callable(value) or isinstance(value, types.ModuleType)
    }


def _is_of(module: object, roots: Collection[str]) -> bool:
    return isinstance(module, str) and module.partition(".")[0] in roots


def _is_method(value: object) -> bool:
    return callable(value) or isinstance(value, property | classmethod | staticmethod)
