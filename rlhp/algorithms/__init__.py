"""Algorithms, one declaration each: plain data that agents, checks, spaces, forms and documentation read.

rlhp.algorithms.names()                    # what can be trained
rlhp.algorithms.declared("ppo")            # an `Algorithm`: hyperparameters, ranges, engines
rlhp.algorithms.register(mine)             # one of your own
"""

from __future__ import annotations

from rlhp.algorithms.declaration import Algorithm, Hyperparameter, Levels, Range
from rlhp.algorithms.registry import declared, names, register

__all__ = ["Algorithm", "Hyperparameter", "Levels", "Range", "declared", "names", "register"]
