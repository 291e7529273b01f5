"""The score over two hyperparameters: from above, in slices, in three dimensions, and where it is doubtful."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from matplotlib import colormaps, patheffects, rc_context
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from rlhp.arguments import choice, flag, real, whole
from rlhp.curves import number_label
from rlhp.importance import Landscape
from rlhp.plots._interactive import backend_option, contour_figure, surface_figure
from rlhp.plots._options import range_option, taken
from rlhp.plots._style import (
    SIZE,
    SMALL,
    TEXT,
    axes_for,
    caption,
    color_bar,
    dress,
    ink_on,
    legend_beside,
    look,
    number_axis,
    style,
)
from rlhp.plots._values import ticks, value_text
from rlhp.plots._words import objective_words, score_words

_KINDS = ("contours", "slices", "surface", "spread")
_INTERACTIVE = ("contours", "surface")
_SCORES = colormaps["viridis"]
_UNSURE = colormaps["cividis"]
_DOTS = " Dots: configurations that were run."


def landscape(
    land: Landscape,
    *,
    kind: Literal["contours", "slices", "surface", "spread"] = "contours",
    slices: int = 4,
    points: bool = True,
    limits: tuple[float, float] | None = None,
    doubt: float | None = None,
    backend: Literal["matplotlib", "plotly"] = "matplotlib",
    ax: Axes | None = None,
    title: str | None = None,
) -> Any:
    """Draw the score over two hyperparameters, both axes even by their declared measures.

    Parameters
    ----------
    land : Landscape
        From `rlhp.importance.landscape`.
    kind : {"contours", "slices", "surface", "spread"}
        Seen from above; as lines along x for a few values of y; in three dimensions; or from above, how far the trees
        of the surrogate lie apart.
    slices : int
        How many lines.
    points : bool
        Show the configurations that were run; they differ in the other hyperparameters too.
    limits : (float, float), optional
        Scores at the ends of the scale, so that several landscapes can be held beside each other; the dots then have
        the colours of their own scores. By default the landscape's own range.
    doubt : float, optional
        Hatch where the trees' standard deviation is above this (contours only).
    backend : {"matplotlib", "plotly"}
        "plotly" makes contours to hover over, or a surface to rotate; it needs no network.
    ax : Axes, optional
        Where to draw; for "surface" one with ``projection="3d"``.
    title : str, optional

    Returns
    -------
    Axes
        Or a plotly ``Figure``.

    Raises
    ------
    ValueError
        If `kind` is unknown, "surface" is asked for on flat axes, an axis has one level (slices can be drawn of it),
        there is nothing to see, or plotly is asked for a kind that it does not draw.
    ImportError
        If plotly is asked for and not installed.
    """
    taken("land", land, Landscape, title=title)
    choice("kind", kind, _KINDS)
    flag("points", points)
    whole("slices", slices, at_least=1)
    limits = range_option("limits", limits)
    backend_option(backend, ax)
    if doubt is not None:
        doubt = real("doubt", doubt, at_least=0)
    if land.nothing:
        raise ValueError(land.nothing)
    if kind != "slices":
        for axis in (land.x, land.y):
            if len(axis.unit) < 2:
                raise ValueError(
                    f"`{axis.name}` has one level here, {value_text(axis.values[0])}, and kind={kind!r} needs two or "
                    f"more along both axes; take kind='slices', or another hyperparameter."
                )
    if backend == "plotly":
        if kind not in _INTERACTIVE:
            raise ValueError(f"backend='plotly' draws the kinds {', '.join(_INTERACTIVE)}, not kind={kind!r}.")
        draw = contour_figure if kind == "contours" else surface_figure
        return draw(land, points, limits, title or " ".join(_said(land)))
    if kind == "surface":
        return _surface(land, points, limits, ax, title)
    ax = axes_for(ax)
    said = _said(land)
    if kind == "slices":
        _slices(ax, land, slices, limits)
        said.append("Shaded: one standard deviation between trees.")
    elif kind == "spread":
        _spread(ax, land, points)
        said.append("Colour: standard deviation between trees." + (_DOTS if points else ""))
    else:
        _contours(ax, land, points, limits, doubt)
        star = "" if land.alike is not None else f"Star: best, {number_label(land.best[2])}."
        said.append(star + (_DOTS if points else ""))
        if doubt is not None and bool((land.spread > doubt).any()):
            said.append(f"Hatched: trees differ by more than {number_label(doubt)}.")
    caption(ax, [one.strip() for one in said if one], title)
    return ax


def landscape_alt_text(land: Landscape) -> str:
    """Return in words what `landscape` draws."""
    taken("land", land, Landscape)
    first, second, score = land.best
    what = f"Landscape of {objective_words(land.objective)} over {land.x.name} and {land.y.name} on {land.env_id}, "
    what += f"{land.rest}: "
    if land.alike is not None:
        return f"{what}{land.fit_text}."
    low, high = (number_label(float(end)) for end in (np.nanmin(land.mean), np.nanmax(land.mean)))
    return (
        f"{what}from {low} to {high}, best {number_label(score)} at {land.x.name} {value_text(first)} and "
        f"{land.y.name} {value_text(second)}; surrogate's R2 {land.r2:.2f}."
    )


def _said(land: Landscape) -> list[str]:
    fit = land.fit_text.replace("cross-validated ", "")  # a caption is short
    what = objective_words(land.objective)
    return [f"{what[0].upper()}{what[1:]} on {land.env_id}, {land.rest}; {fit}."]


def _contours(ax: Axes, land: Landscape, points: bool, limits: tuple[float, float] | None, doubt: float | None) -> None:
    ends = float(np.nanmin(land.mean)), float(np.nanmax(land.mean))
    varies = ends[1] > ends[0]
    scale = limits or (ends if varies else (ends[0] - 0.5, ends[1] + 0.5))
    levels = np.asarray(MaxNLocator(14).tick_values(*scale))
    ax.set_facecolor("#D9D9D9")  # where there is nothing: inactive or forbidden
    mesh = ax.contourf(
        land.x.unit, land.y.unit, land.mean.T, levels=levels, cmap=_SCORES, extend="both" if limits else "neither"
    )
    if varies:
        _contour_lines(ax, land, mesh, levels)
    if doubt is not None and bool((land.spread > doubt).any()):
        with rc_context({"hatch.color": "#00000055", "hatch.linewidth": 0.7}):
            top = max(float(np.nanmax(land.spread)), doubt) + 1
            ax.contourf(land.x.unit, land.y.unit, land.spread.T, levels=[doubt, top], colors="none", hatches=["///"])
    if points:
        own: Any = {"c": land.points["score"], "cmap": _SCORES, "vmin": scale[0], "vmax": scale[1]}
        fill = own if limits else {"facecolor": "white"}
        ax.scatter(
            land.points["x"],
            land.points["y"],
            s=14 if limits else 9,
            edgecolor=TEXT,
            linewidth=0.4,
            alpha=0.9 if limits else 0.75,
            **fill,
        )
    if land.alike is None:
        first, second, _ = land.best
        ax.plot(land.x.unit[land.x.values.index(first)], land.y.unit[land.y.values.index(second)], "*", color="white",
                markersize=15, markeredgecolor=TEXT, zorder=4)  # fmt: skip
    _name_axes(ax, land)
    dress(ax, "none")
    color_bar(ax, mesh, score_words(land.objective, land.objective_unit))


def _contour_lines(ax: Axes, land: Landscape, mesh: Any, levels: NDArray[np.float64]) -> None:
    """Draw lines of equal score with their numbers, each in the ink that reads on the colour it lies on."""
    # Between two colours, so that no line cuts through one.
    heights = levels[:: max(1, round(len(levels) / 7))]
    colors = [mesh.cmap(mesh.norm(height)) for height in heights]
    lines = ax.contour(
        land.x.unit, land.y.unit, land.mean.T, levels=heights, colors=[ink_on(color) for color in colors],
        linewidths=0.7, alpha=0.8,
    )  # fmt: skip
    said = {number_label(float(height), 4): color for height, color in zip(heights, colors, strict=True)}
    for label in ax.clabel(lines, fontsize=SMALL - 1, inline=False, fmt=lambda height: number_label(height, 4)):
        # Upright: along a line that climbs, 90 and 06 are one picture.
        color = said[label.get_text()]
        label.set(color=ink_on(color), alpha=1.0, rotation=0)
        label.set_path_effects([patheffects.withStroke(linewidth=2.5, foreground=color)])


def _spread(ax: Axes, land: Landscape, points: bool) -> None:
    high = float(np.nanmax(land.spread))
    ax.set_facecolor("#D9D9D9")
    mesh = ax.contourf(land.x.unit, land.y.unit, land.spread.T, levels=np.linspace(0, high or 1.0, 15), cmap=_UNSURE)
    if points:
        ax.scatter(
            land.points["x"], land.points["y"], s=9, facecolor="white", edgecolor=TEXT, linewidth=0.4, alpha=0.75
        )
    _name_axes(ax, land)
    dress(ax, "none")
    color_bar(ax, mesh, f"standard deviation between trees ({land.objective_unit})")


def _slices(ax: Axes, land: Landscape, count: int, limits: tuple[float, float] | None) -> None:
    at = np.unique(np.linspace(0, len(land.y.unit) - 1, count).round().astype(int))
    for index, k in enumerate(at):
        style = look(index)
        mean, spread = land.mean[:, k], land.spread[:, k]
        ax.fill_between(land.x.unit, mean - spread, mean + spread, color=style.color, alpha=0.12, linewidth=0)
        marked = style.line() | {"markevery": max(1, len(mean) // 8)}
        ax.plot(land.x.unit, mean, **marked, label=f"{land.y.name} = {value_text(land.y.values[k])}", zorder=3)
    if limits is not None:
        room = 0.05 * (limits[1] - limits[0])
        ax.set_ylim(limits[0] - room, limits[1] + room)
    ticks(ax, land.x.unit, land.x.values, "x")
    dress(ax)
    ax.set_xlabel(land.x.name)
    number_axis(ax.yaxis, score_words(land.objective, land.objective_unit))
    legend_beside(ax)


def _surface(
    land: Landscape, points: bool, limits: tuple[float, float] | None, ax: Axes | None, title: str | None
) -> Axes:
    if ax is None:
        import matplotlib.pyplot as plt  # only here: importing it picks a backend

        with style():
            ax = plt.figure(figsize=SIZE, layout="constrained").add_subplot(projection="3d")
    if ax.name != "3d":
        raise ValueError('"surface" needs axes made with projection="3d"; leave `ax` out, or take kind="contours".')
    solid: Any = ax
    across, along = np.meshgrid(land.x.unit, land.y.unit, indexing="ij")
    low, high = limits or (None, None)
    solid.plot_surface(
        across, along, land.mean, cmap=_SCORES, vmin=low, vmax=high, linewidth=0.15, edgecolor="white",
        alpha=0.95 if limits is None else 0.8,
    )  # fmt: skip
    if limits is not None:
        solid.set_zlim(low, high)
        if points:
            where = land.points
            solid.scatter(where["x"], where["y"], where["score"], c=where["score"], cmap=_SCORES, vmin=low, vmax=high,
                          s=9, edgecolor=TEXT, linewidth=0.3)  # fmt: skip
    _name_axes(ax, land, count=3)
    solid.set_zlabel(objective_words(land.objective), fontsize=SMALL + 0.5, color=TEXT)
    ax.tick_params(labelsize=SMALL - 1)
    solid.view_init(elev=28, azim=-125)
    caption(ax, _said(land), title)
    return ax


def _name_axes(ax: Axes, land: Landscape, count: int = 5) -> None:
    ticks(ax, land.x.unit, land.x.values, "x", len(land.x.unit) if land.x.levels else count)
    ticks(ax, land.y.unit, land.y.values, "y", len(land.y.unit) if land.y.levels else count)
    ax.set_xlabel(land.x.name)
    ax.set_ylabel(land.y.name)
