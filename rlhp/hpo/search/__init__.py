"""The conversation: ask for configurations, tell what they were worth; its journal; the contract of who proposes."""
