"""What a batch explorer compares: batch sizes to tick, and the numbers that are the same for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ipywidgets
import traitlets

from rlhp.widgets.frame._controls import Guard, Number, section, tie

__all__ = ["BatchChoice"]

_SIZES = (8, 16, 32, 64, 128, 256, 512)


class BatchChoice(ipywidgets.VBox):
    """A button for every batch size, pressed where it is compared, and sliders for what is shared.

    Parameters
    ----------
    sizes : sequence of int
        Pressed at first; sizes beyond the usual ones get a button too.
    learning_rate, n_steps, gradient_steps
        Where the sliders start.
    guarded : callable
        Wraps callbacks, so that their exceptions are shown.

    Raises
    ------
    ValueError
        If there is no size, or something is out of range.
    """

    sizes = traitlets.Tuple(help="The batch sizes that are compared, ascending.")
    learning_rate = traitlets.Float(help="Step size of Adam.")
    n_steps = traitlets.Int(help="Environment steps whose rewards are summed before the network's value takes over.")
    gradient_steps = traitlets.Int(help="Minibatches drawn each time it trains, every few environment steps.")

    def __init__(
        self, sizes: Sequence[int], *, learning_rate: float, n_steps: int, gradient_steps: int, guarded: Guard
    ) -> None:
        self._moving = False
        asked = self._checked(sizes)
        self.buttons = {
            size: ipywidgets.ToggleButton(description=str(size), value=size in asked, tooltip=f"Batch size {size}")
            for size in sorted({*_SIZES, *asked})
        }
        self.rate = Number("Learning rate", learning_rate, 1e-5, 1e-1, measure="log")
        self.steps = Number("n_steps", n_steps, 1, 20, integer=True)
        self.updates = Number("Gradient steps", gradient_steps, 1, 16, integer=True)
        row = ipywidgets.Box(list(self.buttons.values())).add_class("rlhp-choices")
        super().__init__(
            [section("Batch sizes to compare"), row, section("The same for all"), self.rate, self.steps, self.updates]
        )
        for size, button in self.buttons.items():
            button.observe(guarded(lambda _, size=size: self._pressed(size)), "value")
        self.sizes = asked
        pairs = (("learning_rate", self.rate), ("n_steps", self.steps), ("gradient_steps", self.updates))
        for trait, control in pairs:
            setattr(self, trait, control.number)
            tie(self, trait, control, guarded)

    @traitlets.validate("sizes")
    def _some(self, proposal: Any) -> tuple[int, ...]:
        chosen = self._checked(proposal["value"])
        for size in chosen:
            if size not in self.buttons:
                raise ValueError(f"batch size {size} has no button; choose from {', '.join(map(str, self.buttons))}.")
        return chosen

    @traitlets.observe("sizes")
    def _show(self, _: object = None) -> None:
        self._moving = True
        try:
            for size, button in self.buttons.items():
                button.value = size in self.sizes
        finally:
            self._moving = False

    def _pressed(self, size: int) -> None:
        if self._moving:
            return
        chosen = tuple(one for one, button in self.buttons.items() if button.value)
        if not chosen:
            self._moving = True
            try:
                self.buttons[size].value = True
            finally:
                self._moving = False
            raise ValueError("one batch size at least must be chosen; press another one before you let go of this.")
        self.sizes = chosen

    @staticmethod
    def _checked(sizes: Sequence[int]) -> tuple[int, ...]:
        chosen = tuple(sorted({int(size) for size in sizes}))
        if not chosen or chosen[0] < 1:
            raise ValueError(f"batch sizes are {list(sizes)}; give one or more whole numbers from 1.")
        return chosen
