"""Advantage actor-critic (Mnih et al., 2016), as stable-baselines3 has it."""

from __future__ import annotations

from rlhp.algorithms._declaration import TINY, Algorithm, Levels, Range
from rlhp.algorithms._families import number, one_of_a_kind, rolling_out, switch

_SB3 = "stable-baselines3 A2C"

A2C = Algorithm(
    name="a2c",
    title="advantage actor-critic",
    actions=frozenset({"Box", "Discrete", "MultiBinary", "MultiDiscrete"}),
    agent="rlhp.agents.a2c:agent",
    sb3="stable_baselines3:A2C",
    iteration=("n_steps", "n_envs"),
    conflict=one_of_a_kind,
    hyperparameters=rolling_out(
        _SB3,
        learning_rate=7e-4,
        highest_rate=1e-1,
        n_steps=5,
        # From 2: a rollout of one step in one environment has no spread to normalize advantages by.
        searched_steps=Range(2, 512, "log"),
        fewest=(16, 8),
        gae_lambda=1.0,
        normalize_advantage=False,
    )
    | {
        "use_rms_prop": switch(True, source=_SB3, search=Levels((False, True))),
        "rms_prop_eps": number(
            1e-5,
            TINY,
            when=("use_rms_prop", True),
            unit="root mean square of a gradient",
            source=_SB3,
            search=Range(1e-8, 1e-2, "log"),
        ),
    },
)
