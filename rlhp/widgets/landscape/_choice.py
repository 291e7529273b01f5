"""What a landscape explorer shows: which environment, which two hyperparameters, and what becomes of the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import ipywidgets
import traitlets

from rlhp.arguments import choice as one_of
from rlhp.arguments import text
from rlhp.errors import unknown_name
from rlhp.options import options
from rlhp.widgets.frame._controls import Guard, choice, tie

__all__ = ["LandscapeChoice", "LandscapeView"]

_RESTS = {"held (a slice)": "held", "averaged out": "averaged"}
_VIEWS = {
    "from above": "contours",
    "surface": "surface",
    "slices with their spread": "slices",
    "uncertainty": "spread",
}


@options
@dataclass(frozen=True, kw_only=True)
class LandscapeView:
    """What a landscape explorer shows at first.

    Attributes
    ----------
    x, y : str
        The hyperparameters on the axes.
    env_id : str, optional
        The environment; by default the first one.
    rest : {"held", "averaged"}
        What becomes of the other hyperparameters.
    kind : {"contours", "surface", "slices", "spread"}
        How it is drawn.

    Raises
    ------
    TypeError, ValueError
        If one is not what it must be; the message names it.

    Examples
    --------
    >>> LandscapeView(y="tau", rest="averaged").x
    'learning_rate'
    """

    x: str = "learning_rate"
    y: str = "gamma"
    env_id: str | None = None
    rest: Literal["held", "averaged"] = "held"
    kind: Literal["contours", "surface", "slices", "spread"] = "contours"

    def __post_init__(self) -> None:
        """Refuse what cannot be; which names there are the explorer knows."""
        for name in ("x", "y"):
            text(f"view.{name}", getattr(self, name))
        if self.env_id is not None:
            text("view.env_id", self.env_id)
        if self.x == self.y:
            raise ValueError(f"`view.x` and `view.y` are both `{self.x}`; give two hyperparameters.")
        one_of("view.rest", self.rest, _RESTS.values(), kind="rest")
        one_of("view.kind", self.kind, _VIEWS.values(), kind="view")


class LandscapeChoice(ipywidgets.VBox):
    """Lists to choose from; every choice is a trait as well, so that code can make it.

    Choosing for one axis what is on the other swaps the two.

    Parameters
    ----------
    env_ids, names : sequence of str
        Environments, and hyperparameters.
    guarded : callable
        Wraps callbacks, so that their exceptions are shown.
    view : LandscapeView
        What is chosen at first.

    Raises
    ------
    ValueError
        If a choice is not among those there are.
    """

    env_id = traitlets.Unicode(help="The environment.")
    x = traitlets.Unicode(help="The hyperparameter across.")
    y = traitlets.Unicode(help="The hyperparameter upwards.")
    rest = traitlets.Unicode(help="`held` or `averaged`: what becomes of the other hyperparameters.")
    view = traitlets.Unicode(help="`contours`, `surface`, `slices` or `spread`.")

    def __init__(self, env_ids: Sequence[str], names: Sequence[str], guarded: Guard, view: LandscapeView) -> None:
        first = view.env_id or next(iter(env_ids))
        chosen: dict[str, str] = {"env_id": first, "x": view.x, "y": view.y, "rest": view.rest, "view": view.kind}
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
