"""The pages of the algorithms number their equations, and the code has each number where the equation is computed."""

from __future__ import annotations

import re

import pytest

from rlhp.algorithms import declared, names
from tests.agents.reading import ROOT, numbered

COMPILED = [name for name in names() if declared(name).agent is not None]


@pytest.mark.parametrize("algorithm", COMPILED)
def test_every_equation_of_a_page_has_its_line_in_the_code(algorithm):
    page = (ROOT / "docs" / "algorithms" / f"{algorithm}.md").read_text(encoding="utf-8")
    equations = [int(number) for number in re.findall(r"\\tag\{(\d+)\}", page)]
    assert equations == list(range(1, len(equations) + 1)), "numbered from 1, as they come"
    code = (ROOT / "rlhp" / "agents" / f"{algorithm}.py").read_text(encoding="utf-8")
    assert numbered(code) == set(equations)
    assert f"docs/algorithms/{algorithm}.md" in code, "the code says whose numbers these are"


def test_advantages_have_the_numbers_of_both_pages_that_need_them():
    code = (ROOT / "rlhp" / "agents" / "gae.py").read_text(encoding="utf-8")
    assert numbered(code) == {1, 2}
    for algorithm in ("a2c", "ppo"):
        page = (ROOT / "docs" / "algorithms" / f"{algorithm}.md").read_text(encoding="utf-8")
        first, second = re.findall(r"(.*)\\qquad \\tag\{[12]\}", page)
        assert first.startswith(r"\delta_t = r_t")
        assert second.startswith(r"\hat A_t = \delta_t")
        assert f"docs/algorithms/{algorithm}.md" in code


def test_numbers_are_read_from_comments_alone():
    assert numbered("a = 1  # eq. (3)\nb = 2  # eq. (4), (5)\nc = '# eq. (6)'\nd = f(1)  # as in eq. (7), twice\n") == {
        3,
        4,
        5,
        7,
    }
