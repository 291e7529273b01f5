"""What actor-critics for continuous actions share: twin critics as one stack of weights, and actions scaled to [-1, 1].

References
----------
Fujimoto, van Hoof and Meger (2018), Addressing function approximation error in actor-critic methods.
"""

from __future__ import annotations

from collections.abc import Sequence

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray

from rlhp.agents import networks
from rlhp.agents.networks import Layers
from rlhp.envs import Environment

__all__ = ["follow", "q_values", "twins", "unscaled"]


def twins(key: PRNGKeyArray, widths: Sequence[int]) -> Layers:
    """Draw two critics; every array leads with [2], so that one product computes a layer of both."""
    return jax.vmap(lambda key: networks.uniform(key, widths))(jax.random.split(key))


def q_values(
    critics: Layers, observations: Float[Array, "n features"], actions: Float[Array, "n actions"]
) -> Float[Array, "2 n"]:
    """Give what each critic says an action is worth; actions are scaled to [-1, 1]."""
    inputs = jnp.concatenate([observations, actions], -1)
    outputs = jax.vmap(lambda layers: networks.mlp(layers, inputs))(critics)
    return outputs[..., 0]


def follow(target: Layers, online: Layers, tau: Float[Array, ""]) -> Layers:
    """Move target networks by `tau` towards the online ones (Polyak averaging)."""
    moved: Layers = jax.tree.map(lambda old, new: (1.0 - tau) * old + tau * new, target, online)
    return moved


def unscaled(env: Environment, actions: Float[Array, "*n actions"]) -> Float[Array, "*n actions"]:
    """Bring actions in [-1, 1] to the bounds of the environment."""
    low, high = jnp.asarray(env.action_low, jnp.float32), jnp.asarray(env.action_high, jnp.float32)
    return low + 0.5 * (actions + 1.0) * (high - low)
