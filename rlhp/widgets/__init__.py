"""Explorers: interactive experiments in a notebook, each with its state in traits and its computing elsewhere.

An explorer shows itself when it is the last expression of a cell.

>>> from rlhp import widgets
>>> widgets.LiveTrainer("CartPole-v1", "ppo")  # doctest: +SKIP
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rlhp.widgets.batch_explorer import BatchExplorer
    from rlhp.widgets.explorer import Explorer
    from rlhp.widgets.importance_explorer import ImportanceExplorer
    from rlhp.widgets.landscape_explorer import LandscapeExplorer
    from rlhp.widgets.live_trainer import LiveTrainer
    from rlhp.widgets.prediction import Prediction
    from rlhp.widgets.run_explorer import RunExplorer
    from rlhp.widgets.schedule_explorer import ScheduleExplorer
    from rlhp.widgets.seeds_explorer import SeedsExplorer

_NAMES = {
    "BatchExplorer": "rlhp.widgets.batch_explorer",
    "Explorer": "rlhp.widgets.explorer",
    "ImportanceExplorer": "rlhp.widgets.importance_explorer",
    "LandscapeExplorer": "rlhp.widgets.landscape_explorer",
    "LiveTrainer": "rlhp.widgets.live_trainer",
    "Prediction": "rlhp.widgets.prediction",
    "RunExplorer": "rlhp.widgets.run_explorer",
    "ScheduleExplorer": "rlhp.widgets.schedule_explorer",
    "SeedsExplorer": "rlhp.widgets.seeds_explorer",
}

__all__ = [
    "BatchExplorer",
    "Explorer",
    "ImportanceExplorer",
    "LandscapeExplorer",
    "LiveTrainer",
    "Prediction",
    "RunExplorer",
    "ScheduleExplorer",
    "SeedsExplorer",
]


def __getattr__(name: str) -> Any:
    if name in _NAMES:
        try:
            value = getattr(importlib.import_module(_NAMES[name]), name)
        except ModuleNotFoundError as error:
            if error.name not in ("ipywidgets", "gymnasium"):
                raise
            raise ImportError(
                f"explorers need the package {error.name}; get it with: pip install 'rlhp[course,sb3]'."
            ) from error
        globals()[name] = value
        return value
    from rlhp.errors import unknown_name

    raise AttributeError(unknown_name("name", name, __all__, where="rlhp.widgets"))


def __dir__() -> list[str]:
    return sorted(__all__)
