"""Figures: a result goes in, an Axes comes out, and nothing is computed on the way.

Every figure names its n and its interval on itself, reads in black and white, and has a sentence to go with it
(`alt_text`, `schedule_alt_text`, ...) for those who do not see it. `backend="plotly"` makes the same figure one to
hover over, rotate or brush, where that shows more.
"""

from __future__ import annotations

from rlhp.faces import face

__getattr__, __dir__, __all__ = face(__name__, __file__)
