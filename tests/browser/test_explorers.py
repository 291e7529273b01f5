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
    "broken": """\
from rlhp import widgets
broken = widgets.ScheduleExplorer(steps=20_000)
broken.tell = lambda *_: 1 / 0
broken""",
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
    train = shown.get_by_role("button", name="Re-train 4 seeds")
    train.wait_for()
    assert train.is_disabled()
    shown.get_by_role("radio", name="The pinned one").press("Space")
    shown.get_by_role("button", name="Commit to this").press("Enter")
    book.wait_text(1, "You predicted: The pinned one")
    book.wait_text(1, "Ready to train")
    assert train.is_enabled()


def test_an_agent_is_trained_and_watched_by_keyboard(notebook, explorers, watch) -> None:
    book = notebook(explorers)
    book.run(0)
    shown = book.output(0)
    search = shown.get_by_role("textbox", name="Search environments")
    search.fill("lunar")
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
    book.run(2)
    shown = book.output(2)
    shown.get_by_role("combobox", name="Shape").select_option("cosine")
    alert = shown.get_by_role("alert")
    alert.wait_for()
    assert "This did not work. ZeroDivisionError: division by zero" in alert.inner_text()


def test_axe_finds_no_fault_and_every_slider_has_a_name(notebook, explorers) -> None:
    book = notebook(explorers)
    book.run(0, 1)
    for cell in (0, 1):
        shown = book.output(cell)
        shown.locator("[role=slider][aria-label]").first.wait_for()
        shown.locator("[role=status][aria-live=polite]").first.wait_for(state="attached")
        assert shown.locator("[role=slider]:not([aria-label])").count() == 0
        assert book.faults(cell) == []
