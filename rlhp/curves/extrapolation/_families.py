"""The eleven families of learning curves of Domhan et al. (2015), as published.

`x` counts hundredths of training (see `progress`), so that one prior over shapes serves runs of any length.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from rlhp.curves._statistic import Array

# Logarithms and negative powers have no value at zero: what was measured earlier counts as measured here.
START, END = 2.0, 100.0


@dataclass(frozen=True)
class Family:
    """One parametric family of curves.

    Attributes
    ----------
    name : str
    parameters : tuple of str
        In the order in which `curve` takes them.
    formula : str
        As it is usually written.
    curve : callable
        ``curve(x, *parameters)``, vectorised over x.
    """

    name: str
    parameters: tuple[str, ...]
    formula: str
    curve: Callable[..., Array]

    def __call__(self, x: Any, *parameters: float) -> Array:
        """Evaluate the curve at `x`."""
        return self.curve(np.asarray(x, dtype=np.float64), *parameters)


def progress(step: Any, horizon: float) -> Array:
    """Return steps as hundredths of training, no smaller than `START`.

    Examples
    --------
    >>> progress([0, 5_000, 50_000], 50_000)
    array([  2.,  10., 100.])
    """
    return np.asarray(np.maximum(END * np.asarray(step, dtype=np.float64) / horizon, START))


def _pow3(x: Array, c: float, a: float, alpha: float) -> Array:
    return c - a * x**-alpha


def _pow4(x: Array, c: float, a: float, b: float, alpha: float) -> Array:
    return c - (a * x + b) ** -alpha


def _log_power(x: Array, a: float, b: float, c: float) -> Array:
    return np.asarray(a / (1 + (x / np.exp(b)) ** c))


def _weibull(x: Array, alpha: float, beta: float, kappa: float, delta: float) -> Array:
    return alpha - (alpha - beta) * np.exp(-((kappa * x) ** delta))


def _mmf(x: Array, alpha: float, beta: float, kappa: float, delta: float) -> Array:
    return alpha - (alpha - beta) / (1 + (kappa * x) ** delta)


def _janoschek(x: Array, alpha: float, beta: float, kappa: float, delta: float) -> Array:
    return alpha - (alpha - beta) * np.exp(-kappa * x**delta)


def _ilog2(x: Array, c: float, a: float) -> Array:
    return c - a / np.log(x)


def _hill3(x: Array, ymax: float, eta: float, kappa: float) -> Array:
    return np.asarray(ymax * x**eta / (kappa**eta + x**eta))


def _vapour_pressure(x: Array, a: float, b: float, c: float) -> Array:
    return np.asarray(np.exp(a + b / x + c * np.log(x)))


def _loglog_linear(x: Array, a: float, b: float) -> Array:
    return np.asarray(np.log(a * np.log(x) + b))


def _exp4(x: Array, c: float, a: float, b: float, alpha: float) -> Array:
    return c - np.exp(-a * x**alpha + b)


_ALL = (
    Family("pow3", ("c", "a", "alpha"), "c - a x^-alpha", _pow3),
    Family("pow4", ("c", "a", "b", "alpha"), "c - (a x + b)^-alpha", _pow4),
    Family("log_power", ("a", "b", "c"), "a / (1 + (x / e^b)^c)", _log_power),
    Family("weibull", ("alpha", "beta", "kappa", "delta"), "alpha - (alpha - beta) exp(-(kappa x)^delta)", _weibull),
    Family("mmf", ("alpha", "beta", "kappa", "delta"), "alpha - (alpha - beta) / (1 + (kappa x)^delta)", _mmf),
    Family("janoschek", ("alpha", "beta", "kappa", "delta"), "alpha - (alpha - beta) exp(-kappa x^delta)", _janoschek),
    Family("ilog2", ("c", "a"), "c - a / log(x)", _ilog2),
    Family("hill3", ("ymax", "eta", "kappa"), "ymax x^eta / (kappa^eta + x^eta)", _hill3),
    Family("vapour_pressure", ("a", "b", "c"), "exp(a + b / x + c log(x))", _vapour_pressure),
    Family("loglog_linear", ("a", "b"), "log(a log(x) + b)", _loglog_linear),
    Family("exp4", ("c", "a", "b", "alpha"), "c - exp(-a x^alpha + b)", _exp4),
)
FAMILIES: Mapping[str, Family] = MappingProxyType({family.name: family for family in _ALL})
