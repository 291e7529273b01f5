"""Whether a notebook is being read by a student or run by a grader."""

from __future__ import annotations

import os

VARIABLE = "NBGRADER_EXECUTION"
"""What nbgrader itself sets around the run of a notebook."""

_GRADING = ("autograde", "validate")


def grading_now() -> bool:
    """Return whether nbgrader runs this notebook, to grade it or because somebody pressed Validate.

    A check of an untouched stub raises then, so that it counts as nothing; in a lesson it only shows its card, so
    that Run All goes on. A student who sets the variable gains nothing by it: it decides what is shown, while
    points are given outside the student's process (`rlhp.exercises.grading`), where a check that did not raise
    is no reason for any.

    Returns
    -------
    bool

    Examples
    --------
    >>> grading_now()
    False
    """
    return os.environ.get(VARIABLE, "") in _GRADING
