"""Hints of lecture 05, from a nudge to nearly the answer."""

from __future__ import annotations

VARIANCE_SHARES = (
    "What would you expect to earn if you knew the value of A and nothing of B? That is a mean over the columns.",
    "The share of A is the variance of these means over the variance of all scores, `scores.var()`.",
    "The same for B with the other axis; what is left of 1 belongs to both together.",
)
SEED_NOISE = (
    "Within: `scores.var(axis=1, ddof=1)` is the variance between the seeds of each configuration; average it.",
    "The variance of the configurations' means, `ddof=1`, holds a part of that noise: a mean of S seeds still has "
    "the variance within / S.",
    "Take that part off, let nothing be below 0, and give within / (within + between).",
)
SILENT_BUG = (
    "Print the rises for a function that uses the first column only. Then swap the columns and print them again.",
    "After the first turn of the loop, which columns of `x` are still as they were?",
    "Shuffle a *copy*, and make the copy anew for every column: `shuffled = x.copy()` inside the loop.",
)
ABLATION_PATH = (
    "Keep two things: the configuration where you are, and the names that still differ from `end`.",
    "At each step try every name that is left: the score of `{**here, name: end[name]}` less the score of `here`.",
    "Take the largest, even if negative, change it for good, note it with its gain, and go on until none is left.",
)
SHAPLEY_VALUES = (
    "`itertools.permutations(players)` gives every order in which the players can come in.",
    "In one order a player gets what the worth rises by when it comes in: `worth(before | {player}) - worth(before)`.",
    "Start each order at `frozenset()`, add the gains up for each player, and divide by the number of orders.",
)
MAY_LEAD = (
    "First ask whether anything may be ranked: `if not r2 >= least_r2` is true for NaN as well.",
    "Sort by `share`, largest first; the first row is the leader, and its `low` is where its interval begins.",
    "Whoever's `high` is at least that `low` may be the leader too. Give their names as a list.",
)
