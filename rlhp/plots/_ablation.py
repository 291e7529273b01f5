"""Where an improvement comes from: the way from one configuration to another, a bar a change."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from rlhp.curves import number_label
from rlhp.importance import Importance
from rlhp.plots._importance import importance_sentences
from rlhp.plots._options import taken
from rlhp.plots._style import PALETTE, RULE, TEXT, axes_for, caption, dress, number_axis
from rlhp.plots._values import value_text
from rlhp.plots._words import objective_words, score_words


def ablation_path(imp: Importance, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Draw the way from the start to the end, a bar a change, with the interval of each gain.

    Parameters
    ----------
    imp : Importance
        From `rlhp.importance.ablation`.
    ax, title
        As for `marginal`.

    Raises
    ------
    ValueError
        If the result has no path.
    """
    taken("imp", imp, Importance, title=title)
    path = _path(imp)
    ax = axes_for(ax)
    place = np.arange(len(path))[::-1]
    up = imp.direction == "maximize"
    for y, (_, row) in zip(place, path.iterrows(), strict=True):
        better = row["gain"] >= 0
        color, hatch = (PALETTE[0], "") if better else (PALETTE[1], "///")
        ax.barh(y, row["score"] - row["start_score"], left=row["start_score"], height=0.6, color=color, alpha=0.85,
                hatch=hatch, edgecolor="white", zorder=2)  # fmt: skip
        if y:
            ax.plot([row["score"]] * 2, [y - 0.7, y + 0.3], color=RULE, linewidth=0.9, zorder=1)
    if path["low"].notna().all():
        sign = 1.0 if up else -1.0
        ends = np.sort(np.stack([path["start_score"] + sign * path[side] for side in ("low", "high")]), axis=0)
        ax.hlines(place, ends[0], ends[1], color=TEXT, linewidth=1.3, zorder=3)
    dress(ax, "x")
    changes = [(row["name"], value_text(row["before"]), value_text(row["after"])) for _, row in path.iterrows()]
    ax.set_yticks(place, [f"{name}: {before} → {after}" for name, before, after in changes])
    number_axis(ax.xaxis, f"expected {score_words(imp.objective, imp.unit)}")
    said = [f"{imp.about[0].upper()}{imp.about[1:]}.", *importance_sentences(imp)]
    if (path["gain"] < 0).any():
        said.append("Hatched: a change for the worse.")
    caption(ax, said, title, beside=[label.get_text() for label in ax.get_yticklabels()])
    return ax


def ablation_path_alt_text(imp: Importance) -> str:
    """Return in words what `ablation_path` draws."""
    taken("imp", imp, Importance)
    path = _path(imp)
    said = [
        f"{row['name']} from {value_text(row['before'])} to {value_text(row['after'])} gains "
        f"{number_label(float(row['gain']))}"
        for _, row in path.head(4).iterrows()
    ]
    rest = f"; {len(path) - 4} more changes follow" if len(path) > 4 else ""
    first, last = (number_label(float(end)) for end in (path["start_score"].iloc[0], path["score"].iloc[-1]))
    ends = f"{objective_words(imp.objective)} from {first} to {last}"
    return f"Ablation path on {imp.env_id}, expected {ends}: {'; '.join(said)}{rest}."


def _path(imp: Importance) -> pd.DataFrame:
    if imp.path is None:
        raise ValueError(f"{imp.method} has no path; `importance.ablation` has.")
    _ = imp.table  # refuses where the surrogate knows too little
    if not len(imp.path):
        raise ValueError(f"this path has no step: {imp.alike_text}.")
    return imp.path
