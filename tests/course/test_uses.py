"""A lecture uses an answer only where it says so; anything else stops Run All at the first stub."""

from __future__ import annotations

import pytest

from course.uses import unguarded

ANSWERS = {"double": "97.double", "halve": "97.halve"}


@pytest.mark.parametrize(
    "cells",
    [
        ["x = 1", "print(x)"],
        ['with needs("97.double"):\n    print(double(2))'],
        ['with needs("97.double", "97.halve"):\n    print(double(halve(2)))'],
        ['with needs("97.double"):\n    x = double(2)', 'with needs("97.double"):\n    print(x)'],
        ['with needs("97.double"):\n    x = double(2)', "x = 1", "print(x)"],
        ['x = 0\nwith needs("97.double"):\n    x = double(2)', "print(x)"],
        ["def four(n):\n    return double(double(n))", 'with needs("97.double"):\n    print(four(1))'],
        ["def other(double):\n    return double(1)", "other(abs)"],
        ['with needs("97.double"):\n    for x in range(3):\n        print(double(x))', "print([x for x in (1, 2)])"],
        [
            'with needs("97.double"):\n    for x in range(3):\n        print(double(x))',
            "for x in (1, 2):\n    print(x)",
        ],
        ["%matplotlib inline", "x = 1"],
    ],
)
def test_a_lecture_that_runs_through(cells: list[str]) -> None:
    assert list(unguarded(cells, ANSWERS)) == []


@pytest.mark.parametrize(
    ("cells", "index", "message"),
    [
        (["print(double(2))"], 0, '`double` is the answer to `97.double`: write `with needs("97.double"):` above'),
        (["x = double(2)"], 0, "`double` is the answer to"),
        (["x = [double(n) for n in range(3)]"], 0, "`double` is the answer to"),
        (
            ['with needs("97.double"):\n    x = double(2)', "print(x)"],
            1,
            '`x` is made from the answer to `97.double`: write `with needs("97.double"):` above what uses it',
        ),
        (['with needs("97.double"):\n    x = double(2)', "x = x + 1"], 1, "`x` is made from"),
        (["def four(n):\n    return double(double(n))", "four(1)"], 1, "`four` is made from the answer to `97.double`"),
        (['with needs("97.halve"):\n    double(2)'], 0, "`with needs(...)` uses `97.double` as well: name it there"),
        (["with open('x'):\n    double(2)"], 0, "`double` is the answer to"),
        (
            ['with needs("97.double"):\n    x = double(2)', 'with needs("97.halve"):\n    halve(x)'],
            1,
            "uses `97.double` as well",
        ),
    ],
)
def test_what_would_stop_run_all(cells: list[str], index: int, message: str) -> None:
    found = list(unguarded(cells, ANSWERS))
    assert len(found) == 1
    assert found[0][0] == index
    assert message in found[0][1]
