"""The explorers in JupyterLab: moved by keyboard, named for those who do not see them, light and dark."""

from __future__ import annotations

import re

import nbformat
import pytest

CELLS = {
    "trainer": """\
from rlhp import widgets
widgets.LiveTrainer("CartPole-v1", "a2c", steps=600, n_seeds=2, eval_every=300, eval_episodes=1)""",
    "explorer": """\
from rlhp import widgets
widgets.ScheduleExplorer(steps=20_000)""",
    "batches": """\
from rlhp import widgets
small = {"net_arch": [16], "learning_starts": 100, "buffer_size": 1_000}
widgets.BatchExplorer((4, 8), steps=2_000, n_seeds=4, config=small, eval_episodes=2)""",
    "broken": """\
from rlhp import widgets
broken = widgets.ScheduleExplorer(steps=20_000)
broken.tell = lambda *_: 1 / 0
broken""",
    "landscape": """\
from rlhp import Runs, spaces, widgets
space = spaces.subspace(spaces.default("dqn"), ["learning_rate", "gamma", "exploration_fraction"])
configs = spaces.sample(space, 64, method="sobol", rng=0)
rate = spaces.to_unit(space, configs)[:, list(space).index("learning_rate")]
peaks = {"Here-v0": 0.7, "There-v0": 0.2}
widgets.LandscapeExplorer(
    [Runs.from_table(configs, 200 - 300 * abs(rate - peak), algorithm="dqn", env_id=e) for e, peak in peaks.items()]
)""",
    "runs": """\
from rlhp import widgets
widgets.RunExplorer(["learning_rate_cartpole", "exploration_cartpole"])""",
    "seeds": """\
from rlhp import widgets
widgets.SeedsExplorer("learning_rate_cartpole", pair=(0.001, 0.003), statistic="mean")""",
}


@pytest.fixture(scope="module")
def explorers(lab) -> str:
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS.values()]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), lab.course / "98_explorers.ipynb")
    return "98_explorers.ipynb"


def test_a_slider_is_moved_by_keyboard_and_the_text_follows(notebook, explorers, watch) -> None:
    book = notebook(explorers)
    book.run(1)
    shown = book.output(1)
    book.wait_text(1, "5,250 in the first half of training")
    slider = shown.get_by_role("slider", name="Fraction of training")
    slider.focus()
    book.page.keyboard.press("ArrowRight")
    book.wait_text(1, "linear 1 → 0.05 over 51 %")
    box = shown.get_by_role("spinbutton", name="Fraction of training, exact number")
    assert box.input_value() == "0.51"
    shown.locator("[role=slider][aria-label='Fraction of training'][aria-valuetext='0.51']").wait_for(timeout=5_000)
    box.fill("1")
    box.press("Enter")
    book.wait_text(1, "linear 1 → 0.05 buys 10,500 random steps")
    shape = shown.get_by_role("combobox", name="Shape")
    shape.select_option("exponential")
    book.wait_text(1, "Now: exponential 1 → 0.05 buys")
    assert "exponential" not in shown.get_by_role("img").first.get_attribute("alt")
    assert re.search(r"0\.224 half-way", shown.get_by_role("img").first.get_attribute("alt"))
    book.shot("schedule_explorer")
    assert watch.errors == []


def test_a_prediction_is_asked_before_training(notebook, explorers) -> None:
    book = notebook(explorers)
    book.run(1)
    shown = book.output(1)
    train = shown.get_by_role("button", name="Re-train 16 seeds")
    train.wait_for()
    assert train.is_disabled()
    shown.get_by_role("radio", name="The pinned one").press("Space")
    shown.get_by_role("button", name="Commit to this").press("Enter")
    book.wait_text(1, "You predicted: The pinned one")
    book.wait_text(1, "Ready to train", seconds=180)
    assert train.is_enabled()


def test_a_released_slider_trains_and_the_curve_streams_in(notebook, explorers, watch) -> None:
    book = notebook(explorers)
    book.run(1)
    shown = book.output(1)
    book.wait_text(1, "Compiling the training of 16 seeds, once")
    shown.get_by_role("radio", name="The pinned one").press("Space")
    shown.get_by_role("button", name="Commit to this").press("Enter")
    book.wait_text(1, "Ready to train", seconds=180)
    # Every sentence that the text says of the schedule, in turn, as one hears it.
    book.page.evaluate("""() => {
        window.heard = [];
        setInterval(() => {
            const said = document.body.innerText.match(/Now: after [\\d,]+ steps/);
            if (said && window.heard.at(-1) !== said[0]) window.heard.push(said[0]);
        }, 20);
    }""")
    shown.get_by_role("slider", name="Fraction of training").focus()
    book.page.keyboard.press("ArrowRight")
    book.wait_text(1, re.compile("Trained 16 seeds"), seconds=300)
    heard = book.page.evaluate("() => window.heard")
    assert len(heard) > 1, heard
    assert heard[-1] == "Now: after 20,000 steps"
    alt = shown.get_by_role("img", name=re.compile("^Learning curves")).get_attribute("alt")
    assert "Now: after 20,000 steps the IQM return of 16 seeds" in alt
    book.shot("schedule_explorer_trained")
    assert watch.errors == []


def test_batch_sizes_are_compared_by_keyboard(notebook, explorers, watch) -> None:
    book = notebook(explorers)
    book.run(2)
    shown = book.output(2)
    sixteen = shown.get_by_role("button", name="16", exact=True)
    assert sixteen.get_attribute("aria-pressed") == "false"
    sixteen.press("Space")
    book.wait_text(2, re.compile("all sizes make as many updates"))
    shown.locator("button[aria-pressed='true']", has_text="16").first.wait_for()
    shown.get_by_role("radio", name="The largest").press("Space")
    shown.get_by_role("button", name="Commit to this").press("Enter")
    book.wait_text(2, "You predicted: The largest")
    train = shown.get_by_role("button", name="Re-train 4 seeds")
    train.press("Enter")
    book.wait_text(2, "Trained 4 seeds of each", seconds=300)
    said = book.wait_text(2, re.compile("Batch size 16: after 2,000 steps the IQM return of 4 seeds"))
    assert re.search(r"After [\d.]+ s of training, as long as the fastest takes: batch size 4", said)
    shown.get_by_role("combobox", name="Curves over").select_option("seconds of training")
    shown.get_by_role("img", name=re.compile("^Learning curves over seconds of training")).wait_for(timeout=30_000)
    book.shot("batch_explorer")
    shown.get_by_role("slider", name="Learning rate").focus()
    book.page.keyboard.press("ArrowRight")
    book.wait_text(2, "IQM return before", seconds=300)
    assert book.faults(2) == []
    assert watch.errors == []


def test_a_landscape_is_looked_at_by_keyboard(notebook, explorers, watch) -> None:
    book, cell = notebook(explorers), list(CELLS).index("landscape")
    book.run(cell)
    shown, keyboard = book.output(cell), book.page.keyboard
    book.wait_text(cell, "Ready: commit to a prediction first")
    shown.get_by_role("radio").first.press("Space")
    shown.get_by_role("button", name="Commit to this").press("Enter")
    book.wait_text(cell, "final_return on Here-v0 over learning_rate and gamma")
    picture = shown.get_by_role("img", name=re.compile("^Landscape. final_return on Here-v0"))
    picture.wait_for(timeout=30_000)
    shown.get_by_role("combobox", name="Environment").focus()
    keyboard.press("ArrowDown")
    said = book.wait_text(cell, "final_return on There-v0 over learning_rate and gamma")
    assert "score at the best of There-v0" in said
    shown.get_by_role("combobox", name="Seen as").select_option("surface")
    shown.get_by_role("slider", name="exploration_fraction").focus()
    keyboard.press("ArrowRight")
    book.wait_text(cell, re.compile("the others held where the controls stand"))
    book.shot("landscape_explorer")
    assert book.faults(cell) == []
    assert watch.errors == []


def test_an_agent_is_trained_and_watched_by_keyboard(notebook, explorers, watch) -> None:
    book = notebook(explorers)
    book.run(0)
    shown = book.output(0)
    search = shown.get_by_role("textbox", name="Search environments")
    search.fill("lunar")
    book.wait_text(0, "2 that match cannot run here")
    shown.get_by_role("checkbox", name="Show all, also those that cannot run here").press("Space")
    book.wait_text(0, "2 of the registry match")
    assert shown.get_by_role("option").all_inner_texts()[0].startswith("LunarLander-v3")
    pressed = shown.get_by_role("button", name="A2C")
    assert pressed.get_attribute("aria-pressed") == "true"
    assert shown.get_by_role("button", name="SAC").is_disabled()
    shown.get_by_role("button", name="Start").press("Enter")
    book.wait_text(0, "Trained 2 seeds", seconds=120)
    assert "After 600 steps the IQM return of 2 seeds" in shown.get_by_role("img").first.get_attribute("alt")
    watched = shown.get_by_role("button", name="Watch an episode")
    watched.press("Enter")
    shown.get_by_role("img", name=re.compile("^Animation of one greedy episode")).wait_for(timeout=90_000)
    book.shot("live_trainer")
    assert watch.errors == []


def test_an_exception_is_shown_in_the_explorer(notebook, explorers) -> None:
    book = notebook(explorers)
    book.run(3)
    shown = book.output(3)
    shown.get_by_role("combobox", name="Shape").select_option("cosine")
    alert = shown.get_by_role("alert")
    alert.wait_for()
    assert "This did not work. ZeroDivisionError: division by zero" in alert.inner_text()


def test_runs_are_filtered_grouped_and_overlaid_by_keyboard(notebook, explorers, watch) -> None:
    book, cell = notebook(explorers), list(CELLS).index("runs")
    book.run(cell)
    shown, keyboard = book.output(cell), book.page.keyboard
    book.wait_text(cell, "IQM of the return after 20,000 steps: highest 0.003 with 500")
    shown.get_by_role("combobox", name="Filter by").select_option("learning_rate")
    for level in ("0.0001", "0.0003", "0.01"):
        shown.get_by_role("button", name=level, exact=True).press("Space")
    book.wait_text(cell, "Only learning_rate 0.001 or 0.003.")
    book.wait_text(cell, "32 of 80 runs on CartPole-v1 pass")
    shown.get_by_role("button", name="Keep these curves").press("Enter")
    book.wait_text(cell, re.compile("kept: learning rate 0.001"))
    shown.get_by_role("combobox", name="Runs", exact=True).select_option("exploration_cartpole")
    book.wait_text(cell, "linear 1 → 0.05 over 10 %")
    shown.get_by_role("slider", name="Training shown, %").focus()
    keyboard.press("ArrowLeft")
    book.wait_text(cell, "45,000")
    shown.get_by_role("checkbox", name="Single runs").press("Space")
    alt = shown.get_by_role("img", name=re.compile("^Learning curves")).first.get_attribute("alt")
    assert (
        "the curves end at different steps, after 20,000 to 45,000 steps, so that their ends cannot be compared" in alt
    )
    assert book.faults(cell) == []
    book.shot("run_explorer")
    assert watch.errors == []


def test_studies_are_drawn_by_keyboard(notebook, explorers, watch) -> None:
    book, cell = notebook(explorers), list(CELLS).index("seeds")
    book.run(cell)
    shown, keyboard = book.output(cell), book.page.keyboard
    draw = shown.get_by_role("button", name="Draw a study")
    draw.wait_for()
    assert draw.is_disabled(), "a prediction comes first"
    shown.get_by_role("radio", name="Hardly ever").press("Space")
    shown.get_by_role("button", name="Commit to this").press("Enter")
    book.wait_text(cell, "You predicted: Hardly ever.")
    assert re.search(r"In 2\d % of the studies learning_rate = 0\.001 comes out ahead", book.text(cell))
    draw.press("Enter")
    book.wait_text(cell, re.compile("Of 1 drawn so far"))
    shown.get_by_role("button", name="Draw 100 studies").press("Enter")
    book.wait_text(cell, re.compile("Of 101 drawn so far"))
    shown.get_by_role("slider", name="Seeds of each").focus()
    keyboard.press("ArrowRight")
    book.wait_text(cell, "A study: 4 seeds of each, compared by the mean of final_return")
    shown.get_by_role("combobox", name="Objective").select_option("auc")
    book.wait_text(cell, re.compile(r"is ahead with 378 against 320"))
    alt = shown.get_by_role("img").first.get_attribute("alt")
    assert alt.startswith("Scores of all measured runs, and the share of wrong studies by seeds.")
    assert book.faults(cell) == []
    book.shot("seeds_explorer")
    assert watch.errors == []


def test_axe_finds_no_fault_and_every_slider_has_a_name(notebook, explorers) -> None:
    book = notebook(explorers)
    book.run(0, 2)
    for cell in (0, 1, 2):
        shown = book.output(cell)
        shown.locator("[role=slider][aria-label]").first.wait_for()
        shown.locator("[role=status][aria-live=polite]").first.wait_for(state="attached")
        assert shown.locator("[role=slider]:not([aria-label])").count() == 0
        assert book.faults(cell) == []
