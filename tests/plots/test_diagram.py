from __future__ import annotations

import numpy as np
import pytest

from rlhp import plots

BOXES = {"agent": (0, 0), "environment": (4, 0)}
LOOP = [("agent", "environment", "action"), ("environment", "agent", "observation\nand reward")]


def test_boxes_and_arrows_stand_where_they_should() -> None:
    ax = plots.diagram(BOXES, LOOP, marked="agent")
    boxes = {text.get_text(): text for text in ax.texts if text.get_text() in BOXES}
    assert {name: text.get_position() for name, text in boxes.items()} == BOXES
    fills = {name: text.get_bbox_patch().get_facecolor() for name, text in boxes.items()}
    assert fills["environment"] == (1.0, 1.0, 1.0, 1.0) != fills["agent"]
    there, back = (next(text for text in ax.texts if text.get_text() == what) for *_, what in LOOP)
    assert there.get_position()[1] == pytest.approx(-back.get_position()[1])
    assert there.get_position()[1] != 0, "two arrows between the same boxes keep apart"
    width, height = ax.get_figure().get_size_inches()
    assert np.ptp(ax.get_xlim()) == pytest.approx(width)
    assert np.ptp(ax.get_ylim()) == pytest.approx(height)
    assert plots.to_png(ax).startswith(b"\x89PNG")


def test_an_arrow_without_a_way_back_is_straight() -> None:
    ax = plots.diagram(BOXES, LOOP[:1])
    assert next(text for text in ax.texts if text.get_text() == "action").get_position() == (2.0, 0.0)


def test_it_is_told_in_words() -> None:
    said = plots.diagram_alt_text({**BOXES, "clock": (2, 2)}, [*LOOP, ("clock", "agent", "")])
    assert said == (
        "Boxes and arrows. From agent to environment: action. From environment to agent: observation and reward. "
        "From clock to agent."
    )
    assert plots.diagram_alt_text({**BOXES, "clock": (2, 2)}, LOOP).endswith("By itself: clock.")


@pytest.mark.parametrize(
    ("boxes", "arrows", "message"),
    [
        ({}, [], "`boxes` is empty; give at least one box"),
        ({"agent": (0,)}, [], r"`boxes` has \(0,\) for 'agent'; give the centre of a box, two numbers"),
        (BOXES, [("agent", "enviroment", "")], "unknown box `enviroment`; did you mean `environment`"),
        (BOXES, [("agent", "environment")], r"give \(from, to, text\), three texts"),
        (BOXES, [("agent", "agent", "")], "one from 'agent' to itself; an arrow joins two boxes"),
    ],
)
def test_what_cannot_be_drawn(boxes, arrows, message) -> None:
    for function in (plots.diagram, plots.diagram_alt_text):
        with pytest.raises(ValueError, match=message):
            function(boxes, arrows)


def test_a_marked_box_must_be_there() -> None:
    with pytest.raises(ValueError, match="`marked`: unknown box `agnet`; did you mean `agent`"):
        plots.diagram(BOXES, LOOP, marked=["agnet"])
