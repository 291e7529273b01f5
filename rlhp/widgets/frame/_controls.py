"""Controls that say what they are: a slider with its number box, a list to choose from, and traits tied to them."""

from __future__ import annotations

import html
import math
from collections.abc import Callable
from typing import Any

import ipywidgets
import traitlets

from rlhp.curves import number_label

__all__ = ["STATISTIC_NAMES", "Guard", "Number", "choice", "heading", "inside", "labelled", "note", "section", "tie"]

Guard = Callable[[Callable[..., Any]], Callable[..., Any]]
STATISTIC_NAMES = {"IQM": "iqm", "mean": "mean", "median": "median"}  # as lists show them
_STEPS = 200  # positions of a slider that is not linear


class Number(ipywidgets.HBox):
    """A slider and a number box that hold one number.

    Parameters
    ----------
    label : str
        Its name, beside the slider and read with the number box.
    value : float
        Where it starts.
    low, high : float
        The range, ends included.
    measure : {"linear", "log", "flipped-log"}
        How the slider spreads the range: equal distances are equal differences, equal factors, or equal factors of
        one minus the number.
    integer : bool
        Whether only whole numbers are allowed.
    default : str, optional
        A note under the name: what the number is by default.

    Raises
    ------
    ValueError
        If the range is empty or does not suit the measure.
    """

    value = traitlets.Float(help="The number; an integer control keeps it whole.")

    def __init__(
        self,
        label: str,
        value: float,
        low: float,
        high: float,
        *,
        measure: str = "linear",
        integer: bool = False,
        default: str | None = None,
    ) -> None:
        _check_range(label, low, high, measure)
        self.label, self.low, self.high, self.measure, self.integer = label, low, high, measure, integer
        self._moving = False
        shared: dict[str, Any] = {"description": label, "continuous_update": False, "readout": False}
        if measure == "linear":
            step = 1 if integer else _step(low, high)
            kind = ipywidgets.IntSlider if integer else ipywidgets.FloatSlider
            self.slider = kind(value=value, min=low, max=high, step=step, **shared)
        else:
            self.slider = ipywidgets.FloatSlider(value=0, min=0, max=1, step=1 / _STEPS, **shared)
        box = ipywidgets.BoundedIntText if integer else ipywidgets.BoundedFloatText
        number = {"step": 1} if integer else {"step": None}
        self.box = box(value=value, min=low, max=high, description=f"{label}, exact number", **number).add_class(
            "rlhp-box"
        )
        parts = [self.slider, self.box]
        if default is not None:
            parts.append(note(default).add_class("rlhp-default"))
        super().__init__(parts)
        self.add_class("rlhp-row")
        if default is not None:
            self.add_class("rlhp-hyper")
        self.slider.observe(self._slid, "value")
        self.box.observe(self._typed, "value")
        self.value = value
        self._shown()

    @property
    def number(self) -> float | int:
        """The value as the type that it has: int for an integer control."""
        return int(self.value) if self.integer else self.value

    def rename(self, label: str) -> None:
        """Call the control something else."""
        self.label = label
        self.slider.description, self.box.description = label, f"{label}, exact number"

    def cover(self, low: float, high: float, *, measure: str | None = None) -> None:
        """Cover another range; a number outside of it is brought to its end.

        Parameters
        ----------
        low, high : float
        measure : {"linear", "log", "flipped-log"}, optional
            How the slider spreads it; by default as before. That of whole numbers stays.

        Raises
        ------
        ValueError
            If the range is empty or does not suit the measure, or the measure of whole numbers would change.
        """
        measure = self.measure if measure is None else measure
        _check_range(self.label, low, high, measure)
        if self.integer and measure != self.measure:
            raise ValueError(f"{self.label}: whole numbers stay on the measure {self.measure}; make another control.")
        value = min(max(self.value, low), high)
        self.low, self.high, self.measure = low, high, measure
        linear = measure == "linear"
        self._moving = True
        try:
            for part, least, most in ((self.box, low, high), (self.slider, *((low, high) if linear else (0, 1)))):
                part.max = max(part.max, most)
                part.min, part.max = least, most
            if not self.integer:
                self.slider.step = _step(low, high) if linear else 1 / _STEPS
        finally:
            self._moving = False
        self.value = value
        self._shown()

    @property
    def tooltip(self) -> str:
        """What is said of it to who rests on it."""
        return str(self.slider.tooltip or "")

    @tooltip.setter
    def tooltip(self, said: str) -> None:
        self.slider.tooltip = self.box.tooltip = said

    @property
    def disabled(self) -> bool:
        """Whether it cannot be moved."""
        return bool(self.slider.disabled)

    @disabled.setter
    def disabled(self, off: bool) -> None:
        self.slider.disabled = self.box.disabled = off

    @traitlets.validate("value")
    def _in_range(self, proposal: Any) -> float:
        value = float(proposal["value"])
        if not math.isfinite(value) or not self.low <= value <= self.high:
            low, high = number_label(self.low, 4), number_label(self.high, 4)
            raise ValueError(f"{self.label}: {value:g} is out of range; allowed: {low} to {high}.")
        if self.integer and value != round(value):
            raise ValueError(f"{self.label}: {value:g} is not a whole number.")
        return value

    @traitlets.observe("value")
    def _shown(self, _: Any = None) -> None:
        self._moving = True
        try:
            self.slider.value = self._position(self.value)
            self.box.value = self.number
        finally:
            self._moving = False

    def _slid(self, change: Any) -> None:
        if not self._moving:
            self.value = self._at(change["new"])
            self._shown()

    def _typed(self, change: Any) -> None:
        if not self._moving:
            self.value = change["new"]

    def _position(self, value: float) -> float | int:
        if self.measure == "linear":
            return self.number
        low, high, at = (_stretch(x, self.measure) for x in (self.low, self.high, value))
        return (at - low) / (high - low)

    def _at(self, position: float) -> float:
        if self.measure == "linear":
            # The browser counts steps from the low end and adds up binary fractions.
            value = position if self.integer else round(position, max(0, -math.floor(math.log10(self.slider.step))))
        else:
            low, high = (_stretch(x, self.measure) for x in (self.low, self.high))
            at = low + position * (high - low)
            value = _rounded(math.exp(at) if self.measure == "log" else 1 - math.exp(-at), self.measure)
        if self.integer:
            value = round(value)
        return float(min(max(value, self.low), self.high))


def choice(label: str, options: Any, value: Any = None) -> Any:
    """Make a list to choose one of, by default the first: names, pairs or a mapping of name to value."""
    start = {} if value is None else {"value": value}
    return ipywidgets.Dropdown(options=options, description=label, **start).add_class("rlhp-wide")


def tie(owner: Any, trait: str, control: Any, guarded: Guard, *, name: str = "value") -> None:
    """Tie a trait to its control, both ways; an error of a hand's move is shown, one of code's is raised.

    Parameters
    ----------
    owner : HasTraits
    trait : str
    control : widget
        Already holds the value that the trait has or is about to get.
    guarded : callable
        Wraps the callback of the control.
    name : str
        The control's own trait.
    """

    def up(_: Any) -> None:
        setattr(owner, trait, control.number if isinstance(control, Number) else getattr(control, name))

    control.observe(guarded(up), name)
    owner.observe(lambda change: setattr(control, name, change["new"]), trait)


def note(markup: str) -> Any:
    """Make a quiet line of HTML."""
    return ipywidgets.HTML(f'<span class="rlhp-note">{markup}</span>')


def section(title: str) -> Any:
    """Make a small heading inside an explorer."""
    return ipywidgets.HTML(f'<div class="rlhp-section" role="heading" aria-level="4">{html.escape(title)}</div>')


def heading(title: str, lead: str) -> Any:
    """Make the heading of an explorer, with a sentence that says what it is about."""
    head = f'<div class="rlhp-title" role="heading" aria-level="3">{html.escape(title)}</div>'
    return ipywidgets.HTML(head + (f'<p class="rlhp-lead">{html.escape(lead)}</p>' if lead else ""))


def labelled(widget: Any) -> list[Any]:
    """List the controls inside a widget (itself included): what a hand or the keyboard can move."""
    kinds = (ipywidgets.ValueWidget, ipywidgets.Button)
    return [w for w in [widget, *inside(widget)] if isinstance(w, kinds) and not isinstance(w, ipywidgets.HTML)]


def inside(widget: Any) -> list[Any]:
    """List all widgets inside a widget, in the order in which they are read."""
    found = []
    for child in getattr(widget, "children", ()):
        found += [child, *inside(child)]
    return found


def _check_range(label: str, low: float, high: float, measure: str) -> None:
    if not low < high or (measure == "log" and low <= 0) or (measure == "flipped-log" and high >= 1):
        raise ValueError(f"{label}: the range [{low}, {high}] is empty or does not suit the measure {measure}.")


def _step(low: float, high: float) -> float:
    return float(10 ** math.floor(math.log10((high - low) / 50)))


def _stretch(value: float, measure: str) -> float:
    return math.log(value) if measure == "log" else -math.log(1 - value)


def _rounded(value: float, measure: str) -> float:
    """Round what a slider gives to three significant digits (of one minus it, two, on the flipped measure).

    With fewer, one press of an arrow key would be rounded away.
    """
    if measure == "flipped-log":
        return round(1 - float(f"{1 - value:.2g}"), 10)
    return float(f"{value:.3g}")
