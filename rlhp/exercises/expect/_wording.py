"""Values and kinds in the words of a message."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def name_of(answer: Callable[..., Any]) -> str:
    """Return the name of an answer, where it has one."""
    return str(getattr(answer, "__name__", "your function"))


def kind(value: Any) -> str:
    """Return in words what kind of thing this is."""
    if value is None:
        return "None"
    if isinstance(value, str):
        return f"text ({value[:40]!r})"
    if callable(value):
        return f"a function (`{name_of(value)}`); call it, with parentheses"
    return type_of(value)


def type_of(value: Any) -> str:
    """Name the type of a value, with its article.

    Examples
    --------
    >>> type_of(3)
    'an int'
    """
    name = type(value).__name__
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"


def show(value: Any) -> str:
    """Show a value in one line, numbers with as many digits as matter."""
    if isinstance(value, bool | np.bool_):
        return str(bool(value))
    if isinstance(value, float | np.floating):
        return f"{float(value):.6g}"
    if isinstance(value, np.ndarray):
        if value.ndim == 0:
            return show(value.item())
        return " ".join(np.array2string(value, precision=4, threshold=8, edgeitems=3).split())
    text = " ".join(repr(value).split())
    return text if len(text) <= 80 else text[:77] + "..."
