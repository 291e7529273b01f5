"""A question that is asked before the answer is shown."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import ipywidgets
import traitlets

from rlhp.errors import unknown_name
from rlhp.widgets.frame._controls import Guard

__all__ = ["Prediction", "PredictionBox"]

_FEW = 5  # choices that stand one below the other; more stand in two columns


@dataclass(frozen=True)
class Prediction:
    """A question to commit to before an experiment: guessing first is what makes the result stay.

    Parameters
    ----------
    question : str
        In plain words, ending in a question mark.
    choices : tuple of str
        Two or more answers.
    why : str
        Shown beside the result: what to look at and why.

    Raises
    ------
    ValueError
        If there are fewer than two different choices.
    """

    question: str
    choices: tuple[str, ...]
    why: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "choices", tuple(self.choices))
        if len(set(self.choices)) < 2 or len(set(self.choices)) < len(self.choices):
            raise ValueError(f"a prediction needs two or more different choices; it has {list(self.choices)}.")


class PredictionBox(ipywidgets.VBox):
    """Asks a prediction; once committed, it stays.

    Parameters
    ----------
    prediction : Prediction, or mapping with its fields
        What is asked.
    guarded : callable
        Wraps callbacks, so that their exceptions are shown.
    """

    choice = traitlets.Unicode(help="The choice that was committed to; empty until then.")

    def __init__(self, prediction: Prediction | Mapping[str, Any], guarded: Guard) -> None:
        self.prediction = prediction = prediction if isinstance(prediction, Prediction) else Prediction(**prediction)
        question = f"<p><b>Predict first.</b> {html.escape(prediction.question)}</p>"
        self.radio = ipywidgets.RadioButtons(
            options=prediction.choices,
            value=None,
            description="Your prediction",
            layout=ipywidgets.Layout(width="auto"),
        )
        self.radio.add_class("rlhp-hidden-label")
        if len(prediction.choices) > _FEW:
            self.radio.add_class("rlhp-many")
        self.button = ipywidgets.Button(description="Commit to this")
        self._said = ipywidgets.HTML().add_class("rlhp-live")
        row = ipywidgets.Box([self.button]).add_class("rlhp-buttons")
        super().__init__([ipywidgets.HTML(question), self.radio, row, self._said])
        self.add_class("rlhp-question")
        self.button.on_click(guarded(lambda _: self.commit()))

    @property
    def told(self) -> str:
        """What was predicted, and what to look at; empty until then."""
        return f"You predicted: {self.choice}. {self.prediction.why}".strip() if self.choice else ""

    def commit(self, choice: str | None = None) -> None:
        """Commit to a choice, by default the one that is marked.

        Raises
        ------
        ValueError
            If nothing is chosen, the choice is not one of them, or another was committed to before.
        """
        chosen = self.radio.value if choice is None else choice
        if chosen is None:
            raise ValueError("choose one of the answers first, then commit to it.")
        if chosen not in self.prediction.choices:
            raise ValueError(unknown_name("choice", chosen, self.prediction.choices))
        if self.choice and chosen != self.choice:
            raise ValueError(f"you have committed to “{self.choice}” already; what you learn is in being wrong.")
        self.radio.value = chosen
        self.radio.disabled = self.button.disabled = True
        self.radio.layout.display = self.button.layout.display = "none"
        self._said.value = f'<div class="rlhp-note">You predicted: {html.escape(chosen)}</div>'
        self.choice = chosen
