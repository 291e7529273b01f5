"""Every environment can be found; what it lacks, and which algorithm fits, is said."""

from __future__ import annotations

import importlib.util

import gymnasium
import pytest

from rlhp.widgets.live import _catalogue as catalogue
from rlhp.widgets.live._catalogue import Listing
from rlhp.widgets.live._picker import AlgorithmPicker, EnvironmentPicker


def bare(callback):
    return callback


@pytest.fixture
def picker() -> EnvironmentPicker:
    return EnvironmentPicker("CartPole-v1", bare)


@pytest.fixture
def algorithm() -> AlgorithmPicker:
    return AlgorithmPicker("ppo", ["a2c", "dqn", "ppo", "sac", "td3"], bare)


@pytest.fixture
def nothing_else_installed(monkeypatch):
    """Only the imports of the core are there, whatever this machine has."""
    present = {"gymnasium", "rlhp"}
    monkeypatch.setattr(catalogue, "_installed", lambda name: name in present)


def test_every_registered_environment_is_listed_once() -> None:
    assert sorted(entry.env_id for entry in catalogue.search()) == sorted(gymnasium.registry)


def test_what_runs_here_comes_first_and_old_versions_come_last() -> None:
    listed = catalogue.search()
    # Other packages register their own once an environment of theirs was made in this process.
    gymnasiums = [e.env_id for e in listed if "gymnasium." in str(gymnasium.registry[e.env_id].entry_point)]
    assert gymnasiums[:3] == ["Acrobot-v1", "Blackjack-v1", "CartPole-v1"]
    place = {entry.env_id: index for index, entry in enumerate(listed)}
    assert place["CartPole-v1"] < place["Ant-v5"] < place["CartPole-v0"] < place["Ant-v4"] < place["Ant-v2"]
    ant = [entry.env_id for entry in catalogue.search("ant")]
    assert ant == ["Ant-v5", "Ant-v4", "Ant-v2", "Ant-v3"]


@pytest.mark.parametrize(
    ("env_id", "package"),
    [
        ("LunarLander-v3", "gymnasium[box2d]"),
        ("Ant-v5", "gymnasium[mujoco]"),
        ("phys2d/CartPole-v1", "gymnasium[jax]"),
    ],
)
@pytest.mark.usefixtures("nothing_else_installed")
def test_a_missing_package_is_named_with_the_command(env_id, package) -> None:
    entry = next(entry for entry in catalogue.search() if entry.env_id == env_id)
    assert entry.label == f"{env_id}  (needs {package})"
    catalogue.looked_at.cache_clear()
    picker = EnvironmentPicker(env_id, bare)
    assert picker.problem == (
        f'{env_id} needs packages that are not installed: run `pip install "{package}"`, then restart the kernel.'
    )
    assert f"<code>pip install &quot;{package}&quot;</code>" in picker._note.value
    catalogue.looked_at.cache_clear()


@pytest.mark.skipif(importlib.util.find_spec("Box2D") is not None, reason="Box2D is installed here")
def test_the_table_of_packages_agrees_with_gymnasium() -> None:
    with pytest.raises(gymnasium.error.DependencyNotInstalled, match=r"gymnasium\[box2d\]"):
        gymnasium.make("LunarLander-v3")


def test_an_environment_whose_package_is_gone_altogether_names_the_package(monkeypatch) -> None:
    gymnasium.register("Elsewhere-v0", entry_point="no_such_package_of_mine.envs:Env")
    try:
        entry = catalogue.search("elsewhere")[0]
        assert entry == Listing("Elsewhere-v0", latest=True, install="no_such_package_of_mine")
    finally:
        del gymnasium.registry["Elsewhere-v0"]


def test_what_gymnasium_no_longer_has_is_said() -> None:
    with pytest.raises(ValueError, match="Ant-v2 has moved to the package gymnasium-robotics; choose version 5"):
        catalogue.suited("Ant-v2")


def test_searching_narrows_the_list_and_keeps_the_choice(picker) -> None:
    picker.query.value = "pend v1"
    assert [env_id for _, env_id in picker.list.options] == ["Pendulum-v1"]
    assert picker.env_id == "CartPole-v1"
    assert picker.list.index is None
    picker.list.index = 0
    assert picker.env_id == "Pendulum-v1"
    assert "Box(1,)" in picker._note.value
    picker.query.value = ""
    assert picker.list.value == "Pendulum-v1"


def test_a_search_without_result_says_where_such_environments_come_from(picker) -> None:
    picker.query.value = "qbert"
    assert picker.found == 0
    assert "No environment matches “qbert”." in picker._note.value
    assert (
        "<code>pip install &quot;gymnasium[atari]&quot;</code> brings environments of that name" in picker._note.value
    )
    picker.query.value = "<b>nothing"
    assert "<b>nothing" not in picker._note.value


def test_an_unknown_id_is_refused_with_the_nearest(picker) -> None:
    with pytest.raises(
        ValueError, match=r"unknown environment `CartPol-v1`; did you mean `CartPole-v1`\? \d+ are regist"
    ):
        picker.env_id = "CartPol-v1"
    assert picker.env_id == "CartPole-v1"


def test_an_environment_that_cannot_be_read_says_why(picker) -> None:
    picker.env_id = "Blackjack-v1"
    assert picker.problem == "Blackjack-v1's observations are a Tuple, which its networks cannot read."


OURS = ("a2c", "dqn", "ppo", "sac", "td3")


@pytest.mark.parametrize(
    ("env_id", "fitting"),
    [("CartPole-v1", "a2c dqn ppo"), ("Pendulum-v1", "a2c ppo sac td3"), ("FrozenLake-v1", "a2c dqn ppo")],
)
def test_algorithms_that_do_not_fit_are_off_and_say_why(algorithm, env_id, fitting) -> None:
    fit = catalogue.suited(env_id)
    assert [name for name in fit.algorithms if name in OURS] == fitting.split()
    algorithm.offer(fit)
    assert [name for name, button in algorithm.buttons.items() if not button.disabled] == fitting.split()
    off = next(name for name, button in algorithm.buttons.items() if button.disabled)
    assert f"actions; {env_id}'s are" in algorithm.buttons[off].tooltip
    assert f"{off.upper()}" in algorithm._note.value


def test_an_algorithm_that_no_longer_fits_is_replaced(algorithm) -> None:
    algorithm.algorithm = "dqn"
    algorithm.offer(catalogue.suited("Pendulum-v1"))
    assert algorithm.algorithm == "ppo"


def test_one_algorithm_is_chosen_at_a_time(algorithm) -> None:
    algorithm.buttons["dqn"].value = True
    assert algorithm.algorithm == "dqn"
    assert [name for name, button in algorithm.buttons.items() if button.value] == ["dqn"]
    algorithm.buttons["dqn"].value = False
    assert algorithm.buttons["dqn"].value
    with pytest.raises(ValueError, match="unknown algorithm `ppoo`; did you mean `ppo`"):
        algorithm.algorithm = "ppoo"


@pytest.mark.usefixtures("nothing_else_installed")
def test_what_cannot_run_here_is_hidden_until_all_are_asked_for(picker) -> None:
    picker.filter()
    assert picker.hidden > 0
    listed = [env_id for _, env_id in picker.list.options]
    assert {"CartPole-v1", "Acrobot-v1"} <= set(listed)
    assert not {"LunarLander-v3", "Ant-v5", "Ant-v2", "GymV21Environment-v0"} & set(listed)
    assert not any("(" in label for label, _ in picker.list.options)
    picker.query.value = "lunar"
    assert (picker.found, picker.list.options) == (0, ())
    assert "that match cannot run here; “Show all” lists them and says what they lack." in picker._note.value
    picker.all.value = True
    assert picker.hidden == 0
    assert any("needs gymnasium[box2d]" in label for label, _ in picker.list.options)
    picker.query.value = "Ant-v2"
    assert any("(no longer in Gymnasium)" in label for label, _ in picker.list.options)


@pytest.mark.usefixtures("nothing_else_installed")
def test_one_that_is_hidden_can_still_be_named(picker) -> None:
    catalogue.looked_at.cache_clear()
    picker.env_id = "LunarLander-v3"
    assert "needs packages that are not installed" in picker.problem
    assert picker.list.index is None
