"""How good forecasts would have been: finished runs, cut after a first part, forecast from the other configurations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from rlhp.arguments import random_generator, whole
from rlhp.curves._options import share
from rlhp.curves._statistic import Array
from rlhp.curves.extrapolation._extrapolate import extrapolate
from rlhp.curves.extrapolation._forecast import mixture_alone
from rlhp.curves.extrapolation._mixture import normals
from rlhp.curves.extrapolation._parts import Group, Part, ended, parts
from rlhp.curves.extrapolation._question import Question
from rlhp.curves.extrapolation._reference import FEWEST_RUNS, Known, enough, reference, with_families
from rlhp.curves.extrapolation._shapes import PARAMETRIC
from rlhp.runs import Runs, need_runs
from rlhp.showing import as_html, as_text, percent


@dataclass(frozen=True, eq=False)
class Backtest:
    """What forecasts from a first part of training came to.

    Attributes
    ----------
    runs : DataFrame, one row per run
        `run_id`, `env_id`, `algorithm`, `horizon`, `config_id`, `fold`, `actual` (the last evaluation), `last` (the
        last one seen), `estimate`, `low`, `high`, `covered`, `mixture` (estimate of the mixture without similar runs).
    families : DataFrame [runs, F], index `run_id`
        Estimate of every family alone, its weights learned from the same configurations.
    draws : mapping of (env_id, algorithm, horizon) to DataFrame
        Bootstrap draws (B rows) of the errors and the coverage; whole configurations are drawn.
    first, confidence : float
    left_out : dict
        Number of runs per reason why they were not forecast.
    value : str
    """

    runs: pd.DataFrame
    families: pd.DataFrame
    draws: dict[Group, pd.DataFrame]
    first: float
    confidence: float
    left_out: dict[str, int]
    value: str

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row per environment, algorithm and horizon.

        `mae` is the mean absolute error of the forecasts, `mae_last` that of the last value seen, `mae_mixture` that of
        the mixture without similar runs, `mae_family` that of the single family with the least error *on these very
        runs* (`best_family`; nobody knows it beforehand). `vs_last` and `vs_family` are the errors saved, with 95 %
        intervals over configurations (`_low`, `_high`); `coverage` is the share of outcomes inside the intervals.
        `width` is the mean width of intervals as a share of the range of outcomes, `tied` the share of outcomes at the
        one value that most have, where intervals cannot but cover more.
        """
        return pd.DataFrame([self._row(key, own) for key, own in _grouped(self.runs)])

    def _row(self, key: Group, own: pd.DataFrame) -> dict[str, object]:
        mae = _errors(own, self.families.loc[own["run_id"]])
        alone = {str(name): mae[str(name)] for name in self.families}
        best = min(alone, key=lambda name: alone[name])
        reach = float(np.ptp(own["actual"])) or 1.0
        row: dict[str, object] = {"env_id": key[0], "algorithm": key[1], "horizon": key[2], "n": len(own)}
        row |= {"n_configs": own["config_id"].nunique(), "mae": mae["estimate"], "mae_last": mae["last"]}
        row |= {"mae_mixture": mae["mixture"], "best_family": best, "mae_family": mae[best]}
        drawn = self.draws[key]
        for name, other in (("vs_last", "last"), ("vs_family", best)):
            low, high = np.quantile(drawn[other] - drawn["estimate"], [0.025, 0.975])
            row |= {name: mae[other] - mae["estimate"], f"{name}_low": float(low), f"{name}_high": float(high)}
        low, high = np.quantile(drawn["covered"], [0.025, 0.975])
        row |= {"coverage": float(own["covered"].mean()), "coverage_low": float(low), "coverage_high": float(high)}
        row["width"] = float((own["high"] - own["low"]).mean()) / reach
        row["tied"] = float(own["actual"].value_counts(normalize=True).iloc[0])
        return row

    def _title(self) -> str:
        return f"final {self.value} forecast from the first {100 * self.first:.3g} % of training, {len(self.runs)} runs"

    def _notes(self) -> list[str]:
        notes = [
            f"mean absolute errors in the unit of the return; {percent(self.confidence)} intervals; the configurations "
            f"of a fold are forecast from all others; 95 % intervals by bootstrap of configurations"
        ]
        if self.left_out:
            notes.append("left out: " + "; ".join(f"{n} ({why})" for why, n in self.left_out.items()))
        return notes

    def __repr__(self) -> str:
        return as_text("Backtest", self._title(), self._notes(), self.table)

    def _repr_html_(self) -> str:
        return as_html(self._title(), self._notes(), self.table)


def backtest(
    runs: Runs,
    *,
    rng: int | np.random.Generator,
    first: float = 1 / 3,
    folds: int = 10,
    value: str = "return_mean",
    confidence: float = 0.8,
    n_boot: int = 1000,
) -> Backtest:
    """Forecast finished runs from their first part and compare with what came.

    Parameters
    ----------
    runs : Runs
        Finished runs of several configurations, such as a sweep; environments, algorithms and lengths are
        taken one by one.
    rng : int or numpy.random.Generator
    first : float
        Fraction of training that is looked at.
    folds : int
        Configurations are dealt to so many folds (one each where there are fewer); those of a fold are forecast with
        the others as reference, so that no run is forecast by another seed of its configuration.
    value : str
        Column of `runs.evals`.
    confidence : float
        Of the intervals.
    n_boot : int
        Bootstrap draws over configurations.

    Returns
    -------
    Backtest

    Raises
    ------
    ValueError
        If an option is impossible, or no environment has enough finished runs of two configurations.

    Examples
    --------
    >>> from rlhp import curves, datasets
    >>> result = curves.backtest(datasets.load("exploration_cartpole"), folds=3, rng=0)
    >>> bool(result.table["vs_last"].item() > 0)
    True
    """
    random_generator(rng)
    share("first", first, usual="1/3", what="the fraction of training to look at")
    whole("folds", folds, at_least=2)
    need_runs(runs)
    rng = np.random.default_rng(rng)
    full, left_out = _whole(runs, value, first)
    rows: list[pd.DataFrame] = []
    alone: list[pd.DataFrame] = []
    for own, dealt in _by_group(full, folds, left_out):
        for fold, mine in enumerate(dealt):
            test = [part for part in own if part.config_id in mine]
            train = runs.select([part.run_id for part in own if part.config_id not in mine])
            found, families = _fold(runs, test, train, value, first, confidence, rng)
            rows.append(found.assign(fold=fold))
            alone.append(families)
    if not rows:
        raise ValueError(
            f"nothing to backtest: no environment has {FEWEST_RUNS} finished runs beside those of a configuration, or "
            f"of a fold, to learn from; give more folds or more runs (folds={folds}; left out: "
            f"{left_out or 'nothing'})."
        )
    table, families = pd.concat(rows, ignore_index=True), pd.concat(alone)
    draws = {key: _bootstrap(own, families.loc[own["run_id"]], n_boot, rng) for key, own in _grouped(table)}
    return Backtest(table, families, draws, first, confidence, left_out, value)


def _whole(runs: Runs, value: str, first: float) -> tuple[list[Part], dict[str, int]]:
    left_out: dict[str, int] = {}
    status = runs.table["status"]
    kept = []
    early = {part.run_id: part for part in parts(runs, value=value, horizon=None, first=first)}
    for part in sorted(parts(runs, value=value, horizon=None, first=None), key=lambda part: part.run_id):
        why = ""
        if status[part.run_id] != "finished":
            why = str(status[part.run_id])
        elif part.note or not ended(part):
            why = part.note or "no evaluation at the end"
        elif early[part.run_id].note:
            why = early[part.run_id].note
        if why:
            left_out[why] = left_out.get(why, 0) + 1
        else:
            kept.append(part)
    return kept, left_out


def _by_group(whole: list[Part], folds: int, left_out: dict[str, int]) -> Iterator[tuple[list[Part], list[set[str]]]]:
    """Return the runs of each environment and algorithm of which every fold leaves enough, and the folds' configs."""
    for group in sorted({part.group for part in whole}):
        own = [part for part in whole if part.group == group]
        configs = sorted({part.config_id for part in own})
        dealt = [set(configs[fold::folds]) for fold in range(min(folds, len(configs)))]
        rest = [[part for part in own if part.config_id not in mine] for mine in dealt]
        if all(enough(others) for others in rest):
            yield own, dealt
            continue
        most = max(pd.Series([part.config_id for part in own]).value_counts())
        why = f"too few runs of {group[1]} on {group[0]} to {group[2]:,} steps"
        if len(own) - most >= FEWEST_RUNS:
            fewest = min(map(len, rest))
            why += f" for {len(dealt)} folds: one leaves {fewest} others to learn from"
            why += ", all alike" if fewest >= FEWEST_RUNS else f", {FEWEST_RUNS} are needed"
        left_out[why] = left_out.get(why, 0) + len(own)


def _fold(
    runs: Runs,
    test: list[Part],
    train: Runs,
    value: str,
    first: float,
    confidence: float,
    rng: np.random.Generator,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    learned = reference(train, rng=rng, value=value)
    asked = runs.select([part.run_id for part in test])
    result = extrapolate(asked, rng=rng, first=first, reference=learned, value=value, confidence=confidence)
    table = result.table.set_index("run_id")
    by_id = {part.run_id: part for part in test}
    actual = np.array([by_id[str(one)].last for one in table.index])
    slack = 1e-9 * (1 + np.abs(actual))
    covered = (table["low"] - slack <= actual) & (actual <= table["high"] + slack)
    own = table[["env_id", "algorithm", "horizon", "last", "estimate", "low", "high"]].assign(
        config_id=[by_id[str(one)].config_id for one in table.index], actual=actual, covered=covered
    )
    known = learned.groups[test[0].group]
    early = parts(asked, value=value, horizon=None, first=first)
    normal = normals(rng)
    own["mixture"] = _alone(known, early, normal)
    families = {name: _alone(with_families(known, [name]), early, normal) for name in PARAMETRIC}
    return own.reset_index(), pd.DataFrame(families, index=table.index)


def _alone(known: Known, early: list[Part], normal: Array) -> Array:
    """Forecast with the mixture of `known` only: array [runs]."""
    result = np.empty(len(early))
    patterns: dict[tuple[float, ...], list[int]] = {}
    for row, part in enumerate(early):
        patterns.setdefault(part.fractions, []).append(row)
    for seen, rows in patterns.items():
        values = known.unit(np.stack([early[row].values for row in rows]))
        found, _ = mixture_alone(known, Question(seen, (1.0,), values, None), known.mixture.weights, normal)
        result[rows] = known.low + (known.high - known.low) * np.median(found[..., 0], axis=1)
    return result


def _grouped(runs: pd.DataFrame) -> Iterator[tuple[Group, pd.DataFrame]]:
    for _, own in runs.groupby(["env_id", "algorithm", "horizon"], sort=True):
        one = own.iloc[0]
        yield (str(one["env_id"]), str(one["algorithm"]), int(one["horizon"])), own


def _errors(own: pd.DataFrame, families: pd.DataFrame) -> dict[str, float]:
    actual = own["actual"].to_numpy()
    said = {name: own[name].to_numpy() for name in ("estimate", "last", "mixture")}
    said |= {str(name): families[name].to_numpy() for name in families}
    return {name: float(np.abs(values - actual).mean()) for name, values in said.items()}


def _bootstrap(own: pd.DataFrame, families: pd.DataFrame, n_boot: int, rng: np.random.Generator) -> pd.DataFrame:
    """Draw whole configurations: B draws of the mean errors and of the coverage."""
    actual = own["actual"].to_numpy()
    columns = {name: np.abs(own[name].to_numpy() - actual) for name in ("estimate", "last", "mixture")}
    columns |= {str(name): np.abs(families[name].to_numpy() - actual) for name in families}
    columns["covered"] = own["covered"].to_numpy(dtype=np.float64)
    config, _ = pd.factorize(own["config_id"])
    n = int(config.max()) + 1
    each = np.stack([np.bincount(config, weights=values, minlength=n) for values in columns.values()], axis=1)
    size = np.bincount(config, minlength=n)
    chosen = rng.integers(0, n, (n_boot, n))
    totals = each[chosen].sum(axis=1) / size[chosen].sum(axis=1)[:, None]
    return pd.DataFrame(totals, columns=list(columns))
