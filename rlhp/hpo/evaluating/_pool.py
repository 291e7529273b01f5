"""Measured sweeps as pools: a search replays on configurations that were trained, with their seeds and curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from ConfigSpace import ConfigurationSpace
from ConfigSpace.hyperparameters import UniformFloatHyperparameter

from rlhp import datasets, spaces
from rlhp.arguments import instance, name_list, several, shown
from rlhp.frames import BROKEN
from rlhp.hpo.evaluating._evaluating import Goal, Judging, Reached, score_of
from rlhp.hpo.search._configurations import as_space, restored
from rlhp.hpo.search._nearest import nearest_places
from rlhp.hpo.search._searcher import Chooser, Observations, Searcher, key_of
from rlhp.objectives import OBJECTIVES
from rlhp.runs import Runs, concat

__all__ = ["Pool", "curves_of", "pool"]


@dataclass(frozen=True, eq=False)
class Pool:
    """Configurations that were all measured, with the same seeds, evaluated at the same steps; made by `pool`.

    Attributes
    ----------
    runs : Runs
    space : ConfigurationSpace
        What they were drawn from.
    configurations : tuple of dict, n of them
    curves : array [n, seeds, evaluations]
        What the objective is read off; NaN where a run failed.
    seeds : tuple of int
    pauses : tuple of int
        Environment steps of the evaluations.
    judging : Judging
    call : str
        What makes it again.
    """

    runs: Runs
    space: ConfigurationSpace
    configurations: tuple[dict[str, Any], ...]
    curves: np.ndarray
    seeds: tuple[int, ...]
    pauses: tuple[int, ...]
    judging: Judging
    call: str
    _unit: np.ndarray = field(repr=False)
    _at: dict[str, int] = field(repr=False)
    _written: dict[str, int] = field(repr=False)

    def place(self, configuration: Mapping[str, Any]) -> int | None:
        """Return which of the configurations one is; None where it was not measured."""
        at = self._written.get(repr(configuration))  # as it was proposed; a key takes ten times as long
        return self._at.get(key_of(configuration)) if at is None else at

    @property
    def capacity(self) -> int:
        """How many configurations there are."""
        return len(self.configurations)

    def train(self, goals: Sequence[Goal]) -> list[Reached]:
        """Return what such runs did; see `rlhp.hpo.Evaluator`."""
        steps, found = np.array(self.pauses), []
        rows = {seed: at for at, seed in enumerate(self.seeds)}
        for goal in goals:
            at = self.place(goal.configuration)
            if at is None:
                raise KeyError(key_of(goal.configuration))
            curve = self.curves[at, rows[goal.seed]]
            n = int(np.searchsorted(steps, goal.step, side="right"))
            status = "failed" if np.isnan(curve).all() else "finished" if n == len(steps) else "stopped"
            found.append(Reached(steps[:n], curve[:n], status))
        return found

    def adapted(self, searcher: Searcher) -> Searcher:
        """Return a searcher that proposes configurations of the pool, none twice; see `rlhp.hpo.Evaluator`.

        A searcher that can choose among given configurations, see `rlhp.hpo.Chooser`, does; those are `random`,
        `emukit` and `bnn`. What another proposes becomes the nearest configuration that nobody has.
        """
        return _OfPool(searcher, self)

    def truth(self, seeds: Sequence[int] | None = None) -> np.ndarray:
        """Return each configuration's mean score over seeds, by default all: what a search is judged by.

        Returns
        -------
        array [n]
            NaN where a run failed.
        """
        chosen = self.seeds if seeds is None else seeds
        goals = [Goal(one, seed, self.pauses[-1]) for one in self.configurations for seed in chosen]
        scores = [score_of(one, self.judging.objective) for one in self.train(goals)]
        means: np.ndarray = np.array(scores).reshape(len(self.configurations), -1).mean(axis=1)
        return means

    def __repr__(self) -> str:
        environments = ", ".join(self.runs.table["env_id"].unique())
        return (
            f"Pool({len(self.configurations)} configurations on {environments}, {len(self.seeds)} seeds, "
            f"{len(self.pauses)} evaluations up to {self.pauses[-1]:,} steps)"
        )


def pool(
    source: str | Sequence[str] | Runs, *, space: ConfigurationSpace | None = None, judging: Judging | None = None
) -> Pool:
    """Make a pool of a measured sweep, so that a whole search on it takes milliseconds.

    Parameters
    ----------
    source : str, sequence of str, or Runs
        A data set, see `rlhp.datasets.list`, or runs: each configuration with the same seeds, evaluated at the same
        steps. Several data sets, or runs of several algorithms, on one environment: the algorithm is a choice, as in
        `rlhp.spaces.algorithms`.
    space : ConfigurationSpace, optional
        What they were drawn from; by default the algorithm's default space, as far as they differ in it. It cannot be
        given where there are several algorithms.
    judging : Judging, optional
        By default the first three seeds tune. Of the others, where they are six or more, half choose among the
        finalists; the rest, or else all of them, test: of 10 seeds 3, 3 and 4, of 5 seeds 3, none and 2.

    Returns
    -------
    Pool

    Raises
    ------
    ValueError
        If there is no such data set, or the runs do not all have the same seeds and evaluations.
    FileNotFoundError
        If there is no data folder.

    Examples
    --------
    >>> from rlhp import hpo
    >>> hpo.pool("dqn_cartpole")
    Pool(256 configurations on CartPole-v1, 10 seeds, 10 evaluations up to 50,000 steps)
    """
    space = None if space is None else as_space(space)
    if judging is not None:
        instance(
            "judging", judging, Judging, hint="`rlhp.hpo.Judging(seeds=3, choice_seeds=0, test_seeds=2)` makes one."
        )
    named = source if isinstance(source, str) or not several(source) else tuple(name_list("source", source))
    made = _measured(named) if isinstance(named, str | tuple) else _pool(instance("source", named, Runs), space)
    if isinstance(named, str | tuple) and space is not None:
        made = _pool(made.runs, space)
    given = ", space=space" * (space is not None) + ", judging=judging" * (judging is not None)
    call = f"hpo.pool({'runs' if isinstance(named, Runs) else repr(source)}{given})"
    if judging is None:
        n = min(3, max(1, len(made.seeds) - 1))
        rest = made.seeds[n:]
        # Fewer than three test seeds have no interval, and one or two seeds hardly choose better than the tuning ones.
        k = len(rest) // 2 if len(rest) >= 6 else 0
        judging = Judging(seeds=made.seeds[:n], choice_seeds=rest[:k], test_seeds=rest[k:])
    return replace(_judged(made, judging), call=call)


def _judged(made: Pool, judging: Judging) -> Pool:
    groups = {"seeds": judging.tuning, "choice_seeds": judging.choosing, "test_seeds": judging.testing}
    for name, asked in groups.items():
        missing = sorted(set(asked) - set(made.seeds))
        if missing:
            raise ValueError(
                f"seed {missing[0]} was not measured and is among `{name}`; the pool has {shown(list(made.seeds))}: "
                f"give `seeds`, `choice_seeds` (0: none) and `test_seeds` among these."
            )
    if judging.steps not in (None, made.pauses[-1]):
        raise ValueError(f"`steps` is {judging.steps}; the runs of this pool have {made.pauses[-1]}: leave it out.")
    judging = replace(judging, steps=made.pauses[-1])
    column = OBJECTIVES[judging.objective].column
    curves = made.curves if column == "return_mean" else curves_of(made.runs, made.seeds, made.pauses, column)
    return replace(made, judging=judging, curves=curves)


@lru_cache(maxsize=16)
def _measured(names: str | tuple[str, ...]) -> Pool:
    if isinstance(names, str):
        return _pool(datasets.load(names), None)
    if not names:
        raise ValueError("`source` is empty; give the name of a data set.")
    return _pool(concat([datasets.load(name) for name in names]), None)


def _pool(runs: Runs, space: ConfigurationSpace | None) -> Pool:
    table = runs.configs
    # A hyperparameter may be called `steps`: of what runs are, `Runs.table` tells.
    algorithms = sorted(set(runs.table["algorithm"]))
    if runs.table["env_id"].nunique() != 1 or runs.table["steps"].nunique() != 1:
        raise ValueError("the runs are of several environments or lengths; a pool is of one of each.")
    if len(algorithms) > 1:
        return _of_algorithms(runs, algorithms, space)
    differing = [name for name in runs.hyperparameters if runs.column(name).nunique(dropna=False) > 1]
    if space is None:
        whole = spaces.default(algorithms[0])
        space = spaces.subspace(whole, [name for name in whole if name in differing])
    missing = [name for name in differing if name not in space]
    if missing:
        raise ValueError(f"the runs differ in `{missing[0]}`, which the space does not have; give `space=`.")
    rows = table[[name for name in space]].to_dict("records")
    configurations = tuple(
        restored(space, {str(name): _whole(space[str(name)], cell) for name, cell in row.items() if not pd.isna(cell)})
        for row in rows
    )
    return _gathered(runs, space, configurations)


def _whole(hp: Any, cell: Any) -> Any:
    """Return a whole number as one: beside runs of other algorithms, which lack it, a column holds real numbers."""
    if not isinstance(cell, float) or not cell.is_integer() or isinstance(hp, UniformFloatHyperparameter):
        return cell
    levels = spaces.levels_of(hp)[0] if isinstance(hp, spaces.DISCRETE) else ()
    return cell if any(isinstance(level, float) and level == cell for level in levels) else int(cell)


def _of_algorithms(runs: Runs, algorithms: Sequence[str], space: ConfigurationSpace | None) -> Pool:
    if space is not None:
        raise ValueError("`space` is of one algorithm and the runs are of several; leave it out.")
    parts = {name: _pool(runs.select(algorithm=name), None) for name in algorithms}
    found = {
        config_id: {spaces.ALGORITHM: name, **{f"{name}.{key}": value for key, value in one.items()}}
        for name, part in parts.items()
        for config_id, one in zip(part.runs.configs.index, part.configurations, strict=True)
    }
    together = spaces.algorithms({name: part.space for name, part in parts.items()})
    return _gathered(runs, together, tuple(found[config_id] for config_id in runs.configs.index))


def _gathered(runs: Runs, space: ConfigurationSpace, configurations: tuple[dict[str, Any], ...]) -> Pool:
    seeds = tuple(sorted(set(map(int, runs.table["seed"]))))
    pauses = tuple(sorted(set(map(int, runs.evals["step"]))))
    unit = spaces.to_unit(space, configurations)
    return Pool(
        runs=runs,
        space=space,
        configurations=configurations,
        curves=curves_of(runs, seeds, pauses, "return_mean"),
        seeds=seeds,
        pauses=pauses,
        judging=Judging(steps=pauses[-1], seeds=seeds[:1], choice_seeds=0, test_seeds=seeds[1:]),
        call="hpo.pool(runs)",
        _unit=unit,
        _at={key_of(one): at for at, one in enumerate(configurations)},
        _written={repr(one): at for at, one in enumerate(configurations)},
    )


def curves_of(runs: Runs, seeds: Sequence[int], pauses: Sequence[int], column: str) -> np.ndarray:
    """Return the curves as an array [configurations, seeds, evaluations]."""
    order = {name: at for at, name in enumerate(runs.configs.index)}
    place = pd.DataFrame(
        {
            "configuration": runs.config_id.map(order),
            "seed": runs.table["seed"].map({seed: at for at, seed in enumerate(seeds)}),
            "broken": runs.table["status"].isin(BROKEN),
        }
    )
    if place.duplicated(["configuration", "seed"]).any() or len(place) != len(order) * len(seeds):
        raise ValueError(f"not every configuration was trained once with each of the seeds {shown(list(seeds))}.")
    curves = np.full((len(order), len(seeds), len(pauses)), np.nan)
    rows = place.loc[runs.evals["run_id"]]
    if column not in runs.evals:
        raise ValueError(f"the runs do not record `{column}`; choose another objective.")
    step = np.searchsorted(pauses, runs.evals["step"])
    curves[rows["configuration"], rows["seed"], step] = runs.evals[column]
    curves[place["configuration"][place["broken"]], place["seed"][place["broken"]]] = np.nan
    short = np.isnan(curves).any(axis=2) & ~np.isnan(curves).all(axis=2)
    if short.any() and column == "return_mean":
        raise ValueError(f"{short.sum()} runs were not evaluated at every step of {shown(list(pauses))}.")
    return curves


@dataclass(frozen=True)
class _OfPool:
    """Proposes free configurations of a pool."""

    searcher: Searcher
    pool: Pool = field(repr=False, compare=False)

    def propose(
        self, space: ConfigurationSpace, seen: Observations, n: int, rng: np.random.Generator
    ) -> list[dict[str, Any]]:
        """Return `n` configurations to evaluate next; see `rlhp.hpo.Searcher`."""
        measured = self.pool.configurations
        taken = {self.pool.place(one) for one in (*seen.configurations, *seen.pending)}
        free = [at for at in range(len(measured)) if at not in taken]
        if len(free) < n:
            free = list(range(len(measured)))
        if isinstance(self.searcher, Chooser):
            chosen = self.searcher.choose(space, seen, n, rng, self.pool._unit[free])
            return [dict(measured[free[at]]) for at in chosen]
        points = spaces.to_unit(space, self.searcher.propose(space, seen, n, rng))
        return [dict(measured[free[at]]) for at in nearest_places(space, points, self.pool._unit[free])]
