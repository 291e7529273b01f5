"""Levels of any kind: texts that read like numbers, lists in another hand, None, and an axis of one level."""

from __future__ import annotations

import numpy as np
import pytest
from ConfigSpace import Categorical, ConfigurationSpace, EqualsCondition, Float, ForbiddenEqualsClause
from matplotlib import pyplot as plt

from rlhp import Runs, importance, plots, spaces

NO_INTERVAL = importance.Fit(n_boot=0)

LEVELS = ConfigurationSpace(
    space=[
        Categorical("batch_size", [32, 64]),
        Categorical("net_arch", ["[64, 64]", "[256, 256]"]),
        Categorical("layers", [(64, 64), (256,)]),
        Categorical("label", ["64", "128"]),
        Categorical("dueling", [True, False]),
    ]
)
GIVEN = {"batch_size": 64, "net_arch": "[64, 64]", "layers": (64, 64), "label": "64", "dueling": True}


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("batch_size", "64", r"`batch_size` is '64', a text; its level is a number: give 64. Valid: 32, 64."),
        ("label", 64, r"`label` is 64, a number; its level is a text: give '64'. Valid: '64', '128'."),
        ("dueling", "true", r"`dueling` is 'true', a text; its level is a truth value: give True."),
        ("layers", "(64, 64)", r"`layers` is '\(64, 64\)', a text; its level is a tuple: give \(64, 64\)."),
        ("batch_size", 63, r"unknown value `63` for `batch_size`"),
        ("net_arch", "[64, 65]", r"unknown value `\[64, 65\]` for `net_arch`; did you mean `\[64, 64\]`"),
        ("net_arch", "[64, ", r"unknown value `\[64, ` for `net_arch`"),
    ],
)
def test_a_value_of_another_kind_says_which_kind_it_is(name: str, value: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        spaces.to_unit(LEVELS, [GIVEN | {name: value}])


@pytest.mark.parametrize("value", ["[64,64]", "[64, 64]", " [ 64,64 ] ", [64, 64], (64, 64), np.array([64, 64])])
@pytest.mark.parametrize("name", ["net_arch", "layers"])
def test_a_list_is_one_level_however_it_is_written(name: str, value: object) -> None:
    plain, other = (spaces.to_unit(LEVELS, [one]) for one in (GIVEN, GIVEN | {name: value}))
    np.testing.assert_array_equal(plain, other)
    runs = Runs.from_table([GIVEN | {name: value}] * 3, [1.0, 2.0, 3.0], seeds=[0, 1, 2])
    np.testing.assert_array_equal(spaces.to_unit(LEVELS, runs.configs), plain)


@pytest.fixture(scope="module")
def none():
    """A space in which None is a level, `b` is active for it only, and a study in which it is best."""
    space = ConfigurationSpace(
        space=[Categorical("clip", [None, 0.01, 0.1]), Float("a", (0, 1)), Float("b", (0, 1)), Categorical("m", ["x"])]
    )
    space.add(EqualsCondition(space["b"], space["clip"], None))
    configs = spaces.sample(space, 96, method="sobol", rng=0)
    return space, Runs.from_table(configs, configs["a"] + 1.0 * configs["clip"].isna())


def test_a_level_none_is_not_inactive(none) -> None:
    space, runs = none
    land = importance.landscape(runs, space, "clip", "a", rng=0, points=5)
    assert land.x.values == [None, 0.01, 0.1]
    assert "at clip None and a" in plots.landscape_alt_text(land)
    assert [one.get_text() for one in plots.landscape(land).get_xticklabels()] == ["None", "0.01", "0.1"]
    slices = plots.landscape(importance.landscape(runs, space, "a", "clip", rng=0, points=5), kind="slices")
    assert {one.get_text() for one in slices.get_legend().get_texts()} == {"clip = None", "clip = 0.01", "clip = 0.1"}
    found = importance.fanova(runs, space, rng=0, fit=NO_INTERVAL)
    for curve in (
        found.marginals("clip"),
        importance.local(runs, space, rng=0, fit=NO_INTERVAL).marginals("clip"),
    ):
        assert curve["value"].tolist() == [None, 0.01, 0.1]
    assert "at None and lowest" in plots.marginal_alt_text(found, "clip")
    study = importance.scored(runs, space, "final_return", failures="raise")
    assert "clip None, m x" in plots.parallel_alt_text(study)
    assert "inactive" not in {one.get_text() for one in plots.parallel(study).texts}
    crashes = importance.crash_map(runs, space)
    assert crashes.parts["clip"] == ["None", "0.01", "0.1"]
    plt.close("all")


def test_what_is_inactive_still_says_so_on_a_path(none) -> None:
    space, runs = none
    path = importance.ablation(runs, space, rng=0, fit=NO_INTERVAL, start={"clip": 0.01}).path.set_index("name")
    assert path.loc["clip", "after"] is None
    shown = plots.ablation_path(
        importance.ablation(runs, space, rng=0, fit=NO_INTERVAL, start={"clip": 0.01}, end="best")
    )
    labels = {one.get_text() for one in shown.get_yticklabels()}
    assert "clip: 0.01 → None" in labels
    turned = Runs.from_table(runs.configs[list(space)], -runs.evals["return_mean"].to_numpy())
    away = importance.ablation(
        turned, space, rng=0, fit=NO_INTERVAL, start={"clip": None, "b": 0.2}, end={"clip": 0.01}
    )
    assert "clip from None to 0.01" in plots.ablation_path_alt_text(away)
    held = importance.landscape(runs, space, "a", "m", rng=0, points=5, rest={"clip": 0.01}).held
    assert held["clip"] == 0.01
    assert np.isnan(held["b"])
    plt.close("all")


def test_a_forbidden_none_is_forbidden() -> None:
    space = ConfigurationSpace(space=[Categorical("clip", [None, 0.1, 0.2], default=0.1), Float("a", (0, 1))])
    space.add(ForbiddenEqualsClause(space["clip"], None))
    asked = [{"clip": None, "a": 0.5}, {"clip": 0.1, "a": 0.5}]
    assert spaces.allowed(space, asked).tolist() == [False, True]
    assert not spaces.sample(space, 32, rng=0)["clip"].isna().any()


@pytest.mark.parametrize("kind", ["contours", "spread", "surface"])
def test_an_axis_of_one_level_is_refused_in_our_words(none, kind: str) -> None:
    space, runs = none
    for axes in (("m", "a"), ("a", "m")):
        land = importance.landscape(runs, space, *axes, rng=0, points=5)
        with pytest.raises(ValueError, match=f"`m` has one level here, x, and kind='{kind}' needs two or more"):
            plots.landscape(land, kind=kind)
        assert plots.landscape(land, kind="slices").get_xlabel() == axes[0]
        plt.close("all")
