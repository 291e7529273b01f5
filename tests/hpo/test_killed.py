"""Searches on real training that are killed: the same call goes on, and trains nothing again but what was under way."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("jax")

from rlhp.frames import HP
from tests.hpo import searching

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")


class Killed:
    """A search in processes that are killed one after the other; each notes what it hears of its runs.

    Parameters
    ----------
    kind : str
        Of `searching.KINDS`.
    folder : path
    """

    def __init__(self, kind: str, folder: Path) -> None:
        self.kind, self.out, self.folder = kind, folder / "killed", folder
        self.notes: list[Path] = []

    def start(self) -> subprocess.Popen[bytes]:
        self.notes.append(self.folder / f"notes-{len(self.notes)}.jsonl")
        self.notes[-1].touch()
        paths = os.pathsep.join((str(ROOT), os.environ.get("PYTHONPATH", "")))
        return subprocess.Popen(
            [sys.executable, str(Path(searching.__file__)), self.kind, str(self.out), str(self.notes[-1])],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": paths, "TQDM_DISABLE": "1"},
        )

    def wait_for(self, process: subprocess.Popen[bytes], evaluations: int) -> bool:
        """Wait until this process has evaluated so often; say whether it is still there."""
        deadline = time.monotonic() + 300
        while process.poll() is None and time.monotonic() < deadline:
            if sum(line[0] == "eval" for line in lines(self.notes[-1])) >= evaluations:
                return True
            time.sleep(0.005)
        assert process.poll() == 0, "it was to search, or to be done"
        return False

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        process.send_signal(signal.SIGKILL)
        process.wait()


def lines(notes: Path) -> list[list[object]]:
    """What a process noted, without a line that was cut."""
    text = notes.read_text()
    return [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines()]


def held(kind: str, tmp_path: Path, moments: int, most: int) -> None:
    """Kill a search at random moments, and hold what the last call gives to the uninterrupted search."""
    rng, search = np.random.default_rng(0), Killed(kind, tmp_path)
    reached = 0
    for moment in range(moments):
        process = search.start()
        try:
            if search.wait_for(process, int(rng.integers(1, most))):
                reached += 1
                if moment == 0:
                    with pytest.raises(RuntimeError, match="another search is writing to"):
                        searching.call(search.out, **searching.KINDS[kind])
                time.sleep(float(rng.random()) * 0.1)
        finally:
            search.kill(process)
    assert reached == moments, "each was killed while it searched"
    found = searching.noted(kind, search.out, tmp_path / "last.jsonl")
    nothing_again([lines(one) for one in (*search.notes, tmp_path / "last.jsonl")])
    whole = searching.call(tmp_path / "whole", **searching.KINDS[kind])
    pd.testing.assert_frame_equal(found.table, whole.table)
    pd.testing.assert_frame_equal(found.finalists, whole.finalists)
    assert found.table[HP + "gamma"].nunique() > 5
    assert found.counts == whole.counts, "steps, programs, and evaluations are each there once"
    events = [(place / "search.jsonl").read_text().splitlines() for place in (search.out, tmp_path / "whole")]
    assert events[0] == events[1], "the same proposals, and each told once"
    evals = [one.runs.evals.sort_values(["run_id", "step"]).reset_index(drop=True) for one in (found, whole)]
    pd.testing.assert_frame_equal(*evals, check_exact=True)


def nothing_again(heard: list[list[list[object]]]) -> None:
    """Whatever a run was said to have come to is trained by no later process: only the rung under way is.

    ``finished`` is told once a run, paused or at its end, is on the disk.
    """
    kept: dict[object, int] = defaultdict(int)
    for process in heard:
        came: dict[object, int] = {}
        for event, run, step in process:
            if event == "eval":
                assert step > kept[run], f"{run} was trained again from {kept[run]} on, which was kept"
                came[run] = step
            elif run in came:
                kept[run] = came[run]
    assert kept


def test_a_search_that_is_killed_goes_on_and_nobody_else_may_meanwhile(tmp_path) -> None:
    held("short", tmp_path, 2, most=40)


@pytest.mark.hard
@pytest.mark.timeout(3600)  # twenty processes that import, on a machine that may be busy
def test_a_search_that_is_killed_twenty_times_goes_on(tmp_path) -> None:
    pytest.importorskip("emukit")
    held("long", tmp_path, 20, most=8)
