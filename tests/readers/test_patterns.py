"""A pattern finds the runs of a folder and reads what their names say."""

from __future__ import annotations

import pytest

from rlhp.readers._patterns import found_by, values_in
from rlhp.runs import Runs


@pytest.mark.parametrize(
    ("name", "pattern", "wanted"),
    [
        ("0.001_s3", "{learning_rate}_s{seed}", {"learning_rate": 0.001, "seed": 3}),
        ("1e-3_s3", "{learning_rate}_s{seed}", {"learning_rate": 0.001, "seed": 3}),
        ("CartPole-v1_12", "{env_id}_{seed}", {"env_id": "CartPole-v1", "seed": 12}),
        ("my_env_12", "{env_id}_{seed}", {"env_id": "my_env", "seed": 12}),
        ("true-relu-64", "{norm}-{activation}-{width}", {"norm": True, "activation": "relu", "width": 64}),
        ("a(b).csv", "{x}(b).csv", {"x": "a"}),
        ("run-ppo_3-tag-eval.csv", "run-{algorithm}_{seed}-tag-*.csv", {"algorithm": "ppo", "seed": 3}),
        ("nothing", "{learning_rate}_s{seed}", None),
    ],
)
def test_values_in_a_name(name, pattern, wanted):
    assert values_in(name, pattern, "paths") == wanted


def test_a_name_that_reads_in_two_ways_is_refused():
    with pytest.raises(ValueError, match="in two ways"):
        values_in("a_b_c", "{x}_{y}", "paths")


@pytest.mark.parametrize("pattern", ["{}", "{a}_{a}", "{a/b}"])
def test_a_field_is_a_name_given_once(pattern):
    with pytest.raises(ValueError, match="each field in braces is a name, given once"):
        found_by(pattern, "paths")


def test_folders_are_searched_part_by_part(tmp_path):
    for name in ("ppo/0.1_s0", "ppo/0.01_s0", "ppo/0.01_s1", "dqn/0.1_s0", "dqn/notes", "other.txt"):
        (tmp_path / name).mkdir(parents=True)
    found = found_by(str(tmp_path / "{algorithm}" / "{learning_rate}_s{seed}"), "paths")
    assert [tuple(values.values()) for _, values in found] == [
        ("dqn", 0.1, 0),
        ("ppo", 0.01, 0),
        ("ppo", 0.01, 1),
        ("ppo", 0.1, 0),
    ]
    with pytest.raises(ValueError, match=r"nothing fits; in .* there is: dqn, other\.txt, ppo"):
        found_by(str(tmp_path / "{algorithm}" / "{gamma}_g{seed}"), "paths")


def test_what_is_there_is_no_pattern(tmp_path):
    path = tmp_path / "{odd}.monitor.csv"
    path.write_text('#{"t_start": 0}\nr,l,t\n1,1,1\n')
    assert Runs.from_monitor(path).hyperparameters == []


def test_what_the_path_says_is_not_said_twice(tmp_path):
    (tmp_path / "s1.monitor.csv").write_text('#{"t_start": 0}\nr,l,t\n1,1,1\n')
    with pytest.raises(ValueError, match=r"`seeds` is given, and `paths` has the field \{seed\}"):
        Runs.from_monitor(tmp_path / "s{seed}.monitor.csv", seeds=3)
