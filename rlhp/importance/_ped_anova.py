"""PED-ANOVA: how much the best configurations are concentrated along each hyperparameter; no surrogate."""

from __future__ import annotations

import numpy as np
from ConfigSpace import ConfigurationSpace
from numpy.typing import NDArray

from rlhp.arguments import real
from rlhp.importance._result import Importance
from rlhp.importance._study import Array, Score, Study, resamples, resampling_text, scored
from rlhp.importance.surrogates._boxes import Domain
from rlhp.importance.surrogates._fit import Fit, Rng, checked, facts, fit_option, measure_text
from rlhp.importance.surrogates._measures import MeasureOption, measures_used
from rlhp.objectives import Failures
from rlhp.runs import Runs

_MOST_BINS, _FEWEST_BEST = 64, 5
_FEWEST_PARTS = 8  # to tell chance from what neighbouring parts differ by
_MOST_LUCK, _JUMP = 1.5, 3.0
_PHASES = 2  # gratings of parts, one moved by half a part against the other
_NOTHING = 1e-12  # a variance of marks below this is rounding: all are marked alike


def ped_anova(
    runs: Runs,
    space: ConfigurationSpace,
    objective: str | Score = "final_return",
    *,
    rng: Rng,
    quantile: float = 0.2,
    region: float = 1.0,
    measure: MeasureOption = "declared",
    failures: Failures = "raise",
    bins: int | None = None,
    fit: Fit = Fit(n_boot=200),
) -> Importance:
    """Compare where the best configurations lie with where all (or all good ones) lie, along each hyperparameter.

    The variance of the marginal of "is among the best" is, in closed form, the Pearson divergence between the two
    densities times the squared share of the best (Watanabe et al. 2023, equation 10). The densities are histograms with
    narrow parts of equal declared weight; what chance alone adds to the divergence, the more so the narrower the parts,
    is taken off. (The paper estimates densities by kernels with Scott's bandwidth; these flatten a narrow best range of
    a number, and leave levels as they are, so that levels come out ahead.) Cheap, and it needs no fit, but it sees main
    effects only, and only of being among the best. Where several configurations are equally good at
    the boundary, the places that are left among the best are shared out evenly between them.

    Parameters
    ----------
    runs, space, objective, rng, failures
        As for `rlhp.importance.fanova`.
    quantile : float
        The best share of the configurations: 0.2 is the best fifth.
    region : float
        They are compared within this best share; 1 is the whole space. Importance within the good region, such as
        quantile=0.1, region=0.5, says what still matters once learning works.
    measure : {"declared", "linear", "log"} or mapping
        As for `rlhp.importance.fanova`; for the whole space only. Each hyperparameter is weighed by its own measure
        while all others count as they were sampled.
    bins : int, optional
        Parts of a continuous range. By default the root of the number of configurations, at most 64, in two
        gratings, one moved by half a part, whose shares are averaged.
    fit : Fit
        Of which `confidence` and `n_boot` count: there is no surrogate.

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
    >>> importance.ped_anova(runs, space, rng=0, fit=importance.Fit(n_boot=0)).ranking
    ['learning_rate', 'gamma']
    """
    fit, stream = fit_option(fit), checked(rng, bins=bins)
    real("quantile", quantile, above=0, below=1, hint="0.2 is the best fifth.")
    real("region", region, above=0, at_most=1, hint="1 is the whole space.")
    if not quantile < region:
        raise ValueError(
            f"`quantile` is {quantile} and `region` {region}; give shares with 0 < quantile < region <= 1, such as "
            f"quantile=0.1, region=0.5."
        )
    if region < 1 and measure != "declared":
        raise ValueError("`measure` is of the whole space; leave it out where `region` is below 1.")
    data = scored(runs, space, objective, failures=failures)
    n = len(data.y)
    if round(quantile * n) < _FEWEST_BEST:
        raise ValueError(
            f"the best {quantile:g} of {n} configurations are {round(quantile * n)}, fewer than {_FEWEST_BEST}; give a "
            f"larger `quantile` or sweep more."
        )
    used = measures_used(space, measure)
    domain = Domain.of(space, used)
    count = bins or int(np.clip(np.sqrt(region * n), 2, _MOST_BINS))
    phases = np.arange(1 if bins else _PHASES) / _PHASES
    gratings = [[_binned(data, domain, j, count, phase) for phase in phases] for j in range(len(space))]
    once = np.ones(n)

    declared = measures_used(space, "declared")
    as_sampled = [used[name] == declared[name] for name in space]

    def shares(y: Array, times: Array, luck: float) -> Array:
        best, good = _best(data.sign * y, times, quantile), _best(data.sign * y, times, region)
        return np.array(
            [
                np.mean(
                    [
                        _share(where, weight if region == 1 else None, times, best, good, own, luck)
                        for where, weight in several
                    ]
                )
                for several, own in zip(gratings, as_sampled, strict=True)
            ]
        )

    # What is drawn on a grid that fills the space evenly, as Sobol points are, leaves less to chance than a throw.
    ranges = [several for several, own in zip(gratings, domain.cells, strict=True) if own is None]
    luck = _luck(ranges, _best(data.sign * data.y, once, quantile), _best(data.sign * data.y, once, region))
    draws = [shares(one.y, one.times.astype(float), luck) for one in resamples(data, fit.n_boot, stream)]
    others = () if all(as_sampled) else ("each hyperparameter by its measure, all others as they were sampled",)
    within = "" if region == 1 else f" within the best {100 * region:g} %"
    return Importance(
        method="ped_anova",
        about=f"shares of the variance of being among the best {100 * quantile:g} %{within}",
        terms=tuple(("main", (name,)) for name in space),
        estimate=shares(data.y, once, luck),
        # Resamples throw each configuration by itself; what was seen to be left to chance is how far they may spread.
        draws=_drawn_in(np.array(draws).reshape(-1, len(space)), np.sqrt(luck)),
        r2=None,
        interval=resampling_text(data, fit.n_boot),
        notes=others,
        **facts(
            data,
            measure=measure_text(measure),
            used=used,
            confidence=fit.confidence,
            least_r2=1.0,
            allow_poor_fit=False,
        ),
    )


def _binned(data: Study, domain: Domain, j: int, bins: int, phase: float) -> tuple[NDArray[np.int64], Array]:
    """Return in which part each configuration lies along hyperparameter j, and the weight of each part."""
    own, unit = domain.cells[j], data.unit[:, j]
    active = ~np.isnan(unit)
    if own is not None and len(own[0]) <= bins:
        edges = own[1]
    else:
        inner = (np.arange(1, bins + (phase > 0)) - phase) / bins
        edges = np.concatenate([[0.0], inner, [1.0]])
    # Parts of equal weight where configurations were sampled: another measure weighs them, it does not move them, as
    # what lies within a part is spread as it was sampled.
    at = np.searchsorted(edges[1:-1], np.where(active, unit, 0.5), side="right")
    share = domain.active_weight(j)
    # Inactive is a part of its own, the last one.
    return np.where(active, at, len(edges) - 1), np.append(np.diff(domain.weigh(j, edges)) * share, 1.0 - share)


def _best(better: Array, times: Array, share: float) -> Array:
    """Mark the best share of the configurations, counted as often as they stand in a resample.

    Of several that are equally good at the boundary each is marked in part, so that the order of rows says nothing.
    """
    order = np.argsort(-better, kind="stable")
    before = np.cumsum(times[order]) - times[order]
    quota = round(share * times.sum())
    if quota == 0:  # a resample may hold few configurations
        return np.zeros(len(better))
    level = better[order[(before < quota) & (times[order] > 0)][-1]]
    above, tied = better > level, (better == level) & (times > 0)
    # A single one at the boundary is marked whole, however often it stands there.
    part = (quota - times[above].sum()) / times[tied].sum() if tied.sum() > 1 else 1.0
    return np.where(above, 1.0, np.where(tied, part, 0.0))


def _drawn_in(draws: Array, by: float) -> Array:
    """Draw draws in towards their mean."""
    return draws.mean(axis=0) + by * (draws - draws.mean(axis=0)) if len(draws) else draws


def _luck(ranges: list[list[tuple[NDArray[np.int64], Array]]], best: Array, good: Array) -> float:
    """Measure how much chance adds to the share of the best from part to part, beside single throws; 1 is as much.

    What neighbouring parts differ by, beyond a straight line through three of them, is chance: its squared second
    differences average to six times the variance of one (von Neumann 1941). All ranges are taken together.
    """
    seen, thrown = 0.0, 0.0
    for where, weight in (one for several in ranges for one in several):
        size = len(weight) - 1  # without the part of what is inactive
        n_best, n_good = (np.bincount(where, marks, size + 1)[:size] for marks in (best, good))
        if size < _FEWEST_PARTS or n_good.min() < 2:
            continue
        # The first and the last may be half parts.
        rate, several = (n_best / n_good)[1:-1], n_good[1:-1]
        bend = (rate[:-2] - 2 * rate[1:-1] + rate[2:]) ** 2
        around = (rate[:-2] + rate[1:-1] + rate[2:]) / 3
        expected = around * (1 - around) * (1 / several[:-2] + 4 / several[1:-1] + 1 / several[2:])
        # A jump of the function is no chance.
        smooth = bend <= _JUMP**2 * expected
        seen += float(bend[smooth].sum())
        thrown += float(expected[smooth].sum())
    return min(_MOST_LUCK, seen / thrown) if thrown > 0 else 1.0


def _share(
    where: NDArray[np.int64],
    weight: Array | None,
    times: Array,
    best: Array,
    good: Array,
    as_sampled: bool,
    luck: float,
) -> float:
    """Return the variance of the share of the best from part to part, less what chance adds, as a share of the whole.

    Parameters
    ----------
    where : int array [n]
        The part that each configuration lies in.
    weight : array, optional
        Of each part; None for as many as are good there.
    times, best, good : arrays [n]
        How often each configuration stands in a resample, and how far it is marked as best and as good.
    as_sampled : bool
        Whether the parts weigh what the configurations in them do, so that the whole variance is that of the sample.
    luck : float
        How much chance adds, beside what it would if each configuration were thrown by itself.
    """
    size = where.max() + 1 if weight is None else len(weight)
    n_best, n_good = np.bincount(where, times * best, size), np.bincount(where, times * good, size)
    # Marks in part vary less than all or nothing: sum of m (1 - m) over the good, 0 where all are whole.
    m = np.divide(best, good, out=np.zeros(len(best)), where=good > 0)
    n_split = np.bincount(where, times * good * m * (1 - m), size)
    there = n_good > 0
    by = np.asarray(n_good if weight is None else weight, dtype=float)[there]
    by = by / by.sum()
    rate, split = n_best[there] / n_good[there], n_split[there] / n_good[there]
    overall = float(by @ rate)
    if as_sampled:
        of_all = float(n_best.sum() / n_good.sum())
        whole = of_all * (1 - of_all) - float(n_split.sum() / n_good.sum())
    else:
        whole = overall * (1 - overall) - float(by @ split)
    if whole <= _NOTHING:
        return 0.0
    several = np.maximum(n_good[there] - 1, 1)
    # Unbiased for a binomial; of a single configuration only the overall rate is known.
    single = overall * (1 - overall) - float(by @ split)
    chance = np.where(n_good[there] > 1, rate * (1 - rate) - split, single) / several
    # The overall rate moves with each part's, so that its own chance is counted in.
    own = float(by @ (rate - overall) ** 2)
    return (own - luck * float((by * (1 - by)) @ chance)) / whole
