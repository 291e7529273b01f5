"""The importance explorer fits once, keeps what it fitted, and says in words what its bars show."""

from __future__ import annotations

import re
import threading
from dataclasses import replace

import numpy as np
import pytest

from rlhp import Runs
from rlhp.importance import Importance, Settled
from rlhp.importance import files as importance_files
from rlhp.widgets import ImportanceExplorer
from rlhp.widgets.importance._fits import METHODS, Fits, Setting, by_environment, evaluated, swept
from rlhp.widgets.importance._store import digest
from tests.widgets.importance_data import NAMES, SPACE, sweep, two


@pytest.fixture(scope="module")
def sets():
    return two()


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """A few trees are enough to see that the right thing is asked for."""
    for name, method in METHODS.items():
        fit = {**method.fit, "n_trees": 16, "n_boot": 40, "boot_trees": 2}
        options = {**method.options, **({"n_orders": 4} if name == "shapley" else {})}
        monkeypatch.setitem(METHODS, name, replace(method, fit=fit, options=options))


@pytest.fixture
def explorer(make, sets):
    return lambda **options: make(ImportanceExplorer, options.pop("runs", sets), **{"prediction": None, **options})


def ready(one):
    one.wait(120)
    return one


def test_it_says_who_leads_and_how_sure_that_is(explorer) -> None:
    one = ready(explorer())
    assert isinstance(one.result, Importance)
    assert one.result.ranking[0] == "learning_rate"
    assert "fANOVA on Acrobot-v1 after 1,000 steps of training" in one.text
    assert re.search(
        r"learning_rate has the largest share, 0\.\d\d \(0\.\d\d to 0\.\d\d\)\. No other interval", one.text
    )
    assert "64 configurations" in one.text
    assert "seed noise apart" in one.text
    assert "<img" in one.bars.value
    assert one.bars.alt.startswith("Bars of importance by fanova on Acrobot-v1")
    assert one.status.startswith("ready")


def test_another_environment_is_answered_with_what_it_was_before(explorer) -> None:
    one = ready(explorer())
    one.choices["environment"].value = "MiniGrid-Empty-5x5-v0"
    ready(one)
    assert one.result.ranking[0] == "exploration_fraction"
    assert "exploration_fraction has the largest share" in one.text
    assert "share before" in one.text
    assert "efore: fANOVA on Acrobot-v1 after 1,000 steps" in one.text


def test_importance_moves_with_time(explorer) -> None:
    one = ready(explorer())
    assert one.time.high == 8
    one.time.box.value = 1
    ready(one)
    assert one.setting.step == 125
    assert one.result.ranking[0] == "exploration_fraction"


@pytest.mark.parametrize("method", METHODS)
def test_every_method_can_be_chosen(explorer, method) -> None:
    one = explorer()
    one.stop()
    one.choices["method"].value = method
    ready(one)
    assert one.error == ""
    assert one.result.ranking[0] == "learning_rate"
    assert METHODS[method].share in one.text
    assert one.choices["measure"].disabled is not METHODS[method].measured
    assert one.choices["region"].disabled is not METHODS[method].regional


def test_measure_and_region_reach_the_method(explorer) -> None:
    one = explorer(method="fanova", measure="linear")
    assert ready(one).result.measures["learning_rate"] == "linear"
    one.choices["measure"].value = "log"
    one.choices["region"].value = 0.5
    ready(one)
    assert one.error == ""
    assert one.result.measures == {"exploration_fraction": "log", "gamma": "log", "learning_rate": "log"}
    assert "the better half only" in one.text
    assert "among the good only" in one.result.about
    one.choices["method"].value = "ped_anova"
    assert one.choices["measure"].disabled
    assert "PED-ANOVA has no choice of measure here" in one._why_off.value
    assert "within the best 50 %" in ready(one).result.about


def test_what_was_computed_is_not_computed_again(explorer, monkeypatch) -> None:
    one = ready(explorer())
    one.start()
    ready(one)  # what one move away asks for is there too
    calls = []
    one._looks_ahead = False
    monkeypatch.setattr(one.fits, "_fitted", lambda setting: calls.append(setting))
    monkeypatch.setattr("rlhp.widgets.importance._picture.png", lambda *_, **__: calls.append("drawn"))
    one.time.box.value = 3
    assert "after 375 steps" in one.text
    assert "has the largest share" in one.text
    assert "<img" in one.bars.value
    assert [call for call in calls if call in one.fits._kept] == []
    assert calls.count("drawn") == 0


def test_the_same_seed_gives_the_same_importance(explorer) -> None:
    first, second = ready(explorer(rng=3)), ready(explorer(rng=3))
    assert first.result.table.equals(second.result.table)


def test_where_the_fit_is_too_poor_it_refuses_until_told(explorer) -> None:
    one = ready(explorer(runs=sweep(noise=200.0)))
    assert one.result.poor_fit
    assert "No ranking: the surrogate explains too little" in one.text
    assert "<img" not in one.bars.value
    assert "No ranking" in one.bars.alt
    one.anyway.value = True
    ready(one)
    assert "has the largest share" in one.text
    assert "<img" in one.bars.value


def test_a_method_that_cannot_answer_says_why(explorer, monkeypatch) -> None:
    one = ready(explorer())

    def hopeless(*_, **__):
        raise ValueError("no gain to explain.")

    one.stop()
    one.fits._kept.clear()
    one._pictures.clear()
    monkeypatch.setattr("rlhp.widgets.importance._fits.METHODS", {**METHODS})
    monkeypatch.setattr(one.fits, "_fitted", hopeless)
    one.choices["method"].value = "ablation"
    ready(one)
    assert "no gain to explain." in one.text
    assert one.bars.alt == "no gain to explain."
    assert one.error == ""


def test_what_breaks_while_computing_is_shown(explorer, monkeypatch) -> None:
    one = ready(explorer())

    def broken(*_, **__):
        raise RuntimeError("no ink")

    monkeypatch.setattr("rlhp.widgets.importance._picture.png", broken)
    one.choices["method"].value = "local"
    ready(one)
    assert one.error == "RuntimeError: no ink"
    assert one.status.startswith("ready")


def test_nothing_is_shown_before_a_prediction(explorer) -> None:
    one = ready(explorer(prediction="leader"))
    assert one.result is None
    assert "<img" not in one.bars.value
    assert "Commit to a prediction" in one.bars.alt
    one.commit("gamma")
    assert one.prediction == "gamma"
    assert re.search(r"You predicted “gamma”\. Not by these runs\. It has a share of 0\.\d\d\.", one.text)
    assert "<img" in one.bars.value
    right = ready(explorer(prediction="leader"))
    right.commit("learning_rate")
    assert "You predicted “learning_rate”. So it is." in right.text
    right.choices["method"].value = "ped_anova"
    ready(right)
    assert "You predicted “learning_rate” for fANOVA on Acrobot-v1 after 1,000 steps" in right.text
    with pytest.raises(ValueError, match="this explorer asks no prediction"):
        explorer().commit("gamma")


def test_it_says_what_it_computes_and_stops(explorer, monkeypatch) -> None:
    one = ready(explorer())
    gate, begun = threading.Event(), threading.Event()
    fit = one.fits.fit

    def slow(setting):
        begun.set()
        gate.wait(30)
        return fit(setting)

    monkeypatch.setattr(one.fits, "fit", slow)
    one.choices["method"].value = "local"
    one.time.box.value = 2
    assert begun.wait(30)
    assert one.stop_button.disabled is False
    one._tell_state()
    assert re.match(r"computing( ahead)?: \w.* on .* after [\d,]+ steps of training.*; \d+ more to come", one.status)
    assert "being computed" in one.text
    one.stop_button.click()
    assert one._ahead.left <= 1  # what is looked at is not given up
    gate.set()
    ready(one)
    one.start()
    assert "has the largest share" in ready(one).text


@pytest.mark.parametrize(
    ("trait", "value", "message"),
    [
        ("method", "fanov", "unknown method `fanov`; did you mean `fanova`"),
        ("environment", "Acrobot", "unknown environment `Acrobot`; did you mean `Acrobot-v1`"),
        ("measure", "logg", "unknown measure `logg`; did you mean `log`"),
        ("evaluation", 9, "evaluation 9 is not there; give 1 to 8."),
    ],
)
def test_what_is_not_there_is_refused(explorer, trait, value, message) -> None:
    one = explorer()
    with pytest.raises(ValueError, match=re.escape(message)):
        setattr(one, trait, value)


def test_an_unknown_question_is_refused(explorer) -> None:
    with pytest.raises(ValueError, match="unknown prediction `leaders`; did you mean `leader`"):
        explorer(prediction="leaders")


def test_runs_of_several_environments_are_parted(sets) -> None:
    from rlhp.runs import concat

    parted = by_environment(concat(list(sets.values())))
    assert list(parted) == list(sets)
    assert all(len(parted[name]) == len(sets[name]) for name in sets)
    with pytest.raises(ValueError, match="`runs` is empty"):
        by_environment({})
    with pytest.raises(ValueError, match="no runs to look at"):
        by_environment(sweep().select(seed=99))


def test_steps_and_space_are_those_of_the_runs(sets) -> None:
    runs = sets["Acrobot-v1"]
    assert evaluated(runs) == tuple(range(125, 1001, 125))
    assert list(swept(SPACE, runs)) == NAMES
    with pytest.raises(ValueError, match="no hyperparameter of the space varies"):
        swept(SPACE, runs.select(runs.config_id == runs.config_id.iloc[0]))


def test_a_closed_explorer_computes_nothing(explorer) -> None:
    one = explorer()
    one.close()
    assert not one._ahead.running
    with pytest.raises(ValueError, match="this explorer was closed"):
        one.start()


def settled(*r2s: float) -> Settled:
    return Settled(np.array(r2s))


@pytest.fixture
def known(explorer, monkeypatch):
    """Give an explorer whose forests have the R2 that the test says."""

    def known_(*r2s: float, **options):
        monkeypatch.setattr("rlhp.importance.settle", lambda *_, **__: settled(*r2s) if r2s else None)
        return ready(explorer(**options))

    return known_


def test_what_is_between_enough_and_too_little_is_shown_and_nobody_leads(known) -> None:
    one = known(0.296, 0.288, 0.261, 0.321, prediction="leader")
    one.commit("learning_rate")
    ready(one)
    assert "is not settled: R2 0.291, mean of 4 forests (0.261 to 0.321), where 0.3 is the least" in one.text
    assert "leads" not in one.text
    assert "You predicted “learning_rate”. These runs do not settle it. It has a share of" in one.text
    assert "<img" in one.bars.value


def test_what_is_too_little_is_refused_with_its_numbers_and_the_prediction_answered(known) -> None:
    one = known(0.296, 0.296, 0.296, prediction="leader")
    one.commit("gamma")
    ready(one)
    assert "No ranking: the surrogate explains too little" in one.text
    assert "(R2 0.296, mean of 3 forests (0.296 to 0.296), below 0.3)" in one.text
    assert "You predicted “gamma”. These runs do not answer it: no ranking" in one.text
    assert "<img" not in one.bars.value
    one.anyway.value = True
    ready(one)
    assert "<img" in one.bars.value
    assert "leads" not in one.text.replace("These runs do not answer it", "")


def test_an_interval_that_leaves_out_configurations_lets_nobody_lead(known, monkeypatch) -> None:
    shapley = METHODS["shapley"]
    monkeypatch.setitem(METHODS, "shapley", replace(shapley, fit={**shapley.fit, "n_boot": 0}))
    one = known(0.9, 0.91, 0.92, method="shapley")
    assert "of the sampling alone" in one.text
    assert "No interval here allows for other configurations that could have been run: nothing is decided." in one.text
    assert "leads" not in one.text


@pytest.mark.parametrize(
    ("what", "said"),
    [
        (ValueError("no gain to explain."), "It cannot be answered here: no gain to explain."),
        ("alike", "Nobody leads: nothing varies in these runs."),
    ],
)
def test_a_prediction_is_answered_whatever_comes_out(explorer, monkeypatch, what, said) -> None:
    alike = sweep(noise=0.0)
    alike = Runs(alike.table, alike.evals.assign(return_mean=1.0), alike.history)
    if isinstance(what, ValueError):

        def hopeless(*_, **__):
            raise what

        # Before there is an explorer: its first fit starts at once, in a thread of its own.
        monkeypatch.setattr(Fits, "_fitted", hopeless)
    one = explorer(prediction="leader", **({"runs": alike} if what == "alike" else {}))
    one.commit("gamma")
    ready(one)
    assert f"You predicted “gamma”. {said}" in one.text
    assert one.error == ""


def test_fits_are_kept_on_disk_and_found_by_another_explorer(explorer, kept, monkeypatch) -> None:
    one = ready(explorer())
    files = sorted(kept.iterdir())
    assert sorted(file.name for file in files) == sorted(one.fits.names(one.setting))
    with monkeypatch.context() as patch:
        patch.setattr(one.fits.__class__, "_fitted", lambda *_: pytest.fail("computed again"))
        patch.setattr("rlhp.importance.settle", lambda *_, **__: pytest.fail("computed again"))
        again = ready(explorer())
    assert again.result.table.equals(one.result.table)
    assert again.text == one.text
    other = explorer(rng=1)
    ready(other)
    assert len(list(kept.iterdir())) == 4, "another seed is another fit"
    for file in files:
        file.write_bytes(file.read_bytes()[:50])
    anew = ready(explorer())
    assert anew.text == one.text, "what is damaged is made again"
    assert anew.error == ""
    assert all(importance_files.read(file) is not None for file in files)


def test_other_runs_or_another_version_of_the_methods_are_other_fits(sets, monkeypatch) -> None:
    fits = Fits(sets, SPACE)
    setting = Setting("Acrobot-v1", "fanova", "declared", 1000, 0.0)
    names = {*fits.names(setting), *fits.names(replace(setting, region=0.5)), *fits.names(replace(setting, step=125))}
    assert len(names) == 6
    runs = sets["Acrobot-v1"]
    moved = Runs(runs.table, runs.evals.assign(return_mean=runs.evals["return_mean"] + 1e-9), runs.history)
    assert digest(moved) != digest(runs)
    assert digest(sweep()) == digest(runs)
    assert not names & set(Fits({"Acrobot-v1": moved}, SPACE).names(setting))
    monkeypatch.setattr("rlhp.importance.files.VERSION", importance_files.VERSION + 1)
    assert not names & set(Fits(sets, SPACE).names(setting))


def test_it_opens_on_the_environment_that_is_asked_for(explorer) -> None:
    one = explorer(environment="MiniGrid-Empty-5x5-v0", prediction="leader")
    assert one.environment == "MiniGrid-Empty-5x5-v0"
    assert "on MiniGrid-Empty-5x5-v0, by fANOVA" in one.question.prediction.question
    with pytest.raises(ValueError, match="unknown environment `Acrobot`; did you mean `Acrobot-v1`"):
        explorer(environment="Acrobot")
