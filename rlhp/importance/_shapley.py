"""Shapley values of games on a surrogate: what tuning a hyperparameter gains, changes, or can ruin."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
from ConfigSpace import ConfigurationSpace
from numpy.typing import NDArray
from scipy.stats import qmc

from rlhp.arguments import choice, name_list, random_generator, whole
from rlhp.errors import unknown_name
from rlhp.importance._result import Importance
from rlhp.importance._shapley_orders import most_of_parts, resampled_means, shares_by_walk, walks
from rlhp.importance._study import Array, Score, scored
from rlhp.importance.surrogates._beliefs import AVERAGED, Beliefs, believe, believed
from rlhp.importance.surrogates._boxes import Domain, allowed_at, snapped
from rlhp.importance.surrogates._choice import Predictor
from rlhp.importance.surrogates._fit import Fit, Rng, filled, fit_option, point
from rlhp.importance.surrogates._measures import measures_used
from rlhp.objectives import Failures
from rlhp.runs import Runs
from rlhp.spaces import need_space

Game = Literal["tunability", "sensitivity", "mistunability"]
_GAMES = {
    "tunability": "the gain that tuning over the baseline can bring",
    "sensitivity": "the variance around the baseline",
    "mistunability": "the loss that bad choices can bring",
}
_MOST_PLAYERS = 12
_FEWEST_ORDERS, _MOST_ORDERS = 4, 100_000
_CANDIDATES, _MOST_CANDIDATES, _FEWEST_CANDIDATES = 256, 2048, 32
_ROWS = 2**19  # predicted in all
_ROWS_OF_PROCESS, _MOST_OF_PROCESS = 2**14, 1024
_AT_ONCE = 2**17
_SWEEPS, _ALONG, _MANY = 2, 17, 256  # of climbing: rounds, values along one hyperparameter, coalitions
_DRAWS = 1000


def shapley(
    runs: Runs,
    space: ConfigurationSpace,
    objective: str | Score = "final_return",
    *,
    rng: Rng,
    game: Game = "tunability",
    baseline: Mapping[str, Any] | str | None = None,
    players: Sequence[str] | None = None,
    n_orders: int | None = None,
    failures: Failures = "raise",
    fit: Fit = Fit(),
) -> Importance:
    """Share out what can be won, moved or lost by leaving a baseline, by Shapley values over all coalitions.

    A coalition of hyperparameters is free, the others stay at the baseline. Its worth is, over the same Sobol points
    for every coalition (256, for variances 2,048; fewer for many hyperparameters), less those that the space forbids:
    the best score less that of the baseline ("tunability"), the variance of the score ("sensitivity"), or the score of
    the baseline less the worst ("mistunability"), all on the surrogate. From the best (or worst) of its points a
    coalition climbs on, along one free hyperparameter after the other. All 2^d coalitions are looked at, or, for more
    than twelve hyperparameters, those along random orders.

    Parameters
    ----------
    runs, space, objective, rng, failures
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
    fit : Fit
        As for `rlhp.importance.fanova`. "auto" takes a process for at most a thousand coalitions. Behind the intervals
        are `n_boot` functions drawn from a process, or as many resamples for trees. With 0 there is no interval, or
        with `n_orders` one of the orders alone, which says nothing of other configurations or seeds.

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
    choice("game", game, _GAMES)
    who = _players(space, players, n_orders)
    fit, stream = fit_option(fit), random_generator(rng)
    data = scored(runs, space, objective, failures=failures)
    # What the trees and the points are does not change with the number of orders.
    of_trees, of_points, of_orders = stream.spawn(3)
    names = [list(space)[j] for j in who]
    walked = None if n_orders is None else walks(len(who), n_orders, of_orders)
    free = _everyone(len(who)) if walked is None else walked.free
    used = measures_used(space, "declared")
    beliefs = believe(
        data,
        Domain.of(space, used),
        fit,
        rng=of_trees,
        process=len(free) <= _MOST_OF_PROCESS,
    )
    base, text = point(data, baseline, "default", "baseline")
    points, kept = _candidates(beliefs, base, who, free, game, of_points)
    if game != "sensitivity":
        climbed = _climbed(beliefs, points, kept, who, free, data.sign * (1.0 if game == "tunability" else -1.0))
        points = np.concatenate([points, climbed], axis=1)
        kept = np.concatenate([kept, np.ones(climbed.shape[:2], dtype=bool)], axis=1)

    def worth(scores: Array) -> Array:
        found = _worth(data.sign * scores.reshape(kept.shape), kept, game)
        if game == "sensitivity":
            return found
        return _at_least_parts(found, len(who)) if walked is None else most_of_parts(found, free)

    # Everything that the shares rest on: the shares, and last the worth of all together.
    def shared(scores: Array) -> Array:
        value = worth(scores)
        whole = float(value[-1] - value[0])
        if walked is None:
            shares = shapley_values(value) / whole if whole > 0 else np.zeros(len(who))
        else:
            shares = shares_by_walk(value, walked)[0].mean(axis=0)
        return np.append(shares, whole)

    flat = points.reshape(-1, points.shape[2])
    found = believed(beliefs, flat, shared)
    draws, counted, interval = found.draws[:, :-1], "", beliefs.interval
    if walked is not None:
        counted = f", over {len(walked.orders)} orders"
        each = shares_by_walk(worth(beliefs.chosen.model.predict(flat)), walked)[0]
        if fit.n_boot:
            # A repetition would have had other orders, too.
            draws = draws + np.array(resampled_means(each, len(draws), of_orders)) - each.mean(axis=0)
            interval += ", and of the orders"
        else:
            draws = np.array(resampled_means(each, _DRAWS, of_orders))
            pairs = len(walked.orders) // 2
            interval = f"{_DRAWS} resamples of the {pairs} orders (each with its reverse): of the sampling alone"
    return Importance(
        method=f"shapley ({game})",
        about=f"Shapley shares of {_GAMES[game]}, {found.own[-1]:.4g} over {text}{counted}",
        terms=tuple(("main", (name,)) for name in names),
        estimate=found.estimate[:-1],
        draws=draws.reshape(-1, len(who)),
        own=found.own[:-1] if found.corrected else None,
        bias_from=AVERAGED,
        surrogate=beliefs.chosen.text,
        interval=interval,
        # Who joins late can leave less variance than there was.
        bounded=game != "sensitivity",
        **fit.known(data, used, beliefs.chosen.r2, measure="declared"),
    )


def _players(space: ConfigurationSpace, players: Sequence[str] | None, n_orders: Any) -> list[int]:
    need_space(space)
    names = list(space)
    players = None if players is None else name_list("players", players)
    for name in players or ():
        if name not in names:
            raise ValueError(unknown_name("hyperparameter", name, names, where="`players`"))
    who = [j for j, name in enumerate(names) if players is None or name in players]
    if n_orders is not None:
        whole("n_orders", n_orders, at_least=_FEWEST_ORDERS, at_most=_MOST_ORDERS, hint="None: all coalitions.")
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
    beliefs: Beliefs, base: Array, who: list[int], free: NDArray[np.bool_], game: Game, rng: np.random.Generator
) -> tuple[Array, NDArray[np.bool_]]:
    """Return the points of every coalition, shape [coalitions, m, d], and which count, shape [coalitions, m].

    The first one of each is the baseline and counts; what the space forbids does not.
    """
    rows = _ROWS if beliefs.paths is None else _ROWS_OF_PROCESS
    # Variances are sums over the points, and are as exact as these are many; a best point is climbed to.
    most = _MOST_CANDIDATES if game == "sensitivity" else _CANDIDATES
    m = 2 ** int(np.log2(np.clip(rows // len(free), _FEWEST_CANDIDATES, most)))  # Sobol points are even then
    space, domain = beliefs.study.space, beliefs.domain
    start = filled(space, base)
    drawn = qmc.Sobol(len(who), rng=rng).random(m)
    points = np.broadcast_to(start, (len(free), m, len(base))).copy()
    points[:, :, who] = np.where(free[:, None, :], drawn, start[who])
    points[:, 0] = start
    marked = domain.inactive_marked(snapped(domain, points.reshape(-1, len(base))))
    kept = allowed_at(space, domain, marked).reshape(points.shape[:2])
    kept[:, 0] = True
    return marked.reshape(points.shape), kept


def _climbed(
    beliefs: Beliefs, points: Array, kept: NDArray[np.bool_], who: list[int], free: NDArray[np.bool_], sign: float
) -> Array:
    """Climb from the best point of each coalition along its free hyperparameters; shape [coalitions, sweeps, d]."""
    space, domain, model = beliefs.study.space, beliefs.domain, beliefs.chosen.model
    scores = _predicted(model, points.reshape(-1, points.shape[2])).reshape(kept.shape)
    best = np.argmax(np.where(kept, sign * scores, -np.inf), axis=1)
    here = np.array([filled(space, points[c, k]) for c, k in enumerate(best)])
    reached = []
    # With many coalitions each starts near where a smaller one has been.
    sweeps, along = (_SWEEPS, _ALONG) if len(free) <= _MANY else (1, _ALONG // 2 + 1)
    for _ in range(sweeps):
        for i, j in enumerate(who):
            those = np.flatnonzero(free[:, i])
            own = domain.cells[j]
            line = np.linspace(0.0, 1.0, along) if own is None else own[0]
            if len(line) > along:
                line = line[np.linspace(0, len(line) - 1, along).round().astype(int)]
            # Staying is one of the options.
            options = np.repeat(here[those][:, None], len(line) + 1, axis=1)
            options[:, 1:, j] = line
            marked = domain.inactive_marked(options.reshape(-1, options.shape[2]))
            value = sign * _predicted(model, marked)
            value[~allowed_at(space, domain, marked)] = -np.inf
            value = value.reshape(options.shape[:2])
            here[those] = options[np.arange(len(those)), np.argmax(value, axis=1)]
        reached.append(domain.inactive_marked(here))
    return np.stack(reached, axis=1)


def _predicted(model: Predictor, rows: Array) -> Array:
    return np.concatenate([model.predict(rows[at : at + _AT_ONCE]) for at in range(0, len(rows), _AT_ONCE)])


def _worth(scores: Array, kept: NDArray[np.bool_], game: Game) -> Array:
    """Return the worth of each coalition from the scores at its points, shape [coalitions, m]; more is better."""
    base = scores[0, 0]
    if game == "sensitivity":
        count = kept.sum(axis=1)
        mean = np.where(kept, scores, 0.0).sum(axis=1) / count
        return np.asarray((np.where(kept, scores - mean[:, None], 0.0) ** 2).sum(axis=1) / count)
    # What does not count is worth as little as staying at the baseline, which every coalition may.
    scores = np.where(kept, scores, base)
    return np.asarray(scores.max(axis=1) - base if game == "tunability" else base - scores.min(axis=1))


def _at_least_parts(worth: Array, k: int) -> Array:
    """Let a coalition be worth at least what each part of it is: a member may stay at the baseline."""
    worth = worth.copy()
    for i in range(k):
        within = np.flatnonzero(np.arange(len(worth)) >> i & 1)
        worth[within] = np.maximum(worth[within], worth[within ^ (1 << i)])
    return worth


def shapley_values(worth: Array) -> Array:
    """Return the Shapley values of a game.

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
