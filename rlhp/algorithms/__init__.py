"""Algorithms, one declaration each: plain data that agents, checks, spaces, forms and documentation read.

>>> declared("dqn").title, declared("dqn").iteration
('deep Q-learning', ('train_freq', 'n_envs'))
"""

from __future__ import annotations

from rlhp.algorithms.declaration import Algorithm, Hyperparameter, Levels, Range
from rlhp.algorithms.families import number, powers, switch, whole, widths
from rlhp.algorithms.registering import register
from rlhp.algorithms.registry import declared, defaults, names

__all__ = [
    "Algorithm",
    "Hyperparameter",
    "Levels",
    "Range",
    "declared",
    "defaults",
    "names",
    "number",
    "powers",
    "register",
    "switch",
    "whole",
    "widths",
]
