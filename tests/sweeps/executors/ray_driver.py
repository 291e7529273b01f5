"""A sweep on a Ray cluster that somebody kills: ``python ray_driver.py OUT``."""

from __future__ import annotations

import sys
from typing import Any

import rlhp

CONFIG = {"n_steps": 8, "net_arch": [8]}
ASKED: dict[str, Any] = {
    "steps": 1_000,
    "seeds": 3,
    "evaluation": rlhp.Evaluation(250, episodes=2),
}

if __name__ == "__main__":
    how = rlhp.Execution(executor="ray", progress=False)
    rlhp.sweep("a2c", "CartPole-v1", CONFIG, out=sys.argv[1], engine="sb3", execution=how, **ASKED)
