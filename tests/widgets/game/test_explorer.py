"""The game: what a hand trains is the nearest there is, and the test seeds are told when it is over."""

from __future__ import annotations

import numpy as np
import pytest

from rlhp import hpo, plots
from rlhp.widgets import SearchGame
from rlhp.widgets.game._ground import Ground
from rlhp.widgets.game._picture import draw_game

RATE = {"hyperparameters": ["learning_rate"], "evaluations": 3}


@pytest.fixture(scope="module")
def sac() -> Ground:
    return Ground("sac_pendulum", ["learning_rate", "gamma"], 5)


@pytest.fixture
def game(make, monkeypatch):
    monkeypatch.setattr("rlhp.widgets.frame._figure.png", lambda draw, **_: b"")  # the drawing has its own test
    return lambda **options: make(
        SearchGame, "sac_pendulum", **{"prediction": None, "opponents": {"random": 4}, **RATE, **options}
    )


def test_what_is_trained_is_the_nearest_in_what_the_hand_sets_and_none_twice(sac) -> None:
    first = sac.nearest({"learning_rate": 1e-3, "gamma": 0.99}, ())
    second = sac.nearest({"learning_rate": 1e-3, "gamma": 0.99}, (first,))
    assert first != second
    own = dict(sac.pool.configurations[first])
    assert sac.nearest({name: own[name] for name in sac.names}, ()) == first
    rates = [one["learning_rate"] for one in sac.pool.configurations]
    alone = Ground("sac_pendulum", ["learning_rate"], 5)
    assert alone.nearest({"learning_rate": max(rates)}, ()) == int(np.argmax(rates))
    every = [alone.nearest({"learning_rate": 1e-3}, range(at)) for at in (1, 10, 63)]
    assert every[-1] == 63
    assert all(place >= at for place, at in zip(every, (1, 10, 63), strict=True))


def test_a_hand_is_told_by_the_tuning_seeds_and_judged_by_the_others(sac) -> None:
    pool = hpo.pool("sac_pendulum")
    tuned, worth = pool.truth((0, 1, 2)), pool.truth((3, 4))
    one = sac.by_hand([5, 9, 2])
    np.testing.assert_allclose(one.tuned, np.maximum.accumulate(tuned[[5, 9, 2]]))
    assert one.worth == pytest.approx(worth[[5, 9, 2][int(np.argmax(tuned[[5, 9, 2]]))]])


def test_a_machine_trains_as_many_and_is_judged_alike(sac) -> None:
    pool = hpo.pool("sac_pendulum")
    one = sac.by_machine("random", 3)
    found = hpo.replay(pool, budget=5 * 3 * pool.pauses[-1], searcher="random", plan="full", rng=3)
    assert len(found.trials) == 5
    assert one.tuned[-1] == pytest.approx(max(trial.last.score for trial in found.trials))
    assert one.tuned[0] == pytest.approx(found.trials[0].last.score)
    assert (np.diff(one.tuned) >= 0).all()


def test_the_test_seeds_are_told_when_the_game_is_over_and_not_before(game) -> None:
    one = game(prediction={"question": "Who?", "choices": ("Mine", "theirs")})
    one.commit("Mine")
    one.wait(60)
    for at in range(3):
        assert "By the 2 test seeds your choice" not in one.text
        assert "The test seeds answer it when the game is over" in one.text
        one.controls["learning_rate"].value = [1e-4, 1e-3, 3e-3][at]
        one.start_button.click()
        assert f"Configuration {at + 1} of 3, the nearest one that was measured" in one.text
    mine = one.ground.by_hand(one.tried)
    behind = sum(played.worth < mine.worth for played in one.machines["random search"])
    assert "By the 2 test seeds your choice returns " in one.text
    assert f"behind you in {behind} of 4" in one.text
    assert "You predicted: Mine. By the test seeds, in this game: Mine " in one.text
    assert one.start_button.disabled
    with pytest.raises(ValueError, match="the game is over"):
        one.train()
    one.again_button.click()
    assert one.tried == ()
    assert not one.start_button.disabled
    assert "By the 2 test seeds your choice" not in one.text


def test_the_machines_can_be_stopped_and_what_they_did_stays(game) -> None:
    one = game(opponents={"random": 400})
    one.prepare()
    one.stop_button.click()
    one.wait(60)
    done = len(one.machines["random search"])
    assert done < 400
    assert one.status == f"stopped, because you pressed Stop: {done} of 400 searches of machines"
    one.train()
    assert "Configuration 1 of 3" in one.text


def test_nothing_is_drawn_where_nothing_was_trained(game) -> None:
    one = game(opponents={"random": 4})
    assert one.picture.alt == "Train a configuration, or wait for the machines."
    one.train()
    assert one.picture.alt.startswith("The best return so far, by hand and by machines. Configuration 1 of 3")


def test_a_prediction_comes_first(game) -> None:
    one = game(prediction={"question": "Who?", "choices": ("Mine", "theirs")})
    one.prepare()
    assert one.machines == {"random search": []}
    with pytest.raises(ValueError, match="make your prediction first"):
        one.train()
    assert "you have 3 configurations of SAC on Pendulum-v1" in one.text


def test_the_question_is_about_the_game_that_is_played(game) -> None:
    one = game(prediction="winner", opponents={"sobol": 3})
    assert "You and sobol each train 3 configurations with 3 seeds" in one.question.prediction.question
    assert one.question.prediction.choices == ("Mine", "That of sobol, on average")
    own = one.ground.pool.space["learning_rate"].default_value
    assert one.controls["learning_rate"].value == own  # a hand begins where most people do


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"hyperparameters": ["learning_rat"]}, "did you mean `learning_rate`"),
        ({"evaluations": 1}, "`evaluations` is 1"),
        ({"opponents": {"random": 2}}, "is 2"),
        ({"opponents": {"randm": 3}}, "did you mean `random`"),
        ({"prediction": "winer"}, "did you mean `winner`"),
    ],
)
def test_what_cannot_be_played_is_refused(game, options, said) -> None:
    with pytest.raises(ValueError, match=said):
        game(**options)


def test_the_picture_has_the_hand_and_every_machine(sac) -> None:
    many = [sac.by_machine("random", seed) for seed in range(4)]
    ax = plots.new_axes((5.6, 3.7))
    draw_game(ax, sac, [5, 9, 2], {"random search": many, "too few": many[:2]})
    labels = [line.get_label() for line in ax.lines]
    assert labels == ["random search, mean of 4, 95 %", "your configurations", "your best"]
    np.testing.assert_allclose(ax.lines[0].get_ydata(), np.mean([one.tuned for one in many], axis=0))
    np.testing.assert_allclose(ax.lines[1].get_ydata(), sac.tuned[[5, 9, 2]])
