"""The best setting of one environment, tried in others: what tuning in the wrong place costs."""

from __future__ import annotations

from collections.abc import Sequence
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
        `tuned_on` (or "all others": the best mean rank over all but the one it is tested on), `tested_on`, `held_out`
        (whether nothing was tuned there), `score` (mean over the seeds that do not tune), `own` (of the setting that
        tuning there gives), `loss` (own less score), `low`, `high` (of the loss; NaN with fewer than three such seeds),
        and `beats` (share of the
        configurations there that it is better than).
    configurations : dict
        From the name of an environment to the setting tuned on it; of those that were held out there is none.
    held_out : tuple of str
        Environments that only test.
    confidence : float
    """

    table: pd.DataFrame
    configurations: dict[str, dict[str, object]]
    held_out: tuple[str, ...]
    confidence: float

    @property
    def losses(self) -> pd.DataFrame:
        """The losses, a row for what was tuned on and a column for what was tested on."""
        wide = self.table.pivot(index="tuned_on", columns="tested_on", values="loss")
        names = list(self.configurations)
        rows = [*names, *(["all others"] if "all others" in wide.index else [])]
        return wide.reindex(index=rows, columns=[*names, *self.held_out])

    def _title(self) -> str:
        n, more = len(self.configurations), len(self.held_out)
        held = f" and on {more} held out" if more else ""
        return f"the best setting of each of {n} environments, tested on all of them{held}"

    def _notes(self) -> list[str]:
        away = self.table[self.table["tuned_on"] != self.table["tested_on"]]
        few = "fewer than three seeds test, too few for an interval of the loss"
        notes, known = [], away["low"].notna()
        for held in (False, True):
            some = away[known & (away["held_out"] == held)]
            where = f"; held out: {', '.join(self.held_out)}" if held else ""
            notes += [
                f"{(some['low'] > 0).sum()} of {len(some)} settings from elsewhere lose to the one tuned in place, "
                f"beyond chance{where}"
            ] * bool(len(some))
        notes += [
            f"tuned by the tuning seeds, tested by the others; {percent(self.confidence)} intervals of the loss by "
            f"Student's t with Welch's degrees of freedom, within what an episode can return; two settings that never "
            f"vary have none",
        ]
        if not known.all():
            notes.append(f"of {(~known).sum()} settings from elsewhere nobody can say: {few}")
        return notes

    def __repr__(self) -> str:
        return as_text("Generalisation", self._title(), self._notes(), self.table)

    def _repr_html_(self) -> str:
        return as_html(self._title(), self._notes(), self.table)


def generalisation(sources: Sources, *, held_out: Sequence[str] = (), confidence: float = 0.95) -> Generalisation:
    """Take the best setting of each environment and look up what it is worth in the others.

    Parameters
    ----------
    sources : sequence of data sets or pools, or mapping from names to data sets, runs or pools
        Two or more sweeps of the same configurations, each with a seed or more that does not tune. They may be of one
        environment whose parameters differ: `rlhp.hpo.worlds` parts runs by them.
    held_out : sequence of str
        Those of `sources` in which nothing is tuned: settings from the others are tested there.
    confidence : float

    Returns
    -------
    Generalisation

    Raises
    ------
    ValueError
        If the sweeps do not have the same configurations, or all seeds of one tune, or all are held out.

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
    >>> found = hpo.generalisation(["ppo_cartpole", "ppo_acrobot"])  # or hpo.worlds(runs)
    >>> found.table[found.table["tuned_on"] == found.table["tested_on"]]["loss"].tolist()
    [0.0, 0.0]
    """
    made = pools_of("sources", sources, at_least=2)
    arguments.real("confidence", confidence, above=0, below=1)
    held = [arguments.choice("held_out", one, made) for one in arguments.name_list("held_out", held_out)]
    tuned_in = [name for name in made if name not in held]
    if not tuned_in:
        raise ValueError("`held_out` has all of `sources`; leave one to tune on.")
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
        candidates = {name: best[name] for name in tuned_in}
        rest = [levels[name] for name in tuned_in if name != tested]
        if len(rest) > 1:
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
                    "held_out": tested in held,
                    "score": float(score.mean()),
                    "own": float(own.mean()),
                    "loss": loss,
                    "low": low,
                    "high": high,
                    "beats": float((means < means[at]).mean()),
                }
            )
    chosen = {name: dict(made[first].configurations[keys[first][order[best[name]]]]) for name in tuned_in}
    return Generalisation(pd.DataFrame(rows_out), chosen, tuple(name for name in made if name in held), confidence)
