"""Stable-baselines3's monitor files: one row per training episode, one file per environment."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rlhp import arguments
from rlhp.arguments import shown
from rlhp.frames import HP, encode_value
from rlhp.readers import _cells as cells
from rlhp.readers._assembling import Frames, assembled, joined
from rlhp.readers._columns import Columns, of_text, text_of
from rlhp.readers._episodes import Episodes, by_step, in_order
from rlhp.readers._notices import notice
from rlhp.readers._sources import Source, reading, sources

_HINT = "A monitor file begins with '#{\"t_start\": ...}' and a line 'r,l,t'."
# Beyond this, sums of steps are not exact.
_MOST = 2**53


def from_monitor(
    paths: str | Path | Iterable[str | Path],
    *,
    algorithm: str | None = None,
    env_id: str | None = None,
    configs: Sequence[Mapping[str, Any]] | None = None,
    seeds: Sequence[int] | int | None = None,
    every: int | None = None,
    steps: Sequence[int] | int | None = None,
    status: Sequence[str] | str | None = None,
    progress: bool = True,
) -> Frames:
    r"""Read stable-baselines3 monitor files; their lengths may differ.

    Monitor files hold *training* episodes, so `return_mean` here is what the exploring agent earned.

    Parameters
    ----------
    paths : path or iterable of paths
        One run each: a `monitor.csv`, or a folder whose `*monitor.csv` (one per parallel environment) are one run.
        Or a pattern: ``"logs/{learning_rate}_s{seed}"`` reads every run of such a name, and the hyperparameters,
        `seed`, `algorithm` and `env_id` in it.
    algorithm : str, optional
        What was trained; the files do not say. By default "unknown".
    env_id : str, optional
        By default what the files say.
    configs : sequence of mappings, one per path, optional
        Hyperparameters of each run.
    seeds : int or sequence of int, one per path, optional
        By default the position among the paths, so that no two runs share a seed by accident.
    every : int, optional
        Group the episodes into bins of so many environment steps, so that runs share a grid of steps; a bin in
        which no episode ended has no row. By default one row per episode.
    steps : int or sequence of int, one per path, optional
        Environment steps each run was asked for. A run whose episodes end before, by more than an episode, is
        `stopped`. By default a run is `stopped` that ended well before the longest one (and a warning says so).
    status : str or sequence of str, one per path, optional
        What became of each run, where it is known better.
    progress : bool
        Whether a bar shows while many files are read.

    Raises
    ------
    FileNotFoundError
        If there is nothing at a path.
    ValueError
        If a file is not a monitor file, a folder has none, or a cell cannot be; the message names file, row and
        column.

    Notes
    -----
    Within a file the order of rows is the order of time; between the files of a run an episode's time is
    ``t_start + t``. A last line that was cut off in writing is left out, with a warning. A return that is blank or
    not finite makes the run `diverged` from there.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from rlhp import Runs
    >>> folder = Path(tempfile.mkdtemp())
    >>> head = '#{"t_start": 0.0, "env_id": "CartPole-v1"}\nr,l,t\n'
    >>> _ = (folder / "0.01_s3.monitor.csv").write_text(head + "9.0,9,0.1\n20.0,20,0.2\n")
    >>> runs = Runs.from_monitor(folder / "{learning_rate}_s{seed}.monitor.csv", algorithm="ppo")
    >>> runs.table[["seed", "hp.learning_rate", "steps"]].values.tolist()
    [[3.0, 0.01, 29.0]]
    """
    every = None if every is None else arguments.whole("every", every, at_least=1, at_most=_MOST)
    found = sources(paths, algorithm=algorithm, env_id=env_id, configs=configs, seeds=seeds, steps=steps, status=status)
    rows, curves = [], []
    for source in reading(found, progress):
        row, curve = _read_run(source, every)
        rows.append(row)
        curves.append(curve)
    return assembled(rows, joined(curves))


def _read_run(source: Source, every: int | None) -> tuple[dict[str, Any], Any]:
    files = _files(source.path)
    env_id, parts = None, []
    for file in files:
        said, part = _read_file(file)
        if said is not None and env_id is not None and said != env_id:
            raise ValueError(
                f"{file} is of {said}, but another file of {source.path} is of {env_id}; a folder is one run: give "
                f"each run a folder of its own."
            )
        env_id = said or env_id
        parts.append(part)
    if len(parts) > 1 and any(part.start is None and len(part.ends) for part in parts):
        notice(
            f"{source.path}: not every file says when it began (`t_start`), so the order of the episodes of different "
            f"files is a guess: as if they had begun together."
        )
        parts = [Episodes(part.returns, part.lengths, part.ends, 0.0, part.rows) for part in parts]
    episodes = in_order(parts)
    if len(episodes.steps) and sum(map(int, episodes.lengths)) > _MOST:
        raise ValueError(f"{source.path}: column `l`: the lengths add up to more steps than anybody trains; mend them.")
    reached = int(episodes.steps[-1]) if len(episodes.steps) else 0
    status, error = source.status, ""
    bad = np.flatnonzero(~np.isfinite(episodes.returns))
    if len(bad):
        at = int(bad[0])
        reached = int(episodes.steps[at])
        what = "blank or not a number" if math.isnan(episodes.returns[at]) else f"{episodes.returns[at]}"
        error = f"{episodes.rows[at]}: the return is {what}"
        status = status if status in ("failed", "stopped") else "diverged"
        keep = slice(0, at)
        episodes = type(episodes)(
            episodes.returns[keep],
            episodes.lengths[keep],
            episodes.steps[keep],
            episodes.rows[keep],
            episodes.wall_time_s,
        )
    row = {
        "source": str(source.path),
        "algorithm": source.algorithm,
        "env_id": source.env_id or env_id or "unknown",
        "seed": source.seed,
        "steps": source.steps,
        "status": status,
        "error": error,
        "reached": reached,
        # Each environment may have been in the middle of an episode when the training ended.
        "slack": len(files) * int(episodes.lengths.max()) if len(episodes.lengths) else 0,
        "wall_time_s": episodes.wall_time_s,
        **{f"{HP}{name}": _encoded(source, name, value) for name, value in source.config.items()},
    }
    return row, by_step(episodes, every)


def _encoded(source: Source, name: str, value: Any) -> Any:
    try:
        return encode_value(value)
    except ValueError as error:
        raise ValueError(f"{source.path}: hyperparameter `{name}` of `configs`: {error}") from error


def _files(path: Path) -> list[Path]:
    if not path.exists():
        raise FileNotFoundError(f"there is no file or folder {path}.")
    files = sorted(path.glob("*monitor.csv")) if path.is_dir() else [path]
    if not files:
        raise ValueError(f"{path} holds no `*monitor.csv`; give a monitor file or the folder of one run.")
    return files


def _read_file(file: Path) -> tuple[str | None, Episodes]:
    """Return the environment's id, where the file says it, and the episodes."""
    text = text_of(file)
    if not text:  # a session appended to nothing, in which no episode ended
        return None, _episodes(Columns(str(file), {"r": [], "l": [], "t": []}, []), None)
    env_id, start, first_line = None, None, 1
    if text.startswith("#"):
        head, _, text = text.partition("\n")
        env_id, start = _header(file, head)
        first_line = 2
    elif _is_row(text.partition("\n")[0]):
        # Stable-baselines3 writes no header where it appends (`override_existing=False`) to a file that is not there.
        extra = text.partition("\n")[0].count(",") - 2
        text = ",".join(["r", "l", "t", *(f"extra {number + 1}" for number in range(extra))]) + "\n" + text
        first_line = 0
    else:
        raise ValueError(f"{file} is not a stable-baselines3 monitor file. {_HINT}")
    text = _whole_lines(file, text, first_line)
    for number, line in enumerate(text.split("\n")):
        if line.startswith("#"):
            raise ValueError(
                f"{file}, line {first_line + number}: a second monitor file begins here; give each a file of its own "
                f"(a folder of files is one run)."
            )
    if not text.strip():
        raise ValueError(f"{file} is not a stable-baselines3 monitor file: the line 'r,l,t' is missing. {_HINT}")
    columns = of_text(text, str(file), first_line=first_line)
    for name in ("r", "l", "t"):
        if name not in columns.cells:
            listed = ", ".join(columns.cells)
            raise ValueError(f"{file} is not a stable-baselines3 monitor file: column `{name}` is missing ({listed}).")
    return env_id, _episodes(columns, start)


def _whole_lines(file: Path, text: str, first_line: int) -> str:
    """Leave out a last row that the writing was cut off in."""
    lines = text.splitlines(keepends=True)
    while lines and not lines[-1].strip():
        lines.pop()
    if len(lines) < 2:
        return text
    names, fields = ([cell.strip() for cell in lines[at].split(",")] for at in (0, -1))
    cut = not lines[-1].endswith(("\n", "\r"))
    cut = cut or len(fields) < len(names) or ("t" in names and not fields[names.index("t")])
    if cut and not lines[-1].startswith("#"):
        notice(
            f"{file}, line {first_line + len(lines) - 1} was cut off while it was written; this episode is left out."
        )
        lines.pop()
    return "".join(lines)


def _header(file: Path, line: str) -> tuple[str | None, float | None]:
    try:
        header = json.loads(line[1:])
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{file}, line 1 is not what a monitor file begins with. {_HINT}") from error
    if not isinstance(header, dict):
        raise ValueError(f"{file}, line 1 is not what a monitor file begins with. {_HINT}")
    start, env_id = header.get("t_start"), header.get("env_id")
    if start is not None and (not isinstance(start, int | float) or isinstance(start, bool) or not abs(start) < 1e300):
        raise ValueError(
            f"{file}, line 1: `t_start` is {shown(start)}; it must be the seconds at which the file began."
        )
    if env_id is not None and not isinstance(env_id, str):
        raise ValueError(f"{file}, line 1: `env_id` is {shown(env_id)}; it must be a text.")
    return (None if env_id in ("", "None") else env_id), (None if start is None else float(start))


def _is_row(line: str) -> bool:
    fields = line.split(",")
    return len(fields) >= 3 and all(cell.strip() and cells.number(cell) is not None for cell in fields[:3])


def _episodes(columns: Columns, start: float | None) -> Episodes:
    times = cells.numbers_of(columns.cells["t"], columns.place("t"))
    bad = np.flatnonzero(~(np.abs(times) < 1e300))
    if len(bad):
        at = int(bad[0])
        raise ValueError(f"{columns.place('t')(at)}: the time of the episode is missing or not finite; mend this line.")
    return Episodes(
        returns=cells.numbers_of(columns.cells["r"], columns.place("r")),
        lengths=cells.wholes_of(columns.cells["l"], columns.place("l"), at_least=1),
        ends=times,
        start=start,
        rows=[f"{columns.source}, {row}, column `r`" for row in columns.rows],
    )
