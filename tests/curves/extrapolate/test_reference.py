from __future__ import annotations

import numpy as np
import pytest

from rlhp import curves


def test_it_says_what_it_was_learned_from(sweep) -> None:
    runs = sweep(5, 3, status=["finished"] * 13 + ["diverged", "stopped"])
    learned = curves.reference(runs, rng=0)
    assert repr(learned) == "Reference(dqn on CartPole-v1: 13 runs of 5 configurations; 2 runs left out)"
    assert learned.n_left_out == 2


def test_environments_are_learned_one_by_one(sweep, runs_of) -> None:
    rng = np.random.default_rng(0)
    names = ["CartPole-v1"] * 12 + ["Acrobot-v1"] * 12 + ["Pendulum-v1"] * 3
    runs = runs_of([rng.normal(-100, 5, 10) for _ in names], env_id=names)
    learned = curves.reference(runs, rng=0)
    assert list(learned.groups) == [("Acrobot-v1", "dqn"), ("CartPole-v1", "dqn")]
    assert learned.n_left_out == 3


@pytest.mark.parametrize(("n", "value"), [(9, None), (20, 5.0)], ids=["few", "all alike"])
def test_too_little_to_learn_from(runs_of, n, value) -> None:
    rng = np.random.default_rng(0)
    runs = runs_of([rng.normal(size=10) if value is None else np.full(10, value) for _ in range(n)])
    with pytest.raises(ValueError, match=rf"at least 10 finished runs of one environment .* the most here are {n}."):
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
