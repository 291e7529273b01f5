"""Explorers: interactive experiments in a notebook, each with its state in traits and its computing elsewhere.

An explorer shows itself when it is the last expression of a cell.

>>> from rlhp import widgets
>>> widgets.LiveTrainer("CartPole-v1", "ppo")  # doctest: +SKIP
"""

from __future__ import annotations

from typing import Any

from rlhp.faces import face

_imported, __dir__, __all__ = face(__name__, __file__)


def __getattr__(name: str) -> Any:
    try:
        return _imported(name)
    except ModuleNotFoundError as error:
        if error.name not in ("ipywidgets", "gymnasium"):
            raise
        raise ImportError(
            f"explorers need the package {error.name}; get it with: pip install 'rlhp[course,sb3]'."
        ) from error
