"""Algorithms, one declaration each: plain data that agents, checks, spaces, forms and documentation read.

>>> declared("dqn").title, declared("dqn").iteration
('deep Q-learning', ('train_freq', 'n_envs'))
"""

from __future__ import annotations

from rlhp.faces import face

__getattr__, __dir__, __all__ = face(__name__, __file__)
