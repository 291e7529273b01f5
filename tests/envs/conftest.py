from __future__ import annotations

import pytest

from rlhp import returns, worlds
from rlhp.envs import _registry as registry


@pytest.fixture
def nothing_registered(monkeypatch):
    """A test's own registrations are forgotten after it."""
    for module, name in ((registry, "_REGISTERED"), (worlds, "_KNOWN"), (returns, "_BOUNDS")):
        monkeypatch.setattr(module, name, dict(getattr(module, name)))
