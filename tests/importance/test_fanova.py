from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from ConfigSpace import ConfigurationSpace, Constant, Float, ForbiddenGreaterThanRelation, Integer

from rlhp import Runs, importance, spaces
from rlhp.importance import Fit, Score
from rlhp.importance._fanova import fanova


def slope(unit: np.ndarray) -> np.ndarray:
    return 3 * unit[:, 0] + unit[:, 1]


@pytest.fixture(scope="module")
def space(cube) -> ConfigurationSpace:
    return cube(3)


@pytest.fixture(scope="module")
def runs(space, sampled) -> Runs:
    return sampled(space, slope, n=128, seeds=4, noise=0.5)


@pytest.fixture(scope="module")
def imp(runs, space) -> importance.Importance:
    return fanova(runs, space, rng=0, order=2, fit=Fit(n_boot=40))


def test_the_order_is_found(imp) -> None:
    assert imp.ranking == ["x0", "x1", "x2"]
    assert imp.shares()["x0"] == pytest.approx(0.9, abs=0.06)
    assert imp.shares("total")["x2"] < 0.05


def test_the_table_has_all_terms(imp) -> None:
    table = imp.table
    assert list(table.columns) == ["name", "kind", "order", "share", "low", "high"]
    assert table["kind"].value_counts().to_dict() == {"main": 3, "interaction": 3, "total": 3}
    assert set(table.loc[table["kind"] == "interaction", "name"]) == {"x0 x x1", "x0 x x2", "x1 x x2"}
    assert ((table["low"] <= table["share"]) & (table["share"] <= table["high"])).all()
    assert table[["share", "low", "high"]].stack().between(0, 1).all()


def test_same_seed_same_interval_other_seed_other_interval(runs, space, imp) -> None:
    again = fanova(runs, space, rng=np.random.default_rng(0), order=2, fit=Fit(n_boot=40))
    pd.testing.assert_frame_equal(again.table, imp.table)
    np.testing.assert_array_equal(again.draws, imp.draws)
    other = fanova(runs, space, rng=1, order=2, fit=Fit(n_boot=40))
    assert not np.array_equal(other.draws, imp.draws)


def test_the_estimate_does_not_depend_on_the_resamples(runs, space, imp) -> None:
    without = fanova(runs, space, rng=0, order=2, fit=Fit(n_boot=0))
    np.testing.assert_array_equal(without.estimate, imp.estimate)
    assert without.table[["low", "high"]].isna().all(axis=None)
    assert "no interval was asked for" in repr(without)


def test_constant_columns_have_no_share(sampled) -> None:
    space = ConfigurationSpace(space=[Float("a", (0.0, 1.0)), Constant("b", 3), Float("c", (0.0, 1.0))])
    configs = spaces.sample(space, 64, method="sobol", rng=0).assign(c=0.5)
    runs = Runs.from_table(configs, configs["a"].to_numpy() ** 2)
    table = fanova(runs, space, rng=0, order=3, fit=Fit(n_boot=40)).table.set_index(["kind", "name"])
    assert table.loc[("main", "a"), "share"] == pytest.approx(1.0)
    rest = table.drop([("main", "a"), ("total", "a")])[["share", "low", "high"]]
    assert (rest == 0).all(axis=None)


@pytest.mark.parametrize("seeds", [2, 8])
def test_seed_noise_is_recovered(space, sampled, seeds) -> None:
    """Scores vary by 3^2/12 + 1/12 between configurations; noise of standard deviation .6 is a share of .3017."""
    runs = sampled(space, slope, n=256, seeds=seeds, noise=0.6)
    noise = fanova(runs, space, rng=0, fit=Fit(n_trees=2, n_boot=40, boot_trees=1)).seed_noise
    truth = 0.36 / (0.36 + 10 / 12)
    assert noise.share == pytest.approx(truth, abs=0.05)
    assert noise.low < truth < noise.high
    assert noise.within == pytest.approx(0.36, rel=0.15)


def test_one_seed_cannot_tell_noise(space, sampled) -> None:
    imp = fanova(sampled(space, slope), space, rng=0, fit=Fit(n_boot=0))
    assert np.isnan(imp.seed_noise.share)
    assert "seed noise" not in repr(imp)
    assert "one seed each" in repr(imp)


def test_noise_does_not_become_interaction(space, sampled) -> None:
    """What trees have in common is the function: half of the variance is noise, and the shares stay."""
    runs = sampled(space, slope, n=512, noise=0.9)
    shared = fanova(runs, space, rng=0, fit=Fit(n_boot=0), variance="shared").shares().sum()
    each = fanova(runs, space, rng=0, fit=Fit(n_boot=0), variance="each").shares().sum()
    assert shared > 0.9
    assert each < 0.75


def test_wider_data_narrower_intervals(space, sampled) -> None:
    def width(n: int, seeds: int) -> float:
        runs = sampled(space, slope, n=n, seeds=seeds, noise=0.5)
        table = fanova(runs, space, rng=0, fit=Fit(n_trees=8, n_boot=40)).table.set_index(["kind", "name"])
        return float(table.loc[("main", "x0"), "high"] - table.loc[("main", "x0"), "low"])

    assert width(256, 4) < width(32, 2)


def test_among_the_good_only(cube, sampled) -> None:
    """x0 decides whether a run learns at all, x1 how well: among the good, x0 matters less."""
    space = cube(2)
    runs = sampled(space, lambda u: np.where(u[:, 0] > 0.4, 10 + 2 * u[:, 1], 0.0), n=256)
    whole = fanova(runs, space, rng=0, fit=Fit(n_boot=0)).shares()
    good = fanova(runs, space, rng=0, fit=Fit(n_boot=0), quantile=0.7)
    assert whole["x0"] > 0.9
    assert good.shares()["x0"] < 0.5
    assert good.shares("total")["x1"] > 0.5
    assert "among the good only" in repr(good)
    assert "(quantile 0.7) count as that" in repr(good)


def test_good_is_low_where_less_is_better(cube, sampled) -> None:
    space = cube(2)
    runs = sampled(space, lambda u: np.where(u[:, 0] > 0.4, 10 + 2 * u[:, 1], 0.0), n=256)
    table = runs.table.assign(wall_time_s=[-one for one in runs.evals["return_mean"]])
    timed = Runs(table, runs.evals, runs.history)
    good = fanova(timed, space, "wall_time", rng=0, fit=Fit(n_boot=0), quantile=0.7)
    more = fanova(runs, space, rng=0, fit=Fit(n_boot=0), quantile=0.7)
    assert good.shares().to_dict() == pytest.approx(more.shares().to_dict(), abs=0.05)


def test_noise_among_the_good_is_no_ranking(cube, sampled) -> None:
    """x0 tells who is good and nothing tells how good: R2 is high for all scores, none for what is ranked."""
    for sign in (1, -1):
        noise = np.random.default_rng(1).normal(size=128)
        runs = sampled(cube(3), lambda u, noise=noise: -100.0 * (u[:, 0] < 0.1) + noise, n=128)
        if sign < 0:
            table = runs.table.assign(wall_time_s=[-one for one in runs.evals["return_mean"]])
            runs = Runs(table, runs.evals, runs.history)
        objective = "final_return" if sign > 0 else "wall_time"
        assert fanova(runs, cube(3), objective, rng=0, fit=Fit(n_boot=0)).r2 > 0.9
        good = fanova(runs, cube(3), objective, rng=0, fit=Fit(n_boot=0), quantile=0.5)
        assert good.r2 < 0.2
        with pytest.raises(importance.PoorFitError):
            _ = good.table


def test_forbidden_regions_are_told(sampled) -> None:
    space = ConfigurationSpace(space=[Integer("g", (1, 100), default=10), Integer("f", (1, 100), default=50)])
    free = "the average is over what the space forbids"
    assert free not in repr(fanova(sampled(space, lambda u: u[:, 0], n=32), space, rng=0, fit=Fit(n_trees=4, n_boot=0)))
    space.add(ForbiddenGreaterThanRelation(space["g"], space["f"]))
    assert free in repr(fanova(sampled(space, lambda u: u[:, 0], n=32), space, rng=0, fit=Fit(n_trees=4, n_boot=0)))


def test_early_evaluations_only(cube) -> None:
    """At step 10 x0 matters, at step 20 x1 does."""
    space = cube(2)
    configs = spaces.sample(space, 128, method="sobol", rng=0)
    runs = Runs.from_table(configs, configs["x1"], steps=20)
    early = runs.evals.assign(step=10, return_mean=configs["x0"].to_numpy())
    both = Runs(runs.table, pd.concat([runs.evals, early]), runs.history)
    assert fanova(both, space, rng=0, fit=Fit(n_boot=0), objective=Score(at=10)).ranking[0] == "x0"
    assert fanova(both, space, rng=0, fit=Fit(n_boot=0)).ranking[0] == "x1"
    assert "final_return up to step 10 on" in repr(
        fanova(both, space, rng=0, fit=Fit(n_boot=0), objective=Score(at=10))
    )
    with pytest.raises(ValueError, match="`at` is 5, and there is no evaluation up to that step; the first is at 10"):
        fanova(both, space, rng=0, objective=Score(at=5))


def test_an_inactive_hyperparameter_is_a_level_of_its_own() -> None:
    """Exact shares: half of the space has no `eps`; its coordinate there changes nothing."""
    space = spaces.subspace(spaces.default("a2c"), ["use_rms_prop", "rms_prop_eps", "gamma"])
    configs = spaces.sample(space, 512, method="sobol", rng=0)
    unit = spaces.to_unit(space, configs)
    eps = unit[:, list(space).index("rms_prop_eps")]
    scores = np.where(np.isnan(eps), 0.0, eps > 0.5)
    imp = fanova(Runs.from_table(configs, scores), space, rng=0, order=2, fit=Fit(n_boot=0))
    # f = switch * (u > .5): mean 1/4, variance 3/16; given the switch 1/4 +- 1/4; given u 0 or 1/2.
    expected = {"use_rms_prop": 1 / 3, "rms_prop_eps": 1 / 3, "gamma": 0.0}
    assert imp.shares().to_dict() == pytest.approx(expected, abs=0.02)
    assert imp.shares("interaction").max() == pytest.approx(1 / 3, abs=0.02)
    marginal = imp.marginals("rms_prop_eps")
    assert marginal["mean"].iloc[[0, -1]].tolist() == pytest.approx([0.0, 1.0], abs=0.02)
    assert imp.marginals("use_rms_prop")["mean"].tolist() == pytest.approx([0.0, 0.5], abs=0.02)


@pytest.mark.parametrize("ends", [(3e-4, 7e-2), (1e-6, 3e-3)])
def test_marginals_reach_both_ends_by_another_measure(ends) -> None:
    space = ConfigurationSpace(space=[Float("lr", ends, log=True)])
    configs = spaces.sample(space, 64, method="sobol", rng=0)
    runs = Runs.from_table(configs, np.log(configs["lr"]))
    imp = fanova(runs, space, rng=0, fit=Fit(n_trees=8, n_boot=0), measure="linear")
    assert imp.marginals("lr")["mean"].notna().all()


def test_marginals_follow_the_function(imp, space) -> None:
    curve = imp.marginals("x0")
    assert list(curve.columns) == ["value", "unit", "mean", "low", "high"]
    np.testing.assert_allclose(curve["mean"], 3 * curve["value"] + 0.5, atol=0.45)
    assert ((curve["low"] <= curve["mean"]) & (curve["mean"] <= curve["high"])).all()
    inside = (curve["low"] <= 3 * curve["value"] + 0.5) & (3 * curve["value"] + 0.5 <= curve["high"])
    assert inside[4:-4].mean() > 0.7


def test_failed_runs_count_by_policy(space, sampled) -> None:
    runs = sampled(space, lambda u: np.where(u[:, 1] > 0.8, np.nan, 3 * u[:, 0]))
    with pytest.raises(ValueError, match="have no final_return"):
        fanova(runs, space, rng=0)
    assert fanova(runs, space, rng=0, fit=Fit(n_boot=0), failures="drop").ranking[0] == "x0"
    told = fanova(runs, space, rng=0, fit=Fit(n_boot=0), failures=-20)
    assert told.ranking[0] == "x1"
    assert f"{told.n_failed} runs failed (failures=-20)" in repr(told)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"order": 4},
            "`order` is 4; give a whole number of at least 1 and of at most 3. 1: main",
        ),
        ({"order": True}, "`order` is True; give a whole number"),
        ({"variance": "eech"}, "unknown variance `eech`; did you mean `each`?"),
        ({"quantile": 50}, "`quantile` is 50; give a finite number above 0 and below 1. 0.5 ignores the worse half."),
        ({"rng": None}, "`rng` is None; give a seed such as rng=0"),
        ({"measure": "lin"}, "unknown measure `lin`; did you mean `linear`?"),
        ({"objective": "final"}, "unknown objective `final`. Valid: final_return"),
    ],
)
def test_what_cannot_be_is_refused(runs, space, options, message) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        fanova(runs, space, **{"rng": 0, "fit": Fit(n_boot=0)} | options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"surrogate": "forrest"}, "unknown surrogate `forrest`; did you mean `forest`?"),
        ({"confidence": 95}, "`confidence` is 95; give a finite number above 0 and below 1. It is not per cent"),
        ({"n_boot": 10}, "`n_boot` is 10; give 0 for no interval, or at least 40"),
        ({"n_trees": 0}, "`n_trees` is 0; give a whole number of at least 1."),
        ({"min_leaf": 0.5}, "`min_leaf` is 0.5; give a whole number of at least 1."),
        ({"least_r2": 2}, "`least_r2` is 2; give a number of at most 1. It is the R2 below which to refuse."),
    ],
)
def test_a_fit_that_cannot_be_is_refused_where_it_is_made(options, message) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        Fit(**options)


def test_options_of_a_fit_that_stand_alone_are_pointed_to_it(runs, space) -> None:
    with pytest.raises(TypeError, match=r"`fit` is 64; give `Fit`.*importance\.Fit\(n_boot=0\)"):
        fanova(runs, space, rng=0, fit=64)
