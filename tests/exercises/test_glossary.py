"""A hint explains a word, from the glossaries that lectures bring."""

from __future__ import annotations

from pathlib import Path

import pytest

from rlhp.exercises import _glossary as glossary
from rlhp.exercises import hint, lectures

PAGE = """# Glossary

```{glossary}
replay memory
replay buffer
  Transitions that are kept,
  to learn from `them` again.

bootstrap (statistics)
  Draw again from what was drawn.

bootstrapping
  Use a prediction as if it were a reward.
```

Not a word.
"""


@pytest.fixture(autouse=True)
def _ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "glossary_lectures").mkdir()
    (tmp_path / "glossary_lectures" / "glossary.md").write_text(PAGE, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(lectures, "only", ("glossary_lectures",))


@pytest.mark.parametrize("word", ["replay memory", " Replay buffer", "REPLAY MEMORY"])
def test_a_word_is_explained(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    hint(f"glossary:{word}")
    said = capsys.readouterr().out
    assert said == "replay memory, replay buffer: Transitions that are kept, to learn from `them` again.\n"


def test_what_stands_in_brackets_need_not_be_said() -> None:
    assert [entry.text for entry in glossary.look_up("bootstrap").entries] == ["Draw again from what was drawn."]


def test_all_words_are_folded_in_a_notebook(capsys: pytest.CaptureFixture[str]) -> None:
    hint("glossary")
    said = capsys.readouterr().out.splitlines()
    assert [line.partition(":")[0] for line in said] == [
        "bootstrap (statistics)",
        "bootstrapping",
        "replay memory, replay buffer",
    ]
    many = glossary.Words(glossary.look_up().entries * 2)._repr_html_()
    assert many.startswith("<details><summary")
    assert "Glossary: 6 words" in many
    few = glossary.look_up("replay memory")._repr_html_()
    assert "<details" not in few
    assert "<code>them</code>" in few


def test_an_unknown_word_gives_the_nearest() -> None:
    with pytest.raises(
        ValueError, match=r"unknown word of the glossary `replay memry`; did you mean `replay memory`\?"
    ):
        hint("glossary:replay memry")


def test_without_a_glossary_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lectures, "only", ())
    with pytest.raises(ValueError, match=r"unknown word of the glossary `IQM`. Valid: none. No lectures are installed"):
        hint("glossary:IQM")
