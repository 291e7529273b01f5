"""The lines of a journal: what tells one search from another, what was asked, and what was told."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from ConfigSpace import ConfigurationSpace
from ConfigSpace.hyperparameters import UniformFloatHyperparameter

from rlhp import arguments, spaces
from rlhp.arguments import shown
from rlhp.errors import unknown_name
from rlhp.frames import encode_value
from rlhp.hpo.search._configurations import restored, valid
from rlhp.hpo.search._journal import Event, Journal
from rlhp.hpo.search._searcher import Observations

__all__ = [
    "OtherSearchError",
    "ask_event",
    "cells",
    "configurations_in",
    "described",
    "need_due",
    "number_or_none",
    "read_event",
    "resumed",
    "search_event",
    "tell_event",
]

# What each event holds beside its name; its number is how many stand before it, so that a line that is lost, or there
# twice, shows.
_HOLDS = {
    "ask": ("number", "configurations"),
    "tell": ("number", "configurations", "scores", "noise", "steps"),
}


class OtherSearchError(ValueError):
    """A journal is of another search.

    Parameters
    ----------
    path : Path
    what : str
        The argument that differs.
    before, now : object
        Its value in the journal, and the one that was given.
    argument : str
        Which argument the path came from.
    """

    def __init__(self, path: Path, what: str, before: Any, now: Any, *, argument: str = "journal") -> None:
        self.path, self.what, self.before, self.now = path, what, before, now
        super().__init__(
            f"`{argument}` is {path}, the journal of another search: its {what} is {before}, not {now}; give the same "
            f"again, or another `{argument}=`."
        )

    def of_call(self, argument: str, path: Path, **names: str) -> OtherSearchError:
        """Return the same, said with the arguments of another function."""
        return OtherSearchError(path, names.get(self.what, self.what), self.before, self.now, argument=argument)


def described(part: Any) -> str:
    """Return what makes one searcher or plan another: its class and options."""
    return repr(part) if dataclasses.is_dataclass(part) else f"{type(part).__module__}.{type(part).__qualname__}"


def search_event(space: ConfigurationSpace, searcher: Any, seed: int, of: Mapping[str, Any]) -> Event:
    """Return the first line: the search in all its parts."""
    rows = spaces.describe(space).astype(str).to_dict("index")
    return {
        "event": "search",
        "searcher": described(searcher),
        "seed": seed,
        "space": {str(name): ", ".join(f"{key} {cell}" for key, cell in row.items()) for name, row in rows.items()},
        "order": list(space),
        "forbidden": sorted(map(str, space.forbidden_clauses)),
        "of": {name: value if isinstance(value, int | str) else repr(value) for name, value in of.items()},
    }


def resumed(journal: Journal, mine: Event) -> list[Event]:
    """Return what happened after the first line of a journal, which says of what search it is; write that if need be.

    Raises
    ------
    OtherSearchError
        With the first part that differs.
    ValueError
        If the first line says nothing of a search.
    """
    if not journal.events:
        journal.write(mine)
    first, *rest = journal.events
    if first["event"] != "search":
        raise journal.refused(1, "it does not say of which search it is")
    _need_same(journal.path, first, mine)
    return rest


def _need_same(path: Path, first: Event, mine: Event) -> None:
    before, now = _flat(first), _flat(mine)
    for name in dict.fromkeys([*now, *before]):
        if name not in before or name not in now or before[name] != now[name]:
            was, given = (str(part[name]) if name in part else "not there" for part in (before, now))
            raise OtherSearchError(path, name.removeprefix("of."), was, given)


def _flat(event: Event) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in event.items():
        flat |= {f"{name}.{key}": one for key, one in value.items()} if isinstance(value, dict) else {name: value}
    return flat


def ask_event(number: int, configurations: Sequence[Mapping[str, Any]]) -> Event:
    """Return the line of what was asked."""
    return {"event": "ask", "number": number, "configurations": [cells(one) for one in configurations]}


def tell_event(number: int, told: Observations) -> Event:
    """Return the line of what was told."""
    return {
        "event": "tell",
        "number": number,
        "configurations": [cells(one) for one in told.configurations],
        **{name: [number_or_none(one) for one in getattr(told, name)] for name in ("scores", "noise", "steps")},
    }


def read_event(space: ConfigurationSpace, event: Event, number: int) -> Observations:
    """Return what a line holds; of an ask its configurations are pending.

    Raises
    ------
    ValueError, TypeError
        If it is no such line, or not the one that is due.
    """
    need_due(event, number, _HOLDS)
    rows = configurations_in(space, event)
    if event["event"] == "ask":
        return Observations(pending=rows)
    scores, noise, steps = (_numbers(name, event[name]) for name in ("scores", "noise", "steps"))
    return Observations(rows, scores, noise, steps=steps)


def need_due(event: Event, number: int, holds: Mapping[str, Sequence[str]]) -> None:
    """Refuse an event that is not the one that is due, or lacks a part.

    Parameters
    ----------
    event : dict
    number : int
        How many stand before it.
    holds : mapping
        From the kinds there are to what each holds.

    Raises
    ------
    ValueError
        With what is wrong.
    """
    kind = event["event"]
    if kind not in holds:
        raise ValueError(f"its event is {shown(kind)}, where `ask` or `tell` is due")
    for name in holds[kind]:
        if name not in event:
            raise ValueError(f"it has no `{name}`")
    if event["number"] != number:
        raise ValueError(
            f"its number is {shown(event['number'])} where {number} is due: a line is missing, or there twice"
        )


def configurations_in(space: ConfigurationSpace, event: Event) -> tuple[dict[str, Any], ...]:
    """Return the configurations of an event; an ask has one at least.

    Raises
    ------
    ValueError, TypeError
        If they are none of the space.
    """
    given = arguments.sequence("configurations", event["configurations"])
    if event["event"] == "ask" and not given:
        raise ValueError("it asks for nothing")
    return tuple(_configuration(space, one) for one in given)


def _configuration(space: ConfigurationSpace, cells: Any) -> dict[str, Any]:
    for name, cell in arguments.mapping("configurations", cells).items():
        if name not in space:
            raise ValueError(unknown_name("hyperparameter", name, list(space), where="this space"))
        real = isinstance(space[name], UniformFloatHyperparameter)
        if not isinstance(cell, int | float | str | None) or (real and not isinstance(cell, float | int)):
            raise ValueError(f"`{name}` is {shown(cell)}")
    found = restored(space, cells)
    valid(space, found)
    return found


def _numbers(name: str, cells: Any) -> np.ndarray:
    given = arguments.sequence(name, cells)
    return arguments.number_array(name, [math.nan if one is None else one for one in given], finite=False, empty=True)


def cells(configuration: Mapping[str, Any]) -> dict[str, Any]:
    """Return a configuration as JSON."""
    return {name: encode_value(value) for name, value in configuration.items()}


def number_or_none(value: float) -> float | None:
    """Return a number as JSON has it: NaN is none there."""
    return None if math.isnan(value) else float(value)
