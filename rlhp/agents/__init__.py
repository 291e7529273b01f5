"""Algorithms in JAX, one file each, as functions of one run that are compiled once for many; `agent` has the contract."""
