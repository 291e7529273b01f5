"""What one cell of somebody's file holds: a number, a whole number, a hyperparameter; each refusal says where.

A cell is a text (of a file) or any object (of a data frame). `Place` gives a cell's whereabouts for a message.
"""

from __future__ import annotations

import json
import math
import numbers
import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rlhp.arguments import LARGEST, shown
from rlhp.errors import unknown_name
from rlhp.frames import STATUSES, encode_value

Place = Callable[[int], str]

_WHOLE = re.compile(r"[+-]?[0-9]{1,19}")
_NUMBER = re.compile(
    r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]+)?|[+-]?(nan|inf|infinity)", re.IGNORECASE | re.ASCII
)
_MISSING = {"", "na", "n/a", "nan", "none", "null", "<na>"}
_TRUTH = {"true": True, "false": False}


def is_blank(cell: Any) -> bool:
    """Whether a cell holds nothing: an empty text, None, NA or NaT; NaN is a number."""
    return (not cell.strip()) if isinstance(cell, str) else (cell is None or cell is pd.NA or cell is pd.NaT)


def number(cell: Any) -> float | None:
    """Return the number a cell holds, NaN where it is blank, None where it is none."""
    if isinstance(cell, str):
        text = cell.strip()
        return float(text) if _NUMBER.fullmatch(text) else (math.nan if not text else None)
    if is_blank(cell):
        return math.nan
    if isinstance(cell, numbers.Real) and not isinstance(cell, bool | np.bool_):
        try:
            return float(cell)
        except (OverflowError, ValueError, TypeError):
            return None
    return None


def numbers_of(cells: Sequence[Any], place: Place) -> NDArray[np.float64]:
    """Return the numbers of a column; a blank cell is NaN.

    Raises
    ------
    ValueError
        If a cell is no number; the message says where it stands.
    """
    values = np.empty(len(cells))
    for at, cell in enumerate(cells):
        value = number(cell)
        if value is None:
            raise ValueError(f"{place(at)}: {_named(cell)} is not a number; write plain numbers such as 1000 or 0.5.")
        values[at] = value
    return values


def wholes_of(
    cells: Sequence[Any], place: Place, *, at_least: int | None = None, default: int | None = None
) -> NDArray[np.int64]:
    """Return the whole numbers of a column; 3.0 and 1e3 are whole numbers.

    Parameters
    ----------
    cells : sequence
    place : callable
    at_least : int, optional
        The smallest that is allowed.
    default : int, optional
        What a blank cell stands for; without it a blank cell is refused.

    Raises
    ------
    ValueError
        If a cell is blank, no whole number, too small, or does not fit 64 bits; the message says where it stands.
    """
    values = np.empty(len(cells), dtype=np.int64)
    wanted = "a whole number" + (f" of at least {at_least}" if at_least is not None else "")
    for at, cell in enumerate(cells):
        value = default if is_blank(cell) else _whole(cell)
        if value is None or not -LARGEST <= value <= LARGEST or (at_least is not None and value < at_least):
            raise ValueError(f"{place(at)}: {_named(cell)} is not {wanted}; write one such as 1000.")
        values[at] = value
    return values


def statuses_of(cells: Sequence[Any], place: Place) -> list[str]:
    """Return the statuses of a column; a blank cell is "": the reader tells from the curve.

    Raises
    ------
    ValueError
        If a cell is no status; the message says where it stands.
    """
    statuses = []
    for at, cell in enumerate(cells):
        status = "" if is_blank(cell) else cell.strip().lower() if isinstance(cell, str) else None
        if status is None or (status and status not in STATUSES):
            raise ValueError(f"{place(at)}: {unknown_name('status', shown(cell), STATUSES)}")
        statuses.append(status)
    return statuses


def texts_of(cells: Sequence[Any], place: Place) -> list[str]:
    """Return the texts of a column (numbers as they are written).

    Raises
    ------
    ValueError
        If a cell is blank or is neither a text nor a number; the message says where it stands.
    """
    texts = []
    for at, cell in enumerate(cells):
        if is_blank(cell) or not isinstance(cell, str | numbers.Real) or cell != cell:
            raise ValueError(f"{place(at)}: {_named(cell)} is not a name; write a text.")
        texts.append(cell.strip() if isinstance(cell, str) else str(cell))
    return texts


def hyperparameters_of(cells: Sequence[Any], place: Place) -> list[Any]:
    """Return the values of a hyperparameter's column, each in the form a cell of `Runs.table` holds; None: inactive.

    Raises
    ------
    ValueError
        If a cell cannot be a hyperparameter (infinite, or no JSON); the message says where it stands.
    """
    values = []
    for at, cell in enumerate(cells):
        try:
            values.append(encode_value(value_of(cell) if isinstance(cell, str) else cell))
        except (ValueError, TypeError) as error:
            raise ValueError(
                f"{place(at)}: {_named(cell)} cannot be a hyperparameter; a finite number, a bool, a text, a list or "
                f"a schedule can."
            ) from error
    return values


def value_of(text: str) -> Any:
    """Read the text of a hyperparameter: a number, a bool, a list or mapping (JSON), nothing (None), or itself.

    Examples
    --------
    >>> [value_of(text) for text in ("0.1", "64", "true", "[64,64]", "relu", "")]
    [0.1, 64, True, '[64, 64]', 'relu', None]
    """
    text = text.strip()
    if text.lower() in _MISSING:
        return None
    if text.lower() in _TRUTH:
        return _TRUTH[text.lower()]
    if _WHOLE.fullmatch(text) and abs(int(text)) <= LARGEST:
        return int(text)
    if _NUMBER.fullmatch(text):
        return float(text)
    if text[0] in "[{":
        try:
            return json.dumps(json.loads(text), allow_nan=False)  # "[64,64]" and "[64, 64]" are one value
        except (ValueError, RecursionError):
            return text
    return text


def _whole(cell: Any) -> int | None:
    if isinstance(cell, str) and _WHOLE.fullmatch(cell.strip()):
        return int(cell.strip())  # `strip` takes off more kinds of blanks than `int` does
    if isinstance(cell, int | np.integer) and not isinstance(cell, bool):
        return int(cell)
    value = number(cell)
    return int(value) if value is not None and math.isfinite(value) and value == math.floor(value) else None


def _named(cell: Any) -> str:
    if is_blank(cell):
        return "a blank cell"
    return f"`{cell[:60]}`" if isinstance(cell, str) else shown(cell)
