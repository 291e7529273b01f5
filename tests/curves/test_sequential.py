from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest

from rlhp import Runs, curves


def groups(*scores):
    configs = [{"gamma": float(k)} for k, values in enumerate(scores) for _ in values]
    seeds = [seed for values in scores for seed in range(len(values))]
    return Runs.from_table(configs, np.concatenate(scores), seeds=seeds)


def looked(runs, **options):
    return curves.compare_sequentially(runs, **({"by": "gamma", "rng": 0, "n_permutations": 1000} | options))


def test_a_clear_difference_stops_at_the_first_look() -> None:
    rng = np.random.default_rng(0)
    found = looked(groups(rng.normal(9, 1, 20), rng.normal(0, 1, 20)))
    assert found.decided
    assert found.table[["decision", "look", "n"]].iloc[0].tolist() == ["gamma = 0 is better", 1, 5]


def test_equal_groups_are_looked_at_to_the_end() -> None:
    values = np.random.default_rng(0).normal(size=20)
    found = looked(groups(values, values[::-1].copy()))
    assert found.table["decision"].tolist() == ["no difference found"]
    assert found.looks["n"].tolist() == [5, 10, 15, 20]


def test_fewer_batches_leave_it_open() -> None:
    values = np.random.default_rng(0).normal(size=11)
    found = looked(groups(values, values[::-1].copy()))
    assert not found.decided
    assert found.table["decision"].tolist() == ["undecided: train 5 more seeds"]
    assert found.draws.shape == (2, 1, 1000)


@pytest.mark.parametrize("seed", range(6))
def test_more_seeds_do_not_rewrite_earlier_looks(seed) -> None:
    """Neither statistic nor boundary nor decision: the looks of a first call are the first of every later one."""
    rng = np.random.default_rng(seed)
    scores = rng.normal([[1.2], [0.6], [0]], 1, (3, 20))
    calls = [looked(groups(*scores[:, :n]), n_permutations=300, rng=seed) for n in (5, 10, 15, 20)]
    for early, late in itertools.pairwise(calls):
        pd.testing.assert_frame_equal(early.looks, late.looks[: len(early.looks)], check_exact=True)
        decided = early.table["decision"].str.endswith("better")
        pd.testing.assert_frame_equal(early.table[decided], late.table[decided], check_exact=True)
        np.testing.assert_array_equal(early.draws, late.draws[: len(early.draws)])


def test_who_is_decided_needs_no_more_seeds() -> None:
    """Two close groups go on to their second look while the third, decided at the first, stays at five seeds."""
    rng = np.random.default_rng(0)
    a, b, c = *rng.normal(0, 1, (2, 10)), rng.normal(9, 1, 10)
    early, late = looked(groups(a[:5], b[:5], c[:5])), looked(groups(a, b, c[:5]))
    assert early.table["decision"].tolist() == ["undecided: train 5 more seeds"] + ["gamma = 2 is better"] * 2
    assert late.table["decision"].tolist() == early.table["decision"].tolist()
    assert early.table["n"].tolist() == [5, 5, 5]
    assert late.table["n"].tolist() == [10, 5, 5]
    # No seed of C would change anything.
    assert late.looks.equals(looked(groups(a, b, c)).looks)
    assert np.isnan(late.draws[1, 1:]).all()


def test_a_pair_that_waits_says_for_whom() -> None:
    """All three undecided: the second look needs the third group, whose missing seeds are 10 less the 8 there are."""
    a, b, c = np.random.default_rng(1).normal(0, 1, (3, 20))
    found = looked(groups(a, b[:10], c[:8]))
    assert found.table["decision"].tolist() == ["undecided: train 2 more seeds of gamma = 2"] * 3
    assert found.table["n"].tolist() == [5, 5, 5]
    assert not found.decided
    both = looked(groups(a, b[:8], c[:9])).table["decision"].tolist()
    assert both[0] == "undecided: train 2 more seeds of gamma = 1"
    assert both[1:] == ["undecided: train 1 more seed of gamma = 2", "undecided: train 5 more seeds"]


def test_all_looks_and_pairs_together_keep_the_level() -> None:
    rng = np.random.default_rng(0)
    wrong = []
    for study in range(50):
        found = looked(groups(*rng.normal(size=(3, 12))), batch=3, n_permutations=400, rng=study)
        wrong.append(found.table["decision"].str.endswith("better").any())
    assert np.mean(wrong) < 0.15


def test_the_level_is_that_of_equal_distributions() -> None:
    """Equal means are not enough at batches of five, and the words say so."""
    rng = np.random.default_rng(0)
    wrong = []
    for study in range(40):
        skewed = rng.lognormal(0, 1, 20) - np.exp(0.5)
        found = looked(groups(skewed, rng.normal(0, 0.01, 20)), n_permutations=400, rng=study)
        wrong.append(found.table["decision"][0].endswith("better"))
    assert 0.15 < np.mean(wrong) < 0.4
    assert "at most 5 % of studies whose groups have the same distribution of scores" in found.method_text


def test_a_pair_that_is_decided_leaves_the_others() -> None:
    rng = np.random.default_rng(0)
    found = looked(groups(rng.normal(9, 1, 10), *rng.normal(0, 1, (2, 10))), most=2)
    assert found.table["decision"].tolist() == ["gamma = 0 is better"] * 2 + ["no difference found"]
    assert "group-sequential permutation test" in repr(found)
    assert "<table" in found._repr_html_()


def test_seeds_decide_the_order() -> None:
    rng = np.random.default_rng(0)
    runs = groups(rng.normal(1, 1, 10), rng.normal(0, 2, 10))
    shuffled = runs.select()
    order = np.random.default_rng(0).permutation(len(runs))
    shuffled = Runs(shuffled.table.iloc[order], shuffled.evals, shuffled.history)
    assert looked(runs).looks.equals(looked(shuffled).looks)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"batch": 1}, "`batch` is 1; give a whole number of at least 2"),
        ({"most": 0}, "`most` is 0; give a whole number of at least 1"),
        ({"alpha": 5}, "`alpha` is 5; give a probability between 0 and 1"),
        ({"batch": 8}, "`gamma = 0` has 7 runs, fewer than one batch of 8"),
        ({"rng": "0"}, "give a seed"),
    ],
)
def test_options_that_cannot_be(options, message) -> None:
    with pytest.raises(ValueError, match=message):
        looked(groups(np.arange(7.0), np.arange(9.0)), **options)
