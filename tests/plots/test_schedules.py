from __future__ import annotations

import numpy as np
import pytest

from rlhp import plots
from rlhp.schedules import Constant, Exponential, Linear, Step


def draw(*arguments, **options):
    return plots.schedule(*arguments, ax=plots.new_axes(), **options)


def test_a_line_is_the_schedule() -> None:
    linear = Linear(1.0, 0.05, 0.5)
    (line,) = draw(linear, steps=50_000, name="epsilon").lines
    at, value = line.get_data()
    assert (at[0], at[-1]) == (0, 50_000)
    np.testing.assert_allclose(value, linear(at / 50_000))


def test_axes_are_named() -> None:
    ax = draw(0.3, steps=1000, name="epsilon")
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("environment steps", "epsilon")
    assert draw(0.3).get_xlabel() == "fraction of training"


def test_one_is_named_above_and_several_outside_the_axes() -> None:
    assert draw(Linear(1.0, 0.05, 0.5)).get_title(loc="left") == "linear 1 → 0.05 over 50 %"
    ax = draw([Constant(0.1), Exponential(1.0, 0.05)])
    legend = ax.get_legend()
    assert [text.get_text() for text in legend.get_texts()] == ["constant 0.1", "exponential 1 → 0.05"]
    ax.get_figure().draw_without_rendering()
    assert legend.get_window_extent().x0 >= ax.bbox.x1
    assert len({str(line.get_linestyle()) + str(line.get_marker()) for line in ax.lines}) == 2


def test_names_of_ones_own_and_json() -> None:
    ax = draw(
        {"often": Linear(1.0, 0.5), "rarely": '{"schedule": "constant", "value": 0.1}'}, title="How often to explore"
    )
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["often", "rarely"]
    assert ax.get_title(loc="left") == "How often to explore"
    assert len(draw({"schedule": "constant", "value": 0.1}).lines) == 1


def test_two_schedules_that_read_alike_are_both_drawn() -> None:
    assert len(draw([Linear(1.0, 0.05), Linear(1.0, 0.05)]).lines) == 2


def test_steps_are_drawn_as_steps() -> None:
    (line,) = draw(Step(1.0, 0.0, 4)).lines
    assert line.get_drawstyle() == "steps-post"


def test_the_axis_shows_zero_and_every_value() -> None:
    low, high = draw(Linear(1.0, 0.5)).get_ylim()
    assert (low, high > 1) == (0, True)
    low, high = draw(Linear(-1.0, -0.5)).get_ylim()
    assert low < -1
    assert high >= 0


def test_what_is_no_schedule_is_refused() -> None:
    with pytest.raises(ValueError, match="not a schedule"):
        draw("fast")
    with pytest.raises(ValueError, match="`schedules` is empty; give at least one"):
        draw([])
    with pytest.raises(ValueError, match="`steps` is 0; give the environment steps of training"):
        draw(0.3, steps=0)


def test_in_words() -> None:
    text = plots.schedule_alt_text([Constant(0.1), Linear(1.0, 0.0)], name="epsilon")
    assert text == (
        "epsilon over training: constant 0.1: 0.1 at the start, 0.1 after a quarter, 0.1 half-way, "
        "0.1 after three quarters, 0.1 at the end; linear 1 → 0: 1 at the start, 0.75 after a quarter, 0.5 half-way, "
        "0.25 after three quarters, 0 at the end."
    )
