"""Populations: runs that train side by side, meet between segments, and go on from each other.

One loop, `evolve`, over the verbs of `rlhp.trainers.segments`: train everybody for a while, evaluate, let the worse go
on as children of the better (*exploit*), and give the children other hyperparameters (*explore*).
"""

from __future__ import annotations

from rlhp.faces import face

__getattr__, __dir__, __all__ = face(__name__, __file__)
