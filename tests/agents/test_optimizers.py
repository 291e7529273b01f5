"""Adam and RMSprop against optax and Torch, with clipping on the way, and their derivatives where nothing moves."""

from __future__ import annotations

from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
import torch

from rlhp.agents import optimizers

WEIGHTS = {"w": jnp.linspace(-1.0, 1.0, 12).reshape(3, 4), "b": jnp.zeros(4)}
RATE, LIMIT = 3e-2, 0.7
RULES = {"adam": optimizers.adam(1e-5), "rms_prop": optimizers.rms_prop(1e-3)}


# One program each, and not one for every operation in them.
step = jax.jit(optimizers.step, static_argnums=3)
switched_step = jax.jit(optimizers.step)


@cache
def gradients(number: int) -> dict[str, jax.Array]:
    keys = jax.random.split(jax.random.key(number), 2)
    return {"w": jax.random.normal(keys[0], (3, 4)), "b": 1e-3 * jax.random.normal(keys[1], (4,)).at[0].set(0.0)}


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("switched", [False, True])
def test_steps_are_those_of_optax(name, switched):
    how = {"adam": optax.scale_by_adam(eps=1e-5), "rms_prop": optax.scale_by_rms(0.99, eps=1e-3, eps_in_sqrt=False)}
    theirs = optax.chain(optax.clip_by_global_norm(LIMIT), how[name], optax.scale(-RATE))
    expected, state = WEIGHTS, theirs.init(WEIGHTS)
    found, moments = WEIGHTS, optimizers.begin(WEIGHTS)
    rule = RULES[name]
    if switched:  # both in one program
        rule = optimizers.chosen(jnp.int32(name == "rms_prop"), RULES["rms_prop"], RULES["adam"])

    @jax.jit
    def their_step(weights, gradients, state):
        changes, state = theirs.update(gradients, state)
        return optax.apply_updates(weights, changes), state

    for number in range(20):
        expected, state = their_step(expected, gradients(number), state)
        found, moments = (switched_step if switched else step)(found, gradients(number), moments, rule, RATE, LIMIT)
    for leaf in WEIGHTS:
        np.testing.assert_allclose(found[leaf], expected[leaf], rtol=2e-5, atol=1e-6)
    assert int(moments.count) == 20


def test_steps_are_those_of_torchs_adam_with_its_clipping():
    tensors = [torch.nn.Parameter(torch.tensor(np.array(WEIGHTS[name]))) for name in WEIGHTS]
    theirs = torch.optim.Adam(tensors, lr=RATE, eps=1e-5)
    found, moments = WEIGHTS, optimizers.begin(WEIGHTS)
    for number in range(20):
        for tensor, name in zip(tensors, WEIGHTS, strict=True):
            tensor.grad = torch.tensor(np.array(gradients(number)[name]))
        torch.nn.utils.clip_grad_norm_(tensors, LIMIT)
        theirs.step()
        found, moments = step(found, gradients(number), moments, RULES["adam"], RATE, LIMIT)
    for tensor, name in zip(tensors, WEIGHTS, strict=True):
        np.testing.assert_allclose(found[name], tensor.detach(), rtol=2e-5, atol=1e-6)


@pytest.mark.parametrize("name", RULES)
def test_a_step_that_is_not_taken_changes_nothing_whatever_the_gradient(name):
    weights, moments = step(WEIGHTS, gradients(0), optimizers.begin(WEIGHTS), RULES[name], RATE, LIMIT)
    broken = jax.tree.map(lambda leaf: leaf * jnp.nan, WEIGHTS)
    kept = step(weights, broken, moments, RULES[name], RATE, LIMIT, jnp.array(False))
    jax.tree.map(np.testing.assert_array_equal, kept, (weights, moments))


@pytest.mark.parametrize("name", RULES)
def test_a_weight_that_nothing_reaches_stays_and_its_derivative_is_zero(name):
    still = jax.tree.map(jnp.zeros_like, WEIGHTS)

    @jax.jit
    def moved(rate, gradients):
        weights, moments = optimizers.step(WEIGHTS, gradients, optimizers.begin(WEIGHTS), RULES[name], rate, LIMIT)
        return optimizers.step(weights, gradients, moments, RULES[name], rate, LIMIT)[0]

    jax.tree.map(np.testing.assert_array_equal, moved(RATE, still), WEIGHTS)

    @jax.jit
    def slopes(gradient):
        _, slope = jax.jvp(lambda rate: moved(rate, gradient), (RATE,), (1.0,))
        return slope, jax.grad(lambda one: sum(leaf.sum() for leaf in jax.tree.leaves(moved(RATE, one))))(gradient)

    for gradient in (still, gradients(0)):  # of which one number is zero
        slope, back = slopes(gradient)
        assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(slope))
        assert slope["b"][0] == 0.0
        assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(back))


def test_the_root_is_the_root_to_the_last_bit():
    numbers = jnp.concatenate([jnp.zeros(2), jnp.logspace(-38, 38, 200), jnp.array([jnp.inf])])
    np.testing.assert_array_equal(optimizers.root(numbers), jnp.sqrt(numbers))
    assert np.isnan(optimizers.root(jnp.float32(jnp.nan)))
