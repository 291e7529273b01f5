"""TensorBoard's event files: those of `rlhp.train` (`Logging.tensorboard`), and those of stable-baselines3 itself."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from rlhp import arguments
from rlhp.errors import unknown_name
from rlhp.frames import EVALS, EVALS_OPTIONAL
from rlhp.readers._assembling import Frames, assembled, joined
from rlhp.readers._curve import REPEATS, row_and_curve
from rlhp.readers._sources import Source, reading, sources

# Where a sweep writes which run its events are of.
REQUEST = "rlhp/request"

_OURS = {f"eval/{name}": name for name in (*EVALS, *EVALS_OPTIONAL) if name not in ("run_id", "step")}
_TRAINING = {"rollout/ep_rew_mean": "train_return_mean"}
_KNOWN: tuple[dict[str, str], ...] = (
    _OURS,
    {"eval/mean_reward": "return_mean", "eval/mean_ep_length": "length_mean", **_TRAINING},
    {"rollout/ep_rew_mean": "return_mean", "rollout/ep_len_mean": "length_mean"},
)


def from_tensorboard(
    paths: str | Path | Iterable[str | Path],
    *,
    tags: Mapping[str, str] | None = None,
    algorithm: str | None = None,
    env_id: str | None = None,
    configs: Sequence[Mapping[str, Any]] | None = None,
    seeds: Sequence[int] | int | None = None,
    steps: Sequence[int] | int | None = None,
    status: Sequence[str] | str | None = None,
    on_repeat: str = "raise",
    progress: bool = True,
) -> Frames:
    """Read TensorBoard's event files: those of `rlhp.train` and those of stable-baselines3.

    Those of `rlhp.train` (`Logging.tensorboard`) say what was trained. What stable-baselines3 logs as `HParam` is taken
    as hyperparameters.
    Event files hold numbers in single precision.

    Parameters
    ----------
    paths : path or iterable of paths
        A folder: every folder at or below it that holds event files is a run. Or a pattern such as
        ``"logs/{learning_rate}_s{seed}"``.
    tags : mapping, optional
        Tag to column of `evals`, one of them to ``"return_mean"``. By default the first of these that is there:
        `eval/return_mean` (`rlhp.train`'s), `eval/mean_reward` (EvalCallback's), `rollout/ep_rew_mean` (training).
    algorithm, env_id, configs, seeds, steps, status, on_repeat, progress
        See `from_evaluations`.

    Raises
    ------
    FileNotFoundError
        If there is nothing at a path.
    ImportError
        If the package tensorboard is not there.
    ValueError
        If there are no event files, none of the tags is there, or an argument cannot be; the message names it.

    Examples
    --------
    >>> from rlhp import Runs
    >>> Runs.from_tensorboard("logs/{algorithm}_{seed}", env_id="CartPole-v1")  # doctest: +SKIP
    """
    on_repeat = arguments.choice("on_repeat", on_repeat, REPEATS)
    tags = None if tags is None else arguments.mapping("tags", tags)
    if tags is not None:
        valid = [name for name in (*EVALS, *EVALS_OPTIONAL) if name not in ("run_id", "step")]
        for name in tags.values():
            arguments.choice("tags", name, valid)
        if list(tags.values()).count("return_mean") != 1:
            raise ValueError("`tags` must map one tag to 'return_mean', such as {'eval/mean_reward': 'return_mean'}.")
    of_runs = sources(
        paths,
        _runs_below,
        algorithm=algorithm,
        env_id=env_id,
        configs=configs,
        seeds=seeds,
        steps=steps,
        status=status,
    )
    rows, curves = [], []
    for source in reading(of_runs, progress):
        row, curve = _read_run(source, tags, on_repeat)
        rows.append(row)
        curves.append(curve)
    return assembled(rows, joined(curves))


def _runs_below(path: Path) -> list[Path]:
    """Return every folder at or below a path that holds event files; each is a run, as TensorBoard has it."""
    if not path.exists():
        raise FileNotFoundError(f"there is no file or folder {path}.")
    if path.is_file():
        return [path]
    folders = sorted({file.parent for file in path.rglob("*tfevents*")})
    if not folders:
        raise ValueError(
            f"{path} holds no event files (`events.out.tfevents...`); give the folder of a run, or of many."
        )
    return folders


def _read_run(source: Source, tags: Mapping[str, str] | None, on_repeat: str) -> tuple[dict[str, Any], pd.DataFrame]:
    events = _events(source.path)
    scalars = events.Tags()["scalars"]
    names = (
        dict(tags)
        if tags is not None
        else next(
            (one for one in _KNOWN if any(new == "return_mean" and tag in scalars for tag, new in one.items())), None
        )
    )
    if names is None:
        listed = ", ".join(scalars) or "none"
        raise ValueError(
            f"{source.path} has none of the tags that are known for a return ({', '.join(_returns())}); name yours, "
            f"such as tags={{'my/return': 'return_mean'}}. There are: {listed}."
        )
    for tag in names if tags is not None else ():
        if tag not in scalars:
            raise ValueError(unknown_name("tag", tag, scalars, where=str(source.path)))
    columns = {new: _scalar(events, tag) for tag, new in names.items() if tag in scalars}
    curve = columns.pop("return_mean")
    walls = curve["wall"]
    curve = curve.rename(columns={"value": "return_mean"})[["step", "return_mean"]]
    for name, one in columns.items():
        values = one.drop_duplicates("step", keep="last").set_index("step")["value"]
        curve[name] = curve["step"].map(values)
    if "n_episodes" in curve:
        curve["n_episodes"] = curve["n_episodes"].fillna(1).astype("int64")
    if "train_return_mean" not in curve and "return_mean" in names.values() and "rollout/ep_rew_mean" in names:
        curve["train_return_mean"] = curve["return_mean"]
    source = _completed(source, events)
    return row_and_curve(source, curve, str(source.path), on_repeat, wall_time_s=float(walls.max() - _began(events)))


def _returns() -> list[str]:
    return [tag for one in _KNOWN for tag, new in one.items() if new == "return_mean"]


def _events(path: Path) -> Any:
    try:
        from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    except ImportError as error:
        raise ImportError(
            "reading event files needs the package tensorboard; install it with `pip install tensorboard`."
        ) from error
    everything = {kind: 0 for kind in ("scalars", "tensors")}
    nothing = {kind: 1 for kind in ("images", "audio", "histograms", "compressedHistograms")}
    try:
        return EventAccumulator(str(path), size_guidance={**everything, **nothing}).Reload()
    except Exception as error:  # a damaged file fails in the record reader or in protobuf
        raise ValueError(f"{path} is no event file of TensorBoard, or is damaged ({type(error).__name__}).") from error


def _scalar(events: Any, tag: str) -> pd.DataFrame:
    found = events.Scalars(tag)
    return pd.DataFrame(
        {
            "step": np.array([one.step for one in found], dtype=np.int64),
            "value": np.array([one.value for one in found], dtype=np.float64),
            "wall": np.array([one.wall_time for one in found], dtype=np.float64),
        }
    )


def _began(events: Any) -> float:
    try:
        return float(events.FirstEventTimestamp())
    except ValueError:  # of a file that is empty
        return math.nan


def _completed(source: Source, events: Any) -> Source:
    """Add what the events say of the run besides its curve: a sweep's request, or SB3's record of hyperparameters."""
    request = _request(events)
    config = {**request.get("config", {}), **_hparams(events)}
    request.update({name: config.pop(name) for name in ("algorithm", "env_id", "seed") if name in config})
    said = source.said
    seed = request.get("seed", source.seed)
    if "seed" not in said and isinstance(seed, float) and seed.is_integer():
        seed = int(seed)
    return replace(
        source,
        config={**config, **source.config},
        algorithm=source.algorithm if "algorithm" in said else str(request.get("algorithm", source.algorithm)),
        env_id=source.env_id if "env_id" in said else request.get("env_id"),
        seed=source.seed if "seed" in said or not isinstance(seed, int) else seed,
        steps=source.steps if "steps" in said else request.get("steps"),
    )


def _request(events: Any) -> dict[str, Any]:
    tag = f"{REQUEST}/text_summary"
    if tag not in events.Tags()["tensors"]:
        return {}
    try:
        (text,) = events.Tensors(tag)[-1].tensor_proto.string_val
        request = json.loads(text)
    except ValueError:
        return {}
    return request if isinstance(request, dict) else {}


def _hparams(events: Any) -> dict[str, Any]:
    try:
        content = events.PluginTagToContent("hparams").get("_hparams_/session_start_info")
    except KeyError:
        return {}
    if content is None:
        return {}
    from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData

    said = HParamsPluginData.FromString(content).session_start_info.hparams
    return {name: getattr(value, value.WhichOneof("kind")) for name, value in said.items() if value.WhichOneof("kind")}
