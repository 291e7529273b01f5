"""What a surrogate believes along one axis after some samples, and where it would sample next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rlhp import hpo
from rlhp.widgets.acquisition._ground import POINTS, Curve
from rlhp.widgets.acquisition._searches import Choosing

__all__ = ["Belief", "Draws", "Sample", "believe"]


@dataclass(frozen=True)
class Sample:
    """One observation: where on the axis (0 to 1), what was seen, and the standard deviation of its noise."""

    u: float
    score: float
    noise: float


@dataclass(frozen=True)
class Draws:
    """Where samples were taken, and the noise of each in standard deviations: it can be made larger afterwards."""

    taken: tuple[tuple[float, float], ...] = ()

    def more(self, places: Sequence[float], seed: Sequence[int]) -> Draws:
        """Return these and further ones; their noise depends on the seed and on how many there are."""
        noise = np.random.default_rng([*seed, len(self.taken)]).standard_normal(len(places))
        within = np.clip(np.asarray(places, dtype=float), 0.0, 1.0)
        return Draws((*self.taken, *zip(within.tolist(), noise.tolist(), strict=True)))

    def seen(self, curve: Curve, noise: float) -> tuple[Sample, ...]:
        """Return what is seen of a curve there with noise of a standard deviation."""
        truth = curve.truth(np.array([u for u, _ in self.taken])).tolist()
        return tuple(Sample(u, true + noise * z, noise) for true, (u, z) in zip(truth, self.taken, strict=True))


@dataclass(frozen=True, eq=False)
class Belief:
    """What is believed at evenly spread places of the axis.

    Attributes
    ----------
    u : array [POINTS]
        Places from 0 to 1.
    mean, std : array [POINTS]
        Of the score, without the noise of a sample.
    worth : array [POINTS]
        The acquisition.
    at_samples : array [m]
        The mean where there are samples, each place once, in the order of `places`.
    places : array [m]
    length_scale : float or None
        Of the process; None for another surrogate.
    """

    u: np.ndarray
    mean: np.ndarray
    std: np.ndarray
    worth: np.ndarray
    at_samples: np.ndarray
    places: np.ndarray
    length_scale: float | None

    @property
    def next(self) -> int:
        """The place with the highest acquisition."""
        return int(np.argmax(self.worth))

    @property
    def recommended(self) -> float:
        """The sampled place with the highest mean."""
        return float(self.places[int(np.argmax(self.at_samples))])


def believe(curve: Curve, samples: tuple[Sample, ...], searcher: object, how: Choosing, *, told: bool) -> Belief:
    """Fit a surrogate to samples; several at one place count as their mean, and `told` says whether noise is known."""
    space, u = curve.space, np.linspace(0.0, 1.0, POINTS)
    places = np.array(sorted({one.u for one in samples}))
    groups = [[one for one in samples if one.u == place] for place in places]
    scores = np.array([np.mean([one.score for one in group]) for group in groups])
    noise = np.array([group[0].noise / np.sqrt(len(group)) if told else np.nan for group in groups])
    sampled = curve.configurations(places)
    seen = hpo.Observations(tuple(sampled), scores, noise)
    belief = hpo.surrogate(space, seen, how.searcher(searcher), rng=np.random.default_rng(len(samples)))
    everywhere = curve.configurations(u)
    mean, std = belief.predict(everywhere)
    scales = getattr(getattr(belief.model, "at", None), "scales", None)
    return Belief(
        u,
        mean,
        std,
        belief.acquisition(everywhere, how.acquisition, kappa=how.kappa),
        belief.predict(sampled)[0],
        places,
        None if scales is None else float(scales[0]),
    )
