"""Families of policies against Torch's distributions, and samples against their own chances."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import torch
from scipy import stats
from torch.distributions import Categorical, Independent, Normal

from rlhp.agents import distributions
from rlhp.envs import make_jax


def test_a_categorical_policy():
    family = distributions.of(make_jax("Acrobot-v1"))
    logits = jnp.asarray(np.random.default_rng(0).normal(size=(3, 20)), jnp.float32)
    actions, oracle = jnp.arange(20)[:, None] % 3, Categorical(logits=torch.tensor(np.array(logits.T)))
    np.testing.assert_allclose(
        family.log_prob(logits, None, actions), oracle.log_prob(torch.tensor(np.array(actions[:, 0]))), rtol=1e-5
    )
    np.testing.assert_allclose(family.entropy(logits, None), oracle.entropy(), rtol=1e-5)
    np.testing.assert_array_equal(family.mode(logits)[:, 0], logits.argmax(0))
    assert family.size == 1
    assert family.log_std() is None
    outputs = jnp.broadcast_to(jnp.log(jnp.array([0.2, 0.5, 0.3]))[:, None], (3, 20_000))
    drawn = family.sample(outputs, None, family.noise(jax.random.key(0), 20_000))
    played = family.playable(drawn)
    assert played.dtype == jnp.int32
    counts = np.bincount(played, minlength=3)
    assert stats.chisquare(counts, 20_000 * np.array([0.2, 0.5, 0.3])).pvalue > 1e-3
    np.testing.assert_array_equal(played, drawn[:, 0])


def test_a_gaussian_policy_learns_from_what_it_drew_and_plays_within_the_bounds():
    family = distributions.of(make_jax("Pendulum-v1"))
    rng = np.random.default_rng(0)
    means, log_std = jnp.asarray(rng.normal(size=(1, 20)), jnp.float32), jnp.array([0.3])
    actions = jnp.asarray(3.0 * rng.normal(size=(20, 1)), jnp.float32)
    oracle = Independent(Normal(torch.tensor(np.array(means.T)), float(np.exp(0.3))), 1)
    np.testing.assert_allclose(
        family.log_prob(means, log_std, actions), oracle.log_prob(torch.tensor(np.array(actions))), rtol=1e-4
    )
    np.testing.assert_allclose(family.entropy(means, log_std), oracle.entropy(), rtol=1e-5)
    np.testing.assert_array_equal(family.mode(means), means.T)
    np.testing.assert_array_equal(family.log_std(), [0.0])
    drawn = family.sample(jnp.ones((1, 20_000)), log_std, family.noise(jax.random.key(0), 20_000))
    assert drawn.shape == (20_000, family.size)
    assert stats.kstest((drawn[:, 0] - 1.0) / np.exp(0.3), "norm").pvalue > 1e-3
    np.testing.assert_array_equal(family.playable(drawn), np.clip(drawn, -2.0, 2.0))
    assert float(jnp.abs(drawn).max()) > 2.0


def test_several_actions_are_independent():
    family = distributions._gaussian((-1.0, -1.0), (1.0, 1.0))
    means, log_std = jnp.array([[0.5], [-0.2]]), jnp.array([0.1, -1.0])
    oracle = Independent(Normal(*(torch.tensor(np.array(one)) for one in (means.T, jnp.exp(log_std)))), 1)
    action = jnp.array([[0.3, 0.9]])
    np.testing.assert_allclose(
        family.log_prob(means, log_std, action), oracle.log_prob(torch.tensor(np.array(action))), rtol=1e-5
    )
    np.testing.assert_allclose(family.entropy(means, log_std), oracle.entropy(), rtol=1e-5)
