"""What an explorer says is text: nothing in it becomes markup, and what is folded away is still said."""

from __future__ import annotations

from rlhp.curves import number_label
from rlhp.widgets.frame._markup import alert, fold, paragraphs, plain, table


def test_nothing_that_is_said_becomes_markup() -> None:
    for written in (table(["<b>"], [["<b>"]]), paragraphs(["<b>"]), fold("<b>", "x"), alert("<b>", "<b>")):
        assert "<b>" not in written.replace("<b>This did not work.</b>", "")
        assert "&lt;b&gt;" in written


def test_what_is_folded_away_is_said_in_plain_words_too() -> None:
    said = paragraphs(["First."]) + fold("As a table", table(["seed", "return"], [[0, number_label(1234.5, 4)]]))
    assert plain(said).splitlines() == ["First.", "As a table", "seed return", "0 1,234"]


def test_nothing_is_folded_where_there_is_nothing() -> None:
    assert fold("As a table", "") == ""
    assert paragraphs(["", ""]) == ""
