"""Where single runs lie

What may the next run do? A confidence band says where the mean lies. A tolerance band says where most single runs lie,
and is therefore wider.
"""

from rlhp import curves, datasets, plots

runs = datasets.load("learning_rate_cartpole").select(learning_rate=3e-4)
band = curves.tolerance_band(runs)
ax = plots.tolerance(band, title="PPO on CartPole")
alt = plots.tolerance_alt_text(band)
