"""Hints of lecture 03, from a nudge to nearly the answer."""

from __future__ import annotations

THREE_SCORES = (
    "The first two are a line each: the last entry of `returns`, and the largest.",
    "Between two evaluations take the straight line: `np.trapezoid(returns, steps)` is the area below all of them.",
    "An area has the unit return times steps. Divide it by the steps it covers: `steps[-1] - steps[0]`.",
)
IQM = (
    "Sort first; then the middle half is a slice.",
    "With n runs, `n // 4` of them go at either end: none of three runs, one of four to seven, two of eight.",
    "`middle = np.sort(scores)[cut : len(scores) - cut]`, and its mean.",
)
SILENT_BUG = (
    "Give it runs that never change, such as `np.repeat([[0.0], [10.0]] * 4, 50, axis=1)`. How wide should it be?",
    "Look at the shape of `drawn`. For how many evaluations of a resampled run is a run drawn anew?",
    "Draw a whole run at once: `rng.integers(runs, size=(n_boot, runs))`, and `curves[drawn]` takes their curves.",
)
WRONG_SHARE = (
    "Draw all studies at once: `rng.choice(better, size=(n_studies, n))` draws with replacement.",
    "One mean for each study: over the seeds, `axis=1`, not over the studies.",
    "The share is the mean of a comparison: how often the mean of `worse` is strictly larger.",
)
WINNERS_CURSE = (
    "One split: `order = rng.permutation(scores.shape[1])`; its first `n_tuning` entries choose, the others judge.",
    "The winner: `scores[:, tuning].mean(axis=1).argmax()`. Its score on the *other* seeds is what it is worth.",
    "Collect both numbers of each split in two lists, and return the means of the two lists.",
)
