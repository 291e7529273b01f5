from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from rlhp import curves

pytestmark = pytest.mark.filterwarnings("ignore::rlhp.curves.FewRunsWarning")


def noisy(n=8, steps=12, seed=0):
    return np.random.default_rng(seed).normal(np.linspace(0, 50, steps), 5.0, size=(n, steps))


def metric(result, name):
    return result.table.set_index("metric").loc[name]


def test_metrics_by_scipy(study) -> None:
    values = noisy()
    result = curves.reliability(study(values), rng=0, tail=0.25)
    changes = np.diff(values, axis=1)
    wanted = {
        "iqr_time": stats.iqr(changes, axis=1).mean(),
        "mad_time": stats.median_abs_deviation(changes, axis=1).mean(),
        "cvar_change": np.sort(changes, axis=1)[:, :2].mean(),
        "iqr_runs": stats.iqr(values, axis=0).mean(),
        "mad_runs": stats.median_abs_deviation(values, axis=0).mean(),
        "cvar_runs": np.sort(values[:, -1])[:2].mean(),
    }
    for name, value in wanted.items():
        assert metric(result, name)["estimate"] == pytest.approx(value), name


def test_drawdown_by_hand(study) -> None:
    result = curves.reliability(study([[1.0, 5.0, 2.0, 6.0, 3.0]] * 3), rng=0, tail=0.4)
    assert metric(result, "max_drawdown")["estimate"] == 3
    assert metric(result, "cvar_drawdown")["estimate"] == 3
    assert metric(result, "cvar_change")["estimate"] == -3
    assert result.per_run["max_drawdown"].tolist() == [3, 3, 3]


def test_learning_at_a_steady_rate_is_no_dispersion(study) -> None:
    result = curves.reliability(study(np.tile(np.linspace(0, 100, 9), (6, 1))), rng=0)
    for name in ("iqr_time", "mad_time", "max_drawdown", "iqr_runs"):
        assert metric(result, name)["estimate"] == pytest.approx(0, abs=1e-9)


def test_intervals_hold_estimates_and_draws_are_kept(study) -> None:
    result = curves.reliability(study({0.1: noisy(12), 0.2: noisy(12, seed=1)}), by="learning_rate", rng=0, n_boot=300)
    time = result.table[result.table["axis"] == "time"]
    assert ((time["low"] <= time["estimate"]) & (time["estimate"] <= time["high"])).all()
    assert set(result.draws) == set(result.table["metric"])
    assert all(draws.shape == (2, 300) for draws in result.draws.values())
    assert set(result.table["better"][result.table["metric"].str.contains("cvar_[cr]")]) == {"higher"}


def test_same_seed_and_words(study) -> None:
    one, same = (curves.reliability(study(noisy()), rng=1, n_boot=100) for _ in range(2))
    assert one.table.equals(same.table)
    for text in (repr(one), one._repr_html_()):
        assert "dispersion and risk of return_mean, n = 8 runs a group" in text
        assert "risk looks at the worst 10 %" in text
        assert "all runs finished" in text.replace("&#x27;", "'")


def test_two_runs_have_no_interval(study) -> None:
    table = curves.reliability(study(noisy(2)), rng=0).table
    assert table["low"].isna().all()
    assert table["method"].unique().tolist() == ["none, fewer than 3 runs"]


def test_options_that_cannot_be(study) -> None:
    with pytest.raises(ValueError, match=r"`tail` is 10; give the share of the worst that risk looks at, in \(0, 1\]"):
        curves.reliability(study(noisy()), rng=0, tail=10)
    with pytest.raises(ValueError, match="these runs have 2 common evaluations; changes over time need at least three"):
        curves.reliability(study(noisy(steps=2)), rng=0)


# --- tolerance bands --------------------------------------------------------------------------------------------------


def test_order_statistics_have_wilks_confidence(study) -> None:
    """The textbook: 46 runs for 90 % with 95 % confidence, 45 are not enough."""
    values = np.random.default_rng(0).normal(size=(46, 2))
    (enough,) = curves.tolerance_band(study(values), method="nonparametric").groups
    assert enough.achieved == pytest.approx(1 - 46 * 0.9**45 + 45 * 0.9**46)
    assert enough.achieved >= 0.95
    np.testing.assert_array_equal(enough.low, values.min(axis=0))
    (short,) = curves.tolerance_band(study(values[:45]), method="nonparametric").groups
    assert short.achieved < 0.95
    assert "too few" in short.method
    assert curves.tolerance_band(study(values)).groups[0].method.startswith("order statistics")
    assert curves.tolerance_band(study(values[:45])).groups[0].method.startswith("normal")


def test_normal_bands_hold_the_share_they_say(study) -> None:
    values = np.random.default_rng(1).normal(size=(8, 3000))  # 3,000 steps are as many studies
    (group,) = curves.tolerance_band(study(values), share=0.8, confidence=0.9, method="normal").groups
    holds = stats.norm.cdf(group.high) - stats.norm.cdf(group.low)
    assert np.mean(holds >= 0.8) == pytest.approx(0.9, abs=0.02)


def test_equal_runs_promise_no_more_than_their_range(study) -> None:
    """Five runs hold 90 % of all between the least and the largest with 1 - 5 * 0.9**4 + 4 * 0.9**5 = 8 %."""
    found = curves.tolerance_band(study([[500.0, 400.0 + run] for run in range(5)]))
    (group,) = found.groups
    assert group.achieved_at == pytest.approx([1 - 5 * 0.9**4 + 4 * 0.9**5, 0.95])
    assert found.table["achieved"].tolist() == group.achieved_at.tolist()
    assert group.achieved == pytest.approx(0.08146)
    assert (group.low[0], group.high[0]) == (500, 500)
    said = "; all runs are equal at 1 of 2 steps, without spread: 8.15 % confidence by order statistics"
    assert group.method.startswith("normal")
    assert group.method.endswith(said)
    (whole,) = curves.tolerance_band(study([[500.0]] * 5), method="normal").groups
    assert whole.method.endswith("; all runs are equal, without spread: 8.15 % confidence by order statistics")


def test_a_tolerance_band_is_wider_than_a_confidence_band(study) -> None:
    values = noisy(30)
    tolerance = curves.tolerance_band(study(values)).table
    interval = curves.mean(study(values), rng=0).table
    assert (tolerance["high"] - tolerance["low"] > 2 * (interval["high"] - interval["low"])).all()
    assert "90 % of all runs" in repr(curves.tolerance_band(study({1: values, 2: values}), by="learning_rate"))


def test_tolerance_options_that_cannot_be(study) -> None:
    with pytest.raises(ValueError, match=r"`share` is 90; give a number between 0 and 1, not per cent, such as 0\.9"):
        curves.tolerance_band(study(noisy()), share=90)
    with pytest.raises(ValueError, match="unknown method `gauss`"):
        curves.tolerance_band(study(noisy()), method="gauss")
    with pytest.raises(ValueError, match="has 2 runs; a tolerance band needs at least three"):
        curves.tolerance_band(study(noisy(2)))


@pytest.mark.parametrize("make", [lambda runs, **o: curves.reliability(runs, rng=0, **o), curves.tolerance_band])
def test_runs_that_are_left_out_are_not_said_to_have_finished(study, make) -> None:
    values = list(noisy(6))
    runs = study([*values, values[0][:3]], status=["finished"] * 6 + ["failed"])
    assert "failures='drop': runs that did not finish are left out" in repr(make(runs, failures="drop"))
    assert "failures='worst': 1 did not finish" in repr(make(runs, failures="worst"))
    assert "failures='raise': all runs finished" in repr(make(study(values)))
