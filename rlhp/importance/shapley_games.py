"""Shapley values of games on a surrogate: what tuning a hyperparameter gains, changes, or can ruin."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
from ConfigSpace import ConfigurationSpace
from scipy.stats import qmc

from rlhp.errors import unknown_name
from rlhp.importance.fitting import Rng, Surrogate, checked, facts, filled, fitted, point
from rlhp.importance.forest import Forest
from rlhp.importance.resampling import resampling_text
from rlhp.importance.result import LEAST_R2, Importance
from rlhp.importance.study import Array, scored
from rlhp.objectives.result import Failures
from rlhp.runs import Runs

Game = Literal["tunability", "sensitivity", "mistunability"]
_GAMES = {
    "tunability": "the gain that tuning over the baseline can bring",
    "sensitivity": "the variance around the baseline",
    "mistunability": "the loss that bad choices can bring",
}
_MOST_PLAYERS = 12
_CANDIDATES = 256
_ROWS = 2**19  # predicted in all


def shapley(
    runs: Runs,
    space: ConfigurationSpace,
    objective: str = "final_return",
    *,
    rng: Rng,
    game: Game = "tunability",
    baseline: Mapping[str, Any] | str | None = None,
    players: Sequence[str] | None = None,
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
    points for every coalition: the best score less that of the baseline ("tunability"), the variance of the score
    ("sensitivity"), or the score of the baseline less the worst ("mistunability"), all on the surrogate. All 2^d
    coalitions are looked at.

    Parameters
    ----------
    runs, space, objective, rng, failures, at, last, threshold
        As for `rlhp.importance.fanova`.
    game : {"tunability", "sensitivity", "mistunability"}
    baseline : mapping or str, optional
        A configuration (what it leaves out takes its default), "default", "best", or the id of one that was run; by
        default "default".
    players : sequence of str, optional
        Hyperparameters that take part, at most twelve; the others stay at the baseline. By default all.
    n_trees, min_leaf, confidence, boot_trees, least_r2, allow_poor_fit
        As for `rlhp.importance.fanova`.
    n_boot : int
        Resamples behind the intervals; each costs an eighth of the estimate. 0 by default.

    Returns
    -------
    Importance
        Shares of the worth of all players together; they add up to 1. Interactions are split evenly among those that
        take part in them.

    Raises
    ------
    ValueError
        If an option is wrong, or there are more than twelve players.

    References
    ----------
    M. Wever et al. (2025), HyperSHAP: Shapley values and interactions for hyperparameter importance. P. Probst,
    A.-L. Boulesteix, B. Bischl (2019), Tunability.

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
    who = _players(space, players)
    counts = {"n_trees": n_trees, "min_leaf": min_leaf, "boot_trees": boot_trees}
    stream = checked(rng, confidence=confidence, n_boot=n_boot, least_r2=least_r2, **counts)
    data = scored(runs, space, objective, failures=failures, at=at, last=last, threshold=threshold)
    of_trees, of_points = stream.spawn(2)
    options: dict[str, Any] = {"n_trees": n_trees, "min_leaf": min_leaf, "n_boot": n_boot, "boot_trees": boot_trees}
    model = fitted(data, measure="declared", rng=of_trees, **options)
    base, text = point(data, baseline, "default", "baseline")
    points = _candidates(model, base, who, of_points)
    names = [list(space)[j] for j in who]
    estimate, whole = _solved(points, model.forest, data.sign, game, len(who))
    draws = [_solved(points, one, data.sign, game, len(who))[0] for one in model.resampled]
    return Importance(
        method=f"shapley ({game})",
        about=f"Shapley shares of {_GAMES[game]}, {whole:.4g} over {text}",
        terms=tuple(("main", (name,)) for name in names),
        estimate=estimate,
        draws=np.array(draws).reshape(-1, len(who)),
        r2=model.r2,
        interval=resampling_text(data, n_boot),
        **facts(
            data,
            measure="declared",
            used=model.used,
            confidence=confidence,
            least_r2=least_r2,
            allow_poor_fit=allow_poor_fit,
        ),
    )


def _players(space: ConfigurationSpace, players: Sequence[str] | None) -> list[int]:
    names = list(space)
    for name in players or ():
        if name not in names:
            raise ValueError(unknown_name("hyperparameter", name, names, where="`players`"))
    who = [j for j, name in enumerate(names) if players is None or name in players]
    if not 1 <= len(who) <= _MOST_PLAYERS:
        raise ValueError(
            f"{len(who)} players have 2^{len(who)} coalitions; give `players=`, up to {_MOST_PLAYERS} hyperparameters, "
            f"such as the leading ones by `importance.fanova`."
        )
    return who


def _candidates(model: Surrogate, base: Array, who: list[int], rng: np.random.Generator) -> Array:
    """Give the points of every coalition, shape [2^k, m, d]; the first one of each is the baseline."""
    k = len(who)
    m = min(_CANDIDATES, _ROWS >> k)
    start = filled(model.study.space, base)
    drawn = qmc.Sobol(k, rng=rng).random(m)
    points = np.empty((2**k, m, len(base)))
    for coalition in range(2**k):
        points[coalition] = start
        free = [i for i in range(k) if coalition >> i & 1]
        points[coalition][:, [who[i] for i in free]] = drawn[:, free]
        points[coalition][0] = start
    return model.domain.inactive_marked(points.reshape(-1, len(base))).reshape(points.shape)


def _solved(points: Array, forest: Forest, sign: float, game: Game, k: int) -> tuple[Array, float]:
    """Give the Shapley shares of the players, shape [k], and the worth of all together."""
    scores = sign * forest.predict(points.reshape(-1, points.shape[2])).reshape(points.shape[:2])
    if game == "sensitivity":
        worth = scores.var(axis=1)
    else:
        worth = scores.max(axis=1) - scores[0, 0] if game == "tunability" else scores[0, 0] - scores.min(axis=1)
        worth = _at_least_parts(worth, k)
    values = shapley_values(worth)
    whole = float(worth[-1] - worth[0])
    return (values / whole if whole > 0 else np.zeros(k)), whole


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
