"""What students typically write for Shapley values, and a piece of what each is told."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

Wrong = dict[str, tuple[Any, str]]


def _values(
    *,
    orders: Callable[[Any], Any] = lambda players: list(itertools.permutations(players)),
    first: Callable[[Any], float] = lambda worth: worth(frozenset()),
    by: Callable[[int, int], float] = lambda n_orders, n_players: n_orders,
    give: Callable[[dict[str, float]], Any] = lambda values: values,
) -> Callable[..., Any]:
    """Build a wrong `shapley_values`: the right one with one part replaced."""

    def answer(worth: Any, players: Any) -> Any:
        some = orders(players)
        values = dict.fromkeys(players, 0.0)
        for order in some:
            had = first(worth)
            before: frozenset[Any] = frozenset()
            for player in order:
                after = before | {player}
                values[player] += worth(after) - had
                before, had = after, worth(after)
        return give({name: value / by(len(some), len(players)) for name, value in values.items()})

    return answer


def _alone(worth: Any, players: Any) -> Any:
    return {one: worth(frozenset([one])) - worth(frozenset()) for one in players}


def _last(worth: Any, players: Any) -> Any:
    return {one: worth(frozenset(players)) - worth(frozenset(players) - {one}) for one in players}


def _coalitions_alike(worth: Any, players: Any) -> Any:
    values = {}
    for one in players:
        others = [player for player in players if player != one]
        sets = [frozenset(s) for size in range(len(players)) for s in itertools.combinations(others, size)]
        values[one] = sum(worth(s | {one}) - worth(s) for s in sets) / len(sets)
    return values


def _shares(values: dict[str, float]) -> dict[str, float]:
    whole = sum(values.values())
    return {name: value / whole for name, value in values.items()}


SHAPLEY_VALUES: Wrong = {
    "alone": (_alone, "worth alone"),
    "last": (_last, "lost without each"),
    "one order": (_values(orders=lambda players: [tuple(players)]), "one order"),
    "coalitions alike": (_coalitions_alike, "Every coalition counts alike"),
    "sums": (_values(by=lambda n_orders, n_players: 1), "sums over the orders"),
    "shares": (_values(give=_shares), "Those are shares"),
    "divided twice": (_values(by=lambda n_orders, n_players: n_orders * n_players), "number of players too"),
    "starts at 0": (_values(first=lambda worth: 0.0), "worth of nobody too"),
    "a list": (_values(give=lambda values: list(values.values())), "dictionary"),
    "a player missing": (_values(give=lambda values: dict(list(values.items())[:-1])), "keys of the dictionary"),
}
