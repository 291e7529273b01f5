"""Exercise 05.shapley_values. To each its share: Shapley values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rlhp.exercises import expect
from rlhp.exercises.declare import checks, exercise

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def _picture(ax: Axes) -> str:
    """Draw made-up values between what a player brings alone and what it brings last."""
    names, alone, last, value = ["a", "b", "c"], [3, 1, 0], [7, 3, 2], [5.5, 2.0, 0.5]
    ax.hlines(names, alone, last, color="C7")
    ax.plot(alone, names, "<", label="alone")
    ax.plot(last, names, ">", label="last to come in")
    ax.plot(value, names, "o", label="Shapley value")
    ax.set(xlabel="worth (made up)")
    ax.legend()
    return "For each player the Shapley value lies between what it brings alone and what it brings as the last one."


exercise(
    "05.shapley_values",
    title="To each its share: Shapley values",
    hints=(
        "`itertools.permutations(players)` gives every order in which the players can come in.",
        (
            "In one order a player gets what the worth rises by when it comes in: `worth(before | {player}) - "
            "worth(before)`."
        ),
        "Start each order at `frozenset()`, add the gains up for each player, and divide by the number of orders.",
    ),
    picture=_picture,
)

_PLAYERS = ["a", "b", "c"]

_WORTH = {"": 0.0, "a": 4.0, "b": 1.0, "c": 0.0, "ab": 8.0, "ac": 6.0, "bc": 1.0, "abc": 12.0}


def _worth(coalition: Any) -> float:
    return _WORTH["".join(sorted(coalition))]


def _values(answer: Any, worth: Any, players: list[str]) -> list[float]:
    values = answer(worth, list(players))
    expect.true(isinstance(values, Mapping), "Give back a dictionary from player to value.")
    expect.equal(sorted(map(str, values)), sorted(players), "The keys of the dictionary")
    return [float(values[player]) for player in players]


@checks("05.shapley_values", "the mean over all orders", weight=2)
def _mean(answer: Any) -> None:
    expect.close(
        _values(answer, _worth, _PLAYERS),
        [43 / 6, 19 / 6, 10 / 6],
        "The values of a, b and c",
        mistakes=(
            ([4.0, 1.0, 0.0], "That is what each is worth alone; what they do together is given to nobody."),
            ([11.0, 6.0, 4.0], "That is what is lost without each; what they do together is given to all of them."),
            (
                [4.0, 4.0, 4.0],
                "That is one order, a before b before c; another gives others more. Average over all.",
            ),
            ([7.0, 3.0, 1.5], "Every coalition counts alike there; orders weigh small and large coalitions more."),
            ([43.0, 19.0, 10.0], "Those are sums over the orders; divide by how many there are."),
            ([43 / 72, 19 / 72, 10 / 72], "Those are shares; asked are the values, which add up to 12."),
            ([43 / 18, 19 / 18, 10 / 18], "Divided by the number of players too; the number of orders is enough."),
        ),
    )


@checks("05.shapley_values", "adds up to the worth of all less that of none")
def _adds_up(answer: Any) -> None:
    def raised(coalition: Any) -> float:
        return 10.0 + _worth(coalition)

    got = sum(_values(answer, raised, _PLAYERS))
    if abs(got - 22.0) < 1e-9:
        expect.fail("The first to come in gets the worth of nobody too: start each order at `worth(frozenset())`.")
    expect.close(got, 12.0, "The sum of the values where nobody is worth 10 already")


@checks("05.shapley_values", "alike for those who do alike, nothing for who does nothing")
def _fair(answer: Any) -> None:
    got = _values(answer, lambda coalition: 6.0 * ({"p", "q"} <= set(coalition)), ["p", "idle", "q"])
    expect.close(got, [3.0, 0.0, 3.0], "The values where p and q are worth 6 together and nothing apart")
