"""What a policy's outputs mean: chances of discrete actions, or a Gaussian around continuous ones.

References
----------
Sutton and Barto (2018), Reinforcement learning: an introduction, section 13.7.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from rlhp.envs import Environment

__all__ = ["Distribution", "of"]

LogStd = Float[Array, " actions"] | None


@dataclass(frozen=True)
class Distribution:
    """A family of distributions over actions; `outputs` [n_outputs, n] and `log_std` choose n members of it.

    Parameters
    ----------
    n_outputs : int
        Numbers the policy network gives.
    size : int
        Numbers of an action as it is learned from.
    log_std : callable
        ``log_std() -> array or None``: the logarithm of the standard deviation at the start, where there is one.
    noise : callable
        ``noise(key, n) -> [n_outputs, n]``: all the chance that sampling needs.
    sample : callable
        ``sample(outputs, log_std, noise) -> actions [n, size]``, as they are learned from.
    log_prob, entropy : callables
        ``log_prob(outputs, log_std, actions) -> [n]`` and ``entropy(outputs, log_std) -> [n]``, in nats.
    mode : callable
        ``mode(outputs) -> actions``: the likeliest.
    playable : callable
        ``playable(actions) -> [n] (whole numbers) or [n, size]``: as the environment takes them.
    """

    n_outputs: int
    size: int
    log_std: Callable[[], LogStd]
    noise: Callable[[Any, int], Array]
    sample: Callable[[Array, LogStd, Array], Array]
    log_prob: Callable[[Array, LogStd, Array], Array]
    entropy: Callable[[Array, LogStd], Array]
    mode: Callable[[Array], Array]
    playable: Callable[[Array], Array]


def of(env: Environment) -> Distribution:
    """Return the family stable-baselines3 takes for the actions of an environment.

    Examples
    --------
    >>> from rlhp.envs import make_jax
    >>> of(make_jax("CartPole-v1")).n_outputs, of(make_jax("Pendulum-v1")).n_outputs
    (2, 1)
    """
    if env.n_actions is not None:
        return _categorical(env.n_actions)
    return _gaussian(env.action_low or (), env.action_high or ())


def _categorical(n_actions: int) -> Distribution:
    def log_prob(outputs: Array, log_std: LogStd, actions: Array) -> Array:
        taken = actions[None, :, 0] == jnp.arange(n_actions)[:, None]  # faster to differentiate than a gather
        return (jax.nn.log_softmax(outputs, 0) * taken).sum(0)

    def entropy(outputs: Array, log_std: LogStd) -> Array:
        logs = jax.nn.log_softmax(outputs, 0)
        return -(jnp.exp(logs) * logs).sum(0)

    def mode(outputs: Array) -> Array:
        return outputs.argmax(0)[:, None].astype(outputs.dtype)

    return Distribution(
        n_outputs=n_actions,
        size=1,
        log_std=lambda: None,
        noise=lambda key, n: jax.random.gumbel(key, (n_actions, n)),
        sample=lambda outputs, log_std, noise: mode(outputs + noise),
        log_prob=log_prob,
        entropy=entropy,
        mode=mode,
        playable=lambda actions: actions[:, 0].astype(jnp.int32),
    )


def _gaussian(low: tuple[float, ...], high: tuple[float, ...]) -> Distribution:
    """Independent Gaussians; actions beyond the bounds are played at the bounds, and learned from as drawn."""

    def sample(outputs: Array, log_std: LogStd, noise: Array) -> Array:
        assert log_std is not None
        return outputs.T + jnp.exp(log_std)[None] * noise.T

    def log_prob(outputs: Array, log_std: LogStd, actions: Array) -> Array:
        assert log_std is not None
        apart = (actions.T - outputs) * jnp.exp(-log_std)[:, None]
        return -0.5 * (apart**2).sum(0) - (log_std + 0.5 * math.log(2.0 * math.pi)).sum()

    def entropy(outputs: Array, log_std: LogStd) -> Array:
        assert log_std is not None
        return jnp.broadcast_to((log_std + 0.5 * math.log(2.0 * math.pi * math.e)).sum(), outputs.shape[1:])

    return Distribution(
        n_outputs=len(low),
        size=len(low),
        log_std=lambda: jnp.zeros(len(low)),
        noise=lambda key, n: jax.random.normal(key, (len(low), n)),
        sample=sample,
        log_prob=log_prob,
        entropy=entropy,
        mode=jnp.transpose,
        playable=lambda actions: jnp.clip(actions, jnp.array(low)[None], jnp.array(high)[None]),
    )
