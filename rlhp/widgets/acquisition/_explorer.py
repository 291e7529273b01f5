"""Sample a noisy curve by hand or let Bayesian optimisation do it, and see how good such searches are on average."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import ipywidgets
import numpy as np
import traitlets

from rlhp import arguments, hpo
from rlhp.runs import Runs
from rlhp.widgets.acquisition import _words as words
from rlhp.widgets.acquisition._belief import Belief, Draws, believe
from rlhp.widgets.acquisition._choice import ACQUISITIONS, SearchChoice
from rlhp.widgets.acquisition._ground import Curve, made_curve, measured_curve
from rlhp.widgets.acquisition._picture import LEFT, RIGHT, SHAPE, draw
from rlhp.widgets.acquisition._question import QUESTION, answer, answering, asked_on
from rlhp.widgets.acquisition._repeats import FIRST, POOL, On, Repeats
from rlhp.widgets.acquisition._searches import Choosing, Repeated
from rlhp.widgets.background._ahead import Ahead
from rlhp.widgets.frame._controls import Number, section
from rlhp.widgets.frame._explorer import Explorer
from rlhp.widgets.frame._markup import fold, paragraphs
from rlhp.widgets.frame._prediction import Prediction

__all__ = ["AcquisitionExplorer"]

_PROCESS, _NETWORK = "Gaussian process", "network"
_WAITING = "Commit to a prediction; then the curve can be sampled."


class AcquisitionExplorer(Explorer):
    """Bayesian optimisation along one hyperparameter: what a surrogate believes, and where it samples next.

    A click into the picture samples there; so do the slider and the button beside it. `repeat` runs whole searches in
    the background, from the same starts with the same noise, and shows how good what they recommend is on average.

    Parameters
    ----------
    runs : Runs or str, optional
        Measured runs of one environment that differ in one number: their curve is offered beside the made-up one.
    pool : Pool or str, optional
        Measured configurations that searches can be repeated on as well; a name is loaded when it is asked for.
    searchers : mapping of name to Emukit or Bnn, optional
        Whose surrogates are offered; by default a Gaussian process, at its most plausible hyperparameters
        since that is what one can look at, and an ensemble of networks.
    repetitions, evaluations : int
        Searches that are repeated, and how long each is.
    prediction : "kappa", Prediction, mapping with its fields, or None
        What is asked first; by default which kappa does best, which is then measured. None asks nothing.
    rng : int
        Seed of the first samples, of all noise and of the searches.
    title : str
        Its heading.

    Raises
    ------
    ValueError
        If a number is out of its range, or the runs are no curve.

    Examples
    --------
    >>> explorer = AcquisitionExplorer(prediction=None)
    >>> explorer.sample(1e-3)
    >>> explorer.advance()
    >>> len(explorer.samples)
    5
    >>> explorer.close()
    """

    curve = traitlets.Unicode(help="`made` or `measured`: what is sampled.")
    surrogate = traitlets.Unicode(help="The name of the surrogate.")
    acquisition = traitlets.Unicode("lcb", help="`log_ei`, `ei` or `lcb`: what is made large.")
    kappa = traitlets.Float(2.0, help="Standard deviations on top of the mean, for `lcb`.")
    length_scale = traitlets.Float(0.2, help="Of the Gaussian process where it is held, as a part of the axis.")
    held = traitlets.Bool(False, help="Whether the length scale is held; else the most plausible is used.")
    noise = traitlets.Float(25.0, help="Standard deviation of a sample.")
    told = traitlets.Bool(True, help="Whether the surrogate is told the noise.")
    truth_shown = traitlets.Bool(False, help="Whether the true curve is drawn, which nobody knows.")
    at = traitlets.Float(help="Where a sample by hand is taken.")
    samples = traitlets.Tuple(help="What was sampled, in order.")

    def __init__(
        self,
        runs: Runs | str | None = None,
        *,
        pool: hpo.Pool | str | None = None,
        searchers: Mapping[str, hpo.Emukit | hpo.Bnn] | None = None,
        repetitions: int = 20,
        evaluations: int = 14,
        prediction: Prediction | Mapping[str, Any] | str | None = "kappa",
        rng: int = 0,
        title: str = "Where to sample next?",
    ) -> None:
        super().__init__(title, "A click into the picture takes a sample there. The true curve is hidden from all.")
        arguments.whole("repetitions", repetitions, at_least=1)
        arguments.whole("evaluations", evaluations, at_least=FIRST + 1)
        self._seed = arguments.whole("rng", rng, at_least=0)
        given = {_PROCESS: hpo.Emukit(samples=0), _NETWORK: hpo.Bnn()} if searchers is None else dict(searchers)
        self.searchers: dict[str, Any] = arguments.mapping("searchers", given)
        if not self.searchers:
            raise ValueError("`searchers` is empty; give one or more, such as {'process': hpo.Emukit()}.")
        self.curves: dict[str, Curve] = {"made": made_curve()}
        if runs is not None:
            self.curves["measured"] = measured_curve(runs)
        self.kept = Repeats(self.curves, pool, self.searchers, repetitions, evaluations, self._seed)
        self._belief: tuple[Any, Belief] | None = None
        self._ahead: Ahead[Any] = Ahead(self._compute, self._computed)
        self._ending = threading.Event()
        self._busy = False
        self._round = 0
        self._drawn = Draws()
        self.at_close(self._ending.set)
        self.at_close(self._ahead.end)
        self.picture = self.figure(_WAITING, **SHAPE)
        self.choice = SearchChoice(
            {name: one.title for name, one in self.curves.items()}, list(self.searchers), pool is not None
        )
        first = self.curves["made"]
        self.place = Number(first.name, float(first.value(np.array(0.5))), first.low, first.high, measure="log")
        self.place.add_class("rlhp-picked")
        self.sample_button = ipywidgets.Button(description="Sample here").add_class("rlhp-press")
        self.step_button = ipywidgets.Button(description="Step the loop", button_style="primary")
        self.again_button = ipywidgets.Button(description="Begin again")
        self.start_button.description = f"Repeat {repetitions} searches"
        self.start_button.button_style = ""
        self._asks_kappa = prediction == "kappa"
        if isinstance(prediction, str) and not self._asks_kappa:
            raise ValueError(f"`prediction` is {prediction!r}; give 'kappa', a `Prediction` of your own, or None.")
        self.ask(QUESTION if isinstance(prediction, str) else prediction, self._committed)
        self._lay_out()
        self.curve, self.surrogate = "made", next(iter(self.searchers))
        self.choice.tie_to(self, self.guarded)
        self.at = self.place.value
        self.listen(self.place, lambda: self.set_trait("at", self.place.value))
        self.observe(lambda change: setattr(self.place, "value", change["new"]), "at")
        self.observe(self._turned, ["surrogate", "acquisition", "kappa", "length_scale", "held", "told", "truth_shown"])
        self.observe(lambda _: self._new_curve(), "curve")
        self.observe(lambda _: self._observed_anew(), "noise")
        self.observe(self._turned, "samples")
        self.listen(self.choice.on, self._turned)
        self._new_curve()

    def _lay_out(self) -> None:
        self.on_click(self.sample_button, lambda: self.sample(self.at))
        self.on_click(self.step_button, self.advance)
        self.on_click(self.again_button, self.begin_again)
        asks = [self.question] if self.question is not None else []
        sampling = (self.sample_button, self.step_button, self.again_button)
        bar = self.bar(*sampling, self.start_button, self.stop_button)
        controls = [section("The search"), self.choice, section("By hand"), self.place]
        self.compose(controls, [self.picture, self._twin], run=[*asks, bar])

    # --- state -------------------------------------------------------------------------------------------------

    @traitlets.validate("curve", "surrogate", "acquisition")
    def _known(self, proposal: Any) -> str:
        name = proposal["trait"].name
        offered = {"curve": self.curves, "surrogate": self.searchers, "acquisition": ACQUISITIONS}[name]
        return arguments.choice(name, proposal["value"], offered)

    @traitlets.validate("at")
    def _on_the_axis(self, proposal: Any) -> float:
        here = self.here
        return arguments.real("at", proposal["value"], at_least=here.low, at_most=here.high)

    @property
    def here(self) -> Curve:
        """The curve that is sampled."""
        return self.curves[self.curve or "made"]

    @property
    def choosing(self) -> Choosing:
        """How the next sample is chosen."""
        scale = self.length_scale if self.held and self._has_scale else None
        return Choosing(self.surrogate, self.acquisition, self.kappa, scale)

    @property
    def _has_scale(self) -> bool:
        return hasattr(self.searchers[self.surrogate], "length_scale")

    @property
    def belief(self) -> Belief | None:
        """What is believed after these samples; None while it is computed."""
        return self._belief[1] if self._belief is not None and self._belief[0] == self._wanted() else None

    def _wanted(self) -> Any:
        return ("believe", self.curve, self.samples, self.choosing, self.told)

    # --- sampling ----------------------------------------------------------------------------------------------

    def sample(self, value: float) -> None:
        """Observe the curve at a value, with noise.

        Raises
        ------
        ValueError
            If the value is not on the axis, or the prediction was not made.
        """
        self._need_prediction()
        curve = self.here
        value = arguments.real("value", value, at_least=curve.low, at_most=curve.high)
        self._observe([curve.place(value)])

    def advance(self) -> None:
        """Sample where the acquisition is highest, as the loop does.

        Raises
        ------
        ValueError
            If the prediction was not made, or what the surrogate believes is still being computed.
        """
        self._need_prediction()
        belief = self.belief
        if belief is None:
            raise ValueError("what the surrogate believes is still being computed; wait a moment.")
        self._observe([float(belief.u[belief.next])])

    def begin_again(self) -> None:
        """Forget all samples, and draw other first ones."""
        self._round += 1
        self._begin()

    def _observe(self, places: Sequence[float]) -> None:
        self._drawn = self._drawn.more(places, [self._seed, self._round])
        self._observed_anew()

    def _observed_anew(self) -> None:
        """Draw no new noise, but let it be as large as its control says: so it can be seen what it does."""
        self.samples = self._drawn.seen(self.here, self.noise)

    def _begin(self) -> None:
        starts = np.random.default_rng([self._seed, self._round]).random(FIRST)
        self._drawn = Draws()
        self._observe(starts.tolist())

    def _new_curve(self) -> None:
        curve = self.here
        self.choice.show_noise(curve)
        self.noise = curve.noise
        self.place.rename(curve.name)
        self.place.cover(curve.low, curve.high)
        self.at = self.place.value
        self._begin()

    def _need_prediction(self) -> None:
        if self.asking:
            raise ValueError("make your prediction first: choose an answer and commit to it.")

    # --- whole searches ----------------------------------------------------------------------------------------

    @property
    def searched(self) -> On:
        """What whole searches run on: it, its noise, and whether that is told."""
        return POOL if self.choice.on.value == "pool" else (self.curve, self.noise, self.told)

    @property
    def repeated(self) -> list[Repeated]:
        """The whole searches on this ground that are kept, those shown in the picture."""
        return self.kept.on(self.searched)

    def start(self) -> None:
        """Repeat random searches and searches as chosen, in the background; returns at once."""
        self._need_prediction()
        if self._closed:
            raise ValueError("this explorer was closed; make a new one.")
        self._repeat([Choosing(), self.choosing], self.searched)

    def stop(self, why: str = "you pressed Stop") -> None:
        """Begin no further search; those that are done are kept."""
        self._ending.set()
        self._tell_state(f"stopped, because {why}")

    def wait(self, timeout: float | None = None) -> Runs | None:
        """Wait until everything that was asked for is computed.

        Raises
        ------
        TimeoutError
            If that takes longer than `timeout` seconds; it goes on.
        """
        if not self._ahead.wait(timeout):
            raise TimeoutError(f"still computing after {timeout} s; wait longer, or call stop().")
        return super().wait(timeout)

    def _committed(self) -> None:
        self._turned()
        if self._asks_kappa:
            first = next(iter(self.searchers))
            self._repeat([Choosing(), *answering(first).values()], asked_on())

    def _repeat(self, kinds: Sequence[Choosing], on: On) -> None:
        self._busy = True
        self._ending.clear()
        self._tell_state()

        def work() -> None:
            stopped = self._ending.is_set
            self.kept.run(on, kinds, stopped=stopped, heard=self._heard, ended=self.guarded(self._show_unless_closed))

        self.in_background(work, lambda _: self._ended())

    def _heard(self, how: Choosing, done: int) -> None:
        with self._lock:
            if not self._closed and not self._ending.is_set():
                self.say("searching in the background", f"{how.words}; {done} of {self.kept.repetitions}")

    def _show_unless_closed(self) -> None:
        if not self._closed:
            self._show()

    def _ended(self) -> None:
        self._busy = False
        self._show()
        self._tell_state("stopped, because you pressed Stop" if self._ending.is_set() else "")

    # --- believing ---------------------------------------------------------------------------------------------

    def prepare(self) -> None:
        """Import in the background what the first answer needs."""
        if self.belief is None:
            self.in_background(partial(self._compute, self._wanted()), lambda _: None)

    def _turned(self, _: Any = None) -> None:
        self.choice.follow(self, has_scale=self._has_scale)
        off = self.asking
        for one in (self.sample_button, self.step_button, self.again_button):
            one.disabled = off
        wanted = self._wanted()
        if not off and self.belief is None and self.samples:
            if isinstance(self.searchers[self.surrogate], hpo.Emukit):
                self._compute(wanted)
            else:
                self._ahead.want([wanted])
        self.locked(self._show)
        self._tell_state()

    def _compute(self, wanted: Any) -> None:
        _, curve, samples, how, told = wanted
        try:
            belief = believe(self.curves[curve], samples, self.searchers[how.surrogate], how, told=told)
        except Exception as error:
            if threading.current_thread() is threading.main_thread():
                raise
            self.show_error(error)
            return
        with self._lock:
            # A slow thread may end after a later sample: what is believed by then must not be lost for what was.
            if wanted == self._wanted():
                self._belief = (wanted, belief)

    def _computed(self, wanted: Any | None) -> None:
        with self._lock:
            if not self._closed:
                self.guarded(self._show)()
                self._tell_state()

    # --- showing -----------------------------------------------------------------------------------------------

    def _show(self) -> None:
        if self.asking:
            self.picture.clear(_WAITING)
            self.tell(paragraphs([f"To be sampled: {self.here.title}."]))
            return
        if not self.samples:
            return
        curve, belief, how = self.here, self.belief, self.choosing
        said = f"{len(self.samples)} samples; what the {how.surrogate} believes is being computed."
        if belief is not None:
            said = words.believed(curve, self.samples, belief, how, truth_shown=self.truth_shown)
        searched = "the measured pool" if self.searched == POOL else curve.title
        self.picture.pick(LEFT, RIGHT, curve.low, curve.high)
        self.picture.draw(
            lambda ax: draw(
                ax,
                curve,
                self.samples,
                belief,
                acquisition=self.acquisition,
                truth_shown=self.truth_shown,
                repeated=self.repeated,
                searched=searched,
            ),
            alt=f"Samples, belief and acquisition over {curve.name}. {said}",
        )
        parts = [paragraphs([said, self._answer()])]
        if self.repeated:
            parts.append(paragraphs([f"Whole searches on: {searched}."]) + words.repeated_table(self.repeated))
        if belief is not None:
            parts.append(fold("The belief as a table", words.belief_table(curve, belief)))
        parts.append(fold("All samples", words.sampled_table(curve, self.samples)))
        self.tell("".join(parts))

    def _answer(self) -> str:
        """Return what came of the prediction."""
        if self.question is None or not self.prediction:
            return ""
        if not self._asks_kappa:
            return self.question.told
        return answer(self.prediction, self.kept, next(iter(self.searchers)), busy=self._busy)

    def _tell_state(self, state: str = "") -> None:
        self.start_button.disabled, self.stop_button.disabled = self._busy or self.asking, not self._busy
        if self.asking:
            self.say("waiting", "your prediction comes first")
        elif state:
            self.say(state)
        elif self._busy and not self._ending.is_set():
            self.say("searching in the background", self.status.partition(": ")[2])
        elif self.belief is None:
            self.say("computing", "the first time a network is compiled, which takes seconds")
        else:
            self.say("ready", f"{len(self.samples)} samples")
