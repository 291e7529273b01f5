"""Spaces with every kind of hyperparameter, that tests share."""

from __future__ import annotations

import pandas as pd
from ConfigSpace import (
    AndConjunction,
    Categorical,
    ConfigurationSpace,
    Constant,
    EqualsCondition,
    Float,
    ForbiddenAndConjunction,
    ForbiddenEqualsClause,
    ForbiddenGreaterThanRelation,
    ForbiddenInClause,
    GreaterThanCondition,
    InCondition,
    Integer,
)

from rlhp import spaces

ALGORITHMS = ("a2c", "dqn", "ppo", "sac", "td3")


def mixed_space() -> ConfigurationSpace:
    """Every kind of hyperparameter, a chain of conditions, a conjunction, and forbidden clauses."""
    space = ConfigurationSpace(
        name="mixed",
        space=[
            Float("linear", (-2.0, 3.0), default=0.5),
            Float("log", (1e-6, 1e-1), default=1e-3, log=True),
            Float("flipped", (0.5, 0.99999), default=0.9, meta={"measure": "flipped-log"}),
            Integer("count", (-3, 8), default=2),
            Integer("log_count", (1, 1000), default=10, log=True),
            Categorical("choice", ["a", "b", "c"], default="a", weights=[0.5, 0.25, 0.25]),
            Categorical("level", [1, 4, 16], default=4, ordered=True),
            Categorical("net", [(64, 64), (256,)], default=(64, 64)),
            Categorical("flag", [True, False], default=True),
            Constant("fixed", "yes"),
            Integer("child", (1, 5), default=3),
            Float("grandchild", (0.0, 1.0), default=0.5),
            Categorical("both", ["x", "y"], default="x"),
        ],
    )
    space.add(InCondition(space["child"], space["choice"], ["b", "c"]))
    space.add(GreaterThanCondition(space["grandchild"], space["child"], 2))
    space.add(
        AndConjunction(
            EqualsCondition(space["both"], space["flag"], True), GreaterThanCondition(space["both"], space["level"], 1)
        )
    )
    space.add(
        ForbiddenAndConjunction(
            ForbiddenEqualsClause(space["choice"], "a"), ForbiddenInClause(space["level"], [1, 16])
        ),
        ForbiddenGreaterThanRelation(space["count"], space["log_count"]),
    )
    return space


def plane() -> ConfigurationSpace:
    return spaces.subspace(spaces.default("dqn"), ["learning_rate", "gamma"])


def equal(one: pd.DataFrame, other: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(one, other, check_exact=True)
