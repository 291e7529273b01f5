"""Runs become what an importance is computed from: one row a configuration, one score a seed.

A repetition of the study would have had other configurations and other seeds: `resamples` draws such repetitions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import KW_ONLY, dataclass
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from ConfigSpace import ConfigurationSpace
from numpy.typing import NDArray

from rlhp.arguments import instance, text, whole
from rlhp.objectives import Failures, Scores, levelled, score
from rlhp.options import options
from rlhp.runs import Runs
from rlhp.spaces import need_space, to_unit

Array = NDArray[np.float64]

FEWEST = 10  # configurations; below, no surrogate says anything
# Share of the configurations that every seed must have for seeds to count as shared between configurations.
_CROSSED = 0.5
# Known of whole runs only.
_WHOLE_RUN = ("wall_time", "cpu_time")
# Read off the budget of a run, which is `at` where training is taken to end there.
_OF_BUDGET = ("steps_to_threshold", "env_steps")


@dataclass(frozen=True, eq=False)
class Study:
    """Configurations in the unit cube and their scores: n configurations, d hyperparameters, S seeds.

    Attributes
    ----------
    space : ConfigurationSpace
    unit : array [n, d]
        Coordinates on which every declared measure is uniform; NaN where inactive.
    scores : array [n, S]
        In the objective's unit; NaN where a configuration has no run with that seed.
    config_ids : tuple of str, length n
    crossed : bool
        True where the seeds are the same ones for (most) configurations, so that whole seeds can be resampled.
    objective, direction, unit_text, env_id : str
    failures : str or float
    n_runs, n_failed : int
        Runs behind the scores; runs that failed.
    step : int or None
        Only evaluations up to this step counted.
    n_stopped : int
        Runs that were stopped before their end, and count with what they did until then.
    """

    space: ConfigurationSpace
    unit: Array
    scores: Array
    config_ids: tuple[str, ...]
    crossed: bool
    objective: str
    direction: str
    unit_text: str
    env_id: str
    failures: Failures
    n_runs: int
    n_failed: int
    step: int | None
    n_stopped: int = 0

    @property
    def names(self) -> tuple[str, ...]:
        """Hyperparameters, in the order of the columns of `unit`."""
        return tuple(self.space)

    @property
    def n_seeds(self) -> int:
        """Most seeds that any configuration has."""
        return int((~np.isnan(self.scores)).sum(axis=1).max())

    @cached_property
    def magnitude(self) -> Array:
        """Largest size of a score of each configuration, shape [n]: of what its mean was computed from."""
        return np.asarray(np.nanmax(np.abs(self.scores), axis=1))

    @cached_property
    def y(self) -> Array:
        """Mean score of each configuration over its seeds, shape [n]; equal where only rounding differs."""
        return levelled(np.nanmean(self.scores, axis=1), self.magnitude)

    @property
    def alike(self) -> bool:
        """Whether all configurations scored the same: then nothing varies, and nothing matters."""
        return bool(self.y.min() == self.y.max())

    @property
    def sign(self) -> float:
        """1 where more is better, -1 where less is."""
        return 1.0 if self.direction == "maximize" else -1.0

    @property
    def best(self) -> int:
        """Row of the configuration with the best mean score."""
        return int(np.argmax(self.sign * self.y))


@options
@dataclass(frozen=True)
class Score:
    """What runs are scored by, where the name of an objective does not say it all.

    Attributes
    ----------
    objective : str
        One of `rlhp.objectives.names()`.
    at : int, optional
        Only evaluations up to this environment step count; a run that failed later counts as what it was then.
    last, threshold
        As for `rlhp.objectives.score`.

    Raises
    ------
    TypeError, ValueError
        If one is not what it must be; the message names it.

    Examples
    --------
    >>> Score("final_return", at=50_000, last=3).at
    50000
    """

    objective: str = "final_return"
    _: KW_ONLY
    at: int | None = None
    last: int = 1
    threshold: float | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be; `rlhp.objectives.score` does, what no objective takes."""
        text("objective", self.objective)
        whole("last", self.last, at_least=1)
        if self.at is not None:
            whole("at", self.at, at_least=0, hint="It is a number of environment steps.")


def as_score(objective: str | Score) -> Score:
    """Return the option `objective` of every method as a `Score`."""
    return objective if isinstance(objective, Score) else Score(objective)


def scored(
    runs: Runs,
    space: ConfigurationSpace,
    objective: str | Score,
    *,
    failures: Failures,
    fewest: int = FEWEST,
) -> Study:
    """Score runs and bring their configurations into the unit cube; `rlhp.importance.fanova` documents the options.

    Raises
    ------
    ValueError
        If the runs are of several environments or algorithms, a hyperparameter of the space was not recorded, one that
        varies is not in the space, no evaluation lies before `at`, the objective cannot be cut there, or there are too
        few configurations.
    """
    instance(
        "runs", runs, Runs, hint="`rlhp.sweep` gives some, and the readers `Runs.from_csv`, `Runs.from_optuna`, ..."
    )
    need_space(space)
    asked = as_score(objective)
    objective, at = asked.objective, asked.at
    whole("fewest", fewest, at_least=1)
    _one_of_each(runs)
    configs = runs.configs
    _same_hyperparameters(configs, runs.hyperparameters, space)
    if at is not None and objective in _WHOLE_RUN:
        raise ValueError(
            f"`{objective}` is recorded of whole runs only, so that `at={at}` cannot cut it; leave `at` out, or take "
            f"another objective, such as 'final_return' or 'auc'."
        )
    kept = runs if at is None else until(runs, at)
    if at is not None and objective in _OF_BUDGET:
        kept = Runs(kept.table.assign(steps=kept.table["steps"].clip(upper=at)), kept.evals, kept.history)
    per = "config" if objective == "seed_std" else "run"
    scored = score(kept, objective, failures=failures, per=per, last=asked.last, threshold=asked.threshold)  # type: ignore[arg-type]
    cells = _cells(runs, scored, list(configs.index))
    if len(cells) < fewest:
        raise ValueError(
            f"{len(cells)} configurations with a score; an importance needs at least {fewest} (`fewest`), and is worth "
            f"reading from about a hundred on. Sweep more: `spaces.sample(space, 128, method='sobol', rng=0)`."
        )
    return Study(
        space=space,
        unit=to_unit(space, configs.loc[cells.index]),
        scores=cells.to_numpy(dtype=float),
        config_ids=tuple(map(str, cells.index)),
        crossed=bool(cells.shape[1] > 1 and cells.notna().mean().min() >= _CROSSED),
        objective=objective,
        direction=scored.direction,
        unit_text=scored.unit,
        env_id=str(runs.table["env_id"].iloc[0]),
        failures=failures,
        n_runs=scored.n,
        n_failed=scored.n_failed,
        step=at,
        n_stopped=scored.n_stopped,
    )


def until(runs: Runs, at: int) -> Runs:
    """Return the runs as they were at an environment step: later evaluations are gone, and so is how a run ended later.

    A run that has an evaluation at that step or after it was alive then, and counts as finished; one that failed and
    has none stays failed.

    Raises
    ------
    ValueError
        If there are none.
    """
    evals = runs.evals[runs.evals["step"] <= at]
    if not len(evals):
        first = runs.evals["step"].min() if len(runs.evals) else "none at all"
        raise ValueError(f"`at` is {at}, and there is no evaluation up to that step; the first is at {first}.")
    alive = runs.table.index.isin(runs.evals.loc[runs.evals["step"] >= at, "run_id"])
    table = runs.table.assign(
        status=runs.table["status"].mask(alive, "finished"), error=runs.table["error"].mask(alive, "")
    )
    return Runs(table, evals, runs.history)


def common_steps(runs: Runs) -> list[int]:
    """Return the steps at which every run that finished was evaluated."""
    finished = runs.table.index[runs.table["status"] == "finished"]
    evals = runs.evals[runs.evals["run_id"].isin(finished)]
    count = evals.groupby("step")["run_id"].nunique()
    return [int(step) for step in count.index[count == len(finished)]]


def _cells(runs: Runs, scored: Scores, order: list[str]) -> pd.DataFrame:
    """Return scores as a frame, one row a configuration in the given order, one column a seed."""
    if scored.per == "config":
        return scored.values.to_frame().loc[[one for one in order if one in scored.values.index]]
    # Ids of the runs as given: the budget is part of a configuration, and `at` may have cut it.
    frame = pd.DataFrame({"config": runs.config_id, "seed": runs.table["seed"], "value": scored.values})
    frame = frame[frame["value"].notna()]
    # A seed may have been trained twice (another machine, another engine version): then it counts twice.
    frame["again"] = frame.groupby(["config", "seed"]).cumcount()
    wide = frame.pivot(index="config", columns=["seed", "again"], values="value")
    return wide.loc[[one for one in order if one in wide.index]]


def _one_of_each(runs: Runs) -> None:
    if not len(runs):
        raise ValueError("no runs to analyse; `len(runs)` is 0.")
    for column, why in (("env_id", "returns are not on one scale"), ("algorithm", "hyperparameters differ in meaning")):
        found = list(runs.table[column].unique())
        if len(found) > 1:
            raise ValueError(
                f"these runs are of {len(found)} different `{column}` ({', '.join(map(str, found))}), and {why}; take "
                f"one, e.g. `runs.select({column}={found[0]!r})`, or compare them with `importance.across`."
            )


def _same_hyperparameters(configs: pd.DataFrame, recorded: list[str], space: ConfigurationSpace) -> None:
    missing = [name for name in space if name not in recorded]
    if missing:
        have = [name for name in space if name in recorded]
        raise ValueError(
            f"the runs do not record {_listed(missing)}, which the space has; give the space that was swept"
            + (f", e.g. `spaces.subspace(space, {have})`." if have else f"; they record {_listed(recorded)}.")
        )
    strange = [name for name in recorded if name not in space and _varies(configs[name])]
    if strange:
        raise ValueError(
            f"{_listed(strange)} varied in these runs and the space lacks it, so that its effect would be blamed on "
            f"others; add it to the space, or select runs that share one value."
        )


def _varies(column: pd.Series[Any]) -> bool:
    return column.map(repr).nunique() > 1


def _listed(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


_T = TypeVar("_T")


@dataclass(frozen=True, eq=False)
class Resample:
    """One resample: how often each configuration stands in it [n], and its mean score over the drawn seeds [n]."""

    times: NDArray[np.int64]
    y: Array


def resamples(study: Study, n_boot: int, rng: np.random.Generator) -> Iterator[Resample]:
    """Draw configurations with replacement, and seeds with replacement.

    Where the seeds are shared between configurations, a seed is drawn for all of them at once (Owen 2007); else each
    configuration draws from its own runs. A draw in which no configuration has any of the drawn seeds is drawn anew.

    References
    ----------
    A. B. Owen (2007), The pigeonhole bootstrap, Annals of Applied Statistics 1, 386-411.
    """
    n, n_seeds = study.scores.shape
    drawn = 0
    while drawn < n_boot:
        times = np.bincount(rng.integers(0, n, n), minlength=n)
        weights = _whole_seeds(n_seeds, rng) if study.crossed else _own_runs(study.scores, rng)
        present = np.where(np.isnan(study.scores), 0.0, weights)
        count = present.sum(axis=1)
        times[count == 0] = 0  # none of the drawn seeds was trained
        if not times.any():
            continue
        drawn += 1
        total = (present * np.nan_to_num(study.scores)).sum(axis=1)
        yield Resample(times, levelled(total / np.maximum(count, 1), study.magnitude))


def watched(many: Iterable[_T], total: int, progress: bool) -> Iterator[_T]:
    """Go through resamples with a progress bar, which shows once it takes longer than a second."""
    from tqdm.auto import tqdm

    yield from tqdm(many, total=total, desc="resamples", unit="one", delay=1.0, leave=False, disable=not progress)


def resampling_text(study: Study, n_boot: int) -> str:
    """Return in words what is resampled."""
    if not n_boot:
        return "no interval was asked for (n_boot=0)"
    seeds = "whole seeds" if study.crossed else "each one's seeds" if study.n_seeds > 1 else "no seeds (one each)"
    return f"{n_boot} resamples of configurations and {seeds}"


def around(estimate: Array, draws: Array, confidence: float) -> tuple[Array, Array]:
    """Return the percentile interval of the draws, moved so that their mean is the estimate.

    A resample holds fewer different configurations than the study, so that its surrogate is a little worse and its
    draws are off by a common amount; what they tell is how far estimates spread.

    Parameters
    ----------
    estimate : array [k]
    draws : array [B, k]
    confidence : float

    Returns
    -------
    low, high : arrays [k]
        NaN without draws.
    """
    if not len(draws):
        return np.full_like(estimate, np.nan), np.full_like(estimate, np.nan)
    tail = (1 - confidence) / 2
    low, high = np.quantile(draws, [tail, 1 - tail], axis=0) - draws.mean(axis=0) + estimate
    # Skewed draws need not hold their own mean.
    return np.minimum(low, estimate), np.maximum(high, estimate)


def _whole_seeds(n_seeds: int, rng: np.random.Generator) -> Array:
    return np.bincount(rng.integers(0, n_seeds, n_seeds), minlength=n_seeds).astype(float)


def _own_runs(scores: Array, rng: np.random.Generator) -> Array:
    """Draw as many runs as each configuration has, from its own; weights [n, S]."""
    if scores.shape[1] == 1:
        return np.ones(scores.shape)
    weights = np.zeros(scores.shape)
    for row, values in enumerate(scores):
        own = np.flatnonzero(~np.isnan(values))
        np.add.at(weights[row], own[rng.integers(0, len(own), len(own))], 1.0)
    return weights
