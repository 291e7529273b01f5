"""What became of runs that did not train to their end: in the status, in the text, and where a curve is missing."""

from __future__ import annotations

from collections.abc import Mapping

from rlhp.runs import Runs

__all__ = ["brief", "failure", "fates"]

# What a status means, in plain words. Runs that were stopped are not here: who stopped them knows.
_MEANT = {
    "diverged": "diverged (a number in its training became infinite or not a number)",
    "failed": "failed",
}


def brief(runs: Runs) -> str:
    """Count the runs that broke, for the end of a status line; empty where none did.

    Parameters
    ----------
    runs : Runs

    Examples
    --------
    >>> runs = Runs.from_table([{}] * 3, [1.0, float("nan"), float("nan")], seeds=range(3))
    >>> brief(runs)
    '2 of 3 runs diverged'
    """
    counts = {status: int((runs.table["status"] == status).sum()) for status in _MEANT}
    said = [f"{n} {status}" for status, n in counts.items() if n]
    if not said:
        return ""
    first, *others = said
    n, status = first.split(" ")
    return " and ".join([f"{n} of {len(runs)} run{'s' * (len(runs) > 1)} {status}", *others])


def failure(runs: Runs) -> str:
    """Return how many runs failed, and why the first one did; empty where none did.

    Parameters
    ----------
    runs : Runs

    Examples
    --------
    >>> failure(Runs.from_table([{}], [1.0]))
    ''
    """
    broken = runs.table[runs.table["status"] == "failed"]
    if not len(broken):
        return ""
    lines = str(broken["error"].iloc[0]).strip().splitlines()
    return f"{len(broken)} of {len(runs)} runs failed: {lines[-1] if lines else '?'}"


def fates(parts: Mapping[str, Runs]) -> str:
    """Say of each part how many of its seeds broke, after how many steps and why; empty where none did.

    Parameters
    ----------
    parts : mapping of str to Runs
        By their names; a name may be empty.

    Examples
    --------
    >>> runs = Runs.from_table([{}] * 2, [1.0, float("nan")], seeds=range(2))
    >>> fates({"batch size 8": runs})
    'Batch size 8: 1 of 2 seeds diverged (a number in its training became infinite or not a number), before its first evaluation.'
    """  # noqa: E501 - a sentence is a line
    return " ".join(_one(name, runs, status) for name, runs in parts.items() for status in _MEANT if _any(runs, status))


def _any(runs: Runs, status: str) -> bool:
    return bool((runs.table["status"] == status).any())


def _one(name: str, runs: Runs, status: str) -> str:
    broken = runs.table[runs.table["status"] == status]
    lasts = runs.evals[runs.evals["run_id"].isin(broken.index)].groupby("run_id")["step"].max()
    n, many = len(broken), len(broken) > 1
    when = f"before {'their' if many else 'its'} first evaluation"
    if len(lasts):
        first, last = int(lasts.min()), int(lasts.max())
        span = f"{first:,}" if first == last else f"{first:,} to {last:,}"
        when = f"after the evaluation at step {span}"
        if len(lasts) < n:
            when += f", {n - len(lasts)} before the first one"
    head = f"{name[:1].upper()}{name[1:]}: " if name else ""
    meant = _MEANT[status].replace("its", "their") if many else _MEANT[status]
    why = _reason(str(broken["error"].iloc[0])) if status == "failed" else ""
    return f"{head}{n} of {len(runs)} seed{'s' * (len(runs) > 1)} {meant}, {when}{why}."


def _reason(error: str) -> str:
    lines = error.strip().splitlines()
    return f": {lines[-1].rstrip('.')}" if lines else ""
