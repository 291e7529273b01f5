"""Checks, hints and quiz of lecture 02: batch size."""

from __future__ import annotations

from rlhp.exercises.lecture_02 import learning_checks, number_checks, quiz, study_checks

__all__ = ["learning_checks", "number_checks", "quiz", "study_checks"]
