"""On a real cluster of two nodes, with a token, on the loopback alone.

One node is killed on the way; what stands after that test needs one alone. The tests are in this order, and share the
cluster, since each worker of it takes seconds to start.
"""

from __future__ import annotations

import importlib.util
import itertools
import json
import os
import queue
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import psutil
import pytest

import rlhp
from rlhp import chunks
from rlhp.envs._registry import keep
from rlhp.runs import concat
from rlhp.sweeps import Session, Store, advance, requests_of
from rlhp.sweeps._paused import Paused
from rlhp.sweeps.executors import _ray_address
from rlhp.sweeps.executors._compiled import Compiled
from rlhp.sweeps.executors._ray import Ray
from tests.hpo import searching
from tests.sweeps.asking import how
from tests.sweeps.executors import ray_driver, test_executors
from tests.sweeps.executors.ray_nodes import free_ports
from tests.sweeps.executors.test_executors import Bench

# Not imported before `_settings`: when it is, Ray reads what it is told of tokens.
if importlib.util.find_spec("ray") is None:
    pytest.skip("Ray is not installed (pip install 'rlhp[ray]')", allow_module_level=True)
if not hasattr(os, "fork"):
    pytest.skip("the nodes of the cluster are forked", allow_module_level=True)

ROOT = Path(__file__).resolve().parents[3]
WHAT = ("a2c", "CartPole-v1", ray_driver.CONFIG)
START_S = 60.0
TRIES = 3  # a node gives up where its helpers are not there within 15 seconds, on a machine that is busy


@dataclass(frozen=True)
class Cluster:
    address: str
    nodes: tuple[int, ...]  # each is a session of the system's; the head first

    def processes(self, nodes: Sequence[int]) -> list[psutil.Process]:
        return [one for one in psutil.process_iter() if _session(one.pid) in nodes]


@pytest.fixture(scope="module", autouse=True)
def _settings() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_AUTH_MODE", "token")
        patch.setenv("RAY_AUTH_TOKEN", secrets.token_hex(32))
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), str(ROOT / "course/src")]))
        # Without it Ray takes 127.0.0.1 for this machine's address on a network, where nothing listens.
        patch.setenv("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")
        patch.delenv("RAY_ADDRESS", raising=False)
        yield


@pytest.fixture(scope="module")
def cluster(_settings: None) -> Iterator[Cluster]:
    with pytest.MonkeyPatch.context() as patch:
        folder = tempfile.mkdtemp(prefix="ray-")  # pytest's own are too long for the names of sockets
        process = None
        try:
            for _ in range(TRIES):
                process = subprocess.Popen(
                    [sys.executable, str(Path(__file__).with_name("ray_nodes.py")), folder],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    text=True,
                )
                if found := _nodes(process):
                    break
                _close(process)
            assert found, f"the cluster did not start in {START_S} s, {TRIES} times"
            patch.setenv("RAY_ADDRESS", found.address)
            yield found
            if "ray" in sys.modules:
                sys.modules["ray"].shutdown()
        finally:
            if process is not None:
                _close(process)
            shutil.rmtree(folder, ignore_errors=True)


def _nodes(process: subprocess.Popen[str]) -> Cluster | None:
    lines: queue.Queue[str] = queue.Queue()
    threading.Thread(target=lambda: [lines.put(line) for line in process.stdout], daemon=True).start()
    deadline, found = time.monotonic() + START_S, []
    while len(found) < 2:
        try:
            line = lines.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            return None
        if line.startswith("{"):
            found.append(json.loads(line))
    found.sort(key=lambda one: one["number"])
    return Cluster(found[0]["address"], tuple(one["session"] for one in found))


def _close(process: subprocess.Popen[str]) -> None:
    process.stdin.close()
    process.wait(timeout=30)
    process.stdout.close()


def _name(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:  # it has ended: a zombie has no command line
        return ""


def _session(pid: int) -> int:
    try:
        return os.getsid(pid)
    except ProcessLookupError:
        return 0


@pytest.fixture(params=["sb3", "jax"])
def bench(request: pytest.FixtureRequest, cluster: Cluster, tmp_path: Path) -> Bench:
    pytest.importorskip({"sb3": "stable_baselines3", "jax": "jax"}[request.param])
    return Bench((request.param, _ray), tmp_path)


def _ray(folder: Path, limit: float | None) -> Ray:
    return Ray(Paused(folder), time_limit=limit)


# What is the same for every executor; each of them is tried where it costs least.
def test_trains_each_request_once_and_keeps_its_policy(bench: Bench) -> None:
    test_executors.test_trains_each_request_once_and_keeps_its_policy(bench)
    if bench.engine == "sb3":
        assert {"process", "run_id", "event"} == set(bench.told("started")[0])


@pytest.mark.parametrize("bench", ["sb3"], indirect=True)
def test_takes_what_comes_while_it_trains(bench: Bench) -> None:
    test_executors.test_takes_what_comes_while_it_trains(bench)


def test_nothing_to_train_is_over_at_once(bench: Bench) -> None:
    test_executors.test_nothing_to_train_is_over_at_once(bench)


def test_a_run_that_is_paused_goes_on_on_whatever_machine(cluster: Cluster, tmp_path: Path) -> None:
    pytest.importorskip("jax")
    requests = requests_of("a2c", "CartPole-v1", test_executors.SMALL, steps=96, seeds=3, engine="jax", evaluation=32)
    first = advance(requests, 32, tmp_path / "ray", execution=rlhp.Execution(executor="ray"))
    assert first.table["status"].tolist() == ["stopped"] * 3
    kept = {path.name for path in (tmp_path / "ray" / "paused").iterdir()}
    assert kept == {f"{one.run_id}.zip" for one in requests}
    events: list[dict[str, Any]] = []
    last = advance(requests, 96, tmp_path / "ray", execution=rlhp.Execution(executor="ray"), on_event=events.append)
    assert {event["row"]["step"] for event in events if event["event"] == "eval"} == {64, 96}  # nothing over again
    assert not list((tmp_path / "ray" / "paused").iterdir())
    here = advance(requests, 96, tmp_path / "here")
    pd.testing.assert_frame_equal(last.evals, here.evals)
    assert last.table["n_updates"].tolist() == here.table["n_updates"].tolist()


def test_runs_that_raise_are_rows_and_the_policy_of_the_others_comes_home(cluster: Cluster, tmp_path: Path) -> None:
    """The environment is defined in this test: the other processes have never heard of it."""
    import gymnasium

    class Moody(gymnasium.Wrapper[Any, Any, Any, Any]):
        def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> Any:
            if seed == 1:
                raise ValueError("not today")
            return self.env.reset(seed=seed, options=options)

    rlhp.envs.register("Moody-v0", gymnasium=lambda **options: Moody(gymnasium.make("CartPole-v1", **options)))
    try:
        with pytest.warns(RuntimeWarning, match="1 failed"):
            runs = rlhp.sweep(
                "a2c",
                "Moody-v0",
                test_executors.SMALL,
                steps=64,
                seeds=2,
                out=tmp_path,
                **how(executor="ray", keep_policies=True),
            )
    finally:
        keep("Moody-v0", None)
    assert runs.table["status"].tolist() == ["finished", "failed"]
    assert runs.table["error"].iloc[1].startswith("ValueError: not today (test_ray.py:")
    assert [path.stem for path in (tmp_path / "policies").iterdir()] == [runs.table.index[0]]


def test_everything_listens_on_the_loopback_alone_and_wants_the_token(cluster: Cluster) -> None:
    processes = cluster.processes(cluster.nodes)
    assert len(processes) > 6
    listening = {
        connection.laddr.ip
        for process in processes
        for connection in process.net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN
    }
    assert listening <= {"127.0.0.1", "::ffff:127.0.0.1", "::1"}
    stranger = "from rlhp.sweeps.executors._ray_address import connect; connect(None)"
    refused = subprocess.run(
        [sys.executable, "-c", stranger],
        env={**os.environ, "RAY_AUTH_TOKEN": secrets.token_hex(32), "RAY_NUM_REDIS_GET_RETRIES": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert refused.returncode == 1
    assert f"the Ray cluster at {cluster.address} was not joined" in refused.stderr
    assert "RAY_AUTH_MODE=token and RAY_AUTH_TOKEN_PATH must be set here too, before" in refused.stderr


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("127.0.0.1:{free}", "no Ray cluster answered at 127.0.0.1:{free} within 0.5 s; see that `ray start --head`"),
        ("127.0.0.1:{silent}", "no Ray cluster answered at 127.0.0.1:{silent} within 0.5 s"),
        ("127.0.0.1:{other}", "no Ray cluster answered at 127.0.0.1:{other} within 0.5 s"),
    ],
)
def test_where_no_cluster_answers_it_is_said_in_time(address: str, message: str, tmp_path, monkeypatch) -> None:
    import ray

    monkeypatch.setattr(ray, "is_initialized", lambda: False)
    monkeypatch.setattr(ray, "init", lambda **options: pytest.fail("it must not come to this"))
    monkeypatch.setattr(_ray_address, "ANSWER_S", 0.5)
    silent, other = socket.create_server(("127.0.0.1", 0)), socket.create_server(("127.0.0.1", 0))
    with silent, other:  # one takes calls and says nothing, the other is a server of something else
        threading.Thread(target=_refuse, args=(other,), daemon=True).start()
        ports = {"free": free_ports(1)[0], "silent": silent.getsockname()[1], "other": other.getsockname()[1]}
        with pytest.raises(RuntimeError, match=message.format(**ports)):
            rlhp.sweep(
                "a2c",
                "CartPole-v1",
                steps=10,
                out=tmp_path,
                **how(executor="ray", address=address.format(**ports)),
            )


def test_without_an_address_it_is_said_how_to_give_one(monkeypatch) -> None:
    import ray

    monkeypatch.setattr(ray, "is_initialized", lambda: False)
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    with pytest.raises(RuntimeError, match=r"`execution\.address` is left out, and RAY_ADDRESS is not set\. Give"):
        rlhp.sweep("a2c", "CartPole-v1", steps=10, **how(executor="ray"))


def test_a_process_belongs_to_one_cluster(cluster: Cluster) -> None:
    with pytest.raises(RuntimeError, match=f"connected to the Ray cluster at {cluster.address}; call `ray.shutdown"):
        rlhp.sweep("a2c", "CartPole-v1", steps=10, **how(executor="ray", address="127.0.0.1:9"))


@pytest.mark.parametrize("bench", ["sb3"], indirect=True)
def test_a_run_that_is_not_done_in_time_has_failed_and_the_next_has_a_time_of_its_own(bench: Bench) -> None:
    bench.executor, bench.limit = _ray(bench.folder, 4.0), 4.0
    test_executors.check_time_limit(bench)


@pytest.fixture(scope="module")
def here() -> dict[str, rlhp.Runs]:
    """The runs that some tests have trained, trained in this process."""
    return {engine: rlhp.sweep(*WHAT, engine=engine, **ray_driver.ASKED, **how(workers=0)) for engine in ("jax", "sb3")}


def test_a_node_that_is_killed_is_made_up_for_by_the_others(
    cluster: Cluster, here: dict[str, rlhp.Runs], tmp_path: Path
) -> None:
    """Runs of both engines; nothing is lost, nothing doubled, and the bits are those of this process."""
    requests = [one for engine in here for one in requests_of(*WHAT, engine=engine, **ray_driver.ASKED)]
    more = (requests_of(*WHAT, engine="sb3", **ray_driver.ASKED | {"seeds": [seed]}) for seed in itertools.count(3))
    events: list[dict[str, Any]] = []
    killed: list[str] = []

    def hear(event: dict[str, Any]) -> None:
        events.append(event)
        if event["event"] == "started" and not killed:
            if _session(int(event["process"].split()[0])) == cluster.nodes[1]:
                killed.append(event["run_id"])
                for process in cluster.processes(cluster.nodes[1:]):
                    process.kill()

    execution = rlhp.Execution(executor="ray")
    session = Session(requests, out=tmp_path, execution=execution, growing=True, on_event=hear).start()
    deadline = time.monotonic() + 60
    while not killed and time.monotonic() < deadline:
        if session.progress[1] - session.progress[0] < 2_000:  # the worker of the other node is still on its way
            session.add(next(more))
        time.sleep(0.05)
    session.finish()
    assert session.wait(timeout=60)
    assert session.error is None
    assert len(killed) == 1
    assert [event["event"] for event in events if event.get("run_id") == killed[0]].count("started") == 2
    finished = [event["run_id"] for event in events if event["event"] == "finished"]
    assert sorted(finished) == sorted(one.run_id for one in session.requests)
    assert sum(len(chunks.ids_in(one)) for one in chunks.standing(tmp_path)) == len(session.requests)
    assert set(session.finished().table["status"]) == {"finished"}
    _compare(session.finished([one.run_id for one in requests]), concat(list(here.values())))


def test_a_killed_sweep_leaves_nothing_running_and_goes_on_with_what_is_missing(
    cluster: Cluster, here: dict[str, rlhp.Runs], tmp_path: Path
) -> None:
    driver = subprocess.Popen([sys.executable, ray_driver.__file__, str(tmp_path)], start_new_session=True)
    training: list[psutil.Process] = []

    def under_way() -> bool:  # one run is kept, and another one is being trained: between two runs nobody trains
        training[:] = [one for one in cluster.processes(cluster.nodes) if _name(one).startswith("ray::train")]
        return bool(training) and any((tmp_path / "chunks").glob("[!.]*"))

    _wait(under_way)
    os.killpg(driver.pid, signal.SIGKILL)
    driver.wait()
    assert not psutil.wait_procs(training, timeout=30)[1]  # nobody wants these runs any more
    before = Store(tmp_path).read()
    assert 1 <= len(before) < 3
    runs = rlhp.sweep(*WHAT, engine="sb3", out=tmp_path, **ray_driver.ASKED, **how(executor="ray"))
    kept = runs.table.loc[before.table.index]
    pd.testing.assert_series_equal(kept["wall_time_s"], before.table["wall_time_s"])
    _compare(runs, here["sb3"])


def _parts(path: Path) -> dict[str, bytes]:
    """Return what a policy's file holds; the file itself knows the second at which it was written."""
    with zipfile.ZipFile(path) as file:
        return {name: file.read(name) for name in file.namelist()}


@pytest.mark.hard
def test_a_search_on_a_cluster_is_the_search_of_this_process(cluster: Cluster, tmp_path: Path) -> None:
    """Rungs are continued by whichever process is free, from states that travel with the tasks."""
    execution = rlhp.Execution(executor="ray", progress=False, keep_policies=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Compiled, "train", lambda *args, **options: pytest.fail("it trains in this process"))
        found = searching.call(tmp_path / "ray", execution=execution)
    assert set(Counter(map(len, (one.rungs for one in found.trials)))) == {1, 2, 3}
    mine = searching.call(tmp_path / "here", execution=rlhp.Execution(progress=False, keep_policies=True))
    pd.testing.assert_frame_equal(found.table, mine.table)
    pd.testing.assert_frame_equal(found.finalists, mine.finalists)
    assert found.counts == mine.counts
    _compare(found.runs, mine.runs)
    for name in found.runs.table.index[found.runs.table["status"] == "finished"]:
        one, other = (_parts(runs.policy(name).path) for runs in (found.runs, mine.runs))
        assert one == other
    assert "executor='ray'" in found.call


@pytest.mark.parametrize("bench", ["sb3"], indirect=True)
def test_stops_soon_and_says_of_each_run_that_it_was_stopped(bench: Bench, cluster: Cluster) -> None:
    test_executors.test_stops_soon_and_says_of_each_run_that_it_was_stopped(bench)
    process = psutil.Process(int(bench.told("started")[0]["process"].split()[0]))
    process.wait(timeout=20)  # nobody trains it any more


def _refuse(server: socket.socket) -> None:
    with server.accept()[0] as line:
        line.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")


def _compare(runs: rlhp.Runs, here: rlhp.Runs) -> None:
    assert runs.table.index.tolist() == here.table.index.tolist()
    measured = ["wall_time_s", "cpu_time_s"]
    pd.testing.assert_frame_equal(runs.table.drop(columns=measured), here.table.drop(columns=measured))
    pd.testing.assert_frame_equal(runs.evals, here.evals)


def _wait(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
