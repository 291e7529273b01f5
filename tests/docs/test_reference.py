"""The reference has a page for each room and a place for each public name."""

from __future__ import annotations

import importlib
import inspect

import pytest

import rlhp
from docs.extensions import reference
from tests.docs.markdown import DOCS, page

PAGES = reference.rooms(DOCS / "reference")
# The rooms that a user meets; `agents` has its contract beside them.
MET = {name for name in rlhp.__all__ if inspect.ismodule(getattr(rlhp, name))}


def test_every_room_has_a_page() -> None:
    rooms = {module.split(".")[1] for module in PAGES if "." in module}
    assert {"curves", "sweeps"} <= MET
    assert MET - rooms == set()
    assert "agents" in rooms
    assert "rlhp" in PAGES
    assert set(page(DOCS / "reference" / "index.md").toctree) == set(PAGES.values())


@pytest.mark.parametrize("module", PAGES)
def test_every_public_name_says_what_it_is(module: str) -> None:
    """A name without a docstring of its own has no place on the page: autodoc leaves it out."""
    held = importlib.import_module(module)
    names = reference.public(module)
    assert names
    for name in names:
        value = getattr(held, name)
        said = reference.words(module, name) if reference.is_constant(value) else inspect.getdoc(value)
        assert said, f"{module}.{name}"
        assert reference.first_sentence(said).endswith((".", "!", "?")), f"{module}.{name}: {said.splitlines()[0]}"


def test_the_rooms_are_read_from_the_pages(tmp_path) -> None:
    (tmp_path / "curves.rst").write_text("curves\n======\n\n.. automodule:: rlhp.curves\n")
    (tmp_path / "index.md").write_text("# Reference\n")
    assert reference.rooms(tmp_path) == {"rlhp.curves": "curves"}


def test_a_first_sentence_is_one_line() -> None:
    assert reference.first_sentence("Draw it\nin colour.\n\nMore.") == "Draw it in colour."
