"""What lecture 05 says in words of the measured data is what the data say."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from rlhp import Runs, datasets, importance, spaces
from rlhp.objectives import score

NAMES = ("dqn_acrobot", "dqn_minigrid_empty", "dqn_cartpole")
SEEDS = {"dqn_acrobot": 5, "dqn_minigrid_empty": 5, "dqn_cartpole": 10}

measured = pytest.mark.skipif(
    not set(NAMES) <= set(datasets.list()), reason=f"{', '.join(NAMES)} are not all measured yet: `make data`"
)


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


def test_what_the_linear_measure_weighs(space) -> None:
    rate, buffer = space["learning_rate"], space["buffer_size"]
    assert (rate.upper - 0.001) / (rate.upper - rate.lower) == pytest.approx(0.9, abs=0.01)
    assert (buffer.upper - 100_000) / (buffer.upper - buffer.lower) == pytest.approx(0.9, abs=0.01)
    assert (rate.upper - 0.005) / (rate.upper - rate.lower) == pytest.approx(0.5, abs=0.01)
    assert np.log(2) / np.log(rate.upper / rate.lower) == pytest.approx(0.1, abs=0.001)
    assert space["learning_starts"].upper == 10_000
    assert len(space) == 14


@measured
def test_the_same_configurations_everywhere(sets) -> None:
    frames = [runs.configs.drop(columns="n_seeds", errors="ignore") for runs in sets.values()]
    keys = [
        set(frame[sorted(set(frame) & set(spaces.default("dqn")))].map(repr).agg("|".join, axis=1)) for frame in frames
    ]
    assert len(keys[0]) == 256
    assert keys[0] == keys[1] == keys[2]
    for name, runs in sets.items():
        assert set(runs.configs["n_seeds"]) == {SEEDS[name]}


@measured
def test_some_environment_can_be_ranked(sets, space) -> None:
    """Parts 5 to 8 take the environment whose surrogate knows most; there must be something to show."""
    fits = [
        importance.fanova(runs, space, "auc", rng=0, failures="worst", n_boot=0, n_trees=32).r2
        for runs in sets.values()
    ]
    assert max(fits) >= 0.3


@measured
def test_few_configurations_with_one_seed_are_refused(sets, space) -> None:
    acrobot = sets["dqn_acrobot"]
    few = acrobot.select(acrobot.config_id.isin(acrobot.configs.index[:24]), seed=0)
    with pytest.raises(importance.PoorFitError, match="does not know these 24 configurations well enough"):
        _ = importance.fanova(few, space, "final_return", rng=0, failures="worst", n_boot=0).ranking
