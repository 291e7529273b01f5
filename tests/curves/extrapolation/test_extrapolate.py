from __future__ import annotations

import numpy as np
import pytest

from rlhp import curves
from rlhp.runs import concat

RISE = 500 * (1 - np.exp(-np.arange(1, 11) / 3))


@pytest.fixture(scope="module")
def learned(sweep):
    return curves.reference(sweep(24, 3), rng=0)


@pytest.fixture(scope="module")
def asked(sweep):
    return sweep(6, 2, seed=9, ids=[f"new{number:02d}" for number in range(12)])


def ends(runs):
    return runs.evals.groupby("run_id")["return_mean"].last()


def test_the_table_says_what_it_is_asked(asked, learned) -> None:
    result = curves.extrapolate(asked, first=1 / 3, reference=learned, rng=0)
    table = result.table
    assert table["run_id"].tolist() == asked.table.index.tolist()
    assert set(table["n_seen"]) == {3}
    assert set(table["step"]) == {15_000}
    assert set(table["horizon"]) == {50_000}
    assert set(table["basis"]) == {"reference"}
    assert (table["low"] <= table["estimate"]).all()
    assert (table["estimate"] <= table["high"]).all()
    assert result.draws.shape == (12, 200, 1)
    np.testing.assert_allclose(table["estimate"], np.median(result.draws[..., 0], axis=1))
    np.testing.assert_allclose(result.families.sum(axis=1), 1)
    seen = asked.evals[asked.evals["step"] <= 15_000]
    np.testing.assert_array_equal(result.seen["value"], seen["return_mean"])


@pytest.mark.parametrize("basis", ["reference", "bounds", "alone"])
def test_the_same_seed_gives_the_same_numbers(asked, learned, basis) -> None:
    options = {"reference": {"reference": learned}, "bounds": {"bounds": (0, 500)}, "alone": {}}[basis]
    one, two = (curves.extrapolate(asked, first=1 / 3, rng=3, **options) for _ in range(2))
    other = curves.extrapolate(asked, first=1 / 3, rng=4, **options)
    np.testing.assert_array_equal(one.draws, two.draws)
    assert one.table.equals(two.table)
    assert not np.array_equal(one.draws, other.draws)


@pytest.mark.parametrize("basis", ["reference", "bounds", "alone"])
def test_a_forecast_depends_on_its_own_run_only(asked, learned, basis) -> None:
    options = {"reference": {"reference": learned}, "bounds": {"bounds": (0, 500)}, "alone": {}}[basis]
    together = curves.extrapolate(asked, first=1 / 3, rng=0, **options).table.set_index("run_id")
    ids = asked.table.index.tolist()
    turned = curves.extrapolate(concat([asked.select([one]) for one in ids[::-1]]), first=1 / 3, rng=0, **options)
    alone = curves.extrapolate(asked.select([ids[4]]), first=1 / 3, rng=0, **options)
    for other in (turned, alone):
        own = other.table.set_index("run_id")
        np.testing.assert_allclose(
            own[["estimate", "low", "high"]], together.loc[own.index, ["estimate", "low", "high"]], rtol=1e-9
        )


def test_the_order_of_the_reference_says_nothing(sweep, asked) -> None:
    runs = sweep(12, 2)
    turned = concat([runs.select([one]) for one in runs.table.index[::-1]])
    one, two = (curves.extrapolate(asked, first=1 / 3, reference=each, rng=0).table for each in (runs, turned))
    np.testing.assert_allclose(one[["estimate", "low", "high"]], two[["estimate", "low", "high"]], rtol=1e-9)


def test_what_comes_after_the_first_part_is_not_looked_at(asked, learned, runs_of) -> None:
    altered = asked.evals.assign(return_mean=lambda f: f["return_mean"].where(f["step"] <= 15_000, 77.0))
    other = type(asked)(asked.table, altered, asked.history)
    one, two = (curves.extrapolate(each, first=1 / 3, reference=learned, rng=0) for each in (asked, other))
    np.testing.assert_array_equal(one.draws, two.draws)


def test_a_steady_rise_is_followed_to_its_end(runs_of) -> None:
    runs = runs_of([RISE])
    found = curves.extrapolate(runs, first=0.7, bounds=(0, 600), rng=0).table.iloc[0]
    assert found["estimate"] == pytest.approx(RISE[-1], abs=35)
    assert found["low"] < RISE[-1] < found["high"]
    assert found["high"] - found["low"] < 300


def test_with_more_of_the_curve_there_is_less_to_doubt(asked, learned) -> None:
    early, late = (curves.extrapolate(asked, first=first, reference=learned, rng=0).table for first in (0.2, 0.8))
    assert (late["high"] - late["low"]).mean() < 0.8 * (early["high"] - early["low"]).mean()
    actual = ends(asked)[early["run_id"]].to_numpy()
    assert np.abs(late["estimate"] - actual).mean() < np.abs(early["estimate"] - actual).mean()


def test_a_run_before_its_collapse_has_no_narrow_interval(runs_of, sweep) -> None:
    """Three evaluations of a good run; among the others three of ten collapse later. The fall is not ruled out."""
    collapsing = np.concatenate([RISE[:6], [60.0, 50.0, 55.0, 45.0]])
    rng = np.random.default_rng(0)
    kinds = [collapsing if config % 10 < 3 else RISE for config in range(40)]
    others = runs_of(
        [kind + 10 * rng.normal(size=10) for kind in kinds for _ in range(2)], configs=np.repeat(np.arange(40), 2)
    )
    found = curves.extrapolate(runs_of([collapsing], ids=["mine"]), first=0.5, reference=others, rng=0).table.iloc[0]
    assert found["low"] < 60 < 450 < found["high"]
    assert found["p_fall"] == pytest.approx(0.3, abs=0.12)


def test_a_collapse_that_has_begun_is_not_taken_for_noise(runs_of) -> None:
    seen = [200.0, 350.0, 430.0, 450.0, 440.0, 210.0, 90.0]
    found = curves.extrapolate(runs_of([seen], status=["stopped"]), bounds=(0, 500), rng=0).table.iloc[0]
    assert found["family"] in ("collapse", "hump", "jump")
    assert found["estimate"] < 200
    assert found["low"] < 60


def test_without_bounds_or_reference_it_says_so_and_is_wide(runs_of) -> None:
    runs = runs_of([[100.0, 140.0, 150.0]], status=["stopped"])
    result = curves.extrapolate(runs, rng=0)
    assert "rests on the curve alone and on no knowledge of the range of returns" in repr(result)
    row = result.table.iloc[0]
    assert row["basis"] == "curve alone"
    assert row["high"] - row["low"] > 50
    assert row["low"] < 150 < row["high"]


def test_a_flat_curve_with_nothing_else_known_could_go_anywhere(runs_of) -> None:
    row = curves.extrapolate(runs_of([[-200.0] * 3], status=["stopped"]), rng=0).table.iloc[0]
    assert (row["low"], row["high"]) == (-np.inf, np.inf)
    assert row["estimate"] == -200
    assert row["note"] == "flat so far: nothing says how far it can go; give `reference` or `bounds`"
    bounded = curves.extrapolate(runs_of([[-200.0] * 3], status=["stopped"]), bounds=(-200, 0), rng=0).table.iloc[0]
    assert bounded["low"] == -200
    assert -180 < bounded["high"] < 0
    spread = curves.extrapolate(runs_of([[-200.0] * 3], status=["stopped"], spread=5.0), rng=0).table.iloc[0]
    assert np.isfinite(spread[["low", "high"]].astype(float)).all()


def test_forecasts_keep_within_bounds_and_within_a_ceiling_that_runs_reach(asked, learned) -> None:
    bounded = curves.extrapolate(asked, first=1 / 3, bounds=(0, 500), rng=0)
    assert bounded.draws.min() >= 0
    assert bounded.draws.max() <= 500
    informed = curves.extrapolate(asked, first=1 / 3, reference=learned, rng=0)
    (known,) = learned.groups.values()
    assert informed.draws.min() >= known.low - 1e-9
    assert informed.draws.max() <= 500 + 1e-9


def test_what_a_run_has_shown_itself_is_not_ruled_out_by_the_reference(runs_of) -> None:
    """The reference knows 0 to 100 with many at both ends; its ends are no limits for runs that went beyond."""
    rng = np.random.default_rng(0)
    shapes = [np.clip(rng.uniform(0, 130) * np.arange(10) / 9 + rng.normal(0, 5, 10), 0, 100) for _ in range(40)]
    others = runs_of(shapes, configs=np.arange(40) // 2)
    seen = {"below": [-50.0] * 4, "deep": [-300.0] * 4, "above": [300.0] * 4, "inside": [0.0, 30.0, 50.0, 100.0]}
    runs = runs_of(list(seen.values()), status=["stopped"] * 4, ids=list(seen))
    result = curves.extrapolate(runs, reference=others, rng=0)
    table = result.table.set_index("run_id")
    assert (table.loc[["below", "deep"], "low"] < 0).all()
    assert (table.loc[["below", "deep"], "p_rise"] < 1).all()
    assert table.loc["above", "high"] > 100
    assert table.loc["deep", "note"] == (
        "showed -300 to -300, outside of what the reference saw (0 to 100): its interval is not calibrated"
    )
    assert (table["note"] == "").tolist() == [False, False, False, True]
    assert 0 <= result.draws[3].min() <= result.draws[3].max() <= 100


def test_rows_without_a_forecast_say_why_and_never_look_good(runs_of, learned) -> None:
    shapes = [[100.0, 200.0, 210.0], [100.0, 200.0], [], [150.0] * 10]
    status = ["stopped", "diverged", "stopped", "finished"]
    runs = runs_of(shapes, status=status, ids=["ok", "diverged", "empty", "done"])
    result = curves.extrapolate(runs, reference=learned, rng=0)
    table = result.table.set_index("run_id")
    assert table["note"].to_dict() == {
        "ok": "",
        "diverged": "diverged: the run has no future",
        "empty": "no evaluation in the part observed",
        "done": "already at its horizon",
    }
    assert table.loc[["diverged", "empty"], ["estimate", "low", "high", "p_rise"]].isna().all(axis=None)
    assert table.loc["done", ["estimate", "low", "high"]].tolist() == [150.0] * 3
    assert result.n_silent == 2
    assert "2 of 4 runs have no forecast (NaN); `note` says why" in repr(result)


def test_an_infinite_value_is_no_curve_and_a_missing_one_is_passed_over(runs_of) -> None:
    training = [[1.0, np.inf, 3.0], [1.0, np.nan, 3.0], [np.nan] * 3]
    runs = runs_of([[0.0] * 3] * 3, training=training, status=["stopped"] * 3)
    table = curves.extrapolate(runs, value="train_return_mean", rng=0).table
    assert table["note"].tolist() == ["an evaluation is infinite", "", "no evaluation in the part observed"]
    assert table["n_seen"].tolist() == [2, 2, 0]
    assert table["estimate"].isna().tolist() == [True, False, True]


def test_training_returns_that_are_missing_are_filled_and_none_at_all_are_done_without(runs_of, sweep, learned) -> None:
    """No episode may have ended before an evaluation; then the latest return while training stands, or the first."""
    seen = [[100.0, 150.0, 200.0]] * 3
    training = [[np.nan, 80.0, np.nan], [80.0, 80.0, 80.0], [np.nan] * 3]
    runs = runs_of(seen, training=training, status=["stopped"] * 3, ids=["a", "b", "c"])
    result = curves.extrapolate(runs, reference=learned, rng=0)
    np.testing.assert_array_equal(result.draws[0], result.draws[1])
    assert not np.array_equal(result.draws[0], result.draws[2])
    assert np.isfinite(result.estimate).all()


def test_one_evaluation_is_enough_with_a_reference(runs_of, learned) -> None:
    row = curves.extrapolate(runs_of([[10.0]], status=["stopped"], ids=["one"]), reference=learned, rng=0).table.iloc[0]
    assert np.isfinite(row[["low", "estimate", "high"]].astype(float)).all()


def test_an_environment_that_the_reference_does_not_know_rests_on_the_curve(runs_of, learned) -> None:
    runs = runs_of([[1.0, 2.0, 4.0]], status=["stopped"], env_id="Acrobot-v1", ids=["a"])
    result = curves.extrapolate(runs, reference=learned, rng=0)
    row = result.table.iloc[0]
    assert row["basis"] == "curve alone"
    assert row["note"] == "no reference for dqn on Acrobot-v1 to 50,000 steps"


def test_long_curves_are_averaged_and_take_no_longer(runs_of) -> None:
    steps = np.linspace(50, 25_000, 500).astype(int)
    rng = np.random.default_rng(0)
    curve = 500 * (1 - np.exp(-steps / 15_000))
    runs = runs_of([curve + 20 * rng.normal(size=500)], steps=[steps], status=["stopped"])
    row = curves.extrapolate(runs, bounds=(-50, 600), rng=0).table.iloc[0]
    truth = 500 * (1 - np.exp(-50 / 15))
    assert row["n_seen"] == 500
    assert row["low"] < truth < row["high"]
    assert row["estimate"] == pytest.approx(truth, abs=60)


def test_along_the_way_doubt_grows(asked, learned) -> None:
    result = curves.extrapolate(asked, first=1 / 3, reference=learned, along=5, rng=0)
    assert result.steps[0].tolist() == [22_000, 29_000, 36_000, 43_000, 50_000]
    assert len(result.path) == 12 * 5
    width = (result.high - result.low).mean(axis=0)
    assert width[0] < width[-1]
    assert result.path.groupby("run_id")["step"].max().eq(50_000).all()


def test_the_horizon_can_be_moved(runs_of) -> None:
    runs = runs_of([RISE[:3]], status=["stopped"])
    near, far = (
        curves.extrapolate(runs, bounds=(0, 600), horizon=horizon, rng=0).table.iloc[0] for horizon in (20_000, 200_000)
    )
    assert near["horizon"] == 20_000
    assert near["high"] - near["low"] < far["high"] - far["low"]


def test_runs_of_another_length_are_no_reference(runs_of, learned) -> None:
    """Ten thousand steps of fifty are not ten thousand of twenty: what is compared is the same number of steps."""
    mine = runs_of([RISE], ids=["mine"])
    apart = curves.extrapolate(mine, first=1 / 2, horizon=20_000, reference=learned, rng=0).table.iloc[0]
    assert apart["basis"] == "curve alone"
    assert apart["note"] == "no reference for dqn on CartPole-v1 to 20,000 steps"


def test_a_longer_reference_is_cut_at_the_horizon(runs_of, sweep) -> None:
    runs = sweep(12, 2)
    found = curves.extrapolate(runs_of([RISE], ids=["mine"]), first=1 / 2, horizon=20_000, reference=runs, rng=0)
    assert found.table["basis"].tolist() == ["reference"]
    (known,) = curves.reference(runs, horizon=22_500, rng=0).groups.values()
    fourth, fifth = (runs.evals[runs.evals["step"] == step]["return_mean"].to_numpy() for step in (20_000, 25_000))
    np.testing.assert_allclose([part.last for part in known.parts], (fourth + fifth) / 2)
    assert {part.steps[-2] for part in known.parts} == {20_000}


def test_another_column_can_be_forecast(asked) -> None:
    result = curves.extrapolate(asked, first=1 / 3, value="train_return_mean", rng=0)
    assert "final train_return_mean of 12 runs" in repr(result)


def test_the_result_names_what_it_rests_on(asked, learned) -> None:
    text = repr(curves.extrapolate(asked, first=1 / 3, reference=learned, rng=0))
    assert "from the first 33.3 % of training" in text
    assert "dqn on CartPole-v1 to 50,000 steps: 72 runs of 24 configurations" in text
    assert "80 % interval calibrated on its configurations, each held out (conformal)" in text
    html = curves.extrapolate(asked, first=1 / 3, bounds=(0, 500), rng=0)._repr_html_()
    assert "not calibrated: it rests on the curve alone" in html
    assert "<table" in html


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"first": 1.0}, r"`first` is 1.0; give the fraction of training to look at between 0 and 1."),
        ({"horizon": 0}, r"`horizon` is 0; give environment steps, a whole number above 0."),
        ({"confidence": 80}, r"`confidence` is 80; give a number between 0 and 1, not per cent, such as 0.8."),
        ({"along": 0}, r"`along` is 0; give the number of later steps to forecast, at least 1."),
        ({"families": "pow3"}, r"`families` is 'pow3'; give a list of names"),
        ({"families": ["pow33"]}, r"unknown family `pow33`; did you mean `pow3`\?"),
        ({"bounds": (5, 5)}, r"`bounds` is \(5, 5\); give the lowest and the highest return, such as \(0, 500\)."),
        ({"bounds": (0, 10)}, r"`bounds` is \(0, 10\), but run `.*` showed .*; give the lowest and the highest"),
        ({"value": "return_men"}, r"unknown column of evals `return_men`; did you mean `return_mean`\?"),
        ({"rng": None}, r"`rng` is None; give a seed such as rng=0"),
    ],
)
def test_options_that_cannot_be(asked, options, message) -> None:
    with pytest.raises(ValueError, match=message):
        curves.extrapolate(asked, **{"rng": 0, "first": 1 / 3, **options})


def test_reference_and_what_goes_without_it(asked, learned) -> None:
    with pytest.raises(ValueError, match=r"the reference brings its own range of returns; give `reference` or"):
        curves.extrapolate(asked, reference=learned, bounds=(0, 500), first=1 / 3, rng=0)
    with pytest.raises(ValueError, match=r"`families` is for extrapolating without a reference"):
        curves.extrapolate(asked, reference=learned, families=["pow3"], first=1 / 3, rng=0)
    with pytest.raises(ValueError, match=r"the reference was learned of `return_mean`, not of `length_mean`"):
        curves.extrapolate(asked, reference=learned, value="length_mean", first=1 / 3, rng=0)


def test_a_run_is_not_its_own_reference(asked) -> None:
    with pytest.raises(ValueError, match=r"12 of the runs are in the reference, first `new00`: their ends would be"):
        curves.extrapolate(asked, first=1 / 3, reference=asked, rng=0)


def test_no_runs(asked) -> None:
    with pytest.raises(ValueError, match=r"no runs to extrapolate; `len\(runs\)` is 0."):
        curves.extrapolate(asked.select([]), rng=0)


def test_a_run_beyond_the_horizon_is_what_it_was_there(asked) -> None:
    table = curves.extrapolate(asked, horizon=22_500, rng=0).table
    fourth, fifth = (asked.evals[asked.evals["step"] == step]["return_mean"].to_numpy() for step in (20_000, 25_000))
    np.testing.assert_allclose(table["estimate"], (fourth + fifth) / 2)
    assert set(table["note"]) == {"already at its horizon"}
