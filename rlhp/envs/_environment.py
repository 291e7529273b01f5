"""What an environment is to the compiled engine: two pure functions and the facts that decide shapes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rlhp.worlds import Parameter, known_as

__all__ = ["Environment"]


@dataclass(frozen=True, eq=False)
class Environment:
    """An environment as pure functions of JAX arrays; one episode at a time, vmapped by those who want more.

    Parameters
    ----------
    env_id : str
        The id under which `gymnasium.make` knows its counterpart.
    observation_shape : tuple of int
        Shape of one observation.
    observation_dtype : str
        ``"float32"``, or ``"uint8"`` where observations are small whole numbers (replay then keeps them in a byte).
    reset : callable
        ``reset(key, context) -> (state, observation)``: start an episode in the world that `context` describes, from
        the environment's `context`; the state keeps what `step` needs of it.
    step : callable
        ``step(key, state, action) -> (state, observation, reward, terminated, truncated)``. It never restarts: the
        observation is the one the action led to, also when the episode ends with it. `truncated` is the time limit.
    time_limit : int
        Environment steps after which an episode is truncated.
    n_actions : int, optional
        Of a discrete action space; the action is an int32 scalar.
    action_low, action_high : tuples of float, optional
        Of a continuous one; the action is a float32 vector of that length.
    parameters : mapping
        From a name, such as ``"gravity"``, to the `Parameter` that a run may give as ``env.gravity``.
    differs : str
        How it differs from its Gymnasium counterpart, in a sentence; empty where a test finds no difference.
    """

    env_id: str
    observation_shape: tuple[int, ...]
    observation_dtype: str
    reset: Callable[[Any, Any], tuple[Any, Any]]
    step: Callable[[Any, Any, Any], tuple[Any, Any, Any, Any, Any]]
    time_limit: int
    n_actions: int | None = None
    action_low: tuple[float, ...] | None = None
    action_high: tuple[float, ...] | None = None
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    differs: str = ""

    def context(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Pick this environment's parameters, by their own names, from the values of a run's hyperparameters."""
        return {name: values[known_as(name)] for name in self.parameters}

    def default_context(self) -> dict[str, float]:
        """Return the parameters that a run has which says nothing of them."""
        return {name: parameter.default for name, parameter in self.parameters.items()}
