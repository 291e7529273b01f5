"""Local importance: what each hyperparameter could still change around one configuration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from ConfigSpace import ConfigurationSpace

from rlhp.arguments import random_generator
from rlhp.importance._result import Importance
from rlhp.importance._study import Array, Score, around, scored
from rlhp.importance.surrogates._beliefs import AVERAGED, Beliefs, believe, believed
from rlhp.importance.surrogates._boxes import Domain
from rlhp.importance.surrogates._fit import Fit, Rng, filled, fit_option, measure_text, point
from rlhp.importance.surrogates._marginals import as_column, grid, values
from rlhp.importance.surrogates._measures import MeasureOption, measures_used
from rlhp.importance.surrogates._process import Process
from rlhp.objectives import Failures
from rlhp.runs import Runs

_CELLS = 64  # at least so many parts of a continuous line


def local(
    runs: Runs,
    space: ConfigurationSpace,
    objective: str | Score = "final_return",
    *,
    rng: Rng,
    around_config: Mapping[str, Any] | str | None = None,
    measure: MeasureOption = "declared",
    failures: Failures = "raise",
    fit: Fit = Fit(),
) -> Importance:
    """Local parameter importance: the variance along each hyperparameter through one configuration.

    Every hyperparameter in turn runs over its range while the others stay; the variance of the surrogate's score along
    that line, by the measure, over the sum of these variances is its share.

    Parameters
    ----------
    runs, space, objective, rng, measure, failures, fit
        As for `rlhp.importance.fanova`.
    around_config : mapping or str, optional
        A configuration (what it leaves out takes its default), "default", "best", or the id of one that was run; by
        default "best".

    Returns
    -------
    Importance
        What is inactive there has a share of 0. `.own` are the surrogate's shares, before what it errs by was taken
        off. `.marginals(name)` is the line through the configuration.

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
    >>> importance.local(runs, space, rng=0, fit=importance.Fit(n_boot=0)).ranking
    ['learning_rate', 'gamma']
    """
    fit, stream = fit_option(fit), random_generator(rng)
    data = scored(runs, space, objective, failures=failures)
    used = measures_used(space, measure)
    domain = Domain.of(space, used)
    beliefs = believe(data, domain, fit, rng=stream)
    here, text = point(data, around_config, "best", "around_config")
    lines = [_line(beliefs, here, j) for j in range(len(space))]
    ends = np.cumsum([len(points) for points, _ in lines])[:-1]

    def shares(scores: Array) -> Array:
        parts = zip(np.split(scores, ends), (weight for _, weight in lines), strict=True)
        variances = np.array([float(weight @ (part - weight @ part) ** 2) for part, weight in parts])
        return variances / variances.sum() if variances.sum() > 0 else variances

    found = believed(beliefs, np.concatenate([points for points, _ in lines]), shares)
    return Importance(
        method="local",
        about=f"shares of the variances along the lines through {text}",
        terms=tuple(("main", (name,)) for name in space),
        estimate=found.estimate,
        draws=found.draws,
        own=found.own if found.corrected else None,
        bias_from=AVERAGED,
        surrogate=beliefs.chosen.text,
        interval=beliefs.interval,
        curves={name: _curve(beliefs, here, name, fit.confidence) for name in space},
        **fit.known(data, used, beliefs.chosen.r2, measure=measure_text(measure)),
    )


def _line(beliefs: Beliefs, here: Array, j: int) -> tuple[Array, Array]:
    """Return points along a line through a configuration, and their weights by the measure.

    Between two neighbouring cuts of any tree nothing changes, so that a sum over what lies between them is exact.
    """
    domain, own = beliefs.domain, beliefs.domain.cells[j]
    if np.isnan(here[j]):
        return _moved(beliefs, here, j, here[j : j + 1]), np.ones(1)
    if own is None:
        # A change of activity is a change too.
        cuts = [np.linspace(0.0, 1.0, _CELLS + 1), np.array([one.low[j] for one in domain.contexts])]
        if not isinstance(beliefs.chosen.model, Process):
            cuts += [tree.cuts(j) for tree in beliefs.chosen.model.trees]
        inside = np.concatenate(cuts)
        edges = np.unique(inside[(inside >= 0) & (inside <= 1)])
        middles = (edges[1:] + edges[:-1]) / 2
    else:
        middles, edges = own
    return _moved(beliefs, here, j, middles), np.diff(domain.weigh(j, edges))


def _moved(beliefs: Beliefs, here: Array, j: int, unit: Array) -> Array:
    points = np.repeat(filled(beliefs.study.space, here)[None], len(unit), axis=0)
    points[:, j] = np.where(np.isnan(unit), points[:, j], unit)
    return beliefs.domain.inactive_marked(points)


def _curve(beliefs: Beliefs, here: Array, name: str, confidence: float) -> pd.DataFrame:
    space = beliefs.study.space
    unit = grid(space, beliefs.domain, name)
    found = believed(beliefs, _moved(beliefs, here, list(space).index(name), unit), np.asarray)
    low, high = around(found.own, found.draws, confidence)
    frame = pd.DataFrame({"unit": unit, "mean": found.own, "low": low, "high": high})
    frame.insert(0, "value", as_column(values(space, name, unit), frame.index))
    return frame
