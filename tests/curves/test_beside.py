from __future__ import annotations

import pandas as pd
import pytest

from rlhp import Runs, curves
from rlhp.runs import empty_history


def runs(scores, *, seeds=(0, 1), steps=(10, 20)) -> Runs:
    table = Runs.from_table([{}] * len(seeds), [0.0] * len(seeds), seeds=list(seeds), steps=max(steps)).table
    evals = pd.DataFrame([(run, step) for run in table.index for step in steps], columns=["run_id", "step"]).assign(
        return_mean=scores, return_std=0.0, n_episodes=1, length_mean=1.0
    )
    return Runs(table, evals, empty_history())


def test_evaluations_of_a_seed_stand_beside_each_other() -> None:
    now, before = runs([1.0, 2.0, 3.0, 4.0]), runs([1.0, 2.5, 3.0, 4.0])
    found = curves.side_by_side({"now": now, "in data/": before})
    assert list(found.table) == ["step", "seed 0, now", "seed 0, in data/", "seed 1, now", "seed 1, in data/"]
    assert found.table.to_numpy().tolist() == [[10, 1, 1, 3, 3], [20, 2, 2.5, 4, 4]]
    assert (found.n_equal, found.n) == (3, 4)
    for shown in (repr(found), found._repr_html_()):
        assert "3 of 4 evaluations agree to the last digit" in shown


def test_only_what_both_have_counts() -> None:
    shorter = runs([1.0, 3.0], steps=(10,))
    found = curves.side_by_side({"now": shorter, "before": runs([1.0, 9.0, 3.0, 9.0])})
    assert (found.n_equal, found.n, found.table["step"].tolist()) == (2, 2, [10])


def test_what_cannot_stand_beside_each_other() -> None:
    one = runs([1.0, 2.0, 3.0, 4.0])
    with pytest.raises(ValueError, match=r"`tables` has 1 of them; give two or more"):
        curves.side_by_side({"now": one})
    with pytest.raises(ValueError, match="have no evaluation in common; train the same seeds"):
        curves.side_by_side({"now": one, "before": runs([1.0, 2.0], seeds=(7,))})
    two = Runs.from_table([{"gamma": 0.9}, {"gamma": 0.99}], [1.0, 2.0], seeds=[3, 3])
    with pytest.raises(ValueError, match=r"'before' of `tables` has several runs of seed 3; select one configuration"):
        curves.side_by_side({"now": one, "before": two})
    with pytest.raises(ValueError, match="did you mean `return_mean`"):
        curves.side_by_side({"now": one, "before": one}, value="return_men")
