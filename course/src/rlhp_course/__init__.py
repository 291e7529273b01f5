"""What the lectures of rlhp ask: the exercises with their checks, hints and pictures, and the quizzes.

A folder a lecture, a file an exercise, named after it. The lectures themselves are notebooks, in the project's folder
`course/`; `rlhp.exercises` finds this package by its entry point.
"""

__version__ = "0.2.0"
