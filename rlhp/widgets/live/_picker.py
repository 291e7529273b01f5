"""Choose what to train: an environment from a searchable list, and an algorithm that fits it."""

from __future__ import annotations

import html
from collections.abc import Sequence

import ipywidgets
import traitlets

from rlhp.errors import unknown_name
from rlhp.widgets.frame._controls import Guard
from rlhp.widgets.frame._markup import marked
from rlhp.widgets.live import _catalogue as catalogue

__all__ = ["AlgorithmPicker", "EnvironmentPicker"]


class EnvironmentPicker(ipywidgets.VBox):
    """The environment that is chosen, and a searchable list of those that Gymnasium knows, folded away at first.

    It lists those that run here, or all of them.

    Parameters
    ----------
    env_id : str
        What is chosen at first.
    guarded : callable
        Wraps callbacks, so that their exceptions are shown.
    """

    env_id = traitlets.Unicode(help="The chosen environment.")
    problem = traitlets.Unicode(help="Why it cannot be used, and what to do; empty if it can.")
    found = traitlets.Int(help="How many environments are listed.")
    hidden = traitlets.Int(help="How many others match the search and cannot run here.")

    def __init__(self, env_id: str, guarded: Guard) -> None:
        self.query = ipywidgets.Text(description="Search environments", placeholder="e.g. cart, v5, lunar").add_class(
            "rlhp-wide"
        )
        self.query.continuous_update = True
        self.list = ipywidgets.Select(description="Environments", rows=5).add_class("rlhp-wide").add_class("rlhp-list")
        self.all = ipywidgets.Checkbox(False, description="Show all, also those that cannot run here", indent=False)
        self.all.add_class("rlhp-auto")
        self._note = ipywidgets.HTML().add_class("rlhp-live")
        self.change = ipywidgets.ToggleButton(description="Choose another")
        self._finder = ipywidgets.VBox([self.query, self.list, self.all])
        super().__init__([ipywidgets.Box([self._note, self.change]).add_class("rlhp-pair"), self._finder])
        self._fold()
        self.change.observe(guarded(lambda _: self._fold()), "value")
        self._moving = False
        self.env_id = env_id
        self.filter()
        self.query.observe(guarded(lambda _: self.filter()), "value")
        self.all.observe(guarded(lambda _: self.filter()), "value")
        self.list.observe(guarded(lambda change: self._picked(change["new"])), "value")

    @traitlets.validate("env_id")
    def _known(self, proposal: dict[str, str]) -> str:
        env_id = proposal["value"]
        ids = [entry.env_id for entry in catalogue.search()]
        if env_id not in ids and ":" not in env_id:  # `module:Id` registers itself when it is made
            near = unknown_name("environment", env_id, ids).partition(" Valid: ")[0]
            more = catalogue.where_to_find(env_id) or "See the list, or gymnasium.registry."
            raise ValueError(f"{near} {len(ids)} are registered. {more}")
        return env_id

    @traitlets.observe("env_id")
    def _chosen(self, _: object = None) -> None:
        try:
            fit = catalogue.suited(self.env_id)
            self.problem = "" if fit.algorithms else next(iter(fit.why_not.values())) + "."
            said = fit.spaces
        except ValueError as error:
            self.problem, said = str(error), ""
        self._mark()
        self._say(said)

    def filter(self) -> None:
        """List what matches the search box; the choice stays, whether it is among them or not."""
        matching = catalogue.search(self.query.value)
        entries = [entry for entry in matching if self.all.value or not entry.problem]
        self.found, self.hidden = len(entries), len(matching) - len(entries)
        self._moving = True
        try:
            self.list.options = [(entry.label, entry.env_id) for entry in entries]
        finally:
            self._moving = False
        self._mark()
        self._chosen()

    def _fold(self) -> None:
        self._finder.layout.display = None if self.change.value else "none"

    def _mark(self) -> None:
        self._moving = True
        try:
            here = [env_id for _, env_id in self.list.options]
            self.list.index = here.index(self.env_id) if self.env_id in here else None
        finally:
            self._moving = False

    def _picked(self, env_id: str | None) -> None:
        if env_id is not None and not self._moving:
            self.env_id = env_id

    def _say(self, said: str) -> None:
        lines = [f"<b>{html.escape(self.env_id)}</b>" + (f": {html.escape(said)}" if said else "")]
        if self.problem:
            lines.append(f'<span class="rlhp-warn">{marked(self.problem)}</span>')
        if not self.found and self.hidden:
            lines.append(f"{_these(self.hidden)} cannot run here; “Show all” lists them and says what they lack.")
        elif not self.found:
            text = self.query.value.strip()
            lines.append(f"No environment matches “{html.escape(text)}”. {marked(catalogue.where_to_find(text))}")
        elif self.query.value:
            more = f"; {_these(self.hidden)} cannot run here and are hidden" if self.hidden else ""
            lines.append(f"{self.found} of the registry match{more}.")
        self._note.value = '<div class="rlhp-note">' + "<br>".join(lines) + "</div>"


def _these(n: int) -> str:
    return f"{n} that match" if n > 1 else "1 that matches"


class AlgorithmPicker(ipywidgets.VBox):
    """One button an algorithm; those that do not fit the environment are off, and say why.

    Parameters
    ----------
    algorithm : str
        What is chosen at first.
    names : sequence of str
        All algorithms.
    guarded : callable
        Wraps callbacks, so that their exceptions are shown.
    """

    algorithm = traitlets.Unicode(help="The chosen algorithm.")

    def __init__(self, algorithm: str, names: Sequence[str], guarded: Guard) -> None:
        self.buttons = {name: ipywidgets.ToggleButton(description=_shown(name)) for name in names}
        self._note = ipywidgets.HTML()
        self._moving = False
        for name, button in self.buttons.items():
            button.observe(guarded(lambda _, name=name: self._pressed(name)), "value")
        super().__init__([ipywidgets.Box(list(self.buttons.values())).add_class("rlhp-choices"), self._note])
        self.algorithm = algorithm

    @traitlets.validate("algorithm")
    def _known(self, proposal: dict[str, str]) -> str:
        if proposal["value"] not in self.buttons:
            raise ValueError(unknown_name("algorithm", proposal["value"], self.buttons))
        return proposal["value"]

    def offer(self, fit: catalogue.Suited | None) -> None:
        """Switch off what does not fit an environment (everything, where nothing is known of it)."""
        why = dict.fromkeys(self.buttons, "choose an environment that runs here") if fit is None else fit.why_not
        for name, button in self.buttons.items():
            button.disabled = name in why
            button.tooltip = f"{_shown(name)} {why[name]}" if name in why else f"Train with {_shown(name)}"
        if fit is not None and fit.algorithms and self.algorithm not in fit.algorithms:
            self.algorithm = "ppo" if "ppo" in fit.algorithms else fit.algorithms[0]
        reasons: dict[str, list[str]] = {}
        for name, reason in why.items():  # the tooltips have the rest, and one line leaves the figure in view
            reasons.setdefault(reason.partition(";")[0], []).append(_shown(name))
        said = ". ".join(f"{', '.join(group)}: {html.escape(reason)}" for reason, group in reasons.items())
        self._note.value = f'<div class="rlhp-note">{said}.</div>' if said and fit is not None else ""

    @traitlets.observe("algorithm")
    def _chosen(self, _: object = None) -> None:
        self._moving = True
        try:
            for name, button in self.buttons.items():
                button.value = name == self.algorithm
        finally:
            self._moving = False

    def _pressed(self, name: str) -> None:
        if not self._moving:
            self.algorithm = name
            self._chosen()  # pressing the one that is chosen leaves it chosen


def _shown(name: str) -> str:
    """Return an algorithm's name as people write it.

    Examples
    --------
    >>> _shown("cem_rl")
    'CEM-RL'
    """
    return name.upper().replace("_", "-")
