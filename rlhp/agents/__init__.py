"""Algorithms in JAX, one file each, written so that many runs are one compiled program; see `agent` for the contract."""
