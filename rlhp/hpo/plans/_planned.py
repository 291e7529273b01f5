"""Plans by name."""

from __future__ import annotations

import dataclasses
from typing import Any

from rlhp import arguments
from rlhp.errors import unknown_name
from rlhp.hpo.plans._asha import Asha
from rlhp.hpo.plans._freeze_thaw import FreezeThaw
from rlhp.hpo.plans._full import Full
from rlhp.hpo.plans._halving import SuccessiveHalving
from rlhp.hpo.plans._hyperband import Hyperband
from rlhp.hpo.plans._race import Race
from rlhp.hpo.plans._trials import Plan, Terms

__all__ = ["as_plan", "need_budget", "plan", "plan_names"]

_CLASSES: dict[str, type[Any]] = {
    "full": Full,
    "successive_halving": SuccessiveHalving,
    "hyperband": Hyperband,
    "asha": Asha,
    "race": Race,
    "freeze_thaw": FreezeThaw,
}


def plan_names() -> list[str]:
    """Name the plans there are.

    Examples
    --------
    >>> "race" in plan_names()
    True
    """
    return list(_CLASSES)


def plan(name: str, **options: Any) -> Plan:
    """Make a plan by its name.

    Parameters
    ----------
    name : str
        One of `plan_names`.
    **options
        Those of its class.

    Returns
    -------
    Plan

    Raises
    ------
    ValueError
        If there is no such plan, or it has no such option; the message gives the nearest.

    Examples
    --------
    >>> plan("hyperband", ratio=27)
    Hyperband(eta=3, ratio=27, over='steps', batch=1)
    """
    made = _CLASSES[arguments.choice("name", name, _CLASSES, kind="plan")]
    known = [one.name for one in dataclasses.fields(made)]
    for option in options:
        if option not in known:
            raise ValueError(unknown_name("option", option, known, where=f"the plan {name!r}"))
    found: Plan = made(**options)
    return found


def as_plan(value: Any) -> Plan:
    """Return the plan that a name stands for, or the one that was given.

    Raises
    ------
    ValueError
        If there is none of that name.
    TypeError
        If it cannot order.
    """
    if isinstance(value, str):
        return plan(value)
    if isinstance(value, type) or not callable(getattr(value, "next", None)):
        raise TypeError(
            f"`plan` is {arguments.shown(value)}; give a name, one of {', '.join(_CLASSES)}, or an object with "
            f"`next(trials, terms)` and `table(terms)`."
        )
    found: Plan = value
    return found


def need_budget(plan: Plan, terms: Terms) -> None:
    """Refuse a budget under which a plan begins nothing.

    Raises
    ------
    ValueError
        With the least budget under which it begins a configuration.
    """
    if terms.budget is None or plan.next((), terms):
        return
    low, high = terms.budget, terms.steps * terms.seeds
    if high <= low or not plan.next((), dataclasses.replace(terms, budget=high)):
        raise ValueError(f"the plan {plan} begins nothing with a budget of {low:,} environment steps.")
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if plan.next((), dataclasses.replace(terms, budget=middle)) else (middle, high)
    raise ValueError(
        f"`budget` is {terms.budget:,} environment steps; the plan {plan} needs {high:,} at least, to begin one "
        f"configuration (a run has {terms.steps:,} steps, there are {terms.seeds} tuning seeds)."
    )
