"""Whatever is handed in: a notebook of any format, or a plain word about what it is instead."""

from __future__ import annotations

import json
from typing import Any

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("nbgrader")

from rlhp.exercises.grading._notes import NOTE_ID, add_note
from rlhp.exercises.grading._reading import put_in_form, read
from rlhp.exercises.notebook import inspect_cells

RECORD = {
    "kind": ["answer", "check", "manual"],
    "name": ["99.a"],
    "grade_id": ["a"],
    "cell_type": ["code", "markdown"],
    "defines": [["f"]],
}

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
cells = st.fixed_dictionaries(
    {},
    optional={
        "cell_type": st.sampled_from(["code", "markdown", "raw", "heading"]) | anything,
        "source": st.text(max_size=20) | st.lists(st.text(max_size=8), max_size=3) | anything,
        "id": st.sampled_from(["a", "a", NOTE_ID, "", "x" * 80]) | anything,
        "metadata": st.fixed_dictionaries({}, optional={"nbgrader": anything, "tags": anything}) | anything,
        "outputs": anything,
        "attachments": anything,
        "execution_count": anything,
    },
)
notebooks = st.fixed_dictionaries(
    {"cells": st.lists(cells | anything, max_size=5) | anything},
    optional={"metadata": anything, "nbformat": st.sampled_from([3, 4, 5]) | anything, "nbformat_minor": anything},
)

records = st.lists(
    st.fixed_dictionaries({key: st.sampled_from(good) | anything for key, good in RECORD.items()})
    | st.fixed_dictionaries({key: st.sampled_from(good) for key, good in RECORD.items()} | {"defines": anything}),
    max_size=2,
)
marked = st.lists(
    st.fixed_dictionaries(
        {
            "cell_type": st.sampled_from(["code", "markdown"]),
            "source": st.sampled_from(["", "def f(x):\n    pass"]),
            "metadata": st.fixed_dictionaries(
                {},
                optional={"nbgrader": st.fixed_dictionaries({"grade_id": st.just("a")}, optional={"points": anything})},
            ),
        }
    ),
    max_size=4,
)


@settings(deadline=None)
@given(notebooks | anything)
def test_any_json_is_brought_into_form_or_refused_in_words(raw: Any) -> None:
    try:
        notebook = read(json.dumps(raw))
    except ValueError:
        return
    put_in_form(notebook)
    nbformat.validate(notebook)
    ids = [cell.id for cell in notebook.cells]
    assert len(set(ids)) == len(ids)
    assert NOTE_ID not in ids
    inspect_cells(notebook)


@settings(deadline=None)
@given(records, marked)
def test_a_record_that_was_tampered_with_does_not_stop_the_inspection(record: Any, cells: Any) -> None:
    notebook = read(json.dumps({"cells": cells, "metadata": {"rlhp": {"cells": record}}, "nbformat": 4}))
    put_in_form(notebook)
    inspect_cells(notebook)


@given(st.text(max_size=30))
def test_any_text_is_refused_in_words(text: str) -> None:
    said = ""
    try:
        read(text)
    except ValueError as error:
        said = str(error)
    assert said.startswith(("it is ", "its format"))


@pytest.mark.parametrize("minor", range(6))
def test_every_minor_of_format_4_gets_ids(minor: int) -> None:
    raw = {
        "cells": [{"cell_type": "code", "source": ["a\n", "b"], "metadata": {}, "outputs": [], "execution_count": 1}]
        * 3,
        "metadata": {"rlhp": {"cells": []}, "kernelspec": {"name": "julia"}},
        "nbformat": 4,
        "nbformat_minor": minor,
    }
    notebook = read("\ufeff" + json.dumps(raw))
    put_in_form(notebook)
    nbformat.validate(notebook)
    assert [cell.id for cell in notebook.cells] == ["cell-1", "cell-2", "cell-3"]
    assert notebook.nbformat_minor == 5
    assert dict(notebook.metadata) == {"rlhp": {"cells": []}}


def test_format_3_is_read() -> None:
    cell = {"cell_type": "code", "input": ["a = 1"], "language": "python", "metadata": {}, "outputs": []}
    old = {"worksheets": [{"cells": [cell], "metadata": {}}], "metadata": {"name": ""}, "nbformat": 3}
    notebook = read(json.dumps(old | {"nbformat_minor": 0}))
    put_in_form(notebook)
    assert notebook.cells[0].source == "a = 1"


def test_notes_share_one_cell() -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1")])
    add_note(notebook, "First", ["one"])
    add_note(notebook, "Second", ["two", "three"])
    assert len(notebook.cells) == 2
    assert notebook.cells[0].source == "**First**\n\n- one\n\n**Second**\n\n- two\n- three"
