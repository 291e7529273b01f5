"""How sure a front is: what of it stays when the seeds are others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from rlhp.arguments import choice, name_list, random_generator, real, sequence, shown, whole
from rlhp.curves._hypervolume import dominated_volume, reference_point
from rlhp.curves._limits import EVERYTHING, Limits, limits_of
from rlhp.curves._pareto import Aim, ParetoFront, gains_of, not_beaten
from rlhp.curves._statistic import MEAN, Array, student_interval
from rlhp.objectives import OBJECTIVES, PER_CONFIG, Failures, Scores, direction, score
from rlhp.runs import Runs, need_runs
from rlhp.showing import as_html, as_text, percent


@dataclass(frozen=True, eq=False)
class FrontStability:
    """A front with what its seeds leave open; made by `front_stability`.

    Attributes
    ----------
    front : ParetoFront
        Of all seeds; with test seeds, of all others.
    table : DataFrame, one row per configuration, index `config_id`, those on the front first
        Each objective with `<name>.low` and `<name>.high` (within what it can be: what an episode can return, and no
        time or steps below 0), `on_front`, and `share`: of the resamples, in how many no other configuration beats it.
        With test seeds the objectives are by these, and the front and the shares by the others.
    hypervolume : tuple of float
        Of the front, and the ends of its interval, which may lie below: see Notes of `front_stability`.
    reference : dict
        The point that it is measured from.
    volumes : array [n_boot]
        The hypervolume of each resample.
    n_seeds, n_test, n_failed : int
        Seeds that say which configurations are on the front, seeds that only score them, and failed runs of both.
    failures : str or float
    confidence : float
    """

    front: ParetoFront
    table: pd.DataFrame
    hypervolume: tuple[float, float, float]
    reference: dict[str, float]
    volumes: Array
    n_seeds: int
    n_test: int
    n_failed: int
    failures: str | float
    confidence: float

    def _title(self) -> str:
        sure = int((self.table["share"][self.table["on_front"]] >= 0.5).sum())
        return (
            f"of {len(self.front.front)} configurations on the front of {self.front.where}, {sure} are on it in half "
            f"of the resamples or more"
        )

    def _notes(self) -> list[str]:
        value, low, high = self.hypervolume
        fresh = (
            "chosen among many and scored by the same seeds, a front flatters: give `test_seeds` that score it again"
        )
        if self.n_test:
            fresh = f"objectives and hypervolume by {self.n_test} test seeds, which did not choose the front"
        return [
            f"hypervolume {value:.4g}, {percent(self.confidence)} interval {low:.4g} to {high:.4g}",
            f"measured from {self.reference}",
            f"{len(self.volumes):,} resamples of {self.n_seeds} seeds within each configuration; intervals of means by "
            f"Student's t, of spreads by resampling",
            f"failures={self.failures!r}: {self.n_failed} runs failed",
            fresh,
        ]

    def __repr__(self) -> str:
        shown = self.table[self.table["on_front"]].reset_index()
        return as_text("FrontStability", self._title(), self._notes(), shown)

    def _repr_html_(self) -> str:
        return as_html(self._title(), self._notes(), self.table[self.table["on_front"]].reset_index())


def front_stability(
    runs: Runs,
    objectives: Sequence[str],
    *,
    failures: Failures,
    rng: int | np.random.Generator,
    reference: Mapping[str, float] | None = None,
    threshold: float | None = None,
    test_seeds: Sequence[int] = (),
    confidence: float = 0.95,
    n_boot: int = 1000,
) -> FrontStability:
    """Resample the seeds of each configuration, and see which of a front stays.

    Parameters
    ----------
    runs : Runs
        Of one environment; each configuration with equally many seeds, two at the least.
    objectives : sequence of str
        Two or more of `rlhp.objectives.names`. Means over the seeds, and the standard deviation `seed_std`.
    failures : {"worst", "raise"} or float
        As in `rlhp.objectives.score`; "drop" would leave configurations with unequal seeds.
    rng : int or numpy.random.Generator
    reference : mapping, optional
        What the hypervolume is measured from, a value an objective; by default the worst of each in these runs.
    threshold : float, optional
        For `steps_to_threshold`.
    test_seeds : sequence of int
        Seeds of `runs` that do not say which configurations are on the front, and alone score them. Without any the
        seeds that chose the front score it, and its points look better than they are.
    confidence : float
    n_boot : int
        Resamples.

    Returns
    -------
    FrontStability

    Raises
    ------
    ValueError
        If an argument cannot be, or the seeds are too few or not equally many.

    Notes
    -----
    The front of noisy scores is that of the lucky ones, and its hypervolume too large. Resampling makes it larger once
    more by about as much, so that its interval is reflected about the estimate (the "basic" bootstrap). With few seeds
    it still holds the true hypervolume less often than it says. With test seeds the hypervolume is that of the points
    that the others chose, by scores that had no part in it; where points are level, the luckier one still counts.

    A resample of n seeds varies less than n new ones, by (n - 1) / n: standard deviations are scaled back by the root.
    In `seed_std` a resample with a failed seed is as bad as the failures policy says of the configuration.

    References
    ----------
    A. C. Davison and D. V. Hinkley (1997), Bootstrap methods and their application, chapter 5.

    Examples
    --------
    >>> from rlhp import curves, datasets
    >>> found = curves.front_stability(
    ...     datasets.load("sac_pendulum"), ["final_return", "seed_std"], failures="worst", rng=0, n_boot=100
    ... )
    >>> list(found.table)[:3], bool(found.table["share"].between(0, 1).all())
    (['final_return', 'final_return.low', 'final_return.high'], True)
    """
    need_runs(runs)
    names = name_list("objectives", objectives, empty=False, hint="Two or more of `rlhp.objectives.names()`.")
    if len(names) < 2:
        raise ValueError(f"`objectives` is {names}; a front needs two or more.")
    if isinstance(failures, str):
        choice("failures", failures, ("worst", "raise"), hint="'drop' would leave configurations unequal seeds.")
    else:
        real("failures", failures)
    real("confidence", confidence, above=0, below=1)
    whole("n_boot", n_boot, at_least=2, at_most=1_000_000)
    if threshold is not None and "steps_to_threshold" not in names:
        raise ValueError("`threshold` is for steps_to_threshold, which is none of `objectives`; leave it out.")
    stream = random_generator(rng)
    environments = sorted(set(map(str, runs.table["env_id"])))
    if len(environments) != 1:
        raise ValueError(f"`runs` is of {len(environments)} environments, whose scores are not on one scale; give one.")
    testing = _test_seeds(runs, test_seeds)
    judge = runs.table["seed"].isin(testing)
    choosing = runs.select(~judge) if testing else runs
    parts = [_Part.of(choosing, name, failures, threshold) for name in names]
    tests = [_Part.of(runs.select(judge), name, failures, threshold) for name in names] if testing else parts
    if set(tests[0].index) != set(parts[0].index):
        raise ValueError("`test_seeds` did not train every configuration; train all of them, or give other seeds.")
    n_seeds = parts[0].values.shape[1]
    scores = pd.DataFrame({one.aim.name: one.all_seeds(confidence)[0] for one in parts}, index=parts[0].index)
    aims = [one.aim for one in parts]
    front = ParetoFront.of(scores, aims, what="configurations", where=environments[0])
    signs = np.array([one.sign for one in aims])
    gains = gains_of(scores, aims)
    point = gains.min(axis=0) if reference is None else reference_point(names, reference) * signs
    kept, volumes = np.zeros(len(scores)), np.empty(n_boot)
    chosen = front.table["on_front"].loc[tests[0].index].to_numpy()
    for at in range(n_boot):
        picked = stream.integers(0, n_seeds, parts[0].values.shape)
        drawn = np.column_stack([one.resampled(picked) for one in parts]) * signs
        on = not_beaten(drawn)
        kept += on
        if testing:
            picked = stream.integers(0, tests[0].values.shape[1], tests[0].values.shape)
            drawn, on = np.column_stack([one.resampled(picked) for one in tests]) * signs, chosen
        volumes[at] = dominated_volume(drawn[on], point)
    columns: dict[str, Any] = {}
    for one in tests:
        value, low, high = one.all_seeds(confidence, stream, n_boot)
        columns |= {one.aim.name: value, f"{one.aim.name}.low": low, f"{one.aim.name}.high": high}
    table = pd.DataFrame(columns, index=tests[0].index).loc[scores.index]
    volume = dominated_volume(table.loc[front.table["on_front"], names].to_numpy() * signs, point)
    table = table.assign(on_front=front.table["on_front"], share=kept / n_boot)
    table = table.sort_values(["on_front", names[0]], ascending=[False, aims[0].sign < 0], kind="stable")
    tail = (1 - confidence) / 2
    low, high = np.maximum(2 * volume - np.quantile(volumes, [1 - tail, tail]), 0.0)
    return FrontStability(
        front,
        table,
        (volume, float(low), float(high)),
        dict(zip(names, (point * signs).tolist(), strict=True)),
        volumes,
        n_seeds,
        len(testing),
        max(one.n_failed for one in parts) + (max(one.n_failed for one in tests) if testing else 0),
        failures,
        confidence,
    )


@dataclass(frozen=True, eq=False)
class _Part:
    """One objective of all configurations: what each seed says, and how seeds are put together."""

    aim: Aim
    index: pd.Index
    values: Array  # [configurations, seeds]
    failed: np.ndarray  # [configurations, seeds]
    spread: bool
    least: float  # what a spread is where a seed failed
    limits: Limits  # of a mean
    n_failed: int

    @classmethod
    def of(cls, runs: Runs, name: str, failures: Failures, threshold: float | None) -> _Part:
        spread = name in PER_CONFIG
        options = {"threshold": threshold} if name == "steps_to_threshold" else {}
        each = score(runs, "final_return" if spread else name, failures=failures, per="run", **options)  # type: ignore[arg-type]
        owner, index = pd.factorize(each.table["config_id"])
        counts = np.bincount(owner)
        if counts.min() < 2 or counts.min() < counts.max():
            raise ValueError(
                f"the configurations have {counts.min()} to {counts.max()} seeds; give each equally many, two or more."
            )
        order = np.argsort(owner, kind="stable").reshape(len(index), -1)
        whole_scores: Scores = score(runs, name, failures=failures, per="config", **options)  # type: ignore[arg-type]
        return cls(
            aim=Aim(name, direction(name), whole_scores.unit),
            index=pd.Index(index, name="config_id", dtype="str"),
            values=each.table["value"].to_numpy(np.float64)[order],
            failed=(each.table["failure"] != "").to_numpy()[order],
            spread=spread,
            least=float(whole_scores.values.max()),
            limits=_limits(runs, name, each.table["value"].to_numpy(np.float64)),
            n_failed=each.n_failed,
        )

    def resampled(self, picked: np.ndarray) -> Array:
        """Return the objective [configurations] of resampled seeds, indices [configurations, seeds]."""
        drawn = np.take_along_axis(self.values, picked, axis=1)
        if not self.spread:
            return np.asarray(drawn.mean(axis=1))
        n = drawn.shape[1]
        spread = drawn.std(axis=1, ddof=1) * np.sqrt(n / (n - 1))
        lost = np.take_along_axis(self.failed, picked, axis=1).any(axis=1)
        return np.where(lost, self.least, spread)

    def all_seeds(
        self, confidence: float, stream: np.random.Generator | None = None, n_boot: int = 0
    ) -> tuple[Array, Array, Array]:
        """Return the objective [configurations] of all seeds and its interval; a spread has none without a stream."""
        if not self.spread:
            low, high = student_interval(self.values.T, MEAN, confidence=confidence)
            return self.values.mean(axis=1), np.clip(low, *self.limits), np.clip(high, *self.limits)
        value = np.where(self.failed.any(axis=1), self.least, self.values.std(axis=1, ddof=1))
        if stream is None:
            return value, value, value
        draws = [self.resampled(stream.integers(0, self.values.shape[1], self.values.shape)) for _ in range(n_boot)]
        tail = (1 - confidence) / 2
        low, high = np.quantile(np.array(draws), [tail, 1 - tail], axis=0)
        return value, low, high


def _test_seeds(runs: Runs, given: Any) -> list[int]:
    """Return the seeds that only score."""
    seeds = {whole(f"test_seeds[{at}]", one, at_least=0) for at, one in enumerate(sequence("test_seeds", given))}
    there = set(map(int, runs.table["seed"]))
    if seeds - there:
        missing, known = min(seeds - there), shown(sorted(there))
        raise ValueError(f"`test_seeds` has {missing}, which the runs do not have; they have {known}.")
    if seeds and (len(seeds) < 2 or len(there - seeds) < 2):
        raise ValueError(
            f"`test_seeds` is {shown(given)} of {shown(sorted(there))}; leave two to choose, and give two."
        )
    return sorted(seeds)


def _limits(runs: Runs, name: str, values: Array) -> Limits:
    """Return the least and the most that the mean of an objective can be."""
    if OBJECTIVES[name].is_return:
        return limits_of(runs.table["env_id"].unique(), values)
    return (0.0, np.inf) if OBJECTIVES[name].unit in ("seconds", "environment steps") else EVERYTHING
