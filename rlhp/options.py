"""What all objects of options have in common: they are frozen, and an option that is none is refused by its nearest."""

from __future__ import annotations

import dataclasses
import functools
from typing import Any, TypeVar

from rlhp.errors import unknown_name

__all__ = ["options"]

_T = TypeVar("_T")


def options(kind: type[_T]) -> type[_T]:
    """Have a frozen dataclass refuse an unknown field with the nearest one that it has.

    Raises
    ------
    TypeError
        When the class is called with a field that it lacks.

    Examples
    --------
    >>> @options
    ... @dataclasses.dataclass(frozen=True)
    ... class Fit:
    ...     n_trees: int = 64
    >>> Fit(n_tree=16)
    Traceback (most recent call last):
    TypeError: unknown option `n_tree` for Fit; did you mean `n_trees`? Valid: n_trees.
    """
    made = kind.__init__
    names = [one.name for one in dataclasses.fields(kind) if one.init]  # type: ignore[arg-type]

    @functools.wraps(made)
    def __init__(self: _T, *values: Any, **named: Any) -> None:
        for name in named:
            if name not in names:
                raise TypeError(unknown_name("option", name, names, where=kind.__name__))
        made(self, *values, **named)

    kind.__init__ = __init__  # type: ignore[method-assign,assignment]
    return kind
