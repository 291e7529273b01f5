"""The quiz as a widget: radio buttons and buttons, all of which the keyboard reaches."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any

import ipywidgets as widgets
import traitlets

from rlhp.exercises._quiz_text import LETTERS, QuizText, feedback, summary
from rlhp.exercises._verdicts import COLOURS, FAILED, PASSED, markup
from rlhp.exercises.question import Question, Quiz

# Radio labels are cut off after one line unless told otherwise; choices are sentences.
_STYLE = """<style>
.rlhp-quiz .widget-radio-box label, .rlhp-quiz .widget-radio-box .widget-radio-label {
  white-space: normal; height: auto; max-width: 46em; line-height: 1.45; margin-bottom: 0.35em; }
.rlhp-quiz .widget-radio { width: auto; height: auto; }
.rlhp-quiz .widget-radio-box { height: auto; }
.rlhp-quiz .widget-html-content { line-height: 1.45; max-width: 48em; }
</style>"""


class QuestionBox(widgets.VBox):
    """One question: its choices, a button, and the reason for what was chosen.

    Attributes
    ----------
    chosen : int or None
        Index of the choice that was last checked.
    first : int or None
        Index of the choice that was checked first.
    """

    chosen = traitlets.Int(None, allow_none=True)
    first = traitlets.Int(None, allow_none=True)

    def __init__(self, question: Question, number: int, n_questions: int) -> None:
        self.question = question
        label = f"Question {number + 1} of {n_questions}"
        heading = widgets.HTML(
            f'<div role="heading" aria-level="4"><strong>{label}.</strong> {markup(question.text)}</div>'
        )
        self.radio = widgets.RadioButtons(
            options=[(f"{LETTERS[index]}. {choice.text}", index) for index, choice in enumerate(question.choices)],
            value=None,
            layout=widgets.Layout(width="auto", height="auto"),
        )
        self.radio.tooltip = label
        self.button = widgets.Button(description="Check answer", tooltip=f"Check question {number + 1}")
        self.said = widgets.HTML("")
        self.button.on_click(_guarded(self.said, self._answer))
        super().__init__([heading, self.radio, self.button, self.said])

    def _answer(self) -> None:
        index = self.radio.value
        if index is None:
            self.said.value = _alert("", "Choose one of the answers first.")
            return
        if self.first is None:
            self.first = index
        self.chosen = index
        state = PASSED if self.question.choices[index].right else FAILED
        self.said.value = _alert(state, feedback(self.question, index))


class QuizWidget(widgets.VBox):
    """A quiz, one question at a time or all below each other.

    Parameters
    ----------
    asked : Quiz
        From `rlhp.exercises.declare.find_quiz`.
    all_at_once : bool
        Show every question at once.

    Attributes
    ----------
    position : int
        Index of the question shown, where they come one at a time.
    n_right : int
        How many questions were answered rightly at the first try.
    """

    position = traitlets.Int(0)
    n_right = traitlets.Int(0)

    def __init__(self, asked: Quiz, *, all_at_once: bool = False) -> None:
        self.asked = asked
        total = len(asked.questions)
        self.boxes = [QuestionBox(question, number, total) for number, question in enumerate(asked.questions)]
        self.status = widgets.HTML("")
        self.back = widgets.Button(description="Previous", tooltip="Previous question")
        self.forward = widgets.Button(description="Next", tooltip="Next question")
        self._one_at_a_time = not all_at_once and total > 1
        super().__init__()
        self.add_class("rlhp-quiz")
        for box in self.boxes:
            box.observe(lambda _change: self._count(), "chosen")
        self.back.on_click(_guarded(self.status, lambda: self._go(-1)))
        self.forward.on_click(_guarded(self.status, lambda: self._go(1)))
        self._lay_out()

    def _go(self, step: int) -> None:
        # Round and round: a button that switched itself off would take the keyboard's focus with it.
        self.position = (self.position + step) % len(self.boxes)
        self._show_position()

    def _lay_out(self) -> None:
        style = widgets.HTML(_STYLE, layout=widgets.Layout(display="none"))
        how = widgets.HTML("<small>By keyboard: Tab moves, Space chooses and presses.</small>")
        moves = [widgets.HBox([self.back, self.forward])] if self._one_at_a_time else []
        self.children = [style, how, *self.boxes, *moves, self.status]
        self._show_position()

    def _show_position(self) -> None:
        for number, box in enumerate(self.boxes):
            hidden = self._one_at_a_time and number != self.position
            box.layout.display = "none" if hidden else ""

    def _count(self) -> None:
        self.n_right = sum(box.first == box.question.right for box in self.boxes)
        n_answered = sum(box.first is not None for box in self.boxes)
        total = len(self.boxes)
        if n_answered == total:
            text = f"All answered: {summary(self.n_right, total)} (first answers count)"
            self.status.value = _alert("", text)
        else:
            self.status.value = _alert("", f"{n_answered} of {total} answered.")

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        bundle: dict[str, Any] = super()._repr_mimebundle_(**kwargs)
        bundle["text/plain"] = repr(QuizText(self.asked))
        return bundle


def _alert(state: str, text: str) -> str:
    """Text that screen readers speak when it appears, marked by colour as well as by its sign."""
    border = f"border-left:0.4em solid {COLOURS[state]};padding-left:0.6em" if state else ""
    return f'<div role="alert" style="{border}">{markup(text)}</div>'


def _guarded(target: Any, action: Callable[[], None]) -> Callable[[Any], None]:
    """Show what goes wrong in a callback where the reader looks, not in the log."""

    def callback(_button: Any) -> None:
        try:
            action()
        except Exception as error:
            text = html.escape(f"{type(error).__name__}: {error}")
            target.value = f'<div role="alert"><strong>This quiz failed:</strong> {text}</div>'

    return callback
