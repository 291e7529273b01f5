"""Stable-baselines3's `evaluations.npz`, which its EvalCallback writes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rlhp import arguments
from rlhp.readers._assembling import Frames, assembled, joined
from rlhp.readers._curve import REPEATS, row_and_curve
from rlhp.readers._sources import Source, reading, sources

_HINT = "Give the `evaluations.npz` that EvalCallback writes, or the folder (`log_path`) that holds it."


def from_evaluations(
    paths: str | Path | Iterable[str | Path],
    *,
    algorithm: str | None = None,
    env_id: str | None = None,
    configs: Sequence[Mapping[str, Any]] | None = None,
    seeds: Sequence[int] | int | None = None,
    steps: Sequence[int] | int | None = None,
    status: Sequence[str] | str | None = None,
    on_repeat: str = "raise",
    progress: bool = True,
) -> Frames:
    """Read the `evaluations.npz` that stable-baselines3's EvalCallback writes; nothing is unpickled.

    Parameters
    ----------
    paths : path or iterable of paths
        One run each: a file, the folder that holds it, or a pattern such as ``"logs/{learning_rate}_s{seed}"``.
    algorithm, env_id : str, optional
        What was trained; the files do not say. By default "unknown".
    configs, seeds, status, progress
        See `from_monitor`.
    steps : int or sequence of int, one per path, optional
        Environment steps each run was asked for. A run whose evaluations end before is `stopped`. By default a run
        is `stopped` that ended before the longest one (and a warning says so).
    on_repeat : {"raise", "first", "last"}
        What becomes of two evaluations of a run at one step: "last" for a run that went on from a checkpoint.

    Raises
    ------
    FileNotFoundError
        If there is nothing at a path.
    ValueError
        If a file is damaged or of another kind, or an argument cannot be; the message names it.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from rlhp import Runs
    >>> folder = Path(tempfile.mkdtemp())
    >>> np.savez(folder / "evaluations", timesteps=[100, 200], results=[[1.0, 3.0], [5.0, 5.0]])
    >>> Runs.from_evaluations(folder, algorithm="ppo").evals["return_mean"].tolist()
    [2.0, 5.0]
    """
    on_repeat = arguments.choice("on_repeat", on_repeat, REPEATS)
    found = sources(paths, algorithm=algorithm, env_id=env_id, configs=configs, seeds=seeds, steps=steps, status=status)
    rows, curves = [], []
    for source in reading(found, progress):
        row, curve = _read_run(source, on_repeat)
        rows.append(row)
        curves.append(curve)
    return assembled(rows, joined(curves))


def _read_run(source: Source, on_repeat: str) -> tuple[dict[str, Any], pd.DataFrame]:
    file = source.path / "evaluations.npz" if source.path.is_dir() else source.path
    if not file.is_file():
        raise FileNotFoundError(f"there is no file {file}. {_HINT}")
    step, returns, lengths = _arrays(file)
    with np.errstate(all="ignore"):  # what is not finite is reported with its place
        curve = pd.DataFrame(
            {
                "step": step,
                "return_mean": returns.mean(axis=1),
                "return_std": returns.std(axis=1),
                "n_episodes": returns.shape[1],
                "length_mean": np.nan if lengths is None else lengths.mean(axis=1),
            }
        )
    return row_and_curve(source, curve, str(file), on_repeat)


def _arrays(file: Path) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64] | None]:
    """Return the steps [n], returns [n, episodes] and lengths [n, episodes] or None."""
    arrays: dict[str, Any] = {}
    try:
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
            names = list(archive.files)
            for name in ("timesteps", "results", "ep_lengths"):
                if name in names:
                    arrays[name] = np.asarray(archive[name])
    except Exception as error:  # a damaged archive fails in zipfile, zlib, struct, ast or NumPy
        raise ValueError(f"{file} is damaged or is no `.npz` of plain arrays. {_HINT}") from error
    for name in ("timesteps", "results"):
        if name not in arrays:
            raise ValueError(
                f"{file}: the array `{name}` is missing (there are: {', '.join(names) or 'none'}). {_HINT}"
            )
    step, returns, lengths = arrays["timesteps"], arrays["results"], arrays.get("ep_lengths")
    if step.ndim != 1 or step.dtype.kind not in "iuf" or not len(step):
        raise ValueError(f"{file}: `timesteps` must be one row of whole numbers. {_HINT}")
    if (~np.isfinite(step.astype(np.float64)) | (step != np.floor(step)) | (step < 0) | (step > 2.0**53)).any():
        raise ValueError(f"{file}: `timesteps` must be whole numbers of at least 0.")
    for name, array in (("results", returns), ("ep_lengths", lengths)):
        if array is None:
            continue
        if array.ndim != 2 or array.dtype.kind not in "iuf" or array.shape[0] != len(step) or not array.shape[1]:
            raise ValueError(
                f"{file}: `{name}` must hold numbers, one row of episodes for each of the {len(step)} `timesteps`; its "
                f"shape is {array.shape}."
            )
    lengths = None if lengths is None else lengths.astype(np.float64)
    return step.astype(np.int64), returns.astype(np.float64), lengths
