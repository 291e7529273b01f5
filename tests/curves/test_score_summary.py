from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from rlhp import Runs, curves, objectives
from rlhp.runs import concat


def table_runs(*groups, seed=0):
    """Make one-evaluation runs: a list of scores per group, told apart by `gamma`."""
    configs = [{"gamma": float(k)} for k, scores in enumerate(groups) for _ in scores]
    seeds = [s for scores in groups for s in range(len(scores))]
    return Runs.from_table(configs, np.concatenate(groups), seeds=seeds)


def tasks(each=6, names=("A", "B", "C"), seed=0, shift=0.0):
    rng = np.random.default_rng(seed)
    scores = {name: rng.gamma(2.0, size=each) * 10**k + shift for k, name in enumerate(names)}
    parts = [Runs.from_table([{}] * each, values, env_id=name, seeds=range(each)) for name, values in scores.items()]
    return scores, concat(parts)


NORMAL = {"A": (0, 1), "B": (0, 10), "C": (0, 100)}


def test_area_under_the_curve_is_that_of_each_run_then_the_statistic(study) -> None:
    values = np.random.default_rng(0).normal(size=(7, 5))
    summary = curves.summarise(study(values), "auc", rng=0)
    areas = np.trapezoid(values, dx=0.25, axis=1)
    assert summary.estimates[0] == pytest.approx(stats.trim_mean(areas, 0.25))
    np.testing.assert_allclose(np.sort(summary.groups[0].values), np.sort(areas))


def test_final_return_agrees_with_the_curve(study) -> None:
    values = np.random.default_rng(0).normal(size=(8, 5))
    along = curves.iqm(study(values), rng=3).final.iloc[0]
    alone = curves.summarise(study(values), rng=3)
    assert alone.estimates[0] == along["estimate"]
    assert (alone.low[0], alone.high[0]) == pytest.approx((along["low"], along["high"]))


def test_same_seed_same_numbers() -> None:
    runs = table_runs(np.arange(7.0), np.arange(9.0))
    first, second, other = (curves.summarise(runs, by="gamma", rng=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.draws[0], second.draws[0])
    assert not np.array_equal(first.draws[0], other.draws[0])
    assert first.table.equals(second.table)


def test_optimality_gap_is_its_definition() -> None:
    scores = np.array([480.0, 500, 490, 700, 470, 200])
    gap = curves.optimality_gap(table_runs(scores), target=500, rng=0)
    assert gap.estimates[0] == pytest.approx(500 - np.minimum(scores, 500).mean())
    assert gap.low[0] <= gap.estimates[0] <= gap.high[0]
    np.testing.assert_array_equal(gap.groups[0].values, scores)
    assert "optimality gap below 500 of final_return" in repr(gap)


def test_several_environments_on_one_scale() -> None:
    scores, runs = tasks()
    scaled = np.concatenate([scores["A"], scores["B"] / 10, scores["C"] / 100])
    summary = curves.summarise(runs, rng=0, normalise=NORMAL)
    assert summary.estimates[0] == pytest.approx(stats.trim_mean(scaled, 0.25))
    assert "n = 18 runs of 3 environments" in repr(summary)
    assert curves.optimality_gap(runs, rng=0, normalise=NORMAL).estimates[0] == pytest.approx(
        1 - np.minimum(scaled, 1).mean()
    )


def test_failed_runs_by_policy() -> None:
    runs = Runs.from_table([{}] * 6, [1, 2, 3, 4, 5, float("nan")], seeds=range(6))
    with pytest.raises(ValueError, match="1 of 6 runs have no final_return"):
        curves.summarise(runs, rng=0)
    assert "failures='drop': 1 failed, left out" in repr(curves.summarise(runs, rng=0, failures="drop"))
    worst = curves.summarise(runs, statistic="mean", rng=0, failures="worst")
    assert worst.estimates[0] == pytest.approx(16 / 6)


def test_scores_made_elsewhere(study) -> None:
    runs = study(np.random.default_rng(0).normal(size=(6, 5)))
    scores = objectives.score(runs, "final_return", failures="raise", last=3)
    summary = curves.summarise(runs, scores, statistic="mean", rng=0)
    assert summary.estimates[0] == pytest.approx(scores.values.mean())


def test_it_says_what_it_is() -> None:
    summary = curves.summarise(table_runs(np.arange(6.0), np.arange(6.0)), by="gamma", rng=0)
    for text in (repr(summary), summary._repr_html_()):
        assert "IQM of final_return (undiscounted return) over runs, n = 6 runs each" in text
        assert "95 % interval: expanded percentile, whole-run bootstrap" in text
        assert "failures=&#x27;raise&#x27;: no run failed" in text or "failures='raise': no run failed" in text


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"statistic": "iqn"}, "unknown statistic `iqn`; did you mean `iqm`"),
        ({"objective": "acu"}, "unknown objective `acu`"),
        ({"rng": None}, "give a seed such as rng=0"),
        ({"interval": "order"}, "for the median, not for the IQM"),
    ],
)
def test_options_that_cannot_be(options, message) -> None:
    with pytest.raises(ValueError, match=message):
        curves.summarise(table_runs(np.arange(6.0)), **{"rng": 0} | options)


def test_environments_are_not_mixed_unasked() -> None:
    with pytest.raises(ValueError, match=r"returns are not on one scale.*`normalise`"):
        curves.summarise(tasks()[1], rng=0)


@pytest.mark.parametrize("target", [float("nan"), "1", True])
def test_a_target_that_is_none(target) -> None:
    with pytest.raises(ValueError, match="give the score to reach, a finite number such as 475"):
        curves.optimality_gap(table_runs(np.arange(6.0)), target=target, rng=0)


def test_less_is_better_has_no_gap(study) -> None:
    with pytest.raises(ValueError, match="less is better for wall_time"):
        curves.optimality_gap(study(np.ones((5, 3))), "wall_time", rng=0)


def test_scores_that_do_not_fit(study) -> None:
    runs = study(np.ones((6, 3)))
    some = objectives.score(runs.select(runs.table.index[:5]), "auc", failures="raise")
    with pytest.raises(ValueError, match="`objective` holds no score of run `run5`"):
        curves.summarise(runs, some, rng=0)
    per_config = objectives.score(runs, "auc", failures="raise", per="config")
    with pytest.raises(ValueError, match="these scores are per configuration"):
        curves.summarise(runs, per_config, rng=0)
    with pytest.raises(ValueError, match="`len\\(runs\\)` is 0"):
        curves.summarise(runs.select([]), rng=0)


def test_a_group_of_which_nothing_is_left() -> None:
    runs = Runs.from_table([{"gamma": 0}] * 3 + [{"gamma": 1}] * 2, [1, 2, 3, np.nan, np.nan], seeds=[0, 1, 2, 0, 1])
    with pytest.raises(ValueError, match="leaves no run of gamma = 1 \\(all 2 failed\\)"):
        curves.summarise(runs, by="gamma", rng=0, failures="drop")


# --- performance profile ---


def test_profile_is_the_share_above() -> None:
    values = np.random.default_rng(0).gamma(2.0, size=9)
    at = np.linspace(0, 5, 11)
    profile = curves.performance_profile(table_runs(values), thresholds=at, rng=0)
    np.testing.assert_allclose(profile.shares[0], (values[:, None] > at).mean(axis=0))
    inside = [profile.band_low, profile.low, profile.shares, profile.high, profile.band_high]
    assert (np.diff(np.stack(inside)[:, 0], axis=0)[1:3] >= -1e-12).all()
    np.testing.assert_allclose(profile.draws.mean(axis=1), profile.shares, atol=0.02)


def test_wilson_is_statsmodels_by_hand() -> None:
    """Eight of ten: the textbook's 0.490 to 0.943."""
    ends = curves.performance_profile(table_runs(np.arange(10.0)), thresholds=[1.5], rng=0)
    assert (ends.low[0, 0], ends.high[0, 0]) == pytest.approx((0.490, 0.943), abs=1e-3)


def test_the_profiles_band_holds_the_whole_distribution() -> None:
    rng = np.random.default_rng(1)
    at, held = np.linspace(-3, 3, 40), []
    for _ in range(60):
        one = curves.performance_profile(table_runs(rng.normal(size=10)), thresholds=at, rng=0, n_boot=40)
        truth = stats.norm.sf(at)
        held.append(((one.band_low[0] <= truth) & (truth <= one.band_high[0])).all())
    assert np.mean(held) > 0.88


@pytest.mark.parametrize("n", [5, 6, 9, 10, 12])
def test_the_profiles_band_is_that_of_kolmogorov_and_smirnov(n) -> None:
    profile = curves.performance_profile(table_runs(np.arange(float(n))), thresholds=[-1.0], rng=0, n_boot=40)
    assert 1 - profile.band_low[0, 0] == pytest.approx(stats.kstwo.ppf(0.95, n))


def test_profiles_weigh_environments_equally() -> None:
    runs = concat(
        [
            Runs.from_table([{}] * 2, [0, 0], env_id="A", seeds=range(2)),
            Runs.from_table([{}] * 6, [1] * 6, env_id="B", seeds=range(6)),
        ]
    )
    profile = curves.performance_profile(runs, thresholds=[0.5], rng=0, normalise={"A": (0, 1), "B": (0, 1)})
    assert profile.shares[0, 0] == pytest.approx(0.5)
    assert np.ptp(profile.draws) == pytest.approx(0)


def test_profiles_where_less_is_better(study) -> None:
    runs = study(np.ones((5, 3)))
    assert curves.performance_profile(runs, "wall_time", thresholds=[0.5, 2], rng=0).shares.tolist() == [[0, 1]]


def test_thresholds_by_default_and_repr() -> None:
    profile = curves.performance_profile(table_runs(np.arange(5.0), np.arange(500.0)), by="gamma", rng=0, n_boot=40)
    assert len(profile.thresholds) == 200
    assert "Wilson score" in repr(profile)
    assert "gamma" in profile.table.columns
    assert "<table" in profile._repr_html_()


@pytest.mark.parametrize("thresholds", [[], [2, 1], [[1]], [np.nan]])
def test_thresholds_that_are_none(thresholds) -> None:
    with pytest.raises(ValueError, match="give finite scores that ascend"):
        curves.performance_profile(table_runs(np.arange(5.0)), thresholds=thresholds, rng=0)


def test_equal_runs_say_what_their_interval_cannot() -> None:
    """If 45.07 % of all runs differed, five equal ones would still come up in 5 % of studies: 0.5493 ** 5 = 0.05."""
    rest = ", which leaves no width; up to 45 % of all possible runs may still differ (95 % confidence)"
    runs = table_runs([500.0] * 5)
    assert f"all 5 runs are equal{rest}" in repr(curves.summarise(runs, "final_return", rng=0))
    assert f"all 5 runs are equal at the last step{rest}" in curves.iqm(runs, rng=0)._repr_html_()
    two = table_runs([500.0] * 5, [500.0] * 10, [1.0, 2.0, 3.0, 4.0, 5.0])
    assert "in 2 groups all runs are equal" in repr(curves.mean(two, by="gamma", rng=0))
    assert "equal" not in repr(curves.mean(table_runs([1.0, 1.0, 1.0, 2.0, 1.0]), rng=0))


def test_a_gap_without_width_looks_at_what_falls_short() -> None:
    said = repr(curves.optimality_gap(table_runs([600.0, 610.0, 620.0, 630.0, 640.0]), target=500, rng=0))
    assert "all 5 runs are equal in how far they fall short, which leaves no width; up to 45 % of all" in said
    assert "does not see the others" not in said
    short = curves.optimality_gap(table_runs([480.0, 510.0, 520.0, 500.0, 490.0]), target=500, rng=0)
    assert short.shortfalls[0].tolist() == [20, 0, 0, 0, 10]


def test_runs_of_several_environments_are_equal_where_those_of_each_are() -> None:
    """If 25.89 % of all runs differed, ten equal ones would still come up in 5 % of studies: 0.7411 ** 10 = 0.05."""
    parts = [Runs.from_table([{}] * 5, [score] * 5, env_id=env, seeds=range(5)) for env, score in (("A", 1), ("B", 7))]
    options = {"normalise": {"A": (0, 1), "B": (0, 10)}, "rng": 0}
    for found in (curves.summarise(concat(parts), statistic="mean", **options), curves.mean(concat(parts), **options)):
        assert "all 10 runs are equal to the others of their environment" in repr(found)
        assert "which leaves no width; up to 26 % of all possible runs may still differ" in repr(found)
        assert "does not see the others" not in repr(found)


def test_runs_that_never_reached_the_threshold_are_said(study) -> None:
    runs = study({0.1: [[1, 2, 3]] * 5, 0.2: [[1, 2, 9]] * 5})
    scores = objectives.score(runs, "steps_to_threshold", failures="raise", threshold=5)
    said = (
        "no run failed; 5 of 10 runs never reached the threshold (censored) and count as the longest budget, so that "
        "a mean is only a lower bound"
    )
    assert said in repr(curves.summarise(runs, scores, by="learning_rate", rng=0))
    assert said in repr(curves.compare(runs, scores, by="learning_rate", rng=0))
    fast = curves.summarise(runs.select(learning_rate=0.2), scores, rng=0)
    assert fast.scores.n_censored == 0
    assert "never reached" not in repr(fast)


def test_an_interval_without_width_does_not_hide_the_run_that_differs() -> None:
    runs = table_runs([500.0] * 15 + [100.0])
    said = "15 of 16 runs are equal at the last step, which leaves no width; the IQM does not see the others"
    assert said in repr(curves.iqm(runs, rng=0))
    assert "no width" not in repr(curves.mean(runs, rng=0))
