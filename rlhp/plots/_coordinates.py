"""Hyperparameters as axes of the unit interval: which ones vary, in which order, and what is written along each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rlhp.arguments import instance
from rlhp.importance import Importance, Study
from rlhp.plots._values import value_text
from rlhp.spaces import DISCRETE, decode, levels_of

_INACTIVE = -0.13
_MOST_LEVELS = 6  # of a hyperparameter, that are written beside its axis


@dataclass(frozen=True, eq=False)
class CoordinateAxis:
    """One hyperparameter as an axis.

    Attributes
    ----------
    name : str
    height : array [n]
        Of each configuration, 0 to 1; below 0 where it is inactive.
    places, texts : lists
        Where values are written, and the values.
    """

    name: str
    height: NDArray[np.float64]
    places: list[float]
    texts: list[str]


def ordered_names(study: Study, order: Importance | None) -> list[str]:
    """Return the hyperparameters of a study, the most important first where an importance is given."""
    names = list(study.names)
    if order is None:
        return names
    ranking = instance("order", order, Importance, hint="`importance.fanova(...)` makes one.").ranking
    return [name for name in ranking if name in names] + [name for name in names if name not in ranking]


def coordinate_axes(study: Study, order: Importance | None) -> tuple[list[CoordinateAxis], list[str]]:
    """Return the axes of what varies, and the names of what does not.

    Raises
    ------
    ValueError
        If nothing varies.
    """
    axes, constant = [], []
    for name in ordered_names(study, order):
        unit = study.unit[:, study.names.index(name)]
        active = unit[~np.isnan(unit)]
        if len(active) == 0 or (len(active) == len(unit) and np.ptp(active) == 0):
            constant.append(name)
            continue
        places, texts = _written(study, name)
        axes.append(CoordinateAxis(name, np.where(np.isnan(unit), _INACTIVE, unit), places, texts))
    if not axes:
        raise ValueError("no hyperparameter of `study` varies, so that there is no axis to draw.")
    return axes, constant


def _written(study: Study, name: str) -> tuple[list[float], list[str]]:
    hp = study.space[name]
    if not isinstance(hp, DISCRETE):
        return [0.0, 1.0], [value_text(end) for end in decode(hp, np.array([0.0, 1.0]))]
    levels, edges = levels_of(hp)
    middles = (edges[:-1] + edges[1:]) / 2
    shown = range(len(levels)) if len(levels) <= _MOST_LEVELS else (0, len(levels) - 1)
    return [float(middles[k]) for k in shown], [value_text(levels[k]) for k in shown]
