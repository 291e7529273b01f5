"""Main effects and interactions of two, as shades with their numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

from rlhp.arguments import whole
from rlhp.importance import BETWEEN, Importance
from rlhp.plots._importance import NOTHING, importance_sentences
from rlhp.plots._options import taken
from rlhp.plots._style import PALETTE, SMALL, axes_for, caption, dress

_FEWEST = 3  # hyperparameters that are shown, whatever their shares
SHADES = LinearSegmentedColormap.from_list("share", ["#FFFFFF", "#A9CCE3", PALETTE[0], "#00304D"])


def heat_map(imp: Importance, *, top: int = 8, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Draw main effects on the diagonal and interactions of two beside it, as shades with their numbers.

    Parameters
    ----------
    imp : Importance
        From `rlhp.importance.fanova` with order 2 or 3.
    top : int
        Hyperparameters at most, those with the largest total (or main) shares. Those with nothing that would be
        written as more than 0.00 are left out, but the caption counts them.
    ax, title
        As for `importance`.

    Raises
    ------
    ValueError
        If there are no interactions.
    """
    taken("imp", imp, Importance, title=title)
    whole("top", top, at_least=1)
    matrix = _matrix(imp)
    told = matrix.abs().max(axis=1) >= NOTHING
    kept = matrix.index[told | (np.arange(len(matrix)) < _FEWEST)]
    hidden = len(matrix) - len(kept)
    matrix = matrix.loc[kept[:top], kept[:top]]
    ax = axes_for(ax)
    import seaborn  # only here: importing it takes a second

    names = list(matrix.index)
    above = np.triu(np.ones(matrix.shape, dtype=bool), 1)
    largest = float(matrix.to_numpy()[~above].max()) or 1.0
    seaborn.heatmap(
        matrix, mask=above, vmin=0, vmax=largest, cmap=SHADES, annot=True, fmt=".2f", annot_kws={"fontsize": SMALL},
        linewidths=1.5, cbar=False, ax=ax,
    )  # fmt: skip
    for label in ax.texts:
        if label.get_position()[0] == label.get_position()[1]:
            label.set_fontweight("bold")
    ax.set_xticks(np.arange(len(names)) + 0.5, names, rotation=30, ha="right", rotation_mode="anchor")
    ax.set_yticks(np.arange(len(names)) + 0.5, names, rotation=0)
    dress(ax, "none")
    ax.spines[:].set_visible(False)
    ax.set(xlabel="", ylabel="")
    ax.tick_params(length=0)
    diagonal = "Diagonal: main effects; below: interactions of two."
    said = [diagonal, *importance_sentences(imp, interval=False)]
    if hidden:
        said.append(f"{hidden} hyperparameters with nothing above {NOTHING:g} are not shown.")
    caption(ax, said, title, beside=names)
    return ax


def heat_map_alt_text(imp: Importance) -> str:
    """Return in words what `heat_map` draws."""
    taken("imp", imp, Importance)
    pairs = imp.shares("interaction")
    pairs = pairs[pairs.index.str.count(BETWEEN) == 1].sort_values(ascending=False, kind="stable")
    main = imp.shares("main").sort_values(ascending=False, kind="stable")
    return (
        f"Heat map of main effects and interactions by {imp.method} on {imp.env_id}: the largest main effect is "
        f"{main.index[0]} with {main.iloc[0]:.2f}, the largest interaction {pairs.index[0]} with {pairs.iloc[0]:.2f}; "
        f"all interactions of two add up to {pairs.sum():.2f}."
    )


def _matrix(imp: Importance) -> pd.DataFrame:
    kinds = {kind for kind, _ in imp.terms}
    pairs = imp.shares("interaction") if "interaction" in kinds else None
    if pairs is None:
        raise ValueError(f"{imp.method} has no interactions here; ask `importance.fanova` with order=2.")
    main = imp.shares("main")
    order = list(imp.shares("total" if "total" in kinds else "main").sort_values(ascending=False, kind="stable").index)
    names = [name for name in order if name in main.index]
    matrix = pd.DataFrame(0.0, index=names, columns=names)
    for a in names:
        matrix.loc[a, a] = main[a]
        for b in names:
            for key in (f"{a}{BETWEEN}{b}", f"{b}{BETWEEN}{a}"):
                if key in pairs.index:
                    matrix.loc[a, b] = pairs[key]
    return matrix
