"""How the score follows one hyperparameter."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from rlhp.arguments import choice
from rlhp.curves import number_label
from rlhp.importance import Importance
from rlhp.plots._importance import importance_sentences
from rlhp.plots._options import taken
from rlhp.plots._style import PALETTE, TEXT, axes_for, caption, dress, number_axis
from rlhp.plots._values import ticks, value_text
from rlhp.plots._words import objective_words, score_words


def marginal(imp: Importance, name: str, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Draw how the score depends on one hyperparameter, with its interval; the axis is even by the declared measure.

    Parameters
    ----------
    imp : Importance
        From `rlhp.importance.fanova` (the others averaged out) or `rlhp.importance.local` (the others held).
    name : str
        The hyperparameter.
    ax : Axes, optional
    title : str, optional

    Returns
    -------
    Axes

    Raises
    ------
    PoorFitError, ValueError
        As `Importance.marginals`.
    """
    taken("imp", imp, Importance, title=title)
    choice("name", name, imp.names, kind="hyperparameter", where=imp.method)
    curve = imp.marginals(name)
    ax = axes_for(ax)
    ranged = bool(curve["low"].notna().all())
    levels = imp.measures[name] == "categorical" or len(curve) <= 12
    if levels:
        place = np.arange(len(curve))
        span = np.abs(curve[["low", "high"]].sub(curve["mean"], axis=0).to_numpy().T) if ranged else None
        ax.errorbar(place, curve["mean"], yerr=span, fmt="o", color=PALETTE[0], ecolor=TEXT, capsize=4, markersize=7)
        ax.set_xticks(place, [value_text(one) for one in curve["value"]], rotation=0 if len(curve) < 9 else 30)
        ax.set_xlim(-0.6, len(curve) - 0.4)
    else:
        ax.plot(curve["unit"], curve["mean"], color=PALETTE[0], linewidth=2, zorder=3)
        if ranged:
            ax.fill_between(curve["unit"], curve["low"], curve["high"], color=PALETTE[0], alpha=0.2, linewidth=0)
        ticks(ax, curve["unit"].to_numpy(), list(curve["value"]), "x")
        ax.set_xlim(-0.01, 1.01)
    dress(ax)
    ax.set_xlabel(name)
    number_axis(ax.yaxis, score_words(imp.objective, imp.unit))
    held = "the others held" if imp.method == "local" else "the others averaged out"
    drawn = "Lines" if levels else "Band"
    around = f" {drawn}: {100 * imp.confidence:g} % interval at each value." if ranged else ""
    caption(ax, [f"Marginal of {name}, {held}.{around}", *importance_sentences(imp, interval=False)], title)
    return ax


def marginal_alt_text(imp: Importance, name: str) -> str:
    """Return in words what `marginal` draws."""
    taken("imp", imp, Importance)
    choice("name", name, imp.names, kind="hyperparameter", where=imp.method)
    curve = imp.marginals(name)
    if imp.alike is not None:
        return f"Marginal of {name} by {imp.method} on {imp.env_id}, a level line: {imp.alike_text}."
    best, worst = curve.iloc[int(curve["mean"].argmax())], curve.iloc[int(curve["mean"].argmin())]
    high, low = (f"{number_label(float(row['mean']))}, at {value_text(row['value'])}" for row in (best, worst))
    return (
        f"Marginal of {name} by {imp.method} on {imp.env_id}: the {objective_words(imp.objective)} is highest, {high} "
        f"and lowest, {low}."
    )
