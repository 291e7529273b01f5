"""THC: whether the best value of a hyperparameter is the best one elsewhere too."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import pandas as pd
from ConfigSpace import ConfigurationSpace

from rlhp.arguments import instance, whole
from rlhp.importance._common_scale import need_everywhere, swept
from rlhp.importance._study import Score, as_score
from rlhp.importance.surrogates._boxes import Domain
from rlhp.importance.surrogates._fit import Rng, checked
from rlhp.importance.surrogates._marginals import is_level, values
from rlhp.importance.surrogates._measures import measures_used
from rlhp.objectives import direction
from rlhp.runs import Runs
from rlhp.spaces import need_space, to_unit

_FEWEST = 5  # settings that finished everywhere


@dataclass(frozen=True, eq=False)
class Consistency:
    """How much the order of a hyperparameter's values moves from one environment to another.

    Attributes
    ----------
    table : DataFrame
        One row a hyperparameter, the least consistent first: `name`, `thc` (0: the same order everywhere; 1: every
        value is the best somewhere and the last elsewhere), `n_values`.
    ranks : DataFrame
        One row a hyperparameter, value and environment: `name`, `value` (or the range), `env_id`, `score`, `low`,
        `high`, `rank` (1 is the best; values whose intervals overlap with the best of a group share its rank), `n`.
    n_settings, n_left_out : int
        Settings that finished everywhere; settings that did not.
    objective : str
    confidence : float
    """

    table: pd.DataFrame
    ranks: pd.DataFrame
    n_settings: int
    n_left_out: int
    objective: str
    confidence: float

    def __repr__(self) -> str:
        environments = ", ".join(self.ranks["env_id"].unique())
        head = f"Consistency of tuned hyperparameters (THC) by {self.objective} on {environments}"
        rest = f"{self.n_settings} settings finished everywhere, {self.n_left_out} did not and are left out"
        return "\n".join([head, rest, self.table.to_string(index=False, float_format=lambda number: f"{number:.3f}")])


def thc(
    runs: Runs,
    space: ConfigurationSpace,
    objective: str | Score = "final_return",
    *,
    rng: Rng,
    bins: int = 5,
    confidence: float = 0.95,
    n_boot: int = 1000,
) -> Consistency:
    """Score how consistently the values of each hyperparameter rank across environments.

    The values of a hyperparameter (its levels; for a range, `bins` parts of equal weight) are ranked per environment by
    the mean score of the settings that have them. A value's score is the largest less the smallest of its ranks over
    environments; THC is the mean of these over the values, divided by the largest that is possible (the number of
    values less one). 0: what is best here is best everywhere, so that one may tune once; the larger, the
    more reason to tune again. 1 is the end that only values which are best somewhere and last elsewhere reach: between
    two environments with reversed orders it is 1 for two values and 0.6 for five.

    Parameters
    ----------
    runs, space, objective
        As for `rlhp.importance.sensitivity`; only settings that finished everywhere count.
    rng : int or numpy.random.Generator
        Of the resampled settings behind the intervals.
    bins : int
        Parts of a continuous range.
    confidence, n_boot
        Values whose intervals overlap share a rank: a value ranks one below those that are surely better. A value
        that one setting has is surely nothing: its interval is infinite.

    Raises
    ------
    ValueError
        If `n_boot` is 0: the intervals decide the ranks; and as for `rlhp.importance.sensitivity`.

    Notes
    -----
    After Obando-Ceron et al. (2024), who score grids of one hyperparameter at a time; with settings that vary together,
    as here, a value's score is an average over the others.

    References
    ----------
    J. Obando-Ceron, J. Araujo, A. Courville, P. S. Castro (2024), On the consistency of hyper-parameter selection in
    value-based deep reinforcement learning.

    Examples
    --------
    >>> thc(runs, space, rng=0).table  # doctest: +SKIP
    """
    stream = checked(rng, confidence=confidence, n_boot=n_boot, bins=bins)
    whole("bins", bins, at_least=1)
    instance("runs", runs, Runs)
    need_space(space)
    if not n_boot:
        raise ValueError("`n_boot` is 0; intervals decide which values share a rank: give the default, n_boot=1000.")
    asked = as_score(objective)
    found = swept(runs, asked)
    complete = need_everywhere(found, _FEWEST)
    raw, settings = complete.scores, complete.settings
    sign = 1.0 if direction(asked.objective) == "maximize" else -1.0
    domain = Domain.of(space, measures_used(space, "declared"))
    unit = to_unit(space, settings)
    frames = []
    for j, name in enumerate(space):
        own = domain.cells[j]
        levels = is_level(space, name) or (own is not None and len(own[0]) <= bins)
        edges = own[1] if own is not None and levels else np.linspace(0.0, 1.0, bins + 1)
        place = np.where(np.isnan(unit[:, j]), -1, np.searchsorted(edges[1:-1], unit[:, j], side="right"))
        labels = _said(space, name, edges, levels)
        for env_id in raw.columns:
            scores = sign * raw[env_id].to_numpy()
            scored = [_one(scores[place == k], n_boot, confidence, stream) for k in range(len(edges) - 1)]
            frame = pd.DataFrame(scored, columns=["score", "low", "high", "n"])
            frame["rank"] = [1 + int((frame["low"] > high).sum()) for high in frame["high"]]
            frame.insert(0, "value", labels)
            frame["part"] = range(len(labels))
            frames.append(frame.assign(name=name, env_id=env_id)[frame["n"] > 0])
    ranks = pd.concat(frames, ignore_index=True)
    ranks[["score", "low", "high"]] *= sign
    if sign < 0:
        ranks = ranks.rename(columns={"low": "high", "high": "low"})
    table = []
    for hyperparameter, rows in ranks.groupby("name", sort=False):
        spread = rows.groupby("part", sort=False)["rank"].agg(lambda found: found.max() - found.min())
        table.append(
            {"name": hyperparameter, "thc": float(spread.mean()) / max(len(spread) - 1, 1), "n_values": len(spread)}
        )
    return Consistency(
        table=pd.DataFrame(table).sort_values("thc", ascending=False, kind="stable", ignore_index=True),
        ranks=ranks[["name", "value", "env_id", "score", "low", "high", "rank", "n"]],
        n_settings=len(raw),
        n_left_out=len(found.scores) - len(raw),
        objective=asked.objective,
        confidence=confidence,
    )


def _one(scores: np.ndarray, n_boot: int, confidence: float, rng: np.random.Generator) -> tuple[float, ...]:
    n = len(scores)
    if not n:
        return np.nan, np.nan, np.nan, 0
    mean = float(scores.mean())
    if n == 1:
        return mean, -np.inf, np.inf, n
    draws = scores[rng.integers(0, n, (n_boot, n))].mean(axis=1)
    low, high = np.quantile(draws, [(1 - confidence) / 2, (1 + confidence) / 2])
    return mean, float(low), float(high), n


def _said(space: ConfigurationSpace, name: str, edges: np.ndarray, levels: bool) -> list[str]:
    """Name the parts: levels by their values, ranges by their ends, with as many digits as it takes to tell them."""
    if levels:
        return [str(value) for value in values(space, name, (edges[:-1] + edges[1:]) / 2)]
    ends = values(space, name, edges)
    said: list[str] = []
    for digits in range(3, 18):
        said = [f"{low:.{digits}g} to {high:.{digits}g}" for low, high in itertools.pairwise(ends)]
        if len(set(said)) == len(said):
            break
    return said
