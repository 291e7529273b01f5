"""Which hyperparameter matters, by which method, where, when, and how sure that is."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import ipywidgets
import traitlets
from ConfigSpace import ConfigurationSpace

from rlhp import spaces
from rlhp.errors import unknown_name
from rlhp.importance import Importance
from rlhp.objectives import Failures
from rlhp.runs import Runs
from rlhp.widgets.background._ahead import Ahead
from rlhp.widgets.frame._controls import Number, choice, note, section
from rlhp.widgets.frame._explorer import Explorer
from rlhp.widgets.frame._prediction import Prediction
from rlhp.widgets.importance._fits import MEASURES, METHODS, REGIONS, Fits, Setting, by_environment, near, swept
from rlhp.widgets.importance._picture import picture
from rlhp.widgets.importance._words import answer, asked, refused, said

__all__ = ["ImportanceExplorer"]

_SHAPE = {"width": 640, "height": 460}
_LEADER = "leader"
_NONE = "None leads: the intervals will not decide"
_HIDDEN = "Commit to a prediction; the bars appear then."


class ImportanceExplorer(Explorer):
    """Look at importances of one sweep from many sides: method, measure, environment, time, region.

    What is asked for first is computed in the background, with a message; what may be asked for next is computed ahead,
    so that a control that is moved is answered at once.

    Parameters
    ----------
    runs : Runs or mapping of environment to Runs, optional
        Sweeps of one algorithm over one space. By default DQN's landscapes among this project's data.
    space : ConfigurationSpace, optional
        What was swept; by default the algorithm's default space, without what did not vary.
    objective : str
        See `rlhp.objectives.score`.
    failures : {"raise", "worst", "drop"} or float
        What failed runs count as.
    method, measure : str
        Where the controls start.
    environment : str, optional
        Whose runs are looked at first, and asked for in the prediction; by default those that were given first.
    prediction : "leader", Prediction, mapping with its fields, or None
        What is asked before anything is shown; by default which hyperparameter leads. None asks nothing.
    rng : int
        All fits share it.
    title : str
        Its heading.

    Raises
    ------
    ValueError
        If a name is unknown, or the runs have no evaluation in common.

    Examples
    --------
    >>> widgets.ImportanceExplorer(rlhp.datasets.load("dqn_acrobot"))  # doctest: +SKIP
    """

    environment = traitlets.Unicode(help="Whose runs are looked at.")
    method = traitlets.Unicode("fanova", help="How importance is computed.")
    measure = traitlets.Unicode("declared", help="Over what the variance is taken: `declared`, `linear` or `log`.")
    evaluation = traitlets.Int(help="Number of the last evaluation that counts, from 1.")
    region = traitlets.Float(0.0, help="Scores below this quantile of the configurations do not count.")
    despite = traitlets.Bool(False, help="Whether to rank even where the surrogate knows too little.")
    result = traitlets.Instance(Importance, allow_none=True, help="The importance that is shown.")

    def __init__(
        self,
        runs: Runs | Mapping[str, Runs] | None = None,
        space: ConfigurationSpace | None = None,
        *,
        objective: str = "final_return",
        failures: Failures = "worst",
        method: str = "fanova",
        measure: str = "declared",
        environment: str | None = None,
        prediction: Prediction | Mapping[str, Any] | str | None = _LEADER,
        rng: int = 0,
        title: str = "Which hyperparameter matters?",
    ) -> None:
        sets = by_environment(runs)
        first = next(iter(sets.values()))
        algorithm = str(first.table["algorithm"].iloc[0])
        lead = f"Shares of {len(sets)} sweep{'s' * (len(sets) > 1)} of {algorithm.upper()}, each with its interval."
        super().__init__(title, lead)
        whole = swept(spaces.default(algorithm), first) if space is None else space
        self.fits = Fits(sets, whole, objective=objective, failures=failures, seed=rng)
        self._pictures: dict[tuple[Setting, bool], tuple[bytes, str]] = {}
        self._shown: tuple[Setting, bool] | None = None
        self._past: tuple[Setting, dict[str, float]] | None = None
        self._ahead: Ahead[Setting] = Ahead(self._compute, self._computed)
        self.at_close(self._ahead.end)
        self._looks_ahead = False
        self._trouble: Exception | None = None
        self.bars = self.figure(_HIDDEN, **_SHAPE)
        self._controls()
        self._asked_of = next(iter(sets)) if environment is None else environment
        if self._asked_of not in sets:
            raise ValueError(unknown_name("environment", self._asked_of, sets))
        self.ask(self._question(prediction), self._turned)
        asks = [self.question] if self.question is not None else []
        bar = self.bar(self.start_button, self.stop_button)
        run = [section("Predict, then look" if asks else "Computing"), *asks, bar]
        controls = [*self.choices.values(), *([self.time] if self.time is not None else []), self._why_off, self.anyway]
        self.compose([section("What is asked"), *controls], [self.bars, self._twin], run=run)
        self.environment = self._asked_of
        self.evaluation = len(self.fits.steps[self.environment])
        self.method, self.measure = method, measure
        self.observe(self._turned, ["environment", "method", "measure", "evaluation", "region", "despite"])
        self._turned()

    # --- controls ----------------------------------------------------------------------------------------------

    def _controls(self) -> None:
        most = max(len(steps) for steps in self.fits.steps.values())
        self.choices = {
            "environment": choice("Environment", [(name, name) for name in self.fits.sets]),
            "method": choice("Method", [(method.label, name) for name, method in METHODS.items()]),
            "measure": choice("Measure", list(MEASURES.items())),
            "region": choice("Of", list(REGIONS.items())),
        }
        self.time = Number("Evaluation", most, 1, most, integer=True) if most > 1 else None
        self.anyway = ipywidgets.Checkbox(description="Rank even where the fit is too poor", indent=False)
        self.anyway.add_class("rlhp-auto")
        self._why_off = note("")
        for trait, control in self.choices.items():
            self.listen(control, partial(self._chosen, trait))
        if self.time is not None:
            self.listen(self.time, lambda: self.set_trait("evaluation", self.time.number if self.time else 1))
        self.listen(self.anyway, lambda: self.set_trait("despite", self.anyway.value))
        self.start_button.description = "Compute ahead"

    def _chosen(self, trait: str) -> None:
        self.set_trait(trait, self.choices[trait].value)

    def _question(
        self, asked_for: Prediction | Mapping[str, Any] | str | None
    ) -> Prediction | Mapping[str, Any] | None:
        if not isinstance(asked_for, str):
            return asked_for
        if asked_for != _LEADER:
            hint = "Or give a `Prediction` of your own, or None."
            raise ValueError(unknown_name("prediction", asked_for, [_LEADER], hint=hint))
        return Prediction(
            f"Whose share is the largest on {self._asked_of}, by fANOVA, at the end of training?",
            (*self.fits.space, _NONE),
            "Then move one control at a time, and see what stays.",
        )

    @traitlets.validate("environment", "method", "measure", "region")
    def _known(self, proposal: Any) -> Any:
        name, value = proposal["trait"].name, proposal["value"]
        valid = [one for _, one in self.choices[name].options]
        if value not in valid:
            raise ValueError(unknown_name(name, value, valid))
        return value

    @traitlets.validate("evaluation")
    def _there(self, proposal: Any) -> int:
        most = len(self.fits.steps[self.environment])
        if not 1 <= proposal["value"] <= max(most, int(self.time.high) if self.time else 1):
            raise ValueError(f"evaluation {proposal['value']} is not there; give 1 to {most}.")
        return int(proposal["value"])

    # --- what is asked, and what may be asked next ---------------------------------------------------------------

    @property
    def setting(self) -> Setting:
        """What the controls ask for."""
        return self.fits.canonical(self._at(self.environment, self.method, self.evaluation))

    def _at(self, environment: str, method: str, evaluation: int) -> Setting:
        steps = self.fits.steps[environment]
        step = steps[min(evaluation, len(steps)) - 1]
        return Setting(environment, method, self.measure, step, self.region)

    def _next(self) -> list[Setting]:
        """List what is asked for and, behind it, what one move of a control would ask for."""
        moves = [self._at(self.environment, self.method, self.evaluation)]
        if self.prediction and self.question is not None:
            moves.append(self._predicted_setting())
        if self._looks_ahead:
            moves += near(self.fits, moves[0])
        each = dict.fromkeys(self.fits.canonical(one) for one in moves)
        return [one for one in each if (one, self.despite) not in self._pictures]

    def _turned(self, _: Any = None) -> None:
        for trait, control in self.choices.items():
            control.value = getattr(self, trait)
        if self.time is not None:
            self.time.value = self.evaluation
        self.anyway.value = self.despite
        method = METHODS[self.method]
        narrow = self.method == "ped_anova" and self.region > 0
        self.choices["measure"].disabled = not method.measured or narrow
        self.choices["region"].disabled = not method.regional
        off = [one for one, control in (("measure", "measure"), ("region", "region")) if self.choices[control].disabled]
        self._why_off.value = (
            f'<span class="rlhp-note">{html.escape(method.label)} has no choice of {" or ".join(off)} here.</span>'
            if off else ""
        )  # fmt: skip
        self.locked(self._show)
        self._ahead.want(self._next())
        self._tell_state()

    # --- computing -----------------------------------------------------------------------------------------------

    def prepare(self) -> None:
        """Compute ahead, from when a notebook shows the explorer."""
        if not self._looks_ahead:
            self.start()

    def start(self) -> None:
        """Compute ahead what one move of a control would ask for; returns at once.

        Raises
        ------
        ValueError
            If the explorer was closed.
        """
        if self._closed:
            raise ValueError("this explorer was closed; make a new one.")
        self._looks_ahead = True
        self._ahead.want(self._next())
        self._tell_state()

    def stop(self, why: str = "you pressed Stop") -> None:
        """Compute nothing more ahead; what is being computed is finished, what is looked at and what is kept stays."""
        self._looks_ahead = False
        self._ahead.want(self._next())
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
        return None

    def _compute(self, setting: Setting) -> None:
        """Fit and draw, off the main thread; what was found is kept."""
        try:
            found = self.fits.fit(setting)
            if isinstance(found, Importance):
                self._picture(setting, found)
            else:
                self._pictures[setting, self.despite] = (b"", str(found))
        except Exception as error:
            self._trouble = error

    def _computed(self, setting: Setting | None) -> None:
        with self._lock:
            if self._closed:
                return
            here = (self.setting, self._predicted_setting() if self.prediction else None)
            if setting is not None and self.fits.canonical(setting) in here:
                self.guarded(self._show)()
            if self._trouble is not None:
                self.show_error(self._trouble)  # after the drawing, which would clear it
                self._trouble = None
            self._tell_state()

    def _picture(self, setting: Setting, imp: Importance) -> tuple[bytes, str]:
        """Return the picture and its alt text, from what is kept or drawn now."""
        key = (setting, self.despite)
        if key not in self._pictures:
            shown = imp.despite_poor_fit() if self.despite else imp
            self._pictures[key] = picture(setting, shown, self.fits.settled(setting), **_SHAPE)
        return self._pictures[key]

    # --- showing -------------------------------------------------------------------------------------------------

    def _show(self) -> None:
        setting = self.setting
        if self.asking:
            self.bars.clear(_HIDDEN)
            self.tell(f"<p>Chosen: {html.escape(asked(setting))}.</p>")
            return
        found = self.fits.known(setting)
        if found is None:
            self.bars.clear(f"{asked(setting)}: being computed.")
            self.tell(f"<p>{html.escape(asked(setting))}: being computed.</p>{self._answer()}")
            return
        if not isinstance(found, Importance):
            self.bars.clear(str(found))
            self.tell(f"<p><b>{html.escape(asked(setting))}.</b> {html.escape(str(found))}</p>{self._answer()}")
            return
        shown = found.despite_poor_fit() if self.despite else found
        content, alt = self._picture(setting, found)
        if content:
            self.bars.show_png(content, alt=alt)
        else:
            self.bars.clear(alt)
        self._remember(setting)
        self.result = shown
        past, before = self._past or (None, None)
        told = said(setting, shown, self.fits.settled(setting), before=before, past=asked(past) if past else "")
        self.tell(self._answer() + told)

    def _remember(self, setting: Setting) -> None:
        """Keep what was shown before, to be compared with."""
        if self._shown is not None and self._shown[0] != setting:
            before = self.fits.known(self._shown[0])
            if isinstance(before, Importance) and not refused(before, self.fits.settled(self._shown[0])):
                shares = before.despite_poor_fit().shares()
                self._past = (self._shown[0], {str(name): float(share) for name, share in shares.items()})
        self._shown = (setting, self.despite)

    def _predicted_setting(self) -> Setting:
        """Return the setting that the prediction is of."""
        at = self._at(self._asked_of, "fanova", len(self.fits.steps[self._asked_of]))
        return self.fits.canonical(replace(at, measure="declared", region=0.0))

    def _answer(self) -> str:
        """Return what came of the prediction, in whatever view."""
        if not self.prediction or self.question is None:
            return ""
        told = f"You predicted “{html.escape(self.prediction)}”"
        why = html.escape(self.question.prediction.why)
        if self.prediction not in (*self.fits.space, _NONE):  # a question of somebody's own
            return f"<p>{told}. {why}</p>"
        setting = self._predicted_setting()
        found = self.fits.known(setting)
        what = "" if setting == self.setting else f" for {html.escape(asked(setting))}"
        if found is None:
            return f"<p>{told}{what}: being computed.</p>"
        word = answer(self.prediction, found, self.fits.settled(setting), none=_NONE)
        return f"<p><b>{told}{what}. {html.escape(word)}</b> {why}</p>"

    def _tell_state(self, state: str = "") -> None:
        busy = self._ahead.running
        self.start_button.disabled, self.stop_button.disabled = busy, not busy
        now, left = self._ahead.now, self._ahead.left
        if busy and now is not None:
            aside = "" if self.fits.canonical(now) == self.setting else " ahead"
            self.say(f"computing{aside}", f"{asked(now)}; {left} more to come")
        elif state:
            self.say(state)
        else:
            self.say("ready", f"{len(self._pictures)} importances are kept")
