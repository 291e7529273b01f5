"""How nbgrader grades this course. Start nbgrader, or JupyterLab with its panels, in this folder.

Its folders (source, release, submitted, autograded, feedback) and its gradebook stand in build/:

    python build.py                                   lectures become build/source/NN_topic/NN_topic.ipynb
    nbgrader generate_assignment NN_topic             once, so that the gradebook knows the assignment
    (collect build/submitted/STUDENT/NN_topic/NN_topic.ipynb)
    nbgrader autograde NN_topic
    nbgrader generate_feedback NN_topic               build/feedback/STUDENT/NN_topic/NN_topic.html

The student notebooks that generate_assignment makes are those in this folder.
"""

import os
import sysconfig
from pathlib import Path

from nbgrader.preprocessors import ClearOutput, DeduplicateIds, OverwriteCells, OverwriteKernelspec
from nbgrader.preprocessors.checkcellmetadata import CheckCellMetadata

from rlhp.exercises.grading import RestoreCells
from rlhp.exercises.notebook import STUB, WRITTEN_STUB

# nbgrader starts `alembic` by its bare name, which is on PATH only where the environment has been activated.
os.environ["PATH"] = sysconfig.get_path("scripts") + os.pathsep + os.environ.get("PATH", "")

c = get_config()  # noqa: F821 (traitlets provides it)

c.CourseDirectory.course_id = "rlhp"
c.CourseDirectory.root = str(Path(__file__).resolve().parent / "build")

c.ClearSolutions.code_stub = {"python": STUB}
c.ClearSolutions.text_stub = WRITTEN_STUB

# A damaged notebook is explained and put right before nbgrader reads its cells.
c.Autograde.sanitize_preprocessors = [
    RestoreCells,
    ClearOutput,
    DeduplicateIds,
    OverwriteKernelspec,
    OverwriteCells,
    CheckCellMetadata,
]

# A lecture trains agents: a cell may take longer than nbgrader's 30 seconds.
c.Execute.timeout = 600
c.ExecutePreprocessor.timeout = 600
