"""The best so far of a search, and what random orders of its trials give: against all orders of a few."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from rlhp import Runs, curves, objectives
from rlhp.runs import concat

VALUES = [3.0, 1.0, 4.0, 1.5, 5.0, 4.5]


def scores(values=VALUES, objective="final_return", **options):
    configs = [{"gamma": 1 - 1 / (i + 2)} for i in range(len(values))]
    runs = Runs.from_table(configs, values, steps=[*range(9, 9 + len(values))])
    return objectives.score(runs, objective, **{"failures": "raise", "per": "config", **options})


def test_the_best_so_far_is_the_best_so_far() -> None:
    table = curves.search_history(scores()).table
    assert table["best"].tolist() == [3, 3, 4, 4, 5, 5]
    assert table["improved"].tolist() == [True, False, True, False, True, False]
    assert table["trial"].tolist() == [1, 2, 3, 4, 5, 6]
    assert table["score"].tolist() == VALUES


def test_random_orders_are_those_of_all_permutations() -> None:
    best = np.maximum.accumulate(list(itertools.permutations(VALUES)), axis=1)
    table = curves.search_history(scores(), confidence=0.8).table
    np.testing.assert_allclose(table["expected"], best.mean(axis=0))
    np.testing.assert_allclose(table["low"], np.quantile(best, 0.1, axis=0, method="inverted_cdf"))
    np.testing.assert_allclose(table["high"], np.quantile(best, 0.9, axis=0, method="inverted_cdf"))


def test_where_less_is_better_the_best_is_the_least() -> None:
    table = curves.search_history(scores(objective="env_steps"), confidence=0.8).table
    assert table["best"].tolist() == [9] * 6
    best = np.minimum.accumulate(list(itertools.permutations(range(9, 15))), axis=1)
    np.testing.assert_allclose(table["expected"], best.mean(axis=0))
    assert (table["low"] <= table["high"]).all()
    np.testing.assert_allclose(table["high"], np.quantile(best, 0.9, axis=0, method="inverted_cdf"))


def test_one_trial_and_many_equal_ones() -> None:
    assert curves.search_history(scores([2.0])).table["expected"].tolist() == [2.0]
    many = curves.search_history(scores([7.0] * 400)).table
    np.testing.assert_allclose(many[["expected", "low", "high"]], 7.0)
    assert curves.search_history(scores([7.0] * 5)).improvements["trial"].tolist() == [1]


def test_it_says_what_was_found_when() -> None:
    assert repr(curves.search_history(scores())).startswith(
        "SearchHistory: best final_return on unknown after 6 trials: 5, found in trial 5"
    )


def test_scores_of_two_environments_are_refused() -> None:
    runs = [Runs.from_table([{"gamma": 0.9}], [1.0], env_id=env) for env in ("A-v0", "B-v0")]
    both = objectives.score(concat(runs), "final_return", failures="raise", per="config")
    with pytest.raises(ValueError, match=r"`scores` is of 2 environments \(A-v0, B-v0\).*runs.select\(env_id='A-v0'\)"):
        curves.search_history(both)
