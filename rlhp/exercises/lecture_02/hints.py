"""Hints of lecture 02, from a nudge to nearly the answer."""

from __future__ import annotations

REPLAY_RATIO = (
    "Count both for one round of training: how many transitions come in, and how many does the learner look at?",
    "In: `train_freq` steps in each of `n_envs` environments. Out: `gradient_steps` batches of `batch_size`.",
    "What is learnt from, divided by what is collected, with `/`: the ratio is rarely a whole number.",
)
GRADIENT_NOISE = (
    "`rng.integers(len(gradients), size=(n_batches, batch_size))` draws all batches at once, with replacement.",
    "`gradients[drawn]` then has the shape [n_batches, batch_size, parameters]; average over the examples of a batch.",
    "Subtract the mean over *all* examples, square, add up over the parameters, average over batches, take the root.",
)
N_STEP_TARGET = (
    "Walk along the rewards and keep two numbers: the sum so far, and the discount that the next reward gets.",
    "After each reward the discount shrinks by a factor `gamma`. Where an episode ends, nothing more is added.",
    "If no step ended the episode, the value joins with the discount that is left, `gamma ** n`.",
)
SILENT_BUG = (
    "Print the shape of `q`, of `target` and of `q - target`. How many errors should a batch of B transitions have?",
    "NumPy stretches (B, 1) and (B,) to (B, B): every prediction is compared with every target.",
    "Bring both to one shape first, for instance with `q[:, 0]`; everything else may stay.",
)
EQUAL_TIME = (
    "An evaluation at `step` of a run over `steps` steps was reached after `seconds[batch_size] * step / steps`.",
    '`runs.column("batch_size")` and `runs.table["steps"]` are indexed by run_id: `runs.evals["run_id"].map(...)`.',
    'Keep the evaluations within the budget; `.groupby("run_id").last()` is then the last one of each run.',
    "`scipy.stats.trim_mean(values, 0.25)` is the interquartile mean over the runs of one batch size.",
)
