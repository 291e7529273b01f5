"""Every argument of what lets runs meet, refused by name where it cannot be."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ConfigSpace import ConfigurationSpace, Float

from rlhp import population
from rlhp.population import _pbt as pbt
from rlhp.population import _replay as again
from rlhp.population._members import requests_of_population
from rlhp.sweeps import Evaluation
from rlhp.trainers.segments import begin, runs_of
from tests.contracts.bad_arguments import Call, faults

SPACE = ConfigurationSpace(space=[Float("gamma", (0.8, 0.99))])
HOW = population.Exchange(every=32)
ASKED = {"algorithm": "a2c", "env_id": "CartPole-v1", "space": SPACE, "size": 2, "steps": 64, "exchange": HOW}
MET = {
    "exchange": HOW,
    "space": SPACE,
    "step": 32,
    "total_steps": 64,
    "configs": [{"gamma": 0.9}, {"gamma": 0.95}],
    "fitness": population.Fitness([1.0, 2.0]),
    "past": population.Past.empty(["gamma"]),
    "ready": np.full(2, True),
    "rng": 0,
}


REQUESTS = requests_of_population("a2c", "CartPole-v1", SPACE, HOW, Evaluation(32, 2), size=2, steps=64, seed=0)


def calls(runs) -> list[Call]:
    member = {"runs": runs, "run_id": runs.table.index[0]}
    return [
        Call(population.evolve, ASKED),
        Call(population.Exchange, {"every": 32}),
        Call(population.meet, MET),
        Call(population.Truncation, {}),
        Call(population.Welch, {}),
        Call(population.Perturb, {}),
        Call(population.Resample, {}),
        Call(population.Fitness, {"mean": [1.0, 2.0]}),
        Call(population.moving_names, {"space": SPACE}),
        Call(population.winners, {"runs": runs}),
        *(Call(one, member) for one in (population.ancestry, population.life, population.schedule)),
        Call(population.replay, {**member, "seeds": 2}),
    ]


def test_every_bad_argument_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    # Some of what is tried is good after all.
    monkeypatch.setattr(pbt, "_trained", lambda wanted, *rest: [runs_of(begin(many)) for many in wanted])
    monkeypatch.setattr(again, "advance", lambda training, to_step: None)
    monkeypatch.setattr(again, "_request", lambda runs, run_id: REQUESTS[0])
    runs = runs_of(begin(REQUESTS))  # they have not begun, which is enough to ask about
    assert [line for one in calls(runs) for line in faults(one)] == []
