"""Where all configurations score the same, but for rounding, that is the result: not a poor fit, not a ranking."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt

from rlhp import Runs, importance, plots, spaces
from rlhp.runs import concat
from tests.importance.test_scale_of_scores import CONFIGS, METHODS, SPACE

NO_INTERVAL = importance.Fit(n_boot=0)

SAID = "all 64 configurations have the same score"


def flat(kind: str, *, env_id: str = "A-v0") -> Runs:
    """64 configurations, three seeds each: all -200, or the same three scores in any order, whose means round apart."""
    orders = list(itertools.permutations([0.1, 0.2, 0.3]))
    rows = [orders[k % 6] if kind == "rounding" else (-200.0,) * 3 for k in range(64)]
    whole = pd.concat([CONFIGS] * 3, ignore_index=True)
    return Runs.from_table(whole, np.array(rows).T.ravel(), seeds=np.repeat(range(3), 64).tolist(), env_id=env_id)


def test_the_case_is_one() -> None:
    """Plain means do differ."""
    means = flat("rounding").evals.groupby(np.tile(np.arange(64), 3))["return_mean"].agg(lambda one: np.mean(list(one)))
    assert means.nunique() > 1
    assert importance.scored(flat("rounding"), SPACE, "final_return", failures="raise").alike


@pytest.mark.parametrize("kind", ["equal", "rounding"])
@pytest.mark.parametrize("method", METHODS)
def test_nothing_varies_so_nothing_matters(method: str, kind: str) -> None:
    found = METHODS[method](flat(kind), SPACE)
    assert found.alike == pytest.approx(-200 if kind == "equal" else 0.2)
    assert (found.r2, found.poor_fit, found.ranking) == (None, False, [])
    assert (found.table["share"] == 0).all()
    for text in (repr(found), found._repr_html_(), plots.importance_alt_text(found)):
        assert SAID in text
        assert "R2" not in text
    ax = plots.importance(found)
    assert SAID[1:] in " ".join(ax.get_title(loc="left").split())
    plt.close("all")


@pytest.mark.parametrize("method", METHODS)
def test_sums_of_one_score_that_round_are_no_shares(method: str) -> None:
    """Mean predictions of 3.3 differ in the last digit with their number, and shares of that were .51 and .49."""
    found = METHODS[method](Runs.from_table(CONFIGS, np.full(64, 3.3)), SPACE)
    assert found.alike == pytest.approx(3.3)
    assert (found.table["share"] == 0).all()
    assert not found.draws.any()


def test_also_where_it_is_the_good_ones_only_that_score_alike() -> None:
    """Seven in eight never leave -200 (less is better of a loss, say): above the median nothing is left to explain."""
    score = np.where(np.arange(64) % 8 == 0, -300.0, -200.0)
    runs = Runs.from_table(CONFIGS, score)
    found = importance.fanova(runs, SPACE, rng=0, quantile=0.5, fit=NO_INTERVAL)
    assert (found.alike, found.ranking) == (-200.0, [])
    assert importance.fanova(runs, SPACE, rng=0, fit=NO_INTERVAL).alike is None


def test_side_by_side_it_is_named() -> None:
    both = concat([flat("equal"), Runs.from_table(CONFIGS, CONFIGS["gamma"], env_id="B-v0")])
    found = importance.across(both, SPACE, rng=0, fit=NO_INTERVAL)
    ranks = found.table.set_index(["env_id", "name"])["rank"]
    assert ranks["A-v0"].isna().all()
    assert ranks["B-v0"].notna().all()
    assert SAID in repr(found)
    assert np.isnan(found.agreement)


def test_a_flat_landscape_has_no_best_point() -> None:
    found = importance.landscape(flat("rounding"), SPACE, "gamma", "tau", rng=0, points=5)
    assert found.alike == pytest.approx(0.2)
    assert np.isnan(found.r2)
    for text in (repr(found), plots.landscape_alt_text(found)):
        assert SAID in text
        assert "best 0" not in text
    for kind in ("contours", "slices", "surface", "spread"):
        said = " ".join(plots.landscape(found, kind=kind).get_title(loc="left").split())
        assert SAID in said
        assert "Star" not in said
    plt.close("all")


def test_a_flat_path_gains_nothing() -> None:
    found = importance.ablation(flat("equal"), SPACE, rng=0, fit=NO_INTERVAL)
    assert (found.path["gain"] == 0).all()
    default = dict(SPACE.get_default_configuration())
    runs = Runs.from_table([default, *CONFIGS.to_dict("records")], np.zeros(65))
    none = importance.ablation(runs, SPACE, rng=0, fit=NO_INTERVAL)
    assert not len(none.path)
    with pytest.raises(ValueError, match="this path has no step: all 65 configurations have the same score"):
        plots.ablation_path(none)


def test_a_difference_of_a_millionth_is_one() -> None:
    runs = Runs.from_table(CONFIGS, 1 + 1e-6 * spaces.to_unit(SPACE, CONFIGS)[:, 0])
    found = importance.fanova(runs, SPACE, rng=0, fit=NO_INTERVAL)
    assert found.alike is None
    assert found.ranking[0] == "gamma"


def test_a_total_below_its_main_effect_is_shown_as_large_as_that() -> None:
    """On an additive function a total is its main effect, and noise puts every other one below it."""
    u = spaces.to_unit(SPACE, CONFIGS)
    runs = Runs.from_table(CONFIGS, u @ [3.0, 2.0, 1.0] + np.random.default_rng(0).normal(scale=0.2, size=64))
    below = []
    for rng in range(6):
        fit = importance.Fit(n_trees=8, n_boot=40, boot_trees=2, allow_poor_fit=True)
        found = importance.fanova(runs, SPACE, rng=rng, variance="shared", fit=fit)
        main, total = found.shares("main"), found.shares("total")
        assert (total >= main).all()
        rows = found.table
        assert (rows["low"] <= rows["share"]).all()
        assert (rows["share"] <= rows["high"]).all()
        raw = found.estimate[3:] - found.estimate[:3]
        below.append(raw.min())
        assert ("put totals below main effects" in repr(found)) == (raw.min() < -0.0005)
    assert min(below) < -0.0005


def test_explorers_say_so_too() -> None:
    from rlhp.widgets.importance._fits import Setting
    from rlhp.widgets.importance._words import leaders, said
    from rlhp.widgets.landscape._words import sentence, trust

    found = importance.fanova(flat("equal"), SPACE, rng=0, fit=NO_INTERVAL)
    assert leaders(found) == []
    told = said(Setting("A-v0", "fanova", "declared", 1, 0.0), found)
    assert SAID[1:] in told
    assert "leads" not in told
    model = importance.surrogate(flat("equal"), SPACE, rng=0)
    land = importance.landscape(model, SPACE, "gamma", "tau", rng=0, points=5)
    assert SAID in sentence(land, "held")
    assert SAID in trust(land, model, 0.1)
    assert "nan" not in sentence(land, "held") + trust(land, model, 0.1)
