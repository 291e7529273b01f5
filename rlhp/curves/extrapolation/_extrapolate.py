"""Runs in their first part become forecasts of where they end."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from rlhp.arguments import choice, instance, name_list, number_array, random_generator, shown, whole
from rlhp.curves._limits import RETURNS, limits_of
from rlhp.curves._options import horizon_option, share
from rlhp.curves._statistic import Array
from rlhp.curves.extrapolation._forecast import forecast, nodes_for
from rlhp.curves.extrapolation._interval import at_level
from rlhp.curves.extrapolation._mixture import N_DRAWS, Mixture, draws, mixture, normals
from rlhp.curves.extrapolation._nodes import KNOWN, UNKNOWN
from rlhp.curves.extrapolation._parts import Part, ended, parts, until_horizon
from rlhp.curves.extrapolation._question import Question, thinned
from rlhp.curves.extrapolation._reference import Known, Reference
from rlhp.curves.extrapolation._reference import reference as learn
from rlhp.curves.extrapolation._result import Extrapolation
from rlhp.curves.extrapolation._shapes import PARAMETRIC
from rlhp.runs import Runs, need_runs

Key = tuple[Any, ...]


def extrapolate(
    runs: Runs,
    *,
    rng: int | np.random.Generator,
    first: float | None = None,
    horizon: int | None = None,
    reference: Runs | Reference | None = None,
    bounds: tuple[float, float] | None = None,
    value: str = "return_mean",
    confidence: float = 0.8,
    along: int = 1,
    families: Sequence[str] = PARAMETRIC,
) -> Extrapolation:
    """Forecast where runs will end, from the part of their learning curves that is known.

    Parameters
    ----------
    runs : Runs
        Runs that are still training, were stopped, or (with `first`) are finished.
    rng : int or numpy.random.Generator
        The same seed gives the same numbers; what is said of a run does not depend on the other runs asked about.
    first : float, optional
        Look at this fraction of training only, in (0, 1); by default at all evaluations there are.
    horizon : int, optional
        Environment steps at which the question is asked; by default those that each run was asked to train for.
    reference : Runs or Reference, optional
        Finished *other* runs to learn from: from them come the range of returns, the prior weights, what became of
        runs that began alike, and the width of the intervals. Ten at the least, of the same environment and algorithm
        and trained for the same steps (to `horizon`, if that is given, or longer). What `curves.reference` returns is
        learned once and can be used again.
    bounds : (float, float), optional
        Lowest and highest return there can be, where there is no reference.
    value : str
        Column of `runs.evals`.
    confidence : float
        Of the interval, in (0, 1).
    along : int
        Number of evenly spaced steps from the latest evaluation to the horizon at which to forecast.
    families : sequence of str
        Families of the mixture, without a reference.

    Returns
    -------
    Extrapolation
        `.table` has one row per run. A run that diverged or failed, and one without an evaluation, has no forecast
        (NaN) and a note, so that it never looks good; a run that has reached its horizon is what it is.

    Raises
    ------
    ValueError
        If an option or name is unknown or impossible, a run lies outside the bounds, a run is in its own reference, or
        the reference has no environment with ten finished runs.

    Notes
    -----
    Forecast is the value *measured* at the horizon, with the noise of an evaluation. The mixture holds the eleven
    families of Domhan et al. (2015), each on a grid of shapes, and four cases that learning curves of agents have
    beside: `wander`, `jump` (plateau, then jump), `collapse` (peak, then fall), `hump`. Given the shape, all are linear
    with Gaussian priors, so the posterior over shapes, noise and ends is exact. Weights come from marginal likelihood.

    With a reference, the mixture is one forecaster beside several that read off what became of similar runs (by their
    evaluations and their return while training); the pool has the weights with the least CRPS on configurations held
    out. Intervals are the shortest that hold enough draws, *enough* being what held `confidence` of the outcomes held
    out (split-conformal; from 30 configurations on, certain and uncertain forecasts apart). Where many runs end at
    exactly one value, such as a floor of returns, intervals cover more. Forecasts keep above the worst return of the
    reference, and below its best where that is a limit; but a run that itself went beyond has no such limit there, and
    as no run held out did so, its `note` says that it is not calibrated.

    Without a reference an interval rests on the curve alone and is not calibrated. A curve that has been flat so far,
    with no bounds given, says nothing of how far it can go: its interval is infinite.

    References
    ----------
    T. Domhan, J. T. Springenberg, F. Hutter (2015), Speeding up automatic hyperparameter optimization of deep neural
    networks by extrapolation of learning curves, IJCAI. V. Vovk et al. (2005), Algorithmic learning in a random world.

    Examples
    --------
    >>> from rlhp import curves, datasets
    >>> runs = datasets.load("exploration_cartpole")
    >>> others, mine = runs.select(seed=list(range(6))), runs.select(seed=list(range(6, 12)))
    >>> result = curves.extrapolate(mine, first=1 / 3, reference=others, rng=0)
    >>> list(result.table.columns)[-8:]
    ['estimate', 'low', 'high', 'p_fall', 'p_rise', 'family', 'basis', 'note']
    """
    _check(rng, first, horizon, bounds, confidence, along, families, reference)
    if not len(need_runs(runs)):
        raise ValueError("no runs to extrapolate; `len(runs)` is 0.")
    rng = np.random.default_rng(rng)
    normal = normals(rng)
    if isinstance(reference, Runs):
        reference = learn(reference, rng=rng, horizon=horizon, value=value)
    if reference is not None:
        _not_itself(runs, reference, value)
    families = tuple(name_list("families", families))
    prior = mixture(families, scale=KNOWN if bounds else UNKNOWN)
    found = [until_horizon(part) for part in parts(runs, value=value, horizon=horizon, first=first)]
    answers = _Answers(found, along, reference, tuple(families))
    for key, rows in _alike(found, along).items():
        asked = [found[row] for row in rows]
        known = None if reference is None else reference.groups.get(asked[0].group)
        if known is not None:
            answers.by_reference(rows, asked, known, key, normal, confidence)
        else:
            answers.by_curve(rows, asked, prior, key, normal, confidence, bounds)
    if value in RETURNS and bounds is None:
        answers.cut()
    return answers.result(value, confidence, first)


class _Answers:
    """The result while it is being filled, row by row."""

    def __init__(self, found: list[Part], along: int, reference: Reference | None, families: tuple[str, ...]) -> None:
        n = len(found)
        self.found = found
        self.reference = reference
        self.steps = np.array([[round(one.horizon * at) for at in _ahead(one, along)] for one in found])
        self.draws = np.full((n, N_DRAWS, along), np.nan)
        self.low, self.high = np.full((n, along), np.nan), np.full((n, along), np.nan)
        self.names = PARAMETRIC if reference is not None else families
        self.families = np.full((n, len(self.names)), np.nan)
        self.unit = np.full(n, np.nan)
        self.basis = ["nothing"] * n
        self.notes = [part.note for part in found]
        for row, part in enumerate(found):
            if not part.note and ended(part):
                self.notes[row] = "already at its horizon"
                self.draws[row] = self.low[row] = self.high[row] = part.last

    def by_reference(
        self, rows: list[int], asked: list[Part], known: Known, key: Key, normal: Array, confidence: float
    ) -> None:
        _, seen, ahead, training = key
        values = known.unit(np.stack([part.values for part in asked]))
        use = training and known.has_training
        taught = known.unit(np.stack([_training(part) for part in asked])) if use else None
        drawn, calibration, after = forecast(known, Question(seen, ahead, values, taught), normal, confidence)
        low, high = calibration.intervals(drawn)
        scale = known.high - known.low
        self.draws[rows], self.low[rows], self.high[rows] = (known.low + scale * each for each in (drawn, low, high))
        self.families[rows] = known.mixture.by_family(after)
        self.unit[rows] = scale
        for row, part in zip(rows, asked, strict=True):
            self.basis[row] = "reference"
            if part.values.min() < known.low or part.values.max() > known.high:
                self.notes[row] = (
                    f"showed {part.values.min():g} to {part.values.max():g}, outside of what the reference saw "
                    f"({known.low:g} to {known.high:g}): its interval is not calibrated"
                )

    def by_curve(
        self,
        rows: list[int],
        asked: list[Part],
        prior: Mixture,
        key: Key,
        normal: Array,
        confidence: float,
        bounds: tuple[float, float] | None,
    ) -> None:
        _, seen, ahead, _ = key
        nodes = nodes_for(prior.families, prior.scale, seen, ahead)
        for row, part in zip(rows, asked, strict=True):
            low, unit = (bounds[0], bounds[1] - bounds[0]) if bounds else _own_range(part)
            self.basis[row] = "bounds" if bounds else "curve alone"
            if bounds and not bounds[0] <= part.values.min() <= part.values.max() <= bounds[1]:
                raise ValueError(
                    f"`bounds` is {bounds}, but run `{part.run_id}` showed {part.values.min():g} to "
                    f"{part.values.max():g}; give the lowest and the highest return there can be."
                )
            if not unit > 0:
                self.notes[row] = "flat so far: nothing says how far it can go; give `reference` or `bounds`"
                self.draws[row] = part.last
                self.low[row], self.high[row] = -math.inf, math.inf
                continue
            curve = thinned(seen, (part.values[None] - low) / unit)[2]
            drawn, after = draws(nodes, prior.weights, curve, normal)
            drawn = np.clip(drawn, 0.0, 1.0) if bounds else drawn
            ends = [at_level(drawn[..., step], confidence) for step in range(drawn.shape[2])]
            self.draws[row] = low + unit * drawn[0]
            self.low[row] = low + unit * np.array([each[0][0] for each in ends])
            self.high[row] = low + unit * np.array([each[1][0] for each in ends])
            if self.reference is None:
                self.families[row] = prior.by_family(after)[0]
            self.unit[row] = unit
            if self.reference is not None:
                self.notes[row] = f"no reference for {part.group[1]} on {part.group[0]} to {part.horizon:,} steps"

    def cut(self) -> None:
        """Let no forecast of a return go beyond what an episode can earn, where that is known."""
        for row, part in enumerate(self.found):
            low, high = limits_of((part.group[0],), part.values)
            for ends in (self.draws, self.low, self.high):
                ends[row] = np.clip(ends[row], low, high)

    def result(self, value: str, confidence: float, first: float | None) -> Extrapolation:
        found = self.found
        best = [
            str(self.names[int(np.argmax(weights))]) if np.isfinite(weights).all() else "" for weights in self.families
        ]
        runs = pd.DataFrame(
            {
                "run_id": [part.run_id for part in found],
                "env_id": [part.group[0] for part in found],
                "algorithm": [part.group[1] for part in found],
                "n_seen": [len(part.values) for part in found],
                "step": [float(part.steps[-1]) if len(part.steps) else math.nan for part in found],
                "last": [part.last for part in found],
                "horizon": [part.horizon for part in found],
                "family": best,
                "basis": self.basis,
                "note": self.notes,
            }
        )
        seen = {
            "run_id": np.concatenate([np.full(len(part.steps), part.run_id, dtype=object) for part in found]),
            "step": np.concatenate([part.steps for part in found]),
            "value": np.concatenate([part.values for part in found]),
        }
        return Extrapolation(
            runs=runs,
            steps=self.steps,
            draws=self.draws,
            estimate=np.median(self.draws, axis=1),
            low=self.low,
            high=self.high,
            seen=pd.DataFrame(seen),
            families=pd.DataFrame(self.families, index=runs["run_id"], columns=list(self.names)),
            unit=self.unit,
            value=value,
            confidence=confidence,
            first=first,
            reference="" if self.reference is None else repr(self.reference)[len("Reference(") : -1],
        )


def _alike(found: list[Part], along: int) -> dict[Key, list[int]]:
    """Put runs together that were seen at the same fractions of training."""
    groups: dict[Key, list[int]] = {}
    for row, part in enumerate(found):
        if not part.note and not ended(part):
            key = (part.group, part.fractions, _ahead(part, along), part.training is not None)
            groups.setdefault(key, []).append(row)
    return groups


def _ahead(part: Part, along: int) -> tuple[float, ...]:
    at = part.fractions[-1] if len(part.steps) and not ended(part) else 0.0
    return tuple(np.linspace(at, 1.0, along + 1)[1:].round(9).tolist())


def _own_range(part: Part) -> tuple[float, float]:
    """Take as unit the range of what was seen, or the spread between episodes where that is larger."""
    spread = part.spread if math.isfinite(part.spread) else 0.0
    reach = float(np.ptp(part.values))
    # Rounding is no range.
    reach = reach if reach > 1e-9 * float(np.abs(part.values).max()) else 0.0
    return float(part.values.min()), max(reach, spread)


def _training(part: Part) -> Array:
    return part.values if part.training is None else part.training


def _not_itself(runs: Runs, reference: Reference, value: str) -> None:
    both = [str(one) for one in runs.table.index if str(one) in reference.run_ids]
    if both:
        raise ValueError(
            f"{len(both)} of the runs are in the reference, first `{both[0]}`: their ends would be known beforehand; "
            f"leave them out of it with `runs.select`."
        )
    if reference.value != value:
        raise ValueError(f"the reference was learned of `{reference.value}`, not of `{value}`; learn it anew.")


def _check(
    rng: Any,
    first: float | None,
    horizon: Any,
    bounds: Any,
    confidence: float,
    along: Any,
    families: Sequence[str],
    reference: Any,
) -> None:
    random_generator(rng)
    if first is not None:
        share("first", first, usual="1/3", what="the fraction of training to look at")
    horizon_option(horizon)
    share("confidence", confidence, usual="0.8")
    whole("along", along, at_least=1, at_most=10_000, what="the number of later steps to forecast, at least 1")
    if isinstance(families, str):
        raise ValueError(f"`families` is {families!r}; give a list of names, such as ['pow3', 'weibull'].")
    for name in name_list("families", families, empty=False, hint="Such as ['pow3', 'weibull']."):
        choice("families", name, PARAMETRIC, kind="family")
    if reference is not None:
        hint = "`curves.reference(runs, rng=0)` makes one of finished runs."
        instance("reference", reference, (Runs, Reference), hint=hint)
    if reference is not None and bounds is not None:
        raise ValueError("the reference brings its own range of returns; give `reference` or `bounds`, not both.")
    if reference is not None and tuple(families) != PARAMETRIC:
        raise ValueError("`families` is for extrapolating without a reference; leave one of the two out.")
    if bounds is not None:
        ends = number_array("bounds", bounds, hint="The lowest and the highest return, such as (0, 500).")
        if len(ends) != 2 or ends[0] >= ends[1]:
            raise ValueError(f"`bounds` is {shown(bounds)}; give the lowest and the highest return, such as (0, 500).")
