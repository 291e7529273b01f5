"""Which hyperparameter matters, and how sure that is: one result type, many methods, every fit stated.

>>> from rlhp import importance
>>> imp = importance.fanova(runs, space, "final_return", order=2, rng=0)  # doctest: +SKIP
>>> imp.table  # name, kind, share, low, high  # doctest: +SKIP
"""

from __future__ import annotations

from rlhp.faces import face

__getattr__, __dir__, __all__ = face(__name__, __file__)
