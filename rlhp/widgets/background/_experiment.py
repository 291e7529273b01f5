"""What an explorer trains with beside what its controls move."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rlhp.arguments import choice, mapping, text, whole
from rlhp.options import options
from rlhp.sweeps import Evaluation, Execution
from rlhp.trainers import ENGINES

__all__ = ["Experiment"]


@options
@dataclass(frozen=True, kw_only=True)
class Experiment:
    """What an explorer trains again and again, beside what its controls move.

    Attributes
    ----------
    env_id : str
        The environment.
    steps : int
        Environment steps of each seed.
    n_seeds : int
        Agents a curve, seeds 0 to n - 1; fewer where only stable-baselines3 can train them and `engine` is ``"auto"``.
    config : mapping, optional
        All other hyperparameters, the same for every curve; by default the setting that the course's data on CartPole
        were measured with.
    evaluation : Evaluation or int
        As in `rlhp.sweep`, but by default every twentieth of `steps`.
    engine : {"auto", "jax", "sb3"}
        What trains; see `rlhp.sweep`.
    execution : Execution
        How; see `rlhp.sweep`. An explorer has a bar of its own.

    Raises
    ------
    TypeError, ValueError
        If one is not what it must be; the message names it.

    Examples
    --------
    >>> Experiment(steps=5_000, n_seeds=8).env_id
    'CartPole-v1'
    """

    env_id: str = "CartPole-v1"
    steps: int = 20_000
    n_seeds: int = 16
    config: Mapping[str, Any] | None = None
    evaluation: Evaluation | int = Evaluation()
    engine: str = "auto"
    execution: Execution = Execution()

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        text("experiment.env_id", self.env_id, hint="An id such as 'CartPole-v1', or 'module:EnvId'.")
        whole("experiment.steps", self.steps, at_least=1, hint="Environment steps.")
        whole("experiment.n_seeds", self.n_seeds, at_least=1)
        choice("experiment.engine", self.engine, ENGINES, kind="engine")
        if self.config is not None:
            mapping("experiment.config", self.config)
        Evaluation.of(self.evaluation)
        Execution.of(self.execution)
