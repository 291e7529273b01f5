"""What a task on a Ray cluster tells, without a cluster: it is a generator of plain values."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from rlhp import envs
from rlhp.algorithms import sharing as algorithms
from rlhp.envs import sharing as environments
from rlhp.envs._registry import keep, make_jax
from rlhp.sweeps._ended import Ended
from rlhp.sweeps._record import versions
from rlhp.sweeps._requests import requests_of
from rlhp.sweeps.executors import _ray_task
from rlhp.sweeps.executors._ray_losses import Losses
from rlhp.sweeps.executors._ray_task import Chunk, train

SMALL = {"n_steps": 8, "net_arch": [8]}


@pytest.fixture(autouse=True)
def _node(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_ray_task, "_here", lambda: ("abc", "10.0.0.7"))
    monkeypatch.setattr(_ray_task, "_accepted", {})


def chunk(env_id: str = "CartPole-v1", seeds: int = 2, **changed: Any) -> Chunk:
    requests = requests_of("a2c", env_id, SMALL, steps=32, seeds=seeds, engine="sb3", evaluation=16)
    asked = Chunk(
        engine="sb3",
        requests={one.run_id: one.to_json() for one in requests},
        algorithms={},
        environments={},
        versions=versions("sb3"),
        paused={},
        until=None,
        time_limit=None,
        keep_policies=True,
    )
    return dataclasses.replace(asked, **changed)


def told(asked: Chunk) -> list[dict[str, Any]]:
    return [event for events in train(asked) for event in events]


def test_says_where_it_begins_and_that_it_is_over() -> None:
    asked = chunk()
    events = told(asked)
    assert events[0] == {"event": "begun", "node": "abc"}
    assert events[-1] == {"event": "over"}
    ended = [event for event in events if event["event"] == "ended"]
    assert [event["run_id"] for event in ended] == list(asked.requests)
    assert all(event["policy"].startswith(b"PK") and event["paused"] is None for event in ended)
    assert [event["process"].partition(" on ")[2] for event in events if event["event"] == "started"] == [
        "10.0.0.7"
    ] * 2


def test_where_versions_differ_nothing_is_trained() -> None:
    events = told(chunk(versions=versions("sb3") | {"torch": "1.0"}))
    assert [event["event"] for event in events] == ["begun", "broken"]
    assert events[-1]["message"].startswith("torch is ")
    assert "on 10.0.0.7 and 1.0 where the sweep was asked for; install the same versions" in events[-1]["message"]


def test_a_run_that_has_another_name_there_is_not_trained() -> None:
    asked = chunk(seeds=1)
    events = told(dataclasses.replace(asked, requests={"0123": next(iter(asked.requests.values()))}))
    assert [event["event"] for event in events] == ["begun", "broken"]
    assert "the run 0123 has the name" in events[-1]["message"]


def test_an_interrupt_that_an_environment_raises_ends_its_run_alone() -> None:
    import gymnasium

    class Pressed(gymnasium.Wrapper[Any, Any, Any, Any]):
        def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> Any:
            if seed == 1:
                raise KeyboardInterrupt("Ctrl-C")
            return self.env.reset(seed=seed, options=options)

    envs.register("Pressed-v0", gymnasium=lambda **options: Pressed(gymnasium.make("CartPole-v1", **options)))
    try:
        asked = chunk("Pressed-v0")
        asked = dataclasses.replace(asked, environments={"Pressed-v0": environments.packed("Pressed-v0")})
        events = told(asked)
    finally:
        keep("Pressed-v0", None)
    requests = requests_of("a2c", "CartPole-v1", SMALL, steps=32, seeds=2, evaluation=16)
    ended = [
        Ended.from_json(one, event["run"])
        for one, event in zip(requests, [event for event in events if event["event"] == "ended"], strict=True)
    ]
    assert [(run.status, run.error) for run in ended] == [("finished", ""), ("failed", "KeyboardInterrupt: Ctrl-C")]
    assert events[-1] == {"event": "over"}


def test_a_compiled_environment_travels_whole() -> None:
    pytest.importorskip("jax")
    pole = make_jax("CartPole-v1")
    envs.register("Heavy-v0", jax=dataclasses.replace(pole, time_limit=40))
    try:
        text = environments.packed("Heavy-v0", compiled=True)
        keep("Heavy-v0", None)
        environments.accept(text)
        assert make_jax("Heavy-v0").time_limit == 40
    finally:
        keep("Heavy-v0", None)
    assert environments.packed("CartPole-v1", compiled=True) is None
    assert algorithms.packed("ppo", compiled=True) is None


class Nodes:
    """A cluster, as far as `Losses` asks."""

    def __init__(self, *standing: str) -> None:
        self.standing = standing

    def nodes(self) -> list[dict[str, Any]]:
        return [{"NodeID": name, "Alive": name in self.standing} for name in "abcdefghijkl"]


def test_a_run_that_brings_its_process_down_three_times_has_failed() -> None:
    losses = Losses(Nodes("a", "b"))
    assert [losses.verdict("run", node, "killed") for node in "aab"] == ["", "", "its process died 3 times: killed"]
    assert losses.verdict("another", "a", "killed") == ""


def test_machines_that_are_lost_are_not_held_against_a_run_until_there_are_ten() -> None:
    losses = Losses(Nodes("a", "b"))
    assert [losses.verdict("run", node, "gone") for node in "acdefghib"] == [""] * 9
    assert losses.verdict("run", "j", "gone") == "it was lost 10 times, with its process or its machine: gone"
