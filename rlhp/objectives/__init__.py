"""A run becomes a number: what a training run, or a configuration over its seeds, is judged by.

>>> from rlhp import Runs
>>> from rlhp.objectives import score
>>> runs = Runs.from_table([{"gamma": 0.9}, {"gamma": 0.99}], [-200.0, float("nan")])  # the second diverged
>>> score(runs, "final_return", failures="worst").values.round(3).tolist()
[-200.0, -200.0]
>>> score(runs, "final_return", failures="drop").values.tolist()
[-200.0]
"""

from __future__ import annotations

from rlhp.faces import face

__getattr__, __dir__, __all__ = face(__name__, __file__)
