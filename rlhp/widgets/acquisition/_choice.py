"""The controls of the acquisition explorer that choose how to search and what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import ipywidgets

from rlhp.widgets.acquisition._ground import Curve
from rlhp.widgets.frame._controls import Guard, Number, choice, tie

__all__ = ["ACQUISITIONS", "SearchChoice"]

ACQUISITIONS = {
    "lcb": "mean + kappa sd",
    "log_ei": "log EI (on the best mean)",
    "ei": "EI (on the best sample)",
}
_LEAST_SCALE, _MOST_SCALE = 0.03, 1.0


class SearchChoice(ipywidgets.VBox):
    """Lists, numbers and boxes; `tie_to` ties each to the trait of its name.

    Parameters
    ----------
    curves : mapping of name to title
    surrogates : sequence of str
    with_pool : bool
        Whether whole searches can run on a pool.
    """

    def __init__(self, curves: Mapping[str, str], surrogates: Sequence[str], with_pool: bool) -> None:
        self.controls: dict[str, Any] = {
            "curve": choice("Curve", [(title.partition(" (")[0], name) for name, title in curves.items()]),
            "surrogate": choice("Surrogate", list(surrogates)),
            "acquisition": choice("Acquisition", [(label, name) for name, label in ACQUISITIONS.items()]),
            "kappa": Number("kappa", 2.0, 0.0, 10.0),
            "length_scale": Number("Length scale", 0.2, _LEAST_SCALE, _MOST_SCALE, measure="log"),
            "noise": Number("Noise of a sample", 25.0, 0.0, 150.0),
        }
        boxes = {"held": "hold length scale", "told": "tell noise", "truth_shown": "show truth"}
        self.boxes = {
            name: ipywidgets.Checkbox(name == "told", description=label, indent=False).add_class("rlhp-auto")
            for name, label in boxes.items()
        }
        grounds = [("this curve", "curve"), *([("the measured pool", "pool")] if with_pool else [])]
        self.on = choice("Searches on", grounds)
        row = ipywidgets.Box(list(self.boxes.values())).add_class("rlhp-buttons")
        super().__init__([*self.controls.values(), row, *([self.on] if with_pool else [])])

    def tie_to(self, owner: Any, guarded: Guard) -> None:
        """Tie every control to the trait of its name."""
        for name, one in {**self.controls, **self.boxes}.items():
            one.value = getattr(owner, name)
            tie(owner, name, one, guarded)

    def show_noise(self, curve: Curve) -> None:
        """Let the noise go as far as this curve's does."""
        self.controls["noise"].cover(0.0, curve.most)

    def follow(self, owner: Any, *, has_scale: bool) -> None:
        """Switch off what does not count now."""
        self.controls["kappa"].disabled = owner.acquisition != "lcb"
        self.boxes["held"].disabled = not has_scale
        self.controls["length_scale"].disabled = not (has_scale and owner.held)
