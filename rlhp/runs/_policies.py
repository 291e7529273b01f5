"""The trained policy of a run, where it was kept: the one door to the room that trains."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any


def opened(folder: Path | None, run_id: str, *, trust: bool) -> Any:
    """Return the policy of a run; see `Runs.policy`.

    Raises
    ------
    ValueError
        If it was not kept, or its file needs `trust=True`.
    """
    file = folder / f"{run_id}.zip" if folder is not None else None
    if file is None or not file.is_file():
        raise ValueError(
            f"the policy of run `{run_id}` was not kept; train with `out=` and "
            f"`execution=rlhp.Execution(keep_policies=True)` (a run that did not finish has none)."
        )
    # Named and not imported: the table stands below the room that trains, and works without it.
    return importlib.import_module("rlhp.trainers").load_policy(file, trust=trust)
