"""Monitor files: the order of time, what was cut off, what is not finite, and what stable-baselines3 really writes."""

from __future__ import annotations

import warnings
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rlhp import curves
from rlhp.runs import Runs

HEAD = '#{"t_start": 0.0, "env_id": "CartPole-v1"}\nr,l,t\n'


def written(path, rows, *, start=0.0, env_id="E", columns="r,l,t"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'#{{"t_start": {start}, "env_id": "{env_id}"}}\n{columns}\n' + "".join(f"{row}\n" for row in rows))
    return path


def returns(runs: Runs) -> list[float]:
    return runs.evals["return_mean"].tolist()


# --- the order of episodes ---


def test_within_a_file_the_order_of_rows_is_the_order_of_time(tmp_path):
    """Where `t` falls, a new session was appended."""
    path = written(tmp_path / "a.monitor.csv", ["1,10,1.0", "2,10,2.0", "3,10,0.5", "4,10,1.5"], start=1.0)
    runs = Runs.from_monitor(path)
    assert returns(runs) == [1, 2, 3, 4]
    assert runs.evals["step"].tolist() == [10, 20, 30, 40]
    assert runs.table["wall_time_s"].tolist() == [3.5]


def test_a_folder_of_sessions_is_ordered_by_the_clock(tmp_path):
    written(tmp_path / "b.monitor.csv", ["1,10,1", "2,10,2"], start=1000)
    written(tmp_path / "a.monitor.csv", ["3,10,0.5", "4,10,1.5"], start=9000)
    runs = Runs.from_monitor(tmp_path)
    assert returns(runs) == [1, 2, 3, 4]
    assert runs.table["wall_time_s"].tolist() == [8001.5]


def test_workers_that_started_seconds_apart_interleave(tmp_path):
    written(tmp_path / "0.monitor.csv", ["1,10,4", "3,10,6"], start=100)
    written(tmp_path / "1.monitor.csv", ["2,10,2", "4,10,4"], start=103)  # at 105 and 107 on the clock
    assert returns(Runs.from_monitor(tmp_path)) == [1, 2, 3, 4]


def test_sessions_appended_to_several_files_stay_side_by_side(tmp_path):
    written(tmp_path / "0.monitor.csv", ["1,10,1", "3,10,5", "5,10,1"])
    written(tmp_path / "1.monitor.csv", ["2,10,2", "6,10,1.5"])
    # The second session of file 1 began after both first ones had ended (5 s), and so did that of file 0.
    assert returns(Runs.from_monitor(tmp_path)) == [1, 2, 3, 5, 6]


@pytest.mark.parametrize("override", [True, False])
def test_what_sb3_writes_over_or_behind_an_older_log(tmp_path, override):
    gymnasium = pytest.importorskip("gymnasium")
    monitor = pytest.importorskip("stable_baselines3.common.monitor")
    wanted: list[float] = []
    for session in range(2):
        env = monitor.Monitor(
            gymnasium.make("CartPole-v1"), str(tmp_path / "run"), override_existing=session == 0 or override
        )
        _play(env, 150, session)
        wanted = [*([] if override else wanted), *env.get_episode_rewards()]
        env.close()
    runs = Runs.from_monitor(tmp_path / "run.monitor.csv")
    assert returns(runs) == wanted
    assert runs.table["env_id"].tolist() == ["CartPole-v1"]
    assert runs.evals["step"].tolist() == np.cumsum(wanted).tolist()  # a reward a step


def test_what_sb3_appends_to_a_file_that_is_not_there_has_no_header(tmp_path):
    gymnasium = pytest.importorskip("gymnasium")
    monitor = pytest.importorskip("stable_baselines3.common.monitor")
    env = monitor.Monitor(gymnasium.make("CartPole-v1"), str(tmp_path / "run"), override_existing=False)
    _play(env, 150, 0)
    env.close()
    runs = Runs.from_monitor(tmp_path / "run.monitor.csv")
    assert returns(runs) == env.get_episode_rewards()
    assert runs.table["env_id"].tolist() == ["unknown"]


def test_what_parallel_workers_of_sb3_write(tmp_path):
    pytest.importorskip("gymnasium")
    env_util = pytest.importorskip("stable_baselines3.common.env_util")
    from stable_baselines3.common.vec_env import SubprocVecEnv

    envs = env_util.make_vec_env("CartPole-v1", n_envs=2, seed=0, monitor_dir=str(tmp_path), vec_env_cls=SubprocVecEnv)
    envs.reset()
    seen = []
    for _ in range(150):
        *_, dones, infos = envs.step(np.array([envs.action_space.sample() for _ in range(2)]))
        seen += [info["episode"]["r"] for done, info in zip(dones, infos, strict=True) if done]
    envs.close()
    runs = Runs.from_monitor(tmp_path)
    assert sorted(returns(runs)) == sorted(seen)
    for file in sorted(tmp_path.glob("*.csv")):  # each worker's own order is kept
        own = [float(line.split(",")[0]) for line in file.read_text().splitlines()[2:]]
        kept = iter(returns(runs))
        assert all(one in kept for one in own)


def _play(env, steps: int, seed: int) -> None:
    env.action_space.seed(seed)
    env.reset(seed=seed)
    for _ in range(steps):
        *_, terminated, truncated, _ = env.step(env.action_space.sample())
        if terminated or truncated:
            env.reset()


# --- what is wrong in a file ---


@pytest.mark.parametrize("last", ["2.0,2", "2.0,20,", "2.0", "2.0,20,0.2"])
def test_a_last_line_that_was_cut_off_is_left_out_and_said(tmp_path, last):
    path = written(tmp_path / "a.monitor.csv", ["1.0,10,0.1"])
    path.write_text(path.read_text() + last)
    with pytest.warns(UserWarning, match=r"a\.monitor\.csv, line 4 was cut off") as said:
        runs = Runs.from_monitor(path)
    assert returns(runs) == [1.0]
    assert runs.table["steps"].tolist() == [10]
    assert said[0].filename == __file__


@pytest.mark.parametrize("last", ["2.0,2\n", "2.0,20,\n"])
def test_a_last_line_that_is_too_short_is_left_out_too(tmp_path, last):
    path = written(tmp_path / "a.monitor.csv", ["1.0,10,0.1"])
    path.write_text(path.read_text() + last)
    with pytest.warns(UserWarning, match="line 4 was cut off"):
        assert returns(Runs.from_monitor(path)) == [1.0]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (["10,7,1.0,True", "10,7,2.0,True"], r"line 3 has 4 fields, but the header names 3 \(r, l, t\)"),
        (["1,10,1.0", "1,10", "1,10,3.0"], r"line 4 has 2 fields.*column `t` is missing"),
        (["1,10,1.0", "1,10,", "1,10,3.0"], r"line 4, column `t`: the time of the episode is missing"),
        (["1,10,1.0", "[1.],10,2.0"], r"line 4, column `r`: `\[1\.\]` is not a number"),
        (['"1,000",10,1.0'], r"line 3, column `r`: `1,000` is not a number"),
        (["1_0,10,1.0"], r"column `r`: `1_0` is not a number"),
        (["1,10.5,1.0"], r"line 3, column `l`: `10.5` is not a whole number of at least 1"),
        (["1,0,1.0"], r"column `l`: `0` is not a whole number of at least 1"),
        (["1,,1.0"], r"column `l`: a blank cell is not a whole number"),
        (["1,99999999999999999999,1.0"], r"column `l`: `99999999999999999999` is not a whole number"),
        (["1,10,inf"], r"column `t`: the time of the episode is missing or not finite"),
        (["1,10,1.0", '#{"t_start": 5.0, "env_id": "E"}', "r,l,t", "1,10,1.0"], "line 4: a second monitor file"),
        (['1,10,"1.0', "1,10,2.0"], "the quotes or the line ends are broken"),
    ],
)
def test_a_wrong_row_is_named_by_file_line_and_column(tmp_path, rows, message):
    path = written(tmp_path / "a.monitor.csv", rows)
    with pytest.raises(ValueError, match=message) as said:
        Runs.from_monitor(path)
    assert "a.monitor.csv" in str(said.value)


def test_trailing_commas_shift_nothing(tmp_path):
    runs = Runs.from_monitor(written(tmp_path / "a.monitor.csv", ["1,10,1.0,", "2,10,2.0,"]))
    assert returns(runs) == [1.0, 2.0]
    assert runs.evals["step"].tolist() == [10, 20]


def test_columns_are_found_by_name_and_others_are_left_alone(tmp_path):
    path = written(tmp_path / "a.monitor.csv", ["True,1,1.0,10"], columns="is_success,r,t,l")
    runs = Runs.from_monitor(path)
    assert (returns(runs), runs.evals["step"].tolist()) == ([1.0], [10])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a,b\n1,2\n", "is not a stable-baselines3 monitor file"),
        (b"#{\n", "line 1 is not what a monitor file begins with"),
        (b"#[1]\nr,l,t\n", "line 1 is not what a monitor file begins with"),
        (b"#" + b"[" * 100_000, "line 1 is not what a monitor file begins with"),
        (b'#{"t_start": "noon"}\nr,l,t\n1,1,1\n', "line 1: `t_start` is 'noon'"),
        (b'#{"t_start": 1, "env_id": 5}\nr,l,t\n1,1,1\n', "line 1: `env_id` is 5"),
        (b'#{"t_start": 1}\n', "the line 'r,l,t' is missing"),
        (b'#{"t_start": 1}\nr,l\n1,1\n', "column `t` is missing"),
        (b'#{"t_start": 1}\nr,l,t,r\n1,1,1,1\n', "two columns are named `r`"),
        (b"\xff\xfe\x00", "is not a text in UTF-16"),
        (b"\x80abc", "is not a text in UTF-8"),
        (b'#{"t_start": 1}\nr,l,t\n1,\x001,1\n', "line 3: there is a NUL"),
    ],
)
def test_another_kind_of_file_is_refused_by_name(tmp_path, content, message):
    path = tmp_path / "a.monitor.csv"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message) as said:
        Runs.from_monitor(path)
    assert "a.monitor.csv" in str(said.value)


def test_nothing_there(tmp_path):
    with pytest.raises(ValueError, match=r"holds no `\*monitor.csv`"):
        Runs.from_monitor(tmp_path)
    with pytest.raises(FileNotFoundError, match="there is no file or folder"):
        Runs.from_monitor(tmp_path / "none.csv")


def test_a_folder_is_one_run_of_one_environment(tmp_path):
    written(tmp_path / "0.monitor.csv", ["1,10,1"], env_id="A")
    written(tmp_path / "1.monitor.csv", ["1,10,1"], env_id="B")
    with pytest.raises(ValueError, match=r"1\.monitor\.csv is of B, but another file .* is of A"):
        Runs.from_monitor(tmp_path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_byte_order_mark_is_read(tmp_path, encoding):
    path = tmp_path / "a.monitor.csv"
    path.write_text(HEAD + "1,10,1.0\n", encoding=encoding)
    assert returns(Runs.from_monitor(path)) == [1.0]


# --- what is not finite ---


@pytest.mark.parametrize("every", [None, 10])
@pytest.mark.parametrize("cell", ["nan", "NaN", "inf", "-inf", ""])
def test_a_return_that_is_not_finite_ends_the_run_there(tmp_path, cell, every):
    path = written(tmp_path / "a.monitor.csv", ["1,10,1.0", f"{cell},10,2.0", "3,10,3.0"])
    runs = Runs.from_monitor(path, every=every)
    assert returns(runs) == [1.0]
    assert runs.table["status"].tolist() == ["diverged"]
    assert runs.table["steps"].tolist() == [20]
    assert "a.monitor.csv, line 4, column `r`: the return is" in runs.table["error"].iloc[0]


# --- runs that ended early ---


def ten_runs(tmp_path, short):
    """Two configurations of five seeds, the return is the step; one run of the second ends at 10."""
    for rate in (0.001, 0.01):
        for seed in range(5):
            ends = [10] if short and (rate, seed) == (0.01, 4) else [10, 50, 100]
            rows, before = [], 0
            for end in ends:
                rows.append(f"{end},{end - before},{end}.0")
                before = end
            written(tmp_path / f"{rate}_s{seed}.monitor.csv", rows)
    return tmp_path / "{learning_rate}_s{seed}.monitor.csv"


def test_a_run_that_ended_early_is_stopped_and_the_caller_must_choose(tmp_path):
    pattern = ten_runs(tmp_path, short=True)
    with pytest.warns(UserWarning, match=r"1 of 10 runs ended early.*0\.01_s4.*at step 10 of 100.*`steps=`"):
        runs = Runs.from_monitor(pattern)
    assert runs.table["status"].value_counts().to_dict() == {"finished": 9, "stopped": 1}
    with pytest.raises(ValueError, match="1 of 10 runs did not finish"):
        curves.iqm(runs, by="learning_rate", rng=0, failures="raise")
    kept = curves.iqm(runs, by="learning_rate", rng=0, failures="drop")
    assert [group.steps[-1] for group in kept.groups] == [100, 100]


def test_what_a_run_was_asked_for_or_became_can_be_told(tmp_path):
    pattern = ten_runs(tmp_path, short=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        told = Runs.from_monitor(pattern, steps=[100] * 9 + [10])
        said = Runs.from_monitor(pattern, status="finished")
    assert set(told.table["status"]) == set(said.table["status"]) == {"finished"}
    assert told.table["steps"].tolist() == [100] * 9 + [10]
    with pytest.warns(UserWarning, match="9 of 10 runs ended early.*at step 100 of 1,000"):
        Runs.from_monitor(pattern, steps=[1000] * 9 + [10])


def test_runs_that_end_within_an_episode_of_one_another_are_whole(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        runs = Runs.from_monitor(ten_runs(tmp_path, short=False))
    assert set(runs.table["status"]) == {"finished"}


@pytest.mark.parametrize("content", ["", HEAD])
def test_a_run_without_an_episode_is_stopped(tmp_path, content):
    path = tmp_path / "a.monitor.csv"
    path.write_text(content)
    runs = Runs.from_monitor(path)
    assert runs.table["status"].tolist() == ["stopped"]
    assert "a.monitor.csv: no evaluation" in runs.table["error"].iloc[0]


# --- arguments ---


def test_runs_of_unequal_length(tmp_path):
    for name, rows in {"0.monitor.csv": "1,10,0.1\n3,20,0.2\n", "1.monitor.csv": "5,15,0.1\n"}.items():
        (tmp_path / name).write_text(HEAD + rows)
    runs = Runs.from_monitor(sorted(tmp_path.glob("*.csv")), algorithm="dqn", configs=[{"gamma": 0.9}] * 2)
    assert runs.table["steps"].tolist() == [30, 15]
    assert runs.table["env_id"].tolist() == ["CartPole-v1"] * 2
    assert runs.evals["step"].tolist() == [10, 30, 15]
    assert runs.configs["n_seeds"].tolist() == [2]


def test_parallel_environments_are_joined_and_binned(tmp_path):
    written(tmp_path / "0.monitor.csv", ["1,10,0.1", "3,20,0.3"])
    written(tmp_path / "1.monitor.csv", ["5,15,0.2"])
    runs = Runs.from_monitor(tmp_path, every=30)
    # Episodes end at 10, 25 and 45 steps: two in the first bin, one in the second.
    assert runs.evals["step"].tolist() == [30, 60]
    assert returns(runs) == [3.0, 3.0]
    assert runs.evals["n_episodes"].tolist() == [2, 1]
    assert runs.evals["train_return_mean"].tolist() == [3.0, 3.0]


def test_configurations_can_share_seeds(tmp_path):
    paths = [written(tmp_path / f"{at}.monitor.csv", ["1,10,1.0"]) for at in range(4)]
    configs = [{"gamma": 0.9}, {"gamma": 0.9}, {"gamma": 0.99}, {"gamma": 0.99}]
    assert Runs.from_monitor(paths, configs=configs, seeds=[0, 1, 0, 1]).table["seed"].tolist() == [0, 1, 0, 1]
    assert Runs.from_monitor(paths, configs=configs).table["seed"].tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"every": 0}, "`every` is 0"),
        ({"every": -10}, "`every` is -10"),
        ({"every": 2.5}, r"`every` is 2\.5"),
        ({"seeds": [0, np.nan]}, "`seeds`, number 2"),
        ({"seeds": [0]}, "`seeds` holds 1 numbers for 2 runs"),
        ({"seeds": "a"}, "`seeds` is 'a'"),
        ({"configs": [{}]}, "`configs` holds 1 mappings for 2 runs"),
        ({"configs": [{"a": 1}, {"a": float("inf")}]}, r"1\.monitor\.csv: hyperparameter `a` of `configs`"),
        ({"status": "done"}, "unknown .?status.? `done`"),
        ({"steps": 0}, "`steps` is 0"),
    ],
)
def test_a_wrong_argument_is_named(tmp_path, options, message):
    paths = [written(tmp_path / f"{at}.monitor.csv", ["1,10,1.0"]) for at in range(2)]
    with pytest.raises((ValueError, TypeError), match=message):
        Runs.from_monitor(paths, **options)


# --- any number of workers and sessions ---

worker = st.lists(st.lists(st.integers(1, 50), min_size=1, max_size=5), min_size=1, max_size=3)


@settings(max_examples=60, deadline=None, database=None)
@given(workers=st.lists(worker, min_size=1, max_size=3), late=st.lists(st.integers(0, 40), min_size=3, max_size=3))
def test_episodes_come_in_the_order_in_which_they_ended(workers, late):
    """Each session of each worker is a file of its own; the truth is the clock."""
    ended: list[tuple[float, float]] = []
    with TemporaryDirectory() as folder:
        begin, number = 1000.0, 0
        for session in range(3):
            last = begin
            for at, sessions in enumerate(workers):
                if session >= len(sessions):
                    continue
                start, t, rows = begin + late[at], 0.0, []
                for length in sessions[session]:
                    t += length + at / 10  # no two workers at the same moment
                    number += 1
                    ended.append((start + t, number))
                    rows.append(f"{number},{length},{t:.6f}")
                last = max(last, start + t)
                written(Path(folder) / f"{session}.{at}.monitor.csv", rows, start=start)
            begin = last + 5
        runs = Runs.from_monitor(folder)
    assert returns(runs) == [one for _, one in sorted(ended)]
    assert runs.table["wall_time_s"].iloc[0] == pytest.approx(max(ended)[0] - 1000.0 - min(late[: len(workers)]))


def test_a_file_that_is_named_twice_is_not_two_runs(tmp_path) -> None:
    """A list and a pattern that overlap made two seeds of one run, and every interval too narrow."""
    path = tmp_path / "0.1.monitor.csv"
    path.write_text('#{"t_start": 0.0, "env_id": "E"}\nr,l,t\n1,10,1.0\n')
    with pytest.raises(ValueError, match=r"`paths` holds .*monitor.csv twice"):
        Runs.from_monitor([path, tmp_path / "{gamma}.monitor.csv"])
    assert len(Runs.from_monitor(tmp_path / "{gamma}.monitor.csv")) == 1
