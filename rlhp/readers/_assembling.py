"""Runs as they were read become the frames of `Runs`: which ended early, what each is called, what others lack."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from rlhp.frames import EVALS, EVALS_OPTIONAL, HP, run_id
from rlhp.readers._notices import notice

Frames = tuple[pd.DataFrame, pd.DataFrame]

# Columns of a row as a reader gives it, beside one `hp.<name>` per hyperparameter. `reached`: the last step seen;
# `steps`: what was asked for, NaN where nobody says; `slack`: steps that a whole run may lack at its end, NaN where the
# steps of its evaluations tell; `status`: "" where the curve tells.
ROW = {"engine": "imported", "status": "", "wall_time_s": np.nan, "cpu_time_s": np.nan, "error": "", "slack": np.nan}

# A run without a grid of its own that others share may end this share of the longest run before its end.
_SLACK = 0.05


def assembled(rows: list[dict[str, Any]], evals: pd.DataFrame) -> Frames:
    """Put together the `table` and `evals` frames.

    Parameters
    ----------
    rows : list of dict
        One per run; `ROW` names what may be left out, needed are `source` (for messages), `algorithm`, `env_id`,
        `seed`, `reached` and `steps`.
    evals : DataFrame
        One row per evaluation: `run` (position in `rows`), `step`, `return_mean` and what else was measured.
    """
    table = pd.DataFrame(rows)
    lacking: dict[str, Any] = {name: value for name, value in ROW.items() if name not in table.columns}
    table = table.assign(**lacking)
    hps = [column for column in table.columns if column.startswith(HP)]
    table[hps] = table[hps].astype(object).where(table[hps].notna(), None) if hps else table[hps]
    table = _with_status(table, evals)
    asked = zip(table["steps"].tolist(), table["reached"].tolist(), strict=True)
    table["steps"] = [reached if pd.isna(steps) else int(steps) for steps, reached in asked]
    table = table.drop(columns=["reached", "slack", "source"])
    table = table.set_index(pd.Index(_names(table, hps), name="run_id"))
    evals = evals.assign(run_id=table.index.to_numpy()[evals["run"].to_numpy(dtype=np.int64)])
    known = [name for name in [*EVALS, *EVALS_OPTIONAL] if name in evals.columns]
    evals = evals[known]
    missing = {"return_std": np.nan, "n_episodes": 1, "length_mean": np.nan}
    return table, evals.assign(**{name: value for name, value in missing.items() if name not in known})


def joined(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """Put the evaluations of several runs under one another, each with the run's position in `run`."""
    whole = [part.assign(run=at) for at, part in enumerate(parts) if len(part)]
    return pd.concat(whole, ignore_index=True) if whole else pd.DataFrame(columns=["run", "step", "return_mean"])


def _with_status(table: pd.DataFrame, evals: pd.DataFrame) -> pd.DataFrame:
    """Decide what became of each run of which nobody said it."""
    status = table["status"].to_numpy(dtype=object, copy=True)
    error = table["error"].to_numpy(dtype=object, copy=True)
    reached = table["reached"].to_numpy(dtype=np.int64)
    of_run = evals.groupby("run").indices
    steps = evals["step"].to_numpy(dtype=np.int64)
    early: list[int] = []
    for rows in table.groupby(["algorithm", "env_id"], sort=False).indices.values():
        longest = int(rows[int(np.argmax(reached[rows]))])
        grid = steps[of_run[longest]] if longest in of_run else steps[:0]
        for at in rows:
            if status[at]:
                continue
            mine = np.unique(steps[of_run[at]]) if at in of_run else steps[:0]
            told, slack = table["steps"].iloc[at], table["slack"].iloc[at]
            if not pd.isna(told):
                short = reached[at] < told and reached[at] + (_gap(mine) if pd.isna(slack) else slack) <= told
            elif pd.isna(slack) and np.isin(mine, grid).all():
                short = reached[at] < reached[longest]
            else:
                slack = _gap(mine) if pd.isna(slack) else slack
                short = reached[at] + max(slack, _SLACK * reached[longest]) < reached[longest]
            if not len(mine):
                status[at], error[at] = "stopped", error[at] or f"{table['source'].iloc[at]}: no evaluation"
            elif short:
                status[at] = "stopped"
                early.append(at)
            else:
                status[at] = "finished"
    if early:
        first = early[0]
        like = table[["algorithm", "env_id"]].eq(table[["algorithm", "env_id"]].iloc[first]).all(axis=1).to_numpy()
        whole = table["steps"].iloc[first]
        notice(
            f"{len(early)} of {len(table)} runs ended early and count as `stopped`: the first, "
            f"{table['source'].iloc[first]}, at step {reached[first]:,} of "
            f"{int(whole) if not pd.isna(whole) else reached[like].max():,}. If not, say so with `steps=` (what "
            f"each run was asked for) or `status=`."
        )
    return table.assign(status=status, error=error)


def _gap(steps: Any) -> int:
    return int(np.diff(steps).max()) if len(steps) > 1 else 0


def _names(table: pd.DataFrame, hps: list[str]) -> list[str]:
    """Name each run by its content; twins are told apart by a count."""
    identity = table[["algorithm", "env_id", "engine", "seed", "steps"]].to_dict("records")
    seen: dict[str, int] = {}
    ids = []
    for one, config in zip(identity, table[hps].to_dict("records"), strict=True):
        what: dict[str, Any] = {str(name): value for name, value in one.items()}
        what["config"] = {str(name).removeprefix(HP): value for name, value in config.items()}
        name = run_id(**what)
        seen[name] = seen.get(name, 0) + 1
        ids.append(name if seen[name] == 1 else run_id(**what, repeat=seen[name]))
    return ids
