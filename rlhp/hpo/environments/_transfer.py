"""Warm starts from measured sweeps, and whether they help: a search with and without, repeated on a pool."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from ConfigSpace import ConfigurationSpace

from rlhp import arguments
from rlhp.curves import MEAN, student_interval
from rlhp.hpo.environments._agreement import Sources, filled, pools_of
from rlhp.hpo.evaluating._pool import Pool, pool
from rlhp.hpo.plans._planned import as_plan, need_budget
from rlhp.hpo.plans._trials import Plan, Terms
from rlhp.hpo.search._configurations import as_space
from rlhp.hpo.search._searcher import Searcher
from rlhp.hpo.searchers._names import as_searcher
from rlhp.hpo.searchers._warm import Warm, is_of
from rlhp.hpo.tuning._optimize import replay
from rlhp.returns import return_bounds
from rlhp.showing import as_html, as_text, percent

__all__ = ["Transfer", "transfer", "warm_start"]


def warm_start(
    sources: Sources,
    space: Any = None,
    *,
    searcher: str | Searcher = "emukit",
    starts: int = 4,
    good: float = 0.1,
    share: float = 0.5,
    rng: int = 0,
) -> Warm:
    """Make a searcher that begins with what was good in other environments.

    Parameters
    ----------
    sources : sequence of data sets or pools, or mapping from names to data sets, runs or pools
        Measured sweeps of the same algorithm, most similar environments first: see `environment_features` and
        `rank_agreement`.
    space : ConfigurationSpace or mapping, optional
        What is to be searched; configurations that are none of it are left out. By default that of the first source.
    searcher : str or Searcher
        Who goes on.
    starts : int
        Configurations tried first: a portfolio, each of which adds most to what the ones before reach on average over
        the sources; then those of the best mean rank.
    good : float
        Share of each source's configurations that counts as good, for the prior.
    share : float
        Of proposals drawn near a good one at first; 0: starts alone.
    rng : int
        Seed of a searcher that needs one to be made.

    Returns
    -------
    Warm

    Raises
    ------
    ValueError
        If an argument cannot be, or no configuration of the sources is of the space.

    References
    ----------
    M. Feurer et al. (2022), Auto-sklearn 2.0: hands-free AutoML via meta-learning (on portfolios).

    Examples
    --------
    >>> from rlhp import hpo
    >>> warm = hpo.warm_start(["dqn_acrobot", "dqn_mountaincar"], searcher="random")
    >>> len(warm.starts), len(warm.good)
    (4, 52)
    """
    made = pools_of("sources", sources, at_least=1)
    ground: ConfigurationSpace = next(iter(made.values())).space if space is None else as_space(space)
    arguments.whole("starts", starts, at_least=0)
    arguments.real("good", good, above=0, at_most=1)
    levels, configurations = _levels(made, ground)
    if not len(configurations):
        raise ValueError("no configuration of `sources` is of the `space`; give sweeps of the same algorithm.")
    liked: list[int] = []
    for column in levels.T:
        known = np.flatnonzero(~np.isnan(column))
        best = known[np.argsort(-column[known], kind="stable")]
        liked += best[: max(1, round(good * len(known)))].tolist()
    return Warm(
        starts=tuple(configurations[at] for at in _portfolio(levels, starts)),
        good=tuple(configurations[at] for at in liked),
        searcher=as_searcher(searcher, arguments.whole("rng", rng, at_least=0)),
        share=share,
    )


def _levels(made: dict[str, Pool], space: ConfigurationSpace) -> tuple[np.ndarray, list[dict[str, Any]]]:
    """Return how good each configuration is in each sweep, the share of others it is level with or beats, or NaN."""
    columns = {}
    configurations: dict[str, dict[str, Any]] = {}
    for name, one in made.items():
        means = filled(one).mean(axis=1)
        level = (means[:, None] >= means).mean(axis=1)
        rows = {}
        same = one.space == space
        for at, row in enumerate(one.configurations):
            if same or is_of(space, row):
                key = repr(sorted(row.items()))
                configurations[key] = row
                rows[key] = float(level[at])
        columns[name] = pd.Series(rows, dtype=float)
    table = pd.DataFrame(columns).reindex(list(configurations))
    return table.to_numpy(float), list(configurations.values())


def _portfolio(levels: np.ndarray, n: int) -> list[int]:
    """Take rows that together reach most on average over the columns, one after the other."""
    safe = np.where(np.isnan(levels), 0.0, levels)
    mean = safe.mean(axis=1)
    taken: list[int] = []
    reached = np.zeros(safe.shape[1])
    for _ in range(min(n, len(safe))):
        gain = np.maximum(safe, reached).mean(axis=1) - reached.mean()
        gain[taken], own = -1.0, np.where(np.isin(np.arange(len(safe)), taken), -1.0, mean)
        # Where none adds anything, the best by the mean.
        best = int(np.lexsort((-own, -gain.round(12)))[0])
        taken.append(best)
        reached = np.maximum(reached, safe[best])
    return taken


@dataclass(frozen=True, eq=False)
class Transfer:
    """A search with a warm start beside the same one without, repeated; made by `transfer`.

    Attributes
    ----------
    table : DataFrame, one row per budget
        `env_steps`, `without`, `with` (mean over the repetitions of the incumbent's score by the seeds of the target
        that do not tune), `difference`, `low`, `high` (of repetitions with the same seed), and `verdict`: helped, hurt,
        or open.
    scores : array [2, repetitions, budgets]
        Without and with.
    sources : tuple of str
    target, searcher : str
    confidence : float
    """

    table: pd.DataFrame
    scores: np.ndarray
    sources: tuple[str, ...]
    target: str
    searcher: str
    confidence: float

    @property
    def verdict(self) -> str:
        """What the warm start did at the end of the smallest budget, where it should help most."""
        return str(self.table["verdict"].iloc[0])

    @property
    def hurt(self) -> bool:
        """Whether it made the search worse at some budget, beyond what chance explains."""
        return bool((self.table["verdict"] == "hurt").any())

    def _title(self) -> str:
        return f"{self.searcher} on {self.target}, warm from {', '.join(self.sources)}, and cold"

    def _notes(self) -> list[str]:
        words = [
            f"{verdict} at {', '.join(f'{steps:,}' for steps in rows['env_steps'])} steps"
            for verdict, rows in self.table.groupby("verdict", sort=False)
        ]
        return [
            f"the warm start {'; '.join(words)}",
            f"{self.scores.shape[1]} repetitions; differences of pairs with the same seed, {percent(self.confidence)} "
            f"intervals by Student's t, each budget by itself",
            "scores of incumbents by the choice and test seeds, which had no part in the search; repetitions differ in "
            "what is searched, not in these seeds, and begin with the same starts",
        ]

    def __repr__(self) -> str:
        return as_text("Transfer", self._title(), self._notes(), self.table)

    def _repr_html_(self) -> str:
        return as_html(self._title(), self._notes(), self.table)


def transfer(
    target: str | Pool,
    sources: Sources,
    *,
    budgets: Sequence[int],
    searcher: str | Searcher = "emukit",
    plan: str | Plan = "full",
    starts: int = 4,
    share: float = 0.5,
    repetitions: int = 20,
    confidence: float = 0.95,
) -> Transfer:
    """Repeat a search on a measured sweep with a warm start from others, and without.

    Parameters
    ----------
    target : str or Pool
        What is searched; its scores have no part in the warm start.
    sources : sequence of data sets or pools, or mapping from names to data sets, runs or pools
    budgets : sequence of int
        Environment steps at which the incumbents are compared; the largest is searched to.
    searcher, plan : as for `replay`
    starts, share : as for `warm_start`
    repetitions : int
        With seeds 0, 1, ...; three at the least.
    confidence : float

    Returns
    -------
    Transfer

    Raises
    ------
    ValueError
        If an argument cannot be, a source is the target, or the smallest budget finishes no configuration.

    Examples
    --------
    >>> from rlhp import hpo
    >>> found = hpo.transfer(
    ...     "dqn_cartpole", ["dqn_acrobot"], budgets=[600_000], searcher="random", repetitions=3
    ... )
    >>> list(found.table)[:4]
    ['env_steps', 'without', 'with', 'difference']
    """
    arguments.instance("target", target, (str, Pool), hint="The name of a data set, or `rlhp.hpo.pool(...)`.")
    made = target if isinstance(target, Pool) else pool(target)
    used = pools_of("sources", sources, at_least=1)
    same = [name for name, one in used.items() if one.runs is made.runs]
    if same:
        raise ValueError(f"`sources` has {same[0]!r}, which is the target; give sweeps of other environments.")
    ends = sorted(
        {
            arguments.whole(f"budgets[{at}]", one, at_least=1)
            for at, one in enumerate(arguments.sequence("budgets", budgets))
        }
    )
    if not ends:
        raise ValueError("`budgets` is empty; give environment steps.")
    arguments.whole("repetitions", repetitions, at_least=3)
    arguments.real("confidence", confidence, above=0, below=1)
    if not made.judging.held_out:
        raise ValueError("`target` has no seeds to judge incumbents by: all of them tune; give a pool with some.")
    ordered, steps = as_plan(plan), made.pauses[-1]
    terms = Terms(
        steps, len(made.judging.tuning), ends[0], made.pauses, return_bounds(_environment(made)), made.capacity
    )
    try:
        need_budget(ordered, terms)
    except ValueError as error:
        raise ValueError(f"`budgets` begins with {ends[0]:,}: {error}") from error
    warm = warm_start(used, made.space, searcher=searcher, starts=starts, share=share)
    scores = _repeated(made, warm, searcher, ordered, ends, repetitions)
    difference = scores[1] - scores[0]
    low, high = student_interval(difference, MEAN, confidence=confidence)
    least, most = return_bounds(_environment(made))
    low, high = np.maximum(low, least - most), np.minimum(high, most - least)
    table = pd.DataFrame(
        {
            "env_steps": ends,
            "without": scores[0].mean(axis=0),
            "with": scores[1].mean(axis=0),
            "difference": difference.mean(axis=0),
            "low": low,
            "high": high,
            "verdict": np.where(low > 0, "helped", np.where(high < 0, "hurt", "left open")),
        }
    )
    said = searcher if isinstance(searcher, str) else str(searcher)
    return Transfer(table, scores, tuple(used), _environment(made), said, confidence)


def _environment(measured: Pool) -> str:
    return str(measured.runs.table["env_id"].iloc[0])


def _repeated(
    made: Pool, warm: Warm, searcher: str | Searcher, plan: Plan, ends: Sequence[int], repetitions: int
) -> np.ndarray:
    """Return what incumbents are worth by seeds that do not tune [2, repetitions, budgets]: without, and with."""
    truth = made.truth(made.judging.held_out)
    truth = np.where(np.isnan(truth), np.nanmin(truth), truth)
    scores = np.empty((2, repetitions, len(ends)))
    for seed in range(repetitions):
        base = as_searcher(searcher, seed)
        for side, one in enumerate((base, replace(warm, searcher=base))):
            found = replay(made, budget=ends[-1], searcher=one, plan=plan, rng=seed)
            places = [made.place(trial.configuration) for trial in found.trials]
            spent = found.history["env_steps"].to_numpy()
            at = np.searchsorted(spent, ends, side="right") - 1
            if at[0] < 0:
                raise ValueError(f"`budgets` begins with {ends[0]:,} steps, by which nothing is finished; give more.")
            scores[side, seed] = [truth[places[number]] for number in found.history["trial"].to_numpy()[at]]
    return scores
