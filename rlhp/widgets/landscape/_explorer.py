"""Look at the score over two hyperparameters, in one environment and in another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, cast

import numpy as np
import traitlets
from ConfigSpace import ConfigurationSpace

from rlhp.arguments import instance
from rlhp.importance import Landscape, Surrogate
from rlhp.objectives import Failures
from rlhp.widgets.frame._controls import section
from rlhp.widgets.frame._explorer import Explorer
from rlhp.widgets.frame._markup import fold, paragraphs
from rlhp.widgets.frame._prediction import Prediction
from rlhp.widgets.landscape._choice import LandscapeChoice, LandscapeView
from rlhp.widgets.landscape._held import HeldForm
from rlhp.widgets.landscape._models import Models, Source
from rlhp.widgets.landscape._picture import draw_landscape
from rlhp.widgets.landscape._words import grid_table, others_table, sentence, trust

__all__ = ["LandscapeExplorer"]

_QUESTION = Prediction(
    "The same configurations were trained in every environment of the list. Will the best place of this picture be the "
    "best in the other environments, too?",
    ("Yes, about the same place", "No, but the shape is alike", "No, and the shape is another one"),
    "Switch the environment and compare where the best lies, and what the first one's best scores there.",
)
_EMPTY = "The landscape appears here once you have committed to a prediction."
_RESTS = {
    "best": "the others held as in the best configuration that was run",
    "default": "the others held at their defaults",
    "moved": "the others held where the controls stand",
    "averaged": "the others averaged over their ranges",
}
_HEIGHT = 400  # CSS pixels of the figure


class LandscapeExplorer(Explorer):
    """Show a measured sweep as a landscape over two hyperparameters, through a surrogate that is fitted once.

    Nothing is trained: the runs are there. A prediction is asked before anything is shown.

    Parameters
    ----------
    runs : str, Runs, or a sequence of them
        Names of data sets, or runs of one algorithm; one environment or more.
    space : ConfigurationSpace, optional
        What was swept; by default what varies of the algorithm's default space.
    view : LandscapeView
        What is shown at first: axes, environment, and how.
    objective, failures
        As for `rlhp.importance.surrogate`.
    prediction : Prediction, mapping with its fields, or None
        What is asked first; None asks nothing.
    rng : int
        Seed of the surrogates.
    title : str
        Its heading.

    Raises
    ------
    ValueError
        If a name is unknown, or there is nothing to look at.

    Examples
    --------
    >>> from rlhp import Runs, spaces
    >>> space = spaces.subspace(spaces.default("dqn"), ["learning_rate", "gamma", "tau"])
    >>> configs = spaces.sample(space, 64, method="sobol", rng=0)
    >>> runs = Runs.from_table(configs, spaces.to_unit(space, configs)[:, 0])
    >>> explorer = LandscapeExplorer(runs, space=space, prediction=None)
    >>> explorer.choice.y = "tau"
    >>> explorer.land.mean.shape
    (41, 41)
    >>> explorer.close()
    """

    land = traitlets.Instance(Landscape, allow_none=True, help="What is shown; None until there is something.")

    def __init__(
        self,
        runs: Source,
        *,
        space: ConfigurationSpace | None = None,
        view: LandscapeView = LandscapeView(),
        objective: str = "final_return",
        failures: Failures = "worst",
        prediction: Prediction | Mapping[str, Any] | None = _QUESTION,
        rng: int = 0,
        title: str = "Landscape of a sweep",
    ) -> None:
        instance("view", view, LandscapeView, hint="It is `widgets.LandscapeView(x=..., y=...)`.")
        lead = (
            "Two hyperparameters span the picture, the others are held or averaged out. Colours: a surrogate fitted "
            "to the runs; dots: the configurations that were run, in the colour of their own mean score."
        )
        super().__init__(title, lead)
        self.models = Models(runs, space=space, objective=objective, failures=failures, rng=rng)
        self.ask(prediction, self._show)
        self.choice = LandscapeChoice(self.models.env_ids, list(self.models.space), self.guarded, view)
        self.held = HeldForm(self.models.space, self.guarded)
        self.picture = self.figure(_EMPTY, height=_HEIGHT)
        self._state_drawn: object = None
        controls = [section("What to look at"), self.choice, section("Where the others are held"), self.held]
        self.compose(controls, [self.picture, self._twin])
        self.listen(self.choice, self._chosen, ["env_id", "x", "y", "rest", "view"])
        self.listen(self.held, self._show, ["config", "source"])
        self.on_click(self.held.best_button, self.hold_best)
        self.on_click(self.held.default_button, self.hold_default)
        self.hold_best()
        self._chosen()

    # --- controls ----------------------------------------------------------------------------------------------

    def hold_best(self) -> None:
        """Hold the others as in the best configuration that was run in this environment."""
        self.held.show(self.models.best(self.choice.env_id), "best")

    def hold_default(self) -> None:
        """Hold the others at their defaults."""
        self.held.show(self.models.default(), "default")

    def prepare(self) -> None:
        """Fit the surrogates of the other environments in the background."""
        if not all(self.models.is_fitted(env_id) for env_id in self.models.env_ids):
            self.in_background(self.models.fit_all, lambda _: self._say_ready())

    def _chosen(self) -> None:
        self.held.put_on_axes((self.choice.x, self.choice.y))
        self.held.switch_off(self.choice.rest == "averaged")
        if self.held.source == "best":
            if not self.models.is_fitted(self.choice.env_id):
                self.say(f"Fitting the surrogate of {self.choice.env_id}, once")
            self.hold_best()
        self._show()

    # --- showing -----------------------------------------------------------------------------------------------

    def _show(self) -> None:
        """Draw what is chosen and say it in words, unless that is what is shown."""
        if self.asking:
            self.say("Ready: commit to a prediction first")
            return
        chosen = self.choice
        if chosen.x == chosen.y:
            return  # a swap is on its way
        held = {name: value for name, value in self.held.config.items() if name not in (chosen.x, chosen.y)}
        if chosen.rest == "averaged":
            held = {}
        state = (chosen.env_id, chosen.x, chosen.y, chosen.rest, chosen.view, self.held.source, sorted(held.items()))
        if state == self._state_drawn:
            return
        model = self.models.of(chosen.env_id)
        lands = {env_id: self._look(env_id, held) for env_id in self.models.env_ids if self.models.is_fitted(env_id)}
        land = lands.pop(chosen.env_id)
        if np.isnan(land.mean).all():
            self._show_nothing(land)
        else:
            self._draw(land, model, lands)
        self.land, self._state_drawn = land, state
        self._say_ready()

    def _look(self, env_id: str, held: Mapping[str, Any]) -> Landscape:
        rest = cast("Literal['held', 'averaged']", self.choice.rest)
        return self.models.landscape(env_id, self.choice.x, self.choice.y, rest=rest, held=held)

    def _draw(self, land: Landscape, model: Surrogate, others: Mapping[str, Landscape]) -> None:
        rest = _RESTS["averaged" if self.choice.rest == "averaged" else self.held.source]
        said = sentence(land, rest)
        scores = model.study.y
        limits, doubt = (float(scores.min()), float(scores.max())), float(scores.std())
        self.picture.draw(
            lambda ax: draw_landscape(ax, land, view=self.choice.view, limits=limits, doubt=doubt, others=others),
            alt=f"Landscape. {said}",
        )
        predicted = self.question.told if self.question is not None else ""
        compared = others_table(land, others) if others else ""
        self.tell(
            paragraphs([said, predicted])
            + compared
            + fold("What this stands on", paragraphs([trust(land, model, doubt)]))
            + fold("The picture as a table", grid_table(land))
        )

    def _show_nothing(self, land: Landscape) -> None:
        clauses = "; ".join(str(clause) for clause in self.models.space.forbidden_clauses)
        said = f"Nothing to show: with the others held here no value of {land.x.name} and {land.y.name} is allowed"
        self.picture.clear(f"{said}.")
        self.tell(paragraphs([f"{said} ({clauses})."]))

    def _say_ready(self) -> None:
        if self.asking:
            return
        missing = [env_id for env_id in self.models.env_ids if not self.models.is_fitted(env_id)]
        more = f"still fitting {', '.join(missing)}" if missing else ""
        self.say("Ready: choose, or move a control", more)
