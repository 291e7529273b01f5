"""How figures look: colours that colour-blind readers tell apart, lines and markers for black and white, one sheet."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.rcsetup import cycler
from matplotlib.ticker import EngFormatter, FuncFormatter, MaxNLocator

from rlhp.arguments import instance, number_array, shown, whole
from rlhp.curves import number_label
from rlhp.plots._text import text_width, wrapped

# Okabe and Ito (2008), "Color universal design"; a grey stands for their yellow, which white paper swallows. The last
# four are those that lie farthest from these and from each other in OKLab (Ottosson 2020), for readers of every kind of
# colour vision, on white and on a page that was turned dark.
PALETTE = (
    "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#7F7F7F",
    "#1E3C0F", "#5A00A5", "#E11EF0", "#964B78",
)  # fmt: skip
_LINES: tuple[Any, ...] = (
    "solid",
    (0, (5, 1.6)),
    (0, (5, 1.4, 1.2, 1.4)),
    (0, (1.4, 1.2)),
    (0, (9, 2)),
    (0, (7, 1.4, 1.2, 1.4, 1.2, 1.4)),
    (0, (3, 1.2)),
    (0, (1.2, 2.4)),
    (0, (2.4, 2.4)),
    (0, (9, 1.4, 3, 1.4)),
    (0, (1.2, 1.2, 1.2, 3)),
    (0, (12, 1.6, 1.2, 1.6)),
)
# Shape and size in points; the slender ones are drawn larger.
_MARKERS = (
    ("o", 5.5), ("s", 5.2), ("^", 6.3), ("D", 5.0), ("v", 6.3), ("P", 7.0), ("X", 7.0), ("p", 6.6),
    ("*", 9.0), ("<", 6.3), (">", 6.3), ("h", 6.6),
)  # fmt: skip

TEXT, QUIET, RULE, GRID = "#1A1A1A", "#555555", "#8A8A8A", "#E3E3E3"
SIZE = (7.2, 4.4)  # inches
FONT, SMALL = 10.0, 8.5  # points

# The style sheet, in matplotlib's words: what `style` sets while it lasts. Figures are drawn on white; a dark page
# turns them round (`DARK_PAGE`).
STYLE: dict[Any, Any] = {
    "axes.axisbelow": True,
    "axes.edgecolor": RULE,
    "axes.facecolor": "white",
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.labelcolor": TEXT,
    "axes.labelsize": FONT,
    "axes.prop_cycle": cycler(color=PALETTE),
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": FONT,
    "figure.constrained_layout.use": True,
    "figure.facecolor": "white",
    "figure.figsize": SIZE,
    "font.family": ["DejaVu Sans"],
    "font.size": FONT,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "hatch.linewidth": 0.7,
    "image.cmap": "viridis",
    "legend.fontsize": SMALL,
    "legend.frameon": False,
    "legend.labelcolor": TEXT,
    "lines.linewidth": 2.0,
    "lines.markersize": 5.5,
    "savefig.facecolor": "auto",
    "text.color": TEXT,
    "xtick.color": RULE,
    "xtick.labelcolor": TEXT,
    "xtick.labelsize": SMALL + 0.5,
    "ytick.color": RULE,
    "ytick.labelcolor": TEXT,
    "ytick.labelsize": SMALL + 0.5,
}
# matplotlib has one set of options for all threads: two that changed it at once would leave it changed for good.
_SHEET = threading.RLock()


@contextmanager
def style() -> Iterator[None]:
    """Draw in the style of this library's figures while it lasts: colours, fonts, grid and frame.

    The functions of `rlhp.plots` and `new_axes` need no help; this is for figures that you draw yourself. Line styles
    and markers that black and white can tell apart come from `look`.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from rlhp import plots
    >>> with plots.style():
    ...     figure, ax = plt.subplots()
    >>> ax.spines["top"].get_visible()
    False
    """
    with _SHEET, rc_context(STYLE):
        yield


@dataclass(frozen=True)
class Look:
    """Colour, line style and marker of one line, and the colour of its label (dark enough to read on white)."""

    color: str
    linestyle: Any
    marker: str
    markersize: float
    ink: tuple[float, float, float]

    def line(self) -> dict[str, Any]:
        """Return the look as matplotlib's options of a line."""
        return {
            "color": self.color,
            "linestyle": self.linestyle,
            "linewidth": 2,
            "marker": self.marker,
            "markersize": self.markersize,
            "markeredgecolor": "white",
            "markeredgewidth": 0.6,
        }


def look(index: int) -> Look:
    """Return the look of the line at `index`; the first twelve differ in colour, line style and marker.

    From the thirteenth line on colours return with other line styles and markers; 144 lines differ.

    Examples
    --------
    >>> look(0).color, look(0).marker
    ('#0072B2', 'o')
    """
    turn, place = divmod(whole("index", index, at_least=0), len(PALETTE))
    style = (place + turn) % len(_LINES)
    return Look(PALETTE[place], _LINES[style], *_MARKERS[style], _ink(PALETTE[place]))


def new_axes(size: tuple[float, float] = SIZE) -> Axes:
    """Make an Axes on a figure that pyplot does not know, for `to_png`: nothing stays open, nothing shows itself.

    Parameters
    ----------
    size : (float, float)
        Width and height in inches.
    """
    what = "width and height in inches, such as (7.2, 4.4)"
    inches = number_array("size", size, what=what)
    if inches.shape != (2,) or (inches <= 0).any() or (inches > 1000).any():
        raise ValueError(f"`size` is {shown(size)}; give {what}.")
    with style():
        return Figure(figsize=(float(inches[0]), float(inches[1])), layout="constrained").subplots()


def axes_for(ax: Axes | None, size: tuple[float, float] = SIZE) -> Axes:
    """Return `ax` itself, or a new one of a size in inches made by pyplot, so that a notebook shows it."""
    if ax is not None:
        return instance("ax", ax, Axes, hint="`plt.subplots()[1]` and `plots.new_axes()` make one.")
    import matplotlib.pyplot as plt  # only here: importing it picks a backend

    with style():
        return plt.subplots(figsize=size, layout="constrained")[1]


def dress(ax: Axes, rules: Literal["x", "y", "none"] = "y") -> None:
    """Quiet the frame so that the data speak: no box, faint rules across an axis, dark readable text."""
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["left", "bottom"]].set_color(RULE)
    ax.grid(visible=False)
    if rules != "none":
        ax.grid(visible=True, axis=rules, color=GRID, linewidth=0.8)
    ax.set_axisbelow(True)
    ax.tick_params(colors=RULE, labelcolor=TEXT, labelsize=SMALL + 0.5)
    for label in (ax.xaxis.label, ax.yaxis.label):
        label.set(color=TEXT, fontsize=FONT)


def steps_axis(ax: Axes) -> None:
    """Label the x axis in environment steps: 20k, 1M."""
    ax.set_xlabel("environment steps")
    ax.xaxis.set_major_locator(MaxNLocator("auto", steps=[1, 2, 2.5, 5, 10], integer=True))
    ax.xaxis.set_major_formatter(EngFormatter(sep=""))


def number_axis(axis: Axis, label: str) -> None:
    """Label an axis of numbers, which are written plainly: 20,000 and no power of ten."""
    axis.set_label_text(label)
    axis.set_major_formatter(FuncFormatter(lambda value, _: number_label(float(value), 6)))


def caption(ax: Axes, sentences: Sequence[str], title: str | None = None, *, beside: Sequence[str] = ()) -> None:
    """Write what is drawn above the axes, left-aligned and wrapped, and the title over it.

    `beside` are texts left of the axes, where they are longer than numbers: less room is left for the lines.
    """
    figure = ax.get_figure(root=True)
    width = figure.get_figwidth() if figure is not None else SIZE[0]
    left = max((text_width(line, SMALL + 0.5) for text in beside for line in text.split("\n")), default=30.0) + 34
    lines = wrapped(sentences, max(0.97 * 72 * width - left, 72.0), SMALL)
    # At a given height: to look for one, matplotlib measures every label whenever it draws.
    ax.set_title("\n".join(lines), loc="left", y=1.0, fontsize=SMALL, color=QUIET, linespacing=1.25)
    if title:
        above = 8 + 1.3 * SMALL * len(lines)
        ax.annotate(
            title,
            (0, 1),
            xytext=(0, above),
            xycoords="axes fraction",
            textcoords="offset points",
            fontsize=FONT + 2,
            fontweight="bold",
            color=TEXT,
            va="bottom",
        )


def message(ax: Axes, sentence: str) -> None:
    """Write one sentence where there is nothing to draw."""
    figure = ax.get_figure(root=True)
    width = figure.get_figwidth() if figure is not None else SIZE[0]
    ax.set_axis_off()
    lines = wrapped([sentence], 0.8 * 72 * width, FONT)
    ax.text(0.5, 0.5, "\n".join(lines), transform=ax.transAxes, ha="center", va="center", fontsize=FONT, color=TEXT)


def legend_beside(ax: Axes, *, handlelength: float = 2.0) -> None:
    """Say what the lines are, to the right of the axes, where it covers nothing."""
    ax.legend(
        frameon=False,
        fontsize=SMALL,
        labelcolor=TEXT,
        handlelength=handlelength,
        loc="upper left",
        bbox_to_anchor=(1.0, 1.0),
    )


def color_bar(ax: Axes, shades: Any, label: str) -> None:
    """Put the scale of the shades beside the axes."""
    figure = ax.get_figure(root=True)
    if figure is not None:
        dress_bar(figure.colorbar(shades, ax=ax, pad=0.02), label)


def dress_bar(bar: Any, label: str) -> None:
    """Quiet a scale of shades, and write its numbers plainly."""
    bar.set_label(label, fontsize=SMALL + 0.5, color=TEXT)
    bar.formatter = FuncFormatter(lambda value, _: number_label(float(value), 6))
    bar.update_ticks()
    bar.ax.tick_params(labelsize=SMALL, colors=RULE, labelcolor=TEXT)
    bar.outline.set_visible(False)


def ink_on(color: Any) -> str:
    """Return the ink, white or dark, that reads better on a colour."""
    light = _luminance(np.array(to_rgb(color)))
    return "white" if 1.05 / (light + 0.05) > (light + 0.05) / (_luminance(np.array(to_rgb(TEXT))) + 0.05) else TEXT


def spread(wanted: Sequence[float], heights: Sequence[float]) -> list[float]:
    """Move labels apart: centres near `wanted` (fractions of the axis), none closer than their heights allow."""
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    placed = [wanted[i] for i in order]
    gaps = [(heights[a] + heights[b]) / 2 for a, b in pairwise(order)]
    # Labels that would touch become one block, centred on the mean of where its members want to be.
    blocks = [[position] for position in range(len(order))]
    merged = True
    while merged:
        merged = False
        for left in range(len(blocks) - 1):
            last, first = blocks[left][-1], blocks[left + 1][0]
            if placed[first] - placed[last] < gaps[last] - 1e-9:
                block = blocks[left] + blocks.pop(left + 1)
                offsets = np.concatenate([[0.0], np.cumsum([gaps[i] for i in block[:-1]])])
                start = float(np.mean([wanted[order[i]] for i in block] - offsets))
                start = min(max(start, 0.0), max(1.0 - float(offsets[-1]), 0.0))
                for position, offset in zip(block, offsets, strict=True):
                    placed[position] = start + float(offset)
                blocks[left] = block
                merged = True
                break
    return [placed[order.index(i)] for i in range(len(wanted))]


def _ink(color: str) -> tuple[float, float, float]:
    """Darken `color` until text in it has a contrast of 4.5 to 1 on white (WCAG 2, level AA)."""
    rgb = np.array(to_rgb(color))
    while 1.05 / (_luminance(rgb) + 0.05) < 4.5:
        rgb = rgb * 0.95
    red, green, blue = (float(part) for part in rgb)
    return red, green, blue


def _luminance(rgb: Any) -> float:
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return float(linear @ np.array([0.2126, 0.7152, 0.0722]))
