"""Stein variational policy gradient (Liu et al., 2017), on A2C."""

from __future__ import annotations

from dataclasses import replace

from rlhp.algorithms._declaration import TINY, Algorithm, Range
from rlhp.algorithms._families import number, one_of_a_kind, teamed
from rlhp.algorithms.a2c import A2C

_PAPER = "Liu et al. (2017)"
_BASE = teamed(A2C.hyperparameters, 16, _PAPER)

SVPG = Algorithm(
    name="svpg",
    title="Stein variational policy gradient",
    actions=A2C.actions,
    agent="rlhp.agents.svpg:agent",
    iteration=("n_steps", "n_envs", "n_actors"),
    conflict=one_of_a_kind,
    described=A2C.described,
    hyperparameters=_BASE
    | {
        # Each agent has room for its rollout, and room is a matter of shapes: from 128 to 1,024 transitions are one.
        "n_steps": replace(_BASE["n_steps"], one_program=(16, 32)),
        "n_envs": replace(_BASE["n_envs"], one_program=(8, 32)),
        "temperature": number(
            10.0,
            TINY,
            moves=True,
            unit="return per nat",
            source=_PAPER,
            engines=("jax",),
            search=Range(0.1, 1_000.0, "log"),
        ),
    },
)
