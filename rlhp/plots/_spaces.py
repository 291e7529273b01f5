"""Pictures of the search space: landscapes, parallel coordinates, and where runs die."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from matplotlib import colormaps, rc_context
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.ticker import MaxNLocator

from rlhp.arguments import choice, flag, real, whole
from rlhp.importance import CrashMap, Landscape, Study
from rlhp.plots._effects import text, ticks
from rlhp.plots._options import range_option, taken, title_option
from rlhp.plots._style import PALETTE, QUIET, SIZE, SMALL, TEXT, axes_for, caption, dress, look
from rlhp.spaces import decode

_KINDS = ("contours", "slices", "surface", "spread")
_DEATHS = LinearSegmentedColormap.from_list("deaths", ["#FFFFFF", "#F5B895", PALETTE[1], "#5A2600"])
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
    ax: Axes | None = None,
    title: str | None = None,
) -> Axes:
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
    ax : Axes, optional
        Where to draw; for "surface" one with ``projection="3d"``.
    title : str, optional

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If `kind` is unknown, "surface" is asked for on flat axes, an axis has one level (slices can be drawn of it), or
        there is nothing to see.
    """
    taken("land", land, Landscape)
    title_option(title)
    choice("kind", kind, _KINDS)
    flag("points", points)
    whole("slices", slices, at_least=1)
    limits = range_option("limits", limits)
    if doubt is not None:
        doubt = real("doubt", doubt, at_least=0)
    if land.nothing:
        raise ValueError(land.nothing)
    if kind != "slices":
        for axis in (land.x, land.y):
            if len(axis.unit) < 2:
                raise ValueError(
                    f"`{axis.name}` has one level here, {text(axis.values[0])}, and kind={kind!r} needs two or more "
                    f"along both axes; take kind='slices', or another hyperparameter."
                )
    if kind == "surface":
        return _surface(land, points, limits, ax, title)
    ax = axes_for(ax)
    said = [f"{land.objective} on {land.env_id}, {land.rest}; {_fit(land)}."]
    if kind == "slices":
        _slices(ax, land, slices, limits)
        said.append("Shaded: one standard deviation between trees.")
    elif kind == "spread":
        _spread(ax, land, points)
        said.append("Colour: standard deviation between trees." + (_DOTS if points else ""))
    else:
        _contours(ax, land, points, limits, doubt)
        said.append(("" if land.alike is not None else f"Star: best, {land.best[2]:.3g}.") + (_DOTS if points else ""))
        if doubt is not None and bool((land.spread > doubt).any()):
            said.append(f"Hatched: trees differ by more than {doubt:.3g}.")
    caption(ax, [one.strip() for one in said if one], title)
    return ax


def landscape_alt_text(land: Landscape) -> str:
    """Say in words what `landscape` draws."""
    taken("land", land, Landscape)
    first, second, score = land.best
    what = f"Landscape of {land.objective} over {land.x.name} and {land.y.name} on {land.env_id}, {land.rest}: "
    if land.alike is not None:
        return f"{what}{land.fit_text}."
    return (
        f"{what}from {np.nanmin(land.mean):.3g} to {np.nanmax(land.mean):.3g}, best {score:.3g} at {land.x.name} "
        f"{text(first)} and {land.y.name} {text(second)}; surrogate's R2 {land.r2:.2f}."
    )


def parallel(study: Study, *, best: int = 10, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Draw every configuration as a line over all hyperparameters, the best ones strong.

    Parameters
    ----------
    study : Study
        From `rlhp.importance.scored`.
    best : int
        How many of the best are drawn strong.
    ax : Axes, optional
    title : str, optional
    """
    taken("study", study, Study)
    title_option(title)
    whole("best", best, at_least=1)
    ax = axes_for(ax)
    order = np.argsort(-study.sign * study.y, kind="stable")
    names = list(study.names)
    x = np.arange(len(names) + 1)
    low, high = float(study.y.min()), float(study.y.max())
    scale = Normalize(low, high if high > low else low + 1)
    height = np.column_stack([np.where(np.isnan(study.unit), -0.12, study.unit), scale(study.y)])
    lines = [np.column_stack([x, one]) for one in height]
    rest, first = order[best:][::-1], order[:best][::-1]
    ax.add_collection(LineCollection([lines[k] for k in rest], colors="#9A9A9A", linewidths=0.5, alpha=0.35))
    strong = LineCollection([lines[k] for k in first], colors=PALETTE[0], linewidths=1.6, alpha=0.9, zorder=3)
    ax.add_collection(strong)
    inactive = bool(np.isnan(study.unit).any())
    ax.set_xlim(-0.15, len(names) + 0.15)
    ax.set_ylim(-0.2 if inactive else -0.05, 1.05)
    dress(ax)
    ax.grid(visible=False)
    ax.vlines(x, 0, 1, color="#8A8A8A", linewidth=0.9, zorder=2)
    ax.spines[:].set_visible(False)
    ax.set_yticks([])
    ax.set_xticks(x, [*names, study.objective], rotation=25, ha="right", rotation_mode="anchor")
    ends: list[tuple[Any, Any]] = [tuple(decode(study.space[name], np.array([0.0, 1.0]))) for name in names]
    for place, (bottom, top) in zip(x, [*ends, (low, high)], strict=True):
        for y, value, va in ((-0.015, bottom, "top"), (1.015, top, "bottom")):
            ax.text(float(place), y, text(value), ha="center", va=va, fontsize=SMALL - 1, color=QUIET)
    said = [f"{len(lines)} configurations on {study.env_id}; strong: the best {len(first)} by mean {study.objective}."]
    if inactive:
        said.append("Below the axes: inactive.")
    caption(ax, said, title)
    return ax


def parallel_alt_text(study: Study, *, best: int = 10) -> str:
    """Say in words what `parallel` draws: between which values the best configurations lie."""
    taken("study", study, Study)
    whole("best", best, at_least=1)
    first = np.argsort(-study.sign * study.y, kind="stable")[:best]
    said = []
    for j, name in enumerate(study.names):
        known = study.unit[first, j][~np.isnan(study.unit[first, j])]
        if len(known):
            bottom, top = decode(study.space[name], np.array([known.min(), known.max()]))
            said.append(f"{name} {text(bottom)} to {text(top)}" if bottom != top else f"{name} {text(bottom)}")
    return (
        f"Parallel coordinates of {len(study.y)} configurations on {study.env_id}; the best {len(first)} by "
        f"{study.objective} have {', '.join(said)}."
    )


def crash_map(
    crashes: CrashMap,
    *,
    x: str | None = None,
    y: str | None = None,
    top: int = 4,
    ax: Axes | None = None,
    title: str | None = None,
) -> Axes:
    """Draw how often runs die: along the hyperparameters where that differs most, or over two of them.

    Parameters
    ----------
    crashes : CrashMap
        From `rlhp.importance.crash_map`.
    x, y : str, optional
        Two hyperparameters; give both or none.
    top : int
        Hyperparameters shown where none are given.
    ax : Axes, optional
    title : str, optional

    Raises
    ------
    ValueError
        If only one of `x` and `y` is given, or one is unknown.
    """
    taken("crashes", crashes, CrashMap)
    title_option(title)
    whole("top", top, at_least=1)
    for name, one in (("x", x), ("y", y)):
        if one is not None:
            choice(name, one, list(crashes.table["name"].unique()), kind="hyperparameter")
    if (x is None) != (y is None):
        raise ValueError("give both `x` and `y`, or neither.")
    ax = axes_for(ax)
    said = [f"{crashes.said}."]
    if x is not None and y is not None:
        _crash_cells(ax, crashes, x, y)
        said.append("In each cell: died / runs.")
    else:
        _crash_bars(ax, crashes, crashes.ranking[:top])
        said.append(
            f"Lines: {100 * crashes.confidence:g} % Wilson intervals{crashes.clustering_said}; n runs beside each."
        )
    caption(ax, said, title, room=0.68)
    return ax


def crash_map_alt_text(crashes: CrashMap) -> str:
    """Say in words what `crash_map` draws."""
    taken("crashes", crashes, CrashMap)
    if not crashes.n_dead:
        return f"Crash map: {crashes.said}."
    name = crashes.ranking[0]
    worst = crashes.table[crashes.table["name"] == name].sort_values("rate", ascending=False).iloc[0]
    return (
        f"Crash map: {crashes.said}; most unevenly along {name}: {100 * worst['rate']:.0f} % of {worst['n']} runs at "
        f"{worst['part']}."
    )


def _fit(land: Landscape) -> str:
    return land.fit_text.replace("cross-validated ", "")  # a caption is short


def _contours(ax: Axes, land: Landscape, points: bool, limits: tuple[float, float] | None, doubt: float | None) -> None:
    ends = float(np.nanmin(land.mean)), float(np.nanmax(land.mean))
    varies = ends[1] > ends[0]
    scale = limits or (ends if varies else (ends[0] - 0.5, ends[1] + 0.5))
    levels = MaxNLocator(14).tick_values(*scale)
    ax.set_facecolor("#D9D9D9")  # where there is nothing: inactive or forbidden
    mesh = ax.contourf(
        land.x.unit, land.y.unit, land.mean.T, levels=levels, cmap=_SCORES, extend="both" if limits else "neither"
    )
    if varies:
        lines = ax.contour(land.x.unit, land.y.unit, land.mean.T, levels=7, colors="white", linewidths=0.6, alpha=0.8)
        ax.clabel(lines, fontsize=SMALL - 1.5, fmt="%.3g")
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
    dress(ax)
    ax.grid(visible=False)
    _bar(ax, mesh, f"{land.objective} ({land.objective_unit})")


def _spread(ax: Axes, land: Landscape, points: bool) -> None:
    high = float(np.nanmax(land.spread))
    ax.set_facecolor("#D9D9D9")
    mesh = ax.contourf(land.x.unit, land.y.unit, land.spread.T, levels=np.linspace(0, high or 1.0, 15), cmap=_UNSURE)
    if points:
        ax.scatter(
            land.points["x"], land.points["y"], s=9, facecolor="white", edgecolor=TEXT, linewidth=0.4, alpha=0.75
        )
    _name_axes(ax, land)
    dress(ax)
    ax.grid(visible=False)
    _bar(ax, mesh, f"spread between trees ({land.objective_unit})")


def _bar(ax: Axes, mesh: Any, label: str) -> None:
    figure = ax.get_figure(root=True)
    if figure is not None:
        bar = figure.colorbar(mesh, ax=ax, pad=0.02)
        bar.set_label(label, fontsize=SMALL + 0.5, color=TEXT)
        bar.ax.tick_params(labelsize=SMALL)
        bar.outline.set_visible(False)


def _slices(ax: Axes, land: Landscape, count: int, limits: tuple[float, float] | None) -> None:
    at = np.unique(np.linspace(0, len(land.y.unit) - 1, count).round().astype(int))
    for index, k in enumerate(at):
        style = look(index)
        mean, spread = land.mean[:, k], land.spread[:, k]
        ax.fill_between(land.x.unit, mean - spread, mean + spread, color=style.color, alpha=0.12, linewidth=0)
        marked = style.line() | {"markevery": max(1, len(mean) // 8)}
        ax.plot(land.x.unit, mean, **marked, label=f"{land.y.name} = {text(land.y.values[k])}", zorder=3)
    if limits is not None:
        room = 0.05 * (limits[1] - limits[0])
        ax.set_ylim(limits[0] - room, limits[1] + room)
    ticks(ax, land.x.unit, land.x.values, "x")
    dress(ax)
    ax.set_xlabel(land.x.name)
    ax.set_ylabel(f"{land.objective} ({land.objective_unit})")
    ax.legend(fontsize=SMALL, frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.0))


def _surface(
    land: Landscape, points: bool, limits: tuple[float, float] | None, ax: Axes | None, title: str | None
) -> Axes:
    if ax is None:
        import matplotlib.pyplot as plt  # only here: importing it picks a backend

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
    solid.set_zlabel(land.objective, fontsize=SMALL + 0.5, color=TEXT)
    ax.tick_params(labelsize=SMALL - 1)
    solid.view_init(elev=28, azim=-125)
    said = [f"{land.objective} on {land.env_id}, {land.rest}; {_fit(land)}."]
    caption(ax, said, title, room=0.6)
    return ax


def _name_axes(ax: Axes, land: Landscape, count: int = 5) -> None:
    ticks(ax, land.x.unit, land.x.values, "x", len(land.x.unit) if land.x.levels else count)
    ticks(ax, land.y.unit, land.y.values, "y", len(land.y.unit) if land.y.levels else count)
    ax.set_xlabel(land.x.name)
    ax.set_ylabel(land.y.name)


def _crash_bars(ax: Axes, crashes: CrashMap, names: list[str]) -> None:
    labels, place, y = [], [], 0.0
    for name in names:
        rows = crashes.table[crashes.table["name"] == name]
        for position, (_, row) in enumerate(rows.iterrows()):
            labels.append(f"{name}: {row['part']}" if position == 0 else str(row["part"]))
            place.append(y)
            if row["n"]:
                ax.barh(y, row["rate"], height=0.7, color=PALETTE[1], alpha=0.85, zorder=2)
                ax.hlines(y, row["low"], row["high"], color=TEXT, linewidth=1.2, zorder=3)
            ax.annotate(f"n = {row['n']}", (row["high"] if row["n"] else 0, y), xytext=(5, 0),
                        textcoords="offset points", va="center", fontsize=SMALL - 1.5, color=QUIET)  # fmt: skip
            y -= 1.0
        y -= 0.7
    dress(ax)
    ax.grid(visible=False, axis="y")
    ax.grid(axis="x", color="#E3E3E3", linewidth=0.8)
    ax.set_yticks(place, labels, fontsize=SMALL if len(place) < 16 else SMALL - 2)
    # Few runs die in most sweeps: then their shares are what there is to see.
    furthest = crashes.table.loc[crashes.table["name"].isin(names), "high"].max()
    ax.set_xlim(0, min(1.08, 1.2 * max(furthest, 0.05)))
    ax.set_xlabel("share of runs that died")


def _crash_cells(ax: Axes, crashes: CrashMap, x: str, y: str) -> None:
    cells = crashes.pair(x, y)
    across, along = crashes.parts[x], crashes.parts[y]
    rate = cells["rate"].to_numpy(dtype=float).reshape(len(across), len(along)).T
    ax.imshow(rate, cmap=_DEATHS, vmin=0, vmax=1, origin="lower", aspect="auto")
    for (_, row), (i, k) in zip(cells.iterrows(), np.ndindex(len(across), len(along)), strict=True):
        ink = "white" if row["rate"] > 0.6 else TEXT
        said = f"{row['n_dead']}/{row['n']}" if row["n"] else "no runs"
        ax.text(i, k, said, ha="center", va="center", fontsize=SMALL - 1, color=ink if row["n"] else QUIET)
    ax.set_xticks(range(len(across)), across, rotation=30, ha="right", rotation_mode="anchor")
    ax.set_yticks(range(len(along)), along)
    dress(ax)
    ax.grid(visible=False)
    ax.tick_params(length=0)
    ax.set_xlabel(x)
    ax.set_ylabel(y)
