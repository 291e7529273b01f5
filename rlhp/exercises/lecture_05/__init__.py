"""Checks, hints and quiz of lecture 05, which asks which hyperparameter matters."""

from __future__ import annotations

from rlhp.exercises.lecture_05 import (
    ablation_checks,
    leaders_checks,
    noise_checks,
    quiz,
    shapley_checks,
    shuffling_checks,
    variance_checks,
)

__all__ = [
    "ablation_checks",
    "leaders_checks",
    "noise_checks",
    "quiz",
    "shapley_checks",
    "shuffling_checks",
    "variance_checks",
]
