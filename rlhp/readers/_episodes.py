"""The episodes of a run, put in the order in which they ended, and what they say at each step."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Episodes:
    """Episodes of one environment, in the order of its file.

    Parameters
    ----------
    returns : array, length n
        Undiscounted; may be not finite.
    lengths : int array, length n
        Environment steps.
    ends : array, length n
        Seconds since the session began in which the episode ended. Where they fall, a new session began.
    start : float or None
        When the first session began, in seconds of the clock that all files share; None if the file does not say.
    rows : list of str, length n
        How a message names each.
    """

    returns: Array
    lengths: NDArray[np.int64]
    ends: Array
    start: float | None
    rows: list[str]

    @property
    def sessions(self) -> NDArray[np.int64]:
        """Which session of the file each episode belongs to."""
        return np.cumsum(np.diff(self.ends, prepend=self.ends[:1]) < 0)


@dataclass(frozen=True)
class InOrder:
    """The episodes of a run in the order of time: `step` is the total of environment steps when each ended."""

    returns: Array
    lengths: NDArray[np.int64]
    steps: NDArray[np.int64]
    rows: list[str]
    wall_time_s: float


def in_order(parts: list[Episodes]) -> InOrder:
    """Put the episodes of environments that ran side by side in the order in which they ended.

    Within one environment the order of the rows is the order of time. Between environments the clock decides: an
    episode ended at the start of its session plus the seconds written beside it. The start of a later session of a
    file is not known; it began after every file's earlier session had ended.
    """
    starts = [0.0 if part.start is None else part.start for part in parts]
    bases = np.array(starts)
    times = [np.zeros(len(part.ends)) for part in parts]
    for session in range(max((int(part.sessions[-1]) + 1 for part in parts if len(part.ends)), default=0)):
        for number, part in enumerate(parts):
            here = part.sessions == session
            times[number][here] = bases[number] + part.ends[here]
        over = [time[part.sessions <= session].max() for time, part in zip(times, parts, strict=True) if len(part.ends)]
        bases[:] = np.maximum(bases, max(over))
    # Parallel environments step together: in order of their end times, the episodes' lengths add up to the steps.
    when = np.concatenate([np.maximum.accumulate(time) if len(time) else time for time in times])
    order = np.argsort(when, kind="stable")
    lengths = np.concatenate([part.lengths for part in parts])[order]
    rows = [row for part in parts for row in part.rows]
    return InOrder(
        returns=np.concatenate([part.returns for part in parts])[order],
        lengths=lengths,
        steps=np.cumsum(lengths),
        rows=[rows[at] for at in order],
        wall_time_s=float(when.max() - min(starts)) if len(when) else float("nan"),
    )


def by_step(episodes: InOrder, every: int | None) -> pd.DataFrame:
    """Return one row per episode, or per bin of `every` environment steps in which one ended."""
    steps = episodes.steps if every is None else -(-episodes.steps // every) * every
    frame = pd.DataFrame({"step": steps, "r": episodes.returns, "l": episodes.lengths})
    groups = frame.groupby("step")
    mean = groups["r"].mean()
    curve = {
        "return_mean": mean,
        "return_std": groups["r"].std(ddof=0),
        "n_episodes": groups["r"].size(),
        "length_mean": groups["l"].mean(),
        "train_return_mean": mean,
    }
    return pd.DataFrame(curve).reset_index()
