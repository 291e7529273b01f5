"""How much a front promises, as one number: the volume of what it beats."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from rlhp.arguments import instance, mapping, number_array, real
from rlhp.curves._pareto import ParetoFront, gains_of, not_beaten
from rlhp.curves._statistic import Array
from rlhp.errors import unknown_name

MAKE_FRONT = "`curves.pareto_front(first, second)` makes one."


def hypervolume(front: ParetoFront, reference: Mapping[str, float]) -> float:
    """Measure the volume between a front and a reference point that is worse in every objective.

    Parameters
    ----------
    front : ParetoFront
    reference : mapping
        From the name of each objective to a value that is as bad as one cares to count. What does not beat it in all
        objectives adds nothing. Only volumes by one reference can be compared.

    Returns
    -------
    float
        In the product of the objectives' units.

    Raises
    ------
    ValueError
        If the reference lacks an objective, or has another.

    References
    ----------
    E. Zitzler and L. Thiele (1998), Multiobjective optimization using evolutionary algorithms: a comparative case
    study.

    Examples
    --------
    >>> from rlhp import Runs, curves, objectives
    >>> runs = Runs.from_table([{"gamma": g} for g in (0.9, 0.95, 0.99)], [3.0, 1.0, 4.0], steps=[10, 20, 30])
    >>> front = curves.pareto_front(
    ...     *(objectives.score(runs, name, failures="raise", per="config") for name in ("final_return", "env_steps"))
    ... )
    >>> curves.hypervolume(front, {"final_return": 0, "env_steps": 40})  # 4 x 10, and 3 x 20 beside it
    100.0
    """
    instance("front", front, ParetoFront, hint=MAKE_FRONT)
    point = reference_point(front.names, reference) * np.array([one.sign for one in front.aims])
    return dominated_volume(gains_of(front.front, front.aims), point)


def reference_point(names: list[str], reference: Mapping[str, float]) -> Array:
    """Return a reference as an array, in the order of the objectives' names.

    Raises
    ------
    TypeError, ValueError
        If it is no mapping of these names to numbers.
    """
    given = mapping("reference", reference, hint="From each objective's name to a number.")
    for name in given:
        if name not in names:
            raise ValueError(unknown_name("objective", name, names, where="`reference`"))
    missing = [name for name in names if name not in given]
    if missing:
        raise ValueError(f"`reference` has no value for `{missing[0]}`; give one for each of {', '.join(names)}.")
    return np.array([real(f"reference[{name!r}]", given[name]) for name in names])


def dominated_volume(gains: Array, reference: Array) -> float:
    """Return the exact volume of the union of boxes from a reference point to each of some points.

    Parameters
    ----------
    gains : array [n, aims]
        More is better in each.
    reference : array [aims]

    Raises
    ------
    ValueError
        If the two do not fit.

    Notes
    -----
    Of two aims the boxes are a staircase. Of more, the volume is sliced at every value of the last one: between two of
    them the slice is the same, and has one dimension less. That takes about n to the power of (aims - 1) steps, little
    for the two or three aims that people can look at.

    Examples
    --------
    >>> dominated_volume(np.array([[1.0, 2.0], [2.0, 1.0]]), np.zeros(2))
    3.0
    """
    gains, reference = number_array("gains", gains, ndim=2, empty=True), number_array("reference", reference)
    if gains.shape[1] != len(reference):
        raise ValueError(f"`gains` has {gains.shape[1]} columns and `reference` {len(reference)} numbers.")
    sides = gains - reference
    return _volume(sides[(sides > 0).all(axis=1)])


def _volume(sides: Array) -> float:
    """Return the volume of the union of boxes that share a corner, of sides [n, d]."""
    if not len(sides):
        return 0.0
    if sides.shape[1] == 1:
        return float(sides.max())
    sides = sides[not_beaten(sides)]
    if sides.shape[1] == 2:
        across, up = sides[np.argsort(-sides[:, 0])].T
        return float((across * np.diff(up, prepend=0.0).clip(min=0.0)).sum())
    last = np.unique(sides[:, -1])
    deep = np.diff(last, prepend=0.0)
    slices = (_volume(sides[sides[:, -1] >= value, :-1]) for value in last)
    return float(sum(thick * one for thick, one in zip(deep, slices, strict=True)))
