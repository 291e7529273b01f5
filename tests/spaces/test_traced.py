"""The part of a default space that is one compiled program."""

from __future__ import annotations

import numpy as np
import pytest

from rlhp import spaces
from rlhp.algorithms import declared
from rlhp.sweeps import requests_of
from rlhp.trainers.compiled import prepared
from tests.spaces.of_all_kinds import ALGORITHMS as IN_SB3

ALGORITHMS = (*IN_SB3, "cem_rl", "erl", "p3s", "svpg")


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_configurations_of_the_traced_space_are_one_program(algorithm: str) -> None:
    env_id = "Pendulum-v1" if "Discrete" not in declared(algorithm).actions else "CartPole-v1"

    def programs(space: object) -> int:
        configs = spaces.sample(space, 48, rng=0)
        return len(
            {prepared(one).recipe for one in requests_of(algorithm, env_id, configs, steps=20_000, engine="jax")}
        )

    assert programs(spaces.traced(algorithm)) == 1
    assert programs(spaces.default(algorithm)) > 5


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_the_traced_space_lies_in_the_default_space(algorithm: str) -> None:
    space, whole = spaces.traced(algorithm), spaces.default(algorithm)
    assert list(space) == list(whole)
    configs = spaces.sample(space, 64, rng=1)
    np.testing.assert_array_equal(np.isnan(spaces.to_unit(whole, configs)), np.isnan(spaces.to_unit(space, configs)))
    assert spaces.allowed(whole, configs).all()
    moving = [name for name in space if configs[name].nunique() > 1]
    assert {"learning_rate", "gamma"} <= set(moving)
    assert "net_arch" not in moving
