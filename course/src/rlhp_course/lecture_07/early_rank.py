"""Exercise 07.early_rank. The rank correlation of an early look with the end, judged by other seeds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import stats

from rlhp.exercises import expect
from rlhp.exercises.declare import checks, exercise

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def _picture(ax: Axes) -> str:
    """Draw ranks that agree a little, with made-up numbers."""
    rng = np.random.default_rng(1)
    early = rng.normal(size=40)
    late = 0.6 * early + rng.normal(size=40)
    ax.plot(stats.rankdata(early), stats.rankdata(late), "o", markersize=4)
    ax.set(xlabel="rank after some steps, by some seeds", ylabel="rank at the end, by the other seeds")
    return "A dot for each of 40 made-up configurations: its rank early against its rank at the end, loosely rising."


exercise(
    "07.early_rank",
    title="The rank correlation, judged by others",
    hints=(
        "Early: `curves[:, :n_ranking, at].mean(axis=1)`, one number for each configuration.",
        "At the end: the seeds from `n_ranking` on, and the last evaluation, `-1`.",
        "`scipy.stats.spearmanr(early, late).statistic` is Spearman's rank correlation; `float(...)` of it.",
    ),
    picture=_picture,
)

# Six configurations, four seeds, three evaluations: every mistake below gives another number.
_CURVES = np.random.default_rng(19).normal(size=(6, 4, 3)).cumsum(axis=2).round(1)


def _of(first: np.ndarray, second: np.ndarray) -> float:
    return float(stats.spearmanr(first, second).statistic)


_EARLY, _LATE = _CURVES[:, :2, 1].mean(axis=1), _CURVES[:, 2:, -1].mean(axis=1)
_MISTAKES = (
    (_of(_EARLY, _CURVES[:, :2, -1].mean(axis=1)), "The seeds that rank judge as well: take the *other* seeds."),
    (_of(_EARLY, _CURVES[:, :, -1].mean(axis=1)), "All seeds judge, those that rank among them: leave these out."),
    (float(np.corrcoef(_EARLY, _LATE)[0, 1]), "That is Pearson's correlation of the values, not of their ranks."),
    (_of(_EARLY, _CURVES[:, 2:, 1].mean(axis=1)), "The judges look at the same early moment: they judge the end."),
    (_of(_CURVES[:, :2, -1].mean(axis=1), _LATE), "Both look at the end: rank at the evaluation with the index `at`."),
    (_of(_CURVES[:, :2, 0].mean(axis=1), _LATE), "One evaluation too early: `at` is an index, counted from 0."),
    (_of(_CURVES[:, 0, 1], _LATE), "Only the first seed ranks: the mean over the first `n_ranking` seeds."),
    (_of(_CURVES[:, :2, :2].mean(axis=(1, 2)), _LATE), "Ranked by the mean over all evaluations up to `at`."),
    (-_of(_EARLY, _LATE), "The sign is turned round: both ranks must count in the same direction."),
)  # fmt: skip


@checks("07.early_rank", "ranks with some seeds and judges with the others", weight=2)
def _split(answer: Any) -> None:
    expect.close(
        answer(_CURVES.copy(), 1, 2),
        _of(_EARLY, _LATE),
        "The rank correlation of six configurations, two of four seeds at the second of three evaluations",
        mistakes=_MISTAKES,
    )


@checks("07.early_rank", "sees ranks only")
def _ranks(answer: Any) -> None:
    curves = np.arange(5.0)[:, None, None] + np.zeros((5, 3, 2))
    curves[:, :, 1] = np.exp(2 * curves[:, :, 1])
    expect.close(answer(curves, 0, 1), 1.0, "The same order early and late, in very different numbers: the correlation")
