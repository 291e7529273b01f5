from __future__ import annotations

import subprocess
import sys
import threading
import time
import warnings

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from rlhp import Runs, curves
from rlhp.curves import FewRunsWarning
from rlhp.curves._aggregate import few_runs_expected


def gaussian(n, steps=6, seed=0):
    return np.random.default_rng(seed).normal(np.linspace(0, 9, steps), 2.0, size=(n, steps))


def test_the_estimate_is_the_trimmed_mean_at_every_step_and_the_last_is_final(study) -> None:
    values = gaussian(11)
    summary = curves.iqm(study(values), rng=0)
    wanted = stats.trim_mean(values, 0.25, axis=0)
    np.testing.assert_allclose(summary.table["estimate"], wanted)
    np.testing.assert_allclose(summary.final["estimate"], wanted[-1:])
    assert summary.final["step"].tolist() == [60]
    assert summary.table["n"].tolist() == [11] * 6


def test_mean_and_its_interval_are_students(study) -> None:
    values = gaussian(6)
    final = curves.mean(study(values), rng=0, interval="student_t").final.iloc[0]
    low, high = stats.t.interval(0.95, 5, loc=values[:, -1].mean(), scale=stats.sem(values[:, -1]))
    assert (final["low"], final["high"]) == pytest.approx((low, high))
    assert final["method"] == "Student-t, 5 df"


@pytest.mark.filterwarnings("ignore::rlhp.curves.FewRunsWarning")
def test_the_interval_changes_hands_at_five_runs(study) -> None:
    def methods(statistic):
        return [statistic(study(gaussian(n)), rng=0).groups[0].method for n in (4, 5)]

    assert methods(curves.iqm) == [
        "Student-t by winsorised variance, 1 df",
        "expanded percentile, whole-run bootstrap, moved out",
    ]
    assert methods(curves.mean) == ["Student-t, 3 df", "studentised, whole-run bootstrap"]
    assert methods(curves.median)[0] == "none, the range of 4 runs covers the median with 87.5 %"
    assert methods(curves.median)[1] == "range of the runs, covers 93.75 %"


def test_the_interval_of_choice(study) -> None:
    runs = study(gaussian(9))
    said = {"student_t": "Student-t by", "percentile": "percentile", "bca": "BCa", "studentised": "studentised"}
    for interval, begins in said.items():
        assert curves.iqm(runs, rng=0, interval=interval).groups[0].method.startswith(begins)
    (plain,) = curves.iqm(runs, rng=0, interval="percentile").groups
    np.testing.assert_allclose(plain.low, np.quantile(plain.draws, 0.025, axis=0))


def test_the_median_is_numpys(study) -> None:
    values = gaussian(8)
    np.testing.assert_allclose(curves.median(study(values), rng=0).table["estimate"], np.median(values, axis=0))


@pytest.mark.parametrize("n", [3, 4, 8, 12])
@pytest.mark.filterwarnings("ignore::rlhp.curves.FewRunsWarning")
def test_the_band_holds_the_interval_and_the_interval_the_estimate(study, n) -> None:
    table = curves.iqm(study(gaussian(n)), rng=0).table
    columns = table[["band_low", "low", "estimate", "high", "band_high"]].to_numpy()
    assert (np.diff(columns, axis=1) >= 0).all()
    assert (table["band_high"] > table["high"]).any()


def test_the_same_seed_gives_the_same_numbers(study) -> None:
    runs = study({0.1: gaussian(10), 0.2: gaussian(12, seed=1)})

    def table(rng):
        return curves.iqm(runs, by="learning_rate", rng=rng).table

    pd.testing.assert_frame_equal(table(7), table(7))
    pd.testing.assert_frame_equal(table(7), table(np.random.default_rng(7)))
    assert not table(7)["low"].equals(table(8)["low"])
    generator = np.random.default_rng(7)
    assert not table(generator)["low"].equals(table(generator)["low"])


def test_the_order_of_runs_in_the_table_decides_nothing_but_the_draws(study) -> None:
    values = gaussian(8)
    there, back = (curves.iqm(study(v), rng=0).final for v in (values, values[::-1]))
    np.testing.assert_allclose(there[["estimate", "low", "high"]], back[["estimate", "low", "high"]])


def test_draws_and_raw_curves_are_kept(study) -> None:
    values = gaussian(5)
    summary = curves.iqm(study(values), rng=0, n_boot=123)
    assert summary.groups[0].draws.shape == (123, 6)
    np.testing.assert_array_equal(summary.groups[0].curves, values)
    assert summary.runs[["run_id", "step", "value"]].iloc[7].tolist() == ["run1", 20, values[1, 1]]


# --- few runs -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [1, 2])
def test_one_or_two_runs_have_an_estimate_but_no_interval(study, n) -> None:
    with pytest.warns(FewRunsWarning, match=rf"fewest: {n}\); below 3 the interval is missing"):
        final = curves.iqm(study(gaussian(n)), rng=0).final.iloc[0]
    assert final["estimate"] == pytest.approx(gaussian(n)[:, -1].mean())
    assert np.isnan([final["low"], final["high"]]).all()
    assert final["method"] == "none, fewer than 3 runs"


def test_below_five_runs_there_is_a_warning_at_the_callers_line(study) -> None:
    with pytest.warns(FewRunsWarning, match="1 of 2 groups have fewer than 5 runs.*train more seeds") as seen:
        curves.iqm(study({0.1: gaussian(3), 0.2: gaussian(5)}), by="learning_rate", rng=0)
    assert seen[0].filename == __file__
    assert len(seen) == 1


def test_four_runs_are_told_that_two_carry_the_iqm(study) -> None:
    with pytest.warns(FewRunsWarning, match="IQM of four runs rests on two of them"):
        curves.iqm(study(gaussian(4)), rng=0)
    with pytest.warns(FewRunsWarning) as seen:
        curves.mean(study(gaussian(4)), rng=0)
    assert "rests on two" not in str(seen[0].message)


def test_five_runs_raise_no_warning(study, recwarn) -> None:
    curves.iqm(study(gaussian(5)), rng=0)
    assert not [one for one in recwarn if issubclass(one.category, FewRunsWarning)]


# --- options --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rng", [None, True, "0", 0.5])
def test_a_seed_is_asked_for(study, rng) -> None:
    with pytest.raises(ValueError, match="give a seed such as rng=0"):
        curves.iqm(study(gaussian(5)), rng=rng)


@pytest.mark.parametrize("confidence", [0, 1, 95, -0.1])
def test_confidence_is_a_share(study, confidence) -> None:
    with pytest.raises(ValueError, match=r"give a number between 0 and 1.*such as 0\.95"):
        curves.iqm(study(gaussian(5)), rng=0, confidence=confidence)


@pytest.mark.parametrize("n_boot", [39, 100.0, True])
def test_a_sensible_number_of_draws(study, n_boot) -> None:
    with pytest.raises(ValueError, match="give a whole number of at least 40"):
        curves.iqm(study(gaussian(5)), rng=0, n_boot=n_boot)


def test_an_unknown_interval(study) -> None:
    with pytest.raises(ValueError, match="unknown interval `percentil`; did you mean `percentile`"):
        curves.iqm(study(gaussian(5)), rng=0, interval="percentil")


# --- several environments ---


def two_tasks(study, *, each=6, scale=100.0):
    values = gaussian(2 * each, seed=4)
    values[each:] *= scale
    return values, study(values, env_id=["CartPole-v1"] * each + ["Pendulum-v1"] * each)


def test_normalised_runs_of_several_environments_make_one_statistic(study) -> None:
    values, runs = two_tasks(study)
    summary = curves.iqm(runs, rng=0, normalise={"CartPole-v1": (0, 10), "Pendulum-v1": (0, 1000)})
    scaled = values / np.repeat([10.0, 1000.0], 6)[:, None]
    np.testing.assert_allclose(summary.table["estimate"], stats.trim_mean(scaled, 0.25, axis=0))
    assert "n = 12 runs (of up to 2 environments)" in repr(summary)
    assert summary.groups[0].method.endswith("each environment by itself")
    assert summary.groups[0].environments == ("CartPole-v1", "Pendulum-v1")


def test_each_environment_is_resampled_by_itself(study) -> None:
    """Environments far apart whose runs agree: without strata the draws would move between them."""
    runs = study(np.repeat([[1.0], [5.0]], 6, axis=0), env_id=["A"] * 6 + ["B"] * 6)
    (group,) = curves.mean(runs, rng=0, normalise={"A": (0, 1), "B": (0, 1)}).groups
    assert np.ptp(group.draws) == 0
    assert (group.low, group.high) == (3, 3)


def test_student_of_strata_is_welchs(study) -> None:
    values, runs = two_tasks(study, scale=3.0)
    final = curves.mean(runs, rng=0, normalise={"CartPole-v1": (0, 1), "Pendulum-v1": (0, -1)}).final.iloc[0]
    welch = stats.ttest_ind(values[:6, -1], values[6:, -1], equal_var=False).confidence_interval()
    # Half the difference is the mean over both where the second environment counts negatively.
    assert (final["low"], final["high"]) == pytest.approx((welch.low / 2, welch.high / 2))


def test_an_environment_with_one_run_has_no_interval(study) -> None:
    runs = study(gaussian(7), env_id=["A"] * 6 + ["B"])
    final = curves.iqm(runs, rng=0, normalise={"A": (0, 1), "B": (0, 1)}).final.iloc[0]
    assert np.isnan(final["low"])
    assert final["method"] == "none, an environment with one run"


@pytest.mark.parametrize(
    ("normalise", "message"),
    [
        ({"A": (0, 1)}, "`normalise` lacks the environment B; give the scores that become 0 and 1"),
        ({"A": (0, 1), "B": (2, 2)}, r"`normalise\['B'\]` is \(2, 2\); give two different finite numbers"),
        (5, "`normalise` is 5; give the scores that become 0 and 1 per environment"),
    ],
)
def test_reference_scores_that_are_none(study, normalise, message) -> None:
    with pytest.raises(ValueError, match=message):
        curves.iqm(study(gaussian(6), env_id=["A"] * 3 + ["B"] * 3), rng=0, normalise=normalise)


def test_missing_evaluations_take_the_worst_of_their_own_environment(study) -> None:
    runs = study(
        [[0.0, 1.0], [1.0, 2.0], [5.0, 6.0], [5.0]],
        env_id=["A", "A", "B", "B"],
        status=["finished"] * 3 + ["diverged"],
    )
    with pytest.warns(FewRunsWarning):
        (group,) = curves.mean(runs, rng=0, failures="worst", normalise={"A": (0, 1), "B": (0, 1)}).groups
    np.testing.assert_array_equal(group.curves[3], [5, 5])


# --- the result -----------------------------------------------------------------------------------------------------


def test_the_table_has_the_grouping_columns_first(study) -> None:
    summary = curves.iqm(study({0.1: gaussian(5), 0.2: gaussian(6)}), by=["learning_rate", "algorithm"], rng=0)
    named = ["learning_rate", "algorithm", "step", "estimate", "low", "high"]
    assert list(summary.table.columns) == [*named, "band_low", "band_high", "n", "method"]
    assert list(summary.final.columns) == [*named, "n", "method"]
    assert summary.final["n"].tolist() == [5, 6]
    assert summary.final["algorithm"].tolist() == ["dqn", "dqn"]


def test_a_hyperparameter_called_like_a_column_keeps_its_prefix(study) -> None:
    summary = curves.iqm(study({2: gaussian(5), 3: gaussian(5)}, name="n"), by="n", rng=0)
    assert summary.final["hp.n"].tolist() == [2, 3]
    assert summary.final["n"].tolist() == [5, 5]


def test_it_says_what_it_is(study) -> None:
    runs = study({"a<b": [*gaussian(6), []]}, status=["finished"] * 6 + ["failed"], name="kind")
    summary = curves.iqm(runs, by="kind", rng=0, failures=-5)
    for text in (repr(summary), summary._repr_html_()):
        assert "IQM of return_mean over runs, n = 7 runs" in text
        assert "95 % interval: expanded percentile, whole-run bootstrap" in text
        assert "1 of 7 runs did not finish: their missing evaluations count as -5" in text
        assert "2,000 whole-run bootstrap draws" in text
    assert "a&lt;b" in summary._repr_html_()
    assert "a<b" not in summary._repr_html_()


def test_it_says_that_runs_were_brought_together(study) -> None:
    runs = study(gaussian(5, steps=2), steps=[[10, 20], [10, 20], [10, 20], [10, 20], [12, 20]])
    assert "at a common step each gives the latest evaluation so far" in repr(curves.iqm(runs, rng=0))
    assert "a straight line" in repr(curves.iqm(runs, rng=0, grid=curves.Grid(align="linear")))
    assert "different steps" not in repr(curves.iqm(study(gaussian(5)), rng=0))


def test_it_says_that_configurations_are_mixed(study) -> None:
    assert "of up to 2 configurations" in repr(curves.iqm(study({0.1: gaussian(5), 0.2: gaussian(5)}), rng=0))


def test_monitor_files_of_unequal_length(tmp_path) -> None:
    paths = []
    for seed in range(6):
        rng = np.random.default_rng(seed)
        rows = [
            f"{reward},{length},{number}.0"
            for number, (reward, length) in enumerate(
                zip(rng.integers(10, 200, 30 + seed), rng.integers(10, 200, 30 + seed), strict=True)
            )
        ]
        path = tmp_path / f"{seed}.monitor.csv"
        path.write_text('#{"t_start": 0.0, "env_id": "CartPole-v1"}\nr,l,t\n' + "\n".join(rows) + "\n")
        paths.append(path)
    runs = Runs.from_monitor(paths, status="finished")
    summary = curves.iqm(runs, rng=0)
    (group,) = summary.groups
    ends = runs.evals.groupby("run_id")["step"].agg(["min", "max"])
    assert ends["min"].max() <= group.steps[0]
    assert group.steps[-1] <= ends["max"].min()
    assert np.isfinite(summary.table[["estimate", "low", "high"]]).all(axis=None)


def test_it_is_fast(study) -> None:
    runs = study({rate: gaussian(16, steps=50, seed=rate) for rate in range(8)})
    started = time.process_time()
    curves.iqm(runs, by="learning_rate", rng=0)
    assert time.process_time() - started < 2.0


def test_the_room_needs_neither_a_plotting_library_nor_an_engine() -> None:
    code = (
        "import sys; from rlhp import Runs, curves;"
        "curves.iqm(Runs.from_table([{}] * 5, [1., 2., 3., 4., 5.], seeds=range(5)), rng=0);"
        "print([m for m in ('matplotlib', 'torch', 'jax', 'IPython') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_an_unknown_name_in_the_room() -> None:
    with pytest.raises(AttributeError, match=r"unknown name `iqn` for rlhp\.curves; did you mean `iqm`"):
        _ = curves.iqn
    assert "iqm" in dir(curves)


def test_few_runs_are_expected_by_a_thread_alone(study) -> None:
    """Explorers summarise beside each other; what `warnings` filters, all threads of a process share."""
    two = study(np.arange(10.0).reshape(2, 5))
    entered, asked = threading.Event(), threading.Event()

    def explorer() -> None:
        with few_runs_expected():
            entered.set()
            asked.wait(10)

    beside = threading.Thread(target=explorer)
    beside.start()
    entered.wait(10)
    with pytest.warns(FewRunsWarning):
        curves.iqm(two, rng=0)
    asked.set()
    beside.join()
    with few_runs_expected(), warnings.catch_warnings():
        warnings.simplefilter("error")
        curves.iqm(two, rng=0)
