"""Ablation: which changes, on the way from the default to the best configuration, bring the improvement."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from ConfigSpace import ConfigurationSpace

from rlhp.arguments import random_generator
from rlhp.importance._result import Importance
from rlhp.importance._study import Array, Score, around, scored
from rlhp.importance.surrogates._beliefs import Beliefs, believe, believed
from rlhp.importance.surrogates._boxes import Domain, allowed_at
from rlhp.importance.surrogates._fit import Fit, Rng, filled, fit_option, point
from rlhp.importance.surrogates._marginals import configuration
from rlhp.importance.surrogates._measures import measures_used
from rlhp.objectives import Failures
from rlhp.runs import Runs

_LEAST_GAIN = 0.1


def ablation(
    runs: Runs,
    space: ConfigurationSpace,
    objective: str | Score = "final_return",
    *,
    rng: Rng,
    start: Mapping[str, Any] | str | None = None,
    end: Mapping[str, Any] | str | None = None,
    failures: Failures = "raise",
    fit: Fit = Fit(),
) -> Importance:
    """Walk from one configuration to another, each time changing the hyperparameter that gains most.

    A change to a configuration that the space forbids waits until others have made it allowed; where all that are left
    lead to one, the path goes through it.

    The scores along the way are a surrogate's (Biedenkapp et al. 2017), so that nothing needs to be trained. What was
    chosen as best is best in part by luck; the surrogate's score of it is the steadier number.

    Parameters
    ----------
    runs, space, objective, rng, failures
        As for `rlhp.importance.fanova`.
    start, end : mapping or str, optional
        A configuration (what it leaves out takes its default), "default", "best", or the id of one that was run. By
        default from "default" to "best", the best mean score.
    fit : Fit
        As for `rlhp.importance.fanova`. Resamples score the same path.

    Returns
    -------
    Importance
        `share` is a part of the gain from start to end, and may be negative. `.path` has one row a step: `name`,
        `before`, `after` (NaN where inactive), `start_score` and `score` (before and after it), `gain`, its interval
        `low`, `high`. Where all configurations scored the same there is no gain, and every share is 0.

    Raises
    ------
    ValueError
        If an option is wrong, start and end are the same, or the surrogate sees no gain between them.

    References
    ----------
    C. Fawcett, H. Hoos (2016), Analysing differences between algorithm configurations through ablation. A. Biedenkapp
    et al. (2017), Efficient parameter importance analysis via ablation with surrogates.

    Examples
    --------
    >>> from rlhp import Runs, importance, spaces
    >>> space = spaces.subspace(spaces.default("dqn"), ["learning_rate", "gamma"])
    >>> configs = spaces.sample(space, 128, method="sobol", rng=0)
    >>> runs = Runs.from_table(configs, spaces.to_unit(space, configs)[:, 1])
    >>> importance.ablation(runs, space, rng=0, fit=importance.Fit(n_boot=0)).path["name"].tolist()[:1]
    ['learning_rate']
    """
    fit, stream = fit_option(fit), random_generator(rng)
    data = scored(runs, space, objective, failures=failures)
    used = measures_used(space, "declared")
    beliefs = believe(data, Domain.of(space, used), fit, rng=stream)
    (a, from_text), (b, to_text) = point(data, start, "default", "start"), point(data, end, "best", "end")
    points, order = _greedy(beliefs, a, b)
    if not order and not data.alike:
        raise ValueError(f"{from_text} and {to_text} are the same configuration; give another `start` or `end`.")
    found = believed(beliefs, points, np.asarray)
    # The scores are the surrogate's; what it errs by is in the intervals.
    scores = found.own
    gains = data.sign * np.diff(scores)
    whole = float(gains.sum())
    if whole <= 0 and not data.alike:
        raise ValueError(
            f"the surrogate expects {scores[0]:.4g} at {from_text} and {scores[-1]:.4g} at {to_text}: no gain to "
            f"explain; give another `end` or a smaller `min_leaf`, or sweep more configurations."
        )
    whole = 1.0 if data.alike else whole  # of nothing, every change brings nothing
    draws = data.sign * np.diff(found.draws.reshape(-1, len(points)), axis=1)
    low, high = around(gains, draws, fit.confidence)
    place = [order.index(j) if j in order else -1 for j in range(len(space))]
    nothing = np.zeros((len(draws), 1))
    # Each draw has a gain of its own to share out, unless it sees next to none.
    wholes = draws.sum(axis=1, keepdims=True)
    wholes = np.where(wholes > _LEAST_GAIN * whole, wholes, whole)
    path = _path(space, points, order, scores, gains)
    return Importance(
        method="ablation",
        about=f"shares of the gain from {from_text} ({scores[0]:.4g}) to {to_text} ({scores[-1]:.4g})",
        terms=tuple(("main", (name,)) for name in space),
        estimate=np.append(gains, 0.0)[place] / whole,
        draws=np.hstack([draws, nothing])[:, place] / wholes,
        interval=beliefs.interval,
        surrogate=beliefs.chosen.text,
        path=path.assign(low=low, high=high),
        bounded=False,
        notes=() if data.alike else ("changed in this order: " + ", ".join(list(space)[j] for j in order),),
        **fit.known(data, used, beliefs.chosen.r2, measure="none, a path"),
    )


def _greedy(beliefs: Beliefs, a: Array, b: Array) -> tuple[Array, list[int]]:
    """Return the points on the way, shape [steps + 1, d] (NaN where inactive), and what changed at each step."""
    data, domain = beliefs.study, beliefs.domain
    here, goal = filled(data.space, a), filled(data.space, b)
    # What is inactive at one end keeps the coordinate that it has at the other.
    here = np.where(np.isnan(a) & ~np.isnan(b), goal, here)
    goal = np.where(np.isnan(b), here, goal)
    left, order = [j for j in range(len(here)) if here[j] != goal[j]], []
    points = [here]
    while left:
        options = np.repeat(here[None], len(left), axis=0)
        options[np.arange(len(left)), left] = goal[left]
        marked = domain.inactive_marked(options)
        predicted = data.sign * beliefs.chosen.model.predict(marked)
        kept = allowed_at(data.space, domain, marked)
        best = int(np.argmax(np.where(kept, predicted, -np.inf) if kept.any() else predicted))
        here = options[best]
        order.append(left.pop(best))
        points.append(here)
    return domain.inactive_marked(np.array(points)), order


def _path(space: ConfigurationSpace, points: Array, order: list[int], scores: Array, gains: Array) -> pd.DataFrame:
    on_the_way = [configuration(space, one) for one in points]
    names = list(space)
    return pd.DataFrame(
        {
            "step": np.arange(1, len(order) + 1),
            "name": [names[j] for j in order],
            "before": pd.Series([on_the_way[k][names[j]] for k, j in enumerate(order)], dtype=object),
            "after": pd.Series([on_the_way[k + 1][names[j]] for k, j in enumerate(order)], dtype=object),
            "start_score": scores[:-1],
            "score": scores[1:],
            "gain": gains,
        }
    )
