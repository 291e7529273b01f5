"""Functional ANOVA: how much of the score's variance each hyperparameter, alone and with others, accounts for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

import numpy as np
from ConfigSpace import ConfigurationSpace

from rlhp.errors import unknown_name
from rlhp.importance.boxes import Boxes
from rlhp.importance.decompose import Effects, effects, mean_effects, scaled, subsets
from rlhp.importance.fitting import Fit, Rng, Surrogate, measure_text
from rlhp.importance.marginals import curve
from rlhp.importance.noise import seed_noise
from rlhp.importance.resampling import resampling_text
from rlhp.importance.result import LEAST_R2, Importance, Kind
from rlhp.importance.study import Array, Study, scored
from rlhp.importance.weighing import MeasureOption
from rlhp.objectives.result import Failures
from rlhp.runs import Runs

Variance = Literal["shared", "each"]
_VARIANCES = ("shared", "each")
_ORDERS = (1, 2, 3)


def fanova(
    runs: Runs,
    space: ConfigurationSpace,
    objective: str = "final_return",
    *,
    rng: Rng,
    order: int = 1,
    measure: MeasureOption = "declared",
    failures: Failures = "raise",
    quantile: float | None = None,
    at: int | None = None,
    last: int = 1,
    threshold: float | None = None,
    variance: Variance = "shared",
    n_trees: int = 64,
    min_leaf: int | None = None,
    confidence: float = 0.95,
    n_boot: int = 100,
    boot_trees: int = 8,
    least_r2: float = LEAST_R2,
    allow_poor_fit: bool = False,
) -> Importance:
    """Split the variance of the score over a search space into shares of hyperparameters and their interactions.

    A forest of regression trees is fitted to the mean scores of the configurations; each tree is constant on boxes, so
    that its marginals, and the variance of these, are sums over boxes: nothing is sampled.

    Parameters
    ----------
    runs : Runs
        Of one algorithm on one environment; best from `spaces.sample(space, n, method="sobol")`, a hundred or more.
    space : ConfigurationSpace
        What was swept. A hyperparameter that never varied gets a share of exactly 0. Inactive is a level of its own:
        no weight falls on configurations that the conditions of the space exclude.
    objective : str
        See `rlhp.objectives.score`.
    rng : int or numpy.random.Generator
        Of the trees and of the resampling; the same seed gives the same shares and intervals.
    order : {1, 2, 3}
        Main effects; also interactions of two; also of three.
    measure : {"declared", "linear", "log"} or mapping
        Over what the variance is taken: as the space declares (`spaces.measure`), or every range evenly in its value
        or in its logarithm, or a mapping of single hyperparameters to "linear", "log", "flipped-log" (others: as
        declared). Levels of categoricals keep their weights.
    failures : {"raise", "worst", "drop"} or float
        What failed runs count as; see `rlhp.objectives.score`.
    quantile : float, optional
        Importance among the good only: scores below this quantile of the configurations count as that quantile, so
        that differences among the bad ones do not matter. In (0, 1). The R2 is then of these scores, predictions
        below the quantile counting as that too.
    at : int, optional
        Only evaluations up to this environment step count; a run that failed later counts as what it was then.
    last, threshold
        As for `rlhp.objectives.score`.
    variance : {"shared", "each"}
        "shared" splits the covariance between trees that were grown on different resamples: what two trees have in
        common is the function, what only one of them says is its error. "each" splits the variance of every single
        tree and averages the shares, as Hutter et al. (2014) and other implementations do; a tree's error then counts
        as interaction, the more so the noisier the runs.
    n_trees : int
        Trees of the forest.
    min_leaf : int, optional
        Fewest configurations in a leaf: by default 2, and n / 1,000 from 2,000 configurations on. The cost grows with
        the square of the number of leaves.
    confidence : float
        Of the intervals.
    n_boot : int
        Resamples of configurations and whole seeds behind the intervals; 0 for none.
    boot_trees : int
        Trees for each resample.
    least_r2 : float
        `.table` refuses below this cross-validated R2 (out of bag: every configuration is predicted by the trees that
        did not see it). At 0.3 more than two thirds of the differences are unexplained, and an order of what is
        explained is no order of the hyperparameters.
    allow_poor_fit : bool
        Show the ranking all the same.

    Returns
    -------
    Importance
        Terms of kind "main", "interaction" and "total" (everything that a hyperparameter takes part in).

    Raises
    ------
    ValueError
        If an option is wrong, or the runs do not fit the space.

    Notes
    -----
    Shares are of the variance between configurations. How much of the variance between single *runs* is seed noise
    stands apart, in `.seed_noise`.

    References
    ----------
    F. Hutter, H. Hoos, K. Leyton-Brown (2014), An efficient approach for assessing hyperparameter importance. I. M.
    Sobol' (1993), Sensitivity estimates for nonlinear mathematical models. G. Hooker (2007), Generalized functional
    ANOVA diagnostics. L. Breiman (1996), Out-of-bag estimation.

    Examples
    --------
    >>> from rlhp import Runs, importance, spaces
    >>> space = spaces.subspace(spaces.default("dqn"), ["learning_rate", "gamma"])
    >>> configs = spaces.sample(space, 128, method="sobol", rng=0)
    >>> runs = Runs.from_table(configs, -abs(spaces.to_unit(space, configs)[:, 1] - 0.5))
    >>> importance.fanova(runs, space, rng=0, n_boot=0).ranking
    ['learning_rate', 'gamma']
    """
    _check(order, variance, quantile)
    fit = Fit(n_trees, min_leaf, confidence, n_boot, boot_trees, least_r2, allow_poor_fit)
    stream = fit.checked(rng)
    data = scored(runs, space, objective, failures=failures, at=at, last=last, threshold=threshold)
    of_trees, of_noise = stream.spawn(2)
    model = fit.to(data, measure=measure, rng=of_trees)
    cut = None if quantile is None else float(np.quantile(data.sign * data.y, quantile))
    model = replace(model, r2=_r2(model, cut))
    capped = data.y if cut is None else _at_least(data.y, data, cut)
    facts = fit.facts(model, measure=measure_text(measure))
    if capped.min() == capped.max():  # among the good nothing may vary even where something does
        facts |= {"r2": None, "alike": float(capped[0])}
    trees, small = _capped(model.boxes, data, cut), [_capped(one, data, cut) for one in model.resampled_boxes]
    d, wanted = len(data.names), subsets(len(data.names), order)
    estimate = split(trees, order, variance)
    return Importance(
        method="fanova",
        about=_about(variance, quantile),
        terms=tuple(_term(one, data.names) for one in wanted) + tuple(("total", (name,)) for name in data.names),
        estimate=_vector(estimate, wanted),
        draws=np.array([_vector(split(one, order, variance), wanted) for one in small]).reshape(-1, len(wanted) + d),
        interval=resampling_text(data, n_boot),
        seed_noise=seed_noise(data, confidence=confidence, n_boot=n_boot, rng=of_noise),
        curves={name: curve(space, model.domain, name, trees, small, confidence) for name in data.names},
        notes=_notes(model, quantile, cut),
        **facts,
    )


def _check(order: Any, variance: str, quantile: float | None) -> None:
    if order not in _ORDERS or isinstance(order, bool):
        raise ValueError(f"`order` is {order!r}; give 1 (main effects), 2 (and pairs) or 3 (and triples).")
    if variance not in _VARIANCES:
        raise ValueError(unknown_name("variance", variance, _VARIANCES))
    if quantile is not None and not 0 < quantile < 1:
        raise ValueError(f"`quantile` is {quantile}; give a number between 0 and 1: 0.5 ignores the worse half.")


def split(trees: list[Boxes], order: int, variance: Variance) -> Effects:
    """Split the variance that a forest shows into shares."""
    if variance == "each" or len(trees) == 1:
        return mean_effects([scaled(effects(one, one, order)) for one in trees])
    # Each tree beside the next one, in a ring; two trees have one pair.
    pairs = range(len(trees) if len(trees) > 2 else 1)
    return scaled(mean_effects([effects(trees[k], trees[k - 1], order) for k in pairs]))


def _vector(shares: Effects, wanted: list[tuple[int, ...]]) -> Array:
    return np.concatenate([[shares.parts[one] for one in wanted], shares.total])


def _term(one: tuple[int, ...], names: tuple[str, ...]) -> tuple[Kind, tuple[str, ...]]:
    return ("main" if len(one) == 1 else "interaction"), tuple(names[j] for j in one)


def _capped(trees: list[Boxes], data: Study, cut: float | None) -> list[Boxes]:
    """Let nothing be worse than the cut."""
    if cut is None:
        return trees
    return [replace(one, value=_at_least(one.value, data, cut)) for one in trees]


def _at_least(values: Array, data: Study, cut: float) -> Array:
    return np.asarray(data.sign * np.maximum(data.sign * values, cut))


def _r2(model: Surrogate, cut: float | None) -> float:
    """Give the R2 of what the shares are of: with a cut, of capped predictions of capped scores."""
    if cut is None:
        return model.r2
    data, forest = model.study, model.forest
    return replace(forest, out_of_bag=_at_least(forest.out_of_bag, data, cut)).r2(_at_least(data.y, data, cut))


def _about(variance: Variance, quantile: float | None) -> str:
    what = "shares of the variance between configurations"
    if variance == "each":
        what += " (of every tree by itself, averaged)"
    return what if quantile is None else f"{what}, among the good only"


def _notes(model: Surrogate, quantile: float | None, cut: float | None) -> tuple[str, ...]:
    notes = []
    if quantile is not None and cut is not None:
        worse = "below" if model.study.sign > 0 else "above"
        notes.append(f"scores {worse} {model.study.sign * cut:.4g} (quantile {quantile:g}) count as that")
    if model.study.space.forbidden_clauses:
        notes.append("the average is over what the space forbids as well, where the forest only extrapolates")
    return tuple(notes)
