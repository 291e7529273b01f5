"""How nbgrader grades this course. Start nbgrader, or JupyterLab with its panels, in this folder.

Its folders (source, release, submitted, autograded, feedback) and its gradebook stand in build/:

    python build.py                                   lectures become build/source/NN_topic/NN_topic.ipynb
    nbgrader generate_assignment NN_topic             once, so that the gradebook knows the assignment
    (collect build/submitted/STUDENT/NN_topic/NN_topic.ipynb)
    nbgrader autograde NN_topic
    nbgrader generate_feedback NN_topic               build/feedback/STUDENT/NN_topic/NN_topic.html

`make grade LECTURE=00` does all of it, and writes a table.

The student notebooks that generate_assignment makes are those in this folder.

Autograding runs what students wrote, with your rights: `rlhp.exercises.grading` says what is defended and what is not.
Grade in a container, or under an account of its own, whatever you would not run otherwise.
"""

import os
import sysconfig
from pathlib import Path

from nbconvert.preprocessors import ClearMetadataPreprocessor
from nbgrader.preprocessors import (
    AssignLatePenalties,
    ClearOutput,
    DeduplicateIds,
    IgnorePattern,
    LimitOutput,
    OverwriteCells,
    OverwriteKernelspec,
    SaveAutoGrades,
)
from nbgrader.preprocessors.checkcellmetadata import CheckCellMetadata

from rlhp.exercises.grading import Feedback, ReadSubmission, RestoreCells, RunSubmission
from rlhp.exercises.notebook import STUB, WRITTEN_STUB

# nbgrader starts `alembic` by its bare name, which is on PATH only where the environment has been activated.
os.environ["PATH"] = sysconfig.get_path("scripts") + os.pathsep + os.environ.get("PATH", "")

c = get_config()  # noqa: F821 (traitlets provides it)

c.CourseDirectory.course_id = "rlhp"
c.CourseDirectory.root = str(Path(__file__).resolve().parent / "build")

c.ClearSolutions.code_stub = {"python": STUB}
c.ClearSolutions.text_stub = WRITTEN_STUB

# Whatever was handed in is opened, or said to be no notebook.
c.Autograde.exporter_class = ReadSubmission

# A damaged notebook is explained and put right before nbgrader reads its cells.
c.Autograde.sanitize_preprocessors = [
    RestoreCells,
    ClearOutput,
    DeduplicateIds,
    OverwriteKernelspec,
    OverwriteCells,
    CheckCellMetadata,
]

# Check cells are judged by this project's examiner; `rlhp.exercises.grading` says what that defends against.
c.Autograde.autograde_preprocessors = [
    RunSubmission,
    IgnorePattern,
    ClearMetadataPreprocessor,
    LimitOutput,
    SaveAutoGrades,
    AssignLatePenalties,
    CheckCellMetadata,
]
c.GenerateFeedback.exporter_class = Feedback

# Seconds a cell. A lecture trains agents, though small ones while grading: nbgrader's 30 seconds are too few.
c.RunSubmission.timeout = 120
c.Execute.timeout = 600
c.ExecutePreprocessor.timeout = 600
