"""Two objectives on measured sweeps: the front, what of it other seeds leave, and a point with its reason."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any

import traitlets

from rlhp import arguments
from rlhp.curves import Choice, FrontStability, choose
from rlhp.runs import Runs
from rlhp.widgets.background._ahead import Ahead
from rlhp.widgets.frame._controls import section, tie
from rlhp.widgets.frame._explorer import Explorer
from rlhp.widgets.frame._markup import fold, paragraphs
from rlhp.widgets.frame._prediction import Prediction
from rlhp.widgets.pareto import _words as words
from rlhp.widgets.pareto._controls import cover_limit, follow_pool, made_controls
from rlhp.widgets.pareto._measured import Judged, Measured, Tally, tally
from rlhp.widgets.pareto._picture import SHAPE, draw_front
from rlhp.widgets.pareto._setting import OBJECTIVES, RULES, Setting

__all__ = ["ParetoExplorer"]

_POOLS = ("dqn_cartpole", "ppo_cartpole", "ppo_pendulum", "dqn_acrobot", "dqn_minigrid_empty")
_FRONT: dict[str, Any] = {"first": "final_return", "second": "seed_std", "seeds": 3}  # shown at first
_TAKEN: dict[str, Any] = {"rule": "knee", "weight": 0.5}
_ASKED = "stays"
_WAITING = "Commit to a prediction; then the front is shown."
_SAID_EVERY = 10  # splits between two tellings of the count
_RESAMPLED = None  # the job that resamples the seeds of a front; others are splits, by their number


class ParetoExplorer(Explorer):
    """Look at the front of two objectives on a measured sweep, at what other seeds leave of it, and take a point.

    Some of the measured seeds draw the front, the others judge it. The choice of a point says its reason. In the
    background the seeds are resampled, and split in other ways into those that draw and those that judge.

    Parameters
    ----------
    pools : sequence of str
        Names of data sets, with four seeds or more.
    splits : int
        Ways to split the seeds that are counted, at most.
    prediction : "stays", Prediction, mapping with its fields, or None
        What is asked before anything is shown, of the setting at first: by default how much of the front stays by the
        other seeds. None asks nothing.
    title : str
        Its heading.

    Raises
    ------
    ValueError
        If there is no such data set, or one has too few seeds.

    Examples
    --------
    >>> explorer = ParetoExplorer(["sac_pendulum"], splits=3, prediction=None)
    >>> explorer.first, explorer.second
    ('final_return', 'seed_std')
    >>> explorer.rule = "weights"
    >>> explorer.taken.rule
    'weights'
    >>> explorer.close()
    """

    environment = traitlets.Unicode(help="The pool: algorithm and environment.")
    first = traitlets.Unicode(help="An objective: `final_return`, `auc`, `seed_std`, `steps_to_threshold`, `cpu_time`.")
    second = traitlets.Unicode(help="Another one.")
    threshold = traitlets.Float(help="The return to reach, for `steps_to_threshold`.")
    seeds = traitlets.Int(help="Seeds that draw the front; the others judge it.")
    rule = traitlets.Unicode(help="What takes the point: `knee`, `weights` or `limit`.")
    weight = traitlets.Float(help="Weight of the first objective; the second has the rest of 1.")
    limit = traitlets.Float(help="The most of the second objective (the least where more is better), for `limit`.")
    shown = traitlets.Instance(Judged, allow_none=True, help="The front that is shown, and the other seeds' scores.")
    taken = traitlets.Instance(Choice, allow_none=True, help="The point that is taken.")

    def __init__(
        self,
        pools: Sequence[str] = _POOLS,
        *,
        splits: int = 100,
        prediction: Prediction | Mapping[str, Any] | str | None = _ASKED,
        title: str = "Which trade-off, and will it hold?",
    ) -> None:
        super().__init__(
            title,
            "No configuration on the front is beaten in both objectives. Some seeds draw it; the others judge it.",
        )
        self._most = arguments.whole("splits", splits, at_least=2, at_most=10_000)
        made = [Measured(name) for name in arguments.name_list("pools", pools, empty=False)]
        start = {**_FRONT, "seeds": min(_FRONT["seeds"], made[0].most_seeds)}
        self.pools = {one.label: one for one in made}
        self._stable: dict[Setting, FrontStability] = {}
        self._counted: dict[Setting, dict[int, tuple[int, int]]] = {}
        self._fronts: dict[Setting, Judged] = {}
        self._keeping = threading.Lock()
        self._settling, self._counts, self._stopped = True, False, ""
        self._trouble: Exception | None = None
        self._ahead: Ahead[tuple[Setting, int | None]] = Ahead(self._judge, self._heard)
        self.at_close(self._ahead.end)
        self.picture = self.figure(_WAITING, **SHAPE)
        self.controls = made_controls(list(self.pools), {**start, **_TAKEN})
        self.start_button.description = "Split the seeds anew"
        if isinstance(prediction, str):
            arguments.choice("prediction", prediction, [_ASKED])
            prediction = words.question(made[0], Setting(made[0].label, threshold=0.0, **start))
        self.ask(prediction, self._turned)
        asks = [self.question] if self.question is not None else []
        named = list(self.controls.values())
        self.compose(
            [section("The front"), *named[:5], section("The point to take"), *named[5:]],
            [self.picture, self._twin],
            run=[section("Predict, then look" if asks else "Other seeds"), *asks,
                 self.bar(self.start_button, self.stop_button)],
        )  # fmt: skip
        self.environment = next(iter(self.pools))
        self.threshold = follow_pool(self.controls, self._measured)
        for trait, value in {**start, **_TAKEN}.items():
            setattr(self, trait, value)
        self._limited = (self.environment, self.second)  # what the limit is a number of
        self.limit = cover_limit(self.controls["limit"], self._front(self.setting))
        for trait, control in self.controls.items():
            control.value = getattr(self, trait)
            tie(self, trait, control, self.guarded)
        self._asked = self.setting
        self._settling = False
        self.observe(self._new_pool, "environment")
        self.observe(self._swapped, ["first", "second"])
        self.observe(self._turned, list(self.controls))
        self._turned()

    # --- state -------------------------------------------------------------------------------------------------

    @traitlets.validate("environment", "first", "second", "rule")
    def _known(self, proposal: Any) -> str:
        name = proposal["trait"].name
        offered = {
            "environment": list(self.pools),
            "first": list(OBJECTIVES.values()),
            "second": list(OBJECTIVES.values()),
            "rule": list(RULES.values()),
        }
        return arguments.choice(name, proposal["value"], offered[name])

    @traitlets.validate("threshold", "weight", "limit", "seeds")
    def _possible(self, proposal: Any) -> Any:
        name, value = proposal["trait"].name, proposal["value"]
        control = self.controls[name]
        if name == "seeds":
            return arguments.whole(name, value, at_least=int(control.low), at_most=self._measured.most_seeds)
        return arguments.real(name, value, at_least=control.low, at_most=control.high)

    @property
    def _measured(self) -> Measured:
        return self.pools[self.environment]

    @property
    def setting(self) -> Setting:
        """What the controls ask for, as far as the front hangs on it."""
        return Setting(self.environment, self.first, self.second, self.threshold, self.seeds).canonical

    @property
    def stability(self) -> FrontStability | None:
        """The resampled front; None while it is computed."""
        with self._keeping:
            return self._stable.get(self.setting)

    @property
    def count(self) -> Tally | None:
        """The splits of this setting that were counted by now; None where there are none yet."""
        return self._tally(self.setting)

    def _tally(self, setting: Setting) -> Tally | None:
        with self._keeping:
            return tally([*self._counted.get(setting, {}).values()])

    def _front(self, setting: Setting) -> Judged:
        if setting not in self._fronts:
            self._fronts[setting] = self.pools[setting.environment].judged(setting)
        return self._fronts[setting]

    def _new_pool(self, _: Any) -> None:
        self._settling = True
        try:
            self.threshold = follow_pool(self.controls, self._measured)
        finally:
            self._settling = False

    def _swapped(self, change: Any) -> None:
        """Two different objectives make a front: who takes the other one's place gives it its own."""
        if self.first == self.second:
            other = "second" if change["name"] == "first" else "first"
            self._settling = True
            try:
                setattr(self, other, change["old"])
            finally:
                self._settling = False

    # --- in the background -------------------------------------------------------------------------------------

    def prepare(self) -> None:
        """Count splits from when a notebook shows the explorer and the prediction was made."""
        if not self._counts:
            self._counts = True
            self._want()

    def start(self) -> None:
        """Count splits of this setting's seeds in the background; returns at once.

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
        self._want()
        self._say_state()

    def wait(self, timeout: float | None = None) -> Runs | None:
        """Wait until everything that is to be computed is.

        Raises
        ------
        TimeoutError
            If that takes longer than `timeout` seconds; it goes on.
        """
        if not self._ahead.wait(timeout):
            raise TimeoutError(f"still computing after {timeout} s; wait longer, or call stop().")
        return None

    def _want(self) -> None:
        """Ask for what is not known yet: the resamples of the front that is shown, then splits."""
        if self.asking:
            return
        now = self.setting
        jobs: list[tuple[Setting, int | None]] = [] if self.stability is not None else [(now, _RESAMPLED)]
        if self._counts:
            self._stopped = ""
            for one in dict.fromkeys([now, *([self._asked] if self.prediction else [])]):
                known = self._counted.get(one, {})
                jobs += [(one, number) for number in range(self._wanted(one)) if number not in known]
        self._ahead.want(jobs)

    def _wanted(self, setting: Setting) -> int:
        return len(self.pools[setting.environment].splits(setting, self._most))

    def _judge(self, job: tuple[Setting, int | None]) -> None:
        setting, number = job
        measured = self.pools[setting.environment]
        try:
            if number is _RESAMPLED:
                found = measured.stability(setting)
                with self._keeping:
                    self._stable[setting] = found
            else:
                counts = measured.split(setting, measured.splits(setting, self._most)[number])
                with self._keeping:
                    self._counted.setdefault(setting, {})[number] = counts
        except Exception as error:
            self._trouble = error
            self._ahead.stop()

    def _heard(self, job: tuple[Setting, int | None] | None) -> None:
        resampled = job is not None and job[1] is _RESAMPLED
        if job is not None and not resampled and self._ahead.left % _SAID_EVERY:
            return
        with self._lock:
            if self._closed:
                return
            if self._trouble is not None:
                self.show_error(self._trouble)
                self._trouble = None
            self.guarded(self._draw if resampled else self._tell)()
            self._say_state()

    # --- showing -----------------------------------------------------------------------------------------------

    def _turned(self, _: Any = None) -> None:
        if self._settling:
            return
        self._ahead.stop()  # what is asked for now comes first
        reads = {"threshold": self.setting.reads_threshold, "weight": self.rule == "weights"}
        for trait, on in {**reads, "limit": self.rule == "limit", "seeds": self._measured.most_seeds > 2}.items():
            self.controls[trait].disabled = not on
        if self.asking:
            self.picture.clear(_WAITING)
            self.tell(paragraphs([f"Chosen: {self.setting.words}."]))
            self._say_state()
            return
        self.shown = self._front(self.setting)
        self._settling = True
        try:
            allows_all = cover_limit(self.controls["limit"], self.shown)
            if self._limited != (self.environment, self.second):  # seconds are no returns
                self._limited, self.limit = (self.environment, self.second), allows_all
        finally:
            self._settling = False
        self.taken = self._choose(self.shown)
        self._draw()
        self._want()
        self._say_state()

    def _choose(self, judged: Judged) -> Choice:
        if self.rule == "weights":
            return choose(judged.drawn, weights={self.first: self.weight, self.second: 1.0 - self.weight})
        if self.rule == "limit":
            return choose(judged.drawn, limits={self.second: self.limit})
        return choose(judged.drawn)

    def _draw(self) -> None:
        judged, taken = self.shown, self.taken
        if self.asking or judged is None or taken is None:
            return
        stability, limit = self.stability, self.limit if self.rule == "limit" else None
        said = words.on_front(judged.drawn, self._measured, self.setting)
        self.picture.draw(
            lambda ax: draw_front(ax, judged, stability, taken, limit),
            alt=f"Configurations by two objectives, and their Pareto front. {said}",
        )
        self._tell()

    def _tell(self) -> None:
        judged, taken, setting, measured = self.shown, self.taken, self.setting, self._measured
        if self.asking or judged is None or taken is None:
            return
        answer = ""
        if self.question is not None:
            answer = words.answered(
                self.question.choice, self.question.prediction.why, self._tally(self._asked), self._asked
            )
        place = list(measured.index).index(str(taken.id))
        n_seeds = len(measured.seeds)
        self.tell(
            paragraphs(
                [
                    words.taken(taken, judged),
                    words.on_front(judged.drawn, measured, setting),
                    words.other_seeds(judged, self.stability, len(measured.judging(setting))),
                    words.ties(measured, setting),
                    words.counted(self.count, self._wanted(setting), setting, n_seeds),
                    answer,
                ]
            )
            + fold("The front as a table", words.front_table(judged, self.stability))
            + fold(
                "The hyperparameters that are taken", words.hyperparameter_table(measured.pool.configurations[place])
            )
        )

    def _say_state(self) -> None:
        busy = self._ahead.running and self._ahead.left > 0
        resampling = self._ahead.running and self.stability is None
        count, wanted = self.count, self._wanted(self.setting)
        n = 0 if count is None else count.n
        self.start_button.disabled = busy or self.asking or n >= wanted
        self.stop_button.disabled = not (busy and self._counts)
        if self.asking:
            self.say("waiting", "your prediction comes first")
        elif busy and self._counts:
            self.say("counting", f"{n} of {wanted} splits of the seeds")
        elif resampling:
            self.say("resampling the seeds", "a second or less")
        else:
            self.say(
                f"stopped, because {self._stopped}" if self._stopped else "ready",
                f"{n} of {wanted} splits of the seeds are counted",
            )
