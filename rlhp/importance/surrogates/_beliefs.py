"""What a surrogate says of numbers that rest on the function at some points, how far it is off, and how sure that is.

A Gaussian process says it itself: the number is averaged over functions drawn from its posterior, which are as far from
its mean as it was from configurations that it did not see (and twice that where there is next to no noise). Of trees,
the sampling error is how far trees of resamples spread; their bias is seen where the truth is known: trees fitted to
the predictions of the trees are off from these about as far as the trees are from the function. Which way is too
unsure to take that off; it widens the interval. So does what averaging over a process moves: a correction is known no
better than its own size.

References: A. C. Davison, D. V. Hinkley (1997), Bootstrap methods and their application (chapter 2: bias correction).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from rlhp.importance._study import Array, Study, resamples, resampling_text, watched
from rlhp.importance.surrogates._boosted import boost
from rlhp.importance.surrogates._boxes import Domain
from rlhp.importance.surrogates._choice import KINDS, Chosen, Predictor, choose
from rlhp.importance.surrogates._fit import Fit
from rlhp.importance.surrogates._forest import grow
from rlhp.importance.surrogates._process import Paths

# The estimate is a mean over so many functions, whatever the number of draws for the interval.
_FUNCTIONS = 64
AVERAGED = "averages over the functions drawn from the process"  # tell what the surrogate errs by
_MOST_BOOSTED = 40  # resamples: each costs as much as the estimate


@dataclass(frozen=True, eq=False)
class Beliefs:
    """A surrogate with others that it might have been.

    Attributes
    ----------
    study : Study
    domain : Domain
    chosen : Chosen
    paths : Paths or None
        Functions drawn from the posterior of a process.
    echo : Predictor or None
        Trees fitted to the predictions of the trees.
    resampled : sequence of Predictor
        Trees fitted to resamples.
    n_boot : int
    rng : numpy.random.Generator
    """

    study: Study
    domain: Domain
    chosen: Chosen
    paths: Paths | None
    echo: Predictor | None
    resampled: Sequence[Predictor]
    n_boot: int
    rng: np.random.Generator

    @property
    def interval(self) -> str:
        """How intervals are made, in words."""
        if not self.n_boot:
            return resampling_text(self.study, 0)
        if self.paths is not None:
            return (
                f"{self.n_boot} functions drawn from the process, as far off as it was where it did not see the score"
            )
        resampled = resampling_text(self.study, len(self.resampled))
        return f"{resampled}, and what trees err by that are fitted to what these say"


@dataclass(frozen=True, eq=False)
class Believed:
    """Numbers by a surrogate: its own, what they are taken for, and draws of what else they might be.

    Attributes
    ----------
    own, estimate : arrays [k]
    draws : array [B, k]
    corrected : bool
        Whether something was taken off, so that the two differ by more than rounding.
    """

    own: Array
    estimate: Array
    draws: Array
    corrected: bool


def believe(
    study: Study,
    domain: Domain,
    fit: Fit,
    *,
    rng: np.random.Generator,
    process: bool = True,
) -> Beliefs:
    """Choose a surrogate and prepare what its intervals need.

    Parameters
    ----------
    study : Study
    domain : Domain
    fit : Fit
    rng : numpy.random.Generator
    process : bool
        Whether "auto" may take a process.
    """
    # One stream each: the estimate does not change with the number of resamples.
    of_choice, of_echo, of_draws, of_rest = rng.spawn(4)
    kinds = KINDS if process else ("forest", "boosted")
    n_boot = fit.n_boot
    chosen = choose(
        study, domain, study.y, fit.surrogate, n_trees=fit.n_trees, min_leaf=fit.min_leaf, rng=of_choice, allowed=kinds
    )
    if chosen.kind == "process":
        paths = chosen.model.paths(max(_FUNCTIONS, n_boot), of_echo)  # type: ignore[union-attr]
        return Beliefs(study, domain, chosen, paths, None, (), n_boot, of_rest)
    said = chosen.model.predict(study.unit)
    if chosen.kind == "boosted":
        echo: Predictor = boost(domain, study.unit, said, of_echo)
        resampled: list[Predictor] = []
        few = min(n_boot, _MOST_BOOSTED)
        for one in watched(resamples(study, few, of_draws), few, fit.progress):
            rows = np.repeat(np.arange(len(one.y)), one.times)
            resampled.append(boost(domain, study.unit[rows], one.y[rows], of_draws))
    else:
        echo = grow(study.unit, said, n_trees=fit.n_trees, min_leaf=fit.min_leaf, rng=of_echo)
        resampled = [
            grow(study.unit, one.y, n_trees=fit.boot_trees, min_leaf=fit.min_leaf, rng=of_draws, times=one.times)
            for one in watched(resamples(study, n_boot, of_draws), n_boot, fit.progress)
        ]
    return Beliefs(study, domain, chosen, None, echo, resampled, n_boot, of_rest)


def believed(beliefs: Beliefs, points: Array, numbers: Callable[[Array], Array]) -> Believed:
    """Ask for numbers that are computed from the function at points.

    Parameters
    ----------
    beliefs : Beliefs
    points : array [m, d]
        Of the unit cube, NaN where inactive.
    numbers : function
        From values at the points [m] to k numbers.
    """
    own = numbers(beliefs.chosen.model.predict(points))
    if beliefs.paths is not None:
        many = np.array([numbers(one) for one in beliefs.paths.predict(points)])
        estimate, draws = many[:_FUNCTIONS].mean(axis=0), many[: beliefs.n_boot]
        return Believed(own, estimate, _moved(draws, own - estimate, beliefs.rng), corrected=True)
    bias = numbers(beliefs.echo.predict(points)) - own if beliefs.echo is not None else np.zeros_like(own)
    draws = np.array([numbers(one.predict(points)) for one in beliefs.resampled]).reshape(-1, len(own))
    return Believed(own, own, _moved(draws, bias, beliefs.rng), corrected=False)


def _moved(draws: Array, correction: Array, rng: np.random.Generator) -> Array:
    """Let draws know that the correction is known no better than its own size; what adds up still does."""
    return np.asarray(draws + correction * rng.standard_normal((len(draws), 1)))
