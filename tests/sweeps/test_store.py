from __future__ import annotations

import errno
import json
import shutil
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from rlhp import chunks
from rlhp.runs import Runs
from rlhp.sweeps._store import Store
from tests.sweeps.dying import failing


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
        "import sys; from rlhp.sweeps._store import Store; store = Store(sys.argv[1]); store.acquire()\n"
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


def several(n: int, score: float = 1.0, status: str = "finished") -> Runs:
    runs = Runs.from_table([{"gamma": 0.01 * number} for number in range(n)], [score] * n)
    return Runs(runs.table.assign(status=status), runs.evals, runs.history)


def scores(runs: Runs) -> list[float]:
    return runs.evals["return_mean"].tolist()


def damage(folder: Path, what: str = "evals") -> Path:
    file = next(folder.glob(f"{what}-*.parquet"))
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    return file


def test_a_chunk_of_one_run_removes_nothing_of_a_chunk_of_many(tmp_path):
    store, runs = Store(tmp_path), several(5)
    store.write(runs)
    store.write(runs.select([runs.table.index[0]]))
    assert len(store.read()) == 5


def test_what_went_less_far_takes_no_place(tmp_path):
    store = Store(tmp_path)
    store.write(several(2, score=1.0))
    for status in ("failed", "stopped"):
        store.write(several(1, score=2.0, status=status))
        assert scores(store.read()) == [1.0, 1.0]
    store.compact()
    assert scores(store.read()) == [1.0, 1.0]
    store.write(several(1, score=3.0))
    assert scores(store.read()) == [3.0, 1.0]


def test_runs_that_were_stopped_are_trained_again(tmp_path):
    store, stopped = Store(tmp_path), several(1, status="stopped")
    store.write(stopped)
    assert store.held(stopped.table.index, retry_failed=False, need_policies=False) is None


def curve(n: int, status: str, *, off: float = 0.0) -> Runs:
    """One run, evaluated n times."""
    runs = several(1, status=status)
    evals = pd.concat([runs.evals.assign(step=step, return_mean=step + off) for step in range(1, n + 1)])
    return Runs(runs.table, evals, runs.history)


def test_of_a_run_that_was_paused_the_version_that_came_furthest_counts(tmp_path):
    store = Store(tmp_path)
    for n, status, expected in (
        (2, "stopped", 2),
        (4, "stopped", 4),
        (3, "stopped", 4),  # the beginning of what is there
        (4, "failed", 4),
        (6, "stopped", 4),  # what failed is a result, and stands
        (5, "finished", 5),
        (6, "stopped", 5),
    ):
        store.write(curve(n, status))
        assert len(store.read().evals) == expected
        assert len(Runs.load(tmp_path).evals) == expected
    assert store.read().table["status"].item() == "finished"
    store.compact()
    assert scores(Runs.load(tmp_path)) == [1, 2, 3, 4, 5]


def test_a_paused_run_that_was_begun_anew_and_differs_takes_the_place_of_the_older(tmp_path):
    store = Store(tmp_path)
    store.write(curve(4, "stopped"))
    store.write(curve(2, "stopped", off=0.5))  # as another kind of machine gives it
    assert scores(store.read()) == [1.5, 2.5]


def test_a_paused_run_is_held_up_to_where_it_was_trained(tmp_path):
    store, run = Store(tmp_path), curve(4, "stopped")
    store.write(run)
    (name,) = run.table.index
    asked = {"retry_failed": False, "need_policies": False}
    assert store.held([name], **asked) is None
    assert store.held([name], **asked, goals={name: 5}) is None
    assert len(store.held([name], **asked, goals={name: 4})) == 1


def test_many_small_calls_leave_few_chunks_and_write_each_run_a_few_times(tmp_path, monkeypatch):
    written = []
    real = Store._append
    monkeypatch.setattr(Store, "_append", lambda *args: written.append(len(args[1]["table"])) or real(*args))
    store, runs = Store(tmp_path), several(32)
    for name in runs.table.index:
        store.write(runs.select([name]))
        store.compact()
    assert len(chunks.listed(tmp_path)) <= 5
    assert len(store.read()) == 32
    assert sum(written) <= 32 * 6  # by one great table at every call it would be 560


def test_held_reads_no_chunk_in_which_nothing_is_asked_for(tmp_path, monkeypatch):
    store, runs = Store(tmp_path), several(3)
    for name in runs.table.index:
        store.write(runs.select([name]))
    read = []
    real = pd.read_parquet
    monkeypatch.setattr(pd, "read_parquet", lambda *args, **kwargs: read.append(1) or real(*args, **kwargs))
    assert len(store.held([runs.table.index[1]], retry_failed=False, need_policies=False)) == 1
    assert len(read) == 3  # the three frames of one chunk


def test_a_corrupt_chunk_is_set_aside_with_a_warning_and_its_runs_are_missing(tmp_path):
    store = Store(tmp_path)
    bad, good = store.write(one(0.1)), store.write(one(0.2))
    file = damage(bad)
    with pytest.raises(
        ValueError, match=rf"{file.name} is corrupt.*make the call of the sweep again: it sets this aside"
    ):
        Runs.load(tmp_path)
    names = list(one(0.1).table.index) + list(one(0.2).table.index)
    with pytest.warns(RuntimeWarning, match=rf"{file.name} is corrupt.*kept at .*set_aside.*trains them again"):
        held = store.held(names, retry_failed=False, need_policies=False)
    assert held.table.index.tolist() == names[1:]
    assert (tmp_path / "set_aside" / bad.name / file.name).is_file()
    assert good.is_dir()
    assert len(Runs.load(tmp_path)) == 1


@pytest.mark.parametrize("change", [lambda chunk: (chunk / "spec.json").unlink(), lambda chunk: damage(chunk, "table")])
def test_a_chunk_that_cannot_be_read_blocks_no_other(tmp_path, change):
    store = Store(tmp_path)
    change(store.write(several(4)))
    store.write(one(0.9))
    with pytest.warns(RuntimeWarning, match="set_aside"):
        assert len(store.read()) == 1
    assert len(list((tmp_path / "set_aside").iterdir())) == 1


def test_what_an_older_version_wrote_is_read_and_stays(tmp_path):
    several(3, score=1.0).save(tmp_path)  # its merged runs
    chunk = several(2, score=2.0)
    chunk.save(tmp_path / "chunks" / chunk.table.index[0])  # named by its first run
    before = sorted(tmp_path.glob("*.parquet"))
    store = Store(tmp_path)
    assert scores(store.read()) == [2.0, 2.0, 1.0]
    store.write(several(1, score=3.0))
    store.compact()
    assert scores(Runs.load(tmp_path)) == [3.0, 2.0, 1.0]
    assert sorted(tmp_path.glob("*.parquet")) == before


def test_parquet_files_that_nothing_names_are_never_touched(tmp_path):
    several(6).save(tmp_path)
    (tmp_path / "spec.json").unlink()
    before = sorted(tmp_path.glob("*.parquet"))
    calls = [Store(tmp_path).acquire, lambda: Runs.load(tmp_path), lambda: several(1).save(tmp_path)]
    for call in calls:
        with pytest.raises(ValueError, match=r"Parquet files of runs .*no `spec.json`.*put `spec.json` back"):
            call()
    assert sorted(tmp_path.glob("*.parquet")) == before
    assert len(before) == 3


def test_merged_runs_that_are_corrupt_are_set_aside_whole(tmp_path):
    several(3).save(tmp_path)
    (tmp_path / "spec.json").write_text("{}")
    store = Store(tmp_path)
    with pytest.warns(RuntimeWarning, match=r"spec.json is corrupt.*set_aside"):
        assert store.held(several(3).table.index, retry_failed=False, need_policies=False) is None
    assert len(list((tmp_path / "set_aside" / "merged").iterdir())) == 4
    store.acquire()
    store.release()


@pytest.mark.parametrize("at", range(0, 16, 3))
def test_a_full_disk_loses_nothing_and_leaves_no_draft(tmp_path, at):
    store = Store(tmp_path)
    store.write(several(2))
    store.write(several(3))
    with failing(at, full=True) as disk, pytest.raises(OSError, match=r"No space left") as refused:
        store.write(one(0.9))
    assert refused.value.errno in (errno.ENOSPC, None)
    assert disk.failed
    with failing(at, full=True), pytest.warns(RuntimeWarning, match="stay as they are"):
        store.compact()
    assert len(store.read()) == 3
    assert not list(store.chunks.glob(".*"))


def test_what_another_thread_claimed_can_be_given_back(tmp_path):
    store = Store(tmp_path)
    store.acquire()
    thread = threading.Thread(target=store.release)
    thread.start()
    thread.join()
    other = Store(tmp_path)
    other.acquire()
    other.release()


def test_a_folder_that_is_none_or_refuses_is_refused_by_name(tmp_path, monkeypatch):
    file = tmp_path / "file"
    file.write_text("")
    for out in (file, file / "below"):
        with pytest.raises(ValueError, match=r"`out` is .*is a file; give a folder"):
            Store(out)
    store = Store(tmp_path / "out")

    def refuse(*args, **kwargs):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("filelock.FileLock.acquire", refuse)
    with pytest.raises(ValueError, match=r"`out` is .*nothing can be written \(.*Permission denied\); give another"):
        store.acquire()


def test_a_line_that_was_cut_spoils_no_other(tmp_path):
    store = Store(tmp_path)
    store.note({"runs": 1})
    with (tmp_path / "sweeps.jsonl").open("a") as file:
        file.write('{"runs": ')  # the process was killed here
    store.note({"runs": 3})
    lines = (tmp_path / "sweeps.jsonl").read_text().splitlines()
    assert [json.loads(lines[0]), json.loads(lines[2])] == [{"runs": 1}, {"runs": 3}]


def test_saving_over_the_folder_of_a_sweep_is_refused(tmp_path):
    store = Store(tmp_path)
    store.write(several(3))
    with pytest.raises(ValueError, match="where a sweep keeps its runs; give another folder"):
        several(1).save(tmp_path)
    assert len(Runs.load(tmp_path)) == 3


def test_reading_while_another_joins_chunks_gives_one_moment(tmp_path, monkeypatch):
    store = Store(tmp_path)
    for gamma in (0.1, 0.2, 0.3):
        store.write(one(gamma))
    real, read = pd.read_parquet, []

    def joined_meanwhile(*args, **kwargs):
        read.append(1)
        if len(read) == 2:
            store.compact()
        return real(*args, **kwargs)

    monkeypatch.setattr(pd, "read_parquet", joined_meanwhile)
    assert len(Runs.load(tmp_path)) == 3


def test_half_removed_chunks_count_no_more(tmp_path):
    store = Store(tmp_path)
    older = [store.write(several(2, score=score)) for score in (1.0, 2.0)]
    copies = [shutil.copytree(chunk, tmp_path / f"copy{number}") for number, chunk in enumerate(older)]
    store.compact()
    for chunk, copy in zip(older, copies, strict=True):
        copy.rename(chunk)  # as if the process had been killed before it removed them
    (older[1] / "spec.json").unlink()
    store.write(several(1, score=3.0))
    assert scores(store.read()) == [3.0, 2.0]
    store.compact()
    store.compact()
    assert scores(store.read()) == [3.0, 2.0]
    assert not [chunk for chunk in older if chunk.exists()]
    assert not (tmp_path / "set_aside").exists()
