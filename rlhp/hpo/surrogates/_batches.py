"""From what was told to what is tried next, with any surrogate: the loop that Gaussian processes and networks share."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from ConfigSpace import ConfigurationSpace

from rlhp import spaces
from rlhp.hpo.search._searcher import Observations, key_of
from rlhp.hpo.surrogates._candidates import Candidates
from rlhp.threads import one_thread

__all__ = ["ACQUISITIONS", "BATCHES", "LIES", "Fit", "Proposing", "by_model", "choose_by_model"]

ACQUISITIONS = ("log_ei", "ei", "lcb", "mes")
"""Log expected improvement on the best mean, expected improvement on the best observation, lower confidence bound (of
what is minimised), max-value entropy search."""
BATCHES = ("liar", "penalties")
"""How a batch keeps apart: by lies about its members' scores, or by penalties around them."""
LIES = ("worst", "mean", "best")
"""What a constant liar says of what is not known yet."""

Fit = Callable[[np.ndarray, np.ndarray, np.ndarray, np.random.Generator], Any]
"""(features [m, width], standardised scores [m], their standard errors [m] or NaN, rng) -> a `Surrogate`."""

# Points of the cube looked at, copies of the best configurations so far, and starts of the search from both.
_DRAWN, _BEST, _COPIES, _STARTS = 512, 4, 32, 5
# Rounds of the search without slopes: alone, and before the slopes along real numbers are followed.
_ROUNDS_ALONE, _ROUNDS_BEFORE, _FAN = 24, 8, 12
# Draws for one configuration at random, should the first be one that was told.
_SPARE = 16
# A score this many times further below the median than the best is above it says that it is bad, and no more; but not
# more than the worst tenth of the scores: where a search has settled, all others are far below the median.
_FAR_BELOW, _AT_MOST = 5.0, 0.1
# Scores are brought down from here on.
_HUGE = 1e100


@dataclass(frozen=True)
class Proposing:
    """How a surrogate is turned into proposals.

    Parameters
    ----------
    acquisition : {"log_ei", "ei", "lcb", "mes"}
    batch : {"liar", "penalties"}
    lie : {"worst", "mean", "best"}
        What the liar says of a configuration that is not known yet: the worst or the best score so far, or what the
        surrogate expects of it.
    kappa : float
        How many standard deviations `lcb` is away from the mean.
    first : int or None
        How many configurations are drawn at random before a surrogate is asked; None: one more than there are features,
        from 4 to 10. They are not spread out: of such that are all far from each other, no surrogate learns over which
        distances scores change and how noisy they are.
    random_share : float
        The share of a batch that is drawn at random, rounded down: one of eight by default, none of a single proposal.
    fidelity : str or None
        A hyperparameter with ordered levels, the last of which is proposed; the others were told, and are learned from.
    """

    acquisition: str = "log_ei"
    batch: str = "liar"
    lie: str = "worst"
    kappa: float = 2.0
    first: int | None = None
    random_share: float = 1 / 8
    fidelity: str | None = None


@dataclass(frozen=True, eq=False)
class Targets:
    """Scores as a surrogate learns them.

    Attributes
    ----------
    y : array [m]
        Centred and divided by their standard deviation; where what was scored had been trained for different lengths,
        within each length first. What failed has the worst score of those that did not.
    noise : array [m]
        Standard errors in the same unit, NaN where nobody knows.
    centre, spread : float
        score = centre + spread * y, of the longest.
    """

    y: np.ndarray
    noise: np.ndarray
    centre: float
    spread: float

    @classmethod
    def of(cls, seen: Observations) -> Targets:
        """Standardise what was told; some of it must have a score.

        A failure takes the place of the worst that is known: a configuration that crashes is to be kept away from, and
        how far it would have fallen, nobody knows. A single score that is far out below squeezes all others together,
        so that it is cut to where it still says "bad". Only the worst tenth of the scores is cut at most: a search that
        has settled near one place has its median there, and would cut all that it knows of others to one number.

        What was trained for less has other scores, most often lower ones. So each length is standardised by itself:
        who is good for its length is told, at the price that lengths are not compared, though who was trained for
        longer is often who was better. On measured landscapes (`benchmarks/hpo_pools.md`) that price was the lower one.
        """
        known = np.isfinite(seen.scores)
        # What is huge is brought down first: its square is more than a float holds.
        largest = float(np.abs(seen.scores[known]).max())
        unit = 2.0 ** (math.frexp(largest)[1] - 1) if largest > _HUGE else 1.0
        scores, noise = seen.scores / unit, np.where(known, seen.noise, np.nan) / unit
        scores, noise, level, scale = _of_each_length(scores, noise, np.where(known, np.nan_to_num(seen.steps), np.nan))
        scores = np.where(known, scores, scores[known].min())
        middle = float(np.median(scores[known]))
        reach = max(scores.max() - middle, middle - float(np.quantile(scores[known], 0.25)))
        if reach > 0:
            worst_tenth = float(np.quantile(scores[known], _AT_MOST, method="higher"))
            scores = np.maximum(scores, min(middle - _FAR_BELOW * reach, worst_tenth))
        centre, spread = float(scores.mean()), float(scores.std())
        # Equal scores have a spread of rounding errors.
        if not spread > 1e-12 * max(1.0, abs(centre)):
            spread = 1.0
        y = (scores - centre) / spread
        return cls(y, noise / spread, (level + scale * centre) * unit, scale * spread * unit)


def _of_each_length(
    scores: np.ndarray, noise: np.ndarray, steps: np.ndarray
) -> tuple[np.ndarray, np.ndarray, float, float]:
    """Standardise scores and their noise within each length, if there are several; and return by what of the longest.

    NaN steps are of what failed, 0 of what nobody knows.
    """
    lengths = np.unique(steps[~np.isnan(steps)])
    scores, noise, centre, spread = scores.copy(), noise.copy(), 0.0, 1.0
    if len(lengths) < 2:
        return scores, noise, centre, spread
    for length in lengths:
        own = steps == length
        centre, spread = float(scores[own].mean()), float(scores[own].std())
        if not spread > 1e-12 * max(1.0, abs(centre)):
            spread = 1.0
        scores[own] = (scores[own] - centre) / spread
        noise[own] /= spread
    return scores, noise, centre, spread


def by_model(
    space: ConfigurationSpace,
    seen: Observations,
    n: int,
    rng: np.random.Generator,
    *,
    fit: Fit,
    how: Proposing,
    among: np.ndarray | None = None,
) -> list[dict[str, Any]]:
    """Propose `n` configurations with a surrogate; what `Searcher.propose` of every model-based searcher is.

    Parameters
    ----------
    space, seen, n, rng
        As in `Searcher.propose`.
    fit : callable
        Makes the surrogate. What it returns has `predict`; with `slopes` too, the search along real numbers follows
        them, and with ``given(x, y)`` lies need no second fit (see `rlhp.hpo.surrogates._acquisition`).
    how : Proposing
    """
    return _taken(space, seen, n, rng, fit, how, None).taken


def choose_by_model(
    space: ConfigurationSpace,
    seen: Observations,
    n: int,
    rng: np.random.Generator,
    among: np.ndarray,
    *,
    fit: Fit,
    how: Proposing,
) -> list[int]:
    """Choose `n` of given configurations with a surrogate; what `Chooser.choose` of every model-based searcher is.

    The acquisition is asked about each of them, instead of searched for its maximum.
    """
    chosen = _taken(space, seen, n, rng, fit, how, among)
    return [int(np.flatnonzero(_same(among, point))[0]) for point in chosen.points]


def _same(points: np.ndarray, point: np.ndarray) -> np.ndarray:
    """Return which points [n, d] are this one [1, d]; inactive is like inactive."""
    same: np.ndarray = ((points == point) | (np.isnan(points) & np.isnan(point))).all(axis=1)
    return same


def _taken(
    space: ConfigurationSpace,
    seen: Observations,
    n: int,
    rng: np.random.Generator,
    fit: Fit,
    how: Proposing,
    among: np.ndarray | None,
) -> Choosing:
    ground = Candidates.of(space, highest=how.fidelity)
    told = seen.latest()
    choosing = Choosing(ground, told, [key_of(one) for one in seen.pending], among)
    points = _points(space, [*told.configurations, *seen.pending])
    first = how.first if how.first is not None else min(max(ground.features.width + 1, 4), 10)
    to_draw = n if np.isfinite(told.scores).sum() < 2 else min(max(first - len(points), 0), n)
    for _ in range(to_draw):
        points = np.vstack([points, choosing.take(choosing.drawn(_SPARE, rng))])
    at_random = min(int(n * how.random_share), n - to_draw)
    if n - to_draw - at_random > 0:
        with one_thread():  # of BLAS; what several say to each other takes longer than what they compute
            found = _modelled(ground, told, points, n - to_draw - at_random, rng, fit, how, choosing)
        points = np.vstack([points, *found])
    for _ in range(at_random):
        choosing.take(choosing.drawn(_SPARE, rng))
    return choosing


class Choosing:
    """Takes one configuration after the other, none twice while there is another.

    Parameters
    ----------
    ground : Candidates
    told : Observations
    pending : list of str
        Keys of what is being evaluated.
    given : array [n, d], optional
        The only configurations there are.
    """

    def __init__(self, ground: Candidates, told: Observations, pending: Sequence[str], given: np.ndarray | None = None):
        self.ground = ground
        self.taken: list[dict[str, Any]] = []
        self.points: list[np.ndarray] = []
        self._pending = set(pending)
        self._told = {key_of(one) for one in told.configurations}
        self._given = given
        self._everything = ground.everything() if given is None else given

    @property
    def everything(self) -> np.ndarray | None:
        """All configurations of a small space, shape [n, d]; None for a large one."""
        return self._everything

    def drawn(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Draw points, shape [n, d]; of those that were given at most all, none twice."""
        if self._given is None:
            return self.ground.drawn(n, rng)
        return self._given[rng.permutation(len(self._given))[:n]]

    def take(self, points: np.ndarray) -> np.ndarray:
        """Take the first of points [n, d], best first, that is new; then one that was told; then any. Shape [1, d]."""
        choices = points if self._everything is None else np.vstack([points, self._everything])
        second: int | None = None
        chosen = 0
        for at in range(len(choices)):
            key = key_of(self.ground.configurations(choices[at : at + 1])[0])
            if key in self._pending:
                continue
            if key not in self._told:
                chosen = at
                break
            second = at if second is None else second
        else:
            chosen = 0 if second is None else second
        point = choices[chosen : chosen + 1]
        configuration = self.ground.configurations(point)[0]
        self._pending.add(key_of(configuration))
        self.taken.append(configuration)
        self.points.append(point)
        return point


def _modelled(
    ground: Candidates,
    told: Observations,
    points: np.ndarray,
    n: int,
    rng: np.random.Generator,
    fit: Fit,
    how: Proposing,
    choosing: Choosing,
) -> list[np.ndarray]:
    """Take n points, one after the other, each where the acquisition is largest given those that wait.

    `points`, shape [m + k, d], are those that were told and, after them, those that wait.
    """
    from rlhp.hpo.surrogates import _acquisition as acquisitions

    targets = Targets.of(told)
    x, y = ground.features.of_unit(points[: len(told)]), targets.y
    # Where what was told lies among what can be proposed: elsewhere only if a fidelity is held.
    here = x if how.fidelity is None else ground.features.of_unit(ground.snapped(points[: len(told)]))
    surrogate = fit(x, y, targets.noise, rng)
    others = ground.features.of_unit(points[len(told) :])
    looked_at = ground.features.of_unit(choosing.drawn(_DRAWN, rng))
    found: list[np.ndarray] = []
    for _ in range(n):
        current = surrogate
        if how.batch == "liar" and len(others):
            current = _lied_to(surrogate, fit, x, y, targets.noise, others, how.lie, rng)
        model = acquisitions.minimised(current, here, y)
        wanted = acquisitions.acquisition(how.acquisition, model, kappa=how.kappa, looked_at=looked_at, rng=rng)
        if how.batch == "penalties":
            steepness = acquisitions.steepest(model, np.vstack([here, looked_at[:128]]))
            wanted = acquisitions.penalised(wanted, how.acquisition, model, others, steepness)
        point = choosing.take(_best_first(ground, wanted, current, told, choosing.everything, rng))
        found.append(point)
        others = np.vstack([others, ground.features.of_unit(point)])
    return found


def _lied_to(
    surrogate: Any,
    fit: Fit,
    x: np.ndarray,
    y: np.ndarray,
    noise: np.ndarray,
    others: np.ndarray,
    lie: str,
    rng: np.random.Generator,
) -> Any:
    """Return the surrogate as if the scores of `others`, features [k, width], were known."""
    if lie == "mean":
        said = surrogate.predict(others)[0]
    else:
        said = np.full(len(others), y.min() if lie == "worst" else y.max())
    if hasattr(surrogate, "given"):
        return surrogate.given(others, said)
    return fit(np.vstack([x, others]), np.append(y, said), np.append(noise, np.full(len(said), np.nan)), rng)


def _best_first(
    ground: Candidates,
    wanted: Any,
    surrogate: Any,
    told: Observations,
    pool: np.ndarray | None,
    rng: np.random.Generator,
) -> np.ndarray:
    """Return points [n, d], those that the acquisition likes best first."""

    def value(rows: np.ndarray) -> np.ndarray:
        found = np.asarray(wanted.evaluate(rows))[:, 0]
        return np.where(np.isnan(found), -np.inf, found)

    if pool is not None:
        return pool[np.argsort(-value(ground.features.of_unit(pool)), kind="stable")]
    points = ground.drawn(_DRAWN, rng)
    unit = ground.snapped(_points(ground.space, told.configurations))
    best = unit[np.argsort(-surrogate.predict(ground.features.of_unit(unit))[0], kind="stable")[:_BEST]]
    near = np.vstack([ground.moved(np.repeat(best, _COPIES // 2, axis=0), scale, rng) for scale in (0.1, 0.02)])
    near = near[ground.allowed(near)]
    starts = np.vstack(
        [_top(points, value(ground.features.of_unit(points))), _top(near, value(ground.features.of_unit(near)))]
    )

    def slope(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        found, gradients = wanted.evaluate_with_gradients(rows)
        return np.asarray(found)[:, 0], gradients

    follow = wanted.has_gradients and bool(ground.features.floats)
    values = value(ground.features.of_unit(starts))
    if not follow or len(ground.features.floats) < len(ground.features.parts):
        rounds = _ROUNDS_BEFORE if follow else _ROUNDS_ALONE
        starts, values = ground.climbed(value, starts, rng, rounds=rounds, fan=_FAN)
    if follow:
        starts, values = ground.polished(slope, starts, values)
    return np.vstack([starts[np.argsort(-values, kind="stable")], points])


def _top(points: np.ndarray, values: np.ndarray) -> np.ndarray:
    return points[np.argsort(-values, kind="stable")[:_STARTS]]


def _points(space: ConfigurationSpace, configurations: Sequence[dict[str, Any]]) -> np.ndarray:
    if not len(configurations):
        return np.empty((0, len(space)))
    return spaces.to_unit(space, configurations)
