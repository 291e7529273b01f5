"""Algorithms in JAX, one file each, so that many runs are one compiled program; `agent` has the contract."""
