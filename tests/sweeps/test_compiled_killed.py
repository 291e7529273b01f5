"""A sweep of the compiled engine that is killed loses no run that had ended, and goes on to the same end."""

from __future__ import annotations

import subprocess
import sys
import time

import pandas as pd

from rlhp.runs import Runs

SCRIPT = """
import sys, rlhp
base = {"net_arch": [8], "batch_size": 8, "learning_starts": 40, "learning_rate": 1e-2, "target_update_interval": 30}
configs = [{**base, "double_q": False}, {**base, "gamma": 0.9}, {**base, "double_q": True}]
rlhp.sweep("dqn", "CartPole-v1", configs, steps=400, seeds=4, engine="jax",
           evaluation=rlhp.Evaluation(100, episodes=1), execution=rlhp.Execution(progress=False), out=sys.argv[1])
"""


def test_killed_on_its_way_it_goes_on_to_the_same_end(tmp_path):
    command = [sys.executable, "-c", SCRIPT]
    subprocess.run([*command, str(tmp_path / "whole")], check=True)
    whole = Runs.load(tmp_path / "whole")
    process = subprocess.Popen([*command, str(tmp_path / "cut")])
    while not list((tmp_path / "cut").glob("chunks/[!.]*")) and process.poll() is None:
        time.sleep(0.01)
    process.kill()
    process.wait()
    subprocess.run([*command, str(tmp_path / "cut")], check=True)
    cut = Runs.load(tmp_path / "cut")
    one, other = (runs.evals.sort_values(["run_id", "step"], ignore_index=True) for runs in (whole, cut))
    pd.testing.assert_frame_equal(one, other, check_exact=True)
    assert len(cut) == 12
