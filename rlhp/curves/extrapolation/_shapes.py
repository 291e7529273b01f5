"""Every family as a grid of shapes, each of which is linear in the values that a curve starts from and ends at.

Fix what bends a curve (an exponent, a rate, the time of a jump) and what is left of every family is
``y(x) = offset(x) + basis(x) @ (start, end, third)``. With Gaussian priors on these values, the probability of the
part observed and the prediction of the rest are exact for every shape: nothing is iterated, no start is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product

import numpy as np
from scipy.special import expit

from rlhp.curves._statistic import Array
from rlhp.curves.extrapolation._families import END, FAMILIES, START, Family

# What curves of reinforcement learning do beside rising steadily.
RL_CASES = {
    "wander": "a level that drifts like a random walk (around the last value)",
    "jump": "a plateau, then a jump at some time, which may lie ahead",
    "collapse": "a rise to a peak, then a fall at some time, which may lie ahead",
    "hump": "a rise with a bump or a dip on the way",
}
PARAMETRIC = (*FAMILIES, *RL_CASES)

# Where half of a rise is done, in hundredths of training; the last lies beyond its end.
_HALVES = (3.5, 6.0, 10.0, 16.0, 26.0, 42.0, 68.0, 115.0)
# When a plateau or a peak ends.
_TIMES = (18.0, 27.0, 36.0, 46.0, 57.0, 68.0, 80.0, 93.0)


@dataclass(frozen=True)
class Shape:
    """One bend of one family.

    Attributes
    ----------
    family : str
    parameters : tuple of float
        What was fixed: of a Domhan family its parameters that are not linear, in their published order.
    basis : callable
        x [n] to the weights [n, 3] of the start value, the end value, and a third value (the peak of a collapse, the
        height of a hump; weight 0 elsewhere).
    offset : callable
        x [n] to what is added whatever the values, [n].
    """

    family: str
    parameters: tuple[float, ...]
    basis: Callable[[Array], Array]
    offset: Callable[[Array], Array] = np.zeros_like


@cache
def shapes(families: tuple[str, ...] = PARAMETRIC) -> tuple[Shape, ...]:
    """Return the grid of shapes of the named families.

    Examples
    --------
    >>> [shape.parameters for shape in shapes(("pow3",))][:3]
    [(0.1,), (0.3,), (0.6,)]
    """
    return tuple(shape for name in families for shape in _GRIDS[name](name))


def _between(name: str, parameters: tuple[float, ...], bend: Callable[[Array], Array]) -> Shape:
    """Make a curve from the start value to the end value, bent as `bend` is."""
    first, last = (float(bend(np.array([x]))[0]) for x in (START, END))

    def basis(x: Array) -> Array:
        up = (bend(x) - first) / (last - first)
        return np.stack([1 - up, up, np.zeros_like(x)], axis=-1)

    return Shape(name, parameters, basis)


def _multiple(name: str, parameters: tuple[float, ...], bend: Callable[[Array], Array]) -> Shape:
    """Make a curve that is a multiple of `bend` and has no start value of its own."""
    last = float(bend(np.array([END]))[0])

    def basis(x: Array) -> Array:
        zero = np.zeros_like(x)
        return np.stack([zero, bend(x) / last, zero], axis=-1)

    return Shape(name, parameters, basis)


def _pow3(name: str) -> Iterator[Shape]:
    for alpha in (0.1, 0.3, 0.6, 1.0, 1.6, 2.5):
        yield _between(name, (alpha,), _bend(name, c=0, a=-1, alpha=alpha))


def _pow4(name: str) -> Iterator[Shape]:
    # a and b enter the bend through their ratio only; their size is the height of the curve.
    for ratio, alpha in product((5.0, 20.0, 60.0), (0.5, 1.5, 4.0)):
        yield _between(name, (ratio, alpha), _bend(name, c=0, a=1, b=ratio, alpha=alpha))


def _log_power(name: str) -> Iterator[Shape]:
    for half, slope in product(_HALVES, (-1.0, -2.5)):
        yield _multiple(name, (np.log(half), slope), _bend(name, a=1, b=np.log(half), c=slope))


def _weibull(name: str) -> Iterator[Shape]:
    for half, delta in product(_HALVES, (0.7, 1.5, 4.0)):
        kappa = np.log(2) ** (1 / delta) / half
        yield _between(name, (kappa, delta), _bend(name, alpha=0, beta=1, kappa=kappa, delta=delta))


def _mmf(name: str) -> Iterator[Shape]:
    for half, delta in product(_HALVES, (1.0, 3.0, 8.0)):
        yield _between(name, (1 / half, delta), _bend(name, alpha=0, beta=1, kappa=1 / half, delta=delta))


def _janoschek(name: str) -> Iterator[Shape]:
    for half, delta in product(_HALVES, (0.5, 1.0, 2.0)):
        kappa = np.log(2) / half**delta
        yield _between(name, (kappa, delta), _bend(name, alpha=0, beta=1, kappa=kappa, delta=delta))


def _ilog2(name: str) -> Iterator[Shape]:
    yield _between(name, (), _bend(name, c=0, a=1))


def _hill3(name: str) -> Iterator[Shape]:
    for eta, kappa in product((1.0, 2.0, 5.0), _HALVES):
        yield _multiple(name, (eta, kappa), _bend(name, ymax=1, eta=eta, kappa=kappa))


def _vapour_pressure(name: str) -> Iterator[Shape]:
    for b, c in product((-60.0, -20.0, -5.0, 0.0), (-0.2, 0.0, 0.3)):
        if (b, c) != (0.0, 0.0):
            yield _multiple(name, (b, c), _bend(name, a=0, b=b, c=c))


def _loglog_linear(name: str) -> Iterator[Shape]:
    for ratio in (-0.6, -0.3, 0.5, 2.0, 8.0):
        bend = _bend(name, a=1, b=ratio)
        yield Shape(name, (ratio,), _level_at_end, _from_end(bend))


def _exp4(name: str) -> Iterator[Shape]:
    for half, alpha in product(_HALVES, (0.7, 1.4)):
        a = np.log(2) / half**alpha
        yield _between(name, (a, alpha), _bend(name, c=0, a=a, b=0, alpha=alpha))


def _wander(name: str) -> Iterator[Shape]:
    def level(x: Array) -> Array:
        return np.stack([np.ones_like(x), np.zeros_like(x), np.zeros_like(x)], axis=-1)

    yield Shape(name, (), level)


def _jump(name: str) -> Iterator[Shape]:
    for time, width in product((*_TIMES, 120.0), (1.5, 6.0)):

        def basis(x: Array, time: float = time, width: float = width) -> Array:
            done = expit((x - time) / width)
            return np.stack([1 - done, done, np.zeros_like(x)], axis=-1)

        yield Shape(name, (time, width), basis)


def _collapse(name: str) -> Iterator[Shape]:
    for time, half, width in product(_TIMES, (5.0, 12.0), (1.5, 8.0)):
        if time > half:

            def basis(x: Array, time: float = time, half: float = half, width: float = width) -> Array:
                risen, fallen = 1 - np.exp2(-x / half), expit((x - time) / width)
                return np.stack([1 - risen, risen * fallen, risen * (1 - fallen)], axis=-1)

            yield Shape(name, (time, half, width), basis)


def _hump(name: str) -> Iterator[Shape]:
    for time, width, half in product((15.0, 25.0, 40.0, 60.0, 80.0), (8.0, 20.0), (12.0, 40.0)):

        def basis(x: Array, time: float = time, width: float = width, half: float = half) -> Array:
            risen = (1 - np.exp2(-x / half)) / (1 - np.exp2(-END / half))
            return np.stack([1 - risen, risen, np.exp(-(((x - time) / width) ** 2))], axis=-1)

        yield Shape(name, (time, width, half), basis)


def _bend(name: str, **parameters: float) -> Callable[[Array], Array]:
    family: Family = FAMILIES[name]
    values = [parameters[one] for one in family.parameters]
    return lambda x: family(x, *values)


def _level_at_end(x: Array) -> Array:
    return np.stack([np.zeros_like(x), np.ones_like(x), np.zeros_like(x)], axis=-1)


def _from_end(bend: Callable[[Array], Array]) -> Callable[[Array], Array]:
    last = float(bend(np.array([END]))[0])
    return lambda x: bend(x) - last


_GRIDS: dict[str, Callable[[str], Iterator[Shape]]] = {
    "pow3": _pow3,
    "pow4": _pow4,
    "log_power": _log_power,
    "weibull": _weibull,
    "mmf": _mmf,
    "janoschek": _janoschek,
    "ilog2": _ilog2,
    "hill3": _hill3,
    "vapour_pressure": _vapour_pressure,
    "loglog_linear": _loglog_linear,
    "exp4": _exp4,
    "wander": _wander,
    "jump": _jump,
    "collapse": _collapse,
    "hump": _hump,
}
