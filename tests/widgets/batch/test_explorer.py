"""The batch explorer trains what is pressed, and compares it over steps and over seconds."""

from __future__ import annotations

import numpy as np
import pytest

from rlhp import Evaluation
from rlhp.widgets import BatchExplorer, Experiment
from tests.widgets.stand_in import until


def trained(one, stand_in, seconds=None) -> None:
    """Train to the end; each size as long as `seconds` says."""
    one.start()
    until(lambda: stand_in.made[-1].started)
    stand_in.made[-1].reach(1_000)
    one.wait(20)
    if seconds:
        for config in one._configs():
            key = one.live.key(config)
            one.live._seconds[key] = np.linspace(0, seconds[config["batch_size"]], 21)[1:]
        one.curves.forget()
        one.retraining.draw()


def test_every_size_that_is_pressed_is_trained_with_what_is_shared(batches, stand_in) -> None:
    one = batches(batch_sizes=(16, 64))
    one.choice.buttons[64].value = False
    one.choice.buttons[256].value = True
    one.choice.rate.box.value = 3e-4
    one.choice.steps.box.value = 3
    assert one.batch_sizes == (16, 256)
    one.start()
    configs = [request.config for request in stand_in.made[-1].requests[::3]]
    assert [config["batch_size"] for config in configs] == [16, 256]
    assert {(c["learning_rate"], c["n_steps"], c["gradient_steps"]) for c in configs} == {(3e-4, 3, 1)}


def test_one_size_at_least_stays_pressed(batches) -> None:
    one = batches(batch_sizes=(16,))
    one.choice.buttons[16].value = False
    assert "one batch size at least must be chosen" in one.error
    assert one.choice.buttons[16].value
    assert one.batch_sizes == (16,)


def test_what_is_set_from_code_moves_the_buttons(batches) -> None:
    one = batches(batch_sizes=(48, 512))
    assert one.choice.buttons[48].value
    one.batch_sizes = (8, 48)
    assert [size for size, button in one.choice.buttons.items() if button.value] == [8, 48]
    with pytest.raises(ValueError, match="batch size 3 has no button; choose from 8, 16"):
        one.choice.sizes = (3,)
    with pytest.raises(ValueError, match="give one or more whole numbers"):
        BatchExplorer(batch_sizes=())
    with pytest.raises(ValueError, match="`batch_size` is what this explorer moves"):
        BatchExplorer(experiment=Experiment(config={"batch_size": 32}))


def test_the_text_says_what_a_size_spends(batches) -> None:
    one = batches(batch_sizes=(16, 256), steps=21_000)
    assert "16 5,000 80,000 3.8" in one.text
    assert "256 5,000 1,280,000 61" in one.text
    one.choice.updates.box.value = 2
    assert "16 10,000 160,000 7.6" in one.text


def test_the_result_names_sizes_seconds_and_the_prediction(batches, stand_in) -> None:
    one = batches(batch_sizes=(16, 64), prediction={"question": "Which?", "choices": ("a", "b"), "why": "Look."})
    one.commit("a")
    trained(one, stand_in, {16: 1.0, 64: 4.0})
    # The stand-in gives the seeds of 16 the returns 10, 11, 12 and those of 64 13, 14, 15.
    assert "Batch size 16: after 1,000 steps the IQM return of 3 seeds is 11" in one.text
    assert "The intervals overlap: 3 seeds a batch size do not tell the two apart. You predicted: a. Look." in one.text
    assert "After 1 s of training, as long as the fastest takes: batch size 16 is at 11 (1,000 steps);" in one.text
    assert "batch size 64 is at 6.5 (250 steps)." in one.text
    assert "without compiling and without evaluations" in one.text


def test_curves_turn_to_seconds_by_hand_and_from_code(batches, stand_in) -> None:
    one = batches(batch_sizes=(16, 64))
    trained(one, stand_in, {16: 1.0, 64: 4.0})
    over_steps = one.curve.value
    one.over.value = "seconds"
    assert one.axis == "seconds"
    assert one.curve.alt.startswith("Learning curves over seconds of training.")
    assert one.curve.value != over_steps
    one.axis = "steps"
    assert one.over.value == "steps"
    assert one.curve.alt.startswith("Learning curves. Batch size 16")
    with pytest.raises(ValueError, match="unknown axis `second`; did you mean `seconds`"):
        one.axis = "second"


def test_what_was_reached_before_stays_in_the_table(batches, stand_in) -> None:
    one = batches(batch_sizes=(16, 64))
    trained(one, stand_in)
    assert "before" not in one.text
    one.choice.rate.box.value = 1e-4
    trained(one, stand_in)
    assert len(one.runs) == 12
    assert "IQM return before" in one.text
    assert "Before: learning_rate 0.001, n_steps 1, gradient_steps 1." in one.text


def test_dqn_really_learns_and_its_seconds_are_measured(make) -> None:
    small = {"net_arch": [8], "learning_starts": 20, "buffer_size": 200}
    short = Experiment(steps=200, n_seeds=2, config=small, evaluation=Evaluation(100, episodes=1))
    one = make(BatchExplorer, (4, 8), experiment=short, prediction=None)
    one.start()
    runs = one.wait(200)
    assert one.error == ""
    assert set(runs.table["status"]) == {"finished"}
    assert set(runs.column("batch_size")) == {4, 8}
    for config in one._configs():
        spent = one.live.seconds(config)
        assert len(spent) == 2
        assert 0 < spent[0] < spent[1]
