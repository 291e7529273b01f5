"""A game: search a measured sweep by hand, against random search and Bayesian optimisation."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any

import ipywidgets
import traitlets
from ConfigSpace.hyperparameters import UniformIntegerHyperparameter

from rlhp import arguments, hpo
from rlhp.runs import Runs
from rlhp.widgets.background._ahead import Ahead
from rlhp.widgets.frame._controls import Number, section
from rlhp.widgets.frame._explorer import Explorer
from rlhp.widgets.frame._markup import fold, paragraphs
from rlhp.widgets.frame._prediction import Prediction
from rlhp.widgets.game import _words as words
from rlhp.widgets.game._ground import Ground, Played
from rlhp.widgets.game._picture import SHAPE, draw_game

__all__ = ["SearchGame"]

_LABELS = {"random": "random search", "emukit": "Bayesian optimisation"}
_OPPONENTS = {"random": 30, "emukit": 6}
_ASKED = "winner"
_WAITING = "Commit to a prediction; then the game begins."


class SearchGame(Explorer):
    """Search measured runs by hand, against searches that a machine repeats.

    A hand sets a few hyperparameters; what is trained is the nearest configuration that was measured and not tried. Its
    tuning seeds are told at once. The test seeds are told when the game is over, or they would choose as well.

    Parameters
    ----------
    pool : str
        A data set.
    hyperparameters : sequence of str, optional
        What the hand sets: numbers of its space; by default up to four of those that most often matter.
    evaluations : int
        Configurations of each search.
    opponents : mapping of searcher to int
        Names of `rlhp.hpo.searcher_names`, and how many searches of each.
    prediction : "winner", Prediction, mapping with its fields, or None
        What is asked first: by default whose choice will return most. None asks nothing.
    title : str
        Its heading.

    Raises
    ------
    ValueError
        If there is no such data set, hyperparameter or searcher, or a number cannot be.

    Examples
    --------
    >>> game = SearchGame("sac_pendulum", evaluations=3, opponents={"random": 3}, prediction=None)
    >>> game.train()
    >>> len(game.tried)
    1
    >>> game.close()
    """

    tried = traitlets.Tuple(help="Places in the pool of what was trained by hand, in order.")
    values = traitlets.Dict(help="What the hand has set.")

    def __init__(
        self,
        pool: str = "ppo_acrobot",
        *,
        hyperparameters: Sequence[str] | None = None,
        evaluations: int = 12,
        opponents: Mapping[str, int] | None = None,
        prediction: Prediction | Mapping[str, Any] | str | None = _ASKED,
        title: str = "You against the machines",
    ) -> None:
        super().__init__(
            title, "Set what you would try; the nearest measured configuration is trained with three seeds."
        )
        arguments.whole("evaluations", evaluations, at_least=2, at_most=100)
        given = arguments.mapping("opponents", _OPPONENTS if opponents is None else opponents)
        self.opponents = {
            arguments.choice("opponents", one, hpo.searcher_names(), kind="searcher"): arguments.whole(
                f"opponents[{one!r}]", n, at_least=words.FEWEST
            )
            for one, n in given.items()
        }
        self.ground = Ground(pool, hyperparameters, evaluations)
        self._played: dict[tuple[str, int], Played] = {}
        self._keeping = threading.Lock()
        self._stopped = ""
        self._trouble: Exception | None = None
        self._ahead: Ahead[tuple[str, int]] = Ahead(self._play, self._heard)
        self.at_close(self._ahead.end)
        self.picture = self.figure(_WAITING, **SHAPE)
        self.controls = {name: self._control(name) for name in self.ground.names}
        self.start_button.description = "Train this"
        self.again_button = ipywidgets.Button(description="Begin again")
        self.on_click(self.again_button, self.begin_again)
        if isinstance(prediction, str):
            arguments.choice("prediction", prediction, [_ASKED])
            prediction = words.question(self.ground, list(self.machines))
        self.ask(prediction, self._committed)
        asks = [self.question] if self.question is not None else []
        self.compose(
            [section("What to try"), *self.controls.values()],
            [self.picture, self._twin],
            run=[
                section("Predict, then play" if asks else "Play"),
                *asks,
                self.bar(self.start_button, self.again_button, self.stop_button),
            ],
        )
        for control in self.controls.values():
            self.listen(control, self._moved)
        self._moved()
        self.observe(lambda _: self._show(), "tried")
        self._show()

    def _control(self, name: str) -> Number:
        hp = self.ground.numbers[name]
        whole = isinstance(hp, UniformIntegerHyperparameter)
        return Number(name, hp.default_value, hp.lower, hp.upper, measure=self.ground.measures[name], integer=whole)

    # --- playing -----------------------------------------------------------------------------------------------

    @property
    def machines(self) -> dict[str, list[Played]]:
        """The searches of each opponent that are done."""
        with self._keeping:
            done = dict(self._played)
        return {
            _LABELS.get(one, one): [done[one, seed] for seed in range(n) if (one, seed) in done]
            for one, n in self.opponents.items()
        }

    @property
    def over(self) -> bool:
        """Whether every configuration was spent."""
        return len(self.tried) >= self.ground.evaluations

    def train(self) -> None:
        """Train the nearest configuration to what the hand has set: its scores are looked up.

        Raises
        ------
        ValueError
            If the prediction was not made, the game is over, or the explorer was closed.
        """
        if self._closed:
            raise ValueError("this explorer was closed; make a new one.")
        if self.asking:
            raise ValueError("make your prediction first: choose an answer and commit to it.")
        if self.over:
            raise ValueError("the game is over: every configuration is spent. Begin again for another one.")
        self.tried = (*self.tried, self.ground.nearest(self.values, self.tried))

    def start(self) -> None:
        """Train the nearest configuration to what the hand has set; see `train`."""
        self.train()

    def begin_again(self) -> None:
        """Forget what was tried by hand; the machines' searches stay."""
        self.tried = ()
        self._want()

    def stop(self, why: str = "you pressed Stop") -> None:
        """Begin no further search of the machines; those that are done stay."""
        self._stopped = why
        self._ahead.stop()
        self._say_state()

    def prepare(self) -> None:
        """Let the machines search from when a notebook shows the game."""
        self._want()

    def wait(self, timeout: float | None = None) -> Runs | None:
        """Wait until the machines have searched.

        Raises
        ------
        TimeoutError
            If that takes longer than `timeout` seconds; it goes on.
        """
        if not self._ahead.wait(timeout):
            raise TimeoutError(f"still searching after {timeout} s; wait longer, or call stop().")
        return None

    def _moved(self) -> None:
        self.values = {name: control.number for name, control in self.controls.items()}
        self._show()

    def _committed(self) -> None:
        self._want()
        self._show()

    def _want(self) -> None:
        if self.asking:
            return
        self._stopped = ""
        jobs = [(one, seed) for one, n in self.opponents.items() for seed in range(n)]
        self._ahead.want([job for job in jobs if job not in self._played])
        self._say_state()

    def _play(self, job: tuple[str, int]) -> None:
        try:
            found = self.ground.by_machine(*job)
            with self._keeping:
                self._played[job] = found
        except Exception as error:
            self._trouble = error
            self._ahead.stop()

    def _heard(self, job: tuple[str, int] | None) -> None:
        if job is not None and job[0] == "random" and job[1] % 10:
            return
        with self._lock:
            if self._closed:
                return
            if self._trouble is not None:
                self.show_error(self._trouble)
                self._trouble = None
            self.guarded(self._show)()

    # --- showing -----------------------------------------------------------------------------------------------

    def _show(self) -> None:
        self._say_state()
        if self.asking:
            self.picture.clear(_WAITING)
            self.tell(paragraphs([words.last_trained(self.ground, ()), self._set_words()]))
            return
        ground, tried, machines = self.ground, self.tried, self.machines
        now = words.machines_now(ground, len(tried), machines)
        if tried or any(len(many) >= words.FEWEST for many in machines.values()):
            self.picture.draw(
                lambda ax: draw_game(ax, ground, tried, machines),
                alt=f"The best return so far, by hand and by machines. {words.last_trained(ground, tried)} {now}",
            )
        else:
            self.picture.clear("Train a configuration, or wait for the machines.")
        answer = "" if self.question is None else words.answered(self.prediction, ground, tried, machines)
        self.tell(
            paragraphs(
                [
                    words.result(ground, tried, machines),
                    words.last_trained(ground, tried),
                    now,
                    self._set_words(),
                    answer,
                ]
            )
            + fold("What you tried, as a table", words.tried_table(ground, tried))
        )

    def _set_words(self) -> str:
        if self.over:
            return "The game is over."
        place = self.ground.nearest(self.values, self.tried)
        return f"Next: {words.values_of(self.ground, place)}, the nearest that was measured."

    def _say_state(self) -> None:
        busy = self._ahead.running and self._ahead.left > 0
        done, n = len(self._played), sum(self.opponents.values())
        self.start_button.disabled = self.asking or self.over
        self.again_button.disabled = self.asking or not self.tried
        self.stop_button.disabled = not busy
        if self.asking:
            self.say("waiting", "your prediction comes first")
        elif busy:
            self.say("the machines are searching", f"{done} of {n} searches")
        else:
            self.say(
                f"stopped, because {self._stopped}" if self._stopped else "ready", f"{done} of {n} searches of machines"
            )
