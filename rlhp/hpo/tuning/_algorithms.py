"""Which algorithm: where it is part of what is searched, each has a finalist, and the best of each is tested."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from rlhp import spaces
from rlhp.hpo.plans._trials import Trial
from rlhp.hpo.tuning._choosing import Cap, ranked
from rlhp.hpo.tuning._difference import difference

__all__ = ["compared", "finalists_of", "leaders", "said"]


def finalists_of(trials: Sequence[Trial], cap: Cap, n: int) -> list[Trial]:
    """Return the finalists: the best `n`, and the best of each algorithm that is not among them."""
    order = ranked(trials, cap)
    taken, named = order[:n], {_name(one) for one in order[:n]}
    for one in order[n:]:
        if _name(one) not in named:
            taken.append(one)
            named.add(_name(one))
    return taken


def leaders(order: Sequence[Trial]) -> list[Trial]:
    """Return the one to take, and the best of each other algorithm; `order` has the best first."""
    found: dict[str, Trial] = {}
    for one in order:
        found.setdefault(_name(one), one)
    return list(found.values())


def compared(
    trials: Sequence[Trial],
    finalists: pd.DataFrame,
    tested: Mapping[int, np.ndarray],
    confidence: float,
    bounds: tuple[float, float],
) -> pd.DataFrame:
    """Compare the algorithms that configurations name.

    Returns
    -------
    DataFrame, one row per algorithm, the one to take first; empty where configurations name none
        `algorithm`, `trials`, `env_steps` (that the search spent on it), `trial` (its best finalist; missing where all
        of its configurations failed), `chosen`, `confirmed`, `low`, `high`, `n` (as in the finalists), and `behind` the
        first with `behind.low` and `behind.high` (of the difference of means over the test seeds, by Welch; NaN with
        fewer than three). The test seeds do not choose: where they say otherwise than the choice, it is below 0.
    """
    by = {one.number: _name(one) for one in trials}
    if not set(by.values()) - {""}:
        return pd.DataFrame()
    named = finalists["trial"].map(by).tolist() if len(finalists) else []
    best = {name: finalists.iloc[named.index(name)] for name in dict.fromkeys(named)}
    rows = []
    for name in dict.fromkeys([*best, *by.values()]):
        own = [one for one in trials if by[one.number] == name]
        row = {"algorithm": name, "trials": len(own), "env_steps": sum(one.spent for one in own)}
        if name in best:
            mine = best[name]
            row |= {key: mine[key] for key in ("trial", "chosen", "confirmed", "low", "high", "n")}
            if tested:
                first, second = (tested[int(one["trial"])] for one in (best[named[0]], mine))
                ends = (0.0, 0.0, 0.0) if name == named[0] else difference(first, second, confidence, bounds)
                row |= dict(zip(("behind", "behind.low", "behind.high"), ends, strict=True))
        rows.append(row)
    columns = ["algorithm", "trials", "env_steps", "trial", "chosen", "confirmed", "low", "high", "n"]
    frame = pd.DataFrame(rows, columns=[*columns, "behind", "behind.low", "behind.high"])
    return frame.astype({"trial": "Int64", "n": "Int64"})


def said(table: pd.DataFrame) -> str:
    """Say in a sentence which algorithm it is, and which it could not be told from."""
    first, others = table.iloc[0], table.iloc[1:]
    words = []
    for _, one in others.iterrows():
        apart, low, high = one["behind"], one["behind.low"], one["behind.high"]
        if np.isnan(apart):
            words.append(f"{one['algorithm']} was not confirmed")
            continue
        side = "behind" if apart >= 0 else "ahead"
        low, high = (low, high) if apart >= 0 else (-high, -low)
        ends = "too few seeds for an interval" if np.isnan(low) else f"{low:.4g} to {high:.4g}"
        chance = "" if low > 0 else ", which may be chance"
        words.append(f"{one['algorithm']} {abs(apart):.4g} {side} on the test seeds ({ends}){chance}")
    return f"algorithm: {first['algorithm']}; {'; '.join(words)}" if words else f"algorithm: {first['algorithm']} alone"


def _name(trial: Trial) -> str:
    return str(trial.configuration.get(spaces.ALGORITHM, ""))
