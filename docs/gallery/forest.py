"""A row for each group

What does each configuration reach in the end? The dots are single runs, the line is the statistic with its interval.
"""

from rlhp import curves, datasets, plots

runs = datasets.load("learning_rate_cartpole")
summary = curves.summarise(runs, by="learning_rate", rng=0)
ax = plots.forest(summary, title="PPO on CartPole")
alt = plots.forest_alt_text(summary)
