"""The progress bar of a search that trains."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tqdm.auto import tqdm

from rlhp.hpo.plans._trials import Trial

__all__ = ["Bar"]


class Bar:
    """One progress bar over the environment steps of a search, then over those that choose a finalist and confirm it.

    A search seldom spends its budget to the last step; what is left is taken off when the choosing begins.

    Parameters
    ----------
    budget : int
        Environment steps.
    shown : bool
        Whether there is one at all.
    """

    def __init__(self, budget: int, *, shown: bool = True) -> None:
        # Where it is to be shown nothing is said of it, so that `TQDM_DISABLE` still counts.
        hidden: dict[str, Any] = {} if shown else {"disable": True}
        self._bar: tqdm[Any] = tqdm(total=budget, unit="step", unit_scale=True, desc="searching", **hidden)

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, *reason: object) -> None:
        self._bar.close()

    def trained(self, steps: int) -> None:
        """Show that runs were trained by so many environment steps in all."""
        self._bar.update(steps)

    def measured(self, trials: Sequence[Trial], best: Trial | None) -> None:
        """Show how many configurations there are, and the score of the one to take."""
        score = "none finished" if best is None else f"best {best.last.score:.4g}"
        self._bar.set_postfix_str(f"{len(trials)} configurations, {score}")

    def left(self, steps: int, doing: str) -> None:
        """Show that so many environment steps are left, and what for: choosing, or confirming."""
        self._bar.total = self._bar.n + steps
        self._bar.set_description_str(doing)
