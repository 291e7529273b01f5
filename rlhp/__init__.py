"""Hyperparameters in deep reinforcement learning: train, sweep, analyse, teach.

Data flows one way::

    space -> configs -> runs -> objective -> statistics / importance -> plot / widget

`Runs` is the one table: everything that trains returns it, everything that analyses takes it.

>>> import rlhp
>>> runs = rlhp.train("ppo", "CartPole-v1", {"n_envs": 8}, steps=20_000, seed=0)  # doctest: +SKIP
>>> from rlhp import curves, plots
>>> plots.curves(curves.iqm(runs, rng=0))  # doctest: +SKIP
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rlhp.runs import Runs
    from rlhp.sweep.call import sweep, train
    from rlhp.trainers.episode import record
    from rlhp.trainers.policy import load_policy

__version__ = "0.2.0"

# Imported on first use: `import rlhp` must cost neither Torch nor a plotting library.
_ROOMS = (
    "algorithms",
    "curves",
    "datasets",
    "envs",
    "exercises",
    "importance",
    "objectives",
    "plots",
    "runs",
    "schedules",
    "spaces",
    "trainers",
    "widgets",
)
_NAMES = {
    "Runs": "rlhp.runs",
    "load_policy": "rlhp.trainers.policy",
    "record": "rlhp.trainers.episode",
    "sweep": "rlhp.sweep.call",
    "train": "rlhp.sweep.call",
}

__all__ = ["Runs", "__version__", "load_policy", "record", "sweep", "train"]


def __getattr__(name: str) -> Any:
    if name in _NAMES:
        value = getattr(importlib.import_module(_NAMES[name]), name)
        globals()[name] = value
        return value
    if name in _ROOMS:
        return importlib.import_module(f"rlhp.{name}")
    from rlhp.errors import unknown_name

    raise AttributeError(unknown_name("name", name, [*_NAMES, *_ROOMS], where="rlhp"))


def __dir__() -> list[str]:
    return sorted([*__all__, *_ROOMS])
