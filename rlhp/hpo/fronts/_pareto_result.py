"""What a search for several objectives gives."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import Any

import pandas as pd

from rlhp.curves import ParetoFront, hypervolume

__all__ = ["ParetoSearch"]


@dataclass(frozen=True, eq=False)
class ParetoSearch:
    """What a search for several objectives gave; made by `pareto`.

    Attributes
    ----------
    front : ParetoFront
        All trials, index `trial`, and which of them none beats: for `rlhp.curves.choose`, `rlhp.curves.hypervolume` and
        `rlhp.plots.pareto_front`.
    trials : DataFrame, one row per trial, in order
        Each objective (NaN where it failed), `failure` (what went wrong, empty where nothing did), `hypervolume` (of
        all so far), and `hp.<name>`.
    configurations : tuple of dict
    reference : dict
        What the hypervolume is measured from: what was given, or the worst value of each objective among the trials.
    chosen : ParetoFront or None
        Of a replay with choice seeds: the front once more, scored by the tuning and the choice seeds together. What
        falls behind there was lucky, and is dropped. Choose a point here.
    confirmed : ParetoFront or None
        Of a replay with test seeds: what stays (without choice seeds the whole front), scored with these alone, which
        decide nothing. Who chooses a point here chooses by its luck with the test seeds.
    searcher : str
    seed, n : int
        Of the search, and evaluations asked for.
    interrupted : bool
        Whether Ctrl-C ended it before.
    """

    front: ParetoFront
    trials: pd.DataFrame
    configurations: tuple[dict[str, Any], ...]
    reference: dict[str, float]
    chosen: ParetoFront | None
    confirmed: ParetoFront | None
    searcher: str
    seed: int
    n: int
    interrupted: bool

    @property
    def table(self) -> pd.DataFrame:
        """The trials."""
        return self.trials

    @property
    def hypervolume(self) -> float:
        """Of the front, by the scores that made it: with noise it flatters."""
        return float(self.trials["hypervolume"].iloc[-1]) if len(self.trials) else 0.0

    @property
    def confirmed_hypervolume(self) -> float | None:
        """Of what stays, by the test seeds, from the same reference; None without test seeds.

        It flatters far less than `hypervolume`, but not nothing: where points are level, the luckier of them counts.
        """
        return None if self.confirmed is None else hypervolume(self.confirmed, self.reference)

    def _notes(self) -> list[str]:
        failed = int((self.trials["failure"] != "").sum())
        notes = [
            f"{len(self.front.front)} of {len(self.trials)} trials are on the front of {', '.join(self.front.names)}"
            f"{', interrupted' * self.interrupted}; {failed} failed",
            f"hypervolume {self.hypervolume:.4g} from {self.reference}",
        ]
        if self.chosen is not None:
            left = int(self.chosen.table["on_front"].sum())
            notes.append(f"with the choice seeds {left} of the {len(self.chosen.table)} points stay")
        if self.confirmed is not None:
            stay = int(self.confirmed.table["on_front"].sum())
            notes.append(
                f"on the test seeds {self.confirmed_hypervolume:.4g}; of the {len(self.confirmed.table)} points {stay} "
                f"are beaten by none of the others there"
            )
        return notes

    def _title(self) -> str:
        return f"{self.searcher} on {self.front.where}, seed {self.seed}"

    def __repr__(self) -> str:
        lines = "\n".join(f"  {note}" for note in self._notes())
        return f"ParetoSearch: {self._title()}\n{lines}\n{self.front.front.to_string(max_rows=30)}"

    def _repr_html_(self) -> str:
        items = "".join(f"<li>{html.escape(note)}</li>" for note in self._notes())
        return f"<p><b>{html.escape(self._title())}</b></p><ul>{items}</ul>{self.front.front.to_html(max_rows=30)}"
