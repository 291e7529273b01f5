"""Population-based bandits: a process of what a segment gains, which forgets, and what to try next by it."""
