"""DQN: gradient steps are stable-baselines3's; double Q, dueling and priorities change what they should."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from stable_baselines3 import DQN

from rlhp.agents import dqn, optimizers, replay
from rlhp.agents.agent import State, segment
from rlhp.envs import make_jax
from tests.agents.asked import QUICK
from tests.agents.replaying import clock, compiled, inputs, made, trained
from tests.agents.torch_side import BATCH, assert_equal, batch_of, feed, layers_of, model

STEPS = 4


def with_batch(monkeypatch, batch, **shapes):
    """Give a compiled segment that learns from one given batch."""
    monkeypatch.setattr(replay, "gather", lambda *args, **kwargs: jax.tree.map(jnp.asarray, batch))
    agent = made("dqn", tile=BATCH, net_arch=(12, 10), **shapes)
    return jax.jit(lambda *arguments: segment(agent, *arguments), compiler_options=QUICK)


def begun(online, target) -> State:
    begin, _ = compiled("dqn")
    online, target = jax.tree.map(jnp.asarray, (online, target))
    return begin(0, *inputs("dqn"))._replace(weights=dqn.Weights(online, target), optimizer=optimizers.begin(online))


def test_gradient_steps_are_those_of_stable_baselines3(monkeypatch):
    batch = batch_of("CartPole-v1")
    train, norms = with_batch(monkeypatch, batch), []
    for max_grad_norm in (0.1, 1e3):
        options = {"learning_rate": 3e-3, "max_grad_norm": max_grad_norm}
        theirs = model(DQN, "CartPole-v1", **options)
        state = begun(layers_of(theirs.q_net), layers_of(theirs.q_net_target))
        feed(theirs, batch)
        theirs.train(STEPS, BATCH)
        more = inputs("dqn", gradient_steps=STEPS, batch_size=BATCH, **options)
        state, metrics = train(state, *more, clock(0, 1))
        assert_equal(state.weights.online, layers_of(theirs.q_net))
        assert_equal(state.weights.target, layers_of(theirs.q_net_target))
        assert float(metrics["loss"]) == pytest.approx(theirs.logger.name_to_value["train/loss"], rel=1e-4)
        assert float(metrics["updates"]) == STEPS
        norms.append(float(jnp.linalg.norm(state.optimizer.first[0][0])))
    assert norms[0] < norms[1], "the gradients are clipped"


def test_double_q_lets_the_online_network_choose_and_dueling_centres_advantages(monkeypatch):
    # Networks of biases alone, a value and two advantages: actions are worth 0 and 0.5 online, 9 and 2 to the target.
    nothing = [(np.zeros((4, 12)), np.zeros(12)), (np.zeros((12, 10)), np.zeros(10))]
    online = [*nothing, (np.zeros((10, 3)), np.array([0.25, 0.0, 0.5]))]
    target = [*nothing, (np.zeros((10, 3)), np.array([5.5, 7.0, 0.0]))]
    batch = batch_of("CartPole-v1")
    train = with_batch(monkeypatch, batch, double_q=True, dueling=True)
    more = inputs("dqn", learning_rate=0.0, batch_size=BATCH)
    _, metrics = train(begun(online, target), *more, clock(0, 1))
    # The online network prefers the second action, which is worth 2; the target's own favourite is worth 9.
    error = np.where(batch.action[:, 0] == 1, 0.5, 0.0) - batch.reward - batch.discount * 2.0
    expected = np.where(np.abs(error) < 1, 0.5 * error**2, np.abs(error) - 0.5).mean()
    assert float(metrics["loss"]) == pytest.approx(expected, rel=1e-5)
    acted = made("dqn", dueling=True).act(jax.tree.map(jnp.asarray, online), jnp.zeros((5, 4)))
    np.testing.assert_array_equal(acted, 1)


@pytest.mark.parametrize(("tau", "interval"), [(1.0, 7), (0.3, 2)])
def test_the_target_follows_when_it_is_due(tau, interval):
    begin, train = compiled("dqn")
    more = inputs("dqn", tau=tau, target_update_interval=interval, learning_rate=0.05)
    state = begin(0, *more)
    for first in range(16):
        before = state.weights
        state, _ = train(state, *more, clock(first, 1))
        due = (first + 1) % interval == 0  # before the gradient step, as stable-baselines3 does it
        for old, online, new in zip(
            *map(jax.tree.leaves, (before.target, before.online, state.weights.target)), strict=True
        ):
            np.testing.assert_allclose(new, (1 - tau) * old + tau * online if due else old, rtol=1e-5, atol=1e-7)


def test_several_moves_of_the_target_that_fell_due_together_are_one():
    # Eight steps between trainings, a target that moves at every second of them: four moves by 0.3.
    begin, train = compiled("dqn")
    more = inputs("dqn", tau=0.3, target_update_interval=2, train_freq=8)
    state = begin(0, *more)
    apart, online = jax.tree.map(lambda leaf: leaf + 1.0, state.weights.target), state.weights.online
    state, _ = train(state._replace(weights=dqn.Weights(online, apart)), *more, clock(0, 1))
    for old, new, follows in zip(*map(jax.tree.leaves, (apart, state.weights.target, online)), strict=True):
        expected = np.asarray(old)
        for _ in range(4):
            expected = 0.7 * expected + 0.3 * np.asarray(follows)
        np.testing.assert_allclose(new, expected, rtol=1e-5, atol=1e-7)


def test_epsilon_decides_how_often_it_acts_at_random():
    for epsilon in (0.0, 1.0):
        state, _ = trained("dqn", 60, exploration=epsilon, learning_rate=0.0)
        rows = np.asarray(state.memory.replay.rows[:60, 0])
        greedy = np.asarray(made("dqn").act(state.weights.online, jnp.asarray(rows[:, :4])))
        agreed = (rows[:, 8] == greedy).mean()
        assert agreed == 1.0 if epsilon == 0.0 else 0.25 < agreed < 0.75


def test_everything_is_random_before_learning_starts():
    state, _ = trained("dqn", 60, exploration=0.0, learning_starts=60)
    rows = np.asarray(state.memory.replay.rows[:60, 0])
    greedy = np.asarray(made("dqn").act(state.weights.online, jnp.asarray(rows[:, :4])))
    assert (rows[:, 8] != greedy).any()
    jax.tree.map(np.testing.assert_array_equal, state.weights, trained("dqn", 0)[0].weights)


def test_priorities_follow_the_errors_and_forget_what_left():
    state, _ = trained("dqn", 60, (("prioritized_replay", True),), buffer_size=20)
    tree = state.memory.priorities
    leaves = np.asarray(tree.nodes[len(tree.nodes) // 2 :])[:64]
    assert set(np.flatnonzero(leaves)) == set(range(40, 60))
    assert float(tree.nodes[1]) == pytest.approx(leaves.sum(), rel=1e-5)
    assert len(np.unique(leaves[40:60])) > 5, "they are the sizes of errors"
    plain, _ = trained("dqn", 60, buffer_size=20)
    assert np.abs(np.asarray(state.weights.online[0][0] - plain.weights.online[0][0])).max() > 0


def test_a_batch_with_priorities_is_one_tile_however_long():
    config = {"net_arch": None, "n_envs": 1, "batch_size": 1_000, "buffer_size": 5_000}
    config |= {"double_q": False, "dueling": False, "prioritized_replay": True}
    env = make_jax("CartPole-v1")
    found = dqn.shapes(config, env, 20_000)
    assert (found["net_arch"], found["tile"], found["tiled"]) == ((64, 64), 1_024, False)
    found = dqn.shapes(config | {"prioritized_replay": False}, env, 20_000)
    assert (found["tile"], found["tiled"]) == (512, True)
    assert found.keys() > dqn.LEARNING
