"""What a figure is drawn of, and which call makes it: said to whoever passes something else."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, TypeVar

from rlhp.arguments import instance, number_array, shown, text, whole

_T = TypeVar("_T")

# The calls that make what the figures take, by class; a test holds that every figure's class is here.
MAKERS = {
    "CurveSummary": "curves.iqm(runs, by=..., rng=0)",
    "Extrapolation": "curves.extrapolate(runs, first=1/3, rng=0)",
    "ScoreSummary": "curves.summarise(runs, by=..., rng=0)",
    "PerformanceProfile": "curves.performance_profile(runs, by=..., rng=0)",
    "Improvement": "curves.probability_of_improvement(runs, by=..., rng=0)",
    "Power": "curves.how_many_seeds(runs, by=..., rng=0)",
    "Reliability": "curves.reliability(runs, by=..., rng=0)",
    "Selection": "curves.selection(runs, rng=0)",
    "Tolerance": "curves.tolerance_band(runs, by=...)",
    "Importance": "importance.fanova(runs, space, rng=0)",
    "Importances": "importance.over_training(runs, space, rng=0)",
    "Landscape": "importance.landscape(runs, space, x, y, rng=0)",
    "Study": "importance.scored(runs, space, objective, failures=...)",
    "CrashMap": "importance.crash_map(runs, space)",
    "SearchHistory": "curves.search_history(scores)",
    "EDF": "curves.edf(scores)",
    "ParetoFront": "curves.pareto_front(first, second)",
    "Footprint": "importance.footprint(study, rng=0)",
    "BudgetCorrelation": "importance.budget_correlation(runs, rng=0)",
    "Progress": "hpo.progress(searches)",
    "Brackets": "hpo.brackets(plan, terms)",
    "SensitivityPlane": "importance.sensitivity_plane(runs, rng=0)",
}


def taken(name: str, value: Any, kind: type[_T], *, title: Any = None) -> _T:
    """Return the result that a figure was passed, or say what it takes and the call that makes it.

    A figure begins with it, before there are axes: `title`, where it is given, has to be a text.

    Raises
    ------
    TypeError
        If the result or the title is of another kind.
    """
    result = instance(name, value, kind, hint=f"`{MAKERS[kind.__name__]}` makes one.")
    title_option(title)
    return result


def labels_option(labels: Any, n: int, of: str) -> list[str] | None:
    """Return labels as a list, one for each of `n` things."""
    if labels is None:
        return None
    given = list(labels) if isinstance(labels, Sequence) and not isinstance(labels, str | bytes) else None
    if given is None or not all(isinstance(one, str) for one in given):
        raise ValueError(f"`labels` is {shown(labels)}; give a list of texts, one per {of}, in their order.")
    if len(given) != n:
        raise ValueError(f"`labels` has {len(given)} labels for {n} {of}s; give one per {of}, in their order.")
    return given


def looks_option(looks: Any, n: int, of: str) -> list[int]:
    """Return the places of `n` things among the looks; by default they follow each other."""
    if looks is None:
        return list(range(n))
    given = list(looks) if isinstance(looks, Sequence) and not isinstance(looks, str | bytes) else None
    if given is None or len(given) != n:
        raise ValueError(f"`looks` is {shown(looks)}; give a list of {n} whole numbers from 0, one per {of}.")
    return [whole("looks", one, at_least=0) for one in given]


def range_option(name: str, value: Any) -> tuple[float, float] | None:
    """Return the lowest and the highest value of an axis."""
    if value is None:
        return None
    what = "the lowest and the highest value, such as (0, 500)"
    ends = number_array(name, value, what=what)
    if len(ends) != 2 or not ends[0] < ends[1] or not math.isfinite(ends[1] - ends[0]):
        raise ValueError(f"`{name}` is {shown(value)}; give {what}.")
    return float(ends[0]), float(ends[1])


def title_option(title: Any) -> None:
    """Refuse a title that is no text."""
    if title is not None:
        text("title", title, empty=True)
