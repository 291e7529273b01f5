"""Requests for the compiled engine, grouped into batches: the runs of a batch share a program and its loops."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rlhp.agents import moving, replay
from rlhp.agents.agent import marks
from rlhp.envs.registry import make_jax
from rlhp.trainers.devices import devices
from rlhp.trainers.hyperparameters import hyperparameters
from rlhp.trainers.programs import Recipe, module_of
from rlhp.trainers.request import RunRequest

__all__ = ["Batch", "full_config", "plan", "recipe_of", "runs_a_device", "single"]

# Runs that one CPU core trains side by side. With more of them, what an update touches leaves the core's second-level
# cache; with fewer, many small operations cost more than what they compute. Measured with benchmarks/throughput.py.
_RUNS_A_CORE = {"dqn": 8, "ppo": 8, "a2c": 16, "sac": 8, "td3": 8}
_RUNS_A_GPU = 1_024


@dataclass(frozen=True)
class Batch:
    """Runs that are trained together.

    Parameters
    ----------
    requests : tuple of RunRequest
        The runs.
    recipe : Recipe
        Their program.
    traced : dict of arrays [width, numbers]
        Their traced hyperparameters; beyond the last run, that one is repeated.
    uniform : dict of int
        The loops they share.
    iteration_steps : int
        Environment steps of an iteration.
    """

    requests: tuple[RunRequest, ...]
    recipe: Recipe
    traced: dict[str, np.ndarray]
    uniform: dict[str, int]
    iteration_steps: int

    @property
    def width(self) -> int:
        """Runs of the program, repeated ones included."""
        return len(next(iter(self.traced.values())))

    @property
    def cost(self) -> float:
        """Roughly how long it takes, to do the long ones first: updates times batch size, and environment steps."""
        settings = dict(self.recipe.settings)
        a_step = self.uniform.get("gradient_steps", 1) / self.iteration_steps * settings.get("batch_size", 1)
        if self.uniform.get("gradient_steps", 1) < 0:
            a_step = settings.get("batch_size", 1)
        a_step = self.uniform["n_epochs"] if "n_epochs" in self.uniform else a_step
        return self.requests[0].steps * (1.0 + a_step)


def full_config(request: RunRequest) -> dict[str, Any]:
    """Give every hyperparameter of a run by the names of the algorithm's `Hyperparameters`, defaults filled in."""
    module = module_of(request.algorithm)
    said = module.described({**_defaults(request.algorithm), **request.config})
    fields = {field.name: field.default for field in dataclasses.fields(module.Hyperparameters)}
    return {name: said.get(name, default) for name, default in fields.items()}


def _defaults(algorithm: str) -> dict[str, Any]:
    """Give stable-baselines3's defaults; what is None is left for the algorithm to decide."""
    return {name: value for name, value in hyperparameters(algorithm).items() if value is not None}


def plan(requests: Sequence[RunRequest], *, most: int | None = None) -> list[Batch]:
    """Group requests into batches, the longest first.

    Parameters
    ----------
    requests : sequence of RunRequest
        Of one or more algorithms, environments and configurations.
    most : int, optional
        Runs of a batch on each device at most; what is learned does not depend on it.
    """
    groups: dict[Any, list[RunRequest]] = {}
    for request in requests:
        groups.setdefault(_key(request), []).append(request)
    batches = [batch for group in groups.values() for batch in _split(group, most or runs_a_device(group[0].algorithm))]
    return sorted(batches, key=lambda batch: -batch.cost)


def runs_a_device(algorithm: str) -> int:
    """Say how many runs of an algorithm a device trains side by side."""
    return _RUNS_A_CORE[algorithm] if devices()[0].platform == "cpu" else _RUNS_A_GPU


def single(request: RunRequest) -> Batch:
    """Give the batch of one run, on one device."""
    return _batch([request], 1, 1)


def _key(request: RunRequest) -> Any:
    """Give what two runs must have in common to be in one batch."""
    config, kinds = full_config(request), marks(module_of(request.algorithm).Hyperparameters)
    shared = {name: _plain(config[name]) for name, mark in kinds.items() if mark != "traced"}
    several = _number(config.get("n_steps", 1)) > 1 if kinds.get("n_steps") == "traced" else False
    return (
        request.algorithm,
        request.env_id,
        request.steps,
        request.eval_every,
        request.eval_episodes,
        several,
        json.dumps(shared, sort_keys=True),
    )


def _split(group: list[RunRequest], most: int) -> Iterator[Batch]:
    """Cut a group into batches of one width, so that all of them are one compiled program."""
    n_devices = min(len(devices()), len(group))
    n_batches = math.ceil(len(group) / (most * n_devices))
    a_device = math.ceil(len(group) / (n_batches * n_devices))
    width = a_device * n_devices
    for first in range(0, len(group), width):
        yield _batch(group[first : first + width], width, n_devices)


def _batch(requests: list[RunRequest], width: int, n_devices: int) -> Batch:
    request, module = requests[0], module_of(requests[0].algorithm)
    configs = [full_config(one) for one in requests]
    kinds = marks(module.Hyperparameters)
    recipe, loops = recipe_of(request, configs, n_devices)
    shared = {name: int(configs[0][name]) for name, mark in kinds.items() if mark == "uniform"}
    numbers = {
        name: np.stack([moving.encode(_number(config[name])) for config in configs])
        for name, mark in kinds.items()
        if mark == "traced"
    }
    repeated = np.minimum(np.arange(width), len(requests) - 1)
    return Batch(
        tuple(requests),
        recipe,
        {name: value[repeated] for name, value in numbers.items()},
        {**shared, **loops},
        module.iteration_steps(configs[0]),
    )


def recipe_of(
    request: RunRequest, configs: Sequence[Mapping[str, Any]], n_devices: int
) -> tuple[Recipe, dict[str, int]]:
    """Give the program that trains runs of these configurations, and the uniform numbers it needs besides."""
    kinds = marks(module_of(request.algorithm).Hyperparameters)
    settings = tuple((name, _plain(configs[0][name])) for name, mark in sorted(kinds.items()) if mark == "static")
    room: dict[str, Any] = {}
    loops: dict[str, int] = {}
    if "buffer_size" in kinds:
        room, loops = replay.room(make_jax(request.env_id), configs, request.steps)
    recipe = Recipe(
        request.algorithm, request.env_id, settings, tuple(sorted(room.items())), request.eval_episodes, n_devices
    )
    return recipe, loops


def _plain(value: Any) -> Any:
    """Give a static value as something that can be compared and hashed."""
    return tuple(value) if isinstance(value, list) else value


def _number(value: Any) -> Any:
    """Give what `moving.encode` takes: no value means no limit."""
    if value is None:
        return math.inf
    return float(value) if isinstance(value, bool | int | float) else value
