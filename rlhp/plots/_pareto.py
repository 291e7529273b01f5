"""Two objectives at once, and the configurations that none beats in both."""

from __future__ import annotations

from typing import Any, Literal

from matplotlib.axes import Axes

from rlhp.curves import ParetoFront, number_label
from rlhp.plots._interactive import backend_option, scatter_figure
from rlhp.plots._options import taken
from rlhp.plots._style import PALETTE, RULE, axes_for, caption, dress, legend_beside, number_axis
from rlhp.plots._words import objective_words, score_words

# What is spent is spread over orders of magnitude, and the front lies where little is: then its axis is logarithmic.
_COSTS = ("wall_time", "cpu_time", "env_steps", "steps_to_threshold")
_WIDE = 100.0


def pareto_front(
    result: ParetoFront,
    *,
    backend: Literal["matplotlib", "plotly"] = "matplotlib",
    ax: Axes | None = None,
    title: str | None = None,
) -> Any:
    """Draw configurations by two objectives, and the front of those that none beats in both.

    Parameters
    ----------
    result : ParetoFront
        From `rlhp.curves.pareto_front`.
    backend : {"matplotlib", "plotly"}
        "plotly" makes points that say their id under the pointer; it needs no network.
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
    >>> from rlhp import Runs, curves, objectives, plots
    >>> runs = Runs.from_table([{"gamma": g} for g in (0.9, 0.95, 0.99)], [3.0, 1.0, 4.0], steps=[10, 20, 30])
    >>> reached, used = (
    ...     objectives.score(runs, name, failures="raise", per="config") for name in ("final_return", "env_steps")
    ... )
    >>> ax = plots.pareto_front(curves.pareto_front(reached, used), ax=plots.new_axes())
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('environment steps, less is better', 'final return (undiscounted), more is better')
    """
    taken("result", result, ParetoFront, title=title)
    backend_option(backend, ax)
    # The second objective is most often what the first one costs: it lies along x.
    x, y = result.second, result.first
    labels = score_words(x.objective, x.unit), score_words(y.objective, y.unit)
    if backend == "plotly":
        table = result.table.rename(columns={x.objective: "x", y.objective: "y", "on_front": "strong"})
        numbers = table[["x", "y"]].to_numpy(float).tolist()
        texts = [
            "<br>".join([str(one), *(f"{label}: {number_label(at, 4)}" for label, at in zip(labels, row, strict=True))])
            for one, row in zip(table.index, numbers, strict=True)
        ]
        return scatter_figure(table, labels, texts, title or " ".join(_sentences(result)))
    ax = axes_for(ax)
    beaten, front = result.table[~result.table["on_front"]], result.front.sort_values(x.objective, kind="stable")
    ax.plot(beaten[x.objective], beaten[y.objective], "o", color=RULE, markersize=4.5, alpha=0.5, markeredgewidth=0,
            label="beaten by another")  # fmt: skip
    # Between two points of the front nothing is promised but what the worse of both has: steps, not lines.
    step = "steps-post" if x.direction == "minimize" else "steps-pre"
    ax.plot(front[x.objective], front[y.objective], color=PALETTE[1], linewidth=1.2, drawstyle=step, zorder=2)
    ax.plot(front[x.objective], front[y.objective], "D", color=PALETTE[1], markersize=7, markeredgecolor="white",
            zorder=3, label="on the front")  # fmt: skip
    for name, scale in ((x.objective, ax.set_xscale), (y.objective, ax.set_yscale)):
        low, high = result.table[name].min(), result.table[name].max()
        if name in _COSTS and low > 0 and high > _WIDE * low:
            scale("log")
    dress(ax)
    number_axis(ax.xaxis, f"{labels[0]}, {_better(x.direction)}")
    number_axis(ax.yaxis, f"{labels[1]}, {_better(y.direction)}")
    legend_beside(ax)
    caption(ax, _sentences(result), title)
    return ax


def pareto_front_alt_text(result: ParetoFront) -> str:
    """Return in words what `pareto_front` draws: how many are on the front, and its two ends."""
    taken("result", result, ParetoFront)
    ends = [result.front.iloc[0], result.front.iloc[-1]]
    first, second = result.first.objective, result.second.objective
    said = [
        f"{objective_words(first)} {number_label(float(row[first]), 4)} with {objective_words(second)} "
        f"{number_label(float(row[second]), 4)}"
        for row in ends
    ]
    where = f"it goes from {said[0]} to {said[1]}" if len(result.front) > 1 else f"it is one point, {said[0]}"
    return f"Pareto front: {' '.join(_sentences(result))[:-1]}; {where}."


def _better(direction: str) -> str:
    return "more is better" if direction == "maximize" else "less is better"


def _sentences(result: ParetoFront) -> list[str]:
    what = "runs" if result.first.per == "run" else "configurations"
    return [f"{len(result.front)} of {len(result.table):,} {what} on {result.env_id} are beaten by none in both."]
