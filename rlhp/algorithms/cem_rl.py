"""The cross-entropy method with a critic's gradients (Pourchot and Sigaud, 2019), on TD3."""

from __future__ import annotations

from dataclasses import replace

from rlhp.algorithms._declaration import TINY, Algorithm, Levels, Range
from rlhp.algorithms._families import generations, number, teamed, whole
from rlhp.algorithms.td3 import TD3

_PAPER = "Pourchot and Sigaud (2019)"
_VARIANCE = "variance of a weight"
_BASE = teamed(TD3.hyperparameters, 10, _PAPER, without=("n_envs",))

CEM_RL = Algorithm(
    name="cem_rl",
    title="cross-entropy method with a critic's gradients",
    actions=TD3.actions,
    agent="rlhp.agents.cem_rl:agent",
    iteration=("train_freq", "n_actors"),
    described=TD3.described,
    hyperparameters=_BASE
    | {
        "train_freq": generations(_PAPER),
        "gradient_steps": replace(_BASE["gradient_steps"], default=-1, source=_PAPER),
        "n_gradient_actors": whole(
            None,
            mark="static",
            also=(None,),
            unit="actors that follow the gradient; None: half of them",
            source=_PAPER,
            engines=("jax",),
        ),
        "n_parents": whole(
            5, unit="actors", source=_PAPER, engines=("jax",), search=Levels((1, 2, 3, 4, 5, 8), ordered=True)
        ),
        "sigma_init": number(
            1e-3, TINY, unit=_VARIANCE, source=_PAPER, engines=("jax",), search=Range(1e-4, 1e-1, "log")
        ),
        "damping": number(1e-3, 0, unit=_VARIANCE, source=_PAPER, engines=("jax",), search=Range(1e-5, 1e-1, "log")),
        "damping_final": number(
            1e-5, 0, moves=True, unit=_VARIANCE, source=_PAPER, engines=("jax",), search=Range(1e-6, 1e-3, "log")
        ),
        "damping_decay": number(
            0.95, 0, 1, moves=True, unit="per generation", source=_PAPER, engines=("jax",), search=Range(0.8, 1.0)
        ),
    },
)
