"""Help on request: hints that open one after the other, and a picture of what a right answer looks like."""

from __future__ import annotations

import base64
import html
from dataclasses import dataclass

from rlhp.exercises import _verdicts as verdicts
from rlhp.exercises._glossary import look_up
from rlhp.exercises.declare import Exercise, exercises, find_exercise, quizzes

_GLOSSARY = "glossary"
_asked: dict[str, int] = {}


@dataclass(frozen=True, repr=False)
class Hints:
    """The hints of an exercise: folded into each other in HTML, the first `n_shown` of them as text."""

    entry: Exercise
    n_shown: int

    def __repr__(self) -> str:
        hints = self.entry.hints
        lines = [f"Hint {index + 1} of {len(hints)}: {hints[index]}" for index in range(self.n_shown)]
        if self.n_shown < len(hints):
            lines.append(f'Ask again for the next one: hint("{self.entry.name}")')
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        inner = ""
        n_hints = len(self.entry.hints)
        for index in reversed(range(n_hints)):
            inner = (
                f'<details style="margin:0.3em 0"><summary style="cursor:pointer">'
                f"Hint {index + 1} of {n_hints}</summary>"
                f"<div style='padding-left:1.2em'><p style='margin:0.3em 0'>"
                f"{verdicts.markup(self.entry.hints[index])}</p>{inner}</div></details>"
            )
        title = f"{self.entry.title}: hints"
        return f'<div role="group" aria-label="{html.escape(title)}">{verdicts.markup(title)}{inner}</div>'


def hint(name: str) -> None:
    """Show the hints of an exercise, one at a time, or explain a word.

    A notebook shows hints folded: opening one brings the next. In a terminal each call tells one more.

    Parameters
    ----------
    name : str
        The exercise, such as ``"01.linear_epsilon"``. Or a word: ``"glossary:replay memory"`` explains it, and
        ``"glossary"`` lists all words.

    Raises
    ------
    ValueError
        When there is no such exercise or word; the message gives the nearest one.

    Examples
    --------
    >>> from rlhp.exercises.declare import exercise
    >>> exercise("98.prime", title="A prime", hints=("It is small.", "It is even."))
    >>> hint("98.prime")
    Hint 1 of 2: It is small.
    Ask again for the next one: hint("98.prime")
    """
    kind, _, word = str(name).partition(":")
    if kind == _GLOSSARY:
        verdicts.show(look_up(word))
        return
    entry = _exercise(name, "no hints")
    _asked[name] = min(_asked.get(name, 0) + 1, len(entry.hints))
    verdicts.show(Hints(entry, _asked[name]))


def _exercise(name: str, lacks: str) -> Exercise:
    """Look an exercise up; of what is none, say what it is."""
    try:
        return find_exercise(name)
    except ValueError as error:
        if name in quizzes():
            told = f'`{name}` is a quiz and has {lacks}: quiz("{name}") gives a reason for every choice.'
        else:
            told = f"{error} A written answer, which a person reads, has {lacks}."
        raise ValueError(told) from None


@dataclass(frozen=True, repr=False)
class Picture:
    """What a right answer looks like: a PNG with its alt text, or the alt text alone."""

    title: str
    alt: str
    png: bytes

    def __repr__(self) -> str:
        return f"What a right answer to {self.title!r} looks like: {self.alt}"

    def _repr_html_(self) -> str:
        from rlhp.plots import DARK_PAGE

        data = base64.b64encode(self.png).decode("ascii")
        return (
            "<figure style='margin:0.2em 0'><figcaption>What a right answer to "
            f"“{verdicts.markup(self.title)}” "
            f'looks like</figcaption><img class="rlhp-plot" alt="{html.escape(self.alt)}" '
            f'src="data:image/png;base64,{data}" style="max-width:100%"></figure>{DARK_PAGE}'
        )


def expected(name: str) -> None:
    """Show a picture of what a right answer looks like.

    Parameters
    ----------
    name : str
        The exercise, such as ``"01.linear_epsilon"``.

    Raises
    ------
    ValueError
        When there is no such exercise, or it has no picture; the message names those that have one.

    Examples
    --------
    >>> from rlhp.exercises.declare import exercise
    >>> def draw(ax):
    ...     ax.plot([0, 1], [1, 0])
    ...     return "A straight line that falls from 1 to 0."
    >>> exercise("98.line", title="A line", hints=("It falls.",), picture=draw)
    >>> expected("98.line")
    What a right answer to 'A line' looks like: A straight line that falls from 1 to 0.
    """
    entry = _exercise(name, "no picture")
    if entry.picture is None:
        others = [other.name for other in exercises(name[:2]).values() if other.picture]
        listed = ", ".join(others) if others else "none"
        raise ValueError(f"exercise `{name}` has no picture. Exercises of this lecture with one: {listed}.")
    verdicts.show(draw_picture(entry))


def draw_picture(entry: Exercise) -> Picture:
    """Draw the picture of an exercise that has one, outside of pyplot so that no open figure is touched."""
    from rlhp import plots

    if entry.picture is None:
        raise ValueError(f"exercise `{entry.name}` has no picture")
    with plots.style():
        ax = plots.new_axes((5.0, 3.0))
        alt = entry.picture(ax)
        if not isinstance(alt, str) or not alt.strip():
            raise ValueError(f"the picture of `{entry.name}` must return its alt text; got {alt!r}")
        return Picture(entry.title, alt, plots.to_png(ax, dpi=110))
