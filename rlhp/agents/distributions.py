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

from rlhp.envs.environment import Environment

__all__ = ["Distribution", "of"]

LogStd = Float[Array, " actions"] | None


@dataclass(frozen=True)
class Distribution:
    """A family of distributions over actions; `outputs` [..., n_outputs] and `log_std` choose its member.

    Parameters
    ----------
    n_outputs : int
        Numbers the policy network gives.
    log_std : callable
        ``log_std() -> array or None``: the logarithm of the standard deviation at the start, where there is one.
    noise : callable
        ``noise(key, n) -> [*n, n_outputs]``: all the chance that sampling needs.
    sample : callable
        ``sample(outputs, log_std, noise) -> actions``, as they are learned from.
    log_prob, entropy : callables
        ``log_prob(outputs, log_std, actions) -> [...]`` and ``entropy(outputs, log_std) -> [...]``, in nats.
    mode : callable
        ``mode(outputs) -> actions``: the likeliest.
    playable : callable
        ``playable(actions)``: as the environment takes them.
    """

    n_outputs: int
    log_std: Callable[[], LogStd]
    noise: Callable[[Any, tuple[int, ...]], Array]
    sample: Callable[[Array, LogStd, Array], Array]
    log_prob: Callable[[Array, LogStd, Array], Array]
    entropy: Callable[[Array, LogStd], Array]
    mode: Callable[[Array], Array]
    playable: Callable[[Array], Array]


def of(env: Environment) -> Distribution:
    """Give the family stable-baselines3 takes for the actions of an environment.

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
    def noise(key: Any, n: tuple[int, ...]) -> Array:
        return jax.random.gumbel(key, (*n, n_actions))

    def log_prob(outputs: Array, log_std: LogStd, actions: Array) -> Array:
        taken = actions[..., None] == jnp.arange(n_actions)  # a product is faster to differentiate than a gather
        return (jax.nn.log_softmax(outputs) * taken).sum(-1)

    def entropy(outputs: Array, log_std: LogStd) -> Array:
        logs = jax.nn.log_softmax(outputs)
        return -(jnp.exp(logs) * logs).sum(-1)

    def mode(outputs: Array) -> Array:
        return outputs.argmax(-1).astype(jnp.int32)

    return Distribution(
        n_outputs=n_actions,
        log_std=lambda: None,
        noise=noise,
        sample=lambda outputs, log_std, noise: mode(outputs + noise),
        log_prob=log_prob,
        entropy=entropy,
        mode=mode,
        playable=lambda actions: actions,
    )


def _gaussian(low: tuple[float, ...], high: tuple[float, ...]) -> Distribution:
    """Independent Gaussians; actions beyond the bounds are played at the bounds, and learned from as drawn."""

    def sample(outputs: Array, log_std: LogStd, noise: Array) -> Array:
        assert log_std is not None
        return outputs + jnp.exp(log_std) * noise

    def log_prob(outputs: Array, log_std: LogStd, actions: Array) -> Array:
        assert log_std is not None
        apart = (actions - outputs) * jnp.exp(-log_std)
        return -(0.5 * apart**2 + log_std + 0.5 * math.log(2.0 * math.pi)).sum(-1)

    def entropy(outputs: Array, log_std: LogStd) -> Array:
        assert log_std is not None
        return jnp.broadcast_to((log_std + 0.5 * math.log(2.0 * math.pi * math.e)).sum(), outputs.shape[:-1])

    return Distribution(
        n_outputs=len(low),
        log_std=lambda: jnp.zeros(len(low)),
        noise=lambda key, n: jax.random.normal(key, (*n, len(low))),
        sample=sample,
        log_prob=log_prob,
        entropy=entropy,
        mode=lambda outputs: outputs,
        playable=lambda actions: jnp.clip(actions, jnp.array(low), jnp.array(high)),
    )
