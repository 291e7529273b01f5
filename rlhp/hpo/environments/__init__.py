"""Across environments: features, agreement of ranks, warm starts, and settings tried elsewhere."""
