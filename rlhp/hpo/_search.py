"""A search is a conversation: ask for configurations, evaluate them, tell what they were worth."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from rlhp import arguments, spaces
from rlhp.arguments import number_array, shown, whole
from rlhp.frames import encode_value
from rlhp.hpo._configurations import as_space, restored, valid
from rlhp.hpo._journal import Event, Journal
from rlhp.hpo._names import as_searcher
from rlhp.hpo._searcher import Observations, Searcher, key_of, listed

__all__ = ["Search"]


class Search:
    """Asks a searcher, and remembers what was asked and told.

    Ask number k draws from ``numpy.random.default_rng([seed, k])``, so that a search is a function of its seed and of
    what was told. With a journal it outlives the process: the same call again is where it was, with the same
    configurations pending.

    Parameters
    ----------
    space : ConfigurationSpace or mapping
        A mapping such as ``{"x": (0.0, 1.0), "kind": ["a", "b"]}`` becomes one.
    searcher : str or Searcher
        A name, see `rlhp.hpo.searcher`, or an object that proposes.
    seed : int
    journal : path, optional
        File to write each event to, as a line of JSON; one search at a time may have it open.
    of : str
        What is searched, in words that the journal holds: one of something else is refused.

    Raises
    ------
    ValueError
        If something cannot be, or the journal is of another search.
    RuntimeError
        If another search has the journal open.
    TypeError
        If an argument is of another kind altogether.

    Examples
    --------
    >>> search = Search({"x": (0.0, 1.0)}, "random", seed=0)
    >>> (first,) = search.ask()
    >>> search.tell([first], [first["x"] ** 2])
    >>> search
    Search(random, seed 0: 1 asked, 1 told, 0 pending)
    """

    def __init__(
        self,
        space: Any,
        searcher: str | Searcher = "random",
        *,
        seed: int = 0,
        journal: str | Path | None = None,
        of: str = "",
    ) -> None:
        self.space = as_space(space)
        self.seed = whole("seed", seed, at_least=0, what="a seed, a whole number from 0")
        self.searcher = as_searcher(searcher, self.seed)
        self.name = searcher if isinstance(searcher, str) else type(self.searcher).__name__
        self.asked: list[list[dict[str, Any]]] = []
        self._told: list[dict[str, Any]] = []
        self._scores: list[float] = []
        self._noise: list[float] = []
        self._pending: list[dict[str, Any]] = []
        self._of = arguments.text("of", of, empty=True)
        self._journal = None if journal is None else Journal(journal)
        try:
            self._resume()
        except BaseException:
            self.close()
            raise

    @property
    def observations(self) -> Observations:
        """What is known by now."""
        return Observations(tuple(self._told), np.array(self._scores), np.array(self._noise), tuple(self._pending))

    def ask(self, n: int = 1) -> list[dict[str, Any]]:
        """Return `n` configurations to evaluate; they are pending until they are told.

        Raises
        ------
        ValueError
            If `n` is no number of configurations, or the searcher proposed what is none of this space.
        """
        n = whole("n", n, at_least=1, at_most=100_000)
        rng = np.random.default_rng([self.seed, len(self.asked)])
        proposed = listed("what the searcher proposed", self.searcher.propose(self.space, self.observations, n, rng))
        if len(proposed) != n:
            raise ValueError(f"the searcher {self.name} proposed {len(proposed)} configurations of {n} asked for.")
        for one in proposed:
            try:
                valid(self.space, one)
            except ValueError as error:
                raise ValueError(f"the searcher {self.name} proposed what is none of this space: {error}") from error
        self._note({"event": "ask", "number": len(self.asked), "configurations": [_cells(one) for one in proposed]})
        self._apply_ask(proposed)
        return [dict(one) for one in proposed]

    def tell(
        self,
        configurations: Iterable[Mapping[str, Any]],
        scores: Iterable[float],
        noise: Iterable[float] | None = None,
    ) -> None:
        """Say what configurations were worth; ones that were not asked for may be told too, and ones told before.

        Parameters
        ----------
        configurations : iterable of mappings, m of them
        scores : iterable of float, length m
            Higher is better; NaN: it failed.
        noise : iterable of float, length m, optional
            Standard error of each score, NaN where nobody knows.

        Raises
        ------
        ValueError, TypeError
            If they do not fit, or a configuration is none of the space.
        """
        told = listed("configurations", configurations)
        values = number_array("scores", scores, finite=False, empty=True)
        errors = np.full(len(told), np.nan) if noise is None else number_array("noise", noise, finite=False, empty=True)
        Observations(tuple(told), values, errors)
        for at, one in enumerate(told):
            try:
                valid(self.space, one)
            except ValueError as error:
                raise ValueError(f"`configurations`, item {at}: {error}") from error
        self._note(
            {
                "event": "tell",
                "configurations": [_cells(one) for one in told],
                "scores": [_number(one) for one in values],
                "noise": [_number(one) for one in errors],
            }
        )
        self._apply_tell(told, values.tolist(), errors.tolist())

    def close(self) -> None:
        """Let others open the journal; what was asked and told is still known."""
        if self._journal is not None:
            self._journal.close()
            self._journal = None

    def __enter__(self) -> Search:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        asked = sum(map(len, self.asked))
        return (
            f"Search({self.name}, seed {self.seed}: {asked} asked, {len(self._told)} told, "
            f"{len(self._pending)} pending)"
        )

    # --- events ----------------------------------------------------------------------------------------------------

    def _apply_ask(self, configurations: list[dict[str, Any]]) -> None:
        self.asked.append(configurations)
        self._pending += configurations

    def _apply_tell(self, told: list[dict[str, Any]], scores: list[float], noise: list[float]) -> None:
        for one in told:
            name = key_of(one)
            at = next((i for i, other in enumerate(self._pending) if key_of(other) == name), None)
            if at is not None:
                del self._pending[at]
        self._told += told
        self._scores += scores
        self._noise += noise

    def _note(self, event: Event) -> None:
        if self._journal is not None:
            self._journal.write(event)

    def _resume(self) -> None:
        """Go through the journal's events; refuse those of another search."""
        if self._journal is None:
            return
        mine = {
            "event": "search",
            "searcher": _described(self.searcher),
            "seed": self.seed,
            "space": _text(self.space),
            "of": self._of,
        }
        if not self._journal.events:
            self._journal.write(mine)
        first, *rest = self._journal.events
        for name, value in mine.items():
            if first.get(name) != value:
                raise ValueError(
                    f"{self._journal.path} is the journal of another search: its {name} is {shown(first.get(name))}, "
                    f"not {shown(value)}; give the same again, or another journal."
                )
        for event in rest:
            rows = [restored(self.space, one) for one in event["configurations"]]
            if event["event"] == "ask":
                self._apply_ask(rows)
            elif event["event"] == "tell":
                scores, noise = ([math.nan if one is None else one for one in event[k]] for k in ("scores", "noise"))
                self._apply_tell(rows, scores, noise)


def _cells(configuration: Mapping[str, Any]) -> dict[str, Any]:
    return {name: encode_value(value) for name, value in configuration.items()}


def _number(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


def _described(searcher: Searcher) -> str:
    """Return what makes one searcher another: its class and options."""
    if dataclasses.is_dataclass(searcher):
        return repr(searcher)
    return f"{type(searcher).__module__}.{type(searcher).__qualname__}"


def _text(space: Any) -> str:
    """Return what tells two spaces apart."""
    described = spaces.describe(space).reset_index()
    clauses = sorted(map(str, space.forbidden_clauses))
    return json.dumps([described.astype(str).to_numpy().tolist(), clauses])
