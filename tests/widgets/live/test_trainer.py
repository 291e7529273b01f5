"""The live trainer trains for real, and everything a hand can move is a trait."""

from __future__ import annotations

import threading
import time
import warnings

import pytest

from rlhp import Evaluation
from rlhp.schedules import Linear
from rlhp.sweeps._requests import requests_of
from rlhp.widgets import LiveTrainer
from rlhp.widgets.live import _catalogue as catalogue
from tests.widgets.stand_in import until

FAST = {"n_envs": 4, "n_steps": 8}


@pytest.fixture(scope="module")
def trained():
    trainer = LiveTrainer(
        "CartPole-v1", "a2c", steps=1_000, n_seeds=2, config=FAST, evaluation=Evaluation(250, episodes=2)
    )
    said = []
    trainer.observe(lambda change: said.append(change["new"]), "status")
    trainer.said = said
    began = time.monotonic()
    trainer.start()
    trainer.start_took = time.monotonic() - began
    trainer.wait(120)
    yield trainer
    trainer.close()


def test_it_trains_every_seed_and_keeps_the_runs(trained) -> None:
    runs = trained.runs
    assert trained.error == ""
    assert list(runs.table["status"]) == ["finished", "finished"]
    assert sorted(runs.table["seed"]) == [0, 1]
    assert sorted(runs.evals["step"].unique()) == [256, 512, 768, 1_000] or runs.evals["step"].max() >= 1_000
    assert (runs.column("n_envs") == 4).all()
    asked = requests_of(
        "a2c",
        "CartPole-v1",
        dict(trained.config),
        steps=1_000,
        seeds=2,
        engine="sb3",
        evaluation=Evaluation(250, episodes=2),
    )
    assert set(runs.table.index) == {request.run_id for request in asked}


def test_start_returns_at_once_and_the_status_was_honest(trained) -> None:
    assert trained.start_took < 2
    assert trained.said[0] == "starting the workers for 2 seeds: 0 s"
    assert trained.said[-1] == "trained 2 seeds: 2,000 of 2,000 steps"
    assert trained.status == trained.said[-1]


def test_figure_and_text_say_the_same(trained) -> None:
    assert "2 seeds of A2C on CartPole-v1. After 1,000 steps the IQM return of 2 seeds is" in trained.text
    assert "too few seeds for an interval" in trained.text
    assert "seed 0" in trained.text
    assert "After 1,000 steps the IQM return of 2 seeds is" in trained.curve.alt
    assert 'src="data:image/png;base64,' in trained.curve.value


def test_a_policy_is_watched_with_its_return_in_words(trained) -> None:
    episode = trained.watch(seed=3, max_steps=30)
    assert episode is trained.policies.episode
    assert episode.frames.shape[0] == episode.length + 1
    assert 'src="data:image/gif;base64,' in trained.film.value
    assert f"episode 3: return {episode.return_:g} in {episode.length} steps" in trained.film.alt
    assert trained.film.layout.display is None


def test_watching_by_hand_works_in_the_background(trained) -> None:
    trained.policies.choice.value = "seed 1"
    trained.policies.watch_button.click()
    assert trained.policies.watch_button.disabled
    trained.wait(60)
    assert trained.error == ""
    assert "seed 1, episode 0: return" in trained.film.alt
    assert not trained.policies.watch_button.disabled


def test_a_policy_is_saved_and_loaded_without_a_warning(trained, tmp_path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        saved = trained.save_policy(tmp_path / "mine")
        policy = trained.load_policy(saved)
    assert saved == tmp_path / "mine.zip"
    assert policy.request.algorithm == "a2c"
    assert trained.policies.choice.value == "loaded: mine.zip"
    assert trained.watch(seed=0, max_steps=5).length <= 5


def test_loading_by_hand_says_beside_the_button_what_is_trusted(trained, tmp_path) -> None:
    shown = [w.value for w in trained.policies.children if hasattr(w, "value")]
    assert any("Loading runs nothing that is in the file" in str(value) for value in shown)
    trained.policies.choice.value = "seed 0"
    trained.policies.file.value = str(tmp_path / "again.zip")
    trained.policies.save_button.click()
    assert (tmp_path / "again.zip").is_file()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        trained.policies.load_button.click()
        trained.wait(60)
    assert trained.error == ""
    assert "A2C on CartPole-v1, 1,000 steps, seed 0" in trained.policies._said.value
    trained.policies.file.value = str(tmp_path / "nothing.zip")
    trained.policies.load_button.click()
    trained.wait(60)
    assert "no policy at" in trained.error
    assert not trained.policies.load_button.disabled


def test_stop_in_the_middle_ends_the_processes_and_keeps_what_was_learnt(make) -> None:
    trainer = make(
        LiveTrainer, algorithm="a2c", steps=1_000_000, n_seeds=1, config=FAST, evaluation=Evaluation(200, episodes=1)
    )
    trainer.start()
    until(lambda: trainer.runs is not None and len(trainer.runs.evals) >= 2, seconds=90)
    trainer.stop_button.click()
    began = time.monotonic()
    runs = trainer.wait(60)
    assert time.monotonic() - began < 30
    assert set(runs.table["status"]) == {"stopped"}
    assert trainer.status.startswith("stopped, because you pressed Stop: ")
    assert "steps the IQM return" in trainer.text
    assert not [t for t in threading.enumerate() if t.name in ("rlhp-sweep", "rlhp-training")]
    assert trainer.policies.choice.options == ("seed 0 (stopped early)",)


def test_without_a_policy_there_is_nothing_to_watch_or_save(trainer) -> None:
    one = trainer()
    assert one.policies.watch_button.disabled
    assert one.policies.save_button.disabled
    with pytest.raises(ValueError, match="there is no policy yet; train until a seed is done, or load one"):
        one.watch()
    with pytest.raises(ValueError, match="no file name"):
        one.save_policy(" ")


def test_every_control_is_a_trait_both_ways(trainer) -> None:
    one = trainer()
    one.steps, one.n_seeds, one.env_id = 5_000, 2, "Acrobot-v1"
    assert (one.steps_control.box.value, one.seeds_control.box.value) == (5_000, 2)
    assert one.picker.list.value == "Acrobot-v1"
    one.steps_control.box.value = 3_000
    one.seeds_control.slider.value = 9
    one.picker.list.value = "MountainCar-v0"
    one.choice.buttons["dqn"].value = True
    assert (one.steps, one.n_seeds, one.env_id, one.algorithm) == (3_000, 9, "MountainCar-v0", "dqn")
    assert one.text == "Start trains 9 seeds of DQN on MountainCar-v0 from 27,000 environment steps in all."


def test_hyperparameters_go_round_between_code_and_form(trainer, stand_in) -> None:
    one = trainer(algorithm="ppo", config={"learning_rate": 0.001})
    assert one.config["learning_rate"] == 0.001
    one.config = {"gamma": 0.98, "clip_range": Linear(0.2, 0.1)}
    assert one.form.rows["gamma"].control.box.value == 0.98
    assert one.config["learning_rate"] == 0.001
    one.form.rows["n_epochs"].control.box.value = 4
    assert one.config["n_epochs"] == 4
    one.start()
    request = stand_in.made[-1].requests[0]
    assert (request.config["gamma"], request.config["n_epochs"]) == (0.98, 4)
    assert request.config["clip_range"] == Linear(0.2, 0.1)
    with pytest.raises(ValueError, match="unknown hyperparameter `gama` for ppo; did you mean `gamma`"):
        one.config = {"gama": 1}
    assert one.config["gamma"] == 0.98


def test_another_algorithm_brings_its_own_form(trainer) -> None:
    one = trainer(algorithm="dqn", config={"learning_rate": 0.01})
    one.env_id = "Pendulum-v1"
    assert one.algorithm == one.form.algorithm == "ppo"
    assert one.choice.buttons["dqn"].disabled
    assert one.config["learning_rate"] == 0.0003
    one.algorithm = "sac"
    assert one.config["learning_rate"] == 0.0003
    assert "tau" in one.config
    one.form.rows["tau"].control.box.value = 0.01
    assert one.config["tau"] == 0.01


def test_an_environment_brings_controls_of_its_parameters(trainer, stand_in) -> None:
    one = trainer(algorithm="ppo", config={"learning_rate": 0.001, "env.gravity": 20.0})
    assert (one.config["learning_rate"], one.config["env.gravity"]) == (0.001, 20.0)
    one.form.rows["env.gravity"].control.box.value = 30.0
    one.start()
    assert stand_in.made[-1].requests[0].config["env.gravity"] == 30.0
    one.stop()
    one.env_id = "Pendulum-v1"
    assert (one.config["learning_rate"], one.config["env.gravity"]) == (0.001, 10.0)
    assert "env.masscart" not in one.config
    one.env_id = "Acrobot-v1"
    assert one.config["learning_rate"] == 0.001
    assert not [name for name in one.config if name.startswith("env.")]


def test_an_environment_that_lacks_packages_says_which_and_cannot_be_started(trainer, monkeypatch, stand_in) -> None:
    monkeypatch.setattr(catalogue, "_installed", lambda name: name != "Box2D")
    catalogue.looked_at.cache_clear()
    one = trainer()
    one.env_id = "LunarLander-v3"
    assert one.start_button.disabled
    assert one.status == "choose another environment to train"
    assert 'run pip install "gymnasium[box2d]", then restart the kernel' in one.text
    assert all(button.disabled for button in one.choice.buttons.values())
    with pytest.raises(ValueError, match=r"LunarLander-v3 needs packages that are not installed: run `pip install "):
        one.start()
    one.env_id = "CartPole-v1"
    assert not one.start_button.disabled
    assert one.status == "ready"
    assert stand_in.made == []


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ({"steps": 10}, "`steps` is 10; give a whole number from 100 to 1,000,000"),
        ({"n_seeds": 2.5}, r"`n_seeds` is 2\.5; give a whole number from 1 to 16"),
        ({"env_id": "CartPole-v9"}, "unknown environment `CartPole-v9`; did you mean `CartPole-v"),
        ({"algorithm": "pppo"}, "unknown algorithm `pppo`; did you mean `ppo`"),
        ({"config": {"lr": 1}}, "unknown hyperparameter `lr` for ppo"),
    ],
)
def test_a_wrong_option_is_refused(trainer, option, message) -> None:
    with pytest.raises(ValueError, match=message):
        trainer(**option)


def test_a_wrong_trait_is_refused_and_changes_nothing(trainer) -> None:
    one = trainer()
    for name, wrong in (("steps", 0), ("n_seeds", 99), ("env_id", "Nowhere-v0"), ("algorithm", "reinforce")):
        before = getattr(one, name)
        with pytest.raises(ValueError, match=str(wrong)):
            setattr(one, name, wrong)
        assert getattr(one, name) == before


def test_a_training_that_was_stopped_at_once_shows_nothing_of_the_one_before_as_its_own(trainer, stand_in) -> None:
    one = trainer()
    one.start()
    stand_in.made[-1].reach(1_000)
    one.wait(20)
    assert "After 1,000 steps the IQM return of 3 seeds is 11" in one.text
    one.form.rows["learning_rate"].control.box.value = 0.01
    assert "A control was moved since this was trained. Start trains 3 seeds of PPO" in one._aside.value
    one.start()
    assert one._aside.value == ""
    assert "the first evaluation is not done yet" in one.text
    assert "Before: learning_rate 0.0003: after 1,000 steps" in one.text
    one.stop()
    one.wait(20)
    assert one.text.splitlines()[0] == (
        "3 seeds of PPO on CartPole-v1. Training ended before the first evaluation, so that there is nothing to see of "
        "it. Before: learning_rate 0.0003: after 1,000 steps the IQM return of 3 seeds is 11 (95 % interval "
        + one.text.splitlines()[0].partition("interval ")[2]
    )
    assert "seed 0" not in one.text
    assert "Before" in one.curve.alt
    assert "<img" in one.curve.value


def test_policies_stay_where_a_later_training_left_none(trainer, stand_in, monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(stand_in, "policy_path", lambda self, run_id: tmp_path / f"{run_id}.zip")
    one = trainer()
    one.start()
    first = stand_in.made[-1]
    for request in first.requests:
        (tmp_path / f"{request.run_id}.zip").touch()
    first.reach(1_000)
    one.wait(20)
    assert one.policies.choice.options == ("seed 0", "seed 1", "seed 2")
    for _ in range(2):
        one.config = {"learning_rate": one.config["learning_rate"] * 2}
        one.start()
        one.stop()
        one.wait(20)
        assert one.policies.choice.options == ("before: seed 0", "before: seed 1", "before: seed 2")
        assert not one.policies.watch_button.disabled
        assert not first.closed, "its policies lie in its folder"
    assert stand_in.made[-2].closed
    one.start()
    for request in stand_in.made[-1].requests:
        (tmp_path / f"{request.run_id}.zip").touch()
    stand_in.made[-1].reach(1_000)
    one.wait(20)
    assert one.policies.choice.options == ("seed 0", "seed 1", "seed 2")
    assert first.closed
    one.close()
    assert stand_in.made[-1].closed


def test_a_curve_keeps_its_look_also_while_it_is_alone(trainer, stand_in, monkeypatch) -> None:
    looks = []
    monkeypatch.setattr("rlhp.widgets.retrain._growing.Growing.draw", lambda *_, **given: looks.append(given["looks"]))
    one = trainer()
    one.start()
    stand_in.made[-1].reach(1_000)
    one.wait(20)
    one.config = {"learning_rate": 0.01}
    one.start()
    stand_in.made[-1].reach(400)
    until(lambda: "Now: learning_rate 0.01: after 400 steps" in one.text)
    assert looks[0] == [0]
    assert [1] in looks, "the one before, as long as it is alone"
    assert looks[-1] == [0, 1]


def test_two_settings_are_compared_at_equal_lengths_only(trainer, stand_in) -> None:
    one = trainer()
    one.start()
    stand_in.made[-1].reach(1_000)
    one.wait(20)
    one.config = {"learning_rate": 0.01}
    one.start()
    stand_in.made[-1].reach(300)
    until(lambda: "Now: learning_rate 0.01: after 300 steps" in one.text)
    one.stop()
    one.wait(20)
    assert "No verdict: the curves end at different steps (now: learning_rate 0.01 at 300" in one.text
    one.start()
    stand_in.made[-1].reach(1_000)
    one.wait(20)
    assert "The intervals overlap: 3 seeds each do not tell the two apart." in one.text
    one.env_id = "Acrobot-v1"
    one.start()
    assert "Before" not in one.text, "returns of two environments are not on one scale"


def test_a_control_that_is_moved_while_it_trains_is_said_to_change_nothing_yet(trainer, stand_in) -> None:
    one = trainer()
    one.start()
    before = one.text
    one.steps_control.box.value = 5_000
    assert "what trains now are 3 seeds of PPO on CartPole-v1, as they were set when Start was pressed" in (
        one._aside.value
    )
    assert one.text == before
    one.steps_control.box.value = 1_000
    assert one._aside.value == ""
