"""Every figure has its place in the gallery, and every script of the gallery draws one."""

from __future__ import annotations

import pytest

from docs.extensions import gallery
from rlhp import plots
from tests.docs.markdown import DOCS, page

SCRIPTS = sorted(gallery.SCRIPTS.glob("*.py"))
PAGE = DOCS / "gallery" / "index.md"


def figures() -> list[str]:
    """Give the functions of `plots` that draw: those that have words to go with the figure."""
    words = [name for name in plots.__all__ if name.endswith("alt_text")]
    return [name.removesuffix("alt_text").rstrip("_") or "curves" for name in words]


def test_every_figure_of_the_library_is_drawn_by_a_script() -> None:
    assert {"curves", "importance", "landscape"} <= set(figures())
    drawn = {name for name in figures() for script in SCRIPTS if f"plots.{name}(" in script.read_text(encoding="utf-8")}
    assert set(figures()) - drawn == set()


def test_the_page_shows_every_script_once() -> None:
    shown = gallery.listed(PAGE)
    assert shown == page(PAGE).figures
    assert sorted(shown) == [script.stem for script in SCRIPTS]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_a_script_is_short_and_says_what_its_figure_answers(script) -> None:
    title, about, code = gallery.told(script)
    compile(code, script.name, "exec")
    assert len(code.splitlines()) <= 16, "a gallery shows the call, not a study"
    assert title[0].isupper()
    assert title[-1] not in ".:"
    assert about.endswith((".", "?"))
    assert "ax = plots." in code
    assert "alt = plots." in code


# All of them are drawn by `make docs`, which fails where one is not; here those that take no time.
@pytest.mark.parametrize("name", ["curves", "diagram", "forest", "pareto_front", "schedule"])
def test_a_script_draws_and_says_what_it_draws(name, tmp_path) -> None:
    drawn = gallery.draw(gallery.SCRIPTS / f"{name}.py", tmp_path)
    assert drawn.picture.read_bytes()[1:4] == b"PNG"
    assert drawn.alt.endswith(".")


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("ax = 1\nalt = 'words'\n", "leaves no Axes in `ax`"),
        ("from rlhp import plots\nax = plots.new_axes()\n", "no words in `alt`"),
        ("from rlhp import plots\nax = plots.new_axes()\nalt = 'words'\nprint(1)\n", "says more than its figure"),
        (
            "import warnings\nfrom rlhp import plots\nax = plots.new_axes()\nalt = 'a'\nwarnings.warn('b')\n",
            "more than",
        ),
    ],
)
def test_a_script_that_draws_nothing_is_refused(tmp_path, code, said) -> None:
    script = tmp_path / "one.py"
    script.write_text(f'"""Title\n\nWords.\n"""\n\n{code}')
    with pytest.raises(ValueError, match=said):
        gallery.draw(script, tmp_path)


def test_a_script_without_words_is_refused(tmp_path) -> None:
    script = tmp_path / "one.py"
    script.write_text("ax = 1\n")
    with pytest.raises(ValueError, match="has no docstring"):
        gallery.told(script)
