"""What is trained is kept and not trained again; without JAX it is fewer seeds, and that is said."""

from __future__ import annotations

import numpy as np
import pytest

from rlhp import Evaluation
from rlhp.widgets import Experiment
from rlhp.widgets.background import _live_sweep
from rlhp.widgets.background._live_sweep import LiveSweep
from rlhp.widgets.background._warming import WarmUp

A, B = {"batch_size": 16}, {"batch_size": 32}
PLAN = {"steps": 1_000, "n_seeds": 3, "evaluation": Evaluation(500, episodes=1)}


def live(examples=(A,), **options) -> LiveSweep:
    return LiveSweep("dqn", examples, Experiment(**{**PLAN, **options}))


def test_what_came_to_its_end_is_kept_and_not_missing(stand_in) -> None:
    one = live()
    assert one.missing([A, B, dict(A)]) == [A, B]
    sweep = one.sweep([A, B])
    assert {request.engine for request in sweep.requests} == {"jax"}
    sweep.reach(500)
    one.read(sweep, [A, B])
    assert len(one.of(A)) == 3
    assert one.missing([A, B]) == [A, B]
    sweep.reach(1_000)
    one.read(sweep, [A, B])
    assert one.missing([A, B]) == []
    assert one.whole(B)
    assert set(one.of(B).column("batch_size")) == {32}
    assert len(one.runs) == 6


def test_what_did_not_come_to_its_end_can_be_dropped(stand_in) -> None:
    one = live()
    assert one.runs is None
    sweep = one.sweep([A])
    sweep.reach(500)
    one.read(sweep, [A], whole_only=True)
    assert one.of(A) is None
    one.read(sweep, [A])
    assert len(one.of(A)) == 3
    one.forget_unfinished()
    assert one.of(A) is None


def test_without_jax_fewer_seeds_are_trained_and_it_says_so(monkeypatch) -> None:
    monkeypatch.setattr("rlhp.trainers._engines.has_engine", lambda: False)
    monkeypatch.setattr(_live_sweep, "has_engine", lambda: False)
    one = live(n_seeds=16)
    assert (one.engine, one.n_seeds) == ("sb3", 4)
    assert one.why_slow == (
        "JAX is not installed (`pip install 'rlhp[jax]'` brings it), so stable-baselines3 trains 4 seeds of each: "
        "that takes much longer."
    )
    assert one.warm_up([[A]]) is None
    assert live(n_seeds=16, engine="sb3").n_seeds == 16, "who asks for it gets it"


def test_what_the_fast_engine_cannot_train_is_trained_by_the_other_and_it_says_why() -> None:
    one = live(env_id="FrozenLake-v1", n_seeds=16)
    assert (one.engine, one.n_seeds) == ("sb3", 4)
    assert "The fast engine cannot train this (the environment is not written in JAX" in one.why_slow
    assert live().why_slow == ""


def test_after_the_warm_up_nothing_is_compiled(monkeypatch) -> None:
    from rlhp.trainers.compiled import _programs as programs

    small = {"net_arch": [8], "learning_starts": 10, "buffer_size": 200, "batch_size": 4}
    one = live([small], steps=100, n_seeds=2, evaluation=50)
    monkeypatch.setattr(_live_sweep, "WarmUp", WarmUp)
    warm = one.warm_up([[small]])
    assert warm.wait(120)
    assert warm.failure is None
    assert warm.done == 1
    monkeypatch.setattr(programs, "_program", lambda wanted: pytest.fail("compiled once more"))
    sweep = one.sweep([small])
    sweep.start()
    assert sweep.wait(60)
    one.read(sweep, [small])
    sweep.close()
    assert one.whole(small)
    assert np.isfinite(one.of(small).evals["return_mean"]).all()


def test_a_cancelled_warm_up_compiles_no_more() -> None:
    warm = WarmUp([[], []])
    warm.cancel()
    warm.start()
    assert warm.wait(30)
    assert (warm.done, warm.programs, warm.failure) == (0, 2, None)


@pytest.mark.parametrize("config", [{"gamma": 0.9}, {"gamma": 0.90, "net_arch": [8]}])
def test_equal_configurations_read_equal(config) -> None:
    assert live().key(config) == live().key(dict(reversed(config.items())))


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("env_id", "", r"`experiment\.env_id` is ''"),
        ("steps", 0, r"`experiment\.steps` is 0; give a whole number of at least 1. Environment steps"),
        ("n_seeds", 2.5, r"`experiment\.n_seeds` is 2\.5"),
        ("engine", "jaxx", "unknown engine `jaxx`; did you mean `jax`"),
        ("evaluation", 0, r"`evaluation\.every` is 0"),
    ],
)
def test_an_experiment_that_cannot_be_is_refused_by_name(field, value, message) -> None:
    with pytest.raises(ValueError, match=message):
        Experiment(**{field: value})


def test_an_experiment_says_what_its_options_are() -> None:
    with pytest.raises(TypeError, match="unknown option `seeds` for Experiment; did you mean `n_seeds`"):
        Experiment(seeds=3)
    with pytest.raises(TypeError, match=r"`experiment\.config` is 5; give a mapping"):
        Experiment(config=5)
    with pytest.raises(TypeError, match="`execution` is 5; give `Execution`"):
        Experiment(execution=5)


def test_evaluations_are_every_twentieth_of_the_run_where_nobody_says() -> None:
    (request, *_) = live(evaluation=Evaluation(episodes=3)).sweep([A]).requests
    assert (request.eval_every, request.eval_episodes) == (50, 3)
