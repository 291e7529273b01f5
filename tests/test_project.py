"""What the project says about itself holds: pins, versions, sizes, and what importing it costs."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import rlhp

ROOT = Path(__file__).resolve().parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
COURSE = tomllib.loads((ROOT / "course" / "pyproject.toml").read_text(encoding="utf-8"))
ANALYSIS = ("runs", "schedules", "spaces", "objectives", "datasets", "curves", "importance")


def requirements(*extras: str) -> list[Requirement]:
    """Give the core's requirements and those of extras, without the references from one extra to others."""
    project = PYPROJECT["project"]
    lines = [*project["dependencies"], *(line for e in extras for line in project["optional-dependencies"][e])]
    return [need for need in map(Requirement, lines) if need.name != project["name"]]


def group(name: str) -> list[Requirement]:
    entries = PYPROJECT["dependency-groups"][name]
    return [Requirement(entry) for entry in entries if isinstance(entry, str)]


def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pairs = [line.split("==") for line in lines if line and not line.startswith("#")]
    assert all(len(pair) == 2 for pair in pairs), "every line of constraints.txt is name==version"
    return {name: version for name, version in pairs}


def tracked() -> list[Path]:
    """Give the files that git would carry into a clone; without git (an unpacked archive) there are none."""
    try:
        said = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    return [path for name in said.stdout.decode().split("\0") if name and (path := ROOT / name).is_file()]


def make():
    spec = importlib.util.spec_from_file_location("project_make", ROOT / "make.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# --- requirements ---


def test_conda_users_get_what_pip_users_get() -> None:
    conda = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    plain = [entry for entry in conda["dependencies"] if isinstance(entry, str)]
    (from_pip,) = [entry["pip"] for entry in conda["dependencies"] if isinstance(entry, dict)]
    assert f"python{PYPROJECT['project']['requires-python']}" in plain
    assert {"--editable .", "--editable ./course"} <= set(from_pip)
    listed = {str(Requirement(line)) for line in [*plain, *from_pip] if not line.startswith(("python>", "pip", "--"))}
    assert listed == {str(need) for need in requirements("sb3", "jax", "envs", "hpo", "ray", "course", "teach")}


# fanova is free for academic use only, and the peers of benchmarks are nothing that one tunes with.
APART = ("fanova", "peers")


def test_every_extra_is_in_all_but_those_that_one_asks_for_by_name() -> None:
    extras = PYPROJECT["project"]["optional-dependencies"]
    (everything,) = [Requirement(line) for line in extras["all"]]
    assert everything.extras == set(extras) - {"all", *APART}


def test_the_lock_pins_what_is_named_at_a_version_that_is_allowed() -> None:
    extras = PYPROJECT["project"]["optional-dependencies"]
    assert all(str(Requirement(line).specifier).startswith("==") for name in APART for line in extras[name])
    named = requirements(*(name for name in extras if name not in APART))  # which pin themselves
    named += [need for name in PYPROJECT["dependency-groups"] for need in group(name)]
    named += map(Requirement, PYPROJECT["build-system"]["requires"])
    named += [need for need in map(Requirement, COURSE["project"]["dependencies"]) if need.name != "rlhp"]
    pinned = pins()
    for need in named:
        version = pinned.get(canonicalize_name(need.name))
        assert version, f"{need.name} is not in constraints.txt; run `make lock`"
        assert need.specifier.contains(version), f"constraints.txt has {need.name} {version}, pyproject asks {need}"


def test_the_lock_is_what_runs_here() -> None:
    """The tests' verdict is about the locked versions, and nothing that pyproject leads to is unlocked."""
    project_make = make()
    if Path(sys.prefix).resolve() != project_make.VENV.resolve():
        pytest.skip("these tests do not run in the project's own .venv")
    assert project_make.locked_versions() == pins()


def test_the_lock_is_free_of_places() -> None:
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    assert not re.search(r"://|@|/|\+|--", text.replace("pyproject.toml", "").partition("\nabsl")[2])


def test_what_runs_before_a_commit_is_what_the_lock_has() -> None:
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    hooks = {hook["id"]: hook for repo in config["repos"] for hook in repo["hooks"]}
    assert set(hooks) == {"ruff", "ruff-format", "mypy", "notebooks"}
    needed = [Requirement(line) for hook in hooks.values() for line in hook.get("additional_dependencies", [])]
    assert all(str(need.specifier).startswith("==") for need in needed), "a hook is pinned"
    locked = pins()
    for need in needed:
        if need.name in locked:
            assert need.specifier.contains(locked[need.name]), f"constraints.txt has {need.name} {locked[need.name]}"
    commands = [hook["entry"].split()[2] for hook in hooks.values() if hook["entry"].startswith("python make.py")]
    assert commands == ["types"]
    assert set(commands) <= set(make().COMMANDS)


def test_the_workflow_runs_the_suite_and_the_lectures_and_builds_the_site() -> None:
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "test.yml").read_text(encoding="utf-8"))
    said = [step.get("run", "") for job in workflow["jobs"].values() for step in job["steps"]]
    assert "bash .ci/run" in said
    assert "make course-full" in said  # holds what the suite's small sizes cannot
    assert "make docs" in said
    assert "make test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


# --- one truth each ---


def test_the_version_stands_once() -> None:
    assert "version" not in PYPROJECT["project"]
    assert PYPROJECT["project"]["dynamic"] == ["version"]
    for name in ("CITATION.cff", "README.md", "environment.yml", "Makefile", "make.py"):
        assert rlhp.__version__ not in (ROOT / name).read_text(encoding="utf-8"), name
    assigned = re.compile(r"^__version__\s*=", re.MULTILINE)
    sources = [path for path in tracked() if path.suffix == ".py" and path.is_relative_to(ROOT / "rlhp")]
    assert [p.name for p in sources if assigned.search(p.read_text(encoding="utf-8"))] == ["__init__.py"]


def test_the_licence_is_the_same_everywhere() -> None:
    assert PYPROJECT["project"]["license"] == COURSE["project"]["license"] == "BSD-3-Clause"
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["license"] == "BSD-3-Clause"
    assert (ROOT / "LICENSE").read_text(encoding="utf-8").startswith("BSD 3-Clause License")


def test_no_file_names_a_place_on_somebodys_machine() -> None:
    places = "|".join(["work", "root", "opt", "home", "Users"])
    pattern = re.compile(rf"(?<![\w.~}}\])])/(?:{places})/[\w.]".encode())
    said = []
    for path in tracked():
        if path.suffix in {".parquet", ".png", ".gif", ".zip"}:
            continue
        for number, line in enumerate(path.read_bytes().splitlines(), start=1):
            if pattern.search(line):
                said.append(f"{path.relative_to(ROOT)}:{number}: {line[:120]!r}")
    assert said == []


def test_the_course_asks_for_a_library_that_there_is_and_for_nothing_older() -> None:
    needs = {need.name: need.specifier for need in map(Requirement, COURSE["project"]["dependencies"])}
    assert needs.pop("rlhp").contains(rlhp.__version__)
    library = {need.name: need.specifier for need in requirements()}
    assert {name: library[name] for name in needs} == needs
    assert COURSE["project"]["requires-python"] == PYPROJECT["project"]["requires-python"]
    assert COURSE["build-system"] == PYPROJECT["build-system"]


# --- what is shipped ---


def shipped(folder: Path) -> set[str]:
    """Give the files of the wheel that is built from a folder with a pyproject.toml."""
    wheel = pytest.importorskip("hatchling.builders.wheel")
    return {file.distribution_path for file in wheel.WheelBuilder(str(folder)).recurse_included_files()}


def test_researchers_get_no_lecture_and_the_course_is_whole() -> None:
    assert not [name for name in shipped(ROOT) if not name.startswith("rlhp/") or "lecture_" in name]
    course = shipped(ROOT / "course")
    beside = {name for name in course if not name.startswith("rlhp_course/lecture_")}
    assert beside == {"rlhp_course/__init__.py", "rlhp_course/glossary.md"}
    lectures = {path.name[:2] for path in (ROOT / "course" / "lectures").glob("[0-9][0-9]_*.py")}
    assert {f"rlhp_course/lecture_{number}/quiz.md" for number in lectures} <= course
    assert "rlhp_course/lecture_00/iqm.py" in course


def test_an_editable_install_of_the_course_brings_its_package_and_nothing_beside_it(tmp_path) -> None:
    pytest.importorskip("hatchling")
    course, site = ROOT / "course", tmp_path / "site"
    ask = "import sys, hatchling.build as backend; print(backend.build_editable(sys.argv[1]))"
    built = subprocess.run([sys.executable, "-c", ask, tmp_path], cwd=course, capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    with zipfile.ZipFile(tmp_path / built.stdout.split()[-1]) as wheel:
        wheel.extractall(site)
    names = sorted({path.stem for path in [*course.iterdir(), *(course / "src").iterdir()] if path.stem.isidentifier()})
    assert {"build", "copies", "lectures", "rlhp_course", "src"} <= set(names)
    ask = (
        "import importlib.util, site, sys; site.addsitedir(sys.argv[1]); "
        "print(*(name for name in sys.argv[2:] if importlib.util.find_spec(name)))"
    )
    alone = [sys.executable, "-I", "-S", "-c", ask, site, *names]  # nothing but Python itself and what was installed
    assert subprocess.run(alone, capture_output=True, text=True, check=True).stdout.split() == ["rlhp_course"]


def test_the_course_is_found_where_it_is_installed() -> None:
    assert COURSE["project"]["entry-points"] == {"rlhp.lectures": {"rlhp": "rlhp_course"}}
    from rlhp.exercises.lectures import GROUP, packages

    assert GROUP == "rlhp.lectures"
    assert "rlhp_course" in packages(), "install it: pip install --editable ./course"


def test_student_notebooks_carry_no_outputs() -> None:
    notebooks = [p for p in tracked() if p.suffix == ".ipynb" and p.is_relative_to(ROOT / "course")]
    for path in notebooks:
        cells = [c for c in json.loads(path.read_text(encoding="utf-8"))["cells"] if c["cell_type"] == "code"]
        assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in cells), path.name


def test_file_names_work_on_windows() -> None:
    names = [str(path.relative_to(ROOT)) for path in tracked()]
    assert [name for name in names if re.search(r'[<>:"\\|?*]|[. ]$', name)] == []
    assert len({name.lower() for name in names}) == len(names)


def test_data_stay_small_enough_to_clone() -> None:
    sizes = {path: path.stat().st_size for path in tracked() if path.is_relative_to(ROOT / "data")}
    assert sum(sizes.values()) < 40e6, sorted(sizes.items(), key=lambda item: -item[1])[:5]


# --- what an import costs ---


def loaded_by(code: str) -> set[str]:
    """Give the top-level modules that a fresh interpreter holds after running `code`."""
    report = f"import sys\n{code}\nprint(*sorted({{name.partition('.')[0] for name in sys.modules}}))"
    said = subprocess.run([sys.executable, "-c", report], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(said.stdout.split())


def test_importing_rlhp_loads_nothing_heavy() -> None:
    heavy = {"torch", "jax", "matplotlib", "pandas", "numpy", "scipy", "ipywidgets", "gymnasium", "ConfigSpace"}
    assert loaded_by("import rlhp") & heavy == set()


def test_importing_rlhp_is_quick() -> None:
    # Of the processor: beside other programs the clock on the wall says nothing.
    code = "import time; start = time.process_time(); import rlhp; print(time.process_time() - start)"
    took = [float(subprocess.check_output([sys.executable, "-c", code], cwd=ROOT)) for _ in range(5)]
    assert min(took) < 0.2


@pytest.mark.parametrize("room", ANALYSIS)
def test_an_analysis_room_loads_no_engine_and_no_plotting(room) -> None:
    """`test_layers` reads our own imports; this sees what the libraries behind them bring along."""
    heavy = {"torch", "jax", "stable_baselines3", "matplotlib", "seaborn", "plotly", "ipywidgets"}
    every = f"import rlhp.{room} as room; [getattr(room, name) for name in getattr(room, '__all__', ())]"
    assert loaded_by(every) & heavy == set()
