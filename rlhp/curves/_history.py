"""How a search went: the best score so far, and what as many configurations in a random order would have given."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from rlhp.arguments import instance, real
from rlhp.curves._labels import number_label
from rlhp.curves._statistic import Array
from rlhp.objectives import Scores
from rlhp.showing import as_html, as_text, percent

MAKE_SCORES = "`objectives.score(runs, 'final_return', failures='worst', per='config')` makes some."


@dataclass(frozen=True, eq=False)
class SearchHistory:
    """The best score after each trial of a search; made by `search_history`.

    Attributes
    ----------
    table : DataFrame, one row per trial, in the order in which they were run
        `trial` (from 1), `id` (of the configuration or run), `score`, `best` (so far), `improved` (True where it was
        better than all before), and of as many trials in a random order: `expected` best, `low`, `high`.
    scores : Scores
    confidence : float
        Of the random orders, share whose best lies from `low` to `high`.
    env_id : str
    """

    table: pd.DataFrame
    scores: Scores
    confidence: float
    env_id: str

    @property
    def improvements(self) -> pd.DataFrame:
        """The trials that were better than all before."""
        return self.table[self.table["improved"]]

    def _title(self) -> str:
        last = self.table.iloc[-1]
        found = int(self.improvements["trial"].iloc[-1])
        return (
            f"best {self.scores.objective} on {self.env_id} after {len(self.table)} trials: "
            f"{number_label(float(last['best']), 4)}, found in trial {found}"
        )

    def _notes(self) -> list[str]:
        return [
            f"low, high: {percent(self.confidence)} of the random orders of the same trials",
            f"failures={self.scores.failures!r}: {self.scores.n_failed} runs failed",
        ]

    def __repr__(self) -> str:
        return as_text("SearchHistory", self._title(), self._notes(), self.improvements)

    def _repr_html_(self) -> str:
        return as_html(self._title(), self._notes(), self.improvements)


def search_history(scores: Scores, *, confidence: float = 0.95) -> SearchHistory:
    """Follow the best score of a search, beside what the same trials give in a random order.

    Parameters
    ----------
    scores : Scores
        Of the configurations (or runs) of one environment, in the order in which they were tried.
    confidence : float
        Share of the random orders that `low` and `high` enclose.

    Returns
    -------
    SearchHistory

    Raises
    ------
    ValueError
        If the scores are of several environments.

    Notes
    -----
    The best of n trials that are drawn from all N without replacement is at most the k-th smallest score with
    probability C(k, n) / C(N, n). Expectation and quantiles follow from that exactly: nothing is drawn. A search that
    learns from its trials runs ahead of the random orders; a random or a Sobol design is one of them.

    References
    ----------
    J. Dodge, S. Gururangan, D. Card, R. Schwartz, N. A. Smith (2019), Show your work: improved reporting of
    experimental results (the expected best of n trials, there with replacement).

    Examples
    --------
    >>> from rlhp import Runs, curves, objectives
    >>> runs = Runs.from_table([{"gamma": gamma} for gamma in (0.9, 0.95, 0.99)], [3.0, 1.0, 4.0])
    >>> scores = objectives.score(runs, "final_return", failures="raise", per="config")
    >>> curves.search_history(scores).table[["score", "best", "expected"]].round(3).to_dict("list")
    {'score': [3.0, 1.0, 4.0], 'best': [3.0, 3.0, 4.0], 'expected': [2.667, 3.667, 4.0]}
    """
    instance("scores", scores, Scores, hint=MAKE_SCORES)
    real("confidence", confidence, above=0, below=1)
    env_id = one_environment("scores", scores)
    values = scores.values.to_numpy(np.float64)
    sign = 1.0 if scores.direction == "maximize" else -1.0
    best = np.maximum.accumulate(sign * values)
    expected, ends = _best_of_random(sign * values, confidence)
    low, high = np.sort(sign * ends, axis=0)
    table = pd.DataFrame(
        {
            "trial": np.arange(1, len(values) + 1),
            "id": scores.values.index.to_numpy(object),
            "score": values,
            "best": sign * best,
            "improved": np.concatenate([[True], np.diff(best) > 0]),
            "expected": sign * expected,
            "low": low,
            "high": high,
        }
    )
    return SearchHistory(table, scores, confidence, env_id)


def one_environment(name: str, scores: Scores) -> str:
    """Return the environment that scores are of.

    Raises
    ------
    ValueError
        If there are several.
    """
    environments = scores.table["env_id"].unique()
    if len(environments) > 1:
        raise ValueError(
            f"`{name}` is of {len(environments)} environments ({', '.join(map(str, environments))}), whose scores are "
            f"not on one scale; score the runs of one, e.g. `runs.select(env_id={str(environments[0])!r})`."
        )
    return str(environments[0])


def _best_of_random(values: Array, confidence: float) -> tuple[Array, Array]:
    """Return expectation [N] and quantiles [2, N] of the largest of n = 1, ..., N values drawn without replacement."""
    ordered, n_all = np.sort(values), len(values)
    k = np.arange(1, n_all + 1)
    tails = np.array([(1 - confidence) / 2, (1 + confidence) / 2])
    expected, ends = np.empty(n_all), np.empty((2, n_all))
    for n in range(1, n_all + 1):
        below = np.where(k >= n, np.exp(_log_choose(k, n) - _log_choose(np.array(n_all), n)), 0.0)
        below[-1] = 1.0  # the largest of all; rounding would leave a hair
        expected[n - 1] = ordered @ np.diff(below, prepend=0.0)
        ends[:, n - 1] = ordered[np.searchsorted(below, tails)]
    return expected, ends


def _log_choose(k: NDArray[np.int64], n: int) -> Array:
    return np.asarray(special.gammaln(k + 1) - special.gammaln(np.maximum(k - n, 0) + 1) - special.gammaln(n + 1))
