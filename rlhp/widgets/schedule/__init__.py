"""An exploration schedule: what it spends, and what DQN learns with it."""
