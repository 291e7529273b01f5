"""Checks, hints and quiz of lecture 01: exploration schedules."""

from __future__ import annotations

from rlhp.exercises.lecture_01 import acting_checks, quiz, schedule_checks, study_checks

__all__ = ["acting_checks", "quiz", "schedule_checks", "study_checks"]
