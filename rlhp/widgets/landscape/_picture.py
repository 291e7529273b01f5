"""The picture of a landscape explorer: one landscape, and where the best of the others lies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from rlhp import plots
from rlhp.importance import Landscape

__all__ = ["draw_landscape"]

_MARKS = ("D", "P", "X", "s", "^", "v")


def draw_landscape(
    ax: Any,
    land: Landscape,
    *,
    view: str,
    limits: tuple[float, float],
    doubt: float,
    others: Mapping[str, Landscape],
) -> None:
    """Draw a landscape on fresh, flat axes.

    Parameters
    ----------
    ax : Axes
        For the surface its place is taken by axes in three dimensions.
    land : Landscape
    view : {"contours", "surface", "slices", "spread"}
    limits : (float, float)
        Scores at the ends of the scale.
    doubt : float
        Where the trees differ by more, it is hatched.
    others : mapping
        Landscapes over the same two hyperparameters by environment; seen from above their best points are marked.
    """
    # Margins that fit every picture, in place of a layout that is worked out: that would draw everything twice.
    figure = ax.get_figure()
    figure.set_layout_engine(None)
    if view == "surface":
        ax.set_axis_off()
        solid = figure.add_axes((0.05, 0.09, 0.9, 0.8), projection="3d")
        plots.landscape(land, kind="surface", limits=limits, ax=solid)
        return
    figure.subplots_adjust(left=0.135, right=0.66 if view == "slices" else 0.99, top=0.86, bottom=0.21)
    options: dict[str, Any] = {"limits": limits, "doubt": doubt, "ax": ax}
    plots.landscape(land, kind=view, **options)  # type: ignore[arg-type]
    if view != "contours":
        return
    known = [(env_id, one) for env_id, one in others.items() if not np.isnan(one.mean).all()]
    for index, (env_id, one) in enumerate(known):
        first, second, _ = one.best
        at = one.x.unit[one.x.values.index(first)], one.y.unit[one.y.values.index(second)]
        ax.plot(*at, _MARKS[index % len(_MARKS)], color="white", markeredgecolor="black", markersize=8, zorder=5,
                linestyle="none", label=f"best on {env_id}")  # fmt: skip
    if known:
        ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.16), fontsize=8, frameon=False, ncols=3)
