"""The one table: what training returns and analysing takes, how several become one, and how a run is named.

>>> from rlhp.runs import Runs, concat
>>> first, second = (Runs.from_table([{"gamma": gamma}], [1.0]) for gamma in (0.9, 0.99))
>>> concat([first, second]).hyperparameters
['gamma']
"""

from __future__ import annotations

from rlhp.faces import face

__getattr__, __dir__, __all__ = face(__name__, __file__)
