"""No importance depends on the unit of the scores or their zero; what rounding alone tells apart is alike."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rlhp import Runs, importance, spaces
from rlhp.importance.surrogates._standard import Standard
from rlhp.objectives._rounding import levelled
from rlhp.runs import concat

NO_INTERVAL = importance.Fit(n_boot=0)

SMALL = importance.Fit(n_trees=6, n_boot=40, boot_trees=2, allow_poor_fit=True, surrogate="forest")
METHODS = {
    "fanova": lambda *asked: importance.fanova(*asked, rng=0, fit=SMALL),
    "fanova of the good": lambda *asked: importance.fanova(*asked, rng=0, quantile=0.3, order=2, fit=SMALL),
    "local": lambda *asked: importance.local(*asked, rng=0, fit=SMALL),
    "permutation": lambda *asked: importance.permutation(*asked, rng=0, fit=SMALL),
    "ablation": lambda *asked: importance.ablation(*asked, rng=0, fit=SMALL),
    "shapley": lambda *asked: importance.shapley(*asked, rng=0, fit=SMALL),
    "ped_anova": lambda *asked: importance.ped_anova(*asked, rng=0, fit=importance.Fit(n_boot=40)),
}
SPACE = spaces.subspace(spaces.default("dqn"), ["learning_rate", "gamma", "tau"])
CONFIGS = spaces.sample(SPACE, 64, method="sobol", rng=0)
UNIT = spaces.to_unit(SPACE, CONFIGS)


def of(scale: float, offset: float, *, env_id: str = "A-v0", turned: bool = False) -> Runs:
    """Two seeds of 2 a + b, with noise, on a scale; `turned` wants other values."""
    u = 1 - UNIT if turned else UNIT
    noise = np.random.default_rng(0).normal(scale=0.1, size=(2, len(u)))
    scores = (2 * u[:, 1] + u[:, 0] + noise).ravel()
    whole = pd.concat([CONFIGS] * 2, ignore_index=True)
    return Runs.from_table(whole, scale * (scores + offset), seeds=[0] * 64 + [1] * 64, env_id=env_id)


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=8, deadline=None)
@example(scale=1.0, offset=1e6, sign=-1.0)
@given(
    scale=st.floats(-12, 12).map(lambda power: 10.0**power),
    offset=st.floats(0, 8).map(lambda power: 10.0**power),
    sign=st.sampled_from([-1.0, 1.0]),
)
def test_shares_do_not_depend_on_unit_and_offset(method: str, scale: float, offset: float, sign: float) -> None:
    plain, moved = (METHODS[method](of(*one), SPACE) for one in ((1.0, 0.0), (scale, sign * offset)))
    # A score beside a large offset has lost its last digits, and of two cuts that are equally good but for those a tree
    # takes either: with six trees that is a few thousandths.
    close, near = (1e-4, 1e-2) if offset <= 1e3 else (1e-2, 5e-2)
    np.testing.assert_allclose(moved.estimate, plain.estimate, atol=close)
    np.testing.assert_allclose(moved.draws, plain.draws, atol=near)
    if plain.r2 is not None:
        assert moved.r2 == pytest.approx(plain.r2, abs=close)
    if plain.seed_noise is not None:
        assert moved.seed_noise.share == pytest.approx(plain.seed_noise.share, abs=1e-4)


@settings(max_examples=8, deadline=None)
@given(scale=st.floats(-12, 12).map(lambda power: 10.0**power), offset=st.floats(0, 8).map(lambda power: 10.0**power))
def test_neither_does_what_compares_environments_or_shows_a_landscape(scale: float, offset: float) -> None:
    pairs = [concat([of(*one), of(*one, env_id="B-v0", turned=True)]) for one in ((1.0, 0.0), (scale, offset))]
    plain, moved = (importance.sensitivity(one, SPACE, rng=0, n_boot=40, n_trees=4) for one in pairs)
    assert moved.sensitivity == pytest.approx(plain.sensitivity, abs=1e-5)
    assert (moved.shared, moved.effective) == (plain.shared, plain.effective)
    ranks = [importance.thc(one, SPACE, rng=0, n_boot=40).ranks["rank"] for one in pairs]
    assert ranks[0].equals(ranks[1])
    lands = [
        importance.landscape(of(*one), SPACE, "gamma", "learning_rate", rng=0, points=5, n_trees=4)
        for one in ((1.0, 0.0), (scale, offset))
    ]
    np.testing.assert_allclose(lands[1].mean / scale - offset, lands[0].mean, atol=1e-5)
    np.testing.assert_allclose(lands[1].spread / scale, lands[0].spread, atol=1e-5)


@pytest.mark.parametrize("surrogate", ["process", "boosted"])
def test_nor_do_the_other_surrogates(surrogate: str) -> None:
    options = {"rng": 0, "fit": importance.Fit(surrogate=surrogate, n_boot=0, allow_poor_fit=True)}
    plain, moved = (importance.fanova(of(*one), SPACE, **options) for one in ((1.0, 0.0), (1e-12, 1e7)))
    np.testing.assert_allclose(moved.estimate, plain.estimate, atol=0.01)
    assert moved.r2 == pytest.approx(plain.r2, abs=0.01)


def test_the_smallest_cases() -> None:
    """2 a + b has shares .8 and .2 wherever its zero lies and whatever its unit."""
    for scale, offset in ((1.0, 3e7), (1e-8, 0.0), (1e-12, 1e8), (1e12, 0.0)):
        u = spaces.to_unit(SPACE, found := spaces.sample(SPACE, 256, method="sobol", rng=0))
        runs = Runs.from_table(found, scale * (2 * u[:, 1] + u[:, 0] + offset))
        result = importance.fanova(runs, SPACE, rng=0, fit=NO_INTERVAL)
        assert result.r2 > 0.9, (scale, offset)
        assert result.shares()[["learning_rate", "gamma"]].tolist() == pytest.approx([0.8, 0.2], abs=0.03)


def test_standard_scores() -> None:
    scores = np.array([1e8, 1e8 + 1, 1e8 + 5])
    found = Standard.of(scores).onto(scores)
    assert (found.mean(), found.std()) == pytest.approx((0, 1), abs=1e-12)
    np.testing.assert_array_equal(Standard.of(scores).back(found), scores)
    assert Standard.of(np.full(4, 7.0)).onto(np.full(4, 7.0)).tolist() == [0.0] * 4


def test_rounding_is_levelled_and_nothing_else() -> None:
    mean = np.array([np.mean([0.1, 0.2, 0.3]), np.mean([0.3, 0.1, 0.2]), np.mean([0.3, 0.2, 0.1]), 0.21])
    assert len(set(mean)) > 2
    level = levelled(mean, np.full(4, 0.3))
    assert (len(set(level)), level[3]) == (2, 0.21)
    # A chain of small steps is no rounding, and one huge score does not hide the others' differences.
    chain = 1 + np.arange(1000) * 30 * np.spacing(1.0)
    assert len(set(levelled(chain, np.ones(1000)))) > 300
    far = np.array([-1e15, 0.1, 0.2])
    assert levelled(far, np.abs(far)).tolist() == far.tolist()
