"""Algorithms in one plane: what each reaches when tuned for each environment, and how much of that is the tuning."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from rlhp.arguments import choice
from rlhp.importance import SensitivityPlane
from rlhp.plots._options import taken
from rlhp.plots._style import RULE, SMALL, TEXT, axes_for, caption, dress, look


def sensitivity_plane(
    plane: SensitivityPlane, *, reference: str | None = None, ax: Axes | None = None, title: str | None = None
) -> Axes:
    """Draw performance against sensitivity, a point an algorithm, with intervals, and lines through a reference.

    Above the level line an algorithm reaches more than the reference when tuned for each environment; left of the
    upright one it needs less tuning. Along the slanted one a single setting for all does as well as the reference's:
    below it, more was gained by tuning than by the algorithm.

    Parameters
    ----------
    plane : SensitivityPlane
        From `rlhp.importance.sensitivity_plane`.
    reference : str, optional
        Label of the algorithm through which the lines go; by default the first.
    ax : Axes, optional
    title : str, optional

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If `reference` names no algorithm of the plane.

    Examples
    --------
    >>> from rlhp import Runs, importance, plots
    >>> from rlhp.runs import concat
    >>> configs = [{"gamma": gamma} for gamma in (0.8, 0.9, 0.99)]
    >>> runs = concat([Runs.from_table(configs, scores, env_id=env, algorithm=algorithm)
    ...     for algorithm, env, scores in [("dqn", "A-v0", [0, 6, 9]), ("dqn", "B-v0", [9, 6, 0]),
    ...                                    ("ppo", "A-v0", [2, 7, 3]), ("ppo", "B-v0", [1, 8, 2])]])
    >>> plane = importance.sensitivity_plane(runs, rng=0, normalize=(0, 9), n_boot=0)
    >>> plots.sensitivity_plane(plane, ax=plots.new_axes()).get_xlabel()
    'sensitivity: what one setting for all loses'
    """
    taken("plane", plane, SensitivityPlane, title=title)
    table = plane.table
    rows = table.set_index("algorithm")
    named = _reference(plane, reference)
    ax = axes_for(ax)
    ranged = bool(table[["low", "performance_low"]].notna().all(axis=None))
    x, y = plane.results[named].sensitivity, plane.results[named].per_environment
    for draw, at in ((ax.axhline, y), (ax.axvline, x)):
        draw(at, color=RULE, linewidth=0.9, linestyle=(0, (1, 2)), zorder=1)
    ax.axline((x, y), slope=1.0, color=RULE, linewidth=1.1, linestyle=(0, (4, 2)), zorder=1)
    for index, (label, row) in enumerate(rows.iterrows()):
        style = look(index)
        if ranged:
            ax.hlines(row["performance"], row["low"], row["high"], color=style.color, linewidth=1.3, zorder=2)
            ax.vlines(
                row["sensitivity"], row["performance_low"], row["performance_high"], color=style.color, linewidth=1.3,
                zorder=2,
            )  # fmt: skip
        ax.plot(row["sensitivity"], row["performance"], marker=style.marker, color=style.color, markersize=9,
                markeredgecolor="white", linestyle="none", zorder=3)  # fmt: skip
        ax.annotate(
            str(label), (row["sensitivity"], row["performance"]), xytext=(8, 6), textcoords="offset points",
            fontsize=SMALL + 0.5, color=style.ink, zorder=4,
        )  # fmt: skip
    ends = rows[["sensitivity", "low", "high"] if ranged else ["sensitivity"]].to_numpy(dtype=float)
    room = 0.12 * (float(np.nanmax(ends)) or 1.0)
    ax.set_xlim(-room / 2, float(np.nanmax(ends)) + room)
    dress(ax)
    ax.set_xlabel("sensitivity: what one setting for all loses")
    ax.set_ylabel("score with a setting for each environment")
    ax.tick_params(labelcolor=TEXT)
    sentences = [
        f"{plane.said[0].upper()}{plane.said[1:]}.",
        f"Slanted: one setting for all does as well as {named}'s.",
    ]
    if ranged:
        one = next(iter(plane.results.values()))
        sentences.append(f"Lines: {100 * one.confidence:g} % intervals, settings resampled.")
    caption(ax, sentences, title)
    return ax


def sensitivity_plane_alt_text(plane: SensitivityPlane, *, reference: str | None = None) -> str:
    """Return in words what `sensitivity_plane` draws: where each algorithm lies, and on which side of the reference.

    Raises
    ------
    ValueError
        As `sensitivity_plane`.
    """
    taken("plane", plane, SensitivityPlane)
    rows = plane.table.set_index("algorithm")
    named = _reference(plane, reference)
    parts = []
    for label, row in rows.iterrows():
        text = f"{label} reaches {row['performance']:.2f} and loses {row['sensitivity']:.2f}"
        if label != named:
            more = row["cross_environment"] - rows.loc[named, "cross_environment"]
            than = "better than" if more > 0 else "worse than" if more < 0 else "as well as"
            text += f", with one setting for all {than} {named}"
        parts.append(text)
    return f"Performance against sensitivity to tuning, {plane.said}: {'; '.join(parts)}."


def _reference(plane: SensitivityPlane, asked: str | None) -> str:
    labels = list(plane.results)
    return labels[0] if asked is None else choice("reference", asked, labels, kind="algorithm", where="`reference`")
