"""The lectures as a student works through them: read, answer wrong, answer right, move the explorers, train."""

from __future__ import annotations

import re

import pytest

from tests.browser.jupyter import ROOT
from tests.course.answers import right_answer, wrong_answers

LECTURES = [path.name for path in sorted((ROOT / "course").glob("[0-9][0-9]_*.ipynb"))]


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
    assert watch.errors == []


def test_the_live_trainer_is_moved_started_and_watched_by_keyboard(notebook, watch) -> None:
    book = notebook("00_your_first_agent.ipynb")
    book.run(book.find("import gymnasium", kind="code"))
    book.run(book.find("GOOD = {", kind="code"))
    cell = book.find("widgets.LiveTrainer(", kind="code")
    book.run(cell)
    explorer, keyboard = book.output(cell), book.page.keyboard
    said = book.wait_text(cell, re.compile(r"Start trains \d+ seeds of PPO on CartPole-v1 from [\d,]+"))
    n_seeds = int(re.search(r"Start trains (\d+) seeds", said)[1])
    assert n_seeds >= 3, "one or two seeds would show no interval"

    explorer.get_by_role("slider", name="Seeds").focus()
    for _ in range(n_seeds - 2):
        keyboard.press("ArrowLeft")
    book.wait_text(cell, re.compile("Start trains 2 seeds of PPO on CartPole-v1 from 20,000"))
    explorer.get_by_role("spinbutton", name="Steps per seed").focus()
    keyboard.press("ControlOrMeta+a")
    keyboard.type("1000")
    keyboard.press("Enter")
    book.wait_text(cell, re.compile("Start trains 2 seeds of PPO on CartPole-v1 from 2,000"))
    assert book.faults(cell) == []

    explorer.get_by_role("button", name="Start").focus()
    keyboard.press("Enter")
    book.wait_text(cell, "Trained 2 seeds", seconds=180)
    explorer.locator("summary", has_text="The seeds as a table").press("Enter")
    said = book.wait_text(cell, re.compile("After 1,000 steps the IQM return of 2 seeds is"))
    assert re.search(r"seed 0\s+[\d.]+\s+1,000", said)
    assert "too few seeds for an interval" in said
    assert explorer.get_by_role("img", name=re.compile("learning curve", re.IGNORECASE)).count() == 1
    book.shot("00-trained")

    explorer.get_by_role("button", name="Watch an episode").focus()
    keyboard.press("Enter")
    film = explorer.get_by_role("img", name=re.compile("episode", re.IGNORECASE))
    film.wait_for(timeout=120_000)
    assert film.get_attribute("src").startswith("data:image/gif;base64,")
    film.scroll_into_view_if_needed()
    assert book.faults(cell) == []
    book.shot("00-watched")
    assert watch.errors == []


def test_the_schedule_explorer_is_moved_trained_and_stopped_by_keyboard(notebook, watch) -> None:
    book = notebook("01_exploration_schedules.ipynb")
    book.run(book.find("import gymnasium", kind="code"))
    cell = book.find("widgets.ScheduleExplorer(", kind="code")
    book.run(cell)
    explorer, keyboard = book.output(cell), book.page.keyboard
    book.wait_text(cell, re.compile(r"linear 1 → 0.05 over 50 % buys [\d,]+ random steps"))

    explorer.get_by_role("slider", name="Fraction of training").focus()
    keyboard.press("ArrowRight")
    book.wait_text(cell, re.compile(r"linear 1 → 0.05 over 51 % buys [\d,]+ random steps"))
    explorer.get_by_role("combobox", name="Shape").focus()
    keyboard.press("ArrowDown")
    book.wait_text(cell, re.compile(r"exponential 1 → 0.05 over 51 % buys [\d,]+ random steps"))
    assert explorer.get_by_role("img", name=re.compile("^epsilon over")).count() == 1
    assert book.faults(cell) == []
    book.shot("01-moved")

    train = explorer.get_by_role("button", name=re.compile("^Re-train"))
    assert train.is_disabled(), "a prediction comes first"
    explorer.get_by_role("radio").first.focus()
    keyboard.press("Space")
    explorer.get_by_role("button", name="Commit to this").focus()
    keyboard.press("Enter")
    book.wait_text(cell, re.compile("You predicted: "))
    train.focus()
    keyboard.press("Enter")
    book.wait_text(cell, re.compile(r"after [\d,]+ steps the IQM return of 16 seeds"), seconds=240)
    explorer.get_by_role("button", name="Stop").focus()
    keyboard.press("Enter")
    book.wait_text(cell, re.compile("Stopped, because you pressed Stop"))
    assert "the IQM return of" in book.text(cell), "what was learnt until then stays"
    assert book.faults(cell) == []
    book.shot("01-stopped")
    assert watch.errors == []
