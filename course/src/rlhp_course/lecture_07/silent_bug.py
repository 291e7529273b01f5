"""Exercise 07.silent_bug. Find the silent bug: a budget that was counted where it was planned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rlhp.exercises import expect
from rlhp.exercises.declare import checks, exercise

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def _picture(ax: Axes) -> str:
    """Draw what is told and what is trained, before and after."""
    ax.bar(["told", "trained"], [63, 81], color=["C1", "C1"], width=0.5)
    ax.bar(["told, repaired", "trained, repaired"], [63, 63], color=["C0", "C0"], width=0.5)
    ax.set(ylabel="thousand environment steps")
    return "The buggy function tells 63 thousand steps and trains 81; the repaired one tells 63 and trains 63."


exercise(
    "07.silent_bug",
    title="Find the silent bug: a budget that was counted where it was planned",
    hints=(
        "Put a counter into `toy`, and compare it with what `halving` returns.",
        "`train(config, steps)` has no state: it begins anew on every rung. Counted is what each rung adds.",
        "Keep a state for each configuration, train `steps - before` further steps from it. Keep both together when "
        "the survivors are chosen.",
    ),
    picture=_picture,
)

_CONFIGS = (5.0, 9.0, 1.0, 7.0, 3.0, 8.0, 2.0, 6.0, 4.0)
_RUNGS = (10, 30, 90)
# 9 x 10, then 3 x 20 and 1 x 60 further ones; trained anew on every rung 9 x 10, 3 x 30 and 1 x 90.
_CONTINUED, _ANEW, _PLANNED = 210, 270, 210


class _Meter:
    """A trainer that counts what it trains, and whose states know whose they are."""

    def __init__(self) -> None:
        self.trained, self.mixed_up = 0, False

    def __call__(self, config: float, steps: int, state: Any = None) -> tuple[float, Any]:
        owner, done = (config, 0) if state is None else state
        self.mixed_up |= owner != config
        self.trained += steps
        return config * (done + steps), (config, done + steps)


def _run(answer: Any) -> tuple[float, int, _Meter]:
    meter = _Meter()
    got = answer(meter, list(_CONFIGS), list(_RUNGS), 3)
    expect.true(
        isinstance(got, tuple | list) and len(got) == 2,
        "Give back two things, as the function above does: the best configuration, and the steps.",
    )
    return float(got[0]), int(got[1]), meter


@checks("07.silent_bug", "finds the best")
def _best(answer: Any) -> None:
    best, _, _ = _run(answer)
    expect.equal(
        best,
        9.0,
        "The best of nine configurations",
        mistakes=(
            (1.0, "That is the worst one: the survivors are those with the *highest* scores."),
            (5.0, "That is the first one: sort before you cut."),
        ),
    )


@checks("07.silent_bug", "counts what was trained")
def _honest(answer: Any) -> None:
    _, spent, meter = _run(answer)
    if spent != meter.trained:
        hint = (
            " The colleague's count: what each rung adds, while every rung trains anew."
            if (spent, meter.trained) == (_PLANNED, _ANEW)
            else ""
        )
        expect.fail(f"It says {spent} steps, and a counter in `train` says {meter.trained}.{hint}")


@checks("07.silent_bug", "trains nothing twice, each from its own state", weight=2)
def _continued(answer: Any) -> None:
    _, _, meter = _run(answer)
    if meter.mixed_up:
        expect.fail(
            "A configuration was continued from the state of another one: when the survivors are chosen, their states "
            "must move with them."
        )
    if meter.trained == _ANEW:
        expect.fail(
            f"{meter.trained} steps are trained: every rung begins anew. Hand the state over, and train only what the "
            f"rung adds; then {_CONTINUED} are enough."
        )
    if meter.trained > _ANEW:
        expect.fail(
            f"{meter.trained} steps are trained, more than beginning anew takes: from a state, `steps - before` "
            f"further ones are enough."
        )
    expect.equal(meter.trained, _CONTINUED, "The steps that are trained")
