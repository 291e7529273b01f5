"""The frame that every explorer shares: controls beside figures, an honest status, errors that are seen."""

from __future__ import annotations

import functools
import html
import threading
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import ipywidgets
import traitlets

from rlhp.runs import Runs
from rlhp.widgets.background._fates import failure
from rlhp.widgets.background._training import BackgroundSweep
from rlhp.widgets.background._warming import WarmUp
from rlhp.widgets.frame._assets import assets, progress_bar
from rlhp.widgets.frame._controls import heading, inside
from rlhp.widgets.frame._figure import Figure
from rlhp.widgets.frame._markup import alert, marked, plain
from rlhp.widgets.frame._prediction import Prediction, PredictionBox
from rlhp.widgets.frame._promptness import uncollected

__all__ = ["Explorer"]

_MOST_WAIT_S, _PAUSE = 2.0, 2.0  # between drawings: so many times what the last one took


class Explorer(ipywidgets.VBox):
    """An interactive experiment in a notebook; the base of every explorer.

    It shows itself when it is the last expression of a cell. All state is in traits, so that code can set and observe
    what a hand would move. An exception in any callback is shown in the explorer, not lost in a log.
    """

    status = traitlets.Unicode(help="What is going on, in a line.")
    text = traitlets.Unicode(help="What the figures show, in plain sentences.")
    error = traitlets.Unicode(help="The last error shown, empty if there is none.")
    training = traitlets.Bool(False, help="Whether agents are being trained.")
    runs = traitlets.Instance(Runs, allow_none=True, help="What has been trained so far.")
    prediction = traitlets.Unicode(help="The prediction that was committed to; empty until then.")

    _closed = True  # until it is made: one that was refused has nothing to close

    def __init__(self, title: str, lead: str = "") -> None:
        self._lock = threading.RLock()
        self._depth = 0
        self._training: BackgroundSweep | None = None
        self._closed = False
        self._next_drawing = 0.0
        self._jobs: list[threading.Thread] = []
        self._to_close: list[Callable[[], Any]] = []
        self.figures: list[Figure] = []
        self.question: PredictionBox | None = None
        self.start_button = ipywidgets.Button(description="Start", button_style="primary")
        self.stop_button = ipywidgets.Button(description="Stop", disabled=True)
        self._state = ipywidgets.HTML().add_class("rlhp-live").add_class("rlhp-state")
        self._detail = ipywidgets.HTML().add_class("rlhp-detail")
        self._status_row = ipywidgets.Box([self._state, self._detail]).add_class("rlhp-status")
        self._aside, self._notice = (ipywidgets.HTML().add_class("rlhp-live").add_class("rlhp-note") for _ in range(2))
        self._progress = ipywidgets.HTML(progress_bar(0, 1))
        self._error_box = ipywidgets.HTML().add_class("rlhp-error")
        self._error_box.layout.display = "none"
        self._twins: list[Any] = []
        self._twin = self.twin()
        self._heading = heading(title, lead)
        super().__init__()
        self.title = title
        self.add_class("rlhp-explorer")
        self.on_click(self.start_button, self.start)
        self.on_click(self.stop_button, self.stop)

    def __repr__(self) -> str:
        """Say what it is where it cannot be shown."""
        return f"{type(self).__name__}: {self.title} ({self.status}); a notebook shows it."

    def _repr_mimebundle_(self, **options: Any) -> Any:
        self.prepare()
        return super()._repr_mimebundle_(**options)

    def prepare(self) -> None:
        """Get ready what takes long, in the background; called when a notebook shows the explorer."""

    # --- composing ---------------------------------------------------------------------------------------------

    def compose(self, controls: Sequence[Any], results: Sequence[Any], *, run: Sequence[Any] | None = None) -> None:
        """Lay out the explorer: controls on the left, figures with their texts on the right, where there is room.

        The order of the parts is the one in which they are read and in which Tab goes through them.

        Parameters
        ----------
        controls : sequence of widgets
            What is moved.
        results : sequence of widgets
            The figures, then their texts.
        run : sequence of widgets, optional
            What stands under the controls: the prediction, then what sets something going. By default the prediction,
            where one is asked, and a `bar` without buttons.
        """
        if run is None:
            run = [*([self.question] if self.question is not None else []), self.bar()]
        left = ipywidgets.VBox([*controls, *run]).add_class("rlhp-controls")
        right = ipywidgets.VBox([self._error_box, *results]).add_class("rlhp-results")
        self.children = (assets(), self._heading, ipywidgets.Box([left, right]).add_class("rlhp-columns"))

    def bar(self, *buttons: Any, progress: bool = False) -> Any:
        """Make what stands under the controls: buttons, the status line and, for `progress`, how far a training is."""
        row = [ipywidgets.Box(list(buttons)).add_class("rlhp-buttons")] if buttons else []
        far = [self._progress] if progress else []
        return ipywidgets.VBox([*row, self._status_row, *far, self._aside, self._notice]).add_class("rlhp-start")

    def figure(self, empty: str, **shape: int) -> Figure:
        """Make a figure that belongs to this explorer; see `Figure`."""
        figure = Figure(empty, **shape)
        self.figures.append(figure)
        return figure

    def twin(self) -> Any:
        """Make a place for text that says what a figure shows; changes of it are read aloud."""
        twin = ipywidgets.HTML().add_class("rlhp-live").add_class("rlhp-twin")
        self._twins.append(twin)
        return twin

    # --- the prediction ----------------------------------------------------------------------------------------

    def ask(self, prediction: Prediction | Mapping[str, Any] | None, then: Callable[[], Any]) -> None:
        """Ask a prediction and call `then()` once it was made; None asks nothing. `question` is the box that asks."""
        if prediction is not None:
            self.question = PredictionBox(prediction, self.guarded)
            traitlets.dlink((self.question, "choice"), (self, "prediction"))
            self.listen(self.question, then, "choice")

    @property
    def asking(self) -> bool:
        """Whether a prediction is asked that was not made yet."""
        return self.question is not None and not self.question.choice

    def commit(self, choice: str) -> None:
        """Commit to a prediction; what it is asked of is shown or trained only then.

        Raises
        ------
        ValueError
            If no prediction is asked, `choice` is not among its choices, or another one was committed to.
        """
        if self.question is None:
            raise ValueError("this explorer asks no prediction; there is nothing to commit to.")
        self.question.commit(choice)

    # --- callbacks ---------------------------------------------------------------------------------------------

    def guarded(self, callback: Callable[..., Any]) -> Callable[..., Any]:
        """Wrap a callback: one at a time, and an exception becomes an error box in the explorer."""

        @functools.wraps(callback)
        def safe(*args: Any, **kwargs: Any) -> Any:
            with self._lock, uncollected():
                if self._depth == 0:
                    self._clear_error()
                self._depth += 1
                try:
                    return callback(*args, **kwargs)
                except Exception as error:
                    self.show_error(error)
                finally:
                    self._depth -= 1

        return safe

    def notify_change(self, change: Any) -> None:
        """Tell who observes a trait, before anything else."""
        with uncollected():
            super().notify_change(change)

    def locked(self, action: Callable[[], Any]) -> None:
        """Do something that a report of the training must not interrupt; exceptions are the caller's."""
        with self._lock:
            action()

    def listen(self, widget: Any, callback: Callable[[], Any], names: str | Sequence[str] = "value") -> None:
        """Call `callback()` when a trait of `widget` changes."""
        call = self.guarded(callback)
        widget.observe(lambda change: call(), names=names)

    def on_click(self, button: Any, callback: Callable[[], Any]) -> None:
        """Call `callback()` when `button` is pressed."""
        call = self.guarded(callback)
        button.on_click(lambda _: call())

    def show_error(self, error: BaseException) -> None:
        """Show an exception in the explorer: its message, and the traceback folded away."""
        self.error = f"{type(error).__name__}: {error}"
        # What this library says about a wrong value is written to be read; a stranger's error needs its name.
        said = str(error) if isinstance(error, ValueError) and str(error) else self.error
        self._error_box.value = alert(said, "".join(traceback.format_exception(error)))
        self._error_box.layout.display = None

    def _clear_error(self) -> None:
        if self.error:
            self.error = ""
            self._error_box.value = ""
            self._error_box.layout.display = "none"

    # --- saying ------------------------------------------------------------------------------------------------

    def say(self, state: str, detail: str = "") -> None:
        """Say what is going on: `state` is read aloud when it changes, `detail` holds numbers that keep changing."""
        status = f"{state}: {detail}" if detail else state
        if status == self.status:
            return
        self.status = status
        for line, words in ((self._state, state), (self._detail, detail)):
            markup = html.escape(words[:1].upper() + words[1:])
            if markup != line.value:
                line.value = markup

    def remark(self, text: str = "") -> None:
        """Say under the status line what the controls and the figures do not have in common; nothing where all fits."""
        self._aside.value = marked(text)

    def tell(self, markup: str, twin: Any = None) -> None:
        """Set a text twin from HTML; `text` gets what all of them say, without markup."""
        place = self._twin if twin is None else twin
        if markup != place.value:
            place.value = markup
            self.text = "\n".join(said for said in (plain(one.value) for one in self._twins) if said)

    # --- training ----------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start training; returns at once. Override, and call `begin` with a sweep."""
        raise ValueError(f"{type(self).__name__} has nothing to train.")

    def begin(
        self,
        sweep: Any,
        *,
        what: str,
        report: Callable[[BackgroundSweep], None],
        engine: str = "sb3",
        warm: WarmUp | None = None,
        instead: bool = False,
    ) -> None:
        """Train a sweep in the background.

        Parameters
        ----------
        sweep : rlhp.sweeps.Session
            Not yet started.
        what : str
            What is trained, in words: ``"4 seeds"``.
        report : callable
            ``report(training)`` draws: a few times a second and at the end. It is also called when a training ends
            whose place another one took: that one is no longer `current`.
        engine : {"sb3", "jax"}
            What trains.
        warm : WarmUp, optional
            Compiles what will be trained.
        instead : bool
            Take the place of a training that runs here; without, that is an error.
        """
        if self._closed:
            raise ValueError("this explorer was closed; make a new one to train again.")
        before = self._training
        if before is not None and before.running:
            if not instead:
                raise ValueError("a training is running here; press Stop first, or wait until it is done.")
            before.stop("a control was moved")
        elif before is not None:
            self.release(before.sweep)
            before = None
        every = 0.1 if engine == "jax" else 0.25
        self._training = BackgroundSweep(
            sweep, report=lambda one: self._observed(one, report), what=what, engine=engine, before=before, warm=warm,
            every=every,
        )  # fmt: skip
        self.training, self._next_drawing = True, 0.0
        self.start_button.disabled, self.stop_button.disabled = True, False
        self._follow(self._training)
        self._training.start()

    def release(self, sweep: Any) -> None:
        """Close a sweep whose place another one takes: its policies go, its runs were kept. Override to keep them."""
        sweep.close()

    @property
    def current(self) -> BackgroundSweep | None:
        """The training that was begun last."""
        return self._training

    def _observed(self, training: BackgroundSweep, report: Callable[[BackgroundSweep], None]) -> None:
        with self._lock:
            if self._closed:
                return
            if training is not self._training:
                if training.ended:
                    self.guarded(report)(training)
                return
            self.training = not training.ended
            try:
                if not training.ended:
                    self._follow(training)
                began = time.monotonic()
                if training.ended or began >= self._next_drawing:
                    report(training)
                    # What takes long to draw is drawn less often, so that training and the kernel get their time.
                    cost = time.monotonic() - began
                    self._next_drawing = time.monotonic() + min(_PAUSE * cost, _MOST_WAIT_S)
            except Exception as error:
                self.show_error(error)
            if training.ended:
                self._end(training)  # said last: who reads that it is done finds everything drawn

    def stop(self, why: str = "you pressed Stop") -> None:
        """Stop training and return at once; what is trained so far is kept."""
        if self._training is not None and self._training.running:
            self.stop_button.disabled = True
            self._training.stop(why)
            self.say(*self._training.message())

    def wait(self, timeout: float | None = None) -> Runs | None:
        """Wait until training has ended, and give its runs.

        Parameters
        ----------
        timeout : float, optional
            Seconds; without one, as long as it takes.

        Raises
        ------
        TimeoutError
            If training goes on after `timeout`; it is not stopped.
        """
        if self._training is not None and not self._training.wait(timeout):
            raise TimeoutError(f"still training after {timeout} s; wait longer, or call stop().")
        for job in self._jobs:
            job.join(timeout)
        return self.runs

    def in_background(self, work: Callable[[], Any], then: Callable[[Any], None]) -> None:
        """Do slow work off the kernel's main thread, then call `then` with its result, or with None if it failed."""

        def run() -> None:
            try:
                result, failure = work(), None
            except Exception as error:
                result, failure = None, error
            with self._lock:
                if self._closed:
                    return
                self.guarded(then)(result)
                if failure is not None:
                    self.show_error(failure)

        job = threading.Thread(target=run, name="rlhp-work", daemon=True)
        self._jobs = [one for one in self._jobs if one.is_alive()] + [job]
        job.start()

    def at_close(self, end: Callable[[], Any]) -> None:
        """Call `end()` when the explorer is closed; what was never made is then never asked."""
        self._to_close.append(end)

    def close(self) -> None:
        """Stop all work and take the explorer and its controls out of the notebook."""
        if self._closed:
            return
        self._closed = True
        for end in self._to_close:
            end()
        if self._training is not None:
            self._training.stop("the explorer was closed")
            if self._training.wait(10):
                self._training.sweep.close()
            self.training = False
        for widget in inside(self):
            widget.close()
        super().close()

    def _follow(self, training: BackgroundSweep) -> None:
        self.say(*training.message())
        self._notice.value = marked(training.notices.text)
        done, total = training.sweep.progress
        bar = progress_bar(done, total)
        if bar != self._progress.value:
            self._progress.value = bar

    def _end(self, training: BackgroundSweep) -> None:
        self.start_button.disabled, self.stop_button.disabled = False, True
        self._follow(training)
        failed = training.failure or (RuntimeError(str(training.sweep.error)) if training.sweep.error else None)
        if failed is not None:
            self.show_error(failed)
            return
        if self.runs is not None and (said := failure(self.runs)):
            self.show_error(ValueError(said))
