"""How training that others logged becomes the `table` and `evals` frames of `Runs`: one reader a file.

Each reader is documented at its classmethod of `Runs`. What they share is named after what it is: `columns` (tables
read by position), `cells`, `patterns` (names that say what was run), `sources`, `episodes`, `curve`, `assembling`.
"""

from __future__ import annotations

from rlhp.readers.evaluations import read_evaluations
from rlhp.readers.monitor import read_monitors
from rlhp.readers.optuna_study import read_optuna
from rlhp.readers.study import read_study
from rlhp.readers.table import how, read_csv, read_frame
from rlhp.readers.tensorboard_events import read_tensorboard
from rlhp.readers.wandb_export import read_wandb

__all__ = [
    "how",
    "read_csv",
    "read_evaluations",
    "read_frame",
    "read_monitors",
    "read_optuna",
    "read_study",
    "read_tensorboard",
    "read_wandb",
]
