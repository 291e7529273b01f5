"""Tables: the columns they have, the seeds they hold."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from rlhp.errors import unknown_name
from rlhp.exercises.expect._failing import fail
from rlhp.exercises.expect._wording import kind, show


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
        fail(f"{what} is {kind(frame)}; a pandas DataFrame was expected.")
    have = [str(column) for column in present]
    for name in names:
        if name not in have:
            fail(f"{what} has no column `{name}`: {unknown_name('column', name, have)}")


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
        fail(f"{what} is {show(got)}; several seeds were expected: a list, or runs.")
    if seeds.size < at_least:
        only = "one seed" if seeds.size == 1 else f"{seeds.size} different seeds"
        fail(f"{what} has {only}; at least {at_least} were expected. One seed lies: train with several.")
