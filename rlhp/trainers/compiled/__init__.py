"""The compiled engine: programs of one run, runs that can be paused, and threads that train many side by side."""

from __future__ import annotations

from rlhp.faces import face

__getattr__, __dir__, __all__ = face(__name__, __file__)
