"""Which whole searches were repeated on what: each is searched once and kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from rlhp import hpo
from rlhp.widgets.acquisition._ground import Curve, Ground, of_curve, of_pool
from rlhp.widgets.acquisition._searches import Choosing, Repeated, search

__all__ = ["FIRST", "POOL", "On", "Repeats"]

FIRST = 3  # samples before a surrogate is asked
_FIRST_OF_POOL = 8
_MOST_SHOWN = 5  # kinds of searches in the picture

On = tuple[Any, ...]
"""What is searched: the name of a curve, its noise, and whether that is told; or `POOL`."""
POOL: On = ("pool",)


@dataclass(eq=False)
class Repeats:
    """Whole searches that an explorer keeps.

    Parameters
    ----------
    curves : mapping of name to Curve
    pool : Pool, str or None
        A name is loaded when it is searched first.
    searchers : mapping of name to searcher
    repetitions, evaluations : int
    seed : int
    """

    curves: Mapping[str, Curve]
    pool: hpo.Pool | str | None
    searchers: Mapping[str, Any]
    repetitions: int
    evaluations: int
    seed: int
    found: dict[tuple[On, Choosing], Repeated] = field(default_factory=dict)
    _grounds: dict[On, Ground] = field(default_factory=dict)

    def on(self, where: On) -> list[Repeated]:
        """Return what is kept of a ground: the first kind, and those that were searched last."""
        mine = [one for (ground, _), one in self.found.items() if ground == where and len(one.worth)]
        return [*mine[:1], *mine[1:][-(_MOST_SHOWN - 1) :]]

    def run(
        self,
        where: On,
        kinds: Sequence[Choosing],
        *,
        stopped: Callable[[], bool],
        heard: Callable[[Choosing, int], None],
        ended: Callable[[], None],
    ) -> None:
        """Search what is not kept yet, one search after the other.

        Parameters
        ----------
        where : tuple
        kinds : sequence of Choosing
        stopped : callable
            Whether to leave off; what is done by then is kept.
        heard : callable
            Told how many of a kind are done, after each search.
        ended : callable
            Called when a kind is complete.
        """
        for how in dict.fromkeys(one.canonical for one in kinds):
            empty = Repeated(how, np.empty((0, self.evaluations)), self.repetitions)
            kept = self.found.get((where, how), empty)
            searcher = how.searcher(self.searchers.get(how.surrogate))
            for one in range(len(kept.worth), self.repetitions):
                seed = self.seed + 1_000 * (one + 1)
                worth = search(self._ground(where), searcher, how, n=self.evaluations, seed=seed, stopped=stopped)
                if worth is None or stopped():
                    return
                kept = replace(kept, worth=np.vstack([kept.worth, worth]))
                self.found[where, how] = kept
                heard(how, len(kept.worth))
            ended()

    def _ground(self, where: On) -> Ground:
        if where not in self._grounds:
            if where == POOL:
                made = self.pool if isinstance(self.pool, hpo.Pool) else hpo.pool(str(self.pool))
                self._grounds[where] = of_pool(made, first=min(_FIRST_OF_POOL, self.evaluations - 1))
            else:
                name, noise, told = where
                self._grounds[where] = of_curve(self.curves[name], noise=noise, told=told, first=FIRST)
        return self._grounds[where]
