"""What a landscape shows, in sentences and tables for those who do not see it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from rlhp.curves import number_label
from rlhp.importance import LEAST_R2, Landscape, Surrogate
from rlhp.plots import value_text
from rlhp.widgets.background._training import seeds
from rlhp.widgets.frame._markup import table

__all__ = ["cell_of", "grid_table", "others_table", "sentence", "trust"]

_CELLS = 5  # rows and columns of the table


def sentence(land: Landscape, rest: str) -> str:
    """Return what the picture shows: the range, and where the best is."""
    if land.alike is not None:
        return f"{land.objective} on {land.env_id} over {land.x.name} and {land.y.name}, {rest}: {land.fit_text}."
    first, second, score = land.best
    at = cell_of(land)
    return (
        f"{land.objective} on {land.env_id} over {land.x.name} and {land.y.name}, {rest}: the surrogate gives "
        f"{number_label(float(np.nanmin(land.mean)))} to {number_label(float(np.nanmax(land.mean)))}. Best: "
        f"{number_label(score)} at {land.x.name} {value_text(first)} and {land.y.name} {value_text(second)}, where its "
        f"trees differ by {number_label(float(land.spread[at]), 2)} (one standard deviation)."
    )


def trust(land: Landscape, model: Surrogate, doubt: float) -> str:
    """Return what the picture stands on, how well it predicts, and how much of it is doubtful or forbidden."""
    study = model.study
    predicted = f"of configurations that it has not seen it predicts R2 = {land.r2:.2f} of the differences"
    said = [
        f"It stands on {land.n_configs} configurations, {seeds(study.n_seeds)} each; "
        f"{predicted if land.alike is None else land.fit_text}."
    ]
    if land.r2 < LEAST_R2:
        said.append("That is too little: do not read the shape, look at the measured points.")
    if study.n_failed:
        said.append(f"{study.n_failed} runs failed or diverged; they count by the policy “{study.failures}”.")
    known = ~np.isnan(land.mean)
    unsure = float((land.spread[known] > doubt).mean())
    if unsure:
        said.append(
            f"In {100 * unsure:.0f} % of the picture the trees differ by more than {number_label(doubt, 2)}, which is "
            "what configurations differ among themselves: a guess. Hatched from above."
        )
    if not known.all():
        said.append(f"{100 * float((~known).mean()):.0f} % of the picture is no part of the space: grey.")
    return " ".join(said)


def grid_table(land: Landscape) -> str:
    """Return the landscape at a few values of both, each with its spread, as an HTML table; the top row is the top."""
    across, along = _some(len(land.x.unit)), _some(len(land.y.unit))[::-1]
    heads = [f"{land.y.name} ↓ {land.x.name} →", *(value_text(land.x.values[i]) for i in across)]
    rows = [[value_text(land.y.values[k]), *(_cell(land, i, k) for i in across)] for k in along]
    return table(heads, rows, named=True)


def others_table(shown: Landscape, lands: Mapping[str, Landscape]) -> str:
    """Say for every environment where the best of the same picture lies, and what this picture's best scores there."""
    at = cell_of(shown)
    heads = ["the same picture on", f"best {shown.x.name}", f"best {shown.y.name}", "score there",
             f"score at the best of {shown.env_id}"]  # fmt: skip
    rows = []
    for env_id, land in lands.items():
        if np.isnan(land.mean).all():
            continue
        first, second, score = land.best
        here = "none" if np.isnan(land.mean[at]) else number_label(float(land.mean[at]))
        rows.append([env_id, value_text(first), value_text(second), number_label(score), here])
    return table(heads, rows, named=True)


def cell_of(land: Landscape) -> tuple[int, int]:
    """Return the place of the best point in `mean`."""
    first, second, _ = land.best
    return land.x.values.index(first), land.y.values.index(second)


def _cell(land: Landscape, i: int, k: int) -> str:
    if np.isnan(land.mean[i, k]):
        return "none"
    return f"{number_label(float(land.mean[i, k]))} ± {number_label(float(land.spread[i, k]), 2)}"


def _some(count: int) -> list[int]:
    return [int(k) for k in np.unique(np.linspace(0, count - 1, min(count, _CELLS)).round())]
