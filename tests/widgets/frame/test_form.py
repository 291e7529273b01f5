"""The form holds exactly what its algorithm's space has, and what it gives can be trained."""

from __future__ import annotations

import pytest

from rlhp import spaces
from rlhp.algorithms import declared, names
from rlhp.schedules import Linear
from rlhp.trainers._configurations import check_config
from rlhp.widgets.frame._controls import Number
from rlhp.widgets.frame._form import HyperparameterForm


def form(algorithm: str = "ppo", config=None) -> HyperparameterForm:
    return HyperparameterForm(algorithm, config, lambda callback: callback)


@pytest.mark.parametrize("algorithm", names())
def test_every_hyperparameter_of_the_space_has_a_control_at_its_default(algorithm) -> None:
    made = form(algorithm)
    default = dict(spaces.default(algorithm).get_default_configuration())
    assert made.config == default
    assert check_config(algorithm, made.config)
    assert not [name for name, row in made.rows.items() if row.changed]


@pytest.mark.parametrize("algorithm", names())
def test_sampled_configurations_go_in_and_come_out_the_same(algorithm) -> None:
    made = form(algorithm)
    space = spaces.default(algorithm)
    for row in spaces.sample(space, 8, method="random", rng=0).to_dict("records"):
        active = {name: value for name, value in row.items() if value is not None and value == value}
        made.config = active
        assert {name: made.config[name] for name in active} == pytest.approx(active)
        assert made.fixed == {}
    made.reset_button.click()
    assert made.config == dict(space.get_default_configuration())


def test_sliders_stand_on_the_measure_of_their_hyperparameter() -> None:
    made = form("ppo")
    rows = {name: row.control for name, row in made.rows.items()}
    assert rows["learning_rate"].measure == "log"
    assert rows["gamma"].measure == "flipped-log"
    assert rows["clip_range"].measure == "linear"
    assert type(rows["batch_size"]).__name__ == "Dropdown"
    assert type(rows["normalize"]).__name__ == "Checkbox"
    assert isinstance(form("dqn").rows["buffer_size"].control, Number)
    assert type(form("dqn").config["buffer_size"]) is int


def test_moving_a_control_changes_the_configuration_and_is_marked() -> None:
    made = form("ppo")
    made.rows["learning_rate"].control.box.value = 0.001
    made.rows["batch_size"].control.value = next(
        k for label, k in made.rows["batch_size"].control.options if label == "256"
    )
    made.rows["normalize"].control.value = True
    assert (made.config["learning_rate"], made.config["batch_size"], made.config["normalize"]) == (0.001, 256, True)
    assert "rlhp-changed" in made.rows["learning_rate"].widget._dom_classes
    assert "rlhp-changed" not in made.rows["gamma"].widget._dom_classes


def test_what_is_inactive_is_off_and_left_out() -> None:
    made = form("a2c")
    assert "rms_prop_eps" in made.config
    made.rows["use_rms_prop"].control.value = False
    assert "rms_prop_eps" not in made.config
    assert made.rows["rms_prop_eps"].control.disabled
    made.rows["use_rms_prop"].control.value = True
    assert made.config["rms_prop_eps"] == 1e-5
    assert not made.rows["rms_prop_eps"].control.disabled


def test_what_no_control_can_hold_is_kept_and_shown() -> None:
    made = form("ppo", {"learning_rate": Linear(0.001, 0.0001), "gamma": 0.5, "target_kl": 0.02})
    assert made.config["learning_rate"] == Linear(0.001, 0.0001)
    assert (made.config["gamma"], made.config["target_kl"]) == (0.5, 0.02)
    assert made.rows["gamma"].control.disabled
    assert "linear 0.001 → 0.0001" in made._line.value
    made.config = {"gamma": 0.95}
    assert not made.rows["gamma"].control.disabled
    assert made.config["learning_rate"] == Linear(0.001, 0.0001)
    made.reset()
    assert made.fixed == {}
    assert made._line.value == ""


def test_a_schedule_of_epsilon_takes_the_place_of_the_three_numbers() -> None:
    made = form("dqn", {"exploration": Linear(1.0, 0.05, 0.5)})
    assert not [name for name in made.config if name.startswith("exploration_")]
    assert check_config("dqn", made.config)


def test_a_wrong_name_or_value_is_refused_and_nothing_moves() -> None:
    made = form("ppo")
    before = made.config
    with pytest.raises(ValueError, match="unknown hyperparameter `learning_rat` for ppo; did you mean `learning_rate`"):
        made.config = {"gamma": 0.9, "learning_rat": 0.1}
    with pytest.raises(ValueError, match="`learning_rate` is -1 for ppo"):
        made.config = {"gamma": 0.9, "learning_rate": -1}
    assert made.config == before
    assert made.rows["gamma"].value == 0.99


def test_the_first_rows_are_shown_and_the_rest_when_asked_or_changed() -> None:
    made = form("ppo", {"vf_coef": 0.25})
    shown = [name for name, row in made.rows.items() if row.widget.layout.display is None]
    assert shown[:2] == ["learning_rate", "gamma"]
    assert len(shown) < len(made.rows)
    assert "vf_coef" in shown
    made.more.value = True
    assert all(row.widget.layout.display is None for row in made.rows.values())


@pytest.mark.parametrize("algorithm", names())
def test_every_control_says_what_its_hyperparameter_may_be(algorithm) -> None:
    for name, row in form(algorithm).rows.items():
        what = declared(algorithm).hyperparameters[name]
        assert row.control.tooltip.startswith(what.allowed())
        assert what.unit in row.control.tooltip


def test_parameters_of_an_environment_have_controls_too() -> None:
    made = HyperparameterForm("ppo", {"env.gravity": 20.0}, lambda callback: callback, env_id="CartPole-v1")
    assert (made.rows["env.gravity"].control.measure, made.config["env.gravity"]) == ("log", 20.0)
    assert made.config["env.length"] == 0.5
    made.rows["env.length"].control.box.value = 1.5
    assert made.config["env.length"] == 1.5
    assert "m / s^2" in made.rows["env.gravity"].control.tooltip
    made.config = {"env.gravity": Linear(5, 15)}
    assert made.fixed == {"env.gravity": Linear(5, 15)}
    made.reset_button.click()
    assert (made.config["env.gravity"], made.config["env.length"]) == (9.8, 0.5)
    with pytest.raises(ValueError, match=r"`env.gravity` is 1000 for CartPole-v1; allowed: a number from 1 to 100"):
        made.config = {"env.gravity": 1000}
    assert made.config["env.gravity"] == 9.8
    assert not [name for name in form("ppo").rows if name.startswith("env.")]
