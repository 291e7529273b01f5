"""Pairs of hyperparameters: where the good configurations lie in every plane, and along every axis."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib import colormaps
from numpy.typing import NDArray

from rlhp.arguments import real, whole
from rlhp.importance import Importance, Study
from rlhp.plots._coordinates import ordered_names
from rlhp.plots._options import taken
from rlhp.plots._style import FONT, PALETTE, QUIET, RULE, SMALL, TEXT, dress, dress_bar, style
from rlhp.plots._text import broken_name, shortened
from rlhp.plots._values import value_text
from rlhp.plots._words import objective_words, score_words
from rlhp.spaces import DISCRETE, decode, levels_of

_INCHES = 1.7  # a panel


def pairs(
    study: Study, *, top: int = 4, order: Importance | None = None, best: float = 0.2, title: str | None = None
) -> NDArray[Any]:
    """Draw configurations over every pair of hyperparameters, and how the best ones are spread along each.

    Parameters
    ----------
    study : Study
        From `rlhp.importance.scored`.
    top : int
        Hyperparameters at most.
    order : Importance, optional
        Of the same hyperparameters: the most important ones are drawn. By default the first of the space.
    best : float
        Which share of the configurations counts as the best, on the diagonal.
    title : str, optional

    Returns
    -------
    array of Axes, [k, k]
        On a figure of their own; `to_png` takes any of them for the whole figure.

    Raises
    ------
    ValueError
        If fewer than two hyperparameters vary.
    PoorFitError
        If `order` knows too little to rank.

    Examples
    --------
    >>> from rlhp import Runs, importance, plots, spaces
    >>> space = spaces.subspace(spaces.default("dqn"), ["learning_rate", "gamma"])
    >>> configs = spaces.sample(space, 16, method="sobol", rng=0)
    >>> study = importance.scored(Runs.from_table(configs, configs["gamma"]), space, "final_return", failures="raise")
    >>> plots.pairs(study).shape
    (2, 2)
    """
    taken("study", study, Study, title=title)
    whole("top", top, at_least=2, at_most=12)
    real("best", best, above=0, below=1)
    names = _varying(study, order)[:top]
    import matplotlib.pyplot as plt  # only here: importing it picks a backend
    import seaborn  # and this takes a second

    k = len(names)
    with style():
        size = (_INCHES * k + 1.3, _INCHES * k + 0.9)
        figure, grid = plt.subplots(k, k, figsize=size, layout="constrained", sharex="col")
        table = pd.DataFrame({name: study.unit[:, study.names.index(name)] for name in names})
        order_of = np.argsort(study.sign * study.y, kind="stable")
        good = np.zeros(len(study.y), dtype=bool)
        good[order_of[-max(1, round(best * len(good))) :]] = True
        table["among"] = np.where(good, "the best", "the others")
        for i, down in enumerate(names):
            for j, across in enumerate(names):
                ax = grid[i, j]
                if j > i:
                    ax.set_visible(False)
                elif i == j:
                    seaborn.histplot(
                        table, x=across, hue="among", hue_order=["the others", "the best"], bins=10, binrange=(0, 1),
                        palette=[RULE, PALETTE[0]], stat="density", common_norm=False, element="step", alpha=0.25,
                        linewidth=1.2, legend=False, ax=ax,
                    )  # fmt: skip
                else:
                    shown = ax.scatter(
                        table[across].iloc[order_of], table[down].iloc[order_of], c=study.y[order_of], edgecolor="none",
                        cmap=colormaps["viridis"], s=float(np.clip(3000 / len(table), 4, 26)), alpha=0.85,
                    )  # fmt: skip
                _dress(ax, study, across, down, i, j, k)
        bar = figure.colorbar(shown, ax=grid[:, -1].tolist(), shrink=0.7, pad=0.02)
    dress_bar(bar, score_words(study.objective, study.unit_text))
    sentences = (
        f"{len(study.y)} configurations on {study.env_id}. Diagonal: blue, the best {100 * best:g} %; grey, the others."
    )
    # Below, and the title above: over the first panel they would widen it.
    figure.supxlabel(sentences, x=0.01, ha="left", fontsize=SMALL, color=QUIET)
    if title:
        figure.suptitle(title, x=0.01, ha="left", fontsize=FONT + 2, fontweight="bold", color=TEXT)
    return np.asarray(grid)


def pairs_alt_text(study: Study, *, top: int = 4, order: Importance | None = None, best: float = 0.2) -> str:
    """Return in words what `pairs` draws: between which values the best configurations lie."""
    taken("study", study, Study)
    whole("top", top, at_least=2, at_most=12)
    real("best", best, above=0, below=1)
    names, parts = _varying(study, order)[:top], []
    first = np.argsort(-study.sign * study.y, kind="stable")[: max(1, round(best * len(study.y)))]
    for name in names:
        unit = study.unit[first, study.names.index(name)]
        known = unit[~np.isnan(unit)]
        if len(known):
            low, high = (value_text(end) for end in decode(study.space[name], np.quantile(known, [0.25, 0.75])))
            parts.append(f"{name} {low} to {high}")
    return (
        f"Pairs of {len(names)} hyperparameters, {len(study.y)} configurations on {study.env_id}; the middle half of "
        f"the best {100 * best:g} % by {objective_words(study.objective)} has {', '.join(parts)}."
    )


def _varying(study: Study, order: Importance | None) -> list[str]:
    names = ordered_names(study, order)
    columns = {name: study.unit[:, study.names.index(name)] for name in names}
    varying = [name for name, unit in columns.items() if len(np.unique(unit[~np.isnan(unit)])) > 1]
    if len(varying) < 2:
        raise ValueError(f"{len(varying)} hyperparameter of `study` varies; a pair needs two.")
    return varying


def _dress(ax: Any, study: Study, across: str, down: str, i: int, j: int, k: int) -> None:
    dress(ax, "none")
    ax.set(xlim=(-0.04, 1.04), xlabel="", ylabel="")
    if i != j:
        ax.set_ylim(-0.04, 1.04)
    for side, name, outer in (("x", across, i == k - 1), ("y", down, j == 0 and i > 0)):
        places, texts = _ends(study, name)
        where = ax.xaxis if side == "x" else ax.yaxis
        if side == "y" and i == j:
            where.set_ticks([])
        elif outer:
            room = 72 * _INCHES / (len(texts) if side == "x" else 2)
            where.set_ticks(places, [shortened(one, room, SMALL - 1) for one in texts], fontsize=SMALL - 1)
            where.label.set(text=broken_name(name, 60 * _INCHES, FONT - 1), fontsize=FONT - 1)
        else:
            where.set_tick_params(labelleft=False, labelbottom=False, length=0)
    if i == j and i == 0:
        ax.set_ylabel(broken_name(across, 60 * _INCHES, FONT - 1), fontsize=FONT - 1)


def _ends(study: Study, name: str) -> tuple[list[float], list[str]]:
    """Return two or three places of an axis and the values there."""
    hp = study.space[name]
    if isinstance(hp, DISCRETE):
        levels, edges = levels_of(hp)
        chosen = sorted({0, len(levels) // 2, len(levels) - 1})
        return [float(edges[at] + edges[at + 1]) / 2 for at in chosen], [value_text(levels[at]) for at in chosen]
    places = [0.0, 0.5, 1.0]
    return places, [value_text(one) for one in decode(hp, np.array(places))]
