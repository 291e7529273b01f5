"""Look at runs: filter them, group them, and lay the curves of several choices over each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import ipywidgets
import numpy as np
import traitlets

from rlhp import datasets
from rlhp.curves import STATISTICS, CurveGroup
from rlhp.errors import unknown_name
from rlhp.runs import Runs
from rlhp.widgets.frame._controls import STATISTIC_NAMES, Number, choice, section
from rlhp.widgets.frame._explorer import Explorer
from rlhp.widgets.frame._markup import fold, paragraphs
from rlhp.widgets.runs._brush import chosen
from rlhp.widgets.runs._filters import RunFilters
from rlhp.widgets.runs._kept import Kept
from rlhp.widgets.runs._view import FEW, SCORES, Held, View, described, summary
from rlhp.widgets.runs._words import ends_table, notes, sentence

__all__ = ["RunExplorer"]

_NAMES = {
    "return_mean": "return",
    "train_return_mean": "return while training",
    "length_mean": "episode length",
    "return_std": "spread of the return between episodes",
    "entropy": "entropy of the policy",
    "value_error": "error of the predicted return",
    "loss": "loss",
}
_NOTHING = "No run passes the filters; let more of them pass."
_EARLY = "Nothing was evaluated in this part of training yet; show more of it."
_BLANK = "None of these runs has an evaluation of this; let others pass, or show something else."
_DRAWN = 150  # single runs that are drawn at most


class RunExplorer(Explorer):
    """Learning curves of any runs: choose which, in which groups, and what of them; keep some and compare.

    Parameters
    ----------
    runs : Runs, str, sequence of str, or mapping of str to Runs, optional
        Runs, the name of a measured data set or several of them, or runs by name; by default all data sets there are.
    by : str, optional
        Column or hyperparameter to group by at first, ``""`` for one group; by default the first in which they differ.
    value : str
        Column of `evals` that is shown at first.
    statistic : {"iqm", "mean", "median"}
        What is taken over the runs of a group at first.
    title : str
        Its heading.

    Raises
    ------
    ValueError
        If a name is unknown or there are no runs.

    Notes
    -----
    Intervals are those of `rlhp.curves.iqm` at each step by itself; from 41 runs a group on, Student's t. A column with
    more than eight numbers is grouped into four ranges that hold about as many values each.

    Runs can be chosen by what their configuration came to as well: ``final return`` and ``return over training``, the
    mean over its seeds, a failed run as the worst. A table then says in which ranges the chosen configurations lie.

    Examples
    --------
    >>> explorer = RunExplorer("learning_rate_cartpole")
    >>> explorer.by, len(explorer.groups), explorer.groups[0].n
    ('learning_rate', 5, 16)
    >>> explorer.filters.chosen = {"learning_rate": (0.001, 0.003)}
    >>> [group.label for group in explorer.groups]
    ['0.001', '0.003']
    >>> explorer.filters.chosen = {"final return": [300.0, 500.0]}
    >>> explorer.text.splitlines()[1]
    '3 of 5 configurations chosen: final return from 300 to 500.'
    >>> explorer.close()
    """

    data = traitlets.Unicode(help="Name of the runs that are shown.")
    env_id = traitlets.Unicode(help="The environment.")
    by = traitlets.Unicode(help="Column that the runs are grouped by; empty for one group.")
    value = traitlets.Unicode(help="Column of `evals` that is shown.")
    statistic = traitlets.Unicode(help="What is taken over the runs of a group.")
    percent = traitlets.Int(100, help="How much of training is shown, in per cent.")
    single = traitlets.Bool(False, help="Whether single runs are drawn too.")

    def __init__(
        self,
        runs: Runs | str | Sequence[str] | Mapping[str, Runs] | None = None,
        *,
        by: str | None = None,
        value: str = "return_mean",
        statistic: str = "iqm",
        title: str = "Runs",
    ) -> None:
        super().__init__(title, "Filter them, group them, and keep some curves to compare others with.")
        self._sources = _named(runs)
        self._held: dict[str, Held] = {}
        self._moving = True
        self._groups: list[CurveGroup] = []
        self._kept: list[Kept] = []
        first = next(iter(self._sources))
        held = self._hold(first)
        self.data_box = choice("Runs", list(self._sources))
        self.env_box = choice("Environment", [])
        self.by_box = choice("Group by", [])
        self.value_box = choice("Show", [])
        self.over = choice("Over the runs", STATISTIC_NAMES)
        self.part = Number("Training shown, %", 100, 1, 100, integer=True)
        self.single_box = ipywidgets.Checkbox(False, description="Single runs", indent=False)
        self.filters = RunFilters(held.columns, self.guarded)
        self.keep_button = ipywidgets.Button(description="Keep these curves")
        self.drop_button = ipywidgets.Button(description="Let kept curves go", disabled=True)
        self.picture = self.figure(_NOTHING, width=640, height=370, widest=760)
        row = ipywidgets.HBox([self.single_box]).add_class("rlhp-row")
        keep = ipywidgets.Box([self.keep_button, self.drop_button]).add_class("rlhp-buttons")
        which = [section("Which runs"), *([self.data_box] if len(self._sources) > 1 else []), self.env_box]
        what = [section("What of them"), self.by_box, self.value_box, self.over, self.part, row]
        controls = [*which, self.filters, *what, section("Compare"), keep]
        self.compose(controls, [self.picture, self._twin])
        pairs = (
            (self.data_box, "data"), (self.env_box, "env_id"), (self.by_box, "by"), (self.value_box, "value"),
            (self.over, "statistic"), (self.part, "percent"), (self.single_box, "single"),
        )  # fmt: skip
        self._boxes = {trait: control for control, trait in pairs}
        self.data = first
        self._offer(held)
        self.by = self._column(by, held)
        self.value, self.statistic = value, statistic
        self._moving = False
        self._match()
        for trait, control in self._boxes.items():
            self.listen(control, lambda control=control, trait=trait: self._moved(control, trait))  # type: ignore[misc]
        self.listen(self.filters, self._show, "chosen")
        self.on_click(self.keep_button, self.keep)
        self.on_click(self.drop_button, self.let_go)
        self.observe(self._other_data, "data")
        self.observe(self._turned, ["env_id", "by", "value", "statistic", "percent", "single"])
        self._show()

    # --- state -------------------------------------------------------------------------------------------------

    @property
    def held(self) -> Held:
        """The runs that are shown, ready to be looked at."""
        return self._hold(self.data)

    @property
    def groups(self) -> tuple[CurveGroup, ...]:
        """What is shown, without what was kept."""
        return tuple(self._groups)

    @property
    def view(self) -> View:
        """What is shown of the runs."""
        return View(self.env_id, self.value, self.statistic, self.by, self.percent / 100)

    @traitlets.validate("data")
    def _known_data(self, proposal: Any) -> str:
        return _known("runs", proposal["value"], self._sources)

    @traitlets.validate("env_id")
    def _known_environment(self, proposal: Any) -> str:
        return _known("environment", proposal["value"], self.held.environments)

    @traitlets.validate("by")
    def _known_column(self, proposal: Any) -> str:
        return _known("column", proposal["value"], self.held.columns) if proposal["value"] else ""

    @traitlets.validate("value")
    def _known_value(self, proposal: Any) -> str:
        return _known("value", proposal["value"], self.held.values)

    @traitlets.validate("statistic")
    def _known_statistic(self, proposal: Any) -> str:
        return _known("statistic", proposal["value"], STATISTICS)

    @traitlets.validate("percent")
    def _some_of_training(self, proposal: Any) -> int:
        if not 1 <= proposal["value"] <= 100:
            raise ValueError(f"`percent` is {proposal['value']}; give how much of training to show, 1 to 100 per cent.")
        return int(proposal["value"])

    def keep(self) -> None:
        """Keep the curves that are shown; others are drawn over them.

        Raises
        ------
        ValueError
            If nothing is shown, or more curves would be kept than can be told apart.
        """
        if not self._groups:
            raise ValueError("nothing is shown that could be kept; let some runs pass.")
        if len(self._kept) + len(self._groups) > FEW:
            raise ValueError(
                f"{len(self._kept) + len(self._groups)} curves cannot be told apart; keep {FEW} at most: filter first, "
                f"or let the kept ones go."
            )
        shown = (self.data, self.env_id, self.by, self.statistic, self._others())
        self._kept += [Kept(group, *shown) for group in self._groups]
        self._show()

    def let_go(self) -> None:
        """Forget the curves that were kept."""
        self._kept = []
        self._show()

    # --- controls ----------------------------------------------------------------------------------------------

    def _hold(self, name: str) -> Held:
        if name not in self._held:
            source = self._sources[name]
            self._held[name] = Held(name, datasets.load(source) if isinstance(source, str) else source)
        return self._held[name]

    def _offer(self, held: Held) -> None:
        """Let the controls offer what these runs have."""
        self.filters.offer(held.columns)
        self.env_box.options = list(held.environments)
        self.env_box.layout.display = None if len(held.environments) > 1 else "none"
        self.by_box.options = [("nothing", ""), *((name.replace("_", " "), name) for name in held.columns)]
        self.value_box.options = [(_NAMES.get(name, name), name) for name in held.values]
        self.env_id = held.environments[0]

    def _column(self, by: str | None, held: Held) -> str:
        if by is None:
            return next((name for name in held.columns if name not in ("status", "seed", *SCORES)), "")
        return _known("column", by, held.columns) if by else ""

    def _moved(self, control: Any, trait: str) -> None:
        if not self._moving:
            setattr(self, trait, control.number if isinstance(control, Number) else control.value)

    def _match(self) -> None:
        """Let the controls show what is set."""
        before, self._moving = self._moving, True
        try:
            for trait, control in self._boxes.items():
                control.value = getattr(self, trait)
        finally:
            self._moving = before

    def _other_data(self, _: Any = None) -> None:
        held, self._moving = self.held, True
        try:
            self._offer(held)
            self.by = self._column(None, held)
            if self.value not in held.values:
                self.value = held.values[0]
        finally:
            self._moving = False
        self._turned()

    def _turned(self, change: Any = None) -> None:
        if self._moving:
            return
        if change is not None and change["name"] == "value":
            self._kept = []  # what was kept is on another scale
        self._match()
        self._show()

    # --- showing -----------------------------------------------------------------------------------------------

    def _show(self) -> None:
        if self._moving:
            return
        held, view = self.held, self.view
        passed = held.passing(self.filters.chosen)
        in_env = held.runs.table["env_id"].to_numpy() == self.env_id
        n = int((passed & in_env).sum())
        parts = held.parts(view, passed) if n else []
        self._groups = [group for group, _ in parts]
        self.say("ready", f"{n:,} of {int(in_env.sum()):,} runs on {self.env_id} pass")
        self.drop_button.disabled = not self._kept
        self.keep_button.disabled = not self._groups
        if not self._groups and not self._kept:
            blank = n and view.first == 1
            why = _BLANK if blank else _EARLY if n else _NOTHING
            self.picture.clear(why)
            self.tell(paragraphs([why]))
            return
        now = {"data": self.data, "by": self.by, "statistic": self.statistic, "filters": self._others()}
        labels = [one.label(**now) for one in self._kept]
        labels += [group.label or "these runs" for group in self._groups]
        groups = [one.group for one in self._kept] + self._groups
        said = sentence(
            f"{STATISTICS[self.statistic].name} of the {_NAMES.get(self.value, self.value)}", labels, groups
        )
        lost = n - sum(group.n for group in self._groups)
        column = held.columns[self.by] if self.by else None
        more = notes(groups, [one for _, one in parts], lost, self.by, column)
        self.picture.draw(lambda ax: self._draw(ax, labels, groups), alt=f"Learning curves. {said}")
        ends = fold("The ends of the curves as a table", ends_table(self.by, labels, groups))
        brushed = chosen(held, self.env_id, self.filters.chosen, self.by)
        self.tell(paragraphs([said]) + brushed + ends + more)

    def _others(self) -> str:
        """Say the filters in words, without that of the column whose groups say it."""
        return described({name: wanted for name, wanted in self.filters.chosen.items() if name != self.by})

    def _draw(self, ax: Any, labels: list[str], groups: list[CurveGroup]) -> None:
        from matplotlib.collections import LineCollection

        from rlhp import plots

        found = summary(groups, self.view)
        by = f" by {self.by.replace('_', ' ')}" if self.by else ""
        value = _NAMES.get(self.value, self.value)
        title = f"{value[:1].upper()}{value[1:]} on {self.env_id}{by}"
        values = [group.curves for group in groups]
        ylim = (min(float(v.min()) for v in values), max(float(v.max()) for v in values)) if self.single else None
        ylim = ylim if ylim is not None and ylim[0] < ylim[1] else None
        # Placed by hand: letting matplotlib find the place takes as long as drawing.
        ax.get_figure().set_layout_engine(None)
        ax.set_position((0.09, 0.12, 0.88 if len(groups) == 1 and not self.by else 0.56, 0.68))
        plots.curves(found, ax=ax, seeds=False, band="pointwise", title=title, labels=labels, ylim=ylim)
        if self.single:
            each = max(1, -(-sum(group.n for group in groups) // _DRAWN))
            for index, group in enumerate(groups):
                lines = [np.column_stack([group.steps, curve]) for curve in group.curves[::each]]
                color = plots.look(index).color
                ax.add_collection(LineCollection(lines, colors=color, linewidths=0.7, alpha=0.3), autolim=False)


def _named(runs: Any) -> dict[str, Runs | str]:
    """Name every source of runs."""
    if runs is None:
        return {name: name for name in datasets.list()}
    if isinstance(runs, Runs):
        return {"these runs": runs}
    if isinstance(runs, str):
        runs = [runs]
    if not len(runs):
        raise ValueError("no runs to explore; give runs, or names of `rlhp.datasets.list()`.")
    if isinstance(runs, Mapping):
        return dict(runs)
    for name in runs:
        if name not in datasets.list():
            raise ValueError(unknown_name("data set", name, datasets.list()))
    return {name: name for name in runs}


def _known(kind: str, name: str, valid: Any) -> str:
    if name not in valid:
        raise ValueError(unknown_name(kind, name, valid))
    return str(name)
