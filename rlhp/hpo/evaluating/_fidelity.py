"""Whether cheap measurements tell which configurations win: ranks by some steps and seeds against the end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from rlhp.arguments import choice, random_generator, real, whole
from rlhp.hpo.evaluating._evaluating import RETURNS
from rlhp.hpo.evaluating._pool import curves_of
from rlhp.objectives import OBJECTIVES
from rlhp.runs import Runs, need_runs
from rlhp.showing import as_html, as_text, percent

__all__ = ["FEWEST", "Fidelity", "fidelity", "ranks"]

FEWEST = 4  # configurations; of three, ranks say nothing


@dataclass(frozen=True, eq=False)
class Fidelity:
    """How far ranks by steps and seeds agree with those at the end; made by `fidelity`.

    Attributes
    ----------
    table : DataFrame, one row per step and number of seeds
        `step`, `seeds`, `cost` (part of training all seeds to the end), `correlation` (Spearman's,
        mean over resamples), `low`, `high`.
    draws : array [n_boot, steps, seeds]
    judges : int
        Seeds that say how a configuration ends; never those that rank it early.
    n_configs, n_failed : int
        A run that failed counts as the least that any run shows at its end.
    objective, env_id : str
    confidence : float
    """

    table: pd.DataFrame
    draws: np.ndarray
    judges: int
    n_configs: int
    n_failed: int
    objective: str
    env_id: str
    confidence: float

    def _title(self) -> str:
        return f"early ranks by {self.objective} on {self.env_id} against the end, {self.n_configs} configurations"

    def _notes(self) -> list[str]:
        return [
            f"Spearman's correlation with the mean of {self.judges} other seeds at the end",
            f"{percent(self.confidence)} percentile intervals; configurations resampled, seeds split anew in each "
            f"of {len(self.draws):,} resamples",
            f"{self.n_failed} runs failed, counted as the least",
        ]

    def __repr__(self) -> str:
        return as_text("Fidelity", self._title(), self._notes(), self.table)

    def _repr_html_(self) -> str:
        return as_html(self._title(), self._notes(), self.table)


def fidelity(
    runs: Runs,
    objective: str = "final_return",
    *,
    rng: int | np.random.Generator,
    confidence: float = 0.95,
    n_boot: int = 200,
) -> Fidelity:
    """Correlate the ranks of configurations after part of the steps, with some of the seeds, with those at the end.

    Where many seeds and few steps rank worse than few seeds and many steps, a plan over steps throws winners away that
    one over seeds keeps.

    Parameters
    ----------
    runs : Runs
        Of one environment; each configuration with the same seeds, two at the least, evaluated at the same steps.
    objective : str
        One that is a return: `final_return` is the return at that step, `best_return` and `auc` are up to it.
    rng : int or numpy.random.Generator
        Seed of the resamples.
    confidence : float
    n_boot : int
        Resamples.

    Returns
    -------
    Fidelity

    Raises
    ------
    ValueError
        If there are fewer than two seeds, two steps or four configurations, or they differ between configurations.

    Notes
    -----
    Half of the seeds judge and the others rank, so that seeds in common do not make early ranks look better than they
    are, as they do in `rlhp.importance.budget_correlation`. What few judges say is noisy too: no correlation here
    reaches 1, not even that of the last step.

    References
    ----------
    C. Spearman (1904), The proof and measurement of association between two things. T. Eimer, M. Lindauer, R. Raileanu
    (2023), Hyperparameters in reinforcement learning and how to tune them.

    Examples
    --------
    >>> from rlhp import datasets, hpo
    >>> found = hpo.fidelity(datasets.load("sac_pendulum"), rng=0, n_boot=50)
    >>> found.judges, sorted(set(found.table["seeds"]))
    (2, [1, 2, 3])
    """
    need_runs(runs)
    choice("objective", objective, RETURNS, where="a comparison of fidelities")
    stream = random_generator(rng)
    real("confidence", confidence, above=0, below=1)
    whole("n_boot", n_boot, at_least=2, at_most=100_000)
    environments = sorted(set(map(str, runs.table["env_id"])))
    seeds = tuple(sorted(set(map(int, runs.table["seed"]))))
    steps = np.array(sorted(set(map(int, runs.evals["step"]))))
    if len(environments) != 1 or len(seeds) < 2 or len(steps) < 2:
        raise ValueError(
            f"`runs` is of {len(environments)} environments, {len(seeds)} seeds and {len(steps)} steps; give one "
            f"environment, and two or more of the others."
        )
    column, curve = OBJECTIVES[objective].column, OBJECTIVES[objective].curve
    curves = curves_of(runs, seeds, steps.tolist(), column)  # [configurations, seeds, steps]
    if len(curves) < FEWEST:
        raise ValueError(f"`runs` has {len(curves)} configurations; ranks need {FEWEST}.")
    scores = np.stack(
        [
            curves[..., at] if curve is None else curve(steps[: at + 1], curves[..., : at + 1])
            for at in range(len(steps))
        ],
        axis=-1,
    )
    failed = np.isnan(scores[..., -1])
    scores = np.where(np.isnan(scores), np.nanmin(scores, axis=(0, 1)), scores)
    judges = len(seeds) // 2
    most = len(seeds) - judges
    draws = np.empty((n_boot, len(steps), most))
    for draw in draws:
        picked = stream.integers(0, len(scores), len(scores))
        order = stream.permutation(len(seeds))
        end = ranks(scores[picked][:, order[:judges], -1].mean(axis=1))
        ranking = scores[picked][:, order[judges:]].cumsum(axis=1)  # the order of means over the first k seeds
        draw[:] = np.einsum("ckt,c->tk", ranks(ranking), end) / len(end)
    tail = (1 - confidence) / 2
    low, high = np.nanquantile(draws, [tail, 1 - tail], axis=0)
    rows = [
        {
            "step": int(step),
            "seeds": k + 1,
            "cost": step * (k + 1) / (steps[-1] * len(seeds)),
            "correlation": float(np.nanmean(draws[:, at, k])),
            "low": float(low[at, k]),
            "high": float(high[at, k]),
        }
        for at, step in enumerate(steps)
        for k in range(most)
    ]
    return Fidelity(
        pd.DataFrame(rows), draws, judges, len(curves), int(failed.sum()), objective, environments[0], confidence
    )


def ranks(values: np.ndarray) -> np.ndarray:
    """Return ranks along the first axis with mean 0 and standard deviation 1; NaN where all are equal."""
    ranks: np.ndarray = stats.rankdata(values, axis=0)
    ranks = ranks - ranks.mean(axis=0)
    spread = ranks.std(axis=0)
    return np.where(spread > 0, ranks / np.where(spread > 0, spread, 1.0), np.nan)
