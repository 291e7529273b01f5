"""The landscape explorer shows what the surrogate says, and fits it once."""

from __future__ import annotations

import numpy as np
import pytest

from rlhp import Runs, importance, spaces
from rlhp.widgets import LandscapeExplorer, LandscapeView
from tests.widgets.measured_space import SPACE, sweep


@pytest.fixture
def lands(make):
    return lambda runs=None, **options: make(
        LandscapeExplorer, sweep() if runs is None else runs, **{"prediction": None, **options}
    )


@pytest.fixture
def drawn(monkeypatch):
    """Count the pictures, and draw none."""
    made = []
    monkeypatch.setattr("rlhp.widgets.frame._figure.png", lambda draw, **_: made.append(draw) or b"")
    return made


def test_the_best_is_where_it_was_put(lands, drawn) -> None:
    one = lands()
    rate, gamma, score = one.land.best
    assert 3e-4 < rate < 1.5e-3
    assert gamma > 0.97
    assert 250 < score < 420
    assert one.error == ""
    assert f"Best: {score:.0f} at learning_rate" in one.text
    assert "It stands on 64 configurations, 3 seeds each" in one.text
    assert "the others held as in the best configuration that was run" in one.text
    assert one.picture.alt.startswith("Landscape. final_return on Here-v0 over learning_rate and gamma")


def test_it_is_the_landscape_of_the_library(lands, drawn) -> None:
    one = lands(view=LandscapeView(rest="averaged"))
    runs = sweep().select(env_id="Here-v0")
    model = importance.surrogate(runs, one.models.space, rng=0, failures="worst")
    wanted = importance.landscape(model, one.models.space, "learning_rate", "gamma", rng=0, rest="averaged")
    np.testing.assert_allclose(one.land.mean, wanted.mean)
    one.choice.rest = "held"
    wanted = importance.landscape(model, one.models.space, "learning_rate", "gamma", rng=0, rest="best")
    np.testing.assert_allclose(one.land.mean, wanted.mean)


def test_the_table_holds_corners_and_middle(lands, drawn) -> None:
    one = lands()
    rows = one.text.splitlines()
    head = next(k for k, line in enumerate(rows) if line.startswith("gamma ↓ learning_rate →"))
    assert rows[head].split()[-5:] == ["0.00001", "0.00005623", "0.0003162", "0.001778", "0.01"]
    top, bottom = rows[head + 1].split(), rows[head + 5].split()
    assert (top[0], bottom[0]) == ("0.9999", "0.8")
    assert float(bottom[1]) == pytest.approx(one.land.mean[0, 0], rel=0.01)
    assert float(top[-3]) == pytest.approx(one.land.mean[-1, -1], rel=0.01)
    assert float(top[-1]) == pytest.approx(one.land.spread[-1, -1], rel=0.06)


def test_another_environment_is_another_landscape_and_is_compared(lands, drawn) -> None:
    one = lands()
    assert "the same picture on" not in one.text, "nothing is fitted before it is asked for"
    here = one.land
    one.choice.lists["env_id"].value = "There-v0"
    assert one.land.env_id == "There-v0"
    assert one.land.best[0] < 1e-4 < here.best[0]
    line = next(line for line in one.text.splitlines() if line.startswith("Here-v0"))
    assert "score at the best of There-v0" in one.text
    best, there = (float(word) for word in line.split()[-2:])
    assert there < 0.5 * best, "what is best there is bad here"


def test_surrogates_are_fitted_once_and_in_the_background(lands, drawn, monkeypatch) -> None:
    asked = []
    real = importance.surrogate

    def counting(runs, *args, **options):
        asked.append(runs.table["env_id"].iloc[0])
        return real(runs, *args, **options)

    monkeypatch.setattr(importance, "surrogate", counting)
    one = lands()
    assert asked == ["Here-v0"]
    one.prepare()
    one.wait(30)
    assert asked == ["Here-v0", "There-v0"]
    for env_id in ("There-v0", "Here-v0", "There-v0"):
        one.choice.env_id = env_id
    one.choice.rest = "averaged"
    assert asked == ["Here-v0", "There-v0"]
    assert one.status == "Ready: choose, or move a control"


def test_every_choice_draws_once(lands, drawn) -> None:
    one = lands()
    one.models.fit_all()
    for number, (trait, value) in enumerate(
        [("y", "exploration_fraction"), ("rest", "averaged"), ("rest", "held"), ("view", "slices"), ("view", "spread"),
         ("view", "surface"), ("view", "contours")],
        start=2,
    ):  # fmt: skip
        setattr(one.choice, trait, value)
        assert len(drawn) == number, (trait, value)
    one.choice.env_id = "There-v0"
    assert len(drawn) == 9
    one.choice.env_id = "There-v0"
    assert len(drawn) == 9


def test_choosing_what_is_on_the_other_axis_swaps_the_two(lands, drawn) -> None:
    one = lands()
    before = one.land.mean
    one.choice.lists["x"].value = "gamma"
    assert (one.choice.x, one.choice.y) == ("gamma", "learning_rate")
    assert (one.choice.lists["x"].value, one.choice.lists["y"].value) == ("gamma", "learning_rate")
    np.testing.assert_allclose(one.land.mean, before.T)
    one.choice.y = "gamma"
    assert (one.choice.x, one.choice.y) == ("learning_rate", "gamma")


def test_what_is_held_can_be_moved_by_hand(lands, drawn) -> None:
    one = lands(view=LandscapeView(x="learning_rate", y="exploration_fraction"))
    gamma = one.held.rows["gamma"].control
    high = one.land.mean.max()
    gamma.box.value = 0.8
    assert "the others held where the controls stand" in one.text
    assert one.land.held["gamma"] == 0.8
    assert one.land.mean.max() < 0.8 * high
    one.held.default_button.click()
    assert "the others held at their defaults" in one.text
    assert one.land.held["gamma"] == 0.99
    one.held.best_button.click()
    assert one.land.mean.max() == high


def test_controls_of_the_axes_are_hidden_and_averaging_switches_all_off(lands, drawn) -> None:
    one = lands()
    shown = {name for name, row in one.held.rows.items() if row.widget.layout.display != "none"}
    assert shown == set(SPACE) - {"learning_rate", "gamma"}
    one.choice.x = "train_freq"
    shown = {name for name, row in one.held.rows.items() if row.widget.layout.display != "none"}
    assert shown == set(SPACE) - {"train_freq", "gamma"}
    one.choice.rest = "averaged"
    assert all(row.control.disabled for row in one.held.rows.values())
    assert one.held.best_button.disabled
    one.choice.rest = "held"
    assert not any(row.control.disabled for row in one.held.rows.values())


def test_what_the_space_forbids_is_no_part_of_the_picture(lands, drawn) -> None:
    one = lands(view=LandscapeView(x="train_freq", y="gradient_steps"))
    for i, freq in enumerate(one.land.x.values):
        for k, steps in enumerate(one.land.y.values):
            assert np.isnan(one.land.mean[i, k]) == (steps > freq), (freq, steps)
    np.testing.assert_array_equal(np.isnan(one.land.mean), np.isnan(one.land.spread))
    assert "35 % of the picture is no part of the space: grey." in one.text
    assert "128 none none none none" in one.text
    one.choice.rest = "averaged"
    assert np.isnan(one.land.mean[0, -1]), "a pair stays forbidden whatever is averaged over"


def test_where_all_is_forbidden_it_says_so(lands) -> None:
    one = lands()
    one.held.show({"train_freq": 4, "gradient_steps": 128}, "moved")
    assert "Nothing to show: with the others held here" in one.text
    assert "gradient_steps > train_freq" in one.text
    assert one.picture.alt.startswith("Nothing to show")
    assert "<img" not in one.picture.value
    assert one.error == ""
    one.held.best_button.click()
    assert "<img" in one.picture.value
    one.choice.x = "train_freq"
    one.held.show({"gradient_steps": 32}, "moved")
    nothing = [freq for i, freq in enumerate(one.land.x.values) if np.isnan(one.land.mean[i]).all()]
    assert nothing == [1, 2, 4, 8, 16]


def test_nothing_is_shown_before_the_prediction(lands, drawn) -> None:
    asked = {"question": "Where?", "choices": ("low", "high"), "why": "Look at the star."}
    one = lands(prediction=asked)
    one.choice.y = "exploration_fraction"
    assert (one.land, one.text, drawn) == (None, "", [])
    assert one.status == "Ready: commit to a prediction first"
    one.commit("low")
    assert one.prediction == "low"
    assert one.land is not None
    assert "You predicted: low. Look at the star." in one.text
    with pytest.raises(ValueError, match="asks no prediction"):
        lands().commit("low")


def test_every_view_is_drawn(lands) -> None:
    one = lands()
    one.models.fit_all()
    pictures = set()
    for view in ("spread", "slices", "surface", "contours"):
        one.choice.view = view
        pictures.add(one.picture.value)
    assert len(pictures) == 4
    assert one.error == ""


def test_noise_is_called_noise(lands, drawn) -> None:
    configs = spaces.sample(SPACE, 40, method="sobol", rng=0)
    noise = Runs.from_table(configs, np.random.default_rng(0).normal(size=40), algorithm="dqn", env_id="Noise-v0")
    one = lands(noise)
    assert one.land.r2 < 0.3
    assert "That is too little: do not read the shape, look at the measured points." in one.text


def test_failed_runs_count_by_the_policy_and_are_named(lands, drawn) -> None:
    configs = spaces.sample(SPACE, 40, method="sobol", rng=0)
    scores = np.where(np.arange(40) % 10 == 0, np.nan, spaces.to_unit(SPACE, configs)[:, 0])
    one = lands(Runs.from_table(configs, scores, algorithm="dqn", env_id="Fails-v0"))
    assert "4 runs failed or diverged; they count by the policy “worst”." in one.text
    assert one.error == ""


def test_what_cannot_be_is_refused(lands) -> None:
    runs = sweep()
    with pytest.raises(ValueError, match=r"`view\.x` and `view\.y` are both `gamma`"):
        lands(view=LandscapeView(x="gamma", y="gamma"))
    with pytest.raises(ValueError, match="unknown hyperparameter `gama`; did you mean `gamma`"):
        lands(view=LandscapeView(x="gama"))
    with pytest.raises(ValueError, match="unknown environment `Her-v0`; did you mean `Here-v0`"):
        lands(view=LandscapeView(env_id="Her-v0"))
    with pytest.raises(ValueError, match="unknown view `slice`; did you mean `slices`"):
        lands(view=LandscapeView(kind="slice"))
    with pytest.raises(ValueError, match="unknown rest"):
        lands(view=LandscapeView(rest="hold"))
    with pytest.raises(ValueError, match="no runs to look at"):
        lands([])
    with pytest.raises(ValueError, match=r"`len\(runs\)` is 0"):
        lands(runs.select([]))
    with pytest.raises(ValueError, match="unknown data set"):
        lands("dqn_carpole")
    other = Runs.from_table([{"gamma": 0.9}], [1.0], algorithm="ppo")
    with pytest.raises(ValueError, match=r"of 2 algorithms \(dqn, ppo\)"):
        lands([runs, other])
    single = Runs.from_table([{"gamma": g} for g in (0.9, 0.95)], [1.0, 2.0], algorithm="dqn")
    with pytest.raises(ValueError, match="only `gamma` varies"):
        lands(single)
    with pytest.raises(ValueError, match="nothing varies"):
        lands(Runs.from_table([{"gamma": 0.9}], [1.0], algorithm="dqn"))
    with pytest.raises(ValueError, match="Give the space that was swept as `space=`"):
        lands(Runs.from_table([{"a": 1.0, "b": 2.0}], [1.0], algorithm="mine"))
    with pytest.raises(ValueError, match=r"the space has 1 \(gamma\)"):
        lands(runs, space=spaces.subspace(SPACE, ["gamma"]))
    one = lands()
    with pytest.raises(ValueError, match="unknown hyperparameter `gama`"):
        one.held.show({"gama": 0.9}, "moved")
    with pytest.raises(ValueError, match="outside its range"):
        one.held.show({"gamma": 0.5}, "moved")
