from __future__ import annotations

import threading
import time

import numpy as np
import pytest
from matplotlib import rc_context, rcParams
from matplotlib.colors import to_rgb
from matplotlib.rcsetup import cycler

from rlhp import plots
from rlhp.plots import _style as style


def linear_rgb(colors):
    rgb = np.asarray(colors)
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def luminance(colors):
    return linear_rgb(colors) @ [0.2126, 0.7152, 0.0722]


def contrast_on_white(color) -> float:
    return 1.05 / (luminance(to_rgb(color)) + 0.05)


def in_the_dark(colors):
    """What `plots.DARK_PAGE` makes of colours, by the definitions of CSS (Filter Effects, W3C 2018)."""
    assert "invert(.9) hue-rotate(180deg)" in plots.DARK_PAGE
    turned = [[-0.574, 1.43, 0.144], [0.426, 0.43, 0.144], [0.426, 1.43, -0.856]]
    return np.clip((0.9 - 0.8 * np.asarray(colors)) @ np.transpose(turned), 0, 1)


def test_twelve_lines_differ_in_colour_and_in_line_style_and_in_marker() -> None:
    looks = [plots.look(index) for index in range(12)]
    for what in ("color", "linestyle", "marker"):
        assert len({str(getattr(one, what)) for one in looks}) == 12


def test_a_hundred_and_forty_four_lines_differ() -> None:
    looks = [plots.look(index) for index in range(144)]
    assert len({(one.color, str(one.linestyle)) for one in looks}) == 144
    assert len({(one.color, one.marker) for one in looks}) == 144


@pytest.mark.parametrize("index", range(12))
def test_labels_read_on_white(index) -> None:
    """WCAG 2 level AA: 4.5 to 1 for text."""
    assert contrast_on_white(plots.look(index).ink) >= 4.5


# Machado et al. (2009), severity 1, on linear RGB.
VISION = {
    "usual": np.eye(3),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}


def oklab(linear):
    """Ottosson (2020): a difference of about 0.02 is just seen."""
    to_cones = [[0.41222, 0.53633, 0.05145], [0.21190, 0.68070, 0.10740], [0.08830, 0.28172, 0.62998]]
    to_lab = [[0.21045, 0.79362, -0.00407], [1.97800, -2.42859, 0.45059], [0.02590, 0.78277, -0.80868]]
    return np.cbrt(np.clip(linear, 0, 1) @ np.transpose(to_cones)) @ np.transpose(to_lab)


def least_difference(colors, vision) -> np.ndarray:
    """Differences of all pairs, the other one last; of a colour from itself, infinity."""
    seen = oklab(linear_rgb(colors) @ vision.T)
    return np.linalg.norm(seen[:, None] - seen[None], axis=-1) + np.diag(np.full(len(seen), np.inf))


@pytest.mark.parametrize("turned", [False, True], ids=["white page", "dark page"])
@pytest.mark.parametrize("vision", VISION)
def test_twelve_colours_stay_apart_for_readers_of_every_vision(vision, turned) -> None:
    colors = np.array([to_rgb(color) for color in style.PALETTE])
    apart = least_difference(in_the_dark(colors) if turned else colors, VISION[vision])
    assert apart[8:].min() > 0.07  # the four that were looked for, from everything
    assert apart.min() > 0.019


@pytest.mark.parametrize(
    "wanted", [[0.5], [0.5, 0.5, 0.5], [0.0, 0.01, 0.99, 1.0], [0.9, 0.1, 0.11], list(np.linspace(0.3, 0.4, 8))]
)
def test_labels_are_moved_apart_and_no_further(wanted) -> None:
    placed = style.spread(wanted, [0.1] * len(wanted))
    assert np.argsort(placed, kind="stable").tolist() == np.argsort(wanted, kind="stable").tolist()
    assert (np.diff(np.sort(placed)) >= 0.1 - 1e-9).all()
    assert min(placed) >= -1e-9
    assert max(placed) <= 1 + 1e-9


def test_lines_and_words_are_seen_on_a_dark_page() -> None:
    """WCAG 2: 3 to 1 for what is drawn, 4.5 to 1 for text."""
    card = luminance(in_the_dark(to_rgb("white")))

    def contrast(color) -> float:
        return (luminance(in_the_dark(to_rgb(color))) + 0.05) / (card + 0.05)

    assert min(map(contrast, style.PALETTE)) >= 3
    assert min(map(contrast, (style.TEXT, style.QUIET))) >= 4.5
    assert min(contrast(plots.look(index).ink) for index in range(12)) >= 4.5


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
