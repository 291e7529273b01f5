"""The commands on the algorithms' pages: asked for as they stand, but not trained; that takes minutes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import rlhp
from rlhp.algorithms import declared, names
from rlhp.algorithms._registry import of_others
from rlhp.trainers import RunRequest
from tests.docs.markdown import DOCS

_BLOCK = re.compile(r"^```\{code-block\} python\n(.*?)^```", re.DOTALL | re.MULTILINE)
PAGES = sorted(path.stem for path in (DOCS / "algorithms").glob("*.md") if path.stem != "index")


def asked(page: Path, monkeypatch: pytest.MonkeyPatch) -> list[RunRequest]:
    """Run the blocks of a page with a `rlhp.train` that checks what it is asked for, and goes no further."""
    requests: list[RunRequest] = []

    class Runs:
        evals = pd.DataFrame({"step": [0], "return_mean": [0.0], "entropy": [0.0]})

    def train(algorithm: str, env_id: str, config: dict[str, Any], *, steps: int, seed: int) -> Runs:
        requests.append(RunRequest(algorithm, env_id, seed, steps, config, max(steps // 10, 1), 10, "auto"))
        return Runs()

    monkeypatch.setattr(rlhp, "train", train)
    for block in _BLOCK.findall(page.read_text(encoding="utf-8")):
        exec(compile(block, page.name, "exec"), {})
    return requests


@pytest.mark.parametrize("algorithm", PAGES)
def test_a_page_says_how_its_algorithm_is_trained(algorithm, monkeypatch) -> None:
    (request,) = asked(DOCS / "algorithms" / f"{algorithm}.md", monkeypatch)
    assert request.algorithm == algorithm
    assert request.engine == "jax"  # the page is about the compiled one, which must have all that is asked for
    assert request.steps >= 10_000


def test_every_algorithm_of_the_compiled_engine_has_a_page() -> None:
    assert sorted(name for name in names() if declared(name).agent and of_others(name) is None) == PAGES


def test_a_setting_that_cannot_be_is_caught(tmp_path, monkeypatch) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "```{code-block} python\nimport rlhp\nrlhp.train('dqn', 'CartPole-v1', {'gama': 1}, steps=1, seed=0)\n```\n"
    )
    with pytest.raises(ValueError, match="did you mean `gamma`"):
        asked(page, monkeypatch)
