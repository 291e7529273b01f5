"""Lecture 05's explorer in JupyterLab: asked first, moved by keyboard, and read."""

from __future__ import annotations

import re

import pytest


def test_the_importance_explorer_is_asked_moved_and_read_by_keyboard(notebook, watch) -> None:
    book = notebook("05_which_hyperparameter_matters.ipynb")
    for start in ("import rlhp", "whole = spaces.default", "sets = {"):
        book.run(book.find(start, kind="code"))
    cell = book.find("widgets.ImportanceExplorer(", kind="code")
    book.run(cell)
    shown, keyboard = book.output(cell), book.page.keyboard
    book.wait_text(cell, re.compile(r"Chosen: fANOVA on CartPole-v1 after [\d,]+ steps of training"))
    assert "has the largest share" not in book.text(cell), "a prediction comes first"

    shown.get_by_role("radio").first.focus()
    keyboard.press("Space")
    shown.get_by_role("button", name="Commit to this").focus()
    keyboard.press("Enter")
    said = re.compile("has the largest share|No ranking")
    book.wait_text(cell, said, seconds=120)
    assert "You predicted" in book.text(cell)
    book.shot("05-explorer-first")

    shown.get_by_role("combobox", name="Environment").select_option("MiniGrid-Empty-5x5-v0")
    moved = re.compile(r"^Bars of importance by fanova on MiniGrid")
    shown.get_by_role("img", name=moved).wait_for(timeout=180_000)
    book.wait_text(cell, re.compile("You predicted .* for fANOVA on CartPole-v1"), seconds=120)
    book.shot("05-explorer")

    shown.get_by_role("slider", name="Evaluation").focus()
    keyboard.press("ArrowLeft")
    book.wait_text(
        cell,
        re.compile(r"fANOVA on MiniGrid\S* after [\d,]+ steps of training, measure declared\. A share"),
        seconds=120,
    )
    # What the text says held before the move as well: the number is what tells that it has come.
    exact = shown.get_by_role("spinbutton", name="Evaluation, exact number")
    sync_api = pytest.importorskip("playwright.sync_api")
    sync_api.expect(exact).to_have_value("9", timeout=60_000)
    shown.get_by_role("combobox", name="Method").select_option("Ablation")
    book.wait_text(cell, re.compile("Ablation has no choice of measure or region here"))
    assert shown.get_by_role("combobox", name="Measure").is_disabled()
    shown.get_by_role("button", name="Stop").press("Enter")
    book.wait_text(cell, re.compile("Stopped, because you pressed Stop|Ready"), seconds=60)
    assert book.faults(cell) == []
    assert watch.errors == []
