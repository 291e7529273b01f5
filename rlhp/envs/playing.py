"""What every agent does with an environment: play copies of it that restart by themselves, and keep count of returns.

Pure functions on one data structure. The copies are vmapped here; runs of a sweep are vmapped around it.

Examples
--------
>>> import jax, jax.numpy as jnp
>>> from rlhp.envs import make_jax
>>> env = make_jax("CartPole-v1")
>>> playing = start(env, jax.random.key(0), 2, env.default_context())
>>> playing, transition = play(env, jax.random.key(1), playing, jnp.array([0, 1]), env.default_context())
>>> transition.next_observation.shape, transition.reward.tolist()
((2, 4), [1.0, 1.0])
>>> mean, n_episodes = account(playing)
>>> bool(jnp.isnan(mean)), int(n_episodes)
(True, 0)
"""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int, PRNGKeyArray

from rlhp.envs._environment import Environment

__all__ = ["Playing", "Transition", "account", "lanes", "opened", "play", "restarted", "returned", "start"]

# Names of the random streams that are folded into a step's key.
_DYNAMICS, _RESTART = 0, 1


class Playing(NamedTuple):
    """Copies of an environment in the middle of their episodes, and the account of those that ended.

    Parameters
    ----------
    states : pytree
        The environment's states; every leaf leads with [n_envs].
    observation : array, shape [n_envs, ...]
        What the agent sees now.
    running : float array, shape [n_envs]
        Return so far of each episode under way.
    returns : float array, shape []
        Sum of the returns of the episodes that ended.
    n_episodes : int array, shape []
        How many ended.
    """

    states: Any
    observation: Array
    running: Float[Array, " n_envs"]
    returns: Float[Array, ""]
    n_episodes: Int[Array, ""]


class Transition(NamedTuple):
    """One step of every copy; each field leads with [n_envs].

    `next_observation` is the one the action led to, also where an episode ended with it: the value of what follows is
    zero where `terminated`, and is bootstrapped from it where only `truncated`.
    """

    observation: Array
    action: Array
    reward: Float[Array, " n_envs"]
    next_observation: Array
    terminated: Bool[Array, " n_envs"]
    truncated: Bool[Array, " n_envs"]


def start(env: Environment, key: PRNGKeyArray, n_envs: int, context: Any) -> Playing:
    """Start `n_envs` copies in the world of `context`, each from a start state of its own."""
    states, observation = jax.vmap(env.reset, in_axes=(0, None))(_keys(key, _RESTART, n_envs), context)
    zero = jnp.zeros(())
    return Playing(states, observation, jnp.zeros(n_envs), zero, jnp.zeros((), jnp.int32))


def play(
    env: Environment,
    key: PRNGKeyArray,
    playing: Playing,
    actions: Array,
    context: Any,
    counted: Bool[Array, " n_envs"] | bool = True,
) -> tuple[Playing, Transition]:
    """Take one step in every copy, and start those again whose episode ended.

    Parameters
    ----------
    env : Environment
        The environment.
    key : PRNG key
        A new one for every step.
    playing : Playing
        The copies as they stand.
    actions : array, shape [n_envs] (int) or [n_envs, n_actions] (float)
        One action per copy, within the bounds of the environment.
    context : mapping
        The world in which episodes start again; those under way stay in theirs.
    counted : bool array, shape [n_envs]
        The copies whose episodes come into the account; the others are room that a run does not need.

    Returns
    -------
    tuple of (Playing, Transition)
        The copies after the step, and what it was.
    """
    n_envs = playing.running.shape[0]
    states, seen, reward, terminated, truncated = jax.vmap(env.step)(
        _keys(key, _DYNAMICS, n_envs), playing.states, actions
    )
    ended = terminated | truncated

    def again(states: Any, seen: Array) -> tuple[Any, Array]:
        fresh, first = jax.vmap(env.reset, in_axes=(0, None))(_keys(key, _RESTART, n_envs), context)
        return jax.tree.map(lambda new, old: _where(ended, new, old), fresh, states), _where(ended, first, seen)

    # Starts are drawn only where an episode ended: in most steps none does.
    states, observation = jax.lax.cond(ended.any(), again, lambda states, seen: (states, seen), states, seen)
    running = playing.running + reward
    after = Playing(
        states,
        observation,
        running=jnp.where(ended, 0.0, running),
        returns=playing.returns + jnp.sum(jnp.where(ended & counted, running, 0.0)),
        n_episodes=playing.n_episodes + jnp.sum(ended & counted, dtype=jnp.int32),
    )
    return after, Transition(playing.observation, actions, reward, seen, terminated, truncated)


def restarted(
    env: Environment, key: PRNGKeyArray, playing: Playing, which: Bool[Array, " n_envs"], context: Any
) -> Playing:
    """Start some copies again, in mid-episode; what they have earned there comes into no account."""
    fresh, first = jax.vmap(env.reset, in_axes=(0, None))(_keys(key, _RESTART, playing.running.shape[0]), context)
    states = jax.tree.map(lambda new, old: _where(which, new, old), fresh, playing.states)
    return playing._replace(
        states=states,
        observation=_where(which, first, playing.observation),
        running=jnp.where(which, 0.0, playing.running),
    )


def lanes(playing: Playing, first: Int[Array, ""], n: int) -> Playing:
    """Return the `n` copies from number `first` on, with the account of all."""
    states, observation, running = jax.tree.map(lambda leaf: jax.lax.dynamic_slice_in_dim(leaf, first, n), playing[:3])
    return Playing(states, observation, running, playing.returns, playing.n_episodes)


def returned(playing: Playing, some: Playing, first: Int[Array, ""]) -> Playing:
    """Put back, from number `first` on, what `lanes` gave, with its account."""
    states, observation, running = jax.tree.map(
        lambda leaf, part: jax.lax.dynamic_update_slice_in_dim(leaf, part, first, 0), playing[:3], some[:3]
    )
    return Playing(states, observation, running, some.returns, some.n_episodes)


def account(playing: Playing) -> tuple[Float[Array, ""], Int[Array, ""]]:
    """Return the account of finished episodes.

    Returns
    -------
    tuple of arrays
        Mean return of the episodes that ended since the account was opened (NaN if none did), and their number.
    """
    some = playing.n_episodes > 0
    mean = jnp.where(some, playing.returns / jnp.maximum(playing.n_episodes, 1), jnp.nan)
    return mean, playing.n_episodes


def opened(playing: Playing, anew: Bool[Array, ""] | bool = True) -> Playing:
    """Open a new account, where `anew` says so; episodes under way keep their returns so far."""
    return playing._replace(
        returns=jnp.where(anew, 0.0, playing.returns), n_episodes=jnp.where(anew, 0, playing.n_episodes)
    )


def _keys(key: PRNGKeyArray, stream: int, n_envs: int) -> PRNGKeyArray:
    """Return every copy a key of the named stream; a single copy takes the stream's own and splits nothing."""
    key = jax.random.fold_in(key, stream)
    return key[None] if n_envs == 1 else jax.random.split(key, n_envs)


def _where(ended: Bool[Array, " n_envs"], new: Array, old: Array) -> Array:
    return jnp.where(ended.reshape(ended.shape + (1,) * (new.ndim - 1)), new, old)
