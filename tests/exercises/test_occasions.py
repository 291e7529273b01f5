"""Who runs the notebook."""

from __future__ import annotations

import pytest

from rlhp.exercises import grading_now


@pytest.mark.parametrize(
    ("value", "graded"), [(None, False), ("", False), ("0", False), ("autograde", True), ("validate", True)]
)
def test_nbgraders_own_variable_says_it(monkeypatch: pytest.MonkeyPatch, value: str | None, graded: bool) -> None:
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    if value is not None:
        monkeypatch.setenv("NBGRADER_EXECUTION", value)
    assert grading_now() is graded
