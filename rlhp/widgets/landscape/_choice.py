"""What a landscape explorer shows: which environment, which two hyperparameters, and what becomes of the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ipywidgets
import traitlets

from rlhp.errors import unknown_name
from rlhp.widgets.frame._controls import Guard, choice, tie

__all__ = ["LandscapeChoice"]

_RESTS = {"held (a slice)": "held", "averaged out": "averaged"}
_VIEWS = {
    "from above": "contours",
    "surface": "surface",
    "slices with their spread": "slices",
    "uncertainty": "spread",
}


class LandscapeChoice(ipywidgets.VBox):
    """Lists to choose from; every choice is a trait as well, so that code can make it.

    Choosing for one axis what is on the other swaps the two.

    Parameters
    ----------
    env_ids, names : sequence of str
        Environments, and hyperparameters.
    guarded : callable
        Wraps callbacks, so that their exceptions are shown.
    **chosen : str
        What is chosen at first: `env_id`, `x`, `y`, `rest`, `view`.

    Raises
    ------
    ValueError
        If a choice is not among those there are, or `x` is `y`.
    """

    env_id = traitlets.Unicode(help="The environment.")
    x = traitlets.Unicode(help="The hyperparameter across.")
    y = traitlets.Unicode(help="The hyperparameter upwards.")
    rest = traitlets.Unicode(help="`held` or `averaged`: what becomes of the other hyperparameters.")
    view = traitlets.Unicode(help="`contours`, `surface`, `slices` or `spread`.")

    def __init__(self, env_ids: Sequence[str], names: Sequence[str], guarded: Guard, **chosen: str) -> None:
        if chosen["x"] == chosen["y"]:
            raise ValueError(f"`x` and `y` are both `{chosen['x']}`; give two hyperparameters.")
        self._valid = {
            "env_id": list(env_ids),
            "x": list(names),
            "y": list(names),
            "rest": list(_RESTS.values()),
            "view": list(_VIEWS.values()),
        }
        for trait, value in chosen.items():
            self._check(trait, value)
        options: dict[str, tuple[str, Any]] = {
            "env_id": ("Environment", list(env_ids)),
            "x": ("Across", list(names)),
            "y": ("Upwards", list(names)),
            "rest": ("The others are", _RESTS),
            "view": ("Seen as", _VIEWS),
        }
        self.lists = {trait: choice(label, given, chosen[trait]) for trait, (label, given) in options.items()}
        super().__init__(list(self.lists.values()))
        for trait, one in self.lists.items():
            setattr(self, trait, chosen[trait])
            tie(self, trait, one, guarded)

    @traitlets.validate("env_id", "x", "y", "rest", "view")
    def _known(self, proposal: Any) -> str:
        self._check(proposal["trait"].name, proposal["value"])
        return str(proposal["value"])

    @traitlets.observe("x", "y")
    def _swap(self, change: Any) -> None:
        """Hand the other axis what this one had, where both would be the same."""
        other = "y" if change["name"] == "x" else "x"
        if getattr(self, other) == change["new"] and change["old"]:
            setattr(self, other, change["old"])

    def _check(self, trait: str, value: str) -> None:
        if value not in self._valid[trait]:
            what = {"env_id": "environment", "x": "hyperparameter", "y": "hyperparameter"}.get(trait, trait)
            raise ValueError(unknown_name(what, value, self._valid[trait]))
