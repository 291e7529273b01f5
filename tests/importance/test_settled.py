"""Whether a surrogate knows enough does not depend on the seed of one forest."""

from __future__ import annotations

import numpy as np
import pytest

from rlhp import Runs, importance, spaces
from rlhp.importance._settled import Settled

SPACE = spaces.subspace(spaces.default("dqn"), ["learning_rate", "gamma"])


def runs(noise: float, n: int = 96) -> Runs:
    configs = spaces.sample(SPACE, n, method="sobol", rng=0)
    scores = spaces.to_unit(SPACE, configs)[:, 1] + noise * np.random.default_rng(1).standard_normal(n)
    return Runs.from_table(configs, scores)


def test_clear_cases_are_clear_for_any_seed() -> None:
    for rng in range(4):
        assert importance.settle(runs(0.05), SPACE, rng=rng, n_trees=16).verdict == "enough"
        assert importance.settle(runs(3.0), SPACE, rng=rng, n_trees=16).verdict == "too little"


def test_between_them_no_seed_says_yes_where_another_says_no() -> None:
    for noise in (0.3, 0.4, 0.5):
        said = {importance.settle(runs(noise), SPACE, rng=rng, n_trees=16).verdict for rng in range(6)}
        assert not {"enough", "too little"} <= said


def test_a_forest_has_the_r2_that_fanova_states() -> None:
    one = importance.settle(runs(0.1), SPACE, rng=0, n_forests=3)
    stated = [
        importance.fanova(runs(0.1), SPACE, rng=rng, fit=importance.Fit(surrogate="forest", n_boot=0)).r2
        for rng in range(3)
    ]
    assert one.mean == pytest.approx(np.mean(stated), abs=0.05)
    good = importance.settle(runs(0.1), SPACE, rng=0, n_forests=3, quantile=0.5)
    stated = [
        importance.fanova(runs(0.1), SPACE, rng=rng, fit=importance.Fit(surrogate="forest", n_boot=0), quantile=0.5).r2
        for rng in range(3)
    ]
    assert good.mean == pytest.approx(np.mean(stated), abs=0.05)


def test_the_same_seed_gives_the_same_forests() -> None:
    first, second = (importance.settle(runs(0.1), SPACE, rng=7, n_trees=8) for _ in range(2))
    assert first.r2s.tolist() == second.r2s.tolist()


def test_where_nothing_varies_there_is_nothing_to_settle() -> None:
    flat = Runs.from_table(spaces.sample(SPACE, 32, method="sobol", rng=0), [1.0] * 32)
    assert importance.settle(flat, SPACE, rng=0) is None


def test_numbers_keep_the_digits_that_tell_them_from_the_least() -> None:
    assert Settled(np.array([0.296, 0.297, 0.295])).text == "R2 0.296, mean of 3 forests (0.295 to 0.297)"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_forests": 1}, "`n_forests` is 1"),
        ({"n_trees": 0}, "`n_trees` is 0"),
        ({"quantile": 1.5}, "`quantile` is 1.5"),
    ],
)
def test_impossible_options_are_refused(options, message) -> None:
    with pytest.raises(ValueError, match=message):
        importance.settle(runs(0.1), SPACE, rng=0, **options)
