"""Evolutionary reinforcement learning (Khadka and Tumer, 2018), with TD3 as the learner."""

from __future__ import annotations

from dataclasses import replace

from rlhp.algorithms._declaration import Algorithm, Levels, Range
from rlhp.algorithms._families import generations, number, teamed, whole
from rlhp.algorithms.td3 import TD3

_PAPER = "Khadka and Tumer (2018)"
_BASE = teamed(TD3.hyperparameters, 11, _PAPER, without=("n_envs",))

ERL = Algorithm(
    name="erl",
    title="evolutionary reinforcement learning",
    actions=TD3.actions,
    agent="rlhp.agents.erl:agent",
    iteration=("train_freq", "n_actors"),
    described=TD3.described,
    hyperparameters=_BASE
    | {
        "n_actors": replace(_BASE["n_actors"], unit="actors: the learner, and a population of all others"),
        "train_freq": generations(_PAPER),
        "gradient_steps": replace(_BASE["gradient_steps"], default=-1, source=_PAPER),
        "elite_fraction": number(
            0.1,
            0,
            1,
            moves=True,
            unit="of the population; at least one actor",
            source=_PAPER,
            engines=("jax",),
            search=Range(0.1, 0.5),
        ),
        "tournament_size": replace(
            whole(3, unit="actors", source=_PAPER, engines=("jax",), search=Levels((1, 2, 3, 4, 5), ordered=True)),
            high=8,  # erl.MOST_ENTRANTS
        ),
        "crossover_probability": number(
            0.5, 0, 1, moves=True, unit="per child", source="ours", engines=("jax",), search=Range(0.0, 1.0)
        ),
        "mutation_probability": number(
            0.9, 0, 1, moves=True, unit="per child", source=_PAPER, engines=("jax",), search=Range(0.0, 1.0)
        ),
        "mutation_fraction": number(
            0.1,
            0,
            1,
            moves=True,
            unit="of a layer's weights, at most",
            source=_PAPER,
            engines=("jax",),
            search=Range(0.01, 1.0, "log"),
        ),
        "mutation_strength": number(
            0.1,
            0,
            moves=True,
            unit="of the weight itself",
            source=_PAPER,
            engines=("jax",),
            search=Range(0.01, 1.0, "log"),
        ),
        "injection_interval": whole(
            1, unit="generations", source=_PAPER, engines=("jax",), search=Levels((1, 2, 5, 10), ordered=True)
        ),
    },
)
