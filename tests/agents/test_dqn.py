"""DQN: gradient steps are stable-baselines3's; double Q, dueling and priorities change what they should."""

from __future__ import annotations

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from stable_baselines3 import DQN

from rlhp.agents import dqn, moving, streams
from rlhp.agents.agent import Clock
from rlhp.envs import make_jax
from tests.agents.torch_side import BATCH, assert_equal, batch_of, feed, layers_of, model

STEPS = 4
SETTINGS = {
    "batch_size": BATCH,
    "n_envs": 1,
    "net_arch": [12, 10],
    "double_q": False,
    "dueling": False,
    "prioritized_replay": False,
}
CONFIG = {name: field.default for name, field in dqn.Hyperparameters.__dataclass_fields__.items()}


def inputs(**changes):
    """Give traced and uniform hyperparameters that train after every step from the first on."""
    named = {"learning_starts": 0, "learning_rate": 3e-3, "exploration": 0.3, **changes}
    uniform = {"train_freq": 1, "gradient_steps": 1, "first_learning": 0, "most_steps": 1}
    uniform |= {name: named.pop(name) for name in tuple(named) if name in uniform}
    traced = {name: CONFIG[name] for name in CONFIG if name not in {*SETTINGS, *uniform}} | named
    return (
        {name: moving.encode(value) for name, value in traced.items()},
        {name: jnp.int32(value) for name, value in uniform.items()},
    )


def clock(first: int, count: int) -> Clock:
    return Clock(*(jnp.int32(number) for number in (first, count, 100)))


def made(**changes):
    return dqn.agent(make_jax("CartPole-v1"), {**SETTINGS, **changes}, slots=64, multistep=False, n_episodes=2)


@functools.cache
def compiled(**changes):
    agent = made(**changes)
    init = jax.jit(lambda seed, traced, uniform: agent.init(streams.key(seed), traced, uniform))
    return init, jax.jit(agent.segment)


def trained(count: int, changes=(), **hyperparameters):
    init, segment = compiled(**dict(changes))
    traced, uniform = inputs(**hyperparameters)
    return segment(init(0, traced, uniform), traced, uniform, clock(0, count))[0]


def with_batch(monkeypatch, batch, **changes):
    """Give a compiled `segment` that learns from one given batch."""
    monkeypatch.setattr(dqn.replay, "gather", lambda *args, **kwargs: jax.tree.map(jnp.asarray, batch))
    return jax.jit(made(**changes).segment)


def begun(online, target) -> dqn.State:
    init, _ = compiled()
    state = init(0, *inputs())
    online, target = jax.tree.map(jnp.asarray, (online, target))
    return state._replace(learner=state.learner._replace(online=online, target=target))


def test_gradient_steps_are_those_of_stable_baselines3(monkeypatch):
    batch = batch_of("CartPole-v1")
    segment, norms = with_batch(monkeypatch, batch), []
    for max_grad_norm in (0.1, 1e3):
        options = {"learning_rate": 3e-3, "max_grad_norm": max_grad_norm}
        theirs = model(DQN, "CartPole-v1", **options)
        state = begun(layers_of(theirs.q_net), layers_of(theirs.q_net_target))
        feed(theirs, batch)
        theirs.train(STEPS, BATCH)
        state, metrics = segment(state, *inputs(gradient_steps=STEPS, **options), clock(0, 1))
        assert_equal(state.learner.online, layers_of(theirs.q_net))
        assert_equal(state.learner.target, layers_of(theirs.q_net_target))
        assert float(metrics["loss"]) == pytest.approx(theirs.logger.name_to_value["train/loss"], rel=1e-4)
        assert float(metrics["updates"]) == STEPS
        norms.append(float(jnp.linalg.norm(state.learner.optimizer.mu[0][0])))
    assert norms[0] < norms[1], "the gradients are clipped"


def test_double_q_lets_the_online_network_choose_and_dueling_centres_advantages(monkeypatch):
    # Networks of biases alone, a value and two advantages: actions are worth 0 and 0.5 online, 9 and 2 to the target.
    nothing = [(np.zeros((4, 12)), np.zeros(12)), (np.zeros((12, 10)), np.zeros(10))]
    online = [*nothing, (np.zeros((10, 3)), np.array([0.25, 0.0, 0.5]))]
    target = [*nothing, (np.zeros((10, 3)), np.array([5.5, 7.0, 0.0]))]
    batch = batch_of("CartPole-v1")
    segment = with_batch(monkeypatch, batch, double_q=True, dueling=True)
    state = begun(online, target)
    optimizer = jax.tree.map(jnp.zeros_like, dqn.adam.begin(state.learner.online))
    state = state._replace(learner=state.learner._replace(optimizer=optimizer))
    _, metrics = segment(state, *inputs(learning_rate=0.0), clock(0, 1))
    # The online network prefers the second action, which is worth 2; the target's own favourite is worth 9.
    error = np.where(batch.action[:, 0] == 1, 0.5, 0.0) - batch.reward - batch.discount * 2.0
    expected = np.where(np.abs(error) < 1, 0.5 * error**2, np.abs(error) - 0.5).mean()
    assert float(metrics["loss"]) == pytest.approx(expected, rel=1e-5)
    np.testing.assert_array_equal(made(dueling=True).act(online, np.zeros((5, 4), np.float32)), 1)


@pytest.mark.parametrize(("tau", "interval"), [(1.0, 7), (0.3, 2)])
def test_the_target_follows_when_it_is_due(tau, interval):
    init, segment = compiled()
    traced, uniform = inputs(tau=tau, target_update_interval=interval, learning_rate=0.05)
    state = init(0, traced, uniform)
    for first in range(16):
        before = state.learner
        state, _ = segment(state, traced, uniform, clock(first, 1))
        due = (first + 1) % interval == 0  # before the gradient step, as stable-baselines3 does it
        for old, online, new in zip(
            *map(jax.tree.leaves, (before.target, before.online, state.learner.target)), strict=True
        ):
            np.testing.assert_allclose(new, (1 - tau) * old + tau * online if due else old, rtol=1e-5, atol=1e-7)


def test_several_moves_of_the_target_that_fell_due_together_are_one():
    # Eight steps between trainings, a target that moves at every second of them: four moves by 0.3.
    init, segment = compiled()
    traced, uniform = inputs(tau=0.3, target_update_interval=2, train_freq=8)
    state = init(0, traced, uniform)
    apart = jax.tree.map(lambda leaf: leaf + 1.0, state.learner.target)
    state = state._replace(learner=state.learner._replace(target=apart))
    online = state.learner.online
    state, _ = segment(state, traced, uniform, clock(0, 1))
    for begin, end, old in zip(*map(jax.tree.leaves, (apart, state.learner.target, online)), strict=True):
        expected = np.asarray(begin)
        for _ in range(4):
            expected = 0.7 * expected + 0.3 * np.asarray(old)
        np.testing.assert_allclose(end, expected, rtol=1e-5, atol=1e-7)


def test_epsilon_decides_how_often_it_acts_at_random():
    for epsilon in (0.0, 1.0):
        state = trained(60, exploration=epsilon, learning_rate=0.0)
        rows = np.asarray(state.memory.rows[:60, 0])
        greedy = np.asarray(made().act(state.learner.online, rows[:, :4]))
        agreed = (rows[:, 8] == greedy).mean()
        assert agreed == 1.0 if epsilon == 0.0 else 0.25 < agreed < 0.75


def test_everything_is_random_before_learning_starts():
    state = trained(60, exploration=0.0, learning_starts=60)
    greedy = np.asarray(made().act(state.learner.online, np.asarray(state.memory.rows[:60, 0, :4])))
    assert (np.asarray(state.memory.rows[:60, 0, 8]) != greedy).any()
    jax.tree.map(np.testing.assert_array_equal, state.learner.online, trained(0).learner.online)


def test_priorities_follow_the_errors_and_forget_what_left():
    changes = (("prioritized_replay", True),)
    state = trained(60, changes, buffer_size=20)
    tree = state.learner.priorities
    leaves = np.asarray(tree.nodes[len(tree.nodes) // 2 :])[:64]
    assert set(np.flatnonzero(leaves)) == set(range(40, 60))
    assert float(tree.nodes[1]) == pytest.approx(leaves.sum(), rel=1e-5)
    assert len(np.unique(leaves[40:60])) > 5, "they are the sizes of errors"
    assert np.abs(np.asarray(state.learner.online[0][0] - trained(60, buffer_size=20).learner.online[0][0])).max() > 0


def test_epsilon_in_stable_baselines3s_three_numbers():
    described = dqn.described({"exploration_fraction": 0.5, "exploration_final_eps": 0.1, "gamma": 0.9})
    assert described == {"exploration": dqn.Linear(1.0, 0.1, 0.5), "gamma": 0.9}
    assert dqn.iteration_steps({"train_freq": 4, "n_envs": 2}) == 8
