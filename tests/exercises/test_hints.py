from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from rlhp.exercises import expected, hint
from rlhp.exercises._hinting import Hints, draw_picture
from rlhp.exercises.declare import exercise, find_exercise


@pytest.fixture(autouse=True)
def _declared() -> None:
    def draw(ax: object) -> str:
        ax.plot([0, 1], [1, 0])  # type: ignore[attr-defined]
        return 'A line from 1 to 0 & "back".'

    exercise("99.line", title="A <line>", hints=("It falls.", "Use `x`.", "1 - x"), picture=draw)
    exercise("99.bare", title="Bare", hints=("none",))


def test_each_call_tells_one_more(capsys: pytest.CaptureFixture[str]) -> None:
    said = []
    for _ in range(4):
        hint("99.line")
        said.append(capsys.readouterr().out.strip().splitlines())
    assert said[0] == ["Hint 1 of 3: It falls.", 'Ask again for the next one: hint("99.line")']
    assert said[1][:2] == ["Hint 1 of 3: It falls.", "Hint 2 of 3: Use `x`."]
    assert said[2] == ["Hint 1 of 3: It falls.", "Hint 2 of 3: Use `x`.", "Hint 3 of 3: 1 - x"]
    assert said[3] == said[2]


class _Depth(HTMLParser):
    """Notes at which depth of nested details each text stands."""

    def __init__(self) -> None:
        super().__init__()
        self.depth, self.texts = 0, {}

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.depth += tag == "details"

    def handle_endtag(self, tag: str) -> None:
        self.depth -= tag == "details"

    def handle_data(self, data: str) -> None:
        self.texts[data] = self.depth


def test_a_notebook_folds_each_hint_into_the_one_before() -> None:
    html = Hints(find_exercise("99.line"), 1)._repr_html_()
    parser = _Depth()
    parser.feed(html)
    assert parser.texts["It falls."] == 1
    assert parser.texts["1 - x"] == 3
    assert "open" not in re.findall(r"<details[^>]*>", html)[0]
    assert "<code>x</code>" in html
    assert "A &lt;line&gt;: hints" in html


def test_expected_draws_and_describes(capsys: pytest.CaptureFixture[str]) -> None:
    expected("99.line")
    assert 'A line from 1 to 0 & "back".' in capsys.readouterr().out
    picture = draw_picture(find_exercise("99.line"))
    assert picture.png.startswith(b"\x89PNG")
    html = picture._repr_html_()
    assert 'alt="A line from 1 to 0 &amp; &quot;back&quot;."' in html
    assert 'src="data:image/png;base64,' in html


def test_expected_leaves_open_figures_alone() -> None:
    import matplotlib.pyplot as plt

    before = plt.get_fignums()
    draw_picture(find_exercise("99.line"))
    assert plt.get_fignums() == before


def test_an_exercise_without_a_picture_names_those_with_one() -> None:
    with pytest.raises(ValueError, match=r"`99.bare` has no picture. Exercises of this lecture with one: 99.line"):
        expected("99.bare")
    with pytest.raises(ValueError, match=r"`99.bare` has no picture"):
        draw_picture(find_exercise("99.bare"))


def test_a_picture_needs_its_alt_text() -> None:
    exercise("99.mute", title="Mute", hints=("none",), picture=lambda ax: "")
    with pytest.raises(ValueError, match="must return its alt text; got ''"):
        expected("99.mute")


def test_what_is_no_exercise_is_told_what_it_is() -> None:
    for ask, lacks in ((hint, "no hints"), (expected, "no picture")):
        with pytest.raises(ValueError, match=rf"`00.quiz` is a quiz and has {lacks}: quiz..00.quiz"):
            ask("00.quiz")
        with pytest.raises(ValueError, match=f"A written answer, which a person reads, has {lacks}."):
            ask("00.what_i_found")
