"""What carries over between environments: features, ranks, warm starts that help and that hurt, settings elsewhere."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from ConfigSpace import ConfigurationSpace

import rlhp
from rlhp import Runs, hpo
from rlhp.hpo.environments._agreement import _resampled
from rlhp.hpo.environments._transfer import _portfolio
from rlhp.hpo.tuning._difference import difference
from rlhp.runs import concat

SPACE = ConfigurationSpace(space={"gamma": (0.0, 1.0)})
GAMMAS = np.linspace(0.02, 0.98, 49)


def sweep(best: float, *, noise: float = 0.0, seeds: int = 6, sign: float = 1.0) -> hpo.Pool:
    """Make a pool whose return falls with the distance from the best gamma."""
    rng = np.random.default_rng(round(100 * best))
    rows = [
        {"hp.gamma": gamma, "seed": seed, "step": step, "return_mean": value + noise * rng.normal()}
        for gamma in GAMMAS
        for seed in range(seeds)
        for step, value in ((50, 0.0), (100, sign * (1 - abs(gamma - best))))
    ]
    runs = Runs.from_frame(pd.DataFrame(rows), algorithm="ppo", env_id="E", steps=100, status="finished")
    return hpo.pool(runs, space=SPACE)


SAME, NEAR, FAR = sweep(0.7, noise=0.02), sweep(0.72, noise=0.02), sweep(0.1, noise=0.02)


def test_features_are_what_the_environments_are() -> None:
    names = ["CartPole-v1", "MountainCar-v0", "Acrobot-v1", "Pendulum-v1"]
    found = hpo.environment_features(names, rng=0, episodes=4)
    again = hpo.environment_features(names, rng=0, episodes=4)
    pd.testing.assert_frame_equal(found.table, again.table)
    cart, car = found.table.loc["CartPole-v1"], found.table.loc["MountainCar-v0"]
    assert (cart["observation_size"], cart["n_actions"], cart["horizon"]) == (4, 2, 500)
    assert cart["random_return"] == cart["random_length"]  # one a step
    assert cart["random_return.low"] < cart["random_return"] < cart["random_return.high"]
    assert (car["random_return"], car["random_truncated"], car["reward_sign"]) == (-200, 1.0, -1.0)
    assert (found.table["actions"] == ["Discrete", "Discrete", "Discrete", "Box"]).all()
    distances = found.distances.to_numpy()
    assert (distances == distances.T).all()
    assert (np.diag(distances) == 0).all()
    assert (distances[~np.eye(4, dtype=bool)] > 0).all()
    assert distances.max() <= 1
    assert found.nearest("MountainCar-v0").index[0] == "Acrobot-v1"


def test_ranks_agree_where_the_best_is_the_same_and_disagree_upside_down() -> None:
    sources = {"same": SAME, "near": NEAR, "upside down": sweep(0.7, noise=0.02, sign=-1.0)}
    found = hpo.rank_agreement(sources, rng=0, n_boot=60).table.set_index(["one", "other"])
    assert found.loc[("same", "near"), "correlation"] > 0.9
    assert found.loc[("same", "upside down"), "correlation"] < -0.9
    assert found.loc[("same", "same"), "correlation"] > 0.9
    assert (found["low"] <= found["correlation"]).all()
    assert (found["correlation"] <= found["high"]).all()
    few = hpo.rank_agreement({"same": SAME, "far": FAR}, rng=0, n_boot=60, probes=8).table.iloc[0]
    many = hpo.rank_agreement({"same": SAME, "far": FAR}, rng=0, n_boot=60).table.iloc[0]
    assert few["n"] == 8
    assert few["high"] - few["low"] > many["high"] - many["low"]


def test_intervals_of_rank_correlations_hold_the_truth() -> None:
    """Normal scores of correlation r have rank correlation 6 / pi arcsin(r / 2)."""
    rng, held = np.random.default_rng(0), 0
    truth = 6 / np.pi * np.arcsin(0.6 / 2)
    for _ in range(60):
        one, other = rng.multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]], (60, 3)).transpose(2, 0, 1)
        low, high = np.quantile([_resampled(one, other, rng) for _ in range(100)], [0.025, 0.975])
        held += low <= truth <= high
    assert 52 <= held < 60


def test_a_portfolio_takes_what_complements_and_then_what_is_best_on_average() -> None:
    levels = np.array([[1.0, 0.1, 0.1], [0.9, 0.2, 0.2], [0.1, 1.0, 1.0], [0.6, 0.6, 0.6], [np.nan, np.nan, 0.9]])
    assert _portfolio(levels, 4) == [2, 0, 3, 1]
    assert _portfolio(levels[:2], 9) == [1, 0]


def test_a_warm_search_tries_its_starts_and_leaves_a_prior_that_fades() -> None:
    warm = hpo.warm_start([NEAR], searcher="random", starts=3, good=0.1)
    assert all(abs(one["gamma"] - 0.72) < 0.05 for one in warm.starts)
    first = warm.propose(SPACE, hpo.Observations(), 5, np.random.default_rng(0))
    assert first[:3] == list(warm.starts)
    told = hpo.Observations(first[:3], np.zeros(3))
    assert first[0] not in warm.propose(SPACE, told, 3, np.random.default_rng(0))

    def share_near(n: int) -> float:
        rng = np.random.default_rng(1)
        seen = hpo.Observations([*warm.starts, *({"gamma": x} for x in np.linspace(0, 0.3, n))], np.zeros(3 + n))
        found = [warm.propose(SPACE, seen, 1, rng)[0]["gamma"] for _ in range(100)]
        return float(np.mean(np.abs(np.array(found) - 0.72) < 0.2))

    assert share_near(2) > share_near(200) + 0.1
    assert share_near(200) == pytest.approx(0.4, abs=0.12)  # as much as even draws
    elsewhere = hpo.Warm(starts=[{"tau": 0.5}, {"gamma": 7.0}], good=[{"tau": 0.5}], searcher="random", share=1.0)
    assert 0 <= elsewhere.propose(SPACE, hpo.Observations(), 1, np.random.default_rng(0))[0]["gamma"] <= 1


def test_a_warm_searcher_passes_what_is_asked_of_all() -> None:
    hpo.check_searcher(hpo.Warm(searcher="random", starts=[{"gamma": 0.5}], good=[{"gamma": 0.5}]))


def test_a_near_source_helps_and_a_far_one_hurts_and_says_so() -> None:
    options = {"budgets": [900, 6000], "searcher": "random", "repetitions": 12, "starts": 3}
    helped = hpo.transfer(SAME, {"near": NEAR}, **options)
    hurt = hpo.transfer(SAME, {"far": FAR}, **options)
    assert helped.verdict == "helped"
    assert not helped.hurt
    assert hurt.hurt
    assert hurt.verdict == "hurt"
    assert "the warm start hurt at 900" in repr(hurt)
    row = hurt.table.iloc[0]
    assert row["low"] < row["difference"] < row["high"] < 0
    assert row["difference"] == pytest.approx(row["with"] - row["without"])
    np.testing.assert_array_equal(hurt.scores[0], helped.scores[0])  # without, it is one search


def test_the_best_setting_of_one_world_is_tested_in_the_others() -> None:
    found = hpo.generalisation({"same": SAME, "near": NEAR, "far": FAR})
    table = found.table.set_index(["tuned_on", "tested_on"])
    assert (found.losses.to_numpy().diagonal() == 0).all()
    assert table.loc[("far", "same"), "loss"] == pytest.approx(0.6, abs=0.06)
    assert table.loc[("far", "same"), "low"] > 0.5
    assert table.loc[("near", "same"), "low"] < 0 < table.loc[("near", "same"), "high"]
    assert abs(found.configurations["far"]["gamma"] - 0.1) < 0.05
    assert "all others" in found.losses.index
    assert "lose to the one tuned in place" in repr(found)


def test_two_seeds_that_test_give_no_interval_of_a_loss() -> None:
    found = hpo.generalisation({"same": sweep(0.7, noise=0.02, seeds=5), "far": sweep(0.1, noise=0.02, seeds=5)})
    away = found.table[found.table["tuned_on"] != found.table["tested_on"]]
    assert away["loss"].notna().all()
    assert away[["low", "high"]].isna().all(axis=None)
    assert "of 2 settings from elsewhere nobody can say: fewer than three seeds test" in repr(found)
    assert "beyond chance" not in repr(found)


def test_no_difference_is_larger_than_returns_allow() -> None:
    one, other = np.array([400.0, 500.0, 500.0]), np.array([1.0, 1.0, 90.0])
    value, low, high = difference(one, other, 0.95, (1.0, 500.0))
    assert (value, high) == (one.mean() - other.mean(), 499)
    assert low == difference(one, other, 0.95)[1]
    assert np.isnan(difference(one[:2], other, 0.95)[1:]).all()


def in_worlds(best: dict[float, float]) -> Runs:
    """Runs whose return falls with the distance from the gamma that is best in their gravity."""
    rng = np.random.default_rng(0)
    rows = [
        {"hp.gamma": gamma, "hp.env.gravity": gravity, "seed": seed, "step": step, "return_mean": value}
        for gravity, good in best.items()
        for gamma in GAMMAS
        for seed in range(6)
        for step, value in ((50, 0.0), (100, 1 - abs(gamma - good) + 0.02 * rng.normal()))
    ]
    frame = pd.DataFrame(rows)
    return Runs.from_frame(frame, algorithm="ppo", env_id="CartPole-v1", steps=100, status="finished")


def test_what_was_tuned_in_some_worlds_is_tested_in_one_that_was_held_out() -> None:
    # The default gravity is 9.8: those runs say nothing of it.
    runs, judging = in_worlds({20.0: 0.8, 5.0: 0.3, np.nan: 0.4}), hpo.Judging(seeds=2, choice_seeds=0, test_seeds=4)
    made = hpo.worlds(runs, space=SPACE, judging=judging)
    assert list(made) == ["gravity 5", "gravity 9.8", "gravity 20"]
    assert [one.judging.testing for one in made.values()] == [(2, 3, 4, 5)] * 3
    assert list(made["gravity 5"].space) == ["gamma"]
    found = hpo.generalisation(made, held_out=["gravity 20"])
    table = found.table.set_index(["tuned_on", "tested_on"])
    assert set(found.configurations) == {"gravity 5", "gravity 9.8"} == {one for one, _ in table.index} - {"all others"}
    assert table["held_out"].equals(pd.Series([where == "gravity 20" for _, where in table.index], table.index))
    # 0.3 and 0.4 where 0.8 is best
    assert table.loc[("gravity 5", "gravity 20"), "loss"] == pytest.approx(0.5, abs=0.06)
    assert table.loc[("gravity 9.8", "gravity 20"), "loss"] == pytest.approx(0.4, abs=0.06)
    assert table.loc[("all others", "gravity 20"), "loss"] == pytest.approx(0.45, abs=0.08)
    assert ("all others", "gravity 5") not in table.index, "of one other world there is nothing to average"
    assert found.losses.shape == (3, 3)
    assert "3 of 3 settings from elsewhere lose to the one tuned in place, beyond chance; held out: gravity 20" in repr(
        found
    )
    whole = hpo.generalisation(made)
    assert whole.held_out == ()
    pd.testing.assert_frame_equal(whole.losses.loc[["gravity 5"]], found.losses.loc[["gravity 5"]])


@pytest.mark.hard
def test_worlds_that_were_trained_are_parted() -> None:
    pytest.importorskip("jax")
    configs = [
        {"n_steps": 8, "net_arch": [8], "gamma": gamma, "env.gravity": gravity}
        for gravity in (2.0, 9.8, 60.0)
        for gamma in (0.8, 0.95, 0.99)
    ]
    runs = rlhp.sweep("a2c", "CartPole-v1", configs, steps=160, seeds=4, engine="jax")
    made = hpo.worlds(runs, judging=hpo.Judging(seeds=2, choice_seeds=0, test_seeds=2))
    assert list(made) == ["gravity 2", "gravity 9.8", "gravity 60"]
    assert all(one.capacity == 3 for one in made.values())
    found = hpo.generalisation(made, held_out=["gravity 60"])
    for name, one in made.items():
        place = one.place(found.configurations["gravity 2"])
        told = found.table.set_index(["tuned_on", "tested_on"])["score"]
        assert told["gravity 2", name] == pytest.approx(one.truth(one.judging.testing)[place])


@pytest.mark.parametrize(
    ("call", "kind", "said"),
    [
        (lambda: hpo.environment_features(["CartPole-v1"], rng=0), ValueError, "give two environments or more"),
        (lambda: hpo.rank_agreement([SAME], rng=0), ValueError, "`sources` has 1 sweeps; give 2 or more"),
        (lambda: hpo.rank_agreement([SAME, 3], rng=0), TypeError, r"`sources\[1\]` is 3"),
        (lambda: hpo.rank_agreement([SAME, NEAR], rng=0), ValueError, "`sources` has 'E' twice"),
        (lambda: hpo.transfer(SAME, {"a": SAME}, budgets=[600]), ValueError, "'a', which is the target"),
        (lambda: hpo.transfer(SAME, {"a": NEAR}, budgets=[100]), ValueError, "needs 300 at least"),
        (
            lambda: hpo.warm_start([NEAR], {"tau": (0.0, 1.0)}),
            ValueError,
            "no configuration of `sources` is of",
        ),
        (lambda: hpo.Warm(share=2), ValueError, "`share` is 2"),
        (lambda: hpo.generalisation(["ppo_cartpole", "dqn_cartpole"]), ValueError, "not of the same configurations"),
        (
            lambda: hpo.generalisation({"same": SAME, "near": NEAR}, held_out=["nearer"]),
            ValueError,
            "unknown held_out `nearer`; did you mean `near`",
        ),
        (
            lambda: hpo.generalisation({"same": SAME, "near": NEAR}, held_out=["near", "same"]),
            ValueError,
            "`held_out` has all of `sources`; leave one to tune on",
        ),
        (lambda: hpo.worlds(SAME), TypeError, "`runs` is"),
        (lambda: hpo.worlds(SAME.runs), ValueError, "`runs` were all trained in one world of E"),
        (lambda: hpo.worlds(in_worlds({5.0: 0.3})), ValueError, "in one world of CartPole-v1; train the same"),
        (
            lambda: hpo.worlds(concat([in_worlds({5.0: 0.3}), SAME.runs])),
            ValueError,
            "`runs` are of the environments CartPole-v1, E; give those of one",
        ),
    ],
)
def test_what_cannot_be_is_refused(call, kind, said) -> None:
    with pytest.raises(kind, match=said):
        call()
