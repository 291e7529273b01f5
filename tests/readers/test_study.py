"""A study of others: one score a row."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from rlhp.runs import Runs


def test_a_score_that_is_not_finite_is_a_run_that_diverged():
    runs = Runs.from_table(
        pd.DataFrame({"lr": [1e-3, 1e-2, 1e-2]}), [1.0, np.nan, 3.0], algorithm="x", env_id="E", seeds=[0, 0, 0]
    )
    assert runs.table["status"].tolist() == ["finished", "diverged", "finished"]
    assert runs.table["error"].tolist() == ["", "`scores`, row 2: the score is nan", ""]
    assert runs.evals["return_mean"].tolist() == [1.0, 3.0]
    assert runs.config_id.nunique() == 2


def test_scores_with_labels_are_matched_by_label():
    configs = pd.DataFrame({"lr": [1, 2, 3]}, index=["a", "b", "c"])
    scores = pd.Series([30.0, 10.0, 20.0], index=["c", "a", "b"])
    seeds = pd.Series([3, 1, 2], index=["c", "a", "b"])
    runs = Runs.from_table(configs, scores, seeds=seeds)
    assert runs.evals["return_mean"].tolist() == [10.0, 20.0, 30.0]
    assert runs.table["seed"].tolist() == [1, 2, 3]
    assert Runs.from_table(configs, scores.to_numpy()).evals["return_mean"].tolist() == [30.0, 10.0, 20.0]


@pytest.mark.parametrize("index", [[0, 1, 2], ["a", "b", "d"], ["a", "a", "b"]])
def test_other_labels_are_refused(index):
    configs = pd.DataFrame({"lr": [1, 2, 3]}, index=["a", "b", "c"])
    with pytest.raises(ValueError, match=r"`scores` and `configs` have different labels.*scores\.to_numpy\(\)"):
        Runs.from_table(configs, pd.Series([1.0, 2.0, 3.0], index=index))


def test_the_same_labels_may_stand_twice():
    configs = pd.DataFrame({"lr": [1, 2]}, index=[0, 0])
    assert len(Runs.from_table(configs, pd.Series([1.0, 2.0], index=[0, 0]))) == 2


@pytest.mark.parametrize(
    ("configs", "options", "message"),
    [
        ([{}] * 3, {"scores": [1.0]}, "`scores` has 1 values for 3 configurations"),
        ([], {"scores": []}, "`configs` has no rows"),
        (pd.DataFrame([[1, 2]], columns=["lr", "lr"]), {}, "two columns are named `lr`"),
        (pd.DataFrame([[1, 2]], columns=["lr", "hp.lr"]), {}, "two columns for the hyperparameter `lr`"),
        (pd.DataFrame([[1, 2]]), {}, "a column named 0"),
        ([{"lr": np.inf}], {}, "`configs`, row 1, column `lr`: a hyperparameter cannot be inf"),
        ([{"lr": object}], {}, "`configs`, row 1, column `lr`"),
        ([{3: 1}], {}, r"`configs\[0\]` has the key 3"),
        ([5], {}, r"`configs\[0\]` is 5; give a mapping"),
        ("abc", {}, "`configs` is 'abc'"),
        ([{}], {"scores": ["1,000"]}, "`scores`, row 1: `1,000` is not a number"),
        ([{}], {"scores": "1"}, "`scores` is '1'"),
        ([{}], {"scores": 5}, "`scores` is 5"),
        ([{}], {"scores": [[1.0]]}, r"`scores`, row 1: \[1.0\] is not a number"),
        ([{}], {"seeds": "a"}, "`seeds` is 'a'"),
        ([{}], {"seeds": np.nan}, "`seeds` is nan"),
        ([{}], {"seeds": 2**63}, "`seeds` is 9223372036854775808"),
        ([{}] * 3, {"scores": [1, 2, 3], "seeds": [0, np.nan, 1]}, "`seeds`, number 2: nan is not a whole number"),
        ([{}] * 3, {"scores": [1, 2, 3], "seeds": [0, pd.NA, 1]}, "`seeds`, number 2: a blank cell"),
        ([{}] * 3, {"scores": [1, 2, 3], "seeds": [0, 1]}, "`seeds` holds 2 numbers for 3 runs"),
        ([{}], {"steps": -1}, "`steps` is -1"),
        ([{}], {"algorithm": 5}, "`algorithm` is 5"),
    ],
)
def test_what_is_wrong_is_named(configs, options, message):
    with pytest.raises((ValueError, TypeError), match=message):
        Runs.from_table(configs, **{"scores": [1.0], **options})


def test_steps_may_differ():
    runs = Runs.from_table([{}] * 2, [1.0, 2.0], steps=[10, 20])
    assert runs.table["steps"].tolist() == runs.evals["step"].tolist() == [10, 20]
    assert set(runs.table["status"]) == {"finished"}


def test_missing_scores_of_pandas_diverge():
    runs = Runs.from_table([{}] * 2, pd.Series([1.0, pd.NA], dtype="Float64"))
    assert runs.table["status"].tolist() == ["finished", "diverged"]
