"""Checks, hints and quiz of lecture 01: exploration schedules."""
