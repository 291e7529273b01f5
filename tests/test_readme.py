"""The README's code runs as it stands, and what it points at exists."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
JOURNEY, SCHEDULE = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def test_the_journey_is_twelve_lines_and_runs(tmp_path) -> None:
    assert len(JOURNEY.strip().splitlines()) == 12
    env = {**os.environ, "MPLBACKEND": "agg"}
    command = [sys.executable, "-c", JOURNEY]
    said = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr[-3000:]
    assert len(re.findall(r"\b0\.001", said.stdout)) >= 2, "both tables show the learning rates"
    assert (tmp_path / "learning_rates.png").stat().st_size > 5_000


@pytest.mark.filterwarnings("default")
def test_the_schedule_really_trains(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict = {}
    exec("import rlhp\n" + SCHEDULE, names)
    assert names["runs"].table["status"].tolist() == ["finished"]


def test_the_picture_can_be_drawn_again(tmp_path) -> None:
    picture = tmp_path / "picture.png"
    subprocess.run([sys.executable, ROOT / "docs" / "picture.py", picture], check=True)
    assert picture.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    # The size stands in bytes 16 to 24: a changed picture of another shape was not committed.
    assert picture.read_bytes()[16:24] == (ROOT / "docs" / "learning_rates.png").read_bytes()[16:24]


def test_every_link_and_picture_is_there() -> None:
    for target in re.findall(r"\]\((?!https?://)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target


def test_every_place_it_names_is_there() -> None:
    first_column = re.findall(r"^\| `([\w/]+/)` \|", README, re.MULTILINE)
    assert len(first_column) == 7
    ignored = (ROOT / ".gitignore").read_text().splitlines()
    for folder in first_column:  # a student's own is made by `make lab` and stays out of git
        assert (ROOT / folder).is_dir() or (folder == "my_course/" and f"/{folder}" in ignored), folder


def test_every_command_it_names_exists() -> None:
    said = subprocess.run([sys.executable, ROOT / "make.py"], capture_output=True, text=True, check=True).stdout
    for name in re.findall(r"\bmake (\w[\w-]*)", README):
        assert f"make {name} " in said, name
