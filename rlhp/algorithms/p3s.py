"""Population-guided parallel policy search (Jung, Park and Sung, 2020), on TD3."""

from __future__ import annotations

from rlhp.algorithms._declaration import Algorithm, Levels, Range
from rlhp.algorithms._families import number, teamed, whole
from rlhp.algorithms.td3 import TD3

_PAPER = "Jung et al. (2020)"
_DISTANCE = "half a squared distance of actions scaled to [-1, 1]"

P3S = Algorithm(
    name="p3s",
    title="population-guided parallel policy search",
    actions=TD3.actions,
    agent="rlhp.agents.p3s:agent",
    iteration=("train_freq", "n_actors"),
    clauses=TD3.clauses,
    described=TD3.described,
    hyperparameters=teamed(TD3.hyperparameters, 4, _PAPER, without=("n_envs",))
    | {
        "best_interval": whole(
            250,
            unit="environment steps of each actor",
            source=_PAPER,
            engines=("jax",),
            search=Levels((100, 250, 500, 1_000), ordered=True),
        ),
        "beta": number(
            1.0,
            0,
            unit="loss per unit of distance from the best, at first",
            source=_PAPER,
            engines=("jax",),
            search=Range(0.01, 100.0, "log"),
        ),
        "search_ratio": number(
            2.0,
            0,
            moves=True,
            unit="of the distance that an actor moves in an interval",
            source=_PAPER,
            engines=("jax",),
            search=Range(0.5, 8.0, "log"),
        ),
        "search_radius": number(
            0.04, 0, moves=True, unit=_DISTANCE, source=_PAPER, engines=("jax",), search=Range(0.001, 1.0, "log")
        ),
    },
)
