"""Spaces: what they contain, what sampling gives, the unit cube there and back, measures in closed form."""

from __future__ import annotations

import inspect
import itertools
import json
import math
import warnings

import numpy as np
import pandas as pd
import pytest
from ConfigSpace import (
    AndConjunction,
    Categorical,
    Configuration,
    ConfigurationSpace,
    Constant,
    EqualsCondition,
    Float,
    ForbiddenAndConjunction,
    ForbiddenEqualsClause,
    ForbiddenGreaterThanRelation,
    ForbiddenInClause,
    GreaterThanCondition,
    InCondition,
    Integer,
    Normal,
)
from ConfigSpace.forbidden import ForbiddenLessThanEqualsClause
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from rlhp import Runs, datasets, spaces

ALGORITHMS = ("a2c", "dqn", "ppo", "sac", "td3")

# rl-baselines3-zoo's tuned settings for classic control; what a row does not name is SB3's default. A linear
# schedule is listed with its start.
TUNED = {
    "PPO CartPole": (
        "ppo",
        {
            "n_envs": 8,
            "n_steps": 32,
            "batch_size": 256,
            "gae_lambda": 0.8,
            "gamma": 0.98,
            "n_epochs": 20,
            "ent_coef": 0.0,
            "learning_rate": 1e-3,
            "clip_range": 0.2,
        },
    ),
    "PPO Acrobot": (
        "ppo",
        {
            "normalize": True,
            "n_envs": 16,
            "n_steps": 256,
            "gae_lambda": 0.94,
            "gamma": 0.99,
            "n_epochs": 4,
            "ent_coef": 0.0,
        },
    ),
    "PPO MountainCar": (
        "ppo",
        {
            "normalize": True,
            "n_envs": 16,
            "n_steps": 16,
            "gae_lambda": 0.98,
            "gamma": 0.99,
            "n_epochs": 4,
            "ent_coef": 0.0,
        },
    ),
    "PPO Pendulum": (
        "ppo",
        {
            "n_envs": 4,
            "n_steps": 1024,
            "gae_lambda": 0.95,
            "gamma": 0.9,
            "n_epochs": 10,
            "learning_rate": 1e-3,
            "clip_range": 0.2,
        },
    ),
    "DQN CartPole": (
        "dqn",
        {
            "net_arch": "[256, 256]",
            "learning_rate": 2.3e-3,
            "batch_size": 64,
            "buffer_size": 100_000,
            "learning_starts": 1000,
            "gamma": 0.99,
            "target_update_interval": 10,
            "train_freq": 256,
            "gradient_steps": 128,
            "exploration_fraction": 0.16,
            "exploration_final_eps": 0.04,
        },
    ),
    "DQN MountainCar": (
        "dqn",
        {
            "net_arch": "[256, 256]",
            "learning_rate": 4e-3,
            "batch_size": 128,
            "buffer_size": 10_000,
            "learning_starts": 1000,
            "gamma": 0.98,
            "target_update_interval": 600,
            "train_freq": 16,
            "gradient_steps": 8,
            "exploration_fraction": 0.2,
            "exploration_final_eps": 0.07,
        },
    ),
    "DQN Acrobot": (
        "dqn",
        {
            "net_arch": "[256, 256]",
            "learning_rate": 6.3e-4,
            "batch_size": 128,
            "buffer_size": 50_000,
            "learning_starts": 0,
            "gamma": 0.99,
            "target_update_interval": 250,
            "train_freq": 4,
            "gradient_steps": -1,
            "exploration_fraction": 0.12,
            "exploration_final_eps": 0.1,
        },
    ),
    "SAC Pendulum": ("sac", {"learning_rate": 1e-3, "buffer_size": 1_000_000}),
    "TD3 Pendulum": (
        "td3",
        {
            "learning_rate": 1e-3,
            "gamma": 0.98,
            "buffer_size": 200_000,
            "learning_starts": 10_000,
            "action_noise_std": 0.1,
            "net_arch": "[400, 300]",
        },
    ),
    "TD3, the whole memory": ("td3", {"buffer_size": 1_000_000}),
    "A2C of the population study": ("a2c", {"learning_rate": 0.01, "gamma": 0.95, "gae_lambda": 0.8, "ent_coef": 0.05}),
}


def mixed_space() -> ConfigurationSpace:
    """Every kind of hyperparameter, a chain of conditions, a conjunction, and forbidden clauses."""
    space = ConfigurationSpace(
        name="mixed",
        space=[
            Float("linear", (-2.0, 3.0), default=0.5),
            Float("log", (1e-6, 1e-1), default=1e-3, log=True),
            Float("flipped", (0.5, 0.99999), default=0.9, meta={"measure": "flipped-log"}),
            Integer("count", (-3, 8), default=2),
            Integer("log_count", (1, 1000), default=10, log=True),
            Categorical("choice", ["a", "b", "c"], default="a", weights=[0.5, 0.25, 0.25]),
            Categorical("level", [1, 4, 16], default=4, ordered=True),
            Categorical("net", [(64, 64), (256,)], default=(64, 64)),
            Categorical("flag", [True, False], default=True),
            Constant("fixed", "yes"),
            Integer("child", (1, 5), default=3),
            Float("grandchild", (0.0, 1.0), default=0.5),
            Categorical("both", ["x", "y"], default="x"),
        ],
    )
    space.add(InCondition(space["child"], space["choice"], ["b", "c"]))
    space.add(GreaterThanCondition(space["grandchild"], space["child"], 2))
    space.add(
        AndConjunction(
            EqualsCondition(space["both"], space["flag"], True), GreaterThanCondition(space["both"], space["level"], 1)
        )
    )
    space.add(
        ForbiddenAndConjunction(
            ForbiddenEqualsClause(space["choice"], "a"), ForbiddenInClause(space["level"], [1, 16])
        ),
        ForbiddenGreaterThanRelation(space["count"], space["log_count"]),
    )
    return space


def plane() -> ConfigurationSpace:
    return spaces.subspace(spaces.default("dqn"), ["learning_rate", "gamma"])


# --- default spaces ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TUNED)
def test_default_space_contains_the_setting(name: str) -> None:
    algorithm, setting = TUNED[name]
    space = spaces.default(algorithm)
    whole = {**dict(space.get_default_configuration()), **setting}
    Configuration(space, values=whole)  # raises where a value, a condition or a forbidden clause says no
    unit = spaces.to_unit(space, [whole])
    back = spaces.from_unit(space, unit).iloc[0]
    assert {key: back[key] for key in setting} == setting
    assert spaces.allowed(space, [whole]).all()


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_defaults_are_those_of_stable_baselines3(algorithm: str) -> None:
    import stable_baselines3

    signature = inspect.signature(getattr(stable_baselines3, algorithm.upper()).__init__).parameters
    ours = {name: hp.default_value for name, hp in spaces.default(algorithm).items()}
    beyond = {"n_envs", "net_arch", "normalize", "action_noise_std"}
    assert {name: value for name, value in ours.items() if name not in beyond} == {
        name: signature[name].default for name in ours if name not in beyond
    }
    assert ours.get("n_envs", 1) == 1
    assert ours.get("normalize", False) is False
    assert ours.get("action_noise_std", 0.0) == 0.0


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_default_networks_are_those_of_stable_baselines3(algorithm: str) -> None:
    import gymnasium
    import stable_baselines3

    env = gymnasium.make("Pendulum-v1" if algorithm in ("sac", "td3") else "CartPole-v1")
    memory = {"buffer_size": 10} if algorithm in ("dqn", "sac", "td3") else {}
    policy = getattr(stable_baselines3, algorithm.upper())("MlpPolicy", env, device="cpu", **memory).policy
    net = {"dqn": "q_net", "sac": "actor", "td3": "actor"}.get(algorithm)
    shapes = [tuple(w.shape) for w in (getattr(policy, net) if net else policy.mlp_extractor.policy_net).parameters()]
    widths = json.loads(spaces.default(algorithm)["net_arch"].default_value)
    assert [shape[0] for shape in shapes if len(shape) == 2][: len(widths)] == widths


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_trainers_agree_on_names_defaults_and_values(algorithm: str) -> None:
    from rlhp.algorithms import defaults
    from rlhp.trainers._configurations import check_config, config_rows

    theirs = defaults(algorithm)
    ours = {name: hp.default_value for name, hp in spaces.default(algorithm).items()}
    left_to_sb3 = {name for name in theirs if theirs[name] is None}  # its networks, and no noise on the action
    assert {name: value for name, value in ours.items() if name not in left_to_sb3} == {
        name: theirs[name] for name in ours if name not in left_to_sb3
    }
    configs = spaces.sample(spaces.default(algorithm), 64, method="sobol", rng=0)
    for row, kept in zip(configs.to_dict("records"), config_rows(algorithm, configs), strict=True):
        assert set(check_config(algorithm, kept)) == {
            n for n, value in row.items() if value is not None and value == value
        }


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_default_spaces_declare_gamma_flipped_and_the_learning_rate_log(algorithm: str) -> None:
    measures = spaces.measure(spaces.default(algorithm))
    assert measures["gamma"] == "flipped-log"
    assert measures["learning_rate"] == "log"
    assert measures["net_arch"] == "categorical"
    assert set(measures) == set(spaces.default(algorithm))


def test_default_gives_a_new_space_each_time() -> None:
    first = spaces.default("dqn")
    first.add(Float("mine", (0.0, 1.0)))
    assert "mine" not in spaces.default("dqn")


def test_unknown_algorithm_names_the_nearest() -> None:
    with pytest.raises(ValueError, match=r"unknown algorithm `pppo`; did you mean `ppo`\? Valid: a2c, dqn, ppo"):
        spaces.default("pppo")


@pytest.mark.parametrize("algorithm", ["dqn", "sac", "td3"])
def test_no_sampled_run_takes_more_gradient_steps_than_environment_steps(algorithm: str) -> None:
    configs = spaces.sample(spaces.default(algorithm), 200, rng=1)
    assert (configs["gradient_steps"] <= configs["train_freq"]).all()
    assert (configs["gradient_steps"] == -1).any()


# --- measures ----------------------------------------------------------------------------------------------------


def test_flipped_log_is_log_uniform_in_one_minus_the_value() -> None:
    space = spaces.subspace(spaces.default("ppo"), ["gamma"])
    half = spaces.from_unit(space, [[0.0], [0.5], [1.0]])["gamma"].to_numpy()
    np.testing.assert_allclose(half, [0.8, 1 - math.sqrt(0.2 * 1e-4), 0.9999], atol=1e-12)
    gamma = spaces.sample(space, 4000, rng=3)["gamma"].to_numpy()
    position = np.log((1 - gamma) / 0.2) / np.log(1e-4 / 0.2)
    assert stats.kstest(position, "uniform").pvalue > 0.01
    # the linear measure would put one in twenty above .99; this one puts log(.01/1e-4)/log(.2/1e-4) there
    assert np.mean(gamma > 0.99) == pytest.approx(np.log(100) / np.log(2000), abs=0.03)


def test_log_and_linear_in_closed_form() -> None:
    space = ConfigurationSpace(space=[Float("lin", (-1.0, 3.0)), Float("log", (1e-4, 1.0), log=True)])
    got = spaces.from_unit(space, [[0.25, 0.25], [0.5, 0.5], [0.75, 0.75]])
    np.testing.assert_allclose(got["lin"], [0.0, 1.0, 2.0], atol=1e-15)
    np.testing.assert_allclose(got["log"], [1e-3, 1e-2, 1e-1], rtol=1e-15)


def test_whole_numbers_own_equal_shares_or_the_logarithmic_ones() -> None:
    space = ConfigurationSpace(space=[Integer("lin", (2, 6)), Integer("log", (1, 4), log=True)])
    fine = np.linspace(0, 1, 200_001)[:-1]
    got = spaces.from_unit(space, np.column_stack([fine, fine]))
    shares = got["lin"].value_counts(normalize=True)
    np.testing.assert_allclose(shares.loc[[2, 3, 4, 5, 6]], 0.2, atol=1e-4)
    shares = got["log"].value_counts(normalize=True).loc[[1, 2, 3, 4]]
    edges = np.log([0.5, 1.5, 2.5, 3.5, 4.5])
    np.testing.assert_allclose(shares, np.diff(edges) / (edges[-1] - edges[0]), atol=1e-4)


def test_categoricals_own_the_shares_of_their_weights() -> None:
    space = ConfigurationSpace(space=[Categorical("c", ["a", "b", "c"], weights=[3, 0, 1])])
    assert spaces.sample(space, 2, method="grid")["c"].tolist() == ["a", "c"]
    got = spaces.from_unit(space, np.linspace(0, 0.9999, 10_000)[:, None])["c"]
    assert got.value_counts(normalize=True).to_dict() == pytest.approx({"a": 0.75, "c": 0.25}, abs=1e-3)


def test_measures_of_every_kind() -> None:
    expected = {
        "linear": "linear",
        "log": "log",
        "flipped": "flipped-log",
        "count": "linear",
        "log_count": "log",
        "child": "linear",
        "grandchild": "linear",
    }
    measures = spaces.measure(mixed_space())
    assert {name: kind for name, kind in measures.items() if kind != "categorical"} == expected


@pytest.mark.parametrize(
    ("hp", "message"),
    [
        (Float("x", (0.1, 1.0), log=True, meta={"measure": "linear"}), r"unknown measure `linear` for `x` \(float\)"),
        (Float("x", (0.1, 0.9), meta={"measure": "fliped-log"}), "did you mean `flipped-log`"),
        (Float("x", (0.1, 1.0), meta={"measure": "flipped-log"}), "upper end must lie below 1"),
        (Float("x", (0.1, 1.0), distribution=Normal(0.5, 0.1)), r"NormalFloatHyperparameter.*to_uniform"),
        (Categorical("x", [1, 2], meta={"measure": "log"}), "Valid: categorical"),
    ],
)
def test_measures_that_do_not_fit_are_refused(hp: object, message: str) -> None:
    space = ConfigurationSpace(space=[hp])
    with pytest.raises(ValueError, match=message):
        spaces.measure(space)


# --- the unit cube -----------------------------------------------------------------------------------------------


def equal(one: pd.DataFrame, other: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(one, other, check_exact=True)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.floats(0, 1), min_size=13, max_size=13), min_size=1, max_size=5))
def test_there_and_back_is_exact_for_every_kind(points: list[list[float]]) -> None:
    space = mixed_space()
    configs = spaces.from_unit(space, points)
    unit = spaces.to_unit(space, configs)
    equal(spaces.from_unit(space, unit), configs)
    np.testing.assert_array_equal(spaces.to_unit(space, spaces.from_unit(space, unit)), unit)
    floats = [list(space).index(name) for name in ("linear", "log", "flipped")]
    np.testing.assert_allclose(unit[:, floats], np.array(points)[:, floats], atol=1e-7)


@settings(max_examples=100, deadline=None)
@given(
    st.floats(-1e4, 1e4),
    st.floats(1e-3, 1e4),
    st.sampled_from(["linear", "log", "flipped-log"]),
    st.floats(0, 1),
)
def test_there_and_back_is_exact_on_any_range(low: float, width: float, kind: str, u: float) -> None:
    if kind == "log":
        low = abs(low) + 1e-8
    high = low + width
    if kind == "flipped-log":
        low, high = -abs(low), 1 - 1 / (width + 1.001)
    hp = Float("x", (low, high), log=kind == "log", meta={"measure": kind})
    space = ConfigurationSpace(space=[hp])
    value = spaces.from_unit(space, [[u]])
    assert hp.lower <= value["x"][0] <= hp.upper
    equal(spaces.from_unit(space, spaces.to_unit(space, value)), value)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_there_and_back_is_exact_on_samples_and_bounds(algorithm: str) -> None:
    space = spaces.default(algorithm)
    configs = spaces.sample(space, 64, method="lhs", rng=5)
    equal(spaces.from_unit(space, spaces.to_unit(space, configs)), configs)
    for corner in (np.zeros((1, len(space))), np.ones((1, len(space)))):
        ends = spaces.from_unit(space, corner)
        equal(spaces.from_unit(space, spaces.to_unit(space, ends)), ends)
        for name, hp in space.items():
            if hasattr(hp, "lower") and pd.notna(ends.loc[0, name]):
                assert ends.loc[0, name] == (hp.lower if corner[0, 0] == 0 else hp.upper)


def test_every_whole_number_and_level_comes_back() -> None:
    space = ConfigurationSpace(space=[Integer("i", (1, 3000), log=True), Integer("j", (-1500, 1499))])
    configs = pd.DataFrame({"i": range(1, 3001), "j": range(-1500, 1500)})
    equal(spaces.from_unit(space, spaces.to_unit(space, configs)), configs)


def test_configurations_survive_configspace_and_runs() -> None:
    space = spaces.default("sac")
    configs = spaces.sample(space, 40, rng=8)
    for row in configs.to_dict("records"):
        active = {name: value for name, value in row.items() if value is not None and value == value}
        assert dict(Configuration(space, values=active)) == active
    runs = Runs.from_table(configs, np.arange(40.0), algorithm="sac")
    equal(spaces.from_unit(space, spaces.to_unit(space, runs.configs)), configs)
    assert {type(value) for value in configs["ent_coef"]} == {str, float}


def test_lists_are_recognised_as_list_tuple_or_json() -> None:
    space = spaces.subspace(mixed_space(), ["net"])
    unit = spaces.to_unit(space, [{"net": (64, 64)}, {"net": [64, 64]}, {"net": "[64, 64]"}, {"net": [256]}])
    np.testing.assert_array_equal(unit, [[0.25], [0.25], [0.25], [0.75]])
    assert spaces.from_unit(space, unit)["net"].tolist() == [(64, 64), (64, 64), (64, 64), (256,)]


def test_inactive_values_have_no_place_in_the_cube() -> None:
    space = spaces.default("a2c")
    given_anyway = dict(space.get_default_configuration()) | {"use_rms_prop": False, "rms_prop_eps": 1e-3}
    column = list(space).index("rms_prop_eps")
    unit = spaces.to_unit(space, [given_anyway])
    assert np.isnan(unit[0, column])
    assert np.isnan(spaces.from_unit(space, unit)["rms_prop_eps"][0])


def test_conditions_chain() -> None:
    space = mixed_space()
    base = dict.fromkeys(space, 0.5)
    names = list(space)

    def active(**coordinates: float) -> set[str]:
        row = spaces.from_unit(space, [[(base | coordinates)[name] for name in names]]).iloc[0]
        return {name for name in ("child", "grandchild", "both") if row[name] is not None and row[name] == row[name]}

    assert active(choice=0.1, flag=0.9) == set()
    assert active(choice=0.6, child=0.1, flag=0.9) == {"child"}
    assert active(choice=0.6, child=0.9, flag=0.9) == {"child", "grandchild"}
    assert active(choice=0.1, flag=0.1, level=0.1) == set()
    assert active(choice=0.1, flag=0.1, level=0.5) == {"both"}


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"gamma": 1.2, "learning_rate": 1e-3}, r"row 0: `gamma` is 1.2, outside its range \[0.8, 0.9999\]"),
        ({"gamma": 0.9}, r"row 0: `learning_rate` is active but has no value"),
        ({"gamma": 0.9, "learning_rate": np.nan}, r"`learning_rate` is active but has no value"),
        ({"gamma": "high", "learning_rate": 1e-3}, r"row 0: `gamma` is 'high'; give a number"),
        ({"gamma": True, "learning_rate": 1e-3}, r"row 0: `gamma` is True; give a number"),
    ],
)
def test_to_unit_says_which_value_is_wrong(row: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        spaces.to_unit(plane(), [row])


def test_to_unit_wants_whole_numbers_and_known_levels() -> None:
    space = spaces.subspace(spaces.default("dqn"), ["buffer_size", "batch_size"])
    assert spaces.to_unit(space, [{"buffer_size": 2000.0, "batch_size": 64.0}]).shape == (1, 2)
    with pytest.raises(ValueError, match=r"row 1: `buffer_size` is 2000.5; give a whole number"):
        spaces.to_unit(space, [{"buffer_size": 2000, "batch_size": 64}, {"buffer_size": 2000.5, "batch_size": 64}])
    with pytest.raises(ValueError, match=r"row 0: unknown value `65` for `batch_size`.*Valid: 8, 16, 32"):
        spaces.to_unit(space, [{"buffer_size": 2000, "batch_size": 65}])


def test_true_is_not_one() -> None:
    space = ConfigurationSpace(space=[Categorical("c", [0, 1])])
    with pytest.raises(ValueError, match="unknown value `True`"):
        spaces.to_unit(space, [{"c": True}])


@pytest.mark.parametrize(
    ("u", "message"),
    [
        ([[0.1]], r"`u` has shape \(1, 1\); give \(n, 2\): a column for each of \['gamma', 'learning_rate'\]"),
        ([0.1, 0.2], r"`u` is \[0.1, 0.2\]; give numbers in 2 dimensions"),
        ([[0.1, 1.2]], r"row 0: the coordinate of `learning_rate` is 1.2; give a number in \[0, 1\]"),
        ([[0.1, 0.2], [np.nan, 0.1]], r"row 1: the coordinate of `gamma` is nan"),
    ],
)
def test_from_unit_refuses_what_is_not_in_the_cube(u: list[object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        spaces.from_unit(plane(), u)


# --- sampling ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["random", "sobol", "lhs"])
@pytest.mark.parametrize("n", [1, 7, 64])
def test_sample_gives_n_legal_rows_and_the_same_for_the_same_rng(method: str, n: int) -> None:
    space = mixed_space()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        configs = spaces.sample(space, n, method=method, rng=11)
    assert configs.shape == (n, len(space))
    assert list(configs.columns) == list(space)
    assert spaces.allowed(space, configs).all()
    for row in configs.to_dict("records"):
        Configuration(space, values={k: v for k, v in row.items() if v is not None and v == v})
    equal(configs, spaces.sample(space, n, method=method, rng=11))
    equal(configs, spaces.sample(space, n, method=method, rng=np.random.default_rng(11)))
    assert not configs.equals(spaces.sample(space, n, method=method, rng=12))


def test_a_generator_moves_on() -> None:
    rng = np.random.default_rng(0)
    assert not spaces.sample(plane(), 4, rng=rng).equals(spaces.sample(plane(), 4, rng=rng))


def test_forbidden_clauses_bite() -> None:
    space = mixed_space()
    free = mixed_space()
    unit = np.random.default_rng(0).random((500, len(space)))
    drawn = spaces.from_unit(free, unit)
    ok = spaces.allowed(space, drawn)
    by_hand = ~((drawn["choice"] == "a") & drawn["level"].isin([1, 16])) & (drawn["count"] <= drawn["log_count"])
    np.testing.assert_array_equal(ok, by_hand)
    assert 0.3 < ok.mean() < 0.9


def test_a_forbidden_clause_on_an_inactive_hyperparameter_is_silent() -> None:
    space = ConfigurationSpace(
        space=[Categorical("on", [True, False]), Categorical("k", [1, 2, 3], default=3, ordered=True)]
    )
    space.add(EqualsCondition(space["k"], space["on"], True))
    space.add(ForbiddenLessThanEqualsClause(space["k"], 2))
    np.testing.assert_array_equal(
        spaces.allowed(space, [{"on": False}, {"on": True, "k": 2}, {"on": True, "k": 3}]), [True, False, True]
    )


def test_sobol_fills_every_interval_of_a_power_of_two() -> None:
    unit = spaces.to_unit(plane(), spaces.sample(plane(), 64, method="sobol", rng=0))
    for column in unit.T:
        assert sorted((column * 64).astype(int)) == list(range(64))
    cells = {(int(a * 8), int(b * 8)) for a, b in unit}
    assert len(cells) == 64


def test_sobol_of_another_size_is_the_beginning_of_the_sequence() -> None:
    equal(
        spaces.sample(plane(), 50, method="sobol", rng=0),
        spaces.sample(plane(), 64, method="sobol", rng=0).head(50),
    )


def test_latin_hypercube_hits_every_stratum_once() -> None:
    unit = spaces.to_unit(plane(), spaces.sample(plane(), 37, method="lhs", rng=0))
    for column in unit.T:
        assert sorted((column * 37).astype(int)) == list(range(37))


def test_missing_values_keep_the_type_of_the_others() -> None:
    configs = spaces.sample(mixed_space(), 60, rng=0)
    assert configs["grandchild"].dtype == "float64"
    assert configs["child"].dtype == object
    assert {type(value) for value in configs["child"]} == {int, type(None)}
    assert {type(value) for value in configs["both"]} == {str, type(None)}
    assert (configs["child"].isna() == (configs["choice"] == "a")).all()
    assert configs.dtypes[["flag", "count", "log", "choice"]].astype(str).tolist() == [
        "bool",
        "int64",
        "float64",
        "str",
    ]


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"n": 0}, "`n` is 0; give the number of configurations wanted"),
        ({"n": 2.5}, "`n` is 2.5"),
        ({"n": True}, "`n` is True"),
        ({"n": 4, "method": "sobel"}, r"unknown sampling method `sobel`; did you mean `sobol`\?"),
        ({"n": 4, "rng": None}, r'method="random" draws at random; give `rng=`'),
    ],
)
def test_sample_refuses(kwargs: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        spaces.sample(plane(), **({"rng": 0} | kwargs))


def test_sample_gives_up_where_nearly_everything_is_forbidden() -> None:
    space = ConfigurationSpace(space=[Integer("a", (1, 100_000), default=1), Integer("b", (1, 100_000), default=1)])
    space.add(
        ForbiddenGreaterThanRelation(space["a"], space["b"]), ForbiddenGreaterThanRelation(space["b"], space["a"])
    )
    with pytest.raises(
        ValueError, match=r"of 5 configurations after [\d,]+ draws: the forbidden clauses leave too little"
    ):
        spaces.sample(space, 5, rng=0)


def test_an_empty_space_is_refused() -> None:
    for ask in (
        lambda s: spaces.sample(s, 3, rng=0),
        lambda s: spaces.to_unit(s, [{}]),
        lambda s: spaces.from_unit(s, np.zeros((1, 0))),
    ):
        with pytest.raises(ValueError, match="the space has no hyperparameters"):
            ask(ConfigurationSpace())


def test_a_dictionary_is_not_a_space() -> None:
    with pytest.raises(TypeError, match=r"`space` is .*; give `ConfigurationSpace`. `spaces.default"):
        spaces.sample({"gamma": (0.9, 0.99)}, 3, rng=0)


# --- grids -------------------------------------------------------------------------------------------------------


def test_grid_is_the_full_factorial() -> None:
    space = ConfigurationSpace(
        space=[Float("b", (0.0, 1.0)), Float("c", (1e-4, 1.0), log=True), Categorical("a", ["x", "y"])]
    )
    grid = spaces.sample(space, 18, method="grid")
    assert set(grid.itertuples(index=False, name=None)) == set(
        itertools.product(["x", "y"], [0.0, 0.5, 1.0], [1e-4, 1e-2, 1.0])
    )
    assert len(grid) == 18


def test_grid_that_does_not_fit_says_what_it_gives() -> None:
    with pytest.warns(UserWarning, match=r"grid: 11 points wanted, 9 given \(3 gamma x 3 learning_rate\)"):
        grid = spaces.sample(plane(), 11, method="grid")
    assert len(grid) == 9
    with pytest.warns(UserWarning, match=r"10 points wanted, 9 given"):
        spaces.sample(plane(), 10, method="grid", rng=0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(spaces.sample(plane(), 12, method="grid")) == 12  # 4 gamma x 3 learning_rate


def test_grid_starts_from_the_default_and_the_ends() -> None:
    assert spaces.sample(plane(), 1, method="grid").to_dict("records") == [{"gamma": 0.99, "learning_rate": 1e-4}]
    two = spaces.sample(plane(), 2, method="grid")
    assert two["gamma"].tolist() == [0.8, 0.9999]
    assert two["learning_rate"].tolist() == [1e-4, 1e-4]


def test_grid_takes_whole_numbers_and_levels_once_each() -> None:
    space = ConfigurationSpace(space=[Integer("i", (1, 3), log=True), Categorical("o", [1, 2, 4, 8], ordered=True)])
    with pytest.warns(UserWarning, match="100 points wanted, 12 given"):
        grid = spaces.sample(space, 100, method="grid")
    assert set(zip(grid["i"], grid["o"], strict=True)) == set(itertools.product([1, 2, 3], [1, 2, 4, 8]))


def test_grid_drops_duplicates_and_forbidden_points_and_says_so() -> None:
    space = spaces.subspace(spaces.default("a2c"), ["use_rms_prop", "rms_prop_eps"])
    with pytest.warns(UserWarning, match=r"6 points wanted, 4 given .*less duplicates and forbidden points"):
        grid = spaces.sample(space, 6, method="grid")
    assert grid["rms_prop_eps"].isna().sum() == 1
    assert not grid.duplicated().any()
    space = spaces.subspace(spaces.default("dqn"), ["train_freq", "gradient_steps"])
    with pytest.warns(UserWarning, match="less duplicates and forbidden points"):
        grid = spaces.sample(space, 81, method="grid")
    assert (grid["gradient_steps"] <= grid["train_freq"]).all()


def test_grid_below_its_smallest_size_is_refused() -> None:
    with pytest.raises(ValueError, match=r"a grid of this space has at least 4 points.*`n` is 3"):
        spaces.sample(spaces.subspace(spaces.default("ppo"), ["normalize", "normalize_advantage"]), 3, method="grid")


# --- structure ---------------------------------------------------------------------------------------------------


def test_subspace_keeps_conditions_and_forbidden_clauses_and_leaves_the_whole_alone() -> None:
    whole = mixed_space()
    before = str(whole)
    part = spaces.subspace(whole, ["child", "choice", "level"])
    assert list(part) == ["choice", "level", "child"]
    assert len(part.conditions) == 1
    assert len(part.forbidden_clauses) == 1
    assert str(whole) == before
    assert spaces.allowed(whole, spaces.sample(whole, 50, rng=0)).all()
    whole.seed(0)
    assert all(spaces.allowed(whole, [dict(one)])[0] for one in whole.sample_configuration(50))


def test_subspace_refuses_an_orphan_and_an_unknown_name() -> None:
    with pytest.raises(ValueError, match=r"`rms_prop_eps` depends on `use_rms_prop`.*keep `use_rms_prop` too"):
        spaces.subspace(spaces.default("a2c"), ["rms_prop_eps"])
    with pytest.raises(ValueError, match=r"unknown hyperparameter `gama` for a2c; did you mean `gamma`\?"):
        spaces.subspace(spaces.default("a2c"), ["gama"])


def test_describe_reads_well() -> None:
    table = spaces.describe(spaces.default("a2c"))
    assert table.index.name == "name"
    assert list(table.columns) == ["type", "low", "high", "choices", "default", "measure", "condition"]
    assert table.loc["gamma"].to_dict() == {
        "type": "float",
        "low": 0.8,
        "high": 0.9999,
        "choices": "",
        "default": 0.99,
        "measure": "flipped-log",
        "condition": "",
    }
    assert table.loc["rms_prop_eps", "condition"] == "use_rms_prop == True"
    assert table.loc["n_envs", "type"] == "ordinal"
    assert table.loc["n_envs", "choices"] == "1, 2, 4, 8, 16, 32"
    mixed = spaces.describe(mixed_space())
    assert mixed.loc["both", "condition"] == "(flag == True && level > 1)"
    assert mixed.loc["fixed", ["type", "choices"]].tolist() == ["constant", "yes"]


def test_worlds_are_searched_beside_an_algorithms_hyperparameters() -> None:
    space = spaces.subspace(spaces.default("ppo"), ["learning_rate"])
    space.add(list(spaces.world("CartPole-v1", {"gravity": (5, 20), "length": (0.6, 2.0)}).values()))
    assert (space["env.gravity"].lower, space["env.gravity"].upper, space["env.gravity"].log) == (5, 20, True)
    assert space["env.length"].default_value == 0.6, "the default lies outside of where to look"
    frame = spaces.sample(space, 8, method="sobol", rng=0)
    assert frame["env.gravity"].between(5, 20).all()
    unit = spaces.to_unit(space, frame)
    assert ((unit >= 0) & (unit <= 1)).all()
    assert set(spaces.measure(space)) == {"learning_rate", "env.gravity", "env.length"}
    whole = spaces.world("MountainCarContinuous-v0")
    assert list(whole) == ["env.goal_position", "env.goal_velocity", "env.power"]
    assert not whole["env.goal_velocity"].log
    with pytest.raises(ValueError, match=r"unknown parameter `gravty` for CartPole-v1; did you mean `gravity`"):
        spaces.world("CartPole-v1", "gravty")
    with pytest.raises(ValueError, match="`Acrobot-v1` has no parameters"):
        spaces.world("Acrobot-v1")


@pytest.mark.parametrize("name", ["dqn_cartpole", "ppo_pendulum"])
def test_the_measured_landscapes_are_samples_of_the_default_spaces(name: str) -> None:
    """Drawn before the spaces were made of declarations: the ranges, and the samples of a seed, are the same still."""
    measured = datasets.load(name)
    first = measured.table.drop_duplicates(subset=[f"hp.{one}" for one in measured.hyperparameters])
    space = spaces.default(name.partition("_")[0])
    searched = [one for one in space if one != "net_arch"]
    drawn = spaces.sample(spaces.subspace(space, searched), len(first), method="sobol", rng=0)
    kept = {tuple(row) for row in first[[f"hp.{one}" for one in searched]].itertuples(index=False)}
    assert kept == {tuple(row) for row in drawn[searched].itertuples(index=False)}
