"""What lecture 05 says in words of the measured data is what the data say."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from rlhp import Runs, datasets, importance, spaces
from rlhp.objectives import score
from rlhp.runs import concat

NO_INTERVAL = importance.Fit(n_boot=0)

NAMES = ("dqn_acrobot", "dqn_minigrid_empty", "dqn_cartpole")
SEEDS = {"dqn_acrobot": 5, "dqn_minigrid_empty": 5, "dqn_cartpole": 10}


@pytest.fixture(scope="module")
def sets() -> dict[str, Runs]:
    return {name: datasets.load(name) for name in NAMES}


@pytest.fixture(scope="module")
def space():
    whole = spaces.default("dqn")
    return spaces.subspace(whole, [name for name in whole if name != "net_arch"])


def variances(table: pd.DataFrame) -> tuple[float, float, float]:
    """Variance of row means, of column means, and of all."""
    values = table.to_numpy()
    return values.mean(axis=1).var(), values.mean(axis=0).var(), values.var()


def test_one_value_less_and_another_hyperparameter_leads() -> None:
    small = datasets.load("batch_size_cartpole").select(batch_size=[8, 16, 32, 64], learning_rate=[3e-4, 1e-3, 3e-3])
    cells = score(small, "auc", failures="raise").table["value"]
    grid = cells.groupby([small.column("learning_rate"), small.column("batch_size")]).mean().unstack()
    assert grid.shape == (3, 4)
    rate, batch, whole = variances(grid)
    assert rate > 2 * batch
    assert rate + batch > 0.9 * whole
    narrow_rate, narrow_batch, _ = variances(grid.iloc[1:])
    assert narrow_batch > 2 * narrow_rate
    assert 0.6 < narrow_batch / batch < 1.6  # "hardly changed"
    assert narrow_rate < 0.2 * rate  # "lost most of what it had to show"


def test_pairs_that_were_never_run(space) -> None:
    every, steps = (list(space[name].sequence if name == "train_freq" else space[name].choices)
                    for name in ("train_freq", "gradient_steps"))  # fmt: skip
    never = [(a, b) for a in every for b in steps if b > a]
    assert (len(never), len(every) * len(steps)) == (28, 81)
    drawn = spaces.sample(space, 256, method="sobol", rng=0)
    assert not (drawn["gradient_steps"] > drawn["train_freq"]).any()


def test_what_the_forbidden_pairs_do_to_the_shares(sets, space) -> None:
    """Shares over what is allowed only: the variance of a forest's mean at each value, for draws from the space."""
    runs, fit = sets["dqn_cartpole"], importance.Fit(surrogate="forest", n_boot=0, n_trees=64)
    options = {"rng": 0, "failures": "worst"}
    shares = importance.fanova(runs, space, "auc", variance="shared", fit=fit, **options).shares("main")
    unit = spaces.to_unit(space, spaces.sample(space, 20_000, rng=1))
    predicted = importance.surrogate(runs, space, "auc", **options).forest.predict(unit)
    allowed = {}
    for j, name in enumerate(space):
        levels, code = np.unique(unit[:, j], return_inverse=True)
        code = code if len(levels) <= 40 else np.minimum(unit[:, j] * 20, 19).astype(int)
        allowed[name] = pd.Series(predicted).groupby(code).transform("mean").var() / predicted.var()
    pair = ["gradient_steps", "train_freq"]
    assert [round(float(shares[name]), 2) for name in pair] == [0.03, 0.03]
    assert [round(float(allowed[name]), 2) for name in pair] == [0.02, 0.01]
    assert max(abs(allowed[name] - shares[name]) for name in space) <= 0.03


def test_what_the_linear_measure_weighs(space) -> None:
    rate, buffer = space["learning_rate"], space["buffer_size"]
    assert (rate.upper - 0.001) / (rate.upper - rate.lower) == pytest.approx(0.9, abs=0.01)
    assert (buffer.upper - 100_000) / (buffer.upper - buffer.lower) == pytest.approx(0.9, abs=0.01)
    assert (rate.upper - 0.005) / (rate.upper - rate.lower) == pytest.approx(0.5, abs=0.01)
    assert np.log(2) / np.log(rate.upper / rate.lower) == pytest.approx(0.1, abs=0.001)
    assert space["learning_starts"].upper == 10_000
    assert len(space) == 14


def test_the_same_configurations_everywhere(sets) -> None:
    frames = [runs.configs.drop(columns="n_seeds", errors="ignore") for runs in sets.values()]
    keys = [
        set(frame[sorted(set(frame) & set(spaces.default("dqn")))].map(repr).agg("|".join, axis=1)) for frame in frames
    ]
    assert len(keys[0]) == 256
    assert keys[0] == keys[1] == keys[2]
    for name, runs in sets.items():
        assert set(runs.configs["n_seeds"]) == {SEEDS[name]}


@pytest.fixture(scope="module")
def cartpole() -> Runs:
    return datasets.load("dqn_cartpole")


def shares(runs: Runs, space, objective: str) -> importance.Importance:
    """Estimates as in the lecture: the forest does not change with the number of resamples."""
    return importance.fanova(
        runs, space, objective, rng=0, failures="worst", fit=importance.Fit(n_boot=40, boot_trees=4), variance="shared"
    )


def test_two_stand_out_on_cartpole_and_the_objective_turns_their_order_around(cartpole, space) -> None:
    area, final = (shares(cartpole, space, objective) for objective in ("auc", "final_return"))
    assert area.shares()[["learning_rate", "n_steps"]].round(2).tolist() == [0.39, 0.35]
    assert final.shares()["n_steps"] == pytest.approx(0.5, abs=0.01)
    assert round(final.shares()["learning_rate"], 2) == 0.24
    for result in (area, final):
        rows = result.table.query("kind == 'main'").set_index("name")
        assert set(rows.index[:2]) == {"learning_rate", "n_steps"}
        assert rows["share"].iloc[2] < 0.05
        assert rows["high"].iloc[1] > rows["low"].iloc[0]  # which of the two leads is not decided
    better = importance.fanova(
        cartpole,
        space,
        rng=0,
        objective="auc",
        failures="worst",
        fit=NO_INTERVAL,
        variance="shared",
        quantile=0.5,
    ).shares()
    assert set(better.nlargest(2).index) == {"learning_rate", "n_steps"}
    assert better.nlargest(2).tolist() == pytest.approx([0.35, 0.35], abs=0.01)
    assert better.nlargest(3).iloc[2] < 0.05
    assert [round(100 * result.seed_noise.share) for result in (area, final)] == [10, 32]


def test_who_may_lead_changes_over_training(cartpole, space) -> None:
    said = {
        5_000: {"learning_starts": 0.41, "learning_rate": 0.20},
        15_000: {"learning_rate": 0.51},
        50_000: {"n_steps": 0.50},
    }
    for step, told in said.items():
        result = importance.fanova(
            cartpole,
            space,
            importance.Score("final_return", at=step),
            rng=0,
            failures="worst",
            fit=importance.Fit(n_boot=40, boot_trees=4),
            variance="shared",
        )
        found = result.shares()
        assert found.idxmax() == next(iter(told))
        assert found[list(told)].to_dict() == pytest.approx(told, abs=0.01)
        rows = result.table.query("kind == 'main'")
        assert (rows["high"].iloc[1] > rows["low"].iloc[0]) == (step != 15_000)
    assert found["learning_starts"] < 0.03


def test_by_the_linear_measure_the_learning_rate_has_little(cartpole, space) -> None:
    found = importance.fanova(
        cartpole,
        space,
        "auc",
        rng=0,
        failures="worst",
        fit=NO_INTERVAL,
        variance="shared",
        measure="linear",
    ).shares()
    assert found[["learning_rate", "n_steps"]].tolist() == pytest.approx([0.06, 0.62], abs=0.01)


def test_what_lifts_the_default(cartpole, space) -> None:
    found = importance.ablation(
        cartpole, space, "auc", rng=0, failures="worst", fit=importance.Fit(surrogate="forest", n_boot=0)
    )
    path, gain = found.path, found.path["score"].iloc[-1] - found.path["start_score"].iloc[0]
    assert (round(path["start_score"].iloc[0]), round(path["score"].iloc[-1])) == (82, 333)
    assert path["name"].tolist()[:3] == ["learning_rate", "n_steps", "target_update_interval"]
    assert path["gain"].iloc[:3].round().tolist() == [29, 125, 56]
    assert path["name"].tolist()[-2:] == ["train_freq", "gradient_steps"]
    assert path["gain"].iloc[-2:].round().tolist() == [-33, 33]
    assert path["gain"].iloc[:3].sum() / gain == pytest.approx(5 / 6, abs=0.02)
    assert path["before"].iloc[2] == space["target_update_interval"].upper == 10_000
    assert round(shares(cartpole, space, "auc").shares()["target_update_interval"], 2) == 0.01


def test_how_the_fit_grows(cartpole, space) -> None:
    said = {(32, 1): 0.23, (64, 1): 0.16, (128, 1): 0.36, (256, 1): 0.47, (256, 3): 0.52, (256, 10): 0.53}
    for (n_configs, n_seeds), told in said.items():
        kept = cartpole.config_id.isin(cartpole.configs.index[:n_configs])
        some = cartpole.select(kept, seed=list(range(n_seeds)))
        found = importance.fanova(some, space, "auc", rng=0, failures="worst", fit=NO_INTERVAL, variance="shared")
        assert round(found.r2, 2) == told
        assert found.despite_poor_fit().ranking[0] == "learning_rate"


def test_one_pair_stands_out(cartpole, space) -> None:
    result = importance.fanova(
        cartpole,
        space,
        "auc",
        rng=0,
        failures="worst",
        fit=importance.Fit(n_boot=40, boot_trees=4),
        variance="shared",
        order=2,
    )
    pairs = result.table.query("kind == 'interaction'")
    assert pairs["name"].iloc[0] == "learning_rate x n_steps"
    assert round(pairs["share"].iloc[0], 2) == 0.11
    assert pairs["low"].iloc[0] > 0
    assert round(pairs["share"].iloc[1], 2) <= 0.01
    assert len(pairs) == 91


def test_acrobot_is_refused_by_a_hair_and_another_one_leads_there(space) -> None:
    acrobot = datasets.load("dqn_acrobot")
    found = importance.fanova(acrobot, space, "auc", rng=0, failures="worst", fit=NO_INTERVAL, variance="shared")
    assert found.poor_fit
    assert round(found.r2, 3) == 0.295
    others = [
        importance.fanova(acrobot, space, "auc", rng=rng, failures="worst", fit=NO_INTERVAL, variance="shared").r2
        for rng in range(1, 8)
    ]
    assert [round(end, 2) for end in (min(others), max(others))] == [0.25, 0.33]
    shown = found.despite_poor_fit().shares()
    assert shown.idxmax() == "target_update_interval"
    assert shown[["target_update_interval", "learning_rate"]].round(2).tolist() == [0.45, 0.01]


def test_three_stand_close_together_on_minigrid(space) -> None:
    found = importance.fanova(
        datasets.load("dqn_minigrid_empty"),
        space,
        "auc",
        rng=0,
        failures="worst",
        fit=NO_INTERVAL,
        variance="shared",
    )
    assert round(found.r2, 2) == 0.35
    ranked = found.shares().sort_values(ascending=False).head(3).round(2)
    assert ranked.to_dict() == {"n_steps": 0.26, "learning_starts": 0.23, "gamma": 0.22}


def test_few_configurations_with_one_seed_are_refused(space) -> None:
    acrobot = datasets.load("dqn_acrobot")
    few = acrobot.select(acrobot.config_id.isin(acrobot.configs.index[:24]), seed=0)
    with pytest.raises(importance.PoorFitError, match="does not know these 24 configurations well enough"):
        _ = importance.fanova(
            few, space, "final_return", rng=0, failures="worst", fit=NO_INTERVAL, variance="shared"
        ).ranking


def test_on_mountain_car_there_is_next_to_nothing_to_predict(space) -> None:
    runs = datasets.load("dqn_mountaincar")
    most = runs.evals.groupby("run_id")["return_mean"].max().groupby(runs.config_id).max()
    assert (most == -200).mean() == pytest.approx(3 / 4, abs=0.02)
    found = importance.fanova(runs, space, "auc", rng=0, failures="worst", fit=NO_INTERVAL, variance="shared")
    assert found.r2 < 0
    assert found.poor_fit


def test_of_ppo_the_same_two_names_stand_above_the_rest_and_one_means_something_else() -> None:
    whole, runs = spaces.default("ppo"), datasets.load("ppo_cartpole")
    result = shares(runs, spaces.subspace(whole, [name for name in whole if name != "net_arch"]), "auc")
    assert round(result.r2, 2) == 0.49
    rows = result.table.query("kind == 'main'").set_index("name")
    assert rows["share"].iloc[:3].round(2).to_dict() == {"n_steps": 0.32, "learning_rate": 0.29, "n_envs": 0.08}
    assert rows["high"].iloc[1] > rows["low"].iloc[0]  # which of the two leads is not decided
    rollout, envs = (runs.configs[name].astype(int) for name in ("n_steps", "n_envs"))
    means = score(runs, "auc", failures="worst", per="config").values.groupby(rollout).mean()
    assert means[[8, 4_096]].round().tolist() == [282, 104]
    steps = 50_000
    never = runs.configs.index[rollout * envs > steps]
    assert (set(runs.table["steps"]), len(never), len(runs.configs)) == ({steps}, 13, 256)
    untrained = runs.select(runs.config_id.isin(never))
    assert untrained.evals["loss"].isna().all()  # not one update
    assert runs.evals["loss"].notna().any()


def test_one_configuration_for_three_environments_loses_a_quarter_and_most_of_it_on_minigrid(sets) -> None:
    found = importance.sensitivity(concat(list(sets.values())), None, "auc", rng=0)
    assert [round(one, 2) for one in (found.sensitivity, found.low, found.high)] == [0.26, 0.17, 0.45]
    assert round(0.05 * 256) == 13
    assert (found.scores > 1).sum().tolist() == [13] * 3
    lost = found.table.set_index("env_id").eval("best - shared")
    assert lost.idxmax() == "MiniGrid-Empty-5x5-v0"


def test_ppo_reaches_more_than_dqn_with_less_tuning_on_two_environments(sets) -> None:
    both = {
        "DQN": concat([sets["dqn_cartpole"], sets["dqn_acrobot"]]),
        "PPO": concat([datasets.load("ppo_cartpole"), datasets.load("ppo_acrobot")]),
    }
    steps = [set(one.select(env_id="Acrobot-v1").table["steps"]) for one in both.values()]
    assert steps == [{30_000}, {50_000}]  # no fair race
    plane = importance.sensitivity_plane(both, objective="auc", rng=0)
    rows = plane.table.set_index("algorithm")
    assert rows.loc["DQN", ["performance", "sensitivity", "low", "high"]].astype(float).round(2).tolist() == [
        0.99, 0.03, 0.00, 0.12,
    ]  # fmt: skip
    assert rows.loc["PPO", ["performance", "sensitivity", "low", "high"]].astype(float).round(2).tolist() == [
        1.16, 0.01, 0.00, 0.03,
    ]  # fmt: skip
    assert round(rows.loc["PPO", "cross_environment"], 2) == 1.15
    assert rows.loc["PPO", "cross_environment"] > rows.loc["DQN", "performance"]
