"""Runs in pieces, over every agent: wherever and however often they are paused, they are what they would have been."""

from __future__ import annotations

import functools
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from rlhp.algorithms import declared
from rlhp.schedules import Linear
from rlhp.trainers import segments
from rlhp.trainers._request import RunRequest
from rlhp.trainers.compiled import _programs as programs
from rlhp.trainers.compiled._running import Running
from rlhp.trainers.segments import (
    PARTS,
    advance,
    assign,
    begin,
    inherit,
    join,
    renew,
    reseed,
    restore,
    runs_of,
    snapshot,
    take,
)

ROLLOUT = {"n_envs": 2, "n_steps": 6, "net_arch": [8], "learning_rate": 1e-2, "ent_coef": 0.01, "normalize": True}
REPLAY = {"batch_size": 8, "buffer_size": 256, "learning_starts": 8, "net_arch": [8], "learning_rate": 1e-2}
CASES = {
    "dqn": ("CartPole-v1", REPLAY | {"target_update_interval": 12}),
    "ppo": ("CartPole-v1", ROLLOUT | {"batch_size": 8, "n_epochs": 2}),
    "a2c": ("Pendulum-v1", ROLLOUT),
    "sac": ("Pendulum-v1", REPLAY | {"train_freq": 4, "gradient_steps": 2}),
    "td3": ("Pendulum-v1", REPLAY | {"train_freq": 4, "gradient_steps": 2, "action_noise_std": 0.1}),
}
# Long enough that an episode begins within; those of CartPole are of programs that other files have too.
EVERY = 60
INTERVAL = {"CartPole-v1": EVERY, "Pendulum-v1": 440}


def asked(algorithm: str, seed: int = 0, **config) -> RunRequest:
    env_id, base = CASES[algorithm]
    every = INTERVAL[env_id]
    return RunRequest(algorithm, env_id, seed, 4 * every, base | config, every, 2, "jax")


def requests(algorithm: str) -> list[RunRequest]:
    """Three runs of one program: other seeds, a schedule, another loop."""
    loop = {"n_epochs": 3} if algorithm == "ppo" else {"n_steps": 4}
    return [asked(algorithm), asked(algorithm, 1, gamma=Linear(0.8, 0.99)), asked(algorithm, 2, **loop)]


def bits(run: Running, parts=("key", "weights", "optimizer", "memory", "playing", "tally")) -> list[bytes]:
    leaves = jax.tree.leaves([getattr(run.state, part) for part in parts])
    keys = [jnp.issubdtype(leaf.dtype, jax.dtypes.prng_key) for leaf in leaves]
    return [
        np.asarray(jax.random.key_data(leaf) if key else leaf).tobytes() for leaf, key in zip(leaves, keys, strict=True)
    ]


def learned(run: Running) -> tuple:
    """Give everything that training made of a run, to the last bit."""
    return json.dumps(run.rows), run.n_updates, run.status, run.iterations, bits(run)


@functools.cache
def uninterrupted(algorithm: str) -> dict[str, tuple]:
    training = begin(requests(algorithm))
    assert advance(training, 10**9).statuses.tolist() == ["finished"] * 3
    return {run.request.run_id: learned(run) for run in training.runs}


@functools.cache
def halfway(algorithm: str, tmp: str, **config) -> str:
    """Give the path of a run after its first evaluation."""
    training = begin([asked(algorithm, **config)])
    advance(training, 1)
    return str(snapshot(training, f"{tmp}/{algorithm}-{len(config)}.zip"))


@pytest.fixture(scope="module")
def tmp(tmp_path_factory) -> str:
    return str(tmp_path_factory.mktemp("snapshots"))


@pytest.fixture(params=sorted(CASES))
def algorithm(request) -> str:
    return request.param


def same(training, expected: dict[str, tuple]) -> None:
    for run in training.runs:
        if run.request.run_id in expected:
            assert learned(run) == expected[run.request.run_id]


# --- pausing ---------------------------------------------------------------------------------------------------------


def test_paused_anywhere_a_run_is_what_it_would_have_been(algorithm, tmp, monkeypatch):
    """In the middle of an interval and at its end, in memory and on disk, permuted and among other runs."""
    monkeypatch.setattr(Running, "_next_count", lambda self, left: 1)
    training, heard = begin(requests(algorithm)), []
    measured = advance(training, 10**9, on_event=heard.append, should_stop=lambda: len(heard) > 6)
    monkeypatch.undo()
    assert set(measured.statuses) == {"stopped"}
    assert any(run.open for run in training.runs)  # cut within an interval
    training = restore(snapshot(training, f"{tmp}/cut.zip"))
    others = begin([asked("ppo" if algorithm != "ppo" else "dqn", seed) for seed in (7, 8)])
    training = join([others, take(training, [2, 0, 1])])
    advance(training, [100, 1, INTERVAL[CASES[algorithm][0]], 1, 3 * INTERVAL[CASES[algorithm][0]]])
    assert len({run.step for run in training.runs}) > 1
    training = restore(snapshot(take(training, [4, 3, 2, 1, 0]), f"{tmp}/between.zip"))
    advance(training, 10**9, workers=3)
    assert len(uninterrupted(algorithm).keys() & set(training.run_ids)) == 3
    same(training, uninterrupted(algorithm))


SCRIPT = """
import sys
from rlhp.trainers.segments import advance, restore, snapshot
training = restore(sys.argv[1])
advance(training, 10**9)
snapshot(training, sys.argv[2])
"""


def test_another_process_goes_on_to_the_same_bits(tmp):
    """All agents in one file."""
    training = join([begin(requests(algorithm)) for algorithm in CASES])
    advance(training, [2 * run.request.eval_every for run in training.runs])
    snapshot(training, f"{tmp}/there.zip")
    subprocess.run([sys.executable, "-c", SCRIPT, f"{tmp}/there.zip", f"{tmp}/back.zip"], check=True)
    back = restore(f"{tmp}/back.zip")
    assert len(back) == 15
    for algorithm in CASES:
        same(back, uninterrupted(algorithm))


def test_a_run_alone_is_the_run_among_others(algorithm):
    for request in requests(algorithm)[1:]:
        alone = begin([request])
        advance(alone, 10**9)
        same(alone, uninterrupted(algorithm))


# --- other values ----------------------------------------------------------------------------------------------------

# What is given instead, where half of it would not show: a limit must bind, a switch that another needs be on.
VALUES = {
    "max_grad_norm": 0.01,
    "clip_range_vf": 0.001,
    "target_kl": 1e-6,
    "exploration": 0.01,
    "exploration_fraction": 1.0,
    "exploration_initial_eps": 0.2,
    "exploration_final_eps": 0.9,
    "target_entropy": -3.0,
    "action_noise_std": 0.7,
    "target_update_interval": 5,
    "target_noise_clip": 0.01,
    "policy_delay": 3,
    "gradient_steps": 3,
    "n_epochs": 1,
    "ent_coef": 0.4,
    "prioritized_replay_beta": 0.0,
    "rms_prop_eps": 0.3,
}
NEEDS = {
    "prioritized_replay_alpha": {"prioritized_replay": True},
    "prioritized_replay_beta": {"prioritized_replay": True},
    "exploration_initial_eps": {"exploration_fraction": 1.0},  # else it has passed before the change
}


def assignable() -> list[tuple[str, str]]:
    named = []
    for algorithm in sorted(CASES):
        run = begin([asked(algorithm)]).runs[0]
        named += [(algorithm, name) for name in segments.assignable(run.request)]
    return named


@pytest.mark.parametrize(("algorithm", "name"), assignable())
def test_whatever_may_be_assigned_changes_what_is_learned_next_and_compiles_nothing(algorithm, name, tmp, monkeypatch):
    kept = halfway(algorithm, tmp, **NEEDS.get(name, {}))
    as_it_was, changed = restore(kept), restore(kept)
    (run,) = changed.runs
    known = declared(algorithm).hyperparameters
    before = VALUES.get(name, run.request.config.get(name, known[name].default if name in known else None))
    run.program()
    compiled = []
    monkeypatch.setattr(programs, "_compiled", lambda *a, **options: compiled.append(a[0]))
    value = VALUES[name] if name in VALUES else before * 0.5 if before else run.prepared.traced[name][1] * 1.3
    assign(changed, {name: value})
    for training in (as_it_was, changed):
        advance(training, 3 * run.request.eval_every)
    assert compiled == []
    assert bits(changed.runs[0], ["weights"]) != bits(as_it_was.runs[0], ["weights"])
    (row,) = changed.runs[0].history
    told = {"run_id": run.request.run_id, "step": run.request.eval_every, "name": name, "parent": ""}
    assert {**row, "label": ""} == told | {"label": "", "value": pytest.approx(float(value))}
    assert runs_of(changed).history["name"].tolist() == [name]


def test_what_was_assigned_is_kept_on_disk_and_applies_to_the_end(tmp):
    kept = halfway("dqn", tmp)
    training, stored = restore(kept), restore(kept)
    for one in (training, stored):
        assign(one, {"learning_rate": Linear(1e-2, 1e-4), "exploration": [0.3]})
    stored = restore(snapshot(stored, f"{tmp}/assigned.zip"))
    assert stored.runs[0].assigned == {"learning_rate": Linear(1e-2, 1e-4), "exploration": 0.3}
    assert stored.runs[0].history == training.runs[0].history
    for one in (training, stored):
        advance(one, 10**9)
    assert learned(training.runs[0]) == learned(stored.runs[0])
    # A schedule is where it is in the whole of training, and not since it was given.
    assert training.runs[0].history[0]["value"] == pytest.approx(1e-2 * 0.75 + 1e-4 * 0.25)


def test_one_value_for_all_or_one_for_each(tmp):
    training = begin([asked("dqn", seed) for seed in range(2)])
    assign(training, {"gamma": 0.5, "learning_rate": np.array([1e-3, 1e-4])})
    assert [run.assigned for run in training.runs] == [
        {"gamma": 0.5, "learning_rate": 1e-3},
        {"gamma": 0.5, "learning_rate": 1e-4},
    ]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"gama": 0.9}, "unknown hyperparameter `gama` for a run in training; did you mean `gamma`"),
        ({"batch_size": 16}, "unknown hyperparameter `batch_size` for a run in training"),
        ({"net_arch": [8]}, "unknown hyperparameter `net_arch` for a run in training"),
        ({"gamma": 1.5}, "`gamma`"),
        ({"gamma": [0.9, 0.8, 0.7]}, "`gamma` has 3 values for 2 runs"),
    ],
)
def test_what_cannot_be_assigned_is_refused_and_nothing_is_changed(values, message):
    training = begin([asked("dqn", seed) for seed in range(2)])
    with pytest.raises(ValueError, match=message):
        assign(training, {"learning_rate": 0.1} | values)
    assert [run.assigned for run in training.runs] == [{}, {}]
    assert [run.history for run in training.runs] == [[], []]


# --- taking over -----------------------------------------------------------------------------------------------------


def test_taking_over_from_itself_changes_nothing(algorithm):
    training = begin(requests(algorithm))
    advance(training, 2 * training.runs[0].request.eval_every)
    inherit(training, [0, 1, 2])
    assert [run.history for run in training.runs] == [[], [], []]
    advance(training, 10**9)
    same(training, uninterrupted(algorithm))


def test_children_of_one_parent_part_ways(algorithm):
    training = begin([asked(algorithm, seed) for seed in range(3)])
    advance(training, 1)
    inherit(training, [0, 0, 0])
    parts = [bits(run, PARTS) for run in training.runs]
    assert parts[0] == parts[1] == parts[2]
    advance(training, 2 * training.runs[0].request.eval_every)
    weights = [bits(run, ["weights"]) for run in training.runs]
    assert len({tuple(one) for one in weights}) == 3
    assert [run.step for run in training.runs] == [2 * run.request.eval_every for run in training.runs]


@pytest.mark.parametrize("part", PARTS)
def test_what_is_copied_is_what_was_named(algorithm, part):
    training = begin([asked(algorithm, seed) for seed in range(2)])
    advance(training, 1)
    parent, child = training.runs
    everything = ("key", *PARTS, "tally")
    before = {one: (bits(parent, [one]), bits(child, [one])) for one in everything}
    inherit(training, [0, 0], parts=[part])
    for one in everything:
        assert bits(parent, [one]) == before[one][0]
        assert bits(child, [one]) == before[one][0 if one == part else 1]
    assert before["key"][0] != before["key"][1]
    assert [{**row, "value": None} for row in child.history] == [
        {
            "run_id": child.request.run_id,
            "step": child.step,
            "name": part,
            "value": None,
            "parent": parent.request.run_id,
            "label": "",
        }
    ]
    kept = bits(parent, PARTS)
    advance(take(training, [1]), 10**9)  # what the child is given is its own: its program uses that up
    assert bits(parent, PARTS) == kept


def test_parents_are_taken_as_they_stand():
    training = begin([asked("a2c", seed) for seed in range(2)])
    advance(training, 1)
    first, second = (bits(run, ["weights"]) for run in training.runs)
    inherit(training, [1, 0], parts="weights")
    assert [bits(run, ["weights"]) for run in training.runs] == [second, first]


def test_a_run_that_diverged_goes_on_with_what_it_inherits():
    training = begin([asked("dqn"), asked("dqn", 1, learning_rate=1e20)])
    assert advance(training, 2 * EVERY).statuses.tolist() == ["stopped", "diverged"]
    inherit(training, [0, 0])
    assign(training, {"learning_rate": 1e-3})
    assert advance(training, 10**9).statuses.tolist() == ["finished", "finished"]
    assert runs_of(training).table["error"].tolist() == ["", ""]


def test_a_run_that_diverged_long_before_goes_on_from_where_its_parent_stands():
    training = begin([asked("dqn"), asked("dqn", 1, learning_rate=1e20)])
    advance(training, 2 * EVERY)
    parent, child = training.runs
    assert (child.status, child.step) == ("diverged", 0)
    inherit(training, [0, 0])
    assert (child.status, child.step, child.iterations) == ("stopped", parent.step, parent.iterations)
    assert {row["step"] for row in child.history} == {2 * EVERY}
    assign(take(training, [1]), {"learning_rate": 1e-3})
    advance(training, 10**9)
    assert runs_of(training).evals["step"].tolist() == [EVERY, 2 * EVERY, 3 * EVERY, 4 * EVERY, 3 * EVERY, 4 * EVERY]


def test_with_the_stream_of_another_seed_a_run_is_the_one_of_that_seed(algorithm):
    training = begin([asked(algorithm)])
    reseed(training, 1)
    other = begin([asked(algorithm, 1)])
    for one in (training, other):
        advance(one, 1)
    assert bits(training.runs[0], ["key", "weights"]) == bits(other.runs[0], ["key", "weights"])
    reseed(training, [2])
    advance(training, 2 * training.runs[0].request.eval_every)
    advance(other, 2 * training.runs[0].request.eval_every)
    assert bits(training.runs[0], ["weights"]) != bits(other.runs[0], ["weights"])
    assert [(row["name"], row["value"]) for row in training.runs[0].history] == [("seed", 1.0), ("seed", 2.0)]
    with pytest.raises(ValueError, match="`seeds` is -1"):
        reseed(training, -1)


def test_what_is_renewed_is_as_in_the_beginning_and_nothing_else():
    training = begin([asked("dqn")])
    (run,) = training.runs
    new = bits(begin_state(run), ["optimizer"])
    advance(training, 1)
    before = {part: bits(run, [part]) for part in ("key", *PARTS)}
    renew(training, "optimizer")
    assert bits(run, ["optimizer"]) == new != before["optimizer"]
    for part in ("key", "weights", "memory", "playing"):
        assert bits(run, [part]) == before[part]
    assert [(row["name"], row["parent"], row["label"]) for row in run.history] == [("optimizer", "", "new")]
    with pytest.raises(ValueError, match="unknown part `optimiser` for a run; did you mean `optimizer`"):
        renew(training, "optimiser")


def begin_state(run: Running) -> Running:
    fresh = Running(run.request)
    fresh.begun()
    return fresh


def test_what_cannot_be_taken_over_is_refused():
    training = begin([asked("dqn"), asked("dqn", prioritized_replay=True), asked("ppo")])
    with pytest.raises(ValueError, match=r"cannot take over `memory` of run .*prioritized_replay False and True"):
        inherit(training, [1, 1, 2])
    with pytest.raises(
        ValueError, match=r"cannot take over `weights` of run .*dqn on CartPole-v1, and ppo on CartPole-v1"
    ):
        inherit(training, [2, 1, 2])
    with pytest.raises(ValueError, match="unknown part `weight` for a run; did you mean `weights`"):
        inherit(training, [0, 1, 2], parts=["weight"])
    with pytest.raises(ValueError, match="`parents` has 2 places for 3 runs"):
        inherit(training, [0, 1])
    with pytest.raises(ValueError, match="`parents`"):
        inherit(training, [0, 1, 3])
    assert all(run.history == [] for run in training.runs)


# --- trainings -------------------------------------------------------------------------------------------------------


def test_what_is_taken_and_joined_are_the_same_runs():
    training = begin([asked("dqn", seed) for seed in range(3)])
    some = take(training, [2, 0])
    assert some.runs == (training.runs[2], training.runs[0])
    assert join([take(training, [1]), some]).run_ids == [training.run_ids[i] for i in (1, 2, 0)]
    with pytest.raises(ValueError, match="stands twice"):
        join([training, some])
    with pytest.raises(ValueError, match="stands twice"):
        take(training, [0, 0])
    with pytest.raises(ValueError, match="`rows`"):
        take(training, [3])
    with pytest.raises(ValueError, match="there are no runs"):
        begin([])
    with pytest.raises(ValueError, match="only engine='jax' pauses"):
        begin([RunRequest("dqn", "CartPole-v1", 0, 100, {}, 50, 2, "sb3")])


def test_a_run_that_is_not_at_its_end_is_stopped_and_measured_rows_are_the_new_ones():
    training = begin([asked("dqn", seed) for seed in range(2)])
    assert runs_of(training).table["status"].tolist() == ["stopped", "stopped"]
    first = advance(training, [EVERY, EVERY + 1])
    assert first.table["step"].tolist() == [EVERY, EVERY, 2 * EVERY]
    assert first.statuses.tolist() == ["stopped", "stopped"]
    assert advance(training, 2 * EVERY).table["step"].tolist() == [2 * EVERY]
    assert advance(training, 2 * EVERY).table.empty
    rest = advance(training, 4 * EVERY)
    assert rest.table["step"].tolist() == [3 * EVERY, 4 * EVERY] * 2
    runs = runs_of(training)
    assert runs.table["status"].tolist() == ["finished", "finished"]
    assert runs.evals["step"].tolist() == [EVERY, 2 * EVERY, 3 * EVERY, 4 * EVERY] * 2


# --- on disk ---------------------------------------------------------------------------------------------------------


def test_of_a_memory_only_what_was_written_is_kept(tmp):
    request = RunRequest("dqn", "CartPole-v1", 0, 100_000, CASES["dqn"][1] | {"buffer_size": 10**6}, 100, 2, "jax")
    training = begin([request])
    advance(training, 100)
    path = snapshot(training, f"{tmp}/ring.zip")
    state = training.runs[0].state
    largest = max(leaf.nbytes for leaf in jax.tree.leaves(state.memory))
    with zipfile.ZipFile(path) as archive:
        assert sum(entry.file_size for entry in archive.infolist()) < 0.02 * largest
    assert learned(restore(path).runs[0]) == learned(training.runs[0])


def rewritten(path: str, target: str, change) -> str:
    """Copy a snapshot with its description changed."""
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "runs.json":
                told = json.loads(content)
                change(told)
                content = json.dumps(told).encode()
            new.writestr(name, content)
    return target


def test_damaged_and_foreign_files_are_refused(tmp):
    kept = halfway("dqn", tmp)
    with pytest.raises(FileNotFoundError, match="no snapshot at"):
        restore(f"{tmp}/nothing.zip")
    content = Path(kept).read_bytes()
    for name, damaged in (("short", content[: len(content) // 2]), ("flipped", flip(content)), ("text", b"hello")):
        Path(f"{tmp}/{name}.zip").write_bytes(damaged)
        with pytest.raises(ValueError, match="is not a snapshot that can be read"):
            restore(f"{tmp}/{name}.zip")
    later = rewritten(kept, f"{tmp}/later.zip", lambda told: told.update(version=99))
    with pytest.raises(ValueError, match="it is of version 99, and this reads version 2"):
        restore(later)
    config = json.loads(asked("dqn").to_json())["config"] | {"net_arch": "[4]"}
    other = rewritten(kept, f"{tmp}/other.zip", lambda told: told["runs"][0]["request"].update(config=config))
    with pytest.raises(ValueError, match=r"has float32\[4, 8\] where its program has float32\[4, 4\]"):
        restore(other)
    dueling = json.loads(asked("dqn", prioritized_replay=True).to_json())["config"]
    other = rewritten(kept, f"{tmp}/more.zip", lambda told: told["runs"][0]["request"].update(config=dueling))
    with pytest.raises(ValueError, match="has other arrays than its program"):
        restore(other)
    wrong = rewritten(kept, f"{tmp}/wrong.zip", lambda told: told["runs"][0].update(iterations="many"))
    with pytest.raises(ValueError, match=r"`iterations` of run .* is no int"):
        restore(wrong)


def flip(content: bytes) -> bytes:
    middle = len(content) // 3
    return content[:middle] + bytes([content[middle] ^ 0xFF]) + content[middle + 1 :]


def test_a_snapshot_that_fails_leaves_the_one_before(tmp, monkeypatch):
    from rlhp.trainers.compiled import _snapshots as snapshots

    training = begin([asked("dqn")])
    advance(training, 1)
    path = snapshot(training, f"{tmp}/whole.zip")
    before = path.read_bytes()

    def broken(*arguments):
        raise OSError("no space left")

    monkeypatch.setattr(snapshots, "_leaves", broken)
    with pytest.raises(OSError, match="no space left"):
        snapshot(training, path)
    assert path.read_bytes() == before
    assert not [file.name for file in path.parent.iterdir() if file.name.startswith(".whole")]
