"""How runs are trained: what may be asked for, and stable-baselines3 that does it."""

from __future__ import annotations

from rlhp.trainers.environments import action_kind, check_environment
from rlhp.trainers.request import RunRequest

__all__ = ["RunRequest", "action_kind", "check_environment"]
