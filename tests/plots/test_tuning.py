"""Figures of tuning: brackets before and after, and searches side by side."""

from __future__ import annotations

import math

import numpy as np
import pytest
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_rgba

from rlhp import hpo, plots
from rlhp.hpo.plans._ladders import brackets_of

TERMS = hpo.Terms(steps=900, seeds=2)


def caption(ax) -> str:
    return ax.get_title(loc="left").replace("\n", " ")


def bars(ax) -> list[tuple[float, float, float]]:
    """Give x, width and height of each rectangle."""
    return [(bar.get_x(), bar.get_width(), bar.get_height()) for bar in ax.patches]


def test_a_planned_block_is_as_large_as_what_its_rung_spends() -> None:
    planned = hpo.brackets(hpo.Hyperband(), TERMS)
    ax = plots.brackets(planned, ax=plots.new_axes())
    assert [round(width * height) for _, width, height in bars(ax)] == planned.table["env_steps"].tolist()
    assert [text.get_text() for text in ax.texts][:2] == ["9 · 100 × 2", "3 · 300 × 2"]
    assert "13,800 steps in all" in caption(ax)
    assert plots.brackets_alt_text(planned).startswith(
        "Brackets as they are planned, Hyperband(eta=3, ratio=9, over='steps', batch=1): bracket 0: 9 for 100 steps "
        "with 2 seeds, then 3 for 300 steps with 2 seeds, then 1 for 900 steps with 2 seeds; bracket 1: "
    )


def test_what_is_measured_decides_a_race() -> None:
    planned = hpo.brackets("race", TERMS)
    ax = plots.brackets(planned, ax=plots.new_axes())
    assert [text.get_text() for text in ax.texts] == ["? · 450 × 1", "? · 900 × 1", "? · 900 × 2"]
    assert [width for _, width, _ in bars(ax)] == [450, 450, 900]
    assert "bracket 0: some for 450 steps with 1 seed" in plots.brackets_alt_text(planned)


def test_a_block_lower_than_a_line_of_text_has_its_numbers_below() -> None:
    ax = plots.brackets(hpo.brackets(hpo.SuccessiveHalving(n=27, eta=3, ratio=27), TERMS), ax=plots.new_axes())
    (widest, *_, lowest), (first, *_, last) = ax.patches, ax.texts
    assert last.get_position()[1] < lowest.get_y()
    assert widest.get_y() < first.get_position()[1] < widest.get_y() + widest.get_height()


def trial(number: int, *scores: float, bracket: int = 0) -> hpo.Trial:
    """Make a trial that climbed one rung of halving per score."""
    rungs = [hpo.Measured(steps, 2, (score, score)) for steps, score in zip((100, 300, 900), scores, strict=False)]
    return hpo.Trial(number, bracket, {"gamma": 0.9}, tuple(rungs))


@pytest.fixture
def ran():
    trials = [trial(0, 1.0), trial(1, 5.0, 4.0, 9.0), trial(2, 3.0, 2.0), trial(3, math.nan)]
    return brackets_of(trials, hpo.SuccessiveHalving(n=4, eta=2, ratio=9), TERMS, 1, "final_return")


def test_who_came_far_stands_on_top_and_every_row_is_as_long_as_it_was_trained(ran) -> None:
    ax = plots.brackets(ran, ax=plots.new_axes())
    assert [(x, width) for x, width, _ in bars(ax)] == [
        (0, 200), (200, 400), (600, 1200),  # trial 1
        (0, 200), (200, 400),  # trial 2
        (0, 200), (0, 200),  # trials 0 and 3
    ]  # fmt: skip
    star = next(line for line in ax.lines if line.get_marker() == "*")
    assert star.get_xdata()[0] == 1800
    cross = next(line for line in ax.lines if line.get_marker() == "X")
    assert (cross.get_xdata()[0], cross.get_ydata()[0]) == (200, -3.5)
    assert [text.get_text() for text in ax.texts] == ["4 · 100 × 2", "2 · 300 × 2", "1 · 900 × 2"]
    assert caption(ax) == (
        "A row a configuration: 4 began, 1 came to the end (900 steps × 2 seeds); 2,800 steps. "
        "Numbers over a rung: configurations · steps × seeds. "
        "Star: the one that was taken, at 9 in the search. Cross: failed (1)."
    )


def test_shades_are_scores_and_what_failed_has_none(ran) -> None:
    ax = plots.brackets(ran, ax=plots.new_axes())
    shades = [bar.get_facecolor() for bar in ax.patches]
    assert len(set(shades[:-1])) == 6  # six different scores
    assert shades[-1] == to_rgba("#8A8A8A")


def test_brackets_that_ran_in_words(ran) -> None:
    assert plots.brackets_alt_text(ran).startswith(
        "Brackets after they ran, SuccessiveHalving(n=4, eta=2, ratio=9, over='steps', batch=1): bracket 0: 4 for 100 "
        "steps with 2 seeds, then 2 for 300 steps"
    )


@pytest.fixture(scope="module")
def progress():
    many = {
        plan: [hpo.replay("sac_pendulum", budget=400_000, searcher="random", plan=plan, rng=k) for k in range(3)]
        for plan in ("full", "race")
    }
    return hpo.progress(many, points=5)


def test_progress_is_its_table(progress) -> None:
    ax = plots.search_progress(progress, ax=plots.new_axes())
    drawn = {line.get_label(): line for line in ax.lines}
    for label in ("full", "race"):
        rows = progress.table[progress.table["label"] == label]
        np.testing.assert_array_equal(drawn[label].get_xydata(), rows[["env_steps", "score"]])
    assert len([one for one in ax.collections if isinstance(one, PolyCollection)]) == 2
    assert caption(ax).startswith("Mean of the incumbents over 3 repetitions, judged by the scores by which")
    said = plots.search_progress_alt_text(progress)
    last = progress.last.loc["race"]
    assert f"after {int(last['env_steps']):,}" in said
    assert "mean of 3 repetitions" in said


def test_a_distribution_of_searches_says_that_it_is_one(progress) -> None:
    ax = plots.edf(progress.edf(), ax=plots.new_axes())
    assert ax.get_ylabel() == "searches at or below"
    assert "n = 3 searches each." in caption(ax)
