"""Tuning: from a space and a budget in environment steps to a setting that was confirmed on seeds it had not seen.

A *searcher* proposes configurations from what is known, a *plan* says how long and with how many seeds each is trained,
and whoever evaluates them is the compiled engine, a pool of measured runs, or a function of your own.
"""

from __future__ import annotations

from rlhp.faces import face

__getattr__, __dir__, __all__ = face(__name__, __file__)
