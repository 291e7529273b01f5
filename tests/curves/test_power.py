from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from rlhp import Runs, curves

# Scores of which mean and standard deviation are 0 and 1.
UNIT = stats.norm.ppf((np.arange(20) + 0.5) / 20)
UNIT = UNIT / UNIT.std(ddof=1)


def pilot(*scores):
    configs = [{"gamma": float(k)} for k, values in enumerate(scores) for _ in values]
    seeds = [seed for values in scores for seed in range(len(values))]
    return Runs.from_table(configs, np.concatenate(scores), seeds=seeds)


@pytest.mark.parametrize(("effect", "needed"), [(0.5, 64), (0.8, 26), (1.0, 17)])
def test_the_normal_theory_is_cohens(effect, needed) -> None:
    """The numbers of every textbook for 80 % power at 5 %, two-sided."""
    found = curves.how_many_seeds(pilot(UNIT), effect=effect, n_studies=None, seeds=range(2, 80), rng=0)
    assert found.needed == needed


def test_simulation_agrees_with_theory_for_gaussian_runs() -> None:
    runs = pilot(stats.norm.ppf((np.arange(200) + 0.5) / 200))
    seeds = (5, 10, 20)
    one, two = (curves.how_many_seeds(runs, effect=1.0, n_studies=n, seeds=seeds, rng=0).table for n in (4_000, None))
    np.testing.assert_allclose(one["power"], two["power"], atol=0.03)
    assert ((one["low"] <= one["power"]) & (one["power"] <= one["high"])).all()


def test_simulation_has_the_standard_deviation_of_a_small_pilot() -> None:
    """Five runs as they are would vary by only sqrt(4 / 5) of the standard deviation that is reported: 14 for 17."""
    options = {"effect": 1.6, "seeds": range(2, 30), "rng": 0}
    normal, drawn = (curves.how_many_seeds(pilot(np.arange(-2.0, 3.0)), n_studies=n, **options) for n in (None, 4_000))
    assert normal.needed == 17
    assert drawn.needed in (16, 17, 18)


@pytest.mark.parametrize("effect", [None, 3.0])
def test_names_of_groups_change_nothing(effect) -> None:
    """Skewed scores: whether the group with the long tail is ahead or behind matters, its name does not."""
    tailed, plain = np.array([0, 0, 0, 0, 5.0]), np.array([-4, -3, -3, -2.5, 2])
    options = {"by": "gamma", "effect": effect, "seeds": (3, 8), "rng": 0, "n_studies": 500}
    one, swapped = (curves.how_many_seeds(pilot(*s), **options) for s in ((tailed, plain), (plain, tailed)))
    assert one.table.equals(swapped.table)
    np.testing.assert_array_equal(one.draws, swapped.draws)
    assert one.spreads == swapped.spreads[::-1]


def test_the_effect_is_the_pilots_where_none_is_given() -> None:
    found = curves.how_many_seeds(pilot(UNIT, UNIT + 2), by="gamma", rng=0, seeds=(2, 5, 10))
    assert found.effect == pytest.approx(2)
    assert found.table["power"].is_monotonic_increasing
    assert found.needed in (5, 10)
    assert found.draws.shape == (3, 200)


def test_no_difference_is_found_at_the_level() -> None:
    table = curves.how_many_seeds(pilot(UNIT), effect=1e-12, seeds=(10,), rng=0, test=curves.Test("welch", "iqm")).table
    assert table["power"][0] + table["wrong"][0] == pytest.approx(0.05, abs=0.02)


def test_none_of_the_numbers_may_do() -> None:
    found = curves.how_many_seeds(pilot(UNIT), effect=0.01, seeds=(3, 5), n_studies=None, rng=0)
    assert found.needed is None
    for text in (repr(found), found._repr_html_()):
        assert "more than 5 seeds a group to find a difference of 0.01" in text
        assert "noncentral t distribution, two-sided at 0.05" in text


def test_same_seed_same_numbers() -> None:
    one, same = (curves.how_many_seeds(pilot(UNIT), effect=1, seeds=(5,), rng=3, n_studies=500) for _ in range(2))
    assert one.table.equals(same.table)
    np.testing.assert_array_equal(one.draws, same.draws)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"power": 80}, r"`power` is 80; give a share between 0 and 1, not per cent, such as 0\.8"),
        ({"test": "permutation"}, r"`test` is by 'permutation', of which the power is not known here"),
        ({"test": "wlch"}, "unknown test `wlch`; did you mean `welch`"),
        ({"test": curves.Test("welch", "iqm"), "n_studies": None}, "`n_studies` is None, .* theory of the mean"),
        ({"seeds": [1, 2]}, "give whole numbers of at least 2 that ascend"),
        ({"n_studies": 3}, "`n_studies` is 3; give a whole number of at least 100"),
        ({"effect": None}, "the number of groups is 1; give `by`"),
        ({"effect": np.nan}, "`effect` is nan; give a finite difference above 0"),
        ({"effect": np.inf}, "`effect` is inf; give a finite difference above 0"),
        ({"effect": 0}, "`effect` is 0; give a finite difference above 0"),
        ({"effect": -1.5}, r"`effect` is -1\.5; .* \(which group is ahead the pilot says\)"),
        ({"effect": "1"}, "`effect` is '1'; give a finite difference above 0"),
    ],
)
def test_options_that_cannot_be(options, message) -> None:
    with pytest.raises(ValueError, match=message):
        curves.how_many_seeds(pilot(UNIT), **({"effect": 1, "rng": 0} | options))


def test_the_level_is_one_minus_the_confidence() -> None:
    strict = curves.Test("welch", confidence=0.99)
    found = curves.how_many_seeds(pilot(UNIT), effect=0.8, n_studies=None, seeds=range(2, 80), rng=0, test=strict)
    assert found.alpha == 0.01
    assert found.needed == 39  # the textbooks' for 80 % power at 1 %, two-sided
    assert "two-sided at 0.01" in repr(found)


def test_a_pilot_without_spread() -> None:
    with pytest.raises(ValueError, match="the 5 runs of the pilot show no spread"):
        curves.how_many_seeds(pilot(np.full(5, 500.0)), effect=1, rng=0)
