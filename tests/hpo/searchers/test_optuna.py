"""Optuna's samplers as pure functions of what is known, and studies as observations."""

from __future__ import annotations

import numpy as np
import optuna
import pytest
from ConfigSpace import Categorical, ConfigurationSpace, Float, ForbiddenEqualsClause, ForbiddenInClause, Integer

from rlhp import hpo, spaces

SAMPLERS = ("tpe", "gp", "cmaes")


def mixed() -> ConfigurationSpace:
    from ConfigSpace import EqualsCondition

    space = ConfigurationSpace(
        space=[
            Float("rate", (1e-5, 1e-1), log=True),
            Float("gamma", (0.8, 0.9999), meta={"measure": "flipped-log"}),
            Integer("batch", (8, 256), log=True),
            Categorical("level", [1, 4, 16], ordered=True),
            Categorical("net", [(64, 64), (256,)]),
            Categorical("norm", [False, True]),
            Float("clip", (0.1, 0.5)),
        ]
    )
    space.add(EqualsCondition(space["clip"], space["norm"], True))
    return space


def told(space: ConfigurationSpace, n: int, rng: int = 0) -> hpo.Observations:
    rows = spaces.sample(space, n, method="sobol", rng=rng)
    unit = spaces.to_unit(space, rows)
    names = list(space)
    configurations = [
        {name: spaces.decode(space[name], unit[[i], j])[0] for j, name in enumerate(names) if not np.isnan(unit[i, j])}
        for i in range(n)
    ]
    scores = -np.nansum((unit - 0.3) ** 2, axis=1)
    scores[2] = np.nan
    return hpo.Observations(configurations, scores)


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_the_same_observations_and_seed_give_the_same_proposals_whatever_numpy_draws_besides(sampler: str) -> None:
    space = mixed()
    seen, found = told(space, 14), []
    for noise in (0, 1):
        np.random.seed(noise)  # noqa: NPY002 - what must not matter
        np.random.random(noise * 7 + 1)  # noqa: NPY002
        found.append(hpo.Optuna(sampler).propose(space, seen, 3, np.random.default_rng([5, 1])))
    assert found[0] == found[1]
    assert found[0] != hpo.Optuna(sampler).propose(space, seen, 3, np.random.default_rng([5, 2]))
    spaces.to_unit(space, found[0])  # valid, or it raises
    assert all(("clip" in one) == one["norm"] for one in found[0])


@pytest.mark.parametrize("sampler", ["tpe", "cmaes"])
def test_what_was_told_moves_the_proposals_to_where_it_is_good(sampler: str) -> None:
    space = ConfigurationSpace(space=[Float("x", (0.0, 1.0)), Float("y", (0.0, 1.0))])
    rng, configurations, scores = np.random.default_rng(0), [], []
    for k in range(60):
        seen = hpo.Observations(configurations, scores)
        configurations += hpo.Optuna(sampler, startup=5).propose(space, seen, 1, np.random.default_rng([0, k]))
        scores.append(-((configurations[-1]["x"] - 0.8) ** 2) - (configurations[-1]["y"] - 0.2) ** 2)
    late = np.array([[one["x"], one["y"]] for one in configurations[-15:]])
    by_chance = np.sqrt(((rng.random((1000, 2)) - [0.8, 0.2]) ** 2).sum(axis=1)).mean()
    assert np.sqrt(((late - [0.8, 0.2]) ** 2).sum(axis=1)).mean() < 0.4 * by_chance


def test_forbidden_clauses_are_never_violated_where_the_sampler_wants_nothing_else() -> None:
    space = ConfigurationSpace(space=[Categorical("a", list("uvwx"), default="v"), Integer("b", (0, 9), default=7)])
    space.add(ForbiddenEqualsClause(space["a"], "u"), ForbiddenInClause(space["b"], [0, 1, 2, 3, 4]))
    good = [{"a": a, "b": b} for a in "vwx" for b in range(5, 10)]
    # Better the closer to what is forbidden.
    seen = hpo.Observations(good[:12], [-float(one["b"]) for one in good[:12]])
    found = hpo.Optuna("tpe", startup=1).propose(space, seen, 3, np.random.default_rng(0))
    assert {hpo_key(one) for one in found} == {hpo_key(one) for one in good[12:]}


def hpo_key(configuration: dict[str, object]) -> tuple[object, ...]:
    return tuple(sorted(configuration.items()))


def test_a_search_goes_to_a_study_and_comes_back(tmp_path) -> None:
    space = mixed()
    seen = told(space, 8)
    seen = hpo.Observations(seen.configurations[:7], seen.scores[:7], [0.5, *[np.nan] * 6], seen.configurations[7:])
    study = hpo.to_optuna(space, seen, name="mine", storage=f"sqlite:///{tmp_path}/study.db")
    states = [trial.state.name for trial in study.trials]
    assert states == ["COMPLETE", "COMPLETE", "FAIL", *["COMPLETE"] * 4, "RUNNING"]
    assert study.best_value == np.nanmax(seen.scores)
    loaded = optuna.load_study(study_name="mine", storage=f"sqlite:///{tmp_path}/study.db")
    same, back = hpo.from_optuna(loaded, space)
    assert same is space
    assert back.configurations == seen.configurations
    assert back.pending == seen.pending
    np.testing.assert_array_equal(back.scores, seen.scores)
    np.testing.assert_array_equal(back.noise, seen.noise)


def test_a_study_of_somebody_else_that_minimises_is_turned_round_and_its_space_is_read_off() -> None:
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))

    def loss(trial: optuna.Trial) -> float:
        x = trial.suggest_float("x", 1e-3, 1.0, log=True)
        if trial.suggest_categorical("kind", ["a", "b"]) == "b":
            return x + trial.suggest_int("depth", 1, 4)
        return x

    study.optimize(loss, n_trials=12)
    space, seen = hpo.from_optuna(study)
    assert set(space) == {"x", "kind", "depth"}
    assert len(seen) == 12
    assert seen.scores.max() == pytest.approx(-study.best_value)
    assert all(("depth" in one) == (one["kind"] == "b") for one in seen.configurations)
    assert len(hpo.Optuna().propose(space, seen, 2, np.random.default_rng(0))) == 2


def test_what_is_no_study_or_no_option_is_refused() -> None:
    with pytest.raises(ValueError, match=r"unknown sampler `tpa`; did you mean `tpe`"):
        hpo.Optuna("tpa")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="give an Optuna study"):
        hpo.from_optuna([1], mixed())
    many = optuna.create_study(directions=["maximize", "minimize"])
    with pytest.raises(ValueError, match="2 objectives"):
        hpo.from_optuna(many, mixed())
