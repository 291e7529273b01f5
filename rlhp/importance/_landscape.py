"""The score over two hyperparameters: the others held at a configuration, or averaged out."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from ConfigSpace import ConfigurationSpace

from rlhp.arguments import instance, whole
from rlhp.arguments import text as named
from rlhp.errors import unknown_name
from rlhp.importance._result import nothing_varies
from rlhp.importance._study import Array, Score, scored
from rlhp.importance.surrogates._boxes import allowed_at, in_clauses
from rlhp.importance.surrogates._fit import Rng, Surrogate, checked, filled, fitted, point
from rlhp.importance.surrogates._marginals import configuration, grid, is_level, marginal_of_two, values
from rlhp.objectives import Failures
from rlhp.runs import Runs
from rlhp.spaces import allowed, need_space


@dataclass(frozen=True, eq=False)
class Axis:
    """One side of a landscape.

    Attributes
    ----------
    name : str
    unit : array [k]
        Coordinates in [0, 1] by the declared measure.
    values : list
        The hyperparameter's values there.
    levels : bool
        True if it has levels rather than a range.
    """

    name: str
    unit: Array
    values: list[Any]
    levels: bool


@dataclass(frozen=True, eq=False)
class Landscape:
    """The surrogate's score over two hyperparameters, X x Y points.

    Attributes
    ----------
    x, y : Axis
    mean : array [X, Y]
        In the objective's unit; NaN where one of the two is inactive, and where the space forbids what they are.
    spread : array [X, Y]
        Standard deviation between the trees: where the surrogate knows little. NaN as in `mean`.
    points : DataFrame
        Configurations that were run: coordinates `x`, `y`, and mean `score`.
    rest : str
        What the others do, in words.
    held : dict
        Their values, where they are held; NaN where inactive.
    objective, direction, objective_unit, env_id : str
    r2 : float
        Of the surrogate, on configurations that it did not see; NaN where nothing varies.
    n_configs : int
    nothing : str
        Why there is nothing to see, and what to do, where all of `mean` is NaN; else "".
    alike : float or None
        The score of all configurations, where they have the same: the landscape is flat, and no point is the best.
    """

    x: Axis
    y: Axis
    mean: Array
    spread: Array
    points: pd.DataFrame
    rest: str
    held: dict[str, Any]
    objective: str
    direction: str
    objective_unit: str
    env_id: str
    r2: float
    n_configs: int
    nothing: str = ""
    alike: float | None = None

    @property
    def fit_text(self) -> str:
        """How well the surrogate predicts configurations that it did not see, or that nothing varies, in words."""
        if self.alike is not None:
            return nothing_varies(self.n_configs, self.alike)
        return f"surrogate of {self.n_configs} configurations, cross-validated R2 {self.r2:.2f}"

    @property
    def best(self) -> tuple[Any, Any, float]:
        """The values of the two at the best point, and its score.

        Raises
        ------
        ValueError
            If there is nothing to see; the message is `nothing`.
        """
        if np.isnan(self.mean).all():
            raise ValueError(self.nothing or f"no pair of {self.x.name} and {self.y.name} is left to look at.")
        better = self.mean if self.direction == "maximize" else -self.mean
        i, k = np.unravel_index(int(np.nanargmax(better)), self.mean.shape)
        return self.x.values[int(i)], self.y.values[int(k)], float(self.mean[i, k])

    @property
    def table(self) -> pd.DataFrame:
        """One row a point: the two hyperparameters, `mean`, `spread`."""
        across, along = np.meshgrid(np.arange(len(self.x.unit)), np.arange(len(self.y.unit)), indexing="ij")
        return pd.DataFrame(
            {
                self.x.name: [self.x.values[i] for i in across.ravel()],
                self.y.name: [self.y.values[k] for k in along.ravel()],
                "mean": self.mean.ravel(),
                "spread": self.spread.ravel(),
            }
        )

    def __repr__(self) -> str:
        what = f"Landscape: {self.objective} over {self.x.name} and {self.y.name} on {self.env_id}, {self.rest}; "
        if self.nothing:
            return f"{what}nothing to see: {self.nothing}"
        first, second, score = self.best
        if self.alike is not None:
            return f"{what}{self.fit_text}"
        return (
            f"{what}best {score:.4g} at {self.x.name}={_short(first)}, {self.y.name}={_short(second)}; {self.fit_text}"
        )

    def _repr_html_(self) -> str:
        return f"<p>{html.escape(repr(self))}</p>"


def landscape(
    runs: Runs | Surrogate,
    space: ConfigurationSpace,
    x: str,
    y: str,
    objective: str | Score = "final_return",
    *,
    rng: Rng,
    rest: Mapping[str, Any] | str = "best",
    points: int = 41,
    failures: Failures = "raise",
    n_trees: int = 64,
) -> Landscape:
    """Look at the score over two hyperparameters.

    Pairs that the space forbids are left out: with the others held, whatever a clause says of the whole configuration;
    with the others averaged, what a clause says of the two alone.

    Parameters
    ----------
    runs : Runs, or what `surrogate` gave
        A fitted surrogate answers within milliseconds, for explorers; then `objective`, `failures`, `n_trees` are
        its own.
    space : ConfigurationSpace
        What was swept.
    x, y : str
        The two hyperparameters.
    objective, failures, n_trees
        As for `rlhp.importance.fanova`.
    rng : int or numpy.random.Generator
    rest : mapping or str
        Where to hold the others: a configuration (what it leaves out takes its default), "default", "best", or the id
        of one that was run. Or "averaged": over them, by their measures.
    points : int
        Along each range.

    Raises
    ------
    ValueError
        If a name is unknown, the two are the same, or an option is wrong.

    Examples
    --------
    >>> from rlhp import Runs, importance, spaces
    >>> space = spaces.subspace(spaces.default("dqn"), ["learning_rate", "gamma"])
    >>> configs = spaces.sample(space, 128, method="sobol", rng=0)
    >>> runs = Runs.from_table(configs, spaces.to_unit(space, configs).sum(axis=1))
    >>> importance.landscape(runs, space, "learning_rate", "gamma", rng=0, points=9).mean.shape
    (9, 9)
    """
    instance("runs", runs, (Runs, Surrogate))
    need_space(space)
    for option, name in (("x", x), ("y", y)):
        if named(option, name, hint="It is the name of a hyperparameter.") not in space:
            raise ValueError(unknown_name("hyperparameter", name, list(space)))
    if x == y:
        raise ValueError(f"`x` and `y` are both `{x}`; give two hyperparameters.")
    checked(rng, points=whole("points", points, at_least=1, at_most=1000), n_trees=n_trees)
    whole("n_trees", n_trees, at_least=1)
    if isinstance(runs, Surrogate):
        model = runs
    else:
        model = surrogate(runs, space, objective, rng=rng, failures=failures, n_trees=n_trees)
    data = model.study
    i, j = list(space).index(x), list(space).index(y)
    first, second = (grid(space, model.domain, name, points) for name in (x, y))
    averaged = isinstance(rest, str) and rest == "averaged"
    if averaged:
        each = np.stack([marginal_of_two([one], model.domain, i, j, first, second) for one in model.boxes])
        active = ~np.isnan(each).all(axis=0)
        kept = np.ones(active.shape, dtype=bool)
        if {x, y} & {*in_clauses(space)}:
            pairs = [{x: a, y: b} for a in values(space, x, first) for b in values(space, y, second)]
            kept = allowed(space, pairs).reshape(active.shape)
        said, held = "the others averaged over their measures", {}
    else:
        where, text = point(data, rest, "best", "rest", also="'averaged', ")
        at_points = np.repeat(filled(space, where)[None], len(first) * len(second), axis=0)
        at_points[:, i], at_points[:, j] = (one.ravel() for one in np.meshgrid(first, second, indexing="ij"))
        marked = model.domain.inactive_marked(at_points)
        each = model.forest.each(marked).reshape(-1, len(first), len(second))
        active = ~np.isnan(marked[:, [i, j]]).any(axis=1).reshape(each.shape[1:])
        kept = allowed_at(space, model.domain, marked).reshape(each.shape[1:])
        said = f"the others as in {text}"
        held = {name: cell for name, cell in configuration(space, where).items() if name not in (x, y)}
    seen = active & kept
    each[:, ~seen] = np.nan
    return Landscape(
        x=Axis(x, first, values(space, x, first), is_level(space, x)),
        y=Axis(y, second, values(space, y, second), is_level(space, y)),
        mean=each.mean(axis=0),
        spread=each.std(axis=0),
        points=pd.DataFrame({"x": data.unit[:, i], "y": data.unit[:, j], "score": data.y}),
        rest=said,
        held=held,
        objective=data.objective,
        direction=data.direction,
        objective_unit=data.unit_text,
        env_id=data.env_id,
        r2=model.r2,
        n_configs=len(data.y),
        nothing="" if seen.any() else _why(space, x, y, averaged, bool(active.any()), said),
        alike=float(data.y[0]) if data.alike else None,
    )


def surrogate(
    runs: Runs,
    space: ConfigurationSpace,
    objective: str | Score = "final_return",
    *,
    rng: Rng,
    failures: Failures = "raise",
    n_trees: int = 64,
) -> Surrogate:
    """Fit the forest that the methods of this room stand on, to ask it again and again.

    Examples
    --------
    >>> model = importance.surrogate(runs, space, rng=0)  # doctest: +SKIP
    >>> importance.landscape(model, space, "learning_rate", "gamma", rng=0)  # doctest: +SKIP
    """
    stream = checked(rng, n_trees=whole("n_trees", n_trees, at_least=1))
    data = scored(runs, space, objective, failures=failures)
    return fitted(data, measure="declared", n_trees=n_trees, min_leaf=None, n_boot=0, boot_trees=1, rng=stream)


def _why(space: ConfigurationSpace, x: str, y: str, averaged: bool, active: bool, said: str) -> str:
    """Return why there is nothing to see over two hyperparameters, and what to do."""
    hold = "take two others" if averaged else "hold the others elsewhere by `rest=`, or take rest='averaged'"
    if active:
        clauses = "; ".join(map(str, space.forbidden_clauses))
        return f"the space forbids all pairs of `{x}` and `{y}` with {said} ({clauses}); {hold}."
    needs = [
        str(one).replace(" | ", "` is active only where ") for k in (x, y) for one in space.parent_conditions_of[k]
    ]
    return f"`{x}` and `{y}` are nowhere active together with {said} (`{', `'.join(needs)}); {hold}."


def _short(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
