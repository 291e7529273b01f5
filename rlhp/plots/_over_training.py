"""How importance moves while training: a line a hyperparameter, with its interval."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from rlhp.arguments import whole
from rlhp.importance import Importances
from rlhp.plots._options import taken
from rlhp.plots._style import SMALL, axes_for, caption, dress, look, spread, steps_axis
from rlhp.plots._words import objective_words

_LINES = 6


def importance_over_training(
    comparison: Importances, *, top: int = _LINES, ax: Axes | None = None, title: str | None = None
) -> Axes:
    """Draw how shares move while training, with their intervals; gaps are where the fit was too poor to say.

    Parameters
    ----------
    comparison : Importances
        From `rlhp.importance.over_training`.
    top : int
        Lines at most, those with the largest mean share.
    ax, title
        As for `marginal`.

    Raises
    ------
    ValueError
        If the comparison is not over steps.
    """
    taken("comparison", comparison, Importances, title=title)
    whole("top", top, at_least=1)
    wide = _over_steps(comparison)
    table = comparison.table.assign(step=lambda frame: frame["step"].astype(int))
    ax = axes_for(ax)
    names = list(wide.index[:top])
    steps = wide.columns.astype(int).to_numpy()
    for index, name in enumerate(names):
        rows = table[table["name"] == name].set_index("step").loc[steps]
        style = look(index)
        ax.plot(steps, rows["share"], **style.line(), label=name, zorder=3)
        if rows["low"].notna().any():
            ax.fill_between(steps, rows["low"], rows["high"], color=style.color, alpha=0.12, linewidth=0)
    dress(ax)
    steps_axis(ax)
    ax.set_ylabel("share")
    ax.set_ylim(bottom=0)
    ends = [float(wide.loc[name].dropna().iloc[-1]) if wide.loc[name].notna().any() else 0.0 for name in names]
    top_end = ax.get_ylim()[1]
    for index, (name, y) in enumerate(
        zip(names, spread([end / top_end for end in ends], [0.055] * len(names)), strict=True)
    ):
        style = look(index)
        ax.annotate(name, (1.0, y), xytext=(8, 0), xycoords="axes fraction", textcoords="offset points", va="center",
                    fontsize=SMALL, color=style.ink)  # fmt: skip
    first = next(iter(comparison.results.values()))
    known = [result.r2 for result in comparison.results.values() if result.r2 is not None]
    sentences = [
        f"{first.method} of {objective_words(first.objective)} up to each step on {first.env_id}; {first.data_text}."
    ]
    if known:
        sentences.append(
            f"Surrogates' R2 {min(known):.2f} to {max(known):.2f}; below {first.least_r2:g} nothing is drawn."
        )
    if table["low"].notna().any():
        sentences.append(f"Bands: {100 * first.confidence:g} % intervals at each step.")
    caption(ax, sentences, title)
    return ax


def importance_over_training_alt_text(comparison: Importances) -> str:
    """Return in words what `importance_over_training` draws."""
    taken("comparison", comparison, Importances)
    wide = _over_steps(comparison)
    first = next(iter(comparison.results.values()))
    parts = []
    for name in wide.index[:4]:
        known = wide.loc[name].dropna()
        if len(known):
            ends = [f"{known.iloc[k]:.2f} at step {int(known.index[k]):,}" for k in (0, -1)]
            parts.append(f"{name} from {ends[0]} to {ends[1]}")
    told = "; ".join(parts) or "no step fitted well enough"
    return f"Importance over training by {first.method} on {first.env_id}: {told}."


def _over_steps(comparison: Importances) -> pd.DataFrame:
    if comparison.by != "step":
        raise ValueError(f"this comparison is by {comparison.by}; `importance.over_training` gives one by step.")
    return comparison.shares
