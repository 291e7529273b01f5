"""What the explorer of few seeds says in words: who is ahead, how often studies are wrong, what was drawn by hand."""

from __future__ import annotations

import numpy as np

from rlhp.curves import number_label, wilson
from rlhp.widgets.frame._markup import table
from rlhp.widgets.seeds._studies import DrawnStudy, Odds, Pair

__all__ = ["counted", "odds_table", "sentence"]


def sentence(pair: Pair, found: Odds | None, n_seeds: int, *, sign: float) -> str:
    """Return who is ahead over all measured runs, and how often a study says otherwise.

    Parameters
    ----------
    pair : Pair
        The configurations compared.
    found : Odds or None
        What many studies said; None where neither is ahead.
    n_seeds : int
        Seeds of each in a study.
    sign : float
        1 where scores are maximised, else -1.
    """
    counts = sorted({len(values) for values in pair.values})
    runs = " and ".join(map(str, counts)) + " measured runs"
    first, second = (number_label(sign * one) for one in pair.estimates)
    if found is None or pair.better is None:
        return f"Over all {runs} of each both come to {first}: neither would be the wrong choice."
    better, worse = pair.labels[pair.better], pair.labels[1 - pair.better]
    if pair.better == 1:
        first, second = second, first
    here = found.at(n_seeds)
    ties = f" In {_percent(here['tie'])} neither comes out ahead." if here["tie"] >= 0.005 else ""
    open_ = ""
    if here["high"] > 0.5:
        open_ = " The interval reaches beyond one half: these runs do not settle which of the two is the better one."
    interval = f"95 % interval {100 * here['low']:.0f} to {100 * here['high']:.0f} %"
    return (
        f"Over all {runs} of each, {better} is ahead with {first} against {second}. In {_percent(here['wrong'])} "
        f"of the studies {worse} comes out ahead ({interval}).{ties}{open_}"
    )


def counted(pair: Pair, study: DrawnStudy, drawn: int, wrong: int, *, sign: float) -> str:
    """Return what the last study drawn by hand said, and how many of the `drawn` ones were `wrong`."""
    first, second = (number_label(sign * one) for one in study.estimates)
    who = "neither is" if study.winner is None else f"{pair.labels[study.winner]} is"
    said = f"The last study drawn: {pair.labels[0]} at {first}, {pair.labels[1]} at {second}; {who} ahead."
    if pair.better is None:
        return said
    low, high = wilson(np.array([wrong / drawn]), drawn, 0.95)
    return (
        f"{said} Of {drawn:,} drawn so far {wrong:,} {'was' if wrong == 1 else 'were'} wrong "
        f"({_percent(wrong / drawn)}; from so many draws {100 * low[0]:.0f} to {100 * high[0]:.0f} %)."
    )


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def odds_table(found: Odds) -> str:
    """Return the share of wrong studies by seeds of each, as HTML."""
    shown = [n for n in (1, 2, 3, 5, 8, 10, 12, 16, 20) if n <= found.n[-1]]
    heads = ["seeds of each", "wrong", "95 % interval", "neither ahead"]
    rows = []
    for n in shown:
        here = found.at(n)
        ends = f"{100 * here['low']:.0f} to {100 * here['high']:.0f} %"
        rows.append([str(n), _percent(here["wrong"]), ends, _percent(here["tie"])])
    return table(heads, rows)
