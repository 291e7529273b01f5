"""Exercise 04.clean. Conditional and forbidden."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rlhp.exercises import expect
from rlhp.exercises.declare import checks, exercise

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def _picture(ax: Axes) -> str:
    """Draw the shape of the table before and after."""
    rows = [["auto", "-2.0", "4", "1"], ["0.1", "None", "4", "1"]]
    names = ["ent_coef", "target_entropy", "train_freq", "gradient_steps"]
    table = ax.table(cellText=rows, colLabels=names, loc="center")
    table.auto_set_font_size(False)
    table.set_fontsize(8)
    table.scale(1, 1.6)
    ax.axis("off")
    return (
        "A table of two configurations: with ent_coef auto the target entropy is there, with ent_coef 0.1 it is None."
    )


exercise(
    "04.clean",
    title="Conditional and forbidden",
    hints=(
        "Go through the configurations in order and keep a list; three things can happen to each.",
        "Forbidden: `gradient_steps` is larger than `train_freq`. Equal is allowed.",
        "Inactive: where `ent_coef` is not `'auto'`, `target_entropy` is nobody's business: set it to None, in a copy.",
        "Only then compare with what you have kept: `if one not in kept`.",
    ),
    picture=_picture,
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
