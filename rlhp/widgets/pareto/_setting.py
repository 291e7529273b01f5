"""What a front is drawn of: a pool, two objectives, and how many seeds draw it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from rlhp.objectives import OBJECTIVES as DEFINED
from rlhp.objectives import direction

__all__ = ["OBJECTIVES", "RULES", "Setting", "unit_of", "words_of"]

OBJECTIVES = {
    "return at the end": "final_return",
    "return over training": "auc",
    "spread over seeds": "seed_std",
    "steps to a threshold": "steps_to_threshold",
    "processor time": "cpu_time",
}
RULES = {"the knee": "knee", "weights": "weights", "a limit on the second": "limit"}


@dataclass(frozen=True)
class Setting:
    """One state of the controls that a front hangs on.

    Attributes
    ----------
    environment : str
        The pool, by its label.
    first, second : str
        Objectives.
    threshold : float
        For `steps_to_threshold`.
    seeds : int
        That draw the front; the others judge it.
    """

    environment: str
    first: str
    second: str
    threshold: float
    seeds: int

    @property
    def objectives(self) -> tuple[str, str]:
        """Both, the first one first."""
        return self.first, self.second

    @property
    def reads_threshold(self) -> bool:
        """Whether the threshold counts."""
        return "steps_to_threshold" in self.objectives

    @property
    def canonical(self) -> Setting:
        """The same with a threshold that nothing reads at one value, so that equal fronts are judged once."""
        return self if self.reads_threshold else replace(self, threshold=0.0)

    @property
    def words(self) -> str:
        """The setting in a line."""
        return (
            f"{words_of(self.first)} and {words_of(self.second)} of {self.environment}, a front drawn by {self.seeds} "
            f"seeds"
        )


def words_of(objective: str) -> str:
    """Return an objective in words."""
    return next(words for words, name in OBJECTIVES.items() if name == objective)


def unit_of(objective: str) -> str:
    """Return the unit of an objective, and which way is better."""
    better = "more" if direction(objective) == "maximize" else "less"
    unit = {"environment steps": "environment steps", "seconds": "seconds"}.get(DEFINED[objective].unit, "return")
    return f"{unit}, {better} is better"
