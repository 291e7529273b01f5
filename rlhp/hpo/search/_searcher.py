"""What a searcher is: a function from what is known to what to try next, which keeps nothing between two calls."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

import numpy as np
from ConfigSpace import ConfigurationSpace

from rlhp import arguments
from rlhp.frames import encode_value

__all__ = ["Chooser", "Observations", "Searcher", "key_of"]


def _nothing() -> np.ndarray:
    return np.empty(0)


@dataclass(frozen=True, eq=False)
class Observations:
    """What a searcher knows when it is asked: what was told, in order, and what is still being evaluated.

    Parameters
    ----------
    configurations : iterable of mappings, m of them
        One entry a tell, active hyperparameters only. A configuration may be told again, when more seeds or more steps
        of it are known; `latest` leaves the last entry of each.
    scores : array_like of float, shape (m,)
        Higher is better. NaN: it failed, and nothing is known of it but that.
    noise : array_like of float, shape (m,), optional
        Standard error of each score; NaN where nobody knows, as by default.
    pending : iterable of mappings
        Asked for and not told yet.
    steps : array_like of float, shape (m,), optional
        How long what was scored had been trained, in environment steps; NaN where nobody knows, as by default. Scores
        of different lengths are not on one scale; the searchers with a surrogate standardise those of each.

    Raises
    ------
    ValueError
        If the lengths differ, a score is infinite, or a noise is negative.
    TypeError
        If an argument is of another kind altogether.

    Examples
    --------
    >>> seen = Observations([{"x": 0.1}, {"x": 0.7}, {"x": 0.1}], [1.0, np.nan, 1.5])
    >>> len(seen), seen.latest().scores
    (3, array([nan, 1.5]))
    """

    configurations: tuple[dict[str, Any], ...] = ()
    scores: np.ndarray = field(default_factory=_nothing)
    noise: np.ndarray = field(default_factory=_nothing)
    pending: tuple[dict[str, Any], ...] = ()
    steps: np.ndarray = field(default_factory=_nothing)

    def __post_init__(self) -> None:
        told = tuple(listed("configurations", self.configurations))
        scores = arguments.number_array("scores", self.scores, finite=False, empty=True)
        noise = arguments.number_array("noise", self.noise, finite=False, empty=True)
        steps = arguments.number_array("steps", self.steps, finite=False, empty=True)
        noise, steps = (np.full(len(told), np.nan) if told and not len(array) else array for array in (noise, steps))
        if not len(told) == len(scores) == len(noise) == len(steps):
            raise ValueError(
                f"`configurations` has {len(told)} entries, `scores` {len(scores)}, `noise` {len(noise)} and `steps` "
                f"{len(steps)}; give one score, and one noise and one number of steps or none at all, to each."
            )
        if np.isinf(scores).any():
            raise ValueError("`scores` holds one that is infinite; give NaN for a configuration that failed.")
        if np.isinf(noise).any() or (noise < 0).any():
            raise ValueError("`noise` holds standard errors: finite, from 0, NaN where nobody knows.")
        if np.isinf(steps).any() or (steps <= 0).any():
            raise ValueError("`steps` holds environment steps: finite, above 0, NaN where nobody knows.")
        for array in (scores, noise, steps):
            array.flags.writeable = False
        for name, value in {"configurations": told, "scores": scores, "noise": noise, "steps": steps}.items():
            object.__setattr__(self, name, value)
        object.__setattr__(self, "pending", tuple(listed("pending", self.pending)))

    def __len__(self) -> int:
        return len(self.configurations)

    def __repr__(self) -> str:
        known = self.scores[np.isfinite(self.scores)]
        best = f", best {known.max():.6g}" if len(known) else ""
        return f"Observations({len(self)} told{best}, {len(self.pending)} pending)"

    def latest(self) -> Observations:
        """Return the last entry of each configuration, in the order in which these were told."""
        last = {key_of(one): at for at, one in enumerate(self.configurations)}
        return self._at(sorted(last.values()))

    def known(self) -> Observations:
        """Return the entries that have a score: those that did not fail."""
        return self._at(np.flatnonzero(np.isfinite(self.scores)).tolist())

    def _at(self, places: Sequence[int]) -> Observations:
        at = np.array(places, dtype=int)
        configurations = tuple(self.configurations[i] for i in places)
        return Observations(configurations, self.scores[at], self.noise[at], self.pending, self.steps[at])


@runtime_checkable
class Searcher(Protocol):
    """Proposes configurations from what is known.

    A searcher of your own is any object with this one method, best a frozen dataclass that holds its options;
    `rlhp.hpo.check_searcher` runs it through what is asked of all.
    """

    def propose(
        self, space: ConfigurationSpace, seen: Observations, n: int, rng: np.random.Generator
    ) -> list[dict[str, Any]]:
        """Return `n` configurations to evaluate next: a pure function of its arguments.

        Each is valid in `space` (conditions, forbidden clauses) and has its active hyperparameters only. None is twice
        in a batch or among `seen.pending`, unless the space has no other. All randomness comes from `rng`.

        Parameters
        ----------
        space : ConfigurationSpace
        seen : Observations
            Scores are better the higher they are; NaN where a configuration failed.
        n : int
        rng : numpy.random.Generator

        Returns
        -------
        list of dict
        """
        ...


@runtime_checkable
class Chooser(Protocol):
    """A searcher that can also choose among configurations, where there are no others: on a `Pool`."""

    def choose(
        self,
        space: ConfigurationSpace,
        seen: Observations,
        n: int,
        rng: np.random.Generator,
        among: np.ndarray,
    ) -> list[int]:
        """Return which `n` of the given configurations to evaluate next: a pure function of its arguments.

        Parameters
        ----------
        space, seen, n, rng
            As for `Searcher.propose`.
        among : array [k, d]
            At least `n` points of the unit cube, as `rlhp.spaces.to_unit` gives them; none was told or is pending.

        Returns
        -------
        list of int
            Places in `among`, none twice.
        """
        ...


def key_of(configuration: Mapping[str, Any]) -> str:
    """Return what tells two configurations apart: their active hyperparameters as JSON.

    Examples
    --------
    >>> key_of({"gamma": 0.9, "batch_size": np.int64(8), "tau": None})
    '{"batch_size": 8, "gamma": 0.9}'
    """
    cells = {name: encode_value(value) for name, value in configuration.items() if value is not None}
    return json.dumps(cells, sort_keys=True)


def listed(name: str, configurations: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return configurations as a list of dicts.

    Raises
    ------
    TypeError
        If they are something else.
    ValueError
        If a key is no name.
    """
    rows = arguments.sequence(name, configurations, hint="One mapping of names to values a configuration.")
    return [arguments.mapping(f"{name}[{at}]", row) for at, row in enumerate(rows)]
