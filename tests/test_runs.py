from __future__ import annotations

import inspect
import json

import numpy as np
import pandas as pd
import pytest
from ConfigSpace import ConfigurationSpace

from rlhp import curves, importance, readers, spaces
from rlhp.frames import content_hash, content_hashes
from rlhp.parquet import write_frames
from rlhp.runs import Runs, concat, empty_history, run_id
from rlhp.schedules import Linear

NO_INTERVAL = importance.Fit(n_boot=0)


def assert_same(left: Runs, right: Runs) -> None:
    for frame in ("table", "evals", "history"):
        pd.testing.assert_frame_equal(getattr(left, frame), getattr(right, frame))


@pytest.fixture
def runs() -> Runs:
    """Three runs whose hyperparameters are of every kind a cell can hold."""
    table = pd.DataFrame(
        {
            "run_id": ["a", "b", "c"],
            "algorithm": "dqn",
            "env_id": "CartPole-v1",
            "engine": "sb3",
            "seed": [0, 1, 0],
            "steps": 100,
            "status": ["finished", "diverged", "finished"],
            "wall_time_s": [1.0, np.nan, 2.0],
            "cpu_time_s": [1.0, 0.5, 2.0],
            "error": ["", "not finite", ""],
            "hp.learning_rate": [1e-3, 1e-3, 1e-2],
            "hp.batch_size": [32, 32, 64],
            "hp.normalize": [True, True, False],
            "hp.net_arch": [[64, 64], [64, 64], [32]],
            "hp.exploration": [Linear(1.0, 0.1, 0.5), Linear(1.0, 0.1, 0.5), 0.1],
            "hp.activation": ["relu", "relu", None],
            "hp.target_kl": [None, None, 0.1],
        }
    )
    evals = pd.DataFrame(
        {
            "run_id": ["c", "a", "a", "c"],
            "step": [100, 100, 50, 50],
            "return_mean": [4.0, 2.0, 1.0, 3.0],
            "return_std": 0.5,
            "n_episodes": 10,
            "length_mean": 20.0,
            "entropy": [0.1, 0.2, 0.3, np.nan],
        }
    )
    history = pd.DataFrame({"run_id": ["a"], "step": [50], "name": ["gamma"], "value": [0.9], "parent": [None]})
    return Runs(table, evals, history)


class TestSchema:
    def test_orders_evaluations_by_run_then_step(self, runs):
        assert runs.evals["run_id"].tolist() == ["a", "a", "c", "c"]
        assert runs.evals["return_mean"].tolist() == [1.0, 2.0, 3.0, 4.0]

    def test_gives_each_hyperparameter_its_type(self, runs):
        kinds = runs.table.filter(like="hp.").dtypes.astype(str).to_dict()
        assert kinds["hp.learning_rate"] == kinds["hp.target_kl"] == "float64"
        assert kinds["hp.batch_size"] == "int64"
        assert kinds["hp.normalize"] == "bool"
        assert kinds["hp.net_arch"] == "str"
        assert kinds["hp.exploration"] == "object"
        assert runs.table.at["a", "hp.net_arch"] == "[64, 64]"
        assert runs.table.at["c", "hp.exploration"] == 0.1

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            (lambda t: t.drop(columns="status"), "table: column `status` is missing"),
            (lambda t: t.assign(statu="x"), r"unknown column `statu` for table; did you mean `status`\?"),
            (lambda t: t.assign(learning_rate=1), "Hyperparameters are columns named `hp.<name>`"),
            (lambda t: t.assign(status="finnished"), "did you mean `finished`"),
            (lambda t: t.assign(seed=0.5), "column `seed` must hold whole numbers; it holds 0.5"),
            (lambda t: t.assign(wall_time_s="soon"), "`wall_time_s` holds something that is not a number"),
            (lambda t: t.assign(steps=-1), "`steps` is negative"),
            (lambda t: t.assign(**{"hp.gamma": np.inf}), r"`hp.gamma` \(run `a`\): a hyperparameter cannot be inf"),
            (lambda t: t.assign(**{"hp.gamma": [object()] * 3}), r"`hp.gamma` \(run `a`\): a hyperparameter cannot be"),
            (lambda t: pd.concat([t, t]), "3 run ids stand twice, first `a`"),
            (lambda t: t.rename_axis("id"), "index must be named `run_id`"),
            (lambda t: t.assign(seed=np.uint64(2**63)), r"`seed` holds 9223372036854775808.*does not fit 64 bits"),
            (lambda t: t.assign(seed=[0, np.nan, 1]), "`seed` must hold whole numbers; it holds nan"),
            (lambda t: t.assign(seed=[0, pd.NA, 1]), "`seed` must hold whole numbers; it holds nan"),
            (lambda t: t.assign(seed=np.inf), "`seed` must hold whole numbers; it holds inf"),
            (lambda t: t.assign(seed=[0, [1], 1]), r"`seed` holds something that is not a number: \[1\]"),
            (lambda t: t.assign(seed=1j), "`seed` holds something that is not a number"),
            (lambda t: t.assign(algorithm=2.5), r"`algorithm` holds 2\.5"),
            (lambda t: t.assign(**{"hp.gamma": 2**70}), "give a number that fits 64 bits"),
            (lambda t: pd.concat([t, t["seed"]], axis=1), "two columns are named `seed`"),
            (lambda t: t.rename(columns={"seed": 5}), "a column is named 5"),
        ],
    )
    def test_refuses_a_wrong_table_naming_the_column(self, runs, change, message):
        with pytest.raises(ValueError, match=message):
            Runs(change(runs.table), runs.evals, runs.history)

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            (lambda e: e.drop(columns="step"), "evals: column `step` is missing"),
            (lambda e: e.assign(reward=1.0), "unknown column `reward` for evals"),
            (lambda e: e.assign(run_id="zz"), r"run `zz` is not in the table"),
            (lambda e: e.assign(return_mean=np.nan), "not finite in 4 rows, first in run `a` at step 50"),
            (lambda e: e.assign(step=50), "run `a` has two evaluations at step 50"),
            (lambda e: e.assign(step=-1), "`step` is negative"),
            (lambda e: e.assign(step="ten"), "`step` holds something that is not a number: 'ten'"),
            (lambda e: pd.concat([e, e["step"]], axis=1), "evals: two columns are named `step`"),
        ],
    )
    def test_refuses_wrong_evaluations(self, runs, change, message):
        with pytest.raises(ValueError, match=message):
            Runs(runs.table, change(runs.evals), runs.history)

    def test_refuses_wrong_history(self, runs):
        with pytest.raises(ValueError, match="unknown column `valu` for history"):
            Runs(runs.table, runs.evals, runs.history.rename(columns={"value": "valu"}))

    def test_a_copy_between_runs_is_at_an_evaluation_of_one_of_them(self, runs):
        def told(**change):
            row = {"run_id": "c", "step": 100, "name": "weights", "value": np.nan, "parent": "a"} | change
            return Runs(runs.table, runs.evals, pd.DataFrame([row]))

        assert told().history["parent"].tolist() == ["a"]
        assert told(step=0).history["step"].tolist() == [0]
        assert told(parent="elsewhere", step=70).history["parent"].tolist() == ["elsewhere"]  # somebody selected
        assert told().select(["c"]).history["parent"].tolist() == ["a"]
        with pytest.raises(ValueError, match="run `c` goes on from run `a` at step 70, where neither was evaluated"):
            told(step=70)
        with pytest.raises(ValueError, match="run `c` is its own parent"):
            told(parent="c")
        with pytest.raises(ValueError, match="history: `step` is negative"):
            told(step=-1)

    def test_a_change_may_have_a_label(self, runs, tmp_path):
        assert runs.history["label"].tolist() == [""]
        history = runs.history.assign(value=np.nan, label="relu", name="activation")
        labelled = Runs(runs.table, runs.evals, history)
        assert_same(Runs.load(labelled.save(tmp_path)), labelled)

    def test_members_of_a_population_are_no_plain_runs(self, runs, tmp_path):
        assert "population" not in runs.table
        table = runs.table.assign(population=["p", "", ""], member=[3, np.nan, np.nan])
        members = Runs(table, runs.evals, runs.history)
        assert_same(Runs.load(members.save(tmp_path)), members)
        assert members.config_id["a"] != runs.config_id["a"]
        assert members.config_id["c"] == runs.config_id["c"]
        assert members.select(population="p").table["member"].tolist() == [3.0]
        other = Runs.from_table([{"gamma": 0.5}], [1.0])
        assert concat([members, other]).table["population"].tolist() == ["p", "", "", ""]

    def test_a_frame_is_a_data_frame(self, runs):
        with pytest.raises(TypeError, match=r"`table` is \[1\]; give `DataFrame`.*from_frame"):
            Runs([1], runs.evals, runs.history)
        with pytest.raises(TypeError, match="`policies` is 5"):
            Runs(runs.table, runs.evals, runs.history, 5)

    def test_may_be_empty(self, runs, tmp_path):
        empty = Runs(runs.table.iloc[:0], runs.evals.iloc[:0], empty_history())
        empty.save(tmp_path)
        assert len(Runs.load(tmp_path)) == 0
        assert "no runs" in repr(empty)
        assert "no runs" in empty._repr_html_()


class TestUpdates:
    """How many gradient steps a run took, where that is known."""

    def test_runs_that_do_not_say_are_not_known_and_load_again(self, runs, tmp_path):
        assert runs.table["n_updates"].isna().all()
        assert len(runs.select(n_updates=0)) == 0
        assert_same(Runs.load(runs.save(tmp_path)), runs)

    def test_a_table_on_disk_without_the_column_is_still_read(self, runs, tmp_path, monkeypatch):
        monkeypatch.setattr("rlhp.parquet.SCHEMA_VERSION", 1)
        without = runs.table.drop(columns="n_updates")
        write_frames(tmp_path, {"table": without, "evals": runs.evals, "history": runs.history}, {})
        monkeypatch.undo()
        assert_same(Runs.load(tmp_path), runs)

    def test_those_that_never_updated_are_asked_for_by_name_and_said(self, runs):
        counted = Runs(runs.table.assign(n_updates=[0, 7, np.nan]), runs.evals, runs.history)
        assert counted.select(n_updates=0).table.index.tolist() == ["a"]
        assert repr(counted).endswith("2 finished, 1 diverged; 1 never updated)")
        assert "never updated" not in repr(runs)

    @pytest.mark.parametrize("count", [-1, 0.5, np.inf])
    def test_a_count_that_cannot_be_is_refused(self, runs, count):
        with pytest.raises(ValueError, match=r"`n_updates` is .* for run `b`; give the gradient steps"):
            Runs(runs.table.assign(n_updates=[0, count, 1]), runs.evals, runs.history)


class TestDisk:
    def test_round_trips_exactly(self, runs, tmp_path):
        runs.save(tmp_path / "runs")
        assert_same(Runs.load(tmp_path / "runs"), runs)

    def test_keeps_every_bit_of_a_float(self, runs, tmp_path):
        values = np.random.default_rng(0).normal(size=4)
        exact = Runs(runs.table, runs.evals.assign(return_mean=values), runs.history)
        exact.save(tmp_path)
        assert (Runs.load(tmp_path).evals["return_mean"].to_numpy() == values).all()

    def test_saving_again_leaves_only_the_new(self, runs, tmp_path):
        runs.save(tmp_path)
        runs.select(["a"]).save(tmp_path)
        assert len(Runs.load(tmp_path)) == 1
        assert len(list(tmp_path.glob("*.parquet"))) == 3

    def test_a_save_that_fails_leaves_the_old(self, runs, tmp_path, monkeypatch):
        runs.save(tmp_path)

        def full(*args, **kwargs):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("os.fsync", full)
        with pytest.raises(OSError, match=r"could not write .*No space left.*unchanged"):
            runs.select(["a"]).save(tmp_path)
        assert_same(Runs.load(tmp_path), runs)
        assert not list(tmp_path.glob(".*tmp"))

    def test_refuses_a_changed_file(self, runs, tmp_path):
        runs.save(tmp_path)
        file = next(tmp_path.glob("evals-*.parquet"))
        content = bytearray(file.read_bytes())
        content[len(content) // 2] ^= 1
        file.write_bytes(bytes(content))
        with pytest.raises(ValueError, match=r"evals-.* is corrupt \(its checksum differs"):
            Runs.load(tmp_path)

    def test_refuses_a_missing_file(self, runs, tmp_path):
        runs.save(tmp_path)
        next(tmp_path.glob("table-*.parquet")).unlink()
        with pytest.raises(ValueError, match=r"table-.* is missing; restore it"):
            Runs.load(tmp_path)

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "{",
            "[]",
            "{}",
            "null",
            "5",
            '"table"',
            '{"table": 5}',
            '{"schema_version": "x"}',
            '{"schema_version": true, "files": {}}',
            '{"schema_version": 1, "files": []}',
            '{"schema_version": 1, "files": {}}',
            '{"schema_version": 1, "files": {"tabel": {}}}',
            '{"schema_version": 1, "files": {"table": 5, "evals": 5, "history": 5}}',
            '{"schema_version": 1, "format": "zip", "files": {}}',
            "[" * 100_000,
        ],
    )
    def test_refuses_a_corrupt_spec(self, runs, tmp_path, text):
        runs.save(tmp_path)
        (tmp_path / "spec.json").write_text(text)
        with pytest.raises(ValueError, match=r"spec.json is corrupt"):
            Runs.load(tmp_path)
        with pytest.raises(ValueError, match=r"spec.json is corrupt"):
            runs.save(tmp_path)  # it might be mended, so it is not written over
        assert len(list(tmp_path.glob("*.parquet"))) == 3

    @pytest.mark.parametrize(
        ("key", "value"), [("file", "../../table-0123456789ab.parquet"), ("file", 5), ("json_columns", "abc")]
    )
    def test_refuses_a_spec_that_leads_elsewhere(self, runs, tmp_path, key, value):
        runs.save(tmp_path)
        spec = json.loads((tmp_path / "spec.json").read_text())
        spec["files"]["table"][key] = value
        (tmp_path / "spec.json").write_text(json.dumps(spec))
        with pytest.raises(ValueError, match=rf"spec.json is corrupt \(`{key}` of table"):
            Runs.load(tmp_path)

    def test_refuses_a_newer_schema(self, runs, tmp_path):
        runs.save(tmp_path)
        spec = json.loads((tmp_path / "spec.json").read_text())
        (tmp_path / "spec.json").write_text(json.dumps({**spec, "schema_version": 99}))
        with pytest.raises(ValueError, match=r"newer rlhp \(schema 99.*upgrade rlhp"):
            Runs.load(tmp_path)

    def test_says_where_nothing_is(self, tmp_path):
        with pytest.raises(FileNotFoundError, match="no runs at"):
            Runs.load(tmp_path)


class TestAsking:
    def test_select_by_names_values_and_ids(self, runs):
        assert runs.select(learning_rate=1e-3).table.index.tolist() == ["a", "b"]
        assert runs.select(status="finished", seed=[0]).table.index.tolist() == ["a", "c"]
        assert runs.select(net_arch=[[64, 64]]).table.index.tolist() == ["a", "b"]
        assert runs.select(exploration=Linear(1.0, 0.1, 0.5)).table.index.tolist() == ["a", "b"]
        assert runs.select(["c"]).evals["step"].tolist() == [50, 100]
        assert runs.select(runs.table["seed"] == 1).table.index.tolist() == ["b"]
        assert runs.select(runs.table["seed"] == 0, status="finished").table.index.tolist() == ["a", "c"]
        assert len(runs.select(["a"]).history) == 1

    def test_select_refuses_unknown_names(self, runs):
        with pytest.raises(ValueError, match="did you mean `learning_rate`"):
            runs.select(learning_rat=1)
        with pytest.raises(ValueError, match="unknown run `zz`"):
            runs.select(["zz"])

    def test_a_list_may_be_a_value_and_none_is_inactive(self, runs):
        assert runs.select(net_arch=[64, 64]).table.index.tolist() == ["a", "b"]
        assert runs.select(net_arch=(64, 64)).table.index.tolist() == ["a", "b"]
        assert runs.select(net_arch=[[64, 64], [32]]).table.index.tolist() == ["a", "b", "c"]
        assert runs.select(batch_size=[32, 64]).table.index.tolist() == ["a", "b", "c"]
        assert runs.select(activation=None).table.index.tolist() == ["c"]
        assert runs.select(target_kl=[None, 0.1]).table.index.tolist() == ["a", "b", "c"]
        assert runs.select(target_kl=np.nan).table.index.tolist() == ["a", "b"]
        assert runs.select(normalize=False).table.index.tolist() == ["c"]

    def test_a_mask_is_aligned_and_whole(self, runs):
        mask = pd.Series([True, False, True], index=["c", "b", "a"])
        assert runs.select(mask).table.index.tolist() == ["a", "c"]
        assert runs.select([True, False, False]).table.index.tolist() == ["a"]
        assert runs.select(runs.table["seed"].to_numpy() == 0).table.index.tolist() == ["a", "c"]
        assert runs.select("b").table.index.tolist() == ["b"]
        assert len(runs.select([])) == 0
        with pytest.raises(ValueError, match="`ids` is a mask without an entry for each run"):
            runs.select(pd.Series([True, False, True]))
        with pytest.raises(ValueError, match="`ids` is a mask of 2 for 3 runs"):
            runs.select([True, False])
        with pytest.raises(TypeError, match="`ids` is 5"):
            runs.select(5)
        with pytest.raises(ValueError, match=r"`ids` names the unknown run `\[1\]`"):
            runs.select([[1]])

    @pytest.mark.parametrize("name", ["algorithm", "seed", "steps", "engine", "status", "env_id"])
    def test_a_hyperparameter_named_like_a_column_is_ambiguous(self, name):
        runs = Runs.from_table([{name: "x"}, {name: "y"}], [1.0, 2.0])
        for ask in (lambda: runs.column(name), lambda: runs.select(**{name: "x"})):
            with pytest.raises(ValueError, match=f"'table.{name}' or 'hp.{name}'"):
                ask()
        with pytest.raises(ValueError, match="ambiguous"):
            curves.iqm(runs, by=name, rng=0)
        assert len(runs.select(**{f"hp.{name}": "x"})) == 1
        assert len(runs.select(**{f"table.{name}": runs.table[name].iloc[0]})) == 2
        assert runs.configs[name].tolist() == ["x", "y"]
        assert runs.configs.columns.is_unique
        assert runs.factors == [f"hp.{name}", "table.algorithm" if name == "algorithm" else "algorithm"]
        assert runs.column(runs.factors[0]).tolist() == ["x", "y"]

    @pytest.mark.parametrize("name", ["steps", "n_seeds", "engine"])
    def test_importance_takes_the_hyperparameter_and_not_the_column(self, name):
        shares = []
        for called in (name, "gamma"):
            space = ConfigurationSpace({called: (0.0, 1.0), "z": (0.0, 1.0)})
            configs = spaces.sample(space, 64, method="sobol", rng=0)[["z", called]]
            runs = Runs.from_table(configs, configs[called])
            shares.append(importance.ped_anova(runs, space, rng=0, fit=NO_INTERVAL).shares())
        assert shares[0][name] == pytest.approx(shares[1]["gamma"])
        assert shares[0][name] > 0.5

    def test_configurations_group_seeds(self, runs):
        ids = runs.config_id
        assert ids["a"] == ids["b"] != ids["c"]
        assert runs.configs["n_seeds"].tolist() == [2, 1]
        assert runs.configs.loc[ids["c"], "batch_size"] == 64

    def test_configuration_is_the_same_in_any_company(self, runs):
        # `batch_size` is an int column in one table and a float column where another run lacks it.
        other = Runs.from_table([{"gamma": 0.9}], [1.0])
        assert concat([runs, other]).config_id["a"] == runs.config_id["a"]

    def test_concat_keeps_a_shared_run_once(self, runs):
        assert_same(concat([runs, runs.select(["a"])]), runs)

    def test_concat_refuses_two_truths(self, runs):
        other = Runs(runs.table, runs.evals.assign(return_mean=0.0), runs.history)
        with pytest.raises(ValueError, match="run `a` stands in two tables"):
            concat([runs, other])

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            (
                {"status": "diverged"},
                r"run `a` stands in two tables with different `status` \('finished' and 'diverged'\)",
            ),
            ({"hp.learning_rate": 0.5}, "run `a` stands in two tables with different `hp.learning_rate`"),
            ({"hp.gamma": 0.5}, "run `a` stands in two tables with different `hp.gamma`"),
            ({"seed": 7}, "different `seed`"),
        ],
    )
    def test_concat_refuses_two_runs_of_one_id(self, runs, change, message):
        other = Runs(runs.table.assign(**change), runs.evals, runs.history)
        with pytest.raises(ValueError, match=message):
            concat([other, runs])

    def test_concat_refuses_two_histories(self, runs):
        other = Runs(runs.table, runs.evals, runs.history.assign(value=0.5))
        with pytest.raises(ValueError, match="run `a` stands in two tables with different history"):
            concat([runs, other])

    def test_concat_takes_what_is_the_same_run(self, runs):
        slower = Runs(runs.table.assign(wall_time_s=9.0), runs.evals, runs.history)
        with_less = Runs(runs.table.drop(columns=["hp.target_kl"]), runs.evals, runs.history).select(["a"])
        assert_same(concat([runs, slower, with_less]), runs)

    def test_concat_keeps_the_version_that_was_trained_further(self, runs):
        paused = stopped_at(runs, "c", 1)
        for order in ([runs, paused], [runs.select(["a", "b"]), paused, runs]):
            assert_same(concat(order), runs)
        again = stopped_at(runs, "c", 0)
        assert_same(concat([again, paused, again]), paused)

    def test_concat_refuses_a_version_that_is_no_beginning(self, runs):
        paused = stopped_at(runs, "c", 1)
        other = Runs(paused.table, paused.evals.assign(return_mean=0.5), paused.history)
        step = paused.evals["step"].iloc[0]
        for order in ([other, runs], [runs, other], [paused, other]):
            with pytest.raises(
                ValueError, match=rf"run `c` .* different evaluations from step {step} on; give one a new"
            ):
                concat(order)

    def test_concat_of_a_paused_run_still_refuses_another_run(self, runs):
        paused = stopped_at(runs, "c", 1)
        with pytest.raises(ValueError, match=r"run `c` stands in two tables with different `hp.target_kl`"):
            concat([Runs(paused.table.assign(**{"hp.target_kl": 0.5}), paused.evals, paused.history), runs])

    def test_concat_keeps_the_place_of_the_first_table(self, runs):
        names = list(runs.table.index)
        assert concat([stopped_at(runs, "c", 1), runs]).table.index.tolist() == ["c", *[n for n in names if n != "c"]]

    def test_concat_says_what_it_takes(self, runs):
        for wrong in (runs, 5, "runs", [runs, 5]):
            with pytest.raises(TypeError, match="`many"):
                concat(wrong)

    def test_concat_of_nothing(self):
        with pytest.raises(ValueError, match="nothing to join"):
            concat([])

    def test_shows_what_it_holds(self, runs):
        assert repr(runs) == (
            "Runs(3 runs of dqn on CartPole-v1; 2 configurations, 2 seeds, up to 100 steps; 2 finished, 1 diverged)"
        )
        assert "<table" in runs._repr_html_()


def stopped_at(runs, name, n):
    """The run as it was when it had been evaluated n times."""
    one = runs.select([name])
    return Runs(one.table.assign(status="stopped", n_updates=1.0, wall_time_s=0.5), one.evals.iloc[:n], one.history)


class TestNaming:
    def test_a_run_is_named_by_its_content(self):
        parts = {"algorithm": "dqn", "env_id": "E", "engine": "sb3", "seed": 0, "steps": 10}
        name = run_id(**parts, config={"a": 64, "b": None})
        assert name == run_id(**parts, config={"a": 64.0})
        assert name != run_id(**parts, config={"a": 65})
        assert name != run_id(**{**parts, "seed": 1}, config={"a": 64})
        assert name != run_id(**parts, config={"a": 64}, eval_every=5)

    def test_hashed_in_columns_is_hashed_row_by_row(self):
        rng = np.random.default_rng(0)
        cells = [1, 1.0, True, 0, 0.0, -0.0, False, None, np.nan, 0.1, 1e-5, -3, "1", "", "[64, 64]", 'é"', 1e20]
        rows = [{name: cells[rng.integers(len(cells))] for name in ("b", "a", "c d")} for _ in range(300)]
        columns = {name: [row[name] for row in rows] for name in rows[0]}
        assert content_hashes(columns, length=12) == [content_hash(length=12, **row) for row in rows]

    def test_the_name_never_changes_between_versions(self):
        # Stores on disk are found by it: a new value here would silently train everything again.
        assert content_hash(a=1, b=[1, 2], c={"d": 0.5}) == "f2d4f733c8846adf"


READERS = [name for name in readers.__all__ if name.startswith("from_")]


@pytest.mark.parametrize("name", READERS)
def test_a_reader_is_asked_through_runs_by_its_own_options_and_text(name) -> None:
    asked, made = getattr(readers, name), getattr(Runs, name)
    options = list(inspect.signature(asked).parameters.values())
    assert list(inspect.signature(made).parameters.values()) == options
    assert inspect.getdoc(made) == inspect.getdoc(asked)
    assert f"Runs.{name}(" in made.__doc__
    assert (made.__name__, made.__qualname__) == (name, f"Runs.{name}")
    with pytest.raises(TypeError, match=rf"{name}\(\) got an unexpected keyword argument 'nothing'"):
        made(**{option.name: None for option in options}, nothing=1)


def test_every_reader_is_there() -> None:
    assert len(READERS) == 8
    assert {name for name in vars(Runs) if name.startswith("from_")} == set(READERS)
