"""What JAX is told before it compiles for us, and how many threads there is work for."""

from __future__ import annotations

import functools
import os

import jax

from rlhp.folders import kept_folder

__all__ = ["cores", "on_cpu", "ready"]


@functools.lru_cache(maxsize=1)
def ready() -> None:
    """Keep compiled programs on disk, unless it was decided where; once for the process."""
    if jax.config.values["jax_compilation_cache_dir"] is None:
        jax.config.update("jax_compilation_cache_dir", str(kept_folder("jax")))
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.2)


def on_cpu() -> bool:
    """Say whether programs run on CPUs."""
    return bool(jax.local_devices()[0].platform == "cpu")


def cores() -> int:
    """Count the cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0)) or 1
    return os.cpu_count() or 1
