"""Every argument of the room of tuning, refused by name where it cannot be."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from ConfigSpace import ConfigurationSpace

from rlhp import Runs, hpo
from rlhp.hpo.environments import _transfer as carrying
from rlhp.hpo.fronts import _pareto as searching
from rlhp.hpo.tuning import _optimize as tuning
from tests.contracts.bad_arguments import Call, faults

TRAINED = hpo.Judging(steps=100)
SPACE = ConfigurationSpace(space={"x": (0.0, 1.0)})


def search(space=SPACE, searcher="random", seed=0, of=None) -> None:
    hpo.Search(space, searcher, seed=seed, of=of)


def journal(journal: object) -> None:
    hpo.Search(SPACE, journal=journal).close()


def asked(n: int) -> None:
    hpo.Search(SPACE).ask(n)


def told(configurations, scores, noise=None) -> None:
    hpo.Search(SPACE).tell(configurations, scores, noise)


WORLDS = Runs.from_frame(
    pd.DataFrame(
        [
            {"hp.gamma": gamma, "hp.env.gravity": gravity, "seed": seed, "step": 100, "return_mean": gamma * gravity}
            for gamma in (0.9, 0.99)
            for gravity in (5.0, 20.0)
            for seed in range(4)
        ]
    ),
    algorithm="ppo",
    env_id="CartPole-v1",
    steps=100,
    status="finished",
)
CALLS = [
    Call(hpo.Observations, {"configurations": [{"x": 0.5}], "scores": [1.0]}, also={"noise": [[-1.0]]}),
    Call(hpo.searcher, {"name": "random"}),
    Call(hpo.plan, {"name": "race"}),
    Call(hpo.check_searcher, {"searcher": hpo.Random()}, also={"rules": [["first", 3]]}),
    Call(search, {}, also={"space": [{"x": (1.0, 0.0)}]}),
    Call(journal, {"journal": "kept.jsonl"}),
    Call(asked, {"n": 1}),
    Call(told, {"configurations": [{"x": 0.5}], "scores": [1.0]}),
    Call(hpo.minimize, {"f": lambda one: 0.0, "space": SPACE, "n": 2, "searcher": "random"}),
    Call(
        hpo.Judging,
        {"steps": 100},
        also={"seeds": [[0, 0], [-1], 0], "choice_seeds": [[0], [3, 3]], "test_seeds": [[0]]},
    ),
    Call(hpo.Terms, {"steps": 100}, also={"pauses": [[50], [], ["a"]]}),
    Call(hpo.pool, {"source": "sac_pendulum"}),
    Call(
        hpo.surrogate,
        {"space": SPACE, "seen": hpo.Observations([{"x": 0.5}], [1.0])},
        also={"searcher": ["random"], "space": [{"x": (1.0, 0.0)}]},
    ),
    Call(hpo.fidelity, {"runs": hpo.pool("sac_pendulum").runs, "rng": 0, "n_boot": 2}),
    Call(hpo.replay, {"source": "sac_pendulum", "budget": 30_000, "plan": "full", "searcher": "random"}),
    Call(hpo.Outcomes, {"configurations": [{"x": 0.5}], "gains": [[1.0, 2.0]]}),
    Call(hpo.pareto, {"source": "sac_pendulum", "objectives": ["auc", "seed_std"], "n": 2, "searcher": "random"}),
    Call(hpo.Parego, {}),
    Call(hpo.Warm, {"searcher": "random"}),
    Call(hpo.environment_features, {"env_ids": ["CartPole-v1", "Pendulum-v1"], "rng": 0, "episodes": 3}),
    Call(hpo.rank_agreement, {"sources": ["dqn_acrobot", "dqn_mountaincar"], "rng": 0, "n_boot": 2}),
    Call(hpo.generalisation, {"sources": ["dqn_acrobot", "dqn_mountaincar"]}),
    Call(hpo.worlds, {"runs": WORLDS}),
    Call(hpo.warm_start, {"sources": ["sac_pendulum"], "searcher": "random"}),
    Call(
        hpo.transfer,
        {
            "target": "dqn_acrobot",
            "sources": ["dqn_mountaincar"],
            "budgets": [90_000],
            "searcher": "random",
            "repetitions": 3,
        },
    ),
    Call(hpo.Nsga2, {}),
    Call(hpo.brackets, {"plan": "hyperband", "terms": hpo.Terms(steps=900)}),
    Call(
        hpo.progress,
        {"searches": {"race": [hpo.replay("sac_pendulum", budget=200_000, searcher="random")]}},
        also={"searches": [{}, {"a": []}, {"a": 5}, [1]], "pool": ["sac_pendulum"]},
    ),
    Call(hpo.Grid, {}),
    Call(hpo.Sobol, {}),
    Call(hpo.Full, {}),
    Call(hpo.SuccessiveHalving, {}),
    Call(hpo.Hyperband, {}),
    Call(hpo.Asha, {}),
    Call(hpo.Race, {}),
    Call(hpo.FreezeThaw, {}),
    Call(
        hpo.optimize,
        {
            "algorithm": "a2c",
            "env_id": "CartPole-v1",
            "judging": hpo.Judging(steps=100),
            "budget": 100,
            "searcher": "random",
        },
    ),
]


@pytest.mark.parametrize("one", CALLS, ids=lambda one: one.name)
def test_every_bad_argument_is_refused_by_name(one: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    # Some of what is tried is good after all: a large budget would be trained, or replayed, for long.
    monkeypatch.setattr(tuning, "search_trials", lambda *args, **options: [])
    monkeypatch.setattr(searching, "_searched", lambda *args: False)
    monkeypatch.setattr(searching, "_scores", lambda *args: pd.DataFrame())
    monkeypatch.setattr(carrying, "_repeated", lambda *args: np.zeros((2, 3, len(args[4]))))
    assert faults(one) == []


def test_the_state_of_numpys_own_generator_is_left_alone() -> None:
    before = np.random.get_state()[1].tolist()  # noqa: NPY002
    hpo.replay("sac_pendulum", budget=200_000, searcher="random", rng=1)
    assert np.random.get_state()[1].tolist() == before  # noqa: NPY002
