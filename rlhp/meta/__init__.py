"""Learning to adapt: what an agent that learned to learn is held against, and how it is made."""

from __future__ import annotations

from rlhp.faces import face

__getattr__, __dir__, __all__ = face(__name__, __file__)
