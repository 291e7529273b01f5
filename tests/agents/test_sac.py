"""SAC: gradient steps are stable-baselines3's, actions are scaled and unscaled where they should be."""

from __future__ import annotations

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch
from stable_baselines3 import SAC

from rlhp.agents import continuous, optimizers, sac
from tests.agents.asked import QUICK
from tests.agents.replaying import described, made, trained, whole
from tests.agents.torch_side import BATCH, assert_equal, batch_of, feed, layers_of, model, stacked

STEPS = 5  # gradient steps: enough for every interval to come round, and for the optimizers' memory to count
ACTION = 6  # column of the memory


def actor_of(policy) -> list:
    """Give the actor; ours has mean and log standard deviation in one layer."""
    *hidden, mean, log_std = layers_of(policy)
    return [*hidden, tuple(np.concatenate(pair, -1) for pair in zip(mean, log_std, strict=True))]


def critics_of(both) -> list:
    return stacked(*(layers_of(one) for one in both.q_networks))


def learned_from(theirs: SAC) -> tuple[sac.Weights, sac.Optimizer]:
    """Give the weights of a model that has not been trained yet."""
    networks = actor_of(theirs.actor), critics_of(theirs.critic), critics_of(theirs.critic_target)
    weights = sac.Weights(*jax.tree.map(jnp.asarray, networks), jnp.zeros(()))
    return weights, sac.Optimizer(
        optimizers.begin((weights.actor, weights.log_ent_coef)), optimizers.begin(weights.critics)
    )


@pytest.mark.parametrize(("ent_coef", "interval", "target_entropy"), [("auto", 1, "auto"), (0.3, 2, -0.4)])
def test_gradient_steps_are_those_of_stable_baselines3(ent_coef, interval, target_entropy, monkeypatch):
    options = {"learning_rate": 3e-3, "tau": 0.05, "target_entropy": target_entropy, "target_update_interval": interval}
    theirs = model(SAC, "Pendulum-v1", ent_coef=ent_coef, **options)
    learned, batch = ent_coef == "auto", batch_of("Pendulum-v1")
    weights, optimizer = learned_from(theirs)
    assert not np.allclose(weights.critics[0][0], weights.targets[0][0])
    noise = np.random.default_rng(2).normal(size=(STEPS, 2, BATCH, 1)).astype(np.float32)
    queue = iter(torch.as_tensor(noise.reshape(-1, BATCH, 1)))
    monkeypatch.setattr(torch.distributions.Normal, "rsample", lambda self: self.loc + self.scale * next(queue))
    feed(theirs, batch)
    theirs.train(STEPS, BATCH)

    full = described("sac", ent_coef=ent_coef, **options)
    assert full["learn_ent_coef"] is learned
    names = ["learning_rate", "tau", "ent_coef", "target_entropy", "target_update_interval"]
    hp = {name: jnp.float32(full[name]) for name in names}

    @functools.partial(jax.jit, compiler_options=QUICK)
    def step(weights, optimizer, noise, within):
        loops = {"learn_ent_coef": jnp.int32(learned)}
        return sac.improve(weights, optimizer, whole(batch, noise), hp, loops, within)

    losses = []
    for i in range(STEPS):
        weights, optimizer, loss = step(weights, optimizer, noise[i], jnp.int32(i))
        losses.append(float(loss))
    assert_equal(weights.actor, actor_of(theirs.actor))
    assert_equal(weights.critics, critics_of(theirs.critic))
    assert_equal(weights.targets, critics_of(theirs.critic_target))
    log_ent_coef = theirs.log_ent_coef.item() if learned else 0.0
    assert float(weights.log_ent_coef) == pytest.approx(log_ent_coef, abs=1e-5)
    assert (log_ent_coef != 0) == learned
    assert np.mean(losses) == pytest.approx(theirs.logger.name_to_value["train/critic_loss"], rel=1e-4)


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
    found, density = sac.sample(*jax.tree.map(jnp.asarray, (actor_of(theirs.actor), seen, noise)))
    np.testing.assert_allclose(found, actions, atol=1e-5)
    # Where float32 can tell what is drawn from its mean, and tanh from one.
    usual = ((log_std > -5) & (actions.abs() < 0.999))[:, 0].numpy()
    assert usual.sum() > 10
    np.testing.assert_allclose(density[usual], log_prob[usual], atol=0.01)


def both(count: int, **changes):
    """Train for `count` steps of two environments."""
    return trained("sac", count, (("n_envs", 2),), **{"learning_starts": 20, **changes})


def test_the_memory_keeps_scaled_actions_and_the_environment_gets_unscaled_ones():
    state, _ = both(30)
    rows = np.asarray(state.memory.rows[:30]).reshape(60, -1)
    before, after, action = rows[:, :3], rows[:, 3:6], rows[:, ACTION]
    assert np.abs(action).max() <= 1
    gravity = 15.0 * before[:, 1] * 0.05
    torque = (after[:, 2] - before[:, 2] - gravity) / (3.0 * 0.05)
    free = np.abs(after[:, 2]) < 8  # the speed is not clipped
    np.testing.assert_allclose(torque[free], 2.0 * action[free], atol=1e-3)


def test_it_acts_at_random_and_learns_nothing_before_it_starts():
    fresh, _ = both(0)
    state, metrics = both(30, learning_starts=60)
    jax.tree.map(np.testing.assert_array_equal, (state.weights, state.optimizer), (fresh.weights, fresh.optimizer))
    assert float(metrics["updates"]) == 0
    assert np.isnan(metrics["loss"])
    action = np.asarray(state.memory.rows[:30, :, ACTION]).ravel()
    assert np.abs(action).max() > 0.9
    assert abs(action.mean()) < 0.3
    assert float(both(30, learning_starts=40)[1]["updates"]) == 10


def test_noise_is_added_and_clipped_to_the_bounds():
    state, _ = both(30, learning_starts=0, action_noise_std=50.0)
    action = np.abs(np.asarray(state.memory.rows[:30, :, ACTION]).ravel())
    assert (action == 1.0).mean() > 0.8


def test_acting_is_the_mean_of_the_policy():
    theirs = model(SAC, "Pendulum-v1")
    seen = np.random.default_rng(0).normal(size=(7, 3)).astype(np.float32)
    found = made("sac", net_arch=(12, 10)).act(*jax.tree.map(jnp.asarray, (actor_of(theirs.actor), seen)))
    np.testing.assert_allclose(found, theirs.predict(seen, deterministic=True)[0], rtol=1e-5, atol=1e-6)


def test_critics_are_two_and_start_apart():
    twins = continuous.twins(jax.random.key(0), [4, 12, 1])
    assert [weights.shape for weights, _ in twins] == [(2, 4, 12), (2, 12, 1)]
    assert not np.allclose(twins[0][0][0], twins[0][0][1])
    assert np.abs(twins[0][0]).max() <= 0.5
