"""Exercise 04.to_value. From the unit interval to a value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from rlhp.exercises import expect
from rlhp.exercises.declare import checks, exercise

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def _picture(ax: Axes) -> str:
    """Draw three measures of one range, with a logarithmic axis of values."""
    u = np.linspace(0, 1, 50)
    ax.semilogy(u, 0.01 + 0.98 * u, label="linear")
    ax.semilogy(u, 0.01 * 99**u, "--", label="log")
    ax.semilogy(u, 1 - 0.99 * (0.01 / 0.99) ** u, ":", label="flipped-log")
    ax.set(xlabel="u", ylabel="value, from 0.01 to 0.99")
    ax.legend()
    return (
        "Over u from 0 to 1 all three rise from 0.01 to 0.99. With a logarithmic axis of values the log measure is a "
        "straight line; linear rises steeply at first, flipped-log most steeply."
    )


exercise(
    "04.to_value",
    title="From the unit interval to a value",
    hints=(
        "On each measure, go the share `u` of the way from `low` to `high`; what differs is the scale you walk on.",
        "`log`: take the logarithm of both ends, go the share `u` of the way, and undo the logarithm.",
        (
            "`flipped-log` is the same with one minus the ends, and one minus the result: `1 - (1 - low) ** "
            "(1 - u) * ...`."
        ),
    ),
    picture=_picture,
)


@checks("04.to_value", "goes evenly on a linear scale")
def _linear(answer: Any) -> None:
    expect.close(
        answer(0.25, 2.0, 10.0, "linear"),
        4.0,
        '`to_value(0.25, 2, 10, "linear")`',
        mistakes=(
            (2 * 5**0.25, "That goes evenly in the logarithm; `linear` was asked."),
            (2.0, "That starts at 0: add `low`."),
        ),
    )


@checks("04.to_value", "goes evenly in the logarithm", weight=2)
def _log(answer: Any) -> None:
    expect.close(
        answer(0.25, 1e-4, 1.0, "log"),
        1e-3,
        '`to_value(0.25, 0.0001, 1, "log")`',
        mistakes=(
            (0.250075, "That goes evenly in the value itself: nine tenths of all draws land in the top decade."),
            (np.log(1e-3), "That is the logarithm of the value: undo the logarithm with `np.exp`."),
            (-3.0, "That is the exponent: undo `np.log10` with `10.0 **`."),
            (np.exp(-3.0), "`np.exp` undoes `np.log`; what undoes `np.log10` is `10.0 **`."),
            (0.1, "It runs from high to low: u = 0 should give `low`."),
        ),
    )
    expect.close(answer(np.array([0.0, 0.5, 1.0]), 1e-5, 1e-1, "log"), [1e-5, 1e-3, 1e-1], "`to_value` of an array")


@checks("04.to_value", "goes evenly in the logarithm of one minus the value")
def _flipped(answer: Any) -> None:
    expect.close(
        answer(0.25, 0.9, 0.99999, "flipped-log"),
        0.99,
        '`to_value(0.25, 0.9, 0.99999, "flipped-log")`',
        mistakes=(
            (0.9**0.75 * 0.99999**0.25, "That takes the logarithm of the value; flipped is one minus the value."),
            (0.9249975, "That is not flipped: it goes evenly in the value itself."),
            (0.01, "That is one minus the value: flip it back."),
            (0.9999, "It starts at the wrong end: u = 0 should give `low`."),
        ),
    )
    expect.close(answer(0.5, 0.9, 0.999, "flipped-log"), 0.99, '`to_value(0.5, 0.9, 0.999, "flipped-log")`')
