"""Text is as wide as it is said to be, and is broken where it should be."""

from __future__ import annotations

import pytest
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

from rlhp.plots import _text

SENTENCES = [
    "IQM over n = 16 runs each. Shaded: 95 % simultaneous band (sup-t, cut at what an episode can earn (1 to 500)).",
    "fanova of average return over training on CartPole-v1, measure: declared; 256 configurations, up to 10 seeds.",
    "exploration_final_eps", "target_update_interval", "0.0000464 to 0.000215", "MountainCar-v0: MINATAR BREAKOUT",
]  # fmt: skip


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_line_is_about_as_wide_as_the_font_makes_it(sentence) -> None:
    font = FontProperties(family="DejaVu Sans", size=8.5)
    true, *_ = text_to_path.get_text_width_height_descent(sentence, font, False)
    assert _text.text_width(sentence, 8.5) == pytest.approx(true, rel=0.08)


def test_lines_fill_with_whole_sentences_first() -> None:
    assert _text.wrapped(["One sentence.", "Two.", "A longer sentence here."], 150.0, 10.0) == [
        "One sentence. Two.",
        "A longer sentence here.",
    ]


def test_a_sentence_longer_than_a_line_breaks_between_words() -> None:
    assert _text.wrapped(["a bb ccc dddd"], _text.text_width("a bb c", 10.0), 10.0) == ["a bb", "ccc", "dddd"]


def test_no_line_is_wider_than_it_may_be() -> None:
    for width in (80.0, 200.0, 400.0):
        lines = _text.wrapped(SENTENCES[:2], width, 8.5)
        assert max(_text.text_width(line, 8.5) for line in lines) <= width
        assert " ".join(lines) == " ".join(SENTENCES[:2])


def test_names_break_after_underscores() -> None:
    assert _text.broken_name("target_update_interval", 90.0, 9.0) == "target_update_\ninterval"
    assert _text.broken_name("gamma", 5.0, 9.0) == "gamma"


def test_what_is_cut_ends_in_an_ellipsis() -> None:
    assert _text.shortened("a_very_long_level_name", 60.0, 8.0).endswith("…")
    assert _text.text_width(_text.shortened("a_very_long_level_name", 60.0, 8.0), 8.0) <= 60.0
    assert _text.shortened("short", 60.0, 8.0) == "short"
