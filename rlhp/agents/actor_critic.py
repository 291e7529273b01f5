"""What PPO and A2C share: two networks, how they begin, play a rollout, and are evaluated.

References
----------
Mnih et al. (2016), Asynchronous methods for deep reinforcement learning.
Huang et al. (2022), The 37 implementation details of proximal policy optimization.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from jaxtyping import Array, Float, Int, Num, PRNGKeyArray

from rlhp.agents import moving, networks, normalizing, optimizers, rollouts
from rlhp.agents.agent import Loops, Now, State, Tally, Traced
from rlhp.agents.distributions import Distribution, LogStd
from rlhp.agents.evaluating import evaluate
from rlhp.agents.networks import Twins
from rlhp.agents.normalizing import Statistics, View, Waiting
from rlhp.agents.rollouts import LANES, Columns, Rollout
from rlhp.envs import Environment
from rlhp.envs.playing import Playing, lanes, play, returned, start

__all__ = [
    "LEARNING",
    "Model",
    "Weights",
    "act",
    "at_the_end",
    "begin",
    "estimated",
    "evaluated",
    "forward",
    "initial",
    "parameters",
    "played",
    "shapes",
    "updating_key",
]

LEARNING = frozenset({"tile", "rows"})
"""Names of `shapes` that decide how a run learns, and neither how it begins nor how it is evaluated."""

_INIT, _ENVIRONMENT, _STEPS, _UPDATES = range(4)  # names of the random streams of a run
_NOISE, _PLAY = range(2)  # and of a step
_ENVS = 32  # environments there is room for, if no more are asked for
_ROWS = 4096 * _ENVS  # rows of the longest rollout of the default space
_TILES = (8, 16, 32, 128)  # rows whose gradient is computed at once
_FEW = 32


class Model(NamedTuple):
    """A policy and a value network that share nothing, and whose hidden layers are computed in one go."""

    hidden: Twins  # of the policy and of the value network
    policy: tuple[Float[Array, "n_in outputs"], Float[Array, " outputs"]]
    value: tuple[Float[Array, " n_in"], Float[Array, ""]]
    log_std: LogStd


class Weights(NamedTuple):
    """What is learned and what is estimated."""

    model: Model
    statistics: Statistics


class _Group(NamedTuple):
    """What changes while environments are played; in the middle of it those of a group."""

    playing: Playing
    statistics: Statistics
    step: Waiting  # of a step in which not all environments were played
    rollout: Rollout
    n_shown: Array  # last observations whose values have been predicted


def shapes(config: Mapping[str, Any], env: Environment, steps: int, *, batch_size: int) -> dict[str, Hashable]:
    """Return what decides the program of a run that learns from minibatches of `batch_size` transitions.

    Parameters
    ----------
    config : mapping
        All hyperparameters of the run.
    env : Environment
        Where it acts.
    steps : int
        Its environment steps; a rollout that is longer is never finished.
    batch_size : int
        Of its minibatches.

    Returns
    -------
    dict
        `net_arch`, widths of the hidden layers; `tile`, rows whose gradient is computed at once; `envs` and `rows`,
        the environments and transitions there is room for.
    """
    del env
    n_envs, length = int(config["n_envs"]), int(config["n_steps"] * config["n_envs"])
    size = min(batch_size, length)
    return {
        "net_arch": tuple(int(width) for width in config["net_arch"] or (64, 64)),
        "tile": max((tile for tile in _TILES if tile <= size), default=_TILES[0]),
        "envs": max(_ENVS, _power(n_envs)),
        "rows": _power(max(min(steps, _ROWS), min(length, steps), _TILES[-1])),
    }


def _power(number: int) -> int:
    """Return the lowest power of two that is not below a number."""
    return 1 << (number - 1).bit_length()


def initial(key: PRNGKeyArray, n_features: int, net_arch: Sequence[int], family: Distribution) -> Model:
    """Draw orthogonal weights with stable-baselines3's gains: a policy that begins close to indifferent."""
    widths, gains = [n_features, *net_arch], [math.sqrt(2.0)] * len(net_arch)
    policy = networks.orthogonal(jax.random.fold_in(key, 0), [*widths, family.n_outputs], [*gains, 0.01])
    value = networks.orthogonal(jax.random.fold_in(key, 1), [*widths, 1], [*gains, 1.0])
    hidden = jax.tree.map(lambda p, v: jnp.stack([p, v]), policy[:-1], value[:-1])
    return Model(hidden, policy[-1], (value[-1][0][:, 0], value[-1][1][0]), family.log_std())


def forward(model: Model, features: Float[Array, "n features"]) -> tuple[Float[Array, "outputs n"], Float[Array, " n"]]:
    """Apply both networks.

    Returns
    -------
    tuple of float arrays, shapes [n_outputs, n] and [n]
        What chooses the policy's distributions, and the values: the discounted returns predicted, in units of the
        (normalised) reward.
    """
    # What is faster on a CPU: a row for each state where there are few, and where there are many a row for each unit.
    few = features.shape[0] <= _FEW
    (weights, biases), *later = model.hidden
    first, then = ("tij,ni->tnj", "tij,tni->tnj") if few else ("tij,ni->tjn", "tij,tin->tjn")
    beside = (slice(None), None) if few else (..., None)
    units = jnp.tanh(jnp.einsum(first, weights, features) + biases[beside])
    for weights, biases in later:
        units = jnp.tanh(jnp.einsum(then, weights, units) + biases[beside])
    last = units.mT if few else units
    outputs = jnp.einsum("ij,in->jn", model.policy[0], last[0]) + model.policy[1][:, None]
    return outputs, jnp.einsum("i,in->n", model.value[0], last[1]) + model.value[1]


def begin(
    env: Environment, family: Distribution, shapes: Mapping[str, Any], key: PRNGKeyArray, traced: Traced, loops: Loops
) -> State:
    """Draw the first weights, and start the environments of a run."""
    context, n_dims = env.context(moving.values(traced, 0.0)), len(env.observation_shape)
    n_features, envs = math.prod(env.observation_shape), int(shapes["envs"])
    model = initial(jax.random.fold_in(key, _INIT), n_features, shapes["net_arch"], family)
    playing = start(env, jax.random.fold_in(key, _ENVIRONMENT), envs, context)
    seen = networks.flat(playing.observation, n_dims)
    statistics = normalizing.first(seen, loops["normalize"], jnp.arange(envs) < loops["n_envs"])
    moments = optimizers.begin(ravel_pytree(model)[0])
    return State(key, Weights(model, statistics), moments, (), playing, Tally(jnp.zeros(()), jnp.zeros(())))


def at_the_end(traced: Traced, loops: Loops, now: Now) -> dict[str, Array]:
    """Return the hyperparameters as they stand when the rollout is complete."""
    steps = jnp.asarray((now.iteration + 1) * loops["n_steps"] * loops["n_envs"], float)
    return moving.values(traced, steps / now.total_steps)


def updating_key(key: PRNGKeyArray, now: Now) -> PRNGKeyArray:
    """Return the random stream of an iteration's update."""
    return jax.random.fold_in(jax.random.fold_in(key, _UPDATES), now.iteration)


def played(
    env: Environment,
    family: Distribution,
    state: State,
    rollout: Rollout,
    hp: Mapping[str, Array],
    reward_gamma: Float[Array, ""],
    loops: Loops,
    now: Now,
) -> tuple[State, Rollout]:
    """Play `n_steps` in each of `n_envs` environments, and write down what was seen and predicted.

    Parameters
    ----------
    env, family : Environment, Distribution
    state : State
        Whose policy plays.
    rollout : Rollout
        Room to write in.
    hp : mapping
        The hyperparameters of the iteration.
    reward_gamma : float
        Discount of the return whose deviation scales normalised rewards.
    loops, now : mapping, Now
    """
    (model, statistics), steps = state.weights, jax.random.fold_in(state.key, _STEPS)
    context, n_steps, n_envs = env.context(hp), loops["n_steps"], loops["n_envs"]
    n_dims, lane = len(env.observation_shape), np.arange(LANES)
    n_groups = (n_envs + LANES - 1) // LANES
    # A group of environments is played for the whole rollout before the next one. Only where observations are
    # normalised, by statistics that move with every step of all environments, each step has to be completed.
    together = statistics.view.on & (n_groups > 1)
    stretch = jnp.where(together, 1, n_steps)

    def group(i: Int[Array, ""], carry: _Group) -> _Group:
        # The last group first: what it writes beyond the environments there are, the first one writes over.
        g, first_step = n_groups - 1 - i % n_groups, i // n_groups * stretch
        first = g * LANES
        counted = first + lane < n_envs
        begun = carry._replace(
            playing=lanes(carry.playing, first, LANES),
            statistics=carry.statistics._replace(
                running=jax.lax.dynamic_slice(carry.statistics.running, (first,), (LANES,))
            ),
        )
        complete = ~together | (g == 0)

        def step(t: Int[Array, ""], before: _Group) -> _Group:
            playing, statistics, waiting, rollout, n_shown = before
            key = jax.random.fold_in(jax.random.fold_in(steps, now.iteration * n_steps + t), g)
            features = _features(env, statistics.view, playing.observation)
            outputs, value = forward(model, features)
            action = family.sample(outputs, model.log_std, family.noise(jax.random.fold_in(key, _NOISE), LANES))
            log_prob = family.log_prob(outputs, model.log_std, action)
            play_key = jax.random.fold_in(key, _PLAY)
            playing, seen = play(env, play_key, playing, family.playable(action), context, counted)
            cut = seen.truncated & ~seen.terminated & counted
            end = jnp.where(seen.terminated, -1, jnp.where(cut, rollout.n_ends + lane + 1, 0)).astype(value.dtype)
            scale = jnp.broadcast_to(normalizing.reward_scale(statistics), value.shape)
            row = rollouts.rows_of(Columns(features, action, value, log_prob, seen.reward, end, scale))
            rollout = rollouts.written(rollout, row, t * n_envs + first)
            rollout = rollouts.ended(rollout, networks.flat(seen.next_observation, n_dims), cut.any())
            following, ended = networks.flat(playing.observation, n_dims), seen.terminated | seen.truncated
            statistics, waiting = normalizing.observe(
                statistics, waiting, following, seen.reward, ended, reward_gamma, counted, complete
            )
            n_known = jnp.where(complete, rollout.n_ends, n_shown)
            rollout = rollouts.bootstrapped(
                rollout,
                n_shown,
                n_known,
                lambda ends: normalizing.scaled(statistics.view, ends),
                lambda features: forward(model, features)[1],
            )
            return _Group(playing, statistics, waiting, rollout, n_known)

        done: _Group = jax.lax.fori_loop(first_step, first_step + stretch, step, begun)
        running = jax.lax.dynamic_update_slice(carry.statistics.running, done.statistics.running, (first,))
        return done._replace(
            playing=returned(carry.playing, done.playing, first),
            statistics=done.statistics._replace(running=running),
        )

    def after(g: Int[Array, ""], rollout: Rollout) -> Rollout:
        """Write down what follows the last step."""
        features = _features(env, statistics.view, lanes(playing, g * LANES, LANES).observation)
        value, zero = forward(model, features)[1], jnp.zeros(LANES)
        scale = jnp.broadcast_to(normalizing.reward_scale(statistics), value.shape)
        nothing = jnp.zeros((LANES, family.size))
        row = rollouts.rows_of(Columns(features, nothing, value, zero, zero, zero, scale))
        return rollouts.written(rollout, row, n_steps * n_envs + g * LANES)

    none = jnp.zeros_like(rollout.n_ends)
    empty = _Group(state.playing, statistics, normalizing.waiting(statistics), rollout._replace(n_ends=none), none)
    n_stretches = jnp.where(together, n_steps, 1)
    playing, statistics, _, rollout, _ = jax.lax.fori_loop(0, n_stretches * n_groups, group, empty)
    rollout = jax.lax.fori_loop(0, n_groups, after, rollout)
    return state._replace(playing=playing, weights=Weights(model, statistics)), rollout


def _features(env: Environment, view: View, observations: Array) -> Float[Array, "n features"]:
    """Return observations as the networks see them."""
    return normalizing.scaled(view, networks.flat(observations, len(env.observation_shape)))


def estimated(family: Distribution, state: State, rollout: Rollout, hp: Mapping[str, Array], loops: Loops) -> Rollout:
    """Estimate the advantages anew where the update is to be differentiated: `loops` are Python's whole numbers there.

    What was predicted of what was seen depends on the weights as they now are, and derivatives pass through it.
    """
    n_steps, n_envs = loops["n_steps"], loops["n_envs"]
    if not isinstance(n_steps, int) or not isinstance(n_envs, int):
        return rollout
    model, statistics = state.weights

    def predicted(features: Array, actions: Array) -> tuple[Array, Array]:
        outputs, value = forward(model, features)
        return value, family.log_prob(outputs, model.log_std, actions)

    on = statistics.view.on
    return rollouts.estimated_anew(rollout, predicted, family.size, n_steps, n_envs, on, hp["gamma"], hp["gae_lambda"])


def evaluated(
    env: Environment,
    family: Distribution,
    weights: Weights,
    hp: Mapping[str, Array],
    key: PRNGKeyArray,
    n_episodes: int,
) -> dict[str, Num[Array, ""]]:
    """Play greedily, with the statistics as they stand; values are brought back to units of reward."""
    model, statistics = weights
    scale = normalizing.reward_scale(statistics)

    def greedy(observations: Array, key: PRNGKeyArray) -> tuple[Array, Array]:
        outputs, _ = forward(model, _features(env, statistics.view, observations))
        return family.playable(family.mode(outputs)), family.entropy(outputs, model.log_std)

    def value(observations: Array) -> Float[Array, " n"]:
        return forward(model, _features(env, statistics.view, observations))[1] * scale

    return evaluate(env, key, n_episodes, greedy, value, hp["gamma"], env.context(hp))


def parameters(weights: Weights) -> tuple[Model, View]:
    """Return what `act` needs."""
    return weights.model, weights.statistics.view


def act(env: Environment, family: Distribution, parameters: tuple[Model, View], observations: Array) -> Array:
    """Return the likeliest actions, as the environment takes them."""
    model, view = parameters
    return family.playable(family.mode(forward(model, _features(env, view, observations))[0]))
