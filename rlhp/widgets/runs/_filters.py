"""Filters of runs: one column at a time is shown, all that were set hold."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any

import ipywidgets
import traitlets

from rlhp.curves import value_label
from rlhp.errors import unknown_name
from rlhp.widgets.frame._controls import Guard, Number
from rlhp.widgets.runs._view import Column, described

__all__ = ["RunFilters"]

_MOST = 16  # levels that get a button
_NOTHING = "choose a column"
# A range of so many powers of ten or more has a logarithmic slider.
_WIDE = 50.0


class RunFilters(ipywidgets.VBox):
    """Which runs are shown, by the columns in which they differ.

    Parameters
    ----------
    columns : mapping of str to Column
    guarded : callable
        Wraps callbacks, so that their exceptions are shown.
    """

    chosen = traitlets.Dict(help="By column: a tuple of the levels kept, or a list of the lowest and highest number.")

    def __init__(self, columns: Mapping[str, Column], guarded: Guard) -> None:
        self._guarded, self._moving = guarded, False
        self.column = ipywidgets.Dropdown(description="Filter by").add_class("rlhp-wide")
        self.place = ipywidgets.VBox()
        self.clear_button = ipywidgets.Button(description="Let all runs pass")
        self._line = ipywidgets.HTML()
        row = ipywidgets.Box([self.clear_button]).add_class("rlhp-buttons")
        super().__init__([self.column, self.place, self._line, row])
        self.offer(columns)
        self.column.observe(guarded(lambda _: self._turn()), "value")
        self.clear_button.on_click(guarded(lambda _: self.clear()))

    def offer(self, columns: Mapping[str, Column]) -> None:
        """Take the columns of other runs; what was set is forgotten."""
        self.columns = {
            name: column for name, column in columns.items() if column.ranges or len(column.levels) <= _MOST
        }
        self._moving = True
        try:
            self.column.options = [(_NOTHING, ""), *((name, name) for name in self.columns)]
            self.column.value = ""
        finally:
            self._moving = False
        self.controls: list[Any] = []
        self.place.children = ()
        self.chosen = {}

    def clear(self) -> None:
        """Let all runs pass."""
        self.chosen = {}

    @traitlets.validate("chosen")
    def _possible(self, proposal: Any) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, wanted in proposal["value"].items():
            if name not in self.columns:
                raise ValueError(unknown_name("column", name, self.columns))
            column = self.columns[name]
            if isinstance(wanted, list):
                if not column.ranges or len(wanted) != 2:
                    raise ValueError(f"a filter of {name} is a tuple of some of its values; it is {wanted!r}.")
                if wanted[0] > wanted[1]:
                    raise ValueError(f"{name}: no number is from {wanted[0]:g} to {wanted[1]:g}; swap the two.")
                found[name] = wanted
                continue
            if column.ranges:
                raise ValueError(f"a filter of {name} is a list of the lowest and the highest number.")
            missing = [level for level in wanted if level not in column.levels]
            if missing:
                raise ValueError(unknown_name("value", missing[0], map(value_label, column.levels), where=name))
            if not wanted:
                raise ValueError(f"no run would pass: leave one value of {name} at least.")
            if len(wanted) < len(column.levels):
                found[name] = tuple(level for level in column.levels if level in wanted)
        return found

    @traitlets.observe("chosen")
    def _said(self, _: Any = None) -> None:
        said = described(self.chosen)
        self._line.value = f'<div class="rlhp-note">Only {html.escape(said)}.</div>' if said else ""
        self.clear_button.disabled = not self.chosen
        self._match()

    def _turn(self) -> None:
        """Show the controls of the column that was chosen."""
        if self._moving:
            return
        for control in self.controls:
            control.close()
        self.controls = []
        if self.column.value:
            column = self.columns[self.column.value]
            self.controls = self._ends(column) if column.ranges else self._buttons(column)
        shown = ipywidgets.Box(self.controls).add_class("rlhp-choices") if self._pressing else None
        self.place.children = (shown,) if shown is not None else tuple(self.controls)
        self._match()

    @property
    def _pressing(self) -> bool:
        return bool(self.controls) and not isinstance(self.controls[0], Number)

    def _buttons(self, column: Column) -> list[Any]:
        buttons = [ipywidgets.ToggleButton(description=value_label(level)) for level in column.levels]
        for button in buttons:
            button.observe(self._guarded(lambda _: self._pressed()), "value")
        return buttons

    def _ends(self, column: Column) -> list[Any]:
        known = [level for level in column.levels if level is not None]
        low, high = column.ends
        measure = "log" if low > 0 and high / low >= _WIDE else "linear"
        whole = all(isinstance(level, int) for level in known)
        ends = [
            Number(f"{column.name} {end}", at, low, high, measure=measure, integer=whole)
            for end, at in (("from", low), ("to", high))
        ]
        for end in ends:
            end.observe(self._guarded(lambda _: self._slid()), "value")
        return ends

    def _match(self) -> None:
        """Let the controls show what is chosen."""
        if not self.controls:
            return
        column = self.columns[self.column.value]
        self._moving = True
        try:
            if self._pressing:
                kept = self.chosen.get(column.name, column.levels)
                for level, button in zip(column.levels, self.controls, strict=True):
                    button.value = level in kept
            else:
                ends = self.chosen.get(column.name, [self.controls[0].low, self.controls[1].high])
                for control, at in zip(self.controls, ends, strict=True):
                    control.value = at
        finally:
            self._moving = False

    def _pressed(self) -> None:
        if self._moving:
            return
        column = self.columns[self.column.value]
        pairs = zip(column.levels, self.controls, strict=True)
        self._set(column.name, tuple(level for level, button in pairs if button.value))

    def _slid(self) -> None:
        if self._moving:
            return
        low, high = (control.number for control in self.controls)
        whole = [self.controls[0].low, self.controls[1].high]
        self._set(self.column.value, [low, high], nothing=[low, high] == whole)

    def _set(self, name: str, wanted: Any, *, nothing: bool = False) -> None:
        others = {one: kept for one, kept in self.chosen.items() if one != name}
        try:
            self.chosen = others if nothing else {**others, name: wanted}
        except ValueError:
            self._match()  # show what is true, not what was asked for
            raise
        self._match()
