"""Whatever happens to a store, what was reported finished is there."""

from __future__ import annotations

import io
import re
import shutil
import tempfile
import warnings
import zipfile
from pathlib import Path
from typing import Any
from unittest import mock

import pandas as pd
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from rlhp import chunks
from rlhp.runs import Runs
from rlhp.sweeps._store import Store
from tests.sweeps.dying import Killed, failing

READ_PARQUET = pd.read_parquet
GAMMAS = [0.1 * number for number in range(6)]
ALL = Runs.from_table([{"gamma": gamma} for gamma in GAMMAS], [0.0] * len(GAMMAS))
NAMES = list(ALL.table.index)
UNCHECKED = mock.patch.object(Runs, "__post_init__", return_value=None)  # the checks take most of the time
READ: dict[bytes, pd.DataFrame] = {}
RANK = {"stopped": 0, "failed": 1, "diverged": 2, "finished": 2}

some = st.lists(st.sampled_from(range(len(GAMMAS))), min_size=1, max_size=4, unique=True)
moment = st.none() | st.integers(0, 30)


def read_once(buffer: io.BytesIO, **options: Any) -> pd.DataFrame:
    """Decode each content once: what is tested is where files stand, and that takes thousands of readings."""
    if buffer.getvalue() not in READ:
        READ[buffer.getvalue()] = READ_PARQUET(buffer, **options)
    return READ[buffer.getvalue()].copy()


def made(numbers: list[int], version: int, status: str) -> Runs:
    """Runs whose score is the number of the version."""
    runs = ALL.select([NAMES[number] for number in numbers])
    with UNCHECKED:
        return Runs(
            runs.table.assign(status=status), runs.evals.assign(return_mean=float(version)), runs.history, runs.policies
        )


def versions(runs: Runs | None) -> dict[str, int]:
    return {} if runs is None else runs.evals.set_index("run_id")["return_mean"].astype(int).to_dict()


class StoreMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="rlhp-store-"))
        self.store = Store(self.folder)
        self.version = 0
        self.status: dict[int, str] = {}  # of each version that was ever tried
        self.reported: dict[str, int] = {}  # run -> the version that must be there
        self.perhaps: dict[str, set[int]] = {}  # run -> versions whose writing was cut: they may be there
        self.lost: set[str] = set()  # runs that lay in what was corrupted on purpose: any version, or none
        self.quick = mock.patch.object(pd, "read_parquet", read_once)
        self.quick.start()

    def teardown(self) -> None:
        self.quick.stop()
        self.store.release()
        shutil.rmtree(self.folder)

    # --- what happens ------------------------------------------------------------------------------------------

    @initialize(numbers=some, own=st.booleans())
    def older_layout(self, numbers: list[int], own: bool) -> None:
        """Runs that an older version wrote: in the folder's own files, or in a chunk named by its first run."""
        if own:
            runs = self._new(numbers, "finished")
            runs.save(self.folder)
        else:
            runs = self._new(numbers, "finished")
            runs.save(self.folder / chunks.CHUNKS / str(runs.table.index[0]))
        self._report(runs)

    @rule(numbers=some, status=st.sampled_from(list(RANK)), at=moment)
    def write(self, numbers: list[int], status: str, at: int | None) -> None:
        runs = self._new(numbers, status)
        with self._dying(at):
            self.store.write(runs)
            self._report(runs)
            return
        for name in runs.table.index:
            self.perhaps.setdefault(name, set()).add(self.version)

    @rule(numbers=some, at=st.integers(0, 20))
    def write_on_a_full_disk(self, numbers: list[int], at: int) -> None:
        runs = self._new(numbers, "finished")
        try:
            with failing(at, full=True) as disk:
                self.store.write(runs)
        except OSError:
            assert disk.failed
            for name in runs.table.index:
                self.perhaps.setdefault(name, set()).add(self.version)
        else:
            self._report(runs)

    @rule(at=moment)
    def compact(self, at: int | None) -> None:
        with self._dying(at), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.store.compact()

    @rule(at=st.integers(0, 20))
    def compact_on_a_full_disk(self, at: int) -> None:
        with failing(at, full=True), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.store.compact()

    @rule(at=moment)
    def open_again(self, at: int | None) -> None:
        self.store.release()
        with self._dying(at):
            self.store = Store(self.folder)
            self.store.acquire()

    @rule(number=st.sampled_from(range(len(GAMMAS))), whole=st.booleans())
    def keep_a_policy(self, number: int, whole: bool) -> None:
        self.store.policies.mkdir(exist_ok=True)
        path = self.store.policy(NAMES[number])
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("weights", b"0" * 100)
        if not whole:
            path.write_bytes(path.read_bytes()[:60])

    @precondition(lambda self: self._sources())
    @rule(data=st.data(), how=st.sampled_from(["flip", "cut", "remove", "spec", "odd"]), at=moment)
    def corrupt(self, data: st.DataObject, how: str, at: int | None) -> None:
        """Something happens to what is on disk; a process that is killed while it sets that aside loses no more."""
        chunk = data.draw(st.sampled_from(self._sources()))
        if chunk == self.folder and how == "spec":
            return  # that is refused, and nothing goes on
        try:
            self.lost |= set(chunks.ids_in(chunk))
        except ValueError:
            return  # it is corrupt already
        file = sorted(chunk.glob("*.parquet"))[data.draw(st.integers(0, 2))]
        content = bytearray(file.read_bytes())
        if how == "flip":
            content[len(content) // 2] ^= 1
            file.write_bytes(content)
        elif how == "cut":
            file.write_bytes(content[: len(content) // 2])
        elif how == "remove":
            file.unlink()
        elif how == "spec":
            (chunk / "spec.json").unlink()
        else:
            odd = data.draw(st.sampled_from(["", "[]", "{}", '{"table": 5}', '{"schema_version": 1, "files": []}']))
            (chunk / "spec.json").write_text(odd)
        with pytest.raises(ValueError, match=re.escape(chunk.name)):
            Runs.load(self.folder)
        with self._dying(at), UNCHECKED, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.store.read()

    # --- what must be so -----------------------------------------------------------------------------------------

    @rule(retry_failed=st.booleans(), need_policies=st.booleans())
    def held(self, retry_failed: bool, need_policies: bool) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            runs = self.store.held(NAMES, retry_failed=retry_failed, need_policies=need_policies)
        found = versions(runs)
        for name, version in found.items():
            status = self.status[version]
            assert status != "stopped"
            assert status != "failed" or not retry_failed
            assert status != "finished" or not need_policies or zipfile.is_zipfile(self.store.policy(name))
        for name, version in self.reported.items():
            status = self.status[version]
            due = status in ("finished", "diverged") or (status == "failed" and not retry_failed)
            without = need_policies and status == "finished" and not zipfile.is_zipfile(self.store.policy(name))
            assert name in found or name in self.lost or not due or without or self.perhaps.get(name)

    @rule()
    def load(self) -> None:
        try:
            self._check(versions(Runs.load(self.folder)))
        except (ValueError, FileNotFoundError) as error:
            refused = error
            assert self.lost or not self.reported
            assert str(self.folder) in str(refused)

    @invariant()
    def what_was_reported_is_there(self) -> None:
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            with UNCHECKED:
                found = versions(self.store.read())
        for warning in told:
            assert "It is kept at" in str(warning.message)
            assert self.lost
        self._check(found)
        for name in self.lost:  # it was set aside: what stands now is what must go on standing
            self.reported.pop(name, None)
            self.perhaps.pop(name, None)
        self.lost.clear()
        for name, version in found.items():
            self.reported[name] = version  # seen once, it must be seen again
        for name, tried in self.perhaps.items():
            tried.discard(found.get(name, -1))

    # --- the means -----------------------------------------------------------------------------------------------

    def _sources(self) -> list[Path]:
        own = [self.folder] if (self.folder / "spec.json").exists() else []
        return own + chunks.standing(self.folder)

    def _check(self, found: dict[str, int]) -> None:
        for name, version in self.reported.items():
            if name not in self.lost:
                assert found.get(name) in {version, *self.perhaps.get(name, ())}, (name, version, found)

    def _new(self, numbers: list[int], status: str) -> Runs:
        self.version += 1
        self.status[self.version] = status
        return made(numbers, self.version, status)

    def _report(self, runs: Runs) -> None:
        for name in runs.table.index:
            old = self.reported.get(name)
            if old is None or RANK[self.status[self.version]] >= RANK[self.status[old]]:
                self.reported[name] = self.version

    def _dying(self, at: int | None) -> Any:
        return _Dying(self, at)


class _Dying:
    """Kills the process at an operation on files; a new one opens the store."""

    def __init__(self, machine: StoreMachine, at: int | None) -> None:
        self.machine, self.failing = machine, failing(at)

    def __enter__(self) -> None:
        self.failing.__enter__()

    def __exit__(self, kind: Any, error: Any, trace: Any) -> bool:
        self.failing.__exit__(None, None, None)
        if kind is not None and issubclass(kind, Killed):
            self.machine.store.release()
            self.machine.store = Store(self.machine.folder)
            return True
        return False


TestStore = StoreMachine.TestCase
TestStore.settings = settings(
    max_examples=20, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
)
