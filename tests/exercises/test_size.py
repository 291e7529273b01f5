from __future__ import annotations

import pytest

from rlhp.exercises import size


@pytest.mark.parametrize(("value", "picked"), [(None, 50), ("", 50), ("0", 50), ("1", 2)])
def test_size_follows_the_environment(monkeypatch: pytest.MonkeyPatch, value: str | None, picked: int) -> None:
    if value is None:
        monkeypatch.delenv("RLHP_SMALL", raising=False)
    else:
        monkeypatch.setenv("RLHP_SMALL", value)
    assert size(50, small=2) == picked


def test_other_values_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RLHP_SMALL", "yes")
    with pytest.raises(ValueError, match="RLHP_SMALL is 'yes'; set it to 1"):
        size(50, small=2)
