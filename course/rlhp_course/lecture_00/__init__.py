"""Checks, hints and quiz of lecture 00: your first agent, your first hyperparameter."""
