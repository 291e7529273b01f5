"""Grade a lecture: what students handed in becomes points, pages of feedback and a table.

    python course/grade.py 00                    the notebooks in build/submitted/STUDENT/NN_topic/NN_topic.ipynb
    python course/grade.py 00 --from FOLDER      take in the notebooks of a folder first, one a student
    python course/grade.py 00 --again            grade anew what has not changed since it was graded, too
    python course/grade.py 00 --seconds 30       how long one cell may run (120, if nothing is said)
    python course/grade.py 00 --course F         a lecture of another folder: those in F/lectures

It builds the instructor's notebook where that is missing or older than its source, and tells nbgrader's gradebook of
it. Then nbgrader grades and writes the feedback, one student at a time: a submission that cannot be graded costs the
others nothing. What has not changed since is not run again.

Grading runs what students wrote, with your rights: `rlhp.exercises.grading` says what is defended and what is not.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import shutil
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from build import HERE, LectureError, Paths, chosen, dumps, instructor_notebook, nbgrader_api, quiet_nbgrader
from copies import write  # beside this script
from handed_in import HandedIn, NothingHandedIn, look, take_in

from rlhp.exercises.grading import NOT_READ, notes, take_back

_ADVICE = (
    "It has no points now, whatever an earlier one had. Read it: does it remove its folder, or bend what Python needs? "
    "Let it be handed in again without that, or give the points by hand. What went wrong:"
)

Api = Any  # nbgrader's interface, which has no types


class GradingError(RuntimeError):
    """The lecture cannot be graded; the message says what to do."""


@dataclass(frozen=True)
class Result:
    """What one student earned.

    Parameters
    ----------
    student : str
    points, of : float
        Points given so far, by the machine and by hand, and those that there are.
    failed : list of str
        Exercises that earned less than all of their points, each with what it earned.
    waiting : list of str
        Answers that a person has to read.
    notes : list of str
        What the grader had to say of the notebook: what it put right, and at which cells Python was lost.
    too_many : list of str
        Exercises with more points than there are, each with what stands there.
    """

    student: str
    points: float
    of: float
    failed: list[str]
    waiting: list[str]
    notes: list[str]
    too_many: list[str]

    @property
    def is_unreadable(self) -> bool:
        """Whether what was handed in could not be opened as a notebook."""
        return any(note.startswith(NOT_READ) for note in self.notes)


# --- before the first submission ---


def prepare(paths: Paths, api: Api, lecture: Path) -> bytes:
    """Build the instructor's notebook where it is missing or old, and tell the gradebook of it; give its bytes.

    Raises
    ------
    LectureError
        If the lecture's source is not written as the build needs it.
    GradingError
        With nbgrader's own words, if it refuses the notebook.
    """
    name, built = lecture.stem, dumps(instructor_notebook(lecture))
    path = paths.instructor(name)
    changed = not path.exists() or path.read_bytes() != built
    if changed:
        write(path, built)
        print(f"built {name}")
    with api.gradebook as gradebook:
        known = any(assignment.name == name and assignment.notebooks for assignment in gradebook.assignments)
    if changed or not known:
        with quiet_nbgrader():
            done = api.generate_assignment(name, force=True)
        if not done["success"]:
            raise GradingError(f"nbgrader cannot take {name} into its gradebook:\n{_tail(done)}")
    return built


# --- one submission ---


class Graded:
    """What was graded before, and of which bytes: a later call grades what has changed since, and no more."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self.digests: dict[str, str] = dict(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            self.digests = {}

    def forget(self, student: str) -> None:
        """Forget a submission that could not be graded."""
        if self.digests.pop(student, None) is not None:
            write(self.path, json.dumps(self.digests, indent=1).encode())

    def keep(self, student: str, digest: str) -> None:
        """Remember that a submission was graded."""
        self.digests[student] = digest
        write(self.path, json.dumps(self.digests, indent=1).encode())


def grade(api: Api, name: str, student: str) -> str:
    """Let nbgrader grade one submission; return what went wrong, or nothing."""
    with quiet_nbgrader():
        done = api.autograde(name, student, force=True)
    return "" if done["success"] else _cause(done)


def feed_back(api: Api, name: str, student: str) -> str:
    """Let nbgrader write the page of one student; return what went wrong, or nothing."""
    with quiet_nbgrader():
        done = api.generate_feedback(name, student, force=True)
    return "" if done["success"] else _cause(done)


def take_away(api: Api, root: Path, name: str, student: str) -> None:
    """Take back the points and the page of an earlier submission, whose place one took that cannot be graded."""
    with api.gradebook as gradebook:
        take_back(gradebook, name, student)
    for step in ("autograded", "feedback"):
        shutil.rmtree(root / step / student / name, ignore_errors=True)


def result(api: Api, root: Path, name: str, student: str) -> Result:
    """Read what a student earned from the gradebook and the graded notebook."""
    failed, waiting, too_many = [], [], []
    with api.gradebook as gradebook:
        submission = gradebook.find_submission_notebook(name, name, student)
        points, of = float(submission.score), float(submission.max_score)
        for one in sorted(submission.grades, key=lambda one: str(one.name)):
            exercise = str(one.name).removesuffix("-check").replace("-", ".", 1)
            if (one.score or 0) > one.max_score:
                too_many.append(f"{exercise} ({one.score:g} of {one.max_score:g})")
            if one.needs_manual_grade:
                waiting.append(exercise)
            elif one.score < one.max_score:
                failed.append(f"{exercise} ({one.score:g} of {one.max_score:g})")
    said = notes(root / "autograded" / student / name / f"{name}.ipynb")
    return Result(student, points, of, failed, waiting, said, too_many)


def _tail(done: dict[str, Any]) -> str:
    """Return the last lines of what nbgrader said of a failure."""
    said = (done.get("log") or done.get("error") or "it said nothing").strip().splitlines()
    return "\n".join(f"    {line}" for line in said[-6:])


def _cause(done: dict[str, Any]) -> str:
    """Return the exception that kept a submission from being graded, without the trace that leads to it."""
    lines = (done.get("log") or done.get("error") or "").splitlines()
    raised = [line.strip() for line in lines if re.match(r"\s*[\w.]+(Error|Exception|Interrupt)\b", line)]
    return f"    {raised[-1]}" if raised else _tail(done)


# --- all of them ---


def grade_all(
    paths: Paths, lecture: Path, *, given: Path | None = None, again: bool = False, seconds: int = 120
) -> tuple[list[Result], list[str]]:
    """Grade what was handed in of a lecture, and say how it goes.

    Parameters
    ----------
    paths : Paths
        The course.
    lecture : Path
        The lecture's source.
    given : Path, optional
        Folder of notebooks to take in first; see `handed_in.take_in`.
    again : bool
        Whether to grade anew what has not changed since it was graded.
    seconds : int
        How long one cell may run.

    Returns
    -------
    list of Result
        One a student whose submission was graded, now or before.
    list of str
        What kept others from being graded, a line or more each.

    Raises
    ------
    NothingHandedIn
        If there is nothing to grade.
    LectureError, GradingError
        If the lecture itself cannot be built or taken into the gradebook.
    """
    root, name = paths.course / "build", lecture.stem
    submitted = root / "submitted"
    taken = HandedIn({}, [], []) if given is None else take_in(given, submitted, name)
    handed_in = look(submitted, name)  # before anything is built: it may be nothing
    api = nbgrader_api(root)
    api.config.RunSubmission.timeout = seconds
    built = prepare(paths, api, lecture)
    for line in (*taken.told, *handed_in.told):
        print(line)
    graded = Graded(root / "graded" / f"{name}.json")
    results: list[Result] = []
    unclear = [*taken.undecided, *handed_in.undecided]
    wrong = [f"{student}: not graded, see above" for student in unclear]
    for number, (student, notebook) in enumerate(handed_in.notebooks.items(), 1):
        digest = hashlib.sha256(built + notebook.read_bytes()).hexdigest()
        print(f"{number} of {len(handed_in.notebooks)}: {student} ... ", end="", flush=True)
        started, said = time.monotonic(), ""
        is_done = (root / "autograded" / student / name / f"{name}.ipynb").exists()
        if again or not is_done or graded.digests.get(student) != digest:
            said = grade(api, name, student)
            if said:
                graded.forget(student)
                take_away(api, root, name, student)
            else:
                graded.keep(student, digest)
        said = said or feed_back(api, name, student)  # always: points given by hand may be new
        if said:
            print("failed")
            wrong.append(f"{student}: {notebook.name} could not be graded. {_ADVICE}\n{said}")
            continue
        results.append(result(api, root, name, student))
        print(f"{results[-1].points:g} of {results[-1].of:g} ({time.monotonic() - started:.0f} s)")
    return results, wrong


def table(results: Sequence[Result]) -> str:
    """Write a line a student: the score, what failed, what waits for a person; and under it the grader's notes."""
    rows = [("student", "score", "what failed")]
    for one in results:
        said = ", ".join(one.failed) or ("nothing" if not one.notes else "")
        if one.too_many:
            said = f"MORE POINTS THAN THERE ARE: {', '.join(one.too_many)}; did a notebook write into the gradebook?"
        read = f"to read by hand: {', '.join(one.waiting)}" if one.waiting else ""
        rows.append((one.student, f"{one.points:g} of {one.of:g}", "; ".join(filter(None, [said, read]))))
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    lines = [f"{row[0]:<{widths[0]}}  {row[1]:<{widths[1]}}  {row[2]}".rstrip() for row in rows]
    noted = [f"{one.student}: {note}" for one in results for note in one.notes]
    return "\n".join(lines + (["", *noted] if noted else []))


def main(arguments: Sequence[str] | None = None, paths: Paths | None = None) -> int:
    """Run the command line; see the top of this file."""
    parser = argparse.ArgumentParser(prog="grade", description="Grade what students handed in of a lecture.")
    parser.add_argument("lecture", nargs="?", default="", help="the lecture, by name or number")
    parser.add_argument("--from", dest="given", type=Path, metavar="FOLDER", help="notebooks to take in, one a student")
    parser.add_argument("--again", action="store_true", help="grade anew what has not changed, too")
    parser.add_argument("--seconds", type=int, default=120, help="how long one cell may run (default: %(default)s)")
    parser.add_argument("--course", type=Path, help="the folder with lectures/, in place of the one of this script")
    options = parser.parse_args(arguments)
    paths = paths or Paths((options.course or HERE).resolve())
    try:
        if options.seconds < 1:
            raise GradingError(f"--seconds is {options.seconds}; give a whole number of at least 1.")
        if not options.lecture:
            names = ", ".join(lecture.stem for lecture in paths.lectures)
            raise GradingError(f"which lecture? make grade LECTURE=00, or python make.py grade 00. There are: {names}.")
        [lecture] = chosen(paths, [options.lecture])
        results, wrong = grade_all(paths, lecture, given=options.given, again=options.again, seconds=options.seconds)
    except (LectureError, NothingHandedIn, GradingError) as error:
        print(f"make grade: {error}", file=sys.stderr)
        return 1
    if results:
        print(f"\n{table(results)}\n")
        print(f"Feedback: {paths.course / 'build' / 'feedback'}/STUDENT/{lecture.stem}/{lecture.stem}.html")
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong or any(one.is_unreadable for one in results) else 0


if __name__ == "__main__":
    sys.exit(main())
