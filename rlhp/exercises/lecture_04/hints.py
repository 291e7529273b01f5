"""Hints of lecture 04, from a nudge to nearly the answer."""

from __future__ import annotations

TO_VALUE = (
    "On each measure, go the share `u` of the way from `low` to `high`; what differs is the scale you walk on.",
    "`log`: take the logarithm of both ends, go the share `u` of the way, and undo the logarithm.",
    "`flipped-log` is the same with one minus the ends, and one minus the result: `1 - (1 - low) ** (1 - u) * ...`.",
)
SILENT_BUG = (
    "Plot one column against the other. Each histogram is right; look at the pairs.",
    "Two generators made from one seed give the same numbers. How many generators does a sample need?",
    "Draw everything, one array after the other, from the one `rng` that the function is given.",
)
CLEAN = (
    "Go through the configurations in order and keep a list; three things can happen to each.",
    "Forbidden: `gradient_steps` is larger than `train_freq`. Equal is allowed.",
    "Inactive: where `ent_coef` is not `'auto'`, `target_entropy` is nobody's business: set it to None, in a copy.",
    "Only then compare with what you have kept: `if one not in kept`.",
)
EXPECTED_BEST = (
    "Sort the scores. When is the i-th smallest of N the best of n draws?",
    "All n draws are among the i smallest with probability `(i / N) ** n`.",
    "The i-th smallest is the best with probability `(i / N) ** n - ((i - 1) / N) ** n`; weigh the scores with it.",
)
HONEST_BEST = (
    "Split the columns: the first `n_tuning` seeds choose, the others judge.",
    "A configuration's score is the mean over seeds: which axis is that, in an array [configurations, seeds]?",
    "`np.argmax` of the tuning means gives the row; both numbers are means of that row.",
)
LARGEST_SWEEP = (
    "What does one configuration cost, in environment steps?",
    "So many configurations fit: `budget // (seeds * steps)`.",
    "The largest power of two that is not larger: `2 ** int(math.log2(...))`, or double until it no longer fits.",
)
DESIGN = (
    "`spaces.default('dqn')` has all three; `spaces.subspace(space, [...])` keeps those you name.",
    '`spaces.sample(space, n, method="sobol", rng=rng)` gives the data frame.',
    "The space knows by itself that a learning rate is measured by its logarithm: do not transform anything again.",
)
