"""Shape an exploration schedule, see what it spends, and let DQN learn with it."""

from __future__ import annotations

import dataclasses
import html
import math
from collections.abc import Mapping
from typing import Any

import ipywidgets
import traitlets

from rlhp import schedules
from rlhp.curves.labels import schedule_label, value_label
from rlhp.frames import encode_value
from rlhp.runs import Runs, concat
from rlhp.schedules import Constant, Linear, Schedule
from rlhp.trainers.hyperparameters import check_config, hyperparameters
from rlhp.widgets.budget import Budget, budget
from rlhp.widgets.controls import digits, note, section
from rlhp.widgets.explorer import Explorer
from rlhp.widgets.growing import Growing, growing
from rlhp.widgets.prediction import Prediction, PredictionBox
from rlhp.widgets.schedule_editor import ScheduleEditor
from rlhp.widgets.training import Training, seeds

__all__ = ["ScheduleExplorer"]

# The setting that `data/exploration_cartpole` was measured with, so that the explorer can be held against it.
_SETTING = {
    "net_arch": [64, 64],
    "learning_rate": 1e-3,
    "batch_size": 64,
    "buffer_size": 50_000,
    "learning_starts": 1_000,
    "gamma": 0.99,
    "train_freq": 4,
    "gradient_steps": 1,
    "target_update_interval": 250,
}
_QUESTION = Prediction(
    "Train both schedules from the same seeds. Which one ends with the higher return?",
    ("The one I set", "The pinned one", "So few seeds will not tell them apart"),
    "Look at the end of both curves and at how far their intervals overlap, not at the luckiest seed.",
)
_CURVE = "The learning curves appear here once the agents train."


class ScheduleExplorer(Explorer):
    """Draw an exploration schedule, count the random steps it buys, and re-train DQN with it.

    Beside it stands a pinned schedule to compare with. A prediction is asked before anything is trained.

    Parameters
    ----------
    schedule : schedule, number, mapping or JSON
        Where to start, anything that `rlhp.schedules.parse` reads.
    pinned : the same, or None
        What to compare with.
    env_id : str
        An environment with discrete actions.
    steps : int
        Environment steps of each seed.
    n_seeds : int
        Agents a schedule.
    config : mapping, optional
        DQN's other hyperparameters, the same for every schedule; by default the setting that
        the course's data on CartPole were measured with.
    prediction : Prediction, mapping with its fields, or None
        What is asked before training; None asks nothing.
    eval_every : int, optional
        Environment steps between evaluations; by default a twentieth of `steps`.
    eval_episodes : int
        Greedy episodes of one evaluation.
    workers : int, optional
        Processes that train at the same time; by default one a core.
    title : str
        Its heading.

    Raises
    ------
    ValueError
        If something is not a schedule, or a name or value is not allowed.

    Examples
    --------
    >>> explorer = ScheduleExplorer({"schedule": "linear", "start": 1.0, "end": 0.0, "fraction": 0.5}, steps=10_000)
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
    prediction = traitlets.Unicode(help="The prediction that was committed to; empty until then.")

    def __init__(
        self,
        schedule: Any = Linear(1.0, 0.05, 0.5),  # noqa: B008 - frozen
        *,
        pinned: Any = Constant(0.1),  # noqa: B008 - frozen
        env_id: str = "CartPole-v1",
        steps: int = 12_000,
        n_seeds: int = 4,
        config: Mapping[str, Any] | None = None,
        prediction: Prediction | Mapping[str, Any] | None = _QUESTION,
        eval_every: int | None = None,
        eval_episodes: int = 5,
        workers: int | None = None,
        title: str = "Exploration schedules",
    ) -> None:
        lead = f"How often should DQN act at random? Each schedule below is trained for {steps:,} steps on {env_id}."
        super().__init__(title, lead)
        self.env_id, self.steps, self.n_seeds = env_id, steps, n_seeds
        self.dqn = check_config("dqn", _SETTING if config is None else config)
        for name in self.dqn:
            if name.startswith("exploration"):
                raise ValueError(f"`{name}` is what this explorer moves; leave it out of `config`.")
        self._eval_every, self._eval_episodes = eval_every or max(1, steps // 20), eval_episodes
        self._workers = workers
        self._trained: dict[str, Runs] = {}
        self._last: Schedule | None = None
        self._drawn = -1
        self._curves_state: object = None
        self.editor = ScheduleEditor(schedules.parse(schedule), self.guarded)
        self.pin_button = ipywidgets.Button(description="Pin this one")
        self.unpin_button = ipywidgets.Button(description="Remove the pinned one")
        self.start_button.description = f"Re-train {n_seeds} seeds"
        self.shape_figure = self.figure("The schedule appears here.", height=230)
        self.curve = self.figure(_CURVE, height=300)
        self.curve_twin = self.twin()
        self.question = self._ask(prediction)
        self._lay_out()
        self.schedule = self.editor.schedule
        self.pinned = None if pinned is None else schedules.parse(pinned)
        self.listen(self.editor, self._edited, "schedule")
        self.observe(lambda change: self.editor.set_trait("schedule", change["new"]), "schedule")
        self.observe(lambda _: self.locked(self._refresh), ["schedule", "pinned"])
        self.on_click(self.pin_button, self.pin)
        self.on_click(self.unpin_button, self.unpin)
        self._refresh()
        self._ready()

    @property
    def budget(self) -> Budget:
        """What the current schedule spends."""
        return budget(self.schedule, self.steps)

    # --- controls ----------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        pins = ipywidgets.Box([self.pin_button, self.unpin_button]).add_class("rlhp-buttons")
        buttons = ipywidgets.Box([self.start_button, self.stop_button]).add_class("rlhp-buttons")
        shaping = [section("Epsilon over training"), self.editor, section("Compare"), pins]
        learning = [
            section("Train"),
            *([self.question] if self.question else []),
            buttons,
            self._status_row,
            self._progress,
            note(f"Everything else is the same for all: DQN with {self._settings()}."),
        ]
        self.compose(
            (shaping, [self._error_box, self.shape_figure, self._twin]), (learning, [self.curve, self.curve_twin])
        )

    def _settings(self) -> str:
        said = [f"{name} {value_label(encode_value(value))}" for name, value in self.dqn.items()]
        return html.escape(", ".join([*said, "and SB3's defaults"]) if said else "SB3's defaults")

    def _edited(self) -> None:
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
        starts = self.dqn.get("learning_starts", hyperparameters("dqn")["learning_starts"])
        extra = f"SB3 also acts at random in the first {starts:,} steps, whatever epsilon is." if starts else ""
        text = "".join(f"<p>{line}</p>" for line in said) + _spending(shown, self.steps)
        self.tell(text + (f'<p class="rlhp-note">{extra}</p>' if extra else ""))
        self._show_curves()

    def _spent(self, name: str, schedule: Schedule) -> str:
        total, first, second = _whole(schedule, self.steps)
        return (
            f"<b>{name.capitalize()}</b>: {html.escape(schedule_label(schedule))} buys {total:,} random steps "
            f"of {self.steps:,} ({100 * total / self.steps:.3g} %): {first:,} in the first half of training, "
            f"{second:,} in the second."
        )

    # --- training ----------------------------------------------------------------------------------------------

    def commit(self, choice: str) -> None:
        """Commit to a prediction; only then can be trained."""
        if self.question is None:
            raise ValueError("this explorer asks no prediction.")
        self.question.commit(choice)

    def start(self) -> None:
        """Train the current schedule, and the pinned one if it was not trained yet; returns at once.

        Raises
        ------
        ValueError
            If the prediction was not made, the controls describe no schedule, or a training is running here.
        """
        from rlhp.sweep.session import Sweep

        if self.question is not None and not self.prediction:
            raise ValueError("commit to a prediction first: what you expect decides what you notice.")
        self.schedule = self.editor.described()
        wanted = [one for one in self._shown().values() if one.to_json() not in self._trained]
        self._last = self.schedule
        if not wanted:
            self.say("trained before", "the same seeds would give the same curves")
            self._show_curves()
            return
        sweep = Sweep(
            "dqn",
            self.env_id,
            [{**self.dqn, "exploration": one} for one in wanted],
            steps=self.steps,
            seeds=self.n_seeds,
            workers=self._workers,
            eval_every=self._eval_every,
            eval_episodes=self._eval_episodes,
        )
        self._drawn = -1
        what = seeds(self.n_seeds) + (" of each schedule" if len(wanted) > 1 else "")
        self.begin(sweep, what=what, report=lambda training: self._report(training, wanted))
        self._show_curves()

    def _ask(self, prediction: Prediction | Mapping[str, Any] | None) -> PredictionBox | None:
        if prediction is None:
            return None
        asked = prediction if isinstance(prediction, Prediction) else Prediction(**prediction)
        box = PredictionBox(asked, self.guarded)
        self.listen(box, self._committed, "choice")
        return box

    def _committed(self) -> None:
        self.prediction = self.question.choice if self.question else ""
        self._ready()

    def _ready(self) -> None:
        waits = self.question is not None and not self.prediction
        if not self.training:
            self.start_button.disabled = waits
        self.say("commit to a prediction to train" if waits else "ready to train")

    def _report(self, training: Training, wanted: list[Schedule]) -> None:
        runs = training.sweep.snapshot()
        if len(runs.evals) == self._drawn and not training.ended:
            return
        self._drawn = len(runs.evals)
        for one in wanted:
            mine = _of(runs, one)
            if training.ended and len(mine) == self.n_seeds and not (mine.table["status"] == "stopped").any():
                self._trained[one.to_json()] = mine
        kept = [run for key, run in self._trained.items() if key not in [one.to_json() for one in wanted]]
        fresh = [runs] if len(runs) else []
        self.runs = concat([*kept, *fresh]) if kept or fresh else None
        self._show_curves()

    def _show_curves(self) -> None:
        """Draw the learning curves of the last schedule trained and of the pinned one, and say what they show."""
        names = self._curves_shown()
        state = (tuple(names.items()), id(self.runs), self.training)
        if state == self._curves_state:
            return  # a slider that moves does not change what was trained
        self._curves_state = state
        found = {name: _of(self.runs, one) for name, one in names.items()} if self.runs is not None else {}
        found = {name: runs for name, runs in found.items() if len(runs)}
        now = growing(concat(found.values()), by="exploration") if found else None
        if now is None or now.summary is None:
            later = "The agents are learning; the first evaluation is not done yet."
            self.curve.clear(later if self.training else _CURVE)
            self.tell("", self.curve_twin)
            return
        labels = {one.to_json(): name for name, one in names.items()}
        groups = sorted(now.summary.groups, key=lambda group: list(labels).index(str(group.key[0])))
        now = dataclasses.replace(now, summary=dataclasses.replace(now.summary, groups=tuple(groups)))
        called = [labels[str(group.key[0])] for group in groups]
        title = f"DQN on {self.env_id}" + (", while it trains" if self.training else "")
        said = now.sentence(called)
        self.curve.draw(lambda ax: now.draw(ax, title=title, labels=called), alt=f"Learning curves. {said}")
        self.tell(f"<p>{html.escape(said)}</p>" + self._verdict(now, called), self.curve_twin)

    def _curves_shown(self) -> dict[str, Schedule]:
        """Name the curves: what was trained last is `now` only while it is what the controls describe."""
        names = {}
        if self.schedule.to_json() in self._trained or self.schedule == self._last:
            names["now"] = self.schedule
        elif self._last is not None:
            names["in training" if self.training else "trained last"] = self._last
        if self.pinned is not None and self.pinned not in names.values():
            names["pinned"] = self.pinned
        return names

    def _verdict(self, now: Growing, called: list[str]) -> str:
        """Say whether the intervals tell the two curves apart, beside what was predicted."""
        if self.training or now.summary is None or len(called) < 2:
            return ""
        (_, one), (_, other) = list(now.summary.final.iterrows())[:2]
        if math.isnan(one["low"]) or math.isnan(other["low"]):
            verdict = f"{seeds(self.n_seeds)} a schedule are too few for an interval: nothing can be concluded."
        elif one["low"] > other["high"] or other["low"] > one["high"]:
            better = called[0] if one["estimate"] > other["estimate"] else called[1]
            verdict = f"The intervals do not overlap: {better} ends higher."
        else:
            verdict = f"The intervals overlap: {seeds(self.n_seeds)} a schedule do not tell the two apart."
        asked = self.question.prediction if self.question is not None else None
        more = [f"You predicted: {self.prediction}." if self.prediction else "", asked.why if asked else ""]
        return f"<p><b>{html.escape(verdict)}</b> {html.escape(' '.join(part for part in more if part))}</p>"


def _of(runs: Runs, schedule: Schedule) -> Runs:
    """Keep the runs that were trained with a schedule."""
    if "exploration" not in runs.hyperparameters:
        return runs.select(ids=[])
    return runs.select(exploration=schedule.to_json())


def _whole(schedule: Schedule, steps: int) -> tuple[int, int, int]:
    """Give the budget in whole steps whose halves make the total."""
    spent = budget(schedule, steps)
    total, first = round(spent.total), round(spent.first_half)
    return total, first, total - first


def _spending(shown: Mapping[str, Schedule], steps: int) -> str:
    heads = ["schedule", "at start", "half-way", "at end", "random steps", "first half", "second half"]
    rows = []
    for name, one in shown.items():
        cells = [name, *(digits(one(at)) for at in (0.0, 0.5, 1.0))]
        cells += [f"{part:,}" for part in _whole(one, steps)]
        rows.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
    head = "".join(f'<th scope="col">{cell}</th>' for cell in heads)
    return f"<table><tr>{head}</tr>{''.join(rows)}</table>"
