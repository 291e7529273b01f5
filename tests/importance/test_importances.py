"""Importances side by side; settings across environments; crashes; landscapes; the adapter."""

from __future__ import annotations

import builtins
import re
import sys
import types

import numpy as np
import pandas as pd
import pytest
from ConfigSpace import ConfigurationSpace, Float, OrdinalHyperparameter
from scipy import stats

from rlhp import Runs, importance, spaces
from rlhp.importance._crash_map import Fates, clustering
from rlhp.importance._dimensionality import _reached
from rlhp.runs import concat

NO_INTERVAL = importance.Fit(n_boot=0)

FAST = {"rng": 0, "fit": importance.Fit(n_boot=0, n_trees=8)}


@pytest.fixture(scope="module")
def two(cube, sampled) -> Runs:
    """Two environments: on A x0 matters and is best high, on B it is best low, x1 matters a little."""
    a = sampled(cube(2), lambda u: 10 * u[:, 0] + 0.3 * u[:, 1], n=256, env_id="A-v0")
    b = sampled(cube(2), lambda u: 10 - 10 * u[:, 0] + 0.3 * u[:, 1], n=256, env_id="B-v0")
    return concat([a, b])


def test_methods_side_by_side(cube, sampled) -> None:
    space = cube(3)
    runs = sampled(space, lambda u: 3 * u[:, 0] + u[:, 1], n=64)
    both = importance.agreement(
        [importance.fanova(runs, space, **FAST), importance.ped_anova(runs, space, rng=0, fit=NO_INTERVAL)]
    )
    assert list(both.results) == ["fanova", "ped_anova"]
    assert both.table.columns.tolist() == ["method", "name", "share", "low", "high", "rank", "r2"]
    assert both.shares.index[0] == "x0"
    assert both.kendall.loc["fanova", "fanova"] == 1.0
    assert both.agreement == pytest.approx(both.kendall.loc["fanova", "ped_anova"])
    assert "mean Kendall's tau" in repr(both)


def test_kendall_is_that_of_the_orders(cube, sampled) -> None:
    space = cube(3)
    one = importance.fanova(sampled(space, lambda u: 3 * u[:, 0] + u[:, 1], n=64), space, **FAST)
    reverse = importance.fanova(sampled(space, lambda u: 3 * u[:, 2] + u[:, 1], n=64), space, **FAST)
    compared = importance.agreement({"a": one, "b": reverse, "c": one}, by="who")
    assert compared.kendall.loc["a", "c"] == 1.0
    assert compared.kendall.loc["a", "b"] < 0


def test_a_poor_fit_is_left_out_of_a_comparison(cube, sampled) -> None:
    space = cube(2)
    good = importance.fanova(sampled(space, lambda u: u[:, 0], n=64), space, **FAST)
    poor = importance.fanova(sampled(space, lambda u: 0 * u[:, 0], n=64, noise=1.0), space, **FAST)
    both = importance.agreement({"good": good, "poor": poor})
    assert both.shares["poor"].isna().all()
    assert np.isnan(both.agreement)
    assert "too poor, left out" in repr(both)


def test_what_cannot_be_compared_is_refused(cube, sampled) -> None:
    runs = sampled(cube(1), lambda u: u[:, 0], n=32)
    one = importance.fanova(runs, cube(1), **FAST)
    with pytest.raises(ValueError, match="1 importance has nothing to agree with"):
        importance.agreement([one])
    with pytest.raises(ValueError, match="two of these have the same method; give a mapping"):
        importance.agreement([one, one])
    with pytest.raises(ValueError, match="runs on 1 environment; `across` compares several"):
        importance.across(runs, cube(1), rng=0)


def test_across_environments(two, cube) -> None:
    found = importance.across(two, cube(2), **FAST)
    assert list(found.results) == ["A-v0", "B-v0"]
    assert found.table["env_id"].unique().tolist() == ["A-v0", "B-v0"]


def test_over_training(cube) -> None:
    space = cube(2)
    configs = spaces.sample(space, 64, method="sobol", rng=0)
    runs = Runs.from_table(configs, configs["x1"], steps=20)
    early = runs.evals.assign(step=10, return_mean=configs["x0"].to_numpy())
    found = importance.over_training(Runs(runs.table, pd.concat([runs.evals, early]), runs.history), space, **FAST)
    assert list(found.results) == ["10", "20"]
    assert found.results["10"].ranking[0] == "x0"
    assert found.results["20"].ranking[0] == "x1"
    with pytest.raises(ValueError, match="no step at which every finished run was evaluated; give `steps=`"):
        importance.over_training(runs, space, steps=[], **FAST)


def test_sensitivity_is_the_definition(cube) -> None:
    """Five settings on two environments by hand: each has a best of 1; the best compromise has a mean of .75."""
    configs = [{"x0": k / 4} for k in range(5)]
    a, b = [0.0, 0.25, 0.75, 1.0, 0.5], [1.0, 0.5, 0.75, 0.0, 0.25]
    runs = concat([Runs.from_table(configs, one, env_id=env) for env, one in (("A-v0", a), ("B-v0", b))])
    found = importance.sensitivity(runs, rng=0, percentiles=(0, 100), n_boot=100)
    assert (found.per_environment, found.cross_environment) == (1.0, 0.75)
    assert found.sensitivity == pytest.approx(0.25)
    assert found.shared == {"x0": 0.5}
    again = importance.sensitivity(runs, rng=0, percentiles=(0, 100), n_boot=100)
    np.testing.assert_array_equal(found.draws, again.draws)
    assert "5 settings finished everywhere, 0 did not" in repr(found)


def test_settings_that_died_anywhere_do_not_count() -> None:
    configs = [{"x0": k / 10} for k in range(8)]
    a, b = [1.0, np.nan, *range(6)], [1.0, 100.0, *range(6)]
    runs = concat([Runs.from_table(configs, one, env_id=env) for env, one in (("A-v0", a), ("B-v0", b))])
    found = importance.sensitivity(runs, rng=0, n_boot=0)
    assert (found.n_settings, found.n_left_out) == (7, 1)
    assert np.isnan([found.low, found.high]).all()
    few = runs.select(runs.column("x0") < 0.4)
    with pytest.raises(ValueError, match="3 of 4 settings finished on all 2 environments, fewer than 5; run the same"):
        importance.thc(few, ConfigurationSpace({"x0": (0.0, 1.0)}), rng=0)
    with pytest.raises(ValueError, match="1 of 2 settings finished on all 2 environments, fewer than 2; run the same"):
        importance.sensitivity(runs.select(runs.column("x0") < 0.15), rng=0)


def test_effective_dimensionality(two, cube) -> None:
    """Only x0 wants another value on each environment."""
    found = importance.sensitivity(two, cube(2), rng=0, n_boot=0, n_trees=16)
    assert found.effective == 1
    assert found.dimensionality.set_index("tuned").loc[1, "names"] == "x0"
    assert found.dimensionality["score"].is_monotonic_increasing


def test_sets_of_few_hyperparameters_are_all_tuned_and_of_many_those_that_grow_from_the_best() -> None:
    """Each hyperparameter is worth a power of two, and the first and the last another half: every best set is known."""

    def worth(free: tuple[int, ...]) -> float:
        return sum(2.0**-j for j in free) + 0.5 * ({0, d - 1} <= set(free))

    for d, exact in ((4, True), (15, False)):
        reached = _reached(d, worth)
        assert all(value == worth(one) for one, value in reached.items())
        assert (len(reached) == 2**d) is exact
        for size in range(d + 1):
            best = max((one for one in reached if len(one) == size), key=lambda one: reached[one])
            assert best == ((*range(size - 1), d - 1) if 2 <= size < d else tuple(range(size))), size


def test_more_than_twelve_hyperparameters(sampled, cube) -> None:
    space = cube(13)
    a = sampled(space, lambda u: -np.abs(u[:, 7] - 0.2), n=128, env_id="A-v0")
    b = sampled(space, lambda u: -np.abs(u[:, 7] - 0.8), n=128, env_id="B-v0")
    found = importance.sensitivity(concat([a, b]), space, rng=0, n_boot=0, n_trees=4)
    assert found.dimensionality["tuned"].tolist() == list(range(14))
    assert found.dimensionality.set_index("tuned").loc[1, "names"] == list(space)[7]


def test_thc(two, cube) -> None:
    """The order of x0's values is reversed between the environments; that of x1's is one."""
    found = importance.thc(two, cube(2), rng=0, bins=4, n_boot=200)
    scores = found.table.set_index("name")["thc"]
    assert scores["x0"] > 0.6
    assert scores["x1"] < 0.2


def test_of_noise_it_is_an_upper_bound_and_says_so(cube) -> None:
    """Nothing matters: the best of 64 is luck, the interval excludes 0 all the same, and no surrogate predicts."""
    configs = spaces.sample(cube(2), 64, method="sobol", rng=0)
    noisy = [Runs.from_table(configs, np.random.default_rng(k).normal(size=64), env_id=f"E{k}-v0") for k in range(3)]
    found = importance.sensitivity(concat(noisy), cube(2), rng=0, n_boot=100, n_trees=8)
    assert found.low > 0
    assert found.effective is None
    assert found.dimensionality is not None
    for said in (
        "an upper bound",
        "luck counts as tuning",
        "over settings only",
        "no effective dimensionality",
        "E0-v0 -",
    ):
        assert said in repr(found), said
    assert "reaches 95 %" not in repr(found)


def test_where_all_score_alike_there_is_nothing_to_tune(cube) -> None:
    configs = spaces.sample(cube(2), 32, method="sobol", rng=0)
    flat = concat([Runs.from_table(configs, np.full(32, -21.0), env_id=env) for env in ("A-v0", "B-v0")])
    found = importance.sensitivity(flat, cube(2), rng=0, n_boot=100, n_trees=4)
    assert (found.sensitivity, found.low, found.high, found.effective) == (0.0, 0.0, 0.0, None)
    assert found.dimensionality["reached"].tolist() == [1.0] * 3
    assert "settings score alike on A-v0, B-v0, where there is nothing to tune" in repr(found)


def test_what_has_no_common_ground_between_environments_is_refused(two, cube) -> None:
    configs = spaces.sample(cube(1), 8, method="sobol", rng=0)
    both = concat(
        [Runs.from_table(configs, s * configs["x0"], env_id=env, algorithm=name)
         for env in ("A-v0", "B-v0") for name, s in (("sac", 1), ("td3", -1))]
    )  # fmt: skip
    dead = concat([two, Runs.from_table(configs, np.full(8, np.nan), env_id="Dead-v0")])
    cases = [
        (both, "final_return", r"2 different `algorithm` \(sac, td3\).*`?runs.select\(algorithm='sac'\)`"),
        (two, "seed_std", "`objective` is 'seed_std', which judges a setting by all of its seeds"),
        (two, "steps_to_threshold", "which needs a threshold, and environments have none in common; give another"),
        (dead, "final_return", r"all runs on Dead-v0 failed.*leave that environment out: `runs.select"),
    ]
    for runs, objective, message in cases:
        with pytest.raises(ValueError, match=message):
            importance.sensitivity(runs, objective=objective, rng=0)
        with pytest.raises(ValueError, match=message):
            importance.thc(runs, cube(1), objective, rng=0)
    found = importance.sensitivity(dead.select(dead.table["env_id"] != "Dead-v0"), rng=0, n_boot=0)
    assert found.scores.columns.tolist() == ["A-v0", "B-v0"]


def of_levels(score_of, *, repeats: int = 8, column: str | None = None) -> tuple[Runs, ConfigurationSpace]:
    """Give settings of an ordinal `o` of five values and a float; scores per environment are functions of `o`."""
    space = ConfigurationSpace(space=[OrdinalHyperparameter("o", [1, 2, 3, 4, 5]), Float("z", (0, 1))])
    configs = pd.DataFrame({"o": [1, 2, 3, 4, 5] * repeats, "z": np.linspace(0, 1, 5 * repeats)})
    made = []
    for env_id, function in score_of.items():
        runs = Runs.from_table(configs, function(configs["o"]) + configs["z"], env_id=env_id)
        if column:
            runs = Runs(runs.table.assign(**{column: runs.evals["return_mean"].to_numpy()}), runs.evals, runs.history)
        made.append(runs)
    return concat(made), space


def test_thc_of_a_reversed_order_of_five_values_is_three_fifths() -> None:
    """Ranks 1 to 5 against 5 to 1: they move by 4, 2, 0, 2, 4, on average 2.4 of 4."""
    runs, space = of_levels({"A-v0": lambda o: 100.0 * o, "B-v0": lambda o: 600 - 100.0 * o})
    table = importance.thc(runs, space, rng=0, n_boot=100).table.set_index("name")
    assert table.loc["o", "thc"] == pytest.approx(0.6)


def test_what_is_minimised_has_its_intervals_the_right_way_round() -> None:
    """Time grows with `o`: 1 is the best value everywhere, and low lies below high."""
    later = {"A-v0": lambda o: 100.0 * o, "B-v0": lambda o: 10.0 * o}
    runs, space = of_levels(later, column="wall_time_s")
    ranks = importance.thc(runs, space, "wall_time", rng=0, n_boot=100).ranks
    assert (ranks["low"] <= ranks["score"]).all()
    assert (ranks["score"] <= ranks["high"]).all()
    assert ranks.loc[ranks["name"] == "o", "rank"].tolist() == [1, 2, 3, 4, 5] * 2


def test_parts_of_a_narrow_range_are_told_apart() -> None:
    """By three digits two of gamma's five parts are "1 to 1"; their ranks are the same everywhere, so that THC is 0."""
    space = ConfigurationSpace(
        space=[Float("gamma", (0.995, 0.9999), meta={"measure": "flipped-log"}), Float("z", (0, 1))]
    )
    configs = spaces.sample(space, 128, method="sobol", rng=0)
    part = np.floor(5 * spaces.to_unit(space, configs)[:, list(space).index("gamma")])
    runs = concat([Runs.from_table(configs, 100 * part, env_id=env) for env in ("A-v0", "B-v0")])
    found = importance.thc(runs, space, rng=0, n_boot=100)
    row = found.table.set_index("name").loc["gamma"]
    assert (row["n_values"], row["thc"]) == (5, 0.0)
    assert found.ranks.query("name == 'gamma'")["value"].nunique() == 5


def test_one_setting_is_surely_better_than_none() -> None:
    """A value that one setting has shares the best rank, whatever it scored; without intervals there are no ranks."""
    runs, space = of_levels({"A-v0": lambda o: 100.0 * o, "B-v0": lambda o: 600 - 100.0 * o}, repeats=1)
    found = importance.thc(runs, space, rng=0, n_boot=100)
    of_o = found.ranks.query("name == 'o'")
    assert of_o["rank"].tolist() == [1] * 10
    assert np.isinf(of_o[["low", "high"]]).all(axis=None)
    assert (found.table["thc"] == 0).all()
    with pytest.raises(ValueError, match="`n_boot` is 0; intervals decide which values share a rank"):
        importance.thc(runs, space, rng=0, n_boot=0)


def test_crash_map(cube, sampled) -> None:
    runs = sampled(cube(2), lambda u: np.where(u[:, 0] > 0.75, np.nan, 1.0), n=64)
    found = importance.crash_map(runs, cube(2), bins=4)
    assert found.ranking == ["x0", "x1"]
    rows = found.table[found.table["name"] == "x0"]
    assert rows["rate"].tolist() == [0.0, 0.0, 0.0, 1.0]
    assert rows["n"].tolist() == [16] * 4
    # Wilson (1927) for 16 of 16 at 95 %: 16 / (16 + 1.96^2)
    assert rows["low"].iloc[-1] == pytest.approx(16 / (16 + 1.959964**2), abs=1e-6)
    cells = found.pair("x0", "x1")
    assert cells["n"].sum() == 64
    assert cells.loc[cells["x"] == rows["part"].iloc[-1], "rate"].tolist() == [1.0] * 4
    assert "16 of 64 runs on unknown failed or diverged (25.0 %)" in repr(found)


def seeded(dies: np.ndarray) -> Runs:
    """Give one configuration a row and one run a column, each dead or not."""
    configs, seeds = dies.shape
    space = spaces.subspace(spaces.default("dqn"), ["gamma"])
    drawn = spaces.sample(space, configs, method="sobol", rng=0)
    table = drawn.loc[drawn.index.repeat(seeds)].reset_index(drop=True)
    return Runs.from_table(table, np.where(dies.ravel(), np.nan, 1.0), seeds=list(range(seeds)) * configs)


def test_seeds_that_share_a_fate_count_once() -> None:
    """Two of 32 configurations lose all five seeds: that is two accidents, not ten."""
    dies = np.zeros((32, 5), bool)
    dies[[3, 20]] = True
    found = importance.crash_map(seeded(dies), spaces.subspace(spaces.default("dqn"), ["gamma"]), bins=1)
    row = found.table.iloc[0]
    assert (row["n"], row["n_dead"], row["n_configs"], row["rate"]) == (160, 10, 32, 1 / 16)
    assert found.clustering == pytest.approx(1.0)
    assert row["n_effective"] == pytest.approx(32)
    exact = stats.binomtest(2, 32).proportion_ci(0.95, method="wilson")
    assert (row["low"], row["high"]) == pytest.approx(exact, abs=1e-6)
    assert "10 of 160 runs on unknown failed or diverged, of 2 of 32 configurations (6.2 %)" in repr(found)


def test_seeds_that_die_by_themselves_count_each() -> None:
    dies = np.random.default_rng(0).random((400, 5)) < 0.2
    found = importance.crash_map(seeded(dies), spaces.subspace(spaces.default("dqn"), ["gamma"]), bins=1)
    assert found.clustering == pytest.approx(0.0, abs=0.03)
    assert found.table["n_effective"].iloc[0] == pytest.approx(2000, rel=0.1)


def test_how_far_fates_go_together_by_hand() -> None:
    """Three pairs: both dead, one dead, none. Between 1/2, within 1/6, hence (1/2 - 1/6) / (1/2 + 1/6)."""
    owner, dead = np.array([0, 0, 1, 1, 2, 2]), np.array([1, 1, 1, 0, 0, 0], bool)
    assert clustering(owner, dead) == pytest.approx(0.5)
    assert clustering(owner, np.zeros(6, bool)) == 1.0
    assert np.isnan(clustering(np.arange(6), dead))


def test_intervals_of_crash_rates_cover() -> None:
    """Fates by a beta distribution with an intraclass correlation of 1/3; 40 configurations of 5 seeds."""
    rng, held = np.random.default_rng(0), 0
    for _ in range(400):
        dead = rng.random((40, 5)) < rng.beta(0.4, 1.6, size=(40, 1))  # mean 0.2, correlation 1 / (1 + 0.4 + 1.6)
        owner = np.repeat(np.arange(40), 5)
        fates = Fates(owner, dead.ravel(), clustering(owner, dead.ravel()))
        one = fates.counted(np.ones(200, bool), 0.95)
        held += one["low"] <= 0.2 <= one["high"]
    assert 0.92 <= held / 400 <= 0.98


def test_a_crash_map_has_inactive_ones_apart() -> None:
    space = spaces.subspace(spaces.default("a2c"), ["use_rms_prop", "rms_prop_eps", "gamma"])
    configs = spaces.sample(space, 64, method="sobol", rng=0)
    found = importance.crash_map(Runs.from_table(configs, configs["gamma"]), space)
    eps = found.table[found.table["name"] == "rms_prop_eps"]
    assert eps["part"].iloc[-1] == "inactive"
    assert eps["n"].sum() == 64
    assert found.pair("rms_prop_eps", "use_rms_prop")["n"].sum() == 64


def test_landscape(cube, sampled) -> None:
    space = cube(3)
    runs = sampled(space, lambda u: -np.abs(u[:, 0] - 0.25) - np.abs(u[:, 1] - 0.75), n=256)
    model = importance.surrogate(runs, space, rng=0, n_trees=16)
    held = importance.landscape(model, space, "x0", "x1", rng=0, points=21)
    averaged = importance.landscape(model, space, "x0", "x1", rng=0, points=21, rest="averaged")
    for land in (held, averaged):
        assert land.best[:2] == pytest.approx((0.25, 0.75), abs=0.11)
        assert land.table.shape == (441, 4)
    assert held.held.keys() == {"x2"}
    assert "the others averaged over their measures" in repr(averaged)
    turned = importance.landscape(model, space, "x1", "x0", rng=0, points=21)
    np.testing.assert_allclose(turned.mean.T, held.mean)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"x": "x9"}, "unknown hyperparameter `x9`"),
        ({"x": "x1"}, "`x` and `y` are both `x1`; give two hyperparameters."),
        (
            {"rest": "hold"},
            "`rest` is 'hold'; give 'averaged', a configuration as a mapping, 'default', 'best', or the id",
        ),
    ],
)
def test_a_landscape_that_cannot_be_is_refused(cube, sampled, options, message) -> None:
    runs = sampled(cube(2), lambda u: u[:, 0], n=32)
    with pytest.raises(ValueError, match=re.escape(message)):
        importance.landscape(runs, cube(2), **{"x": "x0", "y": "x1", "rng": 0} | options)


def test_the_adapter_says_how_to_install(cube, sampled, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "fanova", None)
    runs = sampled(cube(2), lambda u: u[:, 0], n=32)
    from rlhp.importance._fanova_automl import fanova_automl

    with pytest.raises(ImportError, match="optional extra for academic and non-commercial use: `pip install swig"):
        fanova_automl(runs, cube(2), rng=0)


def test_the_adapter_lends_numpys_old_names_only_while_it_asks(cube, sampled, monkeypatch) -> None:
    seen = {}

    class FANOVA:
        def __init__(self, unit: np.ndarray, y: np.ndarray, **options: object) -> None:
            seen.update(options, shape=unit.shape, lent=vars(np).get("float") is builtins.float)

        def quantify_importance(self, one: tuple[int, ...]) -> dict[tuple[int, ...], dict[str, float]]:
            return {one: {"individual importance": 0.5 / (1 + sum(one))}}

    monkeypatch.setitem(sys.modules, "fanova", types.SimpleNamespace(fANOVA=FANOVA))
    from rlhp.importance._fanova_automl import fanova_automl

    runs = sampled(cube(2), lambda u: u[:, 0], n=32)
    imp = fanova_automl(runs, cube(2), rng=0, order=2, fit=importance.Fit(n_trees=8))
    assert imp.shares().to_dict() == {"x0": 0.5, "x1": 0.25}
    assert imp.shares("interaction").to_dict() == {"x0 x x1": 0.25}
    assert (seen["shape"], seen["n_trees"], seen["lent"]) == ((32, 2), 8, True)
    assert "float" not in vars(np)
    with pytest.raises(ValueError, match="`order` is 3; give a whole number of at least 1 and of at most 2"):
        fanova_automl(runs, cube(2), rng=0, order=3)
