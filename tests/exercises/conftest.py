"""Exercises that the tests declare are forgotten again after each test."""

from __future__ import annotations

import pytest

from rlhp.exercises import _hinting as hinting
from rlhp.exercises import declare


@pytest.fixture(autouse=True)
def _own_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    declare.exercises()  # lectures are imported once; a copy of the registry must already hold them
    monkeypatch.setattr(declare, "_exercises", dict(declare._exercises))
    monkeypatch.setattr(declare, "_quizzes", dict(declare._quizzes))
    monkeypatch.setattr(declare, "_loaded", set(declare._loaded))
    monkeypatch.setattr(hinting, "_asked", {})
