"""What a search for several objectives asked and was told; with a journal it outlives the process."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ConfigSpace import ConfigurationSpace

from rlhp import arguments
from rlhp.curves import Aim
from rlhp.hpo.fronts._outcomes import ParetoSearcher
from rlhp.hpo.search._events import (
    OtherSearchError,
    ask_event,
    cells,
    configurations_in,
    need_due,
    number_or_none,
    resumed,
    search_event,
)
from rlhp.hpo.search._journal import Event, Journal
from rlhp.hpo.search._searcher import key_of

__all__ = ["Remembered"]

_HOLDS = {
    "ask": ("number", "configurations"),
    "tell": ("number", "configurations", "scores", "failure"),
}


class Remembered:
    """The asks and tells of a search, each on the disk before anybody acts on it.

    Parameters
    ----------
    space : ConfigurationSpace
    searcher : ParetoSearcher
    aims : sequence of Aim
    seed : int
    journal : path, optional
    of : mapping
        What else tells this search from another.

    Attributes
    ----------
    rows : list of dict
        Evaluations in order: `configuration`, `scores` (from objectives to numbers, NaN where it failed), `failure`.
    asks : int
    pending : list of dict
        Asked for and not told.

    Raises
    ------
    ValueError
        If the journal is of another search, or damaged.
    RuntimeError
        If another search has it open.
    """

    def __init__(
        self,
        space: ConfigurationSpace,
        searcher: ParetoSearcher,
        aims: Sequence[Aim],
        seed: int,
        journal: str | Path | None,
        of: Mapping[str, Any],
    ) -> None:
        self.rows: list[dict[str, Any]] = []
        self.asks, self._events = 0, 0
        self.pending: list[dict[str, Any]] = []
        self._space, self._names = space, [one.name for one in aims]
        self._journal = None if journal is None else Journal(journal)
        try:
            if self._journal is not None:
                directions = ", ".join(f"{one.name} {one.direction}" for one in aims)
                self._resume(self._journal, search_event(space, searcher, seed, {"objectives": directions, **of}))
        except OtherSearchError as other:
            self.close()
            raise other.of_call("journal", other.path, seed="rng") from None
        except BaseException:
            self.close()
            raise

    def ask(self, configurations: Sequence[Mapping[str, Any]]) -> None:
        """Take note of what is evaluated next."""
        self._note(ask_event(self._events, configurations))
        self._apply_ask(configurations)

    def tell(self, row: dict[str, Any]) -> None:
        """Take note of an evaluation."""
        self._note(
            {
                "event": "tell",
                "number": self._events,
                "configurations": [cells(row["configuration"])],
                "scores": {name: number_or_none(row["scores"][name]) for name in self._names},
                "failure": row["failure"],
            }
        )
        self._apply_tell(row)

    def close(self) -> None:
        """Let others open the journal."""
        if self._journal is not None:
            self._journal.close()
            self._journal = None

    def __enter__(self) -> Remembered:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _apply_ask(self, configurations: Sequence[Mapping[str, Any]]) -> None:
        self._events += 1
        self.asks += 1
        self.pending += [dict(one) for one in configurations]

    def _apply_tell(self, row: dict[str, Any]) -> None:
        self._events += 1
        name = key_of(row["configuration"])
        at = next((i for i, other in enumerate(self.pending) if key_of(other) == name), None)
        if at is None:
            raise ValueError("it tells of a configuration that was not asked for")
        del self.pending[at]
        self.rows.append(row)

    def _note(self, event: Event) -> None:
        if self._journal is not None:
            self._journal.write(event)

    def _resume(self, journal: Journal, mine: Event) -> None:
        for number, event in enumerate(resumed(journal, mine)):
            try:
                need_due(event, number, _HOLDS)
                configurations = configurations_in(self._space, event)
                if event["event"] == "ask":
                    self._apply_ask(configurations)
                else:
                    self._apply_tell(self._row(configurations, event))
            except (TypeError, ValueError) as error:
                raise journal.refused(number + 2, error) from error

    def _row(self, configurations: Sequence[dict[str, Any]], event: Event) -> dict[str, Any]:
        """Return the evaluation that a line tells of."""
        given = arguments.mapping("scores", event["scores"])
        if len(configurations) != 1 or list(given) != self._names:
            raise ValueError(f"it does not tell the scores {', '.join(self._names)} of one configuration")
        scores = {
            name: math.nan if value is None else arguments.real(f"scores[{name!r}]", value)
            for name, value in given.items()
        }
        failure = arguments.text("failure", event["failure"], empty=True)
        return {"configuration": configurations[0], "scores": scores, "failure": failure}
