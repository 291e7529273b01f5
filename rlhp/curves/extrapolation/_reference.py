"""What finished runs teach about others: the range of returns, the prior of the mixture, and whom to hold out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rlhp.arguments import random_generator
from rlhp.curves._options import horizon_option
from rlhp.curves._statistic import Array
from rlhp.curves.extrapolation._families import progress
from rlhp.curves.extrapolation._mixture import Mixture, learned_weights, log_likelihood, mixture, normals
from rlhp.curves.extrapolation._nodes import KNOWN, conditioned
from rlhp.curves.extrapolation._parts import Group, Part, ended, parts, until_horizon
from rlhp.curves.extrapolation._question import MOST_POINTS, Question
from rlhp.curves.extrapolation._shapes import PARAMETRIC
from rlhp.runs import Runs, need_runs

# Fewer finished runs of an environment teach nothing that one could check.
FEWEST_RUNS = 10
_FOLDS = 5
# Enough curves to learn the weights from; more cost time and change little.
_MOST_LEARNED = 400
# The default weights of nodes count as so many curves.
SHRINK_NODES = 5.0


@dataclass(frozen=True, eq=False)
class Known:
    """Finished runs of one environment, algorithm and length, N of them, in the order of their ids.

    Attributes
    ----------
    group : (str, str, int)
    parts : tuple of Part
        Their whole curves.
    low, high : float
        Range of the values they showed.
    ceiling : float
        `high` where it is a limit, which many evaluations sit at; else infinite.
    prior, mixture : Mixture
        With weights before, and learned from all of the runs.
    log_likelihood : array [L, C * E]
        Of the curves that the weights were learned from.
    learned_from : int array [L]
        Which those are.
    fold : int array [N]
        Runs of one configuration share a fold.
    normal : array [M]
        Standard normal numbers behind the draws of the runs held out.
    """

    group: Group
    parts: tuple[Part, ...]
    low: float
    high: float
    ceiling: float
    prior: Mixture
    mixture: Mixture
    log_likelihood: Array
    learned_from: NDArray[np.int64]
    fold: NDArray[np.int64]
    normal: Array
    curves: dict[Any, Array] = field(default_factory=dict, repr=False)
    calibrations: dict[Any, Any] = field(default_factory=dict, repr=False)

    @property
    def n_configs(self) -> int:
        """Number of configurations."""
        return len({part.config_id for part in self.parts})

    @property
    def has_training(self) -> bool:
        """Whether every run has its return while training."""
        return all(part.training is not None for part in self.parts)

    def unit(self, values: Array) -> Array:
        """Bring returns to the range: 0 its low end, 1 its high end."""
        return np.asarray((values - self.low) / (self.high - self.low))

    def values_at(self, fractions: tuple[float, ...]) -> Array:
        """Return the runs' values in the unit of the range at fractions of the horizon: array [N, n]."""
        return self._at(fractions, "values")

    def question(self, like: Question) -> Question:
        """Ask of these runs what is asked of others."""
        training = None if like.training is None else self._at(like.seen, "training")
        return Question(like.seen, like.ahead, self._at(like.seen, "values"), training)

    def _at(self, fractions: tuple[float, ...], what: str) -> Array:
        key = (fractions, what)
        if key not in self.curves:
            rows = [np.interp(fractions, part.fractions, getattr(part, what)) for part in self.parts]
            self.curves[key] = self.unit(np.stack(rows))
        return self.curves[key]


@dataclass(frozen=True, eq=False)
class Reference:
    """What finished runs teach; made by `reference`, used again and again by `extrapolate`.

    Attributes
    ----------
    groups : mapping of (env_id, algorithm, horizon) to Known
    run_ids : frozenset of str
        Whose curves are in it.
    n_left_out : int
        Runs that did not finish, or of environments with too few runs.
    value : str
        Column of `evals`.
    """

    groups: dict[Group, Known]
    run_ids: frozenset[str]
    n_left_out: int
    value: str

    def __repr__(self) -> str:
        listed = "; ".join(
            f"{algorithm} on {env_id} to {steps:,} steps: {len(known.parts)} runs of {known.n_configs} configurations"
            for (env_id, algorithm, steps), known in self.groups.items()
        )
        return f"Reference({listed or 'nothing'}; {self.n_left_out} runs left out)"


def reference(
    runs: Runs, *, rng: int | np.random.Generator, horizon: int | None = None, value: str = "return_mean"
) -> Reference:
    """Learn from finished runs what `extrapolate` needs to know of their environments.

    Per environment, algorithm and length of training: the range of returns and whether it is a limit, the prior weights
    of the mixture's nodes (families, shapes, noise, where curves end) by EM, and, when a question is asked, the weights
    of the forecasters and the width of intervals from runs held out, configuration by configuration.

    Parameters
    ----------
    runs : Runs
        Such as a sweep. Only runs that finished and were evaluated at their end are used.
    rng : int or numpy.random.Generator
    horizon : int, optional
        Look at the runs up to these environment steps only, interpolated there; by default to the end of each.
    value : str
        Column of `runs.evals`.

    Raises
    ------
    ValueError
        If no environment has ten finished runs, or `value` is unknown.

    Examples
    --------
    >>> from rlhp import curves, datasets
    >>> curves.reference(datasets.load("exploration_cartpole"), rng=0)
    Reference(dqn on CartPole-v1 to 50,000 steps: 84 runs of 7 configurations; 0 runs left out)
    """
    rng = random_generator(rng)
    horizon_option(horizon)
    need_runs(runs)
    normal = normals(rng)
    finished = {str(one) for one in runs.table.index[runs.table["status"] == "finished"]}
    whole = [part for part in parts(runs, value=value, horizon=horizon, first=None) if part.run_id in finished]
    whole = [part if horizon is None else until_horizon(part) for part in whole]
    whole = sorted((part for part in whole if not part.note and ended(part)), key=lambda part: part.run_id)
    by_group: dict[Group, list[Part]] = {}
    for part in whole:
        by_group.setdefault(part.group, []).append(part)
    groups = {group: _learned(group, found, normal) for group, found in sorted(by_group.items()) if enough(found)}
    if not groups:
        most = max(map(len, by_group.values()), default=0)
        raise ValueError(
            f"a reference needs at least {FEWEST_RUNS} finished runs of one environment, algorithm and length whose "
            f"returns differ; the most here are {most}. Give more finished runs, or leave `reference` out."
        )
    used = frozenset(part.run_id for known in groups.values() for part in known.parts)
    return Reference(groups, used, len(runs) - len(used), value)


def enough(found: Sequence[Part]) -> bool:
    """Return whether finished runs of one environment are enough to learn from, and differ."""
    return len(found) >= FEWEST_RUNS and len(np.unique(np.concatenate([part.values for part in found]))) > 1


def _learned(group: Group, found: list[Part], normal: Array) -> Known:
    every = np.concatenate([part.values for part in found])
    low, high = float(every.min()), float(every.max())
    starts = np.array([(part.values[0] - low) / (high - low) for part in found])
    scale = replace(KNOWN, start=(float(starts.mean()), max(float(starts.std()), 0.05)))
    configs = sorted({part.config_id for part in found})
    names = [part.config_id for part in found] if len(configs) > 1 else [part.run_id for part in found]
    place = {name: index for index, name in enumerate(sorted(set(names)))}
    known = Known(
        group=group,
        parts=tuple(found),
        low=low,
        high=high,
        ceiling=high if _limit(every, high) else np.inf,
        prior=mixture(PARAMETRIC, scale=scale),
        mixture=mixture(PARAMETRIC, scale=scale),
        log_likelihood=np.empty(0),
        learned_from=evenly(len(found), _MOST_LEARNED),
        fold=np.array([place[name] for name in names]) % _FOLDS,
        normal=normal,
    )
    return with_families(known, PARAMETRIC)


def with_families(known: Known, families: Sequence[str]) -> Known:
    """Learn the weights of a mixture of other families from the same runs."""
    prior = mixture(families, scale=known.mixture.scale)
    fractions = _common(known.parts)
    curves = known.values_at(fractions)[known.learned_from]
    nodes = conditioned(prior.families, prior.scale, tuple(progress(fractions, 1.0)), (1,) * len(fractions), ())
    log = log_likelihood(nodes, curves)
    weights = learned_weights(log, prior.weights, shrink=SHRINK_NODES)
    return replace(known, prior=prior, mixture=replace(prior, weights=weights), log_likelihood=log, calibrations={})


def _limit(values: Array, high: float) -> bool:
    """Say whether so many evaluations sit at the highest value that it is a limit: one in a hundred, at least three."""
    return int((values == high).sum()) >= max(3, 0.01 * len(values))


def _common(found: Sequence[Part]) -> tuple[float, ...]:
    """Fractions at which to look at whole curves: where all were evaluated, or evenly spaced ones."""
    fractions = found[0].fractions
    if len(fractions) <= MOST_POINTS and all(part.fractions == fractions for part in found):
        return fractions
    start = max(part.fractions[0] for part in found)
    return tuple(np.linspace(min(start, 0.9), 1.0, MOST_POINTS).round(9))


def evenly(n: int, most: int) -> NDArray[np.int64]:
    """Choose at most `most` of n, evenly."""
    return np.arange(n) if n <= most else np.linspace(0, n - 1, most).round().astype(np.int64)
