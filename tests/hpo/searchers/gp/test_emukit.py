"""The searcher `emukit`: what it proposes, in every kind of space."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from ConfigSpace import Categorical, ConfigurationSpace, Constant, Float

from rlhp import spaces
from rlhp.hpo.search._configurations import valid
from rlhp.hpo.search._searcher import Observations, key_of
from rlhp.hpo.searchers.gp._emukit import Emukit
from tests.spaces.of_all_kinds import mixed_space


def observed(space: ConfigurationSpace, n: int, seed: int = 0, failed: int = 0) -> Observations:
    """Made-up scores that the first hyperparameters decide."""
    frame = spaces.sample(space, n, rng=seed)
    unit = np.nan_to_num(spaces.to_unit(space, frame), nan=0.5)
    scores = 100 - 300 * ((unit[:, :3] - 0.4) ** 2).sum(axis=1)
    scores[:failed] = np.nan
    noise = np.where(np.arange(n) % 2 == 0, 2.0, np.nan)
    return Observations(active(space, frame), scores, noise)


def active(space: ConfigurationSpace, frame: Any) -> list[dict[str, Any]]:
    on = ~np.isnan(spaces.to_unit(space, frame))
    columns = {name: frame[name].tolist() for name in space}
    return [{name: columns[name][i] for j, name in enumerate(space) if on[i, j]} for i in range(len(frame))]


def propose(
    space: ConfigurationSpace, seen: Observations, n: int, seed: int = 1, **options: Any
) -> list[dict[str, Any]]:
    return Emukit(**options).propose(space, seen, n, np.random.default_rng(seed))


def check(space: ConfigurationSpace, batch: list[dict[str, Any]], seen: Observations) -> None:
    for one in batch:
        valid(space, one)
    keys = [key_of(one) for one in batch]
    assert len(set(keys)) == len(keys)
    assert not set(keys) & {key_of(one) for one in (*seen.configurations, *seen.pending)}


@pytest.mark.parametrize(
    "space", [mixed_space(), spaces.default("dqn"), spaces.default("ppo")], ids=lambda one: one.name
)
@pytest.mark.parametrize("options", [{}, {"batch": "penalties", "acquisition": "lcb"}], ids=["liar", "penalties"])
def test_batches_in_mixed_conditional_spaces(space: ConfigurationSpace, options: dict[str, Any]) -> None:
    seen = observed(space, 20, failed=4)
    pending = active(space, spaces.sample(space, 2, rng=9))
    seen = Observations(seen.configurations, seen.scores, seen.noise, pending)
    check(space, propose(space, seen, 2, **options), seen)


@pytest.mark.parametrize("acquisition", ["log_ei", "ei", "lcb", "mes"])
def test_same_knowledge_and_seed_give_the_same_to_the_bit_whatever_the_global_state(acquisition: str) -> None:
    space = spaces.subspace(spaces.default("dqn"), ["learning_rate", "gamma", "batch_size", "net_arch"])
    seen = observed(space, 12)
    batches = []
    for state in (1, 2):
        np.random.seed(state)  # noqa: NPY002 - what is scrambled here
        batches.append(propose(space, seen, 1, acquisition=acquisition))
    assert batches[0] == batches[1]
    state = np.random.get_state()[1].copy()  # noqa: NPY002
    propose(space, seen, 1, acquisition=acquisition)
    np.testing.assert_array_equal(np.random.get_state()[1], state)  # noqa: NPY002
    assert propose(space, seen, 1, seed=3, acquisition=acquisition) != batches[0]


def bowl() -> ConfigurationSpace:
    return ConfigurationSpace(space=[Float("x", (0.0, 1.0)), Float("y", (1e-4, 1.0), log=True)])


def bowl_score(one: dict[str, Any]) -> float:
    return -((one["x"] - 0.3) ** 2) - (np.log10(one["y"]) + 2) ** 2 / 16


@pytest.mark.parametrize("options", [{}, {"acquisition": "lcb"}, {"acquisition": "mes"}], ids=["log_ei", "lcb", "mes"])
def test_a_bowl_is_found_within_fifteen(options: dict[str, Any]) -> None:
    space, told, scores = bowl(), [], []
    for k in range(15):
        one = propose(space, Observations(told, scores), 1, seed=k, **options)[0]
        told.append(one)
        scores.append(bowl_score(one))
    assert max(scores) > -2e-3


@pytest.mark.parametrize("options", [{"lie": "worst"}, {"lie": "mean"}, {"lie": "best"}, {"batch": "penalties"}])
def test_members_of_a_batch_keep_apart(options: dict[str, Any]) -> None:
    space = bowl()
    frame = active(space, spaces.sample(space, 12, rng=0))
    seen = Observations(frame, [bowl_score(one) for one in frame])
    batch = propose(space, seen, 8, random_share=0.0, **options)
    unit = spaces.to_unit(space, batch)
    apart = np.linalg.norm(unit[:, None] - unit[None], axis=-1) + 9 * np.eye(8)
    assert apart.min() > (1e-3 if options.get("lie") != "mean" else 0)


def test_one_of_eight_is_drawn_at_random() -> None:
    space = bowl()
    frame = active(space, spaces.sample(space, 12, rng=0))
    seen = Observations(frame, [bowl_score(one) for one in frame])
    with_one, without = propose(space, seen, 8), propose(space, seen, 8, random_share=0.0)
    assert with_one[:7] == without[:7]
    assert with_one[7] != without[7]


def test_failures_are_survived_and_kept_away_from() -> None:
    space = ConfigurationSpace(space=[Float("x", (0.0, 1.0))])
    grid = np.linspace(0.02, 0.98, 13)
    scores = np.where(grid > 0.6, np.nan, grid - 400)  # the better, the nearer to where everything fails
    seen = Observations([{"x": float(one)} for one in grid], scores)
    for seed in range(5):
        assert propose(space, seen, 1, seed=seed)[0]["x"] < 0.72


@pytest.mark.parametrize("scores", [[np.nan] * 6, [1.0] * 6, [np.nan] * 5 + [3.0], [-1e12, 0, 1, 2, 3, 4]])
def test_scores_that_say_little_are_survived(scores: list[float]) -> None:
    space = spaces.default("ppo")
    seen = Observations(observed(space, 6).configurations, scores)
    check(space, propose(space, seen, 3, first=2), seen)


def test_a_configuration_told_again_counts_with_its_last_score() -> None:
    space = ConfigurationSpace(space=[Float("x", (0.0, 1.0))])
    grid = [{"x": float(one)} for one in np.linspace(0.05, 0.95, 7)]
    last = [-((one["x"] - 0.2) ** 2) for one in grid]
    seen = Observations([*grid, *grid], [5.0 * one["x"] for one in grid] + last)
    assert propose(space, seen, 1) == propose(space, Observations(grid, last), 1)


def test_a_space_of_one_point_and_one_that_is_used_up() -> None:
    one = ConfigurationSpace(space=[Constant("c", 1)])
    assert propose(one, Observations(), 2) == [{"c": 1}, {"c": 1}]
    few = ConfigurationSpace(space=[Categorical("kind", ["a", "b", "c"]), Categorical("flag", [True, False])])
    everything = active(few, spaces.sample(few, 6, method="grid"))
    seen = Observations(everything[:5], np.arange(5.0))
    assert propose(few, seen, 1, first=2) == everything[5:]
    again = propose(few, Observations(everything, np.arange(6.0)), 6, first=2)
    assert {key_of(one) for one in again} == {key_of(one) for one in everything}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"acquisition": "log_e"}, "did you mean `log_ei`"),
        ({"batch": "lier"}, "did you mean `liar`"),
        ({"lie": "worse"}, "did you mean `worst`"),
        ({"kappa": -1}, "`kappa` is -1"),
        ({"first": 0}, "`first` is 0"),
        ({"restarts": -1}, "`restarts` is -1"),
        ({"samples": -1}, "`samples` is -1"),
        ({"random_share": 2}, "`random_share` is 2"),
    ],
)
def test_options_are_checked(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Emukit(**options)


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ImportError, match=r"pip install 'rlhp\[hpo\]'"):
        propose(bowl(), Observations(), 1)
