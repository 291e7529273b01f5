"""Proximal policy optimisation (Schulman et al., 2017), as stable-baselines3 has it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from rlhp.algorithms._declaration import TINY, Algorithm, Range
from rlhp.algorithms._families import number, one_of_a_kind, powers, rolling_out, whole

_SB3 = "stable-baselines3 PPO"


def _described(config: Mapping[str, Any]) -> dict[str, Any]:
    """Say infinity where there is no limit."""
    limits = {name: math.inf for name in ("clip_range_vf", "target_kl") if config.get(name) is None}
    return {**config, **limits}


PPO = Algorithm(
    name="ppo",
    title="proximal policy optimisation",
    actions=frozenset({"Box", "Discrete", "MultiBinary", "MultiDiscrete"}),
    agent="rlhp.agents.ppo:agent",
    sb3="stable_baselines3:PPO",
    iteration=("n_steps", "n_envs"),
    conflict=one_of_a_kind,
    described=_described,
    hyperparameters=rolling_out(
        _SB3,
        learning_rate=3e-4,
        highest_rate=1e-2,
        n_steps=2_048,
        searched_steps=powers(8, 4_096),
        fewest=(128, 1),
        gae_lambda=0.95,
        normalize_advantage=True,
    )
    | {
        "batch_size": whole(
            64,
            2,
            moves=True,
            unit="transitions",
            source=_SB3,
            search=powers(8, 4_096),
            one_program=(128, 4_096),
        ),
        "n_epochs": whole(10, moves=True, unit="passes over a rollout", source=_SB3, search=Range(1, 30, "log")),
        "clip_range": number(
            0.2,
            0,
            moves=True,
            unit="change of an action's chance, as a ratio",
            source=_SB3,
            search=Range(0.05, 0.5),
        ),
        "clip_range_vf": number(
            None, TINY, moves=True, also=(None,), unit="normalised reward; None: no limit", source=_SB3
        ),
        "target_kl": number(None, 0, also=(None,), unit="nats; None: no limit", source=_SB3),
    },
)
