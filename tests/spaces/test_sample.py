"""What sampling gives: random, Sobol, Latin hypercube and grids."""

from __future__ import annotations

import itertools
import warnings

import numpy as np
import pytest
from ConfigSpace import (
    Categorical,
    Configuration,
    ConfigurationSpace,
    EqualsCondition,
    Float,
    ForbiddenGreaterThanRelation,
    Integer,
)
from ConfigSpace.forbidden import ForbiddenLessThanEqualsClause

from rlhp import spaces
from tests.spaces.of_all_kinds import equal, mixed_space, plane


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
