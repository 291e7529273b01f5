"""What columns, objectives and units are called on a figure."""

from __future__ import annotations

from typing import Protocol

# A column of evaluations, with its unit where the words do not say it.
_COLUMNS = {
    "return_mean": "undiscounted return",
    "return_std": "standard deviation of the return",
    "length_mean": "episode length (steps)",
    "train_return_mean": "undiscounted return while training",
    "entropy": "policy entropy (nats)",
    "value_error": "error of the predicted return",
    "loss": "loss",
}
_OBJECTIVES = {
    "final_return": "final return",
    "best_return": "best return of any evaluation",
    "auc": "average return over training",
    "train_auc": "average return while training",
    "steps_to_threshold": "steps to the threshold",
    "seed_std": "standard deviation between seeds",
    "wall_time": "wall-clock time",
    "cpu_time": "processor time",
    "env_steps": "environment steps",
    "exploration": "average entropy of the policy",
    "value_error": "error of the predicted return",
}
# Of what the words have said already only the rest stands in brackets.
_UNITS = {"undiscounted return": "undiscounted", "discounted return": "discounted"}


def column_words(name: str) -> str:
    """Write a column of evaluations in words; one of somebody's own keeps its name, without underscores.

    Examples
    --------
    >>> column_words("return_mean"), column_words("my_metric")
    ('undiscounted return', 'my metric')
    """
    return _COLUMNS.get(name, name.replace("_", " "))


def objective_words(name: str) -> str:
    """Write an objective in words.

    Examples
    --------
    >>> objective_words("auc")
    'average return over training'
    """
    return _OBJECTIVES.get(name, name.replace("_", " "))


def score_words(name: str, unit: str) -> str:
    """Write an objective with its unit, as it stands on an axis.

    Examples
    --------
    >>> score_words("final_return", "undiscounted return"), score_words("env_steps", "environment steps")
    ('final return (undiscounted)', 'environment steps')
    """
    words = objective_words(name)
    return words if unit == words else f"{words} ({_UNITS.get(unit, unit)})"


class Scored(Protocol):
    """Scores of runs by an objective, as results of `rlhp.curves` carry them."""

    @property
    def objective(self) -> str: ...
    @property
    def unit(self) -> str: ...
    @property
    def normalised(self) -> bool: ...


def scored_words(scores: Scored) -> str:
    """Write what runs are scored by, as it stands on an axis."""
    return score_words(scores.objective, "normalised" if scores.normalised else scores.unit)
