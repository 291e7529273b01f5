"""Compare batch sizes, at equal environment steps or at equal seconds."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import traitlets

from rlhp import algorithms
from rlhp.arguments import instance
from rlhp.curves import number_label
from rlhp.errors import unknown_name
from rlhp.widgets.background._experiment import Experiment
from rlhp.widgets.background._live_sweep import LiveSweep
from rlhp.widgets.background._training import seeds
from rlhp.widgets.batch._choice import BatchChoice
from rlhp.widgets.batch._clock import at_equal_seconds, in_seconds, seconds_axis
from rlhp.widgets.frame._controls import choice, tie
from rlhp.widgets.frame._explorer import Explorer
from rlhp.widgets.frame._markup import fold, paragraphs, table
from rlhp.widgets.frame._prediction import Prediction
from rlhp.widgets.retrain._growing import Frame, Growing, verdict
from rlhp.widgets.retrain._learning import LearningCurves, fixed_setting, listed

__all__ = ["BatchExplorer"]

_MOVED = ("batch_size", "learning_rate", "n_steps", "gradient_steps")
_AXES = {"environment steps": "steps", "seconds of training": "seconds"}
_QUESTION = Prediction(
    "Every batch size trains for as many environment steps. Which one ends with the highest return?",
    ("The smallest", "One in between", "The largest", "These seeds will not rank them"),
    "Look at how far the intervals overlap, and then at the same curves over seconds of training.",
)


class BatchExplorer(Explorer):
    """Train DQN with several batch sizes and compare them, over environment steps or over seconds of training.

    A prediction is asked before anything is trained; from then on releasing a control trains anew. What the same
    batch sizes reached before a control was moved stays in the table.

    Parameters
    ----------
    batch_sizes : sequence of int
        Compared at first.
    learning_rate, n_steps, gradient_steps
        Where the controls start.
    experiment : Experiment
        What DQN trains with beside that: environment (one with discrete actions), steps, seeds, other hyperparameters.
    prediction : Prediction, mapping with its fields, or None
        What is asked before training; None asks nothing.
    axis : {"steps", "seconds"}
        What the curves are drawn over at first.
    title : str
        Its heading.

    Raises
    ------
    ValueError
        If a name or value is not allowed.

    Examples
    --------
    >>> explorer = BatchExplorer(batch_sizes=(16, 256), experiment=Experiment(steps=5_000))
    >>> explorer.batch_sizes, explorer.choice.n_steps
    ((16, 256), 1)
    >>> explorer.choice.learning_rate = 3e-4
    >>> explorer.close()
    """

    batch_sizes = traitlets.Tuple(help="The batch sizes that are compared.")
    axis = traitlets.Unicode("steps", help="What the curves are drawn over: `steps` or `seconds`.")

    def __init__(
        self,
        batch_sizes: Sequence[int] = (16, 64, 256),
        *,
        learning_rate: float = 1e-3,
        n_steps: int = 1,
        gradient_steps: int = 1,
        experiment: Experiment = Experiment(),
        prediction: Prediction | Mapping[str, Any] | None = _QUESTION,
        axis: str = "steps",
        title: str = "Batch size",
    ) -> None:
        instance("experiment", experiment, Experiment, hint="It is `widgets.Experiment(steps=..., ...)`.")
        env_id, steps = experiment.env_id, experiment.steps
        lead = (
            f"How many transitions should each update of DQN see? Each size is trained for {steps:,} steps on {env_id}."
        )
        super().__init__(title, lead)
        self.env_id, self.steps = env_id, steps
        self.dqn = fixed_setting(
            experiment.config,
            moved=lambda name: name in _MOVED,
            instead="give it as an argument, not in `config`",
        )
        self.choice = BatchChoice(
            batch_sizes,
            learning_rate=learning_rate,
            n_steps=n_steps,
            gradient_steps=gradient_steps,
            guarded=self.guarded,
        )
        self.live = LiveSweep(
            "dqn",
            self._configs(),
            experiment,
        )
        self.n_seeds = self.live.n_seeds
        self._past: list[dict[str, Any]] = []
        self.over = choice("Curves over", _AXES)
        self.curves = LearningCurves(self, self.live, by="batch_size", height=320, called="batch size {}")
        self.curve, self.curve_twin = self.curves.figure, self.curves.twin
        self.retraining = self.curves.retraining(
            prediction, wanted=self._configs, described=self._configs, draw=self._show_curves, same=self.dqn
        )
        self.compose([self.choice, self.over], [self.curve, self.curve_twin, self._twin], run=[self.retraining])
        self.batch_sizes = self.choice.sizes
        self.observe(lambda change: self.choice.set_trait("sizes", change["new"]), "batch_sizes")
        self.listen(self.choice, self._moved, ["sizes", "learning_rate", "n_steps", "gradient_steps"])
        tie(self, "axis", self.over, self.guarded)
        self.observe(self._turned, "axis")
        self.axis = axis
        self._explain()
        self.retraining.say_ready()

    @traitlets.validate("axis")
    def _known_axis(self, proposal: Any) -> str:
        if proposal["value"] not in _AXES.values():
            raise ValueError(unknown_name("axis", proposal["value"], list(_AXES.values())))
        return str(proposal["value"])

    # --- controls ----------------------------------------------------------------------------------------------

    def _shared(self) -> dict[str, Any]:
        return {name: getattr(self.choice, name) for name in ("learning_rate", "n_steps", "gradient_steps")}

    def _configs(self) -> list[dict[str, Any]]:
        return [{**self.dqn, **self._shared(), "batch_size": size} for size in self.choice.sizes]

    def _moved(self) -> None:
        self.retraining.released()
        self.batch_sizes = self.choice.sizes
        self._explain()
        self.retraining.draw()

    def _turned(self, _: Any = None) -> None:
        self.locked(self._show_curves)

    def _explain(self) -> None:
        """Say what each batch size spends: updates, transitions, and how often each transition is seen."""
        known = algorithms.defaults("dqn")
        every, starts = (self.dqn.get(name, known[name]) for name in ("train_freq", "learning_starts"))
        updates = max(self.steps - starts, 0) // every * self.choice.gradient_steps
        heads = ["batch size", "updates", "transitions drawn", "draws of each, on average"]
        rows = [[size, f"{updates:,}", f"{updates * size:,}", number_label(updates * size / self.steps, 2)]
                for size in self.choice.sizes]  # fmt: skip
        self.tell(
            f"<p>With {html.escape(listed(self._shared()))} all sizes make as many updates; what a larger one spends "
            "more is transitions drawn from the memory.</p>" + fold("What each size spends", table(heads, rows))
        )

    # --- training ----------------------------------------------------------------------------------------------

    def prepare(self) -> None:
        """Compile in the background what will be trained: a program a batch size."""
        self.retraining.prepare([[config] for config in self._configs()])

    def start(self) -> None:
        """Train the chosen batch sizes that were not trained with these settings yet; returns at once.

        Raises
        ------
        ValueError
            If the prediction was not made, or a training is running here.
        """
        self.retraining.start()

    def _show_curves(self) -> None:
        """Draw the learning curves of the chosen sizes, and say what they show."""
        self._remember()
        configs = {str(config["batch_size"]): config for config in self._configs()}
        now = self.curves.now(configs, self.axis)
        if now is None or now.summary is None:
            return
        sizes = [int(group.key[0]) for group in now.summary.groups]
        seconds = [self.live.seconds(configs[str(size)]) for size in sizes]
        said = now.sentence([f"batch size {size}" for size in sizes], over=not self.training)
        broken = self.curves.fates(configs)
        self._draw(now, sizes, seconds, said, broken)
        self.tell(self._said(now, sizes, seconds, f"{said} {broken}".strip()), self.curve_twin)

    def _draw(self, now: Growing, sizes: list[int], seconds: list[np.ndarray], said: str, broken: str) -> None:
        title, labels = f"DQN on {self.env_id} by batch size", [str(size) for size in sizes]
        looks = [self.choice.sizes.index(size) for size in sizes]
        if self.axis == "steps" or now.summary is None or not all(len(one) for one in seconds):
            self.curves.draw(now, labels, title=title, alt=f"Learning curves. {said}", broken=broken, looks=looks)
            return
        self.curves.draw(
            Growing(in_seconds(now.summary, seconds), None, now.n_runs),
            labels,
            title=title,
            alt=f"Learning curves over seconds of training. {said}",
            broken=broken,
            looks=looks,
            frame=Frame(1000 * max(float(one[-1]) for one in seconds)),
            finish=lambda ax: seconds_axis(ax, self.n_seeds),
        )

    def _said(self, now: Growing, sizes: list[int], seconds: list[np.ndarray], said: str) -> str:
        """Return what the curves show, over steps and over seconds, and what it was before."""
        text = f"<p>{html.escape(said)}</p>"
        if self.training or now.summary is None:
            return text
        each = f"{seeds(self.n_seeds)} a batch size"
        told = verdict(now, [f"batch size {size}" for size in sizes], each, steps=self.steps)
        told = told[:1].upper() + told[1:] or "There is one curve, and nothing to compare it with: add a batch size."
        whole = all(self.live.whole(config) for config in self._configs())
        clock = at_equal_seconds(now.summary, seconds, [f"batch size {size}" for size in sizes]) if whole else ""
        text += f"<p><b>{html.escape(told)}</b> {html.escape(self.retraining.predicted(told))}</p>"
        text += f"<p>{html.escape(clock)}</p>" if clock else ""
        return text + self._compared(now, sizes, seconds)

    def _compared(self, now: Growing, sizes: list[int], seconds: list[np.ndarray]) -> str:
        heads = ["batch size", "IQM return", "95 % interval", "training"]
        before = self._before()
        heads += ["IQM return before"] if before else []
        rows = []
        groups = now.summary.groups if now.summary is not None else ()
        for size, group, spent in zip(sizes, groups, seconds, strict=True):
            end, low, high = (number_label(float(one[-1])) for one in (group.estimate, group.low, group.high))
            row: list[object] = [size, end, f"{low} to {high}"]
            row.append(f"{number_label(float(spent[-1]), 2)} s" if len(spent) else "")
            if before:
                row.append(number_label(before[size]) if size in before else "")
            rows.append(row)
        notes = []
        if any(len(one) for one in seconds):
            notes.append(
                f"Training: the seconds in which all {self.n_seeds} seeds of a size, computed side by side, trained on "
                "this machine with whatever else ran on it, drawing these figures included; without compiling and "
                "without evaluations."
            )
        if before:
            past = self._past[-2]
            notes.append(f"Before: {listed(past)}.")
        return fold("The ends of the curves as a table", table(heads, rows) + paragraphs(notes, quiet=True))

    def _remember(self) -> None:
        """Keep the order in which settings were trained."""
        shared = self._shared()
        if any(self.live.whole(config) for config in self._configs()) and self._past[-1:] != [shared]:
            self._past = [*(old for old in self._past if old != shared), shared]

    def _before(self) -> dict[int, float]:
        """Return what each size reached with the settings before these, where those are what is drawn."""
        if len(self._past) < 2 or self._past[-1] != self._shared():
            return {}
        ends = {}
        for size in self.choice.sizes:
            config = {**self.dqn, **self._past[-2], "batch_size": size}
            runs = self.live.of(config) if self.live.whole(config) else None
            summary = self.curves.of([runs]).summary if runs is not None else None
            if summary is not None:
                ends[size] = float(summary.groups[0].estimate[-1])
        return ends
