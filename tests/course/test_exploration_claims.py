"""What lectures 00 and 01 say in words of the measured data is what the data say."""

from __future__ import annotations

import pandas as pd
import pytest

from rlhp import Runs, curves, datasets, schedules


@pytest.fixture(scope="module")
def cartpole() -> Runs:
    return datasets.load("exploration_cartpole")


def spent(runs: Runs) -> pd.Series:
    """Share of the steps that a run's schedule makes random."""
    return runs.column("exploration").map(lambda text: schedules.parse(text).mean())


def test_learning_rates_that_sixteen_seeds_tell_apart() -> None:
    runs = datasets.load("learning_rate_cartpole")
    assert set(runs.table["engine"]) == {"sb3"}
    summary = curves.iqm(runs, by="learning_rate", rng=0)
    final = summary.final.set_index("learning_rate")
    assert final["high"][[1e-4, 3e-4]].max() < final["low"][[1e-3, 3e-3, 1e-2]].min()
    assert final["high"][[1e-3, 3e-3, 1e-2]].min() > final["low"][[1e-3, 3e-3, 1e-2]].max()
    early = summary.table[summary.table["step"] == 6_000].set_index("learning_rate")["estimate"]
    three = [1e-3, 3e-3, 1e-2]
    assert early.idxmax() == 1e-2
    assert early[three].max() - early[three].min() > final["estimate"][three].max() - final["estimate"][three].min()


def test_schedules_fall_into_two_groups_on_cartpole(cartpole: Runs) -> None:
    final = curves.iqm(cartpole, by="exploration", rng=0).final
    share = final["exploration"].map(lambda text: schedules.parse(text).mean())
    little, much = final[share < 0.12], final[share > 0.12]
    assert (len(little), len(much), round(100 * share[share < 0.12].max()), round(100 * share[share > 0.12].min())) == (
        4, 3, 11, 29
    )  # fmt: skip
    assert [round(end) for end in (little["estimate"].min(), little["estimate"].max())] == [208, 285]
    assert [round(end) for end in (much["estimate"].min(), much["estimate"].max())] == [69, 94]
    assert (round(much["high"].max()), round(little["low"].min())) == (137, 106)
    said = [
        [round(end[name]) for name in ("estimate", "low", "high", "n")]
        for end in (
            curves.iqm(cartpole.select(some), rng=0).final.iloc[0]
            for some in (spent(cartpole) < 0.12, spent(cartpole) > 0.12)
        )
    ]
    assert said == [[250, 167, 344, 48], [78, 68, 90, 36]]


def test_ten_seeds_do_not_tell_on_mountain_car() -> None:
    runs = datasets.load("exploration_mountaincar")
    final = curves.iqm(runs, by="exploration", rng=0).final
    assert [round(end) for end in (final["estimate"].min(), final["estimate"].max())] == [-192, -168]
    assert final["high"].min() > final["low"].max()
    reached = runs.evals.groupby("run_id")["return_mean"].max() > -200
    failed = runs.evals.groupby("run_id")["return_mean"].last() == -200
    by_schedule = runs.column("exploration")
    assert reached.groupby(by_schedule).sum().min() == 7
    assert failed.groupby(by_schedule).sum().min() == 3


def test_exploring_has_its_price_while_training(cartpole: Runs) -> None:
    always = cartpole.select(spent(cartpole) == 1.0)
    training, greedy = (
        curves.iqm(always, rng=0, value=value).final["estimate"].iloc[0]
        for value in ("train_return_mean", "return_mean")
    )
    assert round(training) == 22
    assert round(greedy / training) == 3
