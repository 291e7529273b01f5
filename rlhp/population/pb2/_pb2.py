"""The explorer `PB2`: a population's next hyperparameters by a bandit over what its segments gained."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from ConfigSpace import ConfigurationSpace

from rlhp.arguments import flag, real, whole
from rlhp.options import options
from rlhp.population._meeting import Meeting, Past
from rlhp.population.pb2._belief import Belief, believe
from rlhp.population.pb2._categories import Round, chances
from rlhp.population.pb2._highest import highest
from rlhp.population.pb2._layout import Layout
from rlhp.threads import one_thread

__all__ = ["PB2"]


@options
@dataclass(frozen=True)
class PB2:
    """Children go on with what promises the most gain in the next segment: population-based bandits.

    A Gaussian process learns how much a segment gains from its hyperparameters, from its time and from the score that
    it begins with. Old segments count less: by how much, and how noisy a gain is, is estimated. A child gets what has
    the highest upper confidence bound. Members that go on and children that were served before it count as seen, with
    the gain that is expected of them, so that children of one meeting differ.

    Hyperparameters whose levels have no order are drawn first, each by exponential weights over its levels, and the
    rest is chosen for what was drawn (the mixed form, PB2-Mix). Until something is known to have been gained, all is
    drawn from the space.

    Parameters
    ----------
    kappa : float
        How many standard deviations above its mean a gain is hoped for.
    score : bool
        Whether the gain depends on the score that a segment begins with: a member that was lucky in its last evaluation
        will lose, and one that has learned everything gains nothing, whatever its hyperparameters.
    restarts : int
        Starts of the search for the process's numbers besides the middle of their priors.
    drift : float, optional
        From 0, which never forgets, to below 1: how much of what a segment says is lost after two, held. By default it
        is estimated with the rest.

    Raises
    ------
    ValueError
        If one is out of its range.

    Notes
    -----
    Where a meeting copies hyperparameters and no weights, a child's segment begins with its own score; here its
    parent's stands for it.

    References
    ----------
    J. Parker-Holder, V. Nguyen, S. Roberts (2020), Provably efficient online hyperparameter optimization with
    population-based bandits. J. Parker-Holder, V. Nguyen, S. Desai, S. Roberts (2021), Tuning mixed input
    hyperparameters on the fly for efficient population based AutoRL. T. Desautels, A. Krause, J. Burdick (2014),
    Parallelizing exploration-exploitation tradeoffs in Gaussian process bandit optimization.

    Examples
    --------
    >>> import pandas as pd
    >>> from ConfigSpace import Float
    >>> from rlhp.population import Fitness, Meeting, Past
    >>> space = ConfigurationSpace(space=[Float("learning_rate", (1e-5, 1e-1), log=True)])
    >>> rates = pd.DataFrame({"learning_rate": [1e-5, 1e-4, 1e-3, 1e-2]})
    >>> past = Past([0, 1, 2, 3], [500] * 4, [1000] * 4, [10.0] * 4, [10.0, 11.0, 30.0, 12.0], rates)
    >>> alike = [{"learning_rate": rate} for rate in (1e-3, 1e-4, 1e-3, 1e-2)]
    >>> met = Meeting(1000, 5000, tuple(alike), [2, 1, 2, 3], Fitness([10.0, 11.0, 30.0, 12.0]), past)
    >>> proposed = PB2(kappa=0.0).propose(space, met, np.random.default_rng(0))
    >>> sorted(proposed), 2e-4 < proposed[0]["learning_rate"] < 5e-3
    ([0], True)
    """

    kappa: float = 1.5
    score: bool = True
    restarts: int = 1
    drift: float | None = None

    def __post_init__(self) -> None:
        real("kappa", self.kappa, at_least=0)
        flag("score", self.score)
        whole("restarts", self.restarts, at_least=0)
        if self.drift is not None:
            real("drift", self.drift, at_least=0, below=1)

    def believed(self, space: ConfigurationSpace, past: Past, rng: np.random.Generator) -> Belief | None:
        """Fit the process to a past; None where nothing is known to have been gained."""
        return believe(space, past, rng, score=self.score, restarts=self.restarts, drift=self.drift)

    def propose(
        self, space: ConfigurationSpace, meeting: Meeting, rng: np.random.Generator
    ) -> dict[int, dict[str, Any]]:
        """Return what the children go on with; see `Explore`."""
        children = meeting.children.tolist()
        if not children:
            return {}
        with one_thread():
            layout = Layout.of(space, score=self.score)
            belief = self.believed(space, meeting.past, rng)
            categories = _drawn(layout, meeting, len(children), rng)
            if belief is None:
                free = rng.random((len(children), len(layout.numbers)))
                chosen = [layout.config(*one) for one in zip(free, categories, strict=True)]
            else:
                chosen = self._chosen(belief, meeting, categories, rng)
        return {child: {**meeting.configs[child], **own} for child, own in zip(children, chosen, strict=True)}

    def _chosen(
        self, belief: Belief, meeting: Meeting, categories: np.ndarray, rng: np.random.Generator
    ) -> list[dict[str, Any]]:
        """Return the moving hyperparameters of each child, whose categories [k, c] are drawn."""
        layout, now = belief.layout, meeting.step / belief.length
        begin = meeting.fitness.mean[meeting.parents]
        others = np.setdiff1d(np.arange(len(begin)), meeting.children)
        pending = [{name: meeting.configs[other][name] for name in layout.space} for other in others]
        near, _ = layout.unit(meeting.configs)
        process = belief.process.fantasised(belief.rows(pending, begin[others]), now)
        chosen: list[dict[str, Any]] = []
        for child, played in zip(meeting.children, categories, strict=True):
            held = belief.held(played[None], begin[[child]])[0]
            points = highest(process, now, held, near, rng, kappa=self.kappa)
            # What rounds to something that is played already is passed over, unless there is nothing else.
            configs = (layout.config(point, played) for point in points)
            own = next((one for one in configs if one not in pending + chosen), layout.config(points[0], played))
            chosen.append(own)
            process = process.fantasised(belief.rows([own], begin[[child]]), now)
        return chosen


def _drawn(layout: Layout, meeting: Meeting, n: int, rng: np.random.Generator) -> np.ndarray:
    """Draw the level of each category for n children, shape [n, c]."""
    drawn = np.empty((n, len(layout.categories)), dtype=int)
    if not layout.categories:
        return drawn
    past = meeting.past
    rounds = _rounds(layout, past)
    length = float(np.median(past.end - past.start)) if len(past) else float(meeting.step or meeting.total_steps)
    horizon = max(round(meeting.total_steps / length), 1)
    for column, name in enumerate(layout.categories):
        levels = len(layout.levels(name))
        seen = [Round(played[:, column], gains, new) for played, gains, new in rounds]
        drawn[:, column] = rng.choice(levels, size=n, p=chances(seen, levels, horizon))
    return drawn


def _rounds(layout: Layout, past: Past) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Return levels [n, c], gains [n] and what was drawn [n] of each time at which segments ended."""
    free, played = layout.unit(past.configs)
    rows = np.hstack([free, played])
    new = np.ones(len(past), dtype=bool)
    for member in np.unique(past.member):
        own = np.flatnonzero(past.member == member)
        own = own[np.argsort(past.end[own], kind="stable")]
        # Whoever goes on with the very same values was no child, so that nothing was drawn for it.
        new[own[1:]] = (rows[own[1:]] != rows[own[:-1]]).any(axis=1)
    counted = np.isfinite(past.before)
    ends = [np.flatnonzero(counted & (past.end == end)) for end in np.unique(past.end)]
    return [(played[at], past.change[at], new[at]) for at in ends if len(at)]
