"""Soft actor-critic (Haarnoja et al., 2018), as stable-baselines3 has it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from rlhp.algorithms._declaration import Algorithm, Levels, Range
from rlhp.algorithms._families import number, replaying, whole

_SB3 = "stable-baselines3 SAC"


def _described(config: Mapping[str, Any]) -> dict[str, Any]:
    """Say by a switch whether the entropy coefficient is learned, and infinity for the usual target."""
    learned = config["ent_coef"] == "auto"
    return {
        **config,
        "learn_ent_coef": learned,
        "ent_coef": 1.0 if learned else config["ent_coef"],
        "target_entropy": math.inf if config["target_entropy"] == "auto" else config["target_entropy"],
        "action_noise_std": config.get("action_noise_std") or 0.0,
    }


SAC = Algorithm(
    name="sac",
    title="soft actor-critic",
    actions=frozenset({"Box"}),
    agent="rlhp.agents.sac:agent",
    sb3="stable_baselines3:SAC",
    iteration=("train_freq", "n_envs"),
    clauses=(("gradient_steps", "train_freq"),),
    described=_described,
    hyperparameters=replaying(
        _SB3,
        learning_rate=3e-4,
        highest_rate=1e-2,
        batch_size=256,
        largest_batch=512,
        train_freq=1,
        tau=0.005,
        net_arch="[256, 256]",
    )
    | {
        "target_update_interval": whole(
            1, 1, mark="traced", moves=True, unit="gradient steps", source=_SB3, search=Range(1, 100, "log")
        ),
        # "auto" learns the temperature so that the entropy meets a target; "auto", that is minus the number of actions
        "ent_coef": number(
            "auto",
            0,
            moves=True,
            also=("auto",),
            unit="reward per nat",
            source=_SB3,
            search=Levels(("auto", 0.001, 0.01, 0.05, 0.1, 0.2, 0.5)),
        ),
        "target_entropy": number(
            "auto",
            also=("auto",),
            when=("ent_coef", "auto"),
            unit="nats",
            source=_SB3,
            search=Levels(("auto", -4.0, -2.0, -1.0, -0.5, 0.0)),
        ),
        "action_noise_std": number(
            None,
            0,
            moves=True,
            also=(None,),
            unit="of actions scaled to [-1, 1]",
            source=_SB3,
            search=Range(0.0, 0.5),
            searched_from=0.0,
        ),
    },
)
