"""The surface that PB2 believes in: what it says is what the process says, and drift makes it forget."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from rlhp.population import PB2, Past, surface
from tests.population.pb2.test_pb2 import EVERY, all_kinds, drawn, past_of, plain


def moving() -> Past:
    """The best `x` is .2 for ten generations and .8 for two."""
    space, rng = plain(), np.random.default_rng(0)
    configs = drawn(space, 48, 0)
    best = np.where(np.arange(48) < 40, 0.2, 0.8)
    gains = [-5 * (one["x"] - at) ** 2 for one, at in zip(configs, best, strict=True)]
    return past_of(space, configs, np.array(gains) + 0.05 * rng.standard_normal(48), members=4)


def test_drift_decides_between_what_was_and_what_is() -> None:
    never, quickly = (surface(plain(), moving(), "x", explore=PB2(drift=at), points=41) for at in (0.0, 0.8))
    assert never.axes[0][never.mean.argmax()] < 0.45
    assert quickly.axes[0][quickly.mean.argmax()] > 0.55
    assert quickly.drift == pytest.approx(0.8)
    assert quickly.std.mean() > never.std.mean()


def test_earlier_only_what_was_known_counts() -> None:
    early = surface(plain(), moving(), ["x", "rate"], step=10 * EVERY, points=9)
    assert early.best["x"] < 0.5
    assert early.mean.shape == early.std.shape == early.bound.shape == (9, 9)
    np.testing.assert_allclose(early.bound, early.mean + PB2().kappa * early.std)
    table = early.table
    assert list(table) == ["x", "rate", "mean", "std", "bound"]
    assert len(table) == 81
    assert table.loc[table["bound"].idxmax(), ["x", "rate"]].to_dict() == early.best
    assert set(early.scales) == {"x", "rate", "score"}


def test_the_mean_is_in_the_unit_of_the_scores() -> None:
    past = moving()
    large = Past(past.member, past.start, past.end, 100 * past.before, 100 * past.after, past.configs)
    one, hundred = (surface(plain(), each, "x", points=5) for each in (past, large))
    np.testing.assert_allclose(hundred.mean, 100 * one.mean, rtol=1e-4)
    assert hundred.noise == pytest.approx(100 * one.noise, rel=1e-4)


def test_the_others_are_held_where_asked_or_at_the_best() -> None:
    space = all_kinds()
    configs = drawn(space, 12, 0)
    past = past_of(space, configs, np.arange(12.0), members=4)
    held = surface(space, past, "gamma", points=3, at={"n_steps": 5}, score=12.0).held
    assert held["n_steps"] == 5
    assert held["score"] == 12.0
    assert held["learning_rate"] == configs[-1]["learning_rate"]
    assert "score" not in surface(space, past, "gamma", points=3, explore=PB2(score=False)).held


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"names": "gama"}, "did you mean `gamma`"),
        ({"names": "n_steps"}, "those with an order"),
        ({"names": ["gamma", "learning_rate", "clip_range"]}, "one or two hyperparameters"),
        ({"names": "gamma", "step": 100}, "nothing is known to have been gained by step 100"),
        ({"names": "gamma", "at": {"gamma": 0.9}}, "`gamma`"),
        ({"names": "gamma", "at": {"n_steps": 4}}, "`at`: .*4"),
        ({"names": "gamma", "points": 1}, "`points` is 1"),
    ],
)
def test_what_cannot_be_is_refused(options: dict[str, Any], message: str) -> None:
    space = all_kinds()
    past = past_of(space, drawn(space, 8, 0), np.arange(8.0), members=4)
    with pytest.raises(ValueError, match=message):
        surface(space, past, options.pop("names"), **options)
