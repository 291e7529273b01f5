"""Where the other hyperparameters are held while two of them are looked at."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import ipywidgets
import traitlets
from ConfigSpace import ConfigurationSpace

from rlhp import spaces
from rlhp.errors import unknown_name
from rlhp.spaces import encode
from rlhp.widgets.frame._controls import Guard
from rlhp.widgets.frame._form import Row

__all__ = ["HeldForm"]

_SHORT = 3  # rows before the others are asked for
# What people move first; the rest follow in the order of the space.
_FIRST = ("learning_rate", "gamma", "train_freq", "batch_size", "n_steps", "target_update_interval")


class HeldForm(ipywidgets.VBox):
    """A control for every hyperparameter of a space; those on the axes of a landscape are hidden.

    Parameters
    ----------
    space : ConfigurationSpace
    guarded : callable
        Wraps callbacks, so that their exceptions are shown.
    """

    config = traitlets.Dict(help="The value of every control; what is on the axes is among them.")
    source = traitlets.Unicode("default", help="What they were set to: `best`, `default`, or `moved` by hand.")

    def __init__(self, space: ConfigurationSpace, guarded: Guard) -> None:
        self.space = space
        self._hidden: Collection[str] = ()
        self._moving = self._off = False
        measures = spaces.measure(space)
        ordered = sorted(space, key=lambda n: _FIRST.index(n) if n in _FIRST else len(_FIRST))
        self.rows = {name: Row(space[name], measures[name], guarded(self._moved)) for name in ordered}
        self.best_button = ipywidgets.Button(description="As in the best run")
        self.default_button = ipywidgets.Button(description="As by default")
        self.more = ipywidgets.ToggleButton(description=f"Show all {len(ordered) - 2}")
        self.more.layout.display = "none" if len(ordered) - 2 <= _SHORT else None
        self.more.observe(guarded(lambda _: self._fold()), "value")
        buttons = ipywidgets.Box([self.best_button, self.default_button, self.more]).add_class("rlhp-buttons")
        super().__init__([buttons, *(row.widget for row in self.rows.values())])
        self.config = self._values()
        self._fold()

    def show(self, config: Mapping[str, Any], source: str) -> None:
        """Move the controls to a configuration; what it leaves out stays.

        Raises
        ------
        ValueError
            If a name is unknown, or a value outside its range.
        """
        for name, value in config.items():
            if name not in self.rows:
                raise ValueError(unknown_name("hyperparameter", name, list(self.space)))
            encode(self.space[name], [value])  # raises where it is out of range
        self._moving = True
        try:
            for name, value in config.items():
                self.rows[name].show(value)
        finally:
            self._moving = False
        self._set(source)

    def put_on_axes(self, names: Collection[str]) -> None:
        """Hide the controls of hyperparameters that a landscape is over."""
        self._hidden = names
        self._fold()

    def switch_off(self, off: bool) -> None:
        """Say that none of them counts, because they are averaged over."""
        self._off = self.best_button.disabled = self.default_button.disabled = off
        self._mark()

    def _moved(self, *_: Any) -> None:
        if not self._moving:
            self._set("moved")

    def _set(self, source: str) -> None:
        with self.hold_trait_notifications():
            self.source, self.config = source, self._values()
        self._mark()

    def _mark(self) -> None:
        for row in self.rows.values():
            row.mark(off=self._off)

    def _values(self) -> dict[str, Any]:
        return {name: row.value for name, row in self.rows.items()}

    def _fold(self) -> None:
        shown = 0
        for name, row in self.rows.items():
            here = name not in self._hidden and (self.more.value or shown < _SHORT)
            shown += here
            row.widget.layout.display = None if here else "none"
