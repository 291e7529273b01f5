"""The engine that is stable-baselines3, on any registered Gymnasium environment: one run at a time."""

from __future__ import annotations

from rlhp.faces import face

__getattr__, __dir__, __all__ = face(__name__, __file__)
