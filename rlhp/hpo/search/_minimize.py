"""The lowest value of any function, by any searcher."""

from __future__ import annotations

import html
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from rlhp.arguments import shown, whole
from rlhp.frames import HP
from rlhp.hpo.search._events import OtherSearchError
from rlhp.hpo.search._search import Search
from rlhp.hpo.search._searcher import Searcher

__all__ = ["Minimum", "minimize"]


@dataclass(frozen=True, eq=False)
class Minimum:
    """What was found; made by `minimize`.

    Attributes
    ----------
    trials : DataFrame, one row per evaluation, in order
        `value` (NaN where it failed), `noise` (standard error, NaN where the function does not say), `error` (empty
        where it did not fail), `seconds`, `best` (the lowest value so far), and `hp.<name>` of each hyperparameter.
    configurations : tuple of dict
        The same as `f` got them.
    searcher : str
    seed : int
    n : int
        Evaluations asked for.
    interrupted : bool
        Whether Ctrl-C ended it before.
    """

    trials: pd.DataFrame
    configurations: tuple[dict[str, Any], ...]
    searcher: str
    seed: int
    n: int
    interrupted: bool

    @property
    def table(self) -> pd.DataFrame:
        """The trials."""
        return self.trials

    @property
    def best_value(self) -> float:
        """The lowest value that was measured; NaN where every evaluation failed. With noise it flatters."""
        return float(self.trials["value"].min()) if len(self.trials) else math.nan

    @property
    def best_config(self) -> dict[str, Any] | None:
        """The configuration of that value, None where every evaluation failed."""
        values = self.trials["value"]
        return dict(self.configurations[int(np.nanargmin(values))]) if values.notna().any() else None

    def __repr__(self) -> str:
        return f"Minimum({self._summary()})"

    def _repr_html_(self) -> str:
        best = self.trials.sort_values("value").head(8)
        return f"<p><b>Minimum</b>: {html.escape(self._summary())}</p>{best.to_html()}"

    def _summary(self) -> str:
        failed = int(self.trials["value"].isna().sum())
        end = ", interrupted" if self.interrupted else ""
        done = len(self.trials)
        count = f"{done} of {self.n} evaluations" if done <= self.n else f"{done} evaluations ({self.n} asked for)"
        return (
            f"{self.best_value:.6g} at {self.best_config}; {self.searcher}, seed {self.seed}, {count}{end}, "
            f"{failed} failed"
        )


def minimize(
    f: Callable[[dict[str, Any]], Any],
    space: Any,
    *,
    searcher: str | Searcher = "emukit",
    n: int = 40,
    rng: int = 0,
    batch: int = 1,
    journal: str | Path | None = None,
) -> Minimum:
    """Look for the configuration at which a function is lowest.

    Parameters
    ----------
    f : callable
        ``f(configuration)``, a dict, gives a number, or a number and its standard error. One that raises, or is NaN,
        is a failed evaluation: a row of the result, and told to the searcher as such.
    space : ConfigurationSpace or mapping
        A mapping such as ``{"x": (0.0, 1.0), "kind": ["a", "b"]}`` becomes one.
    searcher : str or Searcher
        A name, see `rlhp.hpo.searcher`, or an object that proposes.
    n : int
        Evaluations.
    rng : int
        Seed of the search.
    batch : int
        Configurations asked for at a time.
    journal : path, optional
        File that remembers the search: the same call again goes on where it was, and evaluates nothing twice.

    Returns
    -------
    Minimum
        After Ctrl-C, what there is by then.

    Raises
    ------
    ValueError, TypeError
        If an argument cannot be.
    RuntimeError
        If another search has the journal open.

    Examples
    --------
    >>> found = minimize(lambda c: (c["x"] - 0.3) ** 2, {"x": (0.0, 1.0)}, searcher="sobol", n=32)
    >>> abs(found.best_config["x"] - 0.3) < 0.05
    True
    """
    if not callable(f):
        raise TypeError(f"`f` is {shown(f)}; give a function of one configuration (a dict) that gives a number.")
    n, batch = whole("n", n, at_least=1), whole("batch", batch, at_least=1)
    seed = whole("rng", rng, at_least=0, what="a seed, a whole number from 0: a search is known by it")
    rows: list[dict[str, Any]] = []
    interrupted = False
    try:
        opened = Search(space, searcher, seed=seed, journal=journal)
    except OtherSearchError as other:
        raise other.of_call("journal", other.path, seed="rng") from None
    with opened as search:
        before = search.observations
        for one, score, noise in zip(before.configurations, before.scores, before.noise, strict=True):
            error = "" if math.isfinite(score) else "it failed before this process"
            rows.append({"configuration": one, "value": -score, "noise": noise, "error": error, "seconds": math.nan})
        try:
            while len(rows) < n:
                waiting = list(search.observations.pending) or search.ask(min(batch, n - len(rows)))
                for one in waiting[: n - len(rows)]:
                    row = _evaluated(f, one)
                    search.tell([one], [-row["value"]], [row["noise"]])
                    rows.append(row)
        except KeyboardInterrupt:
            interrupted = True
    name = searcher if isinstance(searcher, str) else type(searcher).__name__
    configurations = tuple(row.pop("configuration") for row in rows)
    trials = pd.DataFrame(rows, columns=["value", "noise", "error", "seconds"]).rename_axis("trial")
    trials["best"] = np.fmin.accumulate(trials["value"].to_numpy(dtype=float))
    for hyperparameter in search.space:
        trials[HP + hyperparameter] = [one.get(hyperparameter) for one in configurations]
    return Minimum(trials, configurations, name, seed, n, interrupted)


def _evaluated(f: Callable[[dict[str, Any]], Any], configuration: Mapping[str, Any]) -> dict[str, Any]:
    """Return the row of one evaluation; what the function raises is written there."""
    began = time.perf_counter()
    value, noise, error = math.nan, math.nan, ""
    try:
        given = f(dict(configuration))
        pair = given if isinstance(given, tuple | list) else (given, math.nan)
        if len(pair) != 2:
            raise ValueError(f"f gave {shown(given)}; give a number, or a number and its standard error")
        value, noise = (float(np.asarray(one).item()) for one in pair)
    except Exception as raised:
        error = f"{type(raised).__name__}: {raised}"
    if not error and not math.isfinite(value):
        error = f"the value is {value}"
    if error:
        value = noise = math.nan
    seconds = time.perf_counter() - began
    return {
        "configuration": dict(configuration),
        "value": value,
        "noise": noise if noise >= 0 and math.isfinite(noise) else math.nan,
        "error": error,
        "seconds": seconds,
    }
