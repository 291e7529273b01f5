"""What lecture 04 says in words of its spaces and of the measured data is what they say."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from rlhp import Runs, datasets, importance, objectives, spaces
from rlhp.importance.surrogates._fit import Surrogate

SPACE = spaces.default("dqn")
SWEPT = [name for name in SPACE if name != "net_arch"]
SETS = {"CartPole-v1": "dqn_cartpole", "Acrobot-v1": "dqn_acrobot", "MiniGrid-Empty-5x5-v0": "dqn_minigrid_empty"}
SWEPT_SPACE = spaces.subspace(SPACE, SWEPT)


@pytest.fixture(scope="module")
def sweeps() -> dict[str, Runs]:
    return {env_id: datasets.load(name) for env_id, name in SETS.items()}


@pytest.fixture(scope="module")
def cartpole(sweeps: dict[str, Runs]) -> Surrogate:
    return importance.surrogate(sweeps["CartPole-v1"], SWEPT_SPACE, "auc", rng=0, failures="worst")


def test_what_it_says_of_the_space() -> None:
    table = spaces.describe(SPACE)
    assert (table.loc["gamma", "high"], table.loc["gamma", "measure"]) == (0.9999, "flipped-log")
    assert table.loc["buffer_size", "high"] / table.loc["buffer_size", "low"] == 1_000
    assert table.loc["batch_size", "choices"] == "8, 16, 32, 64, 128, 256"
    assert len(SWEPT) == 14
    sac = spaces.default("sac")
    assert [str(one) for one in sac.conditions] == ["target_entropy | ent_coef == 'auto'"]
    assert [str(one) for one in sac.forbidden_clauses] == ["Forbidden: gradient_steps > train_freq"]
    default = dict(sac.get_default_configuration())
    assert 128 / 1 > 100 * default["gradient_steps"] / default["train_freq"]


def test_nine_in_ten_even_draws_land_in_the_top_decade() -> None:
    rates = np.random.default_rng(0).uniform(1e-5, 1e-2, 100_000)
    assert round(10 * (rates > 1e-3).mean()) == 9
    assert round(100 * (rates < 1e-4).mean()) == 1


def test_how_many_values_a_grid_tries() -> None:
    for n, of_three, of_fourteen in ((64, 4, 1), (256, 6, 1), (16_384, 25, 2)):
        assert int(n ** (1 / 3) + 1e-9) == of_three
        assert int(n ** (1 / 14) + 1e-9) == of_fourteen
    two = spaces.subspace(SPACE, ["learning_rate", "gamma"])
    tried = {
        method: spaces.sample(two, 16, method=method, rng=3)["learning_rate"].nunique()
        for method in ("grid", "random", "lhs", "sobol")
    }
    assert tried == {"grid": 4, "random": 16, "lhs": 16, "sobol": 16}


def test_the_same_configurations_were_trained_in_all(sweeps: dict[str, Runs]) -> None:
    first = sweeps["CartPole-v1"].configs[SWEPT]
    assert len(first) == 256
    assert set(sweeps["CartPole-v1"].configs["n_seeds"]) == {10}
    assert set(sweeps["CartPole-v1"].table["steps"]) == {50_000}
    for env_id, runs in sweeps.items():
        assert list(runs.table["env_id"].unique()) == [env_id]
        assert set(runs.table["hp.net_arch"]) == {"[64, 64]"}
        assert len(runs.configs[SWEPT].merge(first, on=SWEPT)) == 256


def test_evenness_saves_from_a_bad_search_of_sixteen_points(cartpole: Surrogate) -> None:
    four = spaces.subspace(SPACE, ["learning_rate", "gamma", "train_freq", "exploration_fraction"])
    at = [SWEPT.index(name) for name in four]

    def found(n: int, method: str, seed: int) -> float:
        unit = np.repeat(cartpole.study.unit[[cartpole.study.best]], n, axis=0)
        unit[:, at] = spaces.to_unit(four, spaces.sample(four, n, method=method, rng=seed))
        return float(cartpole.forest.predict(unit).max())

    def ends(method: str) -> list[int]:
        return [round(q) for q in np.quantile([found(16, method, seed) for seed in range(40)], [0.05, 0.95])]

    assert (ends("random"), ends("sobol")) == ([298, 342], [321, 346])
    assert round(found(16, "grid", 0)) == 335
    many = {method: np.mean([found(256, method, seed) for seed in range(40)]) for method in ("random", "lhs", "sobol")}
    assert {round(one) for one in [*many.values(), found(256, "grid", 0)]} == {346, 347, 348}


def test_what_the_best_of_n_is_expected_to_earn(cartpole: Surrogate) -> None:
    scores = np.sort(cartpole.study.y)
    below = np.arange(len(scores) + 1) / len(scores)
    best = {n: float(np.sum(scores * np.diff(below**n))) for n in (1, 16, 64)}
    assert {n: round(value) for n, value in best.items()} == {1: 112, 16: 346, 64: 407}
    assert round(best[64] - best[16]) in (61, 62)
    assert round(scores[-1]) == 436
    assert int((scores < 25).sum()) == 106


def test_a_slice_promises_more_than_the_average(cartpole: Surrogate) -> None:
    assert f"{cartpole.r2:.2f}" == "0.53"
    promised = {
        rest: importance.landscape(cartpole, SWEPT_SPACE, "learning_rate", "gamma", rng=0, rest=rest).best[2]
        for rest in ("best", "averaged")
    }
    assert {rest: round(score) for rest, score in promised.items()} == {"best": 339, "averaged": 171}


def test_more_tuning_seeds_make_the_promise_more_honest(cartpole: Surrogate) -> None:
    rng, rows = np.random.default_rng(0), {}
    for n in range(1, 10):
        splits = []
        for _ in range(200):
            scores = rng.permuted(cartpole.study.scores, axis=1)
            row = int(np.argmax(scores[:, :n].mean(axis=1)))
            splits.append((scores[row, :n].mean(), scores[row, n:].mean()))
        rows[n] = np.mean(splits, axis=0)
    assert [round(value) for value in rows[1]] == [470, 399]
    assert round(rows[9][0]) == 439
    assert all(rows[n][0] > rows[n + 1][0] for n in range(1, 9))


def test_one_seed_judges_what_nine_chose(cartpole: Surrogate) -> None:
    values = cartpole.study.scores
    splits = []
    for left_out in range(10):
        nine = np.delete(values, left_out, axis=1).mean(axis=1)
        splits.append((int(nine.argmax()), values[nine.argmax(), left_out]))
    rows = [row for row, _ in splits]
    usual = max(set(rows), key=rows.count)
    assert rows.count(usual) == 9
    worth = sorted(worth for row, worth in splits if row == usual)
    assert [round(worth[0]), round(worth[-1])] == [416, 462]
    assert [round(worth) for row, worth in splits if row != usual] == [57]
    assert round(np.mean([worth for _, worth in splits])) == 400


@pytest.fixture(scope="module")
def scores(sweeps: dict[str, Runs]) -> pd.DataFrame:
    """Mean return over training of every configuration, a column for each environment."""
    frames = [
        runs.configs[SWEPT].join(objectives.score(runs, "auc", failures="worst", per="config").values.rename(env_id))
        for env_id, runs in sweeps.items()
    ]
    return frames[0].merge(frames[1], on=SWEPT).merge(frames[2], on=SWEPT)[list(SETS)]


@pytest.mark.parametrize(
    ("env_id", "said"), [("Acrobot-v1", [0.21, 0.08, 0.34]), ("MiniGrid-Empty-5x5-v0", [0.57, 0.49, 0.65])]
)
def test_how_the_orders_are_related_over_all(scores: pd.DataFrame, env_id: str, said: list[float]) -> None:
    values = scores[["CartPole-v1", env_id]].to_numpy()
    drawn = np.random.default_rng(0).integers(len(values), size=(1_000, len(values)))
    low, high = np.quantile([stats.spearmanr(values[one]).statistic for one in drawn], [0.025, 0.975])
    assert [round(one, 2) for one in (stats.spearmanr(values).statistic, low, high)] == said


def test_how_many_learn_nothing(scores: pd.DataFrame) -> None:
    assert round(scores["Acrobot-v1"].median()) == -477
    assert (scores["Acrobot-v1"] < -476).mean() >= 0.5
    assert (scores["MiniGrid-Empty-5x5-v0"] == 0).sum() == 114


def test_how_many_they_share_at_the_top(scores: pd.DataFrame) -> None:
    def shared(env_id: str, k: int) -> int:
        return len(set(scores["CartPole-v1"].nlargest(k).index) & set(scores[env_id].nlargest(k).index))

    assert [shared("Acrobot-v1", k) for k in (10, 32, 128)] == [3, 14, 65]
    assert [shared("MiniGrid-Empty-5x5-v0", k) for k in (10, 32, 64)] == [0, 9, 35]
    assert [k * k / len(scores) for k in (32, 64, 128)] == [4, 16, 64]
    assert stats.hypergeom(len(scores), 10, 10).pmf(0) == pytest.approx(2 / 3, abs=0.01)
    worst = [set(scores[env_id].nsmallest(128).index) for env_id in ("CartPole-v1", "MiniGrid-Empty-5x5-v0")]
    assert len(worst[0] & worst[1]) == 94


@pytest.mark.parametrize(
    ("env_id", "cartpoles_there", "its_own_on_cartpole", "earns", "best"),
    [("Acrobot-v1", 24, 6, -320, -156), ("MiniGrid-Empty-5x5-v0", 26, 103, 0.46, 0.90)],
)
def test_the_winners_travel_at_a_price(
    scores: pd.DataFrame, env_id: str, cartpoles_there: int, its_own_on_cartpole: int, earns: float, best: float
) -> None:
    ranks = scores.rank(ascending=False).astype(int)
    of_cartpole, its_own = scores["CartPole-v1"].idxmax(), scores[env_id].idxmax()
    assert ranks.loc[of_cartpole, env_id] == cartpoles_there
    assert ranks.loc[its_own, "CartPole-v1"] == its_own_on_cartpole
    digits = 0 if best < 0 else 2
    assert round(scores.loc[of_cartpole, env_id], digits) == earns
    assert round(scores[env_id].max(), digits) == best


def test_the_best_learning_rate_on_average_lies_lower_on_acrobot(cartpole: Surrogate, sweeps: dict[str, Runs]) -> None:
    acrobot = importance.surrogate(sweeps["Acrobot-v1"], SWEPT_SPACE, "auc", rng=0, failures="worst")
    assert f"{acrobot.r2:.2f}" == "0.32"
    best = [
        importance.landscape(model, SWEPT_SPACE, "learning_rate", "gamma", rng=0, rest="averaged").best[0]
        for model in (cartpole, acrobot)
    ]
    assert best[1] < best[0] / 10


@pytest.mark.parametrize(
    ("env_id", "chosen", "fresh", "lost", "digits"),
    [
        ("CartPole-v1", 458, 438, 20, 0),
        ("Acrobot-v1", -90, -120, 31, 0),
        ("MiniGrid-Empty-5x5-v0", 0.96, 0.91, 0.05, 2),
    ],
)
def test_what_the_ten_best_lose_with_fresh_seeds(
    sweeps: dict[str, Runs], env_id: str, chosen: float, fresh: float, lost: float, digits: int
) -> None:
    again = datasets.load(f"{SETS[env_id]}_best")
    assert set(again.table["seed"]).isdisjoint(sweeps[env_id].table["seed"])
    first, second = (
        objectives.score(runs, "final_return", failures="worst", per="config").values.set_axis(
            runs.configs["learning_rate"]
        )
        for runs in (sweeps[env_id], again)
    )
    first = first[second.index]
    assert len(second) == 10
    assert (round(first.mean(), digits), round(second.mean(), digits)) == (chosen, fresh)
    gone = first - second
    assert round(gone.mean(), digits) == lost
    assert abs(gone.mean()) < stats.t.ppf(0.975, 9) * gone.std() / np.sqrt(10)
    if env_id == "Acrobot-v1":
        ninth = first.sort_values(ascending=False).index[8]
        assert (round(first[ninth]), round(second[ninth])) == (-94, -240)
    if env_id == "MiniGrid-Empty-5x5-v0":
        every = objectives.score(sweeps[env_id], "final_return", failures="worst", per="config").values
        assert (every > every.max() - 0.001).sum() == 13
        assert (second < 0.87).sum() == 3


@pytest.fixture(scope="module")
def pendulum() -> Runs:
    return datasets.load("ppo_pendulum")


def test_ten_runs_died_and_that_is_two_configurations(sweeps: dict[str, Runs], pendulum: Runs) -> None:
    assert all((runs.table["status"] == "finished").all() for runs in sweeps.values())
    wide = spaces.default("ppo")
    crashes = importance.crash_map(pendulum, spaces.subspace(wide, [name for name in wide if name != "net_arch"]))
    assert (crashes.n_dead, crashes.n_dead_configs, crashes.n_configs) == (10, 2, 256)
    assert (len(crashes.table), crashes.table["name"].nunique()) == (78, 13)
    assert crashes.table.loc[crashes.table["rate"].idxmax(), ["name", "part"]].tolist() == ["n_steps", "16"]
    part = crashes.table.query("name == 'n_steps' and part == '16'").iloc[0]
    apart = stats.binomtest(int(part["n_dead"]), int(part["n"])).proportion_ci(method="wilson")
    assert (apart.low, apart.high) == pytest.approx((0.041, 0.131), abs=5e-4)
    assert (part["low"], part["high"]) == pytest.approx((0.021, 0.234), abs=5e-4)


def test_the_highest_entropies_are_of_those_that_died(pendulum: Runs) -> None:
    owner = pendulum.config_id
    most = pendulum.evals["entropy"].groupby(pendulum.evals["run_id"].map(owner)).max().nlargest(6)
    dead = set(owner[pendulum.table["status"] == "diverged"])
    assert set(most.index[:2]) == dead
    rest = pendulum.configs.loc[most.index]
    assert not rest["normalize_advantage"].any()
    assert rest["n_steps"].tolist()[:2] == [16, 16]
