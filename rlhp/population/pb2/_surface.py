"""What PB2 believes over one or two hyperparameters at a time of training, to be looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from ConfigSpace import ConfigurationSpace

from rlhp.arguments import choice, instance, mapping, name_list, random_generator, real, shown, whole
from rlhp.population._meeting import Past
from rlhp.population.pb2._belief import Belief
from rlhp.population.pb2._pb2 import PB2
from rlhp.spaces import decode, encode, need_space
from rlhp.threads import one_thread

__all__ = ["Surface", "surface"]


@dataclass(frozen=True, eq=False)
class Surface:
    """The gain that is expected of a segment over a grid of hyperparameters; made by `surface`.

    Attributes
    ----------
    names : tuple of str
        One or two hyperparameters.
    axes : tuple of array
        The values of each along the grid, even in its measure.
    mean, std, bound : array, a dimension a name
        Of the gain, in the unit of the scores, without the noise of a segment; the bound is `kappa` deviations above
        the mean, and its highest point is proposed next.
    step : int
        Environment steps at which the segment begins.
    held : dict
        The other hyperparameters, and under `score` what the segment begins with.
    drift : float
        How much of what a segment says is lost after two; 0 never forgets.
    noise : float
        Standard deviation of the gain of one segment about its mean, in the unit of the scores.
    scales : dict
        The squared distance over which gains change, along the unit interval, a hyperparameter (and `score`).
    """

    names: tuple[str, ...]
    axes: tuple[np.ndarray, ...]
    mean: np.ndarray
    std: np.ndarray
    bound: np.ndarray
    step: int
    held: dict[str, Any]
    drift: float
    noise: float
    scales: dict[str, float]

    @property
    def table(self) -> pd.DataFrame:
        """A row a point of the grid: the hyperparameters, `mean`, `std` and `bound`."""
        grid = np.meshgrid(*self.axes, indexing="ij")
        columns = {name: values.ravel() for name, values in zip(self.names, grid, strict=True)}
        return pd.DataFrame({**columns, **{one: getattr(self, one).ravel() for one in ("mean", "std", "bound")}})

    @property
    def best(self) -> dict[str, Any]:
        """Where on the grid the bound is highest, as a value a name."""
        place = np.unravel_index(int(np.argmax(self.bound)), self.bound.shape)
        return {name: axis[at].item() for name, axis, at in zip(self.names, self.axes, place, strict=True)}


def surface(
    space: ConfigurationSpace,
    past: Past,
    names: str | Sequence[str],
    *,
    step: int | None = None,
    at: Mapping[str, Any] | None = None,
    score: float | None = None,
    points: int = 31,
    explore: PB2 | None = None,
    rng: int | np.random.Generator = 0,
) -> Surface:
    """Fit PB2's process to what a population has trained, and evaluate it over one or two hyperparameters.

    Parameters
    ----------
    space : ConfigurationSpace
        As the population has it.
    past : Past
        Of one population; segments that begin at `step` or later are not looked at.
    names : str or sequence of one or two str
        Hyperparameters with an order.
    step : int, optional
        Environment steps at which the next segment begins; by default the end of the last one.
    at : mapping, optional
        The other hyperparameters; where they are not given, those of the segment that ended with the highest score.
    score : float, optional
        What the segment begins with; by default the highest score of those that ended last.
    points : int
        Along each axis.
    explore : PB2, optional
        Its options; with ``PB2(drift=0.3)`` the drift is held and the rest is fitted.
    rng : int or numpy.random.Generator

    Returns
    -------
    Surface

    Raises
    ------
    ValueError
        If nothing is known to have been gained before `step`, a name is unknown or has no order, or a number is out of
        its range.

    Examples
    --------
    >>> from ConfigSpace import Float
    >>> from rlhp.population import Past
    >>> space = ConfigurationSpace(space=[Float("gamma", (0.8, 1.0))])
    >>> gammas = pd.DataFrame({"gamma": [0.8, 0.9, 1.0]})
    >>> past = Past([0, 1, 2], [500] * 3, [1000] * 3, [10.0] * 3, [10.0, 20.0, 11.0], gammas)
    >>> believed = surface(space, past, "gamma", points=5)
    >>> believed.mean.shape, float(believed.axes[0][believed.mean.argmax()])
    ((5,), 0.9)
    """
    need_space(space)
    instance("past", past, Past, hint="`rlhp.population.Past(...)`, or that of a meeting.")
    explore = PB2() if explore is None else instance("explore", explore, PB2, hint="`rlhp.population.PB2()`.")
    whole("points", points, at_least=2, at_most=1_000)
    last = int(past.end.max()) if len(past) else 0
    step = last if step is None else whole("step", step, at_least=0)
    early = _until(past, step)
    with one_thread():
        belief = explore.believed(space, early, random_generator(rng))
        if belief is None:
            raise ValueError(
                f"nothing is known to have been gained by step {step}: of {len(early)} segments none has a score at "
                f"both ends; give a later `step`, or a `past` with more of them."
            )
        chosen = name_list("names", names, empty=False)
        if len(chosen) > 2:
            raise ValueError(f"`names` is {shown(names)}; give one or two hyperparameters.")
        if not belief.layout.numbers:
            raise ValueError(
                "`space` has no hyperparameter with an order and more than one value, so none to draw over."
            )
        for name in chosen:
            choice("names", name, belief.layout.numbers, kind="hyperparameter", where="those with an order")
        held = _held(belief, early, chosen, at, score)
        return _over(belief, chosen, held, step, points, explore.kappa)


def _until(past: Past, step: int) -> Past:
    """Return the segments that ended by a step."""
    at = np.flatnonzero(past.end <= step)
    return Past(past.member[at], past.start[at], past.end[at], past.before[at], past.after[at], past.configs.iloc[at])


def _held(
    belief: Belief, past: Past, names: list[str], at: Mapping[str, Any] | None, score: float | None
) -> dict[str, Any]:
    """Return everything that is not on an axis."""
    space = belief.layout.space
    given = mapping("at", {} if at is None else at)
    for name in given:
        choice("at", name, [one for one in space if one not in names], kind="hyperparameter", where="the others")
        try:
            encode(space[name], [given[name]])
        except ValueError as error:
            raise ValueError(f"`at`: {error}") from None
    best = past.configs.iloc[int(np.nanargmax(past.after))]
    held = {name: given.get(name, best[name]) for name in space if name not in names}
    if not belief.layout.score:
        return held
    latest = past.after[past.end == past.end[np.isfinite(past.after)].max()]
    return {**held, "score": float(np.nanmax(latest)) if score is None else real("score", score)}


def _over(belief: Belief, names: list[str], held: dict[str, Any], step: int, points: int, kappa: float) -> Surface:
    layout, process = belief.layout, belief.process
    axes = tuple(np.asarray(decode(layout.space[name], np.linspace(0.0, 1.0, points))) for name in names)
    grid = [one.ravel() for one in np.meshgrid(*axes, indexing="ij")]
    others = {name: value for name, value in held.items() if name in layout.space}
    configs = [{**others, **dict(zip(names, values, strict=True))} for values in zip(*grid, strict=True)]
    mean, std = belief.predict(configs, np.full(len(configs), held.get("score", np.nan)), step)
    shape = (points,) * len(names)
    own = [*layout.numbers, *(["score"] if layout.score else []), *layout.categories]
    first = np.unique(layout.groups, return_index=True)[1]
    return Surface(
        names=tuple(names),
        axes=axes,
        mean=mean.reshape(shape),
        std=std.reshape(shape),
        bound=(mean + kappa * std).reshape(shape),
        step=step,
        held=held,
        drift=process.at.drift,
        noise=float(belief.spread * np.sqrt(process.at.noise)),
        scales=dict(zip(own, process.at.scales[first].tolist(), strict=True)),
    )
