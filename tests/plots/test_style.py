from __future__ import annotations

import itertools
import threading
import time

import numpy as np
import pytest
from matplotlib import rc_context, rcParams
from matplotlib.colors import to_rgb
from matplotlib.rcsetup import cycler

from rlhp import plots
from rlhp.plots import _style as style


def contrast_on_white(color) -> float:
    rgb = np.array(to_rgb(color))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return 1.05 / (linear @ [0.2126, 0.7152, 0.0722] + 0.05)


def test_eight_lines_differ_in_colour_and_in_line_style_and_in_marker() -> None:
    looks = [plots.look(index) for index in range(8)]
    for what in ("color", "linestyle", "marker"):
        assert len({str(getattr(one, what)) for one in looks}) == 8


def test_sixty_four_lines_differ() -> None:
    looks = [plots.look(index) for index in range(64)]
    assert len({(one.color, str(one.linestyle)) for one in looks}) == 64


@pytest.mark.parametrize("index", range(8))
def test_labels_read_on_white(index) -> None:
    """WCAG 2 level AA: 4.5 to 1 for text."""
    assert contrast_on_white(plots.look(index).ink) >= 4.5


def test_colours_stay_apart_for_colour_blind_readers() -> None:
    """Machado et al. (2009), severity 1: deuteranopia and protanopia, on linear RGB."""
    matrices = {
        "deuteranopia": [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ],
        "protanopia": [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ],
    }
    for matrix in matrices.values():
        seen = [np.array(matrix) @ np.array(to_rgb(color)) ** 2.2 for color in style.PALETTE[:7]]
        assert min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)) > 0.09


@pytest.mark.parametrize(
    "wanted", [[0.5], [0.5, 0.5, 0.5], [0.0, 0.01, 0.99, 1.0], [0.9, 0.1, 0.11], list(np.linspace(0.3, 0.4, 8))]
)
def test_labels_are_moved_apart_and_no_further(wanted) -> None:
    placed = style.spread(wanted, [0.1] * len(wanted))
    assert np.argsort(placed, kind="stable").tolist() == np.argsort(wanted, kind="stable").tolist()
    assert (np.diff(np.sort(placed)) >= 0.1 - 1e-9).all()
    assert min(placed) >= -1e-9
    assert max(placed) <= 1 + 1e-9


def test_labels_that_do_not_touch_stay_where_they_are() -> None:
    assert style.spread([0.1, 0.9, 0.5], [0.1] * 3) == [0.1, 0.9, 0.5]


def test_captions_break_between_sentences_first() -> None:
    ax = plots.new_axes((4, 3))
    style.caption(ax, ["One sentence that is rather long.", "Another sentence of that length.", "Short."], "Title")
    assert ax.get_title(loc="left").split("\n") == [
        "One sentence that is rather long.",
        "Another sentence of that length. Short.",
    ]
    assert [text.get_text() for text in ax.texts] == ["Title"]


def test_the_style_lasts_as_long_as_it_is_asked_for() -> None:
    before = dict(rcParams)
    with plots.style():
        assert rcParams["axes.prop_cycle"].by_key()["color"] == list(style.PALETTE)
        assert {name: rcParams[name] for name in ("legend.frameon", "axes.spines.top")} == dict.fromkeys(
            ("legend.frameon", "axes.spines.top"), False
        )
    assert dict(rcParams) == before


def test_threads_that_draw_at_once_leave_no_style_behind() -> None:
    before = dict(rcParams)

    def work() -> None:
        for _ in range(40):
            with plots.style():
                time.sleep(0.0002)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert dict(rcParams) == before


def test_new_axes_have_the_style_whatever_is_set() -> None:
    with rc_context({"axes.spines.top": True, "axes.grid": False, "axes.prop_cycle": cycler(color=["red"])}):
        ax = plots.new_axes()
    assert not ax.spines["top"].get_visible()
    (line,) = ax.plot([0, 1], [0, 1])
    assert line.get_color() == style.PALETTE[0]


def test_ink_reads_on_every_colour() -> None:
    for color in (*style.PALETTE, "white", "#FDE725", "#440154", "#808080"):
        ground, ink = (contrast_on_white(one) for one in (color, style.ink_on(color)))
        assert max(ground, ink) / min(ground, ink) >= 4.3, color  # more is there on no middle grey


def test_a_message_stands_alone_and_is_wrapped() -> None:
    ax = plots.new_axes((3, 2))
    style.message(ax, "There is nothing here to draw, because nothing was measured.")
    (text,) = [one for one in ax.texts if one.get_text()]
    assert "\n" in text.get_text()
    assert not ax.axison
