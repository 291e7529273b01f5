"""Say whether notebooks can be handed in as they are: ``python -m rlhp.exercises NOTEBOOK...``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from rlhp.exercises._verdicts import EMPTY, FAILED, PASSED, SIGNS
from rlhp.exercises.notebook import inspect_notebook


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what was found in each notebook.

    Parameters
    ----------
    arguments : sequence of str, optional
        Command line; that of the process by default.

    Returns
    -------
    int
        0 when every notebook can be handed in, 1 otherwise.

    Examples
    --------
    >>> main(["nowhere.ipynb"])
    nowhere.ipynb
      ✗ There is no file nowhere.ipynb here. Give the path of your notebook.
    1
    """
    parser = argparse.ArgumentParser(
        prog="python -m rlhp.exercises", description="Say whether notebooks can be handed in as they are."
    )
    parser.add_argument("notebook", nargs="+", help="path of a notebook (.ipynb)")
    fine = True
    for path in parser.parse_args(arguments).notebook:
        found = inspect_notebook(path)
        print(path)
        for problem in found.problems:
            print(f"  {SIGNS[FAILED]} {problem.message}")
        for name in found.unanswered:
            print(f"  {SIGNS[EMPTY]} `{name}` is not answered yet.")
        if not found.problems:
            print(f"  {SIGNS[PASSED]} Can be handed in: {_count(len(found.answered), len(found.unanswered))}.")
        fine = fine and not found.problems
    return 0 if fine else 1


def _count(answered: int, unanswered: int) -> str:
    return f"{answered} of {answered + unanswered} exercises have an answer"


if __name__ == "__main__":
    sys.exit(main())
