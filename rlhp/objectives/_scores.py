"""What scoring gives."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from rlhp.objectives._definitions import Direction

Per = Literal["run", "config"]
Failures = Literal["worst", "drop", "raise"] | float
"""What a run that did not finish counts as: the worst score, nothing, an error, or a number."""


@dataclass(frozen=True, eq=False)
class Scores:
    """What runs or configurations are worth by one objective; made by `score`.

    Attributes
    ----------
    values : Series of float, index `run_id` or `config_id`
        The scores, in the order of the runs. Never missing: what was dropped is not there.
    table : DataFrame, same index, one row per run or configuration, dropped ones too
        Per run: `config_id`, `env_id`, `value` (missing if dropped), `status`, `failure` (why the run counts as failed;
        empty if it does not), `step` (environment steps at its last evaluation), `n_evals`; for `steps_to_threshold`
        also `censored` (it ran, but never reached the threshold) and `observed_until` (steps), for survival analysis.
        Per configuration: `env_id`, `value`, `n` (runs behind the value), `n_failed`, `n_stopped`, and where it applies
        `n_censored`.
    objective, direction, unit : str
    failures : str or float
        The policy for failed runs.
    per : {"run", "config"}
    aggregate : str or None
        How seeds were put together, if they were.
    n : int
        Runs behind the values.
    n_failed, n_stopped : int
        Runs that count as failed; runs that were stopped early and are scored on what they did.
    threshold : float or None
    last : int
        The options of the objective, so that other runs can be scored just so.
    """

    values: pd.Series
    table: pd.DataFrame
    objective: str
    direction: Direction
    unit: str
    failures: Failures
    per: Per
    aggregate: str | None
    n: int
    n_failed: int
    n_stopped: int
    threshold: float | None = None
    last: int = 1

    @property
    def best(self) -> str:
        """Id of the best run or configuration; the first of equals.

        Raises
        ------
        ValueError
            If the scores are of several environments, whose returns are not on one scale.
        """
        environments = self.table["env_id"].unique()
        if len(environments) > 1:
            raise ValueError(
                f"the best of {len(environments)} environments ({', '.join(environments)}) means nothing; score the "
                f"runs of one, e.g. `runs.select(env_id={environments[0]!r})`."
            )
        return str(self.values.idxmax() if self.direction == "maximize" else self.values.idxmin())

    def __repr__(self) -> str:
        return f"Scores({self._summary()})"

    def _repr_html_(self) -> str:
        shown = self.table.head(8)
        rest = len(self.table) - len(shown)
        more = f"<p>and {rest} more rows in <code>.table</code></p>" if rest else ""
        return f"<p><b>Scores</b>: {html.escape(self._summary())}</p>{shown.to_html()}{more}"

    def _summary(self) -> str:
        better = "higher" if self.direction == "maximize" else "lower"
        what = "run" if self.per == "run" else f"configuration ({self.aggregate} over seeds)"
        policy = {"worst": "counted as worst", "drop": "dropped", "raise": ""}.get(
            str(self.failures), f"counted as {self.failures}"
        )
        failed = f"{self.n_failed} failed, {policy}" if self.n_failed else f"none failed (failures={self.failures!r})"
        stopped = f"; {self.n_stopped} stopped early, scored on what they did" if self.n_stopped else ""
        return (
            f"{self.objective} in {self.unit} per {what}, {better} is better; {len(self.values)} values from "
            f"{self.n} runs; {failed}{stopped}"
        )
