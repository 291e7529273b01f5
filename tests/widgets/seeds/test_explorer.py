"""The seeds explorer draws studies from measured runs and counts the wrong ones."""

from __future__ import annotations

import re

import numpy as np
import pytest
from matplotlib.backends.backend_agg import RendererAgg

from rlhp import Runs, plots
from rlhp.widgets import SeedsExplorer
from rlhp.widgets.seeds._figure import HEIGHT, draw_seeds
from rlhp.widgets.seeds._studies import Pair, draw

PAIR = (0.001, 0.003)


@pytest.fixture
def seeds(make, monkeypatch):
    monkeypatch.setattr("rlhp.widgets.frame._figure.png", lambda draw, **_: b"")  # the drawing has its own test
    return lambda *args, **options: make(SeedsExplorer, *args, **{"pair": PAIR, "prediction": None, **options})


def gammas(first: list[float], second: list[float]) -> Runs:
    configs = [{"gamma": 0.9}] * len(first) + [{"gamma": 0.99}] * len(second)
    return Runs.from_table(configs, [*first, *second], seeds=[*range(len(first)), *range(len(second))])


def test_the_share_of_wrong_studies_follows_every_control(seeds) -> None:
    one = seeds()
    seen = [one.share["wrong"]]
    for box, value in (
        (one.number.box, 10),
        (one.scored_by, "auc"),
        (one.over, "mean"),
        (one.first, "learning_rate = 0.01"),
    ):
        box.value = value
        seen.append(one.share["wrong"])
        assert f"In {100 * seen[-1]:.0f} % of the studies" in one.text
    assert len(set(seen)) == len(seen)
    assert (one.n_seeds, one.objective, one.statistic) == (10, "auc", "mean")
    assert one.pair == ("learning_rate = 0.01", "learning_rate = 0.003")
    assert one.error == ""


def test_what_is_set_from_code_moves_the_controls(seeds) -> None:
    one = seeds()
    one.n_seeds, one.objective, one.statistic = 7, "best_return", "median"
    one.pair = ("learning_rate = 0.0001", "learning_rate = 0.0003")
    assert (one.number.box.value, one.scored_by.value, one.over.value) == (7, "best_return", "median")
    assert (one.first.value, one.second.value) == one.pair


def test_the_text_says_what_the_figure_shows(seeds) -> None:
    one = seeds()
    here = one.share
    low, high = (f"{100 * here[end]:.0f}" for end in ("low", "high"))
    assert "Over all 16 measured runs of each, learning_rate = 0.003 is ahead with 500 against 489." in one.text
    assert f"learning_rate = 0.001 comes out ahead (95 % interval {low} to {high} %)" in one.text
    assert "these runs do not settle which of the two is the better one" in one.text
    assert one.picture.alt.startswith("Scores of all measured runs, and the share of wrong studies by seeds.")
    rows = re.findall(r"^(\d+) \d+ % \d+ to \d+ % \d+ %$", one.text, re.MULTILINE)
    assert rows == ["1", "2", "3", "5", "8", "10", "12", "16"]


def test_studies_are_drawn_by_hand_and_counted_until_a_control_moves(seeds) -> None:
    one = seeds(gammas([0.0, 0.0, 0.0, 10.0], [5.0, 5.0, 5.0]), pair=(0.9, 0.99), n_seeds=1, statistic="mean")
    one.one_button.click()
    assert one.drawn == 1
    assert "The last study drawn: gamma = 0.9 at " in one.text
    one.many_button.click()
    assert one.drawn == 101
    assert 10 <= one.wrong <= 45
    assert f"Of 101 drawn so far {one.wrong} were wrong" in one.text
    one.number.box.value = 2
    assert (one.drawn, one.wrong) == (0, 0)
    assert "drawn so far" not in one.text


def test_nothing_is_drawn_before_the_prediction(seeds) -> None:
    one = seeds(prediction={"question": "How often?", "choices": ("never", "always"), "why": "Look."})
    assert one.one_button.disabled
    assert "comes out ahead" not in one.text
    assert "<img" not in one.picture.value
    with pytest.raises(ValueError, match="make your prediction first"):
        one.draw()
    one.number.box.value = 5
    one.commit("never")
    assert one.prediction == "never"
    assert not one.one_button.disabled
    assert "You predicted: never. Look." in one.text
    with pytest.raises(ValueError, match="this explorer asks no prediction"):
        seeds().commit("never")


def test_where_all_runs_tie_neither_is_wrong(seeds) -> None:
    one = seeds(gammas([1.0, 5.0, 9.0], [5.0, 5.0, 5.0]), pair=(0.9, 0.99), statistic="median")
    assert one.odds is None
    assert one.share == {}
    assert "both come to 5: neither would be the wrong choice" in one.text
    one.draw(3)
    assert one.wrong == 0


def test_less_is_better_where_the_objective_says_so(seeds) -> None:
    one = seeds(objectives=("cpu_time", "auc"), pair=(0.0001, 0.01), statistic="mean")
    # The larger learning rate keeps the pole up for longer, which takes longer.
    assert "learning_rate = 0.0001 is ahead with 4.66 against 5.54" in one.text
    assert one.share["wrong"] < 0.05


def test_the_same_configuration_twice_is_refused(seeds) -> None:
    one = seeds()
    one.first.value = one.second.value
    assert "choose another one" in one.error
    assert one.first.value == one.pair[0] == "learning_rate = 0.001"
    with pytest.raises(ValueError, match=r"`learning_rate = 0\.003` was given twice"):
        one.pair = ("learning_rate = 0.003", "learning_rate = 0.003")
    with pytest.raises(ValueError, match=r"unknown configuration `learning_rate = 0.002`; did you mean"):
        one.pair = ("learning_rate = 0.002", "learning_rate = 0.003")


def test_impossible_arguments_are_refused(seeds) -> None:
    with pytest.raises(ValueError, match="unknown objective `final`"):
        seeds(objectives=["final"])
    with pytest.raises(ValueError, match="two with three runs each are the least"):
        seeds(gammas([1.0, 2.0], [1.0, 2.0]), pair=(0.9, 0.99))
    with pytest.raises(ValueError, match="all runs are of one configuration"):
        seeds(Runs.from_table([{"gamma": 0.9}] * 3, [1.0, 2.0, 3.0], seeds=range(3)))
    with pytest.raises(ValueError, match=r"unknown configuration `0\.002` for `pair`"):
        seeds(pair=(0.002, 0.003))
    with pytest.raises(ValueError, match="give two different configurations"):
        seeds(pair=(0.003,))
    one = seeds()
    with pytest.raises(ValueError, match="`n_seeds` is 17; allowed: 1 to 16, as many as were measured of each"):
        one.n_seeds = 17
    with pytest.raises(ValueError, match="unknown statistic `iqr`; did you mean `iqm`"):
        one.statistic = "iqr"
    with pytest.raises(ValueError, match="unknown objective `area`"):
        one.objective = "area"


def test_the_best_two_are_compared_by_default(seeds) -> None:
    assert seeds(pair=None).pair == ("learning_rate = 0.003", "learning_rate = 0.001")


def test_the_same_seed_draws_the_same(seeds) -> None:
    first, second, other = (seeds(rng=seed) for seed in (1, 1, 2))
    for one in (first, second, other):
        one.draw(50)
    assert first.text == second.text
    assert first.text != other.text


def test_the_figure_is_drawn_with_a_study_and_without(make) -> None:
    one = make(SeedsExplorer, "exploration_cartpole", prediction=None)
    before = one.picture.value
    one.draw()
    assert one.picture.value != before
    one.scored_by.value = "best_return"
    assert one.error == ""
    assert one.picture.value.startswith('<img class="rlhp-plot" alt="Scores of all measured runs')


@pytest.mark.parametrize("scores", [([0.0] * 15 + [1.0], [0.0] * 14 + [1.0] * 2), ([0.0, 1.0, 1.0], [1.0] * 3)])
def test_no_bar_crosses_the_name_of_a_configuration(scores) -> None:
    pair = Pair(("learning_rate = 0.0001", "learning_rate = 0.0003"), tuple(map(np.array, scores)), "mean")
    ax = plots.new_axes((520 / 96, HEIGHT / 96))
    study = draw(pair, 3, np.random.default_rng(0))
    draw_seeds(ax, pair, 3, odds=None, study=study, scale=1.0, unit="final return")
    figure = ax.get_figure()
    renderer = RendererAgg(520, HEIGHT, 96)
    above = next(one for one in figure.axes if one is not ax)
    names = [text.get_window_extent(renderer) for text in above.texts]
    bars = [line.get_window_extent(renderer) for line in above.lines if line.get_marker() == "None"]
    assert (len(names), len(bars)) == (2, 4)
    assert not [(name, bar) for name in names for bar in bars if name.overlaps(bar)]
