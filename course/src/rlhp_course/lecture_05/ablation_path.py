"""Exercise 05.ablation_path. The way from the default to the best."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from rlhp.exercises import expect
from rlhp.exercises.declare import checks, exercise

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def _picture(ax: Axes) -> str:
    """Draw a made-up path."""
    steps, scores = np.arange(4), [100, 240, 400, 390]
    ax.step(steps, scores, where="post")
    ax.plot(steps, scores, "o")
    ax.set(xlabel="changes made", ylabel="score (made up)", xticks=steps)
    return "From the start's score to the end's in steps, the largest gain first; a later step may go down."


exercise(
    "05.ablation_path",
    title="The way from the default to the best",
    hints=(
        "Keep two things: the configuration where you are, and the names that still differ from `end`.",
        "At each step try every name that is left: the score of `{**here, name: end[name]}` less the score of `here`.",
        "Take the largest, even if negative, change it for good, note it with its gain, and go on until none is left.",
    ),
    picture=_picture,
)

_START = {"a": 0, "b": 0, "c": 0, "d": 7}

_END = {"a": 1, "b": 1, "c": 1, "d": 7}

_SCORES = {"": 0.0, "a": 3.0, "b": 2.0, "c": 0.0, "ab": 4.0, "ac": 9.0, "bc": 8.0, "abc": 10.0}


def _score(config: Mapping[str, Any]) -> float:
    return _SCORES["".join(name for name in "abc" if config[name] == 1)]


def _path(
    answer: Any, score: Any = _score, start: Mapping[str, int] = _START, end: Mapping[str, int] = _END
) -> list[tuple[str, float]]:
    path = answer(score, dict(start), dict(end))
    expect.true(isinstance(path, list | tuple), "Give back a list with a pair (name, gain) for each change.")
    pairs = [tuple(step) if isinstance(step, list | tuple) else (step,) for step in path]
    expect.true(
        all(len(pair) == 2 and isinstance(pair[0], str) for pair in pairs),
        f"Each step should be a pair (name, gain); one is {pairs[0] if pairs else 'missing'}.",
    )
    return [(str(name), float(gain)) for name, gain in pairs]


@checks("05.ablation_path", "each time the change that gains most from where it is", weight=2)
def _order(answer: Any) -> None:
    names = [name for name, _ in _path(answer)]
    if "d" in names:
        expect.fail("`d` is the same at both ends: there is nothing to change.")
    expect.equal(
        names,
        ["a", "c", "b"],
        "The order of the changes",
        mistakes=(
            (
                ["a", "b", "c"],
                "That is the order of gains seen from the start; after `a`, `c` gains more than `b`.",
            ),
            (["c", "a", "b"], "That is the order of what is lost when one change is taken back at the end."),
            (["c", "b", "a"], "That takes the smallest gain first."),
            (["a"], "It stops after the first change; go on until everything is changed."),
        ),
    )


@checks("05.ablation_path", "what each change gains")
def _gains(answer: Any) -> None:
    expect.close(
        [gain for _, gain in _path(answer)],
        [3.0, 6.0, 1.0],
        "The gains",
        mistakes=(
            ([3.0, 9.0, 10.0], "Those are scores; a gain is the score after the change less the one before it."),
            ([3.0, 0.0, 2.0], "Those are gains from the start; count from the configuration where you are."),
            ([0.3, 0.6, 0.1], "Those are shares of the whole gain; asked are the gains."),
        ),
    )


@checks("05.ablation_path", "goes on to the end, even downhill")
def _downhill(answer: Any) -> None:
    path = _path(answer, lambda config: 5.0 * config["x"] - 2.0 * config["y"], {"y": 0, "x": 0}, {"y": 1, "x": 1})
    expect.true(
        len(path) == 2,
        "The second change makes it worse by 2, and is missing: what is best in the end may still hold a bad choice.",
    )
    expect.close([gain for _, gain in path], [5.0, -2.0], "The gains where the second change is for the worse")


@checks("05.ablation_path", "leaves both configurations as they were")
def _untouched(answer: Any) -> None:
    expect.unchanged(answer, _score, dict(_START), dict(_END))
