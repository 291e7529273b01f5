from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

from rlhp.agents import networks, streams


@pytest.mark.parametrize("shape", [(64, 64), (4, 32), (32, 2), (1, 5)])
def test_orthogonal_weights_are_q_of_a_decomposition_with_a_positive_diagonal(shape):
    ((weights, biases),) = networks.orthogonal(streams.key(3), shape, [1.5])
    drawn = jax.random.normal(jax.random.fold_in(streams.key(3), 0), (max(shape), min(shape)))
    q, r = np.linalg.qr(np.asarray(drawn, dtype=float))
    expected = q * np.sign(np.diag(r))
    np.testing.assert_allclose(weights, 1.5 * (expected if shape[0] >= shape[1] else expected.T), atol=2e-5)
    assert not biases.any()


def test_programs_call_nothing_that_waits_in_the_pool_it_runs_in():
    many = jax.vmap(lambda key: networks.orthogonal(key, [8, 8], [1.0]))
    text = jax.jit(many).lower(jax.random.split(streams.key(0), 4)).as_text()
    assert "lapack" not in text
    assert "custom_call" not in text


def test_uniform_weights_lie_within_torchs_bounds():
    (first, _), (second, biases) = networks.uniform(streams.key(0), [400, 300, 200])
    torch.manual_seed(0)
    theirs = torch.nn.Linear(300, 200)
    for ours, other in ((second, theirs.weight), (biases, theirs.bias)):
        limit = 300**-0.5
        assert np.abs(ours).max() <= limit
        assert np.std(ours) == pytest.approx(float(other.std()), rel=0.1)
    assert np.abs(first).max() == pytest.approx(400**-0.5, rel=1e-3)


def test_an_image_is_flattened_for_the_network():
    assert networks.flat(jnp.zeros((5, 7, 7, 3), jnp.uint8), 3).shape == (5, 147)


def test_a_network_is_torchs_and_so_is_its_gradient():
    torch.manual_seed(0)
    theirs = torch.nn.Sequential(torch.nn.Linear(5, 7), torch.nn.ReLU(), torch.nn.Linear(7, 2))
    linear = (theirs[0], theirs[2])
    layers = [(jnp.asarray(one.weight.detach().numpy().T), jnp.asarray(one.bias.detach().numpy())) for one in linear]
    inputs = jnp.asarray(np.random.default_rng(0).normal(size=(9, 5)), jnp.float32)
    expected = theirs(torch.tensor(np.array(inputs)))
    (expected**2).sum().backward()
    np.testing.assert_allclose(networks.mlp(layers, inputs), expected.detach(), rtol=1e-5, atol=1e-6)
    found = jax.jit(jax.grad(lambda layers: (networks.mlp(layers, inputs) ** 2).sum()))(layers)
    for (weights, biases), one in zip(found, linear, strict=True):
        np.testing.assert_allclose(weights, one.weight.grad.T, rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(biases, one.bias.grad, rtol=1e-4, atol=1e-5)
