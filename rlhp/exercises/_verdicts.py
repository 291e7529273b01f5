"""What a reader sees: HTML in a notebook, plain text in a terminal, and a sign beside every colour."""

from __future__ import annotations

import html
import re
import sys
from dataclasses import dataclass
from typing import Protocol

PASSED, FAILED, EMPTY, SKIPPED = "passed", "failed", "empty", "skipped"
SIGNS = {PASSED: "✓", FAILED: "✗", EMPTY: "○", SKIPPED: "·"}
# Okabe and Ito's palette, which readers with any common colour vision tell apart; the sign says it again.
_SPOKEN = {PASSED: "passed", FAILED: "not yet", SKIPPED: "not looked at", EMPTY: "not answered"}
COLOURS = {PASSED: "#009e73", FAILED: "#d55e00", EMPTY: "#0072b2", SKIPPED: "#767676"}


class Shown(Protocol):
    """Anything with a text and an HTML form."""

    def __repr__(self) -> str: ...

    def _repr_html_(self) -> str: ...


@dataclass(frozen=True)
class Outcome:
    """How one part of a check went."""

    label: str
    state: str
    message: str = ""
    weight: float = 1.0


@dataclass(frozen=True, repr=False)
class Verdict:
    """What a check found, as text and as HTML.

    Examples
    --------
    >>> Verdict("01.two", "Two", (Outcome("is two", "failed", "It is 3."),), "failed")
    ✗ Two (01.two): not right yet
      ✗ is two
    It is 3.
    """

    name: str
    title: str
    outcomes: tuple[Outcome, ...]
    state: str
    note: str = ""
    help: str = ""

    @property
    def headline(self) -> str:
        """The verdict in one line, without its sign."""
        said = {PASSED: "visible checks passed", FAILED: "not right yet", EMPTY: "not answered yet"}
        return f"{self.title} ({self.name}): {said[self.state]}"

    @property
    def share(self) -> float:
        """Share of the weights that passed, between 0 and 1."""
        passed = sum(outcome.weight for outcome in self.outcomes if outcome.state == PASSED)
        return passed / sum(outcome.weight for outcome in self.outcomes)

    @property
    def message(self) -> str:
        """What to look at: the message of the first part that failed."""
        return next((outcome.message for outcome in self.outcomes if outcome.message), "")

    def __repr__(self) -> str:
        lines = [f"{SIGNS[self.state]} {self.headline}"]
        if self.state != EMPTY:
            lines += [f"  {SIGNS[outcome.state]} {outcome.label}" for outcome in self.outcomes]
        return "\n".join(lines + [text for text in (self.message, self.note, self.help) if text])

    def _repr_html_(self) -> str:
        items = ""
        if self.state != EMPTY:
            items = "".join(
                f"<li>{sign(outcome.state)} {markup(outcome.label)} <small>({_SPOKEN[outcome.state]})</small></li>"
                for outcome in self.outcomes
            )
            items = f'<ul style="list-style:none;margin:0.3em 0;padding-left:1em">{items}</ul>'
        message = f"<p style='margin:0.3em 0'><strong>{markup(self.message)}</strong></p>"
        texts = [f"<p style='margin:0.3em 0'>{markup(text)}</p>" for text in (self.note, self.help) if text]
        body = items + (message if self.message else "") + "".join(texts)
        frame = f"border-left:0.4em solid {COLOURS[self.state]};padding:0.3em 0.8em;margin:0.2em 0"
        return (
            f'<div role="status" class="rlhp-verdict rlhp-{self.state}" style="{frame};line-height:1.45">'
            f"<div>{sign(self.state)} {markup(self.headline)}</div>{body}</div>"
        )


def sign(state: str) -> str:
    """Draw the sign of a state in its colour; the words beside it say the same to a screen reader."""
    return f'<span aria-hidden="true" style="color:{COLOURS[state]};font-weight:bold">{SIGNS[state]}</span>'


def markup(text: str) -> str:
    """Escape a plain text for HTML; backticks become code and line breaks stay."""
    escaped = html.escape(text, quote=False)
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escaped).replace("\n", "<br>")


def show(shown: Shown) -> None:
    """Display in a notebook or an IPython shell, print anywhere else."""
    ipython = sys.modules.get("IPython")
    if ipython is not None and ipython.get_ipython() is not None:
        from IPython.display import display

        display(shown)
    else:
        print(repr(shown))
