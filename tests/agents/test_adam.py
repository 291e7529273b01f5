"""Adam with a switch, held to optax's."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

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
        found, mine = adam.step(found, gradients(number), mine, jnp.float32(3e-3), jnp.array(True))
    for name in WEIGHTS:
        np.testing.assert_allclose(found[name], expected[name], rtol=1e-5)
    assert int(mine.count) == 20


@pytest.mark.parametrize("taken", [0, 3])
def test_switched_off_it_changes_nothing_however_many_steps_were_taken(taken):
    weights, state = WEIGHTS, adam.begin(WEIGHTS)
    for number in range(taken):
        weights, state = adam.step(weights, gradients(number), state, jnp.float32(1e-2), jnp.array(True))
    kept, after = adam.step(weights, gradients(99), state, jnp.float32(1e-2), jnp.array(False))
    jax.tree.map(np.testing.assert_array_equal, (kept, after), (weights, state))


def test_runs_side_by_side_switch_each_for_itself():
    on = jnp.array([True, False])
    many = jax.tree.map(lambda leaf: jnp.stack([leaf, leaf]), (WEIGHTS, gradients(0), adam.begin(WEIGHTS)))
    moved, state = jax.vmap(adam.step, in_axes=(0, 0, 0, None, 0))(*many, jnp.float32(1e-2), on)
    alone, _ = adam.step(WEIGHTS, gradients(0), adam.begin(WEIGHTS), jnp.float32(1e-2), jnp.array(True))
    np.testing.assert_allclose(moved["w"][0], alone["w"], rtol=1e-5)
    np.testing.assert_array_equal(moved["w"][1], WEIGHTS["w"])
    assert state.count.tolist() == [1, 0]
