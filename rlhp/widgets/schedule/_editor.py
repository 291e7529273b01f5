"""Controls that shape a schedule between 0 and 1."""

from __future__ import annotations

import dataclasses
from typing import Any

import ipywidgets
import traitlets

from rlhp import schedules
from rlhp.errors import unknown_name
from rlhp.schedules import Constant, Piecewise, Schedule, Step
from rlhp.widgets.frame._controls import Guard, Number, choice, note, tie

__all__ = ["ScheduleEditor"]

_POINTS = "0: 1, 0.2: 0.2, 0.6: 0.05"


class ScheduleEditor(ipywidgets.VBox):
    """Shape, start, end and fraction of a schedule, and what a step or piecewise one needs beside them.

    Parameters
    ----------
    schedule : Schedule
        What the controls describe at first.
    guarded : callable
        Wraps callbacks, so that their exceptions are shown.
    """

    kind = traitlets.Unicode("linear", help="The shape: a name of `rlhp.schedules.kinds()`.")
    start_value = traitlets.Float(1.0, help="Value at the start (of a constant one: throughout).")
    end_value = traitlets.Float(0.05, help="Value at the end.")
    fraction = traitlets.Float(0.5, help="Part of training over which the value moves.")
    n_drops = traitlets.Int(4, help="How many drops a step schedule has.")
    points = traitlets.Unicode(_POINTS, help="Points of a piecewise schedule: `progress: value, ...`.")
    schedule = traitlets.Instance(
        "rlhp.schedules.Schedule", help="The schedule that the controls describe; assign one to move them."
    )

    def __init__(self, schedule: Schedule, guarded: Guard) -> None:
        self._moving = False
        self.shape = choice("Shape", list(schedules.kinds()), "linear")
        self.start = Number("Start", 1.0, 0.0, 1.0)
        self.end = Number("End", 0.05, 0.0, 1.0)
        self.part = Number("Fraction of training", 0.5, 0.01, 1.0)
        self.drops = Number("Number of drops", 4, 1, 20, integer=True)
        self.pairs = ipywidgets.Text(value=_POINTS, description="Points", continuous_update=False).add_class(
            "rlhp-wide"
        )
        self._hint = note("Points are <code>progress: value</code>, with straight lines in between.")
        super().__init__([self.shape, self.start, self.end, self.part, self.drops, self.pairs, self._hint])
        self._link(guarded)
        self.schedule = schedule

    def _link(self, guarded: Guard) -> None:
        """Tie every trait to its control, both ways."""
        controls = {
            "kind": self.shape,
            "start_value": self.start,
            "end_value": self.end,
            "fraction": self.part,
            "n_drops": self.drops,
            "points": self.pairs,
        }
        for trait, control in controls.items():
            tie(self, trait, control, guarded)
        self.observe(lambda _: self._from_controls(), list(controls))
        self.observe(lambda change: self._to_controls(change["new"]), "schedule")

    @traitlets.validate("kind")
    def _known(self, proposal: Any) -> str:
        if proposal["value"] not in schedules.kinds():
            raise ValueError(unknown_name("schedule", proposal["value"], schedules.kinds()))
        return str(proposal["value"])

    def described(self) -> Schedule:
        """Make the schedule that the controls describe; raises where they describe none."""
        kind = schedules.kinds()[self.kind]
        if kind is Constant:
            return Constant(self.start_value)
        if kind is Piecewise:
            return Piecewise(_read_points(self.points))
        fields: dict[str, Any] = {"start": self.start_value, "end": self.end_value, "fraction": self.fraction}
        if kind is Step:
            fields["n_steps"] = self.n_drops
        return kind(**fields)

    def _from_controls(self) -> None:
        if not self._moving:
            self._show_controls()
            self._moving = True
            try:
                self.schedule = self.described()
            except ValueError as error:
                raise ValueError(f"{error} Until then the schedule before this one is shown.") from error
            finally:
                self._moving = False

    def _to_controls(self, schedule: Schedule) -> None:
        if self._moving:
            return
        self._moving = True
        try:
            self.kind = schedule.kind
            if isinstance(schedule, Constant):
                self.start_value = schedule.value
            elif isinstance(schedule, Piecewise):
                self.points = ", ".join(f"{at:g}: {value:g}" for at, value in schedule.points)
            else:
                fields = dataclasses.asdict(schedule)
                self.start_value, self.end_value = fields["start"], fields["end"]
                self.fraction = fields["fraction"]
                self.n_drops = getattr(schedule, "n_steps", self.n_drops)
        finally:
            self._moving = False
        self._show_controls()

    def _show_controls(self) -> None:
        """Show the controls that the shape has."""
        kind = self.kind
        ends = kind not in ("constant", "piecewise")
        self.start.rename("Value" if kind == "constant" else "Start")
        for control, shown in (
            (self.start, kind != "piecewise"),
            (self.end, ends),
            (self.part, ends),
            (self.drops, kind == "step"),
            (self.pairs, kind == "piecewise"),
            (self._hint, kind == "piecewise"),
        ):
            control.layout.display = None if shown else "none"


def _read_points(text: str) -> tuple[tuple[float, float], ...]:
    """Read `progress: value, ...`.

    Raises
    ------
    ValueError
        If it cannot be read; the message shows the form.
    """
    try:
        pairs = [part.split(":") for part in text.split(",") if part.strip()]
        return tuple((float(at), float(value)) for at, value in pairs)
    except ValueError as error:
        raise ValueError(f"points “{text}” cannot be read; write them as {_POINTS}.") from error
