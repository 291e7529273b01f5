"""Hints of lecture 00, from a nudge to nearly the answer."""

from __future__ import annotations

DISCOUNTED_RETURN = (
    "The first reward counts in full: its weight is gamma to the power 0, which is 1.",
    "`enumerate(rewards)` gives each reward with its step t, counted from 0.",
    "With NumPy: `gamma ** np.arange(len(rewards))` are all the weights at once.",
)
GRADIENT_STEPS = (
    "One rollout is `n_envs * n_steps` environment steps.",
    "PPO never stops in the middle of a rollout: 600 steps with rollouts of 256 need 3 rollouts, not 2 and not 2.34.",
    "In each epoch the rollout is cut into minibatches of `batch_size`; a smaller rest is a minibatch too.",
    "`math.ceil(a / b)` rounds up; `a // b` rounds down.",
)
SILENT_BUG = (
    "Print all returns instead of their mean. What is odd about them?",
    "What does `env.reset(seed=...)` do to the environment's random numbers?",
    "Gymnasium's rule: give the seed at the *first* reset only; later resets go on from there.",
)
UPSET = (
    "Compare *every* return of `worse` with *every* return of `better`: with 3 and 2 seeds that makes 6 pairs.",
    "`np.asarray(worse)[:, None] > np.asarray(better)[None, :]` is a table of True and False, one for each pair.",
    "A tie decides nothing: count it as half. The answer is the mean of the table.",
)
IQM = (
    "Sort first: `np.sort(returns)`.",
    "Drop `n // 4` of the lowest and as many of the highest.",
    "`values[k:-k]` is empty when k is 0; `values[k : n - k]` is not.",
)
FAIR_COMPARISON = (
    'Begin with `first = dict(GOOD)` and `second = {**GOOD, "gamma": 0.9}`: all but one entry stays the same.',
    "Five seeds: `list(range(5))`. Both configurations get the same ones.",
    (
        'The prediction is "first", "second" or "no difference". No check knows what will come out; '
        "you find out by running it."
    ),
)
