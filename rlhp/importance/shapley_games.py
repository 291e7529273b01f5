"""Shapley values of games on a surrogate: what tuning a hyperparameter gains, changes, or can ruin."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
from ConfigSpace import ConfigurationSpace
from numpy.typing import NDArray
from scipy.stats import qmc

from rlhp.errors import unknown_name
from rlhp.importance.fitting import Fit, Rng, Surrogate, filled, point
from rlhp.importance.forest import Forest
from rlhp.importance.points import allowed_at, snapped
from rlhp.importance.resampling import resampling_text
from rlhp.importance.result import LEAST_R2, Importance
from rlhp.importance.shapley_orders import Walks, most_of_parts, resampled_means, shares_by_walk, walks
from rlhp.importance.study import Array, Study, scored
from rlhp.objectives.result import Failures
from rlhp.runs import Runs

Game = Literal["tunability", "sensitivity", "mistunability"]
_GAMES = {
    "tunability": "the gain that tuning over the baseline can bring",
    "sensitivity": "the variance around the baseline",
    "mistunability": "the loss that bad choices can bring",
}
_MOST_PLAYERS = 12
_FEWEST_ORDERS = 4
_CANDIDATES, _FEWEST_CANDIDATES = 256, 32
_ROWS = 2**19  # predicted in all
_AT_ONCE = 2**17
_DRAWS = 1000


def shapley(
    runs: Runs,
    space: ConfigurationSpace,
    objective: str = "final_return",
    *,
    rng: Rng,
    game: Game = "tunability",
    baseline: Mapping[str, Any] | str | None = None,
    players: Sequence[str] | None = None,
    n_orders: int | None = None,
    failures: Failures = "raise",
    at: int | None = None,
    last: int = 1,
    threshold: float | None = None,
    n_trees: int = 64,
    min_leaf: int | None = None,
    confidence: float = 0.95,
    n_boot: int = 0,
    boot_trees: int = 8,
    least_r2: float = LEAST_R2,
    allow_poor_fit: bool = False,
) -> Importance:
    """Share out what can be won, moved or lost by leaving a baseline, by Shapley values over all coalitions.

    A coalition of hyperparameters is free, the others stay at the baseline. Its worth is, over the same 256 Sobol
    points for every coalition, less those that the space forbids: the best score less that of the baseline
    ("tunability"), the variance of the score ("sensitivity"), or the score of the baseline less the worst
    ("mistunability"), all on the surrogate. All 2^d coalitions are looked at, or, for more than twelve
    hyperparameters, those along random orders.

    Parameters
    ----------
    runs, space, objective, rng, failures, at, last, threshold
        As for `rlhp.importance.fanova`.
    game : {"tunability", "sensitivity", "mistunability"}
    baseline : mapping or str, optional
        A configuration (what it leaves out takes its default), "default", "best", or the id of one that was run; by
        default "default".
    players : sequence of str, optional
        Hyperparameters that take part; the others stay at the baseline. By default all. At most twelve, unless
        `n_orders` is given.
    n_orders : int, optional
        Sample instead of looking at every coalition: that many random orders, each forwards and backwards; a
        hyperparameter's value is its mean gain over them, 64 for instance.
    n_trees, min_leaf, confidence, boot_trees, least_r2, allow_poor_fit
        As for `rlhp.importance.fanova`.
    n_boot : int
        Resamples behind the intervals; each costs an eighth of the estimate. 0 by default: there is then no interval,
        or with `n_orders` one of the orders alone, which says nothing of other configurations or seeds.

    Returns
    -------
    Importance
        Shares of the worth of all players together; they add up to 1. Interactions are split evenly among those that
        take part in them.

    Raises
    ------
    ValueError
        If an option is wrong, or there are more than twelve players and no `n_orders`.

    References
    ----------
    M. Wever et al. (2025), HyperSHAP: Shapley values and interactions for hyperparameter importance. P. Probst,
    A.-L. Boulesteix, B. Bischl (2019), Tunability. J. Castro, D. Gomez, J. Tejada (2009), Polynomial calculation of
    the Shapley value based on sampling. R. Mitchell et al. (2022), Sampling permutations for Shapley value estimation.

    Examples
    --------
    >>> from rlhp import Runs, importance, spaces
    >>> space = spaces.subspace(spaces.default("dqn"), ["learning_rate", "gamma"])
    >>> configs = spaces.sample(space, 128, method="sobol", rng=0)
    >>> runs = Runs.from_table(configs, spaces.to_unit(space, configs)[:, 1])
    >>> importance.shapley(runs, space, rng=0).ranking
    ['learning_rate', 'gamma']
    """
    if game not in _GAMES:
        raise ValueError(unknown_name("game", game, _GAMES))
    who = _players(space, players, n_orders)
    fit = Fit(n_trees, min_leaf, confidence, n_boot, boot_trees, least_r2, allow_poor_fit)
    stream = fit.checked(rng)
    data = scored(runs, space, objective, failures=failures, at=at, last=last, threshold=threshold)
    # What the trees and the points are does not change with the number of orders.
    of_trees, of_points, of_orders = stream.spawn(3)
    model = fit.to(data, rng=of_trees)
    base, text = point(data, baseline, "default", "baseline")
    names = [list(space)[j] for j in who]
    walked = None if n_orders is None else walks(len(who), n_orders, of_orders)
    free = _everyone(len(who)) if walked is None else walked.free
    points, kept = _candidates(model, base, who, free, of_points)
    if walked is None:
        estimate, whole = _solved(_worth(points, kept, model.forest, data.sign, game), game)
        draws = [_solved(_worth(points, kept, one, data.sign, game), game)[0] for one in model.resampled]
        interval, counted = resampling_text(data, n_boot), ""
    else:
        estimate, whole, draws = _sampled(model, points, kept, walked, game, of_orders)
        interval = _orders_text(data, walked, n_boot)
        counted = f", over {len(walked.orders)} orders"
    return Importance(
        method=f"shapley ({game})",
        about=f"Shapley shares of {_GAMES[game]}, {whole:.4g} over {text}{counted}",
        terms=tuple(("main", (name,)) for name in names),
        estimate=estimate,
        draws=np.array(draws).reshape(-1, len(who)),
        interval=interval,
        **fit.facts(model, measure="declared"),
    )


def _players(space: ConfigurationSpace, players: Sequence[str] | None, n_orders: Any) -> list[int]:
    names = list(space)
    for name in players or ():
        if name not in names:
            raise ValueError(unknown_name("hyperparameter", name, names, where="`players`"))
    who = [j for j, name in enumerate(names) if players is None or name in players]
    if n_orders is not None:
        whole = isinstance(n_orders, int | np.integer) and not isinstance(n_orders, bool)
        if not whole or n_orders < _FEWEST_ORDERS:
            raise ValueError(f"`n_orders` is {n_orders!r}; give a whole number of at least {_FEWEST_ORDERS}, or None.")
        if who:
            return who
    if not who:
        raise ValueError("`players` names no hyperparameter; give at least one, or leave it out: then all take part.")
    if len(who) > _MOST_PLAYERS:
        raise ValueError(
            f"{len(who)} players have 2^{len(who)} coalitions; give `players=`, up to {_MOST_PLAYERS} hyperparameters, "
            f"such as the leading ones by `importance.fanova`, or sample: `n_orders=64`."
        )
    return who


def _everyone(k: int) -> NDArray[np.bool_]:
    """List all coalitions: shape [2^k, k], bit i of a row's number says whether player i is free."""
    return (np.arange(2**k)[:, None] >> np.arange(k) & 1).astype(bool)


def _candidates(
    model: Surrogate, base: Array, who: list[int], free: NDArray[np.bool_], rng: np.random.Generator
) -> tuple[Array, NDArray[np.bool_]]:
    """Give the points of every coalition, shape [coalitions, m, d], and which count, shape [coalitions, m].

    The first one of each is the baseline and counts; what the space forbids does not.
    """
    m = int(np.clip(_ROWS // len(free), _FEWEST_CANDIDATES, _CANDIDATES))
    start = filled(model.study.space, base)
    drawn = qmc.Sobol(len(who), rng=rng).random(m)
    points = np.broadcast_to(start, (len(free), m, len(base))).copy()
    points[:, :, who] = np.where(free[:, None, :], drawn, start[who])
    points[:, 0] = start
    marked = model.domain.inactive_marked(snapped(model.domain, points.reshape(-1, len(base))))
    kept = allowed_at(model.study.space, model.domain, marked).reshape(points.shape[:2])
    kept[:, 0] = True
    return marked.reshape(points.shape), kept


def _worth(points: Array, kept: NDArray[np.bool_], forest: Forest, sign: float, game: Game) -> Array:
    """Give the worth of each coalition, as its points have it, shape [coalitions]."""
    rows = points.reshape(-1, points.shape[2])
    parts = [forest.predict(rows[at : at + _AT_ONCE]) for at in range(0, len(rows), _AT_ONCE)]
    scores = sign * np.concatenate(parts).reshape(points.shape[:2])
    base = scores[0, 0]
    if game == "sensitivity":
        count = kept.sum(axis=1)
        mean = np.where(kept, scores, 0.0).sum(axis=1) / count
        return np.asarray((np.where(kept, scores - mean[:, None], 0.0) ** 2).sum(axis=1) / count)
    # What does not count is worth as little as staying at the baseline, which every coalition may.
    scores = np.where(kept, scores, base)
    return np.asarray(scores.max(axis=1) - base if game == "tunability" else base - scores.min(axis=1))


def _solved(worth: Array, game: Game) -> tuple[Array, float]:
    """Give the Shapley shares of the players, shape [k], and the worth of all together."""
    worth = worth if game == "sensitivity" else _at_least_parts(worth, int(math.log2(len(worth))))
    values = shapley_values(worth)
    whole = float(worth[-1] - worth[0])
    return (values / whole if whole > 0 else np.zeros(len(values))), whole


def _sampled(
    model: Surrogate,
    points: Array,
    kept: NDArray[np.bool_],
    walked: Walks,
    game: Game,
    rng: np.random.Generator,
) -> tuple[Array, float, list[Array]]:
    """Give the shares averaged over walks [k], the worth of all together, and the draws behind the interval."""

    def by_walk(forest: Forest) -> tuple[Array, float]:
        worth = _worth(points, kept, forest, model.study.sign, game)
        return shares_by_walk(worth if game == "sensitivity" else most_of_parts(worth, walked.free), walked)

    shares, whole = by_walk(model.forest)
    if not model.resampled:
        return shares.mean(axis=0), whole, resampled_means(shares, _DRAWS, rng)
    # A repetition would have had other data and other orders.
    draws = [resampled_means(by_walk(one)[0], 1, rng)[0] for one in model.resampled]
    return shares.mean(axis=0), whole, draws


def _orders_text(data: Study, walked: Walks, n_boot: int) -> str:
    if n_boot:
        return f"{resampling_text(data, n_boot)}, and of the orders"
    return f"{_DRAWS} resamples of the {len(walked.orders) // 2} orders (each with its reverse): of the sampling alone"


def _at_least_parts(worth: Array, k: int) -> Array:
    """Let a coalition be worth at least what each part of it is: a member may stay at the baseline."""
    worth = worth.copy()
    for i in range(k):
        within = np.flatnonzero(np.arange(len(worth)) >> i & 1)
        worth[within] = np.maximum(worth[within], worth[within ^ (1 << i)])
    return worth


def shapley_values(worth: Array) -> Array:
    """Give the Shapley values of a game.

    Parameters
    ----------
    worth : array [2^k]
        Worth of each coalition; bit i of its number says whether player i takes part.

    Returns
    -------
    array [k]
        They add up to the worth of all less that of none.

    References
    ----------
    L. S. Shapley (1953), A value for n-person games.
    """
    k = int(math.log2(len(worth)))
    numbers = np.arange(len(worth))
    sizes = np.array([int(one).bit_count() for one in numbers])
    weights = np.array([math.factorial(s) * math.factorial(k - s - 1) / math.factorial(k) for s in range(k)])
    values = np.empty(k)
    for i in range(k):
        without = numbers[(numbers >> i & 1) == 0]
        values[i] = weights[sizes[without]] @ (worth[without | (1 << i)] - worth[without])
    return values
