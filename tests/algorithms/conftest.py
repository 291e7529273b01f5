from __future__ import annotations

import pytest

from rlhp.algorithms import _registry as registry


@pytest.fixture(autouse=True)
def as_before(monkeypatch):
    """What a test registers is gone after it."""
    monkeypatch.setattr(registry, "_DECLARED", dict(registry._DECLARED))
