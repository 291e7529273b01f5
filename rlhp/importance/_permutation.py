"""Permutation importance: how much worse the surrogate predicts when a hyperparameter's values are shuffled."""

from __future__ import annotations

from typing import Any

import numpy as np
from ConfigSpace import ConfigurationSpace

from rlhp.arguments import flag, random_generator, whole
from rlhp.importance._result import Importance, Kind
from rlhp.importance._study import Array, Score, resampling_text, scored
from rlhp.importance.surrogates._boxes import Domain, snapped
from rlhp.importance.surrogates._choice import WORDS, choose
from rlhp.importance.surrogates._corrected import corrected_totals
from rlhp.importance.surrogates._fit import Fit, Rng, Surrogate, fit_option
from rlhp.importance.surrogates._forest import Forest, codes
from rlhp.importance.surrogates._measures import measures_used
from rlhp.objectives import Failures
from rlhp.runs import Runs


def permutation(
    runs: Runs,
    space: ConfigurationSpace,
    objective: str | Score = "final_return",
    *,
    rng: Rng,
    n_repeats: int = 4,
    corrected: bool = True,
    failures: Failures = "raise",
    fit: Fit = Fit(),
) -> Importance:
    """Shuffle one hyperparameter among configurations that a surrogate never saw, and see how much more it errs.

    For a perfect surrogate the rise of the squared error is twice the variance that the hyperparameter takes part in:
    its total Sobol share, by the measure in which the configurations were sampled. What the surrogate errs by is taken
    off: its own total is half the mean square of what shuffling changes of its predictions, and the rise, less that, is
    the total of the function to first order.

    Parameters
    ----------
    runs, space, objective, rng, failures, fit
        As for `rlhp.importance.fanova`.
    n_repeats : int
        Shuffles of each hyperparameter.
    corrected : bool
        False gives half the rise over the variance of the scores, of a forest: what other implementations show. The
        interval is then of the sampling alone.

    Returns
    -------
    Importance
        Terms of kind "total".

    Raises
    ------
    ValueError
        If an option is wrong.

    References
    ----------
    L. Breiman (2001), Random forests (section 10). P. Wei, Z. Lu, J. Song (2015), Variable importance analysis: a
    comprehensive review (permutation and total Sobol indices).

    Examples
    --------
    >>> from rlhp import Runs, importance, spaces
    >>> space = spaces.subspace(spaces.default("dqn"), ["learning_rate", "gamma"])
    >>> configs = spaces.sample(space, 128, method="sobol", rng=0)
    >>> runs = Runs.from_table(configs, spaces.to_unit(space, configs)[:, 1])
    >>> importance.permutation(runs, space, rng=0, fit=importance.Fit(n_boot=0)).ranking
    ['learning_rate', 'gamma']
    """
    fit, stream = fit_option(fit), random_generator(rng)
    whole("n_repeats", n_repeats, at_least=1)
    kind, n_boot = fit.surrogate, fit.n_boot
    if not flag("corrected", corrected):
        if kind not in ("auto", "forest"):
            raise ValueError(
                f"`surrogate` is {kind!r}, and only a forest's rises are given as they are; take 'forest'."
            )
        kind = "forest"
    data = scored(runs, space, objective, failures=failures)
    of_trees, of_shuffles = stream.spawn(2)
    terms: tuple[tuple[Kind, tuple[str, ...]], ...] = tuple(("total", (name,)) for name in space)
    if not corrected:
        model = fit.to(data, rng=of_trees)
        alone = ", of the sampling alone: what the forest errs by is not in it" if n_boot else ""
        return Importance(
            method="permutation",
            about="rise of the squared error, as a share of twice the variance between configurations",
            terms=terms,
            estimate=_rises(model, model.forest, n_repeats, of_shuffles),
            draws=np.array([_rises(model, one, 1, of_shuffles) for one in model.resampled]).reshape(-1, len(space)),
            interval=resampling_text(data, n_boot) + alone,
            surrogate=WORDS["forest"],
            **fit.facts(model, measure="as sampled"),
        )
    used = measures_used(space, "declared")
    domain = Domain.of(space, used)
    options: dict[str, Any] = {"n_trees": fit.n_trees, "min_leaf": fit.min_leaf}
    chosen = choose(data, domain, data.y, kind, rng=of_trees, **options)
    found = corrected_totals(data, domain, chosen, n_repeats=n_repeats, n_boot=n_boot, rng=of_shuffles, **options)
    return Importance(
        method="permutation",
        about="rise of the squared error when it is shuffled, as a share of twice the variance between configurations",
        terms=terms,
        estimate=found.estimate,
        draws=found.draws,
        own=found.own,
        unexplained=found.unexplained,
        surrogate=chosen.text,
        interval=resampling_text(data, n_boot)
        + (", with what the surrogate errs by taken off in each" if n_boot else ""),
        **fit.known(data, used, chosen.r2, measure="as sampled"),
    )


def _rises(model: Surrogate, forest: Forest, n_repeats: int, rng: np.random.Generator) -> Array:
    data = model.study
    y, d = data.y, len(data.names)
    # An inactive hyperparameter has a coordinate too, drawn by its measure, for when its parent is shuffled.
    drawn = snapped(model.domain, rng.random(data.unit.shape))
    latent = np.where(np.isnan(data.unit), drawn, data.unit)
    varies = [j for j in range(d) if np.unique(latent[:, j]).size > 1]
    rises, rows = np.zeros(d), 0
    for tree, unseen in zip(forest.trees, forest.unseen, strict=True):
        out = np.flatnonzero(unseen)
        if len(out) < 2:
            continue
        rows += len(out) * n_repeats
        error = (y[out] - tree.predict(codes(data.unit[out]))) ** 2
        for j in varies:
            for _ in range(n_repeats):
                shuffled = latent[out].copy()
                shuffled[:, j] = shuffled[rng.permutation(len(out)), j]
                predicted = tree.predict(codes(model.domain.inactive_marked(shuffled)))
                rises[j] += float(((y[out] - predicted) ** 2 - error).sum())
    spread = float(y.var())
    return rises / (2 * spread * rows) if rows and spread > 0 else np.zeros(d)
