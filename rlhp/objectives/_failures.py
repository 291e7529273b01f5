"""What a failed run counts as."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from rlhp.objectives._definitions import Direction, Objective
from rlhp.objectives._scores import Failures
from rlhp.runs import Runs

POLICIES = ("worst", "drop", "raise")
# The margin by which "worst" is worse than what ran, relative: enough to survive averaging over seeds, too little to
# be seen.
_HAIR = 1e-9


def refusal(objective: str, failed: pd.DataFrame, of: str) -> str:
    """Compose the message for failures under the policy "raise"."""
    return (
        f"{len(failed)} of {of} have no {objective} ({listed(failed['failure'])}), first `{failed.index[0]}`; say "
        f"what they count as: failures='worst', 'drop', or a number."
    )


def floors(runs: Runs, what: Objective, table: pd.DataFrame) -> dict[str, list[float]]:
    """Return, per environment, further values that what failed must not be better than.

    For returns all that was seen and is finite, also of runs that failed: what a run showed before it diverged is no
    less seen, and a failure must not count as better than that.
    """
    env_of = runs.table["env_id"]
    of_evals = runs.evals["run_id"].map(env_of)
    found: dict[str, list[float]] = {}
    for env_id in table["env_id"].unique():
        seen: pd.Series = pd.Series(dtype=float)
        if what.is_return:
            seen = runs.evals.loc[of_evals == env_id, what.column]
        elif "censored" in table:
            seen = runs.table.loc[env_of == env_id, "steps"].astype(float)
        found[env_id] = seen[np.isfinite(seen)].tolist()
    return found


def filled(
    table: pd.DataFrame, floors: Mapping[str, list[float]], direction: Direction, failures: Failures
) -> pd.Series:
    """Return the values with those that failed filled in by the policy; NaN where they are dropped.

    Raises
    ------
    ValueError
        If all rows of an environment failed and the policy is not a number, or the number would win.
    """
    sign = 1.0 if direction == "maximize" else -1.0
    values = table["value"].copy()
    for env_id, rows in table.groupby("env_id"):
        ok, bad = rows.loc[rows["failure"] == "", "value"] * sign, rows.index[rows["failure"] != ""]
        if not len(bad):
            continue
        if not len(ok) and isinstance(failures, str):
            raise ValueError(
                f"all {len(rows)} of {env_id} failed ({listed(rows['failure'])}), so failures={failures!r} leaves "
                f"nothing to go by; give a number, or look at `runs.table['error']`."
            )
        if failures == "worst":
            low = float(ok.min())
            strictly = low - _HAIR * max(1.0, abs(low))
            values[bad] = sign * min([strictly, *(floor * sign for floor in floors[str(env_id)])])
        elif not isinstance(failures, str):
            if len(ok) and failures * sign > ok.max():
                raise ValueError(
                    f"failures={failures} is better than the best of {env_id} ({ok.max() * sign:g}), so that a crash "
                    f"would win; give a worse number, or 'worst'."
                )
            values[bad] = float(failures)
    return values


def listed(reasons: Iterable[str]) -> str:
    """Return how often each reason stands there, the commonest first."""
    counts = pd.Series(list(reasons)).value_counts()
    said = [f"{count} x {reason}" for reason, count in counts.head(3).items()]
    return "; ".join(said) + ("; ..." if len(counts) > 3 else "")
