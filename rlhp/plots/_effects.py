"""How the score follows a hyperparameter, where an improvement comes from, and how importance moves while training."""

from __future__ import annotations

from numbers import Real

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from rlhp.arguments import choice, whole
from rlhp.importance import Importance, Importances
from rlhp.plots._importance import _sentences
from rlhp.plots._options import taken, title_option
from rlhp.plots._style import PALETTE, SMALL, TEXT, axes_for, caption, dress, look, spread, steps_axis

_TICKS = 5
_LINES = 6


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
    taken("imp", imp, Importance)
    title_option(title)
    choice("name", name, imp.names, kind="hyperparameter", where=imp.method)
    curve = imp.marginals(name)
    ax = axes_for(ax)
    ranged = bool(curve["low"].notna().all())
    levels = imp.measures[name] == "categorical" or len(curve) <= 12
    if levels:
        place = np.arange(len(curve))
        span = np.abs(curve[["low", "high"]].sub(curve["mean"], axis=0).to_numpy().T) if ranged else None
        ax.errorbar(place, curve["mean"], yerr=span, fmt="o", color=PALETTE[0], ecolor=TEXT, capsize=4, markersize=7)
        ax.set_xticks(place, [text(one) for one in curve["value"]], rotation=0 if len(curve) < 9 else 30)
        ax.set_xlim(-0.6, len(curve) - 0.4)
    else:
        ax.plot(curve["unit"], curve["mean"], color=PALETTE[0], linewidth=2, zorder=3)
        if ranged:
            ax.fill_between(curve["unit"], curve["low"], curve["high"], color=PALETTE[0], alpha=0.2, linewidth=0)
        ticks(ax, curve["unit"].to_numpy(), list(curve["value"]), "x")
        ax.set_xlim(-0.01, 1.01)
    dress(ax)
    ax.set_xlabel(name)
    ax.set_ylabel(f"{imp.objective} ({imp.unit})")
    held = "the others held" if imp.method == "local" else "the others averaged out"
    drawn = "Lines" if levels else "Band"
    around = f" {drawn}: {100 * imp.confidence:g} % interval at each value." if ranged else ""
    caption(ax, [f"Marginal of {name}, {held}.{around}", *_sentences(imp, interval=False)], title)
    return ax


def marginal_alt_text(imp: Importance, name: str) -> str:
    """Say in words what `marginal` draws."""
    taken("imp", imp, Importance)
    choice("name", name, imp.names, kind="hyperparameter", where=imp.method)
    curve = imp.marginals(name)
    if imp.alike is not None:
        return f"Marginal of {name} by {imp.method} on {imp.env_id}, a level line: {imp.alike_text}."
    best, worst = curve.iloc[int(curve["mean"].argmax())], curve.iloc[int(curve["mean"].argmin())]
    return (
        f"Marginal of {name} by {imp.method} on {imp.env_id}: {imp.objective} is highest, {best['mean']:.3g}, at "
        f"{text(best['value'])} and lowest, {worst['mean']:.3g}, at {text(worst['value'])}."
    )


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
    taken("imp", imp, Importance)
    title_option(title)
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
            ax.plot([row["score"]] * 2, [y - 0.7, y + 0.3], color="#8A8A8A", linewidth=0.9, zorder=1)
    if path["low"].notna().all():
        sign = 1.0 if up else -1.0
        ends = np.sort(np.stack([path["start_score"] + sign * path[side] for side in ("low", "high")]), axis=0)
        ax.hlines(place, ends[0], ends[1], color=TEXT, linewidth=1.3, zorder=3)
    dress(ax)
    ax.grid(visible=False, axis="y")
    ax.grid(axis="x", color="#E3E3E3", linewidth=0.8)
    ax.set_yticks(place, [f"{row['name']}: {text(row['before'])} → {text(row['after'])}" for _, row in path.iterrows()])
    ax.set_xlabel(f"{imp.objective} expected by the surrogate ({imp.unit})")
    said = [f"{imp.about[0].upper()}{imp.about[1:]}.", *_sentences(imp)]
    if (path["gain"] < 0).any():
        said.append("Hatched: a change for the worse.")
    caption(ax, said, title, room=0.6)
    return ax


def ablation_path_alt_text(imp: Importance) -> str:
    """Say in words what `ablation_path` draws."""
    taken("imp", imp, Importance)
    path = _path(imp)
    said = [f"{row['name']} from {text(row['before'])} to {text(row['after'])} gains {row['gain']:.3g}"
            for _, row in path.head(4).iterrows()]  # fmt: skip
    rest = f"; {len(path) - 4} more changes follow" if len(path) > 4 else ""
    ends = f"from {path['start_score'].iloc[0]:.3g} to {path['score'].iloc[-1]:.3g}"
    return f"Ablation path on {imp.env_id}, expected {imp.objective} {ends}: {'; '.join(said)}{rest}."


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
    taken("comparison", comparison, Importances)
    title_option(title)
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
    one = next(iter(comparison.results.values()))
    known = [result.r2 for result in comparison.results.values() if result.r2 is not None]
    said = [f"{one.method} of {one.objective} up to each step on {one.env_id}; {one.data_text}."]
    if known:
        said.append(f"Surrogates' R2 {min(known):.2f} to {max(known):.2f}; below {one.least_r2:g} nothing is drawn.")
    if table["low"].notna().any():
        said.append(f"Bands: {100 * one.confidence:g} % intervals at each step.")
    caption(ax, said, title)
    return ax


def importance_over_training_alt_text(comparison: Importances) -> str:
    """Say in words what `importance_over_training` draws."""
    taken("comparison", comparison, Importances)
    wide = _over_steps(comparison)
    one = next(iter(comparison.results.values()))
    said = []
    for name in wide.index[:4]:
        known = wide.loc[name].dropna()
        if len(known):
            ends = [f"{known.iloc[k]:.2f} at step {known.index[k]}" for k in (0, -1)]
            said.append(f"{name} from {ends[0]} to {ends[1]}")
    return (
        f"Importance over training by {one.method} on {one.env_id}: {'; '.join(said) or 'no step fitted well enough'}."
    )


def ticks(ax: Axes, unit: np.ndarray, values: list[object], side: str, count: int = _TICKS) -> None:
    """Label an axis of coordinates with the values there: round ones, if they are numbers and more than labels."""
    place = ax.set_xticks if side == "x" else ax.set_yticks
    if len(unit) > count and all(isinstance(value, Real) for value in values):
        numbers = np.asarray(values, dtype=float)
        if (np.diff(numbers) > 0).all():
            chosen = _round_numbers(unit, numbers, count)
            place(np.interp(chosen, numbers, unit), [f"{value:.10g}" for value in chosen])
            return
    at = np.unique(np.linspace(0, len(unit) - 1, min(count, len(unit))).round().astype(int))
    place(unit[at], [text(values[k]) for k in at])


def _round_numbers(unit: np.ndarray, numbers: np.ndarray, count: int) -> np.ndarray:
    """Choose the kind of round numbers that leaves the least of an axis without any.

    Powers of ten suit a logarithmic measure, what they leave to 1 a flipped one (a discount), equal steps a linear one.
    """
    powers = 10.0 ** np.arange(-9, 10)
    kinds = (
        powers,
        np.sort(np.outer(powers, (1.0, 2.0, 5.0)).ravel()),
        1.0 - powers[powers < 1][::-1],
        MaxNLocator(count, steps=[1, 2, 2.5, 5, 10]).tick_values(numbers[0], numbers[-1]),
    )
    chosen, least = numbers[[0, -1]], np.inf
    for kind in kinds:
        inside = kind[(kind >= numbers[0] * (1 - 1e-9)) & (kind <= numbers[-1] * (1 + 1e-9))]
        empty = np.diff(np.interp(inside, numbers, unit), prepend=unit[0], append=unit[-1]).max(initial=0.0)
        if 2 <= len(inside) <= count + 2 and empty < least:
            chosen, least = inside, empty
    return chosen


def text(value: object) -> str:
    """Write a value of a hyperparameter shortly: NaN is inactive, and None a level."""
    if isinstance(value, float) and np.isnan(value):
        return "inactive"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _path(imp: Importance) -> pd.DataFrame:
    if imp.path is None:
        raise ValueError(f"{imp.method} has no path; `importance.ablation` has.")
    _ = imp.table  # refuses where the surrogate knows too little
    if not len(imp.path):
        raise ValueError(f"this path has no step: {imp.alike_text}.")
    return imp.path


def _over_steps(comparison: Importances) -> pd.DataFrame:
    if comparison.by != "step":
        raise ValueError(f"this comparison is by {comparison.by}; `importance.over_training` gives one by step.")
    return comparison.shares
