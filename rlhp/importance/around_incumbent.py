"""Local importance: what each hyperparameter could still change around one configuration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from ConfigSpace import ConfigurationSpace

from rlhp.importance.fitting import Fit, Rng, Surrogate, filled, measure_text, point
from rlhp.importance.forest import Forest
from rlhp.importance.marginals import as_column, grid, values
from rlhp.importance.resampling import around, resampling_text
from rlhp.importance.result import LEAST_R2, Importance
from rlhp.importance.study import Array, scored
from rlhp.importance.weighing import MeasureOption
from rlhp.objectives.result import Failures
from rlhp.runs import Runs


def local(
    runs: Runs,
    space: ConfigurationSpace,
    objective: str = "final_return",
    *,
    rng: Rng,
    around_config: Mapping[str, Any] | str | None = None,
    measure: MeasureOption = "declared",
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
    """Local parameter importance: the variance along each hyperparameter through one configuration.

    Every hyperparameter in turn runs over its range while the others stay; the variance of the surrogate's score along
    that line, by the measure, over the sum of these variances is its share.

    Parameters
    ----------
    runs, space, objective, rng, measure, failures, at, last, threshold
        As for `rlhp.importance.fanova`.
    around_config : mapping or str, optional
        A configuration (what it leaves out takes its default), "default", "best", or the id of one that was run; by
        default "best".
    n_trees, min_leaf, confidence, n_boot, boot_trees, least_r2, allow_poor_fit
        As for `rlhp.importance.fanova`.

    Returns
    -------
    Importance
        What is inactive there has a share of 0. `.marginals(name)` is the line through the configuration.

    Raises
    ------
    ValueError
        If an option is wrong.

    References
    ----------
    A. Biedenkapp et al. (2018), CAVE: Configuration assessment, visualization and evaluation (section 4.2).

    Examples
    --------
    >>> from rlhp import Runs, importance, spaces
    >>> space = spaces.subspace(spaces.default("dqn"), ["learning_rate", "gamma"])
    >>> configs = spaces.sample(space, 128, method="sobol", rng=0)
    >>> runs = Runs.from_table(configs, spaces.to_unit(space, configs)[:, 1])
    >>> importance.local(runs, space, rng=0, n_boot=0).ranking
    ['learning_rate', 'gamma']
    """
    fit = Fit(n_trees, min_leaf, confidence, n_boot, boot_trees, least_r2, allow_poor_fit)
    stream = fit.checked(rng)
    data = scored(runs, space, objective, failures=failures, at=at, last=last, threshold=threshold)
    model = fit.to(data, measure=measure, rng=stream)
    here, text = point(data, around_config, "best", "around_config")
    estimate = _shares(model, model.forest, here)
    draws = np.array([_shares(model, one, here) for one in model.resampled]).reshape(-1, len(space))
    return Importance(
        method="local",
        about=f"shares of the variances along the lines through {text}",
        terms=tuple(("main", (name,)) for name in space),
        estimate=estimate,
        draws=draws,
        interval=resampling_text(data, n_boot),
        curves={name: _line(model, here, name, confidence) for name in space},
        **fit.facts(model, measure=measure_text(measure)),
    )


def _shares(model: Surrogate, forest: Forest, here: Array) -> Array:
    variances = np.array([_variance(model, forest, here, j) for j in range(len(here))])
    return variances / variances.sum() if variances.sum() > 0 else variances


def _variance(model: Surrogate, forest: Forest, here: Array, j: int) -> float:
    """Integrate along one line exactly: between two neighbouring cuts of any tree nothing changes."""
    if np.isnan(here[j]):
        return 0.0
    cuts = np.concatenate([tree.cuts(j) for tree in forest.trees])
    own = model.domain.cells[j]
    # A change of activity is a change too.
    cuts = np.concatenate([cuts, *([one.low[j]] for one in model.domain.contexts)])
    if own is None:
        edges = np.unique(np.concatenate([[0.0, 1.0], cuts[(cuts > 0) & (cuts < 1)]]))
        middles = (edges[1:] + edges[:-1]) / 2
    else:
        middles, edges = own
    weight = np.diff(model.domain.weigh(j, edges))
    scores = forest.predict(_moved(model, here, j, middles))
    return float(weight @ (scores - weight @ scores) ** 2)


def _moved(model: Surrogate, here: Array, j: int, unit: Array) -> Array:
    points = np.repeat(filled(model.study.space, here)[None], len(unit), axis=0)
    points[:, j] = unit
    return model.domain.inactive_marked(points)


def _line(model: Surrogate, here: Array, name: str, confidence: float) -> pd.DataFrame:
    space = model.study.space
    unit = grid(space, model.domain, name)
    points = _moved(model, here, list(space).index(name), unit)
    mean = model.forest.predict(points)
    draws = np.array([one.predict(points) for one in model.resampled]).reshape(-1, len(unit))
    low, high = around(mean, draws, confidence)
    frame = pd.DataFrame({"unit": unit, "mean": mean, "low": low, "high": high})
    frame.insert(0, "value", as_column(values(space, name, unit), frame.index))
    return frame
