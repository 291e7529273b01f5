"""The explorer of fronts: what is on one, what other seeds leave of it, and which point is taken for which reason."""

from __future__ import annotations

import re
import time

import numpy as np
import pytest

from rlhp import curves, objectives, plots
from rlhp.widgets import ParetoExplorer
from rlhp.widgets.pareto._measured import Judged, Measured, tally
from rlhp.widgets.pareto._picture import draw_front
from rlhp.widgets.pareto._setting import OBJECTIVES, Setting

POLE, SAC = "DQN on CartPole-v1", "SAC on Pendulum-v1"
SPREAD = Setting(POLE, "auc", "seed_std", 0.0, 3)


@pytest.fixture(scope="module")
def pole() -> Measured:
    return Measured("dqn_cartpole")


@pytest.fixture
def fronts(make, monkeypatch):
    monkeypatch.setattr("rlhp.widgets.frame._figure.png", lambda draw, **_: b"")  # the drawing has its own test
    return lambda *pools, **options: make(
        ParetoExplorer, pools or ("dqn_cartpole",), **{"prediction": None, "splits": 4, **options}
    )


def scored(pole: Measured, setting: Setting, seeds: tuple[int, ...]) -> curves.ParetoFront:
    """The library's own way, from the runs of these seeds alone."""
    runs = pole.pool.runs.select(seed=list(seeds))
    options = {"steps_to_threshold": {"threshold": setting.threshold}}
    return curves.pareto_front(
        *(
            objectives.score(runs, name, failures="worst", per="config", **options.get(name, {}))
            for name in setting.objectives
        )
    )


@pytest.mark.parametrize("second", [name for name in OBJECTIVES.values() if name != "auc"])
def test_a_front_is_the_librarys_by_the_seeds_that_draw(pole, second) -> None:
    setting = Setting(POLE, "auc", second, 300.0, 4)
    one = pole.judged(setting)
    for mine, seeds in ((one.drawn, (0, 1, 2, 3)), (one.again, (4, 5, 6, 7, 8, 9))):
        theirs = scored(pole, setting, seeds)
        np.testing.assert_allclose(mine.table[second], theirs.table.loc[mine.table.index, second])
        assert set(mine.front.index) == set(theirs.front.index)


def test_what_stays_is_on_both_fronts_and_the_area_is_of_the_same_configurations(pole) -> None:
    one = pole.judged(SPREAD)
    assert set(one.stay) == set(one.drawn.front.index) & set(one.again.front.index)
    worst = {
        name: float(w)
        for name, w in (("auc", one.drawn.table["auc"].min()), ("seed_std", one.drawn.table["seed_std"].max()))
    }
    again = curves.ParetoFront.of(
        one.again.table.loc[one.drawn.front.index, ["auc", "seed_std"]], one.drawn.aims, what="points", where="here"
    )
    assert one.kept == pytest.approx(curves.hypervolume(again, worst) / curves.hypervolume(one.drawn, worst))
    assert one.kept < 1  # drawn by three seeds among 256, it promised too much


def test_a_configuration_that_lost_a_seed_spreads_as_much_as_any(pole, monkeypatch) -> None:
    values, lost = pole._per_run("final_return", 0.0)
    broken = lost.copy()
    broken[7, 1] = True
    monkeypatch.setitem(pole._values, ("final_return", 0.0), (values, broken))
    spread = pole._scores("seed_std", 0.0, (0, 1, 2))
    assert spread[7] == np.delete(spread, 7).max()
    assert pole._scores("seed_std", 0.0, (2, 3))[7] == pytest.approx(values[7, 2:4].std(ddof=1))


def test_splits_are_all_there_are_or_as_many_as_asked_for_and_none_twice(pole) -> None:
    sac = Measured("sac_pendulum")
    every = sac.splits(Setting(SAC, "auc", "seed_std", 0.0, 3), 100)
    assert len(every) == len(set(every)) == 10
    some = pole.splits(SPREAD, 20)
    assert len(some) == len(set(some)) == 20
    assert all(len(set(one)) == 3 for one in some)
    assert tally([(4, 1), (2, 2)]).stay == pytest.approx(0.625)
    assert tally([]) is None


def test_resamples_and_splits_are_told_when_they_are_there(fronts, pole) -> None:
    one = fronts()
    one.wait(60)
    own = one.stability.table
    sure = int((own["share"][own["on_front"]] >= 0.5).sum())
    assert f"{sure} of {len(own[own['on_front']])} are on the front in half of 200 resamples" in one.text
    assert f"By the 7 other seeds {len(one.shown.stay)} of {len(one.shown.drawn.front)} " in one.text
    assert one.count is None
    one.start()
    one.wait(60)
    again = tally([pole.split(one.setting, seeds) for seeds in pole.splits(one.setting, 4)])
    assert one.count == again
    assert f"{again.stay:.0%} of them on average ({again.least:.0%} to {again.most:.0%})" in one.text
    assert one.status == "ready: 4 of 4 splits of the seeds are counted"
    assert one.start_button.disabled


def test_stop_ends_the_count_and_keeps_what_there_is(fronts) -> None:
    one = fronts(splits=110)
    one.start()
    assert not one.stop_button.disabled
    one.stop_button.click()
    one.wait(60)
    n = 0 if one.count is None else one.count.n
    assert n < 110
    assert one.status.startswith("stopped, because you pressed Stop")
    assert one.stability is not None
    assert not one.start_button.disabled


def test_the_point_follows_the_rule_and_says_why(fronts) -> None:
    one = fronts()
    one.first, one.second = "auc", "cpu_time"
    front = one.shown.drawn
    assert one.taken.id == curves.choose(front).id
    off = {name for name, control in one.controls.items() if control.disabled}
    assert off == {"threshold", "weight", "limit"}
    one.rule = "weights"
    one.controls["weight"].value = 1.0
    assert one.taken.id == front.front.index[0]
    assert "weighed by return over training 1" in one.text
    one.controls["weight"].value = 0.0
    assert one.taken.values["cpu_time"] == front.table["cpu_time"].min()
    one.controls["rule"].value = "limit"
    one.controls["limit"].value = most = 0.5
    assert one.taken.id == curves.choose(front, limits={"cpu_time": most}).id
    assert front.front["cpu_time"].min() < one.taken.values["cpu_time"] <= most
    assert f"are within processor time {curves.number_label(most, 4)}" in one.text
    place = one.pools[POLE].pool.runs.configs.index.get_loc(one.taken.id)
    rate = one.pools[POLE].pool.configurations[place]["learning_rate"]
    assert f"learning_rate {plots.value_text(rate)}" in one.text


@pytest.mark.parametrize("second", [name for name in OBJECTIVES.values() if name != "auc"])
def test_a_limit_always_leaves_a_point(fronts, second) -> None:
    one = fronts()
    one.first, one.second, one.rule = "auc", second, "limit"
    control = one.controls["limit"]
    for end in (control.slider.min, control.slider.max):
        control.slider.value = end
        assert one.error == ""
        assert one.taken is not None
    assert control.label == f"Second, at {'least' if second == 'final_return' else 'most'}"


def test_a_limit_on_a_cost_is_spread_by_factors_like_the_picture(fronts) -> None:
    one = fronts()
    one.first, one.second, one.rule = "auc", "cpu_time", "limit"
    control, cost = one.controls["limit"], one.shown.drawn.table["cpu_time"]
    assert (one.shown.spread("cpu_time")[2], control.measure) == ("log", "log")
    assert control.low == pytest.approx(cost.min(), rel=0.01)
    assert control.low >= cost.min()
    assert control.high >= cost.max()
    control.slider.value = 0.5  # half-way is the geometric mean, not half of the dearest
    assert one.limit == pytest.approx(np.sqrt(control.low * control.high), rel=0.01)
    assert one.taken.values["cpu_time"] <= one.limit
    one.second = "seed_std"
    assert (control.measure, one.shown.spread("seed_std")[2]) == ("linear", "linear")


def test_a_limit_in_another_unit_allows_all_at_first(fronts) -> None:
    one = fronts("dqn_cartpole", "sac_pendulum")
    one.rule, one.limit = "limit", 50.0
    one.seeds = 4
    assert one.limit == 50.0
    one.second = "cpu_time"
    assert one.limit == one.controls["limit"].high
    one.limit = 0.2
    one.environment = SAC
    assert one.limit == one.controls["limit"].value == one.controls["limit"].high
    assert one.taken.values["cpu_time"] <= one.limit


def test_equal_objectives_change_places(fronts) -> None:
    one = fronts()
    one.controls["first"].value = "seed_std"
    assert (one.first, one.second) == ("seed_std", "final_return")
    assert one.shown.drawn.names == ["seed_std", "final_return"]
    one.second = "seed_std"
    assert (one.first, one.second) == ("final_return", "seed_std")
    assert (one.controls["first"].value, one.controls["second"].value) == ("final_return", "seed_std")


def test_another_pool_brings_its_own_ranges(fronts) -> None:
    one = fronts("dqn_cartpole", "sac_pendulum")
    one.seeds, one.second, one.threshold = 8, "steps_to_threshold", 450.0
    assert not one.controls["threshold"].disabled
    one.environment = SAC
    assert one.error == ""
    assert one.seeds == 3
    low, high = one.pools[SAC].returns
    assert low <= one.threshold <= high < 0
    assert "configurations of SAC on Pendulum-v1" in one.text
    with pytest.raises(ValueError, match="`seeds` is 8"):
        one.seeds = 8


def test_a_capped_return_is_told(fronts) -> None:
    one = fronts("ppo_cartpole", splits=2)
    n = int((one.pools["PPO on CartPole-v1"].pool.truth([0, 1, 2]) >= 495.01).sum())
    assert f"{n} configurations reach 495 or more" in one.text
    assert f"{n} of 256" not in one.text
    one.first = "auc"
    assert "tells none from another" not in one.text


def test_the_prediction_comes_first_and_is_answered_whatever_is_looked_at(fronts) -> None:
    one = fronts(prediction={"question": "How many stay?", "choices": ("a", "b")})
    assert one.shown is None
    assert one.start_button.disabled
    one.start_button.click()
    assert "make your prediction first" in one.error
    one.second = "cpu_time"
    one.commit("b")
    assert one.shown.drawn.names == ["final_return", "cpu_time"]
    assert "You predicted: b. It is being counted" in one.text
    one.start()
    one.wait(60)
    assert re.search(
        r"You predicted: b. Over 4 splits of the seeds, .*return at the end and spread over seeds", one.text
    )


def test_the_question_is_about_what_is_shown_first(fronts) -> None:
    one = fronts("sac_pendulum", prediction="stays")
    asked = one.question.prediction.question
    assert "3 seeds draw the front of return at the end and spread over seeds, of 64 configurations of SAC on" in asked
    assert "2 other seeds draw it again" in asked
    with pytest.raises(ValueError, match="did you mean `stays`"):
        fronts(prediction="stay")


def test_it_answers_within_a_fifth_of_a_second_of_processor_time(make) -> None:
    one = make(ParetoExplorer, ["dqn_cartpole"], prediction=None, splits=2)
    one.wait(60)
    spent = []
    for trait, values in {"seeds": (4, 5, 6), "weight": (0.2, 0.7), "rule": ("weights", "limit", "knee")}.items():
        for value in values:
            one._ahead.stop()
            one.wait(60)
            began = time.thread_time()
            setattr(one, trait, value)
            spent.append(time.thread_time() - began)
    assert np.median(spent) < 0.2, spent


def test_impossible_choices_are_refused(fronts, monkeypatch) -> None:
    one = fronts()
    for trait, value, said in (
        ("first", "auk", "did you mean `auc`"),
        ("rule", "kneee", "did you mean `knee`"),
        ("weight", 1.5, "`weight` is 1.5"),
        ("seeds", 1, "`seeds` is 1"),
        ("environment", "PPO", "unknown environment"),
    ):
        with pytest.raises(ValueError, match=said):
            setattr(one, trait, value)
    monkeypatch.setattr("rlhp.widgets.pareto._measured.FEWEST", 6)
    with pytest.raises(ValueError, match="has 10 seeds; 6 draw a front and 6 judge it"):
        fronts()


def test_the_picture_has_the_front_its_intervals_and_where_the_others_put_it(pole) -> None:
    cost = Setting(POLE, "final_return", "cpu_time", 0.0, 3)
    judged, stability = pole.judged(cost), pole.stability(cost)
    taken = curves.choose(judged.drawn, limits={"cpu_time": 2.0})
    ax = plots.new_axes((5.6, 4.2))
    draw_front(ax, judged, stability, taken, limit=2.0)
    diamonds = [line for line in ax.lines if line.get_marker() == "D"]
    sure, unsure = (len(line.get_xdata()) for line in diamonds)
    shares = stability.table.loc[judged.drawn.front.index, "share"]
    assert unsure > 0
    assert (sure, unsure) == ((shares >= 0.5).sum(), (shares < 0.5).sum())
    rings = next(line for line in ax.lines if line.get_marker() == "o" and line.get_markersize() == 5)
    there = judged.again.table.loc[judged.drawn.front.sort_values("cpu_time").index]
    np.testing.assert_allclose(rings.get_ydata(), there["final_return"])
    star = next(line for line in ax.lines if line.get_marker() == "*")
    assert star.get_xdata()[0] == taken.values["cpu_time"]
    assert any(list(line.get_xdata()) == [2.0, 2.0] for line in ax.lines)
    assert (ax.get_xlabel(), ax.get_ylabel()) == (
        "processor time (seconds, less is better)",
        "return at the end (return, more is better)",
    )
    draw_front(plots.new_axes((5.6, 4.2)), Judged(judged.drawn, judged.again), None, taken)
