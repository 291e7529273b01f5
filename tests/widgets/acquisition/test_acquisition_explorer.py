"""The acquisition explorer says what the library's surrogate believes, and repeats whole searches."""

from __future__ import annotations

import math
import re
import threading
from typing import Any

import numpy as np
import pytest

from rlhp import hpo
from rlhp.widgets import AcquisitionExplorer
from rlhp.widgets.acquisition._ground import made_curve, of_curve
from rlhp.widgets.acquisition._question import answering, verdict
from rlhp.widgets.acquisition._searches import Choosing, Repeated, paired, search

ASKED = {"question": "Which way?", "choices": ("up", "down"), "why": "Look."}
BRIEF = {"repetitions": 4, "evaluations": 6, "prediction": None}


@pytest.fixture
def explorers(make, monkeypatch):
    monkeypatch.setattr("rlhp.widgets.frame._figure.png", lambda draw, **_: b"")  # drawn in the walks
    return lambda *args, **options: make(AcquisitionExplorer, *args, **{**BRIEF, **options})


def test_it_believes_what_the_library_does(explorers) -> None:
    one = explorers()
    one.acquisition = "log_ei"
    curve, u = made_curve(), np.linspace(0, 1, 121)
    scores = [sample.score for sample in one.samples]
    seen = hpo.Observations(curve.configurations(np.array([s.u for s in one.samples])), scores, [25.0] * 3)
    belief = hpo.surrogate(curve.space, seen, hpo.Emukit(samples=0))
    np.testing.assert_allclose(one.belief.mean, belief.predict(curve.configurations(u))[0], rtol=1e-4)
    np.testing.assert_allclose(one.belief.worth, belief.acquisition(curve.configurations(u)), rtol=1e-3, atol=1e-3)
    assert one.belief.next == int(np.argmax(belief.acquisition(curve.configurations(u))))


def test_a_step_samples_where_the_acquisition_is_highest_and_a_hand_where_it_likes(explorers) -> None:
    one = explorers()
    wanted = one.belief.u[one.belief.next]
    one.step_button.click()
    assert one.samples[-1].u == wanted
    assert "After 4 samples" in one.text
    one.place.box.value = 0.02
    one.sample_button.click()
    assert made_curve().value(np.array(one.samples[-1].u)) == pytest.approx(0.02)
    assert one.error == ""


def test_the_noise_control_makes_the_same_draws_larger(explorers) -> None:
    one = explorers()
    truth = made_curve().truth(np.array([sample.u for sample in one.samples]))
    before = np.array([sample.score for sample in one.samples]) - truth
    one.choice.controls["noise"].box.value = 50.0
    np.testing.assert_allclose(np.array([sample.score for sample in one.samples]) - truth, 2 * before)
    one.noise = 0.0
    np.testing.assert_allclose([sample.score for sample in one.samples], truth)


def test_what_does_not_count_is_switched_off(explorers) -> None:
    one = explorers()
    kappa, scale = one.choice.controls["kappa"], one.choice.controls["length_scale"]
    assert (kappa.disabled, scale.disabled) == (False, True)
    one.acquisition, one.held = "ei", True
    assert (kappa.disabled, scale.disabled) == (True, False)
    one.length_scale = 0.05
    assert one.belief.length_scale == pytest.approx(0.05)
    assert "Length scale, held: 0.05 of the axis" in one.text


def test_the_measured_curve_goes_through_the_means_and_covers_its_values(explorers) -> None:
    one = explorers("learning_rate_cartpole")
    one.curve = "measured"
    curve = one.here
    assert (curve.low, curve.high) == (one.place.low, one.place.high) == (1e-4, 1e-2)
    runs = one_score("learning_rate_cartpole")
    np.testing.assert_allclose(curve.truth(np.array([0.0, 0.5, 1.0])), runs[[1e-4, 1e-3, 1e-2]], rtol=1e-9)
    assert one.noise == pytest.approx(curve.noise)
    assert one.error == ""


def one_score(name: str) -> Any:
    from rlhp import datasets
    from rlhp.objectives import score

    runs = datasets.load(name)
    return score(runs, "auc", failures="worst").table["value"].groupby(runs.column("learning_rate")).mean()


def test_whole_searches_start_alike_recommend_what_was_tried_and_are_kept(explorers) -> None:
    one = explorers()
    one.start()
    one.wait(60)
    assert [kept.choosing.words for kept in one.repeated] == ["random search", "Gaussian process, kappa 2"]
    random, ours = one.repeated
    assert random.worth.shape == ours.worth.shape == (4, 6)
    np.testing.assert_array_equal(random.worth[:, :2], ours.worth[:, :2])  # the same start, with the same noise
    one.start()
    one.wait(60)
    assert one.repeated[1] is ours, "nothing is searched twice"
    assert re.search(r"random search 4 \d+ \d+ to \d+", one.text)
    one.noise = 60.0
    assert one.repeated == [], "those were of another noise"


def test_a_search_is_known_by_its_seed_and_ends_when_it_is_stopped() -> None:
    ground = of_curve(made_curve(), noise=25.0, told=True, first=3)
    how = Choosing("process", "lcb", 2.0)
    worth = search(ground, hpo.Emukit(), how, n=6, seed=3)
    assert worth.shape == (6,)
    assert set(worth) <= set(ground.truth)
    np.testing.assert_array_equal(worth, search(ground, hpo.Emukit(), how, n=6, seed=3))
    assert search(ground, hpo.Emukit(), how, n=6, seed=3, stopped=lambda: True) is None


def test_no_place_is_tried_twice_however_much_it_is_liked() -> None:
    sizes = []

    class Fond:
        """Likes the right end, and is never less sure of it."""

        def fitted(self, x, y, noise, rng):
            sizes.append(len(x))
            return self

        def predict(self, x):
            return x[:, 0], np.full(len(x), 0.5)

    search(of_curve(made_curve(), noise=0.0, told=True, first=3), Fond(), Choosing("fond", "lcb", 2.0), n=6, seed=0)
    assert sizes == [3, 4, 5, 6]


def test_a_pool_is_searched_by_name(explorers) -> None:
    one = explorers(pool="sac_pendulum", repetitions=3, evaluations=10)
    one.choice.on.value = "pool"
    one.start()
    one.wait(60)
    assert one.error == ""
    truth = hpo.pool("sac_pendulum").truth()
    assert np.isin(one.repeated[1].worth.round(6), truth.round(6)).all()
    assert "Whole searches on: the measured pool." in one.text


def test_the_prediction_comes_first_and_is_answered_by_searches(explorers) -> None:
    one = explorers(prediction="kappa")
    assert one.asking
    assert one.step_button.disabled
    assert "After" not in one.text
    with pytest.raises(ValueError, match="make your prediction first"):
        one.sample(1e-3)
    one.commit("kappa 2")
    one.wait(60)
    assert one.error == ""
    assert "You predicted: kappa 2." in one.text
    assert "mean of 4 searches each" in one.text
    assert len(one.kept.found) == 4


def test_a_belief_that_comes_late_does_not_take_the_place_of_a_later_one(explorers, monkeypatch) -> None:
    """What is prepared when the explorer is shown may still be computed when the loop is stepped already."""
    from rlhp.widgets.acquisition import _explorer as explorer

    real, late, go = explorer.believe, threading.Event(), threading.Event()

    def slow(*args, **options):
        if threading.current_thread() is not threading.main_thread():
            late.set()
            assert go.wait(60)
        return real(*args, **options)

    monkeypatch.setattr(explorer, "believe", slow)
    one = explorers(prediction=ASKED)
    one.prepare()
    assert late.wait(60)
    one.commit("up")
    one.step_button.click()
    go.set()
    one.wait(60)
    assert one.belief is not None
    one.step_button.click()
    assert (len(one.samples), one.error) == (5, "")
    assert "After 5 samples" in one.text


def test_a_verdict_is_given_only_where_the_intervals_give_one() -> None:
    asked = answering("process")
    none, two, ten = asked.values()
    draws = np.random.default_rng(0)
    low, high = draws.normal(0, 1, (20, 4)), draws.normal(10, 1, (20, 4))
    clear = [Repeated(none.canonical, low, 20), Repeated(two.canonical, high, 20), Repeated(ten.canonical, low - 3, 20)]
    assert "So it is:" in verdict("kappa 2", asked, clear)
    assert "So it is not:" in verdict(next(iter(asked)), asked, clear)
    level = [*clear[:2], Repeated(ten.canonical, high + draws.normal(0, 1, (20, 4)) * 0.5 - 0.01, 20)]
    said = verdict("kappa 2", asked, level)
    assert "does not part it from" in said
    assert "You are among those that may lead." in said
    assert "Yours is clearly behind." in verdict(next(iter(asked)), asked, level)
    mean, least, most = paired(clear[1], clear[0])
    assert least < 10 < most
    assert mean == pytest.approx((high - low)[:, -1].mean())


def test_stop_ends_the_searches_and_keeps_those_that_are_done(explorers) -> None:
    one = explorers(repetitions=500)
    one.start()
    one.stop_button.click()
    one.wait(30)
    assert one.status.startswith("stopped, because you pressed Stop")
    assert not one.start_button.disabled
    assert all(len(kept.worth) < 500 for kept in one.kept.found.values() if kept.choosing.surrogate != "random search")


def test_the_network_answers_in_the_same_words(explorers) -> None:
    from tests.widgets.test_walks import AnotherProcess

    one = explorers(searchers={"process": hpo.Emukit(), "another": AnotherProcess()})
    one.surrogate = "another"
    one.wait(60)
    assert "the another recommends" in one.text
    assert one.choice.boxes["held"].disabled, "it has no length scale to hold"
    assert math.isfinite(one.belief.mean.sum())


def test_begin_again_draws_other_samples_and_what_cannot_be_is_refused(explorers) -> None:
    one = explorers()
    before = one.samples
    one.again_button.click()
    assert len(one.samples) == 3
    assert one.samples != before
    with pytest.raises(ValueError, match="`value`"):
        one.sample(2.0)
    with pytest.raises(ValueError, match="did you mean `log_ei`"):
        one.acquisition = "log_e"
    with pytest.raises(ValueError, match="give 'kappa'"):
        AcquisitionExplorer(prediction="kapa")
