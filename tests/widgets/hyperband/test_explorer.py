"""The explorer of brackets: who goes on, whether the best one does, and how often, over many searches."""

from __future__ import annotations

import re

import numpy as np
import pytest
from matplotlib.collections import LineCollection

from rlhp import hpo, plots
from rlhp.curves import wilson
from rlhp.widgets import HyperbandExplorer
from rlhp.widgets.hyperband._picture import HEIGHT, draw_search
from rlhp.widgets.hyperband._searches import Measured
from rlhp.widgets.hyperband._setting import Setting

PENDULUM, GRID = "PPO on Pendulum-v1", "DQN on MiniGrid-Empty-5x5-v0"
HALVING = Setting(PENDULUM, "successive_halving", "steps", 4, 16, 3, 60)


@pytest.fixture(scope="module")
def pendulum() -> Measured:
    return Measured("ppo_pendulum")


@pytest.fixture
def brackets(make, monkeypatch):
    monkeypatch.setattr("rlhp.widgets.frame._figure.png", lambda draw, **_: b"")  # the drawing has its own test
    return lambda *pools, **options: make(
        HyperbandExplorer, pools or ("ppo_pendulum",), **{"prediction": None, "repetitions": 4, **options}
    )


def test_the_truly_best_is_told_by_seeds_that_no_search_saw(pendulum) -> None:
    one = pendulum.search(HALVING, 0)
    pool = hpo.pool("ppo_pendulum")
    scores = pool.curves[:, 3:, -1].mean(axis=1)
    places = [pool.place(trial.configuration) for trial in one.found.trials]
    scores = np.where(np.isnan(scores), np.nanmin(scores), scores)
    np.testing.assert_allclose(one.truth, scores[places])
    assert one.best == int(np.argmax(scores[places]))
    assert one.found.judging.tuning == (0, 1, 2)
    assert one.kept == (one.found.trials[one.best].last.steps == pool.pauses[-1])
    assert not one.kept


def test_whoever_reaches_the_cap_is_a_best_one() -> None:
    pole = Measured("ppo_cartpole")
    one = pole.search(Setting(pole.label, "successive_halving", "steps", 4, 16, 1, 30), 0)
    assert one.kept == (one.winners & one.ended).any()
    assert one.winners.sum() > 1
    assert (one.truth[one.winners] >= one.found.cap.score).all()


def test_searches_are_counted_with_the_interval_of_a_share(brackets) -> None:
    one = brackets(repetitions=6)
    one.plan = "race"
    one.start()
    one.wait(60)
    count = one.count
    again = [one.pools[PENDULUM].search(one.setting, seed) for seed in range(6)]
    assert (count.n, count.kept, count.took) == (6, sum(x.kept for x in again), sum(x.took for x in again))
    assert count.worth == pytest.approx(np.mean([x.worth_taken for x in again]))
    low, high = wilson(np.array([count.kept / 6]), 6, 0.95)
    assert f"in {count.kept} of 6 (95 % interval {100 * low[0]:.0f} to {100 * high[0]:.0f} %) searches, and" in one.text
    assert one.status == "ready: 6 of 6 searches are counted"
    assert one.start_button.disabled


def test_stop_ends_the_count_and_keeps_what_there_is(brackets) -> None:
    one = brackets(repetitions=500)
    one.start()
    assert not one.stop_button.disabled
    one.stop_button.click()
    one.wait(30)
    assert 1 <= one.count.n < 500
    assert "500 are to come in all" in one.text
    assert one.status.startswith("stopped, because you pressed Stop")
    assert not one.start_button.disabled


def test_every_control_changes_what_is_searched(brackets) -> None:
    one = brackets("ppo_pendulum", "dqn_minigrid_empty")
    seen = [one.setting]
    moves = {"environment": GRID, "plan": "asha", "over": "both", "eta": 3, "ratio": 9, "seeds": 2, "budget": 30}
    for trait, value in moves.items():
        one.controls[trait].value = value
        assert getattr(one, trait) == value
        seen.append(one.setting)
        assert one.error == ""
    assert len(set(seen)) == len(seen)
    assert one.shown.found.plan == hpo.Asha(eta=3, ratio=9, over="both", batch=8)
    assert one.shown.found.terms.budget == 30 * 15_000
    assert len(one.shown.found.judging.tuning) == 2
    before = one.shown
    one.controls["number"].value = 3
    assert one.shown.found.rng == 2
    assert before.found.rng == 0


def test_what_a_plan_does_not_read_is_off_and_makes_no_other_setting(brackets) -> None:
    one = brackets()
    one.plan = "race"
    off = {name for name, control in one.controls.items() if control.disabled}
    assert off == {"over"}
    kept = one.setting
    one.over = "seeds"
    assert one.setting == kept
    one.plan = "full"
    assert {name for name, control in one.controls.items() if control.disabled} == {"over", "eta", "ratio"}
    assert one.shown.kept
    assert "65" not in one.text


def test_the_text_says_what_became_of_the_best(brackets) -> None:
    one = brackets()
    trial = one.shown.found.trials[one.shown.best]
    assert f"was thrown away after {trial.last.steps:,} steps with 3 seeds" in one.text
    assert one.picture.alt.startswith("Learning curves of a search, and its brackets. Search 1: 65 configurations")
    rows = re.findall(r"^\d+ \d+ [\d,]+ 3 [\d,]+ -[\d.,]+$", one.text, re.MULTILINE)
    assert len(rows) == len(one.shown.found.brackets.table)
    one.plan = "full"
    assert "came to the end" in one.text


def test_the_prediction_comes_first_and_is_answered_whatever_is_looked_at(brackets) -> None:
    one = brackets("ppo_pendulum", "dqn_minigrid_empty", prediction={"question": "How often?", "choices": ("a", "b")})
    assert one.shown is None
    assert one.start_button.disabled
    one.start_button.click()
    assert "make your prediction first" in one.error
    one.environment = GRID
    one.commit("b")
    assert one.shown is not None
    assert "You predicted: b. It is being counted" in one.text
    one.start()
    one.wait(60)
    assert re.search(r"You predicted: b. The best was kept in \d of 4 .*on PPO on Pendulum-v1", one.text)
    assert "You predicted: b. The best was kept" in one.text


def test_impossible_choices_are_refused(brackets, monkeypatch) -> None:
    one = brackets()
    for trait, value, said in (
        ("plan", "hyper", "unknown plan `hyper`"),
        ("over", "step", "did you mean `steps`"),
        ("eta", 5, "`eta` is 5"),
        ("number", 5, "`number` is 5"),
        ("environment", "PPO", "unknown environment"),
    ):
        with pytest.raises(ValueError, match=said):
            setattr(one, trait, value)
    monkeypatch.setattr("rlhp.widgets.hyperband._searches.TUNING", 5)
    with pytest.raises(ValueError, match="has 5 seeds; 5 may tune and one at least judges"):
        brackets()


def test_the_picture_has_every_curve_as_far_as_it_was_trained_and_what_was_to_come(pendulum) -> None:
    one = pendulum.search(HALVING, 0)
    ax = plots.new_axes((520 / 96, HEIGHT / 96))
    draw_search(ax, pendulum, one, 3)
    curves = [path for part in ax.collections if isinstance(part, LineCollection) for path in part.get_segments()]
    assert len(curves) == len(one.found.trials)
    assert sorted(path[-1, 0] for path in curves) == sorted(trial.last.steps for trial in one.found.trials)
    dashed = next(line for line in ax.lines if line.get_linestyle() == "--" and len(line.get_xdata()) > 2)
    last = one.found.trials[one.best].last.steps
    assert (dashed.get_xdata()[0], dashed.get_xdata()[-1]) == (last, 100_000)
    below = next(axes for axes in ax.get_figure().axes if axes is not ax)
    rows = [path for part in below.collections for path in part.get_segments()]
    assert sorted(path[1, 0] for path in rows) == sorted(trial.spent for trial in one.found.trials)
    assert len({path[0, 1] for path in rows}) == len(rows)
