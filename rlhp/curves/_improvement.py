"""How likely a run of one group is to do better than a run of another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import optimize, stats

from rlhp.curves._bootstrap import drawn_counts
from rlhp.curves._options import check_options, grouping
from rlhp.curves._scores import Scored, pairs, score_groups, task_values
from rlhp.curves._statistic import Array
from rlhp.objectives import Failures, Scores
from rlhp.runs import Runs
from rlhp.showing import as_html, as_text, percent

_HAIR = 1e-9


@dataclass(frozen=True, eq=False)
class Improvement:
    """Probability that a run of `x` does better than a run of `y`, per pair; made by `probability_of_improvement`.

    Attributes
    ----------
    table : DataFrame, one row per pair
        `x`, `y` (labels), `probability`, `low`, `high`, `n_x`, `n_y`, `environments`.
    scores : Scored
        The scores, by group.
    draws : array [pairs, n_boot]
        The probability in whole-run resamples, each group and environment by itself.
    confidence : float
    n_boot : int
    """

    table: pd.DataFrame
    scores: Scored
    draws: Array
    confidence: float
    n_boot: int

    @cached_property
    def method_text(self) -> str:
        """How the interval was made, in words."""
        several = self.table["environments"].max() > 1
        return f"{percent(self.confidence)} interval: Newcombe's method 5" + (
            ", put together over environments by MOVER" if several else ""
        )

    def _title(self) -> str:
        return f"probability of a better {self.scores.what}, {self.scores.runs_text}"

    def _notes(self) -> list[str]:
        return [
            f"{self.method_text}; ties count as one half",
            f"{self.n_boot:,} whole-run bootstrap draws kept; {self.scores.failures_text}",
        ]

    def __repr__(self) -> str:
        return as_text("Improvement", self._title(), self._notes(), self.table)

    def _repr_html_(self) -> str:
        return as_html(self._title(), self._notes(), self.table)


def probability_of_improvement(
    runs: Runs,
    objective: str | Scores = "final_return",
    *,
    by: str | Sequence[str],
    rng: int | np.random.Generator,
    reference: Any = None,
    failures: Failures = "raise",
    confidence: float = 0.95,
    n_boot: int = 2000,
) -> Improvement:
    """How likely a run of one group is to do better than a run of another: the mean over environments of U / (n m).

    U counts the pairs of runs in which the first does better, ties as one half (Mann-Whitney). It says nothing about
    by how much.

    Parameters
    ----------
    runs : Runs
        Of one or several environments; runs are only compared within one, so no normalising is needed.
    objective : str or Scores
        As in `rlhp.curves.summarise`. Where less is better, better means less.
    by : str or sequence of str
        Hyperparameters or columns of `runs.table` that tell the groups apart.
    rng : int or numpy.random.Generator
        Seed of the resampling.
    reference : value or tuple, optional
        The group that all others are compared with, by its value of `by`; without, all pairs.
    failures, confidence, n_boot
        As in `rlhp.curves.summarise`.

    Returns
    -------
    Improvement

    Raises
    ------
    ValueError
        If there are not two groups, the reference is none of them, or an environment is missing in one of a pair.

    Notes
    -----
    The bootstrap gives no width where all runs of one group beat all of the other, as often happens with five. The
    interval is Newcombe's, which inverts a score test: ``|P - p| = z sqrt(var(P))`` with ``var(P) = P (1 - P) (1 + N
    (1 - P) / (2 - P) + N P / (1 + P)) / (n m)`` and ``N = (n + m) / 2 - 1``.

    References
    ----------
    R. Agarwal et al. (2021), Deep reinforcement learning at the edge of the statistical precipice. R. G. Newcombe
    (2006), Confidence intervals for an effect size measure based on the Mann-Whitney statistic, part 2, Statistics in
    Medicine 25, 559-573. G. Y. Zou and A. Donner (2008), Statistics in Medicine 27, 1693-1702 (MOVER).

    Examples
    --------
    >>> from rlhp import Runs, curves
    >>> runs = Runs.from_table([{"gamma": 0.99}] * 3 + [{"gamma": 0.9}] * 3, [5, 6, 7, 1, 2, 6], seeds=[0, 1, 2] * 2)
    >>> curves.probability_of_improvement(runs, by="gamma", rng=0, reference=0.9).table["probability"].round(3).tolist()
    [0.833]
    """
    check_options(rng, confidence, n_boot)
    names = grouping(by)
    found = score_groups(runs, by=names, objective=objective, failures=failures, one_scale=False)
    chosen = pairs(found.groups, reference, names)
    streams = np.random.default_rng(rng).spawn(len(chosen))
    sign = 1.0 if found.maximise else -1.0
    rows, draws = [], []
    for (i, j), stream in zip(chosen, streams, strict=True):
        x, y = found.groups[i], found.groups[j]
        tasks = [(sign * a, sign * b) for _, a, b in task_values(x, y)]
        each = np.array([float(_wins(a, b).mean()) for a, b in tasks])
        ends = np.array([newcombe(p, len(a), len(b), confidence) for p, (a, b) in zip(each, tasks, strict=True)])
        p = each.mean()
        low = p - np.sqrt(((each - ends[:, 0]) ** 2).sum()) / len(each)
        high = p + np.sqrt(((ends[:, 1] - each) ** 2).sum()) / len(each)
        rows.append([x.label, y.label, p, low, high, x.n, y.n, len(each)])
        draws.append(np.mean([_resampled(a, b, n_boot, stream) for a, b in tasks], axis=0))
    columns = ["x", "y", "probability", "low", "high", "n_x", "n_y", "environments"]
    return Improvement(pd.DataFrame(rows, columns=columns), found, np.stack(draws), confidence, n_boot)


def newcombe(p: float, n: int, m: int, confidence: float = 0.95) -> tuple[float, float]:
    """Interval of P(X > Y) from its estimate `p` of n and m runs: Newcombe's method 5.

    Examples
    --------
    >>> [round(end, 3) for end in newcombe(0.5, 10, 10)]
    [0.274, 0.726]
    """
    z = float(stats.norm.ppf((1 + confidence) / 2))
    extra = (n + m) / 2 - 1

    def short(theta: float) -> float:
        spread = theta * (1 - theta) * (1 + extra * (1 - theta) / (2 - theta) + extra * theta / (1 + theta)) / (n * m)
        return abs(p - theta) - z * float(np.sqrt(spread))

    # Where one group always wins the outer end is a root as well; look a hair inside it.
    low = 0.0 if p <= 0 else optimize.brentq(short, 0.0, min(p, 1 - _HAIR))
    high = 1.0 if p >= 1 else optimize.brentq(short, max(p, _HAIR), 1.0)
    return float(low), float(high)


def _wins(x: Array, y: Array) -> NDArray[np.float64]:
    """Return in which pairs x wins (1) or ties (one half), [n, m]."""
    return np.asarray((x[:, None] > y) + 0.5 * (x[:, None] == y))


def _resampled(x: Array, y: Array, n_boot: int, rng: np.random.Generator) -> NDArray[np.float64]:
    first, second = drawn_counts(len(x), n_boot, rng), drawn_counts(len(y), n_boot, rng)
    return np.asarray(((first @ _wins(x, y)) * second).sum(axis=1) / (len(x) * len(y)))
