"""Tables of evaluations: CSV files and data frames of others, and what is wrong in them."""

from __future__ import annotations

import re
import warnings

import numpy as np
import pandas as pd
import pytest

from rlhp.runs import Runs

SAID = {"algorithm": "ppo", "env_id": "E"}


@pytest.fixture
def file(tmp_path):
    def write(text: str, name: str = "log.csv", **options):
        path = tmp_path / name
        path.write_text(text, **options)
        return path

    return write


def test_one_row_per_evaluation(file):
    path = file("Timesteps,Reward,seed,lr\n10,1,0,0.1\n20,2,0,0.1\n20,3,1,0.1\n20,5,0,0.2\n")
    runs = Runs.from_csv(path, columns={"Timesteps": "step", "Reward": "return_mean", "lr": "hp.lr"}, **SAID)
    assert len(runs) == 3
    assert runs.table["steps"].tolist() == [20, 20, 20]
    assert runs.configs["n_seeds"].tolist() == [2, 1]
    assert runs.evals["return_mean"].tolist() == [1.0, 2.0, 3.0, 5.0]


def test_a_frame_reads_as_its_file_does(file):
    path = file(
        'step,return_mean,seed,hp.lr,hp.net\n10,1,0,0.1,"[64,64]"\n20,2,0,0.1,"[64,64]"\n10,3,1,,relu\n20,3,1,,relu\n'
    )
    from_file, from_frame = Runs.from_csv(path, **SAID), Runs.from_frame(pd.read_csv(path), **SAID)
    pd.testing.assert_frame_equal(from_file.evals, from_frame.evals)
    assert from_file.table["hp.net"].tolist() == ["[64, 64]", "relu"]
    assert from_frame.table["hp.net"].tolist() == ["[64, 64]", "relu"]
    assert from_file.table["hp.lr"].isna().tolist() == [False, True]


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        (
            "step,return_mean,seed\n1,1,0\n",
            {"algorithm": None},
            "log.csv: column `algorithm` is missing; .*pass algorithm=",
        ),
        ("step,return_mean\n1,1\n", {}, "log.csv: column `seed` is missing; .*pass seed="),
        ("stp,return_mean\n1,1\n", {}, r"unknown column `stp` for .*log.csv; did you mean `step`.*columns=.*None"),
        ("step,return_mean,seed,a,b\n1,1,0,2,3\n", {}, "unknown column `a`.*Not known either: b"),
        ("step,return_mean,seed\n1,1,0\n", {"columns": {"lr": "hp.lr"}}, "unknown column `lr` for `columns`"),
        (
            "step,return_mean,seed\n1,1,0\n1,2,0\n",
            {},
            "line 3: this run has two evaluations at step 1 .*line 2.*on_repeat=",
        ),
        (
            "step,seed,return_mean\n1000,0,10,5\n",
            {},
            r"line 2 has 4 fields, but the header names 3 \(step, seed, return_mean\)",
        ),
        ("step,seed,return_mean\n1000,0\n", {}, "line 2 has 2 fields.*column `return_mean` is missing"),
        ("step,seed,seed,return_mean\n1,0,0,1\n", {}, "two columns are named `seed`"),
        ("a,b,seed\n1,1,0\n", {"columns": {"a": "step", "b": "step"}}, "after `columns` two columns are named `step`"),
        ("step,seed,return_mean\nten,0,1\n", {}, "line 2, column `step`: `ten` is not a whole number"),
        ("step,seed,return_mean\n1,a,1\n", {}, "line 2, column `seed`: `a` is not a whole number"),
        ("step,seed,return_mean\n1,,1\n", {}, "line 2, column `seed`: a blank cell is not a whole number"),
        ("step,seed,return_mean\n1,nan,1\n", {}, "line 2, column `seed`: `nan` is not a whole number"),
        ("step,seed,return_mean\n1,9223372036854775808,1\n", {}, "line 2, column `seed`: `9223372036854775808`"),
        ("step,seed,return_mean\n-1,0,1\n", {}, "line 2, column `step`: `-1` is not a whole number of at least 0"),
        ('step,seed,return_mean\n"1,000",0,1\n', {}, "line 2, column `step`: `1,000` is not a whole number"),
        ("step,seed,return_mean\n1,0,[1.]\n", {}, r"line 2, column `return_mean`: `\[1.\]` is not a number"),
        ("step,seed,return_mean,status\n1,0,1,finnished\n", {}, "line 2, column `status`: unknown status"),
        (
            "step,seed,return_mean,status\n1,0,1,failed\n2,0,1,finished\n",
            {},
            "line 3, column `status`: 'finished', but an earlier row",
        ),
        ("step,seed,return_mean,lr\n1,0,1,inf\n", {"columns": {"lr": "hp.lr"}}, "line 2, column `lr`: `inf` cannot be"),
        ("step,seed,return_mean\n", {}, "log.csv has no rows"),
        ("", {}, "log.csv is empty"),
        ("step;seed;return_mean\n1;0;1\n", {}, "pass separator=';'"),
        ("step,seed,return_mean\n1,0,1\n", {"seed": 3}, "`seed` is given, and .*log.csv has a column `seed`"),
        (
            "step,seed,return_mean,lr,hp.lr\n1,0,1,2,3\n",
            {"columns": {"lr": "hp.lr"}},
            r"after `columns` two columns are named `hp\.lr`",
        ),
        ("step,seed,return_mean\n1,0,1\n", {"columns": {"tim": None}}, "unknown column `tim` for `columns`"),
        ("step,seed,return_mean\n1,0,1\n", {"columns": {"trial": "run"}}, "unknown column `trial` for `columns`"),
        ("step,seed,return_mean\n1,0,1\n", {"on_repeat": "mean"}, "unknown .?on_repeat.? `mean`"),
        ("step,seed,return_mean\n1,0,1\n", {"columns": {"stp": "step"}}, "unknown column `stp` for `columns`"),
        ("n,seed,ret\n1,0,x\n", {"columns": {"n": "step", "ret": "return_mean"}}, "line 2, column `ret`: `x` is not"),
        ("step,seed,return_mean\n1,0,1\n", {"columns": {"step": 5}}, "`columns` renames `step` to 5; give a name, or"),
        ("step,seed,return_mean\n1,0,1\n", {"separator": "::"}, "`separator` is '::'"),
    ],
)
def test_what_is_wrong_is_named(file, text, options, message):
    with pytest.raises(ValueError, match=message):
        Runs.from_csv(file(text), **{**SAID, **options})


@pytest.mark.parametrize(
    ("step", "message"),
    [
        (pd.NA, "row 7, column `step`: a blank cell"),
        ([1.0], r"row 7, column `step`: \[1.0\] is not a whole number"),
        (True, "row 7, column `step`: True is not a whole number"),
        (2**70, "row 7, column `step`: 1180591620717411303424 is not a whole number"),
        (np.inf, "row 7, column `step`: inf is not a whole number"),
    ],
)
def test_a_wrong_cell_of_a_frame_is_named_by_its_label(step, message):
    frame = pd.DataFrame({"step": [step], "return_mean": [1.0], "seed": [0]}, index=[7], dtype=object)
    with pytest.raises(ValueError, match=message):
        Runs.from_frame(frame, **SAID)


def test_doubled_and_nameless_columns_of_a_frame():
    frame = pd.DataFrame([[1, 1.0, 0]], columns=["step", "return_mean", "return_mean"])
    with pytest.raises(ValueError, match="two columns are named `return_mean`"):
        Runs.from_frame(frame, **SAID)
    with pytest.raises(ValueError, match="a column named 0"):
        Runs.from_frame(pd.DataFrame([[1]]), **SAID)
    with pytest.raises(TypeError, match=r"`frame` is .*from_csv"):
        Runs.from_frame("log.csv", **SAID)


# --- what others write, in one call each ---


def test_the_index_that_pandas_writes_is_left_out(tmp_path):
    frame = pd.DataFrame({"step": [1, 2], "return_mean": [1.0, 2.0], "seed": 0})
    frame.to_csv(tmp_path / "log.csv")
    assert Runs.from_csv(tmp_path / "log.csv", **SAID).evals["return_mean"].tolist() == [1.0, 2.0]


def test_trailing_commas_shift_nothing(file):
    runs = Runs.from_csv(file("step,seed,return_mean,\n10,0,1,\n20,0,2,\n"), **SAID)
    assert runs.evals["return_mean"].tolist() == [1.0, 2.0]
    runs = Runs.from_csv(file("step,seed,return_mean\n10,0,1,\n20,0,2,\n"), **SAID)
    assert runs.evals["return_mean"].tolist() == [1.0, 2.0]


def test_charts_that_tensorboard_exports(file):
    for algorithm, seed in (("PPO", 1), ("PPO", 2), ("DQN", 1)):
        file(
            f"Wall time,Step,Value\n1.5,10,{seed}\n2.5,20,{seed + 1}\n",
            f"run-{algorithm}_{seed}-tag-rollout_ep_rew_mean.csv",
        )
    runs = Runs.from_csv(
        file("", "x").parent / "run-{algorithm}_{seed}-tag-*.csv",
        columns={"Step": "step", "Value": "return_mean", "Wall time": None},
        env_id="E",
    )
    assert runs.table[["algorithm", "seed"]].to_numpy().tolist() == [["DQN", 1], ["PPO", 1], ["PPO", 2]]
    assert runs.evals["return_mean"].tolist() == [1, 2, 1, 2, 2, 3]


def test_a_trial_that_was_restored_keeps_its_last_word(file):
    path = file("step,return_mean\n10,1\n20,2\n30,3\n20,5\n30,6\n40,7\n")
    assert Runs.from_csv(path, seed=0, on_repeat="last", **SAID).evals["return_mean"].tolist() == [1, 5, 6, 7]
    assert Runs.from_csv(path, seed=0, on_repeat="first", **SAID).evals["return_mean"].tolist() == [1, 2, 3, 7]


def test_columns_are_left_out_by_name_and_pattern(file):
    path = file("step,return_mean,seed,time/fps,time/total,notes,lr\n10,1,0,5,6,x,0.1\n")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        some = Runs.from_csv(path, columns={"time/*": None, "notes": None, "lr": "hp.lr"}, **SAID)
        rest = Runs.from_csv(path, columns={"*": None, "lr": "hp.lr"}, **SAID)
    assert some.hyperparameters == rest.hyperparameters == ["lr"]
    assert len(some) == len(rest) == 1


def test_runs_that_share_everything_are_told_apart_by_a_column(file):
    path = file("trial,step,return_mean\nx,10,1\nx,20,2\ny,10,3\ny,20,4\n")
    runs = Runs.from_csv(path, columns={"trial": "run"}, seed=0, **SAID)
    assert len(runs) == 2
    assert runs.evals["return_mean"].tolist() == [1, 2, 3, 4]


def test_signs_of_excel(file):
    text = "step;seed;return_mean\n10;0;1.5\n"
    assert Runs.from_csv(file(text, encoding="utf-8-sig"), separator=";", **SAID).evals["return_mean"].tolist() == [1.5]
    assert Runs.from_csv(file(text, encoding="utf-16"), separator=";", **SAID).evals["return_mean"].tolist() == [1.5]


def test_blanks_around_a_cell_of_any_kind(file):
    runs = Runs.from_csv(file("step, return_mean ,seed\n20\x1c,\u00a01.5,\t3\n"), **SAID)
    assert runs.evals[["step", "return_mean"]].to_numpy().tolist() == [[20, 1.5]]
    assert runs.table["seed"].tolist() == [3]


def test_one_seed_per_file(file):
    paths = [file("step,return_mean\n10,1\n", f"{at}.csv") for at in range(2)]
    assert Runs.from_csv(paths, seed=[5, 6], **SAID).table["seed"].tolist() == [5, 6]


def test_what_the_table_says_of_a_run(file):
    text = "step,return_mean,seed,status,steps,wall_time_s,error\n10,1,0,failed,50,2.5,out of memory\n50,1,1,,50,3.5,\n"
    runs = Runs.from_csv(file(text), **SAID)
    assert runs.table["status"].tolist() == ["failed", "finished"]
    assert runs.table["steps"].tolist() == [50, 50]
    assert runs.table["wall_time_s"].tolist() == [2.5, 3.5]
    assert runs.table["error"].tolist() == ["out of memory", ""]


def test_a_blank_status_says_nothing(file):
    text = "step,return_mean,seed,status\n10,1,0,\n20,2,0,failed\n30,3,0,\n"
    assert Runs.from_csv(file(text), **SAID).table["status"].tolist() == ["failed"]


# --- what became of a run ---


@pytest.mark.parametrize("cell", ["nan", "", "inf", "-Infinity"])
def test_a_return_that_is_not_finite_ends_the_run_there(file, cell):
    runs = Runs.from_csv(file(f"step,return_mean,seed\n10,1,0\n20,{cell},0\n30,3,0\n30,3,1\n"), **SAID)
    assert runs.evals["return_mean"].tolist() == [1.0, 3.0]
    assert runs.table["status"].tolist() == ["diverged", "finished"]
    assert runs.table["steps"].tolist() == [20, 30]
    assert "log.csv, line 3: the return is" in runs.table["error"].iloc[0]


def table_of(ends):
    rows = [(step, step, seed) for seed, steps in enumerate(ends) for step in steps]
    return pd.DataFrame(rows, columns=["step", "return_mean", "seed"])


@pytest.mark.parametrize(
    ("ends", "wanted"),
    [
        ([[10, 50, 100], [10]], ["finished", "stopped"]),
        ([[10, 50, 100], [10, 50]], ["finished", "stopped"]),
        ([range(10, 101, 10), range(10, 91, 10)], ["finished", "stopped"]),
        ([range(10, 101, 10), range(5, 96, 10)], ["finished", "finished"]),  # a grid of its own
        ([range(10, 101, 10), range(5, 76, 10)], ["finished", "stopped"]),
        ([[100_352], [100_096]], ["finished", "finished"]),  # whole rollouts of different lengths
        ([[100_000], [60_000]], ["finished", "stopped"]),
        ([[100], [100]], ["finished", "finished"]),
    ],
)
def test_a_run_that_ended_before_the_others_is_stopped(ends, wanted):
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        runs = Runs.from_frame(table_of(ends), **SAID)
    assert runs.table["status"].tolist() == wanted
    assert len(said) == wanted.count("stopped")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert set(Runs.from_frame(table_of(ends), status="finished", **SAID).table["status"]) == {"finished"}


@pytest.mark.filterwarnings("ignore:.*ended early")
def test_what_was_asked_for_tells_who_ended_early():
    frame = table_of([range(33, 100, 33), [33], [33, 66]])
    assert Runs.from_frame(frame, steps=100, **SAID).table["status"].tolist() == ["finished", "stopped", "stopped"]
    frame = frame.assign(steps=frame["seed"].map({0: 99, 1: 33, 2: 66}))
    assert set(Runs.from_frame(frame, **SAID).table["status"]) == {"finished"}


def test_another_environment_is_another_length(file):
    text = "step,return_mean,seed,env_id\n100,1,0,A\n10,1,0,B\n"
    assert set(Runs.from_csv(file(text), algorithm="ppo").table["status"]) == {"finished"}


@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_another_separator_is_named(tmp_path, separator) -> None:
    file = tmp_path / "runs.csv"
    rows = [["step", "seed", "return_mean"], ["10", "0", "1,5"], ["20", "0", "2,5"]]
    file.write_text("\n".join(separator.join(row) for row in rows))
    with pytest.raises(ValueError, match=re.escape(f"give separator={separator!r}")):
        Runs.from_csv(file, algorithm="dqn", env_id="E")
