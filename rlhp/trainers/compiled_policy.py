"""The policy of a run of the compiled engine, behind the same call as stable-baselines3's models."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

from rlhp.agents import streams
from rlhp.trainers.batches import single
from rlhp.trainers.parameters import load_parameters
from rlhp.trainers.policy_files import PARAMETERS, PolicyFile
from rlhp.trainers.programs import agent_of

__all__ = ["CompiledPolicy", "load_compiled"]


class CompiledPolicy:
    """Greedy actions from trained parameters.

    Parameters
    ----------
    parameters : pytree of arrays
        What the run learned.
    act : callable
        ``act(parameters, observations [n, ...]) -> actions [n, ...]``.
    """

    def __init__(self, parameters: Any, act: Any) -> None:
        self.parameters = parameters
        self._act = jax.jit(act)

    def predict(self, observation: Any, deterministic: bool = True) -> tuple[Any, None]:
        """Give the action for one observation, as the environment takes it; the None is stable-baselines3's state.

        Raises
        ------
        ValueError
            If a random action is asked for.
        """
        if not deterministic:
            raise ValueError("a policy of the compiled engine acts greedily; `deterministic=False` is not there.")
        action = np.asarray(self._act(self.parameters, np.asarray(observation)[None]))[0]
        return (int(action) if action.ndim == 0 else action), None


def load_compiled(read: PolicyFile) -> CompiledPolicy:
    """Give the policy of a file; nothing is unpickled."""
    batch = single(read.request)
    agent = agent_of(batch.recipe)

    def parameters(words: Any) -> Any:
        traced = {name: value[0] for name, value in batch.traced.items()}
        return agent.parameters(agent.init(streams.from_words(words), traced, batch.uniform))

    shapes = jax.eval_shape(parameters, np.zeros(2, np.uint32))
    return CompiledPolicy(load_parameters(read.parts[PARAMETERS], shapes), agent.act)
