"""A prediction is asked, committed to, and kept."""

from __future__ import annotations

import pytest

from rlhp.widgets import Prediction
from rlhp.widgets.frame._prediction import PredictionBox


@pytest.fixture
def box() -> PredictionBox:
    return PredictionBox(Prediction("Which is <b>higher</b>?", ("this", "that")), lambda callback: callback)


def test_nothing_is_chosen_for_you(box) -> None:
    assert box.radio.value is None
    assert box.choice == ""
    assert "Which is &lt;b&gt;higher&lt;/b&gt;?" in box.children[0].value
    with pytest.raises(ValueError, match="choose one of the answers first"):
        box.commit()


def test_a_commitment_stays(box) -> None:
    box.radio.value = "that"
    box.button.click()
    assert box.choice == "that"
    assert box.radio.disabled
    assert "You predicted: that" in box._said.value
    with pytest.raises(ValueError, match="you have committed to “that” already"):
        box.commit("this")


def test_only_its_own_choices_can_be_committed_to(box) -> None:
    with pytest.raises(ValueError, match="unknown choice `thiss`; did you mean `this`"):
        box.commit("thiss")


@pytest.mark.parametrize("choices", [(), ("one",), ("same", "same")])
def test_a_prediction_needs_choices(choices) -> None:
    with pytest.raises(ValueError, match="needs two or more different choices"):
        Prediction("What?", choices)
