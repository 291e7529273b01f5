"""Checks, hints and quiz of lecture 03: reading learning curves."""

from __future__ import annotations

from rlhp.exercises.lecture_03 import number_checks, quiz, resampling_checks, study_checks

__all__ = ["number_checks", "quiz", "resampling_checks", "study_checks"]
