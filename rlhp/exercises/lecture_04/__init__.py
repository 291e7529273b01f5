"""Checks, hints and quiz of lecture 04: search spaces and sweeps."""

from __future__ import annotations

from rlhp.exercises.lecture_04 import choosing_checks, drawing_checks, quiz, space_checks

__all__ = ["choosing_checks", "drawing_checks", "quiz", "space_checks"]
