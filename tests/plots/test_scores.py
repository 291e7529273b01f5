from __future__ import annotations

import numpy as np
import pytest

from rlhp import Runs, curves, plots
from rlhp.runs import empty_history


@pytest.fixture(scope="module")
def runs():
    rng = np.random.default_rng(0)
    configs = [{"gamma": gamma} for gamma in (0.9, 0.95, 0.99) for _ in range(8)]
    scores = np.concatenate([rng.normal(centre, 40, 8) for centre in (100, 120, 300)])
    made = Runs.from_table(configs, scores, seeds=[*range(8)] * 3, env_id="CartPole-v1", algorithm="dqn")
    steps = np.arange(1, 7)
    evals = made.evals.loc[made.evals.index.repeat(len(steps))].reset_index(drop=True)
    evals["step"] = np.tile(steps, len(made))
    evals["return_mean"] = evals["return_mean"] * evals["step"] / 6 + rng.normal(0, 5, len(evals))
    return Runs(made.table.assign(steps=6), evals, empty_history())


def caption(ax) -> str:
    return ax.get_title(loc="left").replace("\n", " ")


def test_profiles_are_the_shares(runs) -> None:
    result = curves.performance_profile(runs, by="gamma", rng=0, n_boot=100)
    ax = plots.performance_profile(result, ax=plots.new_axes(), band=True, title="Profiles")
    for line, shares in zip(ax.lines, result.shares, strict=True):
        np.testing.assert_array_equal(line.get_ydata(), shares)
    assert "Share of n = 8 runs each." in caption(ax)
    assert "95 % band for the whole profile" in caption(ax)
    assert ax.get_xlabel() == "final return (undiscounted)"
    assert len(ax.collections) == 3
    assert not plots.performance_profile(result, ax=plots.new_axes()).collections
    said = plots.performance_profile_alt_text(result)
    assert said.count("half of the runs with gamma") == 3


def test_improvement_is_one_row_a_pair(runs) -> None:
    result = curves.probability_of_improvement(runs, by="gamma", rng=0, n_boot=100)
    ax = plots.probability_of_improvement(result, ax=plots.new_axes())
    assert [text.get_text() for text in ax.get_yticklabels()][-1] == "0.9\nbetter than 0.95"
    drawn = [line.get_xdata() for line in ax.lines if len(line.get_xdata()) == 2 and line.get_linestyle() == "-"]
    np.testing.assert_allclose(drawn[::-1], result.table[["low", "high"]])
    assert "Newcombe's method 5" in caption(ax)
    assert "gamma = 0.9 does better than gamma = 0.99 with probability" in plots.probability_of_improvement_alt_text(
        result
    )


def test_power_says_how_many_seeds(runs) -> None:
    result = curves.how_many_seeds(runs.select(gamma=0.9), effect=60, n_studies=None, seeds=(2, 5, 10, 20), rng=0)
    ax = plots.power(result, ax=plots.new_axes())
    np.testing.assert_allclose(ax.lines[0].get_ydata(), result.table["power"])
    assert [text.get_text() for text in ax.texts if "seeds" in text.get_text()] == [f"{result.needed} seeds"]
    assert "two-sided at 0.05" in caption(ax)
    assert f"{result.needed} seeds a group reach 80%" in plots.power_alt_text(result)


def test_reliability_is_one_row_a_group(runs) -> None:
    result = curves.reliability(runs, by="gamma", rng=0, n_boot=100)
    ax = plots.reliability(result, "cvar_runs", ax=plots.new_axes())
    assert [text.get_text() for text in ax.get_yticklabels()] == ["gamma = 0.99", "gamma = 0.95", "gamma = 0.9"]
    assert "n = 8 runs each" in caption(ax)
    assert ax.get_xlabel() == "mean final value of the worst runs (undiscounted return),\nhigher is better"
    assert "higher is better, with 95 % intervals: gamma = 0.9" in plots.reliability_alt_text(result, "cvar_runs")


def test_an_unknown_metric(runs) -> None:
    result = curves.reliability(runs, by="gamma", rng=0, n_boot=100)
    for draw in (plots.reliability, plots.reliability_alt_text):
        with pytest.raises(ValueError, match="unknown metric `iqr_run`; did you mean `iqr_runs`"):
            draw(result, "iqr_run")
