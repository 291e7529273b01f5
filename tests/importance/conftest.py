from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from ConfigSpace import ConfigurationSpace

from rlhp import Runs, spaces


@pytest.fixture(scope="session")
def sampled():
    """Make runs of a known function of the unit cube: `sampled(space, function, n=128, seeds=3, noise=0.1)`."""

    def make(
        space: ConfigurationSpace,
        function: Callable[[np.ndarray], np.ndarray],
        *,
        n: int = 128,
        seeds: int = 1,
        noise: float = 0.0,
        rng: int = 0,
        **options,
    ) -> Runs:
        configs = spaces.sample(space, n, method="sobol", rng=rng)
        truth = function(spaces.to_unit(space, configs))
        draws = np.random.default_rng(rng)
        scores = np.concatenate([truth + noise * draws.standard_normal(n) for _ in range(seeds)])
        whole = pd.concat([configs] * seeds, ignore_index=True)
        return Runs.from_table(whole, scores, seeds=np.repeat(range(seeds), n).tolist(), **options)

    return make


@pytest.fixture(scope="session")
def cube():
    """Make a space of floats: `cube(3)`, or `cube(3, low=0.01, log=True)`."""

    def make(d: int, *, low: float = 0.0, high: float = 1.0, log: bool = False) -> ConfigurationSpace:
        from ConfigSpace import Float

        return ConfigurationSpace(space=[Float(f"x{j}", (low, high), log=log) for j in range(d)])

    return make
