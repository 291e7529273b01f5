"""Algorithms in JAX, one file each: functions of one run, compiled once for many; `agent` has the contract."""
