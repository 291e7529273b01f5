"""A Gaussian process as the surrogate: smooth between configurations, with draws of what else the function might be."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from ConfigSpace import ConfigurationSpace
from ConfigSpace.hyperparameters import CategoricalHyperparameter, Constant
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.optimize import minimize
from sklearn.exceptions import ConvergenceWarning
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import ConstantKernel, Hyperparameter, Kernel, WhiteKernel

from rlhp.importance._study import Array, Study
from rlhp.importance.surrogates._boxes import Domain, snapped
from rlhp.importance.surrogates._standard import Standard

_ROOT5 = float(np.sqrt(5.0))
# Along the unit interval: below, every configuration is an island; above, nothing changes.
SHORTEST, LONGEST = 0.05, 30.0
# How unlike two levels are, in logarithms of a correlation: exp(-0.01) to exp(-5).
_ALIKE, _UNLIKE = 0.01, 5.0


@dataclass(frozen=True, eq=False)
class Coding:
    """Which column of the kernel's input says what: numbers first, then levels.

    A hyperparameter with levels is one column of levels. A number is one column; where conditions can switch it off
    it has a second one, of the levels "on" and "off", and stands in the middle of its range while it is off.

    Attributes
    ----------
    numbers, levels, switches : tuples of int
        Positions of hyperparameters in the space.
    """

    numbers: tuple[int, ...]
    levels: tuple[int, ...]
    switches: tuple[int, ...]

    @classmethod
    def of(cls, space: ConfigurationSpace) -> Coding:
        """Read a space; constants have no column."""
        kinds = [type(hp) for hp in space.values()]
        conditional = {name for name in space if space.parent_conditions_of[name]}
        return cls(
            tuple(j for j, kind in enumerate(kinds) if not issubclass(kind, CategoricalHyperparameter | Constant)),
            tuple(j for j, kind in enumerate(kinds) if issubclass(kind, CategoricalHyperparameter)),
            tuple(j for j, name in enumerate(space) if name in conditional),
        )

    @property
    def n_numbers(self) -> int:
        """How many columns are numbers."""
        return len(self.numbers)

    @property
    def width(self) -> int:
        """How many columns there are."""
        return len(self.numbers) + len(self.levels) + len(self.switches)

    def columns(self, j: int) -> list[int]:
        """Columns that hyperparameter `j` decides."""
        found = [k for k, own in enumerate((*self.numbers, *self.levels)) if own == j]
        start = len(self.numbers) + len(self.levels)
        return found + [start + k for k, own in enumerate(self.switches) if own == j]

    def coded(self, unit: Array) -> Array:
        """Write points of the unit cube (NaN where inactive, levels at their middles), shape [n, width]."""
        off = np.isnan(unit)
        filled = np.where(off, 0.5, unit)
        marks = off[:, list(self.switches)].astype(float)
        return np.hstack([filled[:, list(self.numbers)], filled[:, list(self.levels)], marks])


def matern(distance: Array) -> Array:
    """Matern's kernel with 5/2 derivatives of distances in length scales."""
    scaled = _ROOT5 * np.abs(distance)
    return np.asarray((1.0 + scaled + scaled**2 / 3.0) * np.exp(-scaled))


def factor(a: Array, b: Array, scale: float, number: bool) -> Array:
    """Return one factor between columns [n] and [m], shape [n, m]."""
    if number:
        return matern((a[:, None] - b[None]) / scale)
    return np.where(a[:, None] == b[None], 1.0, np.exp(-scale))


class ProductKernel(Kernel):
    """One factor a column: Matern 5/2 for numbers, one correlation between unlike levels for levels.

    Parameters
    ----------
    scales : array [width]
        Length scales of numbers; minus the logarithm of the correlation for levels.
    n_numbers : int
        The first columns are numbers.
    """

    def __init__(self, scales: Any = 1.0, n_numbers: int = 1):
        self.scales = scales
        self.n_numbers = n_numbers

    @property
    def hyperparameter_scales(self) -> Hyperparameter:
        """What is fitted, in the words of scikit-learn."""
        width = len(np.atleast_1d(self.scales))
        bounds = [(SHORTEST, LONGEST) if k < self.n_numbers else (_ALIKE, _UNLIKE) for k in range(width)]
        return Hyperparameter("scales", "numeric", np.array(bounds), width)

    def __call__(self, X: Any, Y: Any = None, eval_gradient: bool = False) -> Any:
        """Evaluate between rows of X and of Y, with the gradient in the logarithms of the scales on request."""
        scales = np.atleast_1d(self.scales)
        x = np.asarray(X, dtype=float)
        y = x if Y is None else np.asarray(Y, dtype=float)
        whole = np.ones((len(x), len(y)))
        slopes = np.empty((len(x), len(y), len(scales))) if eval_gradient else None
        for k, scale in enumerate(scales):
            number = k < self.n_numbers
            if not number:
                unlike = x[:, k, None] != y[None, :, k]
                whole *= np.where(unlike, np.exp(-scale), 1.0)
                if slopes is not None:
                    slopes[:, :, k] = np.where(unlike, -scale, 0.0)
                continue
            r = _ROOT5 / scale * np.abs(x[:, k, None] - y[None, :, k])
            rest = 1.0 + r + r**2 / 3.0
            whole *= rest * np.exp(-r)
            if slopes is not None:
                slopes[:, :, k] = r**2 * (1.0 + r) / (3.0 * rest)
        if slopes is None:
            return whole
        return whole, slopes * whole[:, :, None]

    def diag(self, X: Any) -> Array:
        """Variances: 1 everywhere."""
        return np.ones(len(X))

    def is_stationary(self) -> bool:
        """Whether only differences count."""
        return True


def bool_columns(coding: Coding) -> NDArray[np.bool_]:
    """Return which columns are numbers."""
    return np.arange(coding.width) < coding.n_numbers


# The scales are found on so many configurations, the process then stands on all: their number cubed is the cost.
_FITTED_ON = 256
_MOST_STEPS = 40
# Of the variance of the scores. Below this noise, inverses lose the digits that intervals are made of.
_LEAST_NOISE, _MOST_NOISE = 1e-5, 1.5
_LEAST_HEIGHT, _MOST_HEIGHT = 0.05, 1e3
_STILL = 1e12  # a length scale
_FEATURES = 1024
_BETWEEN, _NEXT_TO_NO_NOISE = 2.0, 0.01
_AT_ONCE = 4096


@dataclass(frozen=True, eq=False)
class Process:
    """A Gaussian process given the scores of n configurations.

    Attributes
    ----------
    domain : Domain
    coding : Coding
    scales : array [width]
    height, noise : float
        Prior variance, and variance of what no function of the configuration explains; scores have variance 1.
    seen : array [n, width]
    inverse : array [n, n]
        Of the covariance of the scores, noise included.
    target : array [n]
        The scores, standardised.
    alpha : array [n]
    centre, spread : float
        Of the scores.
    """

    domain: Domain
    coding: Coding
    scales: Array
    height: float
    noise: float
    seen: Array
    inverse: Array
    target: Array
    alpha: Array
    centre: float
    spread: float

    @property
    def kernel(self) -> ProductKernel:
        """The fitted kernel, of height 1."""
        return ProductKernel(self.scales, self.coding.n_numbers)

    def coded(self, unit: Array) -> Array:
        """Write points of the unit cube as the kernel sees them."""
        return self.coding.coded(snapped(self.domain, unit))

    def predict(self, unit: Array) -> Array:
        """Return the posterior mean at points of the unit cube (NaN where inactive), shape [n]."""
        coded = self.coded(unit)
        parts = [
            self.height * self.kernel(coded[at : at + _AT_ONCE], self.seen) @ self.alpha
            for at in range(0, len(coded), _AT_ONCE)
        ]
        return np.asarray(self.centre + self.spread * np.concatenate(parts))

    @cached_property
    def left_out(self) -> Array:
        """Residuals of the scores, each from a process that did not see it, shape [n] (Rasmussen, Williams, 5.12)."""
        return np.asarray(self.spread * self.alpha / np.diag(self.inverse))

    @cached_property
    def calibration(self) -> float:
        """How much further than it says the process is off at scores that it did not see; at least 1."""
        return max(1.0, float(np.sqrt(np.mean(self.alpha**2 / np.diag(self.inverse)))))

    @property
    def reach(self) -> float:
        """How much further than it says drawn functions go from the mean.

        Between configurations a process nearly without noise is further off than at one that is left out: where the
        function has a kink, 1.4 to 1.9 times what it says was measured.
        """
        return self.calibration * (_BETWEEN if self.noise < _NEXT_TO_NO_NOISE else 1.0)

    @property
    def noise_variance(self) -> float:
        """Variance of what no function explains, in squared units of the scores."""
        return float(self.noise * self.spread**2)

    def without(self, rows: NDArray[np.int64], unit: Array) -> Array:
        """Predict points, each by the process without one of the configurations: `rows` [n], `unit` [n, d]."""
        towards = self.height * self.kernel(self.coded(unit), self.seen)
        pulled = np.einsum("ik,ki->i", towards, self.inverse[:, rows])
        left = self.alpha[rows] / np.diag(self.inverse)[rows]
        return np.asarray(self.centre + self.spread * (towards @ self.alpha - pulled * left))

    @property
    def doubt(self) -> float:
        """Mean square of what the process expects to miss at a configuration that it did not see."""
        apart = float(np.mean(1.0 / np.diag(self.inverse))) - self.noise
        return float(self.calibration**2 * max(0.0, apart) * self.spread**2)

    def paths(self, n: int, rng: np.random.Generator) -> Paths:
        """Draw n functions from the posterior, to be looked at anywhere."""
        numbers, width = self.coding.n_numbers, self.coding.width
        # Matern's spectrum is Student's t with 5 degrees of freedom, along each number by itself: a product kernel.
        frequencies = rng.standard_t(5, (_FEATURES, numbers)) / self.scales[:numbers]
        together = rng.random((_FEATURES, width - numbers)) < np.exp(-self.scales[numbers:])
        prior = Features(
            frequencies, rng.uniform(0, 2 * np.pi, _FEATURES), together, int(rng.integers(2**31)), self.height
        )
        weights = rng.standard_normal((_FEATURES, n))
        at_seen = prior.at(self.seen) @ weights
        noise = np.sqrt(self.noise) * rng.standard_normal((len(self.seen), n))
        # What a draw says beyond the mean, as much further off as the process was where it could be checked.
        apart = self.reach
        return Paths(self, prior, apart * weights, self.alpha[:, None] - apart * (self.inverse @ (at_seen + noise)))


@dataclass(frozen=True, eq=False)
class Features:
    """Random cosines, with random signs for levels, whose products average to the kernel.

    References
    ----------
    A. Rahimi, B. Recht (2007), Random features for large-scale kernel machines.
    """

    frequencies: Array
    phases: Array
    together: Any
    seed: int
    height: float

    def at(self, coded: Array) -> Array:
        """Return the features at coded points, shape [n, features]."""
        numbers = self.frequencies.shape[1]
        values = np.cos(coded[:, :numbers] @ self.frequencies.T + self.phases)
        for k in range(self.together.shape[1]):
            column = coded[:, numbers + k]
            for level in np.unique(column):
                # The signs of a level are the same whenever it is asked for.
                own = np.random.default_rng([self.seed, k, round(level * 2**30)])
                signs = np.where(self.together[:, k], 1.0, own.choice([-1.0, 1.0], len(self.phases)))
                values[column == level] *= signs
        return np.asarray(values * np.sqrt(2.0 * self.height / len(self.phases)))


@dataclass(frozen=True, eq=False)
class Paths:
    """B functions drawn from a posterior, by correcting draws from the prior.

    References
    ----------
    J. Wilson et al. (2020), Efficiently sampling functions from Gaussian process posteriors.
    """

    process: Process
    prior: Features
    weights: Array
    corrections: Array

    def predict(self, unit: Array) -> Array:
        """Return the value of each function at points of the unit cube, shape [B, n]."""
        own = self.process
        coded, parts = own.coded(unit), []
        for start in range(0, len(coded), _AT_ONCE):
            some = coded[start : start + _AT_ONCE]
            moved = own.height * own.kernel(some, own.seen) @ self.corrections
            parts.append(self.prior.at(some) @ self.weights + moved)
        return np.asarray(own.centre + own.spread * np.concatenate(parts).T)


def process(study: Study, domain: Domain, y: Array, rng: np.random.Generator) -> Process:
    """Fit a Gaussian process to one score a configuration, by the likeliest scales.

    References
    ----------
    C. Rasmussen, C. Williams (2006), Gaussian processes for machine learning.
    """
    coding = Coding.of(study.space)
    seen = coding.coded(snapped(domain, study.unit))
    standard = Standard.of(y)
    target = standard.onto(y)
    some = rng.permutation(len(y))[:_FITTED_ON]
    start = np.where(np.arange(coding.width) < coding.n_numbers, 1.0, 0.5)
    kernel = ConstantKernel(1.0, (_LEAST_HEIGHT, _MOST_HEIGHT)) * ProductKernel(start, coding.n_numbers)
    kernel += WhiteKernel(0.1, (_LEAST_NOISE, _MOST_NOISE))
    model = GaussianProcessRegressor(kernel, alpha=1e-8, optimizer=_climbed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(seen[some], target[some])
    height, scales, noise = (
        model.kernel_.k1.k1.constant_value,
        np.atleast_1d(model.kernel_.k1.k2.scales),
        model.kernel_.k2.noise_level,
    )
    # Along what never varied nothing is known, and nothing changes.
    still = (seen == seen[:1]).all(axis=0)
    scales = np.where(still, np.where(np.arange(coding.width) < coding.n_numbers, _STILL, 0.0), scales)
    covariance = height * ProductKernel(scales, coding.n_numbers)(seen)
    covariance[np.diag_indices_from(covariance)] += noise + 1e-8
    inverse = cho_solve(cho_factor(covariance, lower=True), np.eye(len(y)))
    return Process(
        domain=domain,
        coding=coding,
        scales=scales,
        height=float(height),
        noise=float(noise),
        seen=seen,
        inverse=inverse,
        target=target,
        alpha=inverse @ target,
        centre=standard.centre,
        spread=standard.scale,
    )


def _climbed(objective: Any, start: Array, bounds: Array) -> tuple[Array, float]:
    found = minimize(objective, start, jac=True, bounds=bounds, method="L-BFGS-B", options={"maxiter": _MOST_STEPS})
    return found.x, float(found.fun)
