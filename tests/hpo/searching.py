"""A search that somebody kills, and notes what it does: ``python searching.py KIND OUT NOTES``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from ConfigSpace import ConfigurationSpace, Constant

from rlhp import hpo
from rlhp.hpo.evaluating import _training

JUDGING = hpo.Judging(steps=160, seeds=2, choice_seeds=2, test_seeds=3, finalists=2)
STATIC = {
    "a2c": {"n_steps": 8},
    "ppo": {"n_steps": 16, "n_epochs": 1, "batch_size": 8},
    "dqn": {"learning_starts": 16, "train_freq": 8, "buffer_size": 100, "batch_size": 4},
    "sac": {"learning_starts": 16, "train_freq": 8, "buffer_size": 100, "batch_size": 4},
    "td3": {"learning_starts": 16, "train_freq": 8, "buffer_size": 100, "batch_size": 4},
}
KINDS: dict[str, dict[str, Any]] = {
    "short": {},
    # Proposals that rest on what was told, decisions after every run, and a memory of transitions.
    "long": {
        "algorithm": "dqn",
        "searcher": hpo.Emukit(first=3, restarts=0, samples=0),
        "plan": hpo.Asha(eta=2, ratio=4, batch=2),
        "budget": 2400,
    },
}


def one_program(algorithm: str) -> ConfigurationSpace:
    """A space all of whose runs share a program."""
    space = ConfigurationSpace(space={"gamma": (0.8, 0.999)})
    space.add([Constant(name, value) for name, value in (STATIC[algorithm] | {"net_arch": "[8]"}).items()])
    return space


def call(out: Path | None, **changed: Any) -> hpo.Tuning:
    options = {
        "judging": JUDGING,
        "budget": 1600,
        "plan": hpo.SuccessiveHalving(n=6, eta=2, ratio=4, batch=3),
        "searcher": "random",
    }
    algorithm = changed.pop("algorithm", "a2c")
    env_id = "CartPole-v1" if algorithm in ("a2c", "ppo", "dqn") else "Pendulum-v1"
    return hpo.optimize(algorithm, env_id, one_program(algorithm), out=out, **{**options, **changed})


def noted(kind: str, out: Path, notes: Path) -> hpo.Tuning:
    """Search, and note each evaluation and each run that came to its pause or its end."""
    hear = _training._Steps.hear
    with notes.open("a", buffering=1) as file:

        def heard(self: Any, event: dict[str, Any]) -> None:
            told = event["event"], event.get("run_id"), event.get("row", {}).get("step")
            if told[0] in ("eval", "finished"):
                file.write(json.dumps(told) + "\n")
            hear(self, event)

        _training._Steps.hear = heard  # type: ignore[method-assign]
        try:
            return call(out, **KINDS[kind])
        finally:
            _training._Steps.hear = hear  # type: ignore[method-assign]


if __name__ == "__main__":
    noted(sys.argv[1], *map(Path, sys.argv[2:]))
