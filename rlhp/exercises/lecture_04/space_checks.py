"""Checks of lecture 04: scales, conditions and forbidden parts, and what a budget buys."""

from __future__ import annotations

from typing import Any

import numpy as np

from rlhp.exercises import expect
from rlhp.exercises.declare import checks, exercise
from rlhp.exercises.lecture_04 import hints, pictures, space_answers

# 1. Scales ----------------------------------------------------------------------------------------------------

exercise(
    "04.to_value",
    title="From the unit interval to a value",
    hints=hints.TO_VALUE,
    picture=pictures.to_value,
    wrong_answers=space_answers.TO_VALUE,
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


# 2. Conditions and forbidden parts ----------------------------------------------------------------------------

exercise(
    "04.clean",
    title="Conditional and forbidden",
    hints=hints.CLEAN,
    picture=pictures.clean,
    wrong_answers=space_answers.CLEAN,
)


def _config(ent_coef: object, target: float, train_freq: int, gradient_steps: int) -> dict[str, Any]:
    return {
        "ent_coef": ent_coef,
        "target_entropy": target,
        "train_freq": train_freq,
        "gradient_steps": gradient_steps,
    }


@checks("04.clean", "leaves out what is forbidden, and only that")
def _forbidden(answer: Any) -> None:
    given = [_config("auto", -1.0, 4, steps) for steps in (8, 4, 1)]
    got = [one.get("gradient_steps") for one in answer(given)]
    if 8 in got and 1 not in got:
        expect.fail("That is the wrong way round: forbidden is `gradient_steps` above `train_freq`.")
    expect.true(8 not in got, "It keeps a configuration with more gradient steps (8) than environment steps (4).")
    expect.true(4 in got, "Exactly as many gradient steps as environment steps (4 and 4) are allowed.")
    expect.true(1 in got, "It leaves out a configuration with fewer gradient steps (1) than environment steps (4).")


@checks("04.clean", "blanks what is inactive")
def _inactive(answer: Any) -> None:
    learnt, fixed = _config("auto", -2.0, 4, 1), _config(0.1, -2.0, 4, 1)
    got = list(expect.unchanged(answer, [learnt, fixed]))
    expect.true(
        len(got) == 2,
        "Of two different configurations one is thrown away: a configuration stays where a part of it is inactive.",
    )
    expect.true(
        all("target_entropy" in one for one in got),
        "`target_entropy` is gone: keep the key with the value None, so that all rows of the table have one column.",
    )
    if got[0]["target_entropy"] is None:
        expect.fail('`target_entropy` is None where it counts: it is active with `ent_coef="auto"`.')
    expect.true(
        got[1]["target_entropy"] is None, "`target_entropy` is still there with `ent_coef` 0.1, where nothing reads it."
    )
    expect.equal(got, [learnt, {**fixed, "target_entropy": None}], "`clean` of two configurations")


@checks("04.clean", "keeps equal configurations once, the first of them")
def _once(answer: Any) -> None:
    first, same, other = _config(0.1, -2.0, 4, 1), _config(0.1, -4.0, 4, 1), _config("auto", -4.0, 4, 1)
    got = list(answer([first, first, other]))
    if len(got) == 3:
        expect.fail("A configuration that stands there twice would be trained twice.")
    got = list(answer([first, same, other, first]))
    expect.true(
        len(got) == 2,
        "Two configurations that differ only in what is inactive are one. Do you compare before you blank?",
    )
    expect.equal(got, [{**first, "target_entropy": None}, other], "`clean(...)`: look at the order, it")


# 3. What a budget buys ----------------------------------------------------------------------------------------

exercise(
    "04.largest_sweep",
    title="The largest sweep in a budget",
    hints=hints.LARGEST_SWEEP,
    picture=pictures.largest_sweep,
    wrong_answers=space_answers.LARGEST_SWEEP,
)


@checks("04.largest_sweep", "fits, and is a power of two")
def _fits(answer: Any) -> None:
    expect.close(
        answer(900_000, 5, 8_000),
        16,
        "`largest_sweep(900_000, seeds=5, steps=8_000)`",
        mistakes=(
            (22, "22 configurations fit, but Sobol points are even in blocks: give a power of two."),
            (32, "32 configurations take 1,280,000 steps: over the budget."),
            (64, "Every seed of a configuration costs its steps."),
            (131_072, "A run takes `steps` environment steps."),
            (8, "Twice as many fit as well."),
            (4, "That is the exponent: 2 to the power of 4."),
        ),
    )
    expect.close(
        answer(230_000, 2, 10_000),
        8,
        "`largest_sweep(230_000, seeds=2, steps=10_000)`",
        mistakes=((16, "That is the nearest power of two; 16 configurations take 320,000 steps."),),
    )


@checks("04.largest_sweep", "may spend the whole budget")
def _whole(answer: Any) -> None:
    expect.close(
        answer(320_000, 4, 10_000),
        8,
        "`largest_sweep(320_000, seeds=4, steps=10_000)`",
        mistakes=((4, "Eight configurations cost exactly the budget: that fits."),),
    )
