"""Every argument of population-based bandits, refused by name where it cannot be."""

from __future__ import annotations

import pandas as pd
import pytest
from ConfigSpace import ConfigurationSpace

from rlhp import population
from tests.contracts.bad_arguments import Call, faults

SPACE = ConfigurationSpace(space={"x": (0.0, 1.0), "y": (0.0, 1.0)})
PAST = population.Past(
    [0, 1, 2],
    [500] * 3,
    [1000] * 3,
    [1.0] * 3,
    [1.0, 2.0, 3.0],
    pd.DataFrame({"x": [0.1, 0.5, 0.9], "y": [0.2, 0.4, 0.9]}),
)
CALLS = [
    Call(population.PB2, {}, also={"drift": [1.0, -0.1]}),
    Call(
        population.surface,
        {"space": SPACE, "past": PAST, "names": "x", "points": 3},
        also={"names": ["z", ["x", "y", "x"]], "at": [{"x": 0.5}, {"y": 7.0}], "space": [ConfigurationSpace()]},
    ),
]


@pytest.mark.parametrize("one", CALLS, ids=lambda one: one.name)
def test_every_bad_argument_is_refused_by_name(one: Call) -> None:
    assert faults(one) == []
