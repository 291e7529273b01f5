from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from rlhp import Runs, curves
from rlhp.curves._improvement import newcombe
from rlhp.runs import concat


def two(x, y, env_id="A"):
    configs = [{"gamma": 0.0}] * len(x) + [{"gamma": 1.0}] * len(y)
    seeds = [*range(len(x)), *range(len(y))]
    return Runs.from_table(configs, np.concatenate([x, y]), seeds=seeds, env_id=env_id)


def test_it_is_mann_whitneys_u_over_n_m() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.integers(0, 6, 9).astype(float), rng.integers(0, 6, 7).astype(float)
    found = curves.probability_of_improvement(two(x, y), by="gamma", rng=0)
    assert found.table["probability"].tolist() == pytest.approx([stats.mannwhitneyu(x, y).statistic / 63])
    assert found.draws.shape == (1, 2000)
    assert found.draws.mean() == pytest.approx(found.table["probability"][0], abs=0.02)


def test_a_last_digit_is_a_tie() -> None:
    found = curves.probability_of_improvement(two([0.1 + 0.2] * 5, [0.3] * 5), by="gamma", rng=0)
    assert found.table["probability"].tolist() == [0.5]


def test_turned_round_it_is_the_rest() -> None:
    x, y = np.arange(5.0), np.arange(5.0) + 1.5
    (a,), (b,) = (
        curves.probability_of_improvement(two(x, y), by="gamma", rng=0, reference=ref).table.itertuples()
        for ref in (1.0, 0.0)
    )
    assert a.probability == pytest.approx(1 - b.probability)
    assert (a.low, a.high) == pytest.approx((1 - b.high, 1 - b.low))


def test_it_is_the_mean_over_environments_whatever_their_scales() -> None:
    rng = np.random.default_rng(1)
    values = [(rng.normal(size=5), rng.normal(size=6)) for _ in range(3)]
    runs = concat(
        [two(x * 10**k, y * 10**k, env_id=name) for k, (name, (x, y)) in enumerate(zip("ABC", values, strict=True))]
    )
    found = curves.probability_of_improvement(runs, by="gamma", rng=0).table.iloc[0]
    wanted = [stats.mannwhitneyu(x, y).statistic / 30 for x, y in values]
    assert found["probability"] == pytest.approx(np.mean(wanted))
    alone = [newcombe(p, 5, 6) for p in wanted]
    assert found["high"] - found["low"] < np.mean([high - low for low, high in alone])
    assert found["environments"] == 3


def test_less_is_better_is_turned() -> None:
    runs = two(np.arange(5.0), np.arange(5.0) + 10)
    times = Runs(runs.table.assign(wall_time_s=[1.0] * 5 + [2.0] * 5), runs.evals, runs.history)
    assert curves.probability_of_improvement(times, "wall_time", by="gamma", rng=0).table["probability"][0] == 1


def test_newcombe_inverts_its_own_test() -> None:
    n, m, p = 6, 9, 0.7
    for end in newcombe(p, n, m):
        extra = (n + m) / 2 - 1
        spread = end * (1 - end) * (1 + extra * (1 - end) / (2 - end) + extra * end / (1 + end)) / (n * m)
        assert abs(p - end) / np.sqrt(spread) == pytest.approx(stats.norm.ppf(0.975), rel=1e-6)


def test_newcombe_where_one_always_wins() -> None:
    low, high = newcombe(1.0, 5, 5)
    assert high == 1
    assert 0.6 < low < 0.7
    assert newcombe(0.0, 5, 5) == pytest.approx((0, 1 - low))


@pytest.mark.parametrize(("n", "apart"), [(5, 0.0), (5, 1.5), (10, 1.0)])
def test_newcombe_covers(n, apart) -> None:
    rng = np.random.default_rng(n)
    x, y = rng.normal(apart, 1, (500, n)), rng.normal(0, 1, (500, n))
    truth = stats.norm.cdf(apart / np.sqrt(2))
    ends = [newcombe(p, n, n) for p in (x[:, :, None] > y[:, None]).mean(axis=(1, 2))]
    assert 0.92 < np.mean([low <= truth <= high for low, high in ends]) < 0.99


def test_same_seed_and_words() -> None:
    runs = two(np.arange(5.0), np.arange(5.0))
    first, second = (curves.probability_of_improvement(runs, by="gamma", rng=4) for _ in range(2))
    np.testing.assert_array_equal(first.draws, second.draws)
    for text in (repr(first), first._repr_html_()):
        assert "probability of a better final_return" in text
        assert "Newcombe" in text


def test_pairs_and_their_errors() -> None:
    runs = Runs.from_table([{"gamma": k // 3} for k in range(9)], range(9), seeds=[0, 1, 2] * 3)
    assert len(curves.probability_of_improvement(runs, by="gamma", rng=0).table) == 3
    assert len(curves.probability_of_improvement(runs, by="gamma", rng=0, reference=0).table) == 2
    with pytest.raises(ValueError, match="`reference` is 7, which is no group by gamma; groups: 0, 1, 2"):
        curves.probability_of_improvement(runs, by="gamma", rng=0, reference=7)
    with pytest.raises(ValueError, match="there is 1 group, so nothing to compare"):
        curves.probability_of_improvement(runs, by="algorithm", rng=0)
    odd = concat([two(np.arange(3.0), np.arange(3.0)), Runs.from_table([{"gamma": 0.0}], [1.0], env_id="B")])
    with pytest.raises(ValueError, match="B is in only one of `gamma = 0` and `gamma = 1`"):
        curves.probability_of_improvement(odd, by="gamma", rng=0)
