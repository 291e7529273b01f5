"""Performance profiles

Which share of the runs reaches more than a given score? A profile shows the whole distribution of final returns and
not only its middle.
"""

from rlhp import curves, datasets, plots

runs = datasets.load("learning_rate_cartpole").select(learning_rate=[3e-4, 1e-3])
profile = curves.performance_profile(runs, by="learning_rate", rng=0)
ax = plots.performance_profile(profile, title="PPO on CartPole")
alt = plots.performance_profile_alt_text(profile)
