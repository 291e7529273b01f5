from __future__ import annotations

import pytest

from rlhp.schedules import Linear, Piecewise
from rlhp.trainers import _engines as engines
from rlhp.trainers._engines import choose_engine, obstacles
from rlhp.trainers._request import RunRequest

MANY = Piecewise(tuple((i / 20, 0.5) for i in range(20)))


@pytest.mark.parametrize(
    ("algorithm", "env_id", "config", "engine"),
    [
        ("dqn", "CartPole-v1", {}, "jax"),
        ("dqn", "CartPole-v1", {"exploration": Linear(1, 0)}, "jax"),
        ("dqn", "FrozenLake-v1", {}, "sb3"),
        ("dqn", "CartPole-v1", {"batch_size": Linear(8, 64)}, "sb3"),
        ("dqn", "CartPole-v1", {"normalize": True}, "sb3"),
        ("dqn", "CartPole-v1", {"normalize": False}, "jax"),
        ("dqn", "CartPole-v1", {"exploration": MANY}, "sb3"),
        ("dqn", "CartPole-v1", {"double_q": True}, "jax"),
    ],
)
def test_auto_takes_the_compiled_engine_where_it_can(algorithm, env_id, config, engine):
    assert choose_engine(algorithm, env_id, config) == engine


@pytest.mark.parametrize(
    ("engine", "env_id", "config", "message"),
    [
        ("jax", "FrozenLake-v1", {}, "the environment is not written in JAX.*; engine='sb3' can"),
        ("jax", "CartPole-v1", {"batch_size": Linear(8, 64)}, "`batch_size` cannot move there while it trains"),
        ("jax", "CartPole-v1", {"exploration": MANY}, "20 points does not fit"),
        ("jax", "CartPole-v1", {"normalize": True}, "only engine='sb3' has `normalize`; engine='sb3' can"),
        ("sb3", "CartPole-v1", {"dueling": True}, "only engine='jax' has `dueling`; engine='jax' can"),
        ("jex", "CartPole-v1", {}, "unknown engine `jex`; did you mean `jax`"),
    ],
)
def test_what_an_engine_cannot_do_is_said_with_what_can(engine, env_id, config, message):
    with pytest.raises(ValueError, match=message):
        RunRequest("dqn", env_id, 0, 100, config, 50, 1, engine)


def test_without_jax_there_is_sb3(monkeypatch):
    monkeypatch.setattr(engines, "has_engine", lambda: False)
    assert choose_engine("dqn", "CartPole-v1", {}) == "sb3"
    with pytest.raises(ImportError, match=r"pip install 'rlhp\[jax\]'"):
        choose_engine("dqn", "CartPole-v1", {}, "jax")


def test_obstacles_are_none_where_it_can():
    assert obstacles("jax", "dqn", "CartPole-v1", {"gamma": 0.9}) == []
    assert obstacles("sb3", "dqn", "CartPole-v1", {"gamma": Linear(0.9, 1)}) == []


def test_a_switch_that_is_off_is_no_obstacle_to_the_engine_that_lacks_it():
    assert obstacles("jax", "dqn", "CartPole-v1", {"normalize": False}) == []
    assert obstacles("sb3", "dqn", "CartPole-v1", {"double_q": False, "dueling": False}) == []
    assert obstacles("sb3", "dqn", "CartPole-v1", {"double_q": True}) == ["only engine='jax' has `double_q`"]
    from rlhp.trainers.sb3._training import train_run

    small = {"double_q": False, "net_arch": [4], "buffer_size": 50, "learning_starts": 4, "batch_size": 4}
    request = RunRequest("dqn", "CartPole-v1", 0, 16, small, 16, 1, "sb3")
    assert train_run(request).table["status"].tolist() == ["finished"]
