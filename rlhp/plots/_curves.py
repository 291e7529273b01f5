"""Learning curves over many runs, with the single runs behind and the uncertainty around."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from rlhp.arguments import choice, flag
from rlhp.curves import CurveGroup, CurveSummary, number_label
from rlhp.plots._options import labels_option, looks_option, range_option, taken
from rlhp.plots._style import SIZE, SMALL, TEXT, Look, axes_for, caption, dress, look, number_axis, spread, steps_axis
from rlhp.plots._text import shortened
from rlhp.plots._words import column_words

_BANDS = ("simultaneous", "pointwise", "none")
# Above so many runs lines become a solid block, and quantiles of the runs say more.
_MOST_RUNS = 60
# Ends of the ribbons, from the outer one in; of more groups than `_MOST_RIBBONS` the inner one, and none under bands.
_RIBBONS = ((0.05, 0.95), (0.25, 0.75))
_MOST_RIBBONS = 2
# Share of the data's range by which a band may stretch the y axis; beyond that it runs off the figure.
_BAND_STRETCH = 0.15
# Share of the axis from which on the end of a curve is joined to its name.
_NEAR = 0.9
# Names beside the lines: letters a line, and the smallest size in points where there are many.
_LETTERS, _SMALLEST = 26, 6.5


def curves(
    summary: CurveSummary,
    *,
    ax: Axes | None = None,
    seeds: bool = True,
    band: Literal["simultaneous", "pointwise", "none"] = "simultaneous",
    title: str | None = None,
    labels: Sequence[str] | None = None,
    looks: Sequence[int] | None = None,
    ylim: tuple[float, float] | None = None,
    until: float | None = None,
) -> Axes:
    """Draw learning curves with their uncertainty.

    Parameters
    ----------
    summary : CurveSummary
        From `rlhp.curves.iqm` or `rlhp.curves.mean`.
    ax : Axes, optional
        Where to draw; without, a new figure is made that a notebook shows.
    seeds : bool
        Draw the single runs faintly behind; a cross marks where a run ended without finishing. Above 60 runs ribbons
        stand for them: the middle half and the middle 90 % of the runs at each step. Of three groups or more these are
        left out where bands are drawn.
    band : {"simultaneous", "pointwise", "none"}
        What is shaded: the band that covers whole curves (compare curves anywhere), the interval of each step by
        itself (read one step chosen beforehand), or nothing.
    title : str, optional
        Stands over the line that names statistic, n and interval.
    labels : sequence of str, optional
        What to call the groups, in their order; by default their hyperparameter values.
    looks : sequence of int, optional
        Which `look` each group has, so that it keeps its colour where others come and go; by default 0, 1, ...
    ylim : (float, float), optional
        Lowest and highest value the axis must show, so that several figures share one scale; by default the curves'
        own.
    until : float, optional
        Step up to which the axis goes, where training is to go on; by default the last one that was evaluated.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If `band` is unknown or there are not as many labels or looks as groups.

    Examples
    --------
    >>> from rlhp import Runs, curves, plots
    >>> runs = Runs.from_table([{}] * 5, [1, 2, 3, 4, 5], seeds=range(5))
    >>> ax = plots.curves(curves.iqm(runs, rng=0), ax=plots.new_axes())
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('environment steps', 'undiscounted return')
    """
    taken("summary", summary, CurveSummary, title=title)
    choice("band", band, _BANDS)
    flag("seeds", seeds)
    labels = labels_option(labels, len(summary.groups), "group")
    ylim = range_option("ylim", ylim)
    ax = axes_for(ax)
    fresh = not ax.has_data()
    styles = [look(place) for place in looks_option(looks, len(summary.groups), "group")]
    runs_drawn = sum(group.n for group in summary.groups)
    shade = 0.2 if len(summary.groups) <= 2 else 0.14 if len(summary.groups) <= 4 else 0.08
    ribbons = _ribbons(summary, band) if seeds else ()
    many = _too_many(summary)
    for group, style in zip(summary.groups, styles, strict=True):
        if ribbons:
            _draw_ribbons(ax, group, style, ribbons)
        elif seeds and group.n > 1 and not many:
            _draw_runs(ax, group, style, alpha=float(np.clip(6 / runs_drawn, 0.12, 0.38)))
        if band != "none":
            _draw_band(ax, group, style, band, alpha=shade)
    for index, (group, style) in enumerate(zip(summary.groups, styles, strict=True)):
        _draw_line(ax, group, style, index)
    dress(ax)
    steps_axis(ax)
    number_axis(ax.yaxis, column_words(summary.value))
    cut_off = False
    if fresh:
        cut_off = _limits(ax, summary, seeds, band, ylim, until)
    names = list(labels) if labels is not None else _short_labels(summary)
    if len(summary.groups) > 1 or labels is not None or summary.by:
        header = summary.by[0] if labels is None and len(summary.by) == 1 else None
        _label_lines(ax, summary.groups, styles, names, header)
    caption(ax, _sentences(summary, seeds, band, cut_off), title)
    return ax


def alt_text(summary: CurveSummary) -> str:
    """Return in words what `curves` draws: statistic, n, interval, and where each curve ends.

    Of more than six groups the highest and the lowest are named.

    Examples
    --------
    >>> from rlhp import Runs, curves
    >>> runs = Runs.from_table([{}] * 5, [1, 2, 3, 4, 5], seeds=range(5), steps=1000)
    >>> for part in alt_text(curves.mean(runs, rng=0)).split(", ", 1):
    ...     print(part)
    Learning curve: mean undiscounted return of n = 5 runs
    ending at 3 (95 % interval 0.732 to 5.27) after 1,000 environment steps.
    """
    taken("summary", summary, CurveSummary)
    groups = summary.groups
    plural = "s" if len(groups) > 1 else ""
    grouped = f" by {' and '.join(summary.by)}" if summary.by else ""
    head = f"Learning curve{plural}{grouped}: {summary.statistic} {column_words(summary.value)}"
    head += f" of {summary.runs_text}"
    if len(groups) == 1 and not groups[0].label:
        parts = [f"ending at {_end(groups[0], summary)} after {groups[0].steps[-1]:,} environment steps"]
    else:
        order = sorted(groups, key=lambda group: -group.estimate[-1])
        named = list(groups) if len(groups) <= 6 else [order[0], order[-1]]
        which = [""] * len(named) if len(groups) <= 6 else ["highest, ", "lowest, "]
        parts = [
            f"{extreme}{group.label} ends at {_end(group, summary)}"
            for extreme, group in zip(which, named, strict=True)
        ]
        lasts = sorted({int(group.steps[-1]) for group in groups})
        after = f"{lasts[0]:,}" + (f" to {lasts[-1]:,}" if len(lasts) > 1 else "")
        parts[0] = f"after {after} environment steps: {parts[0]}"
    if any(group.n_unfinished for group in groups):
        parts.append(summary.failures_text)
    return f"{head}, " + "; ".join(parts) + "."


def _end(group: CurveGroup, summary: CurveSummary) -> str:
    text = number_label(float(group.estimate[-1]))
    if np.isnan(group.low[-1]):
        return f"{text} (too few runs for an interval)"
    low, high = (number_label(float(end)) for end in (group.low[-1], group.high[-1]))
    return f"{text} ({100 * summary.confidence:g} % interval {low} to {high})"


def _draw_runs(ax: Axes, group: CurveGroup, style: Look, alpha: float) -> None:
    for curve, seen in zip(group.curves, group.observed, strict=True):
        ax.plot(
            group.steps[seen],
            curve[seen],
            color=style.color,
            alpha=alpha,
            linewidth=0.8,
            marker="o" if seen.sum() == 1 else "",
            markersize=4,
            zorder=1.5,
        )
        if not seen.all() and seen.any():
            last = np.flatnonzero(seen)[-1]
            ax.plot(group.steps[last], curve[last], "x", color=style.color, markersize=6, zorder=2.5)


def _too_many(summary: CurveSummary) -> bool:
    """Whether the lines of single runs would be a block."""
    one_step = all(len(group.steps) == 1 for group in summary.groups)
    return not one_step and sum(group.n for group in summary.groups) > _MOST_RUNS


def _ribbons(summary: CurveSummary, band: str) -> tuple[tuple[float, float], ...]:
    """Return the ends of the ribbons that stand for the runs: none where these can be seen one by one, or bands lie."""
    if not _too_many(summary):
        return ()
    if len(summary.groups) <= _MOST_RIBBONS:
        return _RIBBONS
    return _RIBBONS[-1:] if band == "none" else ()


def _draw_ribbons(ax: Axes, group: CurveGroup, style: Look, ribbons: tuple[tuple[float, float], ...]) -> None:
    for ends in ribbons:
        low, high = group.quantiles(ends)
        ax.fill_between(group.steps, low, high, color=style.color, alpha=0.1, linewidth=0, zorder=1.5)


def _draw_band(ax: Axes, group: CurveGroup, style: Look, band: str, alpha: float) -> None:
    low, high = _edges(group, band)
    if np.isnan(low).all():
        return
    if len(group.steps) == 1:
        ax.vlines(group.steps, low, high, color=style.color, linewidth=2, zorder=2)  # one step: nothing to shade along
        return
    ax.fill_between(group.steps, low, high, color=style.color, alpha=alpha, linewidth=0, zorder=2)
    for edge in (low, high):
        ax.plot(group.steps, edge, color=style.color, linestyle=style.linestyle, linewidth=0.6, alpha=0.5, zorder=2)


def _draw_line(ax: Axes, group: CurveGroup, style: Look, index: int) -> None:
    every = max(1, len(group.steps) // 8)
    ax.plot(
        group.steps,
        group.estimate,
        **style.line(),
        markevery=((index * every // 3) % every, every),
        label=group.label or "all runs",
        zorder=3,
    )


def _edges(group: CurveGroup, band: str) -> tuple[Any, Any]:
    """Return the edges of what is shaded; where there is one step only, its interval is all there is to cover."""
    if band == "simultaneous" and len(group.steps) > 1:
        return group.band_low, group.band_high
    return group.low, group.high


def _limits(
    ax: Axes,
    summary: CurveSummary,
    seeds: bool,
    band: str,
    ylim: tuple[float, float] | None,
    until: float | None,
) -> bool:
    """Fit the axes to the curves; a band much wider than they are is cut off. Give whether it was."""
    drawn = [group.estimate for group in summary.groups]
    if seeds and _too_many(summary):
        drawn += [group.quantiles(ends) for group in summary.groups for ends in _ribbons(summary, band)[:1]]
    elif seeds:
        drawn += [group.curves[group.observed] for group in summary.groups]
    low = min(float(np.min(values)) for values in drawn if len(values))
    high = max(float(np.max(values)) for values in drawn if len(values))
    span = (high - low) or abs(high) or 1.0
    bottom, top, cut_off = low, high, False
    if band != "none":
        edges = [_edges(group, band) for group in summary.groups]
        lowest = min((float(np.nanmin(lo)) for lo, _ in edges if not np.isnan(lo).all()), default=low)
        highest = max((float(np.nanmax(hi)) for _, hi in edges if not np.isnan(hi).all()), default=high)
        bottom = min(low, max(lowest, low - _BAND_STRETCH * span))
        top = max(high, min(highest, high + _BAND_STRETCH * span))
    if ylim is not None:
        bottom, top = ylim
    if band != "none":
        cut_off = lowest < bottom or highest > top
    margin = 0.03 * (top - bottom or 1.0)
    ax.set_ylim(bottom - margin, top + margin)
    first = min(int(group.steps[0]) for group in summary.groups)
    last: float = max(int(group.steps[-1]) for group in summary.groups)
    start = 0 if first <= 0.2 * last or first == last else first
    if until is not None:
        start, last = 0, until
    ax.set_xlim(start - 0.005 * (last - start), last + 0.02 * (last - start or 1))
    return cut_off


def _short_labels(summary: CurveSummary) -> list[str]:
    """Leave the hyperparameter's name to the heading when there is one only; say n where it differs."""
    differ = len({group.n for group in summary.groups}) > 1
    names = []
    for group in summary.groups:
        name = group.label.removeprefix(f"{summary.by[0]} = ") if len(summary.by) == 1 else group.label
        names.append(f"{name} (n = {group.n})" if differ else name)
    return names


def _label_lines(
    ax: Axes, groups: Sequence[CurveGroup], looks: Sequence[Look], names: Sequence[str], header: str | None
) -> None:
    """Write each name at the right, with a sample of its line, in the order in which the lines end."""
    figure = ax.get_figure(root=True)
    points = 72 * ax.get_position().height * (figure.get_figheight() if figure is not None else SIZE[1])
    texts = ["\n".join(textwrap.wrap(name, _LETTERS)) for name in names]
    size, apart = SMALL, 1.45
    if apart * size * sum(text.count("\n") + 1 for text in texts) > points:  # one line each, as small as can be read
        texts, apart = [shortened(name, 0.6 * _LETTERS * SMALL, SMALL) for name in names], 1.25
        size = min(SMALL, max(points / (apart * (len(texts) + 1)), _SMALLEST))
    heights = [apart * size * (text.count("\n") + 1) / points for text in texts]
    bottom, top = ax.get_ylim()
    ends = [float(np.clip((group.estimate[-1] - bottom) / (top - bottom), 0, 1)) for group in groups]
    # The highest name keeps below the caption: of two lines the second half of the first one would reach into it.
    room = 1 - (max(heights) - min(apart * size / points, max(heights))) / 2
    places = [room * at for at in spread([min(end / room, 1.0) for end in ends], [one / room for one in heights])]
    left, right = ax.get_xlim()
    for group, style, text, place in zip(groups, looks, texts, places, strict=True):
        # From a curve that ends early the line to its name would cross the axes and look like more of the curve.
        if group.steps[-1] >= left + _NEAR * (right - left):
            ax.annotate(
                "",
                (group.steps[-1], group.estimate[-1]),
                xytext=(1.025, place),
                textcoords="axes fraction",
                arrowprops={"arrowstyle": "-", "color": style.color, "linewidth": 0.7, "alpha": 0.6, "shrinkA": 0},
                annotation_clip=False,
                zorder=1,
            )
        sample = Line2D(
            [1.025, 1.055, 1.085], [place] * 3, **style.line(), markevery=[1], transform=ax.transAxes, clip_on=False
        )
        ax.add_artist(sample)
        ax.text(1.1, place, text, transform=ax.transAxes, va="center", fontsize=size, color=style.ink)
    if header:
        above = max(place + height for place, height in zip(places, heights, strict=True))
        ax.text(1.025, above, header, transform=ax.transAxes, va="center", fontsize=SMALL, color=TEXT, weight="bold")


def _sentences(summary: CurveSummary, seeds: bool, band: str, cut_off: bool) -> list[str]:
    sentences = [f"{summary.statistic} over {summary.runs_text}."]
    level = f"{100 * summary.confidence:g} %"
    one_step = all(len(group.steps) == 1 for group in summary.groups)
    missing = all(np.isnan(group.low).all() for group in summary.groups)
    along = band == "simultaneous" and not one_step
    if band == "none":
        pass
    elif missing:
        sentences.append("No interval: fewer than 3 runs.")
    elif along:
        cut = f", {summary.limits_text}" if summary.limits_text else ""
        sentences.append(f"Shaded: {level} simultaneous band (sup-t{cut}).")
    else:
        methods = "; ".join(dict.fromkeys(group.method for group in summary.groups))
        sentences.append(f"{'Bar' if one_step else 'Shaded'}: {level} interval at each step ({methods}).")
    if cut_off:
        sentences.append(f"The {'band' if along else 'interval'} runs off the figure.")
    ribbons, many = _ribbons(summary, band) if seeds else (), _too_many(summary)
    if ribbons:
        inside = " and ".join(f"{100 * (high - low):.0f} %" for low, high in reversed(ribbons))
        sentences.append(f"Ribbon{'s' * (len(ribbons) > 1)}: the middle {inside} of the runs at each step.")
    elif seeds and many:
        sentences.append(
            f"The single runs are not drawn: {sum(group.n for group in summary.groups):,} would be a block."
        )
    elif seeds and max(group.n for group in summary.groups) > 1:
        sentences.append("Dots: single runs." if one_step else "Thin: single runs.")
    if summary.failures == "drop" or any(group.n_unfinished for group in summary.groups):
        text = summary.failures_text
        crossed = seeds and not many and summary.failures != "drop"
        sentences.append(f"× {text}." if crossed else f"{text[0].upper()}{text[1:]}.")
    return sentences
