"""Shares are the function's, not the surrogate's, and intervals hold them; a result says what was taken off."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from benchmarks.closed_forms import FORMS
from rlhp import Runs, importance, spaces
from rlhp.importance._study import scored
from rlhp.importance.surrogates._boxes import Domain
from rlhp.importance.surrogates._corrected import density, uneven
from rlhp.importance.surrogates._measures import measures_used

NO_INTERVAL = importance.Fit(n_boot=0)


def held(imp: importance.Importance, truth: np.ndarray, kind: str) -> np.ndarray:
    rows = imp.table.set_index(["kind", "name"]).loc[kind].loc[list(imp.names)]
    return ((rows["low"] - 1e-9 <= truth) & (truth <= rows["high"] + 1e-9)).to_numpy()


@pytest.mark.parametrize("surrogate", ["auto", "boosted"])
def test_ishigami_of_five_hundred(surrogate) -> None:
    """V1 is .3139; a forest's own share is .37."""
    form = FORMS["Ishigami"]
    imp = importance.fanova(form.runs(500, 0), form.space, rng=0, fit=importance.Fit(surrogate=surrogate))
    assert imp.estimate[0] == pytest.approx(0.3139, abs=0.02)
    assert imp.estimate[1] == pytest.approx(0.4424, abs=0.02)
    if surrogate == "auto":
        assert held(imp, form.main(), "main").all()
        assert held(imp, form.total(), "total").all()


def test_a_forest_is_corrected_most() -> None:
    form = FORMS["Ishigami"]
    imp = importance.fanova(form.runs(500, 0), form.space, rng=0, fit=importance.Fit(surrogate="forest", n_boot=0))
    truth = np.concatenate([form.main(), form.total()])
    assert np.abs(imp.estimate - truth).mean() < 0.7 * np.abs(imp.own - truth).mean()
    assert imp.bias["x0", "main"] == pytest.approx(imp.own[0] - imp.estimate[0])
    assert "the surrogate's own shares are off by up to" in repr(imp)


@pytest.mark.parametrize(
    ("baseline", "truth"),
    [({"x0": 0.2, "x1": 0.9, "x2": 0.1}, [0.8, 0.05, 0.15]), (None, [1 / 3, 1 / 6, 1 / 2])],
)
def test_tunability_of_a_sum_is_what_each_term_can_gain(baseline, truth) -> None:
    form = FORMS["additive"]
    imp = importance.shapley(form.runs(1000, 0), form.space, rng=0, baseline=baseline)
    np.testing.assert_allclose(imp.estimate, truth, atol=0.005)
    assert held(imp, np.array(truth), "main").all()
    assert "functions drawn from the process" in imp.interval


@pytest.mark.parametrize("studies", [2, pytest.param(4, marks=pytest.mark.hard)])
@pytest.mark.parametrize("name", ["additive, noisy", "batches (mixed), noisy, 2 seeds"])
def test_noise_is_not_part_of_the_variance(name, studies) -> None:
    """A third of the variance between means is noise: shares are of what the function varies."""
    form = FORMS[name]
    for method, truth in ((importance.fanova, form.total()), (importance.permutation, form.total())):
        found = np.mean(
            [
                method(form.runs(300, seed), form.space, rng=seed, fit=NO_INTERVAL).shares("total")
                for seed in range(studies)
            ],
            axis=0,
        )
        np.testing.assert_allclose(found, truth, atol=0.07)


def test_the_same_seed_gives_the_same_and_resamples_change_no_estimate() -> None:
    form = FORMS["switched (mixed), noisy"]
    runs = form.runs(100, 0)
    for method in (importance.fanova, importance.permutation, importance.local, importance.shapley):
        some, again = (method(runs, form.space, rng=3, fit=importance.Fit(n_boot=40)) for _ in range(2))
        np.testing.assert_array_equal(some.draws, again.draws)
        np.testing.assert_array_equal(some.estimate, method(runs, form.space, rng=3, fit=NO_INTERVAL).estimate)


def test_a_search_is_no_sample_and_is_told_so() -> None:
    form = FORMS["additive"]
    configs = spaces.sample(form.space, 300, method="random", rng=0)
    assert not uneven(_study(form, configs), _domain(form))
    crowded = configs.assign(x0=configs["x0"] ** 2)
    assert uneven(_study(form, crowded), _domain(form)) == ["x0"]
    imp = importance.fanova(_runs(form, crowded), form.space, rng=0)
    assert imp.own is None
    assert "not spread as the space declares along x0" in repr(imp)
    assert "of the sampling alone" in imp.interval


def test_configurations_count_by_the_measure_that_is_asked_for() -> None:
    """By the logarithm of [.1, 1], half of the weight lies below .316, where a quarter of the configurations are."""
    from ConfigSpace import ConfigurationSpace, Float

    space = ConfigurationSpace(space=[Float("x", (0.1, 1.0)), Float("y", (0.0, 1.0))])
    domain = Domain.of(space, measures_used(space, {"x": "log"}))
    unit = np.column_stack([(np.arange(1000) + 0.5) / 1000, np.full(1000, 0.5)])
    weight = density(domain, unit)
    assert weight.mean() == pytest.approx(1.0, abs=0.01)
    assert weight[unit[:, 0] < (10**-0.5 - 0.1) / 0.9].sum() / weight.sum() == pytest.approx(0.5, abs=0.01)
    configs = spaces.sample(space, 512, method="sobol", rng=0)
    runs = Runs.from_table(configs, np.log10(configs["x"]) + configs["y"])
    shares = importance.fanova(runs, space, rng=0, measure={"x": "log"}, fit=NO_INTERVAL).shares()
    assert shares.tolist() == pytest.approx([0.5, 0.5], abs=0.03)


@pytest.mark.parametrize("n", [300, 1000])
def test_ped_anova_names_first_who_is_first(n) -> None:
    """A narrow best learning rate decides who is among the best tenth, more than the optimiser does."""
    form = FORMS["peak (mixed)"]
    truth = form.being_best(0.1)
    found = []
    for seed in range(4):
        imp = importance.ped_anova(form.runs(n, seed), form.space, rng=0, quantile=0.1, fit=NO_INTERVAL)
        assert imp.ranking == ["lr", "opt", "mom"]
        found.append(imp.estimate)
    np.testing.assert_allclose(np.mean(found, axis=0), truth, atol=0.05)


@pytest.mark.parametrize("method", ["sobol", "random"])
def test_ped_anova_takes_off_what_chance_adds_whatever_the_sample(method) -> None:
    """Sobol points leave less to chance than single throws: what is taken off is what there is."""
    form = FORMS["additive"]
    found = []
    for seed in range(12):
        configs = spaces.sample(form.space, 512, method=method, rng=seed)
        found.append(importance.ped_anova(_runs(form, configs), form.space, rng=0, fit=NO_INTERVAL).estimate)
    np.testing.assert_allclose(np.mean(found, axis=0), form.being_best(0.2), atol=0.025)


def _runs(form, configs: pd.DataFrame) -> Runs:
    return Runs.from_table(configs, form.function(spaces.to_unit(form.space, configs)))


def _study(form, configs: pd.DataFrame):
    return scored(_runs(form, configs), form.space, "final_return", failures="raise")


def _domain(form) -> Domain:
    return Domain.of(form.space, measures_used(form.space, "declared"))


@pytest.mark.parametrize("studies", [3, pytest.param(8, marks=pytest.mark.hard)])
def test_intervals_hold_the_truth_of_a_noisy_function(studies) -> None:
    """Ishigami, three seeds, as much noise as half of the variance, 200 configurations; benchmarks measure more."""
    form = FORMS["Ishigami, noisy, 3 seeds"]
    inside = []
    for seed in range(studies):
        imp = importance.fanova(form.runs(200, seed), form.space, rng=seed, fit=importance.Fit(n_boot=60))
        inside.append([held(imp, form.main(), "main"), held(imp, form.total(), "total")])
    assert np.mean(inside) >= 0.9
