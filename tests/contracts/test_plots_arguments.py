"""A figure that is given something else than its result says what it takes and the call that makes it."""

from __future__ import annotations

import inspect

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt

from rlhp import Runs, hpo, importance, objectives, plots, schedules, spaces
from rlhp.plots._options import MAKERS
from tests.contracts.bad_arguments import Call, faults
from tests.contracts.test_curves_arguments import CURVES, GROUPED, MANY, RUNS, curves
from tests.contracts.test_importance_arguments import BOTH


@pytest.fixture(autouse=True)
def nothing_stays_open():
    yield
    plt.close("all")


pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")

SPACE = spaces.subspace(spaces.default("dqn"), ["learning_rate", "gamma", "batch_size"])


def _study() -> Runs:
    configs = spaces.sample(SPACE, 60, method="sobol", rng=0)
    scores = -((np.log10(configs["learning_rate"].to_numpy()) + 3) ** 2) + configs["gamma"].to_numpy()
    return Runs.from_table(configs, scores, algorithm="dqn", env_id="E")


def _curved() -> Runs:
    """Make the same study with two evaluations a run, so that importances can move while training."""
    first, last = _study(), _study()
    evals = pd.concat(
        [first.evals.assign(step=1, return_mean=first.evals["return_mean"] / 2), last.evals.assign(step=2)]
    )
    return Runs(last.table.assign(steps=2), evals, last.history)


STUDY, CURVED = _study(), _curved()
DATA = importance.scored(STUDY, SPACE, "final_return", failures="raise")
SCORES = [objectives.score(STUDY, name, failures="raise", per="config") for name in ("final_return", "env_steps")]
FITTED = {"rng": 0, "fit": importance.Fit(n_boot=0, n_trees=8, allow_poor_fit=True)}


@pytest.fixture(scope="module")
def results():
    """Make one of each result that figures are drawn of."""
    return {
        "CurveSummary": curves.iqm(RUNS, by="gamma", **MANY),
        "Extrapolation": curves.extrapolate(CURVES, rng=0, first=0.5, families=["pow3"]),
        "ScoreSummary": curves.summarise(RUNS, by="gamma", **MANY),
        "PerformanceProfile": curves.performance_profile(RUNS, **MANY),
        "Improvement": curves.probability_of_improvement(**GROUPED),
        "Power": curves.how_many_seeds(**GROUPED, n_studies=100, seeds=(2, 5)),
        "Reliability": curves.reliability(CURVES, **MANY),
        "Selection": curves.selection(**GROUPED),
        "Tolerance": curves.tolerance_band(RUNS),
        "Importance": importance.fanova(STUDY, SPACE, "final_return", order=2, failures="raise", **FITTED),
        "Ablation": importance.ablation(STUDY, SPACE, "final_return", failures="raise", **FITTED),
        "Landscape": importance.landscape(STUDY, SPACE, "learning_rate", "gamma", rng=0, n_trees=8, points=7),
        "Study": DATA,
        "Importances": importance.over_training(CURVED, SPACE, "final_return", failures="raise", **FITTED),
        "CrashMap": importance.crash_map(STUDY, SPACE),
        "SensitivityPlane": importance.sensitivity_plane(BOTH, rng=0, n_boot=0, n_trees=2),
        "SearchHistory": curves.search_history(SCORES[0]),
        "EDF": curves.edf(SCORES[0]),
        "ParetoFront": curves.pareto_front(*SCORES),
        "Footprint": importance.footprint(DATA, rng=0, method="pca", background=8),
        "Progress": hpo.progress({"race": [hpo.replay("sac_pendulum", budget=200_000, searcher="random")]}),
        "Brackets": hpo.brackets("hyperband", hpo.Terms(steps=900)),
        "BudgetCorrelation": importance.budget_correlation(CURVED, rng=0, n_boot=20),
    }


FIGURES = {
    name: function
    for name in plots.__all__
    if inspect.isfunction(function := getattr(plots, name))
    and any(first.annotation in MAKERS for first in [*inspect.signature(function).parameters.values()][:1])
}
NEEDS = {"marginal": {"name": "gamma"}, "marginal_alt_text": {"name": "gamma"}}


def argument(name: str) -> str:
    return next(iter(inspect.signature(FIGURES[name]).parameters))


def kind(name: str) -> str:
    return inspect.signature(FIGURES[name]).parameters[argument(name)].annotation


def call(name: str, results) -> Call:
    made = kind(name)
    result = results["Ablation" if name.startswith("ablation") else made]
    extra = {"ax": plots.new_axes()} if "ax" in inspect.signature(FIGURES[name]).parameters else {}
    return Call(FIGURES[name], {argument(name): result, **NEEDS.get(name, {}), **extra})


@pytest.mark.parametrize("name", FIGURES)
def test_runs_are_the_likeliest_wrong_thing(name, results) -> None:
    """`plots.curves(runs)` ends in the call that makes what it takes."""
    for wrong in (RUNS, None, [1, 2], results["Reliability" if kind(name) != "Reliability" else "Power"]):
        with pytest.raises(TypeError) as caught:
            FIGURES[name](wrong, **NEEDS.get(name, {}))
        assert f"`{argument(name)}` is" in str(caught.value)
        assert f"give `{kind(name)}`. `{MAKERS[kind(name)]}` makes one." in str(caught.value)


@pytest.mark.parametrize("name", FIGURES)
def test_a_bad_argument_is_refused_by_name(name, results) -> None:
    assert faults(call(name, results)) == []


def test_every_maker_is_a_call_that_is_there() -> None:
    for maker in MAKERS.values():
        room, _, rest = maker.partition(".")
        assert callable(getattr({"curves": curves, "importance": importance, "hpo": hpo}[room], rest.partition("(")[0]))


BOXES, ARROWS = {"agent": (0, 0), "environment": (3, 0)}, [("agent", "environment", "action")]
OTHERS = [
    Call(plots.schedule, {"schedules": schedules.Linear(1.0, 0.1), "ax": plots.new_axes()}),
    Call(plots.schedule_alt_text, {"schedules": schedules.Linear(1.0, 0.1)}),
    Call(plots.diagram, {"boxes": BOXES, "arrows": ARROWS, "ax": plots.new_axes()}),
    Call(plots.diagram_alt_text, {"boxes": BOXES, "arrows": ARROWS}),
    Call(plots.look, {"index": 3}),
    Call(plots.value_text, {"value": 3}),
    Call(plots.style, {}),
    Call(plots.new_axes, {}),
    Call(plots.to_png, {"figure": plots.new_axes()}),
    Call(plots.to_html_img, {"figure": plots.new_axes(), "alt": "A line."}),
]


@pytest.mark.parametrize("one", OTHERS, ids=lambda one: one.name)
def test_a_bad_argument_of_the_others_is_refused_by_name(one) -> None:
    one()
    assert faults(one) == []
