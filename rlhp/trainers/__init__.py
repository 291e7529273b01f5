"""How runs are trained: what may be asked for, the two engines that do it, and training in pieces (`segments`)."""

from __future__ import annotations

from rlhp.faces import face

__getattr__, __dir__, __all__ = face(__name__, __file__)
