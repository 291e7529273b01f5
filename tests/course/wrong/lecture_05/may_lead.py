"""What students typically write for 05.may_lead, and a piece of what each is told."""

from collections.abc import Callable
from typing import Any

import pandas as pd


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


# %% the leader alone: "leader alone"
may_lead = _names(give=lambda names: names[:1])

# %% without the leader: "The leader itself"
may_lead = _names(give=lambda names: names[1:])

# %% shares in the interval: "*upper end*"
may_lead = _names(reach=lambda rows, first: rows["share"] >= first["low"])

# %% the leader's share: "*lower end*"
may_lead = _names(reach=lambda rows, first: rows["high"] >= first["share"])

# %% order of the table: "order of the table"
may_lead = _names(rows=lambda table: table)

# %% smallest first: "smallest share stands first"
may_lead = _names(rows=lambda table: table.sort_values("share"))

# %% highest upper end: "highest upper end"
may_lead = _names(leader=lambda rows: rows.iloc[int(rows["high"].to_numpy().argmax())])

# %% everybody: "That is everybody"
may_lead = _names(reach=lambda rows, first: rows["share"] >= 0)

# %% never refuses: "0.29"
may_lead = _names(refuse=lambda r2, least: False)

# %% a threshold of its own: "compare with the argument"
may_lead = _names(refuse=lambda r2, least: not r2 >= 0.3)

# %% refuses at the threshold: "exactly `least_r2`"
may_lead = _names(refuse=lambda r2, least: not r2 > least)

# %% ranks on an unknown fit: "NaN"
may_lead = _names(refuse=lambda r2, least: r2 < least)

# %% always refuses: "somebody leads"
may_lead = _names(refuse=lambda r2, least: True)

# %% a text: "list of names"
may_lead = _names(give=", ".join)
