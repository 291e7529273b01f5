"""Taking one point of a front, and saying why that one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from rlhp.arguments import instance, mapping, real
from rlhp.curves._hypervolume import MAKE_FRONT
from rlhp.curves._labels import number_label
from rlhp.curves._pareto import Aim, ParetoFront, gains_of
from rlhp.errors import unknown_name


@dataclass(frozen=True, eq=False)
class Choice:
    """One point of a front; made by `choose`.

    Attributes
    ----------
    id : str or int
        Its row of `ParetoFront.table`.
    values : dict
        From each objective to its value.
    rule : {"knee", "weights"}
        What decided among those within the limits.
    why : str
        In a sentence.
    table : DataFrame
        The front, the point taken first: each objective, its `<name>.share` (0: the worst on the front, 1: the best)
        and the `worth` by which they are in order; `within` says which of them the limits allow.
    """

    id: str | int
    values: dict[str, float]
    rule: str
    why: str
    table: pd.DataFrame

    def __repr__(self) -> str:
        return f"Choice({self.id}: {_said(self.values)})\n{self.why}"


def choose(
    front: ParetoFront, *, weights: Mapping[str, float] | None = None, limits: Mapping[str, float] | None = None
) -> Choice:
    """Take one point of a front.

    Parameters
    ----------
    front : ParetoFront
    weights : mapping, optional
        How much the whole range of each objective on the front counts; what is not named counts nothing. Without, the
        knee is taken: the point that lies farthest beyond the straight line (with three objectives the plane) between
        the ends of the front, where a little more of one objective begins to cost much of another.
    limits : mapping, optional
        The least of an objective that is maximised, or the most of one that is minimised, that can be accepted. With
        limits alone, the objectives without a limit are weighed alike: of one that is left, the best is taken.

    Returns
    -------
    Choice

    Raises
    ------
    ValueError
        If a name is unknown, a weight is negative or all are 0, or no point is within the limits.

    Notes
    -----
    A weighted sum never takes a point where the front bends inward, whatever the weights: two points around it are
    always as good. A limit can.

    References
    ----------
    I. Das (1999), On characterizing the "knee" of the Pareto curve based on normal-boundary intersection. J. Branke et
    al. (2004), Finding knees in multi-objective optimization.

    Examples
    --------
    >>> from rlhp import Runs, curves, objectives
    >>> runs = Runs.from_table([{"tau": t} for t in (0.1, 0.2, 0.3)], [1.0, 9.0, 10.0], steps=[10, 20, 100])
    >>> front = curves.pareto_front(
    ...     *(objectives.score(runs, name, failures="raise", per="config") for name in ("final_return", "env_steps"))
    ... )
    >>> curves.choose(front).values, curves.choose(front, limits={"final_return": 9.5}).values["env_steps"]
    ({'final_return': 9.0, 'env_steps': 20.0}, 100.0)
    """
    instance("front", front, ParetoFront, hint=MAKE_FRONT)
    weighed, limited = _numbers("weights", weights, front), _numbers("limits", limits, front)
    if weights is not None and (min(weighed.values(), default=0.0) < 0 or not any(weighed.values())):
        raise ValueError(f"`weights` is {dict(weighed)}; give numbers from 0, one of them above 0.")
    table = front.front
    if not len(table):
        raise ValueError(f"`front` is empty: none of the {len(front.table)} {front.what} has every objective.")
    gains = gains_of(table, front.aims)
    within = np.ones(len(table), dtype=bool)
    for at, aim in enumerate(front.aims):
        if aim.name in limited:
            within &= gains[:, at] >= aim.sign * limited[aim.name]
    if not within.any():
        raise ValueError(_nothing_within(table, front.aims, limited))
    span = np.ptp(gains, axis=0)
    shares = (gains - gains.min(axis=0)) / np.where(span > 0, span, 1.0)
    rule = "knee"
    if weights is not None:
        rule = "weights"
    elif limited:
        rule, weighed = (
            "weights",
            {one: 1.0 for one in front.names if one not in limited} or dict.fromkeys(limited, 1.0),
        )
    of_aims = (
        np.array([weighed.get(one, 0.0) for one in front.names]) if rule == "weights" else np.ones(len(front.aims))
    )
    worth = shares @ of_aims
    # Of equals in what counts, the better in the rest.
    order = np.lexsort((-shares.sum(axis=1), -worth, ~within))
    taken = table.iloc[order[0]]
    columns = {f"{name}.share": shares[:, at] for at, name in enumerate(front.names)}
    ranked = table.assign(**columns, worth=worth, within=within).iloc[order]
    values = {name: float(taken[name]) for name in front.names}
    why = _why(front, ranked, rule, weighed, limited)
    return Choice(ranked.index[0], values, rule, why, ranked)


def _numbers(name: str, given: Mapping[str, float] | None, front: ParetoFront) -> dict[str, float]:
    found = {} if given is None else mapping(name, given, hint="From names of objectives to numbers.")
    for one in found:
        if one not in front.names:
            raise ValueError(unknown_name("objective", one, front.names, where=f"`{name}`"))
    return {one: real(f"{name}[{one!r}]", value) for one, value in found.items()}


def _nothing_within(table: pd.DataFrame, aims: tuple[Aim, ...], limits: Mapping[str, float]) -> str:
    best = [
        f"{one.name} {number_label(float(table[one.name].max() if one.sign > 0 else table[one.name].min()), 4)}"
        for one in aims
        if one.name in limits
    ]
    return (
        f"no point of the front is within the limits {_said(limits)}; the best of each alone is {', '.join(best)}: "
        f"give limits that leave one."
    )


def _why(
    front: ParetoFront, ranked: pd.DataFrame, rule: str, weights: Mapping[str, float], limits: Mapping[str, float]
) -> str:
    first = ranked.iloc[0]
    n, n_within = len(ranked), int(ranked["within"].sum())
    among = f"of the {n} points on the front, {n_within} are within {_said(limits)}; among them " if limits else ""
    if n_within == 1:
        return f"{among or 'the front is one point, and '}there is no other to take"
    second = ranked.iloc[1]
    if first["worth"] == second["worth"]:
        return f"{among}it is as good as {second.name} in what counts, and stands before it"
    if rule == "weights":
        return (
            f"{among}it has the largest sum of shares of the front's range, weighed by {_said(weights)}: "
            f"{first['worth']:.3g}, before {second['worth']:.3g} of {second.name}"
        )
    beyond = float(first["worth"]) - 1.0
    if len(front.aims) == 2 and beyond < 1e-9:
        return f"{among}no point lies beyond the line between the ends: the front has no knee, and this is an end of it"
    shares = ", ".join(f"{first[f'{name}.share']:.0%} of the range of {name}" for name in front.names)
    return f"{among}it is the knee: it has {shares}, and lies farthest beyond the line between the ends"


def _said(values: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {number_label(value, 4)}" for name, value in values.items())
