"""Both engines take and refuse the same settings: edge values of every hyperparameter of every algorithm."""

from __future__ import annotations

import math
from functools import partial

import jax
import numpy as np
import pytest

from rlhp.agents import streams
from rlhp.agents.agent import segment
from rlhp.algorithms import declared, defaults, names
from rlhp.algorithms._declaration import MOST_FLOAT, MOST_INT
from rlhp.schedules import Linear
from rlhp.trainers import RunRequest
from rlhp.trainers._engines import obstacles
from rlhp.trainers.compiled._programs import moment
from rlhp.trainers.compiled._recipes import prepared
from rlhp.trainers.sb3._model import build
from rlhp.trainers.sb3._training import train_run

BOTH = [name for name in names() if declared(name).sb3 is not None and declared(name).agent is not None]
# Small enough to be built in no time; what is tried stands in its place.
_SMALL = {"net_arch": [2], "buffer_size": 50, "learning_starts": 4, "batch_size": 4}


def environment(algorithm: str) -> str:
    return "CartPole-v1" if "Discrete" in declared(algorithm).actions else "Pendulum-v1"


def small(algorithm: str) -> dict:
    """Give a configuration that trains in no time."""
    config = {name: value for name, value in _SMALL.items() if name in defaults(algorithm)}
    return config | ({"n_steps": 4} if "n_steps" in declared(algorithm).iteration else {})


def lowest(algorithm: str) -> dict:
    """Give the lowest of every whole number at once, and what then is no longer possible switched off."""
    known = declared(algorithm).hyperparameters
    config = {name: int(what.low) for name, what in known.items() if what.kind == "int"}
    return config | {"net_arch": [1]} | ({"normalize_advantage": False} if "normalize_advantage" in known else {})


LARGEST_BUILT = 5_000  # what holds memory is not built larger than this

ANY = [-1, 0, 1, 2, 3, 0.5, 1e-12, 1e-13, 1.5, 100, 1e38, MOST_FLOAT, 1e39, -MOST_FLOAT, MOST_INT, MOST_INT + 1, 2**70]
ANY += [math.nan, math.inf, None, True, False, "auto", "", [1], [], [1, 2], [0], [2.0], [1.5], b"x", np.float32(0.25)]
SCHEDULES = [(0.0, 0.0), (0.0, 1.0), (1.0, 2.0), (2.0, 8.0), (-1.0, 4.0), (1e-3, 1e-4), (0.0, MOST_FLOAT)]


def edges(algorithm: str, name: str) -> list:
    what = declared(algorithm).hyperparameters[name]
    ends = [what.low, what.high, what.default]
    if what.kind != "widths" and what.kind != "bool":
        ends += [
            what.low + 1,
            what.low - 1,
            what.high + 1,
            np.nextafter(what.high, np.inf),
            np.nextafter(what.low, -1e9),
        ]
    return [*ANY, *ends, *(Linear(start, end) for start, end in SCHEDULES)]


def asked(algorithm: str, config: dict, engine: str) -> RunRequest | str:
    """Give the request, or why there is none."""
    try:
        return RunRequest(algorithm, environment(algorithm), 0, 16, config, 16, 1, engine)
    except ValueError as error:
        return str(error)


def taken_by_sb3(request: RunRequest) -> str:
    try:
        build(request).get_env().close()
    except (AssertionError, ValueError, TypeError, ZeroDivisionError) as error:
        return f"{type(error).__name__}: {error}"
    return ""


def taken_by_jax(request: RunRequest) -> str:
    try:
        found = prepared(request)
    except (AssertionError, ValueError, TypeError, OverflowError, ZeroDivisionError) as error:
        return f"{type(error).__name__}: {error}"
    unlimited = {name for name, value in defaults(request.algorithm).items() if value in (None, "auto")}
    if request.config.get("ent_coef") == "auto":
        unlimited.add("ent_coef")
    lost = [
        name
        for name, numbers in found.traced.items()
        if name in request.config and name not in unlimited and not np.isfinite(numbers).all()
    ]
    return f"{lost} are no longer finite" if lost else ""


def holds_memory(name: str, request: RunRequest) -> bool:
    value = request.config.get(name)
    return name in ("n_envs", "n_steps", "buffer_size", "batch_size", "train_freq", "net_arch") and (
        np.max(value if isinstance(value, list | int) else 0) > LARGEST_BUILT
    )


@pytest.mark.parametrize(
    ("algorithm", "name"), [(algorithm, name) for algorithm in BOTH for name in defaults(algorithm)]
)
def test_an_edge_value_gets_the_same_answer_from_both(algorithm, name):
    base = {key: value for key, value in small(algorithm).items() if key != name}
    if name == "normalize_advantage":
        base |= {"n_steps": 1}
    taken = 0
    for value in edges(algorithm, name):
        config = {**base, name: value}
        ours, theirs = (asked(algorithm, config, engine) for engine in ("jax", "sb3"))
        if isinstance(ours, str) or isinstance(theirs, str):
            if ours == theirs:
                continue  # refused alike, before an engine is chosen
            said = ours if isinstance(ours, str) else theirs
            # One engine cannot, by name, and the message says that the other can.
            assert said.startswith("engine='")
            assert "can." in said or algorithm in said, said
            engine = said.partition("'")[2].partition("'")[0]
            checked = ours if isinstance(theirs, str) else theirs
            assert isinstance(checked, str) or obstacles(engine, algorithm, environment(algorithm), checked.config)
            continue
        if holds_memory(name, theirs):
            continue
        taken += 1
        assert (taken_by_sb3(theirs), taken_by_jax(ours)) == ("", ""), (name, value)
    assert taken or len(declared(algorithm).hyperparameters[name].engines) == 1, f"no value of {name} is taken"


@pytest.mark.parametrize("algorithm", BOTH)
def test_the_lowest_of_everything_at_once_is_a_program_and_a_run(algorithm):
    config = lowest(algorithm)
    found = prepared(asked(algorithm, config, "jax"))
    agent = found.recipe.agent()
    state = jax.eval_shape(agent.init, streams.key(0), found.traced, found.loops)
    state = state._replace(memory=jax.eval_shape(agent.memory))
    _, metrics = jax.eval_shape(partial(segment, agent), state, found.traced, found.loops, moment(0, 16, 16, True))
    assert metrics["updates"].shape == ()
    runs = train_run(asked(algorithm, config, "sb3"))
    assert runs.table[["status", "error"]].values.tolist() == [["finished", ""]]


@pytest.mark.parametrize("algorithm", ["dqn", "sac"])
def test_a_memory_is_no_larger_than_the_run_however_rarely_it_learns(algorithm):
    request = asked(algorithm, {"train_freq": MOST_INT, "buffer_size": MOST_INT}, "jax")
    assert dict(prepared(request).recipe.shapes)["slots"] <= 1_024


@pytest.mark.parametrize("engine", ["jax", "sb3"])
@pytest.mark.parametrize(
    ("field", "good", "bad"),
    [
        ("seed", [0, 2**32 - 1], [-1, 2**32, 2**70, math.nan, math.inf, "a", None, True, 1.5, b"x"]),
        ("steps", [1, 1e6, 2**31 - 1], [0, -1, 2**31, 2**70, math.nan, math.inf, "a", None, True, 1.5, [5]]),
        ("eval_every", [1, 2**31 - 1], [0, 2**31, math.nan, "a", True]),
        ("eval_episodes", [1], [0, 2**31, math.nan, "a", True]),
    ],
)
def test_seeds_and_steps_have_the_same_bounds_in_both(field, good, bad, engine):
    fields = {"seed": 0, "steps": 100, "eval_every": 50, "eval_episodes": 1, "engine": engine}
    for value in good:
        RunRequest("dqn", "CartPole-v1", config={}, **{**fields, field: value})
    for value in bad:
        with pytest.raises(ValueError, match=f"`{field}` is .*; give a whole number of at least"):
            RunRequest("dqn", "CartPole-v1", config={}, **{**fields, field: value})


def test_the_largest_seed_trains(tmp_path):
    runs = train_run(RunRequest("a2c", "CartPole-v1", 2**32 - 1, 20, {"n_envs": 3, "net_arch": [2]}, 20, 1))
    assert runs.table["status"].item() == "finished"
