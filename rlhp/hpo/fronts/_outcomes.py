"""What a search for several objectives at once knows, and what proposes from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

import numpy as np
from ConfigSpace import ConfigurationSpace

from rlhp import arguments
from rlhp.hpo.search._searcher import listed

__all__ = ["Outcomes", "ParetoSearcher"]


def _nothing() -> np.ndarray:
    return np.empty((0, 2))


@dataclass(frozen=True, eq=False)
class Outcomes:
    """What is known when several objectives count: `Observations` with a score for each.

    Parameters
    ----------
    configurations : iterable of mappings, m of them
        Active hyperparameters only, in the order in which they were told.
    gains : array_like of float, shape (m, k)
        Higher is better in each column; a row with NaN: it failed.
    pending : iterable of mappings
        Asked for and not told yet.

    Raises
    ------
    ValueError
        If the lengths differ, there are fewer than two columns, or a gain is infinite.
    TypeError
        If an argument is of another kind altogether.

    Examples
    --------
    >>> Outcomes([{"x": 0.1}, {"x": 0.7}], [[1.0, -3.0], [np.nan, np.nan]]).known.tolist()
    [True, False]
    """

    configurations: tuple[dict[str, Any], ...] = ()
    gains: np.ndarray = field(default_factory=_nothing)
    pending: tuple[dict[str, Any], ...] = ()

    def __post_init__(self) -> None:
        told = tuple(listed("configurations", self.configurations))
        gains = arguments.number_array("gains", self.gains, ndim=2, finite=False, empty=True)
        if len(gains) != len(told) or gains.shape[1] < 2:
            raise ValueError(
                f"`configurations` has {len(told)} entries and `gains` the shape {gains.shape}; give a row to each, "
                f"with two columns or more."
            )
        if np.isinf(gains).any():
            raise ValueError("`gains` holds one that is infinite; give NaN for a configuration that failed.")
        gains.flags.writeable = False
        object.__setattr__(self, "configurations", told)
        object.__setattr__(self, "gains", gains)
        object.__setattr__(self, "pending", tuple(listed("pending", self.pending)))

    def __len__(self) -> int:
        return len(self.configurations)

    @property
    def known(self) -> np.ndarray:
        """Which rows have every score, shape (m,)."""
        found: np.ndarray = np.isfinite(self.gains).all(axis=1)
        return found

    def with_pending(self, more: Iterable[Mapping[str, Any]]) -> Outcomes:
        """Return the same with further configurations pending."""
        return Outcomes(self.configurations, self.gains, (*self.pending, *map(dict, more)))


@runtime_checkable
class ParetoSearcher(Protocol):
    """Proposes configurations where several objectives count: what `Searcher` is for one."""

    def propose_many(
        self, space: ConfigurationSpace, seen: Outcomes, n: int, rng: np.random.Generator
    ) -> list[dict[str, Any]]:
        """Return `n` configurations to evaluate next: a pure function of its arguments, as `Searcher.propose` is.

        Parameters
        ----------
        space : ConfigurationSpace
        seen : Outcomes
        n : int
        rng : numpy.random.Generator

        Returns
        -------
        list of dict
        """
        ...
