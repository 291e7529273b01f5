"""What checks are written with: comparisons whose messages say what to look at.

Every function raises `CheckFailed` when the answer is not as expected. ``what`` names the thing compared, in
the student's own words and usually in backticks: ``"`linear_epsilon(0.25)`"``.
"""

from __future__ import annotations

# At once, unlike other rooms: what is looked up later, while a check runs, may be what the notebook has put there.
from rlhp.exercises.expect._behaviour import no_global_random, seeded, unchanged
from rlhp.exercises.expect._closeness import close
from rlhp.exercises.expect._equality import equal, one_of
from rlhp.exercises.expect._failing import Mistakes, fail, true
from rlhp.exercises.expect._numbers import monotone, number
from rlhp.exercises.expect._shapes import array
from rlhp.exercises.expect._tables import columns, several_seeds

__all__ = [
    "Mistakes",
    "array",
    "close",
    "columns",
    "equal",
    "fail",
    "monotone",
    "no_global_random",
    "number",
    "one_of",
    "seeded",
    "several_seeds",
    "true",
    "unchanged",
]
