"""The columns of a table of runs by name: hyperparameters by their bare one, where no column has the same."""

from __future__ import annotations

import pandas as pd

from rlhp import arguments
from rlhp.errors import unknown_name
from rlhp.frames import HP, TABLE, TABLE_OPTIONAL

# How a column is asked for where a hyperparameter has the same name.
COLUMN = "table."


def hyperparameters_of(table: pd.DataFrame) -> list[str]:
    """Return the names of the hyperparameters; see `Runs.hyperparameters`."""
    return [name.removeprefix(HP) for name in table.columns if name.startswith(HP)]


def factors_of(table: pd.DataFrame) -> list[str]:
    """Return the names of what may differ between runs; see `Runs.factors`."""
    bare = hyperparameters_of(table)
    names = [HP + name if name in table.columns else name for name in bare]
    return [*names, COLUMN + "algorithm" if "algorithm" in bare else "algorithm"]


def column_of(table: pd.DataFrame, name: str) -> pd.Series:
    """Return a column, or refuse a name that is none or two; see `Runs.column`."""
    name = arguments.text("name", name)
    if name in table.columns and HP + name in table.columns:
        raise ValueError(
            f"`{name}` is ambiguous: it is both a column of the table and a hyperparameter; ask for "
            f"'{COLUMN}{name}' or '{HP}{name}'."
        )
    bare = name.removeprefix(COLUMN)
    for candidate in [bare] if name != bare and bare in (*TABLE, *TABLE_OPTIONAL) else [name, HP + name]:
        if candidate in table.columns:
            return table[candidate]
    valid = [*hyperparameters_of(table), *TABLE, *TABLE_OPTIONAL]
    raise ValueError(unknown_name("column or hyperparameter", name, valid))
