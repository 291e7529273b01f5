"""The distribution of scores: which share of the configurations reaches at most each score."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from rlhp.arguments import instance, mapping, real
from rlhp.curves._history import MAKE_SCORES, one_environment
from rlhp.curves._labels import number_label
from rlhp.curves._statistic import Array
from rlhp.objectives import Scores
from rlhp.showing import as_html, as_text, percent


@dataclass(frozen=True, eq=False)
class EDF:
    """Empirical distribution functions of scores, one a group; made by `edf`.

    Attributes
    ----------
    table : DataFrame, one row per group and different score
        `label`, `score`, `share` (of the group at or below it), `low`, `high` (a band over all scores), `n`.
    values : dict of str to array
        The scores of each group.
    objective, unit : str
    things : str
        What is scored, in the plural: configurations, runs, searches.
    confidence : float
        Of each group's band.
    """

    table: pd.DataFrame
    values: Mapping[str, Array]
    objective: str
    unit: str
    things: str
    confidence: float

    @classmethod
    def of(
        cls, values: Mapping[str, Array], objective: str, unit: str, things: str, *, confidence: float = 0.95
    ) -> EDF:
        """Compute the distributions of groups of scores; `edf` does it for those of runs."""
        real("confidence", confidence, above=0, below=1)
        frames = []
        for label, scores in values.items():
            different, counts = np.unique(scores, return_counts=True)
            n = int(counts.sum())
            share = np.cumsum(counts) / n
            reach = stats.kstwo.ppf(confidence, n)
            band = {"low": np.maximum(share - reach, 0.0), "high": np.minimum(share + reach, 1.0)}
            frames.append(pd.DataFrame({"label": label, "score": different, "share": share, **band, "n": n}))
        return cls(pd.concat(frames, ignore_index=True), values, objective, unit, things, confidence)

    @property
    def medians(self) -> dict[str, float]:
        """The median score of each group."""
        return {label: float(np.median(scores)) for label, scores in self.values.items()}

    @property
    def band_text(self) -> str:
        """How the bands were made, in words."""
        return f"{percent(self.confidence)} band for the whole function (Kolmogorov-Smirnov)"

    def _title(self) -> str:
        said = (
            f"{label or 'all'}: median {number_label(self.medians[label], 4)} of {len(scores)}"
            for label, scores in self.values.items()
        )
        return f"distribution of {self.objective}; {'; '.join(said)}"

    def _notes(self) -> list[str]:
        return [self.band_text]

    def __repr__(self) -> str:
        return as_text("EDF", self._title(), self._notes(), self.table)

    def _repr_html_(self) -> str:
        return as_html(self._title(), self._notes(), self.table)


def edf(scores: Scores | Mapping[str, Scores], *, confidence: float = 0.95) -> EDF:
    """Compute the share of the configurations that score at most x, for every x, with a band.

    Whoever compares two search spaces, or two searches, compares these: a better one lies lower, since fewer of its
    configurations stay below any score (where less is better: higher).

    Parameters
    ----------
    scores : Scores, or mapping of label to Scores
        One objective; each of one environment, per configuration or per run.
    confidence : float
        Of the band of each group.

    Returns
    -------
    EDF

    Raises
    ------
    ValueError
        If there is no group, one is of several environments, or the objectives differ.

    Notes
    -----
    The band holds the whole distribution function, of which the scores must be independent draws: one a configuration
    of a random design. It is exact for a continuous distribution and cautious where scores are equal.

    References
    ----------
    F. J. Massey (1951), The Kolmogorov-Smirnov test for goodness of fit.

    Examples
    --------
    >>> from rlhp import Runs, curves, objectives
    >>> runs = Runs.from_table([{"gamma": gamma} for gamma in (0.9, 0.95, 0.97, 0.99)], [3.0, 1.0, 4.0, 1.0])
    >>> scores = objectives.score(runs, "final_return", failures="raise", per="config")
    >>> curves.edf(scores).table[["score", "share"]].to_dict("list")
    {'score': [1.0, 3.0, 4.0], 'share': [0.5, 0.75, 1.0]}
    """
    named = {"": scores} if isinstance(scores, Scores) else _several(scores)
    for one in named.values():
        one_environment("scores", one)
    first = next(iter(named.values()))
    things = "configurations" if first.per == "config" else "runs"
    values = {label: one.values.to_numpy(np.float64) for label, one in named.items()}
    return EDF.of(values, first.objective, first.unit, things, confidence=confidence)


def _several(scores: Mapping[str, Scores]) -> dict[str, Scores]:
    named = mapping("scores", scores, hint=f"Give Scores, or a mapping of labels to them. {MAKE_SCORES}")
    for label, one in named.items():
        instance(f"scores[{label!r}]", one, Scores, hint=MAKE_SCORES)
    objectives = list(dict.fromkeys(one.objective for one in named.values()))
    if len(objectives) != 1:
        found = ", ".join(objectives) or "none"
        raise ValueError(f"`scores` must be of one objective; these are of {len(objectives)}: {found}.")
    return named
