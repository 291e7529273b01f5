"""Functional ANOVA: how much of the score's variance each hyperparameter, alone and with others, accounts for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

import numpy as np
from ConfigSpace import ConfigurationSpace

from rlhp.arguments import choice, random_generator, real, whole
from rlhp.importance._result import Importance, Kind
from rlhp.importance._seed_noise import seed_noise
from rlhp.importance._study import Array, Score, Study, resampling_text, scored, watched
from rlhp.importance.surrogates._boxes import Boxes, Domain
from rlhp.importance.surrogates._choice import KINDS, WORDS, choose
from rlhp.importance.surrogates._corrected import corrected_shares, uneven
from rlhp.importance.surrogates._effects import Effects, Subset, effects, mean_effects, scaled, subsets
from rlhp.importance.surrogates._fit import Fit, Rng, Surrogate, fit_option, measure_text
from rlhp.importance.surrogates._marginals import corrected_curve, curve
from rlhp.importance.surrogates._measures import MeasureOption, measures_used
from rlhp.objectives import Failures
from rlhp.runs import Runs

Variance = Literal["corrected", "shared", "each"]
_VARIANCES = ("corrected", "shared", "each")


def fanova(
    runs: Runs,
    space: ConfigurationSpace,
    objective: str | Score = "final_return",
    *,
    rng: Rng,
    order: int = 1,
    measure: MeasureOption = "declared",
    failures: Failures = "raise",
    quantile: float | None = None,
    variance: Variance = "corrected",
    fit: Fit = Fit(),
) -> Importance:
    """Split the variance of the score over a search space into shares of hyperparameters and their interactions.

    A surrogate is fitted to the mean scores of the configurations: bagged trees, boosted trees or a Gaussian process.
    Trees are constant on boxes, and the process is a sum of products with one factor a hyperparameter, so that their
    marginals, and the variances of these, are sums: nothing is sampled.

    Where the surrogate errs, its shares do. To first order that is an average over configurations of what a surrogate
    that did not see them misses there; it is taken off, and its terms are what the interval is made of.

    Parameters
    ----------
    runs : Runs
        Of one algorithm on one environment; best from `spaces.sample(space, n, method="sobol")`, a hundred or more.
    space : ConfigurationSpace
        What was swept. A hyperparameter that never varied gets a share of exactly 0. Inactive is a level of its own:
        no weight falls on configurations that the conditions of the space exclude.
    objective : str or Score
        What runs are scored by: one of `rlhp.objectives.names()`, or a `Score` that says more, such as at which step.
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
    variance : {"corrected", "shared", "each"}
        What is split. "corrected": the variance of the surrogate that fits best, less what it errs by. The others give
        the shares of a forest as they are, and the interval is then of the sampling alone. So it is where the
        configurations are not spread as the space declares (a search chose them): the correction averages over them.
        "shared" splits the covariance between trees that were grown on different resamples: what two trees have in
        common is the function, what only one of them says is its error. "each" splits the variance of every single
        tree and averages the shares, as Hutter et al. (2014) and other implementations do; a tree's error then counts
        as interaction, the more so the noisier the runs.
    fit : Fit
        Which surrogate, how many trees and resamples, and the R2 below which nothing is ranked.

    Returns
    -------
    Importance
        Terms of kind "main", "interaction" and "total" (everything that a hyperparameter takes part in). `.own` are
        the surrogate's shares, of which `.bias` is its estimated error.

    Raises
    ------
    ValueError
        If an option is wrong, or the runs do not fit the space.

    Notes
    -----
    Shares are of the variance between configurations. How much of the variance between single *runs* is seed noise
    stands apart, in `.seed_noise`. The variance between configurations is what the surrogate predicts and, where
    seeds tell the noise, what it does not: by a process's own doubt, or by what trees miss beyond the noise. With one
    seed a configuration, what trees do not predict counts as noise.

    References
    ----------
    F. Hutter, H. Hoos, K. Leyton-Brown (2014), An efficient approach for assessing hyperparameter importance. I. M.
    Sobol' (1993), Sensitivity estimates for nonlinear mathematical models. G. Hooker (2007), Generalized functional
    ANOVA diagnostics. L. Breiman (1996), Out-of-bag estimation. A. da Veiga, F. Gamboa (2013), Efficient estimation of
    sensitivity indices. V. Chernozhukov et al. (2018), Double/debiased machine learning.

    Examples
    --------
    >>> from rlhp import Runs, importance, spaces
    >>> space = spaces.subspace(spaces.default("dqn"), ["learning_rate", "gamma"])
    >>> configs = spaces.sample(space, 128, method="sobol", rng=0)
    >>> runs = Runs.from_table(configs, -abs(spaces.to_unit(space, configs)[:, 1] - 0.5))
    >>> importance.fanova(runs, space, rng=0, fit=importance.Fit(n_boot=0)).ranking
    ['learning_rate', 'gamma']
    """
    _check(order, variance, quantile)
    fit, stream = fit_option(fit), random_generator(rng)
    as_it_is = variance != "corrected"
    if as_it_is and fit.surrogate not in ("auto", "forest"):
        raise ValueError(
            f"`surrogate` is {fit.surrogate!r}, and only a forest's shares are given as they are; leave `variance` "
            f"out, or take surrogate='forest'."
        )
    data = scored(runs, space, objective, failures=failures)
    of_trees, of_noise = stream.spawn(2)
    cut = None if quantile is None else float(np.quantile(data.sign * data.y, quantile))
    domain = Domain.of(space, measures_used(space, measure))
    # Chosen places stand for no measure, and an average over them corrects nothing.
    crowded = [] if as_it_is else uneven(data, domain)
    whole = {
        "about": _about(variance, quantile),
        "seed_noise": seed_noise(data, confidence=fit.confidence, n_boot=fit.n_boot, rng=of_noise),
    }
    if as_it_is or crowded:
        notes = _notes(data, quantile, cut, crowded)
        return _of_forest(fit, data, measure, order, variance, cut, of_trees, whole | {"notes": notes})
    return _corrected(fit, data, measure, order, cut, of_trees, whole | {"notes": _notes(data, quantile, cut, [])})


def _of_forest(
    fit: Fit,
    data: Study,
    measure: MeasureOption,
    order: int,
    variance: Variance,
    cut: float | None,
    rng: np.random.Generator,
    rest: dict[str, Any],
) -> Importance:
    """Return the shares of a forest as they are."""
    model = fit.to(data, measure=measure, rng=rng)
    model = replace(model, r2=_r2(model, cut))
    capped = data.y if cut is None else _at_least(data.y, data, cut)
    known = fit.facts(model, measure=measure_text(measure))
    if capped.min() == capped.max():  # among the good nothing may vary even where something does
        known |= {"r2": None, "alike": float(capped[0])}
    trees, small = _capped(model.boxes, data, cut), [_capped(one, data, cut) for one in model.resampled_boxes]
    wanted = subsets(len(data.names), order)
    draws = [_vector(split(one, order, variance), wanted) for one in watched(small, len(small), fit.progress)]
    alone = ", of the sampling alone: what the forest errs by is not in it" if fit.n_boot else ""
    return Importance(
        method="fanova",
        terms=_terms(data, wanted),
        estimate=_vector(split(trees, order, variance), wanted),
        draws=np.array(draws).reshape(-1, len(wanted) + len(data.names)),
        interval=resampling_text(data, fit.n_boot) + alone,
        curves={name: curve(data.space, model.domain, name, trees, small, fit.confidence) for name in data.names},
        surrogate=WORDS["forest"],
        **rest,
        **known,
    )


def _corrected(
    fit: Fit,
    data: Study,
    measure: MeasureOption,
    order: int,
    cut: float | None,
    rng: np.random.Generator,
    rest: dict[str, Any],
) -> Importance:
    """Return the shares of the surrogate that fits, less what it errs by."""
    kind = fit.surrogate
    used = measures_used(data.space, measure)
    domain = Domain.of(data.space, used)
    of_choice, of_shares = rng.spawn(2)
    if len(domain.contexts) > 1 and kind == "process":
        raise ValueError(
            "`surrogate` is 'process', and this space has conditions: a process has no exact marginals there; take "
            "'auto', 'forest' or 'boosted'."
        )
    allowed = KINDS if len(domain.contexts) == 1 else ("forest", "boosted")

    def capped(scores: Array) -> Array:
        return scores if cut is None else _at_least(scores, data, cut)

    scores = capped(data.y)
    options: dict[str, Any] = {"n_trees": fit.n_trees, "min_leaf": fit.min_leaf}
    chosen = choose(data, domain, scores, kind, rng=of_choice, allowed=allowed, **options)
    found = corrected_shares(data, domain, chosen, capped, order=order, n_boot=fit.n_boot, rng=of_shares, **options)
    known = fit.known(data, used, chosen.r2, measure=measure_text(measure))
    if scores.min() == scores.max():  # among the good nothing may vary even where something does
        known |= {"r2": None, "alike": float(scores[0])}
    errors = ", with what the surrogate errs by taken off in each" if fit.n_boot else ""
    return Importance(
        method="fanova",
        terms=_terms(data, subsets(len(data.names), order)),
        estimate=found.estimate,
        draws=found.draws,
        own=found.own,
        unexplained=found.unexplained,
        surrogate=chosen.text,
        interval=resampling_text(data, fit.n_boot) + errors,
        curves={
            name: corrected_curve(data.space, domain, name, chosen, found, scores, fit.confidence)
            for name in data.names
        },
        **rest,
        **known,
    )


def _terms(data: Study, wanted: list[Subset]) -> tuple[tuple[Kind, tuple[str, ...]], ...]:
    totals: list[tuple[Kind, tuple[str, ...]]] = [("total", (name,)) for name in data.names]
    return (*(_term(one, data.names) for one in wanted), *totals)


def _check(order: Any, variance: str, quantile: float | None) -> None:
    whole("order", order, at_least=1, at_most=3, hint="1: main effects, 2: and pairs, 3: and triples.")
    choice("variance", variance, _VARIANCES)
    if quantile is not None:
        real("quantile", quantile, above=0, below=1, hint="0.5 ignores the worse half.")


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
    """Return the R2 of what the shares are of: with a cut, of capped predictions of capped scores."""
    if cut is None:
        return model.r2
    data, forest = model.study, model.forest
    return replace(forest, out_of_bag=_at_least(forest.out_of_bag, data, cut)).r2(_at_least(data.y, data, cut))


def _about(variance: Variance, quantile: float | None) -> str:
    what = "shares of the variance between configurations"
    if variance == "each":
        what += " (of every tree by itself, averaged)"
    return what if quantile is None else f"{what}, among the good only"


def _notes(data: Study, quantile: float | None, cut: float | None, crowded: list[str]) -> tuple[str, ...]:
    notes = []
    if quantile is not None and cut is not None:
        worse = "below" if data.sign > 0 else "above"
        notes.append(f"scores {worse} {data.sign * cut:.4g} (quantile {quantile:g}) count as that")
    if crowded:
        notes.append(
            f"the configurations are not spread as the space declares along {', '.join(crowded)}: these are a forest's "
            f"shares, and what it errs by is not known"
        )
    if data.space.forbidden_clauses:
        notes.append("the average is over what the space forbids as well, where the surrogate only extrapolates")
    return tuple(notes)
