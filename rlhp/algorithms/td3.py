"""Twin delayed deep deterministic policy gradient (Fujimoto et al., 2018), as stable-baselines3 has it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rlhp.algorithms._declaration import Algorithm, Range
from rlhp.algorithms._families import number, replaying, whole

_SB3 = "stable-baselines3 TD3"
_SCALED = "of actions scaled to [-1, 1]"


def _described(config: Mapping[str, Any]) -> dict[str, Any]:
    return {**config, "action_noise_std": config.get("action_noise_std") or 0.0}


TD3 = Algorithm(
    name="td3",
    title="twin delayed deep deterministic policy gradient",
    actions=frozenset({"Box"}),
    agent="rlhp.agents.td3:agent",
    sb3="stable_baselines3:TD3",
    iteration=("train_freq", "n_envs"),
    clauses=(("gradient_steps", "train_freq"),),
    described=_described,
    hyperparameters=replaying(
        _SB3,
        learning_rate=1e-3,
        highest_rate=1e-2,
        batch_size=256,
        largest_batch=512,
        train_freq=1,
        tau=0.005,
        net_arch="[400, 300]",
    )
    | {
        "policy_delay": whole(2, moves=True, unit="gradient steps", source=_SB3, search=Range(1, 8)),
        "target_policy_noise": number(0.2, 0, moves=True, unit=_SCALED, source=_SB3, search=Range(0.0, 0.5)),
        "target_noise_clip": number(0.5, 0, moves=True, unit=_SCALED, source=_SB3, search=Range(0.0, 1.0)),
        "action_noise_std": number(
            None,
            0,
            moves=True,
            also=(None,),
            unit=_SCALED,
            source=_SB3,
            search=Range(0.0, 0.5),
            searched_from=0.0,
        ),
    },
)
