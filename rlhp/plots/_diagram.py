"""Boxes and arrows: how things hang together, where there is nothing to measure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes

from rlhp.arguments import instance, name_list, number_array, sequence, shown, text
from rlhp.errors import unknown_name
from rlhp.plots._style import FONT, PALETTE, SMALL, TEXT, axes_for, new_axes

__all__ = ["diagram", "diagram_alt_text"]

_MARGIN = (1.1, 0.45)  # inches around the outermost centres, for the boxes' own size
_LIFT = 0.14  # inches from a bent arrow to its text
_BEND = 0.2  # of two arrows between the same boxes, so that they keep apart
_FILL = "#E3F0F8"

Place = tuple[float, float]
Arrow = tuple[str, str, str]


def diagram(
    boxes: Mapping[str, Place],
    arrows: Sequence[Arrow],
    *,
    marked: Sequence[str] = (),
    ax: Axes | None = None,
) -> Axes:
    """Draw boxes with text in them, and arrows with text at them.

    Parameters
    ----------
    boxes : mapping
        The text of each box to its centre (x, y) in inches, y upwards. A line break in the text breaks the line.
    arrows : sequence of (from, to, text)
        Names of two boxes and what goes from one to the other, which may be empty. Two arrows between the same boxes
        are bent apart.
    marked : sequence of str
        Boxes to be filled, because this is about them.
    ax : Axes, optional
        Where to draw; without, an Axes of just the size, on a figure that pyplot does not know (as `new_axes` does).

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If there is no box, a place is not two numbers, or an arrow is not of two boxes and a text.

    Examples
    --------
    >>> from rlhp import plots
    >>> loop = [("agent", "environment", "action"), ("environment", "agent", "observation, reward")]
    >>> ax = plots.diagram({"agent": (0, 0), "environment": (4, 0)}, loop, marked=["agent"])
    >>> sorted(text.get_text() for text in ax.texts if text.get_text())
    ['action', 'agent', 'environment', 'observation, reward']
    """
    places = _places(boxes)
    listed = _arrows(arrows, places)
    pairs = {(start, end) for start, end, _ in listed}
    filled = name_list("marked", marked)
    for name in filled:
        if name not in places:
            raise ValueError(f"`marked`: {unknown_name('box', name, places)}")
    labels = [_label_place(places[start], places[end], (end, start) in pairs) for start, end, _ in listed]
    limits = []
    for k, pad in enumerate(_MARGIN):
        ends = [place[k] + sign * pad for place in places.values() for sign in (-1, 1)]
        ends += [label[k] + sign * _LIFT for label in labels for sign in (-1, 1)]
        limits.append((min(ends), max(ends)))
    if ax is None:
        ax = new_axes((limits[0][1] - limits[0][0], limits[1][1] - limits[1][0]))
        figure = ax.get_figure(root=True)
        if figure is not None:
            figure.set_layout_engine("none")
        ax.set_position((0, 0, 1, 1))
    else:
        ax = axes_for(ax)
    ax.set(xlim=limits[0], ylim=limits[1], aspect="equal")
    ax.axis("off")
    drawn = {}
    for name, (x, y) in places.items():
        fill = _FILL if name in filled else "white"
        edge = {"boxstyle": "round,pad=0.5", "facecolor": fill, "edgecolor": PALETTE[0], "linewidth": 1.4}
        drawn[name] = ax.text(x, y, name, ha="center", va="center", fontsize=FONT, color=TEXT, bbox=edge)
    for (start, end, what), place in zip(listed, labels, strict=True):
        bend = _BEND if (end, start) in pairs else 0.0
        style = {
            "arrowstyle": "-|>",
            "color": TEXT,
            "linewidth": 1.2,
            "patchA": drawn[start].get_bbox_patch(),
            "patchB": drawn[end].get_bbox_patch(),
            "connectionstyle": f"arc3,rad={bend}",
        }
        ax.annotate("", xy=places[end], xytext=places[start], arrowprops=style)
        if what:
            ground = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}
            ax.text(*place, what, ha="center", va="center", fontsize=SMALL + 0.5, color=TEXT, bbox=ground)
    return ax


def diagram_alt_text(boxes: Mapping[str, Place], arrows: Sequence[Arrow]) -> str:
    """Return in words what `diagram` draws: every arrow from box to box.

    Examples
    --------
    >>> diagram_alt_text({"agent": (0, 0), "environment": (4, 0)}, [("agent", "environment", "action")])
    'Boxes and arrows. From agent to environment: action.'
    """
    places = _places(boxes)
    listed, parts = _arrows(arrows, places), []
    for start, end, what in listed:
        ends = f"From {' '.join(start.split())} to {' '.join(end.split())}"
        parts.append(f"{ends}: {' '.join(what.split())}." if what else f"{ends}.")
    alone = [name for name in places if not any(name in arrow[:2] for arrow in listed)]
    parts += [f"By itself: {', '.join(' '.join(name.split()) for name in alone)}."] if alone else []
    return " ".join(["Boxes and arrows.", *parts])


def _label_place(start: Place, end: Place, bent: bool) -> Place:
    """Return the middle of a straight arrow, or a place just outside the middle of a bent one."""
    (x0, y0), (x1, y1) = start, end
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    length = math.hypot(x1 - x0, y1 - y0)
    if not bent or not length:
        return x, y
    # The control point of matplotlib's arc lies `_BEND` times the way aside, and its middle half as far.
    aside = _BEND / 2 + _LIFT / length
    return x + aside * (y1 - y0), y - aside * (x1 - x0)


def _places(boxes: Mapping[str, Place]) -> dict[str, Place]:
    places: dict[str, Place] = {}
    for name, place in instance("boxes", boxes, Mapping, hint="It takes the text of a box to its centre.").items():
        text("a box of `boxes`", name)
        what = "the centre of a box, two numbers (x, y) in inches"
        centre = number_array("boxes", place, what=what)
        if centre.shape != (2,) or abs(centre).max() > 100:
            raise ValueError(f"`boxes` has {shown(place)} for {shown(name)}; give {what}, at most 100.")
        places[name] = (float(centre[0]), float(centre[1]))
    if not places:
        raise ValueError("`boxes` is empty; give at least one box.")
    return places


def _arrows(arrows: Sequence[Arrow], places: Mapping[str, Place]) -> list[Arrow]:
    for arrow in (listed := sequence("arrows", arrows)):
        parts = arrow if isinstance(arrow, tuple | list) else ()
        if len(parts) != 3 or not all(isinstance(part, str) for part in parts):
            raise ValueError(f"`arrows` holds {shown(arrow)}; give (from, to, text), three texts.")
        for name in parts[:2]:
            if name not in places:
                raise ValueError(f"`arrows`: {unknown_name('box', name, places)}")
        if parts[0] == parts[1]:
            raise ValueError(f"`arrows` has one from {shown(parts[0])} to itself; an arrow joins two boxes.")
    return [(str(start), str(end), str(what)) for start, end, what in listed]
