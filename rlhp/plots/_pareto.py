"""Two objectives at once, and the configurations that none beats in both."""

from __future__ import annotations

from typing import Any, Literal

from matplotlib.axes import Axes

from rlhp.curves import Aim, ParetoFront, number_label
from rlhp.plots._interactive import backend_option, scatter_figure
from rlhp.plots._options import taken
from rlhp.plots._style import PALETTE, RULE, axes_for, caption, dress, legend_beside, number_axis
from rlhp.plots._text import wrapped
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
    ValueError
        If there are three objectives or more.
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
    y, x = _two(result)
    labels = score_words(x.name, x.unit), score_words(y.name, y.unit)
    if backend == "plotly":
        table = result.table.rename(columns={x.name: "x", y.name: "y", "on_front": "strong"})
        numbers = table[["x", "y"]].to_numpy(float).tolist()
        texts = [
            "<br>".join([str(one), *(f"{label}: {number_label(at, 4)}" for label, at in zip(labels, row, strict=True))])
            for one, row in zip(table.index, numbers, strict=True)
        ]
        return scatter_figure(table, labels, texts, title or " ".join(_sentences(result)))
    ax = axes_for(ax)
    beaten, front = result.table[~result.table["on_front"]], result.front.sort_values(x.name, kind="stable")
    ax.plot(beaten[x.name], beaten[y.name], "o", color=RULE, markersize=4.5, alpha=0.5, markeredgewidth=0,
            label="beaten by another")  # fmt: skip
    # Between two points of the front nothing is promised but what the worse of both has: steps, not lines.
    step = "steps-post" if x.direction == "minimize" else "steps-pre"
    ax.plot(front[x.name], front[y.name], color=PALETTE[1], linewidth=1.2, drawstyle=step, zorder=2)
    ax.plot(front[x.name], front[y.name], "D", color=PALETTE[1], markersize=7, markeredgecolor="white",
            zorder=3, label="on the front")  # fmt: skip
    for name, scale in ((x.name, ax.set_xscale), (y.name, ax.set_yscale)):
        low, high = result.table[name].min(), result.table[name].max()
        if name in _COSTS and low > 0 and high > _WIDE * low:
            scale("log")
    dress(ax)
    number_axis(ax.xaxis, f"{labels[0]}, {_better(x.direction)}")
    figure = ax.get_figure(root=True)
    high = 72 * ax.get_position().height * (figure.get_figheight() if figure is not None else 4.0)  # points
    said = [f"{labels[1]},", _better(y.direction)]
    number_axis(ax.yaxis, "\n".join(wrapped(said, high, float(ax.yaxis.label.get_fontsize()))))
    legend_beside(ax)
    caption(ax, _sentences(result), title)
    return ax


def pareto_front_alt_text(result: ParetoFront) -> str:
    """Return in words what `pareto_front` draws: how many are on the front, and its two ends."""
    taken("result", result, ParetoFront)
    ends = [result.front.iloc[0], result.front.iloc[-1]]
    said = [
        " with ".join(f"{objective_words(name)} {number_label(float(row[name]), 4)}" for name in result.names)
        for row in ends
    ]
    where = f"it goes from {said[0]} to {said[1]}" if len(result.front) > 1 else f"it is one point, {said[0]}"
    return f"Pareto front: {' '.join(_sentences(result))[:-1]}; {where}."


def _two(result: ParetoFront) -> tuple[Aim, Aim]:
    if len(result.aims) != 2:
        raise ValueError(
            f"`result` has {len(result.aims)} objectives ({', '.join(result.names)}) and a figure has two axes; draw "
            f"the front of two of them."
        )
    return result.aims[0], result.aims[1]


def _better(direction: str) -> str:
    return "more is better" if direction == "maximize" else "less is better"


def _sentences(result: ParetoFront) -> list[str]:
    every = "both" if len(result.aims) == 2 else f"all {len(result.aims)} objectives"
    counted = f"{len(result.front)} of {len(result.table):,} {result.what}"
    return [f"{counted} on {result.where} are beaten by none in {every}."]
