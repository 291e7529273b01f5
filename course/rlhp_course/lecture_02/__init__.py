"""Checks, hints and quiz of lecture 02: batch size."""
