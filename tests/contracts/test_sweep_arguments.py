"""Every argument of the calls that train and of the ones that keep, refused by name where it cannot be."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rlhp.runs import Runs
from rlhp.sweeps import _sweep as call
from rlhp.sweeps._advance import advance
from rlhp.sweeps._ended import Ended, as_runs
from rlhp.sweeps._options import Evaluation, Execution, Logging
from rlhp.sweeps._requests import requests_of
from rlhp.sweeps._session import Session
from tests.contracts.bad_arguments import Call, faults

ASKED = {"algorithm": "a2c", "env_id": "CartPole-v1", "steps": 64, "evaluation": Evaluation(32, episodes=1)}
SEEDS = [[0, np.nan], [-1], [True], ["a"], np.array([0.5]), [2**40], 10**9]
CONFIGS = [[{"gamma": 0.9}, 5], [{1: 2}], {"gamma": "x"}, {"gama": 1}, pd.DataFrame({"gamma": ["x"]}), [None]]
LIMITS = [0, -1.0, "5 s", np.inf, [5]]
COMPILED = requests_of(**ASKED, engine="jax")
PAUSES = {"until": [0, -1, [1, 2], [], 2.5], "memory": [-1]}
RUNS = Runs.from_table([{"gamma": 0.9}], [1.0])

CALLS = [
    Call(Evaluation, {"every": 500}),
    Call(Execution, {}, also={"time_limit": LIMITS}),
    Call(Logging, {}, also={"checkpoint_every": [0, 2.5]}),
    Call(Session, {"requests": requests_of(**ASKED, engine="sb3")}),
    Call(advance, {"requests": COMPILED, "until": 10, "store": "store"}, also=PAUSES),
    Call(call.sweep, ASKED, also={"seeds": SEEDS, "configs": CONFIGS}),
    Call(call.train, {**ASKED, "out": "out"}, also={"config": CONFIGS}),
    Call(RUNS.save, {"path": "somewhere"}, also={"path": [Path("kept") / "spec.json"]}),
    Call(Runs.load, {"path": "kept"}, also={"path": [Path("kept") / "spec.json"]}),
]


@pytest.mark.parametrize("one", CALLS, ids=lambda one: one.name)
def test_every_bad_argument_is_refused_by_name(one: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    RUNS.save("kept")
    # Some of what is tried is good after all.
    monkeypatch.setattr(call, "watch", lambda session, progress: session.close())
    monkeypatch.setattr(Session, "run", lambda session: session.stop())
    monkeypatch.setattr(Session, "finished", lambda session: as_runs([Ended(one, "stopped") for one in COMPILED]))
    # Where nothing is, Runs.load says so as `open` does.
    assert [line for line in faults(one) if "FileNotFoundError: no runs at" not in line] == []
