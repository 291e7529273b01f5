"""Data sets: written, listed, read back, and every way in which a file can be wrong."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import rlhp
from rlhp import Runs, __version__, datasets, spaces
from rlhp.sweeps._requests import requests_of
from rlhp.sweeps._session import Session

HERE = Path(__file__).resolve().parents[1] / "data"
SAID: dict[str, Any] = {
    "title": "A study",
    "description": "What was studied.",
    "command": "python data/make.py study",
    "caveats": ["Only two seeds."],
}


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a data folder of our own."""
    monkeypatch.setenv("RLHP_DATA", str(tmp_path))
    return tmp_path


def runs(score: float = 1.0) -> Runs:
    configs = [{"gamma": 0.9}, {"gamma": 0.9}, {"gamma": 0.99}, {"gamma": 0.99}]
    made = Runs.from_table(configs, [score, 2.0, 3.0, 4.0], algorithm="dqn", env_id="CartPole-v1", seeds=[0, 1, 0, 1])
    return Runs(made.table.assign(wall_time_s=900.0), made.evals, made.history)


def same(one: Runs, other: Runs) -> None:
    pd.testing.assert_frame_equal(one.table, other.table)
    pd.testing.assert_frame_equal(one.evals, other.evals)
    pd.testing.assert_frame_equal(one.history, other.history)


def test_what_is_written_is_listed_and_read(root: Path) -> None:
    assert datasets.list() == []
    folder = datasets.write("study", runs(), **SAID)
    assert folder == root / "study"
    assert datasets.list() == ["study"]
    same(datasets.load("study"), runs())
    assert datasets.command("study") == "python data/make.py study"
    assert [path.name for path in root.iterdir()] == ["study"]  # no drafts left behind


def test_the_card_holds_what_a_reader_must_know(root: Path) -> None:
    datasets.write("study", runs(), **SAID)
    card = datasets.card("study")
    assert (card.name, card.title, card.caveats) == ("study", "A study", ("Only two seeds.",))
    assert (card.seeds, card.n_runs, card.hours) == ((0, 1), 4, 1.0)
    assert {"python", "rlhp", "numpy", "pandas"} <= set(card.versions)
    assert card.licence == "CC-BY-4.0"
    assert card.engines == ("imported",)
    assert card.machine
    assert set(card.checksums) == {
        path.relative_to(root / "study").as_posix() for path in (root / "study" / "runs").iterdir()
    }
    text = str(card)
    for part in (
        "study: A study",
        "python data/make.py study",
        "2 seeds (0, 1)",
        "1.0 worker hours",
        "engine   imported",
        "Only two seeds.",
    ):
        assert part in text
    html = card._repr_html_()
    assert "<b>A study</b>" in html
    assert "CC-BY-4.0" in html


def test_a_short_study_took_some_time_all_the_same(root: Path) -> None:
    datasets.write("study", runs(), measured=datasets.Measurement(hours=0.0213), **SAID)
    assert "0.021 worker hours" in str(datasets.card("study"))


def test_a_card_shows_html_as_text(root: Path) -> None:
    datasets.write("study", runs(), **(SAID | {"title": "a < b", "description": "see `x < y`"}))
    shown = datasets.card("study")._repr_html_()
    assert "a &lt; b" in shown
    assert "see <code>x &lt; y</code>" in shown


def test_writing_again_replaces_the_whole(root: Path) -> None:
    datasets.write("study", runs(), **SAID)
    datasets.write("study", runs(score=9.0), **(SAID | {"title": "Again"}))
    same(datasets.load("study"), runs(score=9.0))
    assert datasets.card("study").title == "Again"
    assert [path.name for path in root.iterdir()] == ["study"]


def test_a_failed_write_leaves_the_old_one(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    datasets.write("study", runs(), **SAID)

    def refuse(self: Runs, path: Path) -> Path:
        path.mkdir(parents=True)
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(Runs, "save", refuse)
        with pytest.raises(OSError, match="disk full"):
            datasets.write("study", runs(score=9.0), **SAID)
    same(datasets.load("study"), runs())
    assert [path.name for path in root.iterdir()] == ["study"]


def test_an_unknown_name_names_the_nearest(root: Path) -> None:
    datasets.write("exploration_cartpole", runs(), **SAID)
    with pytest.raises(ValueError, match=r"`exploration_catpole`; did you mean `exploration_cartpole`\?"):
        datasets.load("exploration_catpole")
    with pytest.raises(ValueError, match=r"Looked in .*`make data` in a clone measures those that are missing"):
        datasets.card("../study")


def test_without_a_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RLHP_DATA", str(tmp_path / "nowhere"))
    with pytest.raises(FileNotFoundError, match=r"RLHP_DATA says .*nowhere, which is not a folder; .*set RLHP_DATA"):
        datasets.list()
    monkeypatch.delenv("RLHP_DATA")
    monkeypatch.setattr(datasets, "__file__", str(tmp_path / "rlhp" / "datasets.py"))
    with pytest.raises(FileNotFoundError, match=r"there is no data folder at .*; the measured sweeps come with"):
        datasets.list()


def test_a_clone_needs_no_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RLHP_DATA", raising=False)
    assert datasets.list() == sorted(path.parent.name for path in HERE.glob("*/manifest.json"))


@pytest.mark.parametrize("damage", ["changed", "truncated", "missing"])
def test_a_file_that_is_not_what_was_written(root: Path, damage: str) -> None:
    datasets.write("study", runs(), **SAID)
    victim = next((root / "study" / "runs").glob("evals-*.parquet"))
    content = victim.read_bytes()
    if damage == "missing":
        victim.unlink()
        message = r"evals-\w+.parquet is missing; restore it with `git checkout -- data/study`"
    else:
        victim.write_bytes(content[:-1] if damage == "truncated" else content[:-1] + bytes([content[-1] ^ 1]))
        message = r"evals-\w+.parquet is corrupt: its SHA-256 is \w{12}..., not \w{12}...; restore it with `git"
    with pytest.raises(ValueError, match=message):
        datasets.load("study")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "manifest.json is corrupt"),
        ("[]", "manifest.json is corrupt"),
        ('{"format": 1}', r"manifest.json is corrupt \('seeds'\)"),
        (
            '{"format": 1, "seeds": [], "engines": [], "caveats": [], "titel": ""}',
            r"corrupt .*unexpected keyword argument 'titel'",
        ),
        ('{"format": 2, "new": 1}', r"is of format 2, newer than rlhp [\d.]+ reads \(1\); upgrade rlhp"),
    ],
)
def test_a_manifest_that_cannot_be_read(root: Path, content: str, message: str) -> None:
    datasets.write("study", runs(), **SAID)
    (root / "study" / "manifest.json").write_text(content)
    with pytest.raises(ValueError, match=message):
        datasets.card("study")


@pytest.mark.parametrize("name", ["Study", "a b", "../x", "", "1st"])
def test_names_that_cannot_be(root: Path, name: str) -> None:
    with pytest.raises(ValueError, match="cannot name a data set; use lower-case letters"):
        datasets.write(name, runs(), **SAID)


@pytest.mark.parametrize("empty", ["title", "description", "command", "licence"])
def test_nothing_may_be_left_unsaid(root: Path, empty: str) -> None:
    with pytest.raises(ValueError, match=f"data set `study`: `{empty}` is empty; say it"):
        datasets.write("study", runs(), **(SAID | {empty: " "}))


def test_a_data_set_has_runs(root: Path) -> None:
    with pytest.raises(ValueError, match="data set `study` would hold no runs"):
        datasets.write("study", runs().select(seed=7), **SAID)


def test_the_manifest_is_plain_json(root: Path) -> None:
    elsewhere = datasets.Measurement(hours=2.5, machine="a laptop", versions={"python": "3.11"})
    folder = datasets.write("study", runs(), measured=elsewhere, **SAID)
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["format"] == 1
    assert manifest["command"] == SAID["command"]
    assert manifest["seeds"] == [0, 1]
    assert (manifest["hours"], manifest["machine"], manifest["versions"]) == (2.5, "a laptop", {"python": "3.11"})
    assert b"\r" not in (folder / "manifest.json").read_bytes()


def test_every_data_set_of_the_repository_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RLHP_DATA", raising=False)
    for name in datasets.list():
        card = datasets.card(name)
        found = datasets.load(name)
        assert len(found) == card.n_runs
        assert sorted(set(found.table["seed"])) == [*card.seeds]
        assert f"data/make.py {name}" in card.command
        assert card.hours > 0


# --- how the data sets of this repository are made ---------------------------------------------------------------


@pytest.fixture
def make(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Give data/make.py, which is a script, as a module."""
    monkeypatch.syspath_prepend(str(HERE))
    spec = importlib.util.spec_from_file_location("data_make", HERE / "make.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "data_make", module)
    spec.loader.exec_module(module)
    return module


def pretend(make: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, score: Any) -> list[dict[str, Any]]:
    """Let `make` work in an own folder and not train: `score(config, seed)` is what a run ends at."""
    monkeypatch.setattr(make, "HERE", tmp_path)
    calls = []

    def sweep(algorithm: str, env_id: str, configs: Any, *, steps: int, seeds: Any, **options: Any) -> Runs:
        rows = [(config, seed) for config in configs for seed in seeds]
        calls.append({"configs": configs, "steps": steps, "seeds": [*seeds], "out": options["out"].name})
        made = Runs.from_table(
            [config for config, _ in rows],
            [score(config, seed) for config, seed in rows],
            algorithm=algorithm,
            env_id=env_id,
            seeds=[seed for _, seed in rows],
            steps=steps,
        )
        return Runs(made.table.assign(cpu_time_s=1.0, engine=options["engine"]), made.evals, made.history)

    monkeypatch.setattr(make.rlhp, "sweep", sweep)
    return calls


def test_a_landscape_and_its_best_with_fresh_seeds(root: Path, make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    small = make.Landscape("dqn", "CartPole-v1", 1000, n_configs=16, n_seeds=3, n_fresh=2)
    make.STUDIES.update(make._landscape("small", small))
    calls = pretend(make, monkeypatch, root, lambda config, seed: config["gamma"] + seed)
    make.measure("small_best", None)  # the landscape is not there yet: it is measured first
    assert datasets.list() == ["small", "small_best"]
    whole, best = datasets.load("small"), datasets.load("small_best")
    assert [call["seeds"] for call in calls] == [[0, 1, 2], [3, 4]]
    assert [call["out"] for call in calls] == ["small", "small_best"]
    assert (len(whole), len(best)) == (48, 20)
    gammas = sorted((config["gamma"] for config in small.configs()), reverse=True)
    assert best.configs["gamma"].tolist() == gammas[:10]
    assert set(best.config_id) < set(whole.config_id)
    assert set(best.table.index).isdisjoint(whole.table.index)
    make.measure("small_best", None)
    assert len(calls) == 3  # the landscape stands: only its best are looked at again
    card = datasets.card("small_best")
    assert card.command == "python data/make.py small_best"
    assert card.engines == ("jax",)
    assert card.seeds == (3, 4)
    assert "`small`" in card.description
    assert any("`small`, which the choice flatters" in caveat for caveat in card.caveats)


def test_a_grid_and_what_it_and_searches_take_with_fresh_seeds(
    root: Path, make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    levels = {"gamma": (0.9, 0.99), "learning_rate": (1e-4, 1e-3, 1e-2)}
    small = make.Grid("dqn", "CartPole-v1", 1000, levels, {"net_arch": [64, 64]})
    make.STUDIES.update(make._rivals("small", small))
    monkeypatch.setattr(
        make.Grid, "searched", lambda grid, search, folder: {**grid.configs()[0], "learning_rate": 2e-4 * (search + 1)}
    )
    # Seed 1 thinks otherwise than the others, and is outvoted where both of them are there.
    calls = pretend(make, monkeypatch, root, lambda config, seed: config["gamma"] * (-1.5 if seed == 1 else 1))
    make.measure("small_judged", None)
    whole, judged = datasets.load("small"), datasets.load("small_judged")
    assert [call["seeds"] for call in calls] == [[0, 1, 2], [*range(1000, 1010)]]
    assert (len(whole), len(judged)) == (6 * 3, 7 * 10)
    rates = judged.configs["learning_rate"].tolist()
    assert rates[:5] == pytest.approx([2e-4 * (search + 1) for search in range(5)])
    assert judged.configs["gamma"].tolist()[5:] == [0.99, 0.9], "with all seeds first"
    assert small.budget == 1_800, "a tenth of 6 x 3 x 1,000 steps"


def test_the_grids_here_are_what_is_combined_today_within_the_box_of_their_searches(
    make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RLHP_DATA", raising=False)
    for name in set(make.GRIDS) & set(datasets.list()):
        grid, runs = make.GRIDS[name], datasets.load(name)
        assert len(runs) == len(grid.configs()) * len(datasets.card(name).seeds)
        for hyperparameter, levels in grid.levels.items():
            assert sorted(set(runs.configs[hyperparameter])) == sorted(levels)
        unit = spaces.to_unit(grid.box, runs.configs[list(grid.box)])
        assert (unit.min(), unit.max()) == (pytest.approx(0), pytest.approx(1))
        judged = datasets.load(f"{name}_judged")
        searches = judged.configs.iloc[:5][list(grid.box)]
        assert spaces.to_unit(grid.box, searches).shape == (5, len(grid.box)), "which refuses what is not in the box"
        assert grid.taken(runs, (0, 1, 2)) in set(judged.config_id)
        assert not set(judged.table["seed"]) & set(runs.table["seed"])


def test_equals_are_told_apart_by_the_area_under_the_curve(make: Any) -> None:
    small = make.Landscape("dqn", "CartPole-v1", 100, n_configs=16, n_seeds=1)
    made = Runs.from_table(small.configs(), [500.0] * 16, algorithm="dqn", env_id="CartPole-v1", steps=100)
    earlier = made.evals.assign(step=10, return_mean=[float(number) for number in range(16)])
    runs = Runs(made.table, pd.concat([made.evals, earlier], ignore_index=True), made.history)
    assert small.best(runs) == small.configs()[:5:-1]


def test_a_crash_is_never_among_the_best(make: Any) -> None:
    small = make.Landscape("dqn", "CartPole-v1", 100, n_configs=16, n_seeds=1)
    scores = [float("nan")] * 4 + [-1.0] * 12
    runs = Runs.from_table(small.configs(), scores, algorithm="dqn", env_id="CartPole-v1", steps=100)
    assert small.best(runs) == small.configs()[4:14]


def test_runs_of_another_drawing_are_refused(make: Any) -> None:
    small = make.Landscape("dqn", "CartPole-v1", 100, n_configs=16, n_seeds=1)
    other = Runs.from_table([{"learning_rate": 0.1}], [1.0], algorithm="dqn", env_id="CartPole-v1")
    with pytest.raises(ValueError, match="of 1 other configurations than the 16 that are drawn today; measure the"):
        small.best(other)


def test_compiled_studies_are_trained_at_once_and_others_by_halves(
    root: Path, make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = pretend(make, monkeypatch, root, lambda config, seed: float(seed))
    make.measure("batch_size_n_steps", None)
    make.measure("learning_rate_cartpole", None)
    assert [call["seeds"] for call in calls] == [[*range(8)], [*range(8)], [*range(16)]]


def test_the_landscapes_here_are_what_is_drawn_today(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RLHP_DATA", raising=False)
    landscapes = [name for one in make.LANDSCAPES for name in (one, f"{one}_best")]
    for name in set(landscapes) & set(datasets.list()):
        study, card = make.STUDIES[name], datasets.card(name)
        assert (card.title, card.engines) == (study.title, (study.engine,))
        assert [*card.seeds] == [*(range(study.seeds) if isinstance(study.seeds, int) else study.seeds)]
        drawn = study.drawn()
        assert card.n_runs == len(drawn) * len(card.seeds)
        if study.rests_on is not None:
            chosen = datasets.load(name).configs["learning_rate"].tolist()
            assert chosen == [config["learning_rate"] for config in drawn]


def test_all_data_sets_are_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RLHP_DATA", raising=False)
    whole = sum(file.stat().st_size for name in datasets.list() for file in (HERE / name).rglob("*") if file.is_file())
    assert whole < 40e6


# --- measured again ----------------------------------------------------------------------------------------------

# After so many updates training has amplified what two machines round differently, and a run is another draw.
MOST_UPDATES = 200
# On Pendulum, whose actions are continuous, the later evaluations differ even after few updates.
MOST_EVALUATIONS = {"Pendulum-v1": 3}


def updates(config: dict[str, Any], step: int) -> float:
    """Count the updates that a run has made by an environment step."""
    if "n_epochs" in config:
        rollout = config["n_envs"] * config["n_steps"]
        return step // rollout * config["n_epochs"] * -(-rollout // config["batch_size"])
    per_round = config["train_freq"] if config["gradient_steps"] < 0 else config["gradient_steps"]
    return max(0, step - config["learning_starts"]) / config["train_freq"] * per_round


def trained_until(study: Any, config: dict[str, Any], seed: int, step: int) -> pd.DataFrame:
    """Train one run of a study up to its evaluation at a step, and give what was evaluated."""
    requests = requests_of(
        study.algorithm,
        study.env_id,
        [config],
        steps=study.steps,
        seeds=[seed],
        engine=study.engine,
        evaluation=rlhp.Evaluation(study.eval_every),
    )
    training = Session(requests, execution=rlhp.Execution(workers=1))
    enough = threading.Event()

    def listen(event: dict[str, Any]) -> None:
        if event["event"] == "done" or (event["event"] == "eval" and event["row"]["step"] >= step):
            enough.set()

    training.listen(listen)
    with contextlib.closing(training):
        training.start()
        enough.wait()
        training.stop()
        evals = training.snapshot().evals
    return evals[evals["step"] <= step].reset_index(drop=True)


# One of each algorithm and engine, on the environment that costs least; then all others.
@pytest.mark.parametrize(
    "name",
    [
        "learning_rate_cartpole",
        "dqn_minigrid_empty",
        "ppo_cartpole",
        "sac_pendulum",
        *(
            pytest.param(name, marks=pytest.mark.hard)
            for name in ("dqn_cartpole", "dqn_acrobot", "dqn_mountaincar", "ppo_acrobot", "ppo_pendulum")
        ),
    ],
)
def test_a_random_run_is_measured_again(name: str, make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RLHP_DATA", raising=False)
    if name not in datasets.list():
        pytest.skip(f"{name} is not measured yet; `python data/make.py {name}`")
    study, runs, rng = make.STUDIES[name], datasets.load(name), np.random.default_rng(0)
    steps = sorted(set(runs.evals["step"]))
    learning = [config for config in study.drawn() if 0 < updates(config, steps[0]) <= MOST_UPDATES]
    config = learning[rng.integers(len(learning))]
    compared = steps[: MOST_EVALUATIONS.get(study.env_id)]
    until = max(step for step in compared if updates(config, step) <= MOST_UPDATES)
    again = trained_until(study, config, int(rng.choice(datasets.card(name).seeds)), until)
    # The id is a hash of all that defines a run.
    found = runs.evals[runs.evals["run_id"].isin(again["run_id"]) & (runs.evals["step"] <= until)]
    assert len(found) > 0
    older = datasets.card(name).versions["rlhp"].rpartition(".")[0] != __version__.rpartition(".")[0]
    alike_to_the_digit = np.allclose(again["return_mean"], found["return_mean"], rtol=1e-3)
    if older or (study.engine == "sb3" and not alike_to_the_digit):
        # Torch's products round as the processor has it, and a policy that differs by a bit soon acts differently: on
        # another kind of processor the same seed is another run, of the same configuration. So it is in the compiled
        # engine where an earlier version, which drew other random numbers, measured the data.
        alike = runs.select(ids=list(runs.config_id.index[runs.config_id == runs.config_id[found["run_id"].iloc[0]]]))
        for step, mine in zip(again["step"], again["return_mean"], strict=True):
            seeds = alike.evals.loc[alike.evals["step"] == step, "return_mean"]
            assert abs(mine - seeds.mean()) <= 5 * seeds.std()
        return
    pd.testing.assert_frame_equal(again, found.reset_index(drop=True)[again.columns], rtol=1e-3)
