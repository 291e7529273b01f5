"""Searchers by name."""

from __future__ import annotations

import dataclasses
import importlib
from typing import Any

from rlhp import arguments
from rlhp.errors import unknown_name
from rlhp.hpo.search._searcher import Searcher

__all__ = ["as_searcher", "searcher", "searcher_names"]

# Each is imported when it is asked for, for some bring heavy libraries: its module and class.
_CLASSES = {
    "bnn": ("_bnn", "Bnn"),
    "emukit": ("gp._emukit", "Emukit"),
    "grid": ("_grid", "Grid"),
    "optuna": ("_optuna", "Optuna"),
    "random": ("_random", "Random"),
    "sobol": ("_sobol", "Sobol"),
}


def searcher_names() -> list[str]:
    """Name the searchers there are.

    Examples
    --------
    >>> "random" in searcher_names()
    True
    """
    return list(_CLASSES)


def searcher(name: str, **options: Any) -> Searcher:
    """Make a searcher by its name.

    Parameters
    ----------
    name : str
        One of `searcher_names`.
    **options
        Those of its class.

    Returns
    -------
    Searcher

    Raises
    ------
    ValueError
        If there is no such searcher, or it has no such option; the message gives the nearest.

    Examples
    --------
    >>> searcher("sobol", scramble=3)
    Sobol(scramble=3)
    >>> searcher("sobel")
    Traceback (most recent call last):
        ...
    ValueError: unknown searcher `sobel`; did you mean `sobol`? Valid: ...
    """
    module, kind = _CLASSES[arguments.choice("name", name, _CLASSES, kind="searcher")]
    made = getattr(importlib.import_module(f"rlhp.hpo.searchers.{module}"), kind)
    known = [one.name for one in dataclasses.fields(made)]
    for option in options:
        if option not in known:
            raise ValueError(unknown_name("option", option, known, where=f"the searcher {name!r}"))
    found: Searcher = made(**options)
    return found


def as_searcher(value: Any, seed: int) -> Searcher:
    """Return the searcher that a name stands for, or the one that was given.

    Raises
    ------
    ValueError
        If there is none of that name.
    TypeError
        If it cannot propose.
    """
    if isinstance(value, str):
        return searcher(value, **({"scramble": seed} if value == "sobol" else {}))
    if isinstance(value, type) or not callable(getattr(value, "propose", None)):
        raise TypeError(
            f"`searcher` is {arguments.shown(value)}; give a name, one of {', '.join(_CLASSES)}, or an object with "
            f"`propose(space, seen, n, rng)`."
        )
    found: Searcher = value
    return found
