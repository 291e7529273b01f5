"""Hints of lecture 01, from a nudge to nearly the answer."""

from __future__ import annotations

LINEAR_EPSILON = (
    "How far down the slope are you? That share is `progress / fraction`: 0 at the start, 1 at the foot.",
    "Past the foot the share must stay 1. `np.minimum` does it for numbers and for arrays.",
    "Go that share of the way from `start` to `end`: `start + share * (end - start)`.",
)
EXPLORATORY_STEPS = (
    (
        "At step t the progress is t / steps, and epsilon at that progress is the *expected* number of random actions "
        "there."
    ),
    "Add them up over all steps: t = 0, 1, ..., steps - 1.",
    "`sum(epsilon(t / steps) for t in range(steps))`, or the mean of epsilon on a fine grid times `steps`.",
)
BUDGET = (
    "In the explorer, hold shape, start and end and move `fraction` until the share of random steps is 20 %.",
    "For `Linear(1.0, 0.05, f)` the share is f * (1 + 0.05) / 2 + (1 - f) * 0.05. Solve for f.",
    "`schedule.mean()` gives the share, so you can test your answer yourself.",
)
SILENT_BUG = (
    "What is the largest `progress` that the buggy function ever computes?",
    "`episode` counts episodes and `total_steps` counts environment steps: their ratio is not a share of anything.",
    "Keep a counter of environment steps that goes up by one for every epsilon you write down.",
)
PERSISTENT_ACTIONS = (
    "Draw fewer actions than steps, then repeat each of them: `np.repeat`.",
    "When `repeat` does not divide `n_steps`, draw one more action and cut the rest off.",
    (
        "`rng.integers(n_actions, size=...)` draws from 0 to n_actions - 1. The size rounds up: `math.ceil(n_steps / "
        "repeat)`."
    ),
)
SCHEDULE_TABLE = (
    ('The last evaluation of each run: `runs.evals.sort_values("step").groupby("run_id")["return_mean"].last()`.'),
    (
        "Both that and `runs.table` are indexed by run_id, so "
        '`final.groupby(runs.table["hp.exploration"])` fits together.'
    ),
    "`schedules.from_json(text).mean()` turns the JSON in the table into the average epsilon.",
    "`scipy.stats.trim_mean(values, 0.25)` is the interquartile mean of lecture 00.",
)
