"""Early ranks against the end, over steps and seeds: exact where it can be, and never better for seeds in common."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from rlhp import Runs, datasets, hpo


def made(values: np.ndarray) -> Runs:
    """Runs of values [configurations, seeds, steps]."""
    rows = [
        {"hp.rate": float(c), "seed": s, "step": t + 1, "return_mean": values[c, s, t]}
        for c, s, t in np.ndindex(values.shape)
    ]
    options = {"algorithm": "ppo", "env_id": "World-v0", "steps": values.shape[2], "status": "finished"}
    return Runs.from_frame(pd.DataFrame(rows), **options)


def test_ranks_that_are_those_of_the_end_agree_and_reversed_ones_do_not() -> None:
    height = np.arange(20.0)
    values = np.stack([-height, height, height], axis=1)[:, None, :].repeat(4, axis=1)
    found = hpo.fidelity(made(values), rng=0, n_boot=20).table.pivot(index="step", columns="seeds")["correlation"]
    assert found.loc[1].to_numpy() == pytest.approx([-1, -1])
    assert found.loc[2].to_numpy() == pytest.approx([1, 1])


def test_noise_that_seeds_have_alone_is_no_agreement() -> None:
    """Where nothing but the seed decides, a run agrees with its own end and with no other."""
    rng = np.random.default_rng(0)
    values = rng.standard_normal((200, 6, 1)).repeat(2, axis=2)
    found = hpo.fidelity(made(values), rng=0, n_boot=40)
    assert (found.table["correlation"].abs() < 0.15).all()
    assert ((found.table["low"] < 0) & (found.table["high"] > 0)).all()


def test_more_seeds_agree_more() -> None:
    rng = np.random.default_rng(1)
    values = (rng.standard_normal((800, 1, 1)) + rng.standard_normal((800, 10, 1))).repeat(2, axis=2)
    last = hpo.fidelity(made(values), rng=0, n_boot=60).table.query("step == 2")["correlation"].to_numpy()
    assert (np.diff(last) > 0).all()
    # Of k ranking seeds and 5 judges, each of variance 1 beside a variance of 1 between configurations.
    k = np.arange(1, 6)
    pearson = 1 / np.sqrt((1 + 1 / k) * (1 + 1 / 5))
    assert last == pytest.approx(6 / np.pi * np.arcsin(pearson / 2), abs=0.05), "Spearman's of Gaussian pairs"


def test_a_measured_landscape_and_its_failures() -> None:
    runs = datasets.load("ppo_pendulum")
    found, again = (hpo.fidelity(runs, rng=3, n_boot=20) for _ in range(2))
    pd.testing.assert_frame_equal(found.table, again.table)
    assert found.n_failed == runs.table["status"].isin(["failed", "diverged"]).sum()
    table = found.table.set_index(["step", "seeds"])["correlation"]
    first, last = runs.evals["step"].min(), runs.evals["step"].max()
    assert table[last, 3] > table[first, 3]
    assert "2 other seeds at the end" in repr(found)


@pytest.mark.parametrize(
    ("runs", "said"),
    [
        (made(np.zeros((5, 1, 2))), "of 1 environments, 1 seeds and 2 steps"),
        (made(np.zeros((3, 2, 2))), "3 configurations; ranks need 4"),
    ],
)
def test_what_cannot_be_is_refused(runs, said) -> None:
    with pytest.raises(ValueError, match=said):
        hpo.fidelity(runs, rng=0)
