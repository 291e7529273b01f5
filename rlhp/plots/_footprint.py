"""A whole search space on one sheet: alike configurations lie together."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.axes import Axes

from rlhp.curves import number_label
from rlhp.importance import Footprint
from rlhp.plots._interactive import backend_option, scatter_figure
from rlhp.plots._options import taken
from rlhp.plots._style import SMALL, TEXT, axes_for, caption, color_bar, dress
from rlhp.plots._words import objective_words, score_words


def footprint(
    result: Footprint,
    *,
    backend: Literal["matplotlib", "plotly"] = "matplotlib",
    ax: Axes | None = None,
    title: str | None = None,
) -> Any:
    """Draw configurations in two dimensions, coloured by their score, over a sample of the space they are from.

    Parameters
    ----------
    result : Footprint
        From `rlhp.importance.footprint`.
    backend : {"matplotlib", "plotly"}
        "plotly" makes points that say their id and score under the pointer; it needs no network.
    ax : Axes, optional
        Where to draw; without, a new figure is made that a notebook shows.
    title : str, optional

    Returns
    -------
    Axes
        Or a plotly ``Figure``.

    Raises
    ------
    ImportError
        If plotly is asked for and not installed.

    Examples
    --------
    >>> from rlhp import Runs, importance, plots, spaces
    >>> space = spaces.subspace(spaces.default("dqn"), ["learning_rate", "gamma"])
    >>> configs = spaces.sample(space, 16, method="sobol", rng=0)
    >>> study = importance.scored(Runs.from_table(configs, configs["gamma"]), space, "final_return", failures="raise")
    >>> plots.footprint(importance.footprint(study, rng=0), ax=plots.new_axes()).get_xticks()
    array([], dtype=float64)
    """
    taken("result", result, Footprint, title=title)
    backend_option(backend, ax)
    points = _worst_first(result)
    label = score_words(result.objective, result.unit)
    if backend == "plotly":
        texts = [f"{one}<br>{label}: {number_label(float(score), 4)}" for one, score in points["score"].items()]
        table = points.assign(strong=np.arange(len(points)) == len(points) - 1)
        said = [*_sentences(result)[:2], "Large: the best."]
        return scatter_figure(table, ("", ""), texts, title or " ".join(said), shades=label)
    ax = axes_for(ax)
    if len(result.background):
        ax.plot(result.background["x"], result.background["y"], ".", color="#D0D0D0", markersize=4, zorder=1)
    shown = ax.scatter(
        points["x"], points["y"], c=points["score"], cmap=colormaps["viridis"], edgecolor=TEXT, linewidth=0.4, zorder=2,
        s=float(np.clip(6000 / len(points), 10, 42)),
    )  # fmt: skip
    best = points.iloc[-1]
    ax.plot(best["x"], best["y"], "*", color="white", markersize=15, markeredgecolor=TEXT, zorder=3)
    dress(ax, "none")
    ax.spines[:].set_visible(False)
    ax.set_aspect("equal", adjustable="datalim")
    ax.set(xticks=[], yticks=[], xlabel=_follows(result, "x"), ylabel=_follows(result, "y").replace(", ", ",\n"))
    ax.xaxis.label.set_fontsize(SMALL)
    ax.yaxis.label.set_fontsize(SMALL)
    color_bar(ax, shown, label)
    caption(ax, _sentences(result), title)
    return ax


def footprint_alt_text(result: Footprint) -> str:
    """Say in words what `footprint` draws: how many configurations, where the best lies, and what the axes follow."""
    taken("result", result, Footprint)
    points = _worst_first(result)
    low, high = (number_label(float(one)) for one in (points["score"].min(), points["score"].max()))
    share = [100 * float((points[side] < points[side].iloc[-1]).mean()) for side in ("x", "y")]
    return (
        f"Footprint: {len(points)} configurations on {result.env_id} in two dimensions, {result.fit_text}; "
        f"{objective_words(result.objective)} from {low} to {high}. The best lies right of {share[0]:.0f} % and above "
        f"{share[1]:.0f} % of them. Along x: {_follows(result, 'x')}; along y: {_follows(result, 'y')}."
    )


def _worst_first(result: Footprint) -> pd.DataFrame:
    return result.points.sort_values("score", ascending=result.direction == "maximize", kind="stable")


def _follows(result: Footprint, side: str, most: int = 2) -> str:
    """Return which hyperparameters an axis follows, with their correlations."""
    known = result.axes[side].dropna()
    order = known.abs().sort_values(ascending=False, kind="stable").index[:most]
    told = [f"{name} (r = {known[name]:.1f})" for name in order if abs(known[name]) >= 0.3]
    return "mostly " + ", ".join(told) if told else "no hyperparameter by itself"


def _sentences(result: Footprint) -> list[str]:
    sentences = [f"{len(result.points):,} configurations on {result.env_id}: near each other where they are alike."]
    sentences += [f"By {result.fit_text}.", "Star: the best."]
    if len(result.background):
        sentences.append(f"Grey: {len(result.background)} draws from the space.")
    return sentences
