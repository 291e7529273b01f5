"""What `make lab` does to a student's folder: newer lectures come, and no word that somebody wrote goes."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from course import copies

NAME = "00_first.ipynb"


def lecture(version: int) -> bytes:
    """A built lecture, as small as can be; `version` is in its text."""
    cells = [
        {"cell_type": "markdown", "id": "a", "metadata": {}, "source": f"# First, version {version}"},
        {
            "cell_type": "code",
            "id": "b",
            "metadata": {"nbgrader": {"grade_id": "b", "solution": True}},
            "source": "raise NotImplementedError",
            "outputs": [],
            "execution_count": None,
        },
    ]
    notebook = {"cells": cells, "metadata": {"rlhp": {"cells": []}}, "nbformat": 4, "nbformat_minor": 5}
    notebook["metadata"]["rlhp"]["build"] = copies.digest(notebook)
    return json.dumps(notebook, indent=1).encode()


def answered(data: bytes, text: str) -> bytes:
    """A notebook after somebody wrote into its second cell."""
    notebook = json.loads(data)
    notebook["cells"][1]["source"] = [f"answer = {text!r}\n", "answer"]
    return json.dumps(notebook).encode()


def run(data: bytes) -> bytes:
    """A notebook as JupyterLab saves it after Run All: other layout, outputs, a blank cell at the end."""
    notebook = json.loads(data)
    notebook["cells"][1]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "42"}]
    notebook["cells"][1]["execution_count"] = 3
    notebook["cells"][1]["source"] = "".join(notebook["cells"][1]["source"]).splitlines(keepends=True)
    notebook["metadata"]["language_info"] = {"name": "python", "version": "3.11.9"}
    notebook["cells"].append({"cell_type": "code", "id": "c", "metadata": {}, "source": "", "outputs": []})
    return json.dumps(notebook).encode()


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    course = tmp_path / "course"
    course.mkdir()
    (course / NAME).write_bytes(lecture(1))
    return course, tmp_path / "my_course"


def names(mine: Path) -> list[str]:
    return sorted(path.name for path in mine.iterdir() if not path.name.startswith("."))


def test_a_first_call_copies_and_a_second_does_nothing(folders) -> None:
    course, mine = folders
    assert copies.bring(course, mine) == []
    assert (mine / NAME).read_bytes() == lecture(1)
    before = (mine / NAME).stat().st_mtime_ns
    assert copies.bring(course, mine) == []
    assert (mine / NAME).stat().st_mtime_ns == before


@pytest.mark.parametrize("saved", [lambda data: data, run], ids=["untouched", "run"])
def test_a_copy_without_answers_is_replaced_by_a_newer_lecture(folders, saved) -> None:
    course, mine = folders
    copies.bring(course, mine)
    (mine / NAME).write_bytes(saved(lecture(1)))
    (course / NAME).write_bytes(lecture(2))
    assert copies.bring(course, mine) == [
        "my_course/00_first.ipynb is newer now; nothing was written into the older one."
    ]
    assert (mine / NAME).read_bytes() == lecture(2)
    assert names(mine) == [NAME]


def test_a_newer_lecture_lies_beside_an_answered_copy_and_is_told_once(folders) -> None:
    course, mine = folders
    copies.bring(course, mine)
    (mine / NAME).write_bytes(answered(lecture(1), "mine"))
    assert copies.bring(course, mine) == []
    (course / NAME).write_bytes(lecture(2))
    assert copies.bring(course, mine) == [
        "my_course/00_first.ipynb holds your answers and stays; the newer lecture is beside it: 00_first_newer.ipynb"
    ]
    assert (mine / NAME).read_bytes() == answered(lecture(1), "mine")
    assert (mine / "00_first_newer.ipynb").read_bytes() == lecture(2)
    (mine / "00_first_newer.ipynb").unlink()  # it was not wanted
    assert copies.bring(course, mine) == []
    assert names(mine) == [NAME]

    (course / NAME).write_bytes(lecture(3))
    copies.bring(course, mine)
    assert (mine / "00_first_newer.ipynb").read_bytes() == lecture(3)
    (course / NAME).write_bytes(lecture(4))
    copies.bring(course, mine)  # the one before was not written into
    assert (mine / "00_first_newer.ipynb").read_bytes() == lecture(4)
    (mine / "00_first_newer.ipynb").write_bytes(answered(lecture(4), "mine too"))
    (course / NAME).write_bytes(lecture(5))
    assert "beside it: 00_first_newer_2.ipynb" in copies.bring(course, mine)[0]
    assert (mine / "00_first_newer.ipynb").read_bytes() == answered(lecture(4), "mine too")
    shutil.rmtree(mine / ".rlhp")  # what was told before is forgotten: told again at most, and nothing is lost
    assert copies.bring(course, mine) == []
    assert names(mine) == [NAME, "00_first_newer.ipynb", "00_first_newer_2.ipynb"]


def test_a_deleted_or_renamed_copy_comes_back_fresh(folders) -> None:
    course, mine = folders
    copies.bring(course, mine)
    (mine / NAME).write_bytes(answered(lecture(1), "mine"))
    (mine / NAME).rename(mine / "00_mine.ipynb")
    assert copies.bring(course, mine) == []
    assert (mine / NAME).read_bytes() == lecture(1)
    assert (mine / "00_mine.ipynb").read_bytes() == answered(lecture(1), "mine")


@pytest.mark.parametrize(
    "damaged",
    [b"", b"{", b"[]", b"null", b'{"cells": {}}', b'{"cells": [5]}', b"\xff\xfe\x00", lecture(1)[:200], b"[" * 99_999],
    ids=["empty", "cut", "list", "null", "cells", "cell", "binary", "half", "deep"],
)
def test_a_copy_that_cannot_be_read_stays_and_a_fresh_one_lies_beside_it(folders, damaged) -> None:
    course, mine = folders
    copies.bring(course, mine)
    (mine / NAME).write_bytes(damaged)
    said = copies.bring(course, mine)
    assert len(said) == 1
    assert said[0].endswith("the newer lecture is beside it: 00_first_newer.ipynb")
    assert (mine / NAME).read_bytes() == damaged
    assert (mine / "00_first_newer.ipynb").read_bytes() == lecture(1)
    assert copies.bring(course, mine) == []


def test_a_copy_of_a_removed_lecture_stays(folders) -> None:
    course, mine = folders
    copies.bring(course, mine)
    (course / NAME).unlink()
    assert copies.bring(course, mine) == []
    assert names(mine) == [NAME]


def test_answers_written_into_the_course_itself_are_picked_up_once(folders) -> None:
    course, mine = folders
    work = answered(lecture(1), "mine")
    (course / NAME).write_bytes(work)
    assert copies.bring(course, mine) == [
        "What you wrote into course/00_first.ipynb is now in my_course/00_first.ipynb: go on there. "
        "(`git checkout -- course/00_first.ipynb` then makes room for newer lectures.)"
    ]
    assert (mine / NAME).read_bytes() == (course / NAME).read_bytes() == work
    (mine / NAME).write_bytes(answered(lecture(1), "more"))
    assert copies.bring(course, mine) == []
    assert names(mine) == [NAME]
    (course / NAME).write_bytes(answered(lecture(1), "other work"))
    assert "is now in my_course/00_first_from_course.ipynb" in copies.bring(course, mine)[0]
    (course / NAME).write_bytes(lecture(2))  # put back, and newer
    assert "beside it: 00_first_newer.ipynb" in copies.bring(course, mine)[0]
    assert (mine / NAME).read_bytes() == answered(lecture(1), "more")


def test_answers_in_a_course_built_before_this_are_picked_up(folders) -> None:
    course, mine = folders
    old = json.loads(answered(lecture(1), "mine"))
    del old["metadata"]["rlhp"]["build"]
    (course / NAME).write_text(json.dumps(old))
    assert len(copies.bring(course, mine)) == 1
    assert json.loads((mine / NAME).read_bytes()) == old


def test_outputs_in_the_course_are_nobodys_answers(folders) -> None:
    course, mine = folders
    (course / NAME).write_bytes(run(lecture(1)))
    assert copies.bring(course, mine) == []


def test_a_course_notebook_that_cannot_be_read_is_told(folders) -> None:
    course, mine = folders
    (course / NAME).write_text("<<<<<<< HEAD\n{}")
    assert copies.bring(course, mine) == [
        "course/00_first.ipynb cannot be read as a notebook, so there is no fresh copy of it. If it holds nothing of "
        "yours, `git checkout -- course/00_first.ipynb` brings it back."
    ]
    assert names(mine) == []
    assert (course / NAME).read_text() == "<<<<<<< HEAD\n{}"


def test_a_file_saved_while_it_is_looked_at_is_left_alone(folders, monkeypatch) -> None:
    course, mine = folders
    copies.bring(course, mine)
    (course / NAME).write_bytes(lecture(2))
    looked = copies.look

    def look(path: Path) -> copies.Held:
        held = looked(path)
        if path == mine / NAME:
            path.write_bytes(answered(lecture(1), "just saved"))
        return held

    monkeypatch.setattr(copies, "look", look)
    copies.bring(course, mine)
    assert (mine / NAME).read_bytes() == answered(lecture(1), "just saved")


@pytest.mark.parametrize("operation", ["replace", "fsync"])
def test_killed_while_writing_the_old_file_is_whole(folders, monkeypatch, operation) -> None:
    course, mine = folders
    copies.bring(course, mine)
    (course / NAME).write_bytes(lecture(2))

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(copies.os, operation, killed)
        with pytest.raises(KeyboardInterrupt):
            copies.bring(course, mine)
    assert (mine / NAME).read_bytes() == lecture(1)
    (mine / f".{NAME}.x.part").write_text("of a call that got no time to tidy up")
    copies.bring(course, mine)
    assert (mine / NAME).read_bytes() == lecture(2)
    assert not list(mine.glob(".*.part"))


def test_one_file_that_cannot_be_written_does_not_keep_the_others_back(folders, monkeypatch) -> None:
    course, mine = folders
    (course / "01_second.ipynb").write_bytes(lecture(1))
    moved = os.replace

    def replace(source: str, target: Path) -> None:
        if Path(target).name == NAME:
            raise PermissionError("open in another program")
        moved(source, target)

    monkeypatch.setattr(copies.os, "replace", replace)
    assert copies.bring(course, mine) == [
        "my_course/00_first.ipynb cannot be read or written just now; it stays as it is."
    ]
    assert names(mine) == ["01_second.ipynb"]


def test_a_folder_that_cannot_be_written_is_a_problem_with_a_way_out(folders, monkeypatch) -> None:
    course, mine = folders
    mine.mkdir()
    with monkeypatch.context() as patched:
        patched.setattr(copies.os, "access", lambda *_: False)
        with pytest.raises(copies.CopyError, match=r"it is read-only.*copy the whole project to a folder of your own"):
            copies.bring(course, mine)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(copies.os, "fsync", full)
    with pytest.raises(copies.CopyError, match=r"No space left on device. Make room"):
        copies.bring(course, mine)


def test_a_copy_of_a_read_only_lecture_can_be_written(folders) -> None:
    course, mine = folders
    (course / NAME).chmod(0o444)
    copies.bring(course, mine)
    assert (mine / NAME).stat().st_mode & 0o600 == 0o600


def test_the_folder_is_taken_by_one_at_a_time(folders) -> None:
    _, mine = folders
    with copies.take(mine) as first:
        assert first is not None
        assert copies.take(mine) is None
    with copies.take(mine) as second:
        assert second is not None


def test_names_work_on_every_system(folders) -> None:
    _, mine = folders
    made = [next(copies._names(mine / NAME, word)).name for word in ("newer", "from_course")]
    assert all(name.isascii() and not set(name) & set('<>:"/\\|?* ') for name in made)
    assert [name.removesuffix(".ipynb")[:8] for name in made] == ["00_first"] * 2


class Folder(RuleBasedStateMachine):
    """Anything a student, a pull or a crash can do between two calls; what was written is there after each."""

    @initialize()
    def start(self) -> None:
        self.root = Path(tempfile.mkdtemp())
        self.course, self.mine = self.root / "course", self.root / "my_course"
        self.course.mkdir()
        self.version = self.texts = 0
        self.brought: set[str] = set()
        self.pull()

    def teardown(self) -> None:
        shutil.rmtree(self.root, ignore_errors=True)

    def files(self) -> list[Path]:
        return [path for folder in (self.course, self.mine) for path in sorted(folder.glob("*.ipynb"))]

    @rule()
    def pull(self) -> None:
        path = self.course / NAME
        if not path.exists() or not copies.look(path).written_into:  # git refuses where somebody wrote
            self.version += 1
            path.write_bytes(lecture(self.version))

    @rule()
    def restore(self) -> None:
        (self.course / NAME).write_bytes(lecture(self.version))

    @precondition(lambda self: self.files())
    @rule(data=st.data(), way=st.sampled_from(["answer", "run", "cut", "rename", "delete", "bare"]))
    def somebody(self, data, way) -> None:
        path = data.draw(st.sampled_from(self.files()))
        held = path.read_bytes()
        self.texts += 1
        if way == "rename" and path.parent == self.mine:
            path.rename(path.with_name(f"00_mine_{self.texts}.ipynb"))
        elif way == "delete" and path.parent == self.mine:
            path.unlink()
        elif way == "cut":
            path.write_bytes(held[: len(held) // 2])
        elif copies.look(path).now:
            if way == "answer":
                path.write_bytes(answered(held, f"text {self.texts}"))
            elif way == "run":
                path.write_bytes(run(held)) if not copies.look(path).written_into else None
            elif way == "bare":  # another editor that keeps no metadata
                path.write_bytes(json.dumps({**json.loads(held), "metadata": {}}).encode())

    @rule()
    def forget(self) -> None:
        shutil.rmtree(self.mine / ".rlhp", ignore_errors=True)

    @rule()
    def lab(self) -> None:
        before = {path: path.read_bytes() for path in self.files()}
        at_course = before.get(self.course / NAME)
        said = copies.bring(self.course, self.mine)
        after = {path: path.read_bytes() for path in self.files()}
        for path, data in before.items():
            assert path in after, "nothing is deleted"
            held = copies.look(path)
            if after[path] != data:
                assert path.parent == self.mine, "the course is never touched"
                assert not _written_into(data), "what somebody wrote is never overwritten"
                assert held.now, "what replaces it can be read"
        assert len(said) <= 1
        if at_course is not None and copies.look(self.course / NAME).now:
            assert (self.mine / NAME).exists()
        damaged = not copies.look(self.course / NAME).now  # which is told as long as it is so
        assert copies.bring(self.course, self.mine) == (said if damaged else []), "a second call has nothing to do"
        assert {path: path.read_bytes() for path in self.files()} == after
        for held in map(copies.look, self.mine.glob("*.ipynb")):
            self.brought |= {held.now, held.built}
        current = copies.look(self.course / NAME)
        if current.now:
            assert current.now in self.brought, "what the course holds, built or written into, was brought"


def _written_into(data: bytes) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.ipynb"
        path.write_bytes(data)
        return copies.look(path).written_into


Folder.TestCase.settings = settings(
    max_examples=15, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
)
TestFolder = Folder.TestCase
