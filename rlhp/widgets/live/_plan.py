"""What one training is of: its settings, what tells them from others, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rlhp.curves import value_label
from rlhp.frames import encode_value
from rlhp.runs import Runs
from rlhp.widgets.background._training import seeds
from rlhp.widgets.retrain._growing import Growing, growing

__all__ = ["Plan", "Trained"]

_FEW = 2  # differences that fit into the name of a curve


@dataclass(frozen=True)
class Plan:
    """What is trained.

    Parameters
    ----------
    algorithm, env_id : str
    steps, n_seeds : int
    config : mapping
        Hyperparameters.

    Examples
    --------
    >>> plan = Plan("ppo", "CartPole-v1", 1_000, 2, {"gamma": 0.9})
    >>> plan.differences(Plan("ppo", "CartPole-v1", 1_000, 2, {"gamma": 0.99}))
    ['gamma 0.9']
    """

    algorithm: str
    env_id: str
    steps: int
    n_seeds: int
    config: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{seeds(self.n_seeds)} of {self.algorithm.upper()} on {self.env_id}"

    def differences(self, other: Plan) -> list[str]:
        """Name what is different here, with the values that it has here."""
        found = [] if self.algorithm == other.algorithm else [self.algorithm.upper()]
        mine, theirs = self._cells(), other._cells()
        if self.algorithm == other.algorithm:
            names = [name for name in {**mine, **theirs} if mine.get(name) != theirs.get(name)]
            found += [f"{name} {value_label(mine[name])}" if name in mine else f"no {name}" for name in names]
        found += [] if self.steps == other.steps else [f"{self.steps:,} steps"]
        found += [] if self.n_seeds == other.n_seeds else [seeds(self.n_seeds)]
        return found

    def called(self, word: str, other: Plan) -> str:
        """Name the curve of this one beside the other: ``"now: gamma 0.9"``."""
        differ = self.differences(other)
        return f"{word}: {', '.join(differ)}" if 0 < len(differ) <= _FEW else word

    def _cells(self) -> dict[str, Any]:
        return {name: encode_value(value) for name, value in self.config.items()}


@dataclass(frozen=True, eq=False)
class Trained:
    """A training that has come to its end.

    Parameters
    ----------
    plan : Plan
    runs : Runs
    """

    plan: Plan
    runs: Runs

    @property
    def whole(self) -> bool:
        """Whether no run of it was stopped, and there is something to see."""
        return not (self.runs.table["status"] == "stopped").any() and len(self.runs.evals) > 0

    def grown(self) -> Growing:
        """Aggregate its curves."""
        return growing(self.runs)
