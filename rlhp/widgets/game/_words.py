"""What a game says in words: what was trained, how the machines stand, and who was ahead in the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from rlhp.curves import MEAN, number_label, student_interval
from rlhp.plots import value_text
from rlhp.widgets.frame._markup import table
from rlhp.widgets.frame._prediction import Prediction
from rlhp.widgets.game._ground import Ground, Played
from rlhp.widgets.game._picture import FEWEST

__all__ = ["FEWEST", "answered", "last_trained", "machines_now", "question", "result", "tried_table", "values_of"]


def question(ground: Ground, machines: Sequence[str]) -> Prediction:
    """Return what is asked before a game: who will be ahead in the end."""
    return Prediction(
        f"{', '.join(['You', *machines[:-1]])} and {machines[-1]} each train {ground.evaluations} configurations with "
        f"{len(ground.pool.judging.tuning)} seeds and take the best. Whose choice returns most by the test seeds?",
        ("Mine", *(f"That of {label}, on average" for label in machines)),
    )


def values_of(ground: Ground, place: int) -> str:
    """Return what a configuration has in the hyperparameters that a hand sets."""
    values = ground.pool.configurations[place]
    return ", ".join(f"{name} {value_text(values[name])}" for name in ground.names if name in values)


def last_trained(ground: Ground, tried: Sequence[int]) -> str:
    """Return what was trained last, and how it did by each tuning seed."""
    if not tried:
        return f"Nothing is trained yet; you have {ground.evaluations} configurations of {ground.label}."
    place = tried[-1]
    named = values_of(ground, place)
    seeds = ", ".join(number_label(float(one), 4) for one in ground.by_seed[place])
    best = int(np.argmax(ground.tuned[list(tried)])) + 1
    return (
        f"Configuration {len(tried)} of {ground.evaluations}, the nearest one that was measured: {named}. It returns "
        f"{number_label(float(ground.tuned[place]), 4)} on average, by seed {seeds}. Your best is configuration "
        f"{best}, with {number_label(float(ground.tuned[list(tried)].max()), 4)}."
    )


def machines_now(ground: Ground, n: int, machines: Mapping[str, Sequence[Played]]) -> str:
    """Return where the machines are after as many configurations."""
    said = [
        f"{label} {_interval(np.array([one.tuned[max(n, 1) - 1] for one in many]), ground)}, {len(many)} searches"
        for label, many in machines.items()
        if len(many) >= FEWEST
    ]
    if not said:
        return "The machines are searching."
    return f"After {max(n, 1)} {'configurations' if n > 1 else 'configuration'} by the tuning seeds: {'; '.join(said)}."


def result(ground: Ground, tried: Sequence[int], machines: Mapping[str, Sequence[Played]]) -> str:
    """Return how a game ended, by the test seeds; nothing before its end."""
    if len(tried) < ground.evaluations:
        return ""
    mine = ground.by_hand(tried)
    said = []
    for label, many in machines.items():
        if len(many) < FEWEST:
            continue
        worth = np.array([one.worth for one in many])
        said.append(
            f"{label} {_interval(worth, ground)}, behind you in {int((worth < mine.worth).sum())} of {len(many)}"
        )
    others = "; ".join(said)
    return (
        f"By the {len(ground.pool.judging.held_out)} test seeds your choice returns {number_label(mine.worth, 4)}; the "
        f"tuning seeds had said {number_label(float(mine.tuned[-1]), 4)}. {_sentence(others)}One game is one draw: "
        f"play again before you call it skill."
    )


def answered(choice: str, ground: Ground, tried: Sequence[int], machines: Mapping[str, Sequence[Played]]) -> str:
    """Return what came of the prediction."""
    if len(tried) < ground.evaluations or any(len(many) < FEWEST for many in machines.values()):
        return f"You predicted: {choice}. The test seeds answer it when the game is over."
    ends = {"Mine": ground.by_hand(tried).worth} | {
        label: float(np.mean([one.worth for one in many])) for label, many in machines.items()
    }
    said = ", ".join(f"{label} {number_label(end, 4)}" for label, end in ends.items())
    return f"You predicted: {choice}. By the test seeds, in this game: {said}."


def tried_table(ground: Ground, tried: Sequence[int]) -> str:
    """Return what was tried as HTML."""
    rows = []
    for number, place in enumerate(tried, 1):
        values = ground.pool.configurations[place]
        cells = [value_text(values.get(name, float("nan"))) for name in ground.names]
        rows.append([number, *cells, number_label(float(ground.tuned[place]), 4)])
    return table(["", *ground.names, "return"], rows, named=True) if rows else ""


def _sentence(said: str) -> str:
    return f"{said[0].upper()}{said[1:]}. " if said else ""


def _interval(values: np.ndarray, ground: Ground) -> str:
    low, high = student_interval(values[:, None], MEAN)
    ends = max(float(low[0]), ground.bounds[0]), min(float(high[0]), ground.bounds[1])
    mean, *said = (number_label(one, 4) for one in (float(values.mean()), *ends))
    return f"{mean} (95 % interval {said[0]} to {said[1]})"
