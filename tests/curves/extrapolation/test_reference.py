from __future__ import annotations

import numpy as np
import pytest

from rlhp import curves


def test_it_says_what_it_was_learned_from(sweep) -> None:
    runs = sweep(5, 3, status=["finished"] * 13 + ["diverged", "stopped"])
    learned = curves.reference(runs, rng=0)
    assert (
        repr(learned) == "Reference(dqn on CartPole-v1 to 50,000 steps: 13 runs of 5 configurations; 2 runs left out)"
    )
    assert learned.n_left_out == 2


def test_environments_are_learned_one_by_one(sweep, runs_of) -> None:
    rng = np.random.default_rng(0)
    names = ["CartPole-v1"] * 12 + ["Acrobot-v1"] * 12 + ["Pendulum-v1"] * 3
    runs = runs_of([rng.normal(-100, 5, 10) for _ in names], env_id=names)
    learned = curves.reference(runs, rng=0)
    assert list(learned.groups) == [("Acrobot-v1", "dqn", 50_000), ("CartPole-v1", "dqn", 50_000)]
    assert learned.n_left_out == 3


@pytest.mark.parametrize(("n", "value"), [(9, None), (20, 5.0)], ids=["few", "all alike"])
def test_too_little_to_learn_from(runs_of, n, value) -> None:
    rng = np.random.default_rng(0)
    runs = runs_of([rng.normal(size=10) if value is None else np.full(10, value) for _ in range(n)])
    with pytest.raises(
        ValueError,
        match=rf"at least 10 finished runs of one environment.* the most here are {n}\.",
    ):
        curves.reference(runs, rng=0)


def test_runs_that_were_not_evaluated_at_their_end_teach_nothing(runs_of) -> None:
    rng = np.random.default_rng(0)
    runs = runs_of([rng.normal(size=10 if number < 12 else 9) for number in range(15)])
    assert curves.reference(runs, rng=0).n_left_out == 3


def test_a_ceiling_is_one_that_runs_keep_reaching(runs_of) -> None:
    rng = np.random.default_rng(0)
    capped = runs_of([np.minimum(rng.normal(450, 60, 10), 500) for _ in range(20)])
    free = runs_of([rng.normal(450, 60, 10) for _ in range(20)])
    (with_ceiling,), (without,) = (curves.reference(runs, rng=0).groups.values() for runs in (capped, free))
    assert with_ceiling.ceiling == 500
    assert without.ceiling == np.inf


def test_seeds_of_a_configuration_are_held_out_together(sweep) -> None:
    (known,) = curves.reference(sweep(12, 3), rng=0).groups.values()
    folds: dict[str, set[int]] = {}
    for part, fold in zip(known.parts, known.fold, strict=True):
        folds.setdefault(part.config_id, set()).add(int(fold))
    assert {len(found) for found in folds.values()} == {1}
    assert len(set().union(*folds.values())) == 5


def test_seeds_of_the_only_configuration_are_held_out_one_by_one(runs_of) -> None:
    rng = np.random.default_rng(0)
    runs = runs_of([rng.normal(size=10) for _ in range(12)], configs=[0] * 12)
    (known,) = curves.reference(runs, rng=0).groups.values()
    assert len(set(known.fold.tolist())) == 5


def test_evaluations_at_other_steps_are_interpolated(runs_of) -> None:
    rng = np.random.default_rng(0)
    odd = [np.arange(1, 11) * 5_000, np.array([*range(3_000, 48_000, 5_000), 50_000])]
    runs = runs_of([100.0 * (at / 50_000) + 1e-3 * rng.normal(size=10) for at in odd * 8], steps=odd * 8)
    (known,) = curves.reference(runs, rng=0).groups.values()
    middle = known.low + (known.high - known.low) * known.values_at((0.37,))
    np.testing.assert_allclose(middle, 37, atol=0.01)


def test_whoever_is_held_out_teaches_neither_the_mixture_nor_the_neighbours(sweep, monkeypatch) -> None:
    from rlhp.curves.extrapolation import _forecast as forecast
    from rlhp.curves.extrapolation._question import Question

    (known,) = curves.reference(sweep(12, 3), rng=0).groups.values()
    taught_weights, taught_members = [], []
    plain_weights, plain_members = forecast.learned_weights, forecast.members

    def weights(log, *args, **options):
        taught_weights.append(log)
        return plain_weights(log, *args, **options)

    def members(known, question, teachers, *args):
        taught_members.append((question.values, teachers))
        return plain_members(known, question, teachers, *args)

    monkeypatch.setattr(forecast, "learned_weights", weights)
    monkeypatch.setattr(forecast, "members", members)
    seen = (0.1, 0.2, 0.3)
    found = forecast.calibration(known, Question(seen, (1.0,), np.zeros((1, 3)), None), 0.8)
    assert found.n == 36
    for fold, (log, (asked, teachers)) in enumerate(zip(taught_weights, taught_members, strict=True)):
        np.testing.assert_array_equal(teachers, known.fold != fold)
        np.testing.assert_array_equal(log, known.log_likelihood[known.fold[known.learned_from] != fold])
        np.testing.assert_array_equal(asked, known.values_at(seen)[known.fold == fold])


def test_certain_and_uncertain_forecasts_are_calibrated_apart(runs_of) -> None:
    """Half of the runs fail for sure, half are a gamble: sure ones must not pay for narrow intervals of the others."""
    rng = np.random.default_rng(0)

    def gamble(config):
        if config % 2:
            return np.r_[100 + rng.normal(size=3), np.full(7, 100 + 380 * rng.uniform())]
        return np.full(10, 10.0)

    configs = np.repeat(np.arange(60), 3)
    runs = runs_of([gamble(config) for config in configs], configs=configs)
    result = curves.backtest(runs, folds=5, rng=0, n_boot=50).runs
    gambled = result["actual"] > 50
    assert result.loc[~gambled, "covered"].mean() == 1.0
    assert result.loc[gambled, "covered"].mean() == pytest.approx(0.8, abs=0.1)
