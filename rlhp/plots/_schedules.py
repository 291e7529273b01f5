"""Schedules over training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from rlhp import schedules as all_schedules
from rlhp.arguments import text, whole
from rlhp.curves import schedule_label
from rlhp.plots._options import title_option
from rlhp.plots._style import SMALL, axes_for, dress, look, steps_axis
from rlhp.schedules import Schedule, Step

_POINTS = 1001


def schedule(
    schedules: Any,
    *,
    ax: Axes | None = None,
    steps: int | None = None,
    name: str = "value",
    title: str | None = None,
) -> Axes:
    """Draw one or more schedules over training.

    Parameters
    ----------
    schedules : schedule, sequence of schedules, or mapping of label to schedule
        Anything `rlhp.schedules.parse` reads counts as a schedule: a number is the constant one.
    ax : Axes, optional
        Where to draw; without, a new figure is made that a notebook shows.
    steps : int, optional
        Environment steps of training, for the x axis; without, it is the fraction of training.
    name : str
        What is scheduled, for the y axis: ``"epsilon"``, ``"learning rate"``.
    title : str, optional
        Stands above the axes.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If something is not a schedule, there is none, or `steps` is not positive.

    Examples
    --------
    >>> from rlhp import plots, schedules
    >>> ax = plots.schedule(schedules.Linear(1.0, 0.05, 0.5), steps=50_000, name="epsilon", ax=plots.new_axes())
    >>> ax.get_ylabel()
    'epsilon'
    """
    named = _named(schedules)
    _check_steps(steps)
    text("name", name)
    title_option(title)
    ax = axes_for(ax)
    progress = np.linspace(0.0, 1.0, _POINTS)
    at = progress * (steps or 1)
    handles = []
    for index, (label, shown) in enumerate(named):
        style = look(index)
        line = Line2D(
            at,
            shown(progress),
            **(style.line() | ({} if len(named) > 1 else {"marker": ""})),
            drawstyle="steps-post" if isinstance(shown, Step) else "default",
            markevery=(40 + 30 * index, 160),
            label=label,
        )
        handles.append(ax.add_line(line))
    values = np.concatenate([shown(progress) for _, shown in named])
    bottom, top = min(0.0, float(values.min())), max(0.0, float(values.max()))
    margin = 0.04 * ((top - bottom) or 1.0)
    ax.set_ylim(bottom - (margin if bottom < 0 else 0.0), top + margin)
    ax.set_xlim(0, at[-1])
    dress(ax)
    ax.set_ylabel(name)
    if steps is None:
        ax.set_xlabel("fraction of training")
    else:
        steps_axis(ax)
        ax.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))  # 12.5k and 15k would touch
    if title or len(named) == 1:
        ax.set_title(title or named[0][0], loc="left", fontsize=SMALL + 1.5)
    if len(named) > 1:
        ax.legend(
            handles=handles,
            loc="upper left",
            bbox_to_anchor=(1.01, 1.0),
            frameon=False,
            fontsize=SMALL,
            handlelength=3.6,
            borderaxespad=0,
        )
    return ax


def schedule_alt_text(schedules: Any, *, steps: int | None = None, name: str = "value") -> str:
    """Return in words what `schedule` draws: each schedule's value at the start, the quarters and the end of training.

    Examples
    --------
    >>> from rlhp.schedules import Linear
    >>> schedule_alt_text(Linear(1.0, 0.05, 0.5), steps=50_000, name="epsilon")
    'epsilon over 50,000 environment steps: linear 1 → 0.05 over 50 %: 1 at the start, 0.525 after a quarter, 0.05 half-way, 0.05 after three quarters, 0.05 at the end.'
    """  # noqa: E501
    named = _named(schedules)
    _check_steps(steps)
    text("name", name)
    moments = {
        0.0: "at the start",
        0.25: "after a quarter",
        0.5: "half-way",
        0.75: "after three quarters",
        1.0: "at the end",
    }
    parts = [
        f"{label}: " + ", ".join(f"{one(moment):.3g} {words}" for moment, words in moments.items())
        for label, one in named
    ]
    over = "training" if steps is None else f"{steps:,} environment steps"
    return f"{name} over {over}: {'; '.join(parts)}."


def _named(schedules: Any) -> list[tuple[str, Schedule]]:
    one_or_more = "Give a schedule, a list of them, or a mapping of labels to them, as `schedules`."
    try:
        named = _parsed(schedules)
    except ValueError as error:
        raise ValueError(f"{error} {one_or_more}") from error
    if not named:
        raise ValueError("`schedules` is empty; give at least one, such as schedules.Linear(1.0, 0.05, 0.5).")
    return named


def _parsed(schedules: Any) -> list[tuple[str, Schedule]]:
    if isinstance(schedules, Mapping) and "schedule" not in schedules:
        named = [(str(label), all_schedules.parse(one)) for label, one in schedules.items()]
    elif isinstance(schedules, Sequence) and not isinstance(schedules, str):
        parsed = [all_schedules.parse(one) for one in schedules]
        named = [(schedule_label(one), one) for one in parsed]
    else:
        one = all_schedules.parse(schedules)
        named = [(schedule_label(one), one)]
    return named


def _check_steps(steps: int | None) -> None:
    if steps is not None:
        whole("steps", steps, at_least=1, what="the environment steps of training, or None for a fraction")
