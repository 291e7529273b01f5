"""Sensitivity to tuning as Adkins et al. (2024) define it: a table by hand, scales, settings that died, grids."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from ConfigSpace import ConfigurationSpace, Float

from rlhp import Runs, importance, spaces
from rlhp.runs import concat

# Three environments, four settings, two algorithms; a setting is (a, b): (1, 1), (1, 2), (2, 1), (2, 2).
GRID = [{"a": a, "b": b} for a in (1, 2) for b in (1, 2)]
SCORES = {
    "calm": {"X-v0": [20.0, 30.0, 40.0, 50.0], "Y-v0": [2.0, 2.0, 6.0, 8.0], "Z-v0": [-30.0, -20.0, -10.0, -10.0]},
    "keen": {"X-v0": [0.0, 100.0, 10.0, 60.0], "Y-v0": [10.0, 0.0, 4.0, 0.0], "Z-v0": [-40.0, -40.0, 0.0, -40.0]},
}
BOUNDS = {"X-v0": (0.0, 50.0), "Y-v0": (0.0, 8.0), "Z-v0": (-40.0, 0.0)}
# On these bounds, not cut (two of keen's are above 1):
#          X                   Y                     Z                      mean over environments
# calm   .4 .6 .8 1.        .25 .25 .75 1.        .25 .5  .75 .75     .3, .45, .7667, .9167
# keen   0. 2. .2 1.2       1.25 0. .5  0.        0.  0.  1.  0.      .4167, .6667, .5667, .4
CALM = {"performance": (1 + 1 + 0.75) / 3, "cross": (1 + 1 + 0.75) / 3}
KEEN = {"performance": (2 + 1.25 + 1) / 3, "cross": 2 / 3}


def table(algorithms=("calm", "keen"), *, scale: float = 1.0, offset: float = 0.0) -> Runs:
    return concat(
        [
            Runs.from_table(GRID, scale * np.array(one) + offset, env_id=env, algorithm=name)
            for name in algorithms
            for env, one in SCORES[name].items()
        ]
    )


def test_a_table_by_hand_on_given_bounds() -> None:
    plane = importance.sensitivity_plane(table(), rng=0, normalize=BOUNDS, n_boot=100)
    rows = plane.table.set_index("algorithm")
    for name, told in (("calm", CALM), ("keen", KEEN)):
        assert rows.loc[name, "performance"] == pytest.approx(told["performance"])
        assert rows.loc[name, "cross_environment"] == pytest.approx(told["cross"])
        assert rows.loc[name, "sensitivity"] == pytest.approx(told["performance"] - told["cross"])
    # keen is better tuned for each environment and worse with one setting for all: the axes differ.
    assert rows.loc["keen", "performance"] > rows.loc["calm", "performance"]
    assert rows.loc["keen", "sensitivity"] == pytest.approx(0.75)
    assert rows.loc["calm", "sensitivity"] == 0
    assert plane.results["keen"].shared == {"a": 1, "b": 2}
    assert plane.results["keen"].table["best"].tolist() == [2.0, 1.25, 1.0]
    assert "bounds that were given" in repr(plane)


def test_the_effective_dimensionality_of_the_table_by_hand() -> None:
    """Keen stays at (1, 2). Tuning a alone reaches 2, 0, 0 as that does; b alone 2, 1.25, 0; both 2, 1.25, 1."""
    keen = importance.sensitivity_plane(table(), rng=0, normalize=BOUNDS, n_boot=0).results["keen"]
    assert keen.dimensionality["names"].tolist() == ["", "b", "a, b"]
    assert keen.dimensionality["score"].tolist() == pytest.approx([2 / 3, 3.25 / 3, 4.25 / 3])
    assert (keen.effective, keen.r2) == (2, {})
    calm = importance.sensitivity_plane(table(), rng=0, normalize=BOUNDS, n_boot=0).results["calm"]
    assert calm.effective == 0
    assert "as measured on the grid" in repr(keen)


def test_percentiles_are_of_all_algorithms_together_and_nothing_is_cut() -> None:
    """On X the eight scores are 0 10 20 30 40 50 60 100: the 5th percentile is 3.5, the 95th 86."""
    found = importance.sensitivity(table(), rng=0, algorithm="keen", n_boot=0)
    row = found.table.set_index("env_id").loc["X-v0"]
    assert (row["zero"], row["one"]) == pytest.approx((3.5, 86.0))
    assert row["best"] == pytest.approx((100 - 3.5) / (86 - 3.5))
    assert row["best"] > 1
    assert found.scores["X-v0"].min() == pytest.approx(-3.5 / 82.5)
    assert "the 5th and 95th percentile of all settings of calm, keen" in repr(found)
    alone = importance.sensitivity(table(["keen"]), rng=0, n_boot=0)
    assert alone.table["one"].tolist() != found.table["one"].tolist()
    plane = importance.sensitivity_plane(table(), rng=0, n_boot=0)
    assert plane.results["keen"].sensitivity == found.sensitivity


def test_what_is_normalised_already_is_not_scaled_again() -> None:
    configs = [{"a": k} for k in range(4)]
    given = {"A-v0": [0.2, 0.4, 0.7, 0.5], "B-v0": [0.9, 0.4, 0.6, 0.1]}
    runs = concat([Runs.from_table(configs, one, env_id=env) for env, one in given.items()])
    found = importance.sensitivity(runs, rng=0, normalize="none", n_boot=0)
    np.testing.assert_array_equal(np.sort(found.scores["A-v0"]), np.sort(given["A-v0"]))
    assert (found.per_environment, found.cross_environment) == pytest.approx((0.8, 0.65))
    assert found.sensitivity == pytest.approx(0.15)
    same = importance.sensitivity(runs, rng=0, normalize=(0.0, 1.0), n_boot=0)
    assert same.sensitivity == found.sensitivity
    assert "normalised already" in repr(found)


def test_unit_and_offset_of_an_environment_do_not_matter_where_the_scale_follows() -> None:
    plain, moved = (
        importance.sensitivity_plane(one, rng=0, n_boot=50) for one in (table(), table(scale=1e-9, offset=3))
    )
    pd.testing.assert_frame_equal(plain.table, moved.table, rtol=1e-6)


def test_the_best_of_an_environment_is_the_best_of_all_that_finished_there() -> None:
    """The best setting on A died on B: it counts on A, and cannot be the shared one."""
    configs = [{"a": k / 10} for k in range(6)]
    a, b = [1.0, 0.2, 0.3, 0.4, 0.5, 0.6], [np.nan, 0.6, 0.5, 0.4, 0.3, 0.2]
    runs = concat([Runs.from_table(configs, one, env_id=env) for env, one in (("A-v0", a), ("B-v0", b))])
    found = importance.sensitivity(runs, rng=0, normalize="none", n_boot=200)
    assert (found.per_environment, found.cross_environment) == pytest.approx((0.8, 0.4))
    assert found.table["n"].tolist() == [6, 5]
    assert (found.n_settings, found.n_left_out) == (5, 1)
    assert found.shared != {"a": 0.0}
    assert found.low <= found.sensitivity <= found.high
    assert "1 did not and count only where they did" in repr(found)


def test_effective_dimensionality_on_surrogates_names_the_one_that_wants_tuning() -> None:
    """Only x2 wants another value elsewhere: with scores cut at 1 nothing seemed to need tuning."""
    space = ConfigurationSpace(space=[Float(f"x{j}", (0, 1)) for j in range(4)])
    configs = spaces.sample(space, 256, method="sobol", rng=0)
    u = spaces.to_unit(space, configs)
    for seed, noise in ((0, 0.0), (1, 0.02)):
        draws = np.random.default_rng(seed)
        made = [
            Runs.from_table(
                configs,
                -((u[:, 2] - at) ** 2) - 0.5 * (u[:, 0] - 0.5) ** 2 + noise * draws.normal(size=256),
                env_id=env,
            )
            for env, at in (("A-v0", 0.15), ("B-v0", 0.85))
        ]
        found = importance.sensitivity(concat(made), space, rng=0, n_boot=0, n_trees=32)
        assert found.effective == 1
        assert found.dimensionality.set_index("tuned").loc[1, "names"] == "x2"
        assert found.dimensionality["reached"].iloc[0] < 0.95
        assert min(found.r2.values()) > 0.7


def test_less_may_be_better() -> None:
    runs = table(["calm"])
    timed = Runs(runs.table.assign(wall_time_s=np.tile([10.0, 20.0, 30.0, 40.0], 3)), runs.evals, runs.history)
    found = importance.sensitivity(timed, None, "wall_time", rng=0, normalize=(40.0, 10.0), n_boot=0)
    assert sorted(found.scores["X-v0"]) == pytest.approx([0, 1 / 3, 2 / 3, 1])
    by_percentiles = importance.sensitivity(timed, None, "wall_time", rng=0, percentiles=(0, 100), n_boot=0)
    assert (by_percentiles.table["zero"].iloc[0], by_percentiles.table["one"].iloc[0]) == (40, 10)
    with pytest.raises(ValueError, match="of wall_time less is better: give bounds"):
        importance.sensitivity(timed, None, "wall_time", rng=0, normalize="none")


def test_labels_of_ones_own() -> None:
    plane = importance.sensitivity_plane({"old": table(["calm"]), "new": table(["keen"])}, rng=0, n_boot=0)
    assert list(plane.results) == ["old", "new"]
    assert "old, new" in plane.said
    two = importance.sensitivity_plane(table(), rng=0, n_boot=0).table.drop(columns="algorithm")
    pd.testing.assert_frame_equal(plane.table.drop(columns="algorithm"), two)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"normalize": "percentile"}, "unknown `normalize` `percentile`; did you mean `percentiles`?"),
        ({"normalize": {"X-v0": (0, 1), "Y-v1": (0, 1)}}, "did you mean `Y-v1`?.*needs its bounds"),
        ({"normalize": (1, 1)}, "where more is better"),
        ({"normalize": {**BOUNDS, "X-v0": (5, 0)}}, r"`normalize\['X-v0'\]` is \(5, 0\); give \(score that is 0"),
        ({"normalize": 3}, "`normalize` is 3; give a pair of numbers"),
        ({"normalize": (0, "a")}, "`normalize` is 'a'"),
        ({"percentiles": (95, 5)}, "two rising numbers from 0 to 100"),
        ({"percentiles": 5}, "`percentiles` is 5; give a pair of numbers"),
        ({"algorithm": "kean"}, "`kean`; did you mean `keen`"),
        (
            {"objective": importance.Score(at=10)},
            "`objective` is cut or has a threshold; settings are compared by whole",
        ),
        ({}, "say whose sensitivity, e.g. algorithm='calm'.*sensitivity_plane"),
    ],
)
def test_what_cannot_be_is_refused(options, message) -> None:
    with pytest.raises(ValueError, match=message):
        importance.sensitivity(table(), rng=0, **{"algorithm": "keen"} | options if options else {})


def test_percentiles_that_fall_together_are_refused() -> None:
    configs = [{"a": k} for k in range(40)]
    rare = np.where(np.arange(40) == 7, 1.0, 0.0)
    runs = concat([Runs.from_table(configs, one, env_id=env) for env, one in (("A-v0", rare), ("B-v0", np.arange(40)))])
    with pytest.raises(
        ValueError, match="5th and 95th percentile on A-v0 are the same score, 0, though settings differ"
    ):
        importance.sensitivity(runs, rng=0)
    assert importance.sensitivity(runs, rng=0, percentiles=(0, 100), n_boot=0).sensitivity > 0


def test_a_plane_needs_several_on_the_same_environments() -> None:
    with pytest.raises(ValueError, match="of 1 algorithm, which has nothing to be compared with"):
        importance.sensitivity_plane(table(["calm"]), rng=0)
    other = table(["keen"]).select(env_id=["X-v0", "Y-v0"])
    with pytest.raises(ValueError, match="calm was run on X-v0, Y-v0, Z-v0 and keen on X-v0, Y-v0; compare"):
        importance.sensitivity_plane({"calm": table(["calm"]), "keen": other}, rng=0)
    with pytest.raises(ValueError, match="unknown algorithm `clam`"):
        importance.sensitivity_plane(table(), {"clam": ConfigurationSpace()}, rng=0)
