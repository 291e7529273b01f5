"""A few seeds of two measured configurations, drawn again and again: how often the wrong one wins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import ipywidgets
import numpy as np
import traitlets

from rlhp import datasets
from rlhp.arguments import name_list
from rlhp.curves import STATISTICS, ScoreGroup, grouping, score_groups
from rlhp.errors import unknown_name
from rlhp.runs import Runs
from rlhp.widgets.background._training import seeds
from rlhp.widgets.frame._controls import STATISTIC_NAMES, Number, choice, section, tie
from rlhp.widgets.frame._explorer import Explorer
from rlhp.widgets.frame._markup import fold, paragraphs
from rlhp.widgets.frame._prediction import Prediction
from rlhp.widgets.seeds import _words as words
from rlhp.widgets.seeds._figure import HEIGHT, draw_seeds
from rlhp.widgets.seeds._studies import DrawnStudy, Odds, Pair, draw, odds

__all__ = ["SeedsExplorer"]

_OBJECTIVES = ("final_return", "best_return", "auc")
_MOST = 20  # seeds of each
_MANY = 100
_QUESTION = Prediction(
    "A study trains three seeds of each of these two configurations and takes the one that comes out ahead. How often "
    "is that not the one that is ahead over all measured runs?",
    ("Hardly ever", "About one time in ten", "About one time in four", "As often as not"),
    "Now move the seeds, and then the objective. Which of them helps more?",
)
_WAITING = "Commit to a prediction; then studies are drawn."


class SeedsExplorer(Explorer):
    """Two configurations with many measured seeds: draw a few of them, choose, and see how often that is wrong.

    A study draws `n_seeds` runs of each configuration with replacement and takes the one with the better statistic.
    It is wrong where all measured runs say otherwise. Thousands of studies give the share of wrong ones; its interval
    is of what the measured runs themselves leave open, which are few.

    Parameters
    ----------
    runs : Runs or str
        Of one environment, with several seeds a configuration; or the name of a measured data set.
    by : str or sequence of str, optional
        What tells configurations apart; by default all hyperparameters that differ.
    pair : sequence of two, optional
        The configurations compared at first, by their values of `by`; by default the best two.
    n_seeds : int
        Seeds of each in a study, at first.
    objectives : sequence of str
        What a run can be scored by, names of `rlhp.objectives.names()`; by the first it is at first.
    statistic : str
        How the seeds of a configuration are put together, at first.
    failures : {"worst", "drop", "raise"} or float
        What failed runs count as.
    prediction : Prediction, mapping with its fields, or None
        What is asked before anything is drawn; None asks nothing.
    rng : int
        Seed of all that is drawn.
    title : str
        Its heading.

    Raises
    ------
    ValueError
        If a name is unknown, there are not two configurations, or one has fewer than three runs.

    Notes
    -----
    The interval resamples the measured runs. Where many of them end at one highest return it tends to be too narrow.

    Examples
    --------
    >>> explorer = SeedsExplorer("learning_rate_cartpole", pair=(0.001, 0.003), prediction=None)
    >>> explorer.n_seeds, explorer.objective, explorer.share["tie"] > 0
    (3, 'final_return', True)
    >>> explorer.n_seeds = 10
    >>> explorer.close()
    """

    n_seeds = traitlets.Int(help="Seeds of each configuration in a study.")
    objective = traitlets.Unicode(help="What a run is scored by.")
    statistic = traitlets.Unicode(help="How the seeds of a configuration are put together.")
    pair = traitlets.Tuple(help="The labels of the two configurations.")
    drawn = traitlets.Int(0, help="Studies drawn by hand since a control was moved.")
    wrong = traitlets.Int(0, help="How many of them took the worse configuration.")

    def __init__(
        self,
        runs: Runs | str = "learning_rate_cartpole",
        *,
        by: str | Sequence[str] | None = None,
        pair: Sequence[Any] | None = None,
        n_seeds: int = 3,
        objectives: Sequence[str] = _OBJECTIVES,
        statistic: str = "iqm",
        failures: Any = "worst",
        prediction: Prediction | Mapping[str, Any] | None = _QUESTION,
        rng: int = 0,
        title: str = "How many seeds?",
    ) -> None:
        super().__init__(
            title, "Many seeds of each configuration were measured. What would a study with a few of them have said?"
        )
        runs = datasets.load(runs) if isinstance(runs, str) else runs
        names = grouping(by) if by is not None else _differing(runs)
        offered = name_list("objectives", objectives, empty=False)
        self._scores = {one: score_groups(runs, by=names, objective=one, failures=failures) for one in offered}
        objective = offered[0]
        groups = self._scores[objective].groups
        if len(groups) < 2 or min(group.n for group in groups) < 3:
            raise ValueError(
                f"there are {len(groups)} configurations, the smallest with {min(group.n for group in groups)} runs; "
                f"two with three runs each are the least to draw studies from."
            )
        self._most = min(_MOST, *(group.n for group in groups))
        self._labels = _labels(groups)
        self.runs = runs
        self._seed, self._odds = rng, dict[tuple[Any, ...], Odds]()
        self._rng = np.random.default_rng(rng)
        self._study: DrawnStudy | None = None
        self._moving = False
        first, second = self._opening(pair, objective)
        choices = list(self._labels.values())
        self.first, self.second = choice("Configuration A", choices, first), choice("Configuration B", choices, second)
        self.scored_by = choice("Objective", [(one.replace("_", " "), one) for one in self._scores], objective)
        self.over = choice("Over seeds", STATISTIC_NAMES)
        self.number = Number("Seeds of each", n_seeds, 1, self._most, integer=True)
        self.one_button = ipywidgets.Button(description="Draw a study", button_style="primary")
        self.many_button = ipywidgets.Button(description=f"Draw {_MANY} studies")
        self.picture = self.figure(_WAITING, height=HEIGHT, widest=620)
        self.ask(prediction, self._show)
        controls = [section("Compared"), self.first, self.second, section("A study"), self.number, self.scored_by]
        asks = [self.question] if self.question is not None else []
        self.compose(
            [*controls, self.over],
            [self.picture, self._twin],
            run=[section("Predict, then draw" if asks else "Draw"), *asks, self.bar(self.one_button, self.many_button)],
        )
        self.objective, self.statistic, self.n_seeds, self.pair = (
            objective,
            statistic,
            n_seeds,
            (first, second),
        )
        for trait, control in (("objective", self.scored_by), ("statistic", self.over), ("n_seeds", self.number)):
            control.value = getattr(self, trait)
            tie(self, trait, control, self.guarded)
        for control in (self.first, self.second):
            self.listen(control, self._picked)
        self.on_click(self.one_button, lambda: self.draw(1))
        self.on_click(self.many_button, lambda: self.draw(_MANY))
        self.observe(self._turned, ["objective", "statistic", "n_seeds", "pair"])
        self._turned()

    # --- state -------------------------------------------------------------------------------------------------

    @traitlets.validate("objective")
    def _known_objective(self, proposal: Any) -> str:
        if proposal["value"] not in self._scores:
            raise ValueError(unknown_name("objective", proposal["value"], self._scores))
        return str(proposal["value"])

    @traitlets.validate("statistic")
    def _known_statistic(self, proposal: Any) -> str:
        if proposal["value"] not in STATISTICS:
            raise ValueError(unknown_name("statistic", proposal["value"], STATISTICS))
        return str(proposal["value"])

    @traitlets.validate("n_seeds")
    def _possible_number(self, proposal: Any) -> int:
        if not 1 <= proposal["value"] <= self._most:
            raise ValueError(
                f"`n_seeds` is {proposal['value']}; allowed: 1 to {self._most}, as many as were measured of each."
            )
        return int(proposal["value"])

    @traitlets.validate("pair")
    def _two_of_them(self, proposal: Any) -> tuple[str, str]:
        both = tuple(proposal["value"])
        for one in both:
            if one not in self._labels.values():
                raise ValueError(unknown_name("configuration", one, self._labels.values()))
        if len(set(both)) != 2:
            raise ValueError(f"a study compares two different configurations; `{both[0]}` was given twice.")
        return both[0], both[1]

    @property
    def compared(self) -> Pair:
        """The two configurations with the scores of all their runs; where less is better, turned round."""
        found = self._scores[self.objective]
        sign = 1.0 if found.maximise else -1.0
        by_label = {self._labels[group.key]: sign * group.values for group in found.groups}
        first, second = (by_label[label] for label in self.pair)
        return Pair((self.pair[0], self.pair[1]), (first, second), self.statistic)

    @property
    def odds(self) -> Odds | None:
        """How studies end by their number of seeds; None where all measured runs tie."""
        key = (self.pair, self.objective, self.statistic)
        if key not in self._odds:
            pair = self.compared
            if pair.better is None:
                return None
            self._odds[key] = odds(pair, self._most, rng=self._seed)
        return self._odds[key]

    @property
    def share(self) -> dict[str, float]:
        """Shares of studies with `n_seeds` that are `wrong` and that `tie`; `low` and `high` of the first."""
        found = self.odds
        return {} if found is None else found.at(self.n_seeds)

    def draw(self, studies: int = 1) -> None:
        """Draw studies by hand; they are counted until a control is moved.

        Raises
        ------
        ValueError
            If the prediction was not made.
        """
        if self.asking:
            raise ValueError("make your prediction first: choose an answer and commit to it.")
        pair = self.compared
        drawn = [draw(pair, self.n_seeds, self._rng) for _ in range(studies)]
        self._study = drawn[-1]
        self.drawn += studies
        if pair.better is not None:
            self.wrong += sum(study.winner == 1 - pair.better for study in drawn)
        self._show()

    # --- controls ----------------------------------------------------------------------------------------------

    def _picked(self) -> None:
        if self._moving:
            return
        if self.first.value == self.second.value:
            self._moving = True
            try:
                self.first.value, self.second.value = self.pair
            finally:
                self._moving = False
            raise ValueError("a study compares two different configurations; choose another one.")
        self.pair = (self.first.value, self.second.value)

    def _turned(self, _: Any = None) -> None:
        self._moving = True
        try:
            self.first.value, self.second.value = self.pair
        finally:
            self._moving = False
        self.drawn = self.wrong = 0
        self._study = None
        self._show()

    def _opening(self, pair: Sequence[Any] | None, objective: str) -> tuple[str, str]:
        found = self._scores[objective]
        if pair is None:
            sign = -1.0 if found.maximise else 1.0
            best = sorted(found.groups, key=lambda group: sign * float(group.values.mean()))[:2]
            return self._labels[best[0].key], self._labels[best[1].key]
        keys = [one if isinstance(one, tuple) else (one,) for one in pair]
        for key in keys:
            if key not in self._labels:
                known = [", ".join(map(str, one)) for one in self._labels]
                raise ValueError(unknown_name("configuration", ", ".join(map(str, key)), known, where="`pair`"))
        if len(keys) != 2 or keys[0] == keys[1]:
            raise ValueError(f"`pair` is {list(pair)!r}; give two different configurations.")
        return self._labels[keys[0]], self._labels[keys[1]]

    # --- showing -----------------------------------------------------------------------------------------------

    def _show(self) -> None:
        self.one_button.disabled = self.many_button.disabled = self.asking
        if self.asking:
            self.say("waiting", "your prediction comes first")
            self.picture.clear(_WAITING)
            self.tell(paragraphs([self._setting()]))
            return
        pair, found = self.compared, self.odds
        self.say("ready", "" if found is None else f"{found.studies:,} studies of each size drawn")
        what = self._scores[self.objective]
        sign = 1.0 if what.maximise else -1.0
        said = words.sentence(pair, found, self.n_seeds, sign=sign)
        self.picture.draw(
            lambda ax: draw_seeds(
                ax, pair, self.n_seeds, odds=found, study=self._study, scale=sign, unit=self._scored()
            ),
            alt=f"Scores of all measured runs, and the share of wrong studies by seeds. {said}",
        )
        parts = [self._setting(), said]
        if self._study is not None:
            parts.append(words.counted(pair, self._study, self.drawn, self.wrong, sign=sign))
        if self.question is not None and found is not None:
            parts.append(self.question.told)
        table = "" if found is None else fold("The lower figure as a table", words.odds_table(found))
        self.tell(paragraphs(parts) + table)

    def _setting(self) -> str:
        name = STATISTICS[self.statistic].name
        return f"A study: {seeds(self.n_seeds)} of each, compared by the {name} of the {self._scored()}."

    def _scored(self) -> str:
        return self._scores[self.objective].what.replace("_", " ")


def _differing(runs: Runs) -> tuple[str, ...]:
    """Name the hyperparameters that differ, or else the columns that do."""
    found = tuple(name for name in runs.factors if runs.column(name).nunique(dropna=False) > 1)
    if not found:
        raise ValueError("all runs are of one configuration; give runs of two or more, or `by`.")
    return found


def _labels(groups: Sequence[ScoreGroup]) -> dict[tuple[Any, ...], str]:
    """Name the configurations: by what differs where that is short, else by number."""
    if len(groups[0].key) <= 2:
        return {group.key: group.label for group in groups}
    return {group.key: f"configuration {place + 1}" for place, group in enumerate(groups)}
