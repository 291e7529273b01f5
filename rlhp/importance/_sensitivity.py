"""How much a setting tuned for each environment is better than one setting for all of them."""

from __future__ import annotations

import html
from dataclasses import dataclass

import numpy as np
import pandas as pd
from ConfigSpace import ConfigurationSpace

from rlhp.arguments import choice, instance, whole
from rlhp.importance._common_scale import (
    CommonScale,
    Normalize,
    Swept,
    checked_percentiles,
    common_scale,
    need_everywhere,
    swept,
)
from rlhp.importance._dimensionality import Dimensionality, on_grid, on_surrogates
from rlhp.importance._study import FEWEST, Array, Score, around, as_score
from rlhp.importance.surrogates._fit import Rng, checked
from rlhp.runs import Runs
from rlhp.spaces import need_space

_FEWEST = 2  # settings that finished everywhere


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """How sensitive an algorithm is to per-environment tuning: n settings in E environments.

    Attributes
    ----------
    algorithm : str
    sensitivity, low, high : float
        `per_environment` less `cross_environment`. An upper bound, and the interval is over settings only: see
        `rlhp.importance.sensitivity`.
    per_environment : float
        Mean normalised score when each environment has the best of all settings that finished there.
    cross_environment : float
        When all share the one that is best on average, of those that finished everywhere.
    shared : dict
        That setting.
    table : DataFrame
        One row an environment: `env_id`, `best` (normalised score), `shared` (normalised score), `zero`, `one` (the
        scores that count as 0 and 1, in the objective's unit), `n` (settings that finished there).
    scores : DataFrame [n, E]
        Normalised scores; NaN where a setting did not finish.
    scale : str
        What 0 and 1 are, in words.
    dimensionality : DataFrame or None
        One row a number of tuned hyperparameters: `tuned`, `names` (the best set of up to that size), `score`,
        `reached` (part of the fully tuned score); None where it cannot be told (`notes` says why).
    effective : int or None
        Fewest hyperparameters to tune per environment that reach 95 % of the fully tuned score; None where it cannot be
        told.
    r2 : dict
        Per environment the R2 of the surrogate behind `dimensionality`; empty where settings are a grid, so that none
        was needed.
    n_settings, n_left_out : int
        Settings that finished everywhere; settings that did not, and could not be the shared one.
    objective : str
    confidence : float
    draws : array [B, 3]
        Of resampled settings: sensitivity, per-environment and cross-environment score.
    notes : tuple of str
        What to know before the numbers are read.
    """

    algorithm: str
    sensitivity: float
    low: float
    high: float
    per_environment: float
    cross_environment: float
    shared: dict[str, object]
    table: pd.DataFrame
    scores: pd.DataFrame
    scale: str
    dimensionality: pd.DataFrame | None
    effective: int | None
    r2: dict[str, float]
    n_settings: int
    n_left_out: int
    objective: str
    confidence: float
    draws: Array
    notes: tuple[str, ...] = ()

    def _lines(self) -> list[str]:
        span = f" ({100 * self.confidence:g} % interval {self.low:.3f} to {self.high:.3f}, settings resampled)"
        span = span if len(self.draws) else ""
        lines = [
            f"hyperparameter sensitivity of {self.algorithm} {self.sensitivity:.3f}{span} of "
            f"{self.objective} over {self.scores.shape[1]} environments; {self.scale}",
            f"{self.per_environment:.3f} with a setting for each, {self.cross_environment:.3f} with one for all",
            f"{self.n_settings} settings finished everywhere, {self.n_left_out} did not and count only where they did",
        ]
        if self.effective is not None:
            fits = ", ".join(f"{env} {r2:.2f}" for env, r2 in self.r2.items())
            how = f"on surrogates, R2: {fits}" if fits else "as measured on the grid"
            lines.append(f"tuning {self.effective} hyperparameters reaches 95 % ({how})")
        return lines + [f"note: {note}" for note in self.notes]

    def __repr__(self) -> str:
        return "\n".join(["Sensitivity: " + self._lines()[0], *self._lines()[1:], self.table.to_string(index=False)])

    def _repr_html_(self) -> str:
        return "<p>" + "<br>".join(map(html.escape, self._lines())) + f"</p>{self.table.to_html(index=False)}"


def sensitivity(
    runs: Runs,
    space: ConfigurationSpace | None = None,
    objective: str | Score = "final_return",
    *,
    rng: Rng,
    algorithm: str | None = None,
    normalize: Normalize = "percentiles",
    percentiles: tuple[float, float] = (5.0, 95.0),
    n_trees: int = 64,
    confidence: float = 0.95,
    n_boot: int = 1000,
) -> Sensitivity:
    """Compare tuning for each environment with one setting for all.

    Scores are brought to a common scale per environment, and not cut: what is better than the 1 of the scale counts as
    more. With G(e, h) the mean over seeds of setting h on environment e, the sensitivity is
    ``mean_e max_h G(e, h) - max_h mean_e G(e, h)``. The first maximum is over all settings that finished on that
    environment, the second over those that finished on every one.

    That is an upper bound: the best setting of an environment is scored on the runs that chose it, so that luck counts
    as tuning (the winner's curse), and more settings or fewer seeds make more of it. Where settings differ by noise
    alone it is above 0, and so is its interval, which says how far it would move with other settings, not with other
    seeds.

    Parameters
    ----------
    runs : Runs
        The same settings on two or more environments. Of several algorithms one is asked about, by `algorithm`; the
        others count for the percentiles. To see all of them side by side: `rlhp.importance.sensitivity_plane`.
    space : ConfigurationSpace, optional
        What was swept; with it, the effective dimensionality is computed as well: the fewest hyperparameters that,
        tuned per environment while the others stay as in one shared setting, reach 95 % of the fully tuned score. It is
        asked of two surrogates per environment, one to choose by and the other to score by (None where their R2 is
        below 0.3), and the shared setting is then the one that they expect to be best on average; what the space
        forbids is not tried. Of more than twelve
        hyperparameters not all sets are tried: those of each size are grown from the sixteen best of the size below, so
        that `effective` may come out too high. Where the settings are a full grid no surrogate and no space is needed:
        the measured scores are taken.
    objective : str or Score
        As for `rlhp.objectives.score`, but neither `seed_std` nor `steps_to_threshold`; a `Score` may say
        `last`, but not `at`. There is no policy for
        failures: a setting of which a run failed on an environment did not finish there.
    rng : int or numpy.random.Generator
    algorithm : str, optional
        Whose sensitivity; needed where the runs are of several algorithms.
    normalize : {"percentiles", "none"}, pair of float, or mapping
        What counts as 0 and 1 on each environment. "percentiles": those of the mean scores of all settings of all
        algorithms in `runs`. A pair of bounds (score that is 0, score that is 1) for all environments, or a mapping of
        environments to such pairs. "none": the scores are normalised already and stay as they are.
    percentiles : (float, float)
        That become 0 and 1.
    n_trees : int
        Trees of a surrogate.
    confidence, n_boot
        Interval from resampled settings; the scale stays.

    Raises
    ------
    ValueError
        If there is one environment only, the algorithm is not clear, an objective that does not judge a run by itself,
        bounds are missing, an environment in which no run finished, or fewer than two settings finished everywhere.

    References
    ----------
    J. Adkins, M. Bowling, A. White (2024), A method for evaluating hyperparameter sensitivity in reinforcement
    learning.

    Examples
    --------
    >>> from rlhp import Runs, importance
    >>> from rlhp.runs import concat
    >>> configs = [{"gamma": gamma} for gamma in (0.8, 0.9, 0.99)]
    >>> runs = concat([Runs.from_table(configs, scores, env_id=env)
    ...     for env, scores in {"A-v0": [0.0, 0.6, 1.0], "B-v0": [1.0, 0.6, 0.0]}.items()])
    >>> found = importance.sensitivity(runs, rng=0, normalize="none", n_boot=0)
    >>> round(found.sensitivity, 2), found.shared
    (0.4, {'gamma': 0.9})
    """
    stream = checked(rng, confidence=confidence, n_boot=n_boot, n_trees=n_trees)
    instance("runs", runs, Runs)
    whole("n_trees", n_trees, at_least=1)
    if space is not None:
        need_space(space)
    several = by_algorithm(runs, objective, only=algorithm)
    name = as_score(objective).objective
    scale = common_scale(several, name, normalize, checked_percentiles(percentiles))
    label = algorithm if algorithm is not None else next(iter(several))
    return measured(
        label,
        several[label],
        scale,
        space,
        name,
        n_trees=n_trees,
        confidence=confidence,
        n_boot=n_boot,
        rng=stream,
    )


def by_algorithm(
    runs: Runs, objective: str | Score, *, only: str | None = None, every: bool = False
) -> dict[str, Swept]:
    """Return the settings of each algorithm.

    Raises
    ------
    ValueError
        If there are several and none was named (unless `every`), or there is none of that name.
    """
    names = [str(one) for one in dict.fromkeys(runs.table["algorithm"])]
    if only is not None:
        choice("algorithm", only, names)
    elif len(names) > 1 and not every:
        raise ValueError(
            f"these runs are of {len(names)} different `algorithm` ({', '.join(names)}), and hyperparameters differ in "
            f"meaning; say whose sensitivity, e.g. algorithm={names[0]!r} (the others count for the scale), take one, "
            f"`runs.select(algorithm={names[0]!r})`, or compare them: `importance.sensitivity_plane(runs, rng=0)`."
        )
    return {name: swept(runs.select(runs.table["algorithm"] == name), objective) for name in names}


def measured(
    label: str,
    found: Swept,
    scale: CommonScale,
    space: ConfigurationSpace | None,
    objective: str,
    *,
    n_trees: int,
    confidence: float,
    n_boot: int,
    rng: np.random.Generator,
) -> Sensitivity:
    """Return the sensitivity of one algorithm on a scale."""
    normal = scale.of(found.scores)
    values = normal.to_numpy()
    n_complete = len(need_everywhere(found, _FEWEST).scores)
    n = len(values)
    value, each, together = _gap(values)
    shared = int(np.where(np.isnan(values).any(axis=1), -np.inf, values.mean(axis=1)).argmax())
    draws = _draws(values, n_boot, rng)
    low, high = around(np.array([value]), draws[:, :1], confidence)
    table = pd.DataFrame(
        {
            "env_id": list(normal.columns),
            "best": np.nanmax(values, axis=0),
            "shared": values[shared],
            "zero": scale.zero[normal.columns].to_numpy(),
            "one": scale.one[normal.columns].to_numpy(),
            "n": (~np.isnan(values)).sum(axis=0),
        }
    )
    notes = [
        "an upper bound: the best settings are scored on the runs that chose them, so that luck counts as tuning; the "
        "interval is over settings only, not over seeds"
    ]
    alike = [str(env) for env in found.scores if found.scores[env].nunique() == 1]
    if alike:
        notes.append(f"settings score alike on {', '.join(alike)}, where there is nothing to tune")
    tuned = _dimensionality(space, found.settings, normal, shared, n_trees, rng)
    if tuned is not None and tuned.note:
        notes.append(tuned.note)
    elif tuned is None and space is not None:
        notes.append(
            f"no effective dimensionality: surrogates need at least {2 * FEWEST} settings that finished on every "
            f"environment, and these are no full grid"
        )
    return Sensitivity(
        algorithm=label,
        sensitivity=value,
        low=float(np.maximum(low[0], 0.0)),
        high=float(high[0]),
        per_environment=each,
        cross_environment=together,
        shared={str(key): cell for key, cell in found.settings.iloc[shared].items() if not pd.isna(cell)},
        table=table,
        scores=normal,
        scale=scale.said,
        dimensionality=None if tuned is None else tuned.table,
        effective=None if tuned is None else tuned.effective,
        r2={} if tuned is None else tuned.r2,
        n_settings=n_complete,
        n_left_out=n - n_complete,
        objective=objective,
        confidence=confidence,
        draws=draws,
        notes=tuple(notes),
    )


def _dimensionality(
    space: ConfigurationSpace | None,
    settings: pd.DataFrame,
    normal: pd.DataFrame,
    shared: int,
    n_trees: int,
    rng: np.random.Generator,
) -> Dimensionality | None:
    grid = on_grid(settings, normal.to_numpy(), shared)
    if grid is not None or space is None:
        return grid
    return on_surrogates(space, settings, normal, n_trees=n_trees, rng=rng)


def _gap(values: Array) -> tuple[float, float, float]:
    each = float(np.nanmax(values, axis=0).mean())
    one = float(values[~np.isnan(values).any(axis=1)].mean(axis=1).max())
    return each - one, each, one


def _draws(values: Array, n_boot: int, rng: np.random.Generator) -> Array:
    """Resample settings; a draw without one that finished everywhere is drawn anew."""
    n = len(values)
    gaps: list[tuple[float, float, float]] = []
    while len(gaps) < n_boot:
        drawn = values[rng.integers(0, n, n)]
        if not np.isnan(drawn).any(axis=1).all():
            gaps.append(_gap(drawn))
    return np.array(gaps).reshape(-1, 3)
