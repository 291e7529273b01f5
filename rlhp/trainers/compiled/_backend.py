"""The devices that programs run on: for every core an XLA of its own, which computes on one thread alone.

One XLA for all cores spreads each program over them and lets its threads wait for each other, spinning. Where as many
programs run as there are cores, or the machine does something else besides, an update then takes up to fifty times as
long as it computes; and how a sum is divided, with it the last bit, depends on the number of cores. With an XLA a core
a run is on one core, at one pace, and its bits are its own.
"""

from __future__ import annotations

import functools
import os
import threading
from typing import Any

import jax
from jaxlib import xla_client

from rlhp.folders import kept_folder

__all__ = ["cores", "devices", "on_cpu", "ready"]

_THREADS = "PJRT_NPROC"  # how many threads an XLA that is made now will compute on
_making = threading.Lock()


@functools.lru_cache(maxsize=1)
def ready() -> None:
    """Keep compiled programs on disk, unless it was decided where; once for the process."""
    if jax.config.values["jax_compilation_cache_dir"] is None:
        jax.config.update("jax_compilation_cache_dir", str(kept_folder("jax")))
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.2)


def devices() -> tuple[jax.Device, ...]:
    """Return the devices to train on, each of them for one run at a time; an accelerator, where JAX has one, is one."""
    with _making:
        return _devices()


@functools.lru_cache(maxsize=1)
def _devices() -> tuple[jax.Device, ...]:
    ready()
    if not on_cpu():
        return (jax.local_devices()[0],)
    before = os.environ.get(_THREADS)
    os.environ[_THREADS] = "1"
    try:
        clients: list[Any] = [xla_client.make_cpu_client() for _ in range(cores())]
        return tuple(client.local_devices()[0] for client in clients)
    finally:
        if before is None:
            del os.environ[_THREADS]
        else:
            os.environ[_THREADS] = before


def on_cpu() -> bool:
    """Return whether programs run on CPUs."""
    return bool(jax.local_devices()[0].platform == "cpu")


def cores() -> int:
    """Count the cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0)) or 1
    return os.cpu_count() or 1
