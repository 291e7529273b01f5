"""What every method must do, and what each is known to give."""

from __future__ import annotations

import itertools
import re

import numpy as np
import pytest
from ConfigSpace import Categorical, ConfigurationSpace, Constant, EqualsCondition, Float

from rlhp import Runs, importance, spaces
from rlhp.importance._ped_anova import _best
from rlhp.importance._shapley import shapley_values
from rlhp.importance._study import scored
from rlhp.importance.surrogates._fit import point

NO_INTERVAL = importance.Fit(n_boot=0)

METHODS = {
    "fanova": importance.fanova,
    "ped_anova": importance.ped_anova,
    "ablation": importance.ablation,
    "local": importance.local,
    "shapley": importance.shapley,
    "permutation": importance.permutation,
}


def bowl(unit: np.ndarray) -> np.ndarray:
    """x0 matters most, x1 less, x2 not at all; the best is at (.9, .7)."""
    return -8 * np.abs(unit[:, 0] - 0.9) - 3 * np.abs(unit[:, 1] - 0.7)


@pytest.fixture(scope="module")
def space(cube) -> ConfigurationSpace:
    return cube(3)


@pytest.fixture(scope="module")
def runs(space, sampled) -> Runs:
    return sampled(space, bowl, n=256, seeds=2, noise=0.3)


@pytest.fixture(scope="module")
def results(runs, space) -> dict[str, importance.Importance]:
    return {name: method(runs, space, rng=0, fit=importance.Fit(n_boot=40)) for name, method in METHODS.items()}


@pytest.mark.parametrize("name", METHODS)
def test_every_method_finds_the_order(results, name) -> None:
    imp = results[name]
    assert imp.ranking == ["x0", "x1", "x2"]
    assert abs(imp.shares()["x2"]) < 0.06
    low, high = (imp.table.set_index(["kind", "name"])[side] for side in ("low", "high"))
    kind = imp.terms[0][0]
    assert low[kind, "x0"] > high[kind, "x2"]


@pytest.mark.parametrize("name", METHODS)
def test_every_method_gives_the_same_for_the_same_seed(runs, space, results, name) -> None:
    again = METHODS[name](runs, space, rng=np.random.default_rng(0), fit=importance.Fit(n_boot=40))
    np.testing.assert_array_equal(again.estimate, results[name].estimate)
    np.testing.assert_array_equal(again.draws, results[name].draws)
    assert again.draws.shape == (40, len(again.terms))


@pytest.mark.parametrize("name", METHODS)
def test_every_method_names_itself_and_its_data(results, name) -> None:
    for text in (repr(results[name]), results[name]._repr_html_()):
        assert text.count(name) >= 1
        assert "256 configurations, up to 2 seeds, 512 runs; none failed" in text
        assert "40 resamples of configurations and whole seeds" in text or "40 functions drawn from the process" in text
        assert "no surrogate" in text or "cross-validated R2" in text


def test_runs_that_were_stopped_early_are_told(sampled, cube) -> None:
    """A pruned trial counts with its last score, which is no final one: whoever reads the shares must know how many."""
    whole = sampled(cube(2), lambda u: u[:, 0])
    early = whole.table["status"].where(np.arange(len(whole)) >= 30, "stopped")
    runs = Runs(whole.table.assign(status=early), whole.evals, whole.history)
    found = importance.ped_anova(runs, cube(2), rng=0, fit=NO_INTERVAL)
    assert found.n_stopped == 30
    assert "none failed (failures='raise'); 30 stopped early, scored on what they did" in repr(found)
    assert "stopped" not in repr(importance.ped_anova(whole, cube(2), rng=0, fit=NO_INTERVAL))


@pytest.mark.parametrize("name", [name for name in METHODS if name != "ped_anova"])
def test_every_surrogate_refuses_where_there_is_nothing_to_see(space, sampled, name) -> None:
    runs = sampled(space, lambda u: 0 * u[:, 0], noise=1.0, n=64)
    with pytest.raises(importance.PoorFitError, match=r"below 0\.3"):
        _ = METHODS[name](runs, space, rng=0, fit=NO_INTERVAL).table


@pytest.mark.parametrize("name", METHODS)
def test_constant_columns_have_no_share(name) -> None:
    space = ConfigurationSpace(space=[Float("a", (0.0, 1.0)), Constant("b", 3), Float("c", (0.0, 1.0), default=0.5)])
    configs = spaces.sample(space, 64, method="sobol", rng=0).assign(c=0.5)
    shares = METHODS[name](Runs.from_table(configs, configs["a"]), space, rng=0, fit=NO_INTERVAL).shares()
    assert shares[["b", "c"]].tolist() == [0.0, 0.0]


@pytest.mark.parametrize("name", METHODS)
def test_every_method_knows_conditions(name) -> None:
    space = spaces.subspace(spaces.default("a2c"), ["use_rms_prop", "rms_prop_eps", "gamma", "learning_rate"])
    configs = spaces.sample(space, 256, method="sobol", rng=0)
    unit = spaces.to_unit(space, configs)[:, list(space).index("rms_prop_eps")]
    runs = Runs.from_table(configs, np.where(np.isnan(unit), 0.0, 1 + 4 * unit))
    # At the default it is switched on: nothing to gain by the switch, but something to lose.
    options = {"shapley": {"game": "mistunability"}, "ablation": {"start": {"rms_prop_eps": 1e-8}}}.get(name, {})
    imp = METHODS[name](runs, space, rng=0, fit=NO_INTERVAL, **options)
    if name == "ablation":
        assert imp.ranking[0] == "rms_prop_eps"
        return
    assert set(imp.ranking[:2]) == {"use_rms_prop", "rms_prop_eps"}


# --- ped_anova -------------------------------------------------------------------------------------------------


def test_ped_anova_is_the_share_of_being_among_the_best(cube, sampled) -> None:
    """The best quarter are just those with x0 > .75: all of the variance of being among them is x0's."""
    runs = sampled(cube(2), lambda u: u[:, 0], n=1024)
    shares = importance.ped_anova(runs, cube(2), quantile=0.25, bins=8, rng=0, fit=NO_INTERVAL).shares()
    assert shares["x0"] == pytest.approx(1.0, abs=0.01)
    assert shares["x1"] == pytest.approx(0.0, abs=0.01)


def test_ped_anova_of_two_that_must_both_be_right(cube, sampled) -> None:
    """min(x0, x1) > 1/2 is a quarter of the square: each main effect is 1/16 of a variance of 3/16."""
    runs = sampled(cube(2), lambda u: u.min(axis=1), n=1024)
    shares = importance.ped_anova(runs, cube(2), quantile=0.25, bins=2, rng=0, fit=NO_INTERVAL).shares()
    assert shares.tolist() == pytest.approx([1 / 3, 1 / 3], abs=0.03)


def test_ped_anova_takes_off_what_chance_adds(cube, sampled) -> None:
    shares = [
        importance.ped_anova(
            sampled(cube(1), lambda u: 0 * u[:, 0], noise=1.0, rng=k), cube(1), rng=0, fit=NO_INTERVAL
        ).estimate
        for k in range(40)
    ]
    assert np.mean(shares) == pytest.approx(0.0, abs=0.02)


def test_ped_anova_within_the_good_region(cube, sampled) -> None:
    """x0 decides whether a run is good; x1 which of the good ones are best."""
    runs = sampled(cube(2), lambda u: np.where(u[:, 0] > 0.5, 10 + u[:, 1], 0.0), n=512)
    imp = importance.ped_anova(runs, cube(2), quantile=0.1, region=0.45, rng=0, fit=NO_INTERVAL)
    assert imp.ranking == ["x1", "x0"]
    assert imp.shares()["x0"] < 0.1
    assert "within the best 45 %" in repr(imp)


@pytest.mark.parametrize("order", [0, 1])
def test_ped_anova_knows_no_order_of_rows(cube, order) -> None:
    """A grid, shuffled or not: nothing has a share where all are equal; all is x1's where it alone lifts to the top."""
    configs = spaces.sample(cube(2), 100, method="grid")
    configs = configs.iloc[np.random.default_rng(0).permutation(100)] if order else configs
    level = importance.ped_anova(
        Runs.from_table(configs, np.full(100, 500.0)), cube(2), rng=0, fit=importance.Fit(n_boot=40)
    )
    assert level.estimate.tolist() == [0.0, 0.0]
    assert np.abs(level.draws).max() == 0.0
    worse = 100 * (configs["x0"] + configs["x1"])
    top = np.where(configs["x1"] > 0.5, 500.0, worse)
    shares = importance.ped_anova(Runs.from_table(configs, top), cube(2), rng=0, bins=2, fit=NO_INTERVAL).estimate
    assert shares.tolist() == pytest.approx([0.0, 1.0], abs=0.02)


def test_the_best_are_marked_in_part_where_they_are_equal() -> None:
    """Ten places: two above, then five equal ones of which one stands twice, then the rest."""
    better = np.array([9.0, 8.0, 5.0, 5.0, 5.0, 1.0, 0.0])
    times = np.array([1.0, 1.0, 2.0, 1.0, 1.0, 1.0, 3.0])
    assert _best(better, times, 0.4).tolist() == [1.0, 1.0, 0.5, 0.5, 0.5, 0.0, 0.0]
    assert _best(better, times, 0.01).tolist() == [0.0] * 7
    # One that stands several times is not several equal ones: it is marked whole.
    assert _best(np.array([3.0, 2.0, 1.0]), np.array([1.0, 3.0, 1.0]), 0.4).tolist() == [1.0, 1.0, 0.0]


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("measure", ["linear", {"lr": "linear"}])
def test_ped_anova_shares_by_another_measure(sign, measure) -> None:
    """The best quarter lies at one end of `lr`, of which the linear measure sees .82 or .005: all of it is `lr`'s."""
    space = ConfigurationSpace(space=[Float("lr", (1e-5, 1e-2), log=True), Float("b", (0.0, 1.0))])
    configs = spaces.sample(space, 512, method="sobol", rng=0)
    runs = Runs.from_table(configs, sign * np.log(configs["lr"]))
    imp = importance.ped_anova(runs, space, rng=0, fit=NO_INTERVAL, measure=measure, quantile=0.25, bins=8)
    assert dict(zip(imp.names, imp.estimate, strict=True)) == pytest.approx({"lr": 1.0, "b": 0.0}, abs=0.02)
    assert "each hyperparameter by its measure, all others as they were sampled" in repr(imp)


# --- ablation, local -------------------------------------------------------------------------------------------


def test_the_path_leads_from_start_to_end(results, space) -> None:
    path = results["ablation"].path
    assert path["name"].tolist()[:2] == ["x0", "x1"]
    assert path["before"].tolist() == [space[name].default_value for name in path["name"]]
    assert path["gain"].sum() == pytest.approx(path["score"].iloc[-1] - path["start_score"].iloc[0])
    assert path["start_score"].tolist()[1:] == path["score"].tolist()[:-1]
    assert results["ablation"].estimate.sum() == pytest.approx(1.0)
    assert ((path["low"] <= path["gain"]) & (path["gain"] <= path["high"])).all()


def test_ablation_turns_on_what_the_end_needs() -> None:
    space = spaces.subspace(spaces.default("a2c"), ["use_rms_prop", "rms_prop_eps", "gamma"])
    configs = spaces.sample(space, 256, method="sobol", rng=0)
    unit = spaces.to_unit(space, configs)[:, list(space).index("rms_prop_eps")]
    runs = Runs.from_table(configs, np.where(np.isnan(unit), 0.0, 1 + 4 * unit))
    imp = importance.ablation(runs, space, rng=0, fit=NO_INTERVAL, start={"use_rms_prop": False})
    assert imp.path["name"].iloc[0] == "use_rms_prop"
    assert "rms_prop_eps" not in set(imp.path["name"]), "it becomes active with the value that it has at the end"
    assert imp.shares()["use_rms_prop"] == pytest.approx(1.0, abs=0.1)
    assert imp.path.set_index("name").loc["use_rms_prop", ["before", "after"]].tolist() == [False, True]


def test_ablation_without_gain_or_way_is_refused(runs, space) -> None:
    with pytest.raises(ValueError, match="no gain to explain; give another `end`"):
        importance.ablation(runs, space, rng=0, fit=NO_INTERVAL, start="best", end="default")
    with pytest.raises(ValueError, match="the default and the default are the same configuration"):
        importance.ablation(runs, space, rng=0, fit=NO_INTERVAL, end="default")


def test_local_is_the_variance_along_lines(results, runs, space) -> None:
    imp = results["local"]
    assert imp.estimate.sum() == pytest.approx(1.0)
    expected = np.var(bowl(np.column_stack([np.linspace(0, 1, 999), np.full(999, 0.7)])))
    line = imp.marginals("x0")
    assert np.var(line["mean"]) == pytest.approx(expected, rel=0.25)


def test_local_depends_on_where_one_stands(cube, sampled) -> None:
    """f = x0 x1: around x1 = .05, x0 does not matter; x1 does."""
    runs = sampled(cube(2), lambda u: u[:, 0] * u[:, 1], n=512)
    imp = importance.local(runs, cube(2), rng=0, fit=NO_INTERVAL, around_config={"x0": 0.95, "x1": 0.05})
    assert imp.shares()["x0"] < 0.05
    assert importance.local(runs, cube(2), rng=0, fit=NO_INTERVAL).shares()["x0"] == pytest.approx(0.5, abs=0.15)


def test_a_configuration_is_named_by_id_too(runs, space) -> None:
    one = runs.configs.index[3]
    assert f"configuration {one}" in repr(importance.local(runs, space, rng=0, fit=NO_INTERVAL, around_config=one))


def test_a_given_configuration_may_switch_on_what_the_default_has_off(sampled) -> None:
    space = ConfigurationSpace(
        space=[
            Categorical("p", ["off", "on"], default="off"),
            Float("k", (0.0, 1.0), default=0.25),
            Float("x", (0.0, 1.0)),
        ]
    )
    space.add(EqualsCondition(space["k"], space["p"], "on"))
    data = scored(sampled(space, lambda u: u[:, 1], n=32), space, "final_return", failures="raise")
    names = list(space)
    on, _ = point(data, {"p": "on"}, "default", "baseline")
    assert on[names.index("k")] == 0.25
    off, _ = point(data, {"p": "off"}, "default", "baseline")
    assert np.isnan(off[names.index("k")])
    np.testing.assert_array_equal(off, point(data, "default", "default", "baseline")[0])


# --- Shapley, permutation --------------------------------------------------------------------------------------


def test_shapley_values_equal_the_mean_over_orders() -> None:
    worth = np.random.default_rng(0).random(2**4)
    by_hand = np.zeros(4)
    orders = list(itertools.permutations(range(4)))
    for order in orders:
        coalition = 0
        for player in order:
            by_hand[player] += (worth[coalition | 1 << player] - worth[coalition]) / len(orders)
            coalition |= 1 << player
    np.testing.assert_allclose(shapley_values(worth), by_hand, atol=1e-14)
    assert shapley_values(worth).sum() == pytest.approx(worth[-1] - worth[0])


@pytest.mark.parametrize("game", ["tunability", "sensitivity", "mistunability"])
def test_games_share_out_everything(runs, space, game) -> None:
    imp = importance.shapley(runs, space, rng=0, game=game)
    assert imp.estimate.sum() == pytest.approx(1.0)
    assert imp.ranking[0] == "x0"
    assert f"shapley ({game})" in repr(imp)


def test_tunability_and_mistunability_differ(cube, sampled) -> None:
    """The default is at the best x0, so that tuning it gains nothing, but it can be ruined; x1 the other way round."""
    runs = sampled(cube(2), lambda u: -3 * np.abs(u[:, 0] - 0.5) + np.maximum(u[:, 1] - 0.5, 0), n=512)
    gain = importance.shapley(runs, cube(2), rng=0, game="tunability").shares()
    loss = importance.shapley(runs, cube(2), rng=0, game="mistunability").shares()
    assert gain["x1"] > 0.8
    assert loss["x0"] > 0.8


def test_players_can_be_chosen(runs, space) -> None:
    imp = importance.shapley(runs, space, rng=0, players=["x0", "x2"])
    assert set(imp.shares().index) == {"x0", "x2"}


def test_too_many_players_are_refused(sampled) -> None:
    space = spaces.default("dqn")
    runs = sampled(space, lambda u: np.nan_to_num(u[:, 0]), n=16)
    with pytest.raises(
        ValueError, match=r"15 players have 2\^15 coalitions; give `players=`, up to 12 .* or sample: `n_orders=64`"
    ):
        importance.shapley(runs, space, rng=0)


def test_permutation_is_the_total_share(cube, sampled) -> None:
    """f = x0 x1 on the square: total shares 4/7 each, with one interaction of 1/7."""
    runs = sampled(cube(2), lambda u: u[:, 0] * u[:, 1], n=1024)
    shares = importance.permutation(runs, cube(2), rng=0, fit=NO_INTERVAL).shares()
    assert shares.tolist() == pytest.approx([4 / 7, 4 / 7], abs=0.05)


@pytest.mark.parametrize(
    ("method", "options", "message"),
    [
        ("ped_anova", {"quantile": 0.5, "region": 0.4}, "give shares with 0 < quantile < region <= 1"),
        ("ped_anova", {"quantile": 0.01}, "the best 0.01 of 256 configurations are 3, fewer than 5; give a larger"),
        ("ped_anova", {"region": 0.5, "measure": "linear"}, "`measure` is of the whole space; leave it out"),
        ("ped_anova", {"bins": 0}, "`bins` is 0; give a whole number of at least 1."),
        (
            "ablation",
            {"start": "defualt"},
            "`start` is 'defualt'; give a configuration as a mapping, 'default', 'best'",
        ),
        ("ablation", {"end": {"x9": 1.0}}, "unknown hyperparameter `x9` for `end`"),
        ("local", {"around_config": 3}, "`around_config` is 3; give a configuration"),
        ("shapley", {"game": "tune"}, "unknown game `tune`"),
        ("shapley", {"players": ["x9"]}, "unknown hyperparameter `x9` for `players`"),
        ("permutation", {"n_repeats": 0}, "`n_repeats` is 0; give a whole number of at least 1."),
    ],
)
def test_what_cannot_be_is_refused(runs, space, method, options, message) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        METHODS[method](runs, space, **{"rng": 0, "fit": NO_INTERVAL} | options)
