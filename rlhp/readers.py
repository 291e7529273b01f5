"""How training that others logged becomes the `table` and `evals` frames of `Runs`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from rlhp.errors import unknown_name
from rlhp.frames import EVALS, EVALS_OPTIONAL, HP, encode_value, run_id

_DEFAULTS = {"engine": "imported", "status": "finished", "wall_time_s": np.nan, "cpu_time_s": np.nan, "error": ""}
_NEEDED = ("algorithm", "env_id", "seed", "step", "return_mean")

Frames = tuple[pd.DataFrame, pd.DataFrame]


def read_study(
    configs: pd.DataFrame | Sequence[Mapping[str, Any]],
    scores: Any,
    algorithm: str,
    env_id: str,
    seeds: Any,
    steps: int,
) -> Frames:
    """Frames of a study with one score a row; documented at `Runs.from_table`."""
    frame = configs if isinstance(configs, pd.DataFrame) else pd.DataFrame(list(configs))
    values = np.asarray(scores, dtype=float)
    if values.shape != (len(frame),) or not len(frame):
        raise ValueError(f"{len(frame)} configurations but scores of shape {values.shape}; give one score a row.")
    finite = np.isfinite(values)
    table = frame.reset_index(drop=True).rename(columns=lambda name: f"{HP}{name}")
    table = table.assign(
        algorithm=algorithm,
        env_id=env_id,
        seed=np.broadcast_to(np.asarray(seeds), len(frame)),
        steps=steps,
        status=np.where(finite, "finished", "diverged"),
    )
    table = _identified(table)
    evals = pd.DataFrame({"run_id": table.index[finite], "step": steps, "return_mean": values[finite]})
    return table, _completed(evals)


def read_csv(
    path: str | Path,
    columns: Mapping[str, str],
    hyperparameters: Sequence[str],
    algorithm: str | None,
    env_id: str | None,
) -> Frames:
    """Frames of a CSV file with one row per evaluation; documented at `Runs.from_csv`."""
    frame = pd.read_csv(path).rename(columns=dict(columns))
    for name in hyperparameters:
        if name not in frame.columns:
            raise ValueError(unknown_name("column", name, map(str, frame.columns), where=str(path)))
    frame = frame.rename(columns={name: f"{HP}{name}" for name in hyperparameters})
    given = {"algorithm": algorithm, "env_id": env_id}
    frame = frame.assign(**{name: value for name, value in given.items() if value is not None})
    hps = [column for column in frame.columns if str(column).startswith(HP)]
    allowed = sorted({*_NEEDED, *EVALS, *EVALS_OPTIONAL} - {"run_id"})
    for column in frame.columns:
        if column not in allowed and column not in hps:
            hint = "Rename it with `columns=`, or list it under `hyperparameters=`."
            raise ValueError(unknown_name("column", column, allowed, where=str(path), hint=hint))
    for column in _NEEDED:
        if column not in frame.columns:
            raise ValueError(f"{path}: column `{column}` is missing; rename one with `columns=`, or pass its value.")
    identity = ["algorithm", "env_id", "seed", *hps]
    runs = frame.groupby(identity, dropna=False, sort=False)
    table = _identified(runs["step"].max().rename("steps").reset_index())
    evals = frame.drop(columns=identity).assign(run_id=table.index[runs.ngroup().to_numpy()])
    return table, _completed(evals)


def read_monitors(
    paths: Sequence[Path], algorithm: str, configs: Sequence[Mapping[str, Any]] | None, every: int | None
) -> Frames:
    """Frames of stable-baselines3 monitor files; documented at `Runs.from_monitor`."""
    hps = [{}] * len(paths) if configs is None else list(configs)
    if len(hps) != len(paths) or not paths:
        raise ValueError(f"{len(paths)} paths and {len(hps)} configs; give a path or more, and one mapping per path.")
    rows, evals = [], []
    for number, (path, hp) in enumerate(zip(paths, hps, strict=True)):
        env_id, episodes = _read_monitor(path)
        if every is not None:
            episodes["step"] = np.ceil(episodes["step"] / every).astype("int64") * every
        by_step: Any = episodes.groupby("step")
        mean = by_step["r"].mean()
        curve = {
            "return_mean": mean,
            "return_std": by_step["r"].std(ddof=0),
            "n_episodes": by_step["r"].size(),
            "length_mean": by_step["l"].mean(),
            "train_return_mean": mean,
        }
        evals.append(pd.DataFrame(curve).reset_index())
        prefixed = {f"{HP}{name}": encode_value(value) for name, value in hp.items()}
        steps, wall = (int(episodes["l"].sum()), float(episodes["t"].max())) if len(episodes) else (0, np.nan)
        rows.append({"env_id": env_id, "seed": number, "steps": steps, "wall_time_s": wall, **prefixed})
    table = _identified(pd.DataFrame(rows).assign(algorithm=algorithm))
    named = [curve.assign(run_id=run) for curve, run in zip(evals, table.index, strict=True)]
    return table, _completed(pd.concat(named, ignore_index=True))


def _read_monitor(path: Path) -> tuple[str, pd.DataFrame]:
    """Give the environment's id and the episodes of one run: columns r, l, t and the step at which each ended."""
    files = sorted(path.glob("*monitor.csv")) if path.is_dir() else [path]
    if not files:
        raise ValueError(f"{path} holds no `*monitor.csv`; give a monitor file or the folder of one run.")
    env_id, parts = "unknown", []
    for file in files:
        try:
            with file.open() as stream:
                header = json.loads(stream.readline().removeprefix("#"))
                parts.append(pd.read_csv(stream)[["r", "l", "t"]])
            env_id = header.get("env_id") or env_id
        except (ValueError, KeyError, AttributeError) as error:
            raise ValueError(f"{file} is not a stable-baselines3 monitor file ({error}).") from error
    # Parallel environments step together: in order of their end times, the episodes' lengths add up to the steps.
    episodes = pd.concat(parts, ignore_index=True).sort_values("t", kind="stable")
    return env_id, episodes.assign(step=episodes["l"].cumsum().astype("int64"))


def _identified(table: pd.DataFrame) -> pd.DataFrame:
    """Fill the columns that foreign data lack and name each run by its content; twins are told apart by a count."""
    defaults: dict[str, Any] = {name: value for name, value in _DEFAULTS.items() if name not in table.columns}
    table = table.assign(**defaults)
    hps = [column for column in table.columns if str(column).startswith(HP)]
    identity = table[["algorithm", "env_id", "engine", "seed", "steps"]].to_dict("records")
    seen: dict[str, int] = {}
    ids = []
    for one, config in zip(identity, table[hps].to_dict("records"), strict=True):
        what: dict[str, Any] = {str(name): value for name, value in one.items()}
        what["config"] = {str(name).removeprefix(HP): value for name, value in config.items()}
        name = run_id(**what)
        seen[name] = seen.get(name, 0) + 1
        ids.append(name if seen[name] == 1 else run_id(**what, repeat=seen[name]))
    return table.set_index(pd.Index(ids, name="run_id"))


def _completed(evals: pd.DataFrame) -> pd.DataFrame:
    missing = {"return_std": np.nan, "n_episodes": 1, "length_mean": np.nan}
    return evals.assign(**{name: value for name, value in missing.items() if name not in evals.columns})
