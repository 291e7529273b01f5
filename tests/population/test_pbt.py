"""Populations that train: what a member is, who comes from whom, what is copied, and what is kept on disk."""

from __future__ import annotations

import dataclasses
import itertools
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import jax
import numpy as np
import pandas as pd
import pytest
from ConfigSpace import Categorical, ConfigurationSpace, Constant, EqualsCondition, Float
from ConfigSpace.hyperparameters import UniformFloatHyperparameter

import rlhp
from rlhp import spaces
from rlhp.population import (
    Exchange,
    Fitness,
    Independent,
    Past,
    Perturb,
    Resample,
    Tournament,
    Truncation,
    Unchanged,
    Welch,
    ancestry,
    evolve,
    life,
    meet,
    replay,
    schedule,
    winners,
)
from rlhp.population import _pbt as pbt
from rlhp.population._members import requests_of_population
from rlhp.runs import Runs, concat
from rlhp.sweeps import Evaluation
from rlhp.trainers import RunRequest
from rlhp.trainers.segments import PARTS, assignable
from tests.population.small_populations import SMALL, evolved, small, standard

ROOT = Path(__file__).resolve().parents[2]
FAST = {"wall_time_s", "cpu_time_s"}


def same(one: Runs, other: Runs) -> None:
    """Hold two tables to each other to the last bit; only how long it took may differ."""
    for name in ("table", "evals", "history"):
        frames = [getattr(runs, name).drop(columns=FAST, errors="ignore").sort_index(axis=1) for runs in (one, other)]
        pd.testing.assert_frame_equal(*frames, check_exact=True)


def of(runs: Runs, run_id: str) -> pd.DataFrame:
    return runs.evals[runs.evals["run_id"] == run_id].drop(columns="run_id").reset_index(drop=True)


def learned(run) -> list[bytes]:
    return [np.asarray(leaf).tobytes() for leaf in jax.tree.leaves(run.state.weights)]


# --- what a member is ------------------------------------------------------------------------------------------------


def test_one_member_without_operators_is_the_plain_run_but_not_its_row():
    space = ConfigurationSpace(space=[*small("a2c").values()])
    runs = evolved(size=1, seeds=[5], exploit=Independent(), explore=Unchanged())
    (config,) = spaces.sample(space, 1, rng=np.random.default_rng([5, 0])).to_dict("records")
    plain = rlhp.train("a2c", "CartPole-v1", config, steps=240, seed=5, engine="jax", evaluation=Evaluation(60, 2))
    pd.testing.assert_frame_equal(of(runs, runs.table.index[0]), of(plain, plain.table.index[0]), check_exact=True)
    assert set(runs.table.index).isdisjoint(plain.table.index)
    assert set(runs.config_id).isdisjoint(plain.config_id)
    assert len(concat([runs, plain])) == 2
    assert concat([runs, plain]).table["population"].tolist() == [runs.table["population"].iloc[0], ""]


def test_members_do_not_depend_on_the_other_populations_and_operators_begin_with_the_same_draws():
    both = standard()
    assert both.table["seed"].tolist() == list(range(8))
    assert both.table.groupby("population", sort=False)["member"].apply(list).tolist() == [[0, 1, 2, 3]] * 2
    same(evolved(seeds=[1]), both.select(both.table.index[4:]))
    search = evolved(seeds=[1], exploit=Independent())
    hps = [name for name in both.table if name.startswith("hp.")]
    pd.testing.assert_frame_equal(
        search.table[hps].reset_index(drop=True), both.table.iloc[4:][hps].reset_index(drop=True)
    )
    assert set(search.table.index).isdisjoint(both.table.index)
    assert search.history.empty


@pytest.mark.parametrize(
    "change",
    [
        {"exploit": Truncation(0.5)},
        {"exploit": Welch()},
        {"explore": Perturb((0.5, 2.0))},
        {"explore": Resample()},
        {"copied": "weights"},
        {"every": 120, "groups": 2},
    ],
    ids=str,
)
def test_whatever_decides_how_members_meet_is_a_part_of_their_names(change):
    base = Exchange(every=60, exploit=Truncation(0.25))
    options = {"size": 2, "steps": 240, "seed": 0}
    one, other = (
        requests_of_population("a2c", "CartPole-v1", small("a2c"), how, Evaluation(60, 2), **options)
        for how in (base, dataclasses.replace(base, **change))
    )
    assert {request.run_id for request in one}.isdisjoint(request.run_id for request in other)
    assert [request.config for request in one] == [request.config for request in other]


# --- who comes from whom ---------------------------------------------------------------------------------------------


def test_the_history_says_who_took_over_what_and_which_values_changed():
    runs = standard()
    copies = runs.history[runs.history["parent"] != ""]
    populations = runs.table["population"]
    assert (populations[copies["run_id"]].to_numpy() == populations[copies["parent"]].to_numpy()).all()
    for (_, step), rows in copies.groupby(["run_id", "step"]):
        assert rows["name"].tolist() == list(PARTS)
        assert rows["parent"].nunique() == 1
        assert step in (60, 120, 180)
    assert len(copies) == len(PARTS) * 2 * 3  # one of four, in two populations, at three meetings, but for ties
    values = runs.history[runs.history["parent"] == ""]
    assert set(values["name"]) == {"learning_rate", "gamma"}
    for run, step, name, value in values[["run_id", "step", "name", "value"]].itertuples(index=False):
        parent = copies[(copies["run_id"] == run) & (copies["step"] == step)]["parent"].iloc[0]
        theirs = runs.table.at[parent, f"hp.{name}"]
        earlier = values[(values["run_id"] == parent) & (values["step"] < step) & (values["name"] == name)]["value"]
        theirs = earlier.iloc[-1] if len(earlier) else theirs
        hp = small("a2c")[name]
        moved = [1 - (1 - theirs) * factor if name == "gamma" else theirs * factor for factor in (0.8, 1.2)]
        assert any(value == pytest.approx(min(max(one, hp.lower), hp.upper), rel=1e-9) for one in moved)


def test_the_worst_goes_on_from_the_best_by_the_evaluation_of_that_step():
    runs = standard()
    weights = runs.history[runs.history["name"] == "weights"]
    for child, step, parent in weights[["run_id", "step", "parent"]].itertuples(index=False):
        members = runs.table.index[runs.table["population"] == runs.table.at[child, "population"]]
        scores = runs.evals[runs.evals["step"] == step].set_index("run_id")["return_mean"][members]
        assert scores[child] == scores.min()
        assert scores[parent] == scores.max()


def test_the_same_again_is_the_same_to_the_last_bit():
    same(evolved(seeds=2), standard())


@pytest.mark.parametrize("algorithm", sorted(SMALL))
def test_children_of_one_parent_differ_in_stream_in_values_and_in_what_they_learn_next(algorithm, monkeypatch):
    """Twins train twice for nothing."""
    kept = []
    meet = pbt._meet

    def watched(population, *rest):
        meet(population, *rest)
        kept.append(population.training)

    monkeypatch.setattr(pbt, "_meet", watched)
    runs = evolved(algorithm, size=3, ticks=2, exploit=Everybody(), explore=Resample(1.0))
    training = kept[0]
    first, *children = training.runs
    assert set(runs.history["parent"]) == {first.request.run_id, ""}
    streams = {np.asarray(jax.random.key_data(run.state.key)).tobytes() for run in training.runs}
    assert len(streams) == 3
    configs = [run.assigned for run in children]
    for name in ("learning_rate", "gamma"):
        assert configs[0][name] != configs[1][name]
    assert len({tuple(learned(run)) for run in training.runs}) == 3  # after the next segment


@dataclasses.dataclass(frozen=True)
class Everybody:
    """All go on from the first, whatever they are worth."""

    def parents(self, fitness, ready, rng):
        return np.zeros(len(fitness))


@pytest.mark.parametrize(
    ("copied", "taken"),
    [
        ("all", set(PARTS)),
        ("hyperparameters", set()),
        ("weights", set(PARTS)),
        ("fresh optimizer", set(PARTS) - {"optimizer"}),
        ("own memory", set(PARTS) - {"memory"}),
    ],
)
def test_what_is_copied(copied, taken):
    runs = evolved(size=3, ticks=2, exploit=Everybody(), explore=Unchanged(), copied=copied)
    first, *others = runs.table.index
    rows = runs.history
    assert set(rows.loc[rows["parent"] != "", "name"]) == taken
    new = rows[rows["label"] == "new"]
    assert new["name"].tolist() == (["optimizer"] * 2 if copied == "fresh optimizer" else [])
    values = rows[rows["name"].isin(["learning_rate", "gamma"])]
    if copied == "weights":
        assert values.empty
    else:
        for run, of_run in values.groupby("run_id"):
            assert run in others
            for name, value in of_run[["name", "value"]].itertuples(index=False):
                assert value == runs.table.at[first, f"hp.{name}"]


def test_members_that_are_staggered_meet_at_their_own_steps():
    runs = evolved(size=4, ticks=8, every=120, groups=2, exploit=Tournament())
    steps = {}
    for run, step in runs.history[["run_id", "step"]].itertuples(index=False):
        steps.setdefault(int(runs.table.at[run, "member"]) % 2, set()).add(step)
    assert steps[0] <= {120, 240, 360}
    assert steps[1] <= {180, 300, 420}
    assert steps[0]
    assert steps[1]
    assert runs.evals["step"].drop_duplicates().tolist() == [60 * i for i in range(1, 9)]


SEEN = []


@dataclasses.dataclass(frozen=True)
class Watching:
    """Perturbs, and keeps what it was shown."""

    def propose(self, space, meeting, rng):
        SEEN.append(meeting)
        return Perturb().propose(space, meeting, rng)


@pytest.mark.parametrize("groups", [1, 2])
def test_what_an_explorer_is_shown_is_what_the_table_says_in_the_end(groups):
    SEEN.clear()
    every = 60 * groups
    runs = evolved(size=4, ticks=4 * groups, every=every, groups=groups, exploit=Tournament(), explore=Watching())
    assert [meeting.step for meeting in SEEN] == [60 * number for number in range(1, 4 * groups)]
    scores = runs.evals.set_index(["run_id", "step"])["return_mean"]
    names = runs.table.index.tolist()
    for meeting in SEEN:
        assert meeting.total_steps == runs.table["steps"].iloc[0]
        now = runs.evals[runs.evals["step"] == meeting.step].set_index("run_id").loc[names]
        assert meeting.fitness.mean.tolist() == now["return_mean"].tolist()
        assert meeting.fitness.std.tolist() == now["return_std"].tolist()
        assert meeting.fitness.episodes.tolist() == [2.0] * 4
        past = meeting.past
        assert (past.end <= meeting.step).all()
        for at in range(len(past)):
            run, start, end = names[past.member[at]], past.start[at], past.end[at]
            assert past.after[at] == scores[run, end]
            rows = runs.history[(runs.history["run_id"] == run) & (runs.history["step"] <= start)]
            copied = rows[(rows["step"] == start) & (rows["name"] == "weights")]["parent"]
            expected = scores.get((copied.iloc[0] if len(copied) else run, start), np.nan)
            np.testing.assert_equal(past.before[at], expected)
            for name in ("learning_rate", "gamma"):
                changed = rows[rows["name"] == name]["value"]
                value = changed.iloc[-1] if len(changed) else runs.table.at[run, f"hp.{name}"]
                assert past.configs[name].iloc[at] == value
    last = SEEN[-1].past
    if groups == 1:
        assert len(last) == 4 * 3
        assert last.member.tolist() == [0, 1, 2, 3] * 3
    else:
        assert set(last.start[last.member % 2 == 0]) == {0, 120, 240}
        assert set(last.start[last.member % 2 == 1]) == {0, 180, 300}


# --- divergence ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("exploit", "every"), [(Truncation(0.25), 60), (Welch(), 60), (Tournament(), 30)], ids=str)
@pytest.mark.parametrize("copied", ["all", "hyperparameters"])
def test_a_member_that_diverged_is_nobodys_parent_and_is_always_replaced(exploit, every, copied, monkeypatch):
    """Two of four have a learning rate that nothing survives; they are evaluated more often than they meet."""
    rates = iter([1e-3, 1e20, 1e-3, 1e20])
    monkeypatch.setattr(
        "rlhp.population._members.sample",
        lambda space, n, **options: pd.DataFrame(
            [{"learning_rate": next(rates), "gamma": 0.9, **dict(held)} for _ in range(n)]
        ),
    )
    held = [(name, value) for name, value in SMALL["a2c"][1].items()]
    space = small("a2c")
    how = Exchange(every=60, exploit=exploit, copied=copied)
    runs = evolve(
        "a2c", "CartPole-v1", space, size=4, steps=240, exchange=how, evaluation=Evaluation(every, episodes=2)
    )
    assert runs.table["status"].tolist() == ["finished"] * 4
    good, bad = runs.table.index[[0, 2]], runs.table.index[[1, 3]]
    first = runs.history[(runs.history["step"] == 60) & (runs.history["name"] == "weights")]
    assert set(first["run_id"]) >= set(bad)
    assert set(first["parent"]) <= set(good)
    replaced = runs.history[runs.history["run_id"].isin(bad) & (runs.history["step"] == 60)]
    assert set(PARTS) <= set(replaced["name"])  # of what diverged nothing is kept
    for run in bad:
        assert of(runs, run)["step"].min() == 60 + every  # what it was before is no evaluation
        assert len(ancestry(runs, run)) > 1
        assert life(runs, run)["step"].tolist() == list(range(every, 241, every))
        if copied == "all":
            again = replay(runs, run)
            columns = ["step", "return_mean", "loss", "entropy"]
            pd.testing.assert_frame_equal(again.evals[columns], life(runs, run)[columns], check_exact=True)


def test_alone_who_diverged_stays_so(monkeypatch):
    space = ConfigurationSpace(space=[Float("learning_rate", (1e19, 1e20)), *held_of("a2c")])
    runs = evolved(size=2, space=space)
    assert runs.table["status"].tolist() == ["diverged", "diverged"]
    assert runs.history.empty


def held_of(algorithm: str) -> list[Constant]:
    return [Constant(name, value) for name, value in SMALL[algorithm][1].items()]


# --- what a tuned value does -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("algorithm", sorted(SMALL))
def test_each_default_hyperparameter_that_may_move_can_be_in_a_space(algorithm):
    """That each one alone changes what is learned next, the tests of segments hold over every agent."""
    env_id, held, every = SMALL[algorithm]
    request = begin_one(algorithm)
    allowed = assignable(request)
    moving = [name for name in spaces.traced(algorithm) if name in allowed and name not in held]
    assert len(moving) > 3
    space = small(algorithm, *moving)
    how = Exchange(every=every, exploit=Everybody(), explore=Resample(1.0))
    runs = evolve(algorithm, env_id, space, size=2, steps=2 * every, exchange=how, evaluation=Evaluation(episodes=2))
    child = runs.table.index[1]
    rows = runs.history[runs.history["run_id"] == child]
    changed = set(rows.loc[rows["parent"] == "", "name"])
    assert changed >= {name for name in moving if isinstance(space[name], UniformFloatHyperparameter)}
    at = schedule(runs, child).loc[every]
    for name in changed:
        spaces.encode(space[name], [at[name]])  # raises outside


def begin_one(algorithm: str):
    env_id, held, every = SMALL[algorithm]
    return RunRequest(algorithm, env_id, 0, 4 * every, held, every, 2, "jax")


def test_what_is_held_may_be_a_number_that_stands_for_a_switch():
    space = ConfigurationSpace(space=[*small("a2c").values(), Constant("use_rms_prop", 1)])
    SEEN.clear()
    runs = evolved(size=2, ticks=2, space=space, exploit=Everybody(), explore=Watching())
    assert runs.table["hp.use_rms_prop"].tolist() == [True, True]
    assert SEEN[-1].past.configs["use_rms_prop"].tolist() == [1, 1]


# --- lineage ---------------------------------------------------------------------------------------------------------


def test_a_life_by_hand():
    table = pd.DataFrame(
        {
            "run_id": list("abc"),
            "algorithm": "a2c",
            "env_id": "CartPole-v1",
            "engine": "jax",
            "seed": [0, 1, 2],
            "steps": 40,
            "status": "finished",
            "wall_time_s": 0.0,
            "cpu_time_s": 0.0,
            "error": "",
            "population": "p",
            "member": [0, 1, 2],
            "hp.gamma": [0.1, 0.2, 0.3],
        }
    )
    evals = pd.DataFrame(
        [
            {"run_id": run, "step": step, "return_mean": 100 * at + step, "return_std": 0, "n_episodes": 2}
            for (at, run), step in itertools.product(enumerate("abc"), (10, 20, 30, 40))
        ]
    ).assign(length_mean=1.0)
    # At 10 c takes over from a and moves; at 30 b takes over from c, while c takes over from a.
    told = [("c", 10, "weights", np.nan, "a"), ("c", 10, "gamma", 0.4, ""), ("b", 30, "weights", np.nan, "c")]
    told += [("b", 30, "gamma", 0.5, ""), ("c", 30, "weights", np.nan, "a"), ("c", 30, "gamma", 0.9, "")]
    history = pd.DataFrame(told, columns=["run_id", "step", "name", "value", "parent"])
    runs = Runs(table, evals, history)
    found = ancestry(runs, "b")
    assert found[["run_id", "start", "end"]].values.tolist() == [["a", 0, 10], ["c", 10, 30], ["b", 30, 40]]
    assert found["seed"].tolist() == [0, 2, 1]
    assert life(runs, "b")["return_mean"].tolist() == [10, 220, 230, 140]
    assert schedule(runs, "b")["gamma"].to_dict() == {0: 0.1, 10: 0.4, 30: 0.5}
    assert schedule(runs, "c")["gamma"].to_dict() == {0: 0.1, 30: 0.9}
    assert schedule(runs, "a")["gamma"].to_dict() == {0: 0.1}
    assert winners(runs).to_dict() == {"p": "c"}
    with pytest.raises(ValueError, match="run `b` comes from `c`, which is not in the table"):
        ancestry(runs.select(["a", "b"]), "b")
    with pytest.raises(ValueError, match="`run_id` is `d`, which is no member"):
        ancestry(runs, "d")
    with pytest.raises(ValueError, match="there is no population among the runs"):
        winners(Runs.from_table([{"gamma": 0.9}], [1.0]))


@pytest.mark.parametrize("algorithm", sorted(SMALL))
def test_the_replay_of_every_member_is_its_life_bit_for_bit(algorithm):
    runs = standard() if algorithm == "a2c" else evolved(algorithm, size=3, ticks=3, exploit=Tournament())
    lives = [name for name in runs.table.index if len(ancestry(runs, name)) > 1]
    assert lives
    for name in lives[:3]:
        again = replay(runs, name)
        assert again.table.index[0] not in runs.table.index
        expected, found = life(runs, name).drop(columns="run_id"), of(again, again.table.index[0])
        pd.testing.assert_frame_equal(found[expected.columns], expected, check_exact=True)


def test_a_replay_with_a_fresh_optimizer_and_one_that_is_not_one_run():
    fresh = evolved(size=3, ticks=3, exploit=Everybody(), copied="fresh optimizer")
    name = fresh.table.index[1]
    expected, again = life(fresh, name), replay(fresh, name)
    assert again.evals["loss"].tolist() == expected["loss"].tolist()
    own = evolved(size=3, ticks=3, exploit=Everybody(), copied="own memory")
    with pytest.raises(ValueError, match="kept its own memory, so that its life is not one run; give `seeds`"):
        replay(own, own.table.index[1])
    assert len(replay(own, own.table.index[1], seeds=1)) == 1


def test_replays_with_other_seeds_follow_the_schedule_its_end_or_its_pieces():
    runs = standard()
    name = max(runs.table.index, key=lambda one: len(schedule(runs, one)))
    wanted = schedule(runs, name)
    assert len(wanted) > 1
    as_it_was = replay(runs, name, seeds=[100, 101])
    assert as_it_was.table["seed"].tolist() == [100, 101]
    rates = as_it_was.history[as_it_was.history["name"] == "learning_rate"]
    expected = wanted["learning_rate"][wanted["learning_rate"].shift() != wanted["learning_rate"]]
    for _, rows in rates.groupby("run_id"):
        assert dict(zip(rows["step"], rows["value"], strict=True)) == expected.iloc[1:].to_dict()
    final = replay(runs, name, seeds=[100], values="final")
    plain = rlhp.train(
        "a2c",
        "CartPole-v1",
        {**SMALL["a2c"][1], **wanted.iloc[-1].to_dict()},
        steps=240,
        seed=100,
        engine="jax",
        evaluation=Evaluation(60, 2),
    )
    same(final, plain)
    shuffled = replay(runs, name, seeds=range(100, 106), values="shuffled")
    assert len(set(shuffled.table["hp.learning_rate"])) > 1
    again = replay(runs, name, seeds=[103], values="shuffled")
    same(again, shuffled.select(again.table.index))
    with pytest.raises(ValueError, match="is no repetition of what was; give `seeds`"):
        replay(runs, name, values="final")
    with pytest.raises(ValueError, match="end"):
        replay(runs, name, values="end")


# --- on disk ---------------------------------------------------------------------------------------------------------

SCRIPT = """
import sys
from tests.population.small_populations import evolved
evolved(seeds=2, ticks=8, out=sys.argv[1])
"""


def test_what_is_kept_is_not_trained_again_and_more_is_added(tmp_path, monkeypatch):
    first = evolved(out=tmp_path)
    same(first, Runs.load(tmp_path))
    assert not list((tmp_path / "populations").glob("*"))
    begun = []
    begin_all = pbt.begin
    monkeypatch.setattr(pbt, "begin", lambda requests: begun.append(len(requests)) or begin_all(requests))
    same(evolved(out=tmp_path), first)
    assert begun == []
    both = evolved(out=tmp_path, seeds=[1, 0])
    assert begun == [4]
    same(both.select(first.table.index), first)
    assert both.table["seed"].tolist() == [4, 5, 6, 7, 0, 1, 2, 3]


class Halt(Exception):
    """Stands for whatever ends a process."""


@pytest.mark.parametrize("at", [1, 2, 3])
def test_stopped_at_any_meeting_it_goes_on_to_the_same_table(at, tmp_path, monkeypatch):
    meet, met = pbt._meet, []

    def halting(*arguments):
        met.append(1)
        if len(met) == 2 * at:  # before the second of two populations has met: they stand at different steps
            raise Halt
        meet(*arguments)

    monkeypatch.setattr(pbt, "_meet", halting)
    with pytest.raises(Halt):
        evolved(seeds=2, out=tmp_path)
    with pytest.raises(FileNotFoundError):
        Runs.load(tmp_path)  # half a population is no runs
    monkeypatch.undo()
    whole, again = standard(), []
    monkeypatch.setattr(pbt, "_meet", lambda *arguments: (again.append(1), meet(*arguments)))
    same(evolved(seeds=2, out=tmp_path), whole)
    meetings = 2 * (whole.evals["step"].nunique() - 1)  # of two populations, which do not meet at their end
    assert len(again) == meetings - (len(met) - 1)  # what was written is not done again


def killed_after(folder: Path, seconds: float) -> bool:
    """Say whether a process that evolves was still at it when it was killed."""
    environment = os.environ | {"TQDM_DISABLE": "1"}
    process = subprocess.Popen([sys.executable, "-c", SCRIPT, str(folder)], env=environment, cwd=ROOT)
    waited = time.monotonic()
    while process.poll() is None and not list(folder.glob("populations/*.zip")) and time.monotonic() < waited + 300:
        time.sleep(0.005)
    time.sleep(seconds)
    over = process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait()
    return over


@pytest.mark.parametrize("seconds", [0.0, 0.1])
def test_killed_it_goes_on_to_the_same_table(seconds, tmp_path):
    killed_after(tmp_path, seconds)
    same(evolved(seeds=2, ticks=8, out=tmp_path), evolved(seeds=2, ticks=8))


@pytest.mark.hard
def test_killed_at_ten_moments_it_goes_on_to_the_same_table(tmp_path):
    expected = evolved(seeds=2, ticks=8)
    rng = np.random.default_rng(0)
    over = [killed_after(tmp_path / str(number), float(rng.uniform(0, 0.5))) for number in range(10)]
    assert sum(over) >= 5
    for number in range(10):
        same(evolved(seeds=2, ticks=8, out=tmp_path / str(number)), expected)


# --- what is refused -------------------------------------------------------------------------------------------------


def conditional() -> ConfigurationSpace:
    space = ConfigurationSpace(
        space=[Categorical("use_rms_prop", [True, False]), Float("rms_prop_eps", (1e-8, 1e-2), log=True)]
    )
    space.add(EqualsCondition(space["rms_prop_eps"], space["use_rms_prop"], True))
    return space


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"space": spaces.subspace(spaces.default("a2c"), ["net_arch"])}, "Members cannot differ in `net_arch`: hold"),
        ({"space": spaces.subspace(spaces.default("a2c"), ["net_arch"])}, "Valid: .*learning_rate"),
        ({"space": conditional()}, "`space` has conditions or forbidden clauses"),
        ({"space": {"gamma": (0, 1)}}, "`space` is"),
        ({"size": 0}, "`size` is 0"),
        ({"steps": 0}, "`steps` is 0"),
        ({"seeds": []}, "`seeds` names no population"),
        ({"seeds": [2**31]}, "seed 2147483648 with 4 members needs seeds beyond"),
        ({"evaluation": 50}, "`evaluation.every` is 50, which does not divide the 60 steps"),
        ({"exchange": 60}, "`exchange` is 60"),
        ({"algorithm": "a3c"}, "unknown algorithm `a3c`"),
        ({"env_id": "Nowhere-v0"}, "Nowhere-v0"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_cannot_be_is_refused(change, message):
    asked = {"algorithm": "a2c", "env_id": "CartPole-v1", "space": small("a2c"), "size": 4, "steps": 240}
    with pytest.raises((ValueError, TypeError), match=message):
        evolve(**(asked | {"exchange": Exchange(every=60)} | change))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"every": 0}, "`every` is 0"),
        ({"exploit": Truncation}, "`exploit` is"),
        ({"exploit": "truncation"}, "`exploit` is"),
        ({"explore": 1.2}, "`explore` is 1.2"),
        ({"copied": "weight"}, "`copied`|did you mean `weights`"),
        ({"groups": 7}, "`groups` is 7, which does not divide every=60"),
        ({"exploits": 1}, "unknown option `exploits` for Exchange; did you mean `exploit`"),
    ],
    ids=str,
)
def test_no_such_exchange(change, message):
    with pytest.raises((ValueError, TypeError), match=message):
        Exchange(**({"every": 60} | change))


@dataclasses.dataclass(frozen=True)
class Wrong:
    """An operator that gives what cannot be."""

    what: str

    def parents(self, fitness, ready, rng):
        return {"short": [0], "nobody": [9] * len(fitness)}.get(self.what, np.zeros(len(fitness)))

    def propose(self, space, meeting, rng):
        config = dict(meeting.configs[0])
        wrong = {
            "missing": {1: config},
            "outside": {i: config | {"gamma": 2.0} for i in (1, 2)},
            "unknown": {i: config | {"gama": 0.9} for i in (1, 2)},
            "less": {i: {"gamma": 0.9} for i in (1, 2)},
        }
        return wrong[self.what]


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("short", r"Wrong: `parents` is .* give for each of 3 members a place from 0 to 2"),
        ("nobody", "Wrong: `parents` is"),
        ("missing", r"Wrong proposes for \[1\], and the children are \[1, 2\]"),
        ("outside", "Wrong, member 1: `gamma` is 2.0, outside its range"),
        ("unknown", "Wrong: unknown hyperparameter `gama` for the space; did you mean `gamma`"),
        ("less", "Wrong proposes nothing for `learning_rate` of member 1"),
    ],
)
def test_an_operator_that_gives_what_cannot_be_is_named(what, message):
    space = ConfigurationSpace(space=[spaces.traced("a2c")["gamma"], spaces.traced("a2c")["learning_rate"]])
    configs = spaces.sample(space, 3, rng=0).to_dict("records")
    how = Exchange(every=60, exploit=Wrong(what), explore=Wrong(what))
    options = {"step": 60, "total_steps": 240, "past": Past.empty(list(space)), "ready": np.full(3, True)}
    with pytest.raises(ValueError, match=message):
        meet(how, space, configs=configs, fitness=Fitness([1.0] * 3), rng=np.random.default_rng(0), **options)
    dead = Fitness([float("nan"), 1.0, 1.0])
    with pytest.raises(ValueError, match="makes a parent of a member that diverged"):
        meet(
            Exchange(every=60, exploit=Everybody()),
            space,
            configs=configs,
            fitness=dead,
            rng=np.random.default_rng(0),
            **options,
        )
