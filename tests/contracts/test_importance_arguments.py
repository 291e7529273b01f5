"""A bad argument of `rlhp.importance` is refused by name."""

from __future__ import annotations

import pandas as pd
import pytest

from rlhp import Runs, importance, spaces
from rlhp.runs import concat
from tests.contracts.bad_arguments import Call, faults

SPACE = spaces.subspace(spaces.default("dqn"), ["gamma", "learning_rate"])
CONFIGS = spaces.sample(SPACE, 12, method="sobol", rng=0)
GAIN = spaces.to_unit(SPACE, CONFIGS) @ [2.0, 1.0]
RUNS = Runs.from_table(CONFIGS, GAIN, env_id="A-v0", algorithm="dqn")
TWO = concat([RUNS, Runs.from_table(CONFIGS, -GAIN, env_id="B-v0", algorithm="dqn")])
BOTH = concat(
    [TWO, *(Runs.from_table(CONFIGS, k * GAIN, env_id=f"{env}-v0", algorithm="ppo") for k, env in ((2, "A"), (3, "B")))]
)
STUDY = importance.scored(RUNS, SPACE, "final_return", failures="raise")
CURVED = Runs(
    RUNS.table.assign(steps=2),
    pd.concat([RUNS.evals, RUNS.evals.assign(step=2)], ignore_index=True),
    RUNS.history,
)
ASKED = {"runs": RUNS, "space": SPACE, "rng": 0}
# What the choice of a surrogate costs is none of this test's business.
FIT = {"surrogate": "forest", "n_trees": 2, "n_boot": 0, "allow_poor_fit": True}
FOREST = {**ASKED, "fit": importance.Fit(**FIT)}
OPTIONS = {name: FOREST[name] for name in ("rng", "fit")}
FANOVA = importance.fanova(**FOREST)


def across(runs, space, objective="final_return", method=importance.fanova):
    """With options of the method given; they are tried on the method itself."""
    return importance.across(
        runs,
        space,
        objective,
        method=method,
        **OPTIONS,
    )


def over_training(runs, space, objective="final_return", steps=None, method=importance.fanova):
    return importance.over_training(
        runs,
        space,
        objective,
        steps=steps,
        method=method,
        **OPTIONS,
    )


CALLS = [
    Call(importance.Fit, FIT, also={"n_boot": [10], "confidence": [95, 0.999], "surrogate": ["forrest"]}),
    Call(importance.Score, {"objective": "final_return", "at": 1}, also={"at": [-1, 0.5]}),
    Call(importance.fanova, FOREST, also={"measure": [{"gamma": 5}, {"gamma": "cubic"}, {5: "log"}, {"gamma": []}]}),
    Call(importance.ped_anova, {**FOREST, "quantile": 0.45}, also={"quantile": [0.5, 0.01], "region": [0.2]}),
    Call(importance.ablation, FOREST, also={"start": [{"gamma": "high"}, {"gamma": 2.0}, {"gama": 0.9}]}),
    Call(importance.local, FOREST, also={"around_config": [{"gamma": "high"}, {"gamma": 2.0}]}),
    Call(importance.shapley, FOREST, also={"players": ["gamma", ["gama"], [], ["gamma", "gamma"]], "n_orders": [3, 4]}),
    Call(importance.permutation, FOREST),
    Call(
        importance.agreement, {"results": {"a": FANOVA, "b": FANOVA}}, also={"results": [[FANOVA], [FANOVA, 1], FANOVA]}
    ),
    Call(across, {"runs": TWO, "space": SPACE}),
    Call(over_training, {"runs": RUNS, "space": SPACE, "steps": [1]}, also={"steps": [[0], ["1"], [1, 1]]}),
    Call(importance.sensitivity, {"runs": TWO, "rng": 0, "n_boot": 0}, also={"normalize": [(0, 1), {"A-v0": (0, 1)}]}),
    Call(
        importance.sensitivity_plane,
        {"runs": BOTH, "rng": 0, "n_boot": 0, "n_trees": 2},
        also={"spaces": [SPACE, {"dqn": 1}]},
    ),
    Call(importance.thc, {"runs": TWO, "space": SPACE, "rng": 0, "n_boot": 40}),
    Call(importance.crash_map, {"runs": RUNS, "space": SPACE}),
    Call(
        importance.landscape,
        {**ASKED, "x": "gamma", "y": "learning_rate", "points": 3, "n_trees": 2},
        also={"rest": ["wurst", {"gama": 1}]},
    ),
    Call(importance.surrogate, {**ASKED, "n_trees": 2}),
    Call(importance.footprint, {"study": STUDY, "rng": 0, "method": "pca", "background": 8}),
    Call(importance.budget_correlation, {"runs": CURVED, "rng": 0, "n_boot": 5}, also={"steps": [[1], [0, 2], [1, 1]]}),
    Call(importance.scored, {"runs": RUNS, "space": SPACE, "objective": "final_return", "failures": "raise"}),
]


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.name)
def test_the_call_works(call):
    call()


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.name)
def test_a_bad_argument_is_refused_by_name(call):
    assert faults(call) == []
