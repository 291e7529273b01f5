"""Functions whose least value is known: Branin, and Hartmann's in six dimensions with noise (Dixon, Szegö 1978)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from ConfigSpace import ConfigurationSpace, Float


@dataclass(frozen=True)
class Function:
    """Something to be minimised: its true value, the noise of an observation, and its least value."""

    name: str
    value: Callable[[np.ndarray], float]
    bounds: tuple[tuple[float, float], ...]
    noise: float
    least: float

    @property
    def names(self) -> list[str]:
        return [f"x{j}" for j in range(len(self.bounds))]

    @property
    def space(self) -> ConfigurationSpace:
        return ConfigurationSpace(space=[Float(name, ends) for name, ends in zip(self.names, self.bounds, strict=True)])


def branin(x: np.ndarray) -> float:
    a, b = x[1] - 5.1 / (4 * np.pi**2) * x[0] ** 2 + 5 / np.pi * x[0] - 6, 10 * (1 - 1 / (8 * np.pi)) * np.cos(x[0])
    return float(a**2 + b + 10)


HARTMANN_A = np.array(
    [[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14], [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14]]
)
HARTMANN_P = 1e-4 * np.array(
    [
        [1312, 1696, 5569, 124, 8283, 5886],
        [2329, 4135, 8307, 3736, 1004, 9991],
        [2348, 1451, 3522, 2883, 3047, 6650],
        [4047, 8828, 8732, 5743, 1091, 381],
    ]
)


def hartmann(x: np.ndarray) -> float:
    return float(-np.array([1.0, 1.2, 3.0, 3.2]) @ np.exp(-(HARTMANN_A * (x - HARTMANN_P) ** 2).sum(axis=1)))


FUNCTIONS = (
    Function("Branin", branin, ((-5.0, 10.0), (0.0, 15.0)), 0.0, 0.39788735772973816),
    Function("Hartmann-6, noise .1", hartmann, ((0.0, 1.0),) * 6, 0.1, -3.32236801141551),
)
