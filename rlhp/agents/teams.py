"""What teams share: actors as one stack of weights, each in an environment of its own, and what each has earned.

A team is one run. Its actors are one pytree whose every array leads with [n], environment number i is actor i's, and
what all of them do goes to one replay memory. Environment steps are the team's, all actors together.
"""

from __future__ import annotations

from typing import NamedTuple, TypeVar

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int, PyTree

from rlhp.agents import continuous, moving, networks, off_policy, replay, td3
from rlhp.agents.agent import Loops, Now, State, Traced
from rlhp.agents.networks import Stack
from rlhp.agents.off_policy import STEPS
from rlhp.envs import Environment
from rlhp.envs.playing import Playing, restarted

__all__ = [
    "WINDOW",
    "Recent",
    "Score",
    "each",
    "fitness",
    "member",
    "noted",
    "nothing",
    "placed",
    "played_generation",
    "recent_mean",
    "stacked",
    "unscored",
]

WINDOW = 10
"""Episodes that the recent return of an actor is the mean of."""
_RESTART = 4  # name of a random stream of a run; off_policy counts its own from 0
Member = TypeVar("Member", bound=PyTree)


class Score(NamedTuple):
    """What each actor has earned in the generation under way."""

    returns: Float[Array, " n"]  # sum over the episodes that ended
    episodes: Float[Array, " n"]  # how many ended
    running: Float[Array, " n"]  # return so far of the last one, where the generation cut it


class Recent(NamedTuple):
    """The returns of each actor's last episodes, a ring."""

    returns: Float[Array, "n window"]
    count: Int[Array, " n"]  # type: ignore[assignment]  # episodes that ended; tuples have a method of that name


def stacked(members: list[Member]) -> Member:
    """Stack pytrees of one structure: every array of the stack leads with [n]."""
    stack: Member = jax.tree.map(lambda *leaves: jnp.stack(leaves), *members)
    return stack


def member(stack: Member, i: Int[Array, ""] | int) -> Member:
    """Take one of a stack."""
    one: Member = jax.tree.map(lambda leaf: leaf[i], stack)
    return one


def placed(stack: Member, i: Int[Array, ""] | int, one: Member) -> Member:
    """Put one into a stack, in the place of another."""
    stack_after: Member = jax.tree.map(lambda leaf, new: leaf.at[i].set(new), stack, one)
    return stack_after


def each(actors: Stack, observations: Float[Array, "n features"]) -> Float[Array, "n actions"]:
    """Return what each actor does, in [-1, 1], in the state that it sees itself."""
    actions: Array = jax.vmap(lambda actor, seen: td3.policy(actor, seen[None])[0])(actors, observations)
    return actions


def unscored(n: int) -> Score:
    """Return the score of a generation before its first step."""
    return Score(jnp.zeros(n), jnp.zeros(n), jnp.zeros(n))


def fitness(score: Score) -> Float[Array, " n"]:
    """Return the mean return of each actor's episodes; of the one that was cut, where none ended."""
    ended = score.episodes > 0
    return jnp.where(ended, score.returns / jnp.maximum(score.episodes, 1.0), score.running)


def played_generation(
    env: Environment, state: State, actors: Stack, noisy: Bool[Array, " n"], traced: Traced, loops: Loops, now: Now
) -> tuple[State, Score]:
    """Let each actor play `train_freq` steps into the replay memory, and score it.

    Where there are several, all begin with a new episode: the one that a generation leaves unfinished is cut, and the
    memory says so.

    Parameters
    ----------
    env : Environment
    state : State
        Before the generation.
    actors : Stack
        An actor for each environment.
    noisy : bool array, shape [n]
        Whose actions get the noise of `action_noise_std`.
    traced, loops, now : mappings, Now
    """
    n_envs, n_actions, n_dims = len(noisy), len(env.action_low or ()), len(env.observation_shape)
    first, slots = now.iteration * loops["train_freq"], state.memory.rows.shape[0]

    def step(j: Int[Array, ""], carry: tuple[Playing, replay.Replay, Score]) -> tuple[Playing, replay.Replay, Score]:
        playing, memory, score = carry
        n = first + j  # steps of each environment that were taken before
        key = jax.random.fold_in(jax.random.fold_in(state.key, STEPS), n)
        hp = moving.values(traced, off_policy.progress(n * n_envs, now))
        noise = jax.random.normal(jax.random.fold_in(key, td3.EXPLORE), (n_envs, n_actions))
        greedy = each(actors, networks.flat(playing.observation, n_dims))
        spread = jnp.where(noisy, hp["action_noise_std"], 0.0)[:, None]
        chosen = jnp.clip(greedy + spread * noise, -1.0, 1.0)
        before = playing.running
        playing, memory = continuous.played(env, key, n, playing, memory, chosen, hp, loops)
        reward, ended = replay.outcome(env, memory, n % slots)
        earned = jnp.where(ended, before + reward, 0.0)
        return playing, memory, Score(score.returns + earned, score.episodes + ended, playing.running)

    begin = state.playing, state.memory, unscored(n_envs)
    playing, memory, score = jax.lax.fori_loop(0, loops["train_freq"], step, begin)
    if n_envs > 1:
        last = first + loops["train_freq"] - 1
        going = ~replay.outcome(env, memory, last % slots)[1]
        memory = replay.cut(env, memory, last % slots)
        key = jax.random.fold_in(jax.random.fold_in(state.key, _RESTART), now.iteration)
        hp = moving.values(traced, off_policy.progress((last + 1) * n_envs, now))
        playing = restarted(env, key, playing, going, env.context(hp))
    return state._replace(playing=playing, memory=memory), score


def nothing(n: int) -> Recent:
    """Return the recent returns of actors that have ended no episode."""
    return Recent(jnp.zeros((n, WINDOW)), jnp.zeros(n, jnp.int32))


def noted(recent: Recent, ended: Bool[Array, " n"], returns: Float[Array, " n"]) -> Recent:
    """Write down the returns of the episodes that ended, over the oldest."""
    actor, place = jnp.arange(len(ended)), recent.count % WINDOW
    kept = jnp.where(ended, returns, recent.returns[actor, place])
    return Recent(recent.returns.at[actor, place].set(kept), recent.count + ended)


def recent_mean(recent: Recent) -> Float[Array, " n"]:
    """Return the mean over each actor's last episodes, up to `WINDOW`; minus infinity where none ended."""
    known = jnp.minimum(recent.count, WINDOW)
    counted = jnp.arange(WINDOW)[None] < known[:, None]
    mean = jnp.where(counted, recent.returns, 0.0).sum(1) / jnp.maximum(known, 1)
    return jnp.where(known > 0, mean, -jnp.inf)
