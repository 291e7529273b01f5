"""nbgrader's side: what the course's configuration puts in the place of nbgrader's own steps.

`ReadSubmission` opens whatever was handed in, `RestoreCells` puts damaged cells right, `RunSubmission` runs the
notebook and gives the points, `Feedback` writes the page. Students never import this room; nothing else here needs
nbgrader.

How points are given
--------------------
A check cell's verdict is what the examiner (`rlhp.exercises._examiner`) found, not what the cell printed: it is signed
for this run and this cell, and the points are written down here, outside the student's Python. A reply that does not
come, or is not signed, is worth nothing. What the cell writes to standard error, displays or returns counts for
nothing.

Defended
--------
- Names of the notebook's own: `check`, `np`, `float`, a helper that happens to be called so. Only the functions that
  the check cell names are taken from the notebook; hidden tests see nothing else of it.
- `rlhp.exercises` or a lecture's own package patched, replaced, or with exercises declared anew: both are read from
  disk for every check, from where they lay before the first cell, with the lectures that were installed then.
- Builtins, and functions and methods of NumPy, pandas, SciPy, Gymnasium, this package and the lectures', replaced
  before a check; the most used of them also while the answer runs, and all of them before hidden tests run and before
  the verdict is signed.
- IPython's hooks (`run_cell`, transformers, events, custom exceptions, display hooks): a check does not go through
  them.
- Objects that equal everything, also behind a library's (a proxy, a mock, a masked array), numbers whose arithmetic
  lies, exceptions of one's own, `sys.exit` in an answer.
- `os._exit`, a crash, an endless loop, one that swallows interrupts: that cell is worth nothing, and the others are run
  again without it.
- Points, marks, checksums, outputs and sources of locked cells edited in the file; files called `numpy.py`, `rlhp` or
  after a lecture's package that lie beside the notebook, or that it writes there.
- Answers that only fit the visible checks, as far as the hidden tests are good.

Not defended
------------
A notebook is a program, and grading runs it with your rights.

- It can read and write your files: the gradebook, other submissions, the sources of this package and of the lectures,
  and the solutions where those lie on the same machine. Grade in a container, a virtual machine or under an account of
  its own where that matters.
- It shares its process with the examiner. Code written against this package, which walks the interpreter's frames, its
  garbage or its memory while an answer is called, can find the hidden tests and the key. It stands in the notebook that
  was handed in, for whoever reads it.
- So can a thread of the notebook's own that goes on while a check looks, and replaces `abs` again and again.
- An answer copied from somebody else is a right answer.
"""

from rlhp.exercises.grading._feedback import Feedback
from rlhp.exercises.grading._notes import notes
from rlhp.exercises.grading._reading import NOT_READ, ReadSubmission
from rlhp.exercises.grading._restoring import RestoreCells, take_back
from rlhp.exercises.grading._running import RunSubmission

__all__ = ["ReadSubmission", "RestoreCells", "RunSubmission", "Feedback", "notes", "take_back", "NOT_READ"]
