"""Where in the space runs die."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

from rlhp.arguments import choice, whole
from rlhp.importance import CrashMap
from rlhp.plots._options import taken
from rlhp.plots._style import GRID, PALETTE, QUIET, SIZE, SMALL, TEXT, axes_for, caption, dress, message

_ROW = 0.2  # inches of height that a bar with its label needs
_DEATHS = LinearSegmentedColormap.from_list("deaths", ["#FFFFFF", "#F5B895", PALETTE[1], "#5A2600"])


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

    Where no run died, one sentence says so.

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
    taken("crashes", crashes, CrashMap, title=title)
    whole("top", top, at_least=1)
    for name, one in (("x", x), ("y", y)):
        if one is not None:
            choice(name, one, list(crashes.table["name"].unique()), kind="hyperparameter")
    if (x is None) != (y is None):
        raise ValueError("give both `x` and `y`, or neither.")
    rows = int(crashes.table["name"].isin(crashes.ranking[:top]).sum()) if x is None and crashes.n_dead else 0
    ax = axes_for(ax, (SIZE[0], max(SIZE[1], _ROW * rows + 1.2)))
    if not crashes.n_dead:
        message(ax, f"{crashes.said}: there is nothing to map.")
        caption(ax, [f"{crashes.n_configs} configurations."], title)
        return ax
    said = [f"{crashes.said}."]
    if x is not None and y is not None:
        _crash_cells(ax, crashes, x, y)
        said.append("In each cell: died / runs. Grey: no runs.")
    else:
        _crash_bars(ax, crashes, crashes.ranking[:top])
        said.append(
            f"Lines: {100 * crashes.confidence:g} % Wilson intervals{crashes.clustering_said}; n runs beside each."
        )
    caption(ax, said, title, beside=[label.get_text() for label in ax.get_yticklabels()])
    return ax


def crash_map_alt_text(crashes: CrashMap) -> str:
    """Return in words what `crash_map` draws."""
    taken("crashes", crashes, CrashMap)
    if not crashes.n_dead:
        return f"Crash map: {crashes.said}."
    name = crashes.ranking[0]
    worst = crashes.table[crashes.table["name"] == name].sort_values("rate", ascending=False).iloc[0]
    return (
        f"Crash map: {crashes.said}; most unevenly along {name}: {100 * worst['rate']:.0f} % of {worst['n']} runs at "
        f"{worst['part']}."
    )


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
    dress(ax, "x")
    ax.set_yticks(place, labels, fontsize=SMALL if len(place) < 16 else SMALL - 1)
    # Few runs die in most sweeps: then their shares are what there is to see.
    furthest = crashes.table.loc[crashes.table["name"].isin(names), "high"].max()
    ax.set_xlim(0, min(1.08, 1.2 * max(furthest, 0.05)))
    ax.set_xlabel("share of runs that died")


def _crash_cells(ax: Axes, crashes: CrashMap, x: str, y: str) -> None:
    import seaborn  # only here: importing it takes a second

    cells = crashes.pair(x, y)
    shape = len(crashes.parts[x]), len(crashes.parts[y])
    rate = cells["rate"].to_numpy(dtype=float).reshape(shape).T
    counts = np.where(cells["n"] > 0, cells["n_dead"].astype(str) + "/" + cells["n"].astype(str), "")
    # A cell without runs stays grey: white says that none of its runs died.
    ax.set_facecolor("#D9D9D9")
    seaborn.heatmap(
        rate, vmin=0, vmax=1, cmap=_DEATHS, annot=counts.reshape(shape).T, fmt="", annot_kws={"fontsize": SMALL - 1},
        linewidths=1.0, linecolor=GRID, cbar=False, xticklabels=crashes.parts[x], yticklabels=crashes.parts[y], ax=ax,
    )  # fmt: skip
    ax.invert_yaxis()
    ax.tick_params(axis="x", rotation=30)
    for label in ax.get_xticklabels():
        label.set(ha="right", rotation_mode="anchor")
    ax.tick_params(axis="y", rotation=0)
    dress(ax, "none")
    ax.tick_params(length=0)
    ax.set_xlabel(x)
    ax.set_ylabel(y)
