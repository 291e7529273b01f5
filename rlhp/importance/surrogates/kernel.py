"""The kernel of the Gaussian process: a product with a factor a hyperparameter, so that integrals are products too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from ConfigSpace import ConfigurationSpace
from ConfigSpace.hyperparameters import CategoricalHyperparameter, Constant
from numpy.typing import NDArray
from sklearn.gaussian_process.kernels import Hyperparameter, Kernel

from rlhp.importance.study import Array

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
    """Give one factor between columns [n] and [m], shape [n, m]."""
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
    """Tell which columns are numbers."""
    return np.arange(coding.width) < coding.n_numbers
