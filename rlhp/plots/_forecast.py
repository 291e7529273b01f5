"""Learning curves and where they are forecast to go: what was seen, what is expected, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from rlhp.arguments import name_list
from rlhp.curves import Extrapolation, number_label
from rlhp.plots._options import labels_option, taken
from rlhp.plots._style import SMALL, Look, axes_for, caption, dress, look, number_axis, spread, steps_axis
from rlhp.plots._words import column_words
from rlhp.runs import Runs, need_runs

_MOST, _DEFAULT = 6, 3
# Share of the range of all estimates and values by which intervals may stretch the y axis.
_STRETCH = 0.6
_BASES = {
    "reference": "learned from and calibrated on other runs",
    "bounds": "from the curve alone, within given bounds, not calibrated",
    "curve alone": "from the curve alone, not calibrated",
}


def forecast(
    result: Extrapolation,
    *,
    runs: Sequence[str] | None = None,
    actual: Runs | None = None,
    ax: Axes | None = None,
    title: str | None = None,
    labels: Sequence[str] | None = None,
) -> Axes:
    """Draw runs as far as they were seen, and the forecast of the rest.

    Parameters
    ----------
    result : Extrapolation
        From `rlhp.curves.extrapolate`; with ``along=8`` or so the way to the horizon is drawn too.
    runs : sequence of str, optional
        Ids of the runs to draw, six at most; by default the first three that have a forecast.
    actual : Runs, optional
        What came: the same runs, later. Evaluations that were not seen are drawn as open markers.
    ax : Axes, optional
        Where to draw; without, a new figure is made that a notebook shows.
    title : str, optional
        Stands over the line that names the interval and what it rests on.
    labels : sequence of str, optional
        What to call the runs, in their order; by default ``run 1`` and so on.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If a run is unknown or has no forecast, there are too many, or not as many labels as runs.

    Examples
    --------
    >>> from rlhp import curves, datasets, plots
    >>> runs = datasets.load("exploration_cartpole").select(seed=3)
    >>> result = curves.extrapolate(runs, first=1 / 3, bounds=(0, 500), along=8, rng=0)
    >>> plots.forecast(result, actual=runs, ax=plots.new_axes()).get_ylabel()
    'undiscounted return'
    """
    taken("result", result, Extrapolation, title=title)
    if actual is not None:
        need_runs(actual, "actual")
    rows = _chosen(result, runs)
    names = _named(rows, labels)
    ax = axes_for(ax)
    looks = [look(index) for index in range(len(rows))]
    for place, (row, style) in enumerate(zip(rows, looks, strict=True)):
        _draw_forecast(ax, result, row, style, place, len(rows))
    later = [_later(result, row, actual) for row in rows]
    for row, style, (at, values) in zip(rows, looks, later, strict=True):
        _draw_seen(ax, result, row, style)
        if len(at):
            unseen = {"linestyle": "none", "markerfacecolor": "white", "markeredgecolor": style.color}
            ax.plot(at, values, **(style.line() | unseen | {"markeredgewidth": 1.2}), zorder=4)
    dress(ax)
    steps_axis(ax)
    number_axis(ax.yaxis, column_words(result.value))
    cut_off = _limits(ax, result, rows, np.concatenate([values for _, values in later]))
    if len(rows) > 1 or labels is not None:
        _label(ax, result, rows, looks, names)
    caption(ax, _sentences(result, rows, any(len(at) for at, _ in later), cut_off), title)
    return ax


def forecast_alt_text(
    result: Extrapolation, *, runs: Sequence[str] | None = None, labels: Sequence[str] | None = None
) -> str:
    """Return in words what `forecast` draws: of each run the latest value, and where it is forecast to end.

    Examples
    --------
    >>> from rlhp import curves, datasets
    >>> runs = datasets.load("exploration_cartpole").select(seed=3)
    >>> result = curves.extrapolate(runs, first=1 / 3, bounds=(0, 500), rng=0)
    >>> forecast_alt_text(result)[:78]
    'Forecast of the undiscounted return at 50,000 environment steps, 80 % interval'
    """
    taken("result", result, Extrapolation)
    rows = _chosen(result, runs)
    names = _named(rows, labels)
    parts = []
    for row, name in zip(rows, names, strict=True):
        about = result.runs.iloc[row]
        middle, low, high = (number_label(float(one[row, -1])) for one in (result.estimate, result.low, result.high))
        was = f"{name} was at {number_label(float(about['last']))} after {about['step']:,.0f} steps"
        parts.append(f"{was}, forecast {middle} ({low} to {high})")
    horizons = sorted({int(result.runs["horizon"].iloc[row]) for row in rows})
    at = " to ".join(f"{one:,}" for one in sorted({horizons[0], horizons[-1]}))
    what = column_words(result.value)
    interval = f"{100 * result.confidence:g} % interval, {_basis(result, rows)}"
    return f"Forecast of the {what} at {at} environment steps, {interval}: {'; '.join(parts)}."


def _chosen(result: Extrapolation, runs: Sequence[str] | None) -> list[int]:
    ids = [str(run) for run in result.runs["run_id"]]
    able = [row for row in range(len(ids)) if result.runs["basis"].iloc[row] != "nothing"]
    if runs is None:
        if not able:
            raise ValueError("none of the runs has a forecast; `result.table['note']` says why.")
        return able[:_DEFAULT]
    runs = name_list("runs", runs, hint="Ids, of the column `run_id` of `result.table`.")
    if not 1 <= len(runs) <= _MOST:
        raise ValueError(f"`runs` names {len(runs)} runs to draw; give one to {_MOST} of them.")
    for run in runs:
        if run not in ids:
            raise ValueError(f"unknown run `{run}`; see the column `run_id` of `result.table`.")
        if ids.index(run) not in able:
            raise ValueError(f"run `{run}` has no forecast: {result.runs['note'].iloc[ids.index(run)]}.")
    return [ids.index(run) for run in runs]


def _named(rows: list[int], labels: Sequence[str] | None) -> list[str]:
    given = labels_option(labels, len(rows), "run")
    return [f"run {number + 1}" for number in range(len(rows))] if given is None else given


def _draw_seen(ax: Axes, result: Extrapolation, row: int, style: Look) -> None:
    mine = result.seen[result.seen["run_id"] == result.runs["run_id"].iloc[row]]
    ax.plot(mine["step"], mine["value"], **style.line(), zorder=4)


def _draw_forecast(ax: Axes, result: Extrapolation, row: int, style: Look, place: int, many: int) -> None:
    """Shade the way to the horizon; where only the horizon was asked for, a bar stands there, a little aside."""
    aside = 0.0 if many == 1 else place / (many - 1) - 0.5
    shade = 0.16 if many == 1 else 0.09
    about = result.runs.iloc[row]
    steps, low, high = result.steps[row].astype(float), result.low[row], result.high[row]
    if len(steps) == 1:
        steps = steps + 0.03 * aside * steps[-1]
        ax.vlines(steps, low, high, color=style.color, linewidth=2, alpha=0.75, zorder=3)
        ax.plot(steps, result.estimate[row], linestyle="none", marker="_", markersize=11, markeredgewidth=2.5,
                color=style.color, zorder=3)  # fmt: skip
    else:
        at = np.array([float(about["step"]), *steps])
        under, over = (np.array([float(about["last"]), *edge]) for edge in (low, high))
        ax.fill_between(at, under, over, color=style.color, alpha=shade, linewidth=0, zorder=1)
        for edge in (under, over):
            ax.plot(at, edge, color=style.color, linestyle=style.linestyle, linewidth=0.7, zorder=1)
    ax.plot(
        [float(about["step"]), *steps],
        [float(about["last"]), *result.estimate[row]],
        color=style.color,
        linestyle=(0, (1, 1.5)),
        linewidth=1.6 if len(steps) > 1 else 0.8,
        zorder=2,
    )


def _later(result: Extrapolation, row: int, actual: Runs | None) -> tuple[np.ndarray, np.ndarray]:
    about = result.runs.iloc[row]
    if actual is None or about["run_id"] not in actual.table.index:
        return np.empty(0), np.empty(0)
    mine = actual.evals[(actual.evals["run_id"] == about["run_id"]) & (actual.evals["step"] > about["step"])]
    return mine["step"].to_numpy(float), mine[result.value].to_numpy(float)


def _limits(ax: Axes, result: Extrapolation, rows: list[int], later: np.ndarray) -> bool:
    """Fit the axes to values and estimates; intervals much wider are cut off. Give whether any was."""
    ids = result.runs["run_id"].iloc[rows]
    seen = result.seen.loc[result.seen["run_id"].isin(ids), "value"].to_numpy(float)
    values = np.concatenate([seen, later, result.estimate[rows].ravel()])
    values = values[np.isfinite(values)]
    bottom, top = float(values.min()), float(values.max())
    reach = (top - bottom) or abs(top) or 1.0
    low, high = float(result.low[rows].min()), float(result.high[rows].max())
    bottom, top = min(bottom, max(low, bottom - _STRETCH * reach)), max(top, min(high, top + _STRETCH * reach))
    margin = 0.04 * (top - bottom or 1.0)
    ax.set_ylim(bottom - margin, top + margin)
    end = float(result.steps[rows].max())
    ax.set_xlim(0, 1.04 * end)
    return low < bottom or high > top


def _label(ax: Axes, result: Extrapolation, rows: list[int], looks: Sequence[Look], names: Sequence[str]) -> None:
    figure = ax.get_figure(root=True)
    points = 72 * ax.get_position().height * (figure.get_figheight() if figure is not None else 4.4)
    bottom, top = ax.get_ylim()
    ends = [float(np.clip((result.estimate[row, -1] - bottom) / (top - bottom), 0, 1)) for row in rows]
    for style, name, place in zip(looks, names, spread(ends, [1.45 * SMALL / points] * len(rows)), strict=True):
        sample = Line2D([1.02, 1.05, 1.08], [place] * 3, **style.line(), markevery=[1], transform=ax.transAxes)
        sample.set_clip_on(False)
        ax.add_artist(sample)
        ax.text(1.095, place, name, transform=ax.transAxes, va="center", fontsize=SMALL, color=style.ink)


def _basis(result: Extrapolation, rows: list[int]) -> str:
    found = dict.fromkeys(str(result.runs["basis"].iloc[row]) for row in rows)
    taught = result.reference.rpartition("; ")[0]
    return "; ".join(_BASES[one] + (f" ({taught})" if one == "reference" else "") for one in found)


def _sentences(result: Extrapolation, rows: list[int], has_actual: bool, cut_off: bool) -> list[str]:
    shape = "Shaded" if result.steps.shape[1] > 1 else "Bars"
    n = len(result.runs)
    sentences = [
        f"{len(rows)} of {n} runs." if n > 1 else "One run.",
        "Filled: evaluations seen." if not has_actual else "Filled: evaluations seen; open: what came.",
        f"{shape}: {100 * result.confidence:g} % interval of an evaluation, {_basis(result, rows)}.",
        "Dotted: to the median forecast." if result.steps.shape[1] == 1 else "Dotted: median forecast.",
    ]
    if cut_off:
        sentences.append("An interval runs off the figure.")
    return sentences
