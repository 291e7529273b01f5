"""How XLA works for us: every call on the core of the thread that makes it, and compiled programs kept on disk."""

from __future__ import annotations

import functools
import os

import jax

from rlhp.folders import kept_folder

__all__ = ["cores", "on_cpu", "ready"]

_POOL = "PJRT_NPROC"  # how many threads XLA's CPU client spreads one program over


@functools.lru_cache(maxsize=1)
def ready() -> bool:
    """Start XLA, once for the process; say whether a call works on the caller's own thread, so that its time is known.

    XLA spreads a program over all cores and computes in threads of its own. Many runs at once use the cores better by
    themselves; and how a sum is divided, and with it the last bit, would depend on the number of cores. Where JAX was
    started before, it stays as it is: set ``PJRT_NPROC=1`` and ``JAX_CPU_ENABLE_ASYNC_DISPATCH=0`` before that.
    """
    try:
        jax.config.update("jax_num_cpu_devices", 1)
    except RuntimeError:
        pass  # JAX is running already
    else:
        jax.config.update("jax_cpu_enable_async_dispatch", False)
    if jax.config.values["jax_compilation_cache_dir"] is None:
        jax.config.update("jax_compilation_cache_dir", str(kept_folder("jax")))
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.2)
    ours = _POOL not in os.environ
    os.environ.setdefault(_POOL, "1")
    try:
        jax.local_devices()
        alone = os.environ[_POOL] == "1" and not jax.config.values["jax_cpu_enable_async_dispatch"]
    finally:
        if ours:
            del os.environ[_POOL]  # it is read once, and no matter of processes that this one starts
    return bool(alone) and on_cpu()


def on_cpu() -> bool:
    """Say whether programs run on CPUs."""
    return bool(jax.local_devices()[0].platform == "cpu")


def cores() -> int:
    """Count the cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0)) or 1
    return os.cpu_count() or 1
