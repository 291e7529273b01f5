"""Batches in any number of tiles, gradient steps as many as are due, a memory that is smaller than its ring."""

from __future__ import annotations

import jax
import numpy as np
import pytest

from rlhp.agents import off_policy
from rlhp.envs import make_jax
from tests.agents.replaying import clock, compiled, described, inputs, trained

ALGORITHMS = ("dqn", "sac", "td3")
TILES = (("tile", 3), ("tiled", True))  # instead of the one of eight that the other tests have


def assert_close(one, other):
    close = lambda a, b: np.testing.assert_allclose(a, b, rtol=2e-4, atol=2e-6)  # noqa: E731
    jax.tree.map(close, one, other)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("batch_size", [8, 6])
def test_a_batch_in_several_tiles_is_the_batch_in_one(algorithm, batch_size):
    """Of eight transitions the one tile is full and the last of three is not; of six it is the other way round."""
    config = {"batch_size": batch_size, "learning_rate": 1e-3, "n_steps": 2, "gradient_steps": 2}
    whole, first = trained(algorithm, 12, **config)
    state, metrics = trained(algorithm, 12, TILES, **config)
    assert float(first["updates"]) == float(metrics["updates"]) == 24
    assert_close(state.weights, whole.weights)
    np.testing.assert_allclose(metrics["loss"], first["loss"], rtol=1e-4)
    shorter, _ = trained(algorithm, 12, TILES, **{**config, "batch_size": batch_size - 1})
    apart = [np.abs(a - b).max() for a, b in zip(*map(jax.tree.leaves, (shorter.weights, whole.weights)), strict=True)]
    assert max(apart) > 1e-4, "the last place counts"


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_run_learns_from_its_own_memory_alone_though_the_ring_is_longer(algorithm):
    begin, train = compiled(algorithm)
    more = inputs(algorithm, buffer_size=10)
    state, _ = train(begin(0, *more), *more, clock(0, 40))
    for spoiled, sound in ((slice(0, 31), True), (slice(41, None), True), (slice(31, 40), False)):
        # The ring has room for 64 steps; in the next one, the 41st, the last ten of them are remembered.
        ring = lambda leaf, at=spoiled: leaf.at[at].set(np.nan) if leaf.dtype == np.float32 else leaf  # noqa: E731
        after, _ = train(state._replace(memory=jax.tree.map(ring, state.memory)), *more, clock(40, 1))
        finite = [bool(np.isfinite(leaf).all()) for leaf in jax.tree.leaves(after.weights)]
        assert all(finite) == sound


@pytest.mark.parametrize(
    ("algorithm", "n_envs"),
    [("dqn", 2), ("sac", 1), ("td3", 1), *(pytest.param(name, 2, marks=pytest.mark.hard) for name in ("sac", "td3"))],
)
@pytest.mark.parametrize("asked", [1, 3, -1])
def test_gradient_steps_are_as_many_as_asked_for(algorithm, n_envs, asked):
    each = 5 * n_envs if asked < 0 else asked
    _, metrics = trained(algorithm, 4, (("n_envs", n_envs),) if n_envs > 1 else (), train_freq=5, gradient_steps=asked)
    assert float(metrics["updates"]) == 4 * each
    assert off_policy.due({"train_freq": 5, "gradient_steps": asked}, n_envs) == each, "Python's numbers stay so"


def test_what_decides_a_program():
    env = make_jax("Pendulum-v1")

    def shapes(**changes):
        return off_policy.shapes(described("sac", **changes), env, 20_000, (256, 256))

    assert shapes(batch_size=100) == shapes(batch_size=128) == shapes(batch_size=128, buffer_size=10)
    assert [shapes(batch_size=n)["tile"] for n in (1, 8, 9, 256, 512, 5_000)] == [8, 8, 16, 256, 512, 512]
    assert [shapes(batch_size=n)["tiled"] for n in (512, 513)] == [False, True]
    assert shapes(net_arch=[4, 3])["net_arch"] == (4, 3)
    assert shapes()["net_arch"] == (256, 256)
    loops = ["train_freq", "gradient_steps", "batch_size", "learning_starts", "n_steps"]
    assert all(shapes(**{name: 7}) == shapes() for name in loops), "none of these is a shape"
