"""Exercises: checks with an immediate verdict, hints, expected pictures and quizzes.

In a lecture::

    from rlhp.exercises import check, expected, hint, needs, quiz, size

    check("01.linear_epsilon", linear_epsilon)     # right or not, at once, and what to look at
    hint("01.linear_epsilon")                      # hints, one at a time
    hint("glossary:replay memory")                 # what a word means
    expected("01.linear_epsilon")                  # what a right answer looks like
    with needs("01.linear_epsilon"):               # a cell that uses the answer; Run All goes on without it
        plots.schedule(linear_epsilon)
    quiz("01.quiz")                                # a reason for every choice

Lectures declare theirs with `rlhp.exercises.declare` and compare with `rlhp.exercises.expect`.
``python -m rlhp.exercises NOTEBOOK`` says whether a notebook can be handed in as it is.
"""

# At once, unlike other rooms: what is looked up later, while a check runs, may be what the notebook has put there.
from rlhp.exercises._checking import check
from rlhp.exercises._failures import CheckFailed, NotAnswered
from rlhp.exercises._hinting import expected, hint
from rlhp.exercises._needing import needs
from rlhp.exercises._occasions import grading_now
from rlhp.exercises._quizzes import quiz
from rlhp.exercises._sizes import size

__all__ = ["check", "hint", "expected", "needs", "quiz", "size", "grading_now", "CheckFailed", "NotAnswered"]
