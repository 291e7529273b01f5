"""Several objectives at once, on measured sweeps: the front, what of it other seeds leave, and the point to take."""
