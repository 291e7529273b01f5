"""Several importances side by side: methods, environments, times; and how far they agree."""

from __future__ import annotations

import html
import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from ConfigSpace import ConfigurationSpace
from scipy import stats

from rlhp.arguments import instance, shown, text, whole
from rlhp.importance._fanova import fanova
from rlhp.importance._result import Importance
from rlhp.importance._study import Score, as_score, common_steps
from rlhp.runs import Runs

Method = Callable[..., Importance]


@dataclass(frozen=True, eq=False)
class Importances:
    """Importances side by side.

    Attributes
    ----------
    by : str
        What tells them apart: "method", "env_id" or "step".
    results : dict
        Label to importance, in order.
    """

    by: str
    results: Mapping[str, Importance]

    @property
    def table(self) -> pd.DataFrame:
        """One row a label and hyperparameter: `by`, `name`, `share`, `low`, `high`, `rank` (1 is the first), `r2`.

        Shares are main effects, or totals where a method has only these. Where a fit is too poor they are missing;
        where all configurations scored the same they are 0, and nothing has a rank.
        """
        frames = []
        for label, one in self.results.items():
            r2 = np.nan if one.r2 is None else one.r2
            if one.poor_fit and not one.allow_poor_fit:
                rows = pd.DataFrame({"name": list(one.names), "share": np.nan, "low": np.nan, "high": np.nan})
                frames.append(rows.assign(rank=np.nan, r2=r2, label=label))
                continue
            kind = one.terms[0][0]
            rows = one.table
            rows = rows.loc[rows["kind"] == kind, ["name", "share", "low", "high"]]
            rank = np.nan if one.alike is not None else rows["share"].rank(ascending=False, method="min")
            frames.append(rows.assign(rank=rank, r2=r2, label=label))
        whole = pd.concat(frames, ignore_index=True).rename(columns={"label": self.by})
        return whole[[self.by, "name", "share", "low", "high", "rank", "r2"]]

    @property
    def shares(self) -> pd.DataFrame:
        """Shares, one row a hyperparameter, one column a label; the largest mean first."""
        wide = self.table.pivot(index="name", columns=self.by, values="share")
        wide = wide[[label for label in self.results if label in wide.columns]]
        return wide.loc[wide.mean(axis=1).sort_values(ascending=False, kind="stable").index]

    @property
    def kendall(self) -> pd.DataFrame:
        """Kendall's tau-b between the orders that each pair gives to the hyperparameters that both name.

        1 is the same order, 0 none in common, -1 the reverse; missing where a fit is too poor.
        """
        wide = self.shares
        labels = list(wide.columns)
        tau = np.eye(len(labels))
        for a, first in enumerate(labels):
            for b, second in enumerate(labels[:a]):
                both = wide[[first, second]].dropna()
                tau[a, b] = tau[b, a] = (
                    stats.kendalltau(both[first], both[second]).statistic if len(both) > 1 else np.nan
                )
        return pd.DataFrame(tau, index=pd.Index(labels, name=self.by), columns=labels)

    @property
    def agreement(self) -> float:
        """Mean of Kendall's tau over all pairs; NaN if there is none."""
        tau = self.kendall.to_numpy()
        pairs = tau[np.tril_indices(len(tau), -1)]
        known = pairs[~np.isnan(pairs)]
        return float(known.mean()) if len(known) else float("nan")

    def _title(self) -> str:
        said = f"{len(self.results)} importances by {self.by}"
        return said if np.isnan(self.agreement) else f"{said}; mean Kendall's tau {self.agreement:.2f}"

    def _notes(self) -> list[str]:
        return [
            f"{label}: {one.title}; {one.alike_text or one.fit_text}{' (too poor, left out)' if one.poor_fit else ''}"
            for label, one in self.results.items()
        ]

    def __repr__(self) -> str:
        rows = self.shares.to_string(float_format=lambda number: f"{number:.3f}")
        return "\n".join([f"Importances: {self._title()}", *self._notes(), rows])

    def _repr_html_(self) -> str:
        rows = self.shares.to_html(float_format=lambda number: f"{number:.3f}")
        notes = "<br>".join(html.escape(note) for note in self._notes())
        return f"<p><b>{html.escape(self._title())}</b><br>{notes}</p>{rows}"


def agreement(results: Mapping[str, Importance] | Sequence[Importance], *, by: str = "method") -> Importances:
    """Put importances side by side, with how far their orders agree.

    Parameters
    ----------
    results : sequence of Importance, or mapping
        A sequence is labelled by its methods.
    by : str
        What the labels are, for the table.

    Raises
    ------
    ValueError
        If there are fewer than two, or two have one label.

    Examples
    --------
    >>> agreement([importance.fanova(...), importance.ped_anova(...)]).kendall  # doctest: +SKIP
    """
    text("by", by)
    if not isinstance(results, Mapping | Sequence) or isinstance(results, str | bytes):
        raise TypeError(f"`results` is {shown(results)}; give several Importance, or a mapping of labels to them.")
    for label, one in results.items() if isinstance(results, Mapping) else enumerate(results):
        instance(
            f"results[{label!r}]", one, Importance, hint="`results` are what importance.fanova(...) and others give."
        )
    labelled = dict(results) if isinstance(results, Mapping) else {one.method: one for one in results}
    if len(labelled) < len(results):
        raise ValueError("two of these have the same method; give a mapping from labels to importances.")
    if len(labelled) < 2:
        raise ValueError(f"{len(labelled)} importance has nothing to agree with; `results` needs two or more.")
    return Importances(by, labelled)


def across(
    runs: Runs,
    space: ConfigurationSpace,
    objective: str | Score = "final_return",
    *,
    method: Method = fanova,
    **options: Any,
) -> Importances:
    """Compute an importance on each environment by itself, and put them side by side.

    Parameters
    ----------
    runs : Runs
        Of one algorithm on several environments.
    space, objective
        As for the method.
    method : callable
        `fanova`, `ped_anova`, `local`, ...
    **options
        Of the method; `rng` must be an int, so that the environments share their random numbers.

    Raises
    ------
    ValueError
        If there is one environment only, or the method refuses.

    Examples
    --------
    >>> across(runs, space, method=importance.ped_anova, rng=0)  # doctest: +SKIP
    """
    _asked(runs, method)
    environments = [str(one) for one in runs.table["env_id"].unique()]
    if len(environments) < 2:
        raise ValueError(f"runs on {len(environments)} environment; `across` compares several: join runs by `concat`.")
    return Importances(
        "env_id", {one: method(runs.select(env_id=one), space, objective, **options) for one in environments}
    )


def over_training(
    runs: Runs,
    space: ConfigurationSpace,
    objective: str | Score = "final_return",
    *,
    steps: Sequence[int] | None = None,
    method: Method = fanova,
    **options: Any,
) -> Importances:
    """Compute an importance at each evaluation, as if training had ended there.

    A run that failed later counts as what it was then. `wall_time` and `cpu_time` cannot be cut and are refused.

    Parameters
    ----------
    runs, space, objective
        As for the method. `final_return` is then the return at that step.
    steps : sequence of int, optional
        Environment steps; by default those at which every run that finished was evaluated.
    method : callable
        `fanova`, `ped_anova`, ...
    **options
        Of the method; `rng` must be an int, so that neighbouring steps share their random numbers.

    Raises
    ------
    ValueError
        If there is no common step, or the method refuses.

    Examples
    --------
    >>> over_training(runs, space, rng=0, fit=importance.Fit(n_boot=40)).table  # doctest: +SKIP
    """
    _asked(runs, method)
    asked = as_score(objective)
    at = common_steps(runs) if steps is None else given_steps(runs, steps)
    if not at:
        raise ValueError("no step at which every finished run was evaluated; give `steps=`.")
    return Importances("step", {str(one): method(runs, space, replace(asked, at=one), **options) for one in at})


def _asked(runs: Any, method: Any) -> None:
    instance("runs", runs, Runs)
    try:
        takes = set(inspect.signature(method).parameters)
    except Exception:  # of what is no function anything may come
        takes = set()
    if not {"runs", "space", "objective"} <= takes:
        raise TypeError(f"`method` is {shown(method)}; give a method of this room, such as importance.ped_anova.")


def given_steps(runs: Runs, steps: Any) -> list[int]:
    """Return environment steps as a list, or say what is wrong with them."""
    if not isinstance(steps, Iterable) or isinstance(steps, str | bytes | Mapping) or getattr(steps, "ndim", 1) != 1:
        raise TypeError(f"`steps` is {shown(steps)}; give a list of environment steps, such as [10_000, 50_000].")
    given = [whole("steps", one, at_least=0, hint="Give a list of environment steps.") for one in steps]
    if given and len(runs.evals) and min(given) < runs.evals["step"].min():
        raise ValueError(f"`steps` holds {min(given)}; the first evaluation is at {runs.evals['step'].min()}.")
    return given
