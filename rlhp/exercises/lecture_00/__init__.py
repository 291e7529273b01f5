"""Checks, hints and quiz of lecture 00: your first agent, your first hyperparameter."""

from __future__ import annotations

from rlhp.exercises.lecture_00 import number_checks, quiz, seed_checks, study_checks

__all__ = ["number_checks", "quiz", "seed_checks", "study_checks"]
