"""What explorers that train again have in common: the controls that start it, and learning curves while they grow."""
