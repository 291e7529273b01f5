"""What lecture 03 says in words of the measured data is what the data say."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from rlhp import Runs, curves, datasets, objectives
from rlhp.widgets.seeds._studies import Odds, Pair, odds


@pytest.fixture(scope="module")
def ppo() -> Runs:
    return datasets.load("learning_rate_cartpole")


@pytest.fixture(scope="module")
def dqn() -> Runs:
    return datasets.load("exploration_cartpole")


def label_of(runs: Runs) -> pd.Series:
    return runs.configs["exploration"].map(curves.value_label)


def by_run(runs: Runs) -> np.ndarray:
    return runs.evals.pivot(index="run_id", columns="step", values="return_mean").to_numpy()


def by_rate(ppo: Runs, objective: str) -> dict[float, np.ndarray]:
    values = objectives.score(ppo, objective, failures="raise").values
    return {rate: some.to_numpy() for rate, some in values.groupby(ppo.column("learning_rate"))}


def studies(ppo: Runs, worse: float, better: float, objective: str, statistic: str = "mean") -> Odds:
    scores = by_rate(ppo, objective)
    return odds(Pair(("worse", "better"), (scores[worse], scores[better]), statistic), 16, rng=0)


def test_sizes(ppo: Runs, dqn: Runs) -> None:
    assert set(ppo.configs["n_seeds"]) == {16}
    assert set(dqn.configs["n_seeds"]) == {12}
    assert len(dqn.configs) == 7


def test_one_seed_of_each_says_little(ppo: Runs) -> None:
    final = objectives.score(ppo, "final_return", failures="raise").values
    table = pd.DataFrame({"seed": ppo.column("seed"), "rate": ppo.column("learning_rate"), "final": final})
    table = table.pivot(index="seed", columns="rate", values="final")
    slow, fast = table[0.001], table[0.003]
    assert ((fast > slow).sum(), (fast == slow).sum(), (fast < slow).sum()) == (6, 9, 1)
    assert (np.sort(fast) < 270).sum() == 2
    assert (fast == 500).sum() == 14
    assert (round(fast.mean()), stats.trim_mean(fast, 0.25), fast.median()) == (471, 500, 500)


def test_the_order_after_a_third_is_not_that_at_the_end(dqn: Runs) -> None:
    groups = curves.iqm(dqn, by="exploration", rng=0).groups
    names = [group.label.removeprefix("exploration = ") for group in groups]
    early = pd.Series([group.estimate[2] for group in groups], index=names)
    late = pd.Series([group.estimate[-1] for group in groups], index=names)
    assert set(early.nlargest(2).index) == {"linear 1 → 0.05 over 50 %", "linear 1 → 0.05"}
    assert set(late.nsmallest(3).index) == {"linear 1 → 0.05 over 50 %", "linear 1 → 0.05", "constant 1"}


def test_four_objectives_have_four_winners(dqn: Runs) -> None:
    label = label_of(dqn)

    def best(name: str, **options: Any) -> str:
        values = objectives.score(dqn, name, failures="raise", **options).values
        return label[values.idxmax() if objectives.direction(name) == "maximize" else values.idxmin()]

    iqm = {"per": "config", "aggregate": "iqm"}
    assert best("final_return", **iqm) == "linear 1 → 0.05 over 10 %"
    assert best("best_return", **iqm) == best("train_auc", **iqm) == "constant 0.01"
    assert best("auc", **iqm) == "constant 0.1"
    assert best("seed_std") == "linear 1 → 0.05"
    assert best("cpu_time", **iqm) == "constant 1"
    spread = objectives.score(dqn, "seed_std", failures="raise").values.rename(index=label).sort_values()
    assert round(spread.iloc[0]) == 20
    assert spread.iloc[1] > 119.4
    for name in ("final_return", "auc"):
        order = objectives.score(dqn, name, failures="raise", **iqm).values.rename(index=label).sort_values()
        assert list(order.index[:2]) == ["constant 1", "linear 1 → 0.05"]


def test_the_winner_by_the_area_leads_in_four_studies_of_ten(dqn: Runs) -> None:
    areas = pd.DataFrame({"schedule": dqn.column("exploration"), "seed": dqn.column("seed")})
    areas["auc"] = objectives.score(dqn, "auc", failures="raise").values
    wide = areas.pivot(index="schedule", columns="seed", values="auc").to_numpy()
    middle = stats.trim_mean(wide, 0.25, axis=1)
    assert sorted(middle.round())[-3:] == [199, 203, 204]
    rng = np.random.default_rng(0)
    drawn = (stats.trim_mean(wide[:, rng.integers(12, size=12)], 0.25, axis=1) for _ in range(4_000))
    leads = np.mean([one.argmax() == middle.argmax() for one in drawn])
    assert leads == pytest.approx(0.4, abs=0.05)


def test_the_best_return_flatters(dqn: Runs) -> None:
    returns = by_run(dqn.select(dqn.column("exploration").str.contains('"fraction": 1.0')))
    assert returns[:, -1].max() < 95
    assert round(returns[:, -1].mean()) == 69
    assert round(returns.max(axis=1).mean()) == 311


def test_the_bug_makes_intervals_narrow(ppo: Runs, dqn: Runs) -> None:
    def interval(runs: np.ndarray, rng: np.random.Generator, *, whole: bool, n_boot: int = 400) -> np.ndarray:
        shape = (n_boot, len(runs)) if whole else (n_boot, *runs.shape)
        drawn = rng.integers(len(runs), size=shape)
        resampled = runs[drawn] if whole else np.take_along_axis(runs[None], drawn, axis=1)
        return np.quantile(resampled.mean(axis=(1, 2)), [0.025, 0.975])

    rng, runs = np.random.default_rng(0), by_run(ppo.select(learning_rate=1e-3))
    narrow, wide = (np.ptp(interval(runs, rng, whole=whole, n_boot=4_000)) for whole in (False, True))
    assert narrow / wide == pytest.approx(0.75, abs=0.05)
    pool = by_run(dqn.select(dqn.column("exploration").str.contains('"fraction": 0.1')))
    for whole, said in ((False, 0.74), (True, 0.87)):
        rng, held = np.random.default_rng(0), []
        for _ in range(400):
            low, high = interval(pool[rng.integers(len(pool), size=8)], rng, whole=whole)
            held.append(low <= pool.mean() <= high)
        assert np.mean(held) == pytest.approx(said, abs=0.05)


def test_the_area_tells_what_the_end_does_not(ppo: Runs) -> None:
    for name in ("final_return", "auc"):
        found = curves.compare(ppo, name, by="learning_rate", reference=1e-3, rng=0, test="welch").table
        faster = found[found["a"].isin(["learning_rate = 0.003", "learning_rate = 0.01"])]
        assert list(faster["differ"]) == [name == "auc"] * 2
        if name == "auc":
            assert (faster["low"] > 0).all()
            assert faster["difference"].round(-1).tolist() == [60, 60]


def test_the_tolerance_band_promises_little(ppo: Runs) -> None:
    (group,) = curves.tolerance_band(ppo.select(learning_rate=3e-3), method="nonparametric").groups
    assert round(100 * group.achieved) == 49
    holds = [1 - n * 0.9 ** (n - 1) + (n - 1) * 0.9**n for n in (45, 46)]
    assert holds[0] < 0.95 < holds[1]


def test_how_often_small_studies_are_wrong(ppo: Runs) -> None:
    close, apart = studies(ppo, 0.001, 0.003, "final_return"), studies(ppo, 0.0003, 0.001, "final_return")
    assert close.wrong[[0, 2, 9]] == pytest.approx([0.114, 0.226, 0.219], abs=0.01)
    assert close.high[2] > 0.5
    area = studies(ppo, 0.001, 0.003, "auc")
    assert area.wrong[[2, 9]] == pytest.approx([0.09, 0.01], abs=0.012)
    assert apart.wrong[2] == pytest.approx(0.049, abs=0.008)
    assert studies(ppo, 0.0003, 0.001, "auc").wrong[2] < 0.01
    ends = objectives.score(ppo, "final_return", failures="raise").values
    one, other = (ends[ppo.column("learning_rate") == rate].to_numpy() for rate in (0.001, 0.003))
    level = one[:, None] == other
    assert level.mean() == pytest.approx(0.5, abs=0.02)
    assert set(np.broadcast_to(one[:, None], level.shape)[level]) == {500.0}


def test_how_many_seeds_it_takes(ppo: Runs) -> None:
    far, near = ppo.select(learning_rate=[3e-4, 1e-3]), ppo.select(learning_rate=[1e-3, 3e-3])
    needed = [curves.how_many_seeds(far, name, by="learning_rate", rng=0).needed for name in ("final_return", "auc")]
    assert needed == [12, 5]
    power = curves.how_many_seeds(near, "final_return", by="learning_rate", rng=0)
    assert power.needed is None
    assert power.table["n"].max() == 100
    row = power.table.set_index("n").loc[20]
    assert row["low"] < 0.05
    assert row["high"] == pytest.approx(0.75, abs=0.05)


def test_the_winners_curse(dqn: Runs) -> None:
    final = objectives.score(dqn, "final_return", failures="raise").values
    table = pd.DataFrame({"config": dqn.config_id, "seed": dqn.column("seed"), "final": final})
    scores = table.pivot(index="config", columns="seed", values="final").to_numpy()
    rng, tuned, tested = np.random.default_rng(3), [], []
    for _ in range(4_000):
        order = rng.permutation(12)
        winner = scores[:, order[:3]].mean(axis=1).argmax()
        tuned.append(scores[winner, order[:3]].mean())
        tested.append(scores[winner, order[3:]].mean())
    assert (round(np.mean(tuned)), round(np.mean(tested))) == (366, 249)
    chosen = curves.selection(dqn, "final_return", by="exploration", rng=0)
    assert len(chosen.may_be_best) == 4
    assert chosen.table["chosen"].iloc[0] == pytest.approx(0.4, abs=0.03)
    by_area = curves.selection(dqn, "auc", by="exploration", rng=0).by_seeds
    assert round(by_area["curse"].iloc[2]) == 34


def test_a_larger_search_flatters_itself_more() -> None:
    sweep = datasets.load("dqn_cartpole")
    assert set(sweep.configs["n_seeds"]) == {10}
    assert len(sweep.configs) == 256
    final = objectives.score(sweep, "final_return", failures="worst").values
    table = pd.DataFrame({"config": sweep.config_id, "seed": sweep.column("seed"), "final": final})
    scores = table.pivot(index="config", columns="seed", values="final").to_numpy()
    rng, rows = np.random.default_rng(0), {}
    for n_configs in (4, 256):
        found = []
        for _ in range(1_000):
            some, seeds = scores[rng.permutation(256)[:n_configs]], rng.permutation(10)
            winner = some[:, seeds[:3]].mean(axis=1).argmax()
            found.append((some[winner, seeds[:3]].mean(), some[winner, seeds[3:]].mean()))
        rows[n_configs] = np.mean(found, axis=0)
    assert rows[4][1] == pytest.approx(280, abs=20)
    assert rows[256][1] == pytest.approx(425, abs=12)
    assert rows[256][0] > 499
    assert rows[4][0] - rows[4][1] == pytest.approx(20, abs=8)
    assert rows[256][0] - rows[256][1] == pytest.approx(75, abs=12)


def test_where_forecasts_help_and_where_they_do_not() -> None:
    names = ("exploration_cartpole", "exploration_mountaincar", "batch_size_n_steps", "learning_rate_cartpole")
    tests = {name: curves.backtest(datasets.load(name), rng=0) for name in names}
    rows = {name: test.table.iloc[0] for name, test in tests.items()}
    explored, car, steps, ppo = (rows[name] for name in names)
    assert (round(explored["mae"]), round(explored["mae_last"])) == (110, 145)
    assert explored["vs_last_low"] > 0
    assert car["vs_last_low"] < 0 < car["vs_last_high"]
    assert round(steps["vs_last"]) == -9
    assert steps["vs_last_high"] < 0
    assert [round(ppo[name]) for name in ("vs_last", "vs_last_low", "vs_last_high")] == [33, -49, 94]
    assert {round(100 * row["coverage"]) for row in rows.values()} <= {81, 82, 83}
    assert all(0.55 < row["width"] < 0.72 for row in rows.values())

    def errors(name: str, low: float, high: float) -> list[int]:
        runs = tests[name].runs
        moved = runs["actual"] - runs["last"]
        some = runs[(moved > low) & (moved <= high)]
        return [round((some[kind] - some["actual"]).abs().mean()) for kind in ("estimate", "last")]

    assert errors("exploration_cartpole", -np.inf, -100.001) == [43, 144]
    assert errors("exploration_cartpole", 100, np.inf)[0] == 294
    assert errors("learning_rate_cartpole", -100.001, 100) == [154, 44]
    runs = tests["exploration_cartpole"].runs
    assert (runs.loc[runs["actual"] - runs["last"] > 100, "actual"] == 500).any()
    early = tests["exploration_mountaincar"].runs["last"]
    assert (early == -200).mean() > 0.8


def test_what_it_quotes_of_the_landscapes_is_in_the_benchmarks_table() -> None:
    """To measure it again takes minutes."""
    page = (Path(__file__).parents[2] / "benchmarks" / "extrapolation.md").read_text(encoding="utf-8")
    head, _, *rows = [
        [cell.strip() for cell in line.split("|")[1:-1]] for line in page.splitlines() if line.startswith("|")
    ]
    table = pd.DataFrame(rows, columns=head).set_index("data set")
    on_last, on_family = (
        table[column].str.extract(r"(?P<saved>\S+) \((?P<low>\S+) to (?P<high>\S+)\)").astype(float)
        for column in ("saved on last", "saved on family")
    )
    last, error, tied = (table[column].astype(float) for column in ("last", "forecast", "tied"))
    dqn = ["dqn_acrobot", "dqn_cartpole", "dqn_minigrid_empty"]
    assert on_last.loc[dqn, "saved"].round().tolist() == [4, 1, 0]
    assert on_last.loc["dqn_cartpole", "low"] < 0
    assert on_last.loc["dqn_minigrid_empty", "high"] < 0
    assert last[dqn[:2]].round().tolist() == [87, 87]
    assert round(tied["dqn_minigrid_empty"] / 25) == 3
    ppo = ["ppo_cartpole", "ppo_acrobot", "ppo_pendulum"]
    assert on_last.loc[ppo, "saved"].round().tolist() == [14, 5, 21]
    assert (on_last.loc[ppo, "low"] > 0).all()
    assert last[ppo].round().tolist() == [124, 126, 261]
    best = ["dqn_acrobot_best", "ppo_cartpole_best", "dqn_mountaincar_best"]
    assert error[best].round().tolist() == [38, 13, 29]
    assert last[best].round().tolist() == [291, 128, 29]
    assert (len(table), (on_family["low"] > 0).sum(), (on_family["high"] < 0).sum()) == (23, 9, 3)
    assert table.index[on_last["high"] < 0].tolist() == ["batch_size_n_steps", "dqn_minigrid_empty"]
    landscapes = [name for name in table.index if re.match("(dqn|ppo|sac)_", name) and not name.endswith("_best")]
    varied = [name for name in landscapes if tied[name] < 90]
    assert set(landscapes) - set(varied) == {"dqn_mountaincar"}
    covers = table.loc[varied, "coverage"].str.split().str[0].astype(float).round()
    assert (covers.min(), covers.max()) == (79, 81)


def test_twelve_configurations_come_to_400_and_lie_nearly_anywhere() -> None:
    sweep = datasets.load("dqn_cartpole")
    scores = objectives.score(sweep, "final_return", failures="worst", per="config").values
    configs = sweep.configs.loc[scores.index]
    good = configs[scores >= 400]
    assert (len(good), len(configs)) == (12, 256)
    numbers = configs.select_dtypes("number").drop(columns=["steps", "n_seeds"], errors="ignore")
    ranks = numbers.rank(pct=True)
    span = (ranks.loc[good.index].max() - ranks.loc[good.index].min())[numbers.nunique() > 8]
    assert len(span) >= 10
    assert (span > 0.7).mean() > 0.8  # "in most ranges"
