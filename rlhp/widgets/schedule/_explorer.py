"""Shape an exploration schedule, see what it spends, and let DQN learn with it."""

from __future__ import annotations

import dataclasses
import html
from collections.abc import Mapping
from typing import Any

import ipywidgets
import traitlets

from rlhp import algorithms, schedules
from rlhp.arguments import instance
from rlhp.curves import number_label, schedule_label
from rlhp.schedules import Constant, Linear, Schedule
from rlhp.widgets.background._experiment import Experiment
from rlhp.widgets.background._live_sweep import LiveSweep
from rlhp.widgets.background._training import seeds
from rlhp.widgets.frame._controls import section
from rlhp.widgets.frame._explorer import Explorer
from rlhp.widgets.frame._markup import fold, paragraphs, table
from rlhp.widgets.frame._prediction import Prediction
from rlhp.widgets.retrain._growing import verdict
from rlhp.widgets.retrain._learning import LearningCurves, fixed_setting
from rlhp.widgets.schedule._budget import Budget, budget
from rlhp.widgets.schedule._editor import ScheduleEditor

__all__ = ["ScheduleExplorer"]

_HEIGHTS, _WIDEST = (180, 260), 620  # CSS pixels: both figures in one view on a laptop
_QUESTION = Prediction(
    "Train both schedules from the same seeds. Which one ends with the higher return?",
    ("The one I set", "The pinned one", "These seeds will not tell them apart"),
    "Look at the end of both curves and at how far their intervals overlap, not at the luckiest seed.",
)


class ScheduleExplorer(Explorer):
    """Draw an exploration schedule, count the random steps it buys, and re-train DQN with it.

    Beside it stands a pinned schedule to compare with, and what was trained before. A prediction is asked before
    anything is trained; from then on releasing a control trains anew, in seconds with the compiled engine.

    Parameters
    ----------
    schedule : schedule, number, mapping or JSON
        Where to start, anything that `rlhp.schedules.parse` reads.
    pinned : the same, or None
        What to compare with.
    experiment : Experiment
        What DQN trains with beside that: environment (one with discrete actions), steps, seeds, other hyperparameters.
    prediction : Prediction, mapping with its fields, or None
        What is asked before training; None asks nothing.
    title : str
        Its heading.

    Raises
    ------
    ValueError
        If something is not a schedule, or a name or value is not allowed.

    Examples
    --------
    >>> line = {"schedule": "linear", "start": 1.0, "end": 0.0, "fraction": 0.5}
    >>> explorer = ScheduleExplorer(line, experiment=Experiment(steps=10_000))
    >>> round(explorer.budget.total)
    2500
    >>> explorer.editor.end_value = 0.05
    >>> explorer.editor.kind = "exponential"
    >>> explorer.schedule
    Exponential(start=1.0, end=0.05, fraction=0.5)
    >>> explorer.close()
    """

    schedule = traitlets.Instance(
        "rlhp.schedules.Schedule", help="The schedule that the controls describe; assign one to move them."
    )
    pinned = traitlets.Instance("rlhp.schedules.Schedule", allow_none=True, help="The schedule to compare with.")

    def __init__(
        self,
        schedule: Any = Linear(1.0, 0.05, 0.5),  # noqa: B008 - frozen
        *,
        pinned: Any = Constant(0.1),  # noqa: B008 - frozen
        experiment: Experiment = Experiment(),
        prediction: Prediction | Mapping[str, Any] | None = _QUESTION,
        title: str = "Exploration schedules",
    ) -> None:
        instance("experiment", experiment, Experiment, hint="It is `widgets.Experiment(steps=..., ...)`.")
        env_id, steps = experiment.env_id, experiment.steps
        lead = f"How often should DQN act at random? Each schedule below is trained for {steps:,} steps on {env_id}."
        super().__init__(title, lead)
        self.env_id, self.steps = env_id, steps
        self.dqn = fixed_setting(
            experiment.config,
            moved=lambda name: name.startswith("exploration"),
            instead="leave it out of `config`",
        )
        self.editor = ScheduleEditor(schedules.parse(schedule), self.guarded)
        self.live = LiveSweep(
            "dqn",
            [self._config(self.editor.schedule)],
            experiment,
        )
        self.n_seeds = self.live.n_seeds
        self._past: list[Schedule] = []
        self._started: list[Schedule] = []
        self.pin_button = ipywidgets.Button(description="Pin this one")
        self.unpin_button = ipywidgets.Button(description="Remove the pinned one")
        self.shape_figure = self.figure("The schedule appears here.", height=_HEIGHTS[0], widest=_WIDEST)
        self.curves = LearningCurves(self, self.live, by="exploration", height=_HEIGHTS[1], widest=_WIDEST)
        self.curve, self.curve_twin = self.curves.figure, self.curves.twin
        self.retraining = self.curves.retraining(
            prediction, wanted=self._wanted, described=self._described, draw=self._show_curves, same=self.dqn
        )
        self._lay_out()
        self.schedule = self.editor.schedule
        self.pinned = None if pinned is None else schedules.parse(pinned)
        self.listen(self.editor, self._edited, "schedule")
        self.observe(lambda change: self.editor.set_trait("schedule", change["new"]), "schedule")
        self.observe(lambda _: self.locked(self._refresh), ["schedule", "pinned"])
        self.on_click(self.pin_button, self.pin)
        self.on_click(self.unpin_button, self.unpin)
        self._refresh()
        self.retraining.say_ready()

    @property
    def budget(self) -> Budget:
        """What the current schedule spends."""
        return budget(self.schedule, self.steps)

    # --- controls ----------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        pins = ipywidgets.Box([self.pin_button, self.unpin_button]).add_class("rlhp-buttons")
        shaping = [section("Epsilon over training"), self.editor, section("Compare"), pins]
        figures = [self.shape_figure, self.curve]
        self.compose(shaping, [*figures, self._twin, self.curve_twin], run=[self.retraining])

    def _edited(self) -> None:
        self.retraining.released()  # first: the training starts while the figure is drawn
        self.schedule = self.editor.schedule

    # --- comparing ---------------------------------------------------------------------------------------------

    def pin(self) -> None:
        """Keep the current schedule (and what was trained with it) to compare others with."""
        self.pinned = self.schedule

    def unpin(self) -> None:
        """Compare with nothing."""
        self.pinned = None

    def _shown(self) -> dict[str, Schedule]:
        both = {"now": self.schedule, "pinned": self.pinned}
        if self.pinned == self.schedule:
            both = {"now": self.schedule}
        return {name: one for name, one in both.items() if one is not None}

    def _refresh(self) -> None:
        """Draw the schedules and say what they spend."""
        from rlhp import plots

        shown = self._shown()
        alt = plots.schedule_alt_text(shown, steps=self.steps, name="epsilon")
        title = schedule_label(self.schedule) if len(shown) == 1 else "epsilon over training"
        self.shape_figure.draw(
            lambda ax: plots.schedule(shown, ax=ax, steps=self.steps, name="epsilon", title=title), alt=alt
        )
        self.unpin_button.disabled = self.pinned is None
        self.pin_button.disabled = self.pinned == self.schedule
        said = [self._spent(name, one) for name, one in shown.items()]
        starts = self.dqn.get("learning_starts", algorithms.defaults("dqn")["learning_starts"])
        extra = f"DQN also acts at random in the first {starts:,} steps, whatever epsilon is." if starts else ""
        text = "".join(f"<p>{line}</p>" for line in said) + paragraphs([extra], quiet=True)
        self.tell(text + fold("The schedules as a table", _spending(shown, self.steps)))
        self.retraining.draw()

    def _spent(self, name: str, schedule: Schedule) -> str:
        total, first, second = _whole(schedule, self.steps)
        return (
            f"<b>{name.capitalize()}</b>: {html.escape(schedule_label(schedule))} buys {total:,} random steps "
            f"of {self.steps:,} ({100 * total / self.steps:.3g} %): {first:,} in the first half of training, "
            f"{second:,} in the second."
        )

    # --- training ----------------------------------------------------------------------------------------------

    def prepare(self) -> None:
        """Compile in the background what will be trained."""
        now, *others = (self._config(one) for one in self._shown().values())
        self.retraining.prepare([[now], [now, *others]] if others else [[now]])

    def start(self) -> None:
        """Train the current schedule, and the pinned one if it was not trained yet; returns at once.

        Raises
        ------
        ValueError
            If the prediction was not made, the controls describe no schedule, or a training is running here.
        """
        self.retraining.start()

    def _config(self, schedule: Schedule) -> dict[str, Any]:
        return {**self.dqn, "exploration": schedule}

    def _wanted(self) -> list[dict[str, Any]]:
        self.schedule = self.editor.described()
        self._started = list(self._shown().values())
        return self._described()

    def _described(self) -> list[dict[str, Any]]:
        return [self._config(one) for one in self._shown().values()]

    def _show_curves(self) -> None:
        """Draw the learning curves of the schedules that are shown and of the one before, and say what they show."""
        self._remember()
        shown = self._curves_shown()
        configs = {name: self._config(one) for name, one in shown.items()}
        now = self.curves.now(configs)
        if now is None or now.summary is None:
            return
        names = {one.to_json(): name for name, one in shown.items()}
        # The colours of the figure above, also while one of them is not evaluated yet.
        places: list[str] = [name for name in ("now", "pinned", "before") if name in {*self._shown(), *shown}]
        groups = sorted(now.summary.groups, key=lambda group: list(names).index(str(group.key[0])))
        now = dataclasses.replace(now, summary=dataclasses.replace(now.summary, groups=tuple(groups)))
        called = [names[str(group.key[0])] for group in groups]
        said = now.sentence(called, over=not self.training)
        broken = self.curves.fates(configs)
        self.curves.draw(
            now,
            called,
            title=f"DQN on {self.env_id}",
            alt=f"Learning curves. {said}",
            broken=broken,
            looks=[places.index(name) for name in called],
        )
        text = paragraphs([said, broken])
        if not self.training:
            told = verdict(now, called, f"{seeds(self.n_seeds)} a schedule", steps=self.steps)
            alone = "pin a schedule and train both" if len(self._shown()) < 2 else "train both to the end"
            told = told or f"There is one curve, and nothing to compare it with: {alone}."
            text += f"<p><b>{html.escape(told)}</b> {html.escape(self.retraining.predicted(told))}</p>"
        self.tell(text, self.curve_twin)

    def _remember(self) -> None:
        """Keep the order in which schedules were trained to their end."""
        # A control that moved while it trained has taken the one that was set from the figure above.
        unseen = [one for one in self._started if one not in self._past]
        for one in [*reversed(unseen), *self._shown().values()]:
            if self.live.whole(self._config(one)):
                self._past = [*(old for old in self._past if old != one), one]

    def _curves_shown(self) -> dict[str, Schedule]:
        """Name the curves: those of the figure above, in its colours, and the last one trained before them."""
        names = dict(self._shown())
        before = [one for one in self._past if one not in names.values()]
        if before:
            names["before"] = before[-1]
        return names


def _whole(schedule: Schedule, steps: int) -> tuple[int, int, int]:
    """Return the budget in whole steps whose halves make the total."""
    spent = budget(schedule, steps)
    total, first = round(spent.total), round(spent.first_half)
    return total, first, total - first


def _spending(shown: Mapping[str, Schedule], steps: int) -> str:
    heads = ["schedule", "at start", "half-way", "at end", "random steps", "first half", "second half"]
    rows = [
        [name, *(number_label(one(at)) for at in (0.0, 0.5, 1.0)), *(f"{part:,}" for part in _whole(one, steps))]
        for name, one in shown.items()
    ]
    return table(heads, rows)
