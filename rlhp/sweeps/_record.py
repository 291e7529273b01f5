"""What a sweep notes of itself: what was asked for, with which versions, on what kind of machine."""

from __future__ import annotations

import functools
import os
import platform
import time
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from rlhp.trainers import RunRequest

__all__ = ["provenance", "versions"]


def provenance(requests: Sequence[RunRequest]) -> dict[str, Any]:
    """Describe some requests for the record.

    Examples
    --------
    >>> provenance([RunRequest("ppo", "CartPole-v1", 3, 100, {}, 50, engine="sb3")])["seeds"]
    [3]
    """
    first = requests[0]
    return {
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "algorithm": first.algorithm,
        "env_id": first.env_id,
        "engine": first.engine,
        "steps": first.steps,
        "eval_every": first.eval_every,
        "eval_episodes": first.eval_episodes,
        "runs": len(requests),
        "seeds": sorted({request.seed for request in requests}),
        "python": platform.python_version(),
        "machine": f"{platform.machine()} {platform.system()}, {os.cpu_count()} cores",
        "versions": versions(first.engine),
    }


def versions(engine: str) -> dict[str, str]:
    """Return the version of each package that decides the numbers of an engine's runs.

    Examples
    --------
    >>> list(versions("sb3"))
    ['rlhp', 'stable-baselines3', 'torch', 'gymnasium', 'numpy']
    """
    packages = ("jax", "jaxlib", "optax") if engine == "jax" else ("stable-baselines3", "torch")
    return {name: _version(name) for name in ("rlhp", *packages, "gymnasium", "numpy")}


@functools.lru_cache(maxsize=32)
def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
