"""Deep Q-learning (Mnih et al., 2015) as stable-baselines3 has it; double Q, dueling and priorities on request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rlhp.algorithms._declaration import TINY, Algorithm, Range
from rlhp.algorithms._families import number, replaying, switch, whole
from rlhp.schedules import Linear

_SB3 = "stable-baselines3 DQN"
_PRIORITIES = "Schaul et al. (2016)"
_CHANCE = "chance of a random action"


def _described(config: Mapping[str, Any]) -> dict[str, Any]:
    """Make one schedule of the three numbers that stable-baselines3 has for it."""
    config = dict(config)
    initial, final, fraction = (config.pop(f"exploration_{part}") for part in ("initial_eps", "final_eps", "fraction"))
    if config.get("exploration") is None:
        config["exploration"] = Linear(initial, final, fraction)
    return config


def _conflict(config: Mapping[str, Any], given: Mapping[str, Any]) -> str:
    """Refuse two ways of saying how epsilon moves."""
    linear = [name for name in given if name.startswith("exploration_")]
    if not linear or "exploration" not in given:
        return ""
    return (
        f"`exploration` and `{linear[0]}` both say how epsilon moves; give the schedule `exploration` alone, or "
        f"stable-baselines3's three numbers alone."
    )


DQN = Algorithm(
    name="dqn",
    title="deep Q-learning",
    actions=frozenset({"Discrete"}),
    agent="rlhp.agents.dqn:agent",
    sb3="stable_baselines3:DQN",
    iteration=("train_freq", "n_envs"),
    clauses=(("gradient_steps", "train_freq"),),
    described=_described,
    conflict=_conflict,
    hyperparameters=replaying(
        _SB3,
        learning_rate=1e-4,
        highest_rate=1e-2,
        batch_size=32,
        largest_batch=256,
        train_freq=4,
        tau=1.0,
        net_arch="[64, 64]",
    )
    | {
        "target_update_interval": whole(
            10_000, 1, mark="traced", moves=True, unit="environment steps", source=_SB3, search=Range(1, 10_000, "log")
        ),
        "exploration_fraction": number(
            0.1,
            TINY,
            1,
            when=("exploration", None),
            unit="share of training",
            source=_SB3,
            search=Range(0.01, 1.0),
        ),
        "exploration_initial_eps": number(
            1.0, 0, 1, when=("exploration", None), unit=_CHANCE, source=_SB3, search=Range(0.2, 1.0)
        ),
        "exploration_final_eps": number(
            0.05, 0, 1, when=("exploration", None), unit=_CHANCE, source=_SB3, search=Range(0.0, 0.2)
        ),
        "max_grad_norm": number(
            10, TINY, moves=True, unit="global L2 norm", source=_SB3, search=Range(0.1, 100.0, "log")
        ),
        "exploration": number(None, 0, 1, moves=True, also=(None,), unit=_CHANCE, source="rlhp"),
        "double_q": switch(False, mark="static", source="van Hasselt et al. (2016)", engines=("jax",)),
        "dueling": switch(False, mark="static", source="Wang et al. (2016)", engines=("jax",)),
        "prioritized_replay": switch(False, mark="static", source=_PRIORITIES, engines=("jax",)),
        "prioritized_replay_alpha": number(
            0.6,
            0,
            1,
            moves=True,
            when=("prioritized_replay", True),
            unit="exponent",
            source=_PRIORITIES,
            engines=("jax",),
        ),
        "prioritized_replay_beta": number(
            Linear(0.4, 1.0),
            0,
            1,
            moves=True,
            when=("prioritized_replay", True),
            unit="exponent",
            source=_PRIORITIES,
            engines=("jax",),
        ),
    },
)
