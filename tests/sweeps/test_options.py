"""Options that travel together: each is checked where it is made, named as it was given, and changes no run's name."""

from __future__ import annotations

import dataclasses
import math
import re
from pathlib import Path

import pandas as pd
import pytest

import rlhp
from rlhp.options import options
from rlhp.sweeps import requests_of
from rlhp.trainers import RunRequest
from tests.sweeps.asking import how

KINDS = [rlhp.Evaluation, rlhp.Execution, rlhp.Logging]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: rlhp.Evaluation(every=0), r"`evaluation\.every` is 0; give a whole number of at least 1"),
        (lambda: rlhp.Evaluation(every=2.5), r"`evaluation\.every` is 2\.5"),
        (lambda: rlhp.Evaluation(every=True), r"`evaluation\.every` is True"),
        (lambda: rlhp.Evaluation(episodes=0), r"`evaluation\.episodes` is 0"),
        (lambda: rlhp.Evaluation(episodes=None), r"`evaluation\.episodes` is None"),
        (lambda: rlhp.Evaluation.of(-5), r"`evaluation\.every` is -5"),
        (lambda: rlhp.Execution(progress="yes"), r"`execution\.progress` is 'yes'; give True or False"),
        (lambda: rlhp.Execution(workers=-1), r"`execution\.workers` is -1; .* 0 trains in this one"),
        (lambda: rlhp.Execution(retry_failed=1), r"`execution\.retry_failed` is 1"),
        (lambda: rlhp.Execution(keep_policies=None), r"`execution\.keep_policies` is None"),
        (lambda: rlhp.Execution(time_limit=0), r"`execution\.time_limit` is 0; .* Seconds a run may take"),
        (lambda: rlhp.Execution(time_limit=math.nan), r"`execution\.time_limit` is nan"),
        (
            lambda: rlhp.Execution(executor="rya"),
            r"unknown executor `rya` for execution; did you mean `ray`\? Valid: lo",
        ),
        (lambda: rlhp.Execution(executor=None), r"`execution\.executor` is None; give one of 'local', 'ray'"),
        (
            lambda: rlhp.Execution(executor="ray", workers=0),
            r"`execution\.workers` is 0, and Ray trains in tasks; give at",
        ),
        (
            lambda: rlhp.Execution(executor="ray", address="head"),
            r"`execution\.address` is 'head'; .*It is 'host:port'",
        ),
        (
            lambda: rlhp.Execution(executor="ray", address="ray://a:1"),
            r"`execution\.address` is 'ray://a:1'; .*host:port",
        ),
        (lambda: rlhp.Execution(executor="ray", address="a:0"), r"`execution\.address` is 'a:0'; .*It is 'host:port'"),
        (
            lambda: rlhp.Execution(executor="ray", address=5),
            r"`execution\.address` is 5; give a text\. It is 'host:port'",
        ),
        (
            lambda: rlhp.Execution(address="a:1"),
            r"`execution\.address` is 'a:1', and executor='local' trains on this mach",
        ),
        (lambda: rlhp.Logging(checkpoint_every=0), r"`logging\.checkpoint_every` is 0; .* Environment steps"),
        (lambda: rlhp.Logging(tensorboard=""), r"`logging\.tensorboard` is ''; give a path"),
    ],
)
def test_a_value_that_cannot_be_is_refused_by_its_name(make, message) -> None:
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: rlhp.Evaluation.of("often"), r"`evaluation` is 'often'; give the steps .* evaluation=1_000, or"),
        (lambda: rlhp.Evaluation.of(None), r"`evaluation` is None; give the steps"),
        (lambda: rlhp.Execution.of({"workers": 2}), r"`execution` is \{'workers': 2\}; give `Execution`\. It is `rlhp"),
        (lambda: rlhp.Logging.of(True), r"`logging` is True; give `Logging`\. It is `rlhp\.Logging"),
        (lambda: rlhp.Logging(resume=5), r"`logging\.resume` is 5; give a path"),
    ],
)
def test_what_is_no_such_object_is_refused_with_how_to_make_one(make, message) -> None:
    with pytest.raises(TypeError, match=message):
        make()


@pytest.mark.parametrize("kind", KINDS)
def test_an_unknown_field_is_refused_with_the_nearest(kind) -> None:
    name = dataclasses.fields(kind)[0].name
    with pytest.raises(
        TypeError, match=rf"unknown option `{name}s` for {kind.__name__}; did you mean `{name}`\? Valid"
    ):
        kind(**{f"{name}s": 1})


@pytest.mark.parametrize("kind", KINDS)
def test_they_are_frozen_equal_by_value_and_can_be_changed_by_replace(kind) -> None:
    assert kind() == kind()
    assert dataclasses.replace(kind()) == kind()
    with pytest.raises(dataclasses.FrozenInstanceError):
        kind().progress = False


def test_a_class_of_options_keeps_its_signature_and_its_own_errors() -> None:
    @options
    @dataclasses.dataclass(frozen=True)
    class Bow:
        """Two strings."""

        draw: float
        length: float = 1.0

    assert Bow(2.0, length=3.0) == Bow(draw=2.0, length=3.0)
    with pytest.raises(TypeError, match=r"unknown option `lenght` for Bow; did you mean `length`\?"):
        Bow(2.0, lenght=3.0)
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'draw'"):
        Bow()


def test_evaluations_are_at_the_steps_that_are_asked_for() -> None:
    assert rlhp.Evaluation().interval(5_000) == 500
    assert rlhp.Evaluation().interval(5_000, times=20) == 250
    assert rlhp.Evaluation().interval(3) == 1
    assert rlhp.Evaluation(1e3).every == 1_000
    assert rlhp.Evaluation.of(700) == rlhp.Evaluation(every=700)
    (asked,) = requests_of("ppo", "CartPole-v1", steps=5_000, evaluation=700)
    assert asked.eval_steps() == [700, 1_400, 2_100, 2_800, 3_500, 4_200, 4_900, 5_000]
    assert asked.eval_episodes == 10


def test_the_name_of_a_run_is_the_one_it_always_had() -> None:
    """Stores on disks hold runs under these names, made when every option was an argument of its own."""
    (asked,) = requests_of("dqn", "CartPole-v1", {"gamma": 0.9}, steps=2_000, engine="sb3", evaluation=500)
    assert asked.run_id == RunRequest("dqn", "CartPole-v1", 0, 2_000, {"gamma": 0.9}, 500, 10, "sb3").run_id
    assert asked.run_id == "047ac3b7018dbcb5"
    (asked,) = requests_of(
        "ppo", "Pendulum-v1", steps=1_000, seeds=[3], engine="jax", evaluation=rlhp.Evaluation(episodes=4)
    )
    assert asked.run_id == "5b6e7421364bf327"


NAMES = {
    "sb3": ["8d7db86a7b5e1dc4", "d80bd1557b5246c6"],
    "jax": ["25bf0c70c264d403", "2c1548b859fa9249"],
}


@pytest.mark.parametrize("engine", NAMES)
def test_how_it_is_carried_out_changes_nothing_that_a_run_learns(engine, tmp_path) -> None:
    pytest.importorskip("stable_baselines3" if engine == "sb3" else "jax")
    asked = {"steps": 400, "seeds": 2, "engine": engine, "evaluation": rlhp.Evaluation(100, episodes=2)}
    config = {"n_steps": 8, "net_arch": [8]}
    plain = rlhp.sweep("a2c", "CartPole-v1", config, **asked, **how(workers=0))
    other = how(workers=1, keep_policies=True, retry_failed=True, time_limit=300)
    kept = rlhp.sweep("a2c", "CartPole-v1", config, **asked, **other, out=tmp_path)
    assert plain.table.index.tolist() == kept.table.index.tolist() == NAMES[engine]
    pd.testing.assert_frame_equal(plain.evals, kept.evals)


def test_a_single_run_has_no_workers() -> None:
    with pytest.raises(ValueError, match=r"`execution\.workers` is 2, and a single run trains in this process"):
        rlhp.train("a2c", "CartPole-v1", steps=10, execution=rlhp.Execution(workers=2))


def test_a_single_run_is_trained_in_this_process() -> None:
    with pytest.raises(ValueError, match=r"`execution\.executor` is 'ray', and a single run trains in this process"):
        rlhp.train("a2c", "CartPole-v1", steps=10, execution=rlhp.Execution(executor="ray"))


def test_ray_that_is_not_installed_is_asked_for_by_its_extra(monkeypatch, tmp_path) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ImportError, match=r"executor='ray' needs Ray; install it with `pip install 'rlhp\[ray\]'`"):
        rlhp.sweep("a2c", "CartPole-v1", steps=10, out=tmp_path / "out", **how(executor="ray"))
    assert not (tmp_path / "out").exists()


def test_the_compiled_engine_logs_nothing(tmp_path) -> None:
    with pytest.raises(ValueError, match=r"engine='jax' has no `logging\.tensorboard`; leave it out"):
        rlhp.train("a2c", "CartPole-v1", steps=10, engine="jax", logging=rlhp.Logging(tensorboard=tmp_path))


def test_what_is_resumed_must_be_there(tmp_path) -> None:
    with pytest.raises(ValueError, match=r"`logging\.resume` is .*nowhere, where nothing is"):
        rlhp.train("a2c", "CartPole-v1", steps=10, logging=rlhp.Logging(resume=tmp_path / "nowhere"), **how())


def test_nothing_tells_a_user_to_give_an_option_as_an_argument_of_its_own() -> None:
    """Messages, docstrings and pages that quote `workers=` would be answered by a TypeError."""
    names = {field.name for kind in (rlhp.Execution, rlhp.Logging) for field in dataclasses.fields(kind)}
    quoted = re.compile(rf"`(?:{'|'.join(sorted(names - {'progress'}))}|eval_every|eval_episodes)=")
    root = Path(rlhp.__file__).parents[1]
    pages = [root / "README.md", *(root / "docs").glob("[!b]*/*.md"), *(root / "rlhp").rglob("*.py")]
    assert quoted.search("give `tensorboard=`")
    assert len(pages) > 300
    assert [str(page) for page in pages if quoted.search(page.read_text(encoding="utf-8"))] == []
