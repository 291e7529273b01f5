"""The lectures as a student works through them, one visit each: read, answer wrong, answer right, move the explorer.

What an explorer does beyond that (it trains, streams, stops, shows an episode) `test_explorers.py` asks of it.
"""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.browser.jupyter import ROOT, Notebook
from tests.course.answers import right_answer, wrong_answers

LECTURES = [path.name for path in sorted((ROOT / "course").glob("[0-9][0-9]_*.ipynb"))]


def move_the_trainer(book: Notebook, cell: int, explorer: Any) -> None:
    said = book.wait_text(cell, re.compile(r"Start trains \d+ seeds of PPO on CartPole-v1 from [\d,]+"))
    n_seeds = int(re.search(r"Start trains (\d+) seeds", said)[1])
    assert n_seeds >= 3, "one or two seeds would show no interval"
    explorer.get_by_role("slider", name="Seeds").focus()
    for _ in range(n_seeds - 2):
        book.page.keyboard.press("ArrowLeft")
    book.wait_text(cell, re.compile("Start trains 2 seeds of PPO on CartPole-v1 from 20,000"))
    explorer.get_by_role("spinbutton", name="Steps per seed").focus()
    book.page.keyboard.press("ControlOrMeta+a")
    book.page.keyboard.type("1000")
    book.page.keyboard.press("Enter")
    book.wait_text(cell, re.compile("Start trains 2 seeds of PPO on CartPole-v1 from 2,000"))


def move_the_schedule(book: Notebook, cell: int, explorer: Any) -> None:
    book.wait_text(cell, re.compile(r"linear 1 → 0.05 over 50 % buys [\d,]+ random steps"))
    assert explorer.get_by_role("button", name=re.compile("^Re-train")).is_disabled(), "a prediction comes first"
    explorer.get_by_role("slider", name="Fraction of training").focus()
    book.page.keyboard.press("ArrowRight")
    book.wait_text(cell, re.compile(r"linear 1 → 0.05 over 51 % buys [\d,]+ random steps"))
    explorer.get_by_role("combobox", name="Shape").focus()
    book.page.keyboard.press("ArrowDown")
    book.wait_text(cell, re.compile(r"exponential 1 → 0.05 over 51 % buys [\d,]+ random steps"))
    assert explorer.get_by_role("img", name=re.compile("^epsilon over")).count() == 1
    explorer.get_by_role("radio").first.focus()
    book.page.keyboard.press("Space")
    explorer.get_by_role("button", name="Commit to this").focus()
    book.page.keyboard.press("Enter")
    book.wait_text(cell, re.compile("You predicted: "))


# Explorers that are moved in their lecture too: the cells that they need, and how.
MOVED = {
    "00": (["GOOD = {", "widgets.LiveTrainer("], move_the_trainer),
    "01": (["widgets.ScheduleExplorer("], move_the_schedule),
}


@pytest.mark.parametrize("lecture", LECTURES)
def test_a_lecture_runs_to_its_first_exercise_and_gives_its_verdicts(notebook, watch, lecture) -> None:
    book = notebook(lecture)
    check = book.find('check("', kind="code")
    name = book.sources()[check].split('"')[1]
    wrong = wrong_answers(name)[0]
    answer = check - 1
    book.run(0, answer - 1)
    hints = book.find(f'hint("{name}")', kind="code")
    assert "Hint 1 of" in book.text(hints)

    uses = next((n for n, text in enumerate(book.sources()) if f'with needs("{name}")' in text), check)
    book.run(answer, uses)  # no error: Run All goes on
    assert "not answered yet" in book.text(check)
    if uses > check:
        assert re.match(r"○ This cell uses your \w+ \(exercise [\w.]+\), which is not written yet.", book.text(uses))
    assert book.faults(check) + book.faults(uses) == []

    book.write(answer, wrong.source)
    book.run(answer, check, may_fail=True)
    verdict = book.text(check)
    assert "not right yet" in verdict
    assert wrong.message.replace("`", "") in verdict
    assert "CheckFailed" in verdict, "the cell must fail too, for nbgrader"
    assert book.faults(check) == []
    book.shot(f"{name}-wrong")

    book.write(answer, right_answer(name))
    book.run(answer, check)
    verdict = book.text(check)
    assert "visible checks passed" in verdict
    assert "CheckFailed" not in verdict
    assert book.faults(check) == []
    book.shot(f"{name}-right")

    if lecture[:2] in MOVED:
        cells, move = MOVED[lecture[:2]]
        for source in cells:
            cell = book.find(source, kind="code")
            book.run(cell)
        move(book, cell, book.output(cell))
        assert book.faults(cell) == []
        book.shot(f"{lecture[:2]}-moved")
    assert watch.errors == []
