"""Adam, held to optax's, and its derivatives where nothing was learned."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import optax

from rlhp.agents import adam

WEIGHTS = {"w": jnp.linspace(-1.0, 1.0, 12).reshape(3, 4), "b": jnp.zeros(4)}


def gradients(number: int) -> dict[str, jax.Array]:
    keys = jax.random.split(jax.random.key(number), 2)
    return {"w": jax.random.normal(keys[0], (3, 4)), "b": 1e-3 * jax.random.normal(keys[1], (4,))}


def test_steps_are_those_of_optax():
    theirs = optax.adam(3e-3)
    expected, state = WEIGHTS, theirs.init(WEIGHTS)
    found, mine = WEIGHTS, adam.begin(WEIGHTS)
    for number in range(20):
        changes, state = theirs.update(gradients(number), state)
        expected = optax.apply_updates(expected, changes)
        found, mine = adam.step(found, gradients(number), mine, jnp.float32(3e-3))
    for name in WEIGHTS:
        np.testing.assert_allclose(found[name], expected[name], rtol=1e-5)
    assert int(mine.count) == 20


def test_a_weight_that_was_never_seen_has_a_derivative_and_stays():
    weights, state = WEIGHTS, adam.begin(WEIGHTS)
    partly = {"w": gradients(0)["w"].at[1].set(0.0), "b": gradients(0)["b"]}

    def after(rate):
        return adam.step(weights, partly, state, rate)[0]["w"]

    moved, slope = jax.jvp(after, (jnp.float32(1e-2),), (jnp.float32(1.0),))
    np.testing.assert_array_equal(moved[1], WEIGHTS["w"][1])
    np.testing.assert_array_equal(slope[1], 0.0)
    np.testing.assert_allclose(slope[0], -np.sign(partly["w"][0]), rtol=1e-3)
    by_gradient = jax.grad(lambda g: adam.step(weights, {**partly, "w": g}, state, 1e-2)[0]["w"].sum())(partly["w"])
    assert np.isfinite(by_gradient).all()


def test_the_root_is_the_root_to_the_bit():
    squares = jnp.asarray([0.0, 1e-30, 2.0, jnp.inf, jnp.nan], jnp.float32)
    np.testing.assert_array_equal(adam.root(squares), jnp.sqrt(squares))
