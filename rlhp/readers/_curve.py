"""The evaluations of one run, as any reader finds them: each step once, and only up to the first that is not finite."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from rlhp.frames import HP, encode_value
from rlhp.readers._sources import Source

# What becomes of two evaluations at one step: a run that went on from a checkpoint wrote some steps again.
REPEATS = ("raise", "first", "last")


def row_and_curve(
    source: Source, curve: pd.DataFrame, file: str, on_repeat: str, **more: Any
) -> tuple[dict[str, Any], pd.DataFrame]:
    """Return a run's row and its curve up to the first return that is not finite.

    Raises
    ------
    ValueError
        If two evaluations stand at one step and `on_repeat` is "raise", or a hyperparameter cannot be.
    """
    twice = curve["step"].duplicated(keep="first" if on_repeat == "first" else "last")
    if twice.any() and on_repeat == "raise":
        raise ValueError(
            f"{file} has two evaluations at step {curve['step'][twice].iloc[0]:,}; if the run went on from a "
            f"checkpoint, pass on_repeat='last' (or 'first')."
        )
    curve = curve[~twice].sort_values("step", ignore_index=True)
    bad = np.flatnonzero(~np.isfinite(curve["return_mean"]))
    status, error = source.status, ""
    reached = int(curve["step"].iloc[-1]) if len(curve) else 0
    if len(bad):
        reached = int(curve["step"].iloc[bad[0]])
        error = f"{file}, evaluation {bad[0] + 1} (step {reached:,}): the return is {curve['return_mean'].iloc[bad[0]]}"
        status = status if status in ("failed", "stopped") else "diverged"
        curve = curve.iloc[: bad[0]]
    try:
        config = {HP + name: encode_value(value) for name, value in source.config.items()}
    except ValueError as wrong:
        raise ValueError(f"{source.path}: `configs`: {wrong}") from wrong
    row = {
        "source": str(source.path),
        "algorithm": source.algorithm,
        "env_id": source.env_id or "unknown",
        "seed": source.seed,
        "steps": source.steps,
        "status": status,
        "error": error,
        "reached": reached,
        **config,
    }
    return {**row, **more}, curve
