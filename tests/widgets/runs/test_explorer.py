"""The run explorer filters, groups and overlays runs of any data set."""

from __future__ import annotations

import pytest

from rlhp import Runs, datasets
from rlhp.runs import concat
from rlhp.widgets import RunExplorer


@pytest.fixture
def look(make, monkeypatch):
    monkeypatch.setattr("rlhp.widgets.frame._figure.png", lambda draw, **_: b"")  # the drawing has its own test
    return lambda *args, **options: make(RunExplorer, *args, **options)


def test_grouping_says_where_each_group_ends(look) -> None:
    one = look("learning_rate_cartpole")
    assert one.by == "learning_rate"
    assert "highest 0.003 with 500, lowest 0.0001 with 89.2" in one.text
    assert "80 of 80 runs on CartPole-v1 pass" in one.status
    one.by_box.value = ""
    assert [group.n for group in one.groups] == [80]
    one.over.value = "mean"
    assert one.text.startswith("mean of the return after 20,000 steps: 349")


def test_buttons_filter_levels_and_one_stays_pressed(look) -> None:
    one = look("learning_rate_cartpole")
    one.filters.column.value = "learning_rate"
    for button in one.filters.controls[:4]:
        button.value = False
    assert [group.label for group in one.groups] == ["0.01"]
    one.filters.controls[4].value = False
    assert "no run would pass: leave one value of learning_rate at least" in one.error
    assert one.filters.controls[4].value
    one.filters.clear_button.click()
    assert len(one.groups) == 5
    assert all(button.value for button in one.filters.controls)


def test_numbers_filter_ranges_and_are_not_swapped(look) -> None:
    one = look("learning_rate_cartpole")
    one.filters.column.value = "seed"
    low, high = one.filters.controls
    low.box.value = 12
    assert one.filters.chosen == {"seed": [12, 15]}
    assert {group.n for group in one.groups} == {4}
    assert "20 of 80 runs" in one.status
    high.box.value = 3
    assert "seed: no number is from 12 to 3; swap the two" in one.error
    assert high.box.value == 15
    low.box.value = 0
    assert one.filters.chosen == {}


def test_filters_of_several_columns_hold_together_and_are_set_from_code(look) -> None:
    one = look("learning_rate_cartpole")
    one.filters.chosen = {"learning_rate": (0.001, 0.003), "seed": [0, 7]}
    assert [(group.label, group.n) for group in one.groups] == [("0.001", 8), ("0.003", 8)]
    with pytest.raises(ValueError, match="unknown column `learning_rat`; did you mean `learning_rate`"):
        one.filters.chosen = {"learning_rat": (0.001,)}
    with pytest.raises(ValueError, match=r"unknown value `0\.002` for learning_rate"):
        one.filters.chosen = {"learning_rate": (0.002,)}
    with pytest.raises(ValueError, match="a filter of seed is a list of the lowest and the highest number"):
        one.filters.chosen = {"seed": (3,)}
    with pytest.raises(ValueError, match="a filter of learning_rate is a tuple"):
        one.filters.chosen = {"learning_rate": [0.001, 0.003]}


def test_kept_curves_stay_while_others_are_chosen(look) -> None:
    one = look(["learning_rate_cartpole", "exploration_cartpole"])
    one.filters.chosen = {"learning_rate": (0.003,)}
    one.keep_button.click()
    one.data_box.value = "exploration_cartpole"
    assert one.by == "exploration"
    assert one.filters.chosen == {}
    assert "kept: learning rate 0.003, learning_rate_cartpole 500" in one.text
    assert one.text.startswith("IQM of the return: the curves end at different steps, after 20,000 to 50,000 steps")
    assert "highest" not in one.text
    assert "constant 0.01 233" in one.text
    one.over.value = "mean"
    assert "kept, IQM: learning rate 0.003" in one.text
    one.keep_button.click()
    assert one.error == ""
    one.keep_button.click()
    assert "15 curves cannot be told apart; keep 8 at most" in one.error
    one.drop_button.click()
    assert "kept" not in one.text
    assert one.drop_button.disabled


def test_kept_curves_are_called_by_what_differs_from_what_is_shown(look) -> None:
    one = look("learning_rate_cartpole")
    one.filters.chosen = {"seed": [0, 7]}
    one.keep()
    assert "kept: 0.001 " in one.text
    one.filters.clear()
    assert "kept: 0.001, seed from 0 to 7 " in one.text
    one.by = ""
    assert "kept: learning rate 0.001, seed from 0 to 7 " in one.text
    one.statistic = "mean"
    assert "kept, IQM: learning rate 0.001, seed from 0 to 7 " in one.text


def test_another_value_lets_kept_curves_go(look) -> None:
    one = look("learning_rate_cartpole")
    one.keep()
    one.value_box.value = "value_error"
    assert "kept" not in one.text
    assert one.text.startswith("IQM of the error of the predicted return")


def test_the_first_part_of_training(look) -> None:
    one = look("learning_rate_cartpole")
    one.part.box.value = 30
    assert "after 6,000 steps" in one.text
    one.part.box.value = 5
    assert one.text.startswith("Nothing was evaluated in this part of training yet")
    assert one.picture.alt.startswith("Nothing was evaluated")
    with pytest.raises(ValueError, match="nothing is shown that could be kept"):
        one.keep()


def test_an_interval_over_several_configurations_is_warned_of(look) -> None:
    one = look("learning_rate_cartpole")
    assert "alike" not in one.text
    one.by = "seed"
    assert "Seeds of one configuration are alike" in one.text
    assert "0 to 3" in one.text


def test_environments_are_told_apart(look) -> None:
    both = concat([datasets.load("exploration_cartpole"), datasets.load("exploration_mountaincar")])
    one = look({"both": both}, by="exploration")
    level = next(text for text in set(both.column("exploration")) if '"value": 0.1}' in text)
    one.filters.chosen = {"exploration": (level,)}
    one.keep()
    one.env_box.value = "MountainCar-v0"
    assert one.groups[0].environments == ("MountainCar-v0",)
    assert "several environments, whose returns are not on one scale" in one.text


def test_impossible_arguments_are_refused(look) -> None:
    with pytest.raises(ValueError, match="unknown data set `learning_rate`; did you mean"):
        look("learning_rate")
    with pytest.raises(ValueError, match=r"no runs to explore; give runs, or names of `rlhp\.datasets\.list\(\)`"):
        look({})
    one = look(Runs.from_table([{"gamma": 0.9}, {"gamma": 0.99}], [1.0, 2.0]))
    for name, value, said in (
        ("by", "gama", "unknown column `gama`; did you mean `gamma`"),
        ("value", "return", "unknown value `return`"),
        ("statistic", "iqr", "unknown statistic `iqr`"),
        ("data", "that", "unknown runs `that`"),
        ("env_id", "CartPole", "unknown environment `CartPole`"),
    ):
        with pytest.raises(ValueError, match=said):
            setattr(one, name, value)
    with pytest.raises(ValueError, match="`percent` is 0; give how much of training to show"):
        one.percent = 0


def test_figures_are_drawn_with_single_runs_and_without(make) -> None:
    one = make(RunExplorer, "learning_rate_cartpole")
    before = one.picture.value
    assert one.picture.alt.startswith("Learning curves. IQM of the return after 20,000 steps")
    one.single_box.value = True
    assert one.picture.value != before
    assert one.error == ""


def test_every_data_set_can_be_shown(look) -> None:
    one = look()
    assert list(one.data_box.options) == datasets.list()
    one.data = "batch_size_time"
    assert one.groups
