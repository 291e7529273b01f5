"""Ten functions of hyperparameters whose importances are known: what a method must find, whatever it is computed by.

The truths are sums over a fine grid of the unit cube (by the declared measures), computed from the function alone; the
tests hold them to algebra where there is some. Discrete hyperparameters are summed over exactly.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from ConfigSpace import Categorical, ConfigurationSpace, Float, Integer
from scipy import optimize, stats

from rlhp import Runs, spaces
from rlhp.importance.surrogates._measures import cells

CELLS = {3: 96, 4: 48}  # along a continuous hyperparameter, by how many hyperparameters there are


@dataclass(frozen=True)
class Form:
    """A function of coordinates in the unit cube, with the noise that runs add to it.

    Attributes
    ----------
    space : ConfigurationSpace
    function : callable
        From coordinates [n, d] (discrete ones at the middle of what their value owns) to scores [n].
    noise : float
        Standard deviation of a run around the function, in standard deviations of the function.
    seeds : int
        Runs a configuration.
    base, end : tuple of float
        Coordinates of the configurations that local methods stand at, and that a path leads to.
    """

    name: str
    space: ConfigurationSpace
    function: Callable[[np.ndarray], np.ndarray]
    noise: float = 0.0
    seeds: int = 1
    base: tuple[float, ...] = ()
    end: tuple[float, ...] = ()

    @property
    def d(self) -> int:
        return len(self.space)

    def config(self, unit: tuple[float, ...]) -> dict[str, Any]:
        """Give the configuration at coordinates."""
        return dict(spaces.from_unit(self.space, np.array([unit])).iloc[0])

    def at(self, unit: tuple[float, ...]) -> np.ndarray:
        """Give the coordinates that the configuration there has: discrete ones are moved to their middle."""
        return spaces.to_unit(self.space, [self.config(unit)])[0]

    @cached_property
    def axes(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """Per hyperparameter: places, and their weights."""
        found = []
        for name, hp in self.space.items():
            own = cells(hp, spaces.measure(self.space)[name])
            if own is None:
                cut = CELLS[self.d]
                own = (np.arange(cut) + 0.5) / cut, np.linspace(0, 1, cut + 1)
            found.append((own[0], np.diff(own[1])))
        return found

    def over(self, free: tuple[int, ...], ends: bool = False) -> tuple[np.ndarray, np.ndarray]:
        """Evaluate with some hyperparameters free and the others at the base: values and weights, shape [.., ..]."""
        base, places, weights = self.at(self.base), [], []
        for j in free:
            place, weight = self.axes[j]
            if ends and len(place) == CELLS[self.d]:
                # Where the extremes of these functions are: at ends, halves and quarters.
                place = np.append(np.linspace(0.0, 1.0, len(place) + 1), base[j])
                weight = np.full(len(place), 1 / len(place))
            places.append(place)
            weights.append(weight)
        points = np.tile(base, (math.prod(map(len, places)), 1))
        if free:
            points[:, list(free)] = np.stack([one.ravel() for one in np.meshgrid(*places, indexing="ij")], axis=1)
        mass = np.ones([len(one) for one in weights])
        for k, one in enumerate(weights):
            mass = mass * one.reshape([-1 if i == k else 1 for i in range(len(weights))])
        return self.function(points).reshape([len(one) for one in places]), mass

    @cached_property
    def whole(self) -> tuple[np.ndarray, np.ndarray]:
        return self.over(tuple(range(self.d)))

    @cached_property
    def spread(self) -> float:
        values, mass = self.whole
        return float(np.sqrt((mass * (values - (mass * values).sum()) ** 2).sum()))

    def runs(self, n: int, rng: int) -> Runs:
        """Run n configurations."""
        configs = spaces.sample(self.space, n, method="sobol", rng=rng)
        truth = self.function(spaces.to_unit(self.space, configs))
        draw = np.random.default_rng([rng, 1])
        noise = self.noise * self.spread * draw.standard_normal((self.seeds, n))
        whole = pd.concat([configs] * self.seeds, ignore_index=True)
        seeds = np.repeat(range(self.seeds), n).tolist()
        return Runs.from_table(whole, (truth + noise).ravel(), seeds=seeds)

    # --- truths ------------------------------------------------------------------------------------------------

    def closed(self, values: np.ndarray, one: tuple[int, ...]) -> float:
        """Give the variance of the marginal over a set, of a function on the whole grid."""
        mass = self.whole[1]
        rest = tuple(j for j in range(self.d) if j not in one)
        weight = mass.sum(axis=rest)
        marginal = (mass * values).sum(axis=rest) / weight
        return float((weight * (marginal - (mass * values).sum()) ** 2).sum())

    def main(self) -> np.ndarray:
        values = self.whole[0]
        return np.array([self.closed(values, (j,)) for j in range(self.d)]) / self.spread**2

    def total(self) -> np.ndarray:
        every = range(self.d)
        without = [self.closed(self.whole[0], tuple(i for i in every if i != j)) for j in every]
        return 1 - np.array(without) / self.spread**2

    def being_best(self, quantile: float) -> np.ndarray:
        """Give main effects of being among the best, by the scores that a study sees: means over noisy seeds."""
        values, mass = self.whole
        sd = self.noise * self.spread / np.sqrt(self.seeds)
        if sd > 0:
            ends = values.min() - 8 * sd, values.max() + 8 * sd
            cut = optimize.brentq(lambda q: (mass * stats.norm.sf((q - values) / sd)).sum() - quantile, *ends)
            chance = stats.norm.sf((cut - values) / sd)
        else:
            order = np.argsort(-values.ravel(), kind="stable")
            before = np.cumsum(mass.ravel()[order]) - mass.ravel()[order]
            cut = values.ravel()[order[np.flatnonzero(before < quantile)[-1]]]
            above, level = values > cut, values == cut
            part = (quantile - mass[above].sum()) / mass[level].sum()
            chance = np.where(above, 1.0, np.where(level, part, 0.0))
            # Equal ones are marked in part; those marks are no differences.
            whole = quantile * (1 - quantile) - (mass * chance * (1 - chance)).sum()
            return np.array([self.closed(chance, (j,)) for j in range(self.d)]) / whole
        return np.array([self.closed(chance, (j,)) for j in range(self.d)]) / (quantile * (1 - quantile))

    def game(self, kind: str) -> np.ndarray:
        """Give Shapley shares by going through all orders."""
        base = float(self.function(self.at(self.base)[None])[0])

        def worth(free: tuple[int, ...]) -> float:
            values, mass = self.over(free, ends=kind != "sensitivity")
            if kind == "sensitivity":
                return float((mass * (values - (mass * values).sum()) ** 2).sum())
            return float(max(values.max(), base) - base if kind == "tunability" else base - min(values.min(), base))

        worths = {one: worth(one) for k in range(self.d + 1) for one in itertools.combinations(range(self.d), k)}
        shares = np.zeros(self.d)
        for order in itertools.permutations(range(self.d)):
            for k, j in enumerate(order):
                shares[j] += worths[tuple(sorted(order[: k + 1]))] - worths[tuple(sorted(order[:k]))]
        return shares / shares.sum()

    def path(self) -> np.ndarray:
        """Give the shares of the gain along the greedy path from base to end."""
        here, goal = self.at(self.base), self.at(self.end)
        gains, left, score = np.zeros(self.d), set(range(self.d)), float(self.function(here[None])[0])
        while left:
            options = {}
            for j in left:
                moved = here.copy()
                moved[j] = goal[j]
                options[j] = float(self.function(moved[None])[0])
            j = max(options, key=lambda one: options[one])
            gains[j], score, here[j] = options[j] - score, options[j], goal[j]
            left.remove(j)
        return gains / gains.sum()

    def lines(self) -> np.ndarray:
        """Give the shares of the variances along the lines through the base."""
        found = []
        for j in range(self.d):
            values, mass = self.over((j,))
            found.append(float((mass * (values - (mass * values).sum()) ** 2).sum()))
        return np.array(found) / sum(found)

    @cached_property
    def truths(self) -> Mapping[str, np.ndarray]:
        return {
            "fanova, main": self.main(),
            "fanova, total": self.total(),
            "permutation": self.total(),
            "local": self.lines(),
            "ablation": self.path(),
            "shapley (tunability)": self.game("tunability"),
            "shapley (sensitivity)": self.game("sensitivity"),
            "shapley (mistunability)": self.game("mistunability"),
            "ped_anova (best .1)": self.being_best(0.1),
            "ped_anova (best .2)": self.being_best(0.2),
        }


def cube(d: int) -> ConfigurationSpace:
    return ConfigurationSpace(space=[Float(f"x{j}", (0.0, 1.0)) for j in range(d)])


def additive(u: np.ndarray) -> np.ndarray:
    return 2 * u[:, 0] + u[:, 1] - 3 * u[:, 2]


def product(u: np.ndarray) -> np.ndarray:
    return u[:, 0] * (0.5 + u[:, 1]) * (1 + u[:, 2])


def ishigami(u: np.ndarray) -> np.ndarray:
    z = np.pi * (2 * u - 1)
    return np.sin(z[:, 0]) * (1 + 0.1 * z[:, 2] ** 4) + 7 * np.sin(z[:, 1]) ** 2


G = np.array([0.0, 1.0, 4.5, 9.0])


def sobol_g(u: np.ndarray) -> np.ndarray:
    return ((np.abs(4 * u - 2) + G) / (1 + G)).prod(axis=1)


def step(u: np.ndarray) -> np.ndarray:
    return 1.0 * (u[:, 0] > 0.5) + 0.6 * (u[:, 1] > 0.25) + 1.0 * ((u[:, 0] > 0.5) & (u[:, 2] > 0.75))


# ConfigSpace keeps hyperparameters in the order of their names: so do the columns below.
def optimiser_space() -> ConfigurationSpace:
    return ConfigurationSpace(
        space=[
            Float("lr", (1e-5, 1e-1), log=True),
            Float("mom", (0.0, 1.0)),
            Categorical("opt", ["sgd", "adam", "rmsprop"]),
        ]
    )


def peak(u: np.ndarray) -> np.ndarray:
    """A narrow best learning rate, better with one optimiser, and a little momentum."""
    rate, momentum, optimiser = u.T
    height = np.array([0.5, 1.0, 0.7])[np.minimum((3 * optimiser).astype(int), 2)]
    return height * np.exp(-(((rate - 0.62) / 0.15) ** 2) / 2) + 0.15 * momentum


def batch_space() -> ConfigurationSpace:
    return ConfigurationSpace(
        space=[
            Categorical("act", ["tanh", "relu", "elu", "silu"]),
            Integer("batch", (8, 256), log=True),
            Float("gamma", (0.9, 0.9999)),
            Integer("layers", (1, 5)),
        ]
    )


def batches(u: np.ndarray) -> np.ndarray:
    activation, batch, gamma, layers = u.T
    level = np.array([0.2, 1.0, 0.8, 0.9])[np.minimum((4 * activation).astype(int), 3)]
    return 1.5 * batch * level + 2 * np.sqrt(gamma) - (layers - 0.5) ** 2


def switch_space() -> ConfigurationSpace:
    return ConfigurationSpace(
        space=[Float("clip", (0.1, 0.5)), Float("lr", (1e-4, 1e-1), log=True), Categorical("norm", [False, True])]
    )


def switched(u: np.ndarray) -> np.ndarray:
    """The best learning rate lies elsewhere with a switch on."""
    clip, rate, norm = u.T
    on = norm > 0.5
    return -3 * (rate - np.where(on, 0.75, 0.35)) ** 2 + 0.4 * on + 0.5 * clip


_BASE3, _END3 = (0.3, 0.7, 0.4), (0.8, 0.9, 0.1)
FORMS = {
    one.name: one
    for one in (
        Form("additive", cube(3), additive, base=(0.2, 0.9, 0.1), end=(0.8, 0.95, 0.05)),
        Form("product", cube(3), product, base=_BASE3, end=(0.8, 0.9, 0.9)),
        Form("Ishigami", cube(3), ishigami, base=_BASE3, end=(0.75, 0.75, 0.95)),
        Form("Sobol's g", cube(4), sobol_g, base=(0.3, 0.65, 0.4, 0.7), end=(0.95, 0.9, 0.05, 0.9)),
        Form("steps", cube(3), step, base=(0.7, 0.1, 0.4), end=(0.8, 0.9, 0.9)),
        Form("additive, noisy", cube(3), additive, noise=0.5, base=(0.2, 0.9, 0.1), end=(0.8, 0.95, 0.05)),
        Form("Ishigami, noisy, 3 seeds", cube(3), ishigami, noise=0.7, seeds=3, base=_BASE3, end=(0.75, 0.75, 0.95)),
        Form("peak (mixed)", optimiser_space(), peak, base=(0.4, 0.3, 0.1), end=(0.6, 0.9, 0.5)),
        Form(
            "batches (mixed), noisy, 2 seeds",
            batch_space(),
            batches,
            noise=0.5,
            seeds=2,
            base=(0.6, 0.3, 0.4, 0.1),
            end=(0.4, 0.9, 0.9, 0.5),
        ),
        Form("switched (mixed), noisy", switch_space(), switched, noise=0.3, base=(0.3, 0.5, 0.2), end=(0.9, 0.7, 0.8)),
    )
}
