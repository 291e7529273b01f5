"""The processors the compiled engine works on: one XLA device a core, and a cache of compiled programs on disk."""

from __future__ import annotations

import functools
import os
from typing import Any

from rlhp.folders import kept_folder

__all__ = ["devices"]


@functools.lru_cache(maxsize=1)
def devices() -> tuple[Any, ...]:
    """Give the devices to train on; the first call decides them for the process.

    On CPUs that is one for each core this process may use: two devices with half the runs each are twice as fast as one
    whose operations are spread over two cores. Where JAX was started before with fewer devices, those are used.
    """
    import jax

    try:
        jax.config.update("jax_num_cpu_devices", _cores())
    except RuntimeError:
        pass  # JAX is running already and has its devices
    if jax.config.values["jax_compilation_cache_dir"] is None:
        jax.config.update("jax_compilation_cache_dir", str(kept_folder("jax")))
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.2)
    return tuple(jax.local_devices())


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0)) or 1
    return os.cpu_count() or 1
