"""The front of two objectives against the definition, pair by pair."""

from __future__ import annotations

import numpy as np
import pytest

from rlhp import Runs, curves, objectives
from rlhp.curves._pareto import not_beaten


def both(values, steps, **options):
    runs = Runs.from_table([{"gamma": 1 - 1 / (i + 2)} for i in range(len(values))], values, steps=steps)
    options = {"failures": "raise", "per": "config"} | options
    return [objectives.score(runs, name, **options) for name in ("final_return", "env_steps")]


def beaten(gains):
    """Say of each row whether another is as good in both and better in one."""
    as_good = (gains[None] >= gains[:, None]).all(axis=2)
    better = (gains[None] > gains[:, None]).any(axis=2)
    return (as_good & better).any(axis=1)


@pytest.mark.parametrize("levels", [3, 10, 1000])
def test_the_front_is_what_none_beats(levels) -> None:
    rng = np.random.default_rng(levels)
    for n in (1, 2, 7, 60):
        gains = rng.integers(0, levels, (n, 2)).astype(float)
        np.testing.assert_array_equal(not_beaten(gains), ~beaten(gains))


def test_each_objective_has_its_direction() -> None:
    found = curves.pareto_front(*both([3.0, 1.0, 4.0, 4.0], [10, 20, 30, 40]))
    assert found.table["on_front"].tolist() == [True, False, True, False]
    assert found.front.to_dict("list") == {"final_return": [4.0, 3.0], "env_steps": [30.0, 10.0]}
    assert repr(found).startswith("ParetoFront: 2 of 4 configurations on unknown are on the Pareto front")
    assert "env_steps in environment steps, lower is better" in repr(found)


def test_what_one_of_them_dropped_is_left_out() -> None:
    reached, _ = both([3.0, float("nan"), 4.0], [10, 20, 30], failures="drop")
    _, used = both([3.0, 1.0, 4.0], [10, 20, 30])
    assert len(curves.pareto_front(reached, used).table) == 2


def test_what_does_not_go_together_is_refused() -> None:
    reached, used = both([3.0, 1.0], [10, 20])
    with pytest.raises(ValueError, match="`first` and `second` are both final_return; give different objectives"):
        curves.pareto_front(reached, reached)
    runs = Runs.from_table([{"gamma": 0.5}], [1.0])
    with pytest.raises(ValueError, match="`first` has a score per config and `second` per run"):
        curves.pareto_front(reached, objectives.score(runs, "env_steps", failures="raise"))
    other = Runs.from_table([{"gamma": 0.123}], [1.0])
    with pytest.raises(ValueError, match="`first` and `second` have no configuration in common"):
        curves.pareto_front(reached, objectives.score(other, "env_steps", failures="raise", per="config"))
    elsewhere = Runs.from_table([{"gamma": 0.5}], [1.0], env_id="B-v0")
    with pytest.raises(ValueError, match="`first` is of B-v0 and `second` of unknown; score the same runs with each"):
        curves.pareto_front(objectives.score(elsewhere, "final_return", failures="raise", per="config"), used)
