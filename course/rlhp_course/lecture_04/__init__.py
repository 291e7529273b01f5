"""Checks, hints and quiz of lecture 04: search spaces and sweeps."""
