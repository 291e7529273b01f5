"""What `Runs` made by hand begin with: frames without a row, and the name of a run."""

from __future__ import annotations

from rlhp.frames import empty_evals as empty_evals
from rlhp.frames import empty_history as empty_history
from rlhp.frames import run_id as run_id
