"""Whether short runs tell which configurations win in the end: ranks at each step against the final ranks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from rlhp.arguments import choice, instance, random_generator, real, whole
from rlhp.importance._importances import given_steps
from rlhp.importance._study import Array, common_steps, until
from rlhp.objectives import OBJECTIVES, PER_CONFIG, Failures, levelled, score
from rlhp.runs import Runs
from rlhp.showing import as_html, as_text, percent

_FEWEST = 4  # configurations; of three, ranks say nothing


@dataclass(frozen=True, eq=False)
class BudgetCorrelation:
    """How far the order of configurations after part of the training agrees with the final one.

    Attributes
    ----------
    table : DataFrame, one row a step
        `step` (environment steps), `correlation` (Spearman's, with the scores at the last step), `low`, `high`; NaN
        where all configurations score the same.
    values : DataFrame, one row a configuration, one column a step
        The scores that are ranked.
    draws : array [n_boot, steps]
        Correlations in resamples of configurations.
    n_configs, n_runs, n_failed : int
    failures : str or float
    confidence : float
    objective, env_id : str
    """

    table: pd.DataFrame
    values: pd.DataFrame
    draws: Array
    n_configs: int
    n_runs: int
    n_failed: int
    failures: Failures
    confidence: float
    objective: str
    env_id: str

    @property
    def data_text(self) -> str:
        """What the ranks rest on, in words."""
        failed = f"{self.n_failed} runs failed" if self.n_failed else "none failed"
        return f"{self.n_configs:,} configurations, {self.n_runs:,} runs; {failed} (failures={self.failures!r})"

    def first_above(self, correlation: float) -> int | None:
        """Return the first step from which on the correlation stays at or above a value; None if there is none."""
        real("correlation", correlation, at_least=-1, at_most=1)
        below = np.flatnonzero(~(self.table["correlation"].to_numpy() >= correlation))
        after = 0 if not len(below) else int(below[-1]) + 1
        return None if after >= len(self.table) else int(self.table["step"].iloc[after])

    def _title(self) -> str:
        return f"ranks by {self.objective} on {self.env_id} against the final ranks; {self.data_text}"

    def _notes(self) -> list[str]:
        return [f"Spearman's correlation, {percent(self.confidence)} percentile intervals, configurations resampled"]

    def __repr__(self) -> str:
        return as_text("BudgetCorrelation", self._title(), self._notes(), self.table)

    def _repr_html_(self) -> str:
        return as_html(self._title(), self._notes(), self.table)


def budget_correlation(
    runs: Runs,
    objective: str = "final_return",
    *,
    rng: int | np.random.Generator,
    failures: Failures = "raise",
    steps: Sequence[int] | None = None,
    confidence: float = 0.95,
    n_boot: int = 1000,
) -> BudgetCorrelation:
    """Correlate the ranks of configurations after part of the training with their final ranks.

    Parameters
    ----------
    runs : Runs
        Of one environment; configurations with one seed or several.
    objective : str
        One that is a return: `final_return` is the return at that step, `best_return` and `auc` are up to it.
    rng : int or numpy.random.Generator
        Seed of the resampling.
    failures : {"worst", "drop", "raise"} or float
        As in `rlhp.objectives.score`. Under "drop" only configurations that have a score at each step count.
    steps : sequence of int, optional
        Environment steps; by default those at which every run that finished was evaluated. The last is the final one.
    confidence : float
    n_boot : int
        Resamples of configurations.

    Returns
    -------
    BudgetCorrelation

    Raises
    ------
    ValueError
        If the runs are of several environments, the objective is no return, there are fewer than two steps or four
        configurations, or runs failed and `failures` is "raise".

    Notes
    -----
    Where the correlation is low, methods that stop runs early, such as successive halving, stop the wrong ones. The
    final score of the same seeds has noise of its own, which the last evaluations share: a correlation near 1 late in
    training does not say that fresh seeds would agree.

    References
    ----------
    C. Spearman (1904), The proof and measurement of association between two things. B. Efron and R. Tibshirani (1993),
    An Introduction to the Bootstrap.

    Examples
    --------
    >>> from rlhp import datasets, importance
    >>> runs = datasets.load("exploration_cartpole")
    >>> importance.budget_correlation(runs, rng=0, n_boot=100).table["correlation"].tolist()[-1]
    1.0
    """
    instance("runs", runs, Runs)
    returns = [name for name, one in OBJECTIVES.items() if one.is_return and name not in PER_CONFIG]
    choice("objective", objective, returns, where="a comparison of budgets")
    real("confidence", confidence, above=0, below=1)
    whole("n_boot", n_boot, at_least=1, at_most=10**6)
    rng = random_generator(rng)
    environments = list(map(str, runs.table["env_id"].unique()))
    if len(environments) != 1:
        raise ValueError(f"`runs` is of {len(environments)} environments; give one: `runs.select(env_id=...)`.")
    at = common_steps(runs) if steps is None else sorted(set(given_steps(runs, steps)))
    if len(at) < 2:
        raise ValueError(f"there are {len(at)} common steps, and a budget needs two or more to compare; give `steps=`.")
    scored = [score(until(runs, step), objective, failures=failures, per="config") for step in at]
    values = pd.concat([one.values for one in scored], axis=1, keys=at, join="inner").apply(_levelled)
    array, n = values.to_numpy(np.float64), len(values)
    if n < _FEWEST:
        raise ValueError(f"`runs` has {n} configurations with a score at each step; ranks need {_FEWEST}.")
    found = _with_last(array)
    draws = np.stack([_with_last(array[pick]) for pick in rng.integers(0, n, (n_boot, n))])
    low, high = np.where(np.isnan(found), np.nan, _ends(draws, confidence))
    return BudgetCorrelation(
        table=pd.DataFrame({"step": at, "correlation": found, "low": low, "high": high}),
        values=values,
        draws=draws,
        n_configs=n,
        n_runs=scored[-1].n,
        n_failed=scored[-1].n_failed,
        failures=failures,
        confidence=confidence,
        objective=objective,
        env_id=environments[0],
    )


def _levelled(column: pd.Series) -> pd.Series:
    """Make equal what differs by rounding only, so that it shares a rank."""
    values = column.to_numpy(np.float64)
    return pd.Series(levelled(values, np.abs(values)), column.index)


def _with_last(values: Array) -> Array:
    """Correlate the ranks in each column of values [n, steps] with those in the last; NaN where there is no order."""
    ranks = stats.rankdata(values, axis=0)
    ranks -= ranks.mean(axis=0)
    size = np.sqrt((ranks**2).sum(axis=0))
    with np.errstate(invalid="ignore", divide="ignore"):
        found = np.asarray(ranks.T @ ranks[:, -1] / (size * size[-1]))
    return np.where(np.isclose(np.abs(found), 1.0, rtol=0, atol=1e-12), np.sign(found), found)  # but for rounding


def _ends(draws: Array, confidence: float) -> tuple[Array, Array]:
    tail = (1 - confidence) / 2
    ends = np.full((2, draws.shape[1]), np.nan)
    for k, column in enumerate(draws.T):
        known: NDArray[np.float64] = column[~np.isnan(column)]
        if len(known) > len(column) / 2:
            ends[:, k] = np.quantile(known, [tail, 1 - tail])
    return ends[0], ends[1]
