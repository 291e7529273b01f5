"""What students typically write to say who may lead, and a piece of what each is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

Wrong = dict[str, tuple[Any, str]]


def _names(
    *,
    refuse: Callable[[float, float], bool] = lambda r2, least: not r2 >= least,
    leader: Callable[[pd.DataFrame], Any] = lambda rows: rows.iloc[0],
    reach: Callable[[pd.DataFrame, Any], Any] = lambda rows, first: rows["high"] >= first["low"],
    rows: Callable[[pd.DataFrame], pd.DataFrame] = lambda table: table.sort_values("share", ascending=False),
    give: Callable[[list[str]], Any] = lambda names: names,
) -> Callable[..., Any]:
    """Build a wrong `may_lead`: the right one with one part replaced."""

    def answer(table: Any, r2: float, least_r2: float = 0.3) -> Any:
        if refuse(r2, least_r2):
            return []
        ranked = table.sort_values("share", ascending=False)
        first = leader(ranked)
        shown = rows(table)
        return give(list(shown["name"][reach(shown, first)]))

    return answer


MAY_LEAD: Wrong = {
    "the leader alone": (_names(give=lambda names: names[:1]), "leader alone"),
    "without the leader": (_names(give=lambda names: names[1:]), "The leader itself"),
    "shares in the interval": (_names(reach=lambda rows, first: rows["share"] >= first["low"]), "*upper end*"),
    "the leader's share": (_names(reach=lambda rows, first: rows["high"] >= first["share"]), "*lower end*"),
    "order of the table": (_names(rows=lambda table: table), "order of the table"),
    "smallest first": (_names(rows=lambda table: table.sort_values("share")), "smallest share stands first"),
    "highest upper end": (
        _names(leader=lambda rows: rows.iloc[int(rows["high"].to_numpy().argmax())]),
        "highest upper end",
    ),
    "everybody": (_names(reach=lambda rows, first: rows["share"] >= 0), "That is everybody"),
    "never refuses": (_names(refuse=lambda r2, least: False), "0.29"),
    "a threshold of its own": (_names(refuse=lambda r2, least: not r2 >= 0.3), "compare with the argument"),
    "refuses at the threshold": (_names(refuse=lambda r2, least: not r2 > least), "exactly `least_r2`"),
    "ranks on an unknown fit": (_names(refuse=lambda r2, least: r2 < least), "NaN"),
    "always refuses": (_names(refuse=lambda r2, least: True), "somebody leads"),
    "a text": (_names(give=", ".join), "list of names"),
}
