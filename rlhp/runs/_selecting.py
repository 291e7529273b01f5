"""Which runs are asked for: by id, by a mask, or by what a column holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from rlhp.arguments import shown
from rlhp.frames import encode_value

Mask = np.ndarray[Any, np.dtype[np.bool_]]


def chosen(index: pd.Index, ids: Any) -> Mask:
    """Return where the index of a table holds the runs that are asked for.

    Raises
    ------
    TypeError
        If what asks is neither run ids nor a mask.
    ValueError
        If a run is unknown, or a mask fits not.
    """
    if isinstance(ids, str):
        ids = [ids]
    if (
        isinstance(ids, bytes | Mapping)
        or not isinstance(ids, Iterable)
        or (isinstance(ids, np.ndarray) and ids.ndim != 1)
    ):
        raise TypeError(f"`ids` is {shown(ids)}; give run ids, or a mask with one bool per run.")
    wanted = list(ids)
    if isinstance(ids, pd.Series) and all(isinstance(one, bool | np.bool_) for one in wanted):
        if not ids.index.is_unique or not index.isin(ids.index).all():
            raise ValueError("`ids` is a mask without an entry for each run; index it as `runs.table` is.")
        return ids.reindex(index).to_numpy(dtype=bool)
    if wanted and all(isinstance(one, bool | np.bool_) for one in wanted):
        if len(wanted) != len(index):
            raise ValueError(f"`ids` is a mask of {len(wanted)} for {len(index)} runs; give one bool per run.")
        return np.array(wanted, dtype=bool)
    known = set(index)
    for one in wanted:
        if not isinstance(one, str) or one not in known:
            what = one if isinstance(one, str) else shown(one)
            raise ValueError(f"`ids` names the unknown run `{what}`; see the index of `runs.table`.")
    return np.asarray(index.isin(wanted))


def holds(column: pd.Series, value: Any, name: str) -> Mask:
    """Return where a column holds a value, or one of several."""
    cells = column.astype(object).where(column.notna(), None)
    several = isinstance(value, list | tuple | set | frozenset | range | np.ndarray | pd.Index | pd.Series)
    if several and not isinstance(value, set | frozenset):
        try:
            whole = encode_value(list(value) if not isinstance(value, np.ndarray) else value)
        except ValueError:
            whole = None
        if whole is not None and (found := cells.map(lambda cell: isinstance(cell, str) and cell == whole)).any():
            return found.to_numpy(dtype=bool)
    try:
        wanted = [encode_value(one) for one in (value if several else [value])]
    except ValueError as error:
        raise ValueError(f"`{name}`: {error}") from error
    keep = cells.isin([one for one in wanted if one is not None]).to_numpy(dtype=bool)
    return keep | cells.isna().to_numpy() if None in wanted else keep
