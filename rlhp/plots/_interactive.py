"""Figures to hover over, rotate and brush, made by plotly; JupyterLab brings its program, so they need no network."""

from __future__ import annotations

import functools
import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rlhp.arguments import choice
from rlhp.curves import number_label
from rlhp.importance import Landscape
from rlhp.plots._coordinates import CoordinateAxis
from rlhp.plots._style import PALETTE, RULE, TEXT
from rlhp.plots._values import value_text
from rlhp.plots._words import score_words

_BACKENDS = ("matplotlib", "plotly")
_WIDTH, _HEIGHT = 760, 480  # CSS pixels
_SHADES = "Viridis"


def backend_option(backend: Any, ax: object) -> None:
    """Refuse a backend that there is not, and axes for one that has none.

    Raises
    ------
    ValueError
        If the backend is unknown, or `ax` is given to plotly.
    ImportError
        If plotly is asked for and not installed.
    """
    choice("backend", backend, _BACKENDS)
    if backend == "plotly":
        if ax is not None:
            raise ValueError("backend='plotly' makes a figure of its own; leave `ax` out.")
        _plotly()


def parallel_figure(
    axes: Sequence[CoordinateAxis], scores: NDArray[np.float64], label: str, less: bool, title: str
) -> Any:
    """Make parallel coordinates whose axes can be brushed and moved; the last axis is the score."""
    go = _plotly()
    dimensions = []
    for axis in axes:
        inactive = bool((axis.height < 0).any())
        places = [*axis.places, *([float(axis.height.min())] if inactive else [])]
        texts = [*axis.texts, *(["inactive"] if inactive else [])]
        low = float(axis.height.min()) if inactive else 0.0
        dimensions.append(
            {"label": axis.name, "values": axis.height, "range": [low, 1.0], "tickvals": places, "ticktext": texts}
        )
    dimensions.append({"label": label, "values": scores})
    line = {"color": scores, "colorscale": _SHADES, "reversescale": not less, "showscale": True}
    figure = go.Figure(go.Parcoords(dimensions=dimensions, line=line, labelangle=-20, labelside="bottom"))
    return _finished(figure, title)


def contour_figure(land: Landscape, points: bool, limits: tuple[float, float] | None, title: str) -> Any:
    """Make a landscape seen from above, that says its values under the pointer."""
    go = _plotly()
    x, y, words = _hover(land)
    low, high = limits or (None, None)
    label = score_words(land.objective, land.objective_unit)
    figure = go.Figure(
        go.Contour(
            x=land.x.unit, y=land.y.unit, z=land.mean.T, zmin=low, zmax=high, colorscale=_SHADES, text=words,
            hoverinfo="text", contours={"showlabels": True}, line={"smoothing": 0},
            colorbar={"title": {"text": label, "side": "right"}},
        )
    )  # fmt: skip
    if points:
        figure.add_trace(
            go.Scatter(
                x=land.points["x"], y=land.points["y"], mode="markers", name="configurations that were run",
                text=[f"measured: {number_label(float(score), 4)}" for score in land.points["score"]],
                hoverinfo="text", marker={"color": "white", "size": 5, "line": {"color": TEXT, "width": 0.7}},
            )
        )  # fmt: skip
    figure.update_layout(xaxis={"title": land.x.name, **x}, yaxis={"title": land.y.name, **y}, showlegend=False)
    return _finished(figure, title)


def surface_figure(land: Landscape, points: bool, limits: tuple[float, float] | None, title: str) -> Any:
    """Make a landscape as a surface to rotate."""
    go = _plotly()
    x, y, words = _hover(land)
    low, high = limits or (None, None)
    label = score_words(land.objective, land.objective_unit)
    figure = go.Figure(
        go.Surface(
            x=land.x.unit, y=land.y.unit, z=land.mean.T, cmin=low, cmax=high, colorscale=_SHADES, text=words,
            hoverinfo="text", colorbar={"title": {"text": label, "side": "right"}},
        )
    )  # fmt: skip
    if points:
        figure.add_trace(
            go.Scatter3d(
                x=land.points["x"], y=land.points["y"], z=land.points["score"], mode="markers", showlegend=False,
                text=[f"measured: {number_label(float(score), 4)}" for score in land.points["score"]],
                hoverinfo="text", marker={"color": TEXT, "size": 2},
            )
        )  # fmt: skip
    scene = {"xaxis": {"title": land.x.name, **x}, "yaxis": {"title": land.y.name, **y}, "zaxis": {"title": label}}
    figure.update_layout(scene=scene)
    return _finished(figure, title)


def scatter_figure(
    table: pd.DataFrame, labels: tuple[str, str], texts: Sequence[str], title: str, *, shades: str | None = None
) -> Any:
    """Make points that say what they are under the pointer.

    Parameters
    ----------
    table : DataFrame
        `x`, `y`, `strong` (drawn large), and with `shades` a column `score`.
    labels : (str, str)
        Of the axes; an empty one is an axis without ticks.
    texts : sequence of str
        One a point.
    title : str
    shades : str, optional
        What the colour says.
    """
    go = _plotly()
    marker: dict[str, Any] = {
        "size": np.where(table["strong"], 10, 6),
        "opacity": 0.9,
        "line": {"color": TEXT, "width": np.where(table["strong"], 1.2, 0.4)},
    }
    if shades:
        marker |= {
            "color": table["score"],
            "colorscale": _SHADES,
            "colorbar": {"title": {"text": shades, "side": "right"}},
        }
    else:
        marker |= {"color": np.where(table["strong"], PALETTE[1], RULE)}
    figure = go.Figure(
        go.Scatter(x=table["x"], y=table["y"], mode="markers", text=list(texts), hoverinfo="text", marker=marker)
    )
    for axis, label in zip(("xaxis", "yaxis"), labels, strict=True):
        figure.update_layout({axis: {"title": label} if label else {"showticklabels": False, "zeroline": False}})
    return _finished(figure, title)


def _hover(land: Landscape) -> tuple[dict[str, Any], dict[str, Any], NDArray[Any]]:
    """Return the ticks of both axes, and what stands under the pointer, [Y, X]."""
    ticks = []
    for axis in (land.x, land.y):
        at = np.unique(np.linspace(0, len(axis.unit) - 1, min(5, len(axis.unit))).round().astype(int))
        ticks.append({"tickvals": axis.unit[at], "ticktext": [value_text(axis.values[k]) for k in at]})
    words = [
        [
            f"{land.x.name} {value_text(first)}<br>{land.y.name} {value_text(second)}<br>"
            f"{'no part of the space' if np.isnan(land.mean[i, k]) else number_label(float(land.mean[i, k]), 4)}"
            for i, first in enumerate(land.x.values)
        ]
        for k, second in enumerate(land.y.values)
    ]
    # An array: of a list of lists plotly's surface makes one text a row.
    return ticks[0], ticks[1], np.array(words)


def _finished(figure: Any, title: str) -> Any:
    """Give a figure its look, and a way to show itself that needs no network."""
    lines = "<br>".join(_lines(title))
    figure.update_layout(
        template="plotly_white",
        width=_WIDTH,
        height=_HEIGHT,
        font={"family": "DejaVu Sans, Verdana, sans-serif", "size": 12, "color": TEXT},
        title={"text": lines, "font": {"size": 13}, "x": 0.02, "xanchor": "left"},
        margin={"t": 60 + 16 * lines.count("<br>"), "l": 70, "r": 30, "b": 60},
    )
    return _offline_class()(figure)


def _lines(text: str, width: int = 105) -> list[str]:
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) + 1 > width:
            lines.append("")
        lines[-1] += f"{' ' if lines[-1] else ''}{word}"
    return lines


def _plotly() -> Any:
    try:
        from plotly import graph_objects  # only here: an extra, and importing it takes a while
    except ImportError as error:
        raise ImportError(
            "backend='plotly' needs plotly, which is not installed; install it with `pip install 'rlhp[plotly]'`, or "
            "leave `backend` out."
        ) from error
    return graph_objects


@functools.cache
def _offline_class() -> type[Any]:
    """Return plotly's Figure with a display of its own: plotly's may ask a server for its program or its fonts."""
    go = _plotly()

    class Figure(go.Figure):  # type: ignore[name-defined]
        """A plotly figure that a notebook shows without any network, and that holds numbers only.

        plotly installs its program into JupyterLab, once for all figures (VS Code brings one as well). A page outside
        of a notebook gets it with `write_html`.
        """

        # plotly's own would be asked first, and would put the program into every figure: 4.8 MB.
        _ipython_display_ = None
        _repr_html_ = None

        def _repr_mimebundle_(self, *_: Any, **__: Any) -> dict[str, Any]:
            title = str(self.layout.title.text or "A figure").replace("<br>", " ")
            said = f"{title} (JupyterLab shows it; `figure.write_html('figure.html')` makes a page of it.)"
            return {"application/vnd.plotly.v1+json": json.loads(self.to_json()), "text/plain": said}

    return Figure
