"""Learning curves of several configurations

Which configuration learns faster, and how sure is that? The line is the interquartile mean over the seeds of each
configuration. The band covers the whole curve with 95 % confidence. The faint lines are single runs.
"""

from rlhp import curves, datasets, plots

runs = datasets.load("learning_rate_cartpole").select(learning_rate=[1e-4, 3e-4, 1e-3])
summary = curves.iqm(runs, by="learning_rate", rng=0)
ax = plots.curves(summary, title="PPO on CartPole")
alt = plots.alt_text(summary)
