"""How much a setting tuned for each environment is better than one setting for all of them."""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from ConfigSpace import ConfigurationSpace
from scipy.stats import qmc

from rlhp.frames import content_hash
from rlhp.importance.boxes import Domain
from rlhp.importance.fitting import Rng, checked, filled
from rlhp.importance.forest import Forest, grow
from rlhp.importance.points import allowed_at, snapped
from rlhp.importance.resampling import around
from rlhp.importance.result import LEAST_R2
from rlhp.importance.study import Array
from rlhp.importance.weighing import measures_used
from rlhp.objectives import direction, score
from rlhp.runs import Runs
from rlhp.spaces import to_unit

# Up to so many hyperparameters every set of them is tuned; of more, sets that grow from so many best smaller ones.
_MOST_SETS, _KEPT = 12, 16
_CANDIDATES = 256
# Objectives that are no score of one run, or not without an option that environments do not share.
_REFUSED = {
    "seed_std": "judges a setting by all of its seeds, while here every run counts by itself",
    "steps_to_threshold": "needs a threshold, and environments have none in common",
}
_DEAD = ("diverged", "failed")


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """How sensitive an algorithm is to per-environment tuning; E environments, h settings that finished everywhere.

    Attributes
    ----------
    sensitivity, low, high : float
        Mean over environments of the best normalised score, less the best mean over environments of one setting. An
        upper bound, and the interval is over settings only: see `rlhp.importance.sensitivity`.
    per_environment : float
        Normalised score when each environment has its own best setting.
    cross_environment : float
        When all share the one that is best on average.
    shared : dict
        That setting.
    table : DataFrame
        One row an environment: `env_id`, `best` (score), `shared` (score), `low_end`, `high_end` (what is 0 and 1).
    scores : DataFrame [h, E]
        Normalised scores.
    dimensionality : DataFrame or None
        One row a number of tuned hyperparameters: `tuned`, `names` (the best set of that size), `score`, `reached`
        (part of the fully tuned score); None where no space was given.
    effective : int or None
        Fewest hyperparameters to tune per environment that reach 95 % of the fully tuned score; None where no space
        was given, or a surrogate predicts too little (R2 below 0.3; `notes` says which).
    r2 : dict
        Per environment the R2 of the surrogate behind `dimensionality`.
    n_settings, n_left_out : int
        Settings that finished everywhere; settings that did not.
    objective : str
    confidence : float
    draws : array [B]
    notes : tuple of str
        What to know before the numbers are read.
    """

    sensitivity: float
    low: float
    high: float
    per_environment: float
    cross_environment: float
    shared: dict[str, object]
    table: pd.DataFrame
    scores: pd.DataFrame
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
        said = [
            f"hyperparameter sensitivity {self.sensitivity:.3f} ({100 * self.confidence:g} % interval {self.low:.3f} "
            f"to {self.high:.3f}, settings resampled) of {self.objective} over {self.scores.shape[1]} environments",
            f"{self.per_environment:.3f} with a setting for each, {self.cross_environment:.3f} with one for all",
            f"{self.n_settings} settings finished everywhere, {self.n_left_out} did not and are left out",
        ]
        if self.effective is not None:
            fits = ", ".join(f"{env} {r2:.2f}" for env, r2 in self.r2.items())
            said.append(f"tuning {self.effective} hyperparameters reaches 95 % (on surrogates, R2: {fits})")
        return said + [f"note: {note}" for note in self.notes]

    def __repr__(self) -> str:
        return "\n".join(["Sensitivity: " + self._lines()[0], *self._lines()[1:], self.table.to_string(index=False)])

    def _repr_html_(self) -> str:
        return "<p>" + "<br>".join(map(html.escape, self._lines())) + f"</p>{self.table.to_html(index=False)}"


def sensitivity(
    runs: Runs,
    space: ConfigurationSpace | None = None,
    objective: str = "final_return",
    *,
    rng: Rng,
    last: int = 1,
    percentiles: tuple[float, float] = (5.0, 95.0),
    n_trees: int = 64,
    confidence: float = 0.95,
    n_boot: int = 1000,
) -> Sensitivity:
    """Compare tuning for each environment with one setting for all, on the settings that finished everywhere.

    Scores are brought to a common scale per environment: the percentiles of all settings become 0 and 1, and what lies
    beyond is cut. With G(e, h) the mean over seeds of setting h on environment e, the sensitivity is
    ``mean_e max_h G(e, h) - max_h mean_e G(e, h)``.

    That is an upper bound: the best setting of an environment is scored on the runs that chose it, so that luck counts
    as tuning (the winner's curse), and more settings or fewer seeds make more of it. Where settings differ by noise
    alone it is above 0, and so is its interval, which says how far it would move with other settings, not with other
    seeds.

    Parameters
    ----------
    runs : Runs
        The same settings of one algorithm on two or more environments.
    space : ConfigurationSpace, optional
        What was swept; with it, the effective dimensionality is computed as well: the fewest hyperparameters that,
        tuned per environment while the others stay as in the shared setting, reach 95 % of the fully tuned score, on a
        surrogate per environment (None where one of these has an R2 below 0.3). What the space forbids is not tried.
        Of more than twelve hyperparameters not all sets are tried: those of each size are grown from the sixteen best
        of the size below, so that `effective` may come out too high.
    objective, last
        As for `rlhp.objectives.score`, but neither `seed_std` nor `steps_to_threshold`. There is no policy for
        failures: a setting of which any run failed anywhere did not finish everywhere.
    rng : int or numpy.random.Generator
    percentiles : (float, float)
        Of the settings' scores, that become 0 and 1.
    n_trees : int
        Trees of a surrogate.
    confidence, n_boot
        Interval from resampled settings.

    Raises
    ------
    ValueError
        If there is one environment only, several algorithms, an objective that does not judge a run by itself, an
        environment in which no run finished, or fewer than five settings finished everywhere.

    References
    ----------
    J. Adkins, M. Bowling, A. White (2024), A method for evaluating hyperparameter sensitivity in reinforcement
    learning.

    Examples
    --------
    >>> sensitivity(runs, space, rng=0).effective  # doctest: +SKIP
    """
    stream = checked(rng, confidence=confidence, n_boot=n_boot, n_trees=n_trees)
    raw, left_out, settings = everywhere(runs, objective, last=last)
    sign = 1.0 if direction(objective) == "maximize" else -1.0
    ends = np.percentile(sign * raw.to_numpy(), percentiles, axis=0)
    normal = np.clip((sign * raw - ends[0]) / np.where(ends[1] > ends[0], ends[1] - ends[0], 1.0), 0.0, 1.0)
    values = normal.to_numpy()
    value, each, one = _gap(values)
    shared = int(values.mean(axis=1).argmax())
    n = len(values)
    draws = np.array([_gap(values[stream.integers(0, n, n)])[0] for _ in range(n_boot)])
    low, high = around(np.array([value]), draws[:, None], confidence) if n_boot else (np.array([np.nan]),) * 2
    table = pd.DataFrame(
        {
            "env_id": list(normal.columns),
            "best": values.max(axis=0),
            "shared": values[shared],
            "low_end": sign * ends[0],
            "high_end": sign * ends[1],
        }
    )
    dimensionality: pd.DataFrame | None = None
    effective: int | None = None
    fits: list[float] = []
    notes = [
        "an upper bound: the best settings are scored on the runs that chose them, so that luck counts as tuning; the "
        "interval is over settings only, not over seeds"
    ]
    alike = [str(env) for env in raw.columns if raw[env].nunique() == 1]
    if alike:
        notes.append(f"settings score alike on {', '.join(alike)}, where there is nothing to tune")
    if space is not None:
        dimensionality, effective, fits = _dimensionality(
            space, settings, values, list(normal.columns), n_trees, stream
        )
        poor = [f"{env} {r2:.2f}" for env, r2 in zip(normal.columns, fits, strict=True) if not r2 >= LEAST_R2]
        if poor:
            effective = None
            notes.append(f"no effective dimensionality: surrogates with an R2 below {LEAST_R2} ({', '.join(poor)})")
    return Sensitivity(
        sensitivity=value,
        low=float(np.maximum(low[0], 0.0)),
        high=float(high[0]),
        per_environment=each,
        cross_environment=one,
        shared={str(key): cell for key, cell in settings.iloc[shared].items() if not pd.isna(cell)},
        table=table,
        scores=normal,
        dimensionality=dimensionality,
        effective=effective,
        r2=dict(zip(map(str, normal.columns), fits, strict=True)) if fits else {},
        n_settings=n,
        n_left_out=left_out,
        objective=objective,
        confidence=confidence,
        draws=draws,
        notes=tuple(notes),
    )


def everywhere(runs: Runs, objective: str, *, last: int = 1) -> tuple[pd.DataFrame, int, pd.DataFrame]:
    """Give the mean score of each setting that finished everywhere, per environment.

    Returns
    -------
    scores : DataFrame
        One row a setting, one column an environment.
    left_out : int
        Settings of which a run failed, or that were not run everywhere.
    settings : DataFrame
        Their hyperparameters, same index.

    Raises
    ------
    ValueError
        As for `sensitivity`.
    """
    algorithms = list(dict.fromkeys(runs.table["algorithm"]))
    if len(algorithms) > 1:
        raise ValueError(
            f"these runs are of {len(algorithms)} different `algorithm` ({', '.join(map(str, algorithms))}), and "
            f"hyperparameters differ in meaning; take one, e.g. `runs.select(algorithm={algorithms[0]!r})`."
        )
    if objective in _REFUSED:
        raise ValueError(
            f"`objective` is {objective!r}, which {_REFUSED[objective]}; give another, such as 'final_return' or 'auc'."
        )
    environments = list(dict.fromkeys(runs.table["env_id"]))
    if len(environments) < 2:
        raise ValueError(f"runs on {len(environments)} environment; compare several: join their runs by `concat`.")
    alive = set(runs.table.loc[~runs.table["status"].isin(_DEAD), "env_id"])
    for env_id in environments:
        if env_id not in alive:
            raise ValueError(
                f"all runs on {env_id} failed, so that no setting finished everywhere; look at `runs.table['error']`, "
                f"or leave that environment out: `runs.select(runs.table['env_id'] != {env_id!r})`."
            )
    columns = {f"hp.{name}": name for name in runs.hyperparameters}
    hps = runs.table[list(columns)].rename(columns=columns)
    settings = pd.Series(
        [content_hash(**{str(k): v for k, v in row.items()}) for row in hps.to_dict("records")], hps.index
    )
    scored = score(runs, objective, failures="drop", last=last)
    frame = pd.DataFrame({"setting": settings, "env_id": runs.table["env_id"], "value": scored.values})
    wide = frame.groupby(["setting", "env_id"], sort=False)["value"].agg(lambda one: one.mean(skipna=False)).unstack()
    complete = wide.dropna()[environments]
    if len(complete) < 5:
        raise ValueError(
            f"{len(complete)} of {len(wide)} settings finished on all {len(environments)} environments, fewer than 5; "
            f"run the same configurations everywhere: give the sweeps the same `configs`."
        )
    first = hps[~settings.duplicated()].set_axis(settings[~settings.duplicated()])
    return complete, len(wide) - len(complete), first.loc[complete.index]


def _gap(values: Array) -> tuple[float, float, float]:
    each, one = float(values.max(axis=0).mean()), float(values.mean(axis=1).max())
    return each - one, each, one


def _dimensionality(
    space: ConfigurationSpace,
    settings: pd.DataFrame,
    values: Array,
    environments: list[str],
    n_trees: int,
    rng: np.random.Generator,
) -> tuple[pd.DataFrame, int, list[float]]:
    names = list(space)
    unit = to_unit(space, settings)
    domain = Domain.of(space, measures_used(space, "declared"))
    forests = [grow(unit, values[:, e], n_trees=n_trees, rng=rng) for e in range(len(environments))]
    start = filled(space, unit[int(np.mean([one.predict(unit) for one in forests], axis=0).argmax())])
    sobol = snapped(domain, qmc.Sobol(len(names), rng=rng).random(_CANDIDATES))
    drawn = np.vstack([filled(space, unit), sobol])
    reached = _reached(len(names), lambda free: _tuned(forests, space, domain, start, drawn, list(free)))
    rows, whole = [], max(reached.values())
    for size in range(len(names) + 1):
        best = max((one for one in reached if len(one) <= size), key=lambda one: reached[one])
        found = reached[best]
        part = found / whole if whole > 0 else 1.0  # of nothing, everything is reached at once
        rows.append({"tuned": size, "names": ", ".join(names[j] for j in best), "score": found, "reached": part})
    table = pd.DataFrame(rows)
    r2 = [one.r2(values[:, e]) for e, one in enumerate(forests)]
    return table, int(table.loc[table["reached"] >= 0.95, "tuned"].min()), r2


def _reached(d: int, tuned: Callable[[tuple[int, ...]], float]) -> dict[tuple[int, ...], float]:
    """Give what sets of d hyperparameters reach when they are tuned: all sets, or those that grow from the best."""
    reached: dict[tuple[int, ...], float] = {(): tuned(())}
    kept: list[tuple[int, ...]] = [()]
    for _ in range(d):
        grown = dict.fromkeys(tuple(sorted({*one, j})) for one in kept for j in range(d) if j not in one)
        reached |= {one: tuned(one) for one in grown}
        kept = list(grown) if d <= _MOST_SETS else sorted(grown, key=lambda one: -reached[one])[:_KEPT]
    return reached


def _tuned(
    forests: list[Forest], space: ConfigurationSpace, domain: Domain, start: Array, drawn: Array, free: list[int]
) -> float:
    points = np.repeat(start[None], len(drawn) if free else 1, axis=0)
    points[:, free] = drawn[: len(points), free]
    points[0] = start  # tuning may leave everything as it is
    marked = domain.inactive_marked(points)
    kept = allowed_at(space, domain, marked)
    kept[0] = True
    marked = marked[kept]
    return float(np.mean([one.predict(marked).max() for one in forests]))
