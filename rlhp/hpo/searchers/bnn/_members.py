"""A surrogate that is several networks: what they say together, and how that changes from point to point."""

from __future__ import annotations

import abc
import contextlib
import functools
from collections.abc import Callable, Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from rlhp import threads
from rlhp.hpo.searchers.bnn._network import Parameters, Scales, function
from rlhp.hpo.searchers.bnn._padding import POINTS, padded, size_of, widened
from rlhp.trainers import compiled

# Networks that agree to the last digit would leave an acquisition nothing to divide by.
LEAST = 1e-9


@contextlib.contextmanager
def computing() -> Iterator[None]:
    """Compute in double precision, on one thread: a proposal's digits must not depend on how many cores there are."""
    with threads.one_thread(), jax.enable_x64(True), jax.default_device(compiled.devices()[0]):
        yield


def key_from(rng: np.random.Generator) -> Array:
    """Draw a key; within `computing` only."""
    return jax.random.key(int(rng.integers(2**31)))


def by_parts(program: Callable[[Array], Any], x: np.ndarray, width: int) -> list[np.ndarray]:
    """Run a program on points [k, features], padded so that few programs are made; points are its results' last axis.

    `width` is how many features the networks have, with those that were added.

    Returns
    -------
    list of arrays [..., k]
    """
    parts: list[list[np.ndarray]] = []
    for at in range(0, max(len(x), 1), POINTS[-1]):
        rows = x[at : at + POINTS[-1]]
        with computing():
            found = program(jnp.asarray(padded(widened(rows, width), size_of(len(rows), POINTS))))
            parts.append([np.asarray(one)[..., : len(rows)] for one in found])
    return [np.concatenate(each, axis=-1) for each in zip(*parts, strict=True)]


@functools.partial(jax.jit, static_argnames="activation")
def outputs(parameters: Parameters, scales: Scales, x: Array, *, activation: str) -> tuple[Array]:
    """Return what each of m networks says at k points, shape [m, k]."""
    return (jax.vmap(lambda p, s: function(p, s, x, activation))(parameters, scales),)


@functools.partial(jax.jit, static_argnames="activation")
def moments(parameters: Parameters, scales: Scales, x: Array, *, activation: str) -> tuple[Array, Array]:
    """Return mean and standard deviation over the networks at k points, each [k]."""
    said = outputs(parameters, scales, x, activation=activation)[0]
    return said.mean(axis=0), _spread(said)


@functools.partial(jax.jit, static_argnames="activation")
def slopes(parameters: Parameters, scales: Scales, x: Array, *, activation: str) -> tuple[Array, Array]:
    """Return the gradients of both at k points, each [features, k]."""

    def total(x: Array, which: int) -> Array:
        return jnp.sum(moments(parameters, scales, x, activation=activation)[which])

    return jax.grad(total)(x, 0).T, jax.grad(total)(x, 1).T


def _spread(said: Array) -> Array:
    apart = said - said.mean(axis=0)
    return jnp.sqrt(jnp.sum(apart**2, axis=0) / (len(said) - 1) + LEAST**2)


class Members(abc.ABC):
    """A posterior that is given by several networks; a member has `parameters`, `scales` and `activation`."""

    parameters: Parameters
    scales: Scales
    activation: str

    @property
    @abc.abstractmethod
    def width(self) -> int:
        """How many features the networks have, with those that were added."""

    def functions(self, x: np.ndarray) -> np.ndarray:
        """Return what every network says at features [k, features], shape [m, k]."""
        return self._said(outputs, x)[0]

    def predict(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return mean and standard deviation, each [k], at features [k, features], without the noise."""
        mean, std = self._said(moments, x)
        return mean, std

    def slopes(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the gradients of both, each [k, features]."""
        mean, std = self._said(slopes, x)
        return mean[: x.shape[1]].T, std[: x.shape[1]].T

    def _said(self, program: Callable[..., Any], x: np.ndarray) -> list[np.ndarray]:
        run = functools.partial(program, self.parameters, self.scales, activation=self.activation)
        return by_parts(run, x, self.width)
