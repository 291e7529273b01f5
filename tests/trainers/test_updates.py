"""A run that took no gradient step learned nothing, and everybody is told so."""

from __future__ import annotations

import re
import warnings

import pytest

import rlhp
from rlhp import datasets
from rlhp.schedules import Linear
from rlhp.trainers import RunRequest
from rlhp.trainers._updates import first_update, never_updated, never_updates
from rlhp.trainers.sb3._training import Options, train_run
from tests.sweeps.asking import how

SMALL = {"net_arch": [8]}
REPLAY = {**SMALL, "buffer_size": 100, "batch_size": 4}
# The configuration, and the environment steps after which it takes its first gradient step.
CASES = [
    ("ppo", {**SMALL, "n_steps": 32, "batch_size": 8, "n_epochs": 1}, 32),
    ("ppo", {**SMALL, "n_steps": 16, "n_envs": 3, "batch_size": 8, "n_epochs": 1}, 48),
    ("a2c", {**SMALL, "n_steps": 7}, 7),
    ("a2c", {**SMALL, "n_steps": 7, "n_envs": 2}, 14),
    ("dqn", {**REPLAY, "learning_starts": 20}, 24),
    ("dqn", {**REPLAY, "learning_starts": 0, "train_freq": 5}, 5),
    ("dqn", {**REPLAY, "learning_starts": 20, "train_freq": 10}, 30),
    ("dqn", {**REPLAY, "learning_starts": 19, "train_freq": 10}, 20),
    ("dqn", {**REPLAY, "learning_starts": 10, "train_freq": 3, "n_envs": 4}, 12),
    ("dqn", {**REPLAY, "learning_starts": 0, "gradient_steps": 0, "n_envs": 4}, None),
    ("sac", {**REPLAY, "learning_starts": 30}, 31),
    ("td3", {**REPLAY, "learning_starts": 30, "train_freq": 4}, 32),
]


def request(algorithm: str, config: dict, steps: int, engine: str = "sb3") -> RunRequest:
    env_id = "Pendulum-v1" if algorithm in ("sac", "td3") else "CartPole-v1"
    return RunRequest(algorithm, env_id, 0, steps, config, 1_000, 2, engine)


@pytest.mark.parametrize(("algorithm", "config", "first"), CASES)
def test_the_first_gradient_step_of_stable_baselines3_comes_when_it_is_said_to(algorithm, config, first):
    asked = request(algorithm, config, 60)
    assert first_update(algorithm, asked.config) == first
    assert bool(never_updates(asked)) == (first is None)
    if first is None:
        assert train_run(asked).table["n_updates"].item() == 0
        return
    assert train_run(request(algorithm, config, first)).table["n_updates"].item() > 0
    assert train_run(request(algorithm, config, first - 1)).table["n_updates"].item() == 0
    assert never_updates(request(algorithm, config, first - 1))
    assert not never_updates(request(algorithm, config, first))


@pytest.mark.parametrize(("algorithm", "config", "first"), [CASES[1], CASES[8], CASES[9], CASES[11]])
def test_and_of_the_compiled_engine(algorithm, config, first):
    steps = first or 12  # of the program that the case before it has
    runs = rlhp.runs.concat(
        [_compiled(request(algorithm, config, n, "jax")) for n in ([steps, steps - 1] if first else [steps])]
    )
    assert (runs.table["n_updates"] > 0).tolist() == ([True, False] if first else [False])


def _compiled(asked: RunRequest):
    from rlhp.trainers.compiled._drive import drive

    ended = []
    drive([asked], on_end=ended.append)
    return ended[0].runs()


def test_gradient_steps_are_counted_one_by_one():
    ppo = {**SMALL, "n_envs": 2, "n_steps": 16, "batch_size": 10, "n_epochs": 3}
    assert train_run(request("ppo", ppo, 96)).table["n_updates"].item() == 3 * 3 * 4
    assert train_run(request("ppo", {**ppo, "target_kl": 1e-9}, 96)).table["n_updates"].item() < 3 * 3 * 4
    assert train_run(request("a2c", {**SMALL, "n_steps": 5}, 60)).table["n_updates"].item() == 12
    dqn = {**REPLAY, "learning_starts": 20, "train_freq": 4, "gradient_steps": 3}
    assert train_run(request("dqn", dqn, 60)).table["n_updates"].item() == 10 * 3
    for algorithm in ("sac", "td3"):
        asked = request(algorithm, {**REPLAY, "learning_starts": 20, "train_freq": 4, "gradient_steps": -1}, 40)
        assert train_run(asked).table["n_updates"].item() == 5 * 4


def test_a_resumed_run_goes_on_counting(tmp_path):
    asked = request("dqn", {**REPLAY, "learning_starts": 20}, 200)
    whole = train_run(asked).table["n_updates"].item()
    events = []
    stopped = train_run(
        asked,
        Options(checkpoints=tmp_path, checkpoint_every=40),
        on_event=events.append,
        should_stop=lambda: len(events) > 0,
    )
    assert 0 < stopped.table["n_updates"].item() < whole
    with pytest.warns(UserWarning, match="unpickles"):
        assert train_run(asked, Options(resume=tmp_path)).table["n_updates"].item() == whole


def once(message: str, call):
    """Call, and give what comes back; it warns with the message, once, and of nothing else."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        runs = call()
    said = [str(one.message) for one in caught if issubclass(one.category, RuntimeWarning)]
    assert len(said) == 1, said
    assert re.search(message, said[0]), said[0]
    assert [one.filename for one in caught if str(one.message) == said[0]] == [__file__]
    return runs


ASKED = {"evaluation": rlhp.Evaluation(1_000, episodes=1), "execution": rlhp.Execution(progress=False)}


def test_a_call_says_once_that_nothing_will_be_learned_why_and_what_to_change():
    runs = once(
        r"1 of 1 runs never update: with `n_steps` = 2,048 the first gradient step of ppo comes at environment step "
        r"2,048, and `steps` is 40; give at least 2,048 steps, or a smaller `n_steps`\. What they return is the policy",
        lambda: rlhp.train("ppo", "CartPole-v1", SMALL, steps=40, engine="sb3", **ASKED),
    )
    assert runs.table[["status", "n_updates"]].values.tolist() == [["finished", 0]]
    assert len(runs.select(n_updates=0)) == 1


def test_a_sweep_says_how_many_and_its_table_which(tmp_path):
    configs = [{**REPLAY, "learning_starts": start} for start in (10, 50, 60)]
    runs = once(
        "4 of 6 runs never update: with `learning_starts` = 50 and `train_freq` = 4 .* comes at environment step 52, "
        ".* or a smaller `learning_starts` or `train_freq`",
        lambda: rlhp.sweep(
            "dqn",
            "CartPole-v1",
            configs,
            seeds=2,
            steps=48,
            engine="sb3",
            out=tmp_path,
            **ASKED | how(workers=1),
        ),
    )
    assert runs.select(n_updates=0).column("learning_starts").tolist() == [50, 50, 60, 60]
    assert len(rlhp.Runs.load(tmp_path).select(n_updates=0)) == 4


def test_what_is_known_only_afterwards_is_said_then():
    config = {**REPLAY, "learning_starts": 0, "gradient_steps": Linear(0, 0.2)}
    runs = once(
        "1 of 1 runs never updated: they took no gradient step",
        lambda: rlhp.train("dqn", "CartPole-v1", config, steps=40, engine="sb3", **ASKED),
    )
    assert runs.table["n_updates"].item() == 0


def test_runs_that_learn_are_not_warned_of():
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        runs = rlhp.train("a2c", "CartPole-v1", SMALL, steps=40, engine="sb3", **ASKED)
    assert runs.table["n_updates"].item() == 8


def test_measured_tables_that_did_not_count_are_asked_all_the_same():
    landscape = datasets.load("ppo_cartpole")
    assert landscape.table["n_updates"].isna().all()
    idle = landscape.select(never_updated(landscape))
    rollout = idle.column("n_steps") * idle.column("n_envs")
    assert (rollout > 50_000).all()
    others = landscape.select([name for name in landscape.table.index if name not in set(idle.table.index)])
    assert (others.column("n_steps") * others.column("n_envs") <= 50_000).all()
    assert idle.config_id.nunique() == 13
    # What a run of this engine never learned from has no loss, and what it learned from has one.
    assert idle.evals["loss"].isna().all()
    finished = others.select(status="finished").evals
    assert finished["loss"].notna().groupby(finished["run_id"]).any().all()


def test_counts_go_before_what_hyperparameters_say():
    runs = rlhp.Runs.from_table([{"n_steps": 8}, {"n_steps": 64}], [1.0, 2.0], algorithm="ppo", steps=20)
    assert never_updated(runs) == [runs.table.index[1]]
    counted = rlhp.Runs(runs.table.assign(n_updates=[0, 5]), runs.evals, runs.history)
    assert never_updated(counted) == [runs.table.index[0]]
    foreign = rlhp.Runs.from_table([{"n_steps": 64}], [2.0], algorithm="mine", steps=20)
    assert never_updated(foreign) == []
    moving = rlhp.Runs.from_table([{"gradient_steps": Linear(1, 4)}], [2.0], algorithm="dqn", steps=2_000)
    assert never_updated(moving) == []
