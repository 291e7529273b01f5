"""What explorers that re-train DQN share: the setting that stays, and the figure of learning curves with its text."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rlhp.curves import value_label
from rlhp.frames import encode_value
from rlhp.runs import Runs
from rlhp.trainers import check_config
from rlhp.widgets.background._fates import fates
from rlhp.widgets.background._live_sweep import LiveSweep
from rlhp.widgets.frame._explorer import Explorer
from rlhp.widgets.frame._prediction import Prediction
from rlhp.widgets.retrain._growing import Frame, Growing, GrowingGroups
from rlhp.widgets.retrain._retraining import Retraining

__all__ = ["LearningCurves", "listed", "fixed_setting"]

Config = Mapping[str, Any]
# The setting that the course's data on CartPole were measured with (`data/exploration_cartpole`), so that what an
# explorer shows can be held against them.
CARTPOLE: Config = {
    "net_arch": [64, 64],
    "learning_rate": 1e-3,
    "batch_size": 64,
    "buffer_size": 50_000,
    "learning_starts": 1_000,
    "gamma": 0.99,
    "train_freq": 4,
    "gradient_steps": 1,
    "target_update_interval": 250,
    "exploration_fraction": 0.1,
    "exploration_final_eps": 0.05,
}
_CURVE = "The learning curves appear here once the agents train."
_LATER = "The agents are learning; the first evaluation is not done yet."
_ELSEWHERE = "What trains now is not what the controls say. Set them back to see its curve."


def fixed_setting(config: Config | None, *, moved: Callable[[str], bool], instead: str) -> dict[str, Any]:
    """Return DQN's hyperparameters that stay as they are, without those that an explorer moves.

    Parameters
    ----------
    config : mapping, optional
        Given by the user; by default `CARTPOLE`.
    moved : callable
        Whether the explorer moves the hyperparameter of that name.
    instead : str
        What to do with such a one.

    Raises
    ------
    ValueError
        If a name or value is not allowed.

    Examples
    --------
    >>> fixed_setting({"gamma": 0.9}, moved=lambda name: name == "batch_size", instead="leave it out")
    {'gamma': 0.9}
    >>> "batch_size" in fixed_setting(None, moved=lambda name: name == "batch_size", instead="leave it out")
    False
    """
    if config is None:
        config = {name: value for name, value in CARTPOLE.items() if not moved(name)}
    dqn = check_config("dqn", config)
    for name in dqn:
        if moved(name):
            raise ValueError(f"`{name}` is what this explorer moves; {instead}.")
    return dqn


def listed(settings: Mapping[str, Any]) -> str:
    """Write hyperparameters in a line of text.

    >>> listed({"gamma": 0.9, "net_arch": [64, 64]})
    'gamma 0.9, net_arch [64, 64]'
    """
    return ", ".join(f"{name} {value_label(encode_value(value))}" for name, value in settings.items())


class LearningCurves:
    """The figure of learning curves and its text twin, for what `live` trains; not a widget itself.

    Parameters
    ----------
    explorer : Explorer
        Whose figure and twin they are.
    live : LiveSweep
        Trains and keeps the runs.
    by : str
        Hyperparameter that tells the curves apart.
    height : int
        Pixels of the figure.
    called : str
        What a configuration is called in a sentence, with ``{}`` for its name.
    widest : int
        Pixels beyond which the figure does not grow.
    """

    def __init__(
        self, explorer: Explorer, live: LiveSweep, *, by: str, height: int, called: str = "{}", widest: int = 660
    ) -> None:
        self._explorer, self._live, self._called = explorer, live, called
        self._aggregate, self._frame = GrowingGroups(by), Frame(live.steps)
        self._drawn: object = None
        self.figure = explorer.figure(_CURVE, height=height, widest=widest)
        self.twin = explorer.twin()

    def retraining(
        self,
        prediction: Prediction | Mapping[str, Any] | None,
        *,
        wanted: Callable[[], Sequence[Config]],
        described: Callable[[], Sequence[Config]],
        draw: Callable[[], None],
        same: Mapping[str, Any],
    ) -> Retraining:
        """Make the part of the explorer that trains, with `same` for all; see `Retraining`."""
        what = html.escape(f"{listed(same)}, and SB3's defaults" if same else "SB3's defaults")
        return Retraining(
            self._explorer,
            self._live,
            prediction,
            wanted=wanted,
            described=described,
            draw=draw,
            results=[self.figure, self.twin],
            settings=f"Everything else is the same for all: DQN with {what}.",
        )

    def now(self, configs: Mapping[str, Config], *also: object) -> Growing | None:
        """Aggregate what the configurations, by their names, have learned by now.

        Parameters
        ----------
        configs : mapping of str to mapping
            In the order of the curves.
        *also
            What else decides how they are drawn.

        Returns
        -------
        Growing or None
            None where there is nothing to draw: nothing new, or nothing yet, which the figure then says.
        """
        found = {name: (self._live.key(config), self._live.of(config)) for name, config in configs.items()}
        known = [(name, key, runs) for name, (key, runs) in found.items() if runs is not None]
        training = self._explorer.training
        elsewhere = training and not known and self._live.midway()
        state = (
            training,
            elsewhere,
            also,
            [(name, key, len(runs.evals), tuple(runs.table["status"])) for name, key, runs in known],
        )
        if state == self._drawn:
            return None  # a slider that moves does not change what was trained
        self._drawn = state
        now = self.of([runs for _, _, runs in known])
        if now.summary is None:
            told = self.fates(configs)
            self.figure.clear(told or (_ELSEWHERE if elsewhere else _LATER if training else _CURVE))
            self._explorer.tell(f"<p>{html.escape(told)}</p>" if told else "", self.twin)
            return None
        return now

    def fates(self, configs: Mapping[str, Config]) -> str:
        """Return which of the configurations, by their names, have runs that broke; empty where none has."""
        found = {self._called.format(name): self._live.of(config) for name, config in configs.items()}
        return fates({name: runs for name, runs in found.items() if runs is not None})

    def of(self, parts: Sequence[Runs]) -> Growing:
        """Aggregate the runs of several configurations."""
        return self._aggregate.of(parts)

    def draw(
        self,
        now: Growing,
        labels: Sequence[str],
        *,
        title: str,
        alt: str,
        broken: str = "",
        looks: Sequence[int] | None = None,
        frame: Frame | None = None,
        finish: Callable[[Any], None] | None = None,
    ) -> None:
        """Draw the curves, with every seed behind them once training has ended.

        Parameters
        ----------
        now : Growing
            With a summary.
        labels : sequence of str
            What the curves are called.
        title : str
            Of the figure.
        alt : str
            What it shows.
        broken : str
            Which runs broke, from `fates`.
        looks : sequence of int, optional
            Places of the curves among `rlhp.plots.look`; by default 0, 1, ...
        frame : Frame, optional
            Its axes, where they are not those of environment steps.
        finish : callable, optional
            What is done with the axes in the end.
        """
        training = self._explorer.training
        title += ", while it trains" if training else ""
        if broken:
            title, alt = f"{title}; some runs broke", f"{alt} {broken}"

        def draw(ax: Any) -> None:
            now.draw(ax, title=title, labels=labels, looks=looks, frame=frame or self._frame, seeds=not training)
            if finish is not None:
                finish(ax)

        self.figure.draw(draw, alt=alt)

    def forget(self) -> None:
        """Draw anew the next time, whatever has been drawn."""
        self._drawn = None
