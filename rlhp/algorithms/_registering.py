"""Registering an algorithm of one's own: its declaration is checked first, so that training finds it sound."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Mapping
from typing import Any

from rlhp.algorithms._declaration import ENGINES, Algorithm, Hyperparameter, Levels, Range
from rlhp.algorithms._registry import keep, names
from rlhp.algorithms.loading import code_of
from rlhp.algorithms.values import checked
from rlhp.arguments import choice, flag, instance, mapping, real, sequence, shown, text, whole
from rlhp.errors import unknown_name
from rlhp.schedules import Schedule

_ACTIONS = ("Box", "Discrete", "MultiBinary", "MultiDiscrete")
_KINDS = ("float", "int", "bool", "widths")
_MARKS = {"float": ("traced",), "int": ("loop", "traced", "static"), "bool": ("loop", "static"), "widths": ("static",)}
_MEASURES = ("linear", "log", "flipped-log")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


def register(algorithm: Algorithm, *, replace: bool = False) -> None:
    """Make an algorithm of one's own known: sweeps, spaces, importance, forms and policies then work with it.

    It is known in this process (and in the worker processes of a sweep). A policy file names its algorithm, so whoever
    loads one registers the algorithm first: put the call at the end of the module that holds the agent, and import it.

    Parameters
    ----------
    algorithm : Algorithm
        The declaration.
    replace : bool
        Whether one of the same name may be there already.

    Raises
    ------
    TypeError, ValueError
        If something in the declaration cannot be: the field is named, and what is allowed.
    ImportError
        If a module that `agent` or `sb3` names cannot be imported.

    Examples
    --------
    >>> from rlhp.algorithms import declared
    >>> register(declared("ppo"))
    Traceback (most recent call last):
    ValueError: `algorithm` is named 'ppo', and there is one of that name; give another name, or replace=True.
    """
    declaration = instance(
        "algorithm", algorithm, Algorithm, hint="`rlhp.algorithms.Algorithm(name=..., ...)` makes one."
    )
    text("algorithm.title", declaration.title)
    if not _NAME.fullmatch(text("algorithm.name", declaration.name)):
        raise ValueError(
            f"`algorithm.name` is {declaration.name!r}; give letters, digits and underscores, a letter first."
        )
    if not flag("replace", replace) and declaration.name in names():
        raise ValueError(
            f"`algorithm` is named {declaration.name!r}, and there is one of that name; give another name, or "
            f"replace=True."
        )
    for kind in _several("actions", declaration.actions):
        choice("algorithm.actions", kind, _ACTIONS, kind="action space")
    known = mapping("algorithm.hyperparameters", declaration.hyperparameters)
    if not known:
        raise ValueError("`algorithm.hyperparameters` is empty; declare at least one.")
    for name, what in known.items():
        if not _NAME.fullmatch(name):
            raise ValueError(
                f"`algorithm.hyperparameters` has the name {name!r}; give letters, digits and underscores, a letter "
                f"first. (`env.` begins the names of an environment's own parameters.)"
            )
        _check_hyperparameter(declaration.name, name, instance(_at(name), what, Hyperparameter))
    _check_together(declaration, known)
    _check_code(declaration)
    keep(declaration)


def _check_hyperparameter(algorithm: str, name: str, what: Hyperparameter) -> None:
    """Check one hyperparameter by itself: its marks, its range, and that default and search stay within it."""
    here = _at(name)
    kind = choice(f"{here}.kind", what.kind, _KINDS, kind="kind")
    if choice(f"{here}.mark", what.mark, ("traced", "loop", "static"), kind="mark") not in _MARKS[kind]:
        raise ValueError(
            f"`{here}.mark` is {what.mark!r} for the kind {kind!r}; it is {' or '.join(map(repr, _MARKS[kind]))}."
        )
    if flag(f"{here}.moves", what.moves) and kind not in ("float", "int"):
        raise ValueError(f"`{here}.moves` is True for the kind {kind!r}; only numbers follow a schedule.")
    low = real(f"{here}.low", what.low)
    real(f"{here}.high", what.high, at_least=low)
    for field in ("unit", "source"):
        text(f"{here}.{field}", getattr(what, field), empty=True)
    for engine in _several(f"hyperparameters[{name!r}].engines", what.engines):
        choice(f"{here}.engines", engine, ENGINES, kind="engine")
    if not isinstance(what.also, tuple):
        raise TypeError(f"`{here}.also` is {shown(what.also)}; give a tuple of values, such as (None,).")
    _check_value(algorithm, name, what, "default", what.default)
    _check_one_program(here, what)
    if what.search is None:
        return
    look: Any = instance(f"{here}.search", what.search, (Range, Levels))
    start = what.default if what.searched_from is None else what.searched_from
    if isinstance(look, Levels):
        for level in _several(f"hyperparameters[{name!r}].search", look.values):
            _check_value(algorithm, name, what, "search", level)
        if not any(type(level) is type(start) and level == start for level in look.values):
            raise ValueError(f"`{here}.search` has no level {start!r}, the default: add it, or give `searched_from`.")
        return
    _check_range(here, what, look, start)
    for end in (look.low, look.high):
        _check_value(algorithm, name, what, "search", end)


def _check_one_program(here: str, what: Hyperparameter) -> None:
    """Check that `one_program` is a pair of whole numbers, of a whole number that is searched."""
    if what.one_program is None:
        return
    if what.kind != "int" or what.search is None:
        raise ValueError(f"`{here}.one_program` is for whole numbers (kind 'int') with a `search`; leave it out.")
    if not isinstance(what.one_program, tuple) or len(what.one_program) != 2:
        raise TypeError(f"`{here}.one_program` is {shown(what.one_program)}; give the least and the largest value.")
    least = whole(f"{here}.one_program[0]", what.one_program[0])
    whole(f"{here}.one_program[1]", what.one_program[1], at_least=least)


def _check_range(here: str, what: Hyperparameter, look: Range, start: Any) -> None:
    if what.kind not in ("float", "int"):
        raise ValueError(f"`{here}.search` is a Range for the kind {what.kind!r}; give `Levels` of it.")
    measure = choice(f"{here}.search", look.measure, _MEASURES, kind="measure")
    low = real(f"{here}.search.low", look.low, above=0 if measure == "log" else None)
    high = real(f"{here}.search.high", look.high, above=low, below=1 if measure == "flipped-log" else None)
    if not isinstance(start, int | float) or isinstance(start, bool) or not low <= start <= high:
        raise ValueError(
            f"`{here}.search` is from {low:g} to {high:g}, and the default {shown(start)} lies outside: widen it, or "
            f"give `searched_from`."
        )


def _check_value(algorithm: str, name: str, what: Hyperparameter, field: str, value: Any) -> None:
    if any(value is one or (type(value) is type(one) and value == one) for one in what.also):
        return
    try:
        checked(algorithm, name, what, value)
    except ValueError as error:
        raise ValueError(f"`{_at(name)}.{field}`: {error}") from error


def _check_together(declaration: Algorithm, known: Mapping[str, Any]) -> None:
    """Check what one hyperparameter says of another, and what the algorithm says of all."""
    for name, what in known.items():
        if what.when is not None:
            other, value = _pair(f"{_at(name)}.when", what.when)
            _check_value(declaration.name, _known(f"{_at(name)}.when", other, known), known[other], "when", value)
    for pair in sequence("algorithm.clauses", declaration.clauses):
        for name in _pair("algorithm.clauses", pair):
            _known("algorithm.clauses", name, known)
            if known[name].search is None:
                raise ValueError(f"`algorithm.clauses` names `{name}`, which has no `search` and so is in no space.")
    for name in _several("iteration", declaration.iteration):
        _known("algorithm.iteration", name, known)
        if known[name].kind != "int" or known[name].moves:
            raise ValueError(
                f"`algorithm.iteration` names `{name}`; give hyperparameters that are whole numbers and do not move: "
                f"their product is the environment steps of an iteration."
            )
    full = {name: what.default for name, what in known.items()}
    described = mapping(
        "algorithm.described", _answer(declaration, "described", full), hint="That is what it gives of the defaults."
    )
    if declaration.agent is not None:
        _check_described(known, described)
    if conflict := text(
        "algorithm.conflict", _answer(declaration, "conflict", full, {}), empty=True, hint="What it gives."
    ):
        raise ValueError(f"`algorithm.conflict` refuses the defaults themselves: {conflict}")


def _check_described(known: Mapping[str, Any], said: Mapping[str, Any]) -> None:
    """Check that what a program is called with are numbers."""
    for name, value in said.items():
        mark = known[name].mark if name in known and "jax" in known[name].engines else "static"
        number = isinstance(value, int | float)
        if mark == "traced" and not isinstance(value, Schedule) and (not number or isinstance(value, bool)):
            raise ValueError(
                f"`algorithm.described` gives {shown(value)} for `{name}` by default, which is traced: give a number "
                f"(math.inf for no limit) or a schedule."
            )
        if mark == "loop" and not isinstance(value, int):
            raise ValueError(
                f"`algorithm.described` gives {shown(value)} for `{name}` by default, which is a loop: make it a whole "
                f"number or a switch."
            )


def _answer(one: Algorithm, field: str, *arguments: Any) -> Any:
    """Ask a function of a declaration about its own defaults."""
    function = getattr(one, field)
    if not callable(function):
        raise TypeError(f"`algorithm.{field}` is {shown(function)}; give a function.")
    try:
        return function(*arguments)
    except Exception as error:  # a function of somebody else's may raise anything
        raise ValueError(
            f"`algorithm.{field}` raises {type(error).__name__} of the defaults: {shown(str(error))}"
        ) from error


def _check_code(declaration: Algorithm) -> None:
    """Check that what trains it is there, as far as that costs no import of Torch."""
    if declaration.agent is None and declaration.sb3 is None:
        raise ValueError(
            "`algorithm.agent` (for engine='jax') and `algorithm.sb3` are both None; give at least one of them."
        )
    if declaration.agent is not None:
        if not callable(declaration.agent):
            text("algorithm.agent", declaration.agent, hint="`module:function`, or the function itself.")
        code_of(declaration)
    if declaration.sb3 is not None:
        module, colon, name = text("algorithm.sb3", declaration.sb3, hint="`module:Class`.").partition(":")
        if not (module and colon and name.isidentifier()):
            raise ValueError(f"`algorithm.sb3` is {declaration.sb3!r}; give `module:Class`.")
        if module == "__main__":
            raise ValueError(
                f"`algorithm.sb3` is {declaration.sb3!r}, and the processes that train it cannot import this program: "
                f"put the class into a module of its own."
            )
        try:
            is_there = importlib.util.find_spec(module) is not None
        except (ImportError, ValueError):
            is_there = False
        if not is_there and module.partition(".")[0] != "stable_baselines3":
            raise ImportError(f"`algorithm.sb3` is {declaration.sb3!r}, and there is no module {module}.")


def _several(field: str, value: Any) -> tuple[Any, ...]:
    """Return the entries of what holds several."""
    if not isinstance(value, tuple | list | set | frozenset) or not value:
        raise ValueError(f"`algorithm.{field}` is {shown(value)}; give a tuple or set with at least one entry.")
    return tuple(value)


def _pair(field: str, value: Any) -> tuple[Any, Any]:
    if not isinstance(value, tuple | list) or len(value) != 2:
        raise ValueError(f"`{field}` is {shown(value)}; give a pair.")
    return value[0], value[1]


def _known(field: str, name: Any, known: Mapping[str, Any]) -> str:
    if not isinstance(name, str) or name not in known:
        named = name if isinstance(name, str) else shown(name)
        raise ValueError(f"`{field}`: {unknown_name('hyperparameter', named, known)}")
    return str(name)


def _at(name: str) -> str:
    return f"algorithm.hyperparameters[{name!r}]"
