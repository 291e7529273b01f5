"""Data sets: written, listed, read back, and every way in which a file can be wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from rlhp import Runs, datasets

HERE = Path(__file__).resolve().parents[1] / "data"
SAID: dict[str, Any] = {
    "title": "A study",
    "description": "What was studied.",
    "command": "python data/make.py study",
    "caveats": ["Only two seeds."],
}


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a data folder of our own."""
    monkeypatch.setenv("RLHP_DATA", str(tmp_path))
    return tmp_path


def runs(score: float = 1.0) -> Runs:
    configs = [{"gamma": 0.9}, {"gamma": 0.9}, {"gamma": 0.99}, {"gamma": 0.99}]
    made = Runs.from_table(configs, [score, 2.0, 3.0, 4.0], algorithm="dqn", env_id="CartPole-v1", seeds=[0, 1, 0, 1])
    return Runs(made.table.assign(wall_time_s=900.0), made.evals, made.history)


def same(one: Runs, other: Runs) -> None:
    pd.testing.assert_frame_equal(one.table, other.table)
    pd.testing.assert_frame_equal(one.evals, other.evals)
    pd.testing.assert_frame_equal(one.history, other.history)


def test_what_is_written_is_listed_and_read(root: Path) -> None:
    assert datasets.list() == []
    folder = datasets.write("study", runs(), **SAID)
    assert folder == root / "study"
    assert datasets.list() == ["study"]
    same(datasets.load("study"), runs())
    assert datasets.command("study") == "python data/make.py study"
    assert [path.name for path in root.iterdir()] == ["study"]  # no drafts left behind


def test_the_card_holds_what_a_reader_must_know(root: Path) -> None:
    datasets.write("study", runs(), **SAID)
    card = datasets.card("study")
    assert (card.name, card.title, card.caveats) == ("study", "A study", ("Only two seeds.",))
    assert (card.seeds, card.n_runs, card.hours) == ((0, 1), 4, 1.0)
    assert {"python", "rlhp", "numpy", "pandas"} <= set(card.versions)
    assert card.licence == "CC-BY-4.0"
    assert card.machine
    assert set(card.checksums) == {
        path.relative_to(root / "study").as_posix() for path in (root / "study" / "runs").iterdir()
    }
    text = str(card)
    for part in (
        "study: A study",
        "python data/make.py study",
        "2 seeds (0, 1)",
        "1.0 worker hours",
        "Only two seeds.",
    ):
        assert part in text
    html = card._repr_html_()
    assert "<b>A study</b>" in html
    assert "CC-BY-4.0" in html


def test_a_card_shows_html_as_text(root: Path) -> None:
    datasets.write("study", runs(), **(SAID | {"title": "a < b"}))
    assert "a &lt; b" in datasets.card("study")._repr_html_()


def test_writing_again_replaces_the_whole(root: Path) -> None:
    datasets.write("study", runs(), **SAID)
    datasets.write("study", runs(score=9.0), **(SAID | {"title": "Again"}))
    same(datasets.load("study"), runs(score=9.0))
    assert datasets.card("study").title == "Again"
    assert [path.name for path in root.iterdir()] == ["study"]


def test_a_failed_write_leaves_the_old_one(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    datasets.write("study", runs(), **SAID)

    def refuse(self: Runs, path: Path) -> Path:
        path.mkdir(parents=True)
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(Runs, "save", refuse)
        with pytest.raises(OSError, match="disk full"):
            datasets.write("study", runs(score=9.0), **SAID)
    same(datasets.load("study"), runs())
    assert [path.name for path in root.iterdir()] == ["study"]


def test_an_unknown_name_names_the_nearest(root: Path) -> None:
    datasets.write("exploration_cartpole", runs(), **SAID)
    with pytest.raises(ValueError, match=r"`exploration_catpole`; did you mean `exploration_cartpole`\?"):
        datasets.load("exploration_catpole")
    with pytest.raises(ValueError, match=r"Looked in .*`make data` in a clone measures those that are missing"):
        datasets.card("../study")


def test_without_a_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RLHP_DATA", str(tmp_path / "nowhere"))
    with pytest.raises(FileNotFoundError, match=r"RLHP_DATA says .*nowhere, which is not a folder; .*set RLHP_DATA"):
        datasets.list()
    monkeypatch.delenv("RLHP_DATA")
    monkeypatch.setattr(datasets, "__file__", str(tmp_path / "rlhp" / "datasets.py"))
    with pytest.raises(FileNotFoundError, match=r"there is no data folder at .*; the measured sweeps come with"):
        datasets.list()


def test_a_clone_needs_no_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RLHP_DATA", raising=False)
    assert datasets.list() == sorted(path.parent.name for path in HERE.glob("*/manifest.json"))


@pytest.mark.parametrize("damage", ["changed", "truncated", "missing"])
def test_a_file_that_is_not_what_was_written(root: Path, damage: str) -> None:
    datasets.write("study", runs(), **SAID)
    victim = next((root / "study" / "runs").glob("evals-*.parquet"))
    content = victim.read_bytes()
    if damage == "missing":
        victim.unlink()
        message = r"evals-\w+.parquet is missing; restore it with `git checkout -- data/study`"
    else:
        victim.write_bytes(content[:-1] if damage == "truncated" else content[:-1] + bytes([content[-1] ^ 1]))
        message = r"evals-\w+.parquet is corrupt: its SHA-256 is \w{12}..., not \w{12}...; restore it with `git"
    with pytest.raises(ValueError, match=message):
        datasets.load("study")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "manifest.json is corrupt"),
        ("[]", "manifest.json is corrupt"),
        ('{"format": 1}', r"manifest.json is corrupt \('seeds'\)"),
        ('{"format": 1, "seeds": [], "caveats": [], "titel": ""}', r"corrupt .*unexpected keyword argument 'titel'"),
        ('{"format": 2, "new": 1}', r"is of format 2, newer than rlhp [\d.]+ reads \(1\); upgrade rlhp"),
    ],
)
def test_a_manifest_that_cannot_be_read(root: Path, content: str, message: str) -> None:
    datasets.write("study", runs(), **SAID)
    (root / "study" / "manifest.json").write_text(content)
    with pytest.raises(ValueError, match=message):
        datasets.card("study")


@pytest.mark.parametrize("name", ["Study", "a b", "../x", "", "1st"])
def test_names_that_cannot_be(root: Path, name: str) -> None:
    with pytest.raises(ValueError, match="cannot name a data set; use lower-case letters"):
        datasets.write(name, runs(), **SAID)


@pytest.mark.parametrize("empty", ["title", "description", "command", "licence"])
def test_nothing_may_be_left_unsaid(root: Path, empty: str) -> None:
    with pytest.raises(ValueError, match=f"data set `study`: `{empty}` is empty; say it"):
        datasets.write("study", runs(), **(SAID | {empty: " "}))


def test_a_data_set_has_runs(root: Path) -> None:
    with pytest.raises(ValueError, match="data set `study` would hold no runs"):
        datasets.write("study", runs().select(seed=7), **SAID)


def test_the_manifest_is_plain_json(root: Path) -> None:
    folder = datasets.write("study", runs(), hours=2.5, machine="a laptop", versions={"python": "3.11"}, **SAID)
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["format"] == 1
    assert manifest["command"] == SAID["command"]
    assert manifest["seeds"] == [0, 1]
    assert (manifest["hours"], manifest["machine"], manifest["versions"]) == (2.5, "a laptop", {"python": "3.11"})
    assert b"\r" not in (folder / "manifest.json").read_bytes()


def test_every_data_set_of_the_repository_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RLHP_DATA", raising=False)
    for name in datasets.list():
        card = datasets.card(name)
        found = datasets.load(name)
        assert len(found) == card.n_runs
        assert sorted(set(found.table["seed"])) == [*card.seeds]
        assert f"data/make.py {name}" in card.command
        assert card.hours > 0
