from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from rlhp import Runs, curves
from rlhp.curves import adjusted
from rlhp.runs import concat

pytestmark = pytest.mark.filterwarnings("ignore::rlhp.curves.FewRunsWarning")


def groups(*scores, env_id="A"):
    configs = [{"gamma": float(k)} for k, values in enumerate(scores) for _ in values]
    seeds = [seed for values in scores for seed in range(len(values))]
    return Runs.from_table(configs, np.concatenate(scores), seeds=seeds, env_id=env_id)


def first(runs, *, rng=0, normalise=None, **tested):
    found = curves.compare(runs, by="gamma", rng=rng, normalise=normalise, test=curves.Test(**tested))
    return found.table.iloc[0]


def two(n=7, m=9, apart=1.0, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(apart, 1, n), rng.normal(0, 2, m)


@pytest.mark.parametrize(("statistic", "trim"), [("mean", 0.0), ("iqm", 0.25)])
def test_welch_and_yuen_are_scipys(statistic, trim) -> None:
    a, b = two()
    ours = first(groups(a, b), method="welch", statistic=statistic)
    theirs = stats.ttest_ind(a, b, equal_var=False, trim=trim)
    assert ours["p"] == pytest.approx(theirs.pvalue, rel=1e-9)
    assert ours["difference"] == pytest.approx(stats.trim_mean(a, trim) - stats.trim_mean(b, trim))
    if not trim:
        assert (ours["low"], ours["high"]) == pytest.approx(tuple(theirs.confidence_interval()))


def test_all_permutations_are_scipys() -> None:
    a, b = two(4, 5)

    def welch(x, y, axis):
        return np.abs(stats.ttest_ind(x, y, equal_var=False, axis=axis).statistic)

    theirs = stats.permutation_test((a, b), welch, alternative="greater", n_resamples=np.inf)
    result = curves.compare(groups(a, b), by="gamma", rng=0)
    assert result.table["p"][0] == pytest.approx(theirs.pvalue)
    assert result.exact == (True,)
    assert len(result.draws[0]) == 126


def test_random_permutations_come_close_to_all() -> None:
    a, b = two(6, 6)
    whole, some = (first(groups(a, b), n_boot=n)["p"] for n in (924, 900))
    assert some == pytest.approx(whole, abs=4 * np.sqrt(whole / 900))


@pytest.mark.parametrize("method", ["welch", "permutation", "bootstrap"])
def test_interval_and_test_agree(method) -> None:
    for seed in range(12):
        a, b = two(6, 6, apart=1.6, seed=seed)
        row = first(groups(a, b), method=method, n_boot=500, correction="none")
        clear = row["low"] > 0 or row["high"] < 0
        assert row["differ"] or not clear
        # With permutations the interval may be Welch's, which is wider.
        assert clear or not row["differ"] or method == "permutation"


def test_the_interval_covers_a_large_difference_of_few_runs() -> None:
    """Permutations of scores far apart know only the gap: their interval alone covers in 79 %."""
    rng = np.random.default_rng(0)
    covered = []
    for _ in range(120):
        row = first(groups(rng.normal(20, 1, 4), rng.normal(0, 1, 4)))
        covered.append(row["low"] <= 20 <= row["high"])
        assert row["p"] == pytest.approx(2 / 70)
    assert np.mean(covered) >= 0.93


@pytest.mark.parametrize(
    ("n", "m", "confidence", "bounded"),
    [(2, 2, 0.95, False), (3, 3, 0.95, False), (3, 3, 0.9, True), (3, 4, 0.95, True), (4, 4, 0.95, True)],
)
def test_too_few_permutations_leave_no_bounds(n, m, confidence, bounded) -> None:
    """Equal groups that change places are as far apart: p is at least 2 / N of theirs, 1 / N of unequal ones."""
    row = first(groups(np.arange(n) + 100.0, np.arange(m) * 1.1), confidence=confidence)
    assert row["p"] == pytest.approx((1 + (n == m)) / math.comb(n + m, n))
    assert row["differ"] == bounded
    assert np.isfinite([row["low"], row["high"]]).all() == bounded
    assert np.isfinite(row["difference"])
    if not bounded:
        assert (row["low"], row["high"]) == (-np.inf, np.inf)


def test_environments_in_other_proportions_are_refused() -> None:
    """No effect in either environment, yet eight runs of A and two of B against five and five would differ."""
    rng = np.random.default_rng(0)

    def both(*counts):
        parts = [groups(*(rng.normal(far, 0.1, n) for n in sizes), env_id=env) for env, far, sizes in counts]
        return first(concat(parts), normalise={"A": (0, 1), "B": (0, 1)})

    with pytest.raises(ValueError, match=r"`gamma = 0` has 8 of A, 2 of B; `gamma = 1` has 5 of A, 5 of B.*seed="):
        both(("A", 0, (8, 5)), ("B", 1, (2, 5)))
    assert abs(both(("A", 0, (6, 3)), ("B", 1, (6, 3)))["difference"]) < 0.2
    assert abs(both(("A", 0, (6, 3)), ("B", 1, (4, 2)))["difference"]) < 0.2


@pytest.mark.parametrize("method", ["welch", "permutation", "bootstrap"])
def test_shift_and_scale_change_nothing_but_the_unit(method) -> None:
    a, b = two()
    row, moved = (first(groups(*pair), method=method) for pair in ((a, b), (10 + 3 * a, 10 + 3 * b)))
    assert moved["p"] == pytest.approx(row["p"])
    assert (moved["low"], moved["high"]) == pytest.approx((3 * row["low"], 3 * row["high"]))


def test_permutation_level_where_spreads_differ() -> None:
    """The studentised test keeps its level with unequal sizes and spreads; the plain one would not."""
    rng = np.random.default_rng(0)
    found = [first(groups(rng.normal(0, 3, 5), rng.normal(0, 1, 12)), n_boot=400)["p"] <= 0.05 for _ in range(60)]
    assert np.mean(found) < 0.15


def test_permutations_stay_in_their_environment() -> None:
    """Environments far apart: were runs to change environment, nothing would ever be significant."""
    rng = np.random.default_rng(0)
    runs = concat(
        [groups(rng.normal(1 + far, 0.3, 4), rng.normal(far, 0.3, 4), env_id=env) for env, far in (("A", 0), ("B", 99))]
    )
    for method in ("welch", "permutation", "bootstrap"):
        row = first(runs, method=method, normalise={"A": (0, 1), "B": (0, 1)}, n_boot=2000)
        assert row["difference"] == pytest.approx(1, abs=0.4)
        assert row["p"] < 0.01


def test_holm_is_the_textbooks() -> None:
    np.testing.assert_allclose(adjusted([0.01, 0.04, 0.03, 0.005]), [0.03, 0.06, 0.06, 0.02])
    np.testing.assert_allclose(adjusted([0.01, 0.4], "bonferroni"), [0.02, 0.8])
    np.testing.assert_allclose(adjusted([0.6, 0.9]), [1, 1])


def test_pairs_are_adjusted_together() -> None:
    rng = np.random.default_rng(1)
    runs = groups(*(rng.normal(k / 2, 1, 8) for k in range(3)))
    everyone = curves.compare(runs, by="gamma", rng=0, test="welch")
    assert len(everyone.table) == 3
    np.testing.assert_allclose(everyone.table["p_adjusted"], adjusted(everyone.table["p"]))
    assert curves.compare(runs, by="gamma", rng=0, reference=2).table["b"].tolist() == ["gamma = 2"] * 2
    assert "p-values of 3 pairs adjusted by Holm" in repr(everyone)


def test_runs_that_all_agree() -> None:
    row = first(groups(np.full(5, 500.0), np.full(5, 500.0)), method="permutation")
    assert (row["difference"], row["p"], row["low"], row["high"]) == (0, 1, 0, 0)


CONSTANTS = st.tuples(*[st.floats(-1e6, 1e6).map(lambda x: round(x, 3))] * 2, st.integers(3, 9)).filter(
    lambda drawn: drawn[0] != drawn[1]
)


@settings(max_examples=25, deadline=None)
@given(CONSTANTS)
@pytest.mark.parametrize("statistic", ["mean", "iqm"])
@pytest.mark.parametrize("method", ["welch", "permutation", "bootstrap"])
def test_what_the_equal_runs_are_decides_nothing(method, statistic, drawn) -> None:
    """Five times 0.93 have a mean that is not 0.93: rounding is no spread, whatever the constants."""
    a, b, n = drawn
    options = {"method": method, "statistic": statistic, "n_boot": 999}
    plain, odd = first(groups([1.0] * n, [2.0] * n), **options), first(groups([a] * n, [b] * n), **options)
    assert odd["p"] == plain["p"]
    width = plain["high"] - plain["low"]
    if math.isfinite(width):
        assert odd["high"] - odd["low"] == width == 0
    else:  # too few permutations for any bounds
        assert not math.isfinite(odd["high"] - odd["low"])


@pytest.mark.parametrize(
    ("method", "statistic", "p"),
    [
        ("bootstrap", "mean", 1 / 10_001),
        ("bootstrap", "iqm", 1 / 10_001),
        ("permutation", "mean", 2 / 252),
        # An IQM of five does not see one run that is odd: with 5 x 5 exchanges of one run, both ways, nothing changes.
        ("permutation", "iqm", 52 / 252),
    ],
)
def test_five_runs_of_93_against_five_of_95(method, statistic, p) -> None:
    found = first(groups([0.93] * 5, [0.95] * 5), method=method, statistic=statistic)
    assert found["p"] == pytest.approx(p)
    if p < 0.05:
        assert found["low"] == found["high"] == pytest.approx(-0.02)


@pytest.mark.parametrize("method", ["welch", "permutation", "bootstrap"])
def test_a_last_digit_is_no_difference(method) -> None:
    """A mean of the same episodes in another order is no other mean, however small the spread beside it."""
    found = first(groups([0.1 + 0.2] * 5, [0.3] * 5), method=method)
    assert (found["difference"], found["p"], found["low"], found["high"]) == (0, 1, 0, 0)
    assert curves.compare(groups([0.1 + 0.2] * 5, [0.3] * 5), by="gamma", rng=0).table["differ"].tolist() == [False]
    ahead = first(groups([0.3 + 1e-9] * 5, [0.3] * 5), method=method)
    assert ahead["difference"] == pytest.approx(1e-9, rel=1e-6)
    assert ahead["p"] < 0.01


def test_same_seed_same_numbers() -> None:
    runs = groups(*two(10, 12))
    one, same, other = (curves.compare(runs, by="gamma", rng=seed, test=curves.Test(n_boot=300)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.draws[0], same.draws[0])
    assert not np.array_equal(one.draws[0], other.draws[0])
    assert "300 permutations" in one._repr_html_()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "wilch"}, "unknown method `wilch`; did you mean `welch`"),
        ({"statistic": "median"}, "unknown statistic `median`"),
        ({"correction": "hlm"}, "unknown correction `hlm`; did you mean `holm`"),
        ({"confidence": 95}, r"`test\.confidence` is 95; .*, not per cent, such as 0\.95"),
        ({"n_boot": 10}, r"`test\.n_boot` is 10; give a whole number of at least 40"),
        ({"rng": None}, "give a seed"),
    ],
)
def test_options_that_cannot_be(options, message) -> None:
    with pytest.raises(ValueError, match=message):
        first(groups(*two()), **options)


def test_the_name_of_a_method_is_short_for_its_test() -> None:
    runs = groups(*two())
    short, long = (curves.compare(runs, by="gamma", rng=0, test=one) for one in ("bootstrap", curves.Test("bootstrap")))
    assert short.table.equals(long.table)
    assert short.method == "bootstrap"
    with pytest.raises(ValueError, match="unknown test `wilch`; did you mean `welch`"):
        curves.compare(runs, by="gamma", rng=0, test="wilch")
    with pytest.raises(TypeError, match=r"`test` is 5; give one of 'permutation', .* or `curves\.Test\(\.\.\.\)`"):
        curves.compare(runs, by="gamma", rng=0, test=5)


def test_one_run_has_no_spread() -> None:
    with pytest.raises(ValueError, match="`gamma = 1` has 1 run, too few to know their spread"):
        first(groups(np.arange(4.0), np.array([1.0])))
