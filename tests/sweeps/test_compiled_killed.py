"""A sweep of the compiled engine that is killed loses no run that had ended, and goes on to the same end."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

import rlhp
from rlhp.runs import Runs

BASE = {"net_arch": [8], "batch_size": 8, "learning_starts": 40, "learning_rate": 1e-2, "target_update_interval": 30}
# Of one program in the suite, of two in the long version.
ONE, TWO = [BASE, BASE | {"gamma": 0.9}], [BASE, BASE | {"gamma": 0.9}, BASE | {"double_q": True}]
SCRIPT = """
import json, sys
from tests.sweeps.test_compiled_killed import train
train(json.loads(sys.argv[1]), sys.argv[2])
"""
ROOT = Path(__file__).resolve().parents[2]


def train(configs: list[dict], out: str) -> Runs:
    asked = {"steps": 240, "seeds": 4, "evaluation": rlhp.Evaluation(80, episodes=2), "engine": "jax"}
    return rlhp.sweep("dqn", "CartPole-v1", configs, **asked, execution=rlhp.Execution(progress=False), out=out)


@pytest.mark.parametrize("configs", [ONE, pytest.param(TWO, marks=pytest.mark.hard)], ids=["one", "two"])
def test_killed_on_its_way_it_goes_on_to_the_same_end(tmp_path, configs):
    whole = train(configs, str(tmp_path / "whole"))
    process = subprocess.Popen([sys.executable, "-c", SCRIPT, json.dumps(configs), str(tmp_path / "cut")], cwd=ROOT)
    while not list((tmp_path / "cut").glob("chunks/[!.]*")) and process.poll() is None:
        time.sleep(0.01)
    process.kill()
    process.wait()
    kept = Runs.load(tmp_path / "cut").table["wall_time_s"]
    assert len(kept)
    cut = train(configs, str(tmp_path / "cut"))
    # Trained a second time, a run would have taken another time.
    pd.testing.assert_series_equal(cut.table["wall_time_s"].loc[kept.index], kept, check_exact=True)
    one, other = (runs.evals.sort_values(["run_id", "step"], ignore_index=True) for runs in (whole, cut))
    pd.testing.assert_frame_equal(one, other, check_exact=True)
    assert len(cut) == 4 * len(configs)
