from __future__ import annotations

import subprocess
import sys
import zipfile

import pandas as pd
import pytest

from rlhp.runs import Runs
from rlhp.sweep.store import Store


def one(gamma: float, score: float = 1.0) -> Runs:
    return Runs.from_table([{"gamma": gamma}], [score])


def test_chunks_become_one_table(tmp_path):
    store = Store(tmp_path / "deep" / "out")
    assert store.read() is None
    for gamma in (0.1, 0.2, 0.3):
        store.write(one(gamma))
    before = store.read()
    store.compact()
    assert len(before) == 3
    pd.testing.assert_frame_equal(Runs.load(store.folder).table, before.table)
    assert len(list(store.chunks.iterdir())) == 1
    store.write(one(0.4))
    assert sorted(store.read().column("gamma")) == [0.1, 0.2, 0.3, 0.4]
    store.compact()
    assert len(Runs.load(store.folder)) == 4


def test_a_run_trained_again_replaces_the_older(tmp_path):
    store = Store(tmp_path)
    store.write(one(0.1, score=1.0))
    store.compact()
    store.write(one(0.1, score=2.0))
    assert store.read().evals["return_mean"].tolist() == [2.0]
    store.compact()
    assert Runs.load(tmp_path).evals["return_mean"].tolist() == [2.0]


def test_a_half_written_chunk_is_not_seen_and_swept_away(tmp_path):
    store = Store(tmp_path)
    chunk = store.write(one(0.1))
    draft = store.chunks / f".{chunk.name}.999"
    draft.mkdir()
    (draft / "table-0.parquet").write_text("half")
    assert len(store.read()) == 1
    store.acquire()
    assert not draft.exists()
    store.release()


def test_held_tells_what_needs_no_training(tmp_path):
    store = Store(tmp_path)
    runs = Runs.from_table([{"gamma": 0.1}, {"gamma": 0.2}], [1.0, 1.0])
    good, bad = runs.table.index
    table = runs.table.assign(status=["finished", "failed"])
    store.write(Runs(table, runs.evals, runs.history))
    names = [good, bad, "unheard-of"]
    assert set(store.held(names, retry_failed=False, need_policies=False).table.index) == {good, bad}
    assert set(store.held(names, retry_failed=True, need_policies=False).table.index) == {good}
    assert set(store.held(names, retry_failed=False, need_policies=True).table.index) == {bad}
    store.policies.mkdir()
    store.policy(good).write_text("half")  # a policy file that was cut is none
    assert set(store.held(names, retry_failed=False, need_policies=True).table.index) == {bad}
    with zipfile.ZipFile(store.policy(good), "w") as archive:
        archive.writestr("part", "kept")
    assert set(store.held(names, retry_failed=False, need_policies=True).table.index) == {good, bad}


def test_only_one_sweep_writes_at_a_time(tmp_path):
    code = (
        "import sys; from rlhp.sweep.store import Store; store = Store(sys.argv[1]); store.acquire()\n"
        "print('held', flush=True); sys.stdin.read()"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert other.stdout.readline() == "held\n"
    with pytest.raises(RuntimeError, match=r"another sweep is writing to .*give another `out=`"):
        Store(tmp_path).acquire()
    other.kill()  # the system frees the folder of a killed process
    other.wait()
    other.stdin.close()
    other.stdout.close()
    Store(tmp_path).acquire()
