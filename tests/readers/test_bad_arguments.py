"""Whatever a reader is given, it answers or says what was wrong, by the name of the argument."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from rlhp.frames import run_id
from rlhp.runs import Runs, concat
from tests.contracts.bad_arguments import Call, faults
from tests.readers.events import write_events

FRAME = pd.DataFrame({"step": [10, 20], "return_mean": [1.0, 2.0], "lr": 0.1, "notes": "x"})


def study():
    """Give a study of two trials."""
    optuna = pytest.importorskip("optuna")
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.CRITICAL)
    made = optuna.create_study(direction="maximize")
    made.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=2)
    optuna.logging.set_verbosity(before)
    return made


@pytest.fixture(scope="module")
def calls(tmp_path_factory) -> dict[str, Call]:
    folder = tmp_path_factory.mktemp("logs")
    FRAME.to_csv(folder / "log.csv", index=False)
    (folder / "a.monitor.csv").write_text('#{"t_start": 0.0, "env_id": "E"}\nr,l,t\n1,10,0.1\n2,10,0.2\n')
    np.savez(folder / "evaluations", timesteps=[10, 20], results=[[1.0], [2.0]])
    (folder / "chart.csv").write_text("Step,a - return,b - return\n10,1,2\n20,3,4\n")
    (folder / "runs.csv").write_text("Name,State,lr\na,finished,0.1\nb,crashed,0.2\n")
    runs = Runs.from_table([{"lr": 0.1}, {"lr": 0.2}], [1.0, 2.0])
    table = {
        "columns": {"step": "step", "lr": "hp.lr", "notes": None},
        "algorithm": "ppo",
        "env_id": "E",
        "seed": 0,
    }
    named = {"algorithm": "ppo", "env_id": "E", "seeds": 0}
    write_events(folder / "events", {"eval/mean_reward": [(10, 1.0), (20, 2.0)]})
    # `column`, `select` and `policy` have a `self`, which is no argument; `where` is any name at all.
    listed = [
        Call(Runs.from_table, {"configs": [{"lr": 0.1}, {"lr": 0.2}], "scores": [1.0, 2.0], "seeds": [0, 1]}),
        Call(Runs.from_frame, {"frame": FRAME, **table}),
        Call(Runs.from_csv, {"path": folder / "log.csv", **table}),
        Call(Runs.from_monitor, {"paths": [folder / "a.monitor.csv"], **named, "every": 10}),
        Call(Runs.from_evaluations, {"paths": [folder / "evaluations.npz"], **named}),
        Call(Runs.from_tensorboard, {"paths": folder / "events", **named}),
        Call(Runs.from_wandb, {"path": folder / "chart.csv", "runs": folder / "runs.csv", "columns": {"lr": "hp.lr"}}),
        Call(Runs.from_optuna, {"study": study(), "steps": 10}),
        Call(Runs, {"table": runs.table, "evals": runs.evals, "history": runs.history}),
        Call(concat, {"many": [runs]}),
        Call(run_id, {"algorithm": "a", "env_id": "E", "engine": "x", "seed": 0, "steps": 1, "config": {"lr": 0.1}}),
        Call(runs.column, {"name": "lr"}),
        Call(runs.select, {"ids": list(runs.table.index)}),
    ]
    return {call.function.__qualname__: call for call in listed}


@pytest.mark.parametrize(
    "name",
    [
        "Runs.from_table",
        "Runs.from_frame",
        "Runs.from_csv",
        "Runs.from_monitor",
        "Runs.from_evaluations",
        "Runs.from_tensorboard",
        "Runs.from_wandb",
        "Runs.from_optuna",
        "Runs",
        "concat",
        "run_id",
        "Runs.column",
        "Runs.select",
    ],
)
def test_a_bad_argument_is_named(calls, name):
    # A path that leads nowhere is a FileNotFoundError; what is wrong in a frame of `Runs` begins with its name.
    ours = re.compile(r"FileNotFoundError: there is no|ValueError: (table|evals|history): ")
    assert [one for one in faults(calls[name]) if not ours.search(one)] == []
