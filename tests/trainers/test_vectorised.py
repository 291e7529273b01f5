"""Many runs as one program: each is what it would be alone, whatever stands beside it and however it is cut."""

from __future__ import annotations

import subprocess
import sys
import time
import warnings

import gymnasium
import jax
import numpy as np
import pandas as pd
import pytest

import rlhp
from rlhp.runs import Runs
from rlhp.schedules import Cosine, Exponential, Linear, Piecewise, Step
from rlhp.sweep.session import Sweep
from rlhp.trainers.batches import plan
from rlhp.trainers.programs import program
from rlhp.trainers.request import RunRequest
from rlhp.trainers.vectorised import train_batch

SMALL = {
    "net_arch": [8],
    "batch_size": 8,
    "learning_starts": 40,
    "learning_rate": 1e-2,
    "target_update_interval": 30,
}


def requests(configs, *, seeds=1, steps=240, algorithm="dqn", env_id="CartPole-v1", base=SMALL) -> list[RunRequest]:
    return [
        RunRequest(algorithm, env_id, seed, steps, {**base, **config}, steps // 3, 2, "jax")
        for config in configs
        for seed in range(seeds)
    ]


def train(asked: list[RunRequest], **options) -> Runs:
    return rlhp.runs.concat([train_batch(batch) for batch in plan(asked, **options)])


def curves(runs: Runs) -> pd.DataFrame:
    return runs.evals.sort_values(["run_id", "step"], ignore_index=True)


def test_a_run_among_many_is_the_run_alone():
    asked = requests([{"gamma": 0.9}, {"gamma": Linear(0.5, 0.99)}], seeds=3)
    together, alone = train(asked), train([asked[4]])
    mine = curves(together.select([asked[4].run_id]))
    pd.testing.assert_frame_equal(mine, curves(alone), rtol=1e-4)


def test_chunks_change_nothing():
    asked = requests([{"gamma": 0.9}, {"gamma": 0.99}], seeds=4)
    whole, cut = train(asked, most=8), train(asked, most=1)
    assert len(plan(asked, most=1)) > len(plan(asked, most=8)) == 1
    pd.testing.assert_frame_equal(curves(whole), curves(cut), rtol=1e-4)


def test_the_same_seed_gives_the_same_run_and_another_does_not():
    one, again, other = (train(requests([{}], seeds=2)[i : i + 1]) for i in (0, 0, 1))
    pd.testing.assert_frame_equal(one.evals, again.evals)
    assert one.evals["return_mean"].tolist() != other.evals["return_mean"].tolist()


@pytest.mark.parametrize("algorithm", ["dqn", "ppo"])
def test_how_long_the_devices_work_at_a_time_changes_no_bit_of_a_table(algorithm, monkeypatch):
    from rlhp.trainers import vectorised

    base = {"dqn": SMALL, "ppo": {"n_envs": 2, "n_steps": 4, "batch_size": 8, "net_arch": [8]}}[algorithm]
    asked = requests([{}], seeds=4, steps=960, algorithm=algorithm, base=base)
    tables = []
    for iterations in (1, 3, 10_000):
        monkeypatch.setattr(vectorised._Session, "_next_count", lambda self, left, most=iterations: min(left, most))
        tables.append(train(asked))
    for other in tables[1:]:
        pd.testing.assert_frame_equal(other.evals, tables[0].evals, check_exact=True)
        assert other.table["n_updates"].tolist() == tables[0].table["n_updates"].tolist()


def test_gradient_steps_are_counted():
    # Transitions 8 to 240, every fourth: learning begins after the 40th.
    assert train(requests([{"train_freq": 4}])).table["n_updates"].item() == (240 - 40) / 4
    assert train(requests([{"train_freq": 8, "gradient_steps": 3}])).table["n_updates"].item() == 25 * 3
    assert train(requests([{"learning_starts": 240}])).table["n_updates"].item() == 0
    ppo = {"n_envs": 2, "n_steps": 16, "batch_size": 10, "n_epochs": 3, "net_arch": [8]}
    kind = {"algorithm": "ppo", "base": ppo, "steps": 96}
    assert train(requests([{}], **kind)).table["n_updates"].item() == 3 * 3 * 4
    assert train(requests([{"target_kl": 1e-9}], **kind)).table["n_updates"].item() < 3 * 3 * 4
    assert train(requests([{"n_steps": 64}], **kind)).table["n_updates"].item() == 0


def test_whatever_is_traced_or_uniform_shares_one_compiled_program():
    base = requests([{}], seeds=2)
    changes = [
        {"learning_rate": Cosine(1e-2, 1e-4)},
        {"exploration": Exponential(1, 0.01, fraction=0.5)},
        {"exploration": Piecewise(((0, 1), (0.3, 0.2), (1, 0)))},
        {"gamma": Step(0.9, 0.99)},
        {"tau": 0.1, "target_update_interval": 1},
        {"max_grad_norm": 1.0, "learning_starts": 100, "buffer_size": 60},
        {"train_freq": 8, "gradient_steps": 3},
        {"gradient_steps": -1},
    ]
    train(base)
    recipe = plan(base)[0].recipe
    compiled = program(recipe)
    before = compiled.segment._cache_size()
    learned = [train(base)]
    for change in changes:
        asked = requests([change], seeds=2)
        assert plan(asked)[0].recipe == recipe, change
        learned.append(train(asked))
    assert compiled.segment._cache_size() == before
    # Each of them does change what is learned.
    losses = [tuple(runs.evals["loss"]) for runs in learned]
    assert len(set(losses)) == len(losses)


def test_an_evaluation_knows_how_far_training_is():
    """The entropy of an exploring policy follows its schedule: it takes the greedy one of two actions, or either."""
    evals = train(requests([{"exploration": Linear(1.0, 0.0, fraction=1.0), "train_freq": 4}])).evals
    epsilon = 1 - evals["step"] / 240
    chances = np.stack([1 - epsilon / 2, epsilon / 2])
    expected = -(chances * np.log(np.where(chances > 0, chances, 1))).sum(0)
    assert evals["step"].tolist() == [80, 160, 240]
    np.testing.assert_allclose(evals["entropy"], expected, atol=1e-5)


ON_POLICY = {"n_envs": 2, "n_steps": 16, "net_arch": [8]}


def lowered_evaluation(algorithm: str, env_id: str, config: dict) -> str:
    """Give what the compiler is handed for the evaluations of two runs."""
    (batch,) = plan(requests([config], seeds=2, algorithm=algorithm, env_id=env_id, base={"net_arch": [8]}))
    compiled = program(batch.recipe)
    words = np.zeros((2, 2), np.uint32)
    (words, traced), uniform = compiled.place((words, batch.traced), batch.uniform)
    state = jax.eval_shape(compiled.init, words, traced, uniform)
    return compiled.evaluate.lower(state, traced, *compiled.place((), (0.5, 3))[1]).as_text()


@pytest.mark.parametrize(
    ("algorithm", "env_id", "one", "other"),
    [
        ("ppo", "CartPole-v1", {"n_steps": 16, "batch_size": 8}, {"n_steps": 32, "batch_size": 64, "n_envs": 4}),
        ("a2c", "Pendulum-v1", {"n_steps": 5}, {"n_steps": 8, "n_envs": 2}),
        ("dqn", "CartPole-v1", {"batch_size": 8}, {"batch_size": 32, "buffer_size": 70, "n_steps": 3}),
        ("sac", "Pendulum-v1", {"batch_size": 8}, {"batch_size": 32, "buffer_size": 70, "train_freq": 2}),
    ],
)
def test_what_decides_how_an_agent_collects_compiles_no_other_evaluation(algorithm, env_id, one, other):
    """So that the cache on disk gives a sweep over such a thing one evaluation for all of its programs."""
    first = lowered_evaluation(algorithm, env_id, one)
    assert first == lowered_evaluation(algorithm, env_id, other)
    assert first != lowered_evaluation(algorithm, env_id, {**one, "net_arch": [4]})


@pytest.mark.parametrize(
    ("algorithm", "env_id", "learning_rate", "base"),
    [
        ("sac", "Pendulum-v1", 1e3, {"net_arch": [8], "batch_size": 8, "learning_starts": 40}),
        # Adam's steps are as long as the rate says, and these losses are linear or clipped: 1e3 overflows nothing.
        ("dqn", "CartPole-v1", 1e20, SMALL),
        ("ppo", "CartPole-v1", 1e20, {**ON_POLICY, "batch_size": 16, "n_epochs": 4}),
    ],
)
def test_a_run_that_diverges_leaves_the_others_as_they_are(algorithm, env_id, learning_rate, base):
    healthy = [{"gamma": 0.9 + 0.003 * i} for i in range(31)]
    kind = {"algorithm": algorithm, "env_id": env_id, "base": base, "steps": 960}
    asked = requests([*healthy[:7], {"learning_rate": learning_rate}, *healthy[7:]], **kind)
    without = requests(healthy, **kind)
    with_it, without_it = train(asked), train(without)
    status = with_it.table["status"]
    assert status[asked[7].run_id] == "diverged"
    assert "no longer finite at step" in with_it.table["error"][asked[7].run_id]
    assert (status.drop(asked[7].run_id) == "finished").all()
    others = [request.run_id for request in without]
    pd.testing.assert_frame_equal(curves(with_it.select(others)), curves(without_it))


def test_evaluations_stand_where_they_were_asked_for():
    runs = train(requests([{"train_freq": 7}]))
    assert runs.evals["step"].tolist() == [80, 160, 240]
    assert (runs.evals["n_episodes"] == 2).all()
    assert np.isfinite(runs.evals[["return_mean", "length_mean", "entropy", "value_error", "loss"]]).all(axis=None)


def test_before_learning_starts_there_is_no_loss():
    runs = train(requests([{"learning_starts": 100}]))
    assert runs.evals["loss"].isna().tolist() == [True, False, False]


def test_a_sweep_says_its_engine_keeps_policies_and_resumes(tmp_path):
    asked = {"steps": 240, "eval_every": 80, "eval_episodes": 2, "progress": False, "engine": "jax"}
    first = rlhp.sweep("dqn", "CartPole-v1", SMALL, seeds=2, out=tmp_path, keep_policies=True, **asked)
    assert first.table["engine"].tolist() == ["jax", "jax"]
    again = rlhp.sweep("dqn", "CartPole-v1", SMALL, seeds=3, out=tmp_path, keep_policies=True, **asked)
    assert again.table["wall_time_s"].tolist()[:2] == first.table["wall_time_s"].tolist()
    assert again.table["seed"].tolist() == [0, 1, 2]
    for runs in (again, Runs.load(tmp_path)):
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # nothing is unpickled, so there is nothing to warn of
            policy = runs.policy(again.table.index[2])
        env = gymnasium.make("CartPole-v1")
        observation, _ = env.reset(seed=0)
        assert env.action_space.contains(policy.act(observation))
    episode = policy.record(seed=3, max_steps=30)
    assert episode.frames.shape[0] == episode.length + 1
    assert episode.return_ == episode.length


def test_a_policy_plays_in_gymnasium_what_it_was_evaluated_at(tmp_path):
    config = {"net_arch": [16], "learning_rate": 5e-3, "batch_size": 32, "learning_starts": 200, "gamma": 0.95}
    runs = rlhp.sweep(
        "dqn",
        "CartPole-v1",
        {**config, "target_update_interval": 100},
        steps=4_000,
        seeds=2,
        out=tmp_path,
        keep_policies=True,
        engine="jax",
        eval_every=4_000,
        eval_episodes=100,
        progress=False,
    )
    env = gymnasium.make("CartPole-v1")
    for name in runs.table.index:
        policy, returns = runs.policy(name), []
        for seed in range(60):
            observation, _ = env.reset(seed=seed)
            total, done = 0.0, False
            while not done:
                observation, reward, terminated, truncated, _ = env.step(policy.act(observation))
                total, done = total + reward, terminated or truncated
            returns.append(total)
        row = runs.evals[runs.evals["run_id"] == name].iloc[0]
        error = np.hypot(np.std(returns) / np.sqrt(60), row["return_std"] / np.sqrt(100))
        assert abs(np.mean(returns) - row["return_mean"]) < 4 * max(error, 0.5)


def test_policies_that_were_not_kept_are_missed_clearly():
    runs = train(requests([{}]))
    with pytest.raises(ValueError, match="was not kept; train with `keep_policies=True`"):
        runs.policy(runs.table.index[0])
    with pytest.raises(ValueError, match="unknown run `nobody`"):
        runs.policy("nobody")


def test_stopping_leaves_what_was_evaluated_as_stopped():
    seen = []
    session = Sweep("dqn", "CartPole-v1", SMALL, steps=10**7, seeds=2, engine="jax", eval_every=500, eval_episodes=1)
    session.listen(lambda event: seen.append(event["event"]) or (event["event"] == "eval" and session._stop.set()))
    session.start()
    assert session.wait(120)
    snapshot = session.snapshot()
    assert set(snapshot.table["status"]) == {"stopped"}
    assert session.finished() is None
    assert seen[0] == "compiling"
    assert seen[-1] == "done"
    session.close()


def test_a_program_that_raises_is_a_failed_run(monkeypatch):
    from rlhp.trainers import vectorised

    def broken(recipe):
        raise RuntimeError("no room")

    monkeypatch.setattr(vectorised, "program", broken)
    runs = train(requests([{}], seeds=2))
    assert runs.table["status"].tolist() == ["failed", "failed"]
    assert runs.table["error"].tolist() == ["RuntimeError: no room"] * 2


SCRIPT = """
import sys, rlhp
configs = [{**%r, "batch_size": size} for size in (8, 12, 16, 20)]
rlhp.sweep("dqn", "CartPole-v1", configs, steps=400, seeds=3, eval_every=100, eval_episodes=1, engine="jax",
           progress=False, out=sys.argv[1])
"""


def test_killed_between_two_batches_it_goes_on_to_the_same_end(tmp_path):
    command = [sys.executable, "-c", SCRIPT % SMALL]
    subprocess.run([*command, str(tmp_path / "whole")], check=True)
    whole = Runs.load(tmp_path / "whole")
    process = subprocess.Popen([*command, str(tmp_path / "cut")])
    while not list((tmp_path / "cut").glob("chunks/[!.]*")) and process.poll() is None:
        time.sleep(0.01)
    process.kill()
    process.wait()
    subprocess.run([*command, str(tmp_path / "cut")], check=True)
    cut = Runs.load(tmp_path / "cut")
    pd.testing.assert_frame_equal(curves(whole), curves(cut), check_exact=True)
    assert len(cut) == 12
