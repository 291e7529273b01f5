"""Searches on real training: low rungs are continued to the bit, counted once, and a killed search goes on."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("jax")

import jax

import rlhp
from rlhp import hpo
from rlhp.sweeps import Session, advance
from rlhp.trainers import RunRequest
from tests.hpo.searching import JUDGING, call


def arrays(snapshot: Path) -> dict[str, bytes]:
    """What a snapshot holds besides the description, in which there are seconds."""
    with zipfile.ZipFile(snapshot) as archive:
        return {name: archive.read(name) for name in archive.namelist() if name != "runs.json"}


def promoted(algorithm: str, tmp_path: Path) -> None:
    """Hold runs that were promoted to the uninterrupted ones: evaluations, parameters, and all that is kept of them."""
    found = call(tmp_path, algorithm=algorithm, execution=rlhp.Execution(keep_policies=True))
    assert found.brackets.table["steps"].tolist() == [48, 80, 160]
    assert found.brackets.table["n"].tolist() == [6, 3, 1]
    (best,) = (one for one in found.trials if len(one.rungs) == 3)
    env_id = found.runs.table["env_id"].iloc[0]
    requests = [RunRequest(algorithm, env_id, seed, 160, best.configuration, 16, 10, "jax") for seed in (0, 1)]
    session = Session(requests, execution=rlhp.Execution(keep_policies=True))
    try:
        session.run()
        whole = session.finished()
        for request in requests:
            mine, theirs = (runs.evals[runs.evals["run_id"] == request.run_id] for runs in (found.runs, whole))
            pd.testing.assert_frame_equal(*(one.reset_index(drop=True) for one in (mine, theirs)), check_exact=True)
            mine, theirs = (runs.policy(request.run_id).model.parameters for runs in (found.runs, whole))
            for one, other in zip(jax.tree.leaves(mine), jax.tree.leaves(theirs), strict=True):
                np.testing.assert_array_equal(one, other)
    finally:
        session.close()
    # What a policy leaves out (critics, moments, memory, random numbers): those that stopped after one promotion.
    half = next(one for one in found.trials if one.last.steps == 80)
    stopped = [RunRequest(algorithm, env_id, seed, 160, half.configuration, 16, 10, "jax") for seed in (0, 1)]
    advance(stopped, 80, tmp_path / "at once")
    for request in stopped:
        file = f"paused/{request.run_id}.zip"
        mine, theirs = (arrays(folder / file) for folder in (tmp_path, tmp_path / "at once"))
        assert len(mine) > 20
        assert mine == theirs
    assert best.last.scores[1] == whole.evals["return_mean"].iloc[-1]
    steps = found.runs.evals.groupby("run_id")["step"].max()
    tuned = found.runs.table.index[found.runs.table["seed"].isin((0, 1))]
    assert steps[tuned].sum() == found.counts["env_steps"] == found.table["env_steps"].sum()


def test_a_run_promoted_twice_is_the_uninterrupted_run(tmp_path) -> None:
    promoted("a2c", tmp_path)


@pytest.mark.hard
@pytest.mark.parametrize("algorithm", ["ppo", "dqn", "sac", "td3"])
def test_a_run_of_any_agent_promoted_twice_is_the_uninterrupted_run(algorithm, tmp_path) -> None:
    promoted(algorithm, tmp_path)


def test_the_result_says_what_was_spent_and_confirms_on_fresh_seeds(tmp_path, capfd) -> None:
    found = call(tmp_path)
    assert found.counts["programs"] == 1
    assert found.counts["confirming"] == (2 * 2 + 3) * 160
    assert found.counts["env_steps"] <= 1600
    assert found.counts["trained"] == found.counts["env_steps"] + found.counts["confirming"], "8 steps divide 16"
    assert found.counts["evaluating"] > 0
    assert found.runs.table["seed"].isin((2, 3)).sum() == 4, "two finalists, two seeds that choose"
    fresh = found.runs.table[found.runs.table["seed"].isin((4, 5, 6))]
    assert len(fresh) == 3, "only the one taken is tested"
    assert set(fresh["status"]) == {"finished"}
    first = found.finalists.iloc[0]
    config = found.trials[int(first["trial"])].configuration
    assert found.best_config == dict(config)
    own = fresh[np.isclose(fresh["hp.gamma"].astype(float), config["gamma"], rtol=0, atol=0)].index
    finals = found.runs.evals.groupby("run_id")["return_mean"].last()[own]
    assert first["confirmed"] == pytest.approx(finals.mean())
    assert found.confirmed[1] <= first["confirmed"] <= found.confirmed[2]
    assert found.call.startswith("hpo.optimize('a2c', 'CartPole-v1', space, judging=hpo.Judging(steps=160,")
    named = {"hpo": hpo, "rlhp": rlhp}
    judging = found.call.partition("judging=")[2].partition(", budget=")[0]
    assert eval(judging, named) == found.judging, "the call that it prints can be made"
    shown = capfd.readouterr().err.split("\r")
    done = found.counts["env_steps"] + found.counts["confirming"]
    assert f"{done / 1000:.2f}k/{done / 1000:.2f}k" in shown[-1], "the bar is full in the end"
    assert "confirming: 100%" in shown[-1]
    assert f"{len(found.trials)} configurations, best " in shown[-1]


def test_the_same_call_again_trains_nothing_and_another_is_refused(tmp_path, capfd) -> None:
    found = call(tmp_path)
    journal = (tmp_path / "search.jsonl").read_bytes()
    written = {path: path.stat().st_mtime_ns for path in (tmp_path / "chunks").rglob("*") if path.is_file()}
    capfd.readouterr()
    again = call(tmp_path, execution=rlhp.Execution(progress=False))
    assert not capfd.readouterr().err, "there is no bar"
    assert again.call == found.call[:-1] + ", execution=rlhp.Execution(progress=False))"
    assert (tmp_path / "search.jsonl").read_bytes() == journal
    assert {path: path.stat().st_mtime_ns for path in written if path.exists()} == written
    pd.testing.assert_frame_equal(found.table, again.table)
    pd.testing.assert_frame_equal(found.finalists, again.finalists)
    assert again.counts == found.counts
    with pytest.raises(ValueError, match="the journal of another search: its rng is 0, not 1"):
        call(tmp_path, rng=1)
    for other, said in (
        ({"budget": 1700}, "its budget is 1600, not 1700"),
        ({"plan": "full"}, r"its plan is SuccessiveHalving\(n=6.*batch=3\), not Full\("),
        ({"judging": replace(JUDGING, tie=0.1)}, "its judging.tie is 0.01, not 0.1; .* another `out=`"),
    ):
        with pytest.raises(ValueError, match=f"`out` is .*, the journal of another search: {said}"):
            call(tmp_path, **other)


def test_the_policy_to_take_is_that_of_a_test_seed_unless_one_is_asked_for(tmp_path) -> None:
    found = call(tmp_path, execution=rlhp.Execution(keep_policies=True))
    for seed, asked in ((4, None), (3, 3)):
        request = found.policy(asked).request
        assert (request.algorithm, request.env_id, request.seed, request.steps) == ("a2c", "CartPole-v1", seed, 160)
        assert request.config["gamma"] == found.best_config["gamma"]
    with pytest.raises(ValueError, match=r"`seed` is 7, which had no part in the search; give one of \[0, 1, 2, 3,"):
        found.policy(7)
    with pytest.raises(ValueError, match=r"was not kept; train with `out=` and `execution="):
        replace(found, runs=replace(found.runs, policies=None)).policy()
    for without, why in (({"runs": None}, "a replay trains nothing"), ({"best_config": None}, "no configuration has")):
        with pytest.raises(ValueError, match=f"there is no policy, because {why}"):
            replace(found, **without).policy()


@pytest.mark.parametrize(
    ("changed", "kind", "said"),
    [
        ({"judging": hpo.Judging(seeds=1)}, ValueError, "how long a run is trained"),
        ({"judging": 160}, TypeError, "`judging` is 160"),
        ({"algorithm": "a2d"}, ValueError, "did you mean `a2c`"),
        ({"budget": 1.5}, ValueError, "`budget` is 1.5"),
        ({"budget": None}, ValueError, "`budget` is None"),
        ({"execution": 4}, TypeError, "`execution` is 4"),
        ({"execution": rlhp.Execution(retry_failed=True)}, ValueError, "`execution.retry_failed` is True, and what a"),
        ({"execution": rlhp.Execution(keep_policies=True)}, ValueError, "`execution.keep_policies` needs a place"),
        ({"budget": 10}, ValueError, "`budget` is 10 .* needs [0-9]+ at least, to begin one"),
    ],
)
def test_what_cannot_be_is_refused(changed, kind, said) -> None:
    options = {"algorithm": "a2c", "searcher": "random", "judging": JUDGING, "budget": 100, **changed}
    with pytest.raises(kind, match=said):
        hpo.optimize(options.pop("algorithm"), "CartPole-v1", **options)
