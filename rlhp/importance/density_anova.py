"""PED-ANOVA: how much the best configurations are concentrated along each hyperparameter; no surrogate."""

from __future__ import annotations

import numpy as np
from ConfigSpace import ConfigurationSpace
from numpy.typing import NDArray

from rlhp.importance.boxes import Domain
from rlhp.importance.fitting import Rng, checked, facts, measure_text
from rlhp.importance.resampling import resamples, resampling_text
from rlhp.importance.result import Importance
from rlhp.importance.study import Array, Study, scored
from rlhp.importance.weighing import MeasureOption, measures_used
from rlhp.objectives.result import Failures
from rlhp.runs import Runs

_MOST_BINS, _FEWEST_BEST = 12, 5


def ped_anova(
    runs: Runs,
    space: ConfigurationSpace,
    objective: str = "final_return",
    *,
    rng: Rng,
    quantile: float = 0.2,
    region: float = 1.0,
    measure: MeasureOption = "declared",
    failures: Failures = "raise",
    at: int | None = None,
    last: int = 1,
    threshold: float | None = None,
    bins: int | None = None,
    confidence: float = 0.95,
    n_boot: int = 200,
) -> Importance:
    """Compare where the best configurations lie with where all (or all good ones) lie, along each hyperparameter.

    The variance of the marginal of "is among the best" is, in closed form, the Pearson divergence between the two
    densities times the squared share of the best (Watanabe et al. 2023, equation 10). The densities are histograms with
    parts of equal weight; what chance alone adds to the divergence is taken off. Cheap, and it needs no fit, but it
    sees main effects only, and only of being among the best.

    Parameters
    ----------
    runs, space, objective, rng, failures, at, last, threshold
        As for `rlhp.importance.fanova`.
    quantile : float
        The best share of the configurations: 0.2 is the best fifth.
    region : float
        They are compared within this best share; 1 is the whole space. Importance within the good region, such as
        quantile=0.1, region=0.5, says what still matters once learning works.
    measure : {"declared", "linear", "log"} or mapping
        As for `rlhp.importance.fanova`; for the whole space only.
    bins : int, optional
        Parts of a continuous range; by default the root of a quarter of the number of configurations, at most 12.
    confidence, n_boot
        As for `rlhp.importance.fanova`.

    Returns
    -------
    Importance
        Main effects, as shares of the variance of "is among the best". The paper's numbers are these over their sum.

    Raises
    ------
    ValueError
        If an option is wrong, or fewer than five configurations are the best ones.

    References
    ----------
    S. Watanabe, A. Bansal, F. Hutter (2023), PED-ANOVA: Efficiently quantifying hyperparameter importance in arbitrary
    subspaces.

    Examples
    --------
    >>> from rlhp import Runs, importance, spaces
    >>> space = spaces.subspace(spaces.default("dqn"), ["learning_rate", "gamma"])
    >>> configs = spaces.sample(space, 128, method="sobol", rng=0)
    >>> runs = Runs.from_table(configs, spaces.to_unit(space, configs)[:, 1])
    >>> importance.ped_anova(runs, space, rng=0, n_boot=0).ranking
    ['learning_rate', 'gamma']
    """
    stream = checked(rng, confidence=confidence, n_boot=n_boot, bins=bins)
    if not 0 < quantile < region <= 1:
        raise ValueError(
            f"`quantile` is {quantile} and `region` {region}; give shares with 0 < quantile < region <= 1, such as "
            f"quantile=0.1, region=0.5."
        )
    if region < 1 and measure != "declared":
        raise ValueError("`measure` is of the whole space; leave it out where `region` is below 1.")
    data = scored(runs, space, objective, failures=failures, at=at, last=last, threshold=threshold)
    n = len(data.y)
    if round(quantile * n) < _FEWEST_BEST:
        raise ValueError(
            f"the best {quantile:g} of {n} configurations are {round(quantile * n)}, fewer than {_FEWEST_BEST}; give a "
            f"larger `quantile` or sweep more."
        )
    used = measures_used(space, measure)
    domain = Domain.of(space, used)
    count = bins or int(np.clip(np.sqrt(region * n / 4), 2, _MOST_BINS))
    place, weights = zip(*(_binned(data, domain, j, count) for j in range(len(space))), strict=True)
    once = np.ones(n)

    def shares(y: Array, times: Array) -> Array:
        best, good = _best(data.sign * y, times, quantile), _best(data.sign * y, times, region)
        parts = [
            _variance(where, weight if region == 1 else None, times * best, times * good)
            for where, weight in zip(place, weights, strict=True)
        ]
        gamma = float((times * best).sum() / (times * good).sum())
        return np.array(parts) / (gamma * (1 - gamma)) if 0 < gamma < 1 else np.zeros(len(parts))

    draws = [shares(one.y, one.times.astype(float)) for one in resamples(data, n_boot, stream)]
    within = "" if region == 1 else f" within the best {100 * region:g} %"
    return Importance(
        method="ped_anova",
        about=f"shares of the variance of being among the best {100 * quantile:g} %{within}",
        terms=tuple(("main", (name,)) for name in space),
        estimate=shares(data.y, once),
        draws=np.array(draws).reshape(-1, len(space)),
        r2=None,
        interval=resampling_text(data, n_boot),
        **facts(
            data,
            measure=measure_text(measure),
            used=used,
            confidence=confidence,
            least_r2=1.0,
            allow_poor_fit=False,
        ),
    )


def _binned(data: Study, domain: Domain, j: int, bins: int) -> tuple[NDArray[np.int64], Array]:
    """Say in which part each configuration lies along hyperparameter j, and the weight of each part."""
    own, unit = domain.cells[j], data.unit[:, j]
    active = ~np.isnan(unit)
    if own is not None and len(own[0]) <= bins:
        edges = domain.weigh(j, own[1])
    else:
        edges = np.linspace(0.0, 1.0, bins + 1)
    at = np.searchsorted(edges[1:-1], domain.weigh(j, np.where(active, unit, 0.5)), side="right")
    share = domain.active_weight(j)
    # Inactive is a part of its own, the last one.
    return np.where(active, at, len(edges) - 1), np.append(np.diff(edges) * share, 1.0 - share)


def _best(better: Array, times: Array, share: float) -> Array:
    """Mark the best share of the configurations, counted as often as they stand in a resample."""
    order = np.argsort(-better, kind="stable")
    before = np.cumsum(times[order]) - times[order]
    marked = np.zeros(len(better))
    marked[order[before < round(share * times.sum())]] = 1.0
    return marked


def _variance(where: NDArray[np.int64], weight: Array | None, best: Array, good: Array) -> float:
    """Give the variance of the share of the best from part to part, less what chance adds to it."""
    size = where.max() + 1 if weight is None else len(weight)
    n_best, n_good = np.bincount(where, best, size), np.bincount(where, good, size)
    there = n_good > 0
    by = np.asarray(n_good if weight is None else weight, dtype=float)[there]
    by = by / by.sum()
    rate = n_best[there] / n_good[there]
    overall = float(by @ rate)
    several = np.maximum(n_good[there] - 1, 1)
    # Unbiased for a binomial; of a single configuration only the overall rate is known.
    chance = np.where(n_good[there] > 1, rate * (1 - rate), overall * (1 - overall)) / several
    # The overall rate moves with each part's, so that its own chance is counted in.
    own = float(by @ (rate - overall) ** 2)
    return own - float((by * (1 - by)) @ chance)
