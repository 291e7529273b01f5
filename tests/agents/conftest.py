"""The tests of agents check shapes and types as they run, and that no array is stretched to more axes unasked."""

from __future__ import annotations

import jax
import jaxtyping
import pytest


@pytest.fixture(autouse=True)
def checked():
    """Check what `tests/conftest.py` has prepared; all other tests run without."""
    jaxtyping.config.update("jaxtyping_disable", False)
    try:
        with jax.numpy_rank_promotion("raise"):
            yield
    finally:
        jaxtyping.config.update("jaxtyping_disable", True)
