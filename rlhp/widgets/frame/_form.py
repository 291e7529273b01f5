"""Hyperparameters as a form, made from an algorithm's own search space and from the parameters of an environment."""

from __future__ import annotations

import html
import math
from collections.abc import Callable, Mapping
from typing import Any

import ipywidgets
import traitlets
from ConfigSpace import ConfigurationSpace
from ConfigSpace.hyperparameters import UniformFloatHyperparameter, UniformIntegerHyperparameter
from ConfigSpace.types import NotSet

from rlhp import algorithms, spaces
from rlhp.curves import number_label, value_label
from rlhp.errors import unknown_name
from rlhp.frames import encode_value
from rlhp.trainers import check_config, check_world, declared_world
from rlhp.widgets.frame._controls import Guard, Number, note
from rlhp.worlds import split

__all__ = ["HyperparameterForm"]


# Which ones stand on top: what people move first. The rest follow when they are asked for.
_FIRST = (
    "learning_rate",
    "gamma",
    "batch_size",
    "n_envs",
    "n_steps",
    "exploration_fraction",
    "exploration_final_eps",
    "target_update_interval",
    "ent_coef",
    "clip_range",
    "gae_lambda",
    "tau",
    "train_freq",
    "n_epochs",
    "policy_delay",
)
_SHORT = 5  # rows before the others are asked for


class HyperparameterForm(ipywidgets.VBox):
    """A control for every hyperparameter of a space, with its default beside it and a reset.

    Numbers get a slider on their own measure and a number box, levels a dropdown, truth values a check box. What a
    control cannot hold (a schedule, a number out of its range) can be set from code; it is then shown as a line.

    Parameters
    ----------
    algorithm : str
        Its default space makes the form, and its trainer says what values are allowed.
    config : mapping or None
        Values that differ from the defaults.
    guarded : callable
        Wraps callbacks, so that their exceptions are shown.
    env_id : str, optional
        The environment, whose parameters get a control each, too.
    """

    config = traitlets.Dict(help="Every active hyperparameter and its value; assign some of them to move the controls.")

    def __init__(
        self, algorithm: str, config: Mapping[str, Any] | None, guarded: Guard, *, env_id: str | None = None
    ) -> None:
        self.algorithm, self.env_id = algorithm, env_id
        self.space: ConfigurationSpace = spaces.default(algorithm)
        self.world = {} if env_id is None else declared_world(env_id)
        if self.world:
            self.space.add(list(spaces.world(str(env_id)).values()))
        self.rows: dict[str, Row] = {}
        self.fixed: dict[str, Any] = {}
        self._moving = False
        measures = spaces.measure(self.space)
        declared = {**algorithms.declared(algorithm).hyperparameters, **self.world}
        known = {name: explanation(what) for name, what in declared.items()}
        ordered = sorted(self.space, key=lambda n: (_FIRST.index(n) if n in _FIRST else len(_FIRST), n))
        for name in ordered:
            self.rows[name] = Row(self.space[name], measures[name], guarded(self._changed), explained=known[name])
        self.more = ipywidgets.ToggleButton(description=f"Show all {len(ordered)}")
        self.more.observe(guarded(lambda _: self._fold()), "value")
        self.reset_button = ipywidgets.Button(description="Reset to defaults")
        self.reset_button.on_click(guarded(lambda _: self.reset()))
        self._line = ipywidgets.HTML()
        buttons = ipywidgets.Box([self.more, self.reset_button]).add_class("rlhp-buttons")
        super().__init__([row.widget for row in self.rows.values()] + [self._line, buttons])
        self.set(config or {})
        self._fold()

    def set(self, config: Mapping[str, Any]) -> None:
        """Move some controls; what a control cannot hold is fixed instead, until the form is reset.

        Raises
        ------
        ValueError
            If a name is unknown or a value is not allowed; nothing is moved then.
        """
        known = list(dict.fromkeys([*self.rows, *algorithms.defaults(self.algorithm)]))
        for name in config:
            if name not in known:
                raise ValueError(unknown_name("hyperparameter", name, known, where=self.algorithm))
        own, of_world = split({**self._active({**self.fixed, **config}), **self.fixed, **config})
        check_config(self.algorithm, own)
        if of_world:
            check_world(str(self.env_id), of_world)
        self._moving = True
        try:
            for name, value in config.items():
                self.fixed.pop(name, None)
                if name not in self.rows or not self.rows[name].show(value):
                    if encode_value(value) is not None:
                        self.fixed[name] = value
        finally:
            self._moving = False
        self._changed()

    def reset(self) -> None:
        """Bring every hyperparameter back to its default, and free those that code had fixed."""
        self.fixed.clear()
        self.set({name: row.default for name, row in self.rows.items()})

    @traitlets.observe("config")
    def _assigned(self, change: Any) -> None:
        if not self._moving:
            try:
                self.set(change["new"])
            except ValueError:
                self._changed()  # show what is true, not what was asked for
                raise

    def _active(self, fixed: Mapping[str, Any]) -> dict[str, Any]:
        """Values of the controls that count beside what is fixed; parents come before children in the space."""
        known: dict[str, Any] = {}
        for name in self.space:
            met = all(c.satisfied_by_value(known) for c in self.space.parent_conditions_of[name])
            known[name] = self.rows[name].value if met else NotSet
        active = {name: known[name] for name in self.rows if known[name] is not NotSet}
        if "exploration" in fixed:  # a schedule of epsilon takes the place of the three numbers
            active = {name: value for name, value in active.items() if not name.startswith("exploration_")}
        return active

    def _changed(self) -> None:
        if self._moving:
            return
        active = self._active(self.fixed)
        for name, row in self.rows.items():
            row.mark(off=name not in active or name in self.fixed)
        lines = [
            f"<b>{html.escape(n)}</b> = {html.escape(value_label(encode_value(v)))}" for n, v in self.fixed.items()
        ]
        self._line.value = f'<span class="rlhp-note">Set in code: {", ".join(lines)}</span>' if lines else ""
        self._moving = True
        try:
            self.config = {**active, **self.fixed}
        finally:
            self._moving = False

    def _fold(self) -> None:
        for position, row in enumerate(self.rows.values()):
            shown = self.more.value or position < _SHORT or row.changed
            row.widget.layout.display = None if shown else "none"


class Row:
    """One hyperparameter: its control, its default, and whether it differs from it."""

    def __init__(self, hp: Any, measure: str, changed: Callable[[], None], *, explained: str = "") -> None:
        self.hp, self.default = hp, hp.default_value
        self._levels: dict[Any, Any] = {}
        said = f"default {html.escape(_said(self.default))}"
        if isinstance(hp, UniformFloatHyperparameter | UniformIntegerHyperparameter):
            whole = isinstance(hp, UniformIntegerHyperparameter)
            scale = measure if measure != "log" or hp.lower > 0 else "linear"
            self.control: Any = Number(
                hp.name, self.default, hp.lower, hp.upper, measure=scale, integer=whole, default=said
            )
            self.widget = self.control
        else:
            levels = list(getattr(hp, "choices", None) or getattr(hp, "sequence", None) or [hp.value])
            if set(map(type, levels)) == {bool}:
                self.control = ipywidgets.Checkbox(bool(self.default), description=hp.name, indent=False)
            else:
                self._levels = {_key(level): level for level in levels}
                options = [(_said(level), key) for key, level in self._levels.items()]
                self.control = ipywidgets.Dropdown(options=options, value=_key(self.default), description=hp.name)
            self.widget = ipywidgets.HBox([self.control, note(said).add_class("rlhp-default")])
            self.widget.add_class("rlhp-row").add_class("rlhp-hyper")
        self.control.tooltip = explained
        self.control.observe(lambda _: changed(), "value")

    @property
    def value(self) -> Any:
        """What the control holds, in the type that the space has."""
        if isinstance(self.control, Number):
            return self.control.number
        return self._levels[self.control.value] if self._levels else self.control.value

    @property
    def changed(self) -> bool:
        """Whether the control differs from the default."""
        return bool(_key(self.value) != _key(self.default))

    def show(self, value: Any) -> bool:
        """Move the control to a value; False if it cannot hold it."""
        cell = encode_value(value)
        if isinstance(self.control, Number):
            if isinstance(cell, bool | str | None) or not self.control.low <= cell <= self.control.high:
                return False
            self.control.value = cell
            return True
        if self._levels:
            if _key(value) not in self._levels:
                return False
            self.control.value = _key(value)
            return True
        self.control.value = bool(cell)
        return True

    def mark(self, *, off: bool) -> None:
        """Show whether it differs from the default, and whether it counts at all."""
        self.control.disabled = off
        for name, holds in (("rlhp-changed", self.changed and not off), ("rlhp-off", off)):
            (self.widget.add_class if holds else self.widget.remove_class)(name)


def explanation(what: algorithms.Hyperparameter) -> str:
    """Return what a hyperparameter may be, what it counts, and where its name and default are from.

    >>> explanation(algorithms.declared("dqn").hyperparameters["tau"])
    'a number from 0 to 1, or a schedule (weight of the online network); as in stable-baselines3 DQN'
    """
    unit = f" ({what.unit})" if what.unit else ""
    return f"{what.allowed()}{unit}" + (f"; as in {what.source}" if what.source else "")


def _key(value: Any) -> str:
    """Name a level so that 64 and 64.0 are one, and True and 1 are two."""
    cell = encode_value(value)
    if isinstance(cell, float) and cell.is_integer() and math.isfinite(cell):
        cell = int(cell)
    return f"{'bool' if isinstance(cell, bool) else ''}{cell!r}"


def _said(value: Any) -> str:
    cell = encode_value(value)
    return number_label(cell, 4) if isinstance(cell, float) else value_label(cell)
