"""Bernoulli bandits whose arms win with probabilities drawn uniformly: the exact optimum, policies, their values.

A trial is `n` pulls of `k` arms that nobody knows anything about; its return is the number of wins. What an agent could
reach at most is known here to the last digit, which is rare in reinforcement learning.
"""

from __future__ import annotations

from rlhp.faces import face

__getattr__, __dir__, __all__ = face(__name__, __file__)
