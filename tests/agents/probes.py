"""Small problems whose values are known: what an agent gets wrong says which part of it is wrong.

All are one environment, whose parameter `kind` says which problem it is, so that an agent is compiled once for all of
them. Observations are three numbers: a sign, the time, and what was done in the first step.

- `CONSTANT`: a reward of 1 in each of three steps, then the end. Learned by the value alone.
- `SIGN`: one step, whose reward is the sign that was shown. Learned by a value that reads its observation.
- `ACTION`: one step, whose reward is 1 where the action suits the sign. Learned by the policy.
- `CREDIT`: two steps; the reward of the second is 1 where the *first* action was right. Learned by the discount.
- `ENDLESS`: a reward of 1 in each step, cut by the time limit. Learned where a cut is no end.

The problems are those that C. Jones (2021), Debugging reinforcement learning systems, proposes to begin with, but for
the last, which is Pardo et al.'s (2018).
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from rlhp.envs import Environment
from rlhp.worlds import Parameter

CONSTANT, SIGN, ACTION, CREDIT, ENDLESS = range(5)
STEPS = 3
BEST = 0.5  # of continuous actions, where the sign is positive; -0.5 where it is negative


def probe(*, continuous: bool) -> Environment:
    """Make the environment: of two actions, or of one number from -1 to 1."""

    def merit(action, sign):
        """Give 1 for the action that suits the sign; for another 0, or less the farther off it is."""
        if continuous:
            return 1.0 - (action[0] - BEST * sign) ** 2
        return (action == (sign > 0)).astype(jnp.float32)

    def seen(kind, sign, time, merit_of_first):
        shown = jnp.stack([sign, time, merit_of_first])
        # Where nothing may be told from the time there is nothing to see.
        return jnp.where(kind == ENDLESS, 0.0, jnp.where(kind == CONSTANT, shown.at[0].set(0.0), shown))

    def reset(key, context):
        kind = jnp.asarray(context["kind"], jnp.float32)
        one, zero = jnp.float32(1.0), jnp.float32(0.0)
        sign = jnp.where((kind == CREDIT) | jax.random.bernoulli(key), one, -one)
        return (kind, sign, zero, zero), seen(kind, sign, zero, zero)

    def step(key, state, action):
        kind, sign, time, merit_of_first = state
        now = merit(action, sign)
        reward = jnp.select(
            [kind == SIGN, kind == ACTION, kind == CREDIT],
            [sign, now, jnp.where(time == 1, merit_of_first, 0.0)],
            1.0,
        )
        merit_of_first = jnp.where((kind == CREDIT) & (time == 0), now, merit_of_first)
        time = time + 1
        lasts = jnp.select([kind == CREDIT, kind == CONSTANT, kind == ENDLESS], [2, STEPS, STEPS + 1], 1)
        observation = seen(kind, sign, time, merit_of_first)
        return (kind, sign, time, merit_of_first), observation, reward, time >= lasts, time >= STEPS

    bounds = {"action_low": (-1.0,), "action_high": (1.0,)} if continuous else {"n_actions": 2}
    kind = Parameter(CONSTANT, CONSTANT, ENDLESS, "which problem it is")
    return Environment("Probe-v0", (3,), "float32", reset, step, STEPS, parameters={"kind": kind}, **bounds)
