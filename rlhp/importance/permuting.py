"""Permutation importance: how much worse the surrogate predicts when a hyperparameter's values are shuffled."""

from __future__ import annotations

import numpy as np
from ConfigSpace import ConfigurationSpace

from rlhp.importance.fitting import Fit, Rng, Surrogate
from rlhp.importance.forest import Forest, codes
from rlhp.importance.points import snapped
from rlhp.importance.resampling import resampling_text
from rlhp.importance.result import LEAST_R2, Importance
from rlhp.importance.study import Array, scored
from rlhp.objectives.result import Failures
from rlhp.runs import Runs


def permutation(
    runs: Runs,
    space: ConfigurationSpace,
    objective: str = "final_return",
    *,
    rng: Rng,
    n_repeats: int = 4,
    failures: Failures = "raise",
    at: int | None = None,
    last: int = 1,
    threshold: float | None = None,
    n_trees: int = 64,
    min_leaf: int | None = None,
    confidence: float = 0.95,
    n_boot: int = 100,
    boot_trees: int = 8,
    least_r2: float = LEAST_R2,
    allow_poor_fit: bool = False,
) -> Importance:
    """Shuffle one hyperparameter among configurations that a tree never saw, and see how much more it errs.

    The rise of the squared error over twice the variance of the scores is the share: for a perfect surrogate the total
    Sobol share, by the measure in which the configurations were sampled.

    Parameters
    ----------
    runs, space, objective, rng, failures, at, last, threshold
        As for `rlhp.importance.fanova`.
    n_repeats : int
        Shuffles a tree and hyperparameter.
    n_trees, min_leaf, confidence, n_boot, boot_trees, least_r2, allow_poor_fit
        As for `rlhp.importance.fanova`.

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
    >>> importance.permutation(runs, space, rng=0, n_boot=0).ranking
    ['learning_rate', 'gamma']
    """
    fit = Fit(n_trees, min_leaf, confidence, n_boot, boot_trees, least_r2, allow_poor_fit)
    stream = fit.checked(rng, n_repeats=n_repeats)
    data = scored(runs, space, objective, failures=failures, at=at, last=last, threshold=threshold)
    of_trees, of_shuffles = stream.spawn(2)
    model = fit.to(data, rng=of_trees)
    return Importance(
        method="permutation",
        about="rise of the squared error, as a share of twice the variance between configurations",
        terms=tuple(("total", (name,)) for name in space),
        estimate=_rises(model, model.forest, n_repeats, of_shuffles),
        draws=np.array([_rises(model, one, 1, of_shuffles) for one in model.resampled]).reshape(-1, len(space)),
        interval=resampling_text(data, n_boot),
        **fit.facts(model, measure="as sampled"),
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
