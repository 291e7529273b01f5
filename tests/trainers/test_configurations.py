"""What a configuration may hold, whoever wrote it: checked before anything is trained."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from ConfigSpace import ConfigurationSpace, EqualsCondition
from hypothesis import given, settings
from hypothesis import strategies as st

import rlhp
from rlhp import spaces
from rlhp.algorithms import declared, defaults, names
from rlhp.schedules import Constant, Linear, Piecewise
from rlhp.sweeps._requests import requests_of
from rlhp.trainers._configurations import check_config, config_rows


def test_values_are_brought_to_their_type():
    config = check_config(
        "dqn",
        {
            "batch_size": 64.0,
            "learning_rate": np.float64(0.001),
            "gamma": None,
            "normalize": np.bool_(True),
            "net_arch": "[64, 64]",
            "exploration": '{"schedule": "linear", "start": 1.0, "end": 0.1, "fraction": 0.5}',
            "max_grad_norm": Constant(5.0),
        },
    )
    assert config == {
        "batch_size": 64,
        "learning_rate": 0.001,
        "normalize": True,
        "net_arch": [64, 64],
        "exploration": Linear(1.0, 0.1, 0.5),
        "max_grad_norm": 5.0,
    }
    assert isinstance(config["batch_size"], int)


@pytest.mark.parametrize(
    ("algorithm", "config", "message"),
    [
        ("dqn", {"learning_rat": 1}, r"unknown hyperparameter `learning_rat` for dqn; did you mean `learning_rate`\?"),
        ("dqn", {"gamma": 1.5}, "`gamma` is 1.5 for dqn; allowed: a number from 0 to 1, or a schedule"),
        ("dqn", {"gamma": "high"}, "`gamma` is 'high' for dqn"),
        ("dqn", {"gamma": np.inf}, "`gamma` is inf for dqn.*It cannot be infinite"),
        ("dqn", {"batch_size": 0.5}, "allowed: a whole number from 1"),
        ("dqn", {"learning_rate": -1e-3}, "`learning_rate` is -0.001 for dqn"),
        ("dqn", {"buffer_size": Linear(10, 20)}, "`buffer_size` cannot move while dqn trains"),
        ("dqn", {"exploration": Linear(2.0, 0.0)}, "The schedule runs from 0 to 2"),
        ("dqn", {"exploration": 0.1, "exploration_final_eps": 0.1}, "both say how epsilon moves"),
        ("ppo", {"net_arch": 64}, r"a list of layer widths such as \[64, 64\] or None"),
        ("ppo", {"net_arch": [64, 0.5]}, "a list of layer widths"),
        ("ppo", {"net_arch": []}, "a list of layer widths"),
        ("ppo", {"normalize": "yes"}, "True or False"),
        ("sac", {"ent_coef": "automatic"}, "or 'auto'"),
        ("ppoo", {}, "unknown algorithm `ppoo`; did you mean `ppo`"),
    ],
)
def test_what_is_not_allowed_is_refused_with_what_is(algorithm, config, message):
    with pytest.raises(ValueError, match=message):
        check_config(algorithm, config)


ASKED = {"steps": 100, "engine": "sb3"}
MISSING = [math.nan, np.nan, np.float32("nan"), pd.NA, pd.NaT]


class TestMissing:
    """A value that went missing is never trained as the default."""

    @pytest.mark.parametrize("missing", MISSING, ids=repr)
    @pytest.mark.parametrize("algorithm", names())
    def test_in_a_mapping_it_is_refused_for_every_hyperparameter(self, algorithm, missing):
        for name in declared(algorithm).hyperparameters:
            with pytest.raises(ValueError, match=rf"`{name}` is missing .* for {algorithm}; allowed"):
                check_config(algorithm, {name: missing})

    @pytest.mark.parametrize("engine", ["sb3", "jax"])
    def test_neither_engine_trains_it(self, engine):
        for call in (rlhp.train, rlhp.sweep):
            with pytest.raises(ValueError, match=r"`learning_rate` is missing \(nan\)"):
                call("dqn", "CartPole-v1", {"learning_rate": math.nan}, steps=100, engine=engine)

    def test_none_says_that_the_default_is_wanted(self):
        assert check_config("dqn", dict.fromkeys(declared("dqn").hyperparameters)) == {}

    @pytest.mark.parametrize(
        ("value", "message"),
        [
            ([64, math.nan], "`net_arch` is .* a list of layer widths"),
            ("[64, NaN]", "`net_arch` is .* a list of layer widths"),
            ("[64, Infinity]", "`net_arch` is .* a list of layer widths"),
            ([math.inf], "`net_arch` is .* a list of layer widths"),
            (np.array([64.0, math.nan]), "`net_arch` is .* a list of layer widths"),
        ],
    )
    def test_nor_inside_a_list(self, value, message):
        with pytest.raises(ValueError, match=message):
            check_config("ppo", {"net_arch": value})

    @pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "null", "1e999"])
    def test_nor_inside_a_schedule(self, value):
        for text in (
            f'{{"schedule": "linear", "start": {value}, "end": 0.1}}',
            f'{{"schedule": "piecewise", "points": [[0, {value}]]}}',
            f'{{"schedule": "constant", "value": {value}}}',
        ):
            with pytest.raises(ValueError, match="`learning_rate` for dqn: "):
                check_config("dqn", {"learning_rate": text})

    def test_in_a_frame_it_is_refused_where_nothing_switches_it_off(self):
        frame = pd.DataFrame({"learning_rate": [1e-3, math.nan], "gamma": [0.9, 0.99]})
        with pytest.raises(ValueError, match=r"`learning_rate` is missing \(nan\) in row 1 of `configs` for dqn"):
            requests_of("dqn", "CartPole-v1", frame, **ASKED)

    @pytest.mark.parametrize(
        ("algorithm", "off", "on"),
        [
            ("a2c", {"use_rms_prop": False, "rms_prop_eps": None}, {"use_rms_prop": True, "rms_prop_eps": None}),
            ("sac", {"ent_coef": 0.1, "target_entropy": None}, {"ent_coef": "auto", "target_entropy": None}),
            ("dqn", {"exploration": 0.1, "exploration_fraction": None}, {"exploration_fraction": None}),
            ("dqn", {"prioritized_replay_alpha": None}, {"prioritized_replay": True, "prioritized_replay_alpha": None}),
        ],
    )
    def test_in_a_frame_it_may_be_missing_where_another_switches_it_off(self, algorithm, off, on):
        (given,) = config_rows(algorithm, pd.DataFrame([off]).astype({list(off)[-1]: "float64"}))
        assert given == {name: value for name, value in off.items() if value is not None}
        with pytest.raises(ValueError, match=f"`{list(on)[-1]}` is missing .* in row 0"):
            config_rows(algorithm, pd.DataFrame([on]))

    def test_what_may_be_none_may_be_missing_in_a_frame(self):
        frame = pd.DataFrame({"target_kl": [0.1, None], "net_arch": ["[8]", None]})
        assert config_rows("ppo", frame) == [{"target_kl": 0.1, "net_arch": "[8]"}, {}]

    @pytest.mark.parametrize("algorithm", names())
    def test_every_condition_of_a_default_space_is_known(self, algorithm):
        space = spaces.default(algorithm)
        for condition in space.conditions:
            assert declared(algorithm).hyperparameters[condition.child.name].when == (
                condition.parent.name,
                condition.value,
            )
        bare = spaces.sample(space, 32, method="sobol", rng=0)
        bare.attrs.clear()
        assert len(config_rows(algorithm, bare)) == 32

    def test_a_sample_of_your_own_space_may_lack_what_its_conditions_switch_off(self):
        space = ConfigurationSpace({"n_envs": [1, 8], "gae_lambda": (0.5, 1.0)}, seed=0)
        space.add(EqualsCondition(space["gae_lambda"], space["n_envs"], 8))
        configs = spaces.sample(space, 8, method="sobol", rng=0)
        assert configs["gae_lambda"].isna().any()
        assert [len(row) for row in config_rows("ppo", configs.head(8))] == [
            2 - gone for gone in configs["gae_lambda"].isna()
        ]
        with pytest.raises(ValueError, match="`gae_lambda` is missing"):
            config_rows("ppo", pd.DataFrame(configs.to_dict("records")))


def test_a_column_that_stands_twice_is_refused():
    with pytest.raises(ValueError, match="the column `gamma` twice"):
        config_rows("dqn", pd.DataFrame([[0.9, 0.8]], columns=["gamma", "gamma"]))


@pytest.mark.parametrize("configs", ["gamma", b"gamma", 5, 2.5, [5], ["gamma"], [[("gamma", 0.9)]], object()])
def test_what_is_no_configuration_is_named(configs):
    with pytest.raises(TypeError, match=r"`configs` is .* Give a mapping"):
        config_rows("dqn", configs)


def test_a_constant_schedule_is_held_to_the_range_like_its_number():
    for value in (-1.0, 2.0):
        with pytest.raises(ValueError, match=f"`gamma` is .*{value:g}.* for dqn"):
            check_config("dqn", {"gamma": Constant(value)})
    with pytest.raises(ValueError, match="a whole number"):
        check_config("ppo", {"n_epochs": Constant(2.5)})


def test_a_narrow_peak_of_a_schedule_is_seen():
    peak = Piecewise(((0.0, 0.1), (0.0011, 5.0), (0.0012, 0.1), (1.0, 0.1)))
    with pytest.raises(ValueError, match=r"The schedule runs from 0.1 to 5"):
        check_config("dqn", {"exploration": peak})


@pytest.mark.parametrize("algorithm", ["ppo", "a2c"])
def test_the_spread_of_a_single_transition_is_refused(algorithm):
    one = {"n_steps": 1, "n_envs": 1, "normalize_advantage": True}
    with pytest.raises(ValueError, match="`normalize_advantage` divides by the spread of a rollout"):
        check_config(algorithm, one)
    for fine in ({"n_steps": 2}, {"n_envs": 2}, {"normalize_advantage": False}):
        check_config(algorithm, one | fine)


@pytest.mark.parametrize(
    ("algorithm", "config", "message"),
    [
        ("ppo", {"learning_rate": "lin_0.001"}, r"zoo's 'lin_0.001' is rlhp.schedules.Linear\(start=0.001, end=0.0"),
        ("sac", {"ent_coef": "auto_0.1"}, "begins at 1 here: give 'auto', or a number"),
        ("ppo", {"policy_kwargs": "dict(net_arch=[64])"}, "unknown hyperparameter `policy_kwargs`.* as `net_arch`"),
        ("ppo", {"n_timesteps": 1e5}, "Give it as `steps=`"),
        ("td3", {"noise_type": "normal"}, "`action_noise_std`"),
        ("ppo", {"normalize": {"norm_obs": True, "norm_reward": False}}, "observations and rewards both"),
        ("ppo", {"normalize": "dict(norm_obs=True, norm_reward=False)"}, "observations and rewards both"),
        ("sac", {"train_freq": [1, "episode"]}, "counts environment steps here, not episodes"),
        ("ppo", {"net_arch": {"pi": [64], "vf": [32]}}, "same widths here: give one list"),
        ("ppo", {"net_arch": {"shared": [64]}}, "same widths here: give one list"),
        ("ppo", {"net_arch": "dict(pi=[64], vf=[64])"}, "a list of layer widths"),
        ("ppo", {"learning_rate": {"start": 1}}, "`learning_rate` is .*a number from 0, or a schedule"),
    ],
)
def test_spellings_of_others_are_answered_with_ours(algorithm, config, message):
    with pytest.raises(ValueError, match=message):
        check_config(algorithm, config)


@pytest.mark.parametrize(("algorithm", "second"), [("ppo", "vf"), ("sac", "qf")])
def test_equal_networks_may_be_spelled_as_stable_baselines3_does(algorithm, second):
    expected = {"net_arch": [64, 32]}
    assert check_config(algorithm, {"net_arch": {"pi": [64, 32], second: (64, 32)}}) == expected
    assert check_config(algorithm, {"net_arch": f'{{"pi": [64, 32], "{second}": [64, 32]}}'}) == expected


ANYTHING = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([2**31 - 1, 2**31, 2**70, -(2**70), 10**400, pd.NA, pd.NaT, object(), object, b"x", 1j])
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(
        ["auto", "lin_1", "lin_e", "lin_9e999", "auto_1", "[64, 64]", "{}", '{"schedule": 1}', "[", "[[]]"]
    )
    | st.lists(st.integers() | st.floats() | st.text(max_size=2), max_size=3)
    | st.dictionaries(st.text(max_size=3), st.integers(), max_size=2)
    | st.floats(width=32).map(np.float32)
    | st.lists(st.floats(), max_size=3).map(np.array)
    | st.integers(-(2**40), 2**40).map(np.int64)
    | st.sampled_from([np.array(1.0), np.datetime64("2020-01-01"), np.str_("x"), pd.Series([1]), Linear(0, 1), {1}])
)


@settings(max_examples=400, deadline=None)
@given(data=st.data())
def test_any_value_is_taken_or_refused_in_our_words(data):
    algorithm = data.draw(st.sampled_from(names()))
    name = data.draw(st.sampled_from(sorted(defaults(algorithm))))
    value = data.draw(ANYTHING)
    try:
        checked = check_config(algorithm, {name: value})
    except ValueError as error:
        said = str(error)
        assert name in said, said
        assert "allowed" in said or "schedule" in said or "both say" in said or "spread" in said
        return
    assert checked.keys() <= {name}
    assert check_config(algorithm, checked) == checked
