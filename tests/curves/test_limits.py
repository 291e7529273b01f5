"""Intervals of returns stay within what an episode can earn, and say so."""

from __future__ import annotations

import math

import numpy as np
import pytest

from rlhp import Runs, curves, plots
from rlhp.curves._limits import EVERYTHING, limits_of
from rlhp.objectives import names, score

pytestmark = pytest.mark.filterwarnings("ignore::rlhp.curves.FewRunsWarning")

NEAR_THE_TOP = [500.0, 500.0, 480.0, 150.0, 120.0]


def runs_of(returns, env_id="CartPole-v1"):
    return Runs.from_table([{}] * len(returns), returns, seeds=range(len(returns)), env_id=env_id)


@pytest.mark.parametrize("interval", ["auto", "student_t", "expanded"])
@pytest.mark.parametrize("statistic", [curves.iqm, curves.mean])
def test_no_interval_goes_beyond(statistic, interval) -> None:
    bounded = statistic(runs_of(NEAR_THE_TOP[:4]), rng=0, interval=interval)
    free = statistic(runs_of(NEAR_THE_TOP[:4], "Unknown-v0"), rng=0, interval=interval)
    assert free.table["band_high"].iloc[0] > 500
    row = bounded.table.iloc[0]
    assert (row["band_high"], row["high"]) == (500.0, min(500.0, free.table["high"].iloc[0]))
    assert row["low"] == max(1.0, free.table["low"].iloc[0])
    assert "cut at what an episode can earn (1 to 500)" in repr(bounded)
    assert "episode can earn" not in repr(free)


def test_a_figure_says_so_of_the_band_that_it_shows(study) -> None:
    curves_ = [[100.0, 300.0], [200.0, 500.0], [50.0, 500.0], [20.0, 480.0]]
    for env_id, cut in (("CartPole-v1", True), ("Unknown-v0", False)):
        summary = curves.mean(study(curves_, env_id=env_id), rng=0)
        for band, said in (("simultaneous", cut), ("none", False)):
            caption = plots.curves(summary, band=band, ax=plots.new_axes()).get_title("left")
            assert ("cut at what an episode can earn (1 to 500)" in " ".join(caption.split())) == said


def test_scores_and_tolerances_do_not_either() -> None:
    runs = runs_of(NEAR_THE_TOP)
    assert curves.summarise(runs, statistic="mean", interval="student_t", rng=0).high[0] == 500.0
    assert curves.tolerance_band(runs).table["high"].max() == 500.0
    gap = curves.optimality_gap(runs, target=475, interval="student_t", rng=0)
    assert gap.low[0] == 0.0
    assert gap.high[0] <= 474.0


def test_normalised_returns_have_normalised_limits() -> None:
    made = curves.mean(runs_of(NEAR_THE_TOP), rng=0, interval="student_t", normalise={"CartPole-v1": (0, 250)})
    assert made.table["high"].max() == 2.0
    upside_down = limits_of(["CartPole-v1"], np.array([0.5]), {"CartPole-v1": (500.0, -500.0)})
    assert upside_down == (0.0, pytest.approx(499 / 500))


def test_other_rewards_than_the_environments_own_are_left_alone() -> None:
    assert limits_of(["CartPole-v1"], np.array([501.0, 3.0])) == EVERYTHING
    assert limits_of(["CartPole-v1"], np.array([-1000.0])) == EVERYTHING  # a number that stands for a failure
    assert limits_of(["MinAtar/Breakout-v1"], np.array([3.0])) == (0.0, math.inf)


def test_what_is_no_return_has_no_limits() -> None:
    runs = runs_of(NEAR_THE_TOP)
    assert curves.summarise(runs, "env_steps", rng=0).high[0] == 1.0
    assert "episode can earn" not in repr(curves.mean(runs, value="n_episodes", rng=0))


@pytest.mark.parametrize(
    "statistic", [curves.summarise, curves.compare, curves.probability_of_improvement, curves.performance_profile]
)
def test_what_a_configuration_has_once_is_said_to_be_so(statistic) -> None:
    configs = [{"gamma": gamma} for gamma in (0.9, 0.99) for _ in range(3)]
    runs = Runs.from_table(configs, range(6), seeds=[0, 1, 2] * 2)
    with pytest.raises(ValueError, match="`objective` is 'seed_std', one number for all seeds of a configuration"):
        statistic(runs, "seed_std", by="gamma", rng=0)
    single = [name for name in names() if score_is_per_config(runs, name)]
    assert single == ["seed_std"]


def score_is_per_config(runs, name) -> bool:
    options = {"threshold": 1.0} if name == "steps_to_threshold" else {}
    try:
        return score(runs, name, failures=0.0, **options).per == "config"
    except ValueError:  # not recorded by these runs
        return False


def test_groups_that_end_at_different_steps_say_so(study) -> None:
    runs = study({0.1: [[1, 2, 3]] * 5, 0.2: [[1, 2, 3]] * 4 + [[1]]}, status=["finished"] * 9 + ["stopped"])
    said = repr(curves.iqm(runs, by="learning_rate", failures="truncate", rng=0))
    assert "the groups end at different steps (learning_rate = 0.2 at 10, learning_rate = 0.1 at 30)" in said
    assert "different steps" not in repr(curves.iqm(runs, by="learning_rate", failures="worst", rng=0))
    assert "1 run was stopped early" in repr(curves.summarise(runs, by="learning_rate", rng=0))
