"""Which executor trains the runs of each engine, by what was asked for."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable

from rlhp.sweeps._options import Execution, Logging
from rlhp.sweeps._store import Store
from rlhp.sweeps.executors._compiled import Compiled
from rlhp.sweeps.executors._executor import Executor
from rlhp.sweeps.executors._here import Here
from rlhp.sweeps.executors._processes import Processes
from rlhp.sweeps.executors._ray import Ray
from rlhp.trainers import RunRequest

__all__ = ["check_executor", "executors"]


def check_executor(how: Execution) -> None:
    """Check that what trains is installed.

    Raises
    ------
    ImportError
        If it is not.
    """
    if how.executor == "ray" and importlib.util.find_spec("ray") is None:
        raise ImportError("executor='ray' needs Ray; install it with `pip install 'rlhp[ray]'`.")


def executors(
    how: Execution, logging: Logging, store: Store, until: Callable[[RunRequest], int] | None
) -> dict[str, Executor]:
    """Return what trains the runs of each engine; nothing is started.

    Parameters
    ----------
    how : Execution
    logging : Logging
        What runs that are trained in this process leave behind.
    store : Store
        Where paused runs and checkpoints are.
    until : callable, optional
        Where compiled runs are paused.
    """
    if how.executor == "ray":
        ray = Ray(store.paused, until, how.time_limit, how.workers, how.address)
        return {"jax": ray, "sb3": ray}
    processes = Processes(how.workers or os.cpu_count() or 1, how.time_limit)
    return {
        "jax": Compiled(store.paused, until, how.time_limit),
        "sb3": Here(how.time_limit, logging, store.checkpoints) if how.workers == 0 else processes,
    }
