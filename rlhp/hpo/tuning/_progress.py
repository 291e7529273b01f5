"""Searches repeated with other seeds: how good what they hold is by what they spent, with an interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from rlhp.arguments import instance, mapping, real, sequence, whole
from rlhp.curves import EDF, MEAN, number_label, student_interval
from rlhp.hpo.evaluating._pool import Pool
from rlhp.hpo.tuning._result import Tuning
from rlhp.showing import as_html, as_text, percent

__all__ = ["Progress", "progress"]

_MAKE = "`[rlhp.hpo.replay('dqn_cartpole', budget=2_000_000, rng=seed) for seed in range(20)]` makes some."


@dataclass(frozen=True, eq=False)
class Progress:
    """What repeated searches hold by what they spent; made by `progress`.

    Attributes
    ----------
    table : DataFrame, one row per kind of search and number of steps
        `label`, `env_steps`, `score` (of the incumbent, mean over the repetitions), `low`, `high`, `n` (repetitions).
        It begins where every repetition has an incumbent.
    ends : DataFrame, one row a repetition
        `label`, `rng` (its seed), `env_steps` (spent), `score` (of the incumbent at the end).
    objective : str
    judged : str
        By what, in words.
    confidence : float
        Of each interval by itself: Student's t over the repetitions.
    """

    table: pd.DataFrame
    ends: pd.DataFrame
    objective: str
    judged: str
    confidence: float

    @property
    def labels(self) -> list[str]:
        """The kinds of search, in their order."""
        return list(dict.fromkeys(self.ends["label"]))

    @property
    def last(self) -> pd.DataFrame:
        """The last row of each kind: what it holds when the budget is spent."""
        return self.table.groupby("label", sort=False).tail(1).set_index("label")

    def edf(self, *, confidence: float = 0.95) -> EDF:
        """Return the distribution of what searches hold in the end, over the repetitions; `plots.edf` draws it."""
        values = {label: self.ends["score"][self.ends["label"] == label].to_numpy(np.float64) for label in self.labels}
        return EDF.of(values, self.objective, "undiscounted return", "searches", confidence=confidence)

    def _title(self) -> str:
        ends = (f"{label} {number_label(row['score'], 4)}" for label, row in self.last.iterrows())
        return f"{self.objective} of the incumbent when the budget is spent: {', '.join(ends)}"

    def _notes(self) -> list[str]:
        return [
            f"judged by {self.judged}",
            f"{percent(self.confidence)} Student-t intervals over the repetitions",
        ]

    def __repr__(self) -> str:
        return as_text("Progress", self._title(), self._notes(), self.last)

    def _repr_html_(self) -> str:
        return as_html(self._title(), self._notes(), self.last)


def progress(
    searches: Mapping[str, Sequence[Tuning]],
    *,
    pool: Pool | None = None,
    confidence: float = 0.95,
    points: int = 100,
) -> Progress:
    """Follow the incumbents of searches that were repeated with other seeds.

    Parameters
    ----------
    searches : mapping of label to sequence of Tuning
        Each kind of search with its repetitions.
    pool : Pool, optional
        What the searches were replayed on. Incumbents are then judged by their mean over the pool's choice and test
        seeds, which have no part in an incumbent; without, by the scores with which the search took them, which
        flatter.
    confidence : float
        Of the intervals.
    points : int
        Numbers of environment steps that are looked at.

    Returns
    -------
    Progress

    Raises
    ------
    ValueError, TypeError
        If there are no searches, one found nothing, or they have different objectives.

    Examples
    --------
    >>> from rlhp import hpo
    >>> pool = hpo.pool("dqn_cartpole")
    >>> many = [hpo.replay(pool, budget=600_000, searcher="random", plan="full", rng=seed) for seed in range(3)]
    >>> progress({"random": many}, pool=pool, points=4).table[["env_steps", "n"]].to_dict("list")
    {'env_steps': [150000, 300000, 450000, 600000], 'n': [3, 3, 3, 3]}
    """
    given = _several(searches)
    real("confidence", confidence, above=0, below=1)
    whole("points", points, at_least=2, at_most=100_000)
    objectives = sorted({one.judging.objective for many in given.values() for one in many})
    if len(objectives) > 1:
        raise ValueError(f"`searches` are of different objectives, {', '.join(objectives)}; compare those of one.")
    if pool is not None:
        instance("pool", pool, Pool, hint="`rlhp.hpo.pool('dqn_cartpole')` makes one.")
    truth = None if pool is None else _judged(pool)
    frames, ends = [], []
    for label, many in given.items():
        paths = [_path(one, pool, truth) for one in many]
        start, stop = max(path[0][0] for path in paths), max(one.counts["env_steps"] for one in many)
        spent = np.unique(np.linspace(start, stop, points).round().astype(int))
        values = np.array([scores[np.searchsorted(steps, spent, side="right") - 1] for steps, scores in paths])
        low, high = _interval(values, many[0], confidence)
        kind = {"label": label, "env_steps": spent, "score": values.mean(axis=0), "low": low, "high": high}
        frames.append(pd.DataFrame(kind | {"n": len(many)}))
        ends += [
            {"label": label, "rng": one.rng, "env_steps": one.counts["env_steps"], "score": float(scores[-1])}
            for one, (_, scores) in zip(many, paths, strict=True)
        ]
    judged = (
        "the scores by which the searches took them"
        if pool is None
        else f"their mean over the {len(pool.judging.held_out)} seeds of the pool that tune nothing"
    )
    return Progress(pd.concat(frames, ignore_index=True), pd.DataFrame(ends), objectives[0], judged, confidence)


def _several(searches: Any) -> dict[str, list[Tuning]]:
    given = mapping("searches", searches, hint=f"Labels, and the repetitions of each. {_MAKE}")
    if not given:
        raise ValueError(f"`searches` has none. {_MAKE}")
    found = {}
    for label, many in given.items():
        found[label] = [
            instance(f"searches[{label!r}][{at}]", one, Tuning, hint=_MAKE)
            for at, one in enumerate(sequence(f"searches[{label!r}]", many, hint=_MAKE))
        ]
        if not found[label] or any(not len(one.history) for one in found[label]):
            raise ValueError(f"`searches[{label!r}]` has a search that found nothing, or none at all; leave it out.")
    return found


def _judged(pool: Pool) -> np.ndarray:
    """Return what each configuration is worth on the seeds that do not tune; one that failed, as little as any."""
    if not pool.judging.held_out:
        raise ValueError("all seeds of `pool` tune, and none is left to judge by; leave it out, or give it others.")
    truth = pool.truth(pool.judging.held_out)
    return np.where(np.isnan(truth), np.nanmin(truth), truth)


def _path(one: Tuning, pool: Pool | None, truth: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """Return the steps after which the incumbent may have changed, and what it is worth from there on."""
    steps, scores = one.history["env_steps"].to_numpy(), one.history["score"].to_numpy(np.float64)
    if pool is not None and truth is not None:
        places = [pool.place(one.trials[number].configuration) for number in one.history["trial"]]
        if None in places:
            raise ValueError("a search has an incumbent that `pool` does not have; give the pool that it replayed.")
        scores = truth[np.array(places, dtype=int)]
    return steps, scores


def _interval(values: np.ndarray, one: Tuning, confidence: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the interval of the mean [T], within what an episode can return."""
    low, high = student_interval(values, MEAN, confidence=confidence)
    least, most = one.terms.bounds or (-np.inf, np.inf)
    return np.maximum(low, least), np.minimum(high, most)
