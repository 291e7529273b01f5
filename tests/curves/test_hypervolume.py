"""Hypervolumes against closed forms, fronts of several objectives, and the point that is taken."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from rlhp import Runs, curves
from rlhp.curves import Aim, ParetoFront
from rlhp.runs import concat

AIMS = [Aim("return", "maximize"), Aim("seconds", "minimize", "s")]


def front(points, aims=AIMS) -> ParetoFront:
    scores = pd.DataFrame(points, columns=[one.name for one in aims], dtype=float)
    return ParetoFront.of(scores, aims, what="settings", where="a function")


def test_of_points_on_a_line_and_of_one_box() -> None:
    """n points (i, n + 1 - i) cover a staircase of n (n + 1) / 2 unit squares; a box is the product of its sides."""
    for n in (1, 2, 9, 40):
        line = np.array([[i, n + 1 - i] for i in range(1, n + 1)], dtype=float)
        assert curves.dominated_volume(line[::-1], np.zeros(2)) == n * (n + 1) / 2
    assert curves.dominated_volume(np.array([[2.0, 3.0, 4.0, 5.0]]), np.ones(4)) == 1 * 2 * 3 * 4


def test_of_three_objectives_by_inclusion_and_exclusion() -> None:
    a, b, c = boxes = np.array([[3.0, 1.0, 2.0], [1.0, 3.0, 2.5], [2.0, 2.0, 1.0]])
    both = [np.minimum(a, b), np.minimum(a, c), np.minimum(b, c)]
    expected = sum(map(np.prod, boxes)) - sum(map(np.prod, both)) + np.prod(np.minimum(both[0], c))
    assert curves.dominated_volume(boxes, np.zeros(3)) == pytest.approx(expected)
    # Points on the simplex's corner grid, where every lattice cell with i + j + k <= m is covered: a tetrahedron.
    m = 6
    corners = [[i, j, m + 3 - 1 - i - j] for i in range(1, m + 1) for j in range(1, m + 2 - i)]
    cells = sum(1 for i in range(m) for j in range(m) for k in range(m) if i + j + k < m)
    assert curves.dominated_volume(np.array(corners, dtype=float), np.zeros(3)) == cells == m * (m + 1) * (m + 2) / 6


def test_what_is_beaten_or_behind_the_reference_adds_nothing() -> None:
    rng = np.random.default_rng(0)
    for aims in (2, 3):
        gains = rng.normal(size=(30, aims))
        whole = curves.dominated_volume(gains, np.zeros(aims))
        ahead = gains[(gains > 0).all(axis=1)]
        assert curves.dominated_volume(ahead, np.zeros(aims)) == pytest.approx(whole)
        more = np.vstack([gains, ahead - 0.01, gains[::-1]])
        assert curves.dominated_volume(more, np.zeros(aims)) == pytest.approx(whole)
    assert curves.dominated_volume(np.empty((0, 2)), np.zeros(2)) == 0.0


def test_each_objective_counts_in_its_own_direction() -> None:
    made = front([[3.0, 10.0], [4.0, 30.0], [1.0, 20.0]])
    assert curves.hypervolume(made, {"return": 0, "seconds": 40}) == 4 * 10 + 3 * 20
    with pytest.raises(ValueError, match="`reference` has no value for `seconds`"):
        curves.hypervolume(made, {"return": 0})
    with pytest.raises(ValueError, match="did you mean `seconds`"):
        curves.hypervolume(made, {"return": 0, "second": 40})


def test_a_front_of_three_objectives_is_what_none_beats() -> None:
    gains = np.random.default_rng(3).integers(0, 4, (60, 3)).astype(float)
    aims = [Aim(name, "maximize") for name in "abc"]
    kept = front(gains, aims).table["on_front"].to_numpy()
    beaten = [any((other >= one).all() and (other > one).any() for other in gains) for one in gains]
    assert kept.tolist() == [not one for one in beaten]


def test_the_knee_is_where_the_front_bends_and_an_end_where_it_does_not() -> None:
    bent = curves.choose(front([[0, 0], [9, 1], [10, 10], [5, 9]]))
    assert (bent.id, bent.rule, bent.values) == (1, "knee", {"return": 9.0, "seconds": 1.0})
    assert "it is the knee: it has 90% of the range of return, 90% of the range of seconds" in bent.why
    milliseconds = curves.choose(front([[0, 0], [9, 1000], [10, 10_000], [9.5, 9000]]))
    assert milliseconds.id == 1  # units make no knee
    inward = curves.choose(front([[0, 0], [4, 6], [10, 10]]))
    assert inward.id in (0, 2)
    inward = curves.choose(front([[0, 0], [1, 9], [10, 10], [9.5, 9.9]]))
    assert inward.id in (0, 2)


def test_weights_decide_and_limits_exclude() -> None:
    made = front([[0, 0], [4, 6], [10, 10]])  # the middle one lies inward: no weights take it
    taken = {curves.choose(made, weights={"return": w, "seconds": 1 - w}).id for w in np.linspace(0, 1, 21)}
    assert taken == {0, 2}
    limited = curves.choose(made, limits={"seconds": 7})
    assert (limited.id, limited.rule) == (1, "weights")
    assert "of the 3 points on the front, 2 are within seconds 7; among them" in limited.why
    assert "there is no other to take" in curves.choose(made, limits={"return": 9}).why
    with pytest.raises(
        ValueError, match="no point of the front is within the limits seconds -1; the best of each alone"
    ):
        curves.choose(made, limits={"seconds": -1})
    with pytest.raises(ValueError, match=r"`weights` is .*; give numbers from 0, one of them above 0"):
        curves.choose(made, weights={"return": 0})
    with pytest.raises(ValueError, match="did you mean `return`"):
        curves.choose(made, weights={"retrun": 1})


def seeded(values, env_id: str = "E") -> Runs:
    """Make runs of configurations that have these final returns, shape [configurations, seeds]."""
    n, seeds = np.shape(values)
    configs = [{"tau": 1 / (i + 2)} for i in range(n) for _ in range(seeds)]
    steps = [100 * (i + 1) for i in range(n) for _ in range(seeds)]
    return Runs.from_table(configs, np.ravel(values), seeds=[*range(seeds)] * n, steps=steps, env_id=env_id)


def test_what_is_far_ahead_stays_on_the_front_and_what_is_level_comes_and_goes() -> None:
    noise = np.array([-1.0, -0.5, 0.0, 0.5, 1.0])
    made = seeded([10 + noise, 50 + noise, 50.1 + noise])
    options = {"failures": "raise", "rng": 0, "n_boot": 400, "reference": {"final_return": 0, "env_steps": 400}}
    found = curves.front_stability(made, ["final_return", "env_steps"], **options)
    share = found.table["share"].loc[made.configs.index].tolist()
    assert share[:2] == [1.0, 1.0]  # cheapest, and far better than what is cheaper
    assert 0.4 < share[2] < 0.75  # dearer, and about as good as the second
    assert found.hypervolume[0] == pytest.approx(10 * 100 + 50 * 100 + 50.1 * 100)
    assert found.hypervolume[1] < found.hypervolume[0]
    again = curves.front_stability(made, ["final_return", "env_steps"], **options)
    pd.testing.assert_frame_equal(found.table, again.table)
    value, low, high = found.table.iloc[0][["final_return", "final_return.low", "final_return.high"]]
    assert (value - low, high - value) == pytest.approx([2.776 * noise.std(ddof=1) / 5**0.5] * 2, rel=1e-3)


def test_no_interval_goes_beyond_what_an_episode_returns_or_a_clock_shows() -> None:
    values, seconds = [[500.0, 500.0, 380.0], [1.0, 1.0, 80.0]], [[1.0, 1.0, 9.0], [2.0, 2.0, 2.0]]
    runs = seeded(values, env_id="CartPole-v1")
    runs = Runs(runs.table.assign(wall_time_s=np.ravel(seconds)), runs.evals, runs.history)
    found = curves.front_stability(runs, ["final_return", "wall_time"], failures="raise", rng=0, n_boot=10).table
    assert found["final_return.high"].max() == 500
    assert found["final_return.low"].min() == 1
    assert found["wall_time.low"].min() == 0


def test_a_front_that_test_seeds_score_does_not_flatter() -> None:
    """Pure noise of mean 0 and other costs: the points that some seeds choose are 0 in the mean by the others."""
    rng, same, fresh = np.random.default_rng(0), [], []
    for _ in range(40):
        runs = seeded(rng.normal(size=(12, 6)))
        options = {"failures": "raise", "rng": 0, "n_boot": 2}
        for kept, testing in ((same, ()), (fresh, (3, 4, 5))):
            found = curves.front_stability(runs, ["final_return", "env_steps"], test_seeds=testing, **options)
            # The cheapest is on every front, however bad: those that are dearer were chosen for their returns.
            kept.append(found.table["final_return"][found.table["on_front"] & (found.table["env_steps"] > 100)].mean())
    same, fresh = (np.array(one)[~np.isnan(one)] for one in (same, fresh))
    assert abs(fresh.mean()) < 3 * fresh.std(ddof=1) / np.sqrt(len(fresh))
    assert same.mean() > 5 * same.std(ddof=1) / np.sqrt(len(same))
    assert (found.n_seeds, found.n_test) == (3, 3)
    assert "objectives and hypervolume by 3 test seeds" in repr(found)
    for testing, said in (((3,), "and give two"), ((2, 3, 4, 5, 1), "leave two to choose"), ((9, 8), "has 8, which")):
        with pytest.raises(ValueError, match=said):
            curves.front_stability(runs, ["final_return", "env_steps"], test_seeds=testing, **options)


def test_spreads_are_resampled_at_their_own_size_and_a_failed_seed_is_never_steady() -> None:
    rng = np.random.default_rng(1)
    values = rng.normal(size=(40, 6)) * 3
    values[0] = np.nan
    made = seeded(values)
    found = curves.front_stability(made, ["final_return", "seed_std"], failures="worst", rng=0, n_boot=200)
    lost = found.table.loc[made.configs.index[0]]
    assert (bool(lost["on_front"]), lost["share"]) == (False, 0.0)
    assert found.n_failed == 6
    sound = found.table.drop(made.configs.index[0])
    middle = (sound["seed_std.low"] + sound["seed_std.high"]) / 2
    assert float((middle / sound["seed_std"]).mean()) == pytest.approx(1.0, abs=0.12)
    with pytest.raises(ValueError, match="a front needs two or more"):
        curves.front_stability(made, ["final_return"], failures="worst", rng=0)
    both = concat([Runs.from_table([{}], [1.0], env_id=name) for name in "AB"])
    with pytest.raises(ValueError, match="2 environments"):
        curves.front_stability(both, ["final_return", "env_steps"], failures="worst", rng=0)
    with pytest.raises(ValueError, match="give each equally many, two or more"):
        curves.front_stability(seeded([[1.0], [2.0]]), ["final_return", "env_steps"], failures="worst", rng=0)
