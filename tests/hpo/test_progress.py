"""Repeated searches: what they hold by what they spent, judged by seeds that no search saw."""

from __future__ import annotations

import numpy as np
import pytest

from rlhp import hpo


@pytest.fixture(scope="module")
def pool():
    return hpo.pool("sac_pendulum")


@pytest.fixture(scope="module")
def searches(pool):
    return {
        label: [hpo.replay(pool, budget=400_000, searcher="random", plan=plan, rng=seed) for seed in range(4)]
        for label, plan in {"full": hpo.Full(), "race": hpo.Race(eta=2, patience=0.0)}.items()
    }


def test_incumbents_are_judged_by_the_seeds_that_no_search_saw(pool, searches) -> None:
    found = hpo.progress(searches, pool=pool)
    truth = pool.truth(pool.judging.held_out)
    for label, many in searches.items():
        for one, told in zip(many, found.ends[found.ends["label"] == label].to_dict("records"), strict=True):
            last = one.trials[one.history["trial"].iloc[-1]]
            assert told["score"] == truth[pool.place(last.configuration)]
            assert (told["rng"], told["env_steps"]) == (one.rng, one.counts["env_steps"])
    assert found.last["score"].to_dict() == pytest.approx(found.ends.groupby("label")["score"].mean().to_dict())
    assert "2 seeds of the pool that tune nothing" in found.judged


def test_without_a_pool_the_search_judges_itself(pool, searches) -> None:
    flattering, honest = hpo.progress(searches), hpo.progress(searches, pool=pool)
    one = searches["race"][2]
    assert flattering.ends.query("label == 'race' and rng == 2")["score"].item() == one.history["score"].iloc[-1]
    assert (flattering.last["score"] != honest.last["score"]).all()
    assert flattering.judged == "the scores by which the searches took them"


def test_the_line_begins_where_all_hold_something_and_is_the_mean_of_what_they_hold(searches) -> None:
    found = hpo.progress(searches, points=7)
    for label, many in searches.items():
        rows = found.table[found.table["label"] == label]
        assert len(rows) == 7
        assert rows["env_steps"].iloc[0] == max(one.history["env_steps"].iloc[0] for one in many)
        for _, row in rows.iterrows():
            held = [one.history["score"][one.history["env_steps"] <= row["env_steps"]].iloc[-1] for one in many]
            assert row["score"] == pytest.approx(np.mean(held))
            assert row["low"] <= row["score"] <= row["high"] <= 0  # Pendulum costs: nothing is above 0


def test_the_distribution_in_the_end_is_that_of_the_repetitions(searches) -> None:
    found = hpo.progress(searches)
    edf = found.edf()
    assert (edf.things, edf.objective) == ("searches", "final_return")
    for label in searches:
        ends = found.ends.query("label == @label")["score"].to_numpy()
        np.testing.assert_array_equal(np.sort(edf.values[label]), np.sort(ends))
        assert edf.table.query("label == @label")["share"].iloc[-1] == 1


def test_another_pool_and_other_objectives_are_refused(searches) -> None:
    with pytest.raises(ValueError, match="give the pool that it replayed"):
        hpo.progress(searches, pool=hpo.pool("ppo_pendulum"))
    other = hpo.pool("sac_pendulum", judging=hpo.Judging(objective="auc", choice_seeds=0, test_seeds=1))
    mixed = {"final": searches["race"], "area": [hpo.replay(other, budget=100_000, searcher="random")]}
    with pytest.raises(ValueError, match="different objectives, auc, final_return"):
        hpo.progress(mixed)


def test_brackets_after_they_ran_are_what_was_spent(searches) -> None:
    for many in searches.values():
        for one in many:
            found = one.brackets
            assert found.table["env_steps"].sum() == one.counts["env_steps"]
            assert found.ended == sum(trial.last.seeds == 3 for trial in one.trials)
            assert found.taken == one.finalists["trial"].iloc[0]


def test_brackets_before_they_run_say_what_nobody_knows_yet() -> None:
    terms = hpo.Terms(steps=900, seeds=2)
    assert hpo.brackets("race", terms).table["n"].isna().all()
    assert "decided by what is measured" in repr(hpo.brackets("race", terms))
    assert "16,200 environment steps" in repr(hpo.brackets(hpo.Full(n=9), terms))
