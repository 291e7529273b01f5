"""What lecture 02 says in words of the measured data is what the data say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from rlhp import Runs, curves, datasets
from rlhp.runs import concat


@pytest.fixture(scope="module")
def cartpole() -> Runs:
    return datasets.load("batch_size_cartpole")


def gain(runs: Runs, *, smaller: int = 8, larger: int = 64, **where: Any) -> pd.Series:
    """What the larger batch gains in mean area under the curve."""
    pair = runs.select(batch_size=[smaller, larger], **where)
    return curves.compare(pair, "auc", by="batch_size", reference=smaller, rng=0, test="welch").table.iloc[0]


def longer(runs: Runs, n_steps: int, digits: int | None = None) -> list[float]:
    """What longer returns gain on one-step returns in mean area under the curve, with the interval."""
    pair = runs.select(n_steps=[1, n_steps])
    found = curves.compare(pair, "auc", by="n_steps", reference=1, rng=0, test="welch").table.iloc[0]
    return [round(found[name], digits) for name in ("difference", "low", "high")]


def wild(runs: Runs) -> pd.Series:
    """Count the runs whose values were off by more than any return, by batch size and learning rate."""
    off = runs.evals.groupby("run_id")["value_error"].max() > 100
    return off.groupby([runs.column("batch_size"), runs.column("learning_rate")]).sum()


def test_the_sizes_of_the_studies(cartpole: Runs) -> None:
    assert set(cartpole.configs["n_seeds"]) == {16}
    assert sorted(set(cartpole.column("batch_size"))) == [8, 16, 32, 64, 128, 256, 512]
    assert set(cartpole.table["steps"]) == {50_000}
    assert set(datasets.load("batch_size_acrobot").configs["n_seeds"]) == {16}
    minatar = datasets.load("batch_size_minatar")
    assert set(minatar.configs["n_seeds"]) == {8}
    assert set(minatar.table["steps"]) == {100_000}


@pytest.mark.parametrize(("rate", "said"), [(3e-4, 53), (1e-3, 67), (3e-3, 83)])
def test_the_larger_batch_was_better_at_every_learning_rate(cartpole: Runs, rate: float, said: int) -> None:
    found = gain(cartpole, learning_rate=rate)
    assert round(found["difference"]) == said
    assert found["low"] > 0


def test_small_batches_fail_at_the_smallest_rate(cartpole: Runs) -> None:
    final = curves.iqm(cartpole, by=["learning_rate", "batch_size"], rng=0).final
    end = final.set_index(["learning_rate", "batch_size"])["estimate"]
    assert round(end[3e-4, 8]) == 9
    last = cartpole.evals.groupby("run_id")[["return_mean", "value_error"]].last()
    smallest = cartpole.select(learning_rate=3e-4)
    ends = last["return_mean"][smallest.table.index[smallest.column("batch_size") == 8]].sort_values()
    assert [round(one) for one in ends.iloc[-3:]] == [13, 71, 109]
    area = curves.summarise(cartpole, "auc", by=["learning_rate", "batch_size"], rng=0).table
    area = area.set_index(["learning_rate", "batch_size"])
    assert [round(area["estimate"][1e-3, size]) for size in (8, 64, 512)] == [129, 194, 234]
    assert [round(area["estimate"][3e-4, size]) for size in (8, 64, 512)] == [11, 66, 80]
    assert [round(area[end][1e-3, 512]) for end in ("low", "high")] == [198, 262]
    assert area.loc[1e-3].loc[64:, "high"].min() > area.loc[1e-3].loc[64:, "low"].max()
    off = cartpole.evals.groupby("run_id")["value_error"].max()[smallest.table.index] > 100
    assert (off.sum(), (last["value_error"][off.index[off]] < 100).sum()) == (65, 4)
    counts = wild(cartpole)
    assert counts[8, 3e-4] == 16
    assert counts[512, 3e-4] == 5
    assert counts.xs(1e-3, level=1).sum() == 2
    assert counts.xs(3e-3, level=1).sum() == 0


def test_random_play_earns_what_the_text_says() -> None:
    random = datasets.load("exploration_cartpole")
    random = random.select(random.column("exploration").str.contains('"value": 1.0'))
    end = curves.iqm(random, rng=0, value="train_return_mean").final["estimate"].iloc[0]
    assert round(end) == 22


@pytest.mark.parametrize("rate", [3e-4, 1e-3, 3e-3])
def test_512_cannot_be_told_from_64(cartpole: Runs, rate: float) -> None:
    found = gain(cartpole, smaller=64, larger=512, learning_rate=rate)
    assert found["low"] < 0 < found["high"]


def test_what_a_larger_batch_costs(cartpole: Runs) -> None:
    compiled = cartpole.table.groupby("hp.batch_size")["cpu_time_s"].median()
    assert compiled[32] / compiled[8] == pytest.approx(1.4, abs=0.05)
    assert round(compiled[64] / compiled[8]) == 2
    assert round(compiled[512] / compiled[8]) == 11
    assert 50_000 * compiled[64] / compiled[512] < 10_000
    timing = datasets.load("batch_size_time").table.groupby("hp.batch_size")["cpu_time_s"].min()
    assert timing[512] < 1.5 * timing[8]
    assert 50_000 * timing[64] / timing[512] > 25_000


def test_the_time_that_batches_of_8_save_does_not_help_them(cartpole: Runs) -> None:
    compiled = cartpole.table.groupby("hp.batch_size")["cpu_time_s"].median()
    middle = cartpole.select(learning_rate=1e-3)
    groups = {group.key[0]: group for group in curves.iqm(middle, by="batch_size", rng=0).groups}
    within = np.flatnonzero(np.asarray(groups[64].steps) <= 50_000 * compiled[8] / compiled[64])[-1]
    assert groups[64].steps[within] == 22_500
    said = [
        [round(one[at]) for one in (group.estimate, group.low, group.high)]
        for group, at in ((groups[64], within), (groups[8], -1))
    ]
    assert said == [[146, 129, 172], [141, 61, 231]]


def test_plateaus_are_long_at_any_batch_size(cartpole: Runs) -> None:
    def longest(returns: pd.Series) -> float:
        best, stretch, most = returns.iloc[0], 0, 0
        for value in returns.iloc[1:]:
            if best > 475:
                break
            best, stretch = (value, 0) if value >= best + 25 else (best, stretch + 1)
            most = max(most, stretch)
        return 100 * most / len(returns)

    waits = cartpole.evals.groupby("run_id")["return_mean"].apply(longest)
    middle = waits.groupby([cartpole.column("batch_size"), cartpole.column("learning_rate")]).median()
    usual = middle[middle.index.get_level_values(1) > 3e-4]
    assert (round(usual.min()), round(usual.max())) == (30, 60)
    assert all(middle[512, rate] <= middle.xs(rate, level=1).nsmallest(2).iloc[-1] for rate in (1e-3, 3e-3))
    assert round(middle[8, 3e-4]) == 95


def test_acrobot_loses_nothing_without_epsilon() -> None:
    runs = datasets.load("batch_size_acrobot")
    linear = next(text for text in set(runs.column("exploration")) if "linear" in text)
    for size in (8, 16, 32, 64, 128, 256, 512):
        pair = runs.select(batch_size=size)
        found = curves.compare(pair, "auc", by="exploration", reference=linear, rng=0, test="welch").table.iloc[0]
        assert found["high"] > 0
        assert (found["low"] > 0) == (size == 64)


def test_acrobot_gains_up_to_512() -> None:
    runs = datasets.load("batch_size_acrobot")
    linear = runs.select(exploration=next(text for text in set(runs.column("exploration")) if "linear" in text))
    said = {(8, 64): [68, 25, 110], (64, 512): [166, 125, 208], (256, 512): [12, -22, 46]}
    for (smaller, larger), told in said.items():
        found = gain(linear, smaller=smaller, larger=larger)
        assert [round(found[name]) for name in ("difference", "low", "high")] == told


def test_n_step_returns(cartpole: Runs) -> None:
    more = datasets.load("batch_size_n_steps")
    runs = concat(
        [cartpole.select(learning_rate=1e-3, batch_size=[8, 64], seed=sorted(set(more.column("seed")))), more]
    )
    assert set(runs.configs["n_seeds"]) == {8}
    said = {(8, 3): [-13, -93, 67], (8, 10): [183, 105, 262], (64, 3): [-28, -147, 92], (64, 10): [194, 139, 249]}
    for (size, n), told in said.items():
        assert longer(runs.select(batch_size=size), n) == told
    n, size = runs.column("n_steps"), runs.column("batch_size")
    assert longer(runs.select(((size == 8) & (n == 10)) | ((size == 64) & (n == 1))), 10) == [103, 19, 187]
    gains = {n: gain(runs, n_steps=n) for n in (1, 3, 10)}
    assert [round(found["difference"]) for found in gains.values()] == [80, 66, 91]
    assert max(found["low"] for found in gains.values()) < min(found["high"] for found in gains.values())
    assert gains[3]["low"] < -50
    assert gains[3]["high"] > 150


def test_on_breakout_longer_returns_bring_small_batches_no_closer() -> None:
    runs = datasets.load("batch_size_minatar")
    first = {n: gain(runs, smaller=8, larger=32, n_steps=n) for n in (1, 3)}
    assert [round(found["difference"], 2) for found in first.values()] == [0.60, 0.98]
    assert min(found["low"] for found in first.values()) > 0
    assert first[3]["low"] < first[1]["high"]
    second = {n: gain(runs, smaller=32, larger=128, n_steps=n) for n in (1, 3)}
    assert [round(found["difference"], 2) for found in second.values()] == [1.08, 0.48]
    assert second[1]["low"] > 0 > second[3]["low"]
    said = {8: [0.58, 0.27, 0.89], 32: [0.97, 0.62, 1.31], 128: [0.37, -0.18, 0.92]}
    for size, told in said.items():
        assert longer(runs.select(batch_size=size), 3, digits=2) == told
