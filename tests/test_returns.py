"""What is said that an episode can earn is what the environments can pay."""

from __future__ import annotations

import math

import numpy as np
import pytest

from rlhp import datasets, envs
from rlhp.returns import declare_return_bounds, return_bounds


@pytest.mark.parametrize("name", datasets.list())
def test_no_measured_return_lies_beyond(name) -> None:
    runs = datasets.load(name)
    evals = runs.evals.assign(env_id=runs.evals["run_id"].map(runs.table["env_id"]))
    for env_id, rows in evals.groupby("env_id"):
        low, high = return_bounds(str(env_id))
        for column in {"return_mean", "train_return_mean"} & set(rows.columns):
            seen = rows[column][np.isfinite(rows[column])]
            assert seen.min() >= low - 1e-3
            assert seen.max() <= high + 1e-3


@pytest.mark.parametrize(
    ("env_id", "action", "expected"),
    [("CartPole-v1", 0, None), ("Acrobot-v1", 1, -500.0), ("MountainCar-v0", 1, -200.0)],
)
def test_an_episode_of_gymnasium_stays_within(env_id, action, expected) -> None:
    env = envs.make_gymnasium(env_id)
    env.reset(seed=0)
    total, over = 0.0, False
    while not over:
        _, reward, terminated, truncated, _ = env.step(action)
        total, over = total + float(reward), terminated or truncated
    low, high = return_bounds(env_id)
    assert low <= total <= high
    assert expected is None or total == expected == low  # doing nothing costs the most


def test_pendulums_worst_step_is_its_bound() -> None:
    env = envs.make_gymnasium("Pendulum-v1").unwrapped
    env.reset(seed=0)
    env.state = np.array([np.pi, 8.0])
    reward = env.step(np.array([2.0]))[1]
    assert 200 * float(reward) == pytest.approx(return_bounds("Pendulum-v1")[0])


def test_the_catalogue_tells_them() -> None:
    frame = envs.catalogue()
    assert frame.loc["CartPole-v1", ["return_low", "return_high"]].tolist() == [1.0, 500.0]
    assert not frame["return_low"].isin([-math.inf]).any()


def test_an_environment_of_ones_own() -> None:
    assert return_bounds("NobodyDeclared-v0") == (-math.inf, math.inf)
    with pytest.raises(ValueError, match="`low` is 1 and `high` 0; give the lower"):
        declare_return_bounds("Mine-v0", 1, 0)
    with pytest.raises(ValueError, match="`env_id` is 5; give a text"):
        declare_return_bounds(5, 0, 1)  # type: ignore[arg-type]
