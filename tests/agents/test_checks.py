"""What `conftest.py` switches on here is on: a wrong shape, a wrong type and a silent stretch are refused."""

from __future__ import annotations

import importlib
import pkgutil

import jax.numpy as jnp
import jaxtyping
import pytest

import rlhp.agents
from rlhp.agents import gae, networks

MODULES = [one.name for one in pkgutil.iter_modules(rlhp.agents.__path__)]


@pytest.mark.parametrize("name", MODULES)
def test_every_module_is_checked(name):
    module = importlib.import_module(f"rlhp.agents.{name}")
    functions = [
        one for one in vars(module).values() if callable(one) and getattr(one, "__module__", "") == module.__name__
    ]
    assert any(hasattr(one, "__wrapped__") for one in functions), "imported before `tests/conftest.py` prepared it"


def test_a_wrong_shape_is_refused():
    row = jnp.zeros(3)
    end = jnp.zeros(3, bool)
    with pytest.raises(jaxtyping.TypeCheckError, match="next_value"):
        gae.advantage(row, row, row, jnp.zeros(4), end, end, 0.9, 0.9)


def test_a_wrong_type_is_refused():
    with pytest.raises(jaxtyping.TypeCheckError, match="terminated"):
        gae.advantage(*(jnp.zeros(3),) * 6, 0.9, 0.9)


def test_layers_are_no_twins():
    layers = [(jnp.zeros((3, 2)), jnp.zeros(2))]
    assert networks.mlp(layers, jnp.zeros((5, 3))).shape == (5, 2)
    with pytest.raises(jaxtyping.TypeCheckError, match="layers"):
        networks.mlp([(jnp.zeros((2, 3, 2)), jnp.zeros((2, 2)))], jnp.zeros((5, 3)))


def test_a_silent_stretch_is_refused():
    with pytest.raises(ValueError, match="rank_promotion"):
        jnp.zeros((2, 3)) + jnp.zeros(3)
