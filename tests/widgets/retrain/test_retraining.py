"""A control is released: what it describes is trained, and what is out of date is cancelled."""

from __future__ import annotations

from rlhp.schedules import Linear
from tests.widgets.stand_in import until

ASKED = {"question": "Which ends higher?", "choices": ("mine", "the other")}


def asked_for(sweep) -> list:
    return [request.config["exploration"] for request in sweep.requests[::3]]


def test_releasing_a_control_trains_and_arrow_keys_in_a_row_train_once(explorer, stand_in, monkeypatch) -> None:
    monkeypatch.setattr("rlhp.widgets.retrain._retraining._RELEASED_S", 2.0)
    monkeypatch.setattr("rlhp.widgets.frame._figure.png", lambda *_, **__: b"")  # as quick as an idle machine
    one = explorer(pinned=None)
    one.retraining.auto.value = True
    for fraction in (0.4, 0.3, 0.2):
        one.editor.part.slider.value = fraction
    assert "rlhp-stale" in one.curve._dom_classes
    until(lambda: stand_in.made and stand_in.made[-1].started)
    assert [asked_for(sweep) for sweep in stand_in.made] == [[Linear(1.0, 0.05, 0.2)]]
    stand_in.made[-1].reach(500)
    until(lambda: "Now: after 500 steps" in one.text)
    assert "rlhp-stale" not in one.curve._dom_classes


def test_a_training_that_is_out_of_date_is_cancelled_and_the_new_one_follows(explorer, stand_in) -> None:
    one = explorer(pinned=None)
    one.start()
    until(lambda: stand_in.made[0].started)
    stand_in.made[0].reach(500)
    until(lambda: "after 500 steps" in one.text)
    one.retraining.auto.value = True
    one.editor.part.slider.value = 0.2
    until(lambda: len(stand_in.made) == 2 and stand_in.made[1].started)
    assert stand_in.made[0].stopped
    assert stand_in.made[0].closed
    assert one.training
    stand_in.made[1].reach(1_000)
    runs = one.wait(20)
    assert one.error == ""
    assert set(runs.column("exploration")) == {Linear(1.0, 0.05, 0.2).to_json()}, "what was cancelled is dropped"
    assert one.status.startswith("trained 3 seeds")


def test_what_was_trained_before_comes_back_at_once(explorer, stand_in) -> None:
    one = explorer(pinned=None)
    one.start()
    stand_in.made[-1].reach(1_000)
    one.wait(20)
    one.retraining.auto.value = True
    one.editor.part.slider.value = 0.2
    until(lambda: len(stand_in.made) == 2 and stand_in.made[-1].started)
    one.editor.part.slider.value = 0.5
    until(lambda: one.status.startswith("stopped, because what the controls describe was trained before"))
    assert len(stand_in.made) == 2
    assert "Now: after 1,000 steps" in one.text


def test_before_the_prediction_no_control_trains(explorer, stand_in, monkeypatch) -> None:
    monkeypatch.setattr("rlhp.widgets.frame._figure.png", lambda *_, **__: b"")
    monkeypatch.setattr("rlhp.widgets.retrain._retraining._RELEASED_S", 2.0)
    one = explorer(prediction=ASKED)
    one.retraining.auto.value = True
    one.editor.part.slider.value = 0.2
    assert one.retraining._due is None
    one.commit("mine")
    one.editor.part.slider.value = 0.3
    assert one.retraining._due is not None
    until(lambda: bool(stand_in.made))


def test_what_is_no_schedule_is_explained_and_nothing_is_trained(explorer, stand_in) -> None:
    one = explorer()
    one.retraining.auto.value = True
    one.editor.shape.value = "exponential"
    one.editor.end.box.value = 0
    assert "never reaches zero" in one.error
    assert stand_in.made == [] or asked_for(stand_in.made[-1])[0].end > 0


def test_a_closed_explorer_trains_no_more(explorer, stand_in) -> None:
    one = explorer()
    one.retraining.auto.value = True
    one.editor.part.slider.value = 0.2
    due = one.retraining._due
    one.close()
    due.join(5)
    assert stand_in.made == []


def test_while_it_compiles_it_says_so_and_then_what_it_waits_for(explorer, compiler) -> None:
    one = explorer(prediction=ASKED)
    one._repr_mimebundle_()
    assert one.status == (
        "compiling the training of 3 seeds, once: 0 s; after that every training starts at once; "
        "meanwhile, commit to a prediction"
    )
    one._repr_mimebundle_()
    assert len(compiler.made) == 1, "shown twice, compiled once"
    assert [len(group) for group in compiler.made[0].requests] == [3, 6]
    compiler.made[0].over()
    until(lambda: one.status == "commit to a prediction to train")
    one.commit("mine")
    assert one.status == "ready to train"


def test_a_training_waits_for_the_compiler_and_can_be_stopped_meanwhile(explorer, compiler, stand_in) -> None:
    one = explorer()
    one.prepare()
    one.start()
    until(lambda: one.status.startswith("compiling the training of 3 seeds of each, once"))
    assert not stand_in.made[-1].started
    one.stop_button.click()
    one._training.wait(10)
    assert not stand_in.made[-1].started
    assert one.status.startswith("stopped, because you pressed Stop")
    one.start()
    compiler.made[0].over()
    until(lambda: stand_in.made[-1].started)


def test_what_was_stopped_early_gets_no_verdict_and_the_prediction_waits(explorer, stand_in) -> None:
    one = explorer(prediction=ASKED)
    one.commit("mine")
    one.start()
    stand_in.made[-1].reach(1_000)
    one.wait(20)
    assert "You predicted: mine." in one.text
    one.editor.part.box.value = 0.2
    assert "A control was moved: what it describes is not trained yet" in one._aside.value
    one.start()
    assert one._aside.value == ""
    stand_in.made[-1].reach(300)
    until(lambda: "Now: after 300 steps" in one.text)
    one.editor.part.box.value = 0.3
    assert "what trains now is what the controls said when it was started" in one._aside.value
    one.editor.part.box.value = 0.2
    one.stop()
    one.wait(20)
    assert "No verdict: the curves end at different steps (now at 300, pinned at 1,000" in one.text
    assert "You predicted: mine. That is not answered yet." in one.text


def test_a_curve_alone_is_no_answer(explorer, stand_in) -> None:
    one = explorer(prediction=ASKED, pinned=None)
    one.commit("mine")
    one.start()
    stand_in.made[-1].reach(1_000)
    one.wait(20)
    assert "There is one curve, and nothing to compare it with" in one.text
    assert "You predicted: mine. That is not answered yet." in one.text
