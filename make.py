"""The project's commands, for `make` and for machines that have none: `python make.py lab`.

Needs nothing but Python 3.11+. What a command needs is installed into `.venv`, once: a stamp in it holds a digest of
constraints.txt and both pyproject.toml (the library's, the course's), so a later call starts at once until one changes.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
CONSTRAINTS = ROOT / "constraints.txt"
MINE = "my_course"  # a student's own copies of the lectures, not in git
OLDEST_PYTHON = (3, 11)

# What is installed from this folder: the library, and what the lectures ask.
PROJECTS = ("pyproject.toml", "course/pyproject.toml")
# What pip is asked for: a student needs the lectures and the agents, a developer everything.
INSTALLS = {
    "lab": ["--editable", ".[sb3,jax,envs,course]", "--editable", "./course"],
    "dev": ["--editable", ".[all]", "--editable", "./course", "--group", "dev"],
}
# A developer's environment can serve a student's lecture too.
SERVES = {"lab": ["lab", "dev"], "dev": ["dev"]}

LOCK_HEADER = """\
# Exact versions of everything that `make lab` and `make test` install: the project's lock.
# Written by `make lock` from .venv; do not edit by hand. Only what pyproject.toml leads to stands here.
"""


class Problem(Exception):
    """Something the user can put right; printed without a traceback."""


# --- the environment ---


def venv_program(name: str) -> Path:
    """Path of a program inside .venv, on any system."""
    if os.name == "nt":
        return VENV / "Scripts" / (name + ".exe")
    return VENV / "bin" / name


def stamp(kind: str) -> Path:
    return VENV / f".installed-{kind}"


def digest(kind: str) -> str:
    """Changes whenever what has to be installed changes."""
    said = hashlib.sha256(" ".join(INSTALLS[kind]).encode())
    for path in (*(ROOT / name for name in PROJECTS), CONSTRAINTS):
        said.update(path.read_bytes())
    said.update(str(ROOT).encode())  # an editable install points here: a moved folder is installed anew
    return said.hexdigest()


def installed(kind: str) -> bool:
    if not venv_program("python").exists():
        return False
    return any(stamp(k).exists() and stamp(k).read_text() == digest(k) for k in SERVES[kind])


def check_python() -> None:
    if sys.version_info < OLDEST_PYTHON:
        raise Problem(
            "rlhp needs Python {}.{} or newer; this is {} ({}). Install a newer one, or name it: "
            "make lab PYTHON=/path/to/python3".format(*OLDEST_PYTHON, sys.version.split()[0], sys.executable)
        )


def create_venv() -> None:
    """Make .venv with pip in it, also where the system's Python comes without ensurepip (Debian's does)."""
    if venv_program("python").exists() and run_quietly([venv_program("python"), "-m", "pip", "--version"]):
        return
    shutil.rmtree(VENV, ignore_errors=True)
    ways: list[list[Sequence[str | Path]]] = [
        [[sys.executable, "-m", "venv", VENV]],
        [[sys.executable, "-m", "virtualenv", "--quiet", VENV]],
        [["uv", "venv", "--quiet", "--seed", "--python", sys.executable, VENV]],
        [
            [sys.executable, "-m", "venv", "--without-pip", VENV],
            [sys.executable, "-m", "pip", "--quiet", "--python", venv_program("python"), "install", "pip"],
        ],
    ]
    for way in ways:
        if all(run_quietly(command) for command in way):
            return
        shutil.rmtree(VENV, ignore_errors=True)
    raise Problem(
        f"{sys.executable} cannot make a virtual environment. On Debian or Ubuntu: apt install python3-venv; "
        "anywhere: python3 -m pip install --user virtualenv. Then run the same command again."
    )


def run_quietly(command: Sequence[str | Path]) -> bool:
    try:
        return subprocess.run(command, cwd=ROOT, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


def run_with_clock(command: Sequence[str | Path], what: str) -> None:
    """Run a long, quiet command; on a terminal show that it is alive. Its errors are shown as they come."""
    started = time.monotonic()
    process = subprocess.Popen(command, cwd=ROOT)
    while True:
        try:
            code = process.wait(timeout=1)
            break
        except subprocess.TimeoutExpired:
            if sys.stdout.isatty():
                print(f"\r{what}: {time.monotonic() - started:.0f} s ", end="", flush=True)
    if sys.stdout.isatty():
        print("\r", end="")
    if code != 0:
        raise Problem(f"{what} failed; the reason stands above. Put it right and run the same command again.")


def install(kind: str) -> None:
    """Bring .venv to what the two pyproject.toml and constraints.txt say, unless it is there already."""
    if installed(kind):
        return
    create_venv()
    print(f"Installing into {VENV.name} (once; a few minutes, about 1.5 GB) ...", flush=True)
    pip: list[str | Path] = [venv_program("python"), "-m", "pip", "-qq", "--disable-pip-version-check"]
    # A fresh environment's pip can be years old: too old for dependency groups and build constraints.
    run_with_clock([*pip, "install", "--upgrade", "pip", "--constraint", CONSTRAINTS], "upgrading pip")
    pins: list[str | Path] = ["--constraint", CONSTRAINTS, "--build-constraint", CONSTRAINTS]
    started = time.monotonic()
    run_with_clock([*pip, "install", *INSTALLS[kind], *pins], "installing")
    stamp(kind).write_text(digest(kind))
    print(f"Installed in {time.monotonic() - started:.0f} s.", flush=True)


# --- commands ---


def call(*command: str | Path, env: dict[str, str] | None = None) -> int:
    """Run in the foreground from the project's root and return the exit code."""
    sys.stdout.flush()
    return subprocess.run(command, cwd=ROOT, env=env, check=False).returncode


def first_lecture(folder: Path) -> str:
    notebooks = sorted(folder.glob("[0-9][0-9]_*.ipynb"))
    return f"/lab/tree/{notebooks[0].name}" if notebooks else "/lab"


def lab_command(served: Path) -> tuple[list[str], dict[str, str]]:
    """Give the command and environment that start JupyterLab on a student's folder (also for its tests).

    The settings stand in course/.jupyter: they add to the user's own and change none of them.
    """
    config = ROOT / "course" / ".jupyter"
    env = dict(os.environ)
    env["JUPYTER_CONFIG_PATH"] = os.pathsep.join(filter(None, [str(config), env.get("JUPYTER_CONFIG_PATH")]))
    command = [
        str(venv_program("python")),
        "-m",
        "jupyterlab",
        f"--ServerApp.root_dir={served}",
        f"--LabApp.default_url={first_lecture(served)}",
    ]
    return command, env


def bring_lectures() -> IO[str] | None:
    """Bring the student's copies up to date and take their folder until this process ends.

    An open JupyterLab may hold answers that are not saved yet, so newer lectures wait until it is closed.
    """
    from course.copies import CopyError, bring, take

    mine = ROOT / MINE
    try:
        taken: IO[str] | None = take(mine)
        if taken is None:
            print(f"JupyterLab is open on {MINE} already: newer lectures come once it is closed.")
        else:
            for line in bring(ROOT / "course", mine):
                print(line)
    except CopyError as error:
        raise Problem(str(error)) from None
    return taken


def lab(arguments: list[str]) -> int:
    taken = bring_lectures()
    with taken or contextlib.nullcontext():
        install("lab")
        command, env = lab_command(ROOT / MINE)
        command += arguments
        print(f"JupyterLab starts on {MINE}, your copies of the lectures; its address follows. Ctrl-C twice ends it.")
        sys.stdout.flush()
        if os.name == "nt":
            return call(*command, env=env)
        if taken is not None:
            os.set_inheritable(taken.fileno(), True)  # the folder stays taken while JupyterLab runs
        os.chdir(ROOT)
        os.execve(command[0], command, env)  # JupyterLab takes this process's place, so Ctrl-C reaches it alone


def lint(arguments: list[str]) -> int:
    install("dev")
    ruff = venv_program("ruff")
    if arguments:  # a file, or --fix
        return call(ruff, "check", *arguments)
    return call(ruff, "check", ".") or call(ruff, "format", "--diff", "--quiet", ".")


def types(arguments: list[str]) -> int:
    install("dev")
    return call(venv_program("mypy"), *arguments)


def test(arguments: list[str]) -> int:
    """Lint, types, tests; the last line printed is pytest's own."""
    # All of them on a few cores, a file's tests together and the longest files first, as tests/conftest.py has them,
    # and the ten slowest are named; chosen ones in one process, where a debugger works.
    workers = str(min(os.cpu_count() or 1, 4))
    chosen = arguments or ["-n", workers, "--dist", "loadfile", "--no-loadscope-reorder", "--durations", "10"]
    code = lint([]) or types([])
    return code or call(venv_program("python"), "-m", "pytest", *chosen)


def hard(arguments: list[str]) -> int:
    """Run what `make test` leaves out because it takes long."""
    install("dev")
    return call(venv_program("python"), "-m", "pytest", "-m", "hard", "--timeout", "3600", *arguments)


def course(arguments: list[str]) -> int:
    install("dev")
    return call(venv_program("python"), "course/build.py", *arguments)


def grade(arguments: list[str]) -> int:
    """Grade a lecture of a class: `make grade LECTURE=00`, or `python make.py grade 00`."""
    install("dev")
    return call(venv_program("python"), "course/grade.py", *arguments)


def course_full(arguments: list[str]) -> int:
    return course(["--html", *arguments])


def docs(arguments: list[str]) -> int:
    """Build the site, which reads from disk; a warning is an error, and all of them are shown."""
    install("dev")
    to = ROOT / "docs" / "build"
    started = time.monotonic()
    options: list[str | Path] = ["--quiet", "--fail-on-warning", "--keep-going", "--doctree-dir", to / "doctrees"]
    code = call(venv_program("python"), "-m", "sphinx", *options, *arguments, ROOT / "docs", to / "html")
    if code == 0:
        print(f"Built in {time.monotonic() - started:.0f} s. Open {to / 'html' / 'index.html'} in a browser.")
    return code


def data(arguments: list[str]) -> int:
    install("dev")
    code = call(venv_program("python"), "data/make.py", *arguments)
    # The fits that explorers begin with are made of the measured sweeps.
    return code if code or arguments else call(venv_program("python"), "data/fits.py")


def bench(arguments: list[str]) -> int:
    install("dev")
    return call(venv_program("python"), "benchmarks/run.py", *arguments)


def lock(arguments: list[str]) -> int:
    """Write constraints.txt from what .venv holds, as far as pyproject.toml leads there."""
    if Path(sys.prefix).resolve() != VENV.resolve():
        install("dev")
        return call(venv_program("python"), "make.py", "lock", *arguments)
    pins = locked_versions()
    lines = "".join(f"{name}=={version}\n" for name, version in sorted(pins.items()))
    CONSTRAINTS.write_text(LOCK_HEADER + lines, encoding="utf-8", newline="\n")
    print(f"{CONSTRAINTS.name}: {len(pins)} packages")
    return 0


def locked_versions() -> dict[str, str]:
    """Give the version of every installed package that pyproject.toml leads to, by normalised name."""
    import tomllib
    from importlib.metadata import PackageNotFoundError, distribution

    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    project, course = (tomllib.loads((ROOT / name).read_text(encoding="utf-8")) for name in PROJECTS)
    ours = {project["project"]["name"], course["project"]["name"]}
    wanted: list[Requirement] = [Requirement("pip"), *map(Requirement, project["build-system"]["requires"])]
    wanted += map(Requirement, [*project["project"]["dependencies"], *course["project"]["dependencies"]])
    for name, extra in project["project"]["optional-dependencies"].items():
        if name not in ("fanova", "peers"):  # they pin themselves, and are not installed here
            wanted += map(Requirement, extra)
    for group in project["dependency-groups"].values():
        wanted += [Requirement(entry) for entry in group if isinstance(entry, str)]

    pins: dict[str, str] = {}
    seen: set[tuple[str, str]] = set()
    while wanted:
        requirement = wanted.pop()
        name = canonicalize_name(requirement.name)
        for extra in ["", *sorted(requirement.extras)]:
            if name in ours or (name, extra) in seen:
                continue
            seen.add((name, extra))
            try:
                found = distribution(name)
            except PackageNotFoundError:
                raise Problem(f"{name} is not in .venv; run `make test` once, then `make lock`") from None
            # A local version (2.13.0+cpu) names one build of a release; the lock names the release.
            pins[name] = found.version.partition("+")[0]
            for line in found.requires or []:
                need = Requirement(line)
                if need.marker is None or need.marker.evaluate({"extra": extra}):
                    wanted.append(need)
    return pins


def clean(arguments: list[str]) -> int:
    """Remove what the commands made: caches, builds and, with `--all`, the environment."""
    names = ["build", "dist", "course/build", "docs/build", "docs/benchmarks"]
    names += [".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis"]
    for name in names + ([".venv"] if "--all" in arguments else []):
        shutil.rmtree(ROOT / name, ignore_errors=True)
    for folder in ("rlhp", "tests", "course", "data", "benchmarks", "docs"):
        for cache in (ROOT / folder).rglob("__pycache__"):
            shutil.rmtree(cache, ignore_errors=True)
    return 0


def help_(arguments: list[str]) -> int:
    width = max(map(len, COMMANDS))
    for name, (_, line) in COMMANDS.items():
        print(f"make {name:<{width}}  {line}")
    print('\nARGS passes options on, PYTHON names the interpreter: make lab ARGS="--no-browser --port 8890"')
    return 0


COMMANDS: dict[str, tuple[Callable[[list[str]], int], str]] = {
    "lab": (lab, "install once, open your copies of the lectures (my_course) in JupyterLab"),
    "test": (test, "lint, types and all tests"),
    "hard": (hard, "the long versions of tests, which `make test` leaves out"),
    "lint": (lint, "ruff alone: rules, and its format"),
    "types": (types, "mypy alone"),
    "course": (course, "build the student notebooks from course/lectures"),
    "course-full": (course_full, "run every lecture at full size and write it as HTML"),
    "grade": (grade, "grade what students handed in of a lecture: make grade LECTURE=00"),
    "docs": (docs, "build the site, which reads offline from docs/build/html"),
    "data": (data, "measure the sweeps in data/ again (hours)"),
    "bench": (bench, "measure the tables in benchmarks/ again"),
    "lock": (lock, "write constraints.txt from .venv"),
    "clean": (clean, "remove caches and builds (ARGS=--all: .venv too)"),
    "help": (help_, "this list"),
}


def main(arguments: list[str]) -> int:
    name, *rest = arguments or ["help"]
    if name not in COMMANDS:
        print(f"unknown command `{name}`. Valid: {', '.join(COMMANDS)}.", file=sys.stderr)
        return 2
    try:
        check_python()
        return COMMANDS[name][0](rest)
    except Problem as problem:
        print(f"make.py: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
