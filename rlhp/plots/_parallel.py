"""Every configuration as a line over all hyperparameters that vary."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Literal

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from matplotlib.colors import ListedColormap, Normalize

from rlhp.arguments import whole
from rlhp.importance import Importance, Study
from rlhp.plots._coordinates import CoordinateAxis, coordinate_axes
from rlhp.plots._interactive import backend_option, parallel_figure
from rlhp.plots._options import taken
from rlhp.plots._style import QUIET, RULE, SIZE, SMALL, axes_for, caption, dress, dress_bar
from rlhp.plots._text import shortened, text_width
from rlhp.plots._values import value_text
from rlhp.plots._words import objective_words, score_words
from rlhp.spaces import decode

# Without the yellow end, which white paper swallows; the best is the farthest from the page.
_SCORES = ListedColormap(colormaps["viridis"](np.linspace(0.0, 0.9, 256)), name="scores")
_WORST_FIRST = {1.0: _SCORES.reversed(), -1.0: _SCORES}
_INCHES = 0.95  # an axis needs, for names and values that do not touch


def parallel(
    study: Study,
    *,
    best: int = 10,
    order: Importance | None = None,
    backend: Literal["matplotlib", "plotly"] = "matplotlib",
    ax: Axes | None = None,
    title: str | None = None,
) -> Any:
    """Draw every configuration as a line over all hyperparameters that vary, coloured by its score.

    Parameters
    ----------
    study : Study
        From `rlhp.importance.scored`.
    best : int
        How many of the best are drawn strong.
    order : Importance, optional
        Of the same hyperparameters: the most important one comes first. By default they keep the order of the space.
    backend : {"matplotlib", "plotly"}
        "plotly" makes a figure whose axes can be brushed and moved; it needs no network.
    ax : Axes, optional
        Where to draw; without, a new figure is made that a notebook shows, as wide as the axes need.
    title : str, optional

    Returns
    -------
    Axes
        Or a plotly ``Figure``.

    Raises
    ------
    ValueError
        If no hyperparameter varies.
    PoorFitError
        If `order` knows too little to rank.
    ImportError
        If plotly is asked for and not installed.

    Examples
    --------
    >>> from rlhp import Runs, importance, plots, spaces
    >>> space = spaces.subspace(spaces.default("dqn"), ["learning_rate", "gamma"])
    >>> configs = spaces.sample(space, 16, method="sobol", rng=0)
    >>> study = importance.scored(Runs.from_table(configs, configs["gamma"]), space, "final_return", failures="raise")
    >>> ax = plots.parallel(study, ax=plots.new_axes())
    >>> [label.get_text() for label in ax.get_xticklabels()]
    ['gamma', 'learning_rate']
    """
    taken("study", study, Study, title=title)
    whole("best", best, at_least=1)
    backend_option(backend, ax)
    axes, constant = coordinate_axes(study, order)
    what = f"{len(study.y):,} configurations on {study.env_id}"
    strong = f"; the best {min(best, len(study.y))} are drawn strong" if backend == "matplotlib" else ""
    sentences = [f"{what}{strong}. Colour: the score, by the bar."]
    if constant:
        sentences.append(f"Always the same: {', '.join(constant)}.")
    if any((axis.height < 0).any() for axis in axes):
        sentences.append("Below the axes: inactive.")
    if backend == "plotly":
        label = score_words(study.objective, study.unit_text)
        return parallel_figure(axes, study.y, label, study.sign < 0, title or " ".join(sentences))
    ax = axes_for(ax, (max(SIZE[0], _INCHES * (len(axes) + 1.5)), SIZE[1]))
    _lines(ax, study, axes, best)
    _name(ax, axes)
    caption(ax, sentences, title, beside=[axes[0].name[: len(axes[0].name) // 2]])
    return ax


def parallel_alt_text(study: Study, *, best: int = 10) -> str:
    """Return in words what `parallel` draws: between which values the best configurations lie."""
    taken("study", study, Study)
    whole("best", best, at_least=1)
    first = np.argsort(-study.sign * study.y, kind="stable")[:best]
    parts = []
    for j, name in enumerate(study.names):
        known = study.unit[first, j][~np.isnan(study.unit[first, j])]
        if len(known):
            bottom, top = (value_text(end) for end in decode(study.space[name], np.array([known.min(), known.max()])))
            parts.append(f"{name} {bottom} to {top}" if bottom != top else f"{name} {bottom}")
    return (
        f"Parallel coordinates of {len(study.y)} configurations on {study.env_id}; the best {len(first)} by "
        f"{objective_words(study.objective)} have {', '.join(parts)}."
    )


def _lines(ax: Axes, study: Study, axes: list[CoordinateAxis], best: int) -> None:
    """Draw the worst first, so that the best lie on top, and the scale of the scores where the lines end."""
    order = np.argsort(study.sign * study.y, kind="stable")
    low, high = float(study.y.min()), float(study.y.max())
    norm, shades = Normalize(low, high if high > low else low + 1), _WORST_FIRST[study.sign]
    x = np.arange(len(axes))
    height = np.column_stack([axis.height for axis in axes])
    if len(axes) == 1:  # a line needs two ends
        x, height = np.array([0.0, 0.5]), np.repeat(height, 2, axis=1)
    lines = [np.column_stack([x, one]) for one in height]
    rest, first = order[:-best], order[-best:]
    faint = float(np.clip(60 / len(lines), 0.06, 0.45))
    for chosen, width, alpha, above in ((rest, 0.7, faint, 1), (first, 1.9, 0.95, 3)):
        ax.add_collection(
            LineCollection(
                [lines[k] for k in chosen], array=study.y[chosen], cmap=shades, norm=norm, linewidths=width,
                alpha=alpha, zorder=above,
            )
        )  # fmt: skip
    wide = max(1.0, len(axes) / 6)  # of many axes each is narrow, and what is written beside the last one needs room
    bar = ax.inset_axes((x[-1] + 0.35 * wide, 0.0, 0.12 * wide, 1.0), transform=ax.transData)
    figure = ax.get_figure(root=True)
    if figure is not None:
        dress_bar(figure.colorbar(ScalarMappable(norm, shades), cax=bar), score_words(study.objective, study.unit_text))
    ax.set_xlim(-0.35, x[-1] + 0.55 * wide)
    ax.set_ylim(-0.2 if (height < 0).any() else -0.07, 1.07)


def _name(ax: Axes, axes: list[CoordinateAxis]) -> None:
    dress(ax, "none")
    x = np.arange(len(axes))
    ax.vlines(x, 0, 1, color=RULE, linewidth=0.9, zorder=2)
    ax.spines[:].set_visible(False)
    ax.set_yticks([])
    ax.tick_params(axis="x", length=0)
    figure = ax.get_figure(root=True)
    width = 72 * ax.get_position().width * (figure.get_figwidth() if figure is not None else SIZE[0])
    room = width / (len(axes) + 0.6)
    ends = [max(text_width(text, SMALL - 1) for text in axis.texts) for axis in axes]
    # Where neighbours would touch, every other one moves a line further out.
    step = SMALL + 1 if any((a + b) / 2 > 0.95 * room for a, b in pairwise(ends)) else 0
    names = [axis.name for axis in axes]
    turned: dict[str, Any] = {"rotation": 30, "ha": "right", "rotation_mode": "anchor"}
    fits = all(text_width(name, SMALL + 0.5) < 0.95 * room for name in names)
    ax.set_xticks(x, names, **({} if fits else turned))
    if step:
        low, high = ax.get_ylim()
        ax.set_ylim(low - 0.05, high + 0.05)
    ground = {"facecolor": "white", "edgecolor": "none", "alpha": 0.9, "pad": 0.6}
    for place, axis in zip(x, axes, strict=True):
        away = 4 + step * (place % 2)
        for height, label in zip(axis.places, axis.texts, strict=True):
            outside = {0.0: (0, -away, "center", "top"), 1.0: (0, away, "center", "bottom")}
            right, up, ha, va = outside.get(height, (4, 0, "left", "center"))
            text = shortened(label, 0.9 * room, SMALL - 1)
            ax.annotate(
                text, (place, height), xytext=(right, up), textcoords="offset points", ha=ha, va=va, zorder=4,
                fontsize=SMALL - 1, color=QUIET, bbox=ground,
            )  # fmt: skip
