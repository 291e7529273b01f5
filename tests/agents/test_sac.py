"""SAC: gradient steps are stable-baselines3's, actions are scaled and unscaled where they should be."""

from __future__ import annotations

import functools
import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch
from stable_baselines3 import SAC

from rlhp.agents import critics, moving, sac, streams
from rlhp.agents.agent import Clock
from rlhp.envs import make_jax
from tests.agents.torch_side import BATCH, assert_equal, batch_of, feed, layers_of, model, stacked

STEPS = 5  # gradient steps: enough for every interval to come round, and for the optimizers' memory to count


def actor_of(policy) -> list:
    """Give the actor; ours has mean and log standard deviation in one layer."""
    *hidden, mean, log_std = layers_of(policy)
    return [*hidden, tuple(np.concatenate(pair, -1) for pair in zip(mean, log_std, strict=True))]


def critics_of(both) -> list:
    return stacked(*(layers_of(one) for one in both.q_networks))


def learner_of(theirs: SAC, log_ent_coef: float) -> sac.Learner:
    """Give our learner with the weights of a model that has not been trained yet."""
    networks = actor_of(theirs.actor), critics_of(theirs.critic), critics_of(theirs.critic_target)
    actor, online, targets = jax.tree.map(jnp.asarray, networks)
    coefficient = jnp.float32(log_ent_coef)
    optimizers = sac._ADAM.init((actor, coefficient)), sac._ADAM.init(online)
    return sac.Learner(actor, online, targets, coefficient, *optimizers, jnp.zeros(()), jnp.zeros(()))


@pytest.mark.parametrize(("ent_coef", "interval", "target_entropy"), [("auto", 1, "auto"), (0.3, 2, -0.4)])
def test_gradient_steps_are_those_of_stable_baselines3(ent_coef, interval, target_entropy, monkeypatch):
    options = {"learning_rate": 3e-3, "tau": 0.05, "target_entropy": target_entropy, "target_update_interval": interval}
    theirs = model(SAC, "Pendulum-v1", ent_coef=ent_coef, **options)
    learned, batch = ent_coef == "auto", batch_of("Pendulum-v1")
    learner = learner_of(theirs, 0.0)
    assert not np.allclose(learner.critics[0][0], learner.targets[0][0])
    noise = np.random.default_rng(2).normal(size=(STEPS, 2, BATCH, 1)).astype(np.float32)
    queue = iter(torch.as_tensor(noise.reshape(-1, BATCH, 1)))
    monkeypatch.setattr(torch.distributions.Normal, "rsample", lambda self: self.loc + self.scale * next(queue))
    feed(theirs, batch)
    theirs.train(STEPS, BATCH)

    described = sac.described({**options, "ent_coef": ent_coef})
    assert described["learn_ent_coef"] is learned
    names = ["learning_rate", "tau", "ent_coef", "target_entropy", "target_update_interval"]
    hp = {name: jnp.float32(described[name]) for name in names}
    step = jax.jit(functools.partial(sac.improve, learn_ent_coef=learned))
    for i in range(STEPS):
        learner = step(learner, batch, noise[i], hp, jnp.int32(i))
    assert_equal(learner.actor, actor_of(theirs.actor))
    assert_equal(learner.critics, critics_of(theirs.critic))
    assert_equal(learner.targets, critics_of(theirs.critic_target))
    log_ent_coef = theirs.log_ent_coef.item() if learned else 0.0
    assert float(learner.log_ent_coef) == pytest.approx(log_ent_coef, abs=1e-5)
    assert (log_ent_coef != 0) == learned
    loss = theirs.logger.name_to_value["train/critic_loss"]
    assert float(learner.loss / learner.updates) == pytest.approx(loss, rel=1e-4)


def test_wide_and_narrow_policies_have_the_density_of_stable_baselines3(monkeypatch):
    # A last layer that leads beyond both ends of the clipping of the standard deviation.
    theirs = model(SAC, "Pendulum-v1")
    rng = np.random.default_rng(0)
    seen, noise = (rng.normal(size=(64, width)).astype(np.float32) for width in (3, 1))
    monkeypatch.setattr(torch.distributions.Normal, "rsample", lambda self: self.loc + self.scale * torch.tensor(noise))
    with torch.no_grad():
        theirs.actor.log_std.weight *= 1_000.0
        _, log_std, _ = theirs.actor.get_action_dist_params(torch.as_tensor(seen))
        actions, log_prob = theirs.actor.action_log_prob(torch.as_tensor(seen))
    assert (log_std.min(), log_std.max()) == (-20.0, 2.0)
    found, density = sac.sample(jax.tree.map(jnp.asarray, actor_of(theirs.actor)), seen, noise)
    np.testing.assert_allclose(found, actions, atol=1e-5)
    # Where float32 can tell what is drawn from its mean, and tanh from one.
    usual = ((log_std > -5) & (actions.abs() < 0.999))[:, 0].numpy()
    assert usual.sum() > 10
    np.testing.assert_allclose(density[usual], log_prob[usual], atol=0.01)


SETTINGS = {"batch_size": 8, "n_envs": 2, "net_arch": [8], "learn_ent_coef": True}
CONFIG = {name: field.default for name, field in sac.Hyperparameters.__dataclass_fields__.items()}
UNIFORM = {"train_freq": 1, "gradient_steps": 1, "first_learning": 20, "most_steps": 1}


@functools.cache
def small():
    agent = sac.agent(make_jax("Pendulum-v1"), SETTINGS, slots=64, multistep=False, n_episodes=3)
    init = jax.jit(lambda seed, traced, uniform: agent.init(streams.key(seed), traced, uniform))
    return agent, init, jax.jit(agent.segment)


def trained(count: int, **changes):
    """Train for `count` steps of two environments and give the state."""
    _, init, segment = small()
    traced = {name: moving.encode(CONFIG[name]) for name in CONFIG if name not in {*SETTINGS, *UNIFORM}}
    traced |= {name: moving.encode(value) for name, value in {"learning_starts": 20, **changes}.items()}
    uniform = {name: jnp.int32(value) for name, value in UNIFORM.items()}
    state, metrics = segment(
        init(0, traced, uniform), traced, uniform, Clock(jnp.int32(0), jnp.int32(count), jnp.int32(100))
    )
    return state, metrics


def test_the_memory_keeps_scaled_actions_and_the_environment_gets_unscaled_ones():
    state, _ = trained(30)
    rows = np.asarray(state.memory.rows[:30]).reshape(60, -1)
    before, after, action = rows[:, :3], rows[:, 3:6], rows[:, 6]
    assert np.abs(action).max() <= 1
    gravity = 15.0 * before[:, 1] * 0.05
    torque = (after[:, 2] - before[:, 2] - gravity) / (3.0 * 0.05)
    free = np.abs(after[:, 2]) < 8  # the speed is not clipped
    np.testing.assert_allclose(torque[free], 2.0 * action[free], atol=1e-3)


def test_it_acts_at_random_and_learns_nothing_before_it_starts():
    fresh, _ = trained(0)
    state, metrics = trained(30, learning_starts=60)
    jax.tree.map(np.testing.assert_array_equal, state.learner, fresh.learner)
    assert float(metrics["updates"]) == 0
    assert np.isnan(metrics["loss"])
    action = np.asarray(state.memory.rows[:30, :, 6]).ravel()
    assert np.abs(action).max() > 0.9
    assert abs(action.mean()) < 0.3
    assert float(trained(30, learning_starts=40)[1]["updates"]) == 10


def test_noise_is_added_and_clipped_to_the_bounds():
    state, _ = trained(30, learning_starts=0, action_noise_std=50.0)
    action = np.abs(np.asarray(state.memory.rows[:30, :, 6]).ravel())
    assert (action == 1.0).mean() > 0.8


def test_what_auto_and_none_stand_for():
    described = sac.described({"ent_coef": "auto", "target_entropy": "auto", "action_noise_std": None, "gamma": 0.9})
    assert described == {
        "ent_coef": 1.0,
        "learn_ent_coef": True,
        "target_entropy": math.inf,
        "action_noise_std": 0.0,
        "gamma": 0.9,
    }
    assert sac.described({"ent_coef": 0.2})["learn_ent_coef"] is False
    assert sac.iteration_steps({"train_freq": 3, "n_envs": 2}) == 6


def test_acting_is_the_mean_of_the_policy():
    theirs = model(SAC, "Pendulum-v1")
    seen = np.random.default_rng(0).normal(size=(7, 3)).astype(np.float32)
    found = small()[0].act(jax.tree.map(jnp.asarray, actor_of(theirs.actor)), seen)
    np.testing.assert_allclose(found, theirs.predict(seen, deterministic=True)[0], rtol=1e-5, atol=1e-6)


def test_critics_are_two_and_start_apart():
    twins = critics.twins(jax.random.key(0), [4, 12, 1])
    assert [weights.shape for weights, _ in twins] == [(2, 4, 12), (2, 12, 1)]
    assert not np.allclose(twins[0][0][0], twins[0][0][1])
    assert np.abs(twins[0][0]).max() <= 0.5
