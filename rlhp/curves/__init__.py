"""What many runs say together: aggregates along the learning curve, their intervals, and the bands around them.

Runs in, results out: nothing here trains or draws. The unit of resampling is always a whole run, never a frame of one.
"""

from __future__ import annotations

from rlhp.faces import face

__getattr__, __dir__, __all__ = face(__name__, __file__)
