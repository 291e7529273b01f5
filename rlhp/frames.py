"""What the three frames of `Runs` hold: their columns, and how they are checked."""

from __future__ import annotations

import hashlib
import json
import math
import numbers
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from rlhp.arguments import LARGEST, mapping, shown, text, whole
from rlhp.errors import unknown_name

STATUSES = ("finished", "diverged", "failed", "stopped")
BROKEN = ("diverged", "failed")  # what counts as a failure, whatever `failures=` makes of it
HP = "hp."

# Column -> kind. "text" is never missing unless optional; "float" may be NaN; "int" never is.
TABLE = {
    "algorithm": "text",
    "env_id": "text",
    "engine": "text",
    "seed": "int",
    "steps": "int",
    "status": "text",
    "wall_time_s": "float",
    "cpu_time_s": "float",
    "error": "text",
}
# Filled in with NaN, which is "not known", where a table comes without them.
TABLE_OPTIONAL = {
    "n_updates": "float",
}
# Only in tables of runs that trained as a population: its name, and which of its members a run is (NaN for others).
TABLE_MEMBERS = {
    "population": "text",
    "member": "float",
}
EVALS = {
    "run_id": "text",
    "step": "int",
    "return_mean": "float",
    "return_std": "float",
    "n_episodes": "int",
    "length_mean": "float",
}
EVALS_OPTIONAL = {
    "train_return_mean": "float",
    "entropy": "float",
    "value_error": "float",
    "loss": "float",
}
HISTORY = {"run_id": "text", "step": "int", "name": "text", "value": "float", "parent": "text"}
# What a value is where a number does not say it: a text or a schedule's JSON; empty otherwise.
HISTORY_OPTIONAL = {"label": "text"}


def encode_value(value: Any) -> Any:
    """Bring one hyperparameter value to the form a cell holds.

    Numbers, bools and strings stay themselves (as Python objects); a schedule, list, tuple or mapping becomes its
    JSON; None and NaN become None: the hyperparameter is inactive.

    Raises
    ------
    ValueError
        If the value is infinite, does not fit 64 bits, or cannot be written as JSON.
    """
    kind = type(value)  # most are one of these, and searches ask often
    if kind is str or kind is bool or (kind is float and math.isfinite(value)) or (kind is int and abs(value) < 2**62):
        return value
    if hasattr(value, "to_json") and not isinstance(value, type | pd.DataFrame | pd.Series | pd.Index):
        return value.to_json()
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, float) and math.isinf(value):
        raise ValueError(f"a hyperparameter cannot be {value}; give a finite number.")
    if isinstance(value, int) and not isinstance(value, bool) and not -LARGEST <= value <= LARGEST:
        raise ValueError(f"a hyperparameter cannot be {shown(value)}; give a number that fits 64 bits.")
    if isinstance(value, bool | int | float | str):
        return value
    try:
        return json.dumps(value.tolist() if isinstance(value, np.ndarray) else value, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise ValueError(
            f"a hyperparameter cannot be {shown(value)} ({type(value).__name__}); "
            f"give a number, bool, string, list or schedule."
        ) from error


def content_hash(*, length: int = 16, **parts: object) -> str:
    """Hash named parts to a short hexadecimal text; 64 and 64.0 are the same value, absent and None too."""
    return _hashed(json.dumps(_plain(parts), sort_keys=True), length)


def content_hashes(columns: Mapping[str, Sequence[Any]], *, length: int = 16) -> list[str]:
    """Hash rows whose cells are numbers, bools, strings or missing; each as `content_hash` would, only faster."""
    texts = []
    for name in sorted(columns):
        known: dict[Any, str] = {}  # most values stand in many rows; True and 1 are the same key without their types
        column = []
        for value in columns[name]:
            key = type(value), value
            if key not in known:
                plain = _plain(value)
                known[key] = "" if plain is None else f"{json.dumps(name)}: {json.dumps(plain)}"
            column.append(known[key])
        texts.append(column)
    rows: Iterable[tuple[str, ...]] = zip(*texts, strict=True)
    return [_hashed("{" + ", ".join(filter(None, row)) + "}", length) for row in rows]


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        plained = {str(key): _plain(one) for key, one in value.items()}
        return {key: one for key, one in plained.items() if one is not None}
    value = encode_value(value)
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _hashed(text: str, length: int) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:length]


def run_id(
    *, algorithm: str, env_id: str, engine: str, seed: int, steps: int, config: Mapping[str, Any], **protocol: Any
) -> str:
    """Name a run by a hash of what defines it: the same run has the same id on every machine.

    `protocol` holds what else its learning values depend on, such as `eval_every` and `eval_episodes`.

    Raises
    ------
    TypeError
        If `config` is no mapping.
    ValueError
        If an argument cannot be; the message names it.

    Examples
    --------
    >>> run_id(algorithm="dqn", env_id="CartPole-v1", engine="sb3", seed=0, steps=1000, config={"gamma": 0.99})
    '74490b1c9ef991b8'
    """
    config = mapping("config", config)
    for what, parts in (("config", config), ("protocol", protocol)):
        for name, value in parts.items():
            try:
                encode_value(value)
            except ValueError as error:
                raise ValueError(f"`{what}`, `{name}`: {error}") from error
    return content_hash(
        algorithm=text("algorithm", algorithm),
        env_id=text("env_id", env_id),
        engine=text("engine", engine),
        seed=whole("seed", seed),
        steps=whole("steps", steps, at_least=0),
        config=config,
        protocol=protocol,
    )


def changed_value(value: Any) -> tuple[float, str]:
    """Return what a row of `history` holds of a value that is no schedule: its number and its label.

    Examples
    --------
    >>> changed_value(0.5), changed_value("auto"), changed_value(True), changed_value(None)
    ((0.5, ''), (nan, 'auto'), (1.0, 'true'), (nan, 'none'))
    """
    if value is None:
        return math.nan, "none"
    if isinstance(value, bool | np.bool_):
        return float(value), str(bool(value)).lower()
    cell = encode_value(value)
    return (math.nan, cell) if isinstance(cell, str) else (float(cell), "")


def value_changed(number: float, label: str) -> Any:
    """Return the value that a row of `history` stands for; of a schedule or a list its JSON.

    Examples
    --------
    >>> value_changed(64.0, ""), value_changed(0.5, ""), value_changed(1.0, "true"), value_changed(float("nan"), "none")
    (64, 0.5, True, None)
    """
    if label:
        return {"none": None, "true": True, "false": False}.get(label, label)
    return int(number) if number.is_integer() else number


def empty_evals() -> pd.DataFrame:
    """Return an `evals` frame without rows."""
    return pd.DataFrame(columns=[*EVALS, *EVALS_OPTIONAL])


def empty_history() -> pd.DataFrame:
    """Return a `history` frame without rows."""
    return pd.DataFrame(columns=[*HISTORY, *HISTORY_OPTIONAL])


def check_table(frame: pd.DataFrame) -> pd.DataFrame:
    """Check and normalise a `table` frame; see `Runs`.

    Raises
    ------
    ValueError
        Naming the column that is missing, unknown or of the wrong kind, or the run ids that stand twice.
    """
    frame = _table_columns(frame)
    hps = [c for c in frame.columns if str(c).startswith(HP)]
    missing = {name: np.nan for name in TABLE_OPTIONAL if name not in frame.columns}
    members = {name: kind for name, kind in TABLE_MEMBERS.items() if name in frame.columns}
    checked = _typed("table", frame.assign(**missing), TABLE | TABLE_OPTIONAL | members)
    checked.index = pd.Index(frame.index.astype(str), name="run_id", dtype="str")
    twice = checked.index[checked.index.duplicated()].unique()
    if len(twice):
        raise ValueError(f"table: {len(twice)} run ids stand twice, first `{twice[0]}`; one row per run is allowed.")
    for status in checked["status"].unique():
        if status not in STATUSES:
            raise ValueError("table: " + unknown_name("status", status, STATUSES))
    negative = checked["steps"] < 0
    if negative.any():
        raise ValueError(f"table: `steps` is negative for run `{checked.index[negative][0]}`; give environment steps.")
    counts = checked["n_updates"].dropna()
    wrong = counts[(counts < 0) | (counts != np.floor(counts)) | np.isinf(counts)]
    if len(wrong):
        raise ValueError(
            f"table: `n_updates` is {wrong.iloc[0]:g} for run `{wrong.index[0]}`; give the gradient steps the run "
            f"took, a whole number from 0, or NaN where that is not known."
        )
    columns = {name: _hyperparameter_column(name, frame[name]) for name in hps}
    return pd.concat([checked, pd.DataFrame(columns, index=checked.index)], axis=1) if hps else checked


def check_evals(frame: pd.DataFrame, run_ids: pd.Index) -> pd.DataFrame:
    """Check and normalise an `evals` frame against the run ids of its table: ordered by run, then step."""
    optional = {name: kind for name, kind in EVALS_OPTIONAL.items() if name in frame.columns}
    _names_once("evals", frame)
    _known_columns("evals", frame, [*EVALS, *EVALS_OPTIONAL])
    checked = _typed("evals", frame, EVALS | optional)
    _known_runs("evals", checked, run_ids)
    bad = ~np.isfinite(checked["return_mean"].to_numpy())
    if bad.any():
        first = checked[bad].iloc[0]
        raise ValueError(
            f"evals: `return_mean` is not finite in {bad.sum()} rows, first in run `{first['run_id']}` at step "
            f"{first['step']}; drop these rows and give such runs the status `diverged`."
        )
    if (checked["step"] < 0).any():
        raise ValueError("evals: `step` is negative; give the environment steps trained so far.")
    checked = _ordered(checked, run_ids)
    twice = checked.duplicated(["run_id", "step"])
    if twice.any():
        first = checked[twice].iloc[0]
        raise ValueError(f"evals: run `{first['run_id']}` has two evaluations at step {first['step']}; one is allowed.")
    return checked


def check_history(frame: pd.DataFrame, run_ids: pd.Index, evals: pd.DataFrame) -> pd.DataFrame:
    """Check and normalise a `history` frame against its table and evaluations: ordered by run, then step.

    A parent need not be in the table, where somebody selected some of the runs.
    """
    _names_once("history", frame)
    _known_columns("history", frame, [*HISTORY, *HISTORY_OPTIONAL])
    checked = _typed("history", frame.assign(label=frame.get("label", "")), HISTORY | HISTORY_OPTIONAL)
    _known_runs("history", checked, run_ids)
    if (checked["step"] < 0).any():
        raise ValueError("history: `step` is negative; give the environment steps trained so far.")
    _check_parents(checked, run_ids, evals)
    return _ordered(checked, run_ids)


def _check_parents(history: pd.DataFrame, run_ids: pd.Index, evals: pd.DataFrame) -> None:
    """Refuse what is no copy between runs: of itself, or at a step at which neither of the two was evaluated."""
    copies = history[history["parent"] != ""]
    own = copies.loc[copies["parent"] == copies["run_id"], "run_id"]
    if len(own):
        raise ValueError(f"history: run `{own.iloc[0]}` is its own parent; a parent is another run.")
    copies = copies[copies["parent"].isin(run_ids) & (copies["step"] > 0)]
    met = set(zip(evals["run_id"], evals["step"], strict=True)) if len(copies) else set()
    for run, step, parent in zip(copies["run_id"], copies["step"], copies["parent"], strict=True):
        if (run, step) not in met and (parent, step) not in met:
            raise ValueError(
                f"history: run `{run}` goes on from run `{parent}` at step {step}, where neither was evaluated; runs "
                f"meet at an evaluation."
            )


def _table_columns(frame: pd.DataFrame) -> pd.DataFrame:
    _names_once("table", frame)
    if frame.index.name != "run_id" and "run_id" in frame.columns:
        frame = frame.set_index("run_id")
    elif frame.index.name != "run_id":
        raise ValueError("table: the index must be named `run_id`, or a column `run_id` be present.")
    known = [c for c in frame.columns if not str(c).startswith(HP)]
    hint = f"Hyperparameters are columns named `{HP}<name>`."
    _known_columns("table", frame[known], [*TABLE, *TABLE_OPTIONAL, *TABLE_MEMBERS], hint=hint)
    return frame


def _names_once(what: str, frame: pd.DataFrame) -> None:
    for name in frame.columns:
        if not isinstance(name, str):
            raise ValueError(f"{what}: a column is named {shown(name)}; columns are named by text.")
    twice = frame.columns[frame.columns.duplicated()]
    if len(twice):
        raise ValueError(f"{what}: two columns are named `{twice[0]}`; each name may stand once.")


def _known_columns(what: str, frame: pd.DataFrame, valid: list[str], hint: str = "") -> None:
    for column in frame.columns:
        if column not in valid:
            raise ValueError(unknown_name("column", column, valid, where=what, hint=hint))


def _known_runs(what: str, frame: pd.DataFrame, run_ids: pd.Index) -> None:
    strange = frame.loc[~frame["run_id"].isin(run_ids), "run_id"]
    if len(strange):
        raise ValueError(f"{what}: run `{strange.iloc[0]}` is not in the table ({strange.nunique()} such runs).")


def _ordered(frame: pd.DataFrame, run_ids: pd.Index) -> pd.DataFrame:
    position = run_ids.get_indexer(pd.Index(frame["run_id"]))
    return frame.iloc[np.lexsort((frame["step"].to_numpy(), position))].reset_index(drop=True)


def _typed(what: str, frame: pd.DataFrame, schema: Mapping[str, str]) -> pd.DataFrame:
    columns = {}
    for name, kind in schema.items():
        if name not in frame.columns:
            raise ValueError(f"{what}: column `{name}` is missing; needed are {', '.join(schema)}.")
        columns[name] = _column(f"{what}: column `{name}`", frame[name], kind)
    return pd.DataFrame(columns, index=frame.index)


def _column(label: str, column: pd.Series, kind: str) -> pd.Series:
    if kind == "text":
        return _texts(label, column)
    values = _numbers(label, column)
    if kind == "float":
        return values
    are_whole = np.isfinite(values) & (values == np.floor(values))
    if not are_whole.all():
        raise ValueError(
            f"{label} must hold whole numbers; it holds {values[~are_whole].iloc[0]}{_in_run(column, ~are_whole)}."
        )
    large = values.abs() >= 2.0**63
    if large.any():
        raise ValueError(f"{label} holds {column[large].iloc[0]}{_in_run(column, large)}, which does not fit 64 bits.")
    exact = column.dtype == object and all(isinstance(one, int) for one in column)
    return (column if pd.api.types.is_integer_dtype(column) or exact else values).astype("int64")


def _numbers(label: str, column: pd.Series) -> pd.Series:
    if getattr(column.dtype, "kind", "O") in "iufb":
        return pd.Series(column.to_numpy(dtype="float64", na_value=np.nan), index=column.index)
    values = np.empty(len(column))
    for at, cell in enumerate(column.tolist()):
        try:
            values[at] = np.nan if _missing(cell) else float(cell)
        except (ValueError, TypeError, OverflowError) as error:
            where = _in_run(column, np.arange(len(column)) == at)
            raise ValueError(f"{label} holds something that is not a number: {shown(cell)}{where}.") from error
    return pd.Series(values, index=column.index)


def _texts(label: str, column: pd.Series) -> pd.Series:
    if not isinstance(column.dtype, pd.StringDtype):
        for at, cell in enumerate(column.tolist()):
            # Whole numbers stand for themselves: run ids may be counted.
            if not isinstance(cell, str | numbers.Integral) and not _missing(cell):
                where = _in_run(column, np.arange(len(column)) == at)
                raise ValueError(f"{label} holds {shown(cell)}{where}; give a text.")
    return column.astype("object").where(column.notna(), "").astype("str")


def _missing(cell: Any) -> bool:
    return cell is None or cell is pd.NA or cell is pd.NaT or (isinstance(cell, float) and math.isnan(cell))


def _in_run(column: pd.Series, where: Any) -> str:
    return f" (run `{column.index[where][0]}`)" if column.index.name == "run_id" else ""


def _hyperparameter_column(name: str, column: pd.Series) -> pd.Series:
    try:
        cells = [encode_value(value) for value in column]
    except ValueError:
        for run, value in column.items():
            try:
                encode_value(value)
            except ValueError as error:
                raise ValueError(f"table: column `{name}` (run `{run}`): {error}") from error
        raise
    present = [cell for cell in cells if cell is not None]
    complete = len(present) == len(cells)
    kinds = {type(cell) for cell in present}
    if complete and kinds == {bool}:
        return pd.Series(cells, index=column.index, dtype="bool")
    if complete and kinds == {int}:
        return pd.Series(cells, index=column.index, dtype="int64")
    if kinds <= {int, float}:
        return pd.Series(cells, index=column.index, dtype="float64")
    return pd.Series(cells, index=column.index, dtype="str" if kinds == {str} else "object")
