"""Stop runs early on measured learning curves: who goes on, and how often the best one is thrown away."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any

import traitlets

from rlhp.arguments import name_list, whole
from rlhp.errors import unknown_name
from rlhp.runs import Runs
from rlhp.widgets.background._ahead import Ahead
from rlhp.widgets.frame._controls import Number, choice, section, tie
from rlhp.widgets.frame._explorer import Explorer
from rlhp.widgets.frame._markup import fold, paragraphs
from rlhp.widgets.frame._prediction import Prediction
from rlhp.widgets.hyperband import _words as words
from rlhp.widgets.hyperband._picture import HEIGHT, draw_search
from rlhp.widgets.hyperband._searches import TUNING, Measured, Searched, Tally, tally
from rlhp.widgets.hyperband._setting import OVER, PLANS, READS, Setting

__all__ = ["HyperbandExplorer"]

_POOLS = ("ppo_pendulum", "dqn_minigrid_empty", "ppo_cartpole", "dqn_acrobot")
_RANGES = {"eta": (2, 4), "ratio": (1, 32), "seeds": (1, TUNING), "budget": (10, 80)}
_START = {"plan": "hyperband", "over": "steps", "eta": 4, "ratio": 16, "seeds": TUNING, "budget": 60}
_QUESTION = Prediction(
    "Hyperband stops most runs after a tenth of their steps. In how many of 100 searches does the truly best of the "
    "configurations that began come to the end?",
    ("More than 90", "About two in three", "About one in three", "Fewer than 10"),
    "Now change one thing: the environment, the smallest rung, or what the rungs differ in.",
)
_WAITING = "Commit to a prediction; then the search is shown."
_SAID_EVERY = 10  # searches between two tellings of the count


class HyperbandExplorer(Explorer):
    """Replay searches that stop runs early, on learning curves that were measured to their end.

    Because every curve is known, it is known too which configuration was truly best: by seeds that no search saw. One
    search is shown; many are counted in the background, with an interval.

    Parameters
    ----------
    pools : sequence of str
        Names of data sets, with four seeds or more. Three may tune, the others say what is truly best.
    repetitions : int
        Searches that are counted, each with random proposals of its own.
    prediction : Prediction, mapping with its fields, or None
        What is asked before anything is shown, of the setting at first; None asks nothing.
    title : str
        Its heading.

    Raises
    ------
    ValueError
        If there is no such data set, or one has too few seeds.

    Examples
    --------
    >>> explorer = HyperbandExplorer(["ppo_pendulum"], repetitions=2, prediction=None)
    >>> explorer.shown.kept, explorer.plan
    (False, 'hyperband')
    >>> explorer.plan = "race"
    >>> explorer.close()
    """

    environment = traitlets.Unicode(help="The pool: algorithm and environment.")
    plan = traitlets.Unicode(help="`successive_halving`, `hyperband`, `asha`, `race` or `full`.")
    over = traitlets.Unicode(help="What the rungs differ in: `steps`, `seeds` or `both`.")
    eta = traitlets.Int(help="One in so many goes on.")
    ratio = traitlets.Int(help="The smallest rung is one part in so many.")
    seeds = traitlets.Int(help="Tuning seeds.")
    budget = traitlets.Int(help="Environment steps of a search, in runs to the end.")
    number = traitlets.Int(1, help="Which of the searches is shown, from 1.")
    shown = traitlets.Instance(Searched, allow_none=True, help="The search that is shown.")

    def __init__(
        self,
        pools: Sequence[str] = _POOLS,
        *,
        repetitions: int = 100,
        prediction: Prediction | Mapping[str, Any] | None = _QUESTION,
        title: str = "Who is stopped too early?",
    ) -> None:
        super().__init__(
            title,
            "Every learning curve was measured to its end, so it is known what a search that stops runs early missed.",
        )
        self.repetitions = whole("repetitions", repetitions, at_least=2, at_most=10_000)
        made = [Measured(name) for name in name_list("pools", pools, empty=False)]
        self.pools = {one.label: one for one in made}
        self._found: dict[Setting, dict[int, tuple[bool, bool, int, float]]] = {}
        self._counting = threading.Lock()
        self._counts = False
        self._stopped = ""  # why, until it is counted on
        self._trouble: Exception | None = None
        self._ahead: Ahead[tuple[Setting, int]] = Ahead(self._search, self._searched)
        self.at_close(self._ahead.end)
        self.picture = self.figure(_WAITING, height=HEIGHT, widest=620)
        self._make_controls()
        self.ask(prediction, self._turned)
        self._asked: Setting | None = None
        asks = [self.question] if self.question is not None else []
        self.compose(
            [section("The search"), *self.controls.values()],
            [self.picture, self._twin],
            run=[section("Predict, then look" if asks else "Many searches"), *asks,
                 self.bar(self.start_button, self.stop_button)],
        )  # fmt: skip
        self.environment = next(iter(self.pools))
        for trait, value in _START.items():
            setattr(self, trait, value)
        for trait, control in self.controls.items():
            tie(self, trait, control, self.guarded)
        self._asked = self.setting
        self.observe(self._turned, list(self.controls))
        self._turned()

    def _make_controls(self) -> None:
        numbers = {"eta": "Goes on: 1 in", "ratio": "First rung: 1 in", "seeds": "Seeds", "budget": "Budget in runs"}
        self.controls: dict[str, Any] = {
            "environment": choice("Environment", list(self.pools)),
            "plan": choice("Plan", PLANS, _START["plan"]),
            "over": choice("Rungs differ in", OVER, _START["over"]),
            **{
                trait: Number(label, _START[trait], *_RANGES[trait], integer=True)  # type: ignore[arg-type]
                for trait, label in numbers.items()
            },
            "number": Number("Search shown", 1, 1, self.repetitions, integer=True),
        }
        self.start_button.description = f"Count {self.repetitions} searches"

    # --- state -------------------------------------------------------------------------------------------------

    @traitlets.validate("environment", "plan", "over")
    def _known(self, proposal: Any) -> str:
        name, value = proposal["trait"].name, proposal["value"]
        valid = {"environment": self.pools, "plan": PLANS.values(), "over": OVER.values()}[name]
        if value not in valid:
            raise ValueError(unknown_name(name, value, valid))
        return str(value)

    @traitlets.validate("eta", "ratio", "seeds", "budget", "number")
    def _possible(self, proposal: Any) -> int:
        name = proposal["trait"].name
        low, high = _RANGES.get(name, (1, self.repetitions))
        return whole(name, proposal["value"], at_least=low, at_most=high)

    @property
    def setting(self) -> Setting:
        """What the controls ask for."""
        made = Setting(self.environment, self.plan, self.over, self.eta, self.ratio, self.seeds, self.budget)
        return made.canonical

    @property
    def count(self) -> Tally | None:
        """The searches of this setting that were counted by now; None where there are none yet."""
        return self._tally(self.setting)

    def _tally(self, setting: Setting) -> Tally | None:
        with self._counting:
            return tally([*self._found.get(setting, {}).values()], self.pools[setting.environment].bounds)

    # --- counting ----------------------------------------------------------------------------------------------

    def prepare(self) -> None:
        """Count searches from when a notebook shows the explorer and the prediction was made."""
        if not self._counts:
            self._counts = True
            self._want()

    def start(self) -> None:
        """Count searches of this setting in the background; returns at once.

        Raises
        ------
        ValueError
            If the prediction was not made, or the explorer was closed.
        """
        if self._closed:
            raise ValueError("this explorer was closed; make a new one.")
        if self.asking:
            raise ValueError("make your prediction first: choose an answer and commit to it.")
        self._counts = True
        self._want()
        self._say_state()

    def stop(self, why: str = "you pressed Stop") -> None:
        """Count no further; what was counted stays."""
        self._counts, self._stopped = False, why
        self._ahead.stop()
        self._say_state()

    def wait(self, timeout: float | None = None) -> Runs | None:
        """Wait until everything that is to be counted is.

        Raises
        ------
        TimeoutError
            If that takes longer than `timeout` seconds; it goes on.
        """
        if not self._ahead.wait(timeout):
            raise TimeoutError(f"still counting after {timeout} s; wait longer, or call stop().")
        return None

    def _want(self) -> None:
        if self.asking or not self._counts:
            return
        self._stopped = ""
        settings = dict.fromkeys([self.setting, *([self._asked] if self.prediction and self._asked else [])])
        self._ahead.want(
            [
                (one, seed)
                for one in settings
                for seed in range(self.repetitions)
                if seed not in self._found.get(one, {})
            ]
        )

    def _search(self, job: tuple[Setting, int]) -> None:
        setting, seed = job
        try:
            self._keep(setting, seed, self.pools[setting.environment].search(setting, seed))
        except Exception as error:
            self._trouble = error
            self._ahead.stop()

    def _keep(self, setting: Setting, seed: int, one: Searched) -> None:
        with self._counting:
            kept = self._found.setdefault(setting, {})
            kept[seed] = (one.kept, one.took, len(one.found.trials), one.worth_taken)

    def _searched(self, job: tuple[Setting, int] | None) -> None:
        if job is not None and self._ahead.left % _SAID_EVERY:
            return
        with self._lock:
            if self._closed:
                return
            if self._trouble is not None:
                self.show_error(self._trouble)
                self._trouble = None
            self.guarded(self._tell)()
            self._say_state()

    # --- showing -----------------------------------------------------------------------------------------------

    def _turned(self, _: Any = None) -> None:
        self._ahead.stop()  # what is asked for now comes first
        for trait, control in self.controls.items():
            control.disabled = trait not in READS[self.plan] and trait in ("over", "eta", "ratio")
        if self.asking:
            self.picture.clear(_WAITING)
            self.tell(paragraphs([f"Chosen: {self.setting.words}."]))
            self._say_state()
            return
        measured, setting = self.pools[self.environment], self.setting
        self.shown = one = measured.search(setting, self.number - 1)
        self._keep(setting, self.number - 1, one)
        self.picture.draw(
            lambda ax: draw_search(ax, measured, one, setting.seeds),
            alt=f"Learning curves of a search, and its brackets. {words.one_search(one, self.number)}",
        )
        self._tell()
        self._want()
        self._say_state()

    def _tell(self) -> None:
        if self.asking or self.shown is None:
            return
        measured, count = self.pools[self.environment], self._tally(self.setting)
        answer = ""
        if self.question is not None and self._asked is not None:
            answer = words.answered(
                self.question.choice, self.question.prediction.why, self._tally(self._asked), self._asked
            )
        self.tell(
            paragraphs([words.counted(count, self.repetitions, measured), words.one_search(self.shown, self.number)])
            + paragraphs([answer])
            + fold("The brackets as a table", words.rung_table(self.shown))
        )

    def _say_state(self) -> None:
        busy = self._ahead.running and self._ahead.left > 0
        count = self._tally(self.setting)
        n = 0 if count is None else count.n
        self.start_button.disabled = busy or self.asking or n >= self.repetitions
        self.stop_button.disabled = not busy
        if self.asking:
            self.say("waiting", "your prediction comes first")
        elif busy:
            self.say("counting", f"{n} of {self.repetitions} searches")
        else:
            self.say(
                f"stopped, because {self._stopped}" if self._stopped else "ready",
                f"{n} of {self.repetitions} searches are counted",
            )
