"""A measured sweep scored by two objectives: its front by some seeds, and what the other seeds say of it."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from rlhp import hpo
from rlhp.curves import Aim, FrontStability, ParetoFront, front_stability, hypervolume
from rlhp.objectives import OBJECTIVES, PER_CONFIG, direction, score
from rlhp.widgets.pareto._setting import Setting

__all__ = ["RESAMPLES", "Judged", "Measured", "Tally", "tally"]

_COSTS = ("cpu_time", "steps_to_threshold")  # never 0, and some configurations take a hundred times what others do
_WIDE = 100.0
FEWEST = 2  # seeds that draw a front, and seeds that judge it: a spread needs two
RESAMPLES = 200


class Measured:
    """A pool, and its configurations scored by any seeds.

    Parameters
    ----------
    name : str
        A data set.

    Raises
    ------
    ValueError
        If it has too few seeds to draw a front with some and judge it by the others.
    """

    def __init__(self, name: str) -> None:
        self.pool = hpo.pool(name)
        self.seeds = self.pool.seeds
        if len(self.seeds) < 2 * FEWEST:
            raise ValueError(
                f"`{name}` has {len(self.seeds)} seeds; {FEWEST} draw a front and {FEWEST} judge it: take another."
            )
        table = self.pool.runs.table
        self.env_id = str(table["env_id"].iloc[0])
        self.label = f"{str(table['algorithm'].iloc[0]).upper()} on {self.env_id}"
        self.cap = hpo.Cap.of(self.env_id, self.pool.judging).score
        self.index = self.pool.runs.configs.index
        self._splits: dict[tuple[int, int], list[tuple[int, ...]]] = {}
        self._values: dict[tuple[str, float], tuple[np.ndarray, np.ndarray]] = {}

    @property
    def most_seeds(self) -> int:
        """How many seeds may draw a front."""
        return len(self.seeds) - FEWEST

    @property
    def returns(self) -> tuple[float, float]:
        """The lowest and the highest final return of any run."""
        values, _ = self._per_run("final_return", 0.0)
        return float(values.min()), float(values.max())

    def drawing(self, setting: Setting) -> tuple[int, ...]:
        """Return the seeds that draw the front."""
        return self.seeds[: setting.seeds]

    def judging(self, setting: Setting) -> tuple[int, ...]:
        """Return the seeds that judge it."""
        return self.seeds[setting.seeds :]

    def front(self, setting: Setting, seeds: Sequence[int]) -> ParetoFront:
        """Return all configurations scored by some seeds, a failed run as the worst, and which of them none beats."""
        columns = {name: self._scores(name, setting.threshold, seeds) for name in setting.objectives}
        scores = pd.DataFrame(columns, index=self.index)
        aims = [Aim(name, direction(name), OBJECTIVES[name].unit) for name in setting.objectives]
        return ParetoFront.of(scores, aims, what="configurations", where=self.env_id)

    def judged(self, setting: Setting) -> Judged:
        """Return the front by the drawing seeds, and the same configurations by the others."""
        drawn, again = (self.front(setting, seeds) for seeds in (self.drawing(setting), self.judging(setting)))
        return Judged(drawn, again)

    def stability(self, setting: Setting) -> FrontStability:
        """Return what of the front stays when its own seeds are resampled."""
        table = self.pool.runs.table
        runs = self.pool.runs.select(table.index[table["seed"].isin(self.drawing(setting))])
        threshold = setting.threshold if setting.reads_threshold else None
        return front_stability(
            runs, list(setting.objectives), failures="worst", rng=0, threshold=threshold, n_boot=RESAMPLES
        )

    def splits(self, setting: Setting, most: int) -> list[tuple[int, ...]]:
        """Return ways to take the seeds that draw: all of them, or as many as asked for, drawn at random."""
        key = (setting.seeds, most)
        if key not in self._splits:
            self._splits[key] = self._drawn_splits(*key)
        return self._splits[key]

    def _drawn_splits(self, n_drawing: int, most: int) -> list[tuple[int, ...]]:
        if math.comb(len(self.seeds), n_drawing) <= most:
            return list(itertools.combinations(self.seeds, n_drawing))
        rng, found = np.random.default_rng(0), dict.fromkeys([self.seeds[:n_drawing]])
        while len(found) < most:
            found[tuple(sorted(rng.choice(self.seeds, n_drawing, replace=False).tolist()))] = None
        return list(found)

    def split(self, setting: Setting, drawing: Sequence[int]) -> tuple[int, int]:
        """Return how many points a front by these seeds has, and how many of them are on the front by the others."""
        others = [seed for seed in self.seeds if seed not in drawing]
        one = Judged(self.front(setting, drawing), self.front(setting, others))
        return len(one.drawn.front), len(one.stay)

    def reached(self, seeds: Sequence[int]) -> int:
        """Return how many configurations reach the cap of the return, within its tie; 0 where there is no cap."""
        if math.isinf(self.cap):
            return 0
        return int((self._scores("final_return", 0.0, seeds) >= self.cap).sum())

    def _scores(self, name: str, threshold: float, seeds: Sequence[int]) -> np.ndarray:
        """Return one objective [configurations] by some seeds."""
        spread = name in PER_CONFIG
        values, lost = self._per_run("final_return" if spread else name, threshold)
        at = [self.seeds.index(seed) for seed in seeds]
        if not spread:
            means: np.ndarray = values[:, at].mean(axis=1)
            return means
        # Seeds that all crash agree perfectly: a configuration that lost one spreads as much as any.
        own = values[:, at].std(axis=1, ddof=1)
        failed = lost[:, at].any(axis=1)
        spreads: np.ndarray = np.where(failed, own[~failed].max(initial=0.0), own)
        return spreads

    def _per_run(self, name: str, threshold: float) -> tuple[np.ndarray, np.ndarray]:
        """Return an objective of every run [configurations, seeds], and whether the run failed."""
        reads = name == "steps_to_threshold"
        key = (name, threshold if reads else 0.0)
        if key not in self._values:
            options = {"threshold": threshold} if reads else {}
            each = score(self.pool.runs, name, failures="worst", per="run", **options).table  # type: ignore[arg-type]
            frame = each.assign(seed=self.pool.runs.table["seed"], lost=each["failure"] != "")
            wide = frame.pivot(index="config_id", columns="seed", values=["value", "lost"])
            wide = wide.loc[self.index]
            self._values[key] = (wide["value"].to_numpy(np.float64), wide["lost"].to_numpy(bool))
        return self._values[key]


@dataclass(frozen=True, eq=False)
class Judged:
    """A front, and its configurations by seeds that had no part in it.

    Attributes
    ----------
    drawn, again : ParetoFront
        All configurations, by the seeds that draw and by those that judge.
    """

    drawn: ParetoFront
    again: ParetoFront

    @property
    def stay(self) -> list[str]:
        """The points of the front that are on the front by the other seeds too."""
        on = self.again.table["on_front"]
        return [one for one in self.drawn.front.index if on[one]]

    def spread(self, name: str) -> tuple[float, float, str]:
        """Return from where to where an objective goes, and whether it is shown on a "linear" or a "log" scale."""
        drawn, again = self.drawn.table[name], self.again.table.loc[self.drawn.front.index, name]
        low, high = float(min(drawn.min(), again.min())), float(max(drawn.max(), again.max()))
        return low, high, "log" if name in _COSTS and 0 < _WIDE * low < high else "linear"

    @property
    def kept(self) -> float:
        """The area that the points of the front dominate by the other seeds, as a part of what they promised.

        Both are measured from the worst of each objective by the drawing seeds; NaN where nothing was promised.
        """
        names, gains = self.drawn.names, self.drawn.gains
        worst = {name: aim.sign * low for name, aim, low in zip(names, self.drawn.aims, gains.min(axis=0), strict=True)}
        promised = hypervolume(self.drawn, worst)
        again = self.again.table.loc[self.drawn.front.index, names]
        found = hypervolume(ParetoFront.of(again, self.again.aims, what="points", where=self.again.where), worst)
        return found / promised if promised > 0 else float("nan")


@dataclass(frozen=True)
class Tally:
    """Fronts by many splits of the seeds.

    Attributes
    ----------
    n : int
        Splits.
    points : float
        Points of a front, on average.
    stay : float
        Share of them on the front by the other seeds, on average over the splits.
    least, most : float
        Of one split.
    """

    n: int
    points: float
    stay: float
    least: float
    most: float


def tally(splits: Sequence[tuple[int, int]]) -> Tally | None:
    """Count splits: points of each front, and how many of them stay; None of none."""
    if not splits:
        return None
    points, stay = np.array(splits, dtype=float).T
    shares = stay / points
    return Tally(len(shares), *(float(one) for one in (points.mean(), shares.mean(), shares.min(), shares.max())))
