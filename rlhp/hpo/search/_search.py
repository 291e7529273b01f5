"""A search is a conversation: ask for configurations, evaluate them, tell what they were worth."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from rlhp import arguments
from rlhp.arguments import number_array, whole
from rlhp.hpo.search._configurations import as_space, valid
from rlhp.hpo.search._events import ask_event, read_event, resumed, search_event, tell_event
from rlhp.hpo.search._journal import Event, Journal
from rlhp.hpo.search._searcher import Observations, Searcher, key_of, listed
from rlhp.hpo.searchers._names import as_searcher

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
    of : mapping, optional
        What is searched, by name: numbers and texts that the journal holds. A journal that differs in one is refused.

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
        of: Mapping[str, Any] | None = None,
    ) -> None:
        self.space = as_space(space)
        self.seed = whole("seed", seed, at_least=0, what="a seed, a whole number from 0")
        self.searcher = as_searcher(searcher, self.seed)
        self.name = searcher if isinstance(searcher, str) else type(self.searcher).__name__
        self.asked: list[list[dict[str, Any]]] = []
        self._told: list[dict[str, Any]] = []
        self._scores: list[float] = []
        self._noise: list[float] = []
        self._steps: list[float] = []
        self._pending: list[dict[str, Any]] = []
        self._valid = set[str]()  # what was found to be of the space; a configuration is told after every rung
        self._of = {} if of is None else arguments.mapping("of", of)
        self._events = 0
        self._journal = None if journal is None else Journal(journal)
        try:
            self._resume()
        except BaseException:
            self.close()
            raise

    @property
    def observations(self) -> Observations:
        """What is known by now."""
        scores, noise, steps = (np.array(one) for one in (self._scores, self._noise, self._steps))
        return Observations(tuple(self._told), scores, noise, tuple(self._pending), steps)

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
                self._check(one)
            except ValueError as error:
                raise ValueError(f"the searcher {self.name} proposed what is none of this space: {error}") from error
        self._note(ask_event(self._events, proposed))
        self._apply_ask(proposed)
        return [dict(one) for one in proposed]

    def tell(
        self,
        configurations: Iterable[Mapping[str, Any]],
        scores: Iterable[float],
        noise: Iterable[float] | None = None,
        steps: Iterable[float] | None = None,
    ) -> None:
        """Say what configurations were worth; ones that were not asked for may be told too, and ones told before.

        Parameters
        ----------
        configurations : iterable of mappings, m of them
        scores : iterable of float, length m
            Higher is better; NaN: it failed.
        noise : iterable of float, length m, optional
            Standard error of each score, NaN where nobody knows.
        steps : iterable of float, length m, optional
            How long each was trained, where scores of different lengths are told; see `rlhp.hpo.Observations`.

        Raises
        ------
        ValueError, TypeError
            If they do not fit, or a configuration is none of the space.
        """
        told = listed("configurations", configurations)
        values, errors, lengths = (
            number_array(name, () if given is None else given, finite=False, empty=True)
            for name, given in (("scores", scores), ("noise", noise), ("steps", steps))
        )
        observed = Observations(tuple(told), values, errors, steps=lengths)
        for at, one in enumerate(told):
            try:
                self._check(one)
            except ValueError as error:
                raise ValueError(f"`configurations`, item {at}: {error}") from error
        self._note(tell_event(self._events, observed))
        self._apply_tell(observed)

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

    def _check(self, configuration: Mapping[str, Any]) -> None:
        """Refuse a configuration that is none of the space."""
        written = repr(configuration)  # the types of its values too
        if written not in self._valid:
            valid(self.space, configuration)
            self._valid.add(written)

    # --- events ----------------------------------------------------------------------------------------------------

    def _apply_ask(self, configurations: list[dict[str, Any]]) -> None:
        self._events += 1
        self.asked.append(configurations)
        self._pending += configurations

    def _apply_tell(self, told: Observations) -> None:
        self._events += 1
        for one in told.configurations:
            name = key_of(one)
            at = next((i for i, other in enumerate(self._pending) if key_of(other) == name), None)
            if at is not None:
                del self._pending[at]
        self._told += told.configurations
        self._scores += told.scores.tolist()
        self._noise += told.noise.tolist()
        self._steps += told.steps.tolist()

    def _note(self, event: Event) -> None:
        if self._journal is not None:
            self._journal.write(event)

    def _resume(self) -> None:
        """Go through the journal's events; refuse those of another search."""
        if self._journal is None:
            return
        mine = search_event(self.space, self.searcher, self.seed, self._of)
        for number, event in enumerate(resumed(self._journal, mine)):
            try:
                found = read_event(self.space, event, number)
            except (TypeError, ValueError) as error:
                raise self._journal.refused(number + 2, error) from error
            if event["event"] == "ask":
                self._apply_ask(list(found.pending))
            else:
                self._apply_tell(found)
