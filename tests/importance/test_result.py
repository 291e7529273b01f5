"""The one result type: it says what it rests on, and refuses to rank where it knows too little."""

from __future__ import annotations

import re

import numpy as np
import pytest

from rlhp import importance

NO_INTERVAL = importance.Fit(n_boot=0)


@pytest.fixture(scope="module")
def poor(cube, sampled) -> importance.Importance:
    runs = sampled(cube(2), lambda u: 0 * u[:, 0], n=64, noise=1.0)
    return importance.fanova(runs, cube(2), rng=0, fit=NO_INTERVAL)


@pytest.fixture(scope="module")
def good(cube, sampled) -> importance.Importance:
    runs = sampled(cube(2), lambda u: u[:, 0], n=64, seeds=2, noise=0.1, env_id="Acrobot-v1")
    return importance.fanova(runs, cube(2), rng=0, fit=importance.Fit(n_boot=40))


def test_a_poor_fit_refuses_to_rank(poor) -> None:
    assert poor.poor_fit
    message = (
        rf"R2 is {poor.r2:.2f}, below 0.3: it does not know these 64 configurations well enough to rank .* Sweep .*"
        r"pass fit=importance.Fit\(allow_poor_fit=True\) or take `.despite_poor_fit\(\)`"
    )
    for ask in (lambda: poor.table, lambda: poor.ranking, lambda: poor.shares(), lambda: poor.marginals("x0")):
        with pytest.raises(importance.PoorFitError, match=message):
            ask()


def test_it_can_be_told_otherwise(poor, cube, sampled) -> None:
    assert len(poor.despite_poor_fit().table) == 4
    assert poor.poor_fit, "the first one still refuses"
    runs = sampled(cube(2), lambda u: 0 * u[:, 0], n=64, noise=1.0)
    assert len(importance.fanova(runs, cube(2), rng=0, fit=importance.Fit(n_boot=0, allow_poor_fit=True)).table) == 4
    assert len(importance.fanova(runs, cube(2), rng=0, fit=importance.Fit(n_boot=0, least_r2=-10)).table) == 4


def test_reading_it_never_raises(poor) -> None:
    for text in (repr(poor), poor._repr_html_()):
        assert f"R2 {poor.r2:.2f} is below 0.3: no ranking" in text
        assert "x0" not in text
    assert "x0" in repr(poor.despite_poor_fit())


def test_everything_is_named(good) -> None:
    for text in (repr(good), good._repr_html_()):
        assert "fanova of final_return on Acrobot-v1 (maximize); measure: declared" in text
        assert "95 % interval: 40 resamples of configurations and whole seeds" in text
        assert "64 configurations, up to 2 seeds, 128 runs; none failed (failures=" in text
        assert f"cross-validated R2 of the surrogate {good.r2:.2f}" in text
        assert "seed noise apart:" in text


def test_draws_are_kept(good) -> None:
    assert good.draws.shape == (40, len(good.terms))
    assert np.isfinite(good.draws).all()


def test_r2_is_that_of_unseen_configurations(cube, sampled) -> None:
    """Half of the variance is noise: no honest R2 is far above one half."""
    runs = sampled(cube(1), lambda u: u[:, 0] * np.sqrt(12), n=1024, noise=1.0)
    assert importance.fanova(runs, cube(1), rng=0, fit=NO_INTERVAL).r2 == pytest.approx(0.4, abs=0.12)


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda imp: imp.shares("interaction"), "unknown kind `interaction` for fanova. Valid: main, total."),
        (lambda imp: imp.marginals("x7"), "unknown hyperparameter `x7` for fanova. Valid: x0, x1."),
    ],
)
def test_what_is_not_there_is_said(good, ask, message) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        ask(good)


def test_frozen(good) -> None:
    with pytest.raises(AttributeError):
        good.method = "other"
