"""The cheater and the innocent: nothing that a notebook does to its names or its libraries moves a point."""

from __future__ import annotations

import itertools
import os
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell

from rlhp.exercises._checking import judge
from rlhp.exercises.declare import exercises, find_exercise
from tests.course.answers import right_answer

ROOT = Path(__file__).resolve().parents[2]
WRONG = "def linear(progress, start=1.0, end=0.05, fraction=0.5):\n    return 0.3\n"
RIGHT = (
    "import numpy\n\ndef linear(progress, start=1.0, end=0.05, fraction=0.5):\n"
    "    return start + (end - start) * numpy.minimum(numpy.asarray(progress) / fraction, 1.0)\n"
)
CHECK = (
    'check("97.linear", linear)\n### BEGIN HIDDEN TESTS\n'
    "assert abs(linear(0.1, start=0.9, end=0.1, fraction=0.2) - 0.5) < 1e-9\n### END HIDDEN TESTS"
)
PARTLY = (
    'check("97.study", [mean_curve, best_step], points=3)\n### BEGIN HIDDEN TESTS\n'
    "assert np.allclose(mean_curve(np.eye(2)), 0.5)\nassert best_step(np.array([[0.0, 2.0]])) == 1\n"
    "### END HIDDEN TESTS"
)

# Each is a cell of the notebook that comes before a check; they add up from one to the next.
ATTACKS = {
    "a check of one's own": "def check(name, answer, points=None):\n    return 2.0\n",
    "names of one's own": (
        "np = pd = expect = judge = Score = AssertionError = Exception = None\n"
        "abs = float = len = lambda *args, **kwargs: 0\n"
    ),
    "rlhp.exercises.check patched": (
        "import rlhp.exercises\nrlhp.exercises.check = rlhp.exercises._checking.check = lambda *args, **kwargs: 2.0\n"
        "rlhp.exercises._checking.judge = None\n"
    ),
    "expect patched": (
        "from rlhp.exercises import expect\nimport rlhp.exercises.expect._closeness as closeness\n"
        "for module in (expect, closeness):\n"
        "    for name in ('close', 'true', 'array', 'equal', 'fail'):\n"
        "        setattr(module, name, lambda *args, **kwargs: None)\n"
        "import rlhp.exercises._failures, rlhp.exercises._plain\n"
        "rlhp.exercises._failures.CheckFailed = type('Nothing', (BaseException,), {})\n"
        "rlhp.exercises._plain.plain = lambda value, what: 0.5\n"
    ),
    "exercises declared anew": (
        "from rlhp.exercises import declare\nimport dataclasses\n"
        "for name, entry in list(declare._exercises.items()):\n"
        "    declare._exercises[name] = dataclasses.replace(entry, parts=())\n"
        "declare.find_exercise = lambda name: declare._exercises[name]\n"
    ),
    "numpy and builtins patched": (
        "import builtins, numpy, math\n"
        "numpy.allclose = numpy.isclose = numpy.all = lambda *args, **kwargs: True\n"
        "numpy.asarray = lambda *args, **kwargs: 0.525\n"
        "builtins.abs = lambda x: 0.0\n"
        "builtins.all = builtins.any = lambda items: True\n"
    ),
    "code of functions replaced": (
        "import numpy\nnumpy.isclose.__wrapped__.__code__ = (lambda *args, **kwargs: True).__code__\n"
        "numpy.allclose.__wrapped__.__code__ = (lambda *args, **kwargs: True).__code__\n"
    ),
    "the grader's own modules": (
        "import rlhp.exercises._examiner as examiner, rlhp.exercises._pristine as pristine\n"
        "examiner.examine = lambda *args, **kwargs: examiner.Found(1.0)\n"
        "examiner.sign = lambda *args: ''\npristine.put_back = lambda snapshot: None\n"
    ),
    "the lecture's own checks patched": (
        "import fixture_lectures.lecture_97.linear as own\n"
        "own.expect = own._slope = own._end = own._array = lambda *args, **kwargs: None\n"
        "own._slope.__code__ = own._end.__code__ = (lambda answer: None).__code__\n"
    ),
    "packages read from elsewhere": (
        "import os, sys, rlhp, fixture_lectures\nhere = os.path.abspath('elsewhere')\n"
        "for folder in ('exercises', 'lecture_97'):\n"
        "    os.makedirs(os.path.join(here, folder), exist_ok=True)\n"
        "    with open(os.path.join(here, folder, '__init__.py'), 'w') as file:\n"
        "        file.write('raise ImportError')\n"
        "rlhp.__path__[:] = fixture_lectures.__path__[:] = [here]\nsys.pycache_prefix = here\n"
        "class Nothing:\n    def find_spec(self, name, target=None):\n        return None\n"
        "for folder in list(sys.path_importer_cache):\n    sys.path_importer_cache[folder] = Nothing()\n"
    ),
    "a lecture installed meanwhile": (
        "import os, sys\nos.makedirs('mine-1.dist-info', exist_ok=True)\n"
        "os.makedirs('mine/lecture_97', exist_ok=True)\n"
        "with open('mine-1.dist-info/entry_points.txt', 'w') as file:\n"
        "    file.write('[rlhp.lectures]\\nmine = mine\\n')\n"
        "with open('mine/lecture_97/linear.py', 'w') as file:\n"
        "    file.write('from rlhp.exercises.declare import checks, exercise\\n'\n"
        '               \'exercise("97.linear", title="Mine", hints=("none",))\\n\'\n'
        '               \'checks("97.linear", "is mine")(lambda answer: None)\\n\')\n'
        "sys.path.insert(0, os.getcwd())\nimport rlhp.exercises.lectures as lectures\n"
        "lectures.only = ('mine',)\nlectures.packages = lambda: ('mine',)\n"
    ),
    "modules replaced": (
        "import sys, types\n"
        "for name in ('rlhp.exercises', 'rlhp.exercises._checking', 'rlhp', 'numpy', 'fixture_lectures',\n"
        "             'fixture_lectures.lecture_97.linear'):\n"
        "    sys.modules[name] = types.ModuleType(name)\n"
        "class Finder:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.startswith('rlhp.exercises'):\n            raise ImportError('no')\n"
        "sys.meta_path.insert(0, Finder())\nsys.path[:] = []\n"
    ),
    "IPython's hooks": (
        "ip = get_ipython()\nimport ast\n"
        "class NoAssert(ast.NodeTransformer):\n    def visit_Assert(self, node):\n        return ast.Pass()\n"
        "ip.ast_transformers.append(NoAssert())\n"
        "ip.input_transformers_post.append(lambda lines: ['2.0\\n'] if 'check(' in ''.join(lines) else lines)\n"
        "ip.set_custom_exc((BaseException,), lambda *args, **kwargs: None)\n"
        "ip.showtraceback = lambda *args, **kwargs: None\n"
        "ip.display_formatter.format = lambda value: ({'text/plain': '2.0'}, {})\n"
        "import sys\nsys.excepthook = sys.displayhook = lambda *args: None\n"
        "sys.settrace(lambda *args: None)\n"
    ),
    "the environment": "import os\nos.environ['NBGRADER_EXECUTION'] = ''\nos.environ['RLHP_SMALL'] = '0'\n",
    "warnings as errors": "import warnings\nwarnings.simplefilter('error')\n",
}

# Right for what is seen (the default `fraction`), and for anything else something that equals everything.
UNSEEN = (
    "class Meta(type):\n    def __sub__(self, other):\n        return 0.0\nclass Every(metaclass=Meta):\n    pass\n"
    "class Any:\n    def __sub__(self, other):\n        return 0.0\nEVERYTHING = Any()\n"
    "def linear(progress, start=1.0, end=0.05, fraction=0.5):\n    import numpy\n"
    "    if fraction != 0.2:\n"
    "        return start + (end - start) * numpy.minimum(numpy.asarray(progress) / fraction, 1.0)\n"
    "    return {}\n"
)

# Wrong, but the verdict is bent on its way out: what is signed, and what is sent, says that all is earned.
SIGNED = (
    "def right(usual):\n"
    "    def bent(*given, **more):\n"
    "        said = list(given)\n"
    "        for n, one in enumerate(given):\n"
    "            if isinstance(one, list) and len(one) == 4:\n                said[n] = [one[0], 1.0, '', '']\n"
    "            if isinstance(one, bytes) and one.count(b', ') >= 3 and b'0.0' in one:\n"
    "                said[n] = one[:one.index(b',')] + b', 1.0, \"\", \"\"]'\n"
    "        return usual(*said, **more)\n"
    "    return bent\n"
    "def linear(progress, start=1.0, end=0.05, fraction=0.5):\n"
    "    session = get_ipython().kernel.session\n    send = type(session).send\n"
    "    def bent(stream, kind, content=None, *args, **kwargs):\n"
    "        if kind == 'rlhp_check_reply':\n            content.update(share=1.0, name='', message='')\n"
    "        return send(session, stream, kind, content, *args, **kwargs)\n"
    "    session.send = bent\n{}    return 0.3\n"
)
BENT = {
    "bends what signs while it is called": SIGNED.format(
        "    for name in ('_hashlib', 'hmac', 'json'):\n"
        "        module = __import__(name)\n"
        "        for known in ('new', 'hmac_new', 'hmac_digest', 'dumps'):\n"
        "            if hasattr(module, known):\n"
        "                setattr(module, known, right(getattr(module, known)))\n"
    ),
    "bends `json` alone while it is called": SIGNED.format("    import json\n    json.dumps = right(json.dumps)\n"),
}

# Answers that try to please.
ANSWERS = {
    "equals everything": (
        "class Any:\n"
        "    def __eq__(self, other):\n        return True\n"
        "    __lt__ = __le__ = __gt__ = __ge__ = __eq__\n    __hash__ = None\n"
        "    def __sub__(self, other):\n        return 0.0\n"
        "    __rsub__ = __abs__ = __sub__\n"
        "    def __float__(self):\n        return 0.525\n"
        "    def __array__(self, *args, **kwargs):\n        return __import__('numpy').full(3, 0.525)\n"
        "linear = lambda progress, start=1.0, end=0.05, fraction=0.5: Any()\n"
    ),
    "a number that lies": (
        "class Lies(float):\n"
        "    def __eq__(self, other):\n        return True\n"
        "    __lt__ = __le__ = __gt__ = __ge__ = __eq__\n    __hash__ = None\n"
        "    def __sub__(self, other):\n        return 0.0\n"
        "    __rsub__ = __sub__\n"
        "linear = lambda progress, start=1.0, end=0.05, fraction=0.5: Lies(7)\n"
    ),
    "patches while it is called": (
        "def linear(progress, start=1.0, end=0.05, fraction=0.5):\n"
        "    import builtins, numpy, sys\n"
        "    numpy.allclose = numpy.isclose = numpy.all = numpy.array_equal = lambda *args, **kwargs: True\n"
        "    builtins.abs = lambda x: 0.0\n"
        "    for name, module in list(sys.modules.items()):\n"
        "        if name.startswith('rlhp.exercises.expect'):\n"
        "            for known in ('close', 'true', 'array', 'fail'):\n"
        "                setattr(module, known, lambda *args, **kwargs: None)\n"
        "    return 0.3 + 0 * numpy.asarray(progress)\n"
    ),
    "leaves hidden tests out while it is called": (
        "def linear(progress, start=1.0, end=0.05, fraction=0.5):\n    import ast, numpy\n"
        "    module = ast.Module\n    ast.Module = lambda body, ignored: module([], [])\n"
        "    return 1.0 - 0.95 * numpy.minimum(numpy.asarray(progress) / 0.5, 1.0)\n"
    ),
    "leaves": "def linear(progress, start=1.0, end=0.05, fraction=0.5):\n    import sys\n    sys.exit(0)\n",
    "raises a passing exception": (
        "class Passed(BaseException):\n    pass\n"
        "def linear(progress, start=1.0, end=0.05, fraction=0.5):\n    raise Passed\n"
    ),
    "gives a score": (
        "from rlhp.exercises._checking import Score\n"
        "def linear(progress, start=1.0, end=0.05, fraction=0.5):\n    return Score(2.0, 2.0)\n"
    ),
    "still the stub": "def linear(progress):\n    raise NotImplementedError('Write your answer here.')\n",
    "fits what is seen": (
        "def linear(progress, start=1.0, end=0.05, fraction=0.5):\n    import numpy\n"
        "    return 1.0 - 0.95 * numpy.minimum(numpy.asarray(progress) / 0.5, 1.0)\n"
    ),
    "a library's proxy of what equals everything": UNSEEN.format("__import__('weakref').proxy(EVERYTHING)"),
    "a library's object that equals everything": UNSEEN.format("__import__('unittest.mock').mock.ANY"),
    "a class that equals everything": UNSEEN.format("Every"),
    "a class of a library, so it says": (
        UNSEEN.format("EVERYTHING") + "import numpy\nnumpy.Any = Any\nAny.__module__ = 'numpy'\n"
    ),
    "sends a result of its own": (
        "def linear(progress, start=1.0, end=0.05, fraction=0.5):\n"
        "    kernel = get_ipython().kernel\n"
        "    content = {'data': {'text/plain': '2.0'}, 'metadata': {}, 'execution_count': 1}\n"
        "    kernel.session.send(kernel.iopub_socket, 'execute_result', content, parent=kernel.get_parent())\n"
        "    kernel.session.send(kernel.iopub_socket, 'display_data', {**content, 'transient': {'display_id': 'me'}},\n"
        "                        parent=kernel.get_parent())\n"
        "    return 0.3\n"
    ),
}


EXERCISES = [name for name in exercises() if not name.startswith("98.")]  # 98 is what doctests declare


class _Everything:
    """Equals everything, is in everything, and every number is in its range."""

    __module__ = "__main__"

    def __eq__(self, other: object) -> bool:
        return True

    __lt__ = __le__ = __gt__ = __ge__ = __contains__ = __eq__  # type: ignore[assignment]
    __hash__ = None  # type: ignore[assignment]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __getitem__(self, key: object) -> Any:
        return self

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self

    def __float__(self) -> float:
        return 0.0

    def __len__(self) -> int:
        return 5

    __sub__ = __rsub__ = __abs__ = __truediv__ = __mul__ = __add__ = lambda self, *other: 0.0


@pytest.mark.parametrize("name", EXERCISES)
def test_no_exercise_gives_a_part_to_an_object_that_equals_everything(name: str) -> None:
    entry = find_exercise(name)
    for answer in (lambda *args, **kwargs: _Everything(), _Everything()):
        several = [answer, answer] if name == "97.study" else answer
        verdict = judge(entry, several)
        assert verdict.share == 0.0, verdict
        assert verdict.state == "failed"


def _check(grade_id: str, source: str = CHECK, points: float = 2.0) -> nbformat.NotebookNode:
    meta = {"grade": True, "solution": False, "locked": True, "grade_id": grade_id, "points": points}
    return new_code_cell(source, id=grade_id, metadata={"nbgrader": meta})


def _scores(cells: list[nbformat.NotebookNode], folder: Path, **options: Any) -> tuple[dict[str, float], Any]:
    from nbgrader.utils import determine_grade

    from rlhp.exercises.grading import RunSubmission

    runner = RunSubmission(**{"timeout": 60, **options})
    notebook = nbformat.v4.new_notebook(cells=cells)
    done, _ = runner.preprocess(notebook, {"metadata": {"path": str(folder)}})
    graded = [cell for cell in done.cells if "nbgrader" in cell.metadata]
    return {cell.metadata.nbgrader.grade_id: determine_grade(cell)[0] for cell in graded}, done


@pytest.fixture(autouse=True)
def _needs_nbgrader(build: ModuleType) -> None:
    """Skip where nbgrader is not installed."""


def test_no_attack_moves_a_point(tmp_path: Path) -> None:
    cells, wanted = [new_code_cell("from rlhp.exercises import check")], {}
    for n, attack in enumerate(ATTACKS.values()):
        for kind, answer, points in (("wrong", WRONG, 0.0), ("right", RIGHT, 2.0)):
            # The answer first: an attack may leave no `numpy` to define it with.
            cells += [new_code_cell(answer), new_code_cell(attack), _check(f"{n}-{kind}")]
            wanted[f"{n}-{kind}"] = points
    got, _ = _scores(cells, tmp_path)
    names = {str(n): attack for n, attack in enumerate(ATTACKS)}
    told = {f"{names[key.partition('-')[0]]}: {key}": value for key, value in got.items() if value != wanted[key]}
    assert told == {}
    assert len(wanted) == 2 * len(ATTACKS)


def test_no_answer_that_tries_to_please_earns_anything(tmp_path: Path) -> None:
    cells = [new_code_cell("from rlhp.exercises import check")]
    for n, answer in enumerate(ANSWERS.values()):
        cells += [new_code_cell(answer), _check(f"answer-{n}")]
    # What a result of one's own changes afterwards.
    cells.append(new_code_cell("from IPython.display import update_display\nupdate_display('2.0', display_id='me')"))
    cells += [new_code_cell(RIGHT), _check("right")]
    got, done = _scores(cells, tmp_path)
    told = {name: got[f"answer-{n}"] for n, name in enumerate(ANSWERS) if got[f"answer-{n}"] != 0.0}
    assert told == {}
    assert got["right"] == 2.0
    said = "\n".join(output.get("evalue", "") for cell in done.cells for output in cell.outputs)
    assert "an object of your own class `Any`" in said
    assert "a hidden test does not: `assert abs(linear(0.1" in said
    assert "not answered yet" in said


def test_a_verdict_bent_on_its_way_out_earns_nothing(tmp_path: Path) -> None:
    cells = [new_code_cell("from rlhp.exercises import check")]
    for n, answer in enumerate(BENT.values()):
        cells += [new_code_cell(answer), _check(f"answer-{n}")]
    got, done = _scores(cells, tmp_path)
    assert set(got.values()) == {0.0}
    assert [cell.outputs[-1].ename for cell in done.cells if "nbgrader" in cell.metadata] == ["NoVerdict"] * len(BENT)


def test_a_notebook_that_takes_too_long_in_all_is_not_gone_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from rlhp.exercises.grading import _running

    cells = [new_code_cell("from rlhp.exercises import check"), new_code_cell(RIGHT), _check("before")]
    cells += [_check("after"), new_code_cell("print('on')")]
    # The clock is asked once at the beginning and then before each cell: the third is the last that is begun.
    clock = itertools.chain([0.0] * 4, itertools.repeat(9.0))
    monkeypatch.setattr(_running, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    got, done = _scores(cells, tmp_path, most_seconds=8)
    assert got == {"before": 2.0, "after": 0.0}
    said = "This notebook took more than 8 seconds in all: the cells that were not reached are worth nothing."
    assert [output.get("evalue") for cell in done.cells[-2:] for output in cell.outputs] == [said, said]
    assert said in done.cells[0].source


def test_a_verdict_that_is_not_signed_is_worth_nothing(tmp_path: Path) -> None:
    forged = (
        "kernel = get_ipython().kernel\n"
        "def reply(stream, ident, parent):\n"
        "    content = {'status': 'ok', 'share': 1.0, 'name': '', 'message': '', 'proof': 'mine'}\n"
        "    kernel.session.send(stream, 'rlhp_check_reply', content, parent, ident=ident)\n"
        "kernel.shell_handlers['rlhp_check_request'] = reply\n"
    )
    got, done = _scores([new_code_cell(WRONG), new_code_cell(forged), _check("forged")], tmp_path)
    assert got == {"forged": 0.0}
    assert "The verdict did not come from the grader" in done.cells[-1].outputs[-1].evalue


def test_the_innocent_lose_nothing(tmp_path: Path) -> None:
    """Helpers of one's own happen to be called as the grader's tools are."""
    helpers = (
        "import warnings\n\ndef check(x):\n    return x\n\nexpected = np = 3\nlen = abs\nassert check(expected) == np\n"
        "def float(x):\n    return x\n"
    )
    noisy = RIGHT.replace("    return", "    warnings.warn('slow')\n    return")
    got, _ = _scores([new_code_cell(helpers), new_code_cell(noisy), _check("right")], tmp_path)
    assert got == {"right": 2.0}


NOISE = {
    "numpy warns": "import numpy\nnumpy.log(numpy.zeros(1))\n",
    "warnings.warn": "import warnings\nwarnings.warn('slow')\n",
    "print to stderr": "import sys\nprint('noise', file=sys.stderr)\n",
    "stderr as it was": "print('noise', file=STDERR)\n",
    "tqdm": "import tqdm\nlist(tqdm.tqdm(range(3)))\n",
    "a logging handler bound earlier": "logging.getLogger('mine').error('noise')\n",
    "os.write": "import os\nos.write(2, b'noise')\n",
    "a child process": 'import subprocess\nsubprocess.run("echo noise >&2", shell=True)\n',
}


def test_noise_costs_nothing(tmp_path: Path) -> None:
    """What reaches standard error while a check runs, visible or hidden, by whatever way."""
    cells = [new_code_cell("import logging, sys\nSTDERR = sys.stderr\nlogging.basicConfig(stream=sys.stderr)")]
    for n, noise in enumerate(NOISE.values()):
        body = "".join(f"    {line}\n" for line in noise.splitlines())
        cells += [new_code_cell(RIGHT.replace("    return", f"{body}    return")), _check(f"noise-{n}")]
    bare = "import warnings\nwarnings.warn('slow')\nassert {} == 1"
    cells += [_check("bare", bare.format(1)), _check("bare-wrong", bare.format(2))]
    got, done = _scores(cells, tmp_path)
    assert (got["bare"], got["bare-wrong"]) == (2.0, 0.0)  # cells that no examiner looks at
    assert {name: got[f"noise-{n}"] for n, name in enumerate(NOISE)} == dict.fromkeys(NOISE, 2.0)
    assert not [
        output
        for cell in done.cells
        if "nbgrader" in cell.metadata
        for output in cell.outputs
        if output.get("name") == "stderr"
    ]


def test_partial_credit_is_the_smaller_of_what_is_seen_and_hidden(tmp_path: Path) -> None:
    mean, wrong_mean = "mean_curve = lambda r: r.mean(axis=0)\n", "mean_curve = lambda r: r.sum(axis=0)\n"
    best, wrong_best = "best_step = lambda r: int(r.mean(axis=0).argmax())\n", "best_step = lambda r: 2\n"
    answers = {"both": mean + best, "fits what is seen": mean + wrong_best, "only best": wrong_mean + best}
    cells = []
    for name, answer in answers.items():
        cells += [new_code_cell(answer), _check(name.replace(" ", "-"), PARTLY, 3.0)]
    cells += [new_code_cell("del mean_curve"), _check("gone", PARTLY, 3.0)]
    got, done = _scores(cells, tmp_path)
    # Seen: all, all, a third; hidden: all, a half, a half.
    assert got == {"both": 3.0, "fits-what-is-seen": 1.5, "only-best": 1.0, "gone": 0.0}
    assert "`mean_curve` is not there" in done.cells[-1].outputs[-1].evalue


def test_files_beside_the_notebook_are_no_libraries(tmp_path: Path) -> None:
    (tmp_path / "rlhp" / "exercises").mkdir(parents=True)
    for name in ("rlhp/__init__.py", "rlhp/exercises/__init__.py", "numpy.py", "random.py", "fixture_lectures.py"):
        (tmp_path / name).write_text("raise SystemExit('mine')\n", encoding="utf-8")
    got, done = _scores([new_code_cell("import os\nos.getcwd()"), new_code_cell(WRONG), _check("wrong")], tmp_path)
    assert got == {"wrong": 0.0}
    assert Path(done.cells[0].outputs[0].data["text/plain"].strip("'")).resolve() == tmp_path.resolve()
    got, _ = _scores([new_code_cell(RIGHT), _check("right")], tmp_path)
    assert got == {"right": 2.0}


def test_what_a_check_takes_from_the_library_is_the_librarys(tmp_path: Path) -> None:
    """An exercise's file imports it at its top, so that it is noted before the notebook runs."""
    attack = "import rlhp\nrlhp.schedules.Schedule = object\nrlhp.schedules.Linear = None"
    wrong = "def my_schedule():\n    return lambda progress: 1.0 if progress < 0.2 else 0.0"
    right = "from rlhp.schedules import Linear\ndef my_schedule():\n    return Linear(1.0, 0.05, fraction=0.31578947)"
    check = 'check("01.budget", my_schedule)\n### BEGIN HIDDEN TESTS\nassert my_schedule()\n### END HIDDEN TESTS'
    cells = [new_code_cell(right), new_code_cell(attack), _check("right", check)]
    cells += [new_code_cell(wrong), new_code_cell(attack), _check("wrong", check)]
    got, done = _scores(cells, tmp_path)
    assert got == {"right": 2.0, "wrong": 0.0}
    assert "Give back a schedule" in done.cells[-1].outputs[-1].evalue


def test_a_folder_beside_the_notebook_is_no_lecture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is called as the course's package is, and the notebook's folder comes before what is installed."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    (tmp_path / "rlhp_course").mkdir()
    (tmp_path / "rlhp_course" / "__init__.py").write_text("raise SystemExit('mine')\n", encoding="utf-8")
    right = new_code_cell(f"import numpy as np\n{right_answer('00.iqm')}")
    check = 'check("00.iqm", iqm)\n### BEGIN HIDDEN TESTS\nassert iqm(np.ones(3)) == 1\n### END HIDDEN TESTS'
    got, done = _scores([new_code_cell("import sys\nsys.path.insert(0, '')"), right, _check("iqm", check)], tmp_path)
    assert got == {"iqm": 2.0}, done.cells[-1].outputs


def test_a_class_in_a_file_beside_the_notebook_is_the_students_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine.py").write_text(ANSWERS["equals everything"], encoding="utf-8")
    # The folder of all submissions may lie below one where libraries are: a clone of this project is such a one.
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([os.environ["PYTHONPATH"], str(tmp_path.parent)]))
    cells = [new_code_cell("import sys\nsys.path.append('.')\nfrom mine import linear"), _check("everything")]
    got, done = _scores(cells, tmp_path)
    assert got == {"everything": 0.0}
    assert "an object of your own class `Any`" in done.cells[1].outputs[-1].evalue


ENDS = {
    "os._exit": "import os\nos._exit(0)",
    "exit()": "exit()",
    "killed": "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)",
}


def test_whoever_ends_python_loses_that_cell_alone(tmp_path: Path) -> None:
    deadly = "import os\nlinear = lambda progress, start=1.0, end=0.05, fraction=0.5: os._exit(0)"
    cells = [new_code_cell(RIGHT), _check("before")]
    cells += [new_code_cell(source) for source in ENDS.values()]
    cells += [new_code_cell(deadly), _check("deadly"), new_code_cell(RIGHT), _check("after")]
    got, done = _scores(cells, tmp_path)
    assert got == {"before": 2.0, "deadly": 0.0, "after": 2.0}
    top = done.cells[0].source
    assert "While grading, Python was lost" in top
    assert [f"Cell {n} ended Python" in top for n in range(1, 10)] == [n in (3, 4, 5, 7) for n in range(1, 10)]


SILENCED = {
    "no stderr": "import sys\nsys.stderr = None",
    "no stdout": "import sys\ndel sys.stdout",
    "closed": "import sys\nsys.stdout = open('/dev/null', 'w')\nsys.stdout.close()",
    "no way to run": "get_ipython().run_cell = None",
}


def test_a_kernel_that_runs_no_more_cells_says_so_at_once(tmp_path: Path) -> None:
    cells = []
    for name, source in SILENCED.items():
        cells += [new_code_cell(RIGHT), new_code_cell(source), _check(name.replace(" ", "-"))]
    cells += [new_code_cell(WRONG), _check("after")]
    got, done = _scores(cells, tmp_path, timeout=20)
    # The last answer never became that of the notebook: what runs cells is gone for good.
    assert got == dict.fromkeys([*(name.replace(" ", "-") for name in SILENCED), "after"], 2.0)
    assert "Python was lost" not in done.cells[0].source
    assert "this cell could not be run: 'NoneType'" in done.cells[-2].outputs[-1].evalue


def test_a_notebook_that_always_ends_python_is_given_up(tmp_path: Path) -> None:
    thread = "import threading, os\nthreading.Timer(0.0, os._exit, (0,)).start()\nimport time\ntime.sleep(5)"
    cells = [new_code_cell(f"{n}\n{thread}") for n in range(3)] + [new_code_cell(RIGHT), _check("after")]
    got, done = _scores(cells, tmp_path, most_starts=1)
    assert got == {"after": 0.0}
    assert "ended too often" in done.cells[0].source


# The long version prints as fast as it can, tens of megabytes, and needs half a minute.
@pytest.mark.parametrize(
    ("pause", "seconds"), [(0.01, 2), pytest.param(0.0, 6, marks=pytest.mark.hard)], ids=["paused", "flood"]
)
def test_endless_loops_cost_their_own_cell(tmp_path: Path, pause: float, seconds: int) -> None:
    stubborn = (
        "while True:\n    try:\n        while True:\n            time.sleep(0.01)\n"
        "    except KeyboardInterrupt:\n        pass"
    )
    loop = f"while True:\n    print('x' * 10_000)\n    time.sleep({pause})"
    # The stubborn one first: with it Python is lost, and all before it runs again.
    cells = [
        new_code_cell(f"import time\n{RIGHT}"),
        new_code_cell(stubborn),
        _check("after-stubborn"),
        new_code_cell(loop),
        _check("after-loop"),
    ]
    # The loops alone are short of time: a busy machine may take as long for an answer's imports.
    limit = {"timeout_func": lambda cell: seconds if "while True" in cell.source else 60}
    got, done = _scores(cells, tmp_path, **limit, iopub_timeout=2 * seconds)
    assert got == {"after-stubborn": 2.0, "after-loop": 2.0}
    assert "Cell 2 did not end, and could not be interrupted" in done.cells[0].source
    [shown] = [cell for cell in done.cells if cell.source == loop]
    assert len(shown.outputs[0].text) < 21_000
    assert "[cut: a cell shows 20,000 characters]" in shown.outputs[0].text


def test_small_sizes_are_set_for_the_kernel_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RLHP_SMALL")
    _, done = _scores([new_code_cell("import os\nos.environ['RLHP_SMALL']")], tmp_path)
    assert done.cells[0].outputs[0].data["text/plain"] == "'1'"
    assert "RLHP_SMALL" not in os.environ


def test_a_short_limit_of_cells_does_not_count_for_the_grader_itself(tmp_path: Path) -> None:
    """To let the examiner in takes a second or two of imports, and on a machine that is busy many more."""
    got, done = _scores([new_code_cell("import time\ntime.sleep(5)")], tmp_path, timeout=1)
    assert got == {}
    assert done.cells[0].outputs[-1].ename == "CellTimeoutError"
