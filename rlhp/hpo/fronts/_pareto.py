"""A search for several objectives at once: of any function, or replayed on a measured sweep."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from ConfigSpace import ConfigurationSpace

from rlhp import arguments
from rlhp.curves import Aim, ParetoFront, dominated_volume, hypervolume
from rlhp.frames import HP
from rlhp.hpo.evaluating._pool import Pool, pool
from rlhp.hpo.fronts._outcomes import Outcomes, ParetoSearcher
from rlhp.hpo.fronts._pareto_result import ParetoSearch
from rlhp.hpo.fronts._remembered import Remembered
from rlhp.hpo.search._configurations import as_space, valid
from rlhp.hpo.search._searcher import Observations, Searcher
from rlhp.hpo.searchers._names import as_searcher, searcher_names
from rlhp.hpo.searchers._nsga2 import Nsga2
from rlhp.hpo.searchers._parego import Parego
from rlhp.objectives import OBJECTIVES, score

__all__ = ["pareto"]

_DIRECTIONS = ("maximize", "minimize")
_COLUMNS = ("failure", "hypervolume", "on_front")  # of the tables, besides the objectives
Outcome = Callable[[dict[str, Any]], dict[str, float]]


def pareto(
    source: Callable[[dict[str, Any]], Any] | str | Pool,
    space: Any = None,
    *,
    objectives: Mapping[str, str] | Sequence[str],
    searcher: str | Searcher | ParetoSearcher = "parego",
    n: int = 40,
    batch: int = 1,
    rng: int = 0,
    reference: Mapping[str, float] | None = None,
    threshold: float | None = None,
    journal: str | Path | None = None,
) -> ParetoSearch:
    """Look for the configurations that no other one beats in all of several objectives.

    Parameters
    ----------
    source : callable, str or Pool
        ``f(configuration)``, a dict, gives a mapping from each objective to a number; one that raises, or lacks one, is
        a failed evaluation. Or a measured sweep (a data set, or what `rlhp.hpo.pool` makes of one): a proposal then
        becomes a measured configuration that nobody has, as in `replay`.
    space : ConfigurationSpace or mapping, optional
        Of a function; a pool has its own.
    objectives : mapping or sequence of str
        Of a function from names to "maximize" or "minimize"; of a pool two or more of `rlhp.objectives.names()`, scored
        over its tuning seeds, a failed run as the worst.
    searcher : {"parego", "nsga2"}, name or searcher
        `Parego`: a Gaussian process on weights drawn anew for each proposal. `Nsga2`: evolution, for hundreds of
        evaluations. Any other name of `rlhp.hpo.searcher_names`, or a searcher for one objective, is taken by `Parego`.
    n : int
        Evaluations.
    batch : int
        Configurations asked for at a time.
    rng : int
        Seed of the search: ask number k draws from ``default_rng([rng, k])``.
    reference : mapping, optional
        What the hypervolume is measured from, a value an objective. Give one to compare searches: by default it is the
        worst that this one saw.
    threshold : float, optional
        Of a pool's `steps_to_threshold`.
    journal : path, optional
        File that remembers the search: the same call again goes on where it was, and evaluates nothing twice but what
        was under way.

    Returns
    -------
    ParetoSearch
        After Ctrl-C, what there is by then.

    Raises
    ------
    ValueError, TypeError
        If an argument cannot be, or the journal is of another search.
    RuntimeError
        If another search has the journal open.

    References
    ----------
    J. Knowles (2006), ParEGO. K. Deb et al. (2002), NSGA-II. J. Parker-Holder et al. (2022), Automated reinforcement
    learning (AutoRL): a survey and open problems, section on multi-objective search.

    Examples
    --------
    >>> from rlhp import hpo
    >>> found = hpo.pareto(
    ...     lambda c: {"error": c["x"] ** 2, "seconds": (c["x"] - 1) ** 2}, {"x": (-2.0, 2.0)},
    ...     objectives={"error": "minimize", "seconds": "minimize"}, searcher="sobol", n=32,
    ... )
    >>> bool(all(-0.1 <= found.configurations[trial]["x"] <= 1.1 for trial in found.front.front.index))
    True
    """
    n, batch = arguments.whole("n", n, at_least=1), arguments.whole("batch", batch, at_least=1)
    seed = arguments.whole("rng", rng, at_least=0, what="a seed, a whole number from 0: a search is known by it")
    made = _searcher(searcher, seed)
    if callable(source) and not isinstance(source, str | Pool):
        aims, where = _aims(objectives), getattr(source, "__name__", type(source).__name__)
        where = "a function" if where == "<lambda>" else where
        f: Outcome = lambda one: _numbers(source(one), aims)  # noqa: E731
        ground, measured, of = as_space(space), None, dict[str, Any]()
        _need_threshold((), threshold)
    else:
        measured = source if isinstance(source, Pool) else pool(source)
        if space is not None:
            raise ValueError("`space` is of a function; a pool has its own: leave it out.")
        ground, where = measured.space, str(measured.runs.table["env_id"].iloc[0])
        aims = _measured_aims(objectives)
        _need_threshold(aims, threshold)
        known = _scores(measured, aims, measured.judging.tuning, threshold)
        f = _looked_up(known, measured)
        n = min(n, measured.capacity)
        of = {"pool": measured.call, "judging": measured.judging, "threshold": threshold}
    point = None if reference is None else _reference(reference, aims)
    with Remembered(ground, made, aims, seed, journal, of) as remembered:
        asked = made if measured is None else _OfPool(made, measured)
        interrupted = _searched(remembered, f, ground, asked, aims, n, batch, seed)
    rows = remembered.rows
    configurations = tuple(row["configuration"] for row in rows)
    trials = pd.DataFrame([row["scores"] for row in rows], columns=[one.name for one in aims]).rename_axis("trial")
    trials["failure"] = [row["failure"] for row in rows]
    front = ParetoFront.of(trials[[one.name for one in aims]], aims, what="trials", where=where)
    point = _worst(front) if point is None else point
    trials["hypervolume"] = _volumes(front, point)
    for name in ground:
        trials[HP + name] = [one.get(name) for one in configurations]
    chosen = confirmed = None
    if measured is not None and len(front.front):
        judging, points = measured.judging, [(at, configurations[at]) for at in front.front.index]
        if judging.choosing:
            scores = _scores(measured, aims, judging.tuning + judging.choosing, threshold)
            chosen = _scored_again(points, aims, _looked_up(scores, measured), f"{where}, tuning and choice seeds")
            points = [(at, one) for at, one in points if chosen.table["on_front"][at]]
        if judging.testing:
            scores = _scores(measured, aims, judging.testing, threshold)
            confirmed = _scored_again(points, aims, _looked_up(scores, measured), f"{where}, test seeds")
    said = searcher if isinstance(searcher, str) else type(searcher).__name__
    return ParetoSearch(front, trials, configurations, point, chosen, confirmed, said, seed, n, interrupted)


def _scored_again(
    points: Sequence[tuple[int, dict[str, Any]]], aims: Sequence[Aim], scores: Outcome, where: str
) -> ParetoFront:
    index = pd.Index([at for at, _ in points], name="trial")
    again = pd.DataFrame([scores(one) for _, one in points], index=index)
    return ParetoFront.of(again, aims, what="points of the front", where=where)


def _looked_up(known: pd.DataFrame, measured: Pool) -> Outcome:
    """Return the function that reads scores, one row a configuration of a pool."""
    rows = known.to_dict("records")

    def read(configuration: dict[str, Any]) -> dict[str, float]:
        at = measured.place(configuration)
        if at is None:
            raise ValueError(f"{configuration} was not measured")
        return {str(name): float(value) for name, value in rows[at].items()}

    return read


def _searched(
    remembered: Remembered,
    f: Outcome,
    space: ConfigurationSpace,
    searcher: ParetoSearcher,
    aims: Sequence[Aim],
    n: int,
    batch: int,
    seed: int,
) -> bool:
    """Go on until there are n evaluations; say whether somebody pressed Ctrl-C before."""
    rows = remembered.rows
    signs = np.array([one.sign for one in aims])
    try:
        while True:
            for one in list(remembered.pending)[: max(0, n - len(rows))]:
                remembered.tell({"configuration": one, **_evaluated(f, one, aims)})
            if len(rows) >= n:
                return False
            gains = (
                np.array([[row["scores"][one.name] for one in aims] for row in rows]).reshape(len(rows), len(aims))
                * signs
            )
            seen = Outcomes(tuple(row["configuration"] for row in rows), gains)
            size = min(batch, n - len(rows))
            proposed = searcher.propose_many(space, seen, size, np.random.default_rng([seed, remembered.asks]))
            if len(proposed) != size:
                raise ValueError(f"the searcher proposed {len(proposed)} configurations of {size} asked for.")
            for one in proposed:
                valid(space, one)
            remembered.ask(proposed)
    except KeyboardInterrupt:
        return True


def _evaluated(f: Outcome, configuration: Mapping[str, Any], aims: Sequence[Aim]) -> dict[str, Any]:
    """Return the row of one evaluation; what the function raises is written there."""
    scores, failure = {one.name: math.nan for one in aims}, ""
    try:
        found = f(dict(configuration))
        infinite = [name for name, value in found.items() if not math.isfinite(value)]
        if infinite:
            failure = f"{infinite[0]} is {found[infinite[0]]}"
        else:
            scores = found
    except Exception as raised:
        failure = f"{type(raised).__name__}: {raised}"
    return {"scores": scores, "failure": failure}


def _numbers(given: Any, aims: Sequence[Aim]) -> dict[str, float]:
    if not isinstance(given, Mapping):
        raise TypeError(f"f gave {arguments.shown(given)}; give a mapping from each objective to a number")
    return {one.name: float(np.asarray(given[one.name]).item()) for one in aims}


def _aims(objectives: Any) -> list[Aim]:
    if not isinstance(objectives, Mapping):
        raise TypeError(
            f"`source` is a function and `objectives` {arguments.shown(objectives)}; give a mapping of their names to "
            f'"maximize" or "minimize".'
        )
    given = arguments.mapping("objectives", objectives)
    if len(given) < 2:
        raise ValueError(f"`objectives` is {given}; a front needs two or more, of one there is `hpo.minimize`.")
    for name in given:
        if name in _COLUMNS or name.startswith(HP):
            raise ValueError(
                f"`objectives` has {name!r}, which is a column of its own in the table; call it otherwise."
            )
    return [
        Aim(name, arguments.choice(f"objectives[{name!r}]", one, _DIRECTIONS))  # type: ignore[arg-type]
        for name, one in given.items()
    ]


def _measured_aims(objectives: Any) -> list[Aim]:
    names = arguments.name_list("objectives", objectives, empty=False, hint="Of a pool, by their names.")
    if len(names) < 2:
        raise ValueError(f"`objectives` is {names}; a front needs two or more, of one there is `hpo.replay`.")
    found = [OBJECTIVES[arguments.choice("objectives", name, OBJECTIVES, kind="objective")] for name in names]
    return [Aim(name, one.direction, one.unit) for name, one in zip(names, found, strict=True)]


def _need_threshold(aims: Sequence[Aim], threshold: float | None) -> None:
    wanted = any(one.name == "steps_to_threshold" for one in aims)
    if threshold is not None and not wanted:
        raise ValueError("`threshold` is for a pool's steps_to_threshold, which is none of `objectives`; leave it out.")
    if wanted:
        arguments.real("threshold", threshold, hint="The undiscounted return to reach.")


def _scores(measured: Pool, aims: Sequence[Aim], seeds: Sequence[int], threshold: float | None) -> pd.DataFrame:
    """Return every objective of every configuration over some seeds, in the order of the pool."""
    runs = measured.runs.select(measured.runs.table.index[measured.runs.table["seed"].isin(seeds)])
    columns = {}
    for one in aims:
        options = {"threshold": threshold} if one.name == "steps_to_threshold" else {}
        columns[one.name] = score(runs, one.name, failures="worst", per="config", **options).values  # type: ignore[arg-type]
    return pd.DataFrame(columns).loc[measured.runs.configs.index]


def _reference(reference: Any, aims: Sequence[Aim]) -> dict[str, float]:
    nothing = pd.DataFrame({one.name: [] for one in aims}, dtype=float)
    hypervolume(ParetoFront.of(nothing, aims, what="trials", where="nothing"), reference)
    return {one.name: float(reference[one.name]) for one in aims}


def _worst(front: ParetoFront) -> dict[str, float]:
    known = front.table[front.names].dropna()
    if not len(known):
        return dict.fromkeys(front.names, 0.0)
    return {one.name: float(known[one.name].min() if one.sign > 0 else known[one.name].max()) for one in front.aims}


def _volumes(front: ParetoFront, reference: Mapping[str, float]) -> list[float]:
    """Return the hypervolume after each trial."""
    gains, point = front.gains, np.array([one.sign * reference[one.name] for one in front.aims])
    gains = np.where(np.isnan(gains), -np.inf, gains)
    return [
        dominated_volume(gains[: at + 1][np.isfinite(gains[: at + 1]).all(axis=1)], point) for at in range(len(gains))
    ]


def _searcher(searcher: Any, seed: int) -> ParetoSearcher:
    if isinstance(searcher, str):
        name = arguments.choice("searcher", searcher, ("parego", "nsga2", *searcher_names()))
        return (
            {"parego": Parego, "nsga2": Nsga2}[name]()
            if name in ("parego", "nsga2")
            else Parego(as_searcher(name, seed))
        )
    if not isinstance(searcher, type) and callable(getattr(searcher, "propose_many", None)):
        found: ParetoSearcher = searcher
        return found
    return Parego(as_searcher(searcher, seed))


class _OfPool:
    """Proposes free configurations of a pool."""

    def __init__(self, searcher: ParetoSearcher, measured: Pool) -> None:
        self.searcher, self.pool = searcher, measured

    def propose_many(
        self, space: ConfigurationSpace, seen: Outcomes, n: int, rng: np.random.Generator
    ) -> list[dict[str, Any]]:
        """Return `n` configurations to evaluate next; see `rlhp.hpo.ParetoSearcher`."""
        asked = _Chosen(self.searcher, seen) if isinstance(self.searcher, Parego) else _Asked(self.searcher, seen)
        one = Observations(seen.configurations, np.zeros(len(seen)), pending=seen.pending)
        return self.pool.adapted(asked).propose(space, one, n, rng)


@dataclass(frozen=True, eq=False)
class _Asked:
    """A searcher for several objectives where one for a single objective is expected."""

    searcher: ParetoSearcher
    seen: Outcomes

    def propose(
        self, space: ConfigurationSpace, seen: Observations, n: int, rng: np.random.Generator
    ) -> list[dict[str, Any]]:
        """Return what is proposed given all objectives."""
        return self.searcher.propose_many(space, replace(self.seen, pending=seen.pending), n, rng)


@dataclass(frozen=True, eq=False)
class _Chosen:
    """The same of one that can choose among configurations."""

    searcher: Parego
    seen: Outcomes

    def propose(
        self, space: ConfigurationSpace, seen: Observations, n: int, rng: np.random.Generator
    ) -> list[dict[str, Any]]:
        """Return what is proposed given all objectives."""
        return self.searcher.propose_many(space, self.seen, n, rng)

    def choose(
        self, space: ConfigurationSpace, seen: Observations, n: int, rng: np.random.Generator, among: np.ndarray
    ) -> list[int]:
        """Return what is chosen given all objectives."""
        return self.searcher.choose_many(space, self.seen, n, rng, among)
