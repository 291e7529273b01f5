"""Parts of a space, what it says of itself, and the worlds beside it."""

from __future__ import annotations

import pytest

from rlhp import datasets, spaces
from tests.spaces.of_all_kinds import mixed_space


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
