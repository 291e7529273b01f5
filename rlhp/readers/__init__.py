"""How training that others logged becomes the `table` and `evals` frames of `Runs`: one reader a file.

A reader is called through `Runs`, which takes over its options, its docstring and its name: `Runs.from_csv`. What they
share is named after what it is: `_columns` (tables read by position), `_cells`, `_patterns` (names that say what was
run), `_sources`, `_episodes`, `_curve`, `_assembling`.
"""

from __future__ import annotations

from rlhp.faces import face

__getattr__, __dir__, __all__ = face(__name__, __file__)
