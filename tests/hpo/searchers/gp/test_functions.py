"""What the searcher finds on functions whose optimum is known, over many repetitions."""

from __future__ import annotations

import importlib
import time
from pathlib import Path

import numpy as np
import pytest
from ConfigSpace import ConfigurationSpace, Float

from rlhp import hpo

BENCHMARKS = Path(__file__).resolve().parents[4] / "benchmarks"


@pytest.mark.hard
@pytest.mark.parametrize(("number", "most"), [(0, 0.01), (1, 0.3)], ids=["branin", "hartmann"])
def test_regret_after_forty_evaluations(number: int, most: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    benchmark = importlib.import_module("hpo")
    function, make = benchmark.FUNCTIONS[number], benchmark.SEARCHERS["emukit"][1]
    found = [benchmark.repetition(function, make, seed)["regret"][-1] for seed in range(benchmark.REPETITIONS)]
    assert np.mean(found) <= most


def test_the_functions_have_the_optima_that_they_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    branin, hartmann = importlib.import_module("hpo").FUNCTIONS
    for best in ((-np.pi, 12.275), (np.pi, 2.275), (9.42478, 2.475)):
        assert branin.value(np.array(best)) == pytest.approx(branin.least, abs=1e-6)
    best = np.array([0.20169, 0.150011, 0.476874, 0.275332, 0.311652, 0.6573])
    assert hartmann.value(best) == pytest.approx(hartmann.least, abs=1e-5)


@pytest.mark.hard
@pytest.mark.parametrize(("n", "most"), [(1, 0.3), (8, 1.5)])
@pytest.mark.parametrize("dimensions", [6, 14])
def test_an_ask_with_a_hundred_observations_costs_little(dimensions: int, n: int, most: float) -> None:
    space = ConfigurationSpace(space=[Float(f"x{j}", (0.0, 1.0)) for j in range(dimensions)])
    rng = np.random.default_rng(0)
    points = rng.random((100, dimensions))
    told = [{f"x{j}": float(u) for j, u in enumerate(row)} for row in points]
    seen = hpo.Observations(told, -((points - 0.4) ** 2).sum(axis=1) + 0.1 * rng.standard_normal(100))
    searcher = hpo.Emukit()
    searcher.propose(space, seen, 1, rng)  # the first ask imports GPy
    start = time.process_time()
    for seed in range(3):
        searcher.propose(space, seen, n, np.random.default_rng(seed))
    assert (time.process_time() - start) / 3 < most
