"""Exercise 07.rungs. The rungs of successive halving."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rlhp.exercises import expect
from rlhp.exercises.declare import checks, exercise

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def _picture(ax: Axes) -> str:
    """Draw the rungs of 27 configurations as blocks."""
    for n, begin, end in ((27, 0, 1), (9, 1, 3), (3, 3, 9), (1, 9, 27)):
        ax.bar(begin, n, end - begin, align="edge", edgecolor="white")
    ax.set(xlabel="steps of a run (thousands)", ylabel="configurations")
    return "Four blocks side by side: 27 configurations up to 1, 9 up to 3, 3 up to 9 and 1 up to 27 thousand steps."


exercise(
    "07.rungs",
    title="The rungs of successive halving",
    hints=(
        "The rung k has `n // eta**k` configurations with `least * eta**k` steps each.",
        "One configuration at least is on every rung: `max(1, ...)`.",
        "Go on while `least * eta**k <= most`.",
    ),
    picture=_picture,
)


def _rungs(answer: Any, *arguments: int) -> list[tuple[int, int]]:
    got = answer(*arguments)
    expect.true(
        isinstance(got, list | tuple) and all(isinstance(one, list | tuple) and len(one) == 2 for one in got),
        "Give back a list of pairs, (configurations, steps).",
    )
    return [(one[0], one[1]) for one in got]


@checks("07.rungs", "divides the configurations and multiplies the steps", weight=2)
def _powers(answer: Any) -> None:
    expect.equal(
        _rungs(answer, 27, 3, 1_000, 27_000),
        [(27, 1_000), (9, 3_000), (3, 9_000), (1, 27_000)],
        "`rungs(27, 3, 1_000, 27_000)`",
        mistakes=(
            ([(27, 1_000), (9, 3_000), (3, 9_000)], "The last rung has exactly `most` steps: `<=`, not `<`."),
            (
                [(9, 1_000), (3, 3_000), (1, 9_000), (1, 27_000)],
                "On the lowest rung all `n` begin: nobody was stopped before it.",
            ),
            ([(27, 1_000), (9, 2_000), (3, 6_000), (1, 18_000)], "Those are the steps that each rung *adds*."),
            ([(1_000, 27), (3_000, 9), (9_000, 3), (27_000, 1)], "The pairs are turned round: configurations first."),
            ([(27, 27_000), (9, 9_000), (3, 3_000), (1, 1_000)], "The fewer are left, the *longer* they are trained."),
            ([(1, 27_000), (3, 9_000), (9, 3_000), (27, 1_000)], "That starts at the top; begin with the lowest rung."),
        ),
    )


@checks("07.rungs", "rounds down, but keeps one")
def _whole(answer: Any) -> None:
    expect.equal(
        _rungs(answer, 10, 3, 100, 2_800),
        [(10, 100), (3, 300), (1, 900), (1, 2_700)],
        "`rungs(10, 3, 100, 2_800)`",
        mistakes=(
            ([(10, 100), (3, 300), (1, 900), (0, 2_700)], "On the top rung nobody is left: keep one at least."),
            ([(10, 100), (3, 300), (1, 900)], "It stops when one is left; that one is trained on to the top rung."),
            ([(10, 100), (4, 300), (2, 900), (1, 2_700)], "Rounded up: `n / eta**k` is rounded *down*, with `//`."),
            (
                [(10, 100), (3, 300), (1, 900), (1, 2_800)],
                "A rung of 2,800 steps is no power: the longest below `most`.",
            ),
            (
                [(10.0, 100), (10 / 3, 300), (10 / 9, 900), (1, 2_700)],
                "A third of a configuration cannot be trained: divide with `//`.",
            ),
        ),
    )
