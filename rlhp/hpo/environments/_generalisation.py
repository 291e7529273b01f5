"""The best setting of one environment, tried in others: what tuning in the wrong place costs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from rlhp import arguments
from rlhp.hpo.environments._agreement import Sources, filled, pools_of
from rlhp.hpo.tuning._difference import difference
from rlhp.returns import return_bounds
from rlhp.showing import as_html, as_text, percent

__all__ = ["Generalisation", "generalisation"]


@dataclass(frozen=True, eq=False)
class Generalisation:
    """What the best setting of one environment is worth in others; made by `generalisation`.

    Attributes
    ----------
    table : DataFrame, one row per setting and environment
        `tuned_on` (or "all others": the best mean rank over all but the one it is tested on), `tested_on`, `score`
        (mean over the seeds that do not tune), `own` (of the setting that was tuned there), `loss` (own less score),
        `low`, `high` (of the loss; NaN with fewer than three such seeds), and `beats` (share of the
        configurations there that it is better than).
    configurations : dict
        From the name of an environment to the setting tuned on it.
    confidence : float
    """

    table: pd.DataFrame
    configurations: dict[str, dict[str, object]]
    confidence: float

    @property
    def losses(self) -> pd.DataFrame:
        """The losses, a row for what was tuned on and a column for what was tested on."""
        wide = self.table.pivot(index="tuned_on", columns="tested_on", values="loss")
        names = list(self.configurations)
        return wide.reindex(index=[*names, *(["all others"] if "all others" in wide.index else [])], columns=names)

    def _title(self) -> str:
        return f"the best setting of each of {len(self.configurations)} environments, tested on all of them"

    def _notes(self) -> list[str]:
        away = self.table[self.table["tuned_on"] != self.table["tested_on"]]
        worse, known = int((away["low"] > 0).sum()), int(away["low"].notna().sum())
        few = "fewer than three seeds test, too few for an interval of the loss"
        notes = [
            f"{worse} of {known} settings from elsewhere lose to the one tuned in place, beyond chance",
            f"tuned by the tuning seeds, tested by the others; {percent(self.confidence)} intervals of the loss by "
            f"Student's t with Welch's degrees of freedom, within what an episode can return; two settings that never "
            f"vary have none",
        ]
        if known < len(away):
            notes.append(f"of {len(away) - known} settings from elsewhere nobody can say: {few}")
        return notes if known else notes[1:]

    def __repr__(self) -> str:
        return as_text("Generalisation", self._title(), self._notes(), self.table)

    def _repr_html_(self) -> str:
        return as_html(self._title(), self._notes(), self.table)


def generalisation(sources: Sources, *, confidence: float = 0.95) -> Generalisation:
    """Take the best setting of each environment and look up what it is worth in the others.

    Parameters
    ----------
    sources : sequence of data sets or pools, or mapping from names to data sets, runs or pools
        Two or more sweeps of the same configurations, each with a seed or more that does not tune. They may be of one
        environment whose parameters differ: ``{"earth": hpo.pool(runs), "moon": hpo.pool(others)}``.
    confidence : float

    Returns
    -------
    Generalisation

    Raises
    ------
    ValueError
        If the sweeps do not have the same configurations, or all seeds of one tune.

    Notes
    -----
    A setting is chosen by the tuning seeds and scored by all others, in its own environment too: else tuning in place
    would look better than it is. A run that failed counts as the least of its sweep. With fewer than three such seeds
    a loss has no interval: Student's of two is 13 times as wide as its standard error, and says nothing.

    References
    ----------
    T. Eimer, M. Lindauer, R. Raileanu (2023), Hyperparameters in reinforcement learning and how to tune them.

    Examples
    --------
    >>> from rlhp import hpo
    >>> found = hpo.generalisation(["ppo_cartpole", "ppo_acrobot"])
    >>> found.table[found.table["tuned_on"] == found.table["tested_on"]]["loss"].tolist()
    [0.0, 0.0]
    """
    made = pools_of("sources", sources, at_least=2)
    arguments.real("confidence", confidence, above=0, below=1)
    first, *others = made
    keys = {
        name: {repr(sorted(row.items())): at for at, row in enumerate(one.configurations)} for name, one in made.items()
    }
    order = list(keys[first])
    for name in others:
        if set(keys[name]) != set(order):
            raise ValueError(f"`sources`: {first} and {name} are not of the same configurations; measure them in both.")
    for name, one in made.items():
        if not one.judging.held_out:
            raise ValueError(f"`sources`: all seeds of {name} tune; give it some that test.")
    tuning, testing = {}, {}
    for name, one in made.items():
        rows = [keys[name][key] for key in order]
        tuning[name] = filled(one, one.judging.tuning)[rows].mean(axis=1)
        testing[name] = filled(one, one.judging.held_out)[rows]
    levels = {name: (scores[:, None] >= scores).mean(axis=1) for name, scores in tuning.items()}
    best = {name: int(np.argmax(scores)) for name, scores in tuning.items()}
    rows_out = []
    for tested in made:
        candidates = dict(best)
        if len(made) > 2:
            rest = [levels[name] for name in made if name != tested]
            candidates["all others"] = int(np.argmax(np.mean(rest, axis=0)))
        own, environment = testing[tested][best[tested]], str(made[tested].runs.table["env_id"].iloc[0])
        means = testing[tested].mean(axis=1)
        for tuned, at in candidates.items():
            score = testing[tested][at]
            apart = difference(own, score, confidence, return_bounds(environment))
            loss, low, high = (0.0, 0.0, 0.0) if at == best[tested] else apart
            rows_out.append(
                {
                    "tuned_on": tuned,
                    "tested_on": tested,
                    "score": float(score.mean()),
                    "own": float(own.mean()),
                    "loss": loss,
                    "low": low,
                    "high": high,
                    "beats": float((means < means[at]).mean()),
                }
            )
    chosen = {name: dict(made[first].configurations[keys[first][order[at]]]) for name, at in best.items()}
    return Generalisation(pd.DataFrame(rows_out), chosen, confidence)
