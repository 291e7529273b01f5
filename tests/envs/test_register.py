"""Environments of one's own: what is registered is what it says, and what is not is refused by name."""

from __future__ import annotations

import dataclasses
import math
import subprocess
import sys
import threading
import types
from typing import Any, NamedTuple

import gymnasium
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from gymnasium.spaces import Box, Discrete

import rlhp
from rlhp.envs import Environment, Parameter, catalogue, has_jax, make_gymnasium, make_jax, register
from rlhp.envs.sharing import accept, packed
from rlhp.returns import return_bounds
from rlhp.schedules import Linear
from rlhp.trainers import RunRequest, action_kind, check_environment
from rlhp.trainers._engines import choose_engine
from rlhp.worlds import parameters

pytestmark = pytest.mark.usefixtures("nothing_registered")
LIMIT = 12
SMALL = {"n_steps": 32, "batch_size": 32, "n_epochs": 1, "net_arch": [8]}
ASKED = {"evaluation": rlhp.Evaluation(episodes=2)}


class Walk(NamedTuple):
    place: Any
    wind: Any
    time: Any


def _reset(key, context):
    place = jax.random.uniform(key, minval=-0.1, maxval=0.1)
    return Walk(place, jnp.asarray(context["wind"], jnp.float32), jnp.int32(0)), jnp.stack([place])


def _step(key, state, action):
    place = state.place + jnp.where(action == 1, 0.3, -0.3) + state.wind
    after = Walk(place, state.wind, state.time + 1)
    return after, jnp.stack([place]), -jnp.abs(place), jnp.abs(place) > 2, after.time >= LIMIT


WIND = {"wind": Parameter(0.0, -0.2, 0.2, "places a step")}
WALK = Environment("Walk", (1,), "float32", _reset, _step, LIMIT, n_actions=2, parameters=WIND)


class GymWalk(gymnasium.Env):
    """The same walk for Gymnasium, without an end of its own."""

    observation_space, action_space = Box(-np.inf, np.inf, (1,), np.float32), Discrete(2)

    def __init__(self, render_mode=None):
        self.render_mode, self.wind, self.place = render_mode, 0.0, 0.0

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.place = self.np_random.uniform(-0.1, 0.1)
        return np.array([self.place], np.float32), {}

    def step(self, action):
        self.place += (0.3 if action == 1 else -0.3) + self.wind
        return np.array([self.place], np.float32), -abs(self.place), abs(self.place) > 2, False, {}


def walk() -> Environment:
    return WALK


def test_an_environment_for_both_engines_is_the_same_to_both():
    register("Walk-v0", jax=WALK, gymnasium=GymWalk, return_bounds=(-24, 0), differs="Nothing.")
    row = catalogue().loc["Walk-v0"]
    assert row.tolist() == ["jax, sb3", -24.0, 0.0, "wind", "Nothing."]
    assert return_bounds("Walk-v0") == (-24.0, 0.0)
    assert has_jax("Walk-v0")
    assert make_jax("Walk-v0") is make_jax("Walk-v0")
    assert make_jax("Walk-v0").env_id == "Walk-v0"
    env, other = make_jax("Walk-v0"), make_gymnasium("Walk-v0", parameters={"wind": 0.1})
    state, _ = env.reset(jax.random.key(0), {"wind": 0.1})
    other.reset(seed=0)
    other.unwrapped.place = float(state.place)
    for n in range(LIMIT):
        state, *ours = env.step(jax.random.key(1), state, n % 2)
        theirs = other.step(n % 2)
        np.testing.assert_allclose(ours[0], theirs[0], rtol=1e-5)
        assert [bool(one) for one in ours[2:]] == list(theirs[2:4])
    assert theirs[3], "cut off at the time limit that the JAX environment has"


@pytest.mark.parametrize("how", [WALK, walk, f"{__name__}:walk"], ids=["environment", "function", "path"])
def test_an_environment_comes_as_itself_a_function_or_a_path(how):
    register("Walk-v0", jax=how)
    assert make_jax("Walk-v0").parameters == WIND
    assert parameters("Walk-v0") == WIND
    assert catalogue().loc["Walk-v0", "engines"] == "jax"
    assert return_bounds("Walk-v0") == (-math.inf, math.inf)


def test_what_is_written_in_jax_alone_is_trained_by_the_compiled_engine():
    register("Walk-v0", jax=WALK)
    assert action_kind("Walk-v0") == "Discrete"
    check_environment("dqn", "Walk-v0")
    assert choose_engine("ppo", "Walk-v0", {}) == "jax"
    for call in (
        lambda: choose_engine("ppo", "Walk-v0", {}, "sb3"),
        lambda: RunRequest("ppo", "Walk-v0", 0, 64, {}, 64, 1, "sb3"),
    ):
        with pytest.raises(ValueError, match=r"on Walk-v0: the environment is written in JAX alone; engine='jax' can"):
            call()
    with pytest.raises(ValueError, match="sac acts in Box action spaces, but Walk-v0 has a Discrete one"):
        RunRequest("sac", "Walk-v0", 0, 64, {}, 64, 1, "jax")
    with pytest.raises(ValueError, match=r"Walk-v0 is written in JAX alone, .* `gymnasium=`"):
        make_gymnasium("Walk-v0")
    runs = rlhp.sweep(
        "ppo",
        "Walk-v0",
        [{**SMALL, "env.wind": 0.2}, {**SMALL, "env.wind": Linear(-0.2, 0.2)}, SMALL],
        steps=128,
        seeds=2,
        execution=rlhp.Execution(workers=1, progress=False),
        **ASKED,
    )
    assert (runs.table["engine"] == "jax").all()
    assert (runs.table["status"] == "finished").all()
    assert runs.evals["length_mean"].max() <= LIMIT
    ends = runs.evals.groupby("run_id")["return_mean"].last().reindex(runs.table.index)
    assert ends.iloc[0] != ends.iloc[4], "another wind, another return"


def test_what_no_engine_can_train_is_said_with_both_reasons():
    register("Walk-v0", jax=WALK)
    with pytest.raises(ValueError, match=r"no engine can train this ppo on Walk-v0 \(engine='jax': `n_epochs` cannot"):
        choose_engine("ppo", "Walk-v0", {"n_epochs": Linear(1, 5)})


def test_bytes_are_no_pixels():
    bytes_ = dataclasses.replace(
        WALK,
        observation_shape=(7, 7, 3),
        observation_dtype="uint8",
        reset=lambda key, context: (_reset(key, context)[0], jnp.zeros((7, 7, 3), jnp.uint8)),
        step=lambda *a: (lambda r: (r[0], jnp.zeros((7, 7, 3), jnp.uint8), *r[2:]))(_step(*a)),
    )
    register("Bytes-v0", jax=bytes_)
    check_environment("ppo", "Bytes-v0", {"normalize": True})


def test_a_gymnasium_environment_may_have_parameters_too():
    register("Walk-v0", gymnasium=GymWalk, parameters=WIND)
    assert not has_jax("Walk-v0")
    assert make_gymnasium("Walk-v0", parameters={"wind": 0.2}).unwrapped.wind == 0.2
    request = RunRequest("ppo", "Walk-v0", 0, 64, {"env.wind": 0.1}, 64, 1, "auto")
    assert request.engine == "sb3"
    with pytest.raises(ValueError, match=r"unknown parameter `wnd` for Walk-v0; did you mean `wind`"):
        RunRequest("ppo", "Walk-v0", 0, 64, {"env.wnd": 0.1}, 64, 1)


def test_an_id_stands_for_one_environment_until_it_is_replaced():
    register("Walk-v0", jax=WALK, return_bounds=(-24, 0))
    first = make_jax("Walk-v0")
    assert action_kind("Walk-v0") == "Discrete"
    with pytest.raises(ValueError, match=r"'Walk-v0', which is registered already; give another id, or replace=True"):
        register("Walk-v0", jax=WALK)
    still = dataclasses.replace(
        WALK,
        n_actions=None,
        action_low=(-1.0,),
        action_high=(1.0,),
        parameters={},
        reset=lambda k, c: _reset(k, {"wind": 0}),
    )
    still = dataclasses.replace(still, step=lambda k, s, a: _step(k, s, (a[0] > 0).astype(jnp.int32)))
    register("Walk-v0", jax=still, replace=True)
    assert make_jax("Walk-v0") is not first
    assert action_kind("Walk-v0") == "Box"
    assert not parameters("Walk-v0")
    assert return_bounds("Walk-v0") == (-math.inf, math.inf)
    with pytest.raises(ValueError, match="which is an environment of this package"):
        register("CartPole-v1", jax=WALK, replace=True)


def changed(**facts) -> Environment:
    return dataclasses.replace(WALK, **facts)


def stepping(change) -> Environment:
    return changed(step=lambda *a: change(*_step(*a)))


WRONG = {
    "no environment": (5, TypeError, "`jax` is 5; give an `Environment`"),
    "a class": (int, TypeError, "`jax` is 0; give an `Environment`"),
    "no path": ("walk", ValueError, "`jax` is 'walk'; give the `module:function`"),
    "no such function": (f"{__name__}:wlk", ValueError, "and there is no such function"),
    "a function that fails": (lambda: 1 / 0, ValueError, "`jax` could not be called: ZeroDivisionError"),
    "no shape": (changed(observation_shape=()), ValueError, r"`observation_shape` of Walk-v0 is \(\); give a tuple of"),
    "a type": (changed(observation_dtype="int32"), ValueError, "`observation_dtype` .* give 'float32' or 'uint8'"),
    "no limit": (changed(time_limit=0), ValueError, "`time_limit` of `Walk-v0` is 0"),
    "no actions": (changed(n_actions=None), ValueError, "give the number of discrete actions, or both bounds"),
    "both": (changed(action_low=(-1.0,), action_high=(1.0,)), ValueError, "discrete actions, or both bounds"),
    "one bound": (changed(n_actions=None, action_low=(-1.0,)), ValueError, "two tuples of as many numbers"),
    "crossed": (
        changed(n_actions=None, action_low=(1.0,), action_high=(1.0,)),
        ValueError,
        r"`action_high\[0\]` of `Walk-v0` is 1.0; give a finite number above 1",
    ),
    "parameters": (changed(parameters={"wind": 0.1}), TypeError, r"`parameters\['wind'\]` is 0.1"),
    "old signature": (
        changed(reset=lambda key: None),
        ValueError,
        r"`reset\(key, context\)` .* cannot be traced: Type",
    ),
    "one part": (changed(reset=lambda k, c: _reset(k, c)[0]), ValueError, r"gives 3 values; it must give \(state, obs"),
    "another shape": (
        changed(observation_shape=(2,)),
        ValueError,
        r"`reset` gives float32\[1\] as observation; it must be float32\[2\]",
    ),
    "whole reward": (
        stepping(lambda s, o, r, t, u: (s, o, jnp.int32(1), t, u)),
        ValueError,
        r"`step` gives int32\[\] as reward; it must be float32\[\]",
    ),
    "row of ends": (
        stepping(lambda s, o, r, t, u: (s, o, r, jnp.stack([t]), u)),
        ValueError,
        r"`step` gives bool\[1\] as terminated",
    ),
    "four parts": (stepping(lambda s, o, r, t, u: (s, o, r, t)), ValueError, "gives 4 values; it must give"),
    "a state that grows": (
        stepping(lambda s, o, r, t, u: (s._replace(time=jnp.stack([s.time])), o, r, t, u)),
        ValueError,
        r"the part .time of its state is int32\[\] after `reset` and int32\[1\] after `step`",
    ),
    "another state": (
        stepping(lambda s, o, r, t, u: (tuple(s), o, r, t, u)),
        ValueError,
        "`step` gives a state of the structure",
    ),
    "endless": (
        stepping(lambda s, o, r, t, u: (s, o, r, jnp.zeros((), bool), jnp.zeros((), bool))),
        ValueError,
        "an episode of Walk-v0 went on after 12 steps, its `time_limit`",
    ),
    "cut too soon": (
        stepping(lambda s, o, r, t, u: (s, o, r, jnp.zeros((), bool), s.time >= 5)),
        ValueError,
        "an episode of Walk-v0 was truncated after 5 steps, before its `time_limit` of 12; give the limit",
    ),
    "NaN": (
        stepping(lambda s, o, r, t, u: (s, o * jnp.nan, r, t, u)),
        ValueError,
        "gave an observation or a reward that is not finite",
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_an_environment_that_is_not_what_it_says_is_refused(what):
    given, kind, message = WRONG[what]
    with pytest.raises(kind, match=message):
        register("Walk-v0", jax=given)
    assert "Walk-v0" not in catalogue().index
    assert not parameters("Walk-v0")


class Turned(GymWalk):
    observation_space = Box(-1, 1, (2,), np.float32)


class Wide(GymWalk):
    action_space = Discrete(3)


class Calm(GymWalk):
    def __init__(self):
        super().__init__()
        del self.wind


class Windy(GymWalk):
    def __init__(self):
        super().__init__()
        self.wind = 0.1


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (Turned, r"Walk-v0 shows float32\[1\] in JAX and Box\(.*both must show the same"),
        (Wide, r"takes 2 as actions in JAX and Discrete\(3\) in Gymnasium"),
        (Calm, "the parameter `wind` of Walk-v0 is 0 in JAX, and the attribute `wind` of Gymnasium's .* is None"),
        (Windy, "the attribute `wind` of Gymnasium's environment is 0.1"),
        ("CartPole-v1", r"Walk-v0 shows float32\[1\] in JAX"),
        (
            lambda: gymnasium.wrappers.TimeLimit(GymWalk(), 99),
            "cut off after 12 steps in JAX and after 99 in Gymnasium",
        ),
        (lambda: 5, "`Walk-v0` cannot be made: TypeError: what makes it gave a int, not a gymnasium.Env"),
        ("NoSuch-v0", r"unknown environment `Walk-v0`|unknown environment `NoSuch-v0`"),
        ("nomodule:thing", "needs the package nomodule"),
        (f"{__name__}:nothing", "`gymnasium` is .*, and there is no such function"),
    ],
)
def test_two_sides_that_are_not_the_same_are_refused(made, message):
    with pytest.raises((ValueError, ImportError), match=message):
        register("Walk-v0", jax=WALK, gymnasium=made)
    assert "Walk-v0" not in catalogue().index


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "`jax` and `gymnasium` are both None"),
        ({"jax": WALK, "parameters": WIND}, "`parameters` is for an environment without a `jax` one"),
        ({"gymnasium": GymWalk, "parameters": {"wind": 1}}, "`parameters` has 1 for 'wind'; give a Parameter"),
        ({"gymnasium": GymWalk, "parameters": {"rain": Parameter(0, 0, 1)}}, "no attribute `rain` for the parameter"),
        ({"jax": WALK, "return_bounds": (1, 0)}, r"`return_bounds` is \(1, 0\); give the least and the most"),
        ({"jax": WALK, "env_id": "a:b"}, "`env_id` is 'a:b'; give an id such as"),
        ({"jax": WALK, "differs": None}, "`differs` is None; give a text"),
    ],
)
def test_arguments_that_cannot_be_are_refused(given, message):
    with pytest.raises((ValueError, TypeError), match=message):
        register(**{"env_id": "Walk-v0", **given})


MODULE = f"""
from rlhp.envs import register
register("FarWalk-v0", jax="{__name__}:walk", gymnasium="{__name__}:GymWalk", replace=True)
"""


def test_another_process_finds_it_by_its_module(tmp_path, monkeypatch):
    (tmp_path / "far_walk.py").write_text(MODULE, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    assert has_jax("far_walk:FarWalk-v0")
    request = RunRequest("ppo", "far_walk:FarWalk-v0", 0, 64, {"env.wind": 0.1}, 64, 1, "jax")
    assert request.config == {"env.wind": 0.1}
    code = (
        f"import sys; sys.path[:0] = [{str(tmp_path)!r}]; from rlhp.envs import has_jax, make_gymnasium\n"
        "from rlhp.trainers import RunRequest\n"
        f"RunRequest.from_json({request.to_json()!r})\n"
        "make_gymnasium('far_walk:FarWalk-v0', parameters={'wind': 0.1})\n"
        "assert not has_jax('FarWalk') and has_jax('FarWalk-v0') and not has_jax('nomodule:X-v0')"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    with pytest.raises(ValueError, match=r"other processes find it as `module:EnvId`"):
        make_gymnasium("NearWalk-v0")


def test_a_worker_process_is_told_what_was_registered_here():
    class Local(GymWalk):  # no other process can import it
        pass

    register("Walk-v0", jax=WALK, gymnasium=Local)
    assert packed("CartPole-v1") is None
    sent = packed("Walk-v0")
    code = (
        f"from rlhp.envs.sharing import accept; accept({sent!r})\n"
        "from rlhp.envs import make_gymnasium, has_jax\n"
        "from rlhp.envs._registry import limit_of\n"
        "made = make_gymnasium('Walk-v0', parameters={'wind': 0.1})\n"
        f"assert made.unwrapped.wind == 0.1 and limit_of(made) == {LIMIT} and not has_jax('Walk-v0')"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    accept(sent)
    register("Stuck-v0", gymnasium=types.MethodType(lambda self: GymWalk(), threading.Lock()))
    with pytest.raises(ValueError, match=r"Stuck-v0 cannot be sent to a worker process"):
        packed("Stuck-v0")


def test_a_sweep_in_processes_trains_what_a_notebook_registered():
    class Local(GymWalk):
        pass

    register("Walk-v0", gymnasium=lambda **options: gymnasium.wrappers.TimeLimit(Local(**options), 9), parameters=WIND)
    execution = rlhp.Execution(workers=2, progress=False)
    runs = rlhp.sweep("ppo", "Walk-v0", {**SMALL, "env.wind": 0.1}, steps=64, seeds=2, execution=execution, **ASKED)
    assert runs.table[["status", "engine"]].to_numpy().tolist() == [["finished", "sb3"]] * 2


@pytest.mark.parametrize("engine", ["jax", "sb3"])
def test_a_policy_is_loaded_where_its_environment_is_registered(engine, tmp_path):
    register("Walk-v0", jax=WALK, gymnasium=GymWalk)
    runs = rlhp.sweep(
        "ppo",
        "Walk-v0",
        SMALL,
        steps=64,
        engine=engine,
        out=tmp_path,
        execution=rlhp.Execution(keep_policies=True, progress=False),
        **ASKED,
    )
    file = tmp_path / "policies" / f"{runs.table.index[0]}.zip"
    assert rlhp.load_policy(file).act(np.zeros(1, np.float32)) in (0, 1)
    from rlhp.envs import _registry as registry

    registry.keep("Walk-v0", None)
    with pytest.raises(
        ValueError, match=r"is of the environment 'Walk-v0', which is not registered here: import the mod"
    ):
        rlhp.load_policy(file)
