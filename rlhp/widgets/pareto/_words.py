"""What the explorer of fronts says in words: the front, how sure it is, the point to take, and tables."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from rlhp.curves import Choice, FrontStability, ParetoFront, number_label
from rlhp.plots import value_text
from rlhp.widgets.frame._markup import table
from rlhp.widgets.frame._prediction import Prediction
from rlhp.widgets.pareto._measured import RESAMPLES, Judged, Measured, Tally
from rlhp.widgets.pareto._picture import SURE
from rlhp.widgets.pareto._setting import Setting, words_of

__all__ = [
    "answered",
    "counted",
    "front_table",
    "hyperparameter_table",
    "on_front",
    "other_seeds",
    "question",
    "taken",
    "ties",
]


def question(measured: Measured, setting: Setting) -> Prediction:
    """Return what is asked before a front is shown: how much of it stays."""
    return Prediction(
        f"{setting.seeds} seeds draw the front of {words_of(setting.first)} and {words_of(setting.second)}, of "
        f"{len(measured.index)} configurations of {measured.label}. {len(measured.judging(setting))} other seeds draw "
        f"it again. Which part of the first front's points is on the second one?",
        ("All or nearly all", "About two thirds", "About a third", "None"),
        "Seeds that happen to agree show no spread, and resampling them shows none either. Now change the objectives: "
        "with which of them does more of a front stay?",
    )


def on_front(front: ParetoFront, measured: Measured, setting: Setting) -> str:
    """Return how many are on the front, and its two ends."""
    rows = front.front
    ends = [_point(front, rows.iloc[0]), _point(front, rows.iloc[-1])]
    reach = f"The front goes from {ends[0]} to {ends[1]}."
    if ends[0] == ends[1]:  # the first objective is the same, and so is the second, or one would beat the other
        reach = f"{'They are all equal' if len(rows) > 1 else 'It is one point'}: {ends[0]}."
    both = f"{words_of(setting.first)} and {words_of(setting.second)}"
    are = "are" if len(rows) > 1 else "is"
    return (
        f"{len(rows)} of {len(front.table)} configurations of {measured.label} {are} beaten by none in {both}, by "
        f"{setting.seeds} seeds. {reach}"
    )


def other_seeds(judged: Judged, stability: FrontStability | None, n_others: int) -> str:
    """Return what of the front its resampled seeds and the other seeds leave."""
    n, stay = len(judged.drawn.front), len(judged.stay)
    resampled = "The resamples of its seeds are being computed."
    if stability is not None:
        sure = int((stability.table["share"][stability.table["on_front"]] >= SURE).sum())
        resampled = (
            f"{sure} of {n} {'are' if sure != 1 else 'is'} on the front in half of {RESAMPLES} resamples of its own "
            f"seeds or more."
        )
    kept = (
        "" if judged.kept != judged.kept else f", and the front covers {judged.kept:.0%} of the area that it promised"
    )
    return f"{resampled} By the {n_others} other seeds {stay} of {n} {'are' if stay != 1 else 'is'} still on it{kept}."


def ties(measured: Measured, setting: Setting) -> str:
    """Return how many configurations the cap of the return does not tell apart; nothing where that plays no part."""
    n = measured.reached(measured.drawing(setting)) if "final_return" in setting.objectives else 0
    if n < 2:
        return ""
    return (
        f"{n} configurations reach {number_label(measured.cap, 4)} or more: there the return tells none from another."
    )


def taken(choice: Choice, judged: Judged) -> str:
    """Return the point that is taken, why, and what the other seeds say of it."""
    there = judged.again.table.loc[choice.id]
    again = _point(judged.again, there)
    still = "still on the front" if bool(there["on_front"]) else "beaten there"
    said = f"Taken: {choice.id}, {_point(judged.drawn, choice.values)}: {_in_words(choice.why, judged.drawn.names)}."
    return f"{said} By the other seeds: {again}, {still}."


def counted(count: Tally | None, wanted: int, setting: Setting, n_seeds: int) -> str:
    """Return how much of a front stays, over splits of the seeds."""
    if count is None:
        return "Other splits of the seeds are being counted."
    so_far = "" if count.n >= wanted else f" so far, of {wanted}"
    others = n_seeds - setting.seeds
    return (
        f"Over {count.n} splits of the {n_seeds} seeds{so_far}, {setting.seeds} draw and {others} judge: a "
        f"front has {count.points:.0f} points, and {share(count)} are on the front by the others. (Splits share "
        f"seeds: the range is no confidence interval.)"
    )


def share(count: Tally) -> str:
    """Return the share that stays, with its range over the splits."""
    return f"{count.stay:.0%} of them on average ({count.least:.0%} to {count.most:.0%})"


def answered(choice: str, why: str, count: Tally | None, asked: Setting) -> str:
    """Return what came of the prediction."""
    said = f"You predicted: {choice}."
    if count is None:
        return f"{said} It is being counted ({asked.words})."
    return f"{said} Over {count.n} splits of the seeds, {share(count)} stay: {asked.words}. {why}"


def front_table(judged: Judged, stability: FrontStability | None) -> str:
    """Return the front as HTML: each point with its intervals, its share, and where the other seeds put it."""
    drawn, names = judged.drawn, judged.drawn.names
    heads = [
        "configuration",
        *map(words_of, names),
        "share of resamples",
        *(f"{words_of(n)}, other seeds" for n in names),
    ]
    rows = []
    for one, row in ((str(name), row) for name, row in drawn.front.iterrows()):
        there = {name: float(judged.again.table[name][one]) for name in names}
        own = None if stability is None else stability.table.loc[one]
        cells = [_with_ends(name, row[name], own) for name in names]
        kept = "" if own is None else f"{own['share']:.0%}"
        rows.append([one, *cells, kept, *(number_label(there[name], 4) for name in names)])
    return table(heads, rows, named=True)


def hyperparameter_table(configuration: Mapping[str, Any]) -> str:
    """Return a configuration as HTML."""
    return table(["hyperparameter", "value"], [[name, value_text(value)] for name, value in configuration.items()])


def _with_ends(name: str, value: float, own: Any) -> str:
    said = number_label(float(value), 4)
    if own is None:
        return said
    low, high = (number_label(float(own[f"{name}.{end}"]), 4) for end in ("low", "high"))
    return f"{said} ({low} to {high})"


def _in_words(why: str, names: Sequence[str]) -> str:
    """Call objectives in a reason what the controls call them."""
    for name in names:
        why = re.sub(rf"\b{name}\b", words_of(name), why)
    return why


def _point(front: ParetoFront, row: Any) -> str:
    return " with ".join(f"{words_of(name)} {number_label(float(row[name]), 4)}" for name in front.names)
