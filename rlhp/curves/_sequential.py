"""Comparing groups a few seeds at a time, and stopping as soon as the data allow (group-sequential permutation)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from rlhp.arguments import random_generator, whole
from rlhp.curves._options import grouping, share
from rlhp.curves._scores import Scored, pairs, score_groups
from rlhp.curves._statistic import Array
from rlhp.objectives import Failures, Scores
from rlhp.runs import Runs, need_runs
from rlhp.showing import as_html, as_text

_HAIR = 1e-9


@dataclass(frozen=True, eq=False)
class SequentialComparison:
    """What can be decided after each batch of seeds; made by `compare_sequentially`.

    Attributes
    ----------
    table : DataFrame, one row per pair
        `a`, `b` (labels), `decision` (where it is "undecided": whom to train), `look` (the batch at which it fell;
        missing if it did not), `n` (seeds a group used for it), `statistic` (at that look), `boundary` (what it had to
        exceed).
    looks : DataFrame, one row per pair and look
        `a`, `b`, `look`, `n`, `statistic`, `boundary`, while the pair was undecided.
    scores : Scored
        The scores, by group, in the order of the seeds.
    draws : array [looks, pairs, n_permutations]
        The statistic under permutations; NaN where a pair has no such look.
    batch, most : int
        Seeds a batch, and batches planned.
    alpha : float
    """

    table: pd.DataFrame
    looks: pd.DataFrame
    scores: Scored
    draws: Array
    batch: int
    most: int
    alpha: float

    @property
    def decided(self) -> bool:
        """Whether every pair is decided, so that no further seed is needed."""
        return not self.table["decision"].str.startswith("undecided").any()

    @property
    def method_text(self) -> str:
        """How it was tested, in words."""
        return (
            f"group-sequential permutation test, up to {self.most} looks of {self.batch} seeds, "
            f"{self.draws.shape[-1]:,} permutations; any wrong difference in at most {100 * self.alpha:g} % of studies "
            f"whose groups have the same distribution of scores"
        )

    def _title(self) -> str:
        return f"who does better in {self.scores.what}, a batch of seeds at a time"

    def __repr__(self) -> str:
        return as_text("SequentialComparison", self._title(), self._notes(), self.table)

    def _repr_html_(self) -> str:
        return as_html(self._title(), self._notes(), self.table)

    def _notes(self) -> list[str]:
        return [self.method_text, self.scores.failures_text]


def compare_sequentially(
    runs: Runs,
    objective: str | Scores = "final_return",
    *,
    by: str | Sequence[str],
    rng: int | np.random.Generator,
    batch: int = 5,
    most: int = 4,
    reference: Any = None,
    failures: Failures = "raise",
    alpha: float = 0.05,
    n_permutations: int = 10_000,
) -> SequentialComparison:
    """Compare groups after every batch of seeds, and stop when the difference is clear.

    Call it with the runs there are: where the answer is "undecided", train another batch of seeds of the groups it
    names (the pair's own, if it names none) and call it again with the same settings; what was decided stays so.
    Looking repeatedly costs nothing here: all looks together claim a difference between groups with the same
    distribution of scores in at most `alpha` of studies, which repeated t-tests do not.

    Parameters
    ----------
    runs : Runs
        Runs of one environment; within a group they are taken in ascending order of their seeds.
    objective : str or Scores
        As in `rlhp.curves.summarise`.
    by : str or sequence of str
        Hyperparameters or columns of `runs.table` that tell the groups apart.
    rng : int or numpy.random.Generator
        Seed of the permutations. Keep it from look to look.
    batch : int
        Seeds a group between two looks, at least 2.
    most : int
        Looks planned. Fix it and `batch` before the first look.
    reference : value or tuple, optional
        The group that all others are compared with; without, all pairs.
    failures : {"raise", "worst", "drop"} or float
        As in `rlhp.curves.summarise`.
    alpha : float
        Probability of claiming any difference between groups with the same distribution of scores, over all looks and
        pairs.
    n_permutations : int

    Returns
    -------
    SequentialComparison

    Raises
    ------
    ValueError
        If an option cannot be, or a group has fewer runs than one batch.

    Notes
    -----
    In the manner of AdaStop. The statistic of a pair is the absolute difference of its sums, in units of its standard
    deviation under permutations within each batch. Look k spends ``alpha / most`` of the error: its boundary is
    exceeded by that share of the permutations, among those that exceeded none before. Of several pairs the largest
    statistic is compared with that of independent permutations of each, which is cautious where pairs share a group;
    whoever is decided leaves, and the boundary of the rest is found anew (step-down). A look is taken once all pairs
    that are still undecided have its batch: a boundary found without some of them would change when they come.

    The level is that of the hypothesis that two groups have the same distribution of scores, not only the same mean.
    The statistic is not studentised: where means are equal but spreads or skews are not, small batches break the level
    (at batches of five and 5 %, a lognormal group and one of nearly equal scores, both of the same mean, were called
    different in about a quarter of simulated studies).

    References
    ----------
    T. Mathieu et al. (2023), AdaStop: adaptive statistical testing for sound comparisons of deep RL agents.

    Examples
    --------
    >>> from rlhp import Runs, curves
    >>> configs = [{"gamma": gamma} for gamma in (0.9, 0.99) for _ in range(5)]
    >>> runs = Runs.from_table(configs, [1, 2, 3, 4, 5, 7, 8, 9, 10, 11], seeds=[*range(5)] * 2)
    >>> curves.compare_sequentially(runs, by="gamma", rng=0, most=2).table[["decision", "look", "n"]].to_dict("list")
    {'decision': ['gamma = 0.99 is better'], 'look': [1], 'n': [5]}
    """
    random_generator(rng)
    for name, value, least in (("batch", batch, 2), ("most", most, 1), ("n_permutations", n_permutations, 100)):
        whole(name, value, at_least=least, at_most=10**8)
    share("alpha", alpha, usual="0.05", what="a probability")
    need_runs(runs)
    names = grouping(by)
    ordered = runs.select()
    in_order = ordered.table.sort_values("seed", kind="stable").index
    ordered = Runs(ordered.table.loc[in_order], ordered.evals, ordered.history)
    found = score_groups(ordered, by=names, objective=objective, failures=failures)
    chosen = pairs(found.groups, reference, names)
    short = min(found.groups, key=lambda group: group.n)
    if short.n < batch:
        raise ValueError(f"`{short.label}` has {short.n} runs, fewer than one batch of {batch}; train more seeds.")
    there = [min(found.groups[i].n // batch, found.groups[j].n // batch, most) for i, j in chosen]
    streams = np.random.default_rng(rng).spawn(len(chosen))
    seen = np.full((max(there), len(chosen)), np.nan)
    draws = np.full((max(there), len(chosen), n_permutations), np.nan)
    for at, ((i, j), done, stream) in enumerate(zip(chosen, there, streams, strict=True)):
        a, b = (found.groups[k].values[: done * batch].reshape(done, batch) for k in (i, j))
        seen[:done, at], draws[:done, at] = _statistics(a, b, n_permutations, stream)
    rows, looks = _decided(found, chosen, there, seen, draws, batch, most, alpha)
    columns = ["a", "b", "decision", "look", "n", "statistic", "boundary"]
    table = pd.DataFrame(rows, columns=columns).astype({"look": "Int64"})
    history = pd.DataFrame(looks, columns=["a", "b", "look", "n", "statistic", "boundary"])
    return SequentialComparison(table, history, found, draws, batch, most, alpha)


def _statistics(a: Array, b: Array, n_permutations: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Return the statistic at each look [looks], and under permutations within batches [looks, n_permutations]."""
    together = np.concatenate([a, b], axis=1)  # [looks, 2 batch]
    looks, size = together.shape
    apart = together - together.mean(axis=1, keepdims=True)
    moved = np.empty((looks, n_permutations))
    # A stream for each look: a later one must not change how those before it were permuted.
    for look, stream in enumerate(rng.spawn(looks)):
        order = np.argsort(stream.random((n_permutations, size)), axis=-1)
        moved[look] = (np.where(order < size // 2, 1.0, -1.0) * apart[look]).sum(axis=-1)
    permuted = np.abs(np.cumsum(moved, axis=0))
    sums = np.abs(np.cumsum((a - b).sum(axis=1)))
    # Variance of the difference of sums when a batch is permuted.
    scale = np.sqrt(np.cumsum((apart**2).sum(axis=1) * size / (size - 1)))[:, None]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.nan_to_num(sums / scale[:, 0]), np.nan_to_num(permuted / scale)


def _decided(
    found: Scored,
    chosen: list[tuple[int, int]],
    there: list[int],
    seen: Array,
    draws: Array,
    batch: int,
    most: int,
    alpha: float,
) -> tuple[list[list[Any]], list[list[Any]]]:
    labels = [(found.groups[i].label, found.groups[j].label) for i, j in chosen]
    rows: dict[int, list[Any]] = {}
    looks: list[list[Any]] = []
    active = list(range(len(chosen)))
    boundaries: list[float] = []
    for look in range(len(seen)):
        if min(there[at] for at in active) <= look:
            break
        n = (look + 1) * batch
        allowed = int(alpha * (look + 1) / most * draws.shape[-1] + _HAIR)
        boundary = np.inf
        while active:
            # Permutations that exceeded an earlier boundary are spent.
            alive = np.ones(draws.shape[-1], dtype=bool)
            for earlier, value in enumerate(boundaries):
                alive &= draws[earlier, active].max(axis=0) <= value * (1 + _HAIR)
            boundary = _boundary(draws[look, active].max(axis=0)[alive], allowed - int((~alive).sum()))
            best = active[int(np.argmax(seen[look, active]))]
            if seen[look, best] <= boundary * (1 + _HAIR):
                break
            i, j = chosen[best]
            ahead = found.groups[i].values[:n].mean() > found.groups[j].values[:n].mean()
            better = labels[best][0 if ahead == found.maximise else 1]
            found_at = [look + 1, n, seen[look, best], boundary]
            rows[best] = [*labels[best], f"{better} is better", *found_at]
            looks.append([*labels[best], *found_at])
            active.remove(best)
        boundaries.append(boundary)
        if not active:
            break
        looks += [[*labels[at], look + 1, n, seen[look, at], boundary] for at in active]
    taken, waiting = len(boundaries), [chosen[at] for at in active]
    for at in active:
        last = taken == most
        what = "no difference found" if last else _undecided(found, waiting, chosen[at], taken, batch)
        rows[at] = [*labels[at], what, most if last else pd.NA, taken * batch, seen[taken - 1, at], boundaries[-1]]
    return [rows[at] for at in range(len(chosen))], looks


def _undecided(found: Scored, waiting: list[tuple[int, int]], pair: tuple[int, int], taken: int, batch: int) -> str:
    """Return whom to train for the next look: who of the pair lacks it, or if neither does, who of the others."""
    missing = {k: (taken + 1) * batch - found.groups[k].n for k in sorted({k for both in waiting for k in both})}
    short = [k for k, seeds in missing.items() if seeds > 0]
    own = [k for k in short if k in pair]
    if len(own) == 2:
        return f"undecided: train {batch} more seeds"
    named = [f"{missing[k]} more seed{'s' * (missing[k] > 1)} of {found.groups[k].label}" for k in own or short]
    return f"undecided: train {' and '.join(named)}"


def _boundary(largest: Array, may: int) -> float:
    """Return the smallest value that at most `may` of the permutations exceed."""
    if may <= 0:
        return np.inf
    if may >= len(largest):
        return -np.inf
    return float(np.sort(largest)[len(largest) - may - 1])
