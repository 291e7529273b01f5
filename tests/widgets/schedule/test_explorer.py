"""The schedule explorer says what a schedule spends, asks before it shows, and trains for real."""

from __future__ import annotations

import pytest

from rlhp.schedules import Constant, Cosine, Exponential, Linear, Piecewise, Step, kinds
from rlhp.sweeps import Evaluation
from rlhp.widgets import Experiment, Prediction, ScheduleExplorer
from tests.widgets.stand_in import until

ASKED = {"question": "Which ends higher?", "choices": ("mine", "the other"), "why": "Look at the overlap."}
SHAPES = [
    Constant(0.3),
    Linear(0.9, 0.1, 0.4),
    Exponential(0.9, 0.1, 0.4),
    Cosine(0.9, 0.1, 0.4),
    Step(0.9, 0.1, 3, 0.6),
    Piecewise(((0.0, 0.9), (0.5, 0.2))),
]


def test_the_text_counts_the_random_steps_and_how_they_split(explorer) -> None:
    one = explorer(steps=20_000)
    assert (
        "Now: linear 1 → 0.05 over 50 % buys 5,750 random steps of 20,000 (28.8 %): "
        "5,250 in the first half of training, 500 in the second."
    ) in one.text
    assert "Pinned: constant 0.1 buys 2,000 random steps of 20,000 (10 %)" in one.text
    assert "DQN also acts at random in the first 1,000 steps, whatever epsilon is." in one.text
    one.editor.part.box.value = 1.0
    assert "now 1 0.525 0.05 10,500 7,625 2,875" in one.text
    assert "0.525 half-way" in one.shape_figure.alt


def test_there_is_a_test_for_every_shape() -> None:
    assert {type(shape) for shape in SHAPES} == set(kinds().values())


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.kind)
def test_every_shape_goes_round_between_code_and_controls(explorer, shape) -> None:
    one = explorer()
    one.schedule = shape
    assert one.editor.shape.value == shape.kind
    assert one.editor.described() == shape
    assert one.error == ""
    other = explorer(schedule=shape.to_json())
    assert other.schedule == shape
    shown = {
        name for name in ("start", "end", "part", "drops", "pairs") if getattr(one.editor, name).layout.display is None
    }
    wanted = {"constant": {"start"}, "piecewise": {"pairs"}, "step": {"start", "end", "part", "drops"}}
    assert shown == wanted.get(shape.kind, {"start", "end", "part"})


def test_the_shape_is_chosen_by_hand(explorer) -> None:
    one = explorer()
    one.editor.shape.value = "exponential"
    assert one.schedule == Exponential(1.0, 0.05, 0.5)
    one.editor.shape.value = "piecewise"
    one.editor.pairs.value = "0: 1, 0.5: 0.1"
    assert one.schedule == Piecewise(((0, 1.0), (0.5, 0.1)))


def test_what_is_no_schedule_is_explained_and_the_last_one_stays(explorer) -> None:
    one = explorer()
    one.editor.end.box.value = 0
    one.editor.shape.value = "exponential"
    assert "a geometric decay never reaches zero" in one.error
    assert one.error.endswith("Until then the schedule before this one is shown.")
    assert "<code>end</code> is 0.0" in one._error_box.value
    assert one.schedule == Linear(1.0, 0.0, 0.5)
    with pytest.raises(ValueError, match="never reaches zero"):
        one.start()
    one.editor.end.box.value = 0.1
    assert one.error == ""
    assert one.schedule == Exponential(1.0, 0.1, 0.5)
    one.editor.shape.value = "piecewise"
    one.editor.pairs.value = "0 = 1"
    assert "points “0 = 1” cannot be read; write them as 0: 1, 0.2: 0.2" in one.error
    with pytest.raises(ValueError, match="unknown schedule `linaer`; did you mean `linear`"):
        one.editor.kind = "linaer"


def test_a_schedule_beyond_what_epsilon_can_be_is_refused(explorer) -> None:
    with pytest.raises(ValueError, match=r"Start: 2 is out of range; allowed: 0 to 1\."):
        explorer(schedule=Linear(2.0, 0.1))


def test_what_is_pinned_is_compared_with(explorer) -> None:
    one = explorer()
    one.pin_button.click()
    assert one.pinned == one.schedule == Linear(1.0, 0.05, 0.5)
    assert one.pin_button.disabled
    one.editor.part.box.value = 0.2
    assert "Pinned: linear 1 → 0.05 over 50 %" in one.text
    assert not one.pin_button.disabled
    one.unpin_button.click()
    assert one.pinned is None
    assert "Pinned" not in one.text


def test_nothing_is_trained_before_the_prediction_is_made(explorer, stand_in) -> None:
    one = explorer(prediction=ASKED)
    assert one.start_button.disabled
    assert one.status == "commit to a prediction to train"
    with pytest.raises(ValueError, match="commit to a prediction first"):
        one.start()
    assert stand_in.made == []
    one.question.radio.value = "mine"
    assert one.start_button.disabled
    one.question.button.click()
    assert one.prediction == "mine"
    assert not one.start_button.disabled
    one.start_button.click()
    assert stand_in.made[-1].started


def test_the_result_stands_beside_the_prediction(explorer, stand_in) -> None:
    one = explorer(prediction=Prediction(**ASKED))
    one.commit("mine")
    one.start()
    stand_in.made[-1].reach(500)
    until(lambda: "after 500 steps" in one.text)
    assert "You predicted" not in one.text
    stand_in.made[-1].reach(1_000)
    one.wait(20)
    assert "You predicted: mine. Look at the overlap." in one.text
    # The stand-in gives seeds 0 to 2 of the first schedule 10, 11, 12 and those of the second 13, 14, 15.
    assert "Now: after 1,000 steps the IQM return of 3 seeds is 11 (95 % interval" in one.text
    assert "Pinned: after 1,000 steps the IQM return of 3 seeds is 14" in one.text
    # In the order of the schedules above, so that a colour means the same in both figures.
    assert one.text.index("Now: after") < one.text.index("Pinned: after")
    assert "The intervals overlap: 3 seeds a schedule do not tell the two apart." in one.text


def test_an_explorer_may_ask_nothing(explorer) -> None:
    one = explorer(prediction=None)
    assert not one.start_button.disabled
    with pytest.raises(ValueError, match="asks no prediction"):
        one.commit("x")


def test_a_schedule_is_trained_once_and_curves_are_never_called_what_they_are_not(explorer, stand_in) -> None:
    one = explorer()
    one.start()
    assert [r.config["exploration"] for r in stand_in.made[-1].requests[::3]] == [
        Linear(1.0, 0.05, 0.5),
        Constant(0.1),
    ]
    stand_in.made[-1].reach(1_000)
    one.wait(20)
    assert len(one.runs) == 6
    one.editor.part.box.value = 0.2
    assert "Before: after 1,000 steps" in one.text
    assert "Now: after" not in one.text
    one.start()
    assert [r.config["exploration"] for r in stand_in.made[-1].requests] == [Linear(1.0, 0.05, 0.2)] * 3
    stand_in.made[-1].reach(1_000)
    one.wait(20)
    assert len(one.runs) == 9
    assert "Now: after 1,000 steps" in one.text
    one.editor.part.box.value = 0.5
    assert "Now: after 1,000 steps" in one.text
    made = len(stand_in.made)
    one.start()
    assert len(stand_in.made) == made
    assert one.status == "trained before: the same seeds would give the same curves"


def test_a_schedule_has_one_colour_in_both_figures(explorer, stand_in, monkeypatch) -> None:
    looks = []
    monkeypatch.setattr("rlhp.widgets.retrain._growing.Growing.draw", lambda *_, **given: looks.append(given["looks"]))
    one = explorer()
    one.start()
    stand_in.made[-1].reach(1_000)
    one.wait(20)
    assert looks[-1] == [0, 1]
    one.editor.part.box.value = 0.2
    assert looks[-1] == [1, 2], "the one that is set now was not trained: its colour stays free"
    one.unpin()
    assert looks[-1] == [1]


def test_everything_but_epsilon_is_the_same_for_all(explorer, stand_in) -> None:
    one = explorer(config={"learning_rate": 0.002, "batch_size": 32})
    one.start()
    configs = [dict(request.config) for request in stand_in.made[-1].requests]
    assert {str({**config, "exploration": None}) for config in configs} == {
        str({"learning_rate": 0.002, "batch_size": 32, "exploration": None})
    }
    with pytest.raises(ValueError, match="`exploration_fraction` is what this explorer moves"):
        explorer(config={"exploration_fraction": 0.5})


def test_dqn_really_learns_with_the_schedule(make) -> None:
    one = make(
        ScheduleExplorer,
        Exponential(1.0, 0.1, 0.5),
        pinned=None,
        experiment=Experiment(steps=2_000, n_seeds=1, evaluation=Evaluation(1_000)),  # as lecture 01 does: one program
        prediction=None,
    )
    one.start()
    runs = one.wait(120)
    assert one.error == ""
    assert list(runs.table["status"]) == ["finished"]
    assert set(runs.column("exploration")) == {Exponential(1.0, 0.1, 0.5).to_json()}
    assert sorted(runs.evals["step"].unique()) == [1_000, 2_000]
    assert "Now: after 2,000 steps the IQM return of 1 seed is" in one.text
    assert "IQM" in one.curve.alt
