"""A study with one score a row becomes runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from rlhp import arguments
from rlhp.arguments import shown
from rlhp.frames import HP, encode_value
from rlhp.readers import _cells as cells
from rlhp.readers._assembling import Frames, assembled
from rlhp.readers._columns import of_frame
from rlhp.readers._sources import configs_of, per_run


def from_table(
    configs: pd.DataFrame | Sequence[Mapping[str, Any]],
    scores: Sequence[float] | np.ndarray | pd.Series,
    *,
    algorithm: str = "unknown",
    env_id: str = "unknown",
    seeds: Sequence[int] | np.ndarray | pd.Series | int = 0,
    steps: Sequence[int] | int = 1,
) -> Frames:
    """Turn anyone's study (hyperparameters and one score a row) into runs.

    Parameters
    ----------
    configs : DataFrame or sequence of mappings, n rows
        Hyperparameters by bare name.
    scores : sequence of float, length n
        Final score of each row, higher is better; it becomes `return_mean` of one evaluation at `steps`. A
        non-finite score makes the run `diverged`, with no evaluation. A Series beside a DataFrame is matched by
        label (the index); anything else by position.
    algorithm, env_id : str
        What was trained, where the study says so.
    seeds : int or sequence of int, length n
        The seed of each row. Rows that share configuration and seed are told apart by counting upwards.
    steps : int or sequence of int, length n
        Environment steps each run was trained for; 1 where a study has no notion of steps.

    Raises
    ------
    ValueError
        If the lengths or labels differ, there are no rows, two columns have one name, or a cell cannot be; the
        message names it.

    Examples
    --------
    >>> from rlhp import Runs
    >>> Runs.from_table([{"gamma": 0.9}, {"gamma": 0.99}], [10.0, float("nan")]).table["status"].tolist()
    ['finished', 'diverged']
    """
    algorithm, env_id = arguments.text("algorithm", algorithm), arguments.text("env_id", env_id)
    if isinstance(configs, pd.DataFrame):
        index: pd.Index | None = configs.index
        columns = of_frame(configs, "`configs`").cells
        n = len(configs)
    else:
        index = None
        many = configs_of(configs, None)
        n = len(many)
        columns = {name: [one.get(name) for one in many] for name in dict.fromkeys(key for one in many for key in one)}
    if not n:
        raise ValueError("`configs` has no rows; give one mapping of hyperparameters per score.")
    values = _matched("scores", scores, index, n)
    numbers = cells.numbers_of(values, lambda at: f"`scores`, row {at + 1}")
    plain = {}
    for name, column in columns.items():
        bare = name.removeprefix(HP)
        if not bare or bare in plain:
            raise ValueError(f"`configs` has two columns for the hyperparameter `{bare}`; leave one out.")
        plain[bare] = _encoded(name, column)
    seed = seeds if not isinstance(seeds, pd.Series) else _matched("seeds", seeds, index, n)
    asked = per_run("steps", steps, n, at_least=0)
    finite = np.isfinite(numbers)
    rows = [
        {
            "source": f"`scores`, row {at + 1}",
            "algorithm": algorithm,
            "env_id": env_id,
            "seed": one,
            "steps": length,
            "reached": length,
            "status": "finished" if ok else "diverged",
            "error": "" if ok else f"`scores`, row {at + 1}: the score is {score}",
            **{HP + name: column[at] for name, column in plain.items()},
        }
        for at, (one, length, ok, score) in enumerate(
            zip(per_run("seeds", seed, n), asked, finite, numbers, strict=True)
        )
    ]
    kept = np.flatnonzero(finite)
    evals = pd.DataFrame({"run": kept, "step": np.array(asked, dtype=np.int64)[kept], "return_mean": numbers[kept]})
    return assembled(rows, evals)


def _encoded(name: str, column: list[Any]) -> list[Any]:
    """Encode the values of one hyperparameter; a text is what it is, "64" is not 64."""
    encoded = []
    for at, value in enumerate(column):
        try:
            encoded.append(encode_value(value))
        except ValueError as error:
            raise ValueError(f"`configs`, row {at + 1}, column `{name}`: {error}") from error
    return encoded


def _matched(name: str, values: Any, index: pd.Index | None, n: int) -> list[Any]:
    """Return n values in the order of the configurations: by label where both have labels, else by position."""
    if isinstance(values, pd.DataFrame) or not arguments.several(values):
        raise ValueError(f"`{name}` is {shown(values)}; give one number per row of `configs`.")
    if isinstance(values, pd.Series) and index is not None and not values.index.equals(index):
        if values.index.is_unique and index.is_unique and len(values) == n and values.index.isin(index).all():
            return list(values.loc[index])
        raise ValueError(
            f"`{name}` and `configs` have different labels (the index), so it is not known which row belongs to which; "
            f"give both the same, or pass `{name}.to_numpy()` to go by position."
        )
    many = list(values)
    if len(many) != n:
        raise ValueError(f"`{name}` has {len(many)} values for {n} configurations; give one per row of `configs`.")
    return many
