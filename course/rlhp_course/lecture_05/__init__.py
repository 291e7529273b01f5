"""Checks, hints and quiz of lecture 05, which asks which hyperparameter matters."""
