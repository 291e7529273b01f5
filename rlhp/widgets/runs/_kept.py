"""Curves that were kept, to compare others with: what they are of, and what they are called beside what is shown."""

from __future__ import annotations

from dataclasses import dataclass

from rlhp.curves import STATISTICS, CurveGroup

__all__ = ["Kept"]


@dataclass(frozen=True, eq=False)
class Kept:
    """A curve that stays while others are chosen.

    Attributes
    ----------
    group : CurveGroup
    data, env_id, by, statistic : str
        What was shown when it was kept.
    filters : str
        The filters that its runs passed, in words; without that of `by`, which its label says.
    """

    group: CurveGroup
    data: str
    env_id: str
    by: str
    statistic: str
    filters: str

    def label(self, *, data: str, by: str, statistic: str, filters: str) -> str:
        """Name it beside what is shown now: only what differs is said, so that many names stay short."""
        head = "kept" if statistic == self.statistic else f"kept, {STATISTICS[self.statistic].name}"
        said = " ".join(filter(None, [self.by.replace("_", " ") if by != self.by else "", self.group.label]))
        where = [self.data if data != self.data else "", self.filters if filters != self.filters else ""]
        return f"{head}: {', '.join(filter(None, [said, *where])) or self.env_id}"
