"""What students typically write for 05.shapley_values, and a piece of what each is told."""

import itertools
from collections.abc import Callable
from typing import Any


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


def _shares(values: dict[str, float]) -> dict[str, float]:
    whole = sum(values.values())
    return {name: value / whole for name, value in values.items()}


# %% alone: "worth alone"
def shapley_values(worth: Any, players: Any) -> Any:
    return {one: worth(frozenset([one])) - worth(frozenset()) for one in players}


# %% last: "lost without each"
def shapley_values(worth: Any, players: Any) -> Any:
    return {one: worth(frozenset(players)) - worth(frozenset(players) - {one}) for one in players}


# %% one order: "one order"
shapley_values = _values(orders=lambda players: [tuple(players)])


# %% coalitions alike: "Every coalition counts alike"
def shapley_values(worth: Any, players: Any) -> Any:
    values = {}
    for one in players:
        others = [player for player in players if player != one]
        sets = [frozenset(s) for size in range(len(players)) for s in itertools.combinations(others, size)]
        values[one] = sum(worth(s | {one}) - worth(s) for s in sets) / len(sets)
    return values


# %% sums: "sums over the orders"
shapley_values = _values(by=lambda n_orders, n_players: 1)

# %% shares: "Those are shares"
shapley_values = _values(give=_shares)

# %% divided twice: "number of players too"
shapley_values = _values(by=lambda n_orders, n_players: n_orders * n_players)

# %% starts at 0: "worth of nobody too"
shapley_values = _values(first=lambda worth: 0.0)

# %% a list: "dictionary"
shapley_values = _values(give=lambda values: list(values.values()))

# %% a player missing: "keys of the dictionary"
shapley_values = _values(give=lambda values: dict(list(values.items())[:-1]))
