"""An Optuna study: every trial that has ended becomes a run, with what it reported on the way."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from rlhp import arguments
from rlhp.arguments import shown
from rlhp.errors import unknown_name
from rlhp.frames import HP, encode_value
from rlhp.readers import _cells as cells
from rlhp.readers._assembling import Frames, assembled, joined
from rlhp.readers._notices import notice
from rlhp.readers._sources import per_run

_STATUS = {"COMPLETE": "finished", "PRUNED": "stopped", "FAIL": "failed"}


def from_optuna(
    study: Any,
    *,
    objective: int | None = None,
    algorithm: str = "unknown",
    env_id: str = "unknown",
    seeds: Sequence[int] | int | str = 0,
    steps: int | None = None,
) -> Frames:
    """Turn an Optuna study into runs: one per trial that has ended, pruned and failed ones too.

    A parameter that a trial did not have is inactive there; `spaces.from_optuna` gives the space. What a trial
    reported on its way is its curve, and what the study judged it by stands at its end. A pruned trial is
    `stopped`, a failed one `failed`. The choice None of a categorical parameter is the text "None".

    Parameters
    ----------
    study : optuna.Study
        As `optuna.load_study` opens it.
    objective : int, optional
        Which objective is the return, where the study has several; such a study has no curves.
    algorithm, env_id : str
        What was trained; a study does not say.
    seeds : int, sequence of int (one per trial that has ended), or str
        The seed of each trial; a text names the parameter or user attribute that holds it.
    steps : int, optional
        Environment steps of a whole trial; by default the last step that any trial reported, or 1.

    Raises
    ------
    TypeError
        If it is no study.
    ValueError
        If no trial has ended, or an argument cannot be; the message names it.

    Notes
    -----
    Where a study minimises, the returns are minus its values, and a warning says so.

    Examples
    --------
    >>> from rlhp import Runs
    >>> study = optuna.load_study(study_name="ppo", storage="sqlite:///ppo.db")  # doctest: +SKIP
    >>> Runs.from_optuna(study, algorithm="ppo", env_id="CartPole-v1", steps=50_000)  # doctest: +SKIP
    """
    algorithm, env_id = arguments.text("algorithm", algorithm), arguments.text("env_id", env_id)
    steps = None if steps is None else arguments.whole("steps", steps, at_least=1)
    try:
        trials, directions = list(study.trials), [str(one.name) for one in study.directions]
        name = str(study.study_name)
    except (AttributeError, TypeError) as error:
        raise TypeError(
            f"`study` is {shown(study)}; give an Optuna study (`optuna.load_study(...)` opens a stored one)."
        ) from error
    at = _objective(objective, directions)
    sign = -1.0 if directions[at] == "MINIMIZE" else 1.0
    over = [trial for trial in trials if str(trial.state.name) in _STATUS]
    if len(over) < len(trials):
        notice(f"study {name}: {len(trials) - len(over)} of {len(trials)} trials have not ended and are left out.")
    if not over:
        raise ValueError(f"`study` {name} has no trial that has ended; optimise it first.")
    if sign < 0:
        notice(f"study {name} minimises; the returns here are minus its values, so that higher is better.")
    drawn = _seeds_named(seeds, over, name) if isinstance(seeds, str) else per_run("seeds", seeds, len(over))
    last = steps or max((step for trial in over for step in trial.intermediate_values), default=0) or 1
    rows, curves = [], []
    for trial, seed in zip(over, drawn, strict=True):
        row, curve = _read_trial(trial, sign, at, last, many=len(directions) > 1, place=f"study {name}")
        config = {**trial.params}
        if isinstance(seeds, str):
            config.pop(seeds, None)
        hps = {HP + key: _encoded(key, value, trial, name) for key, value in config.items()}
        rows.append({**row, "algorithm": algorithm, "env_id": env_id, "seed": seed, **hps})
        curves.append(curve)
    return assembled(rows, joined(curves))


def _objective(objective: Any, directions: list[str]) -> int:
    if objective is None:
        if len(directions) > 1:
            raise ValueError(
                f"`objective` is None, but the study has {len(directions)} objectives; say which one is the return: "
                f"objective=0 is the first."
            )
        return 0
    return arguments.whole("objective", objective, at_least=0, at_most=len(directions) - 1)


def _seeds_named(name: str, trials: list[Any], study: str) -> list[int]:
    """Read the seed of each trial from its parameters or its user attributes."""
    found = []
    for trial in trials:
        said = {**trial.user_attrs, **trial.params}
        if name not in said:
            raise ValueError(unknown_name("`seeds`", name, said, where=f"trial {trial.number} of study {study}"))
        found += cells.wholes_of([said[name]], _trial(study, trial.number, name)).tolist()
    return found


def _trial(study: str, number: int, name: str) -> cells.Place:
    return lambda _: f"study {study}, trial {number}, `{name}`"


def _read_trial(
    trial: Any, sign: float, objective: int, last: int, *, many: bool, place: str
) -> tuple[dict[str, Any], pd.DataFrame]:
    status = _STATUS[str(trial.state.name)]
    curve = (
        {} if many else {int(step): sign * float(value) for step, value in sorted(trial.intermediate_values.items())}
    )
    if status == "finished":
        # What the study judged the trial by stands at its end.
        curve = {step: value for step, value in curve.items() if step < last}
        curve[last] = sign * float(trial.values[objective])
    source = f"{place}, trial {trial.number}"
    wrong = next((step for step, value in curve.items() if not math.isfinite(value)), None)
    error = "" if status != "failed" else str(trial.system_attrs.get("fail_reason", "the trial failed"))
    reached = max(curve, default=0)
    if wrong is not None:
        reached = wrong
        error = error or f"{source}, step {wrong}: the value is {sign * curve[wrong]}"
        status = "diverged" if status == "finished" else status
        curve = {step: value for step, value in curve.items() if step < wrong}
    low = min(curve, default=0)
    if low < 0:
        raise ValueError(f"{source} reported at step {low}; steps are environment steps, from 0.")
    took = trial.duration
    row = {
        "source": source,
        "steps": last,
        "status": status,
        "error": error,
        "reached": reached,
        "wall_time_s": np.nan if took is None else took.total_seconds(),
    }
    return row, pd.DataFrame({"step": list(curve), "return_mean": list(curve.values())}).astype({"step": "int64"})


def _encoded(name: str, value: Any, trial: Any, study: str) -> Any:
    """Encode a value; None, which Optuna has as a choice of its own, is the text "None" and not "inactive"."""
    if value is None:
        return "None"
    try:
        return encode_value(value)
    except ValueError as error:
        raise ValueError(f"study {study}, trial {trial.number}, parameter `{name}`: {error}") from error
