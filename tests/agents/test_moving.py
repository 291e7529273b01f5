"""Schedules as numbers have the values of the schedules themselves."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from rlhp.agents import moving
from rlhp.schedules import Constant, Cosine, Exponential, Linear, Piecewise, Step, kinds

SCHEDULES = [
    Constant(0.3),
    Constant(-2.0),
    Linear(1.0, 0.05, 0.1),
    Linear(0.0, 5.0),
    Exponential(1e-2, 1e-6, 0.7),
    Cosine(2.0, -1.0, 0.5),
    Step(1.0, 0.2, 4),
    Step(8.0, 1.0, 7, 0.3),
    Piecewise(((0.5, 2.0),)),
    Piecewise(((0.1, 1.0), (0.2, 0.1), (0.9, 3.0))),
    Piecewise(tuple((i / 12, float(i % 3)) for i in range(moving.KNOTS))),
]
# Off the exact places of the drops, where rounding to float32 decides, and on them below.
GRID = np.concatenate([[-0.5, 0.0, 1.0, 1.5], np.linspace(0.00123, 0.99877, 97)])


VALUES = jax.jit(jax.vmap(moving.value, (None, 0)))  # at many places; one program for all kinds


def test_every_kind_is_tried():
    assert {type(one) for one in SCHEDULES} == set(kinds().values())


@pytest.mark.parametrize("schedule", SCHEDULES, ids=repr)
def test_values_are_those_of_the_schedule(schedule):
    ours = VALUES(moving.encode(schedule), jnp.asarray(GRID))
    np.testing.assert_allclose(ours, [schedule(at) for at in GRID], rtol=2e-5, atol=2e-6)


@pytest.mark.parametrize("schedule", [Step(1.0, 0.2, 4), Step(8.0, 1.0, 7, 0.3), Step(1.0, 0.0, 10, 0.9)], ids=repr)
def test_drops_fall_where_they_are_due(schedule):
    due = np.arange(schedule.n_steps + 1) * schedule.fraction / schedule.n_steps
    np.testing.assert_allclose(
        VALUES(moving.encode(schedule), jnp.asarray(due)),
        [schedule(at) for at in due],
        rtol=1e-5,
        atol=1e-6,
    )


def test_different_shapes_share_one_program():
    n_traces = 0

    @jax.jit
    def value(numbers, progress):
        nonlocal n_traces
        n_traces += 1
        return moving.value(numbers, progress)

    for schedule in SCHEDULES:
        assert float(value(moving.encode(schedule), 0.25)) == pytest.approx(schedule(0.25), rel=1e-5)
    assert n_traces == 1


def test_no_limit_is_infinity_throughout():
    assert (VALUES(moving.encode(np.inf), jnp.asarray(GRID)) == np.inf).all()


def test_values_are_by_name():
    schedules = {"gamma": 0.9, "beta": Linear(0.0, 1.0), "alpha": np.inf}
    traced = {name: jnp.asarray(moving.encode(one)) for name, one in schedules.items()}
    found = jax.jit(moving.values)(traced, jnp.asarray(0.25))
    assert {name: float(one) for name, one in found.items()} == pytest.approx(
        {"alpha": np.inf, "beta": 0.25, "gamma": 0.9}
    )


def test_too_many_points_are_refused():
    points = tuple((i / moving.KNOTS, 1.0) for i in range(moving.KNOTS + 1))
    with pytest.raises(ValueError, match="of 13 points does not fit the compiled engine, which takes up to 12"):
        moving.encode(Piecewise(points))
