from __future__ import annotations

import numpy as np
import pytest

from rlhp import Runs, curves
from rlhp.schedules import Linear


def groups(runs, **options):
    return curves.mean(runs, rng=0, n_boot=50, **options).groups


pytestmark = pytest.mark.filterwarnings("ignore::rlhp.curves.FewRunsWarning")


# --- the grid -------------------------------------------------------------------------------------------------------


def test_equal_grids_are_kept_as_they_are(study) -> None:
    (group,) = groups(study([[1, 2, 3], [4, 5, 6]], steps=[10, 20, 30]))
    assert group.steps.tolist() == [10, 20, 30]
    assert group.curves.tolist() == [[1, 2, 3], [4, 5, 6]]
    assert group.common_grid


def test_unequal_grids_meet_at_the_coarsest_run_with_the_latest_evaluation(study) -> None:
    runs = study([[1, 2, 3, 4], [10, 20]], steps=[[5, 10, 20, 30], [8, 25]])
    (group,) = groups(runs)
    assert group.steps.tolist() == [8, 25]
    assert group.curves.tolist() == [[1, 3], [10, 20]]
    assert not group.common_grid
    assert group.observed.all()


def test_linear_interpolation(study) -> None:
    runs = study([[1, 2, 3, 4], [10, 20]], steps=[[5, 10, 20, 30], [8, 25]])
    (group,) = groups(runs, grid=curves.Grid(align="linear"))
    np.testing.assert_allclose(group.curves, [[1.6, 3.5], [10, 20]])


def test_nothing_is_extrapolated(study) -> None:
    """The first run starts late and the second ends early: what is compared lies where both have been."""
    runs = study([[1, 2, 3], [7, 8, 9]], steps=[[20, 30, 40], [10, 22, 34]])
    (group,) = groups(runs)
    assert group.steps.min() >= 20
    assert group.steps.max() <= 34


def test_a_run_without_evaluations_inside_the_common_range(study) -> None:
    (group,) = groups(study([[1, 2], [5, 6, 7]], steps=[[10, 50], [20, 30, 40]]))
    assert group.steps.tolist() == [40]
    assert group.curves.tolist() == [[1], [7]]


def test_a_long_grid_is_thinned(study) -> None:
    long = np.arange(1, 1001)
    gap = np.delete(long, 499)
    (group,) = groups(study([long, gap], steps=[long, gap]))
    assert len(group.steps) == 200
    assert (group.steps[0], group.steps[-1]) == (1, 1000)
    np.testing.assert_array_equal(group.curves[0], group.steps)


def test_each_group_has_its_own_grid(study) -> None:
    first, second = groups(study({0.1: [[1, 2]], 0.2: [[1, 2, 3]]}, steps=[[10, 20], [10, 20, 30]]), by="learning_rate")
    assert (len(first.steps), len(second.steps)) == (2, 3)


def test_a_grid_of_ones_own(study) -> None:
    (group,) = groups(study([[1, 2, 3], [4, 5, 6]], steps=[10, 20, 30]), grid=[15, 30])
    assert group.curves.tolist() == [[1, 3], [4, 6]]
    assert not group.common_grid


@pytest.mark.parametrize("grid", [[10, 31], [9, 30]])
def test_a_grid_outside_what_is_covered(study, grid) -> None:
    with pytest.raises(ValueError, match="the steps that all runs cover are 10 to 30; nothing is extrapolated"):
        groups(study([[1, 2, 3]], steps=[10, 20, 30]), grid=grid)


@pytest.mark.parametrize("grid", [[], [20, 10], [10.5], [[10]]])
def test_a_grid_that_is_none(study, grid) -> None:
    with pytest.raises(ValueError, match="give environment steps as whole numbers that increase"):
        groups(study([[1, 2, 3]]), grid=grid)


def test_runs_that_never_meet(study) -> None:
    with pytest.raises(ValueError, match="no step is covered by all runs: one starts at 30, another ends at 20"):
        groups(study([[1, 2], [3, 4]], steps=[[10, 20], [30, 40]]))


def test_an_unknown_alignment() -> None:
    with pytest.raises(ValueError, match="unknown align `previus`; did you mean `previous`"):
        curves.Grid(align="previus")


# --- runs that did not finish -----------------------------------------------------------------------------------------


@pytest.fixture
def broken(study):
    """Four runs: two finished, one diverged after a step, one failed before its first evaluation."""
    return study([[5, 6, 7], [1, 2, 3], [-9], []], steps=[10, 20, 30], status=["finished"] * 2 + ["diverged", "failed"])


def test_they_are_refused_by_default_with_their_number(broken) -> None:
    with pytest.raises(ValueError, match=r"2 of 4 runs did not finish \(1 diverged, 1 failed\).*failures='worst'"):
        groups(broken)


def test_worst_keeps_what_they_had_and_fills_the_rest(broken) -> None:
    (group,) = groups(broken, failures="worst")
    assert group.curves.tolist() == [[5, 6, 7], [1, 2, 3], [-9, -9, -9], [-9, -9, -9]]
    assert group.observed.tolist() == [[True] * 3, [True] * 3, [True, False, False], [False] * 3]
    assert group.n_unfinished == 2


def test_worst_looks_at_all_runs_compared(study) -> None:
    runs = study(
        {0.1: [[5, 6], [7]], 0.2: [[-3, 8], [9, 9]]}, steps=[10, 20], status=["finished", "stopped"] + ["finished"] * 2
    )
    first, _ = groups(runs, by="learning_rate", failures="worst")
    assert first.curves.tolist() == [[5, 6], [7, -3]]


def test_a_crash_never_wins_where_returns_are_negative(study) -> None:
    runs = study({0.1: [[-200, -150]] * 3, 0.2: [[], [], []]}, steps=[10, 20], status=["finished"] * 3 + ["failed"] * 3)
    good, bad = curves.iqm(runs, by="learning_rate", rng=0, failures="worst").final["estimate"]
    assert bad == -200 < good == -150


def test_a_number(broken) -> None:
    (group,) = groups(broken, failures=0)
    assert group.curves[2:].tolist() == [[-9, 0, 0], [0, 0, 0]]


def test_a_number_is_in_the_unit_of_the_return_also_where_that_is_normalised(study) -> None:
    """-200 on a scale from -100 to 100 is -0.5, for the curve as for the score of the run."""
    runs = study([[50, 100], [0, 0], []], steps=[10, 20], status=["finished"] * 2 + ["failed"])
    options = {"failures": -200, "normalise": {"CartPole-v1": (-100, 100)}, "rng": 0}
    along = curves.mean(runs, **options)
    assert along.groups[0].curves[2].tolist() == [-0.5, -0.5]
    alone = curves.summarise(runs, statistic="mean", **options)
    assert along.final["estimate"].item() == pytest.approx(alone.estimates[0])
    assert along.final["estimate"].item() == pytest.approx((1.0 + 0.5 - 0.5) / 3)


def test_a_number_that_would_win_is_refused(study) -> None:
    shown = [[5, 6, 7], [1, 9, 3], []]
    runs = study(shown, steps=[10, 20, 30], status=["finished"] * 2 + ["failed"], entropy=[[0.1] * 3, [0.1] * 3, []])
    message = r"failures=2000.0 is better than the best of CartPole-v1 \(9\), so that a crash would win"
    for options in ({}, {"normalise": {"CartPole-v1": (0, 9)}}):
        with pytest.raises(ValueError, match=message):
            curves.mean(runs, rng=0, failures=2000, **options)
        assert curves.mean(runs, rng=0, failures=9, **options).groups[0].curves[2, 0] == (1 if options else 9)
    # Of other columns it is not known which end is good.
    assert groups(runs, value="entropy", failures=2.0)[0].curves[2].tolist() == [2, 2, 2]


def test_drop(broken) -> None:
    summary = curves.mean(broken, rng=0, failures="drop")
    assert summary.groups[0].n == 2
    assert summary.failures_text == "runs that did not finish are left out"


def test_drop_does_not_make_a_group_vanish(study) -> None:
    runs = study({0.1: [[1]], 0.2: [[2]]}, status=["finished", "failed"])
    with pytest.raises(ValueError, match=r"leaves no run of learning_rate = 0\.2 \(all 1 did not finish\)"):
        groups(runs, by="learning_rate", failures="drop")


def test_truncate_ends_where_the_first_run_ends(study) -> None:
    runs = study([[1, 2, 3], [4, 5]], steps=[10, 20, 30], status=["finished", "stopped"])
    (group,) = groups(runs, failures="truncate")
    assert group.curves.tolist() == [[1, 2], [4, 5]]
    assert group.observed.all()


def test_truncate_needs_an_evaluation_of_each(broken) -> None:
    with pytest.raises(ValueError, match="1 of 4 runs have no `return_mean` at all, first `run3`"):
        groups(broken, failures="truncate")


def test_when_nothing_finished_there_is_no_length(study) -> None:
    with pytest.raises(ValueError, match="none of the 2 runs finished"):
        groups(study([[1], [2]], status=["failed", "stopped"]), failures="worst")


@pytest.mark.parametrize("failures", [True, None, [1]])
def test_a_policy_of_the_wrong_kind(study, failures) -> None:
    with pytest.raises(ValueError, match="give one of raise, worst, drop, truncate, or a number"):
        groups(study([[1]]), failures=failures)


def test_a_policy_that_is_not_finite(study) -> None:
    with pytest.raises(ValueError, match=r"`failures` is nan; give one of .*, or a number; it must be finite"):
        groups(study([[1]]), failures=float("nan"))


def test_a_misspelt_policy(study) -> None:
    with pytest.raises(ValueError, match="unknown failures policy `wurst`; did you mean `worst`"):
        groups(study([[1]]), failures="wurst")


# --- other columns ----------------------------------------------------------------------------------------------------


def test_another_column_and_where_it_was_not_measured(study) -> None:
    runs = study([[1, 2, 3], [1, 2, 3]], entropy=[[np.nan, 0.5, 0.4], [0.7, 0.6, 0.5]])
    (group,) = groups(runs, value="entropy")
    assert group.steps.tolist() == [20, 30]
    assert group.curves.tolist() == [[0.5, 0.4], [0.6, 0.5]]


def test_worst_is_not_known_of_every_column(study) -> None:
    runs = study([[1, 2], [1]], entropy=[[1.0, 0.5], [0.7]], status=["finished", "failed"])
    with pytest.raises(ValueError, match="of `entropy` it is not known which end is worst"):
        groups(runs, value="entropy", failures="worst")
    assert groups(runs, value="entropy", failures=0.0)[0].curves.tolist() == [[1.0, 0.5], [0.7, 0.0]]


def test_a_column_nobody_measured(study) -> None:
    with pytest.raises(ValueError, match="2 of 2 runs have no `entropy` at all"):
        groups(study([[1], [2]], entropy=[np.nan, np.nan]), value="entropy")


def test_an_unknown_column(study) -> None:
    with pytest.raises(
        ValueError, match=r"unknown column of evals `return`; did you mean `return_\w+`\? Valid: return_mean"
    ):
        groups(study([[1]]), value="return")


def test_an_infinite_value_in_a_finished_run(study) -> None:
    with pytest.raises(ValueError, match="`run0` is marked finished, but `loss` is infinite at step 20"):
        groups(study([[1, 2]], loss=[[1.0, np.inf]]), value="loss")


# --- groups -----------------------------------------------------------------------------------------------------------


def test_groups_stand_in_order_and_are_named(study) -> None:
    runs = study({0.01: [[1]], 0.0001: [[2]], 1e-3: [[3]]})
    assert [group.label for group in groups(runs, by="learning_rate")] == [
        "learning_rate = 0.0001",
        "learning_rate = 0.001",
        "learning_rate = 0.01",
    ]


def test_schedules_and_inactive_values_are_groups_too(study) -> None:
    runs = study({Linear(1.0, 0.1).to_json(): [[1]], 0.5: [[2]]}, name="exploration")
    more = study({0.5: [[2]]}, name="exploration")
    table = runs.table.assign(**{"hp.gamma": [None, 0.9]})
    assert [group.label for group in groups(Runs(table, runs.evals, runs.history), by=["exploration", "gamma"])] == [
        "exploration = 0.5, gamma = 0.9",
        "exploration = linear 1 → 0.1, gamma = inactive",
    ]
    assert groups(more, by="exploration")[0].key == (0.5,)


def test_an_unknown_name_to_group_by(study) -> None:
    with pytest.raises(
        ValueError, match=r"unknown column or hyperparameter `learning_rat`.*did you mean `learning_rate`"
    ):
        groups(study({0.1: [[1]]}), by="learning_rat")


def test_environments_are_not_averaged(study) -> None:
    runs = study([[1], [2]], env_id=["CartPole-v1", "Acrobot-v1"])
    with pytest.raises(
        ValueError, match=r"2 environments \(Acrobot-v1, CartPole-v1\) would be averaged.*by=\['env_id'\]"
    ):
        groups(runs)
    assert [group.n for group in groups(runs, by="env_id")] == [1, 1]


def test_mixed_configurations_are_counted(study) -> None:
    runs = study({0.1: [[1], [2]], 0.2: [[3], [4]]})
    assert groups(runs)[0].n_configs == 2
    assert [group.n_configs for group in groups(runs, by="learning_rate")] == [1, 1]


def test_no_runs(study) -> None:
    with pytest.raises(ValueError, match="no runs to summarise"):
        groups(study([[1]]).select([]))
