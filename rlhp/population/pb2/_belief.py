"""What a population believes of the next segment: how much each setting would gain from where a member stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from ConfigSpace import ConfigurationSpace

from rlhp.population._meeting import Past
from rlhp.population.pb2._fitting import fit
from rlhp.population.pb2._layout import Layout
from rlhp.population.pb2._process import Process

__all__ = ["Belief", "believe"]

Configs = pd.DataFrame | Sequence[Mapping[str, Any]]

# The latest so many segments are looked at: the cost of a prediction is the square of their number.
_LATEST = 1_000
# So many standard deviations from the mean gain, a gain says no more: one lost segment is not to hide all else.
_FAR = 3.0


@dataclass(frozen=True, eq=False)
class Belief:
    """A process of what segments gained, and how to ask it.

    Attributes
    ----------
    process : Process
        Of standardised gains.
    layout : Layout
    centre, spread : float
        By which the gains were standardised.
    lowest, highest : float
        The scores between which those that segments began with lie.
    length : float
        Environment steps of a segment, the unit of time of the process.
    """

    process: Process
    layout: Layout
    centre: float
    spread: float
    lowest: float
    highest: float
    length: float

    def rows(self, configs: Configs, scores: np.ndarray) -> np.ndarray:
        """Return features, [n, width], of configurations and the scores that their segments begin with."""
        free, played = self.layout.unit(configs)
        return np.hstack([free, self.held(played, scores)])

    def held(self, played: np.ndarray, scores: np.ndarray) -> np.ndarray:
        """Return the features that no hyperparameter with an order decides, of levels [n, c] and scores [n]."""
        return self.layout.held(played, _scaled(scores, self.lowest, self.highest))

    def predict(self, configs: Configs, scores: np.ndarray, step: float) -> tuple[np.ndarray, np.ndarray]:
        """Return mean and standard deviation of the gain, each [n], in the unit of the scores."""
        mean, std = self.process.predict(self.rows(configs, scores), step / self.length)
        return self.centre + self.spread * mean, self.spread * std


def believe(
    space: ConfigurationSpace,
    past: Past,
    rng: np.random.Generator,
    *,
    score: bool,
    restarts: int,
    drift: float | None = None,
) -> Belief | None:
    """Fit a process to what the segments of a population gained; None where nothing is known of any.

    A segment whose beginning was not evaluated, as the first of each member, is left out. One that diverged counts as
    the least gain of all, so that where it was is kept away from.

    Parameters
    ----------
    space : ConfigurationSpace
    past : Past
    rng : numpy.random.Generator
    score : bool
        Whether gains depend on the score that a segment begins with.
    restarts : int
    drift : float, optional
        Held; by default the most plausible.
    """
    known = np.flatnonzero(np.isfinite(past.before))
    known = known[np.argsort(past.end[known], kind="stable")][-_LATEST:]
    before, after = past.before[known], past.after[known]
    if not np.isfinite(after).any():
        return None
    gains = after - before
    gains = np.where(np.isfinite(gains), gains, gains[np.isfinite(gains)].min())
    centre, spread = float(gains.mean()), float(gains.std())
    # What rounding leaves of equal gains is no spread.
    spread = spread if spread > 1e-9 * float(np.abs(gains).max()) else 1.0
    y = np.clip((gains - centre) / spread, -_FAR, _FAR)
    seen = np.append(before, after[np.isfinite(after)])
    lowest, highest = float(seen.min()), float(seen.max())
    layout = Layout.of(space, score=score)
    free, played = layout.unit(past.configs.iloc[known])
    x = np.hstack([free, layout.held(played, _scaled(before, lowest, highest))])
    length = float(np.median(past.end[known] - past.start[known]))
    process = fit(x, past.start[known] / length, y, rng, groups=layout.groups, restarts=restarts, drift=drift)
    return Belief(process, layout, centre, spread, lowest, highest, length)


def _scaled(scores: np.ndarray, lowest: float, highest: float) -> np.ndarray:
    """Return scores as shares of the way from the lowest to the highest; what is not known is the lowest."""
    if highest <= lowest:
        return np.full(len(scores), 0.5)
    known = np.where(np.isfinite(scores), scores, lowest)
    return np.asarray(np.clip((known - lowest) / (highest - lowest), 0.0, 1.0))
