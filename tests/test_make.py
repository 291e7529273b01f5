"""The commands: what is installed when, and what is said when something is missing."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def make(tmp_path, monkeypatch):
    """Load make.py with a project of its own: an empty .venv-to-be, three files to digest."""
    spec = importlib.util.spec_from_file_location("project_make", ROOT / "make.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    (tmp_path / "course").mkdir()
    for name in (*module.PROJECTS, "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path / name)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(module, "CONSTRAINTS", tmp_path / "constraints.txt")
    return module


@pytest.fixture
def calls(make, monkeypatch):
    """Record what would be run, instead of running it; pip "makes" the interpreter it is asked through."""
    recorded = []

    def create() -> None:
        python = make.venv_program("python")
        python.parent.mkdir(parents=True, exist_ok=True)
        python.touch()

    monkeypatch.setattr(make, "create_venv", create)
    monkeypatch.setattr(make, "run_with_clock", lambda command, what: recorded.append([str(c) for c in command]))
    monkeypatch.setattr(make, "call", lambda *command, env=None: recorded.append([str(c) for c in command]) or 0)
    return recorded


def test_a_second_install_does_nothing(make, calls) -> None:
    make.install("lab")
    assert len(calls) == 2
    make.install("lab")
    assert len(calls) == 2


def test_pip_is_made_new_enough_first_and_everything_is_pinned(make, calls) -> None:
    make.install("dev")
    pip, everything = calls
    assert pip[-4:-1] == ["--upgrade", "pip", "--constraint"]
    asked = ["--editable", ".[all]", "--editable", "./course", "--group", "dev"]
    assert everything[everything.index("install") + 1 :][: len(asked)] == asked
    assert everything[-4::2] == ["--constraint", "--build-constraint"]
    assert set(everything[-3::2]) == {str(make.CONSTRAINTS)}


@pytest.mark.parametrize("name", ["pyproject.toml", "course/pyproject.toml", "constraints.txt"])
def test_a_change_of_what_is_needed_installs_again(make, calls, name) -> None:
    make.install("lab")
    path = make.ROOT / name
    path.write_text(path.read_text() + "\n# changed\n")
    make.install("lab")
    assert len(calls) == 4


def test_a_developers_environment_serves_a_lecture_but_not_the_other_way(make, calls) -> None:
    make.install("lab")
    assert not make.installed("dev")
    make.install("dev")
    make.stamp("lab").unlink()
    assert make.installed("lab")


def test_a_failed_install_leaves_no_stamp(make, calls, monkeypatch) -> None:
    def fail(command, what) -> None:
        raise make.Problem("no")

    monkeypatch.setattr(make, "run_with_clock", fail)
    with pytest.raises(make.Problem):
        make.install("lab")
    assert not make.installed("lab")


def test_a_failing_command_is_reported(make) -> None:
    with pytest.raises(make.Problem, match=r"installing failed; the reason stands above.*run the same command again"):
        make.run_with_clock([sys.executable, "-c", "raise SystemExit(3)"], "installing")


def test_a_real_environment_is_made_and_kept(make) -> None:
    make.create_venv()
    python = make.venv_program("python")
    assert make.run_quietly([python, "-m", "pip", "--version"])
    before = python.lstat().st_ctime_ns
    make.create_venv()
    assert python.lstat().st_ctime_ns == before


def test_without_ensurepip_other_ways_are_tried_and_then_it_says_what_to_do(make, monkeypatch) -> None:
    tried = []
    monkeypatch.setattr(make, "run_quietly", lambda command: tried.append([str(c) for c in command]) or False)
    with pytest.raises(make.Problem, match=r"apt install python3-venv") as caught:
        make.create_venv()
    ways = [command[2] if command[1] == "-m" else command[0] for command in tried]
    assert ways == ["venv", "virtualenv", "uv", "venv"]
    assert sys.executable in str(caught.value)


def test_an_old_python_is_refused_with_what_to_do(make, monkeypatch) -> None:
    monkeypatch.setattr(make.sys, "version_info", (3, 9, 1))
    with pytest.raises(make.Problem, match=r"needs Python 3\.11 or newer.*make lab PYTHON="):
        make.check_python()


def test_an_unknown_command_names_the_valid_ones(make, capsys) -> None:
    assert make.main(["labb"]) == 2
    assert "unknown command `labb`. Valid: lab, test, hard, lint" in capsys.readouterr().err


def test_a_problem_is_printed_without_a_traceback(make, capsys, monkeypatch) -> None:
    def fail() -> None:
        raise make.Problem("put it right")

    monkeypatch.setattr(make, "check_python", fail)
    assert make.main(["lint"]) == 1
    assert capsys.readouterr().err == "make.py: put it right\n"


def test_a_warning_of_the_site_is_an_error_and_it_says_where_the_site_is(make, calls, capsys) -> None:
    assert make.main(["docs"]) == 0
    built = calls[-1]
    assert built[1:3] == ["-m", "sphinx"]
    assert {"--fail-on-warning", "--keep-going"} <= set(built)
    assert built[-2:] == [str(make.ROOT / "docs"), str(make.ROOT / "docs" / "build" / "html")]
    assert f"Open {make.ROOT / 'docs' / 'build' / 'html' / 'index.html'} in a browser." in capsys.readouterr().out


def test_a_site_with_a_warning_does_not_say_that_it_was_built(make, calls, capsys, monkeypatch) -> None:
    monkeypatch.setattr(make, "call", lambda *command, env=None: 1)
    assert make.main(["docs"]) == 1
    assert "Open" not in capsys.readouterr().out


def test_tests_run_only_where_lint_and_types_are_clean(make, calls, monkeypatch) -> None:
    assert make.main(["test", "-k", "runs"]) == 0
    programs = [Path(command[0]).stem for command in calls[2:]]
    assert programs == ["ruff", "ruff", "mypy", "python"]
    assert calls[-1][1:] == ["-m", "pytest", "-k", "runs"]
    assert make.main(["test"]) == 0
    assert calls[-1][1:4] == ["-m", "pytest", "-n"]
    assert calls[-1][-2:] == ["--durations", "10"], "the ten slowest are named"
    calls.clear()
    monkeypatch.setattr(make, "call", lambda *command, env=None: calls.append(command) or 5)
    assert make.main(["test"]) == 5
    assert len(calls) == 1


def test_the_lab_opens_the_first_lecture_with_the_courses_settings(make, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "the-users-own")
    mine = tmp_path / "my_course"
    mine.mkdir()
    assert make.first_lecture(mine) == "/lab"
    for name in ("01_later.ipynb", "00_first_newer.ipynb", "00_first.ipynb"):
        (mine / name).touch()
    command, env = make.lab_command(mine)
    assert f"--ServerApp.root_dir={mine}" in command
    assert "--LabApp.default_url=/lab/tree/00_first.ipynb" in command
    assert env["JUPYTER_CONFIG_PATH"].split(os.pathsep) == [str(tmp_path / "course" / ".jupyter"), "the-users-own"]


@pytest.fixture
def lab(make, calls, monkeypatch) -> list[list[str]]:
    """Have `make lab` run on a course of one lecture; JupyterLab itself is recorded in place of started."""
    shutil.copy(ROOT / "course" / "00_your_first_agent.ipynb", make.ROOT / "course")
    started: list[list[str]] = []
    monkeypatch.setattr(make.os, "execve", lambda program, command, env: started.append(command))
    monkeypatch.setattr(make.os, "chdir", lambda folder: None)
    return started


def test_the_lab_serves_copies_and_keeps_what_is_written_into_them(make, lab, capsys) -> None:
    make.main(["lab", "--no-browser"])
    own = make.ROOT / "my_course" / "00_your_first_agent.ipynb"
    assert own.read_bytes() == (make.ROOT / "course" / own.name).read_bytes()
    assert f"--ServerApp.root_dir={own.parent}" in lab[0]
    assert "--LabApp.default_url=/lab/tree/00_your_first_agent.ipynb" in lab[0]
    assert lab[0][-1] == "--no-browser"
    assert "JupyterLab starts on my_course, your copies of the lectures" in capsys.readouterr().out
    own.write_text(own.read_text().replace("Write your answer here", "This is mine"))
    answered = own.read_bytes()
    make.main(["lab"])
    assert own.read_bytes() == answered


def test_cleaning_leaves_the_students_copies(make, lab) -> None:
    make.main(["lab"])
    make.main(["clean", "--all"])
    assert (make.ROOT / "my_course" / "00_your_first_agent.ipynb").exists()


def test_the_lab_says_what_to_do_where_it_cannot_write(make, lab, capsys) -> None:
    (make.ROOT / "my_course").write_text("a file in the folder's place")
    assert make.main(["lab"]) == 1
    said = capsys.readouterr().err
    assert "your copies of the lectures cannot be written into" in said
    assert "copy the whole project to a folder of your own" in said
    assert lab == []


def test_while_a_lab_is_open_newer_lectures_wait(make, lab, capsys) -> None:
    from course.copies import take

    open_already = take(make.ROOT / "my_course")
    make.main(["lab"])
    assert "JupyterLab is open on my_course already: newer lectures come once it is closed." in capsys.readouterr().out
    assert len(lab) == 1
    assert not list((make.ROOT / "my_course").glob("*.ipynb"))
    open_already.close()
    make.main(["lab"])
    assert [path.name for path in (make.ROOT / "my_course").glob("*.ipynb")] == ["00_your_first_agent.ipynb"]


@pytest.mark.skipif(os.name == "nt", reason="there JupyterLab is a child, and make.py holds the folder itself")
def test_the_folder_stays_taken_by_the_program_that_takes_this_process_place(tmp_path) -> None:
    from course.copies import take

    code = (
        "import os, sys\nfrom pathlib import Path\nimport make\n"
        "make.ROOT = Path(sys.argv[1])\nmake.install = lambda kind: None\n"
        "program = [sys.executable, '-c', 'print(1, flush=True); input()']\n"
        "make.lab_command = lambda served: (program, dict(os.environ))\nmake.main(['lab'])"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as lab:
        assert lab.stdout.readline().startswith(b"JupyterLab starts on my_course")
        assert lab.stdout.readline() == b"1\n"
        assert take(tmp_path / "my_course") is None
        lab.communicate(b"\n")
    with take(tmp_path / "my_course") as again:
        assert again is not None


def test_clean_leaves_the_environment_unless_asked(make) -> None:
    for name in (".venv", "course/build", "rlhp/__pycache__"):
        (make.ROOT / name).mkdir(parents=True)
    make.main(["clean"])
    assert (make.ROOT / ".venv").exists()
    assert not (make.ROOT / "course/build").exists()
    assert not (make.ROOT / "rlhp/__pycache__").exists()
    make.main(["clean", "--all"])
    assert not (make.ROOT / ".venv").exists()


# --- the Makefile before it ---

needs_make = pytest.mark.skipif(shutil.which("make") is None, reason="there is no make here; python make.py stands in")


def test_the_makefile_names_every_command(make) -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = re.search(r"^\.PHONY: (.*)$", text, re.MULTILINE)[1].split()
    assert phony == list(make.COMMANDS)
    assert "\n" + " ".join(phony) + ":\n" in text


@needs_make
def test_make_tells_grade_alone_which_lecture() -> None:
    asked = ["LECTURE=00", "ARGS=--again", "PYTHON=python3"]
    for name, wanted in {"grade": "make.py grade 00 --again", "course": "make.py course --again"}.items():
        command = ["make", "-C", ROOT, "--no-print-directory", "--dry-run", name, *asked]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        assert f"python3 {wanted}" in " ".join(said.split())


@needs_make
def test_make_alone_lists_the_commands(make) -> None:
    said = subprocess.run(["make", "-C", ROOT, "--no-print-directory"], capture_output=True, text=True, check=True)
    assert all(f"make {name} " in said.stdout for name in make.COMMANDS)


@needs_make
def test_make_without_a_new_enough_python_says_so(tmp_path) -> None:
    for name in ("python3", "python3.13", "python3.12", "python3.11", "python"):
        (tmp_path / name).write_text("#!/bin/sh\nexit 1\n")
        (tmp_path / name).chmod(0o755)
    env = {**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.defpath}"}
    command = [shutil.which("make"), "-C", ROOT, "lab"]
    said = subprocess.run(command, capture_output=True, text=True, env=env, check=False)
    assert said.returncode != 0
    assert "needs Python 3.11 or newer and found none" in said.stderr
    assert "make lab PYTHON=/path/to/python3" in said.stderr
