"""Checks, hints and quiz of lecture 03: reading learning curves."""
