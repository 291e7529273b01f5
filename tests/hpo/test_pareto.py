"""Searches for several objectives: known fronts, searchers against random search, and pools."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("emukit")
pytest.importorskip("optuna")

from rlhp import curves, hpo, plots
from rlhp.hpo.searchers._parego import chebyshev

SPACE = {"x": (0.0, 1.0), "y": (0.0, 1.0), "z": (0.0, 1.0)}
BOTH = {"f1": "minimize", "f2": "minimize"}
REFERENCE = {"f1": 1.1, "f2": 1.1}


def zdt1(config):
    """Zitzler, Deb, Thiele (2000): the front is f2 = 1 - sqrt(f1), where y = z = 0."""
    g = 1 + 4.5 * (config["y"] + config["z"])
    return {"f1": config["x"], "f2": g * (1 - np.sqrt(config["x"] / g))}


def found(searcher, n, **options):
    return hpo.pareto(zdt1, SPACE, objectives=BOTH, reference=REFERENCE, searcher=searcher, n=n, **options)


def test_parego_comes_near_a_known_front_and_random_search_does_not() -> None:
    # Between the front and (1.1, 1.1): 1.1^2 less the area below the front, of which the last tenth is 0 high.
    best = 1.1**2 - (1 - 2 / 3)
    parego, random = (found(searcher, 16).hypervolume for searcher in ("parego", "random"))
    assert random < 0.5 * best
    assert 0.6 * best < parego < best


def test_evolution_is_ahead_of_random_search_after_some_generations() -> None:
    evolved = found(hpo.Nsga2(population=12), 96, batch=12)
    assert evolved.hypervolume > found("random", 96).hypervolume + 0.1
    first, last = (
        np.mean([zdt1(one)["f2"] for one in evolved.configurations[part]]) for part in (slice(12), slice(-12, 96))
    )
    assert last < first
    assert len({str(one) for one in evolved.configurations}) == 96


def test_the_same_seed_searches_alike_and_the_history_only_rises() -> None:
    for searcher in ("nsga2", "random"):
        one, two, other = (found(searcher, 20, rng=rng) for rng in (1, 1, 2))
        assert one.configurations == two.configurations != other.configurations
        assert one.trials["hypervolume"].is_monotonic_increasing
        assert one.hypervolume == pytest.approx(curves.hypervolume(one.front, REFERENCE))


def test_the_norm_takes_what_sums_never_take() -> None:
    gains = np.array([[0.0, 1.0], [0.4, 0.4], [1.0, 0.0], [np.nan, 2.0]])  # the middle lies inward
    even = np.array([0.5, 0.5])
    assert np.nanargmin(chebyshev(gains, even, 0.05)) == 1
    assert np.nanargmax(gains[:3] @ even) != 1
    assert np.isnan(chebyshev(gains, even, 0.05)[3])
    # rho tells a point from one that it beats in the objective that does not decide
    level = np.array([[0.0, 1.0], [0.0, 0.5], [1.0, 0.0]])
    assert chebyshev(level, np.array([1.0, 0.0]), 0.05)[0] == chebyshev(level, np.array([1.0, 0.0]), 0.05)[1]
    weights = np.array([0.9, 0.1])
    assert chebyshev(level, weights, 0.05)[0] < chebyshev(level, weights, 0.05)[1]
    assert chebyshev(level, weights, 0.0)[0] == chebyshev(level, weights, 0.0)[1]


def test_what_fails_is_a_row_and_not_on_the_front() -> None:
    def f(config):
        if config["x"] > 0.5:
            raise RuntimeError("out of memory")
        return {"f1": config["x"], "f2": float("inf") if config["x"] < 0.1 else -config["x"]}

    for searcher in ("random", "parego", "nsga2"):
        made = hpo.pareto(f, {"x": (0.0, 1.0)}, objectives=BOTH, searcher=searcher, n=8)
        errors = made.trials["failure"]
        assert (errors == "RuntimeError: out of memory").any()
        assert not made.front.table["on_front"][errors != ""].any()
        assert made.trials["f1"][errors != ""].isna().all()


def test_on_a_pool_the_front_is_scored_again_with_test_seeds() -> None:
    names = ["auc", "seed_std"]
    made = hpo.pareto("dqn_acrobot", objectives=names, searcher="random", n=60, rng=3)
    pool = hpo.pool("dqn_acrobot")
    assert all(one in pool.configurations for one in made.configurations)
    assert len({str(one) for one in made.configurations}) == 60
    assert made.confirmed.table.index.tolist() == made.front.front.index.tolist()
    trial = made.front.front.index[0]
    at = pool.configurations.index(made.configurations[trial])
    own = pool.curves[at][[list(pool.seeds).index(seed) for seed in pool.judging.tuning], :]
    assert made.trials["seed_std"][trial] == pytest.approx(own[:, -1].std(ddof=1), rel=1e-5)
    assert "on the test seeds" in repr(made)
    assert made.confirmed_hypervolume < made.hypervolume  # chosen among 60 by three seeds
    assert made.chosen is None, "five seeds: three tune, two test, and none chooses"
    every = hpo.pareto("sac_pendulum", objectives=names, searcher="random", n=10**6)
    assert len(every.trials) == hpo.pool("sac_pendulum").capacity
    ax = plots.pareto_front(made.front, ax=plots.new_axes())
    assert ax.get_xlabel().endswith("less is better")
    assert (
        curves.choose(made.front, limits={"seed_std": float(made.front.front["seed_std"].median())}).id
        in made.trials.index
    )


def test_choice_seeds_thin_the_front_before_test_seeds_score_it() -> None:
    made = hpo.pareto("ppo_cartpole", objectives=["final_return", "seed_std"], searcher="random", n=80, rng=1)
    pool = hpo.pool("ppo_cartpole")
    assert made.chosen.table.index.tolist() == made.front.front.index.tolist()
    assert set(made.confirmed.table.index) == set(made.chosen.front.index)
    assert len(made.chosen.front) < len(made.front.front)
    for scored, seeds in ((made.chosen, range(6)), (made.confirmed, range(6, 10))):
        trial = scored.table.index[0]
        at = pool.configurations.index(made.configurations[trial])
        assert scored.table["final_return"][trial] == pytest.approx(pool.curves[at, list(seeds), -1].mean(), rel=1e-5)
    assert "with the choice seeds" in repr(made)


class Died(BaseException):
    """What nothing in a search catches: the process is gone."""


def dying(after: int):
    """The known front, of a process that is gone in its evaluation number `after`."""
    done = []

    def f(config):
        done.append(config)
        if len(done) > after:
            raise Died
        if config["x"] > 0.6:
            raise RuntimeError("out of memory")
        return zdt1(config)

    f.done = done
    return f


@pytest.mark.parametrize(
    ("searcher", "batch"), [(hpo.Nsga2(population=4), 3), (hpo.Parego(hpo.Emukit(first=3, restarts=0, samples=0)), 2)]
)
def test_a_search_that_was_killed_goes_on_with_what_was_under_way(searcher, batch, tmp_path) -> None:
    how = {"objectives": BOTH, "searcher": searcher, "n": 9, "batch": batch, "reference": REFERENCE, "rng": 3}
    path, lives, done = tmp_path / "search.jsonl", (0, 1, 3, 2, 99), []
    for after in lives:
        f = dying(after)
        np.random.seed(after)  # noqa: NPY002 - what must not matter
        try:
            made = hpo.pareto(f, SPACE, journal=path, **how)
        except Died:
            done += f.done[:-1]
            with path.open("ab") as file:
                file.write(b'{"event": "tell", "numb')  # it died while it wrote
    done += f.done
    whole = hpo.pareto(dying(99), SPACE, **how)
    assert (whole.trials["failure"] == "RuntimeError: out of memory").any()
    assert done == list(whole.configurations), "each was evaluated once, but for those under way"
    pd.testing.assert_frame_equal(made.trials, whole.trials)
    again = dying(99)
    pd.testing.assert_frame_equal(hpo.pareto(again, SPACE, journal=path, **how).trials, whole.trials)
    assert again.done == []


def test_a_journal_of_another_search_or_in_other_hands_is_refused(tmp_path) -> None:
    path = tmp_path / "search.jsonl"
    how = {"objectives": BOTH, "searcher": "nsga2", "n": 3, "rng": 3, "journal": path}
    hpo.pareto(zdt1, SPACE, **how)
    turned = {"f1": "minimize", "f2": "maximize"}
    for changed, said in (
        ({"rng": 4}, "its rng is 3, not 4"),
        ({"searcher": hpo.Nsga2(population=4)}, "its searcher is Nsga2"),
        ({"objectives": turned}, "its objectives is f1 minimize, f2 minimize, not f1 minimize, f2 maximize"),
    ):
        with pytest.raises(ValueError, match=f"`journal` is .*search.jsonl, the journal of another search: {said}"):
            hpo.pareto(zdt1, SPACE, **how | changed)
    with pytest.raises(ValueError, match=r"another search: its space\.x is "):
        hpo.pareto(zdt1, SPACE | {"x": (0.0, 2.0)}, **how)
    with hpo.Search(SPACE, journal=tmp_path / "other.jsonl"):
        with pytest.raises(RuntimeError, match="another search is writing to"):
            hpo.pareto(zdt1, SPACE, **how | {"journal": tmp_path / "other.jsonl"})
    lines = path.read_text().splitlines()
    for broken, said in (
        (lines[2].replace('"f1"', '"f3"'), "line 3 .*does not tell the scores f1, f2 of one configuration"),
        (lines[1], "line 3 .*its number is 0 where 1 is due"),
        (lines[2].replace("tell", "told"), "line 3 .*its event is 'told'"),
    ):
        path.write_text("\n".join([*lines[:2], broken, *lines[3:]]) + "\n")
        with pytest.raises(ValueError, match=said):
            hpo.pareto(zdt1, SPACE, **how)


def test_on_a_pool_a_search_goes_on_too(tmp_path) -> None:
    how = {"objectives": ["auc", "seed_std"], "searcher": "random", "journal": tmp_path / "search.jsonl"}
    few, whole = (hpo.pareto("sac_pendulum", n=n, **how) for n in (4, 9))
    assert whole.configurations[:4] == few.configurations
    assert whole.configurations == hpo.pareto("sac_pendulum", n=9, **how | {"journal": None}).configurations
    for judging, said in (
        (hpo.Judging(seeds=2, choice_seeds=0, test_seeds=1), r"its pool is hpo\.pool"),
        (None, "its judging is Judging"),
    ):
        made = hpo.pool("sac_pendulum", judging=judging)
        if judging is None:  # the same to read, but of other seeds
            made = replace(made, judging=replace(made.judging, seeds=(1, 2)))
        with pytest.raises(ValueError, match=said):
            hpo.pareto(made, n=4, **how)


@pytest.mark.parametrize(
    ("call", "kind", "said"),
    [
        (lambda: hpo.pareto(zdt1, SPACE, objectives={"f1": "minimize"}), ValueError, "a front needs two or more"),
        (lambda: hpo.pareto(zdt1, SPACE, objectives={"f1": "min", "f2": "minimize"}), ValueError, "unknown objectives"),
        (
            lambda: hpo.pareto(zdt1, SPACE, objectives=["f1", "f2"]),
            TypeError,
            "`source` is a function and `objectives`",
        ),
        (
            lambda: hpo.pareto(zdt1, SPACE, objectives={"failure": "minimize", "f2": "minimize"}),
            ValueError,
            "which is a column of its own in the table",
        ),
        (lambda: found("nsga", 3), ValueError, "did you mean `nsga2`"),
        (lambda: hpo.pareto("dqn_acrobot", SPACE, objectives=["auc", "seed_std"]), ValueError, "a pool has its own"),
        (lambda: hpo.pareto("dqn_acrobot", objectives=["auc", "seed_stdd"]), ValueError, "did you mean `seed_std`"),
        (lambda: hpo.pareto("dqn_acrobot", objectives=["auc"]), ValueError, "a front needs two or more"),
        (
            lambda: hpo.pareto("dqn_acrobot", objectives=["auc", "seed_std"], threshold=3),
            ValueError,
            "`threshold` is for",
        ),
        (lambda: hpo.Outcomes([{"x": 1}], [[1.0]]), ValueError, "two columns or more"),
        (lambda: hpo.Outcomes([{"x": 1}], [[1.0, np.inf]]), ValueError, "infinite"),
        (lambda: hpo.Parego(rho=-1), ValueError, "`rho` is -1"),
        (lambda: hpo.Nsga2(population=1), ValueError, "`population` is 1"),
    ],
)
def test_what_cannot_be_is_refused(call, kind, said) -> None:
    with pytest.raises(kind, match=said):
        call()
