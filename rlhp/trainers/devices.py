"""The processors the compiled engine works on: one XLA device a core, and a cache of compiled programs on disk."""

from __future__ import annotations

import functools
import os
import sys
from pathlib import Path
from typing import Any

__all__ = ["cache_folder", "devices"]


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
        jax.config.update("jax_compilation_cache_dir", str(cache_folder()))
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.2)
    return tuple(jax.local_devices())


def cache_folder() -> Path:
    """Say where compiled programs are kept: ``$RLHP_CACHE``, or the user's cache folder."""
    if os.environ.get("RLHP_CACHE"):
        return Path(os.environ["RLHP_CACHE"]) / "jax"
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    return base / "rlhp" / "jax"


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0)) or 1
    return os.cpu_count() or 1
