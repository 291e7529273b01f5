"""The two CSV files that Weights & Biases exports, in their shape; no package is needed, nor tested with."""

from __future__ import annotations

import pytest

from rlhp.runs import Runs

METRIC = "eval/mean_reward"


def chart(path, runs, rows, x="global_step"):
    """Write a chart's export: for each run the value and its least and greatest, all in quotes."""
    header = [x]
    for run in runs:
        header += [f"{run} - {METRIC}", f"{run} - {METRIC}__MIN", f"{run} - {METRIC}__MAX"]
    lines = [header]
    for step, *values in rows:
        lines.append([step, *(value for value in values for _ in range(3))])
    path.write_text("".join(",".join(f'"{cell}"' for cell in line) + "\n" for line in lines))
    return path


def table(path):
    path.write_text(
        '"Name","State","Notes","User","Tags","Created","Runtime","Sweep","algo","env","lr","seed","eval/mean_reward"\n'
        '"sunny-1","finished","-","me","","2025-01-01T00:00:00.000Z","61","","ppo","CartPole-v1","0.001","0","20"\n'
        '"sunny-2","crashed","-","me","","2025-01-01T00:00:00.000Z","12","","ppo","CartPole-v1","0.01","0","5"\n'
        '"sunny-3","killed","-","me","","2025-01-01T00:00:00.000Z","3","","ppo","CartPole-v1","0.01","1",""\n'
    )
    return path


def test_a_chart_alone(tmp_path):
    path = chart(tmp_path / "c.csv", ["0.1_s0", "0.1_s1"], [(10, 1.0, ""), (15, "", 4.0), (20, 2.0, 5.0)])
    runs = Runs.from_wandb(path, names="{learning_rate}_s{seed}", algorithm="ppo", env_id="E")
    assert runs.table[["hp.learning_rate", "seed"]].to_numpy().tolist() == [[0.1, 0], [0.1, 1]]
    # A blank cell is a step at which that run logged nothing.
    assert runs.evals["step"].tolist() == [10, 20, 15, 20]
    assert runs.evals["return_mean"].tolist() == [1.0, 2.0, 4.0, 5.0]


def test_a_chart_with_the_table_of_runs(tmp_path):
    path = chart(tmp_path / "c.csv", ["sunny-1", "sunny-2"], [(10, 1, 5), (20, 20, "")])
    runs = Runs.from_wandb(
        path,
        runs=table(tmp_path / "runs.csv"),
        columns={"algo": "algorithm", "env": "env_id", "seed": "seed", "lr": "hp.lr"},
    )
    assert runs.table["status"].tolist() == ["finished", "failed", "stopped"]
    assert runs.table["hp.lr"].tolist() == [0.001, 0.01, 0.01]
    assert runs.table["seed"].tolist() == [0, 0, 1]
    assert runs.table["algorithm"].tolist() == ["ppo"] * 3
    assert runs.table["env_id"].tolist() == ["CartPole-v1"] * 3
    assert runs.table["wall_time_s"].tolist() == [61, 12, 3]
    assert runs.evals["return_mean"].tolist() == [1, 20, 5]


def test_the_table_of_runs_alone(tmp_path):
    runs = Runs.from_wandb(table(tmp_path / "runs.csv"), metric=METRIC, columns={"lr": "hp.lr"}, steps=100)
    assert runs.evals["return_mean"].tolist() == [20, 5]
    assert set(runs.evals["step"]) == {100}
    assert runs.table["status"].tolist() == ["finished", "failed", "stopped"]


def test_a_finished_run_that_the_chart_does_not_show_is_said(tmp_path):
    path = chart(tmp_path / "c.csv", ["sunny-2"], [(10, 5)])
    with pytest.warns(UserWarning, match=r"no curve of 1 of 3 finished runs \(the first: sunny-1\)"):
        assert len(Runs.from_wandb(path, runs=table(tmp_path / "runs.csv"))) == 2


def test_a_value_that_is_not_finite_ends_the_run_there(tmp_path):
    path = chart(tmp_path / "c.csv", ["a", "b"], [(10, 1, 1), (20, "NaN", 2), (30, 3, 3)])
    runs = Runs.from_wandb(path)
    assert runs.table["status"].tolist() == ["diverged", "finished"]
    assert "c.csv, line 3, column `a - eval/mean_reward`" in runs.table["error"].iloc[0]
    assert runs.evals["return_mean"].tolist() == [1, 1, 2, 3]


def test_what_is_wrong_is_named(tmp_path):
    path = chart(tmp_path / "c.csv", ["a"], [(10, 1)])
    runs = table(tmp_path / "runs.csv")
    for options, message in (
        ({"metric": "loss"}, "unknown `metric` `loss`"),
        ({"runs": runs}, "unknown run `a` for `runs`"),
        ({"columns": {"lr": "hp.lr"}}, "`columns` names columns of the table of runs; export it"),
        ({"names": "{learning_rate}_s{seed}"}, "`names` is .*does not fit the run `a`"),
        ({"runs": path}, "column `Name` is missing"),
    ):
        with pytest.raises(ValueError, match=message):
            Runs.from_wandb(path, **options)
    with pytest.raises(ValueError, match="unknown `metric` `None`"):
        Runs.from_wandb(runs)
    with pytest.raises(ValueError, match="unknown column `rl` for `columns`"):
        Runs.from_wandb(runs, metric=METRIC, columns={"rl": "hp.lr"})
    with pytest.raises(ValueError, match=r"unknown columns `lr`.* A hyperparameter is 'hp\.<name>'"):
        Runs.from_wandb(runs, metric=METRIC, columns={"lr": "lr"})
    runs.write_text(runs.read_text().replace("killed", "napping"))
    with pytest.raises(ValueError, match=r"runs\.csv, line 4, column `State`: unknown state `napping`"):
        Runs.from_wandb(runs, metric=METRIC)
    runs.write_text('"Name","State","ret"\n')
    with pytest.raises(ValueError, match=r"runs\.csv holds no run with a value of the metric"):
        Runs.from_wandb(runs, metric="ret")
    runs.write_text("a,b\n1,2\n")
    with pytest.raises(ValueError, match="is no export of a chart with one metric"):
        Runs.from_wandb(runs)
