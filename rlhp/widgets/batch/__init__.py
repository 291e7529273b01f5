"""Batch sizes at equal environment steps or at equal seconds."""
