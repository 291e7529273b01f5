"""Tells a run that brings down its process from one whose machine was lost."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

__all__ = ["Losses"]

_CRASHES = 3  # how often a run may bring its process down
_MOVES = 10  # how often it may be lost in all: what brings down whole machines must end, too


class Losses:
    """Counts, for each run, the tasks that were lost while it was in training.

    A process that died is heard of before its machine is known to be dead. So nothing is decided by what was said then:
    when a loss would be the last one that a run is allowed, only those count whose machines still stand.

    Parameters
    ----------
    ray : module
    """

    def __init__(self, ray: Any) -> None:
        self._ray = ray
        self._nodes: defaultdict[str, list[str]] = defaultdict(list)

    def verdict(self, run_id: str, node: str, why: str) -> str:
        """Note a loss; return why the run has failed by now, or nothing: it is to be trained again."""
        lost = self._nodes[run_id]
        lost.append(node)
        if len(lost) >= _MOVES:
            return f"it was lost {len(lost)} times, with its process or its machine: {why}"
        if len(lost) < _CRASHES:
            return ""
        standing = {one["NodeID"] for one in self._ray.nodes() if one["Alive"]}
        crashes = sum(name in standing for name in lost)
        return f"its process died {crashes} times: {why}" if crashes >= _CRASHES else ""
