"""A study that Optuna ran: conditions, pruned and failed trials."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from rlhp import importance, spaces
from rlhp.runs import Runs

NO_INTERVAL = importance.Fit(n_boot=0)

optuna = pytest.importorskip("optuna")


@pytest.fixture(autouse=True)
def _quiet():
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.CRITICAL)
    yield
    optuna.logging.set_verbosity(before)


def objective(trial):
    kind = trial.suggest_categorical("optimizer", ["sgd", "adam", None])
    rate = trial.suggest_float("learning_rate", 1e-4, 1e-1, log=True)
    if kind == "sgd":
        trial.suggest_float("momentum", 0.0, 0.9)
    trial.suggest_int("batch_size", 16, 64, step=16)
    trial.set_user_attr("draw", trial.number + 100)
    for step in (100, 200, 300):
        trial.report(step * rate, step)
        if trial.number == 1 and step == 200:
            raise optuna.TrialPruned
        if trial.number == 2 and step == 200:
            raise RuntimeError("out of memory")
    return 1000 * rate


def studied(*, n_trials=6, **options):
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0), study_name="mine", **options)
    for kind in ("sgd", "adam", "sgd", None):
        study.enqueue_trial({"optimizer": kind})
    study.optimize(objective, n_trials=n_trials, catch=(RuntimeError,))
    return study


def test_every_trial_that_ended_is_a_run():
    study = studied(direction="maximize")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        runs = Runs.from_optuna(study, algorithm="ppo", env_id="E", seeds="draw")
    assert runs.table["status"].tolist() == ["finished", "stopped", "failed", *["finished"] * 3]
    assert runs.table["seed"].tolist() == list(range(100, 106))
    assert runs.table["steps"].tolist() == [300] * 6
    # What was reported is the curve, and what the trial was judged by stands at its end.
    for run, trial in zip(runs.table.index, study.trials, strict=True):
        curve = runs.evals[runs.evals["run_id"] == run].set_index("step")["return_mean"].to_dict()
        wanted = dict(trial.intermediate_values)
        if trial.state.name == "COMPLETE":
            wanted[300] = trial.value
        assert curve == wanted
    # Conditions: a parameter that a trial did not have is inactive; the choice None is a text.
    assert runs.table["hp.momentum"].notna().tolist() == ["momentum" in trial.params for trial in study.trials]
    assert runs.table["hp.optimizer"].tolist()[:4] == ["sgd", "adam", "sgd", "None"]
    assert runs.table["wall_time_s"].notna().all()


def test_the_space_has_the_conditions_of_the_study():
    study = studied(direction="maximize", n_trials=30)
    space, runs = spaces.from_optuna(study), Runs.from_optuna(study)
    assert spaces.measure(space) == {
        "batch_size": "categorical",  # four levels in steps
        "learning_rate": "log",
        "momentum": "linear",
        "optimizer": "categorical",
    }
    assert spaces.describe(space).loc["momentum", "condition"] == "optimizer == 'sgd'"
    assert spaces.describe(space).loc["optimizer", "choices"] == "sgd, adam, None"
    assert spaces.describe(space).loc["batch_size", "choices"] == "16, 32, 48, 64"
    # Every run lies in the space, so that the two go to `importance` together.
    unit = spaces.to_unit(space, runs.configs[list(space)])[:, list(space).index("momentum")]
    assert np.isnan(unit).tolist() == (runs.configs["optimizer"] != "sgd").tolist()
    assert set(importance.ped_anova(runs, space, rng=0, fit=NO_INTERVAL, failures="worst").shares().index) == set(space)


def test_what_no_choice_explains_is_said():
    study = optuna.create_study(direction="maximize")

    def objective(trial):
        x = trial.suggest_float("x", 0.0, 1.0)
        trial.suggest_int("fixed", 3, 3)
        return trial.suggest_float("y", 0.0, 1.0) if trial.number % 2 else x

    study.optimize(objective, n_trials=4)
    with pytest.raises(ValueError, match=r"parameter `y` is absent in 2 of 4 trials.*ignore='y'"):
        spaces.from_optuna(study)
    assert list(spaces.from_optuna(study, ignore="y")) == ["fixed", "x"]
    with pytest.raises(TypeError, match="`study` is 5"):
        spaces.from_optuna(5)
    with pytest.raises(ValueError, match="no trial that was judged"):
        spaces.from_optuna(optuna.create_study())


def test_a_stored_study_that_minimises_and_is_not_over(tmp_path):
    storage = f"sqlite:///{tmp_path / 'study.db'}"
    study = optuna.create_study(study_name="s", storage=storage)
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=3)
    study.ask()
    loaded = optuna.load_study(study_name="s", storage=storage)
    with pytest.warns(UserWarning, match="study s") as said:
        runs = Runs.from_optuna(loaded, steps=500)
    texts = [str(one.message) for one in said]
    assert any("1 of 4 trials have not ended" in one for one in texts)
    assert any("study s minimises" in one for one in texts)
    assert runs.evals["return_mean"].tolist() == [-trial.value for trial in study.trials[:3]]
    assert set(runs.evals["step"]) == {500}


def test_several_objectives():
    study = optuna.create_study(directions=["maximize", "minimize"])
    study.optimize(lambda trial: (trial.suggest_float("x", 0, 1), 5.0), n_trials=2)
    with pytest.raises(ValueError, match="`objective` is None, but the study has 2 objectives"):
        Runs.from_optuna(study)
    runs = Runs.from_optuna(study, objective=0)
    assert runs.evals["return_mean"].tolist() == [trial.values[0] for trial in study.trials]
    with pytest.raises(ValueError, match="`objective` is 2"):
        Runs.from_optuna(study, objective=2)


def test_a_value_that_is_not_finite_ends_the_run_there():
    study = optuna.create_study(direction="maximize", study_name="mine")

    def diverging(trial):
        trial.report(1.0, 10)
        trial.report(float("nan"), 20)
        return float("inf")

    study.optimize(diverging, n_trials=1)
    runs = Runs.from_optuna(study)
    assert (runs.evals["step"].tolist(), runs.table["status"].tolist()) == ([10], ["diverged"])
    assert runs.table["error"].iloc[0].startswith("study mine, trial 0, step 20: the value is")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"seeds": "sed"}, "unknown `seeds` `sed` for trial 0 of study mine"),
        ({"seeds": [1]}, "`seeds` holds 1 numbers for 6 runs"),
        ({"steps": 0}, "`steps` is 0"),
        ({"algorithm": 5}, "`algorithm` is 5"),
    ],
)
def test_a_wrong_argument_is_named(options, message):
    with pytest.raises(ValueError, match=message):
        Runs.from_optuna(studied(direction="maximize"), **options)


def test_another_thing_than_a_study():
    for wrong in (5, "sqlite:///x.db", None, []):
        with pytest.raises(TypeError, match=r"`study` is .*load_study"):
            Runs.from_optuna(wrong)
    with pytest.raises(ValueError, match="has no trial that has ended"):
        Runs.from_optuna(optuna.create_study())
