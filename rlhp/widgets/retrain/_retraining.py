"""The part of an explorer that trains: a prediction first, then on request or whenever a control is released."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import ipywidgets

from rlhp.widgets.background._live_sweep import LiveSweep
from rlhp.widgets.background._training import BackgroundSweep, compiling, seeds
from rlhp.widgets.background._warming import WarmUp
from rlhp.widgets.frame._controls import note, section
from rlhp.widgets.frame._explorer import Explorer
from rlhp.widgets.frame._markup import fold, marked
from rlhp.widgets.frame._prediction import Prediction

__all__ = ["Retraining"]

Config = Mapping[str, Any]
_RELEASED_S = 0.15  # arrow keys come in rows; what the last one asks for is trained
_PATIENCE_S = 0.6  # how long curves of what was trained before stay as they are, dimmed, until there are new points


class Retraining(ipywidgets.VBox):
    """Asks the prediction, trains what the controls describe, and cancels a training that is out of date.

    Parameters
    ----------
    explorer : Explorer
        Whose buttons, status and background work it uses.
    live : LiveSweep
        Trains and keeps the runs.
    prediction : Prediction, mapping with its fields, or None
        What is asked before anything is trained; None asks nothing.
    wanted : callable
        Gives the configurations that the controls describe, the one that is looked at first in front; an error where
        they describe none.
    described : callable
        Gives those that they described last.
    draw : callable
        Draws what `live` has.
    results : sequence of widgets
        What it draws and says; dimmed while it is about to change.
    settings : str
        What is the same for all, in a line of HTML; folded away.
    """

    def __init__(
        self,
        explorer: Explorer,
        live: LiveSweep,
        prediction: Prediction | Mapping[str, Any] | None,
        *,
        wanted: Callable[[], Sequence[Config]],
        described: Callable[[], Sequence[Config]],
        draw: Callable[[], None],
        results: Sequence[Any],
        settings: str,
    ) -> None:
        self.live = live
        self._explorer, self._draw_results, self._results = explorer, draw, results
        self._wanted, self._described = wanted, described
        self._warm: WarmUp | None = None
        self._due: threading.Timer | None = None
        self._drawn, self._patient_until, self._warm_since = -1, 0.0, 0.0
        self._asked: set[str] = set()  # what the last training was asked for
        self._over = False
        explorer.at_close(self.cancel)
        explorer.ask(prediction, self.say_ready)
        self.auto = ipywidgets.Checkbox(
            value=live.engine == "jax", description="Re-train when a control is released", indent=False
        )
        self.auto.add_class("rlhp-auto")
        explorer.start_button.description = f"Re-train {seeds(live.n_seeds)}"
        asks = [explorer.question] if explorer.question else []
        super().__init__(
            [
                section("Predict, then train" if asks else "Train"),
                *asks,
                *([note(marked(live.why_slow))] if live.why_slow else []),
                self.auto,
                explorer.bar(explorer.start_button, explorer.stop_button, progress=True),
                ipywidgets.HTML(fold("All other settings", settings)),
            ]
        )

    # --- getting ready -----------------------------------------------------------------------------------------

    def prepare(self, groups: Sequence[Sequence[Config]]) -> None:
        """Compile in the background what training each group of configurations together needs; only once."""
        if self._warm is not None or self._explorer.training:
            return
        self._warm = self.live.warm_up(groups)
        if self._warm is not None:
            self._warm_since = time.monotonic()
            self.say_ready()
            self._explorer.in_background(self._count_up, lambda _: self.say_ready())

    def _count_up(self) -> None:
        """Wait for the compiler, and say for how long."""
        while self._warm is not None and not self._warm.wait(1.0) and not self._over:
            self._explorer.locked(self.say_ready)

    def say_ready(self) -> None:
        """Say what the explorer waits for: the compiler, a prediction, or nothing."""
        waits = self._explorer.asking
        if self._explorer.training:
            return
        self._explorer.start_button.disabled = waits
        if self._warm is not None and self._warm.running:
            state, detail = compiling(self._what(()), time.monotonic() - self._warm_since)
            meanwhile = "meanwhile, commit to a prediction" if waits else "you need not wait"
            self._explorer.say(state, f"{detail}; {meanwhile}")
        else:
            self._explorer.say("commit to a prediction to train" if waits else "ready to train")

    def cancel(self) -> None:
        """Start nothing more; for when the explorer is closed."""
        self._over = True
        if self._due is not None:
            self._due.cancel()
        if self._warm is not None:
            self._warm.cancel()

    def predicted(self, told: str) -> str:
        """Return what was predicted and what to look at, to stand beside what the curves tell.

        Parameters
        ----------
        told : str
            The verdict; where it says that there is none, the prediction is not answered yet.
        """
        if self._explorer.question is None:
            return ""
        if told.startswith(("No verdict", "There is one curve")):
            return f"You predicted: {self._explorer.prediction}. That is not answered yet."
        return self._explorer.question.told

    # --- training ----------------------------------------------------------------------------------------------

    def released(self) -> None:
        """Take note that a control was moved: train what it describes, once no other one follows."""
        if self._due is not None:
            self._due.cancel()
            self._due = None
        if not self.auto.value or self._explorer.asking:
            return
        for one in self._results:
            one.add_class("rlhp-stale")
        self._due = threading.Timer(_RELEASED_S, self._explorer.guarded(self._start_anew))
        self._due.daemon = True
        self._due.start()

    def draw(self) -> None:
        """Draw what there is, unless a training is about to change it."""
        self.mind()
        if self._due is None:
            for one in self._results:
                one.remove_class("rlhp-stale")
            self._draw_results()

    def mind(self) -> None:
        """Say so where the controls describe something else than what trains or was trained."""
        said = ""
        missing = set(map(self.live.key, self.live.missing(self._described())))
        if self._due is None and not missing <= self._asked:
            if self._explorer.training:
                said = (
                    "A control was moved: what trains now is what the controls said when it was started. Press Stop, "
                    "then Re-train."
                )
            elif self._asked:
                said = "A control was moved: what it describes is not trained yet. Press Re-train."
        self._explorer.remark(said)

    def _start_anew(self) -> None:
        self._due = None
        if self._over:
            return
        try:
            self.start(instead=True)
        except ValueError:
            self.draw()
            raise

    def start(self, *, instead: bool = False) -> None:
        """Train what the controls describe and was not trained yet; returns at once.

        Parameters
        ----------
        instead : bool
            Take the place of a training that runs here.

        Raises
        ------
        ValueError
            If the prediction was not made, the controls describe nothing, or a training is running here.
        """
        explorer = self._explorer
        if explorer.asking:
            raise ValueError("commit to a prediction first: what you expect decides what you notice.")
        wanted = self._wanted()
        missing = self.live.missing(wanted)
        if not missing:
            if instead and explorer.training:
                explorer.stop("what the controls describe was trained before")
            elif not explorer.training:
                explorer.say("trained before", "the same seeds would give the same curves")
            self.draw()
            return
        sweep = self.live.sweep(missing)
        self._drawn, self._patient_until = -1, time.monotonic() + (_PATIENCE_S if instead else 0.0)
        asked, self._asked = self._asked, set(map(self.live.key, missing))
        try:
            explorer.begin(
                sweep,
                what=self._what(missing),
                report=lambda training: self._report(training, missing),
                engine=self.live.engine,
                warm=self._warm,
                instead=instead,
            )
        except ValueError:
            self._asked = asked
            raise
        self.live.forget_unfinished()
        if not instead:
            self.draw()

    def _what(self, configs: Sequence[Config]) -> str:
        return seeds(self.live.n_seeds) + (" of each" if len(configs) > 1 else "")

    def _report(self, training: BackgroundSweep, configs: Sequence[Config]) -> None:
        if training is not self._explorer.current:
            self.live.read(training.sweep, configs, training.watch, whole_only=True)
            return
        n_evals = training.watch.n_evals
        if not training.ended and (n_evals == self._drawn or (not n_evals and time.monotonic() < self._patient_until)):
            return
        self._drawn = n_evals
        self.live.read(training.sweep, configs, training.watch)
        if training.ended or self._explorer.runs is None:
            self._explorer.runs = self.live.runs  # joining all of them takes long
        self.draw()
