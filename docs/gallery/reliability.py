"""How steadily a run learns

How much does the return jump from one evaluation to the next? Fewer jumps mean a run that can be trusted earlier.
"""

from rlhp import curves, datasets, plots

runs = datasets.load("learning_rate_cartpole")
found = curves.reliability(runs, by="learning_rate", rng=0)
ax = plots.reliability(found, "iqr_time", title="PPO on CartPole")
alt = plots.reliability_alt_text(found, "iqr_time")
