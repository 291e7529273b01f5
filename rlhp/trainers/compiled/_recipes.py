"""From a run's description to the program that trains it and what that program is called with."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from rlhp.agents import moving
from rlhp.agents.agent import Agent
from rlhp.algorithms import Algorithm, declared, defaults
from rlhp.algorithms.loading import Code, code
from rlhp.arguments import instance, mapping, shown
from rlhp.envs import Environment, make_jax
from rlhp.trainers._request import RunRequest
from rlhp.trainers.compiled._backend import ready
from rlhp.worlds import PREFIX, world

__all__ = ["Prepared", "Recipe", "encoded", "full_config", "prepared"]


@dataclass(frozen=True)
class Recipe:
    """What decides a program; runs with equal recipes share one.

    Parameters
    ----------
    code : Code
        What is compiled: an algorithm that is registered anew, or once more by a notebook's cell, is another program.
    env : Environment
        Likewise.
    shapes : tuple of (str, object)
        The static settings, by name.
    n_episodes : int
        Of an evaluation.
    """

    code: Code
    env: Environment
    shapes: tuple[tuple[str, Hashable], ...]
    n_episodes: int

    def agent(self) -> Agent:
        """Make the agent, of one run."""
        made = self.code.agent(self.env, dict(self.shapes), n_episodes=self.n_episodes)
        return instance("agent(...)", made, Agent, hint="That is what the function of a declaration has to give.")

    def evaluated(self) -> Recipe:
        """Leave out what only learning depends on: recipes that are then equal share `init` and `evaluate`."""
        shapes = tuple((name, value) for name, value in self.shapes if name not in self.code.learning)
        return replace(self, shapes=shapes)


@dataclass(frozen=True)
class Prepared:
    """A run's program and the arguments of that run.

    Parameters
    ----------
    recipe : Recipe
    traced : dict of float32 arrays [numbers]
        Its schedules.
    loops : dict of int32
        What steers its loops and branches.
    iteration_steps : int
        Environment steps of an iteration.
    """

    recipe: Recipe
    traced: dict[str, np.ndarray]
    loops: dict[str, np.int32]
    iteration_steps: int


def prepared(request: RunRequest) -> Prepared:
    """Find out how a run is trained: from its own description alone, never from the runs beside it.

    Examples
    --------
    >>> found = prepared(RunRequest("ppo", "CartPole-v1", 0, 4_096, {"n_envs": 2}, 4_096, 10, "jax"))
    >>> found.iteration_steps, int(found.loops["n_epochs"])
    (4096, 10)
    """
    ready()
    algorithm, env = declared(request.algorithm), make_jax(request.env_id)
    full, behind = full_config(request), code(request.algorithm)
    said = algorithm.described(full)
    marks = {name: _mark(algorithm, name, value) for name, value in said.items()}
    return Prepared(
        recipe=Recipe(behind, env, _shapes(request, behind, said, env), request.eval_episodes),
        traced={name: encoded(value) for name, value in said.items() if marks[name] == "traced"},
        loops={name: np.int32(value) for name, value in said.items() if marks[name] == "loop"},
        iteration_steps=math.prod(int(full[name]) for name in algorithm.iteration),
    )


def _shapes(
    request: RunRequest, behind: Code, said: Mapping[str, Any], env: Environment
) -> tuple[tuple[str, Hashable], ...]:
    """Ask an algorithm, which may be somebody's own, what decides the program of a run."""
    try:
        shapes = mapping("shapes(...)", behind.shapes(said, env, request.steps))
    except Exception as error:
        raise ValueError(f"`shapes` of {request.algorithm} raises {type(error).__name__}: {error}") from error
    for name, value in shapes.items():
        if not isinstance(value, Hashable) or isinstance(value, np.ndarray):
            raise ValueError(
                f"`shapes` of {request.algorithm} gives {shown(value)} for `{name}`, by which programs are told apart: "
                f"give numbers, texts and tuples."
            )
    return tuple(sorted(shapes.items()))


def full_config(request: RunRequest) -> dict[str, Any]:
    """Return every hyperparameter of a run that the compiled engine has, and every parameter of its environment."""
    known = declared(request.algorithm).hyperparameters
    foreign = {name for name, one in known.items() if "jax" not in one.engines}  # a switch that is off may be given
    full = defaults(request.algorithm) | dict(request.config) | world(request.env_id, request.config)
    return {name: value for name, value in full.items() if name not in foreign}


def encoded(value: Any) -> np.ndarray:
    """Write a number or a schedule as programs take it."""
    return moving.encode(float(value) if isinstance(value, bool | int | float) else value)


def _mark(algorithm: Algorithm, name: str, value: Any) -> str:
    """Return what a value is to the program; names that only the agent knows are told apart by their kind."""
    if name in algorithm.hyperparameters:
        return algorithm.hyperparameters[name].mark
    return "loop" if isinstance(value, bool | int) and not name.startswith(PREFIX) else "traced"
