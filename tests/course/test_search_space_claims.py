"""What lecture 04 says in words of its spaces and of the measured data is what they say."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from rlhp import Runs, datasets, objectives, spaces

SPACE = spaces.default("dqn")
SWEPT = [name for name in SPACE if name != "net_arch"]
SETS = {"CartPole-v1": "dqn_cartpole", "Acrobot-v1": "dqn_acrobot"}


@pytest.fixture(scope="module")
def sweeps() -> dict[str, Runs]:
    return {env_id: datasets.load(name) for env_id, name in SETS.items()}


@pytest.fixture(scope="module")
def both(sweeps: dict[str, Runs]) -> pd.DataFrame:
    """Mean return over training of every configuration, a column for each environment."""
    frames = [
        runs.configs[SWEPT].join(objectives.score(runs, "auc", failures="worst", per="config").values.rename(env_id))
        for env_id, runs in sweeps.items()
    ]
    return frames[0].merge(frames[1], on=SWEPT)[list(SETS)]


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


def test_the_same_configurations_were_trained_in_both(sweeps: dict[str, Runs], both: pd.DataFrame) -> None:
    assert len(both) == 256
    for env_id, runs in sweeps.items():
        assert list(runs.table["env_id"].unique()) == [env_id]
        assert set(runs.table["hp.net_arch"]) == {"[64, 64]"}
    assert set(sweeps["CartPole-v1"].configs["n_seeds"]) == {10}
    assert set(sweeps["Acrobot-v1"].configs["n_seeds"]) == {5}
    assert set(sweeps["CartPole-v1"].table["steps"]) == {50_000}
