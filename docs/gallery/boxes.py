"""Groups beside each other

How are the scores of single runs spread in each group? The box holds the middle half of the runs.
"""

from rlhp import curves, datasets, plots

runs = datasets.load("learning_rate_cartpole")
summary = curves.summarise(runs, by="learning_rate", rng=0)
ax = plots.boxes(summary, title="PPO on CartPole")
alt = plots.boxes_alt_text(summary)
