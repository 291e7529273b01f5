from __future__ import annotations

import numpy as np
import pytest

from rlhp import Runs, curves
from rlhp.schedules import Linear


@pytest.fixture(scope="module")
def runs() -> Runs:
    rng = np.random.default_rng(0)
    configs = [{"gamma": g, "tau": t} for t in (0.1, 0.2) for g in (0.9, 0.95, 0.99) for _ in range(6)]
    scores = [100 * c["gamma"] + (300 * c["gamma"] if c["tau"] == 0.2 else 0) + rng.normal() for c in configs]
    return Runs.from_table(configs, scores, seeds=[*range(6)] * 6)


def test_each_value_has_the_comparison_of_its_own_runs(runs) -> None:
    found = curves.compare_within(runs, by="gamma", within="tau", reference=0.9)
    assert found.table["tau"].tolist() == [0.1, 0.1, 0.2, 0.2]
    for tau, rows in found.table.groupby("tau"):
        alone = curves.compare(runs.select(tau=tau), by="gamma", reference=0.9, rng=3, test="welch").table
        for name in ("a", "b", "difference", "low", "high", "n_a", "n_b"):
            assert rows[name].tolist() == alone[name].tolist()
    large, small = (found.table[found.table["tau"] == tau]["difference"].iloc[-1] for tau in (0.2, 0.1))
    assert large == pytest.approx(4 * small, rel=0.2)
    assert [len(one.table) for one in found.comparisons] == [2, 2]


def test_it_says_what_was_held_and_how_sure_it_is(runs) -> None:
    found = curves.compare_within(runs, by="gamma", within="tau", confidence=0.9)
    for shown in (repr(found), found._repr_html_()):
        assert "difference of the mean of final_return (undiscounted return), within each tau" in shown
        assert "90 % intervals by Welch" in shown


def test_a_schedule_is_shown_briefly() -> None:
    configs = [
        {"exploration": Linear(1.0, end), "gamma": g} for end in (0.1, 0.2) for g in (0.9, 0.99) for _ in "abcde"
    ]
    some = Runs.from_table(configs, np.arange(20.0) ** 1.5, seeds=[*range(5)] * 4)
    found = curves.compare_within(some, by="gamma", within="exploration")
    assert "linear 1 → 0.1 " in repr(found)
    assert "schedule" not in found._repr_html_()


def test_one_run_in_a_group_is_refused(runs) -> None:
    few = runs.select((runs.column("tau") == 0.1) | (runs.column("seed") == 0))
    with pytest.raises(ValueError, match="has 1 run, too few to know their spread"):
        curves.compare_within(few, by="gamma", within="tau")
